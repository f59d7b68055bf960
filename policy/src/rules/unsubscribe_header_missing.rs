//! Mail programs can offer unsubscribing beside the message. See the page.

use crate::{Facts, Fault, OnBroken, Outcome, Rule, law, unsubscribe};

pub(super) static RULE: Rule = Rule {
    id: "unsubscribe-header-missing",
    since: "0.1",
    law: &[&law::RFC_2369, &law::RFC_8058, &law::PROVIDERS, &law::EU_GDPR_7_3, &law::CA_CASL_6_6],
    effect: OnBroken::Repair,
    unrepaired: OnBroken::Hold,
    about_recipient: false,
    waivable: true,
    doc: include_str!("unsubscribe_header_missing.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    let packs = match super::bound(facts, |terms| terms.unsubscribe.on_transactional) {
        Ok(packs) => packs,
        Err(outcome) => return outcome,
    };
    let message = &facts.reading.message;
    let offered = unsubscribe::offered(message);
    let mut outcome = Outcome::Outside;
    for pack in packs {
        let terms = &pack.terms.unsubscribe;
        let (because, parameter) = if !terms.header {
            continue;
        } else if offered.fields == 0 {
            ("list-unsubscribe-missing", "unsubscribe.header")
        } else if offered.fault.is_some() {
            // What is there is broken, and unsubscribe-broken says so.
            continue;
        } else if offered.fields > 1 {
            ("list-unsubscribe-repeated", "unsubscribe.one-click")
        } else if terms.one_click && !offered.https {
            ("list-unsubscribe-without-https", "unsubscribe.one-click")
        } else if terms.one_click && !offered.one_click {
            ("one-click-missing", "unsubscribe.one-click")
        } else {
            outcome = Outcome::Kept;
            continue;
        };
        let fault = Fault::new(because).under(pack, parameter);
        let fault = super::cite_for_others(fault, facts, pack, "unsubscribe.on-transactional");
        return Outcome::Broken(
            fault
                .shown_by(message.evidence_of("List-Unsubscribe"))
                .repaired_by(unsubscribe::header_edits()),
        );
    }
    outcome
}
