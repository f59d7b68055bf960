//! The customer exemption ends some time after the purchase. See the page.

use crate::{
    Facts, OnBroken, Outcome, Rule,
    ground::{self, LackKind},
    law,
};

pub(super) static RULE: Rule = Rule {
    id: "exemption-too-old",
    since: "0.1",
    law: &[
        &law::CZ_480_7_3,
        &law::CZ_GUIDE,
        &law::SK_452_116_EX,
        &law::EU_EPRIVACY_13_2,
        &law::EU_GDPR_5_1_E,
        &law::DE_COURTS_AGE,
        &law::AT_TKG_174_4,
        &law::UK_PECR_22_3,
        &law::UK_PECR_22_3A,
        &law::UK_GDPR_5,
        &law::CA_CASL_10_10,
        &law::AU_SPAM_SCH_2,
    ],
    effect: OnBroken::Reject,
    unrepaired: OnBroken::Reject,
    about_recipient: true,
    waivable: false,
    doc: include_str!("exemption_too_old.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    ground::about_exemption(facts, LackKind::TooOld)
}
