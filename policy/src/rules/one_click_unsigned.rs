//! A link to unsubscribe with one click counts where it is signed. See the page.

use crate::{Facts, Fault, OnBroken, Outcome, Reason, Rule, law, signature, unsubscribe};

pub(super) static RULE: Rule = Rule {
    id: "one-click-unsigned",
    since: "0.1",
    law: &[&law::PROVIDERS, &law::RFC_8058],
    effect: OnBroken::Report,
    unrepaired: OnBroken::Report,
    about_recipient: false,
    waivable: true,
    doc: include_str!("one_click_unsigned.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    if let Some(outcome) = super::unless_commercial(facts) {
        return outcome;
    }
    let Some(provider) = facts.provider.filter(|provider| provider.one_click) else {
        return Outcome::Outside;
    };
    let message = &facts.reading.message;
    let offered = unsubscribe::offered(message);
    if !offered.one_click || !offered.https {
        // That there is none, unsubscribe-header-missing says.
        return Outcome::Outside;
    }
    // The relay's own signature is made when the message leaves, over both fields.
    let covers = |signature: signature::Signature| FIELDS.iter().all(|name| signature.covers(name));
    if facts.signs || signature::all(message).any(covers) {
        return Outcome::Kept;
    }
    let because = Reason::new("one-click-unsigned").name("provider", &provider.name);
    let fault = provider.cite(Fault::new(because), "one-click");
    Outcome::Broken(fault.shown_by(message.evidence_of("List-Unsubscribe")))
}

static FIELDS: [&str; 2] = ["List-Unsubscribe", "List-Unsubscribe-Post"];
