//! A connection or transaction on either database, and the few ways to speak SQL on it.
//!
//! On PostgreSQL a list is one array, so that each statement is prepared once and reused.

use std::{
    fmt::Write,
    ops::{Deref, DerefMut},
};

use sqlx::{
    Acquire, Arguments, AssertSqlSafe, Executor, PgConnection, Postgres, Transaction,
    pool::PoolConnection, postgres::PgArguments,
};
use uuid::Uuid;

use super::{Arg, Error, Keys, Pools, Row, Unavailable, sqlite};

/// One connection; inside a [`Tx`], one transaction.
pub struct Conn<'c>(Link<'c>);

enum Link<'c> {
    Sqlite(sqlite::Session),
    Postgres(PoolConnection<Postgres>),
    PostgresTx(Transaction<'c, Postgres>),
}

/// A transaction; dropped without commit it is rolled back.
pub struct Tx<'c>(Conn<'c>);

enum Live<'a> {
    Sqlite(&'a mut sqlite::Session),
    Postgres(&'a mut PgConnection),
}

pub(super) async fn read(pools: &Pools, brief: bool) -> Result<Conn<'static>, Error> {
    Ok(Conn(match pools {
        Pools::Sqlite(file) => Link::Sqlite(file.read(brief)?),
        Pools::Postgres(pool) => Link::Postgres(own(pool).await?),
    }))
}

pub(super) async fn begin(pools: &Pools) -> Result<Tx<'static>, Error> {
    Ok(Tx(Conn(match pools {
        Pools::Sqlite(file) => Link::Sqlite(file.begin().await?),
        Pools::Postgres(pool) => Link::PostgresTx(Box::pin(pool.begin()).await.map_err(fault)?),
    })))
}

/// A transaction on a connection that the caller keeps.
pub(super) async fn begin_on(conn: &mut PoolConnection<Postgres>) -> Result<Tx<'_>, Error> {
    Ok(Tx(Conn(Link::PostgresTx(Acquire::begin(conn).await.map_err(fault)?))))
}

/// In a box: connecting takes kilobytes, which every task that may ask would hold all its life.
pub(super) async fn own(pool: &sqlx::PgPool) -> Result<PoolConnection<Postgres>, Error> {
    Box::pin(pool.acquire()).await.map_err(fault)
}

