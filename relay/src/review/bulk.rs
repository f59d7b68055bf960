//! The same word for many held deliveries: tried out first, begun by a person, done in the background,
//! stopped by anybody who may decide. All of it is in the database, so a restart goes on where it was.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{Code, Filter, Refused, Review, Way, Word, desk::after};
use crate::{
    at_rest::{self, Column, Part},
    db::{Arg, Conditions, Error, Row, int, size, text, uuid},
};

/// What is done with each.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum What {
    Release(Way),
    Reject { tells: bool },
}

/// How far it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stage {
    /// What would come of each is found out.
    Trying,
    /// It may be begun.
    Tried,
    /// A second person has to agree.
    Proposed,
    Running,
    Done,
    Cancelled,
}

/// What would come, or came, of one of them.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Item {
    /// As it was asked for.
    Goes,
    /// Only with a second person's word.
    NeedsTwo,
    /// What stands in the way is not a person's to waive.
    Stands,
    /// Somebody else looks at it.
    Locked,
    /// It is held no more.
    Gone,
    /// Its stream or its recipient cannot be made out.
    Unreadable,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct Bulk {
    pub id: Uuid,
    pub at: Timestamp,
    pub by: String,
    /// Until when it may be begun.
    pub until: Timestamp,
    pub what: What,
    pub code: Code,
    pub stage: Stage,
    /// Who agreed to it.
    pub second: Option<String>,
    pub ended_at: Option<Timestamp>,
}

/// How many items, by what would come and what came of them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Progress {
    pub all: u64,
    pub tried: BTreeMap<Item, u64>,
    pub came: BTreeMap<Item, u64>,
}

/// What was made of a selection.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Made {
    Bulk(Uuid),
    Nothing,
    /// More than [`ITEMS_MAX`].
    TooMany(u64),
}

/// Of one bulk.
pub const ITEMS_MAX: u64 = 50_000;

impl What {
    pub const ALL: [Self; 4] = [
        Self::Release(Way::AsIs),
        Self::Release(Way::Repaired),
        Self::Reject { tells: true },
        Self::Reject { tells: false },
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Release(Way::AsIs) => "release-as-is",
            Self::Release(Way::Repaired) => "release-repaired",
            Self::Reject { tells: true } => "reject",
            Self::Reject { tells: false } => "drop",
        }
    }

    /// Of its word for people.
    pub fn text_id(self) -> &'static str {
        match self {
            Self::Release(Way::AsIs) => "console-held-way-as-is",
            Self::Release(Way::Repaired) => "console-held-way-repaired",
            Self::Reject { tells: true } => "console-held-tell-sender",
            Self::Reject { tells: false } => "console-held-tell-nobody",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.as_str() == word)
    }

    pub fn releases(self) -> bool {
        matches!(self, Self::Release(_))
    }
}

impl Stage {
    const ALL: [Self; 6] =
        [Self::Trying, Self::Tried, Self::Proposed, Self::Running, Self::Done, Self::Cancelled];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trying => "trying",
            Self::Tried => "tried",
            Self::Proposed => "proposed",
            Self::Running => "running",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }

    /// Of its word for people.
    pub fn text_id(self) -> &'static str {
        match self {
            Self::Trying => "console-bulk-trying",
            Self::Tried => "console-bulk-tried",
            Self::Proposed => "console-bulk-proposed",
            Self::Running => "console-bulk-running",
            Self::Done => "console-bulk-done",
            Self::Cancelled => "console-bulk-cancelled",
        }
    }

    /// Work goes on.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Trying | Self::Running)
    }

    /// Nothing will change any more.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled)
    }
}

impl Item {
    pub const ALL: [Self; 6] =
        [Self::Goes, Self::NeedsTwo, Self::Stands, Self::Locked, Self::Gone, Self::Unreadable];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Goes => "goes",
            Self::NeedsTwo => "needs-two",
            Self::Stands => "stands",
            Self::Locked => "locked",
            Self::Gone => "gone",
            Self::Unreadable => "unreadable",
        }
    }

    /// Of its word for people.
    pub fn text_id(self) -> &'static str {
        match self {
            Self::Goes => "console-bulk-item-goes",
            Self::NeedsTwo => "console-bulk-item-needs-two",
            Self::Stands => "console-bulk-item-stands",
            Self::Locked => "console-bulk-item-locked",
            Self::Gone => "console-bulk-item-gone",
            Self::Unreadable => "console-bulk-item-unreadable",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|item| item.as_str() == word)
    }
}

impl Progress {
    /// How many are done with, in the stage that the bulk is in.
    pub fn reached(&self, stage: Stage) -> u64 {
        let of = if stage == Stage::Trying { &self.tried } else { &self.came };
        of.values().sum()
    }
}

