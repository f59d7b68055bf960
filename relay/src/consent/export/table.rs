//! A contact as lines of a CSV file: one for each grant and each refusal, one where there is neither.
//!
//! It holds less than the lines of JSON: no relations, preferences and signs of life.

use jiff::Timestamp;

use crate::{consent::List, db::word};

use super::{
    cell,
    whole::{Granted, Refused, Whole},
};

/// The names of the columns, with the line's end; they stay as they are.
pub fn header() -> String {
    cell::record(HEADER)
}

/// The lines of one contact.
pub fn lines(whole: &Whole) -> String {
    let mut lines = String::new();
    for granted in &whole.grants {
        lines.push_str(&line(whole, Some(granted), None));
    }
    for refused in &whole.refusals {
        lines.push_str(&line(whole, None, Some(refused)));
    }
    if lines.is_empty() {
        lines.push_str(&line(whole, None, None));
    }
    lines
}

fn line(whole: &Whole, granted: Option<&Granted>, refused: Option<&Refused>) -> String {
    let wording = granted.and_then(|own| own.evidence.as_ref()?.get("wording")?.as_str());
    let record = match (granted, refused) {
        (Some(_), _) => "grant",
        (None, Some(_)) => "refusal",
        (None, None) => "contact",
    };
    let said = refused.map(|own| own.purpose.clone().unwrap_or_default());
    let since = granted.map(|own| own.from).or(refused.map(|own| own.since));
    let event = granted.map(|own| &own.event).or(refused.map(|own| &own.event));
    let cells = [
        whole.address.clone().unwrap_or_default(),
        record.to_owned(),
        granted.map(|own| own.purpose.clone()).or(said).unwrap_or_default(),
        granted.map(|own| word(&own.basis)).unwrap_or_default(),
        granted.map(|own| word(&own.state)).unwrap_or_default(),
        moment(since),
        moment(granted.map(|own| own.until)),
        moment(granted.and_then(|own| own.confirmed_at)),
        granted.map(|own| word(&own.method)).unwrap_or_default(),
        granted.map(|own| word(&own.source)).unwrap_or_default(),
        granted.map(|own| u8::from(own.of_age).to_string()).unwrap_or_default(),
        wording.unwrap_or_default().to_owned(),
        moment(granted.and_then(|own| own.ended_at)),
        granted.map(|own| word(&own.ended)).unwrap_or_default(),
        whole.country.clone().unwrap_or_default(),
        word(&whole.subscriber),
        u8::from(whole.published).to_string(),
        moment(whole.created_at),
        moment(whole.last_activity),
        event.cloned().unwrap_or_default(),
        refused.map(|own| own.except.join(" ")).unwrap_or_default(),
        refused.and_then(|own| own.list.as_ref()).map(told).unwrap_or_default(),
    ];
    cell::record(cells.iter().map(String::as_str))
}

/// Where a refusal comes from that is not the person's own.
fn told(list: &List) -> String {
    let List { file, line, source, attested_by, at, .. } = list;
    format!("{file} line {line}: {source}, attested by {attested_by}, {at}")
}

fn moment(at: Option<Timestamp>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

const HEADER: [&str; 22] = [
    "email",
    "record",
    "purpose",
    "basis",
    "state",
    "valid_from",
    "valid_to",
    "doi_date",
    "method",
    "source",
    "of_age",
    "wording",
    "ended_at",
    "ended",
    "country",
    "subscriber",
    "published",
    "created_at",
    "last_activity",
    "event",
    "except",
    "list",
];
