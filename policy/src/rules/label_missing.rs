//! A commercial message is recognisable as one before it is opened. See the page.

use crate::{
    Edit, Evidence, Facts, Fault, LabelPlace, LabelTerms, OnBroken, Outcome, Rule, label, law,
    shown,
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
        &law::DE_DDG_6_1,
        &law::DE_DDG_6_2,
        &law::AT_ECG_6,
        &law::PL_USUDE_9_1,
        &law::UK_ECR_7,
        &law::US_7704_A_5,
        &law::US_7704_D,
        &law::US_316_4,
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
    for pack in facts.commercial_packs().filter(|pack| pack.terms.label.required) {
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
        LabelPlace::Text => in_text(facts, terms),
    })
}

/// Words of advertising stand in every offer; what it is, only the plainest of them say.
fn in_text(facts: &Facts<'_>, terms: &LabelTerms) -> bool {
    let says = |line: &str| label::find(line, PLAINEST, &terms.extra_words).is_some();
    let alternatives = shown::alternatives(facts.reading);
    !alternatives.is_empty()
        && alternatives
            .iter()
            .all(|shown| shown.views.iter().any(|view| view.text.lines().any(says)))
}

const PLAINEST: u8 = 1;

fn subject(facts: &Facts<'_>) -> Option<Evidence> {
    let message = &facts.reading.message;
    message.header("Subject").map(|header| message.evidence_header(header))
}
