//! Who said no gets nothing commercial from that moment on. See the page.

use crate::{
    Facts, Fault, OnBroken, Outcome, Rule, Scope,
    ground::{self, Ground},
    law,
};

pub(super) static RULE: Rule = Rule {
    id: "refused",
    since: "0.1",
    law: &[
        &law::CZ_480_7_3,
        &law::CZ_480_7_4_C,
        &law::CZ_480_11,
        &law::SK_452_116_REF,
        &law::SK_452_PEN,
        &law::EU_EPRIVACY_13_2,
        &law::EU_GDPR_7_3,
        &law::EU_GDPR_21_2,
        &law::EU_GDPR_21_3,
        &law::DE_UWG_7_3,
        &law::AT_TKG_174_4,
        &law::AT_ECG_7,
        &law::PL_PKE_398_CONSENT,
        &law::UK_PECR_22_3,
        &law::UK_GDPR_21,
        &law::US_7704_A_4,
        &law::CA_CASL_11_3,
        &law::AU_SPAM_16,
        &law::AU_SPAM_WITHDRAWAL,
    ],
    effect: OnBroken::Reject,
    unrepaired: OnBroken::Reject,
    about_recipient: true,
    // No person's reason outweighs the recipient's no.
    waivable: false,
    doc: include_str!("refused.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    match ground::of(facts) {
        Ground::NotNeeded if facts.class == crate::Class::OptInConfirmation => Outcome::Kept,
        Ground::NotNeeded => Outcome::Outside,
        Ground::Unknown(missing) => Outcome::Undecided { missing },
        Ground::OptOut | Ground::Consent | Ground::Exemption | Ground::Lacking(_) => Outcome::Kept,
        Ground::Refused(refusal) => {
            let fault = Fault::new(match refusal.scope {
                Scope::Everything => "refused-everything",
                Scope::Purpose(_) => "refused-purpose",
            });
            Outcome::Broken(
                facts
                    .commercial_packs()
                    .fold(fault, |fault, pack| fault.under(pack, "unsubscribe.honour-within")),
            )
        }
    }
}
