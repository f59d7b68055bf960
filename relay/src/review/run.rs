//! Carries bulks out, a few items at a time, each as a person's word on it alone would be.
//!
//! An item's outcome is written after it: one that a stop came between is known by the journal's line.

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{
    Refused, Review, Way, Word,
    bulk::{BULK, Bulk, Item, Stage, What, read},
    settle::Ending,
    trial::Bench,
};
use crate::{
    db::{Error, int, text, uuid},
    journal,
};

/// Deliveries of one message.
type Batch = (Uuid, Vec<Uuid>);

impl Review {
    /// The oldest that is at work.
    pub(super) async fn live(&self) -> Result<Option<Bulk>, Error> {
        let sql = format!(
            "SELECT {BULK} FROM held_bulk WHERE state = 'trying' OR state = 'running' \
             ORDER BY id LIMIT 1"
        );
        let rows = self.db.read().await?.rows(&sql, vec![]).await?;
        rows.first().map(read).transpose()
    }

    /// Some of its items; whether there may be more.
    pub(super) async fn step(&self, now: Timestamp, bulk: Bulk) -> Result<bool, Refused> {
        let batches = self.next(&bulk).await?;
        if batches.is_empty() {
            self.ended(now, &bulk).await?;
            return Ok(true);
        }
        let reason = self.bulk_reason(bulk.id).await?;
        let mut work = JoinSet::new();
        for batch in batches {
            let (review, bulk, reason) = (self.clone(), bulk.clone(), reason.clone());
            work.spawn(async move { review.batch(now, &bulk, reason, batch).await });
        }
        let mut done = Vec::new();
        let mut away = None;
        while let Some(joined) = work.join_next().await {
            match joined {
                Ok(Ok(some)) => done.extend(some),
                Ok(Err(refused)) => away = Some(refused),
                Err(fault) => tracing::error!(%fault, "a part of a bulk broke"),
            }
        }
        self.write(&bulk, &done).await?;
        away.map_or(Ok(true), Err)
    }

    async fn batch(
        &self,
        now: Timestamp,
        bulk: &Bulk,
        reason: String,
        (message, ids): Batch,
    ) -> Result<Vec<(Uuid, Uuid, Item)>, Refused> {
        let word = Word {
            by: bulk.by.clone(),
            code: bulk.code,
            reason,
            second: bulk.second.clone(),
            bulk: Some(bulk.id),
        };
        let way = match bulk.what {
            What::Reject { tells } => {
                return self.reject_all(now, (bulk, &word), (message, ids), tells).await;
            }
            What::Release(way) => way,
        };
        let mut bench: Option<Bench> = None;
        let mut done = Vec::with_capacity(ids.len());
        for id in ids {
            let came = self.release_one(now, (bulk, &word), &mut bench, (way, id)).await;
            done.push((message, id, self.item(bulk, (message, id), came).await?));
        }
        Ok(done)
    }

    /// One report tells their sender of all.
    async fn reject_all(
        &self,
        now: Timestamp,
        (bulk, word): (&Bulk, &Word),
        (id, ids): Batch,
        tells: bool,
    ) -> Result<Vec<(Uuid, Uuid, Item)>, Refused> {
        let (mut done, mut held, mut message) = (Vec::with_capacity(ids.len()), Vec::new(), None);
        for one in ids {
            match self.open(now, one, &bulk.by).await {
                Ok((its, delivery)) => {
                    held.push(delivery);
                    message.get_or_insert(its);
                }
                Err(refused) => {
                    done.push((id, one, self.item(bulk, (id, one), Err(refused)).await?));
                }
            }
        }
        let Some(message) = message else { return Ok(done) };
        let ending = Ending::Rejected { tells };
        let ended = self.end_all(now, &message, &held, ending, Some(word)).await?;
        for (one, told) in held.iter().zip(ended) {
            let came = told.map(drop).ok_or(Refused::NotHeld);
            done.push((id, one.id, self.item(bulk, (id, one.id), came).await?));
        }
        Ok(done)
    }

    async fn item(
        &self,
        bulk: &Bulk,
        (message, id): (Uuid, Uuid),
        came: Result<(), Refused>,
    ) -> Result<Item, Refused> {
        Ok(match came {
            Ok(()) => Item::Goes,
            Err(Refused::Away(away)) => return Err(Refused::Away(away)),
            Err(Refused::Gone | Refused::NotHeld) => {
                if self.did(bulk.id, message, id).await? {
                    Item::Goes
                } else {
                    Item::Gone
                }
            }
            Err(Refused::Locked(_)) => Item::Locked,
            Err(Refused::NeedsTwo) => Item::NeedsTwo,
            Err(Refused::Stands(_)) => Item::Stands,
            Err(Refused::NoStream(_) | Refused::NoAddress | Refused::NoProposal | Refused::Own) => {
                Item::Unreadable
            }
        })
    }

