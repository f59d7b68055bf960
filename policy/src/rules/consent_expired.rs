//! A consent counts until its end and no longer. See the page.

use crate::{
    Facts, OnBroken, Outcome, Rule,
    ground::{self, Ground, LackKind},
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
    ],
    effect: OnBroken::Reject,
    unrepaired: OnBroken::Reject,
    about_recipient: true,
    waivable: false,
    doc: include_str!("consent_expired.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    match ground::of(facts) {
        Ground::NotNeeded | Ground::Refused(_) | Ground::Exemption => Outcome::Outside,
        Ground::Unknown(missing) => Outcome::Undecided { missing },
        Ground::Consent => Outcome::Kept,
        Ground::Lacking(lack) if lack.kind == LackKind::Expired => Outcome::Broken(lack.fault),
        Ground::Lacking(_) => Outcome::Outside,
    }
}
