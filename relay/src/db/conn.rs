//! A connection or transaction on either database, and the few ways to speak SQL on it.
//!
//! Lists are cut or padded to fixed sizes, so that each statement is prepared once and reused.

use std::{
    fmt::Write,
    ops::{Deref, DerefMut},
    time::{Duration, Instant},
};

use sqlx::{
    Acquire, Arguments, AssertSqlSafe, Connection, Executor, PgConnection, Postgres, Sqlite,
    SqliteConnection, Transaction, pool::PoolConnection, postgres::PgArguments,
    sqlite::SqliteArguments,
};

use super::{Arg, Error, Keys, PATIENCE, Pools, Row, Unavailable};

/// One connection; inside a [`Tx`], one transaction.
pub struct Conn<'c>(Link<'c>);

enum Link<'c> {
    Sqlite(PoolConnection<Sqlite>),
    SqliteTx(Transaction<'c, Sqlite>),
    Postgres(PoolConnection<Postgres>),
    PostgresTx(Transaction<'c, Postgres>),
}

/// A transaction; dropped without commit it is rolled back.
pub struct Tx<'c>(Conn<'c>);

enum Live<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
}

pub(super) async fn read(pools: &Pools) -> Result<Conn<'static>, Error> {
    Ok(Conn(match pools {
        Pools::Sqlite { read, .. } => Link::Sqlite(read.acquire().await.map_err(fault)?),
        Pools::Postgres(pool) => Link::Postgres(pool.acquire().await.map_err(fault)?),
    }))
}

pub(super) async fn begin(pools: &Pools) -> Result<Tx<'static>, Error> {
    match pools {
        Pools::Sqlite { write, .. } => {
            let started = Instant::now();
            loop {
                match write.begin_with(IMMEDIATE).await.map_err(fault) {
                    Ok(tx) => return Ok(Tx(Conn(Link::SqliteTx(tx)))),
                    Err(error) => wait_for_the_other_writer(error, started).await?,
                }
            }
        }
        Pools::Postgres(pool) => Ok(Tx(Conn(Link::PostgresTx(pool.begin().await.map_err(fault)?)))),
    }
}

/// Another process (an import, say) holds SQLite's one write lock: it lets go between its
/// batches, and asking often is what gets us in.
async fn wait_for_the_other_writer(error: Error, started: Instant) -> Result<(), Error> {
    match error {
        Error::Away(_) if started.elapsed() < PATIENCE => {
            tokio::time::sleep(Duration::from_millis(1)).await;
            Ok(())
        }
        Error::Away(_) | Error::Taken(_) | Error::Bug(_) => Err(error),
    }
}

