//! What is declared to be no advertising contains none. See the page.

use crate::{Class, Evidence, Facts, Fault, OnBroken, Outcome, Reason, Rule, Sign, law};

pub(super) static RULE: Rule = Rule {
    id: "class-mismatch",
    since: "0.1",
    law: &[
        &law::CZ_480_2_F,
        &law::CZ_UOOU_FAQ,
        &law::SK_22_4,
        &law::EU_ECOMMERCE_6,
        &law::DE_BGH_SURVEY,
        &law::DE_DDG_6_2,
        &law::PL_USUDE_2_2,
        &law::UK_ECR_7,
        &law::US_7702,
        &law::US_7704_A_2,
        &law::US_316_3,
        &law::CA_CASL_1,
        &law::CA_COMPETITION,
        &law::AU_SPAM_SCH_1,
    ],
    effect: OnBroken::Hold,
    unrepaired: OnBroken::Hold,
    about_recipient: false,
    waivable: true,
    doc: include_str!("class_mismatch.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    let Some(declared) = facts.declared else { return Outcome::Outside };
    let class = match declared {
        Class::OptInConfirmation => "class-opt-in-confirmation",
        Class::TechnicalNotice => "class-technical-notice",
        Class::Transactional => "class-transactional",
        Class::SolicitedReply => "class-solicited-reply",
        Class::NonBusiness => "class-non-business",
        Class::Commercial
        | Class::Greeting
        | Class::ReviewRequest
        | Class::ReconsentRequest
        | Class::Mixed => return Outcome::Outside,
    };
    if facts.reading.classified().taken_as(Some(declared)) != Class::Mixed {
        return Outcome::Kept;
    }
    let mut signs: Vec<Sign> = facts.reading.signs();
    signs.retain(|sign| sign.speaks_for.is_commercial());
    signs.sort_by_key(|sign| std::cmp::Reverse(sign.weight));
    let evidence = signs.into_iter().take(SIGNS_SHOWN).map(|sign| Evidence {
        place: sign.place,
        range: sign.range,
        shown: sign.shown,
    });
    let because = Reason::new("class-mismatch").word("class", class);
    Outcome::Broken(Fault::new(because).shown_by(evidence))
}

/// The heaviest signs; a reviewer reads the message anyway.
const SIGNS_SHOWN: usize = 5;
