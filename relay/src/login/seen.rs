//! From where each login sent last, and with what: for whoever looks after the tools. Nothing is
//! decided by it. It is written now and then and not for each message.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    at_rest::{self, Column, Part},
    db::{Arg, Db, Error, Row, Unavailable, int, text},
    seal::Secret,
};

/// Notes what is seen; cheap to clone.
#[derive(Clone, Debug)]
pub struct Seen {
    db: Db,
    secret: Secret,
    noted: Arc<Mutex<BTreeMap<String, Timestamp>>>,
}

/// Who was on the other end.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Told {
    pub address: IpAddr,
    pub helo: String,
    /// As its messages call it; empty where they do not.
    pub tool: String,
}

impl Seen {
    pub fn new(db: Db, secret: &Secret) -> Self {
        Self { db, secret: secret.clone(), noted: Arc::default() }
    }

    /// A message came. `told` is asked for where it is time to write it down.
    pub fn note(&self, now: Timestamp, login: &str, told: impl FnOnce() -> Told) {
        {
            let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
            if noted.get(login).is_some_and(|last| now.duration_since(*last) < NOTED_EVERY) {
                return;
            }
            if noted.len() >= LOGINS_MAX {
                noted.clear();
            }
            noted.insert(login.to_owned(), now);
        }
        let (this, login, mut told) = (self.clone(), login.to_owned(), told());
        for text in [&mut told.helo, &mut told.tool] {
            *text = text.chars().take(TEXT_MAX).collect();
        }
        tokio::spawn(async move {
            if let Err(error) = this.write(now, &login, &told).await {
                tracing::debug!(%error, "from where a login sent is not noted");
            }
        });
    }

    async fn write(&self, now: Timestamp, login: &str, told: &Told) -> Result<(), Error> {
        // INVARIANT: three strings are always JSON.
        let plain = serde_json::to_vec(told).unwrap_or_default();
        let place = [Part::Bytes(login.as_bytes())];
        let told = at_rest::seal(&self.secret, Column::SenderSeen, &place, &plain);
        let row = vec![text(login), int(now.as_millisecond()), Arg::bytes(told)];
        let conflict = "ON CONFLICT (login) DO UPDATE SET at = excluded.at, told = excluded.told";
        let mut tx = self.db.begin().await?;
        tx.insert("sender_seen", &["login", "at", "told"], row, conflict).await?;
        tx.commit().await
    }

    /// All logins that ever sent, with when they did last, to ten minutes.
    pub async fn all(
        db: &Db,
        secret: &Secret,
    ) -> Result<BTreeMap<String, (Timestamp, Told)>, Unavailable> {
        let rows = db.read().await?.rows("SELECT login, at, told FROM sender_seen", vec![]).await?;
        let read = |row: &Row| {
            let login = row.text(0)?;
            let place = [Part::Bytes(login.as_bytes())];
            let plain = at_rest::open(secret, Column::SenderSeen, &place, row.bytes(2)?)?;
            let told = serde_json::from_slice(&plain);
            let told = told.map_err(|_| Error::Bug("sender_seen: told".into()))?;
            let at = row.time(1)?;
            Ok((login, (at, told)))
        };
        Ok(rows.iter().map(read).collect::<Result<_, Error>>()?)
    }
}

const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(10);
/// Remembered at a time; more than any installation has.
const LOGINS_MAX: usize = 10_000;
const TEXT_MAX: usize = 120;
