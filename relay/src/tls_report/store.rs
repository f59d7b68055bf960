//! Counts in the database, added up over all relays.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    at_rest::{self, Column, Part},
    db::{Arg, Db, Error, int, key, size},
    delivery::tally::{self, Session},
    seal::Secret,
};

/// Keeps them; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Store {
    db: Db,
    secret: Secret,
}

/// A domain, by its keyed hash, on a day that may be over.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Day {
    pub day: i64,
    pub domain: [u8; 32],
}

/// Domains looked at in one go.
const DAYS_MAX: i64 = 1_000;
/// Ways that sessions went, of one domain on one day; the rarest are left out.
const WAYS_MAX: i64 = 2_000;

impl Store {
    pub(super) fn new(db: Db, secret: Secret) -> Self {
        Self { db, secret }
    }

    pub(super) async fn add(&self, counts: &BTreeMap<Session, u64>) -> Result<(), Error> {
        let mac = self.secret.mac_key("tls count");
        let mut tx = self.db.begin().await?;
        for (session, count) in counts {
            let told = serde_json::to_vec(session).map_err(|why| Error::Bug(why.to_string()))?;
            let id = mac.sign(&told);
            let sealed =
                at_rest::seal(&self.secret, Column::TlsCountTold, &[Part::Bytes(&id)], &told);
            let domain = self.domain(&session.domain);
            let row =
                vec![key(&id), int(session.day), key(&domain), Arg::bytes(sealed), size(*count)];
            let columns = &["id", "day", "domain", "told", "count"];
            let more = "ON CONFLICT (id) DO UPDATE SET count = tls_count.count + excluded.count";
            tx.insert("tls_count", columns, row, more).await?;
        }
        tx.commit().await
    }

    /// Days that are over and not reported.
    pub(super) async fn over(&self, now: Timestamp) -> Result<Vec<Day>, Error> {
        let sql = "SELECT DISTINCT day, domain FROM tls_count WHERE day < $1 \
                   ORDER BY day, domain LIMIT $2";
        let args = vec![int(tally::day(now)), int(DAYS_MAX)];
        let rows = self.db.read().await?.rows(sql, args).await?;
        rows.iter().map(|row| Ok(Day { day: row.int(0)?, domain: row.key(1)? })).collect()
    }

    pub(super) async fn sessions(&self, day: &Day) -> Result<Vec<(Session, u64)>, Error> {
        let sql = "SELECT id, told, count FROM tls_count WHERE day = $1 AND domain = $2 \
                   ORDER BY count DESC, id LIMIT $3";
        let args = vec![int(day.day), key(&day.domain), int(WAYS_MAX)];
        let rows = self.db.read().await?.rows(sql, args).await?;
        let read = |row: &crate::db::Row| {
            let id = row.key(0)?;
            let part = [Part::Bytes(&id)];
            let told = at_rest::open(&self.secret, Column::TlsCountTold, &part, row.bytes(1)?)?;
            let told = serde_json::from_slice(&told)
                .map_err(|why| Error::Bug(format!("tls_count.told: {why}")))?;
            Ok((told, row.count(2)?))
        };
        let mut sessions: Vec<(Session, u64)> =
            rows.iter().map(read).collect::<Result<_, Error>>()?;
        sessions.sort_unstable();
        Ok(sessions)
    }

    pub(super) async fn forget(&self, day: &Day) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        let sql = "DELETE FROM tls_count WHERE day = $1 AND domain = $2";
        tx.run(sql, vec![int(day.day), key(&day.domain)]).await?;
        tx.commit().await
    }

    fn domain(&self, domain: &str) -> [u8; 32] {
        self.secret.mac_key("tls count domain").sign(domain.as_bytes())
    }
}
