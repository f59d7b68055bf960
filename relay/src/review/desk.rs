//! What people do about a held delivery short of deciding: look at it, talk about it, propose to let it
//! go where two have to agree.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{
    Done, Held, Lock, Refused, Review, Way, Word,
    find::{COLUMNS, read},
    trial::Bench,
};
use crate::{
    at_rest::{self, Column, Part},
    db::{Arg, Error, int, text, uuid},
};

/// What somebody said.
#[derive(Clone, Debug, PartialEq)]
pub struct Comment {
    pub at: Timestamp,
    pub by: String,
    pub text: String,
}

impl Review {
    /// Takes it, for a quarter of an hour, or for another one. Where somebody else has it, only with
    /// `over`; whom it was taken from.
    pub async fn lock(
        &self,
        now: Timestamp,
        id: Uuid,
        by: &str,
        over: bool,
    ) -> Result<Option<String>, Refused> {
        let mut tx = self.db.begin().await?;
        let sql = format!("SELECT {COLUMNS} FROM held WHERE id = $1");
        let rows = tx.rows(&sql, vec![uuid(id)]).await?;
        let held = rows.first().map(|row| read(now, row)).transpose()?.ok_or(Refused::Gone)?;
        let other = held.lock.filter(|lock| lock.by != by).map(|lock| lock.by);
        if let Some(other) = other.as_ref().filter(|_| !over) {
            return Err(Refused::Locked(other.clone()));
        }
        let sql = "UPDATE held SET locked_by = $2, locked_until = $3 WHERE id = $1 \
                   AND (locked_by IS NULL OR locked_by = $2 OR locked_by = $4 \
                   OR locked_until <= $5)";
        let until = now.checked_add(LOCK).unwrap_or(now).as_millisecond();
        let known = other.clone().unwrap_or_default();
        let args =
            vec![uuid(id), text(by.to_owned()), int(until), text(known), int(now.as_millisecond())];
        if tx.run(sql, args).await? != 1 {
            return Err(Refused::Locked(String::new()));
        }
        tx.commit().await?;
        Ok(other)
    }

    /// Lets others have it.
    pub async fn unlock(&self, id: Uuid, by: &str) -> Result<(), Refused> {
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE held SET locked_by = NULL, locked_until = NULL \
                   WHERE id = $1 AND locked_by = $2";
        tx.run(sql, vec![uuid(id), text(by.to_owned())]).await?;
        Ok(tx.commit().await?)
    }

    /// Who looks at it now.
    pub(super) async fn lock_of(&self, now: Timestamp, id: Uuid) -> Result<Option<Lock>, Error> {
        Ok(self.held(now, None, id).await?.and_then(|held| held.lock))
    }

    /// Says something about it to whoever else may see it.
    pub async fn comment(
        &self,
        now: Timestamp,
        id: Uuid,
        by: &str,
        said: &str,
    ) -> Result<(), Refused> {
        let own = Uuid::now_v7();
        let sealed =
            at_rest::seal(&self.secret, Column::HeldComment, &[Part::Uuid(own)], said.as_bytes());
        let mut tx = self.db.begin().await?;
        // Only where it is held, and not more than anybody reads.
        let sql = "INSERT INTO held_comment (id, held, at, actor, text) \
                   SELECT $1, h.id, $3, $4, $5 FROM held h WHERE h.id = $2 AND \
                   (SELECT COUNT(*) FROM held_comment c WHERE c.held = $2) < $6";
        let args = vec![
            uuid(own),
            uuid(id),
            int(now.as_millisecond()),
            text(by.to_owned()),
            Arg::bytes(sealed),
            int(COMMENTS_MAX),
        ];
        if tx.run(sql, args).await? != 1 {
            return Err(Refused::Gone);
        }
        Ok(tx.commit().await?)
    }

    /// Oldest first.
    pub async fn comments(&self, id: Uuid) -> Result<Vec<Comment>, Error> {
        let sql = "SELECT id, at, actor, text FROM held_comment WHERE held = $1 ORDER BY id";
        let rows = self.db.read().await?.rows(sql, vec![uuid(id)]).await?;
        rows.iter()
            .map(|row| {
                let place = [Part::Uuid(row.uuid(0)?)];
                let said = row.bytes(3)?;
                let said = at_rest::open_text(&self.secret, Column::HeldComment, &place, said)?;
                Ok(Comment { at: row.time(1)?, by: row.text(2)?, text: said })
            })
            .collect()
    }

