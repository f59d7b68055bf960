//! Customers may be offered goods similar to what they bought. See the page.

use crate::{
    Facts, OnBroken, Outcome, Rule,
    ground::{self, LackKind},
    law,
};

pub(super) static RULE: Rule = Rule {
    id: "exemption-not-similar",
    since: "0.1",
    law: &[
        &law::CZ_480_7_3,
        &law::SK_452_116_EX,
        &law::EU_EPRIVACY_13_2,
        &law::DE_UWG_7_3,
        &law::AT_TKG_174_4,
        &law::UK_PECR_22_3,
        &law::AU_SPAM_SCH_2,
    ],
    effect: OnBroken::Reject,
    unrepaired: OnBroken::Reject,
    about_recipient: true,
    waivable: false,
    doc: include_str!("exemption_not_similar.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    ground::about_exemption(facts, LackKind::NotSimilar)
}
