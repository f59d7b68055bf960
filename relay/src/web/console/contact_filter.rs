//! What the URL of a list of contacts asks for, in the words of the store's filter.

use jiff::{Timestamp, tz::TimeZone};
use policy::Purpose;

use super::query::Query;
use crate::consent::{Filter, filter::Between};

/// What narrows the list.
pub(super) const FILTERS: [&str; 7] =
    ["state", "purpose", "days", "customer", "country", "from", "until"];

/// Choices of `state`, each with its text.
pub(super) const STATES: [(&str, &str); 10] = [
    ("holds", "console-contact-filter-holds"),
    ("nothing", "console-contact-filter-nothing"),
    ("ends", "console-contact-filter-ends"),
    ("expired", "console-contact-filter-expired"),
    ("refused", "console-contact-filter-refused"),
    ("refused-everything", "console-contact-filter-refused-everything"),
    ("silent", "console-contact-filter-silent"),
    ("reactivating", "console-contact-filter-reactivating"),
    ("informed", "console-contact-filter-informed"),
    ("uninformed", "console-contact-filter-uninformed"),
];

/// Choices of `customer`.
pub(super) const CUSTOMERS: [(&str, &str); 4] = [
    ("active", "console-contact-customer-active"),
    ("former", "console-contact-customer-former"),
    ("inactive", "console-contact-customer-inactive"),
    ("never", "console-contact-customer-never"),
];

/// `None`: everybody. `lived`: who showed no sign of life since then is silent. What cannot be read
/// narrows nothing; a purpose that there is not finds nobody.
pub(super) fn filter(
    query: &Query,
    purposes: &[Purpose],
    (zone, lived): (&TimeZone, Timestamp),
) -> Option<Filter> {
    let mut all = Vec::new();
    let chosen: Vec<&str> = match query.get("purpose") {
        Some(id) => vec![id],
        None => purposes.iter().map(|own| own.id.as_str()).collect(),
    };
    let any = |of: &dyn Fn(String) -> Filter| {
        Filter::Or(chosen.iter().map(|id| of((*id).to_owned())).collect())
    };
    let is_one = query.get("purpose").is_some();
    all.extend(match query.get("state") {
        Some("holds") if is_one => Some(any(&Filter::Holds)),
        Some("holds") => Some(Filter::Not(Box::new(Filter::HoldsNothing {}))),
        Some("nothing") if is_one => Some(Filter::Not(Box::new(any(&Filter::Holds)))),
        Some("nothing") => Some(Filter::HoldsNothing {}),
        Some("ends") => {
            let within_days = query.days();
            Some(any(&|purpose| Filter::Ends { purpose, within_days }))
        }
        Some("expired") => Some(any(&Filter::Expired)),
        Some("refused") => Some(any(&Filter::Refused)),
        Some("refused-everything") => Some(Filter::RefusedEverything {}),
        Some("silent") => Some(Filter::Silent { since: lived, kind: None }),
        Some("reactivating") => Some(Filter::Reactivating {}),
        Some("informed") => Some(Filter::Informed {}),
        Some("uninformed") => Some(Filter::Not(Box::new(Filter::Informed {}))),
        // A purpose alone: who has anything to do with it.
        None if is_one => Some(Filter::Or(vec![
            any(&Filter::Holds),
            any(&Filter::Expired),
            any(&Filter::Refused),
        ])),
        Some(_) | None => None,
    });
    all.extend(query.get("customer").and_then(customer));
    all.extend(query.get("country").map(|code| Filter::Country(vec![code.to_owned()])));
    let (from, before) = (query.day("from", zone), query.day_after("until", zone));
    if from.is_some() || before.is_some() {
        all.push(Filter::Added(Between { from, before }));
    }
    (!all.is_empty()).then_some(Filter::And(all))
}

impl Query {
    /// Within how many days something ends soon.
    pub(super) fn days(&self) -> u16 {
        self.get("days").and_then(|days| days.parse().ok()).unwrap_or(SOON_DAYS)
    }
}

fn customer(word: &str) -> Option<Filter> {
    serde_json::from_value(serde_json::json!({ "customer": word })).ok()
}

/// What ends soon, where nothing else is said.
const SOON_DAYS: u16 = 30;

#[cfg(test)]
mod tests {
    use policy::{Basis, Validity};

    use super::*;

    fn asked(url: &str) -> String {
        let of = |id| {
            let validity = Validity::Fixed(jiff::Span::new().years(3));
            Purpose::new("shop", id, id, Basis::Consent, validity)
        };
        let filter = filter(
            &Query::read(Some(url)),
            &[of("a"), of("b")],
            (&TimeZone::UTC, Timestamp::UNIX_EPOCH),
        );
        filter.map_or_else(String::new, |filter| serde_json::to_string(&filter).unwrap())
    }

    #[test]
    fn each_word_is_the_filter_that_it_says() {
        for (url, filter) in [
            ("", ""),
            ("state=odd&customer=odd&from=x", ""),
            ("state=nothing", r#"{"and":[{"holds-nothing":{}}]}"#),
            ("state=holds", r#"{"and":[{"not":{"holds-nothing":{}}}]}"#),
            ("state=holds&purpose=a", r#"{"and":[{"or":[{"holds":"a"}]}]}"#),
            ("state=nothing&purpose=a", r#"{"and":[{"not":{"or":[{"holds":"a"}]}}]}"#),
            (
                "state=ends&days=7",
                r#"{"and":[{"or":[{"ends":{"purpose":"a","within_days":7}},{"ends":{"purpose":"b","within_days":7}}]}]}"#,
            ),
            (
                "state=refused-everything&customer=former",
                r#"{"and":[{"refused-everything":{}},{"customer":"former"}]}"#,
            ),
            ("country=CZ", r#"{"and":[{"country":["CZ"]}]}"#),
            ("until=2026-01-01", r#"{"and":[{"added":{"before":"2026-01-02T00:00:00Z"}}]}"#),
        ] {
            assert_eq!(asked(url), filter, "{url}");
        }
        for (state, _) in STATES {
            assert!(!asked(&format!("state={state}")).is_empty(), "{state}");
        }
        for (customer, _) in CUSTOMERS {
            assert!(!asked(&format!("customer={customer}")).is_empty(), "{customer}");
        }
    }
}
