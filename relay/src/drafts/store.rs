//! Drafts in the database. Each step names the edition that it is about, so that nobody agrees to
//! what they have not read, and of two that come together one is refused.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Draft, LIVE_MAX, Proposal, Refused, State, Written};
use crate::{
    at_rest::{self, Column, Part},
    db::{Arg, Db, Error, Row, Tx, int, text, uuid},
    seal::Secret,
};

/// All drafts; cheap to clone.
#[derive(Clone)]
pub struct Drafts {
    pub(super) db: Db,
    secret: Secret,
}

/// Sealed: either may name people.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    why: String,
    answer: String,
}

impl Drafts {
    pub fn new(db: Db, secret: Secret) -> Self {
        Self { db, secret }
    }

    /// `why` is what its proposal begins with; empty where that is not known yet.
    pub async fn make(
        &self,
        now: Timestamp,
        (by, why): (&str, &str),
        new: &Written,
    ) -> Result<Uuid, Refused> {
        let id = Uuid::now_v7();
        let mut tx = self.db.begin().await?;
        let live = "SELECT COUNT(*) FROM policy_draft WHERE state <> 'active' \
                    AND state <> 'withdrawn'";
        let live = tx.rows(live, vec![]).await?.first().map_or(Ok(0), |row| row.int(0))?;
        if live >= LIVE_MAX {
            return Err(Refused::Full);
        }
        let at = now.as_millisecond();
        let row = vec![
            uuid(id),
            int(at),
            text(by.to_owned()),
            text(new.base.clone()),
            text(new.text.clone()),
            text(new.version.clone()),
            self.seal(id, why, ""),
            int(1),
            int(at),
            text(by.to_owned()),
            text(State::Written.as_str()),
        ];
        tx.insert("policy_draft", NEW, row, "").await?;
        tx.commit().await?;
        Ok(id)
    }

    /// With all of its text.
    pub async fn find(&self, id: Uuid) -> Result<Option<(Draft, String)>, Error> {
        let sql = format!("SELECT {COLUMNS}, text FROM policy_draft WHERE id = $1");
        self.one(&sql, vec![uuid(id)]).await
    }

    /// The one that was activated last, with its text, until this relay has told what came of it.
    /// Those before it are history, also for a relay that was not there then.
    pub async fn due(&self, node: &str) -> Result<Option<(Draft, String)>, Error> {
        let sql = format!(
            "SELECT {COLUMNS}, text FROM policy_draft WHERE id = (SELECT id FROM policy_draft \
             WHERE activated_at IS NOT NULL ORDER BY activated_at DESC, id DESC LIMIT 1) \
             AND NOT EXISTS (SELECT 1 FROM policy_draft_taken \
             WHERE draft = policy_draft.id AND node = $1)"
        );
        self.one(&sql, vec![text(node.to_owned())]).await
    }

    /// The one by which a version came into force: activated here, or agreed to and put there by hand.
    pub async fn of_version(&self, version: &str) -> Result<Option<Draft>, Error> {
        let sql = format!(
            "SELECT {COLUMNS}, '' FROM policy_draft WHERE version = $1 \
             AND (state = 'active' OR state = 'approved') \
             ORDER BY activated_at IS NULL, activated_at DESC, id DESC LIMIT 1"
        );
        Ok(self.one(&sql, vec![text(version.to_owned())]).await?.map(|(draft, _)| draft))
    }

