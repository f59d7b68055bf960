//! What is done beside people, by one of the relays that share the database: bulks are carried out, and
//! what nobody decided on in time is rejected, and its sender told.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{Refused, Review, settle::Ending};
use crate::{
    db::{Error, int, size},
    job,
    spool::{Delivery, Message},
};

impl Review {
    /// One step of what is to be done beside people; whether there may be more. `holder` names this
    /// process.
    ///
    /// # Errors
    /// Where the database does not answer: the next step tries again.
    pub async fn tend(&self, now: Timestamp, holder: &str) -> Result<bool, Refused> {
        let (over, live) = (self.over(now).await?, self.live().await?);
        let nothing = over.is_empty() && live.is_none();
        if nothing || !job::claim(&self.db, now, JOB, holder, LEASE).await? {
            return Ok(false);
        }
        // What cannot be read among the one keeps the other not back.
        let more = match live {
            Some(bulk) => self.step(now, bulk).await,
            None => Ok(false),
        };
        self.expire(now, &over).await?;
        Ok(more? || over.len() >= STEP)
    }

    /// Lets go of what nobody needs any more.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn forget(&self, now: Timestamp) -> Result<(), Error> {
        self.forget_bulks(now).await
    }

    async fn expire(&self, now: Timestamp, ids: &[Uuid]) -> Result<(), Refused> {
        let (mut count, mut fault) = (0, None);
        let mut found: Vec<(Message, Vec<Delivery>)> = Vec::new();
        for id in ids {
            match self.find(*id).await {
                Ok((message, delivery)) => {
                    // Deliveries of one message came together, and share a report.
                    match found.last_mut().filter(|(last, _)| last.id == message.id) {
                        Some((_, list)) => list.push(delivery),
                        None => found.push((message, vec![delivery])),
                    }
                }
                // Somebody decided meanwhile.
                Err(Refused::Gone | Refused::NotHeld) => {}
                Err(refused) => fault = Some(refused),
            }
        }
        for (message, list) in &found {
            match self.end_all(now, message, list, Ending::Expired, None).await {
                Ok(ended) => count += ended.iter().flatten().count(),
                Err(refused) => fault = Some(refused),
            }
        }
        if count > 0 {
            tracing::info!(count, "held for too long: rejected");
        }
        fault.map_or(Ok(()), Err)
    }

    /// Held for longer than the policy lets, the oldest first.
    async fn over(&self, now: Timestamp) -> Result<Vec<Uuid>, Error> {
        let keep = self.business.load().review.keep_held_for;
        let keep = SignedDuration::try_from(keep).unwrap_or(SignedDuration::MAX);
        let last = now.checked_sub(keep).unwrap_or(Timestamp::MIN).as_millisecond();
        let sql = "SELECT id FROM held WHERE at <= $1 ORDER BY at LIMIT $2";
        let rows = self.db.read().await?.rows(sql, vec![int(last), size(STEP)]).await?;
        rows.iter().map(|row| row.uuid(0)).collect()
    }
}

const JOB: &str = "review";
/// Another relay takes over when this one is gone for so long.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
const STEP: usize = 100;
