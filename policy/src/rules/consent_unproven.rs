//! A consent counts as far as it can be shown. See the page.

use crate::{
    Facts, OnBroken, Outcome, Rule,
    ground::{self, LackKind},
    law,
};

pub(super) static RULE: Rule = Rule {
    id: "consent-unproven",
    since: "0.1",
    law: &[
        &law::EU_GDPR_5_2,
        &law::EU_GDPR_7_1,
        &law::CZ_UOOU_2019,
        &law::SK_452_116_5,
        &law::DE_BGH_DOI,
        &law::PL_PKE_398_CONSENT,
        &law::UK_GDPR_7,
        &law::CA_CASL_10,
        &law::AU_SPAM_SCH_2,
    ],
    effect: OnBroken::Reject,
    unrepaired: OnBroken::Reject,
    about_recipient: true,
    waivable: false,
    doc: include_str!("consent_unproven.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    ground::about_consent(facts, LackKind::Unproven)
}
