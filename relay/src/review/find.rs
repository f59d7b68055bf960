//! Held deliveries that match, oldest first, a page at a time; counted by campaign and rule.
//!
//! What somebody may see is asked for in SQL: the controllers through their streams, and the logins.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Code, Review, Way};
pub use crate::decisions::Scope;
use crate::{
    config::Business,
    db::{Arg, Conditions, Error, Row, int, size, text, uuid},
    seal::AddressKey,
};

/// What to find; everything asked for must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// `None`: whatever there is.
    pub scope: Option<Scope>,
    /// Any of these; empty: whichever.
    pub ids: Vec<Uuid>,
    pub rule: Option<String>,
    pub stream: Option<String>,
    pub controller: Option<String>,
    pub login: Option<String>,
    pub class: Option<String>,
    /// Any of these; `None`: whichever.
    pub campaigns: Option<Vec<i64>>,
    pub state: Option<State>,
    /// Who looks at it.
    pub locked_by: Option<String>,
    /// Any of these; `None`: whoever.
    pub recipients: Option<Vec<AddressKey>>,
    pub message: Option<Uuid>,
    /// Held since then or longer.
    pub until: Option<Timestamp>,
}

/// How far people are with it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    New,
    /// Somebody looks at it.
    InReview,
    /// Somebody proposed to let it go, and another one has to agree.
    AwaitingSecond,
}

/// One held delivery.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    pub id: Uuid,
    pub message: Uuid,
    /// Since when.
    pub at: Timestamp,
    pub stream: String,
    pub login: String,
    pub class: String,
    /// Empty where its edits cannot be made.
    pub rule: String,
    /// 0: not known.
    pub campaign: i64,
    pub key: AddressKey,
    /// As long as they hold.
    pub lock: Option<Lock>,
    pub proposal: Option<Proposal>,
}

/// Who looks at it, and until when.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Lock {
    pub by: String,
    pub until: Timestamp,
}

/// To let it go.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Proposal {
    pub by: String,
    pub at: Timestamp,
    pub until: Timestamp,
    pub way: Way,
    pub code: Code,
}

/// Held deliveries that are alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub campaign: i64,
    pub rule: String,
    pub stream: String,
    pub login: String,
    pub class: String,
    pub count: u64,
    /// Since when the first and the last of them are held.
    pub first: Timestamp,
    pub last: Timestamp,
}

/// How many there are in each state.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Count {
    pub new: u64,
    pub in_review: u64,
    pub awaiting_second: u64,
}

