//! Which hosts a domain says are its own (MTA-STS, RFC 8461): looked up, fetched, kept until it ends.
//!
//! A policy once fetched holds until its time is over, whatever DNS or its host say meanwhile: who can
//! make those silent must not be able to take it back.

pub mod policy;
mod store;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use self::store::{Kept, Store};
pub use self::{
    policy::{Mode, Policy},
    store::forget,
};
use super::{dns::Resolver, outcome::Problem};
use crate::{
    db::Db,
    http::{Ask, Client},
    journal::reason::Cause,
    seal::Secret,
};

/// Finds policies; cheap to clone.
#[derive(Clone, Debug)]
pub struct Sts {
    store: Store,
    resolver: Resolver,
    client: Client,
    doors: Doors,
}

/// What is known of a domain.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Without one the domain asks for nothing.
    pub policy: Option<Arc<Policy>>,
    /// One is announced that could not be had.
    pub fault: Option<Fault>,
}

/// Why a policy could not be had.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    Fetch(&'static str),
    Invalid(&'static str),
}

/// One at a time fetches a domain's policy. Behind each door: when it was fetched in vain.
#[derive(Clone, Debug, Default)]
struct Doors(Arc<Mutex<BTreeMap<String, Door>>>);

type Door = Arc<tokio::sync::Mutex<Option<(Timestamp, Fault)>>>;

/// Of the policy's text (RFC 8461 §3.3).
const OCTETS_MAX: usize = 64 << 10;
/// From the look-up of its host to its end (RFC 8461 §3.3).
const PATIENCE: Duration = Duration::from_secs(60);
/// Not fetched in vain more often (RFC 8461 §3.3).
const PAUSE: SignedDuration = SignedDuration::from_mins(5);
/// One that is older is fetched again, long before it ends.
const FRESH: SignedDuration = SignedDuration::from_hours(24);
/// Domains of which it is remembered that nothing came.
const DOORS_MAX: usize = 10_000;

impl Sts {
    pub fn new(db: Db, secret: Secret, resolver: Resolver, client: Client) -> Self {
        Self { store: Store::new(db, secret), resolver, client, doors: Doors::default() }
    }

    /// What the domain asks for at that time. `domain` is a lower-case A-label.
    ///
    /// # Errors
    ///
    /// Where the database does not say whether there is a policy: nothing is sent then.
    pub async fn find(&self, now: Timestamp, domain: &str) -> Result<Found, Problem> {
        let record = format!("_mta-sts.{domain}");
        let announced = self.resolver.texts(&record).await.or_none();
        // Silence announces nothing, and takes nothing back.
        let announced = announced.ok().and_then(|texts| policy::announced(&texts));
        let kept = self.kept(now, domain).await?;
        let Some(id) = announced.filter(|id| kept.as_ref().is_none_or(|kept| kept.is_old(now, id)))
        else {
            return Ok(Found::of(kept, None));
        };
        let door = self.doors.of(domain);
        let mut failed = door.lock().await;
        // Somebody else may have been there meanwhile, in this relay or in another.
        let kept = self.kept(now, domain).await?;
        if kept.as_ref().is_some_and(|kept| !kept.is_old(now, &id)) {
            return Ok(Found::of(kept, None));
        }
        if let Some((at, fault)) = *failed
            && now.duration_since(at) < PAUSE
        {
            return Ok(Found::of(kept, Some(fault)));
        }
        match self.fetch(now, domain, &id).await {
            Ok(fetched) => {
                *failed = None;
                Ok(Found { policy: Some(Arc::new(fetched)), fault: None })
            }
            Err(fault) => {
                *failed = Some((now, fault));
                metrics::counter!("souhlas_sts_fetch_failed_total").increment(1);
                Ok(Found::of(kept, Some(fault)))
            }
        }
    }

    async fn kept(&self, now: Timestamp, domain: &str) -> Result<Option<Kept>, Problem> {
        self.store.find(now, domain).await.map_err(|fault| {
            tracing::warn!(%fault, "cannot tell whether a domain has a policy");
            Problem::Policy(Cause::StorageUnavailable)
        })
    }

    async fn fetch(&self, now: Timestamp, domain: &str, id: &str) -> Result<Policy, Fault> {
        let host = format!("mta-sts.{domain}");
        let url = format!("https://{host}/.well-known/mta-sts.txt");
        let found = self.resolver.addresses(&host).await;
        let at = found.map_err(|_| Fault::Fetch("the policy's host is not found"))?;
        let ask = Ask {
            url: &url,
            headers: &[],
            body: None,
            answer_max: OCTETS_MAX,
            at: Some(at),
            time: PATIENCE,
        };
        let answer = self.client.ask(ask).await.map_err(Fault::Fetch)?;
        if answer.status != 200 {
            return Err(Fault::Fetch("the answer is no 200"));
        }
        if answer.media_type != "text/plain" {
            return Err(Fault::Invalid("the policy is no text/plain"));
        }
        let policy = Policy::parse(&answer.body).map_err(Fault::Invalid)?;
        let text = String::from_utf8_lossy(&answer.body);
        // Not kept, it counts for this attempt all the same.
        if let Err(fault) = self.store.put(now, domain, (id, &text, &policy)).await {
            tracing::warn!(%fault, "cannot keep a domain's policy");
        }
        Ok(policy)
    }
}

impl Found {
    fn of(kept: Option<Kept>, fault: Option<Fault>) -> Self {
        Self { policy: kept.map(|kept| Arc::new(kept.policy)), fault }
    }
}

impl Kept {
    /// Another one is announced, or this one was fetched long ago.
    fn is_old(&self, now: Timestamp, id: &str) -> bool {
        let half = SignedDuration::from_secs(i64::from(self.policy.max_age_seconds) / 2);
        self.id != id || now.duration_since(self.fetched_at) >= FRESH.min(half)
    }
}

impl Doors {
    fn of(&self, domain: &str) -> Door {
        // INVARIANT: no code that can panic runs under the lock.
        let mut doors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if doors.len() >= DOORS_MAX {
            doors.retain(|_, door| Arc::strong_count(door) > 1);
        }
        doors.entry(domain.to_owned()).or_default().clone()
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fetch(why) | Self::Invalid(why) => f.write_str(why),
        }
    }
}
