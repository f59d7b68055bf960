//! One record made into one statement of one address, or why it is none.

use std::fmt;

use jiff::{Timestamp, civil, tz::TimeZone};
use policy::{Address, AddressFault, Method, Purpose};
use serde_json::{Map, Value, json};

use super::{
    Plan,
    columns::{Columns, is_refusal, is_unconfirmed, is_yes},
    lines::Record,
};
use crate::{
    consent::record,
    seal::{AddressKey, Secret},
};

/// A statement ready to be written.
#[derive(Debug)]
pub(super) struct Row {
    pub key: AddressKey,
    pub address: Address,
    pub country: Option<String>,
    pub at: Timestamp,
    pub says: Says,
    /// JSON.
    pub evidence: String,
}

#[derive(Debug)]
pub(super) enum Says {
    Yes(Yes),
    /// To everything of the controller.
    No,
}

#[derive(Debug)]
pub(super) struct Yes {
    pub until: Timestamp,
    pub method: Method,
    pub confirmed_at: Option<Timestamp>,
    pub of_age: bool,
    /// The line holds the words agreed to.
    pub worded: bool,
}

/// Why a line is not taken.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Why {
    Columns { found: usize, expected: usize },
    NoAddress,
    Address(AddressFault),
    NoDate,
    Date(String),
    Future,
    Ends,
    Unconfirmed(String),
    Until,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Columns { found, expected } => {
                write!(f, "{found} fields where the header has {expected}")
            }
            Self::NoAddress => f.write_str("no address"),
            Self::Address(fault) => fault.fmt(f),
            Self::NoDate => f.write_str(
                "no date of consent: fill in the column, or give one date for all such lines",
            ),
            Self::Date(text) => write!(f, "`{text}` is no date: write `2026-03-01 14:30`"),
            Self::Future => f.write_str("the date of consent lies in the future"),
            Self::Ends => f.write_str("the consent ends before it begins"),
            Self::Unconfirmed(state) => write!(f, "the state is `{state}`: nothing was confirmed"),
            Self::Until => f.write_str("the end of the consent cannot be counted"),
        }
    }
}

/// Reads records of one file.
pub(super) struct Reader {
    pub secret: Secret,
    pub plan: Plan,
    pub purpose: Purpose,
    pub now: Timestamp,
    pub file: String,
}

