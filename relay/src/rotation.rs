//! How data keys change: a new one is put to use, everything is sealed anew with it, batch by batch
//! and beside relays at work, and an old one goes when nothing is sealed with it any more.
//!
//! A key is made first, then known to every relay, then put to use: none ever meets a value that it
//! cannot open. What was sealed anew stays so after a stop; the `job` says where to go on.

use std::{collections::BTreeMap, path::Path, time::Duration};

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    at_rest::{self, Column, Kind, Part},
    db::{Arg, Conn, Db, Error, Row, int, text},
    job,
    seal::Secret,
};

/// How many values each data key seals, by its id.
pub type Used = BTreeMap<u8, u64>;

/// A relay that is at work on the database.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Node {
    pub name: String,
    /// Ids of the newest data key that it has, and of the one that it seals with.
    pub newest: u8,
    pub sealing: u8,
}

/// How far the work is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Progress {
    pub column: &'static str,
    /// Values sealed anew so far, all columns.
    pub sealed: u64,
}

/// As it is on record.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct State {
    /// Id of the key that all is sealed with.
    key: u8,
    /// The place in the list of columns.
    column: usize,
    sealed: u64,
}

/// The key that the rotation is to: that of one that was stopped, or else a new one, which is in the
/// key file now and not yet in use.
pub async fn next(db: &Db, secret: &Secret, file: &Path, now: Timestamp) -> anyhow::Result<u8> {
    let mut conn = db.read().await?;
    if let Some(State { key, .. }) = state(&mut conn).await?.and_then(|text| parse(&text)) {
        return Ok(key);
    }
    let newest = secret.data_keys().last().map_or(0, |key| key.id);
    if newest > secret.sealing() {
        return Ok(newest);
    }
    let id = Secret::add_keys(file, now)?;
    secret.refresh()?;
    Ok(id)
}

/// Relays that are alive.
pub async fn nodes(db: &Db, now: Timestamp) -> Result<Vec<Node>, Error> {
    let sql = "SELECT name, newest_key, sealing_key FROM node WHERE alive_until > $1 ORDER BY name";
    let rows = db.read().await?.rows(sql, vec![int(now.as_millisecond())]).await?;
    let node = |row: &Row| {
        Ok(Node { name: row.text(0)?, newest: id(row.int(1)?), sealing: id(row.int(2)?) })
    };
    rows.iter().map(node).collect()
}

/// From now on the key seals, and everything else is to be sealed anew.
pub async fn put_to_use(db: &Db, secret: &Secret, now: Timestamp, key: u8) -> anyhow::Result<()> {
    secret.seal_with(key).with_context(|| format!("data key {key} is not in the key file"))?;
    let mut tx = db.begin().await?;
    if at_rest::current(&mut tx).await? != key {
        at_rest::put_to_use(&mut tx, now, key).await?;
    }
    let fresh = State { key, column: 0, sealed: 0 };
    let fresh = serde_json::to_string(&fresh).unwrap_or_default();
    // Where it is there already, it goes on.
    job::swap(&mut tx, JOB, None, Some(&fresh)).await?;
    Ok(tx.commit().await?)
}

/// Seals with the key in use what another one sealed; how many values.
pub async fn reseal(
    db: &Db,
    secret: &Secret,
    mut told: impl FnMut(Progress),
) -> anyhow::Result<u64> {
    loop {
        let Some(old) = state(&mut db.read().await?).await? else { return Ok(0) };
        let mut now = parse(&old).context("the job `keys/reseal` is not readable")?;
        let Some(column) = Column::ALL.get(now.column).copied() else {
            let mut tx = db.begin().await?;
            job::swap(&mut tx, JOB, Some(&old), None).await?;
            tx.commit().await?;
            return Ok(now.sealed);
        };
        let mut work = Work { db, secret, column, after: Vec::new(), state: old };
        while work.batch(&mut now).await? {
            told(Progress { column: column.label(), sealed: now.sealed });
            // A relay that waits for the write lock gets it between two batches.
            tokio::time::sleep(BREATH).await;
        }
        told(Progress { column: column.label(), sealed: now.sealed });
    }
}

/// One column on its way.
struct Work<'a> {
    db: &'a Db,
    secret: &'a Secret,
    column: Column,
    /// The key of the row behind which it goes on; empty: from the first.
    after: Vec<Arg<'static>>,
    /// As it is on record.
    state: String,
}

