//! The header has what a mail program needs, and each of it once. See the page.

use crate::{Facts, Fault, OnBroken, Outcome, Reason, Rule, law};

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
    let wrong = |fault: &&&str| MISSING.contains(*fault) || fault.starts_with(REPEATED);
    let found: Vec<&str> = message.faults().iter().filter(wrong).copied().collect();
    if found.is_empty() {
        return Outcome::Kept;
    }
    let because = Reason::new("header-unsound").name("provider", &provider.name);
    let because = because.words("faults", &found);
    Outcome::Broken(provider.cite(Fault::new(because), "sound-header"))
}

static MISSING: [&str; 2] = ["field-missing-from", "field-missing-date"];
const REPEATED: &str = "field-repeated-";
