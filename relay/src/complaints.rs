//! Too many who call it spam: a login's mail of that stream is paused until a person looks, before
//! mailbox providers stop taking anything from the sender.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    config::Complained,
    db::{Db, Error, Unavailable},
    decisions, job,
    journal::{
        Kind,
        reason::{self, Cause},
    },
    spool::{How, Order, Spool, What, Which},
};

/// One login's mail of one stream.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Share {
    pub stream: String,
    pub login: String,
    pub delivered: u64,
    pub complained: u64,
}

impl Share {
    /// Of a hundred thousand that were delivered.
    pub fn share(&self) -> u64 {
        // More complaints than messages: those of days before.
        (self.complained.saturating_mul(100_000) / self.delivered.max(1)).min(100_000)
    }

    fn which(&self) -> Which {
        let (stream, login) = (Some(self.stream.clone()), Some(self.login.clone()));
        Which { stream, login, ..Which::default() }
    }

    fn is(&self, which: &Which) -> bool {
        *which == self.which()
    }

    pub fn is_over(&self, limit: Complained) -> bool {
        self.complained >= limit.least && self.share() >= limit.share
    }
}

/// Of each login and stream about which somebody complained: from the whole hour of `from` on.
pub async fn shares(db: &Db, from: Timestamp, until: Timestamp) -> Result<Vec<Share>, Error> {
    let mut all: Vec<Share> = Vec::new();
    for one in decisions::outcomes(db, from, until).await? {
        let sum = match all.last_mut() {
            Some(last) if (&last.stream, &last.login) == (&one.stream, &one.login) => last,
            Some(_) | None => {
                let (stream, login) = (one.stream, one.login);
                all.push(Share { stream, login, delivered: 0, complained: 0 });
                let Some(last) = all.last_mut() else { continue };
                last
            }
        };
        if one.kind == Kind::Delivered {
            sum.delivered += one.count;
        } else if one.kind == Kind::Complained {
            sum.complained += one.count;
        }
    }
    all.retain(|one| one.complained > 0);
    Ok(all)
}

/// Watches the shares; one for each process.
#[derive(Clone, Debug)]
pub struct Watch {
    db: Db,
    spool: Spool,
    holder: String,
}

/// The pauses that were given, by stream and login.
type Paused = BTreeMap<String, Since>;

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Since {
    order: Uuid,
    /// When a person ended it: what came before is forgiven.
    resumed_at: Option<Timestamp>,
}

impl Watch {
    pub fn new(db: Db, spool: Spool, holder: &str) -> Self {
        Self { db, spool, holder: holder.to_owned() }
    }

    /// Pauses what is over the limit; the orders.
    ///
    /// # Errors
    /// Where the database does not answer: the next look pauses it.
    pub async fn tick(
        &self,
        now: Timestamp,
        limit: Complained,
    ) -> Result<Vec<(Order, Share)>, Unavailable> {
        let span = SignedDuration::from_hours(i64::try_from(limit.days).unwrap_or(1) * 24);
        let from = now.checked_sub(span).unwrap_or(Timestamp::MIN);
        let all = shares(&self.db, from, now).await?;
        let over = all.iter().any(|one| one.is_over(limit));
        let old = job::read(&mut self.db.read().await?, JOB).await?;
        if (!over && old.is_none()) || !job::claim(&self.db, now, JOB, &self.holder, LEASE).await? {
            return Ok(Vec::new());
        }
        let old = job::read(&mut self.db.read().await?, JOB).await?;
        let mut paused: Paused =
            old.as_deref().and_then(|old| serde_json::from_str(old).ok()).unwrap_or_default();
        let live = self.spool.orders().await?;
        for since in paused.values_mut().filter(|since| since.resumed_at.is_none()) {
            if !live.iter().any(|order| order.id == since.order) {
                since.resumed_at = Some(now);
            }
        }
        paused.retain(|_, since| since.resumed_at.is_none_or(|at| at > from));
        let mut given = Vec::new();
        for one in all.into_iter().filter(|one| one.is_over(limit)) {
            let name = format!("{} {}", one.stream, one.login);
            let since = paused.get(&name).map(|since| since.resumed_at);
            let again = match since {
                None => Some(one),
                Some(None) => None,
                Some(Some(at)) => self.since(at, now, &one).await?.filter(|one| one.is_over(limit)),
            };
            let Some(one) = again else { continue };
            // It was given just before a stop.
            if let Some(known) = live.iter().find(|order| order.by == BY && one.is(&order.which)) {
                paused.insert(name, Since { order: known.id, resumed_at: None });
                continue;
            }
            let Some(order) = self.pause(now, &one).await? else { continue };
            paused.insert(name, Since { order: order.id, resumed_at: None });
            given.push((order, one));
        }
        // INVARIANT: ids and times by names are always JSON.
        let new = serde_json::to_string(&paused).unwrap_or_default();
        let mut tx = self.db.begin().await?;
        if job::swap(&mut tx, JOB, old.as_deref(), Some(&new)).await? {
            tx.commit().await?;
        }
        Ok(given)
    }

    /// The same mail, of the hours after the one in which it was resumed.
    async fn since(
        &self,
        resumed_at: Timestamp,
        now: Timestamp,
        of: &Share,
    ) -> Result<Option<Share>, Error> {
        let from = resumed_at.checked_add(HOUR).unwrap_or(now);
        if from > now {
            return Ok(None);
        }
        let all = shares(&self.db, from, now).await?;
        Ok(all.into_iter().find(|one| (&one.stream, &one.login) == (&of.stream, &of.login)))
    }

    /// `None`: as many orders are under way as there may be.
    async fn pause(&self, now: Timestamp, one: &Share) -> Result<Option<Order>, Error> {
        let counts = format!("{}/{}", one.complained, one.delivered);
        let why = reason::line(Cause::ComplaintLimit.as_str(), &counts);
        self.spool.give(now, (What::Pause, one.which()), (BY, &why), How::default()).await
    }
}

/// Who gives such orders.
pub const BY: &str = "relay/complaints";
const JOB: &str = "complaints/watch";
const LEASE: SignedDuration = SignedDuration::from_mins(5);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
