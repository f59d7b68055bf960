//! `[review]` of policy.toml: where two people have to agree, and how long what is held waits.

use std::time::Duration;

use super::{document::Section, words::meant};

/// How held messages are decided on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Review {
    /// Ids of rules: what one of them holds is released by two people.
    pub four_eyes: Vec<String>,
    /// And what goes to more recipients than this; `None`: however many.
    pub four_eyes_above: Option<usize>,
    /// And a change of the policy itself, in the console.
    pub four_eyes_policy: bool,
    pub proposal_valid_for: Duration,
    /// Then it is rejected.
    pub keep_held_for: Duration,
    pub alerts: Alerts,
}

/// Above what staff are written to at once; `None`: never.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Alerts {
    /// So many are held.
    pub held: Option<u64>,
    /// The oldest is held for so long.
    pub held_hours: Option<u64>,
    /// Of what a login sent in the last hour so much was blocked.
    pub blocked_percent: Option<u64>,
    pub complained: Option<Complained>,
}

/// From when on a login's mail of one stream is paused, because people call it spam.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Complained {
    /// Complaints of a hundred thousand delivered messages.
    pub share: u64,
    /// In so many days.
    pub days: u64,
    /// Fewer say nothing.
    pub least: u64,
}

impl Alerts {
    pub fn is_none(self) -> bool {
        self == Self::default()
    }
}

impl Review {
    /// Whether one person is not enough: `rules` are those that stand in the way, `recipients` those
    /// of the message, or of the whole bulk.
    pub fn wants_two<'r>(
        &self,
        rules: impl IntoIterator<Item = &'r str>,
        recipients: usize,
    ) -> bool {
        self.four_eyes_above.is_some_and(|most| recipients > most)
            || rules.into_iter().any(|rule| self.four_eyes.iter().any(|own| own == rule))
    }
}

pub(super) fn review(root: &Section<'_, '_>) -> Review {
    let section = root.section("review");
    let known: Vec<&str> = policy::rules::ALL.iter().map(|rule| rule.id).collect();
    let mut four_eyes = Vec::new();
    for text in section.texts("four-eyes") {
        if !known.contains(&text.value.as_str()) {
            let hint = meant(&text.value, &known);
            section.complain_at(text.at, format!("there is no rule `{}`: {hint}", text.value));
        }
        four_eyes.push(text.value);
    }
    let above = section.number_if_any("four-eyes-above", 1..RECIPIENTS_MAX);
    let time = |key, default, least: Duration| {
        let time = section.time(key, default);
        if time < least {
            let hours = least.as_secs() / HOUR;
            section
                .complain(key, format!("nobody could decide so soon: write at least `{hours}h`"));
        }
        time.max(least)
    };
    Review {
        four_eyes,
        four_eyes_above: above.and_then(|above| usize::try_from(above).ok()),
        four_eyes_policy: section.flag("four-eyes-policy", false),
        proposal_valid_for: time("proposal-valid-for", "24h", Duration::from_secs(HOUR)),
        keep_held_for: time("keep-held-for", "14d", Duration::from_secs(24 * HOUR)),
        alerts: Alerts {
            held: section.number_if_any("alert-when-held", 1..RECIPIENTS_MAX),
            held_hours: section.number_if_any("alert-when-held-hours", 1..HOURS_MAX),
            blocked_percent: section.number_if_any("alert-when-blocked-percent", 1..100),
            complained: complained(&section),
        },
    }
}

fn complained(section: &Section<'_, '_>) -> Option<Complained> {
    let key = "pause-when-complained";
    let share = section.text_if_any(key).map(|text| share(&text).filter(|share| *share > 0));
    let days = section.number("complained-within-days", 7, 1..31);
    let least = section.number("complained-at-least", 5, 1..RECIPIENTS_MAX);
    if share == Some(None) {
        section.complain(key, "write a share such as `0.3 %`, with three places at most");
    }
    share.flatten().map(|share| Complained { share, days, least })
}

/// `0.3 %` is 300 of a hundred thousand.
fn share(text: &str) -> Option<u64> {
    let text = text.strip_suffix('%')?.trim_end();
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|one| one.is_ascii_digit());
    if !is_number(whole) || !is_number(part) || part.len() > 3 {
        return None;
    }
    let thousands = whole.parse::<u64>().ok()?.checked_mul(1_000)?;
    let rest = format!("{part:0<3}").parse::<u64>().ok()?;
    thousands.checked_add(rest).filter(|share| *share <= 100_000)
}

const HOUR: u64 = 3_600;
const RECIPIENTS_MAX: u64 = 1_000_001;
/// A year.
const HOURS_MAX: u64 = 366 * 24;

#[cfg(test)]
mod tests {
    use super::super::Business;

    fn review(text: &str) -> Result<super::Review, Vec<String>> {
        let text = format!("[review]\n{text}");
        let read = Business::read("policy.toml", &text);
        read.map(|business| business.review)
            .map_err(|all| all.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn two_people_agree_where_the_policy_says_so() {
        let one = review("").unwrap();
        assert!(!one.wants_two(["refused"], 1_000_000));
        let two = review("four-eyes = [\"class-mismatch\"]\nfour-eyes-above = 500").unwrap();
        for (rule, recipients, expected) in [
            ("class-mismatch", 1, true),
            ("label-missing", 500, false),
            ("label-missing", 501, true),
        ] {
            assert_eq!(two.wants_two([rule], recipients), expected, "{rule} {recipients}");
        }
    }

    #[test]
    fn a_share_is_written_as_people_write_it() {
        let share = |text: &str| {
            let read = review(&format!("pause-when-complained = \"{text}\""));
            read.map(|review| review.alerts.complained.map(|one| one.share)).ok()
        };
        for (text, expected) in [
            ("0.3 %", Some(Some(300))),
            ("0.1%", Some(Some(100))),
            ("0.025 %", Some(Some(25))),
            ("2 %", Some(Some(2_000))),
            ("100 %", Some(Some(100_000))),
            ("0 %", None),
            ("100.1 %", None),
            ("0.0001 %", None),
            ("0,3 %", None),
            ("-1 %", None),
            (".3 %", None),
            ("0.3", None),
        ] {
            assert_eq!(share(text), expected, "{text}");
        }
        assert_eq!(review("").unwrap().alerts.complained, None);
    }

    #[test]
    fn what_is_wrong_in_it_is_told_with_its_place() {
        let text = "four-eyes = [\"class-mismach\"]\nfour-eyes-above = 0\n\
                    proposal-valid-for = \"1s\"\nkeep-held-for = \"1h\"\nkept = 1\n";
        let complaints = review(text).unwrap_err();
        for (place, words) in [
            ("policy.toml:2:14:", "did you mean `class-mismatch`?"),
            ("policy.toml:3:19:", "whole number"),
            ("policy.toml:4:22:", "at least `1h`"),
            ("policy.toml:5:17:", "at least `24h`"),
            ("policy.toml:6:1:", "kept"),
        ] {
            let found = complaints.iter().any(|one| one.starts_with(place) && one.contains(words));
            assert!(found, "{place} {words}: {complaints:#?}");
        }
    }
}