impl State {
    pub const ALL: [Self; 3] = [Self::New, Self::InReview, Self::AwaitingSecond];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::InReview => "in-review",
            Self::AwaitingSecond => "awaiting-second",
        }
    }

    /// Of its word for people.
    pub fn text_id(self) -> &'static str {
        match self {
            Self::New => "console-held-state-new",
            Self::InReview => "console-held-state-in-review",
            Self::AwaitingSecond => "console-held-state-awaiting-second",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

impl Held {
    pub fn state(&self) -> State {
        match (&self.proposal, &self.lock) {
            (Some(_), _) => State::AwaitingSecond,
            (None, Some(_)) => State::InReview,
            (None, None) => State::New,
        }
    }
}

impl Count {
    pub fn all(&self) -> u64 {
        self.new + self.in_review + self.awaiting_second
    }
}

impl Review {
    /// The next page behind `after`, oldest first.
    pub async fn list(
        &self,
        now: Timestamp,
        filter: &Filter,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<Held>, Error> {
        let mut asked = Conditions::new(vec![size(limit)]);
        filter.ask(&self.business.load(), now, &mut asked);
        asked.ask("id > $", after.map(uuid));
        let (asked, args) = asked.finish();
        let sql = format!("SELECT {COLUMNS} FROM held WHERE {asked} ORDER BY id LIMIT $1");
        let rows = self.db.read().await?.rows(&sql, args).await?;
        rows.iter().map(|row| read(now, row)).collect()
    }

    /// One of them, where it is among those that may be seen.
    pub async fn held(
        &self,
        now: Timestamp,
        scope: Option<Scope>,
        id: Uuid,
    ) -> Result<Option<Held>, Error> {
        let filter = Filter { scope, ids: vec![id], ..Filter::default() };
        Ok(self.list(now, &filter, None, 1).await?.pop())
    }

    /// By campaign and rule; those with the oldest first.
    pub async fn groups(
        &self,
        now: Timestamp,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Group>, Error> {
        let mut asked = Conditions::new(vec![size(limit)]);
        filter.ask(&self.business.load(), now, &mut asked);
        let (asked, args) = asked.finish();
        let sql = format!(
            "SELECT campaign, rule, stream, login, class, COUNT(*), MIN(at), MAX(at) FROM held \
             WHERE {asked} GROUP BY campaign, rule, stream, login, class \
             ORDER BY MIN(at), campaign, rule LIMIT $1"
        );
        let rows = self.db.read().await?.rows(&sql, args).await?;
        rows.iter()
            .map(|row| {
                Ok(Group {
                    campaign: row.int(0)?,
                    rule: row.text(1)?,
                    stream: row.text(2)?,
                    login: row.text(3)?,
                    class: row.text(4)?,
                    count: row.count(5)?,
                    first: row.time(6)?,
                    last: row.time(7)?,
                })
            })
            .collect()
    }

    /// How many match, by their state.
    pub async fn count(&self, now: Timestamp, filter: &Filter) -> Result<Count, Error> {
        let mut asked = Conditions::new(vec![int(now.as_millisecond())]);
        let filter = Filter { state: None, ..filter.clone() };
        filter.ask(&self.business.load(), now, &mut asked);
        let (asked, args) = asked.finish();
        let sql = format!(
            "SELECT COUNT(*), \
             CAST(COALESCE(SUM(CASE WHEN proposed_until > $1 THEN 1 ELSE 0 END), 0) AS BIGINT), \
             CAST(COALESCE(SUM(CASE WHEN proposed_until > $1 THEN 0 \
             WHEN locked_until > $1 THEN 1 ELSE 0 END), 0) AS BIGINT) \
             FROM held WHERE {asked}"
        );
        let rows = self.db.read().await?.rows(&sql, args).await?;
        let Some(row) = rows.first() else { return Ok(Count::default()) };
        let (all, awaiting_second, in_review) = (row.count(0)?, row.count(1)?, row.count(2)?);
        let new = all.saturating_sub(awaiting_second + in_review);
        Ok(Count { new, in_review, awaiting_second })
    }
}

impl Filter {
    /// For all of it in one `WHERE`.
    pub(super) fn ask(&self, business: &Business, now: Timestamp, asked: &mut Conditions<'static>) {
        if let Some(Scope { controllers, logins }) = &self.scope {
            let owned = streams_of(business, |id| controllers.iter().any(|own| own == id));
            let streams = asked.one_of("stream", owned.into_iter().map(text));
            let logins = asked.one_of("login", logins.iter().cloned().map(text));
            asked.also(&format!("({streams} OR {logins})"));
        }
        if let Some(controller) = &self.controller {
            let owned = streams_of(business, |id| id == controller);
            let streams = asked.one_of("stream", owned.into_iter().map(text));
            asked.also(&streams);
        }
        asked.ask("rule = $", self.rule.clone().map(text));
        asked.ask("stream = $", self.stream.clone().map(text));
        asked.ask("login = $", self.login.clone().map(text));
        asked.ask("class = $", self.class.clone().map(text));
        asked.among("id {in}", self.ids.iter().map(|id| uuid(*id)));
        if let Some(campaigns) = &self.campaigns {
            let campaigns = asked.one_of("campaign", campaigns.iter().map(|id| int(*id)));
            asked.also(&campaigns);
        }
        if let Some(recipients) = &self.recipients {
            let keys = asked.one_of("key", recipients.iter().map(|one| Arg::bytes(one.0.to_vec())));
            asked.also(&keys);
        }
        asked.ask("message = $", self.message.map(uuid));
        asked.ask("at <= $", self.until.map(|until| int(until.as_millisecond())));
        if let Some(by) = &self.locked_by {
            let locked = later("locked_until", now, asked);
            asked.ask("locked_by = $", Some(text(by.clone())));
            asked.also(&locked);
        }
        if let Some(state) = self.state {
            in_state(state, now, asked);
        }
    }
}

fn in_state(state: State, now: Timestamp, asked: &mut Conditions<'static>) {
    let proposed = later("proposed_until", now, asked);
    if state == State::AwaitingSecond {
        return asked.also(&proposed);
    }
    let locked = later("locked_until", now, asked);
    let not = if state == State::New { "NOT " } else { "" };
    asked.also(&format!("NOT {proposed} AND {not}{locked}"));
}

/// A moment that has not come yet; none is one that has.
fn later(column: &str, now: Timestamp, asked: &mut Conditions<'static>) -> String {
    format!("COALESCE({column}, 0) > {}", asked.place(int(now.as_millisecond())))
}

fn streams_of(business: &Business, whose: impl Fn(&str) -> bool) -> Vec<String> {
    let streams = business.streams.iter().map(|mapping| &mapping.stream);
    let own = streams.filter(|stream| whose(&stream.controller.id));
    own.map(|stream| stream.id.clone()).collect()
}

pub(super) fn read(now: Timestamp, row: &Row) -> Result<Held, Error> {
    let lock = row.opt_text(9)?.zip(row.opt_time(10)?).map(|(by, until)| Lock { by, until });
    Ok(Held {
        id: row.uuid(0)?,
        message: row.uuid(1)?,
        at: row.time(2)?,
        stream: row.text(3)?,
        login: row.text(4)?,
        class: row.text(5)?,
        rule: row.text(6)?,
        campaign: row.int(7)?,
        key: AddressKey(row.key(8)?),
        lock: lock.filter(|lock| lock.until > now),
        proposal: proposal(row)?.filter(|proposal| proposal.until > now),
    })
}

fn proposal(row: &Row) -> Result<Option<Proposal>, Error> {
    let made = (row.opt_text(11)?, row.opt_time(12)?, row.opt_time(13)?);
    let (Some(by), Some(at), Some(until)) = made else { return Ok(None) };
    let way = row.opt_text(14)?.as_deref().and_then(Way::parse);
    let code = row.opt_text(15)?.as_deref().and_then(Code::parse);
    let fault = || Error::Bug("held: a proposal that nobody could make".into());
    Ok(Some(Proposal { by, at, until, way: way.ok_or_else(fault)?, code: code.ok_or_else(fault)? }))
}

pub(super) const COLUMNS: &str = "id, message, at, stream, login, class, rule, campaign, key, \
    locked_by, locked_until, proposed_by, proposed_at, proposed_until, proposed_way, proposed_code";
