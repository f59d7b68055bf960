//! A filter as the condition of a query over `contact c`, the same text on both databases.

use jiff::Timestamp;
use policy::Activity;

use super::{Between, Filter};
use crate::{
    consent::{
        customer::{Clocks, Customer},
        record::is_refused,
    },
    db::{Arg, int, text, word},
};

/// Grants `g` of contact `c`, with their purposes `p`.
pub(super) const GRANTS: &str = "grant_now g CROSS JOIN purpose p \
     WHERE g.contact = c.id AND p.controller = c.controller AND p.id = g.purpose";

/// Of one of [`GRANTS`]: given and in force `now`, and not over at `until`; both as SQL has them.
pub(super) fn valid(now: &str, until: &str) -> String {
    let refused = is_refused("c.id", "g.purpose", " AND r.since >= g.valid_from");
    format!(
        "g.valid_from <= {now} AND g.valid_until > {until} \
         AND (g.withdrawn_at IS NULL OR g.withdrawn_at > {now}) \
         AND (p.closed_at IS NULL OR p.closed_at > {now}) \
         AND g.source = 'own' AND g.method <> 'preticked' \
         AND (p.double_opt_in = 0 OR g.confirmed_at IS NOT NULL) \
         AND (p.once = 0 OR NOT EXISTS (SELECT 1 FROM sent s WHERE s.key = c.key \
            AND s.purpose = g.purpose AND s.at >= g.valid_from AND s.at <= {now} \
            AND s.class <> 'opt-in-confirmation')) \
         AND NOT ((p.basis = 'consent' OR p.basis = 'legitimate-interest') AND {refused})"
    )
}

/// The condition, and the values that its `$n` stand for, from `$first` on.
pub(super) struct Condition {
    pub(super) sql: String,
    pub(super) args: Vec<Arg<'static>>,
}

pub(super) fn condition(filter: &Filter, clocks: &Clocks, first: usize) -> Condition {
    let mut made = Maker { clocks, first, args: Vec::new() };
    let sql = made.filter(filter);
    Condition { sql, args: made.args }
}

struct Maker<'a> {
    clocks: &'a Clocks,
    first: usize,
    args: Vec<Arg<'static>>,
}