impl Review {
    /// Gathers what matches. What would come of each is found out in the background.
    pub async fn bulk(
        &self,
        now: Timestamp,
        filter: &Filter,
        what: What,
        word: &Word,
    ) -> Result<Made, Refused> {
        let count = self.count(now, filter).await?.all();
        if count > ITEMS_MAX {
            return Ok(Made::TooMany(count));
        }
        let id = Uuid::now_v7();
        let limit = size(ITEMS_MAX);
        let mut asked = Conditions::new(vec![uuid(id), limit]);
        filter.ask(&self.business.load(), now, &mut asked);
        let (asked, args) = asked.finish();
        // Nothing has to be found out about what is rejected.
        let tried = if what.releases() { "CAST(NULL AS TEXT)" } else { "'goes'" };
        let sql = format!(
            "INSERT INTO held_bulk_item (bulk, message, held, stream, login, tried) \
             SELECT $1, message, id, stream, login, {tried} FROM held WHERE {asked} LIMIT $2"
        );
        let mut tx = self.db.begin().await?;
        if tx.run(&sql, args).await? == 0 {
            return Ok(Made::Nothing);
        }
        let stage = if what.releases() { Stage::Trying } else { Stage::Tried };
        let reason = word.reason.as_bytes();
        let reason = at_rest::seal(&self.secret, Column::BulkReason, &[Part::Uuid(id)], reason);
        let row = vec![
            uuid(id),
            int(now.as_millisecond()),
            text(word.by.clone()),
            int(now.checked_add(WAITS).unwrap_or(now).as_millisecond()),
            text(what.as_str()),
            text(word.code.as_str()),
            Arg::bytes(reason),
            text(stage.as_str()),
        ];
        let columns = &["id", "at", "actor", "until", "what", "code", "reason", "state"];
        tx.insert("held_bulk", columns, row, "").await?;
        tx.commit().await?;
        Ok(Made::Bulk(id))
    }

    pub async fn bulk_of(&self, id: Uuid) -> Result<Option<Bulk>, Error> {
        let sql = format!("SELECT {BULK} FROM held_bulk WHERE id = $1");
        let rows = self.db.read().await?.rows(&sql, vec![uuid(id)]).await?;
        rows.first().map(read).transpose()
    }

    /// The newest ones.
    pub async fn bulks(&self, limit: i64) -> Result<Vec<Bulk>, Error> {
        let sql = format!("SELECT {BULK} FROM held_bulk ORDER BY id DESC LIMIT $1");
        let rows = self.db.read().await?.rows(&sql, vec![int(limit)]).await?;
        rows.iter().map(read).collect()
    }

    /// Why, in its maker's words.
    pub async fn bulk_reason(&self, id: Uuid) -> Result<String, Error> {
        let sql = "SELECT reason FROM held_bulk WHERE id = $1";
        let rows = self.db.read().await?.rows(sql, vec![uuid(id)]).await?;
        let Some(row) = rows.first() else { return Ok(String::new()) };
        let place = [Part::Uuid(id)];
        at_rest::open_text(&self.secret, Column::BulkReason, &place, row.bytes(0)?)
    }

    /// By which streams and logins its items came: who may see it, may see all of these.
    pub async fn bulk_about(&self, id: Uuid) -> Result<Vec<(String, String)>, Error> {
        let sql = "SELECT DISTINCT stream, login FROM held_bulk_item WHERE bulk = $1";
        let rows = self.db.read().await?.rows(sql, vec![uuid(id)]).await?;
        rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect()
    }

    pub async fn progress(&self, id: Uuid) -> Result<Progress, Error> {
        let sql = "SELECT tried, came, COUNT(*) FROM held_bulk_item WHERE bulk = $1 \
                   GROUP BY tried, came";
        let rows = self.db.read().await?.rows(sql, vec![uuid(id)]).await?;
        let mut progress = Progress::default();
        for row in &rows {
            let count = row.count(2)?;
            progress.all += count;
            for (at, of) in [(0, &mut progress.tried), (1, &mut progress.came)] {
                if let Some(item) = row.opt_text(at)?.as_deref().and_then(Item::parse) {
                    *of.entry(item).or_default() += count;
                }
            }
        }
        Ok(progress)
    }

    /// Items with what came of them, or would; of one kind, where one is named.
    pub async fn bulk_items(
        &self,
        id: Uuid,
        of: Option<Item>,
        after: Option<(Uuid, Uuid)>,
        limit: usize,
    ) -> Result<Vec<(Uuid, Uuid, Option<Item>)>, Error> {
        let limit = size(limit);
        let mut asked = Conditions::new(vec![uuid(id), limit]);
        asked.ask("COALESCE(came, tried) = $", of.map(|item| text(item.as_str())));
        if let Some((message, held)) = after {
            let (message, held) = (asked.place(uuid(message)), asked.place(uuid(held)));
            asked.also(&format!("(message, held) > ({message}, {held})"));
        }
        let (asked, args) = asked.finish();
        let sql = format!(
            "SELECT message, held, COALESCE(came, tried) FROM held_bulk_item \
             WHERE bulk = $1 AND {asked} ORDER BY message, held LIMIT $2"
        );
        let rows = self.db.read().await?.rows(&sql, args).await?;
        rows.iter()
            .map(|row| {
                let item = row.opt_text(2)?.as_deref().and_then(Item::parse);
                Ok((row.uuid(0)?, row.uuid(1)?, item))
            })
            .collect()
    }

