//! Whether a contact is a customer: active, former, inactive or never one (S40..S44, S107).
//!
//! A pure function of what is on record and of the clocks of a pack. Whether the exemption carries a
//! message is the rules' to say: that takes similar goods and an offer to object, too.

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};
use policy::{Pack, Relation, RelationKind, Standing, Term};
use serde::{Deserialize, Serialize};

/// What a contact is to the business.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Customer {
    /// Has a contract, or bought not longer ago than the pack counts customers.
    Active,
    /// Bought longer ago and still shows signs of life.
    Former,
    /// Bought longer ago and has been silent for as long as the pack waits.
    Inactive,
    /// Never bought: only consent can carry a message (S44).
    Never,
}

/// The pack's terms, reckoned back from one moment: what happened after them counts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Clocks {
    pub now: Timestamp,
    /// Who bought at or after it is an active customer.
    pub bought: Timestamp,
    /// The same for goods of some categories, by the controller's own terms (S49).
    pub bought_of: BTreeMap<String, Timestamp>,
    /// Who showed a sign of life at or after it is not silent.
    pub lived: Timestamp,
}

impl Clocks {
    /// `classes`: for how long who bought goods of a category counts, where the controller says so;
    /// never longer than the pack allows.
    pub fn new(
        now: Timestamp,
        pack: &Pack,
        zone: &TimeZone,
        classes: &BTreeMap<String, Term>,
    ) -> Self {
        let terms = &pack.terms;
        let term = match terms.exemption.max_age {
            Some(term) if terms.exemption.enabled => term,
            Some(_) | None => terms.technical_notice.customers_for,
        };
        let bought = back(now, term, zone);
        let own = |(category, term): (&String, &Term)| {
            (category.clone(), back(now, *term, zone).max(bought))
        };
        Self {
            now,
            bought,
            bought_of: classes.iter().map(own).collect(),
            lived: back(now, terms.retention.max_inactive, zone),
        }
    }

    /// Since when a purchase of goods of these categories has to be; the longest of their terms.
    fn bought(&self, categories: &[String]) -> Timestamp {
        let own = categories.iter().filter_map(|one| self.bought_of.get(one));
        own.min().copied().unwrap_or(self.bought)
    }
}

/// The first moment from which the term has not run out at `now`: the calendar has no way back.
pub(super) fn back(now: Timestamp, term: Term, zone: &TimeZone) -> Timestamp {
    let days = i64::from(term.about_days()).saturating_add(MARGIN_DAYS) * DAY_MS;
    let (mut over, mut runs) =
        (now.as_millisecond().saturating_sub(days), now.as_millisecond() + 1);
    while runs - over > 1 {
        let middle = over + (runs - over) / 2;
        let from = Timestamp::from_millisecond(middle).unwrap_or(Timestamp::MIN);
        if term.after(from, zone) > now {
            runs = middle;
        } else {
            over = middle;
        }
    }
    Timestamp::from_millisecond(runs).unwrap_or(Timestamp::MIN)
}

pub fn customer(standing: &Standing, clocks: &Clocks) -> Customer {
    let sale = |one: &&Relation| is_sale(one) && one.at <= clocks.now;
    let sales: Vec<&Relation> = standing.relations.iter().filter(sale).collect();
    if sales.is_empty() {
        return Customer::Never;
    }
    let active =
        |one: &&Relation| ended(one).is_none_or(|end| end >= clocks.bought(&one.categories));
    if sales.iter().any(active) {
        return Customer::Active;
    }
    let ends = sales.iter().filter_map(|one| ended(one));
    let last = standing.last_activity.into_iter().chain(ends).max();
    if last.is_some_and(|at| at >= clocks.lived) { Customer::Former } else { Customer::Inactive }
}

fn is_sale(relation: &Relation) -> bool {
    matches!(relation.kind, RelationKind::Purchase | RelationKind::Contract)
}

/// `None`: the contract runs.
fn ended(relation: &Relation) -> Option<Timestamp> {
    match relation.kind {
        RelationKind::Contract => relation.ended_at,
        RelationKind::Purchase | RelationKind::Enquiry | RelationKind::Contest => {
            Some(relation.ended_at.unwrap_or(relation.at))
        }
    }
}

