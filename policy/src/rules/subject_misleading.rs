//! A subject does not pass an offer off as an answer. See the page.

use crate::{Facts, Fault, OnBroken, Outcome, Rule, law, reply};

pub(super) static RULE: Rule = Rule {
    id: "subject-misleading",
    since: "0.1",
    law: &[
        &law::EU_ECOMMERCE_6,
        &law::SK_22_4,
        &law::DE_DDG_6_2,
        &law::UK_ECR_7,
        &law::US_7704_A_2,
        &law::CA_COMPETITION,
    ],
    effect: OnBroken::Hold,
    unrepaired: OnBroken::Hold,
    about_recipient: false,
    waivable: true,
    doc: include_str!("subject_misleading.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    if let Some(outcome) = super::unless_commercial(facts) {
        return outcome;
    }
    let message = &facts.reading.message;
    if !reply::is_claimed(message.subject()) {
        return Outcome::Kept;
    }
    if ANSWERS.iter().any(|name| message.header(name).is_some()) {
        return Outcome::Kept;
    }
    Outcome::Broken(Fault::new("subject-misleading").shown_by(message.evidence_of("Subject")))
}

/// What a mail program writes into an answer or a forwarded message.
static ANSWERS: [&str; 2] = ["In-Reply-To", "References"];
