//! Policies in the database, where all relays find them.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Policy;
use crate::{
    at_rest::{self, Column, Part},
    db::{Arg, Db, Error, int, key},
    seal::{MacKey, Secret},
};

/// Keeps them; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Store {
    db: Db,
    secret: Secret,
}

/// A policy that holds.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub id: String,
    pub policy: Policy,
    pub fetched_at: Timestamp,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Told {
    id: String,
    text: String,
}

impl Store {
    pub(super) fn new(db: Db, secret: Secret) -> Self {
        Self { db, secret }
    }

    /// The one that holds at that time.
    pub(super) async fn find(&self, now: Timestamp, domain: &str) -> Result<Option<Kept>, Error> {
        let domain = self.key(domain);
        let sql = "SELECT told, fetched_at FROM sts_policy WHERE domain = $1 AND ends_at > $2";
        let args = vec![key(&domain), int(now.as_millisecond())];
        let rows = self.db.read_briefly().await?.rows(sql, args).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let part = [Part::Bytes(&domain)];
        let told = at_rest::open(&self.secret, Column::StsPolicyTold, &part, row.bytes(0)?)?;
        let broken = |why: &str| Error::Bug(format!("sts_policy.told: {why}"));
        let told: Told = serde_json::from_slice(&told).map_err(|why| broken(&why.to_string()))?;
        let policy = Policy::parse(told.text.as_bytes()).map_err(broken)?;
        Ok(Some(Kept { id: told.id, policy, fetched_at: row.time(1)? }))
    }

    /// In the place of any other of the domain.
    pub(super) async fn put(
        &self,
        now: Timestamp,
        domain: &str,
        (id, text, policy): (&str, &str, &Policy),
    ) -> Result<(), Error> {
        let domain = self.key(domain);
        let told = Told { id: id.to_owned(), text: text.to_owned() };
        let told = serde_json::to_vec(&told).map_err(|why| Error::Bug(why.to_string()))?;
        let told =
            at_rest::seal(&self.secret, Column::StsPolicyTold, &[Part::Bytes(&domain)], &told);
        let ends = now.checked_add(SignedDuration::from_secs(policy.max_age_seconds.into()));
        let row = vec![
            key(&domain),
            Arg::bytes(told),
            int(now.as_millisecond()),
            int(ends.unwrap_or(now).as_millisecond()),
        ];
        let columns = &["domain", "told", "fetched_at", "ends_at"];
        let newer = "ON CONFLICT (domain) DO UPDATE SET told = excluded.told, \
                     fetched_at = excluded.fetched_at, ends_at = excluded.ends_at";
        let mut tx = self.db.begin().await?;
        tx.insert("sts_policy", columns, row, newer).await?;
        tx.commit().await
    }

    fn key(&self, domain: &str) -> [u8; 32] {
        let mac: MacKey = self.secret.mac_key("sts policy domain");
        mac.sign(domain.as_bytes())
    }
}

/// Takes away those that have ended; how many.
pub async fn forget(db: &Db, now: Timestamp) -> Result<u64, Error> {
    let mut tx = db.begin().await?;
    let sql = "DELETE FROM sts_policy WHERE ends_at <= $1";
    let gone = tx.run(sql, vec![int(now.as_millisecond())]).await?;
    tx.commit().await?;
    Ok(gone)
}
