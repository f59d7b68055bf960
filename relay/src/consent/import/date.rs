//! Moments as mailing tools and people write them.

use jiff::{Timestamp, civil, fmt::strtime, tz::TimeZone};

/// RFC 3339, `2026-03-01 14:30[:00]`, `2026-03-01`, `1.3.2026 [14:30[:00]]`, and listmonk's
/// `2026-03-01 14:30:00.5 +0100 CET`; without an offset in the controller's time zone. With slashes
/// nobody knows which is the month.
pub(super) fn parse(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    if let Some(at) = with_offset(text) {
        return Some(at);
    }
    let local: civil::DateTime = text.parse().ok().or_else(|| czech(text))?;
    local.to_zoned(zone.clone()).ok().map(|at| at.timestamp())
}

fn with_offset(text: &str) -> Option<Timestamp> {
    let mut words = text.split(' ');
    let (date, time, offset) = (words.next()?, words.next()?, words.next()?);
    let plain = format!("{date} {time} {offset}");
    let read = strtime::parse("%Y-%m-%d %H:%M:%S%.f %z", plain).ok()?;
    read.to_timestamp().ok()
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
            "2026-03-01 13:30:00 +0000 UTC",
            "2026-03-01 14:30:00.0000 +0100 CET",
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
