//! How often a person wants to hear of a sender, a pause, and which topics of a purpose: lists and
//! boxes on the page of preferences.
//!
//! How often and the pause are about all messages of the sender together; what is asked of them about
//! one purpose alone comes by the API and stays as it is.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use policy::{Frequency, Preference, Purpose, Standing};

use super::{
    form::{value, values},
    page::{Item, Row},
};
use crate::words::Words;

/// What is asked for about all messages.
pub(super) fn overall(standing: &Standing, now: Timestamp) -> Preference {
    let found = standing.preferences.iter().find(|one| one.purpose.is_none());
    let asked = found.cloned().unwrap_or_else(|| Preference::about(None));
    Preference { paused_until: asked.paused_until.filter(|until| *until > now), ..asked }
}

/// The list of frequencies, with the one that is asked for.
pub(super) fn frequencies(words: &Words, asked: &Preference) -> Vec<Item> {
    let current = asked.at_most.map(|most| most.to_string()).unwrap_or_default();
    let mut offered: Vec<&str> = OFTEN.to_vec();
    if !current.is_empty() && !offered.contains(&current.as_str()) {
        offered.push(&current);
    }
    let any = Item {
        value: String::new(),
        text: words.say("as-it-comes").into_owned(),
        selected: current.is_empty(),
    };
    let each = offered.iter().filter_map(|text| {
        let most: Frequency = text.parse().ok()?;
        let filled = [("count", i64::from(most.count).into()), ("days", days_of(most).into())];
        let text = words.with("at-most", &filled);
        let value = most.to_string();
        Some(Item { selected: value == current, value, text })
    });
    std::iter::once(any).chain(each).collect()
}

/// The list of pauses.
pub(super) fn pauses(words: &Words, asked: &Preference, zone: &TimeZone) -> Vec<Item> {
    let running = asked.paused_until.map(|until| {
        let day = words.day(until.to_zoned(zone.clone()).date());
        let text = words.with("paused-until", &[("day", day.into())]);
        Item { value: KEEP.to_owned(), text, selected: true }
    });
    let none = Item {
        value: String::new(),
        text: words.say("no-pause").into_owned(),
        selected: running.is_none(),
    };
    let each = PAUSES.iter().map(|days| Item {
        value: days.to_string(),
        text: words.with("pause-days", &[("days", (*days).into())]),
        selected: false,
    });
    [none].into_iter().chain(running).chain(each).collect()
}

/// What the fields ask for in place of it; `None` where they say nothing that the lists offer.
pub(super) fn asked(
    fields: &[(String, String)],
    before: &Preference,
    now: Timestamp,
) -> Option<Preference> {
    let at_most = match value(fields, "at-most") {
        None => before.at_most,
        Some("") => None,
        Some(text) => Some(text.parse::<Frequency>().ok().filter(Frequency::allows_some)?),
    };
    let paused_until = match value(fields, "pause") {
        None | Some(KEEP) => before.paused_until,
        Some("") => None,
        Some(days) => {
            let days = PAUSES.into_iter().find(|known| known.to_string() == days)?;
            Some(now.checked_add(SignedDuration::from_hours(24 * days)).ok()?)
        }
    };
    Some(Preference { at_most, paused_until, ..Preference::about(None) })
}

/// The topics of a purpose, ticked where they come: all of them until the person picks.
pub(super) fn topics(purpose: &Purpose, standing: &Standing) -> Vec<Item> {
    let of = of(&purpose.id, standing);
    let item = |topic: &policy::Topic| Item {
        value: topic.id.clone(),
        text: topic.name.clone(),
        selected: !of.leaves_out(&purpose.id, &topic.id),
    };
    purpose.topics.iter().map(item).collect()
}

/// What the fields pick of a purpose's topics, in place of what is asked for about it; `None` where
/// none of them was shown. One that was not shown stays as it is: the person saw nothing of it.
pub(super) fn picked(
    fields: &[(String, String)],
    row: &Row,
    standing: &Standing,
) -> Option<Preference> {
    let named = |name: &str, topic: &Item| {
        let own = format!("{}/{}", row.id, topic.value);
        values(fields, name).contains(&own.as_str())
    };
    let is_shown = |topic: &&Item| named("topic-shown", topic);
    row.topics.iter().find(is_shown)?;
    let comes = |topic: &&Item| match is_shown(topic) {
        true => named("topic", topic),
        false => topic.selected,
    };
    let chosen = row.topics.iter().filter(comes).map(|topic| topic.value.clone());
    Some(Preference { topics: Some(chosen.collect()), ..of(&row.id, standing) })
}

/// What is asked for about one purpose.
fn of(purpose: &str, standing: &Standing) -> Preference {
    let mut known = standing.preferences.iter();
    let found = known.find(|one| one.purpose.as_deref() == Some(purpose));
    found.cloned().unwrap_or_else(|| Preference::about(Some(purpose)))
}

fn days_of(most: Frequency) -> i64 {
    most.per.about_days().into()
}

const OFTEN: [&str; 3] = ["1 in 7 days", "2 in 30 days", "1 in 30 days"];
/// In days.
const PAUSES: [i64; 3] = [30, 90, 180];
/// The pause that runs already.
const KEEP: &str = "keep";

#[cfg(test)]
mod tests {
    use policy::Language;

    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_the_lists_offer_is_what_they_take() {
        let words = Words::of(Language::English);
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let before = Preference {
            purpose: None,
            at_most: Some("3 in 14 days".parse().unwrap()),
            paused_until: Some(now),
            topics: None,
        };
        for frequency in frequencies(words, &before) {
            for pause in pauses(words, &before, &TimeZone::UTC) {
                let chosen = fields(&[("at-most", &frequency.value), ("pause", &pause.value)]);
                let wish = asked(&chosen, &before, now).unwrap();
                let again = frequencies(words, &wish);
                let selected = again.iter().find(|item| item.selected).unwrap();
                assert_eq!(selected.value, frequency.value);
                assert_eq!(wish.paused_until.is_some(), !pause.value.is_empty());
            }
        }
        for (name, wrong) in [("at-most", "0 in 3 days"), ("at-most", "x"), ("pause", "9999")] {
            assert_eq!(asked(&fields(&[(name, wrong)]), &before, now), None, "{wrong}");
        }
    }

    #[test]
    fn a_pause_that_is_over_is_none() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let mut standing = Standing::default();
        let pause = Preference { paused_until: Some(now), ..Preference::about(None) };
        standing.preferences.push(pause);
        assert_eq!(overall(&standing, now).paused_until, None);
        assert_eq!(overall(&standing, Timestamp::UNIX_EPOCH).paused_until, Some(now));
    }
}
