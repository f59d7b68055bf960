//! A commercial message is recognisable as one before it is opened. See the page.

use crate::{
    Edit, Evidence, Facts, Fault, LabelPlace, LabelTerms, OnBroken, Outcome, Rule, label, law,
};

pub(super) static RULE: Rule = Rule {
    id: "label-missing",
    since: "0.1",
    law: &[
        &law::CZ_480_7_4_A,
        &law::CZ_480_11,
        &law::CZ_UOOU_2019,
        &law::CZ_GUIDE,
        &law::SK_22_4,
        &law::EU_ECOMMERCE_6,
        &law::EU_ECOMMERCE_7,
    ],
    effect: OnBroken::Repair,
    unrepaired: OnBroken::Reject,
    about_recipient: false,
    waivable: true,
    doc: include_str!("label_missing.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    if let Some(outcome) = super::unless_commercial(facts) {
        return outcome;
    }
    let mut outcome = Outcome::Outside;
    for pack in facts.packs.iter().filter(|pack| pack.terms.label.required) {
        if is_labelled(facts, &pack.terms.label) {
            outcome = Outcome::Kept;
            continue;
        }
        let because =
            "neither the subject nor the sender's name says that the message is commercial";
        let label = pack.terms.label.prefix.clone();
        return Outcome::Broken(
            Fault::new(because)
                .under(pack, "label.required")
                .shown_by(subject(facts))
                .repaired_by([Edit::LabelSubject { label }]),
        );
    }
    outcome
}

fn is_labelled(facts: &Facts<'_>, terms: &LabelTerms) -> bool {
    let found = |text: &str| label::find(text, terms.level, &terms.extra_words).is_some();
    let message = &facts.reading.message;
    terms.places.iter().any(|place| match place {
        LabelPlace::Subject => found(message.subject()),
        LabelPlace::FromName => message.senders().iter().any(|from| found(&from.name)),
    })
}

fn subject(facts: &Facts<'_>) -> Option<Evidence> {
    let message = &facts.reading.message;
    message.header("Subject").map(|header| message.evidence_header(header))
}
