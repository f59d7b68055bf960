//! Who picked among a purpose's topics gets messages about those alone. See the page.

use crate::{Facts, Fault, Known, OnBroken, Outcome, Reason, Rule, Standing, ground, law};

pub(super) static RULE: Rule = Rule {
    id: "topic-not-chosen",
    since: "0.1",
    law: &[&law::EU_GDPR_21_3, &law::EU_GDPR_7_3, &law::CZ_GUIDE],
    effect: OnBroken::Reject,
    unrepaired: OnBroken::Reject,
    about_recipient: true,
    waivable: false,
    doc: include_str!("topic_not_chosen.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    if facts.stream.topic.is_none() || facts.commercial() == Known::Is(false) {
        return Outcome::Outside;
    }
    let standing = match ground::carried(facts) {
        Ok(standing) => standing,
        Err(outcome) => return outcome,
    };
    left_out(facts, standing).map_or(Outcome::Kept, |topic| {
        Outcome::Broken(Fault::new(Reason::new("topic-not-chosen").name("topic", topic)))
    })
}

/// The topic of the stream, where the person picked others.
pub(super) fn left_out<'a>(facts: &Facts<'a>, standing: &Standing) -> Option<&'a str> {
    let (purpose, topic) = (facts.stream.purpose.as_deref()?, facts.stream.topic.as_deref()?);
    let mut preferences = standing.preferences.iter();
    preferences.any(|one| one.leaves_out(purpose, topic)).then_some(topic)
}
