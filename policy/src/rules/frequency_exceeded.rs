//! Nobody gets more messages than the stream promises, or than he asked for. See the page.

use super::topic_not_chosen;
use crate::{
    Facts, Fault, Frequency, Known, OnBroken, Outcome, Reason, Rule, Standing, ground, law,
};

pub(super) static RULE: Rule = Rule {
    id: "frequency-exceeded",
    since: "0.1",
    law: &[&law::EU_GDPR_21_3, &law::EU_GDPR_7_3, &law::CZ_GUIDE],
    effect: OnBroken::Reject,
    unrepaired: OnBroken::Reject,
    about_recipient: true,
    waivable: false,
    doc: include_str!("frequency_exceeded.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    let is_free = |standing: &Standing| standing.preferences.is_empty();
    if facts.commercial() == Known::Is(false)
        || (facts.stream.at_most.is_none()
            && matches!(facts.standing, Known::Is(one) if is_free(one)))
    {
        return Outcome::Outside;
    }
    let standing = match ground::carried(facts) {
        Ok(standing) => standing,
        Err(outcome) => return outcome,
    };
    if topic_not_chosen::left_out(facts, standing).is_some() {
        return Outcome::Outside;
    }
    let because = asked_for(facts, standing).or_else(|| promised(facts, standing));
    because.map_or(Outcome::Kept, |because| Outcome::Broken(Fault::new(because)))
}

/// What the person asked for in the preference centre.
fn asked_for(facts: &Facts<'_>, standing: &Standing) -> Option<Reason> {
    let purpose = facts.stream.purpose.as_deref();
    let concerns = |asked: Option<&str>| asked.is_none() || asked == purpose;
    let preferences = standing.preferences.iter();
    let mut preferences = preferences.filter(|one| concerns(one.purpose.as_deref()));
    preferences.find_map(|one| {
        if one.paused_until.is_some_and(|until| until > facts.now) {
            return Some(Reason::new("asked-for-pause"));
        }
        let most =
            one.at_most.filter(|most| is_over(facts, standing, *most, one.purpose.as_deref()))?;
        Some(often("asked-for-fewer", most))
    })
}

fn promised(facts: &Facts<'_>, standing: &Standing) -> Option<Reason> {
    let purpose = facts.stream.purpose.as_deref();
    let most = facts.stream.at_most.filter(|most| is_over(facts, standing, *most, purpose))?;
    Some(often("stream-promises-fewer", most))
}

fn often(id: &'static str, most: Frequency) -> Reason {
    Reason::new(id).number("count", most.count).term("per", most.per)
}

/// So many commercial messages went within the term already; of that purpose, or of any.
fn is_over(facts: &Facts<'_>, standing: &Standing, most: Frequency, purpose: Option<&str>) -> bool {
    let zone = &facts.controller().time_zone;
    let sent = standing.sent.iter().filter(|sent| {
        sent.class.is_commercial()
            && purpose.is_none_or(|purpose| sent.purpose == purpose)
            && sent.at <= facts.now
            && most.per.after(sent.at, zone) > facts.now
    });
    sent.count() >= usize::from(most.count)
}
