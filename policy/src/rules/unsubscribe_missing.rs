//! Every commercial message lets its reader say no to further ones. See the page.

use crate::{Edit, Facts, Fault, OnBroken, Outcome, Pack, Reason, Rule, law, shown, unsubscribe};

pub(super) static RULE: Rule = Rule {
    id: "unsubscribe-missing",
    since: "0.1",
    law: &[
        &law::CZ_480_7_3,
        &law::CZ_480_7_4_C,
        &law::CZ_480_11,
        &law::SK_452_116_REF,
        &law::EU_EPRIVACY_13_2,
        &law::EU_EPRIVACY_13_4,
        &law::EU_GDPR_7_3,
        &law::EU_GDPR_21_4,
        &law::PROVIDERS,
        &law::DE_UWG_7_2_3,
        &law::DE_UWG_7_3,
        &law::AT_TKG_174_4,
        &law::AT_TKG_174_5,
        &law::PL_PKE_398_CONSENT,
        &law::UK_PECR_22_3,
        &law::UK_PECR_23,
        &law::US_7704_A_3,
        &law::US_7704_A_5,
        &law::CA_CASL_6_2,
        &law::CA_CASL_6_6,
        &law::CA_CASL_11,
        &law::AU_SPAM_18,
    ],
    effect: OnBroken::Repair,
    unrepaired: OnBroken::Hold,
    about_recipient: false,
    waivable: true,
    doc: include_str!("unsubscribe_missing.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    let pack = match super::bound(facts, |terms| terms.unsubscribe.on_transactional) {
        Ok(mut packs) => packs.find(|pack| pack.terms.unsubscribe.in_body),
        Err(outcome) => return outcome,
    };
    let Some(pack) = pack else {
        return Outcome::Outside;
    };
    let alternatives = shown::alternatives(facts.reading);
    if alternatives.is_empty() {
        return broken(facts, pack, Reason::new("text-missing-for-link"));
    }
    for shown in &alternatives {
        if !shown.views.iter().any(|view| unsubscribe::links(view).next().is_some()) {
            let because = Reason::new("unsubscribe-missing").word("text", shown.word());
            return broken(facts, pack, because);
        }
    }
    Outcome::Kept
}

fn broken(facts: &Facts<'_>, pack: &Pack, because: Reason) -> Outcome {
    let text = unsubscribe::line(facts.controller().language).to_owned();
    let fault = Fault::new(because).under(pack, "unsubscribe.in-body");
    let fault = super::cite_for_others(fault, facts, pack, "unsubscribe.on-transactional");
    Outcome::Broken(fault.repaired_by([Edit::AddUnsubscribe { text }]))
}
