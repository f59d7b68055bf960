//! Which contacts of a controller: by purposes, ends, refusals, relation, country and dates,
//! combined by and, or, not (S14, S15, S35..S37).
//!
//! A filter is JSON that people and programs write, so it has limits. What it means in SQL is
//! `sql`'s; nothing of it is ever pasted into a statement.

mod coverage;
mod page;
mod sql;

use jiff::Timestamp;
use policy::Activity;
use serde::{Deserialize, Serialize};

pub use coverage::{Coverage, ENDS_DAYS, Held};
pub use page::{Listed, Page};

use super::customer::Customer;

/// One condition, or several. `{"and": []}` is everybody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Filter {
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    /// A valid grant of this purpose now.
    Holds(String),
    /// No valid grant of any purpose now (S35): `{"holds-nothing": {}}`.
    HoldsNothing {},
    /// A valid grant of the purpose now, and none of it that reaches further than this many days.
    Ends {
        purpose: String,
        within_days: u16,
    },
    /// A grant of the purpose ran out, none is valid now, and the purpose was not refused.
    Expired(String),
    /// Refused the purpose, or everything.
    Refused(String),
    /// Refused everything: `{"refused-everything": {}}`.
    RefusedEverything {},
    Customer(Customer),
    /// Bought goods of the category, or has a contract about them.
    Bought(String),
    /// Was told of the processing (S70): `{"informed": {}}`.
    Informed {},
    /// Was silent for so long that it waits for a last campaign: `{"reactivating": {}}`.
    Reactivating {},
    /// One of these, as in `CZ`; an empty text is for those of whom none is known.
    Country(Vec<String>),
    /// Came on record in this time.
    Added(Between),
    /// The last sign of life of this kind, or of any, was before; or there was none.
    Silent {
        since: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<Activity>,
    },
}

/// From a moment on, and before another; either may be left out.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Between {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Timestamp>,
}

/// Why a text is no filter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FilterFault {
    /// Not JSON of the right shape: what the reader said.
    Shape(String),
    /// More than [`CONDITIONS_MAX`] conditions.
    Long,
    /// Nested deeper than [`DEPTH_MAX`].
    Deep,
    /// A text longer than [`TEXT_MAX`] bytes, or more than [`LIST_MAX`] countries.
    Value,
}

impl std::fmt::Display for FilterFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Shape(why) => write!(f, "not a filter: {why}"),
            Self::Long => write!(f, "a filter has at most {CONDITIONS_MAX} conditions"),
            Self::Deep => write!(f, "a filter is nested at most {DEPTH_MAX} deep"),
            Self::Value => write!(
                f,
                "a value of a filter has at most {TEXT_MAX} bytes, a list at most {LIST_MAX} values"
            ),
        }
    }
}

impl std::error::Error for FilterFault {}

impl Filter {
    pub fn everybody() -> Self {
        Self::And(Vec::new())
    }

    /// Reads JSON and holds it to the limits.
    pub fn parse(json: &str) -> Result<Self, FilterFault> {
        let filter: Self =
            serde_json::from_str(json).map_err(|fault| FilterFault::Shape(fault.to_string()))?;
        filter.check()?;
        Ok(filter)
    }

    /// Holds a filter that was read elsewhere to the limits.
    pub fn check(&self) -> Result<(), FilterFault> {
        let mut left = CONDITIONS_MAX;
        self.walk(DEPTH_MAX, &mut left)
    }

    fn walk(&self, depth: usize, left: &mut usize) -> Result<(), FilterFault> {
        *left = left.checked_sub(1).ok_or(FilterFault::Long)?;
        let below = depth.checked_sub(1).ok_or(FilterFault::Deep)?;
        let text = |text: &String| {
            if text.len() <= TEXT_MAX { Ok(()) } else { Err(FilterFault::Value) }
        };
        match self {
            Self::And(all) | Self::Or(all) => all.iter().try_for_each(|one| one.walk(below, left)),
            Self::Not(one) => one.walk(below, left),
            Self::Holds(id)
            | Self::Expired(id)
            | Self::Refused(id)
            | Self::Bought(id)
            | Self::Ends { purpose: id, .. } => text(id),
            Self::Country(codes) if codes.len() > LIST_MAX => Err(FilterFault::Value),
            Self::Country(codes) => codes.iter().try_for_each(text),
            Self::HoldsNothing {}
            | Self::RefusedEverything {}
            | Self::Customer(_)
            | Self::Informed {}
            | Self::Reactivating {}
            | Self::Added(_)
            | Self::Silent { .. } => Ok(()),
        }
    }
}

/// A person writes ten, a program some dozens; each is a question for every contact.
pub const CONDITIONS_MAX: usize = 64;
pub const DEPTH_MAX: usize = 8;
pub const TEXT_MAX: usize = 200;
pub const LIST_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for text in [
            r#"{"and":[]}"#,
            r#"{"or":[{"holds":"news"},{"not":{"holds-nothing":{}}}]}"#,
            r#"{"ends":{"purpose":"news","within_days":30}}"#,
            r#"{"and":[{"expired":"news"},{"refused":"news"},{"refused-everything":{}}]}"#,
            r#"{"and":[{"customer":"former"},{"bought":"cars"},{"country":["CZ",""]}]}"#,
            r#"{"added":{"from":"2026-01-01T00:00:00Z"}}"#,
            r#"{"silent":{"since":"2026-01-01T00:00:00Z","kind":"open"}}"#,
        ] {
            let filter = Filter::parse(text).unwrap();
            assert_eq!(serde_json::to_string(&filter).unwrap(), text);
        }
    }

    #[test]
    fn a_filter_has_limits() {
        let many = |count: usize| Filter::And(vec![Filter::HoldsNothing {}; count]);
        let deep = |count: usize| {
            (1..count).fold(Filter::HoldsNothing {}, |inner, _| Filter::Not(Box::new(inner)))
        };
        let named = |len: usize| Filter::Holds("x".repeat(len));
        let codes = |count: usize| Filter::Country(vec!["CZ".into(); count]);
        for (filter, expected) in [
            (many(CONDITIONS_MAX - 1), Ok(())),
            (many(CONDITIONS_MAX), Err(FilterFault::Long)),
            (deep(DEPTH_MAX), Ok(())),
            (deep(DEPTH_MAX + 1), Err(FilterFault::Deep)),
            (named(TEXT_MAX), Ok(())),
            (named(TEXT_MAX + 1), Err(FilterFault::Value)),
            (codes(LIST_MAX), Ok(())),
            (codes(LIST_MAX + 1), Err(FilterFault::Value)),
        ] {
            assert_eq!(filter.check(), expected);
        }
        // What is nested without end is not even read to its end.
        let endless = r#"{"not":"#.repeat(100_000);
        for text in ["", "[]", "{}", r#"{"holds":1}"#, r#"{"name":"x"}"#, &endless] {
            assert!(matches!(Filter::parse(text), Err(FilterFault::Shape(_))), "{text:.20}");
        }
    }
}
