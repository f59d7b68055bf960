//! Verdicts summed up: by day, rule, stream and login; and which elements messages lacked.

use std::{cmp::Reverse, collections::BTreeMap};

use jiff::{civil::Date, tz::TimeZone};

use crate::decisions::{Fate, Hour};

/// All that was decided in some days.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Decided {
    pub whole: Sum,
    /// Each day of the time, the oldest first; also those on which nothing was decided.
    pub days: Vec<Day>,
    /// By the rule that blocked or asked for the repair; most blocked first.
    pub rules: Vec<(String, Sum)>,
    /// The rules whose element was put into messages that lacked it.
    pub lacked: Vec<(String, u64)>,
    pub streams: Vec<(String, Sum)>,
    pub logins: Vec<(String, Sum)>,
}

/// Verdicts by what became of them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Sum {
    pub all: u64,
    pub repaired: u64,
    pub held: u64,
    pub refused: u64,
    /// Taken in, and stopped before it left.
    pub stopped: u64,
    pub deferred: u64,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Day {
    pub date: Date,
    pub sum: Sum,
}

impl Sum {
    pub fn blocked(&self) -> u64 {
        self.held + self.refused + self.stopped
    }

    fn add(&mut self, fate: Fate, count: u64) {
        self.all += count;
        match fate {
            Fate::Sent => {}
            Fate::Repaired => self.repaired += count,
            Fate::Held => self.held += count,
            Fate::Refused => self.refused += count,
            Fate::Stopped => self.stopped += count,
            Fate::Deferred => self.deferred += count,
        }
    }
}

impl Decided {
    /// Of hours that were counted, from one day to another, as the zone has days.
    pub fn of(hours: &[Hour], first: Date, last: Date, zone: &TimeZone) -> Self {
        let mut whole = Sum::default();
        let mut days: BTreeMap<Date, Sum> = BTreeMap::new();
        let (mut rules, mut streams, mut logins) =
            (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut lacked: BTreeMap<&str, u64> = BTreeMap::new();
        for Hour { at, kind, count } in hours {
            let date = at.to_zoned(zone.clone()).date();
            if date < first || date > last {
                continue;
            }
            let add = |sum: &mut Sum| sum.add(kind.fate, *count);
            add(&mut whole);
            add(days.entry(date).or_default());
            add(streams.entry(kind.stream.as_str()).or_default());
            add(logins.entry(kind.login.as_str()).or_default());
            if kind.fate.is_blocked() {
                add(rules.entry(kind.rule.as_str()).or_default());
            }
            if kind.fate == Fate::Repaired {
                *lacked.entry(kind.rule.as_str()).or_default() += count;
            }
        }
        let mut lacked: Vec<(String, u64)> =
            lacked.into_iter().map(|(rule, count)| (rule.to_owned(), count)).collect();
        lacked.sort_by_key(|(_, count)| Reverse(*count));
        Self {
            whole,
            days: each(first, last)
                .map(|date| Day { date, sum: days.get(&date).copied().unwrap_or_default() })
                .collect(),
            rules: sorted(rules),
            lacked,
            streams: sorted(streams),
            logins: sorted(logins),
        }
    }
}

fn sorted(all: BTreeMap<&str, Sum>) -> Vec<(String, Sum)> {
    let mut all: Vec<(String, Sum)> =
        all.into_iter().map(|(name, sum)| (name.to_owned(), sum)).collect();
    all.sort_by_key(|(_, sum)| Reverse((sum.blocked(), sum.all)));
    all
}

fn each(first: Date, last: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(first), |date| date.tomorrow().ok())
        .take_while(move |date| *date <= last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decisions::Kind;

    #[test]
    fn hours_are_put_into_the_days_of_the_zone() {
        let zone = TimeZone::get("Europe/Prague").unwrap();
        let hour = |at: &str, fate, rule: &str, count| Hour {
            at: at.parse().unwrap(),
            kind: Kind {
                controller: "a".into(),
                login: "tool".into(),
                stream: "news".into(),
                purpose: String::new(),
                class: "commercial".into(),
                fate,
                rule: rule.into(),
            },
            count,
        };
        let hours = [
            hour("2026-11-19T22:00:00Z", Fate::Refused, "refused", 9),
            hour("2026-11-19T23:00:00Z", Fate::Refused, "refused", 4),
            hour("2026-11-20T08:00:00Z", Fate::Sent, "", 100),
            hour("2026-11-22T08:00:00Z", Fate::Held, "label-missing", 2),
            hour("2026-11-22T09:00:00Z", Fate::Repaired, "label-missing", 3),
        ];
        let day = |text: &str| text.parse::<Date>().unwrap();
        let told = Decided::of(&hours, day("2026-11-20"), day("2026-11-22"), &zone);
        assert_eq!((told.whole.all, told.whole.blocked()), (109, 6));
        let blocked: Vec<u64> = told.days.iter().map(|day| day.sum.blocked()).collect();
        assert_eq!(blocked, [4, 0, 2]);
        let rules: Vec<&str> = told.rules.iter().map(|(rule, _)| rule.as_str()).collect();
        assert_eq!(rules, ["refused", "label-missing"]);
        assert_eq!(told.lacked, [("label-missing".to_owned(), 3)]);
        assert_eq!(told.logins.len(), 1);
    }
}