impl Maker<'_> {
    fn filter(&mut self, filter: &Filter) -> String {
        match filter {
            Filter::And(all) => self.all(all, " AND ", "1 = 1"),
            Filter::Or(all) => self.all(all, " OR ", "1 = 0"),
            Filter::Not(one) => format!("NOT {}", self.filter(one)),
            Filter::Holds(purpose) => self.holds(Some(purpose), None),
            Filter::HoldsNothing {} => format!("NOT {}", self.holds(None, None)),
            Filter::Ends { purpose, within_days } => self.ends(purpose, *within_days),
            Filter::Expired(purpose) => self.expired(purpose),
            Filter::Refused(purpose) => self.refused(Some(purpose)),
            Filter::RefusedEverything {} => self.refused(None),
            Filter::Customer(customer) => self.customer(*customer),
            Filter::Bought(category) => {
                let category = self.category(category);
                self.sale(&category)
            }
            Filter::Informed {} => {
                "EXISTS (SELECT 1 FROM notice_now n WHERE n.contact = c.id)".to_owned()
            }
            Filter::Reactivating {} => {
                "EXISTS (SELECT 1 FROM reactivation_now a WHERE a.contact = c.id)".to_owned()
            }
            Filter::Country(codes) => self.country(codes),
            Filter::Added(Between { from, before }) => {
                let mut sql = String::from("(1 = 1");
                for (at, sign) in [(from, ">="), (before, "<")] {
                    if let Some(at) = at {
                        let at = self.time(*at);
                        sql.push_str(&format!(" AND c.created_at {sign} {at}"));
                    }
                }
                sql + ")"
            }
            Filter::Silent { since, kind } => self.silent(*since, *kind),
        }
    }

    fn all(&mut self, all: &[Filter], between: &str, none: &str) -> String {
        if all.is_empty() {
            return format!("({none})");
        }
        let all: Vec<String> = all.iter().map(|one| self.filter(one)).collect();
        format!("({})", all.join(between))
    }

    /// As `state` has it: given and in force. With `beyond`, only what is valid then, too.
    fn holds(&mut self, purpose: Option<&str>, beyond: Option<Timestamp>) -> String {
        let now = self.time(self.clocks.now);
        let of = match purpose {
            Some(id) => format!(" AND g.purpose = {}", self.put(text(id.to_owned()))),
            None => String::new(),
        };
        let until = match beyond {
            Some(at) => self.time(at),
            None => now.clone(),
        };
        let valid = valid(&now, &until);
        format!("EXISTS (SELECT 1 FROM {GRANTS}{of} AND {valid})")
    }

    fn ends(&mut self, purpose: &str, within_days: u16) -> String {
        let ahead = jiff::SignedDuration::from_hours(24 * i64::from(within_days));
        let end = self.clocks.now.checked_add(ahead).unwrap_or(Timestamp::MAX);
        let (now, then) = (self.holds(Some(purpose), None), self.holds(Some(purpose), Some(end)));
        format!("({now} AND NOT {then})")
    }

    fn expired(&mut self, purpose: &str) -> String {
        let (holds, refused) = (self.holds(Some(purpose), None), self.refused(Some(purpose)));
        let (id, now) = (self.put(text(purpose.to_owned())), self.time(self.clocks.now));
        format!(
            "(NOT {holds} AND NOT {refused} AND EXISTS (SELECT 1 FROM grant_now g \
             WHERE g.contact = c.id AND g.purpose = {id} AND g.valid_until <= {now} \
             AND g.withdrawn_at IS NULL))"
        )
    }

    fn refused(&mut self, purpose: Option<&str>) -> String {
        match purpose {
            Some(id) => is_refused("c.id", &self.put(text(id.to_owned())), ""),
            // None is left out.
            None => "EXISTS (SELECT 1 FROM refusal_now r WHERE r.contact = c.id AND r.scope = '' \
                     AND NOT EXISTS (SELECT 1 FROM refusal_now x WHERE x.contact = c.id \
                     AND x.lifted = 1))"
                .to_owned(),
        }
    }

    /// As `customer` has it.
    fn customer(&mut self, customer: Customer) -> String {
        // A value that the text does not name would be one too many.
        match customer {
            Customer::Never => format!("NOT {}", self.sale("1 = 1")),
            Customer::Active => self.active(),
            Customer::Former => self.past(""),
            Customer::Inactive => self.past("NOT "),
        }
    }

    /// Bought once, not of late, and shows signs of life, or (`NOT `) none.
    fn past(&mut self, not: &str) -> String {
        let (any, active) = (self.sale("1 = 1"), self.active());
        let lived = self.time(self.clocks.lived);
        let late = self.sale(&format!("COALESCE(l.ended_at, l.at) >= {lived}"));
        let lives = format!("(COALESCE(c.last_activity >= {lived}, 1 = 0) OR {late})");
        format!("({any} AND NOT {active} AND {not}{lives})")
    }

    fn active(&mut self) -> String {
        let recent = self.recent();
        self.sale(&recent)
    }

    /// A contract that runs, or a sale not longer ago than its goods' own term, or else the pack's.
    fn recent(&mut self) -> String {
        let bought = self.time(self.clocks.bought);
        let own: Vec<(String, Timestamp)> =
            self.clocks.bought_of.iter().map(|(name, at)| (name.clone(), *at)).collect();
        let mut none = String::new();
        let mut some = String::new();
        for (name, at) in own {
            let (of, at) = (self.category(&name), self.time(at));
            none.push_str(&format!(" AND NOT {of}"));
            some.push_str(&format!(" OR ({of} AND COALESCE(l.ended_at, l.at) >= {at})"));
        }
        format!(
            "((l.kind = 'contract' AND l.ended_at IS NULL) \
             OR (COALESCE(l.ended_at, l.at) >= {bought}{none}){some})"
        )
    }

    fn sale(&mut self, also: &str) -> String {
        let now = self.time(self.clocks.now);
        format!(
            "EXISTS (SELECT 1 FROM relation_now l WHERE l.contact = c.id \
             AND (l.kind = 'purchase' OR l.kind = 'contract') AND l.at <= {now} AND {also})"
        )
    }

    /// Among the categories of a relation, which are a JSON list.
    fn category(&mut self, name: &str) -> String {
        let name = self.put(text(serde_json::Value::from(name).to_string()));
        format!("REPLACE(l.categories, {name}, '') <> l.categories")
    }

    fn country(&mut self, codes: &[String]) -> String {
        let mut any = vec!["1 = 0".to_owned()];
        for code in codes {
            let code = self.put(text(code.to_ascii_uppercase()));
            any.push(format!("COALESCE(c.country, '') = {code}"));
        }
        format!("({})", any.join(" OR "))
    }

    fn silent(&mut self, since: Timestamp, kind: Option<Activity>) -> String {
        let since = self.time(since);
        match kind {
            None => format!("(c.last_activity IS NULL OR c.last_activity < {since})"),
            Some(kind) => {
                let kind = self.put(text(word(&kind)));
                format!(
                    "NOT EXISTS (SELECT 1 FROM activity_now a WHERE a.contact = c.id \
                     AND a.kind = {kind} AND a.at >= {since})"
                )
            }
        }
    }

    fn time(&mut self, at: Timestamp) -> String {
        self.put(int(at.as_millisecond()))
    }

    fn put(&mut self, arg: Arg<'static>) -> String {
        self.args.push(arg);
        format!("${}", self.first + self.args.len() - 1)
    }
}