    /// The newest first.
    pub async fn list(&self, limit: i64) -> Result<Vec<Draft>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM policy_draft ORDER BY id DESC LIMIT $1");
        let rows = self.db.read().await?.rows(&sql, vec![int(limit)]).await?;
        rows.iter().map(|row| self.read(row)).collect()
    }

    /// Another text: whatever was proposed or agreed to is void.
    pub async fn edit(
        &self,
        now: Timestamp,
        (id, edition): (Uuid, i64),
        by: &str,
        new: &Written,
    ) -> Result<(), Refused> {
        self.step((id, edition), async |tx, draft| {
            if !draft.state.is_live() {
                return Err(Refused::Changed);
            }
            let sql = "UPDATE policy_draft SET base = $3, text = $4, version = $5, \
                       edition = edition + 1, edited_at = $6, edited_by = $7, state = 'written', \
                       proposed_by = NULL, proposed_until = NULL, answered_by = NULL \
                       WHERE id = $1 AND edition = $2 AND state = $8";
            let args = vec![
                uuid(id),
                int(edition),
                text(new.base.clone()),
                text(new.text.clone()),
                text(new.version.clone()),
                int(now.as_millisecond()),
                text(by.to_owned()),
                text(draft.state.as_str()),
            ];
            Ok(tx.run(sql, args).await?)
        })
        .await
    }

    /// Asks for a second person's word within `valid_for`; where `None`, one is enough and it may be
    /// activated.
    pub async fn propose(
        &self,
        now: Timestamp,
        (id, edition): (Uuid, i64),
        (by, why, in_force): (&str, &str, &str),
        valid_for: Option<Duration>,
    ) -> Result<(), Refused> {
        self.step((id, edition), async |tx, draft| {
            if !draft.may_be_proposed(now) {
                return Err(Refused::Changed);
            }
            may_come(draft, in_force)?;
            let time = SignedDuration::try_from(valid_for.unwrap_or_default());
            let until = now.checked_add(time.unwrap_or_default()).unwrap_or(now);
            let state = if valid_for.is_some() { State::Proposed } else { State::Approved };
            let sql = "UPDATE policy_draft SET state = $3, proposed_by = $4, proposed_until = $5, \
                       answered_by = NULL, told = $6 WHERE id = $1 AND edition = $2 AND state = $7";
            let args = vec![
                uuid(id),
                int(edition),
                text(state.as_str()),
                text(by.to_owned()),
                int(until.as_millisecond()),
                self.seal(id, why, ""),
                text(draft.state.as_str()),
            ];
            Ok(tx.run(sql, args).await?)
        })
        .await
    }

    /// The second person's word: yes or no, and what they have to say to it.
    pub async fn answer(
        &self,
        now: Timestamp,
        (id, edition): (Uuid, i64),
        (by, in_force): (&str, &str),
        (agrees, said): (bool, &str),
    ) -> Result<(), Refused> {
        self.step((id, edition), async |tx, draft| {
            if draft.state != State::Proposed {
                return Err(Refused::Changed);
            }
            if draft.is_late(now) {
                return Err(Refused::Late);
            }
            if !draft.may_answer(by) {
                return Err(Refused::Own);
            }
            if agrees {
                may_come(draft, in_force)?;
            }
            let state = if agrees { State::Approved } else { State::Declined };
            let sql = "UPDATE policy_draft SET state = $3, answered_by = $4, told = $5 \
                       WHERE id = $1 AND edition = $2 AND state = 'proposed'";
            let told = self.seal(id, &draft.why, said);
            let args =
                vec![uuid(id), int(edition), text(state.as_str()), text(by.to_owned()), told];
            Ok(tx.run(sql, args).await?)
        })
        .await
    }

    /// Nobody goes on with it.
    pub async fn withdraw(&self, (id, edition): (Uuid, i64)) -> Result<(), Refused> {
        self.step((id, edition), async |tx, draft| {
            if !draft.state.is_live() {
                return Err(Refused::Changed);
            }
            let sql = "UPDATE policy_draft SET state = 'withdrawn' \
                       WHERE id = $1 AND edition = $2 AND state = $3";
            let args = vec![uuid(id), int(edition), text(draft.state.as_str())];
            Ok(tx.run(sql, args).await?)
        })
        .await
    }

    /// From now on relays that may write their policy.toml take it. One that is active already is
    /// taken again by those that could not.
    pub async fn activate(
        &self,
        now: Timestamp,
        (id, edition): (Uuid, i64),
        (by, in_force): (&str, &str),
    ) -> Result<(), Refused> {
        self.step((id, edition), async |tx, draft| {
            match draft.state {
                State::Approved => may_come(draft, in_force)?,
                State::Active => {
                    let sql = "DELETE FROM policy_draft_taken WHERE draft = $1 \
                               AND came <> 'in-force'";
                    tx.run(sql, vec![uuid(id)]).await?;
                }
                State::Written | State::Proposed | State::Declined | State::Withdrawn => {
                    return Err(Refused::Changed);
                }
            }
            let sql = "UPDATE policy_draft SET state = 'active', activated_by = $3, \
                       activated_at = $4 WHERE id = $1 AND edition = $2 AND state = $5";
            let args = vec![
                uuid(id),
                int(edition),
                text(by.to_owned()),
                int(now.as_millisecond()),
                text(draft.state.as_str()),
            ];
            Ok(tx.run(sql, args).await?)
        })
        .await
    }

    /// One change of a draft, where it is still the edition that is meant.
    async fn step(
        &self,
        (id, edition): (Uuid, i64),
        change: impl AsyncFnOnce(&mut Tx<'_>, &Draft) -> Result<u64, Refused>,
    ) -> Result<(), Refused> {
        let mut tx = self.db.begin().await?;
        let sql = format!("SELECT {COLUMNS} FROM policy_draft WHERE id = $1");
        let rows = tx.rows(&sql, vec![uuid(id)]).await?;
        let draft = self.read(rows.first().ok_or(Refused::Gone)?)?;
        if draft.edition != edition || change(&mut tx, &draft).await? != 1 {
            return Err(Refused::Changed);
        }
        Ok(tx.commit().await?)
    }

    async fn one(&self, sql: &str, args: Vec<Arg<'_>>) -> Result<Option<(Draft, String)>, Error> {
        let rows = self.db.read().await?.rows(sql, args).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some((self.read(row)?, row.text(TEXT)?)))
    }

    fn seal(&self, id: Uuid, why: &str, answer: &str) -> Arg<'static> {
        let told = Told { why: why.to_owned(), answer: answer.to_owned() };
        // INVARIANT: two strings are always JSON.
        let plain = serde_json::to_vec(&told).unwrap_or_default();
        Arg::bytes(at_rest::seal(&self.secret, COLUMN, &[Part::Uuid(id)], &plain))
    }

    fn read(&self, row: &Row) -> Result<Draft, Error> {
        let id = row.uuid(0)?;
        let told = at_rest::open(&self.secret, COLUMN, &[Part::Uuid(id)], row.bytes(5)?)?;
        let told: Told = serde_json::from_slice(&told).map_err(|error| bug(&error))?;
        let state = row.text(9)?;
        let proposal = row.opt_text(10)?.zip(row.opt_time(11)?);
        Ok(Draft {
            id,
            at: row.time(1)?,
            by: row.text(2)?,
            base: row.text(3)?,
            version: row.text(4)?,
            why: told.why,
            answer: told.answer,
            edition: row.int(6)?,
            edited_at: row.time(7)?,
            edited_by: row.text(8)?,
            state: State::parse(&state).ok_or_else(|| bug(&state))?,
            proposal: proposal.map(|(by, until)| Proposal { by, until }),
            answered_by: row.opt_text(12)?,
            activated: row.opt_text(13)?.zip(row.opt_time(14)?),
        })
    }
}

/// Its text is sound, and replaces what is in force.
fn may_come(draft: &Draft, in_force: &str) -> Result<(), Refused> {
    if draft.version.is_empty() {
        return Err(Refused::Unsound);
    }
    if draft.base == in_force { Ok(()) } else { Err(Refused::Outdated) }
}

pub(super) fn bug(what: &dyn std::fmt::Display) -> Error {
    Error::Bug(format!("policy_draft: {what}"))
}

const COLUMN: Column = Column::DraftTold;
const NEW: &[&str] = &[
    "id",
    "at",
    "actor",
    "base",
    "text",
    "version",
    "told",
    "edition",
    "edited_at",
    "edited_by",
    "state",
];
const COLUMNS: &str = "id, at, actor, base, version, told, edition, edited_at, edited_by, state, \
                       proposed_by, proposed_until, answered_by, activated_by, activated_at";
/// Behind them.
const TEXT: usize = 15;
