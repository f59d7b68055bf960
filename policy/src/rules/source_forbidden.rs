//! Nobody may be written to because their address was for sale. See the page.

use crate::{
    Facts, OnBroken, Outcome, Rule,
    ground::{self, LackKind},
    law,
};

pub(super) static RULE: Rule = Rule {
    id: "source-forbidden",
    since: "0.1",
    law: &[
        &law::CZ_480_7_2,
        &law::CZ_GUIDE,
        &law::SK_452_116_3,
        &law::SK_452_116_BIZ,
        &law::EU_EPRIVACY_13_1,
        &law::EU_GDPR_6,
        &law::EU_GDPR_7_1,
        &law::DE_UWG_7_2_2,
        &law::AT_TKG_174_3,
        &law::PL_PKE_398_1,
        &law::UK_PECR_22_2,
        &law::CA_CASL_10,
        &law::AU_SPAM_SCH_2,
    ],
    effect: OnBroken::Reject,
    unrepaired: OnBroken::Reject,
    about_recipient: true,
    waivable: false,
    doc: include_str!("source_forbidden.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    ground::about_consent(facts, LackKind::Source)
}
