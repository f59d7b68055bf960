//! Where the pack asks for it, the message says why its reader gets it. See the page.

use crate::{Facts, Fault, OnBroken, Outcome, Reason, Rule, law, notice, shown};

pub(super) static RULE: Rule = Rule {
    id: "origin-unstated",
    since: "0.1",
    law: &[&law::EU_GDPR_13, &law::EU_GDPR_14, &law::CZ_GUIDE],
    effect: OnBroken::Repair,
    unrepaired: OnBroken::Report,
    about_recipient: false,
    waivable: true,
    doc: include_str!("origin_unstated.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    if let Some(outcome) = super::unless_commercial(facts) {
        return outcome;
    }
    let Some(pack) = facts.commercial_packs().find(|pack| pack.terms.information.origin) else {
        return Outcome::Outside;
    };
    let alternatives = shown::alternatives(facts.reading);
    let missing = alternatives.iter().find(|shown| {
        !shown.views.iter().any(|view| notice::tells_of_origin(view.folded().as_str()))
    });
    let because = match missing {
        None if !alternatives.is_empty() => return Outcome::Kept,
        None => Reason::new("text-missing-for-origin"),
        Some(shown) => Reason::new("origin-unstated").word("text", shown.word()),
    };
    let active = pack.terms.retention.max_inactive;
    Outcome::Broken(
        Fault::new(because)
            .under(pack, "information.origin")
            .repaired_by([notice::origin(facts.controller().language, active)]),
    )
}
