//! The provider can tell that the message comes from the domain in From. See the page.

use crate::{Facts, Fault, OnBroken, Outcome, Reason, Rule, law, signature};

pub(super) static RULE: Rule = Rule {
    id: "sender-unauthenticated",
    since: "0.1",
    law: &[&law::PROVIDERS_AUTHENTICATION, &law::MICROSOFT, &law::RFC_6376],
    effect: OnBroken::Report,
    unrepaired: OnBroken::Report,
    about_recipient: false,
    waivable: true,
    doc: include_str!("sender_unauthenticated.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    let Some(provider) = facts.provider.filter(|provider| provider.authenticated_from) else {
        return Outcome::Outside;
    };
    let message = &facts.reading.message;
    if facts.signs || signature::is_by_sender(message) {
        return Outcome::Kept;
    }
    let because = Reason::new("sender-unauthenticated").name("provider", &provider.name);
    let fault = provider.cite(Fault::new(because), "authenticated-from");
    Outcome::Broken(fault.shown_by(message.evidence_of("From")))
}
