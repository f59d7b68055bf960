//! The reader is told that he may object and unsubscribe at any time. See the page.

use crate::{Facts, Fault, OnBroken, Outcome, Reason, Rule, View, law, notice, shown, unsubscribe};

pub(super) static RULE: Rule = Rule {
    id: "objection-unstated",
    since: "0.1",
    law: &[&law::EU_GDPR_21_4, &law::DE_UWG_7_3, &law::UK_GDPR_21, &law::CZ_480_7_3],
    effect: OnBroken::Repair,
    unrepaired: OnBroken::Report,
    about_recipient: false,
    waivable: true,
    doc: include_str!("objection_unstated.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    if let Some(outcome) = super::unless_commercial(facts) {
        return outcome;
    }
    let asking = || facts.commercial_packs().filter(|pack| pack.terms.information.right_to_object);
    let Some(first) = asking().next() else { return Outcome::Outside };
    let strict = asking().find(|pack| pack.terms.information.objection_words);
    let mut outcome = Outcome::Outside;
    for shown in shown::alternatives(facts.reading) {
        let told = match tells(&shown.views, strict.is_some()) {
            // What offers no way out at all is the business of unsubscribe-missing.
            None => continue,
            Some(told) => told,
        };
        if told {
            outcome = Outcome::Kept;
            continue;
        }
        let because = Reason::new("objection-unstated").word("text", shown.word());
        let fault =
            Fault::new(because).under(strict.unwrap_or(first), "information.right-to-object");
        let fault = match strict {
            Some(pack) => fault.under(pack, "information.objection-words"),
            None => fault,
        };
        let edit = notice::objection(facts.controller().language);
        return Outcome::Broken(fault.repaired_by([edit]));
    }
    outcome
}

/// Whether the right is told, or (unless `strict`) a link says in words what it is for; nothing
/// where there is no such link.
fn tells(views: &[&View], strict: bool) -> Option<bool> {
    let links =
        || views.iter().flat_map(|view| unsubscribe::links(view).map(move |link| (view, link)));
    links().next()?;
    let worded = || links().any(|(view, link)| unsubscribe::in_words(view, link));
    let named = || views.iter().any(|view| notice::tells_of_objection(view.folded().as_str()));
    Some((!strict && worded()) || named())
}
