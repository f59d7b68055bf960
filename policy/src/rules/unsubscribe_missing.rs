//! Every commercial message lets its reader say no to further ones. See the page.

use crate::{Edit, Facts, Fault, OnBroken, Outcome, Pack, Rule, law, shown, unsubscribe};

pub(super) static RULE: Rule = Rule {
    id: "unsubscribe-missing",
    since: "0.1",
    law: &[
        &law::CZ_480_7_3,
        &law::CZ_480_7_4_C,
        &law::CZ_480_11,
        &law::SK_452_116_REF,
        &law::EU_EPRIVACY_13_2,
        &law::EU_EPRIVACY_13_4,
        &law::EU_GDPR_7_3,
        &law::EU_GDPR_21_4,
        &law::PROVIDERS,
    ],
    effect: OnBroken::Repair,
    unrepaired: OnBroken::Hold,
    about_recipient: false,
    waivable: true,
    doc: include_str!("unsubscribe_missing.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    if let Some(outcome) = super::unless_commercial(facts) {
        return outcome;
    }
    let Some(pack) = facts.packs.iter().find(|pack| pack.terms.unsubscribe.in_body) else {
        return Outcome::Outside;
    };
    let alternatives = shown::alternatives(facts.reading);
    if alternatives.is_empty() {
        return broken(facts, pack, "there is no text in which a link could stand".to_owned());
    }
    for shown in &alternatives {
        if !shown.views.iter().any(|view| unsubscribe::links(view).next().is_some()) {
            let because = format!("{} has no visible link to unsubscribe", shown.name());
            return broken(facts, pack, because);
        }
    }
    Outcome::Kept
}

fn broken(facts: &Facts<'_>, pack: &Pack, because: String) -> Outcome {
    let text = unsubscribe::line(facts.controller().language).to_owned();
    Outcome::Broken(
        Fault::new(because)
            .under(pack, "unsubscribe.in-body")
            .repaired_by([Edit::AddUnsubscribe { text }]),
    )
}