    async fn release_one(
        &self,
        now: Timestamp,
        (bulk, word): (&Bulk, &Word),
        bench: &mut Option<Bench>,
        (way, id): (Way, Uuid),
    ) -> Result<(), Refused> {
        let (message, delivery) = self.open(now, id, &bulk.by).await?;
        let bench = bench.get_or_insert_with(|| Bench::of(message));
        if bulk.stage == Stage::Running {
            return self.release_on(now, bench, &delivery, way, word).await.map(drop);
        }
        let trial = bench.try_out(self, now, &delivery).await?;
        let waived =
            trial.by(way).ok_or_else(|| Refused::Stands(Box::new(trial.stands.clone())))?;
        if self.wants_two(&bench.message, &delivery, waived) {
            return Err(Refused::NeedsTwo);
        }
        Ok(())
    }

    /// Whether the journal says that this bulk settled it.
    async fn did(&self, bulk: Uuid, message: Uuid, delivery: Uuid) -> Result<bool, Refused> {
        let (message, delivery) = (Some(message), Some(delivery));
        let filter = journal::Filter { message, delivery, ..journal::Filter::default() };
        let lines = journal::list(&self.db, &filter, LINES_MAX).await?;
        let own = bulk.to_string();
        Ok(lines.iter().any(|line| {
            line.event.detail.value().get("bulk").and_then(|bulk| bulk.as_str()) == Some(&own)
        }))
    }

    async fn next(&self, bulk: &Bulk) -> Result<Vec<Batch>, Error> {
        let column = column(bulk.stage);
        let sql = format!(
            "SELECT message, held FROM held_bulk_item WHERE bulk = $1 AND {column} IS NULL \
             ORDER BY message, held LIMIT $2"
        );
        let rows = self.db.read().await?.rows(&sql, vec![uuid(bulk.id), int(STEP)]).await?;
        let mut batches: Vec<Batch> = Vec::new();
        for row in &rows {
            let (message, held) = (row.uuid(0)?, row.uuid(1)?);
            match batches.last_mut().filter(|(last, _)| *last == message) {
                Some((_, ids)) => ids.push(held),
                None => batches.push((message, vec![held])),
            }
        }
        Ok(batches)
    }

    async fn write(&self, bulk: &Bulk, done: &[(Uuid, Uuid, Item)]) -> Result<(), Error> {
        let column = column(bulk.stage);
        let sql = format!(
            "UPDATE held_bulk_item SET {column} = $4 WHERE bulk = $1 AND message = $2 AND held = $3"
        );
        let mut tx = self.db.begin().await?;
        for (message, held, item) in done {
            let args = vec![uuid(bulk.id), uuid(*message), uuid(*held), text(item.as_str())];
            tx.run(&sql, args).await?;
        }
        tx.commit().await
    }

    async fn ended(&self, now: Timestamp, bulk: &Bulk) -> Result<(), Error> {
        let next = match bulk.stage {
            Stage::Trying => Stage::Tried,
            Stage::Tried | Stage::Proposed | Stage::Running | Stage::Done | Stage::Cancelled => {
                Stage::Done
            }
        };
        let ended_at = (next == Stage::Done).then(|| now.as_millisecond());
        let sql = "UPDATE held_bulk SET state = $3, ended_at = $4 WHERE id = $1 AND state = $2";
        let args = vec![
            uuid(bulk.id),
            text(bulk.stage.as_str()),
            text(next.as_str()),
            crate::db::Arg::Int(ended_at),
        ];
        let mut tx = self.db.begin().await?;
        tx.run(sql, args).await?;
        tx.commit().await
    }

    /// Bulks that ended long ago are gone: what they did is in the journal.
    pub(super) async fn forget_bulks(&self, now: Timestamp) -> Result<(), Error> {
        let last = int(now.checked_sub(KEPT).unwrap_or(now).as_millisecond());
        let mut tx = self.db.begin().await?;
        // Those that nobody began are over, too.
        let over = "SELECT id FROM held_bulk WHERE COALESCE(ended_at, until) < $1 \
                    AND state <> 'trying' AND state <> 'running'";
        let items = format!("DELETE FROM held_bulk_item WHERE bulk IN ({over})");
        tx.run(&items, vec![last.clone()]).await?;
        let bulks = format!("DELETE FROM held_bulk WHERE id IN ({over})");
        tx.run(&bulks, vec![last]).await?;
        tx.commit().await
    }
}

/// Where outcomes of the stage stand.
fn column(stage: Stage) -> &'static str {
    if stage == Stage::Trying { "tried" } else { "came" }
}

/// Items of one step: a bulk that is cancelled stops behind it.
const STEP: i64 = 64;
const LINES_MAX: usize = 100;
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
