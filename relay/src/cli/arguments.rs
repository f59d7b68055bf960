//! How arguments are read: moments, durations, addresses, words of closed lists.

use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};
use policy::{Address, Country, Frequency, Language, Topic};
use serde::de::DeserializeOwned;

use crate::{consent::Start, words::Words};

/// RFC 3339, or a date: its first moment in the machine's time zone.
pub(super) fn moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let date: Date = text.parse().map_err(|_| {
        "neither a date (2026-04-30) nor a moment (2026-04-30T08:00:00+02:00)".to_owned()
    })?;
    let start = TimeZone::system().to_zoned(date.to_datetime(jiff::civil::Time::midnight()));
    start.map(|at| at.timestamp()).map_err(|fault| fault.to_string())
}

/// `now`, `added`, or a moment.
pub(super) fn start(text: &str) -> Result<Start, String> {
    match text {
        "now" => Ok(Start::Now),
        "added" => Ok(Start::Added),
        _ => moment(text).map(Start::At),
    }
}

/// `3 years`, `18 months`, `P3Y`.
pub(super) fn span(text: &str) -> Result<Span, String> {
    let span: Span = text
        .parse()
        .map_err(|_| "not a duration: write `3 years`, `18 months` or `90 days`".to_owned())?;
    if span.is_positive() {
        Ok(span)
    } else {
        Err("a duration has to be longer than nothing".into())
    }
}

/// `2 in 30 days`.
pub(super) fn frequency(text: &str) -> Result<Frequency, String> {
    let found: Result<Frequency, String> = text.parse();
    found.ok().filter(Frequency::allows_some).ok_or_else(|| {
        "not a frequency: write `2 in 30 days`; for none at all it is `refuse`".into()
    })
}

/// `seeds=Seeds and seedlings`.
pub(super) fn topic(text: &str) -> Result<Topic, String> {
    let halves = text.split_once('=').map(|(id, name)| (id.trim(), name.trim()));
    match halves {
        Some((id, name)) if !id.is_empty() && !name.is_empty() => {
            Ok(Topic { id: id.to_owned(), name: name.to_owned() })
        }
        Some(_) | None => {
            Err("not a topic: write its id and what the person reads, `seeds=Seeds and herbs`"
                .into())
        }
    }
}

/// Of what is written for people.
pub(super) fn language(text: &str) -> Result<Language, String> {
    let found = Words::named(text).map(|words| words.language);
    found.ok_or_else(|| "write cs, sk, en, de or pl".to_owned())
}

pub(super) fn address(text: &str) -> Result<Address, String> {
    Address::parse(text).map_err(|fault| fault.to_string())
}

/// `CZ`, also in lower case.
pub(super) fn country(text: &str) -> Result<Country, String> {
    match text.to_ascii_uppercase().as_bytes() {
        [one @ b'A'..=b'Z', two @ b'A'..=b'Z'] => Ok(Country([*one, *two])),
        _ => Err("not a country: write two letters, as in CZ".to_owned()),
    }
}

/// A word of a closed list, as the journal and the database write it: `legitimate-interest`.
pub(super) fn word<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(serde_json::Value::from(text)).map_err(|fault| {
        // `unknown variant `x`, expected one of ...`: what follows is what can be written.
        let text = fault.to_string();
        match text.split_once("expected ") {
            Some((_, known)) => format!("write {known}"),
            None => text,
        }
    })
}

#[cfg(test)]
mod tests {
    use policy::Basis;

    use super::*;

    #[test]
    fn a_moment_is_a_date_or_has_its_offset() {
        assert_eq!(
            moment("2026-04-30T08:00:00+02:00").unwrap().to_string(),
            "2026-04-30T06:00:00Z"
        );
        assert!(moment("2026-04-30").is_ok());
        for text in ["", "tomorrow", "2026-13-01", "30.4.2026"] {
            assert!(moment(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_wrong_word_is_answered_with_the_right_ones() {
        assert_eq!(word::<Basis>("legal-obligation"), Ok(Basis::LegalObligation));
        assert!(word::<Basis>("permission").unwrap_err().contains("consent"));
        assert_eq!(crate::judge::as_word(&Basis::LegalObligation), "legal-obligation");
    }

    #[test]
    fn a_topic_is_an_id_and_a_name() {
        let read = topic("seeds = Seeds = herbs ").unwrap();
        assert_eq!((read.id.as_str(), read.name.as_str()), ("seeds", "Seeds = herbs"));
        for text in ["", "seeds", "seeds=", "=Seeds"] {
            assert!(topic(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_duration_is_positive() {
        assert!(span("3 years").is_ok() && span("P18M").is_ok());
        for text in ["", "0 days", "-1 year", "soon"] {
            assert!(span(text).is_err(), "{text}");
        }
    }
}
