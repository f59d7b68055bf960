//! A length of time as statutes give it: `1 year`, `30 days`. Calendar arithmetic, not seconds.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, ToSpan as _, civil::Weekday, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::Language;

/// A whole number of days, working days, months or years.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Term {
    amount: u16,
    unit: Unit,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Unit {
    Day,
    /// Monday to Friday. No calendar of holidays is kept, so a term ends early rather than late.
    WorkingDay,
    Month,
    Year,
}

impl Term {
    pub const fn days(amount: u16) -> Self {
        Self { amount, unit: Unit::Day }
    }

    pub const fn years(amount: u16) -> Self {
        Self { amount, unit: Unit::Year }
    }

    /// The moment at which a term that began at `from` has run out: the same hour of the day
    /// that the calendar of `zone` gives. Past the end of time where that has no date.
    pub fn after(self, from: Timestamp, zone: &TimeZone) -> Timestamp {
        let amount = i64::from(self.amount);
        let start = from.to_zoned(zone.clone());
        let span = match self.unit {
            Unit::Day => amount.days(),
            Unit::WorkingDay => calendar_days(amount, start.weekday()).days(),
            Unit::Month => amount.months(),
            Unit::Year => amount.years(),
        };
        let end = start.checked_add(span);
        end.map_or(Timestamp::MAX, |end| end.timestamp())
    }

    /// As a sentence of that language has it: `4 roky`, `30 Tage`.
    pub fn words(self, language: Language) -> String {
        // One, a few, many: Slavic languages count in three forms.
        let forms = match (language, self.unit) {
            (Language::Czech, Unit::Day) => ["den", "dny", "dní"],
            (Language::Czech, Unit::WorkingDay) => {
                ["pracovní den", "pracovní dny", "pracovních dní"]
            }
            (Language::Czech, Unit::Month) => ["měsíc", "měsíce", "měsíců"],
            (Language::Czech, Unit::Year) => ["rok", "roky", "let"],
            (Language::Slovak, Unit::Day) => ["deň", "dni", "dní"],
            (Language::Slovak, Unit::WorkingDay) => {
                ["pracovný deň", "pracovné dni", "pracovných dní"]
            }
            (Language::Slovak, Unit::Month) => ["mesiac", "mesiace", "mesiacov"],
            (Language::Slovak, Unit::Year) => ["rok", "roky", "rokov"],
            (Language::Polish, Unit::Day) => ["dzień", "dni", "dni"],
            (Language::Polish, Unit::WorkingDay) => {
                ["dzień roboczy", "dni robocze", "dni roboczych"]
            }
            (Language::Polish, Unit::Month) => ["miesiąc", "miesiące", "miesięcy"],
            (Language::Polish, Unit::Year) => ["rok", "lata", "lat"],
            (Language::German, Unit::Day) => ["Tag", "Tage", "Tage"],
            (Language::German, Unit::WorkingDay) => ["Werktag", "Werktage", "Werktage"],
            (Language::German, Unit::Month) => ["Monat", "Monate", "Monate"],
            (Language::German, Unit::Year) => ["Jahr", "Jahre", "Jahre"],
            (Language::English, _) => return self.to_string(),
        };
        let few = match language {
            // 22 lata, but 12 lat.
            Language::Polish => {
                matches!(self.amount % 10, 2..=4) && !matches!(self.amount % 100, 12..=14)
            }
            Language::Czech | Language::Slovak | Language::German | Language::English => {
                matches!(self.amount, 2..=4)
            }
        };
        let [one, a_few, many] = forms;
        let form = if self.amount == 1 {
            one
        } else if few {
            a_few
        } else {
            many
        };
        format!("{} {form}", self.amount)
    }

    /// Days, a week of five working days, a month of 30 and a year of 365: to compare two terms,
    /// not to reckon with.
    pub fn about_days(self) -> u32 {
        let amount = u32::from(self.amount);
        match self.unit {
            Unit::Day => amount,
            Unit::WorkingDay => amount * 7 / 5,
            Unit::Month => amount * 30,
            Unit::Year => amount * 365,
        }
    }
}

/// How many days of the calendar hold so many working days after a day of that name.
fn calendar_days(working: i64, from: Weekday) -> i64 {
    // A term that begins on a weekend begins as on the Friday before.
    let past_friday = match from {
        Weekday::Saturday => 1,
        Weekday::Sunday => 2,
        Weekday::Monday
        | Weekday::Tuesday
        | Weekday::Wednesday
        | Weekday::Thursday
        | Weekday::Friday => 0,
    };
    let weekday = i64::from(from.to_monday_zero_offset()) - past_friday;
    let weekends = (weekday + working) / 5;
    if working == 0 { 0 } else { working + 2 * weekends - past_friday }
}