impl Work<'_> {
    /// One batch, and how far it came, in one transaction; whether the column has more.
    async fn batch(&mut self, state: &mut State) -> anyhow::Result<bool> {
        for _ in 0..TRIES {
            match self.step(state).await {
                // Somebody holds a row, or the database is away for a moment.
                Err(Error::Away(_)) => tokio::time::sleep(PAUSE).await,
                other => return Ok(other?),
            }
        }
        Ok(self.step(state).await?)
    }

    async fn step(&mut self, state: &mut State) -> Result<bool, Error> {
        let rows = self.others(state.key).await?;
        let width = self.column.key().len();
        let mut anew = Vec::with_capacity(rows.len() * (width + 2));
        for row in &rows {
            let key = self.key(row)?;
            let old = row.bytes(width)?;
            let parts: Vec<Part<'_>> = key.iter().filter_map(part).collect();
            let parts = if self.column.is_bound() { parts.as_slice() } else { &[] };
            let plain = match at_rest::open(self.secret, self.column, parts, old.clone()) {
                Ok(plain) => plain,
                Err(error @ (Error::Away(_) | Error::Taken(_))) => return Err(error),
                Err(Error::Bug(fault)) => {
                    tracing::error!(fault, "it stays as it is");
                    continue;
                }
            };
            let new = at_rest::seal(self.secret, self.column, parts, &plain);
            anew.extend(key);
            anew.extend([Arg::bytes(new), Arg::bytes(old)]);
        }
        let last = rows.last().map(|row| self.key(row)).transpose()?;
        let more = i64::try_from(rows.len()).unwrap_or(i64::MAX) >= BATCH;
        let mut next = state.clone();
        let mut tx = self.db.begin().await?;
        // What was written anew meanwhile is left as it is.
        let of = (self.columns(), self.column.name());
        next.sealed += tx.replace(self.column.table(), (&of.0, of.1), anew).await?;
        if !more {
            next.column += 1;
        }
        let written = serde_json::to_string(&next).unwrap_or_default();
        if !job::swap(&mut tx, JOB, Some(&self.state), Some(&written)).await? {
            return Err(Error::Taken("another `souhlas keys rotate` is at work: wait".into()));
        }
        tx.commit().await?;
        (self.state, *state) = (written, next);
        self.after = last.unwrap_or_default();
        Ok(more)
    }

    /// Values behind `after` that another key sealed, in the order of their rows.
    async fn others(&self, key: u8) -> Result<Vec<Row>, Error> {
        let (table, name) = (self.column.table(), self.column.name());
        let columns = self.columns().join(", ");
        let mut args = vec![Arg::bytes(vec![key]), int(BATCH)];
        let mut behind = String::new();
        if !self.after.is_empty() {
            let places: Vec<String> =
                (3..).take(self.after.len()).map(|at| format!("${at}")).collect();
            behind = format!(" AND ({columns}) > ({})", places.join(", "));
            args.extend(self.after.iter().cloned());
        }
        let sql = format!(
            "SELECT {columns}, {name} FROM {table} WHERE {name} IS NOT NULL \
             AND substr({name}, 1, 1) <> $1{behind} ORDER BY {columns} LIMIT $2"
        );
        self.db.read().await?.rows(&sql, args).await
    }

    fn columns(&self) -> Vec<&'static str> {
        self.column.key().iter().map(|(name, _)| *name).collect()
    }

    fn key(&self, row: &Row) -> Result<Vec<Arg<'static>>, Error> {
        let kinds = self.column.key().iter().zip(0..);
        let read = |((_, kind), at): (&(&str, Kind), usize)| {
            Ok(match kind {
                Kind::Bytes => Arg::bytes(row.bytes(at)?),
                Kind::Uuid => Arg::Uuid(Some(row.uuid(at)?)),
                Kind::Int => int(row.int(at)?),
                Kind::Text => text(row.text(at)?),
            })
        };
        kinds.map(read).collect()
    }
}

fn part<'a>(arg: &'a Arg<'_>) -> Option<Part<'a>> {
    match arg {
        Arg::Bytes(value) => value.as_deref().map(Part::Bytes),
        Arg::Text(value) => value.as_deref().map(|text| Part::Bytes(text.as_bytes())),
        Arg::Uuid(value) => value.map(Part::Uuid),
        Arg::Int(value) => value.map(Part::Int),
    }
}

/// Looks through every sealed column.
pub async fn used(db: &Db) -> Result<Used, Error> {
    let mut used = Used::new();
    let mut conn = db.read().await?;
    for column in Column::ALL {
        let (table, name) = (column.table(), column.name());
        let sql = format!(
            "SELECT substr({name}, 1, 1), COUNT(*) FROM {table} WHERE {name} IS NOT NULL \
             GROUP BY substr({name}, 1, 1)"
        );
        for row in conn.rows(&sql, vec![]).await? {
            let id = row.bytes(0)?.first().copied().unwrap_or_default();
            *used.entry(id).or_default() += row.count(1)?;
        }
    }
    Ok(used)
}

/// Removes an old data key from the key file. An error says why it has to stay.
pub async fn drop_key(
    db: &Db,
    secret: &Secret,
    file: &Path,
    (now, id): (Timestamp, u8),
) -> anyhow::Result<()> {
    anyhow::ensure!(id != 0, "data key 0 is derived from the master secret: it is in no line");
    let mut conn = db.read().await?;
    let current = at_rest::current(&mut conn).await?;
    let since = at_rest::current_since(&mut conn).await?;
    anyhow::ensure!(id < current, "data key {id} is in use, or is to be");
    let since = since.unwrap_or(now);
    let quiet = since.checked_add(QUIET).unwrap_or(now);
    anyhow::ensure!(
        now >= quiet,
        "data key {id} may still seal in a command that was begun before the rotation: drop it \
         after {}",
        quiet.round(jiff::Unit::Second).unwrap_or(quiet)
    );
    if let Some(node) = nodes(db, now).await?.iter().find(|node| node.sealing == id) {
        anyhow::bail!("the relay `{}` seals with data key {id} still", node.name);
    }
    let rows = used(db).await?.get(&id).copied().unwrap_or_default();
    anyhow::ensure!(
        rows == 0,
        "data key {id} seals {rows} values: run `souhlas keys rotate`, which seals them anew"
    );
    anyhow::ensure!(Secret::drop_data_key(file, id)?, "there is no data key {id} in the key file");
    secret.refresh().map(drop)
}

async fn state(conn: &mut Conn<'_>) -> Result<Option<String>, Error> {
    job::read(conn, JOB).await
}

fn parse(state: &str) -> Option<State> {
    serde_json::from_str(state).ok()
}

fn id(column: i64) -> u8 {
    u8::try_from(column).unwrap_or_default()
}

const JOB: &str = "keys/reseal";
/// Rows of one transaction: a few milliseconds.
const BATCH: i64 = 500;
const BREATH: Duration = Duration::from_millis(2);
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(500);
/// Longer than a command that was begun before a rotation goes on.
const QUIET: SignedDuration = SignedDuration::from_hours(1);
