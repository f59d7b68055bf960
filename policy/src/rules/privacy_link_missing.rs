//! Where the pack asks for it, the message links to the privacy policy. See the page.

use crate::{Facts, Fault, OnBroken, Outcome, Reason, Rule, law, notice, shown};

pub(super) static RULE: Rule = Rule {
    id: "privacy-link-missing",
    since: "0.1",
    law: &[&law::EU_GDPR_13, &law::EU_GDPR_14, &law::UK_GDPR_5],
    effect: OnBroken::Repair,
    unrepaired: OnBroken::Report,
    about_recipient: false,
    waivable: true,
    doc: include_str!("privacy_link_missing.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    if let Some(outcome) = super::unless_commercial(facts) {
        return outcome;
    }
    let Some(pack) = facts.commercial_packs().find(|pack| pack.terms.information.privacy_link)
    else {
        return Outcome::Outside;
    };
    let controller = facts.controller();
    let alternatives = shown::alternatives(facts.reading);
    let missing =
        alternatives.iter().find(|shown| !notice::links_privacy(&shown.views, controller));
    let because = match missing {
        None if !alternatives.is_empty() => return Outcome::Kept,
        None => Reason::new("text-missing-for-link"),
        Some(shown) => Reason::new("privacy-link-missing").word("text", shown.word()),
    };
    Outcome::Broken(
        Fault::new(because)
            .under(pack, "information.privacy-link")
            .repaired_by(notice::privacy(controller)),
    )
}