impl Conn<'_> {
    pub fn is_sqlite(&self) -> bool {
        matches!(self.0, Link::Sqlite(_))
    }

    /// Runs a statement; how many rows it changed.
    pub async fn run(&mut self, sql: &str, args: Vec<Arg<'_>>) -> Result<u64, Error> {
        match self.live() {
            Live::Sqlite(session) => session.run(sql, &args),
            Live::Postgres(conn) => {
                let query = sqlx::query_with(AssertSqlSafe(sql), postgres_args(args)?);
                conn.execute(query).await.map(|done| done.rows_affected()).map_err(fault)
            }
        }
    }

    /// Runs a statement and returns all its rows.
    pub async fn rows(&mut self, sql: &str, args: Vec<Arg<'_>>) -> Result<Vec<Row>, Error> {
        match self.live() {
            Live::Sqlite(session) => session.rows(sql, &args),
            Live::Postgres(conn) => {
                let query = sqlx::query_with(AssertSqlSafe(sql), postgres_args(args)?);
                let rows = conn.fetch_all(query).await.map_err(fault)?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    /// Runs a statement whose text says `{in}` where it looks for one of `keys`, each given once;
    /// `args` come before the keys. All answers, in no order.
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
            Live::Sqlite(session) => session.rows_in(sql, args, &keys),
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

    /// Runs a statement whose text says `id {in}`, after `args`; those of `ids` where it changed a
    /// row. SQLite counts them: to return rows from what it changes it fills a table first.
    pub async fn run_each(
        &mut self,
        sql: &str,
        args: &[Arg<'_>],
        ids: Vec<Uuid>,
    ) -> Result<Vec<Uuid>, Error> {
        if let Link::Sqlite(session) = &mut self.0 {
            let changed = session.run_in(sql, args, &Keys::Uuids(ids.clone()))?;
            let found = ids.into_iter().zip(changed).filter(|(_, changed)| *changed > 0);
            return Ok(found.map(|(id, _)| id).collect());
        }
        let rows = self.rows_in(&format!("{sql} RETURNING id"), args, Keys::Uuids(ids)).await?;
        rows.iter().map(|row| row.uuid(0)).collect()
    }

    /// Puts a new value into one column of many rows, each of which is changed only where it still
    /// has the old one. `args` are row after row: the values of `key`, the new value, the old one.
    pub async fn replace(
        &mut self,
        table: &str,
        (key, column): (&[&str], &str),
        args: Vec<Arg<'_>>,
    ) -> Result<u64, Error> {
        if args.is_empty() {
            return Ok(0);
        }
        match self.live() {
            Live::Sqlite(session) => session.replace(table, (key, column), &args),
            Live::Postgres(conn) => {
                let (lists, bound) = unnest(key.len() + 2, args)?;
                let named: String = key.iter().map(|name| format!("{name}, ")).collect();
                let same: String =
                    key.iter().map(|name| format!("t.{name} = u.{name} AND ")).collect();
                let sql = format!(
                    "UPDATE {table} AS t SET {column} = u.fresh FROM UNNEST ({lists}) \
                     AS u ({named}fresh, known) WHERE {same}t.{column} = u.known"
                );
                let query = sqlx::query_with(AssertSqlSafe(sql), bound);
                conn.execute(query).await.map(|done| done.rows_affected()).map_err(fault)
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
        match self.live() {
            Live::Sqlite(session) => session.insert(table, columns, &args, conflict),
            Live::Postgres(conn) => {
                let (lists, bound) = unnest(columns.len(), args)?;
                let names = columns.join(", ");
                let sql = format!(
                    "INSERT INTO {table} ({names}) SELECT * FROM UNNEST ({lists}) {conflict}"
                );
                let query = sqlx::query_with(AssertSqlSafe(sql), bound);
                conn.execute(query).await.map(|done| done.rows_affected()).map_err(fault)
            }
        }
    }

    fn live(&mut self) -> Live<'_> {
        match &mut self.0 {
            Link::Sqlite(session) => Live::Sqlite(session),
            Link::Postgres(conn) => Live::Postgres(conn),
            Link::PostgresTx(tx) => Live::Postgres(tx),
        }
    }

    /// Several statements of our own, without values: migrations.
    pub(super) async fn script(&mut self, sql: &str) -> Result<(), Error> {
        match self.live() {
            Live::Sqlite(session) => session.script(sql),
            Live::Postgres(conn) => {
                conn.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(drop).map_err(fault)
            }
        }
    }
}

impl Tx<'_> {
    /// Durable when it returns.
    pub async fn commit(self) -> Result<(), Error> {
        match self.0.0 {
            Link::Sqlite(session) => session.commit(),
            Link::PostgresTx(tx) => tx.commit().await.map_err(fault),
            Link::Postgres(_) => Ok(()),
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

/// Any number of rows of so many values: an array for each column, and how a statement names them.
fn unnest(width: usize, args: Vec<Arg<'_>>) -> Result<(String, PgArguments), Error> {
    let width = width.max(1);
    let mut sides: Vec<Vec<Arg<'_>>> = (0..width).map(|_| Vec::new()).collect();
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
    Ok((lists, bound))
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
        Some(Arg::Uuid(_)) | None => side!(Uuid, Uuid, |value: &Option<Uuid>| *value),
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
    // Classes: connection, transaction rolled back, resources, intervention, system error; 55P03
    // is a lock that was not to be had.
    if matches!(code.get(..2), Some("08" | "40" | "53" | "57" | "58")) || code == "55P03" {
        return away(error.to_string());
    }
    if database.is_unique_violation() {
        Error::Taken(error.to_string())
    } else {
        Error::Bug(error.to_string())
    }
}
