//! Webhooks out: who is told over HTTP of what the ledger wrote down, and of what became of
//! messages.
//!
//! Events are read after they were committed, with a mark for each webhook and chain, so that a
//! stop loses none and writing them takes no longer. What comes in from others is `web`'s.

mod event;
mod group;
mod send;
mod store;
mod work;

use std::{fmt, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

pub use event::Event;
pub use send::Answer;

pub use crate::http::UrlFault;
use crate::{
    config::{self, Network},
    consent::Consent,
    db::{Db, Error},
    http::Client,
    seal::{self, Secret},
    tls::Tls,
};

/// All webhooks of an installation; cheap to clone.
#[derive(Clone, Debug)]
pub struct Webhooks {
    db: Db,
    secret: Secret,
    consent: Consent,
    settings: config::Webhook,
    client: Client,
}

/// One that is told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Webhook {
    pub id: Uuid,
    pub controller: String,
    pub url: String,
    pub events: Vec<Event>,
    /// Whether it is told the address, and not the contact's key alone.
    pub with_address: bool,
    pub created_at: Timestamp,
    /// Attempts in a row that failed, and since when.
    pub failures: i64,
    pub failing_since: Option<Timestamp>,
    /// From then on it is told nothing, and why.
    pub off: Option<(Timestamp, String)>,
}

/// What a new one is to be.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    pub controller: String,
    pub url: String,
    pub events: Vec<Event>,
    pub with_address: bool,
}

/// Why one was not added.
#[derive(Debug)]
pub enum AddFault {
    Url(UrlFault),
    /// The controller has as many as it may have.
    TooMany,
    Store(Error),
}

/// What a webhook signs with, for the one moment in which it is shown.
#[derive(Clone, Eq, PartialEq)]
pub struct Key(String);

/// One event on its way to one webhook.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Delivery {
    pub id: Uuid,
    pub event: String,
    /// As the ledger calls it; `None`: it has none of it.
    pub ledger_event: Option<String>,
    pub created_at: Timestamp,
    pub state: State,
    /// Not before, where it waits.
    pub next_at: Timestamp,
    /// Oldest first.
    pub attempts: Vec<Attempt>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    Waiting,
    /// A 2xx came.
    Taken,
    GivenUp,
}

/// One request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attempt {
    pub at: Timestamp,
    pub status: Option<u16>,
    pub ms: i64,
    /// Why it failed; `None`: it was taken.
    pub error: Option<String>,
}

impl Webhooks {
    pub fn new(
        db: Db,
        secret: Secret,
        consent: Consent,
        settings: config::Webhook,
    ) -> anyhow::Result<Self> {
        let networks: Arc<[Network]> = settings.private_networks.clone().into();
        let client = Client::new(Tls::new(settings.ca_file.as_deref())?, networks);
        Ok(Self { db, secret, consent, settings, client })
    }

    /// It is told of what is written down from now on.
    pub async fn add(&self, now: Timestamp, new: &NewWebhook) -> Result<(Webhook, Key), AddFault> {
        self.client.may_ask(&new.url).map_err(AddFault::Url)?;
        let key = Key::generate();
        let added = store::add(self, now, new, &key).await.map_err(AddFault::Store)?;
        added.map(|webhook| (webhook, key)).ok_or(AddFault::TooMany)
    }

    /// Those of a controller, or of all; the oldest first.
    pub async fn list(&self, controller: Option<&str>) -> Result<Vec<Webhook>, Error> {
        store::list(&self.db, controller).await
    }

    pub async fn find(&self, id: Uuid) -> Result<Option<Webhook>, Error> {
        store::find(&self.db, id).await
    }

    /// With its log and all that waits; whether there was one.
    pub async fn remove(&self, id: Uuid) -> Result<bool, Error> {
        store::remove(&self.db, id).await
    }

    /// A new key, with which the former one counts for as long as [`config::Webhook::both_keys`]
    /// says; `None`: there is no such webhook.
    pub async fn rotate(&self, now: Timestamp, id: Uuid) -> Result<Option<Key>, Error> {
        let key = Key::generate();
        Ok(store::rotate(self, now, id, &key).await?.then_some(key))
    }

    /// Goes on where it stopped; whether there is such a webhook.
    pub async fn resume(&self, now: Timestamp, id: Uuid) -> Result<bool, Error> {
        store::resume(&self.db, now, id).await
    }

    /// Something to send that says nothing; its id.
    pub async fn test(&self, now: Timestamp, webhook: &Webhook) -> Result<Uuid, Error> {
        store::test(&self.db, now, webhook.id, now).await
    }

    /// The same, sent at once by the caller itself, once.
    pub async fn test_now(&self, now: Timestamp, webhook: &Webhook) -> Result<Answer, Error> {
        self.send_test(now, webhook).await
    }

    /// The latest first, behind `before`.
    pub async fn log(
        &self,
        webhook: Uuid,
        before: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<Delivery>, Error> {
        store::log(&self.db, webhook, before, limit).await
    }
}

impl Key {
    fn generate() -> Self {
        Self(format!("{KEY_PREFIX}{}", seal::base64url(&seal::random::<32>())))
    }

    /// Its bytes, as they stand, are the key of the HMAC.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(hidden)")
    }
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Taken => "taken",
            Self::GivenUp => "given-up",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Waiting, Self::Taken, Self::GivenUp].into_iter().find(|own| own.as_str() == word)
    }
}

/// A setting's time as the stores reckon.
fn signed(time: Duration) -> SignedDuration {
    SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX)
}

const KEY_PREFIX: &str = "souhlas_hook_";
/// Of one controller.
const WEBHOOKS_MAX: i64 = 20;
