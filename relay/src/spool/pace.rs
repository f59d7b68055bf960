//! What all relays that share a database know together of how fast they send: rates, open connections,
//! and providers that asked for less. What the numbers mean is `delivery::pace`'s.
//!
//! A rate's row is locked while it is read and written, so that two relays never take the same. Open
//! connections are each relay's own row, which goes with its claims where it dies. SQLite has one
//! relay, which counts connections in memory.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Spool;
use crate::{
    at_rest::{self, Column, Part},
    db::{Arg, Db, Error, Row, Tx, int, key, moment, uuid},
    seal::{MacKey, Secret},
};

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Paces {
    db: Db,
    secret: Secret,
    mac: MacKey,
    node: Uuid,
}

/// A provider that asked for a slower pace.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Slowed {
    pub provider: String,
    /// Empty: the system's address.
    pub source: String,
    pub level: u32,
    pub until: Timestamp,
    pub at: Timestamp,
}

impl Slowed {
    /// How much slower: a level halves the pace.
    pub fn times(&self) -> u64 {
        1 << self.level.min(6)
    }
}

/// A provider, a source, and what holds between them from now on; `None`: no pause.
pub type Changed = (String, String, Option<Slowed>);

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Told {
    provider: String,
    source: String,
}

impl Spool {
    /// `None` for a visitor, who sends nothing.
    pub fn paces(&self) -> Option<Paces> {
        let node = self.node.as_ref()?.id;
        let mac = self.secret.mac_key("pace");
        Some(Paces { db: self.db.clone(), secret: self.secret.clone(), mac, node })
    }

    /// The providers that asked for a slower pace, the slowest first.
    pub async fn slowed(&self) -> Result<Vec<Slowed>, Error> {
        read_slowed(&self.db, &self.secret).await
    }
}

impl Paces {
    /// Connections are counted in the database, too.
    pub fn counts_connections(&self) -> bool {
        !self.db.is_sqlite()
    }

    /// Reads the marks of these rates, lets `change` write new ones, and keeps them, all at once.
    pub async fn marks<T>(
        &self,
        names: &[String],
        change: impl FnOnce(&mut Vec<i64>) -> T,
    ) -> Result<T, Error> {
        let mut places: Vec<(usize, [u8; 32])> =
            names.iter().enumerate().map(|(at, name)| (at, self.key(name))).collect();
        // In the order of the keys: two relays never wait for each other.
        places.sort_by_key(|(_, key)| *key);
        let mut tx = self.db.begin().await?;
        let mut marks = vec![0; names.len()];
        for (at, of) in &places {
            let mark = lock(&mut tx, of).await?;
            if let Some(place) = marks.get_mut(*at) {
                *place = mark;
            }
        }
        let told = change(&mut marks);
        for (at, of) in &places {
            let mark = marks.get(*at).copied().unwrap_or_default();
            let sql = "UPDATE pace SET mark = $2 WHERE key = $1";
            tx.run(sql, vec![key(of), int(mark)]).await?;
        }
        tx.commit().await?;
        Ok(told)
    }

    /// Takes one more connection of each, where all relays together have fewer than the most; with how
    /// many this one has already. Whether it did.
    pub async fn open(&self, wanted: &[(String, u32, u32)]) -> Result<bool, Error> {
        let mut places: Vec<([u8; 32], u32, u32)> =
            wanted.iter().map(|(name, most, own)| (self.key(name), *most, *own)).collect();
        places.sort_by_key(|(key, ..)| *key);
        let mut tx = self.db.begin().await?;
        for (of, most, own) in &places {
            lock(&mut tx, of).await?;
            let sql = "SELECT CAST(COALESCE(SUM(open), 0) AS BIGINT) FROM pace_open \
                       WHERE key = $1 AND node <> $2";
            let rows = tx.rows(sql, vec![key(of), uuid(self.node)]).await?;
            let others = rows.first().map_or(Ok(0), |row| row.int(0))?;
            if others.saturating_add(i64::from(*own)) >= i64::from(*most) {
                return Ok(false);
            }
        }
        for (of, _, own) in &places {
            self.put(&mut tx, of, own.saturating_add(1)).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// So many this relay has open, whatever was written before.
    pub async fn opened(&self, counts: &[(String, u32)]) -> Result<(), Error> {
        let mut places: Vec<([u8; 32], u32)> =
            counts.iter().map(|(name, open)| (self.key(name), *open)).collect();
        places.sort_by_key(|(key, _)| *key);
        let mut tx = self.db.begin().await?;
        for (of, open) in &places {
            self.put(&mut tx, of, *open).await?;
        }
        tx.commit().await
    }

    async fn put(&self, tx: &mut Tx<'_>, of: &[u8; 32], open: u32) -> Result<(), Error> {
        if open == 0 {
            let sql = "DELETE FROM pace_open WHERE key = $1 AND node = $2";
            return tx.run(sql, vec![key(of), uuid(self.node)]).await.map(drop);
        }
        let sql = "INSERT INTO pace_open (key, node, open) VALUES ($1, $2, $3) \
                   ON CONFLICT (key, node) DO UPDATE SET open = excluded.open";
        tx.run(sql, vec![key(of), uuid(self.node), int(open.into())]).await.map(drop)
    }

    /// How many share the database just now, this one among them.
    pub async fn relays(&self) -> Result<u32, Error> {
        let rows = self.db.read().await?.rows("SELECT COUNT(*) FROM node", vec![]).await?;
        let count = rows.first().map_or(Ok(1), |row| row.count(0))?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX).max(1))
    }