    /// Proposes to let it go; a proposal that stands is not replaced.
    pub async fn propose(
        &self,
        now: Timestamp,
        id: Uuid,
        way: Way,
        word: &Word,
    ) -> Result<(), Refused> {
        let (message, delivery) = self.open(now, id, &word.by).await?;
        let trial = Bench::of(message).try_out(self, now, &delivery).await?;
        if trial.by(way).is_none() {
            return Err(Refused::Stands(Box::new(trial.stands)));
        }
        let until = after(now, self.business.load().review.proposal_valid_for);
        let reason = word.reason.as_bytes();
        let reason = at_rest::seal(&self.secret, Column::HeldReason, &[Part::Uuid(id)], reason);
        let sql = "UPDATE held SET proposed_by = $2, proposed_at = $3, proposed_until = $4, \
                   proposed_way = $5, proposed_code = $6, proposed_reason = $7, \
                   locked_by = NULL, locked_until = NULL \
                   WHERE id = $1 AND COALESCE(proposed_until, 0) <= $3";
        let args = vec![
            uuid(id),
            text(word.by.clone()),
            int(now.as_millisecond()),
            int(until.as_millisecond()),
            text(way.as_str()),
            text(word.code.as_str()),
            Arg::bytes(reason),
        ];
        let mut tx = self.db.begin().await?;
        if tx.run(sql, args).await? != 1 {
            return Err(Refused::NeedsTwo);
        }
        Ok(tx.commit().await?)
    }

    /// What was proposed, and why.
    pub async fn proposed(&self, held: &Held) -> Result<Option<Word>, Error> {
        let Some(proposal) = &held.proposal else { return Ok(None) };
        let sql = "SELECT proposed_reason FROM held WHERE id = $1 AND proposed_at = $2";
        let args = vec![uuid(held.id), int(proposal.at.as_millisecond())];
        let rows = self.db.read().await?.rows(sql, args).await?;
        let Some(sealed) = rows.first().map(|row| row.bytes(0)).transpose()? else {
            return Ok(None);
        };
        let place = [Part::Uuid(held.id)];
        let reason = at_rest::open_text(&self.secret, Column::HeldReason, &place, sealed)?;
        let (by, code) = (proposal.by.clone(), proposal.code);
        Ok(Some(Word { by, code, reason, second: None, bulk: None }))
    }

    /// The second person's word: it is decided again and let go.
    pub async fn approve(
        &self,
        now: Timestamp,
        id: Uuid,
        by: &str,
    ) -> Result<(Done, Word), Refused> {
        let held = self.held(now, None, id).await?.ok_or(Refused::Gone)?;
        let proposal = held.proposal.clone().ok_or(Refused::NoProposal)?;
        if proposal.by == by {
            return Err(Refused::Own);
        }
        let word = self.proposed(&held).await?.ok_or(Refused::NoProposal)?;
        let (message, delivery) = self.open(now, id, by).await?;
        let word = Word { second: Some(by.to_owned()), ..word };
        let mut bench = Bench::of(message);
        let done = self.release_on(now, &mut bench, &delivery, proposal.way, &word).await?;
        Ok((done, word))
    }

    /// The second person says no, or the first one takes it back: it is held as before.
    pub async fn decline(&self, now: Timestamp, id: Uuid) -> Result<(), Refused> {
        let sql = "UPDATE held SET proposed_by = NULL, proposed_at = NULL, proposed_until = NULL, \
                   proposed_way = NULL, proposed_code = NULL, proposed_reason = NULL \
                   WHERE id = $1 AND proposed_until > $2";
        let mut tx = self.db.begin().await?;
        if tx.run(sql, vec![uuid(id), int(now.as_millisecond())]).await? != 1 {
            return Err(Refused::NoProposal);
        }
        Ok(tx.commit().await?)
    }
}

pub(super) fn after(now: Timestamp, time: Duration) -> Timestamp {
    let time = SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
    now.checked_add(time).unwrap_or(Timestamp::MAX)
}

/// Nobody else decides meanwhile.
const LOCK: SignedDuration = SignedDuration::from_mins(15);
const COMMENTS_MAX: i64 = 200;
