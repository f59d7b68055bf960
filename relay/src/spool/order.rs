//! A person's order about what waits in the queue: which deliveries, what to do with them, why.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::domain::spelled;
use crate::{
    at_rest::{self, Column, Part},
    db::{Arg, Error, Row, int, text, uuid},
    seal::Secret,
};

/// Which deliveries: all that is named has to be a delivery's own; with nothing named, every one.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Which {
    /// Of the recipient.
    pub domain: Option<String>,
    pub stream: Option<String>,
    pub login: Option<String>,
    pub delivery: Option<Uuid>,
}

/// What is done with them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum What {
    /// They are not tried until it ends. Concerns what comes later, too.
    Pause,
    /// They are due at once: those that wait already.
    Retry,
    /// They are given up, and their senders told: those that wait already.
    Bounce,
    /// They go another way, and are due at once: those that wait already.
    Rebind,
}

/// What an order says beside.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct How {
    /// When a pause ends by itself.
    pub until: Option<Timestamp>,
    /// The route of relay.toml that a rebind sends by; `None`: the one that relay.toml chooses.
    pub route: Option<String>,
}

/// One that was given.
#[derive(Clone, Debug)]
pub struct Order {
    pub id: Uuid,
    pub at: Timestamp,
    /// `staff/<account>`, or the name of who is at the command line.
    pub by: String,
    pub what: What,
    pub which: Which,
    pub why: String,
    pub how: How,
    /// How many deliveries it was carried out on.
    pub done: u64,
    pub ended_at: Option<Timestamp>,
}

impl Which {
    /// Of a message by this login on this stream, to this domain (as [`super::domain()`] gives it).
    pub fn holds(&self, delivery: Uuid, domain: &str, stream: &str, login: &str) -> bool {
        let is = |asked: &Option<String>, own: &str| asked.as_ref().is_none_or(|one| one == own);
        self.delivery.is_none_or(|one| one == delivery)
            && self.domain.as_ref().is_none_or(|one| spelled(one) == domain)
            && is(&self.stream, stream)
            && is(&self.login, login)
    }

    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }
}

impl What {
    pub const ALL: [Self; 4] = [Self::Pause, Self::Retry, Self::Rebind, Self::Bounce];

    /// The database's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Retry => "retry",
            Self::Bounce => "bounce",
            Self::Rebind => "rebind",
        }
    }

    /// Of its word for people.
    pub fn text_id(self) -> &'static str {
        match self {
            Self::Pause => "console-queue-pause",
            Self::Retry => "console-queue-retry",
            Self::Bounce => "console-queue-bounce",
            Self::Rebind => "console-queue-rebind",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.as_str() == word)
    }
}

/// What is sealed of an order's row.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    why: String,
    domain: Option<String>,
}

impl Order {
    /// For the trail, with how many it is about: no domain and no reason, which may name people and
    /// are sealed in the order's own row.
    pub fn detail(&self, count: u64) -> serde_json::Value {
        let Which { domain, stream, login, delivery } = &self.which;
        serde_json::json!({
            "what": self.what.as_str(),
            "domain": domain.is_some(),
            "stream": stream,
            "login": login,
            "delivery": delivery,
            "until": self.how.until,
            "route": self.how.route,
            "count": count,
        })
    }

    /// Its row, in the order of [`COLUMNS`].
    pub(super) fn row(&self, secret: &Secret, domain: Option<i64>) -> Vec<Arg<'static>> {
        let optional = |value: &Option<String>| Arg::Text(value.clone().map(Into::into));
        let told =
            Told { why: self.why.clone(), domain: self.which.domain.as_deref().map(spelled) };
        // INVARIANT: our own types have string keys only, which JSON always takes.
        let told = serde_json::to_vec(&told).unwrap_or_default();
        let told = at_rest::seal(secret, Column::OrderTold, &[Part::Uuid(self.id)], &told);
        vec![
            uuid(self.id),
            int(self.at.as_millisecond()),
            text(self.by.clone()),
            text(self.what.as_str()),
            Arg::Int(domain),
            optional(&self.which.stream),
            optional(&self.which.login),
            Arg::Uuid(self.which.delivery),
            Arg::bytes(told),
            Arg::Int(self.how.until.map(Timestamp::as_millisecond)),
            optional(&self.how.route),
            uuid(Uuid::nil()),
            int(0),
            int(0),
        ]
    }

    /// From a row of [`READ`].
    pub(super) fn read(secret: &Secret, row: &Row) -> Result<Self, Error> {
        let fault = |what: &str| Error::Bug(format!("queue_order: {what}"));
        let id = row.uuid(0)?;
        let told = at_rest::open(secret, Column::OrderTold, &[Part::Uuid(id)], row.bytes(7)?)?;
        let told: Told = serde_json::from_slice(&told).map_err(|_| fault("told"))?;
        Ok(Self {
            id,
            at: row.time(1)?,
            by: row.text(2)?,
            what: What::parse(row.str(3)?).ok_or_else(|| fault("what"))?,
            which: Which {
                domain: told.domain,
                stream: row.opt_text(4)?,
                login: row.opt_text(5)?,
                delivery: row.opt_uuid(6)?,
            },
            why: told.why,
            how: How { until: row.opt_time(8)?, route: row.opt_text(9)? },
            done: row.count(10)?,
            ended_at: row.opt_time(11)?,
        })
    }
}

pub(super) const COLUMNS: &[&str] = &[
    "id", "at", "actor", "what", "domain", "stream", "login", "delivery", "told", "until", "route",
    "after", "met", "done",
];
pub(super) const READ: &str =
    "id, at, actor, what, stream, login, delivery, told, until, route, done, ended_at";