/// More than any term differs from its days counted.
const MARGIN_DAYS: i64 = 40;
const DAY_MS: i64 = 86_400_000;

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn pack(id: &str) -> Pack {
        Pack::builtin().into_iter().rfind(|pack| pack.id == id).unwrap()
    }

    fn day(year: i16, month: i8, day: i8) -> Timestamp {
        date(year, month, day).to_zoned(zone()).unwrap().timestamp()
    }

    fn zone() -> TimeZone {
        TimeZone::get("Europe/Prague").unwrap()
    }

    fn sale(kind: RelationKind, at: Timestamp, ended_at: Option<Timestamp>) -> Relation {
        Relation {
            kind,
            at,
            ended_at,
            categories: vec!["cars".into(), "toys".into()],
            wide_assortment: false,
            objection_offered: true,
            event: String::new(),
        }
    }

    #[test]
    fn a_term_is_reckoned_back_to_its_very_moment() {
        let zone = zone();
        for today in [day(2024, 2, 29), day(2026, 3, 29), day(2026, 10, 25), day(2025, 12, 31)] {
            for term in ["1 year", "4 years", "6 months", "1 month", "30 days", "10 working days"] {
                let term: Term = term.parse().unwrap();
                let first = back(today, term, &zone);
                let before = Timestamp::from_millisecond(first.as_millisecond() - 1).unwrap();
                assert!(term.after(first, &zone) > today, "{term} before {today}");
                assert!(term.after(before, &zone) <= today, "{term} before {today}");
            }
        }
    }

    #[test]
    fn customers_grow_old_by_the_clocks_of_their_pack() {
        use Customer::*;
        let none = BTreeMap::new();
        let bought = sale(RelationKind::Purchase, day(2020, 5, 1), Some(day(2020, 5, 1)));
        let runs = sale(RelationKind::Contract, day(2020, 5, 1), None);
        let ended = sale(RelationKind::Contract, day(2019, 5, 1), Some(day(2020, 5, 1)));
        let asked = sale(RelationKind::Enquiry, day(2020, 5, 1), None);
        let read = Some(day(2023, 5, 1));
        for (what, id, relation, last, expected) in [
            (
                "bought",
                "cz",
                &bought,
                None,
                vec![
                    (day(2020, 4, 30), Never),
                    (day(2020, 5, 1), Active),
                    (day(2024, 4, 30), Active),
                    (day(2024, 5, 1), Inactive),
                ],
            ),
            (
                "bought and reads",
                "cz",
                &bought,
                read,
                vec![
                    (day(2024, 5, 1), Former),
                    (day(2027, 4, 30), Former),
                    (day(2027, 5, 1), Inactive),
                ],
            ),
            (
                "bought in Slovakia",
                "sk",
                &bought,
                read,
                vec![(day(2021, 4, 30), Active), (day(2023, 5, 2), Former)],
            ),
            ("has a contract", "sk", &runs, None, vec![(day(2040, 1, 1), Active)]),
            (
                "had a contract",
                "sk",
                &ended,
                None,
                vec![(day(2021, 4, 30), Active), (day(2024, 1, 1), Inactive)],
            ),
            ("asked", "cz", &asked, read, vec![(day(2020, 6, 1), Never)]),
        ] {
            let standing = Standing {
                relations: vec![relation.clone()],
                last_activity: last,
                ..Standing::default()
            };
            for (now, expected) in expected {
                let clocks = Clocks::new(now, &pack(id), &zone(), &none);
                assert_eq!(customer(&standing, &clocks), expected, "{what} at {now}");
            }
        }
    }

    #[test]
    fn a_category_has_its_own_term_and_never_a_longer_one_than_the_pack() {
        let classes = BTreeMap::from([
            ("toys".to_owned(), Term::days(30)),
            ("shirts".to_owned(), Term::years(9)),
        ]);
        let standing = |category: &str| Standing {
            relations: vec![Relation {
                categories: vec![category.to_owned()],
                ..sale(RelationKind::Purchase, day(2020, 5, 1), None)
            }],
            ..Standing::default()
        };
        let now = day(2021, 5, 1);
        let clocks = Clocks::new(now, &pack("cz"), &zone(), &classes);
        assert_eq!(customer(&standing("toys"), &clocks), Customer::Former);
        assert_eq!(customer(&standing("cars"), &clocks), Customer::Active);
        assert_eq!(clocks.bought_of["shirts"], clocks.bought);
    }
}