impl fmt::Display for Term {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Day => "day",
            Unit::WorkingDay => "working day",
            Unit::Month => "month",
            Unit::Year => "year",
        };
        let plural = if self.amount == 1 { "" } else { "s" };
        write!(to, "{} {unit}{plural}", self.amount)
    }
}

impl FromStr for Term {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WANTED: &str =
            "is not a term: write it as `30 days`, `10 working days`, `6 months` or `1 year`";
        let (amount, unit) = text.trim().split_once(' ').ok_or(WANTED)?;
        let amount = amount.parse().map_err(|_| WANTED)?;
        let unit = match unit.trim().trim_end_matches('s') {
            "day" => Unit::Day,
            "working day" => Unit::WorkingDay,
            "month" => Unit::Month,
            "year" => Unit::Year,
            _ => return Err(WANTED),
        };
        Ok(Self { amount, unit })
    }
}

impl<'de> Deserialize<'de> for Term {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|fault| D::Error::custom(format!("`{text}` {fault}")))
    }
}

impl Serialize for Term {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// So many within a term: `4 in 30 days`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Frequency {
    pub count: u16,
    pub per: Term,
}

impl Frequency {
    /// At least one, within at least a day: anything less is not a frequency but a refusal.
    pub fn allows_some(&self) -> bool {
        self.count > 0 && self.per.about_days() > 0
    }
}

impl FromStr for Frequency {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shape = || format!("`{text}` is not a frequency: write `4 in 30 days`");
        let (count, per) = text.split_once(" in ").ok_or_else(shape)?;
        let count = count.trim().parse().map_err(|_| shape())?;
        Ok(Self { count, per: per.trim().parse()? })
    }
}

impl fmt::Display for Frequency {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{} in {}", self.count, self.per)
    }
}

impl Serialize for Frequency {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Frequency {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_reckoned_on_the_calendar() {
        let prague = TimeZone::get("Europe/Prague").unwrap();
        for (from, term, end) in [
            ("2025-11-12T09:00:00Z", "1 year", "2026-11-12T09:00:00Z"),
            // Over the change to summer time the hour of the day stays, not the count of hours.
            ("2026-03-28T09:00:00Z", "1 day", "2026-03-29T08:00:00Z"),
            ("2024-02-29T09:00:00Z", "1 year", "2025-02-28T09:00:00Z"),
            ("2026-01-31T09:00:00Z", "1 month", "2026-02-28T09:00:00Z"),
            // Working days: from a Monday, over a weekend, from a Friday and from a Sunday.
            ("2026-01-05T09:00:00Z", "4 working days", "2026-01-09T09:00:00Z"),
            ("2026-01-05T09:00:00Z", "5 working days", "2026-01-12T09:00:00Z"),
            ("2026-01-09T09:00:00Z", "1 working day", "2026-01-12T09:00:00Z"),
            ("2026-01-11T09:00:00Z", "5 working days", "2026-01-16T09:00:00Z"),
            ("2026-01-07T09:00:00Z", "10 working days", "2026-01-21T09:00:00Z"),
            ("2026-01-10T09:00:00Z", "0 working days", "2026-01-10T09:00:00Z"),
        ] {
            let term: Term = term.parse().unwrap();
            assert_eq!(term.after(from.parse().unwrap(), &prague), end.parse().unwrap(), "{from}");
        }
    }

    #[test]
    fn a_term_is_said_in_the_readers_language() {
        for (term, language, said) in [
            ("1 year", Language::Czech, "1 rok"),
            ("4 years", Language::Czech, "4 roky"),
            ("5 years", Language::Czech, "5 let"),
            ("3 years", Language::Slovak, "3 roky"),
            ("6 months", Language::Slovak, "6 mesiacov"),
            ("22 days", Language::Polish, "22 dni"),
            ("12 years", Language::Polish, "12 lat"),
            ("2 years", Language::Polish, "2 lata"),
            ("2 years", Language::German, "2 Jahre"),
            ("2 years", Language::English, "2 years"),
        ] {
            assert_eq!(term.parse::<Term>().unwrap().words(language), said);
        }
    }

    #[test]
    fn a_term_prints_as_it_is_written() {
        for text in ["1 year", "4 years", "30 days", "0 days", "6 months", "10 working days"] {
            assert_eq!(text.parse::<Term>().unwrap().to_string(), text);
        }
        for text in ["", "year", "1", "one year", "1 fortnight", "-1 days"] {
            assert!(text.parse::<Term>().is_err(), "{text}");
        }
    }
}
