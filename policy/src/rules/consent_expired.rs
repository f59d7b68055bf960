//! A consent counts until its end and no longer. See the page.

use crate::{
    Facts, OnBroken, Outcome, Rule,
    ground::{self, LackKind},
    law,
};

pub(super) static RULE: Rule = Rule {
    id: "consent-expired",
    since: "0.1",
    law: &[
        &law::CZ_480_7_2,
        &law::SK_452_116_3,
        &law::SK_452_116_4,
        &law::EU_EPRIVACY_13_1,
        &law::EU_GDPR_5_1_E,
        &law::EU_GDPR_7_1,
        &law::DE_UWG_7_2_2,
        &law::AT_TKG_174_3,
        &law::PL_PKE_398_1,
        &law::UK_PECR_22_2,
        &law::UK_GDPR_5,
        &law::CA_CASL_6_1,
        &law::CA_CASL_10,
        &law::AU_SPAM_16,
    ],
    effect: OnBroken::Reject,
    unrepaired: OnBroken::Reject,
    about_recipient: true,
    waivable: false,
    doc: include_str!("consent_expired.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    ground::about_consent(facts, LackKind::Expired)
}