    /// What became slower, or faster again (`None`), since it was said last.
    pub async fn slow(&self, changed: &[Changed]) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        for (provider, source, slowed) in changed {
            let of = self.key(&format!("slow\n{provider}\n{source}"));
            let Some(slowed) = slowed else {
                tx.run("DELETE FROM pace_slow WHERE key = $1", vec![key(&of)]).await?;
                continue;
            };
            let told = Told { provider: provider.clone(), source: source.clone() };
            let told = serde_json::to_vec(&told).map_err(|why| Error::Bug(why.to_string()))?;
            let column = Column::PaceSlowTold;
            let told = at_rest::seal(&self.secret, column, &[Part::Bytes(&of)], &told);
            let sql = "INSERT INTO pace_slow (key, told, level, until, at) \
                       VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key) DO UPDATE SET \
                       told = excluded.told, level = excluded.level, until = excluded.until, \
                       at = excluded.at WHERE pace_slow.at <= excluded.at";
            let args = vec![
                key(&of),
                Arg::bytes(told),
                int(slowed.level.into()),
                int(slowed.until.as_millisecond()),
                int(slowed.at.as_millisecond()),
            ];
            tx.run(sql, args).await?;
        }
        tx.commit().await
    }

    /// As all relays know them.
    pub async fn slowed(&self) -> Result<Vec<Slowed>, Error> {
        read_slowed(&self.db, &self.secret).await
    }

    /// Forgets what nobody was told about since.
    pub async fn forget(&self, before: Timestamp) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        let (milliseconds, micros) = (before.as_millisecond(), before.as_microsecond());
        tx.run("DELETE FROM pace_slow WHERE until < $1", vec![int(milliseconds)]).await?;
        tx.run("DELETE FROM pace WHERE mark < $1", vec![int(micros)]).await?;
        tx.commit().await
    }

    fn key(&self, name: &str) -> [u8; 32] {
        self.mac.sign(name.as_bytes())
    }
}

/// The row is this transaction's until it ends.
async fn lock(tx: &mut Tx<'_>, of: &[u8; 32]) -> Result<i64, Error> {
    let sql = "INSERT INTO pace (key, mark) VALUES ($1, 0) \
               ON CONFLICT (key) DO UPDATE SET mark = pace.mark RETURNING mark";
    let rows = tx.rows(sql, vec![key(of)]).await?;
    rows.first().map_or(Ok(0), |row| row.int(0))
}

async fn read_slowed(db: &Db, secret: &Secret) -> Result<Vec<Slowed>, Error> {
    let sql = "SELECT key, told, level, until, at FROM pace_slow ORDER BY level DESC, key";
    let rows = db.read().await?.rows(sql, vec![]).await?;
    let read = |row: &Row| {
        let part = row.key(0)?;
        let told =
            at_rest::open(secret, Column::PaceSlowTold, &[Part::Bytes(&part)], row.bytes(1)?)?;
        let told: Told = serde_json::from_slice(&told)
            .map_err(|why| Error::Bug(format!("pace_slow.told: {why}")))?;
        Ok(Slowed {
            provider: told.provider,
            source: told.source,
            level: u32::try_from(row.int(2)?).unwrap_or_default(),
            until: moment(row.int(3)?)?,
            at: moment(row.int(4)?)?,
        })
    };
    rows.iter().map(read).collect()
}
