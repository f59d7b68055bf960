//! What a URL asks for, and the same with something changed: filters, pages and exports of one list
//! have the same words.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{seal, web::form};

/// Names and values behind the `?`, in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn read(text: Option<&str>) -> Self {
        Self(form::query(text.unwrap_or_default()))
    }

    /// What a form said, to show it again.
    pub(super) fn of(fields: &[(String, String)]) -> Self {
        Self(fields.to_vec())
    }

    /// The first value of a name; an empty one is none.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// Every value of a name.
    pub(super) fn all<'q>(&'q self, name: &str) -> impl Iterator<Item = &'q str> {
        let own = self.0.iter().filter(move |(own, _)| own == name);
        own.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// The first one, to show in a field.
    pub(super) fn shown(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// Whether this value was chosen.
    pub(super) fn is(&self, name: &str, value: &str) -> bool {
        self.get(name) == Some(value)
    }

    /// Whether any of these narrows the list.
    pub(super) fn has_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.get(name).is_some())
    }

    /// `?` and the same words, with these values in place of their old ones; `None` takes a name
    /// away.
    pub(super) fn url(&self, path: &str, changes: &[(&str, Option<&str>)]) -> String {
        let kept = self.0.iter().filter(|(name, value)| {
            !value.is_empty() && !changes.iter().any(|(own, _)| own == name)
        });
        let kept = kept.map(|(name, value)| (name.as_str(), value.as_str()));
        let new = changes.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
        let pairs: Vec<String> = kept
            .chain(new)
            .map(|(name, value)| format!("{}={}", seal::escaped(name), seal::escaped(value)))
            .collect();
        if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
    }

    /// The first moment of a day that was chosen (`2026-11-22`), as the zone counts days.
    pub(super) fn day(&self, name: &str, zone: &TimeZone) -> Option<Timestamp> {
        let day: Date = self.get(name)?.parse().ok()?;
        Some(zone.to_zoned(day.to_datetime(jiff::civil::Time::midnight())).ok()?.timestamp())
    }

    /// The first moment after it.
    pub(super) fn day_after(&self, name: &str, zone: &TimeZone) -> Option<Timestamp> {
        let day: Date = self.get(name)?.parse().ok()?;
        let next = day.tomorrow().ok()?.to_datetime(jiff::civil::Time::midnight());
        Some(zone.to_zoned(next).ok()?.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_asked_for_again_with_something_changed() {
        let query = Query::read(Some("act=signed-in&actor=&q=a+b%26c&before=7"));
        assert_eq!((query.get("q"), query.get("actor")), (Some("a b&c"), None));
        assert_eq!(
            query.url("/audit", &[("before", Some("5"))]),
            "/audit?act=signed-in&q=a%20b%26c&before=5"
        );
        assert_eq!(query.url("/audit", &[("before", None), ("q", None)]), "/audit?act=signed-in");
        assert_eq!(Query::read(None).url("/audit", &[]), "/audit");
        assert!(query.has_any(&["act"]) && !query.has_any(&["actor", "from"]));
    }

    #[test]
    fn a_day_begins_and_ends_where_its_people_are() {
        let query = Query::read(Some("from=2026-03-29&until=x"));
        let zone = TimeZone::get("Europe/Prague").unwrap();
        let day = |at: Option<Timestamp>| at.unwrap().to_string();
        assert_eq!(day(query.day("from", &zone)), "2026-03-28T23:00:00Z");
        assert_eq!(day(query.day_after("from", &zone)), "2026-03-29T22:00:00Z");
        assert_eq!(query.day("until", &zone), None);
    }
}
