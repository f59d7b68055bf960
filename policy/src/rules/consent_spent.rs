//! A consent for one message covers one message. See the page.

use crate::{
    Facts, OnBroken, Outcome, Rule,
    ground::{self, LackKind},
    law,
};

pub(super) static RULE: Rule = Rule {
    id: "consent-spent",
    since: "0.1",
    law: &[
        &law::EU_GDPR_4_11,
        &law::EU_GDPR_5_1_B,
        &law::CZ_480_7_2,
        &law::SK_452_116_3,
        &law::DE_UWG_7_2_2,
        &law::UK_GDPR_5,
    ],
    effect: OnBroken::Reject,
    unrepaired: OnBroken::Reject,
    about_recipient: true,
    waivable: false,
    doc: include_str!("consent_spent.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    ground::about_consent(facts, LackKind::Spent)
}