impl Conn<'_> {
    /// A transaction on a connection that the caller keeps, or a savepoint within one.
    pub async fn begin(&mut self) -> Result<Tx<'_>, Error> {
        match &mut self.0 {
            Link::Sqlite(conn) => {
                Ok(Tx(Conn(Link::SqliteTx(conn.begin_with(IMMEDIATE).await.map_err(fault)?))))
            }
            Link::SqliteTx(tx) => Ok(Tx(Conn(Link::SqliteTx(tx.begin().await.map_err(fault)?)))),
            Link::Postgres(conn) => {
                Ok(Tx(Conn(Link::PostgresTx(Acquire::begin(conn).await.map_err(fault)?))))
            }
            Link::PostgresTx(tx) => {
                Ok(Tx(Conn(Link::PostgresTx(tx.begin().await.map_err(fault)?))))
            }
        }
    }

    pub fn is_sqlite(&self) -> bool {
        matches!(self.0, Link::Sqlite(_) | Link::SqliteTx(_))
    }

    /// Runs a statement; how many rows it changed.
    pub async fn run(&mut self, sql: &str, args: Vec<Arg<'_>>) -> Result<u64, Error> {
        match self.live() {
            Live::Sqlite(conn) => {
                let query = sqlx::query_with(AssertSqlSafe(sql), sqlite_args(args)?);
                conn.execute(query).await.map(|done| done.rows_affected())
            }
            Live::Postgres(conn) => {
                let query = sqlx::query_with(AssertSqlSafe(sql), postgres_args(args)?);
                conn.execute(query).await.map(|done| done.rows_affected())
            }
        }
        .map_err(fault)
    }

    /// Runs a statement and returns all its rows.
    pub async fn rows(&mut self, sql: &str, args: Vec<Arg<'_>>) -> Result<Vec<Row>, Error> {
        match self.live() {
            Live::Sqlite(conn) => {
                let query = sqlx::query_with(AssertSqlSafe(sql), sqlite_args(args)?);
                let rows = conn.fetch_all(query).await.map_err(fault)?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            Live::Postgres(conn) => {
                let query = sqlx::query_with(AssertSqlSafe(sql), postgres_args(args)?);
                let rows = conn.fetch_all(query).await.map_err(fault)?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    /// Runs a statement whose text says `{in}` where it looks for one of `keys`; `args` come
    /// before the keys. The answers of all its pieces, in no order.
    pub async fn rows_in(
        &mut self,
        sql: &str,
        args: &[Arg<'_>],
        keys: Keys<'_>,
    ) -> Result<Vec<Row>, Error> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        match self.live() {
            Live::Sqlite(conn) => {
                let mut all = Vec::with_capacity(keys.len());
                for piece in pieces(&keys) {
                    let list = format!("IN ({})", placeholders(args.len(), piece.len()));
                    let mut bound = args.to_vec();
                    bound.extend(piece);
                    let sql = sql.replace("{in}", &list);
                    let query = sqlx::query_with(AssertSqlSafe(sql), sqlite_args(bound)?);
                    let rows = conn.fetch_all(query).await.map_err(fault)?;
                    all.extend(rows.into_iter().map(Row::Sqlite));
                }
                Ok(all)
            }
            Live::Postgres(conn) => {
                let sql = sql.replace("{in}", &format!("= ANY (${})", args.len() + 1));
                let mut bound = postgres_args(args.to_vec())?;
                match keys {
                    Keys::Bytes(keys) => bound.add(keys),
                    Keys::Uuids(keys) => bound.add(keys),
                }
                .map_err(|error| Error::Bug(error.to_string()))?;
                let query = sqlx::query_with(AssertSqlSafe(sql), bound);
                let rows = conn.fetch_all(query).await.map_err(fault)?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    /// Inserts rows given one after another in `args`, each of `columns.len()` values.
    /// `conflict` is empty or an `ON CONFLICT` clause.
    pub async fn insert(
        &mut self,
        table: &str,
        columns: &[&str],
        args: Vec<Arg<'_>>,
        conflict: &str,
    ) -> Result<u64, Error> {
        if args.is_empty() {
            return Ok(0);
        }
        if let Live::Postgres(conn) = self.live() {
            let (sql, bound) = unnest(table, columns, args, conflict)?;
            let query = sqlx::query_with(AssertSqlSafe(sql), bound);
            return conn.execute(query).await.map(|done| done.rows_affected()).map_err(fault);
        }
        let mut left = args.into_iter();
        let mut changed = 0;
        while left.len() > 0 {
            let rows = step(left.len() / columns.len().max(1));
            let piece: Vec<_> = left.by_ref().take((rows * columns.len()).max(1)).collect();
            let sql = values(table, columns, rows, conflict);
            changed += self.run(&sql, piece).await?;
        }
        Ok(changed)
    }

    fn live(&mut self) -> Live<'_> {
        match &mut self.0 {
            Link::Sqlite(conn) => Live::Sqlite(conn),
            Link::SqliteTx(tx) => Live::Sqlite(tx),
            Link::Postgres(conn) => Live::Postgres(conn),
            Link::PostgresTx(tx) => Live::Postgres(tx),
        }
    }

    /// Several statements of our own, without values: migrations.
    pub(super) async fn script(&mut self, sql: &str) -> Result<(), Error> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        match self.live() {
            Live::Sqlite(conn) => conn.execute(sql).await.map(|_| ()),
            Live::Postgres(conn) => conn.execute(sql).await.map(|_| ()),
        }
        .map_err(fault)
    }
}

impl Tx<'_> {
    /// Durable when it returns.
    pub async fn commit(self) -> Result<(), Error> {
        match self.0.0 {
            Link::SqliteTx(tx) => tx.commit().await.map_err(fault),
            Link::PostgresTx(tx) => tx.commit().await.map_err(fault),
            Link::Sqlite(_) | Link::Postgres(_) => Ok(()),
        }
    }

    pub async fn rollback(self) -> Result<(), Error> {
        match self.0.0 {
            Link::SqliteTx(tx) => tx.rollback().await.map_err(fault),
            Link::PostgresTx(tx) => tx.rollback().await.map_err(fault),
            Link::Sqlite(_) | Link::Postgres(_) => Ok(()),
        }
    }
}

impl<'c> Deref for Tx<'c> {
    type Target = Conn<'c>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

fn sqlite_args(args: Vec<Arg<'_>>) -> Result<SqliteArguments, Error> {
    let mut bound = SqliteArguments::default();
    bound.reserve(args.len(), 0);
    for arg in args {
        match arg {
            Arg::Int(value) => bound.add(value),
            Arg::Text(value) => bound.add(value.map(std::borrow::Cow::into_owned)),
            Arg::Bytes(value) => bound.add(value.map(std::borrow::Cow::into_owned)),
            Arg::Uuid(value) => bound.add(value),
        }
        .map_err(|error| Error::Bug(error.to_string()))?;
    }
    Ok(bound)
}

fn postgres_args(args: Vec<Arg<'_>>) -> Result<PgArguments, Error> {
    let mut bound = PgArguments::default();
    bound.reserve(args.len(), 0);
    for arg in args {
        match arg {
            Arg::Int(value) => bound.add(value),
            Arg::Text(value) => bound.add(value.as_deref()),
            Arg::Bytes(value) => bound.add(value.as_deref()),
            Arg::Uuid(value) => bound.add(value),
        }
        .map_err(|error| Error::Bug(error.to_string()))?;
    }
    Ok(bound)
}

/// Largest of the sizes that fits: a group of 23 rows is 16 + 4 + 2 + 1.
fn step(rows: usize) -> usize {
    let fits = rows.clamp(1, LIST_MAX);
    1 << fits.ilog2()
}

fn values(table: &str, columns: &[&str], rows: usize, conflict: &str) -> String {
    let width = columns.len();
    let mut sql = format!("INSERT INTO {table} ({}) VALUES ", columns.join(", "));
    for row in 0..rows {
        let comma = if row == 0 { "" } else { ", " };
        let _ = write!(sql, "{comma}({})", placeholders(row * width, width));
    }
    sql.push(' ');
    sql.push_str(conflict);
    sql
}

fn placeholders(after: usize, count: usize) -> String {
    let mut list = String::with_capacity(count * 6);
    for n in after + 1..=after + count {
        let comma = if n == after + 1 { "" } else { ", " };
        let _ = write!(list, "{comma}${n}");
    }
    list
}

/// The keys in pieces of fixed sizes, the last one padded with its last key.
fn pieces<'a>(keys: &Keys<'a>) -> Vec<Vec<Arg<'a>>> {
    let all: Vec<Arg<'a>> = match keys {
        Keys::Bytes(keys) => keys.iter().map(|key| Arg::bytes(*key)).collect(),
        Keys::Uuids(keys) => keys.iter().map(|key| super::uuid(*key)).collect(),
    };
    all.chunks(LIST_MAX)
        .map(|piece| {
            let mut piece = piece.to_vec();
            let pad = piece.last().cloned();
            let size = piece.len().next_power_of_two();
            piece.extend(std::iter::repeat_n(pad, size - piece.len()).flatten());
            piece
        })
        .collect()
}

/// One statement for any number of rows: an array for each column.
fn unnest(
    table: &str,
    columns: &[&str],
    args: Vec<Arg<'_>>,
    conflict: &str,
) -> Result<(String, PgArguments), Error> {
    let mut sides: Vec<Vec<Arg<'_>>> = columns.iter().map(|_| Vec::new()).collect();
    let width = columns.len().max(1);
    for (at, arg) in args.into_iter().enumerate() {
        if let Some(side) = sides.get_mut(at % width) {
            side.push(arg);
        }
    }
    let mut bound = PgArguments::default();
    let mut lists = String::new();
    for (at, side) in sides.into_iter().enumerate() {
        let kind = match side.first() {
            Some(Arg::Int(_)) => "bigint",
            Some(Arg::Text(_)) => "text",
            Some(Arg::Bytes(_)) => "bytea",
            Some(Arg::Uuid(_)) | None => "uuid",
        };
        let comma = if at == 0 { "" } else { ", " };
        let _ = write!(lists, "{comma}${}::{kind}[]", at + 1);
        bind_side(&mut bound, &side).map_err(|error| Error::Bug(error.to_string()))?;
    }
    let names = columns.join(", ");
    let sql = format!("INSERT INTO {table} ({names}) SELECT * FROM UNNEST ({lists}) {conflict}");
    Ok((sql, bound))
}

fn bind_side(bound: &mut PgArguments, side: &[Arg<'_>]) -> Result<(), sqlx::error::BoxDynError> {
    macro_rules! side {
        ($variant:ident, $type:ty, $read:expr) => {{
            let list: Vec<Option<$type>> = side
                .iter()
                .map(|arg| if let Arg::$variant(value) = arg { $read(value) } else { None })
                .collect();
            bound.add(list)
        }};
    }
    match side.first() {
        Some(Arg::Int(_)) => side!(Int, i64, |value: &Option<i64>| *value),
        Some(Arg::Text(_)) => side!(Text, &str, Option::as_deref),
        Some(Arg::Bytes(_)) => side!(Bytes, &[u8], Option::as_deref),
        Some(Arg::Uuid(_)) | None => side!(Uuid, uuid::Uuid, |value: &Option<uuid::Uuid>| *value),
    }
}

/// Sorts sqlx's errors by what the caller can do.
fn fault(error: sqlx::Error) -> Error {
    let away = |why: String| Error::Away(Unavailable(why));
    let sqlx::Error::Database(database) = &error else {
        let heals = matches!(
            error,
            sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed
                | sqlx::Error::BeginFailed
        );
        return if heals { away(error.to_string()) } else { Error::Bug(error.to_string()) };
    };
    let code = database.code().unwrap_or_default();
    let heals = match code.parse::<u32>() {
        // SQLite's primary codes: busy, locked, no memory, read-only, I/O error, full, cannot open.
        Ok(code) if code < 100_000 && database.try_downcast_ref::<SqliteError>().is_some() => {
            matches!(code & 0xff, 5 | 6 | 7 | 8 | 10 | 13 | 14)
        }
        // PostgreSQL's classes: connection, transaction rolled back, resources, intervention,
        // system error; 55P03 is a lock that was not to be had.
        _ => matches!(code.get(..2), Some("08" | "40" | "53" | "57" | "58")) || code == "55P03",
    };
    if heals {
        return away(error.to_string());
    }
    if database.is_unique_violation() {
        Error::Taken(error.to_string())
    } else {
        Error::Bug(error.to_string())
    }
}

type SqliteError = sqlx::sqlite::SqliteError;

/// A deferred transaction that reads and then writes fails at once when another one wrote
/// meanwhile, and no waiting helps.
const IMMEDIATE: &str = "BEGIN IMMEDIATE";
/// Most rows or keys of one statement on SQLite.
const LIST_MAX: usize = 128;
