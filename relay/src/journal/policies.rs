//! Each policy.toml that was in force, by the version that verdicts name: with it and the message a
//! verdict can be taken again.
//!
//! When one came into force is also a line of the journal (`policy-loaded`); this is the text.

use jiff::Timestamp;

use crate::db::{Db, Error, Row, int, text};

/// One policy as it was.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Policy {
    pub version: String,
    /// All of policy.toml.
    pub text: String,
    /// The release whose rules and packs it was in force with.
    pub program: String,
    pub first_at: Timestamp,
    /// When it last came into force.
    pub last_at: Timestamp,
}

/// Before it comes into force: no verdict may name a version that is not here.
pub async fn keep(db: &Db, now: Timestamp, version: &str, toml: &str) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    tx.run(
        "INSERT INTO policy (version, text, program, first_at, last_at) \
         VALUES ($1, $2, $3, $4, $4) ON CONFLICT (version) DO UPDATE SET last_at = \
         CASE WHEN excluded.last_at > policy.last_at THEN excluded.last_at ELSE policy.last_at END",
        vec![text(version), text(toml), text(PROGRAM), int(now.as_millisecond())],
    )
    .await?;
    tx.commit().await
}

/// The one that came into force last; `None` where no relay ever ran.
pub async fn last(db: &Db) -> Result<Option<Policy>, Error> {
    let sql = format!("{SELECT} ORDER BY last_at DESC, version LIMIT 1");
    db.read().await?.rows(&sql, vec![]).await?.first().map(read).transpose()
}

/// The newest first.
pub async fn list(db: &Db, limit: usize) -> Result<Vec<Policy>, Error> {
    let sql = format!("{SELECT} ORDER BY last_at DESC, version LIMIT {limit}");
    db.read().await?.rows(&sql, vec![]).await?.iter().map(read).collect()
}

/// The one that came into force before it did for the first time.
pub async fn before(db: &Db, policy: &Policy) -> Result<Option<Policy>, Error> {
    let sql = format!("{SELECT} WHERE first_at < $1 ORDER BY first_at DESC, version LIMIT 1");
    let first = vec![int(policy.first_at.as_millisecond())];
    db.read().await?.rows(&sql, first).await?.first().map(read).transpose()
}

pub async fn find(db: &Db, version: &str) -> Result<Option<Policy>, Error> {
    let sql = format!("{SELECT} WHERE version = $1");
    db.read().await?.rows(&sql, vec![text(version)]).await?.first().map(read).transpose()
}

fn read(row: &Row) -> Result<Policy, Error> {
    Ok(Policy {
        version: row.text(0)?,
        text: row.text(1)?,
        program: row.text(2)?,
        first_at: row.time(3)?,
        last_at: row.time(4)?,
    })
}

/// The release that runs.
pub const PROGRAM: &str = env!("CARGO_PKG_VERSION");
const SELECT: &str = "SELECT version, text, program, first_at, last_at FROM policy";