    /// Its maker's word to begin, after what would come of it was seen. Whether a second person has to
    /// agree first.
    pub async fn begin(&self, now: Timestamp, id: Uuid, by: &str) -> Result<bool, Refused> {
        let bulk = self.bulk_of(id).await?.ok_or(Refused::Gone)?;
        if bulk.stage != Stage::Tried || bulk.until <= now {
            return Err(Refused::NoProposal);
        }
        if bulk.by != by {
            return Err(Refused::Locked(bulk.by));
        }
        let progress = self.progress(id).await?;
        let two = self.bulk_wants_two(&bulk, &progress);
        let (next, until) = if two {
            let valid_for = self.business.load().review.proposal_valid_for;
            (Stage::Proposed, after(now, valid_for))
        } else {
            (Stage::Running, bulk.until)
        };
        self.moved(id, (Stage::Tried, next), until, None).await?;
        Ok(two)
    }

    /// Whether a second person has to agree: one item wants it, or there are too many.
    pub fn bulk_wants_two(&self, bulk: &Bulk, progress: &Progress) -> bool {
        let some = progress.tried.get(&Item::NeedsTwo).is_some_and(|count| *count > 0);
        let all = usize::try_from(progress.all).unwrap_or(usize::MAX);
        bulk.what.releases() && (some || self.business.load().review.wants_two([], all))
    }

    /// The second person's word.
    pub async fn agree(&self, now: Timestamp, id: Uuid, by: &str) -> Result<Bulk, Refused> {
        let bulk = self.bulk_of(id).await?.ok_or(Refused::Gone)?;
        if bulk.stage != Stage::Proposed || bulk.until <= now {
            return Err(Refused::NoProposal);
        }
        if bulk.by == by {
            return Err(Refused::Own);
        }
        self.moved(id, (Stage::Proposed, Stage::Running), bulk.until, Some(by)).await?;
        Ok(bulk)
    }

    /// Nothing more is done; what was done stays.
    pub async fn cancel(&self, now: Timestamp, id: Uuid) -> Result<(), Refused> {
        let sql = "UPDATE held_bulk SET state = 'cancelled', ended_at = $2 WHERE id = $1 \
                   AND state <> 'done' AND state <> 'cancelled'";
        let mut tx = self.db.begin().await?;
        if tx.run(sql, vec![uuid(id), int(now.as_millisecond())]).await? != 1 {
            return Err(Refused::NoProposal);
        }
        Ok(tx.commit().await?)
    }

    async fn moved(
        &self,
        id: Uuid,
        (from, to): (Stage, Stage),
        until: Timestamp,
        second: Option<&str>,
    ) -> Result<(), Refused> {
        let sql = "UPDATE held_bulk SET state = $3, until = $4, second = $5 \
                   WHERE id = $1 AND state = $2";
        let args = vec![
            uuid(id),
            text(from.as_str()),
            text(to.as_str()),
            int(until.as_millisecond()),
            Arg::Text(second.map(|second| second.to_owned().into())),
        ];
        let mut tx = self.db.begin().await?;
        if tx.run(sql, args).await? != 1 {
            return Err(Refused::NoProposal);
        }
        Ok(tx.commit().await?)
    }
}

pub(super) fn read(row: &Row) -> Result<Bulk, Error> {
    let fault = |what: &str| Error::Bug(format!("held_bulk: {what}"));
    let (what, code, stage) = (row.text(4)?, row.text(5)?, row.text(6)?);
    let stage = Stage::ALL.into_iter().find(|one| one.as_str() == stage);
    Ok(Bulk {
        id: row.uuid(0)?,
        at: row.time(1)?,
        by: row.text(2)?,
        until: row.time(3)?,
        what: What::parse(&what).ok_or_else(|| fault("what"))?,
        code: Code::parse(&code).ok_or_else(|| fault("code"))?,
        stage: stage.ok_or_else(|| fault("state"))?,
        second: row.opt_text(7)?,
        ended_at: row.opt_time(8)?,
    })
}

pub(super) const BULK: &str = "id, at, actor, until, what, code, state, second, ended_at";
/// How long one that nobody began waits.
const WAITS: SignedDuration = SignedDuration::from_hours(24);
