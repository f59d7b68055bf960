//! Who is too young to agree alone is not written to on his own word. See the page.

use crate::{
    Facts, OnBroken, Outcome, Rule,
    ground::{self, LackKind},
    law,
};

pub(super) static RULE: Rule = Rule {
    id: "age-undeclared",
    since: "0.1",
    law: &[&law::EU_GDPR_8, &law::CZ_110_7, &law::SK_18_15, &law::UK_GDPR_8],
    effect: OnBroken::Reject,
    unrepaired: OnBroken::Reject,
    about_recipient: true,
    waivable: false,
    doc: include_str!("age_undeclared.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    ground::about_consent(facts, LackKind::AgeUndeclared)
}
