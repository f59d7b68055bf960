//! Commercial messages need consent for their purpose, or the customer exemption. See the page.

use crate::{
    Facts, OnBroken, Outcome, Rule,
    ground::{self, Carries, LackKind},
    law,
};

pub(super) static RULE: Rule = Rule {
    id: "consent-missing",
    since: "0.1",
    law: &[
        &law::CZ_480_7_2,
        &law::CZ_480_2_F,
        &law::CZ_480_7_1,
        &law::CZ_UOOU_FAQ,
        &law::SK_452_116_1,
        &law::SK_452_116_3,
        &law::SK_452_116_4,
        &law::SK_452_116_5,
        &law::EU_EPRIVACY_13_1,
        &law::EU_GDPR_4_11,
        &law::EU_GDPR_6,
        &law::EU_GDPR_7_1,
        &law::EU_C654_23,
        &law::DE_UWG_7_2_2,
        &law::DE_BGH_SURVEY,
        &law::AT_TKG_174_3,
        &law::PL_PKE_398_1,
        &law::PL_USUDE_2_2,
        &law::PL_SN_REQUEST,
        &law::UK_PECR_2,
        &law::UK_PECR_22_2,
        &law::UK_DUAA_114,
        &law::CA_CASL_1,
        &law::CA_CASL_6_1,
        &law::CA_CASL_10,
        &law::CA_GIC,
        &law::AU_SPAM_16,
        &law::AU_SPAM_SCH_2,
    ],
    effect: OnBroken::Reject,
    unrepaired: OnBroken::Reject,
    about_recipient: true,
    // Consent that was proven elsewhere is recorded as a grant, not waved through.
    waivable: false,
    doc: include_str!("consent_missing.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    ground::about(facts, LackKind::Missing, &[Carries::Consent, Carries::Exemption])
}