impl Reader {
    pub(super) fn read(&self, columns: &Columns, record: &Record) -> Result<Row, Why> {
        let (found, expected) = (record.fields.len(), columns.names.len());
        if found != expected {
            return Err(Why::Columns { found, expected });
        }
        let field = |at: Option<usize>| {
            at.and_then(|at| record.fields.get(at))
                .map(String::as_str)
                .filter(|text| !text.is_empty())
        };
        let address = field(Some(columns.address)).ok_or(Why::NoAddress)?;
        let address: Address = address.parse().map_err(Why::Address)?;
        let date = |at| field(at).map(|text| self.date(text)).transpose();
        let confirmed = date(columns.confirmed)?;
        let granted = date(columns.granted)?.or(confirmed).or(self.plan.from);
        let (at, says) = if self.refuses(&field, columns) {
            // A date that cannot be read does not make a no into a yes.
            let said = field(columns.unsubscribed).and_then(|text| self.date(text).ok());
            (said.unwrap_or(self.now), Says::No)
        } else {
            if let Some(state) = field(columns.status).filter(|state| is_unconfirmed(state)) {
                return Err(Why::Unconfirmed(state.to_owned()));
            }
            let from = granted.ok_or(Why::NoDate)?;
            let method = if confirmed.is_some() { Method::DoubleOptIn } else { Method::Import };
            let says = Says::Yes(Yes {
                until: self.until(from, date(columns.until)?)?,
                method,
                confirmed_at: confirmed,
                of_age: field(columns.of_age).is_some_and(is_yes),
                worded: field(columns.wording).is_some(),
            });
            (from, says)
        };
        let country = field(columns.country)
            .filter(|code| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic()))
            .map(str::to_ascii_uppercase);
        let key = self.secret.address_key(&self.purpose.controller, &address);
        Ok(Row { key, address, country, at, says, evidence: self.evidence(columns, record) })
    }

    fn refuses<'r>(
        &self,
        field: &impl Fn(Option<usize>) -> Option<&'r str>,
        columns: &Columns,
    ) -> bool {
        let no = |text: &str| matches!(text, "0" | "false" | "no" | "ne" | "0000-00-00 00:00:00");
        field(columns.unsubscribed).is_some_and(|text| !no(text))
            || field(columns.status).is_some_and(is_refusal)
            || field(columns.blocked).is_some_and(|text| !no(text))
    }

    fn until(&self, from: Timestamp, until: Option<Timestamp>) -> Result<Timestamp, Why> {
        if from > self.now {
            return Err(Why::Future);
        }
        let until = match until {
            Some(until) => until,
            None => record::until(&self.purpose.validity, from, None, &self.plan.zone)
                .map_err(|_| Why::Until)?,
        };
        if until <= from { Err(Why::Ends) } else { Ok(until) }
    }

    fn date(&self, text: &str) -> Result<Timestamp, Why> {
        parse(text, &self.plan.zone).ok_or_else(|| Why::Date(text.to_owned()))
    }

    /// The line itself, whole, and where it stood.
    fn evidence(&self, columns: &Columns, record: &Record) -> String {
        let row: Map<String, Value> = columns
            .names
            .iter()
            .zip(&record.fields)
            .filter(|(_, text)| !text.is_empty())
            .map(|(name, text)| (name.clone(), Value::String(text.clone())))
            .collect();
        let mut evidence = json!({
            "file": self.file, "line": record.line, "source": self.plan.note, "row": row,
        });
        let wording = columns.wording.and_then(|at| record.fields.get(at));
        if let (Some(fields), Some(wording)) =
            (evidence.as_object_mut(), wording.filter(|text| !text.is_empty()))
        {
            fields.insert("wording".to_owned(), Value::String(wording.clone()));
        }
        evidence.to_string()
    }
}

/// RFC 3339, `2026-03-01 14:30[:00]`, `2026-03-01`, `1.3.2026 [14:30[:00]]`; without an offset in
/// the controller's time zone. With slashes nobody knows which is the month.
fn parse(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let local: civil::DateTime = text.parse().ok().or_else(|| czech(text))?;
    local.to_zoned(zone.clone()).ok().map(|at| at.timestamp())
}

fn czech(text: &str) -> Option<civil::DateTime> {
    let spaced = text.replace(". ", ".");
    let (date, time) = spaced.split_once(' ').unwrap_or((spaced.as_str(), ""));
    let mut parts = date.split('.');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    let date = civil::Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    let mut parts = time.split(':').filter(|part| !part.is_empty());
    let mut part = || parts.next().map_or(Some(0), |part| part.parse().ok());
    let time = civil::Time::new(part()?, part()?, part()?, 0).ok()?;
    parts.next().is_none().then(|| date.to_datetime(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_tools_and_people_write_them() {
        let prague = TimeZone::get("Europe/Prague").unwrap();
        let expected = "2026-03-01T13:30:00Z";
        for text in [
            "2026-03-01T13:30:00Z",
            "2026-03-01T14:30:00+01:00",
            "2026-03-01 14:30:00",
            "2026-03-01 14:30",
            "1.3.2026 14:30",
            "01. 03. 2026 14:30:00",
        ] {
            let found = parse(text, &prague).map(|at| at.to_string());
            assert_eq!(found.as_deref(), Some(expected), "{text}");
        }
        assert_eq!(parse("2026-07-01", &prague).unwrap().to_string(), "2026-06-30T22:00:00Z");
        for text in ["01/03/2026", "32.1.2026", "1.3.26", "2026-13-01", "soon", "1.3.2026 1:2:3:4"]
        {
            assert_eq!(parse(text, &prague), None, "{text}");
        }
    }
}
