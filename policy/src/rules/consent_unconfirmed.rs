//! Where a confirmation is asked for, a consent counts from the click on. See the page.

use crate::{
    Facts, OnBroken, Outcome, Rule,
    ground::{self, LackKind},
    law,
};

pub(super) static RULE: Rule = Rule {
    id: "consent-unconfirmed",
    since: "0.1",
    law: &[&law::EU_GDPR_7_1, &law::CZ_UOOU_2019, &law::DE_BGH_DOI, &law::UK_GDPR_7],
    effect: OnBroken::Reject,
    unrepaired: OnBroken::Reject,
    about_recipient: true,
    waivable: false,
    doc: include_str!("consent_unconfirmed.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    ground::about_consent(facts, LackKind::Unconfirmed)
}
