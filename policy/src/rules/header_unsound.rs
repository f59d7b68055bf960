//! The header has what a mail program needs, and each of it once. See the page.

use crate::{Facts, Fault, OnBroken, Outcome, Rule, law};

pub(super) static RULE: Rule = Rule {
    id: "header-unsound",
    since: "0.1",
    law: &[&law::RFC_5322, &law::PROVIDERS_FORMAT, &law::MICROSOFT],
    effect: OnBroken::Report,
    unrepaired: OnBroken::Report,
    about_recipient: false,
    waivable: true,
    doc: include_str!("header_unsound.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    let Some(provider) = facts.provider.filter(|provider| provider.sound_header) else {
        return Outcome::Outside;
    };
    let message = &facts.reading.message;
    let wrong = |fault: &&&str| MISSING.contains(*fault) || fault.starts_with("more than one ");
    let found: Vec<&str> = message.faults().iter().filter(wrong).copied().collect();
    if found.is_empty() {
        return Outcome::Kept;
    }
    let because = format!("{} wants a sound header: there is {}", provider.name, found.join(", "));
    Outcome::Broken(provider.cite(Fault::new(because), "sound-header"))
}

static MISSING: [&str; 2] = ["no From", "no Date"];
