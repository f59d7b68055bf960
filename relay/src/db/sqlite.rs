//! SQLite, called on the very thread that asks: a statement takes microseconds, and handing it to
//! another thread and waiting for its answer takes more.
//!
//! One connection writes, and waiting for it is fair; any number read beside it.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rusqlite::{
    CachedStatement, Connection, OpenFlags, Statement, ToSql,
    types::{ToSqlOutput, Value, ValueRef},
};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::{Mutex, OwnedMutexGuard},
};

use super::{Arg, Error, Keys, PATIENCE, Row, Unavailable};

/// One file and its connections.
pub(super) struct File {
    path: PathBuf,
    write: Arc<Mutex<Option<Connection>>>,
    /// Readers that nobody uses just now.
    idle: std::sync::Mutex<Vec<Connection>>,
    closed: AtomicBool,
}

/// A connection that its holder gives back by dropping it; what a transaction has not committed
/// is rolled back then.
pub(super) struct Session {
    held: Held,
    /// Answers come so fast that the runtime need not be told.
    brief: bool,
}

enum Held {
    Read { file: Arc<File>, conn: Option<Connection> },
    Write { conn: OwnedMutexGuard<Option<Connection>>, open: bool },
}

impl File {
    pub(super) fn open(path: PathBuf) -> rusqlite::Result<Self> {
        let write = writer(&path)?;
        Ok(Self {
            path,
            write: Arc::new(Mutex::new(Some(write))),
            idle: std::sync::Mutex::default(),
            closed: AtomicBool::new(false),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// `brief`: for questions by key, whose answers are there in microseconds.
    pub(super) fn read(self: &Arc<Self>, brief: bool) -> Result<Session, Error> {
        self.check_open()?;
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let conn = match idle {
            Some(conn) => conn,
            None => here(false, || reader(&self.path)).map_err(fault)?,
        };
        Ok(Session { held: Held::Read { file: self.clone(), conn: Some(conn) }, brief })
    }

    /// A transaction that may write.
    pub(super) async fn begin(&self) -> Result<Session, Error> {
        let turn = tokio::time::timeout(PATIENCE, self.write.clone().lock_owned()).await;
        let late = |_| Error::Away(Unavailable("the database is busy".into()));
        let mut conn = turn.map_err(late)?;
        self.check_open()?;
        if conn.is_none() {
            *conn = Some(here(false, || writer(&self.path)).map_err(fault)?);
        }
        let mut session = Session { held: Held::Write { conn, open: false }, brief: false };
        let started = Instant::now();
        while let Err(error) = session.execute(IMMEDIATE) {
            wait_for_the_other_writer(error, started).await?;
        }
        if let Held::Write { open, .. } = &mut session.held {
            *open = true;
        }
        Ok(session)
    }

    /// What is committed is on disk, and after the last connection all of it in one file.
    pub(super) async fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
        *self.write.lock().await = None;
    }

    fn check_open(&self) -> Result<(), Error> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::Away(Unavailable("the database is closed".into())));
        }
        Ok(())
    }
}

impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.path.fmt(f)
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

impl Session {
    /// Runs a statement; how many rows it changed.
    pub(super) fn run(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<u64, Error> {
        self.with(|conn| Ok(prepare(conn, sql, args)?.raw_execute()? as u64))
    }

    pub(super) fn rows(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<Vec<Row>, Error> {
        let mut all = Vec::new();
        self.with(|conn| {
            let mut statement = prepare(conn, sql, args)?;
            take(&mut statement, &mut all)
        })?;
        Ok(all)
    }

    pub(super) fn rows_in(
        &mut self,
        sql: &str,
        args: &[Arg<'_>],
        keys: &Keys<'_>,
    ) -> Result<Vec<Row>, Error> {
        let mut all = Vec::with_capacity(keys.len());
        self.each(sql, args, keys, |statement| take(statement, &mut all))?;
        Ok(all)
    }

    /// How many rows the statement changed for each key.
    pub(super) fn run_in(
        &mut self,
        sql: &str,
        args: &[Arg<'_>],
        keys: &Keys<'_>,
    ) -> Result<Vec<usize>, Error> {
        let mut changed = Vec::with_capacity(keys.len());
        self.each(sql, args, keys, |statement| {
            changed.push(statement.raw_execute()?);
            Ok(())
        })?;
        Ok(changed)
    }

    /// The statement for each key in turn: there is no way to go that one list would spare. Many
    /// see one moment, and the file's lock is taken once.
    fn each(
        &mut self,
        sql: &str,
        args: &[Arg<'_>],
        keys: &Keys<'_>,
        mut work: impl FnMut(&mut Statement<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), Error> {
        let at = args.len() + 1;
        let sql = sql.replace("{in}", &format!("= ${at}"));
        self.with(|conn| {
            let many = keys.len() > 1 && conn.is_autocommit();
            let _moment = many.then(|| conn.unchecked_transaction()).transpose()?;
            let mut statement = prepare(conn, &sql, args)?;
            let mut one = |key: &[u8]| {
                statement.raw_bind_parameter(at, key)?;
                work(&mut statement)
            };
            match keys {
                Keys::Bytes(keys) => keys.iter().try_for_each(|key| one(key)),
                Keys::Uuids(keys) => keys.iter().try_for_each(|key| one(key.as_bytes())),
            }
        })
    }

    /// Inserts rows given one after another in `args`.
    pub(super) fn insert(
        &mut self,
        table: &str,
        columns: &[&str],
        args: &[Arg<'_>],
        conflict: &str,
    ) -> Result<u64, Error> {
        let marks = vec!["?"; columns.len()].join(",");
        let names = columns.join(",");
        let sql = format!("INSERT INTO {table} ({names}) VALUES ({marks}) {conflict}");
        self.run_rows(&sql, columns.len(), args)
    }

    /// Puts a new value into one column of rows that still have the old one.
    pub(super) fn replace(
        &mut self,
        table: &str,
        (key, column): (&[&str], &str),
        args: &[Arg<'_>],
    ) -> Result<u64, Error> {
        let width = key.len();
        let named = key.iter().zip(1..);
        let same: String =
            named.map(|(name, at): (_, usize)| format!("{name} = ?{at} AND ")).collect();
        let (fresh, known) = (width + 1, width + 2);
        let sql = format!("UPDATE {table} SET {column} = ?{fresh} WHERE {same}{column} = ?{known}");
        self.run_rows(&sql, width + 2, args)
    }

    /// The statement for each row of so many values.
    fn run_rows(&mut self, sql: &str, width: usize, args: &[Arg<'_>]) -> Result<u64, Error> {
        self.with(|conn| {
            let mut statement = conn.prepare_cached(sql)?;
            let mut changed = 0;
            for row in args.chunks(width.max(1)) {
                bind(&mut statement, row)?;
                changed += statement.raw_execute()? as u64;
            }
            Ok(changed)
        })
    }

    /// Several statements of our own, without values.
    pub(super) fn script(&mut self, sql: &str) -> Result<(), Error> {
        self.with(|conn| conn.execute_batch(sql))
    }

    /// Durable when it returns.
    pub(super) fn commit(mut self) -> Result<(), Error> {
        self.execute(COMMIT)?;
        if let Held::Write { open, .. } = &mut self.held {
            *open = false;
        }
        Ok(())
    }

    fn execute(&mut self, sql: &str) -> Result<(), Error> {
        self.with(|conn| conn.prepare_cached(sql)?.raw_execute().map(drop))
    }

    fn with<T>(
        &mut self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        let conn = match &mut self.held {
            Held::Read { conn, .. } => conn.as_mut(),
            Held::Write { conn, .. } => conn.as_mut(),
        };
        let conn = conn.ok_or_else(|| Error::Bug("a session without its connection".into()))?;
        here(self.brief, || work(conn)).map_err(fault)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        match &mut self.held {
            Held::Read { file, conn } => {
                let mut idle = file.idle.lock().unwrap_or_else(PoisonError::into_inner);
                if idle.len() < IDLE_MAX && !file.closed.load(Ordering::Acquire) {
                    idle.extend(conn.take());
                }
            }
            Held::Write { conn, open } => {
                let stuck = |conn: &Connection| conn.execute_batch(ROLLBACK).is_err();
                // A failed statement may have rolled back already.
                if *open && conn.as_ref().is_some_and(|conn| !conn.is_autocommit() && stuck(conn)) {
                    **conn = None;
                }
            }
        }
    }
}

/// Its text says `$2` for the second value, as PostgreSQL wants it. Here that would be a name,
/// numbered as it comes.
fn prepare<'c>(
    conn: &'c Connection,
    sql: &str,
    args: &[Arg<'_>],
) -> rusqlite::Result<CachedStatement<'c>> {
    let mut statement = conn.prepare_cached(&sql.replace('$', "?"))?;
    bind(&mut statement, args)?;
    Ok(statement)
}

fn bind(statement: &mut Statement<'_>, args: &[Arg<'_>]) -> rusqlite::Result<()> {
    args.iter().zip(1..).try_for_each(|(arg, at): (_, usize)| statement.raw_bind_parameter(at, arg))
}

fn take(statement: &mut Statement<'_>, all: &mut Vec<Row>) -> rusqlite::Result<()> {
    let columns = statement.column_count();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        let values = (0..columns).map(|at| row.get_ref(at).and_then(owned));
        all.push(Row::Sqlite(values.collect::<Result<_, _>>()?));
    }
    Ok(())
}

/// Text that is no UTF-8 stays what it is, bytes: somebody wrote into the file, and whoever looks
/// for such lines must be able to read past them.
fn owned(value: ValueRef<'_>) -> rusqlite::Result<Value> {
    match value {
        ValueRef::Text(text) => Ok(std::str::from_utf8(text)
            .map_or_else(|_| Value::Blob(text.to_vec()), |text| Value::Text(text.to_owned()))),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Blob(_) => {
            value.try_into().map_err(rusqlite::Error::from)
        }
    }
}

impl ToSql for Arg<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Int(Some(value)) => ValueRef::Integer(*value),
            Self::Text(Some(value)) => ValueRef::Text(value.as_bytes()),
            Self::Bytes(Some(value)) => ValueRef::Blob(value),
            Self::Uuid(Some(value)) => ValueRef::Blob(value.as_bytes()),
            Self::Int(None) | Self::Text(None) | Self::Bytes(None) | Self::Uuid(None) => {
                ValueRef::Null
            }
        }))
    }
}

/// On this thread. What may take long is announced, so that the runtime's other tasks go on.
fn here<T>(brief: bool, work: impl FnOnce() -> T) -> T {
    let tell = || {
        let runtime = Handle::try_current();
        runtime.is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread)
    };
    if !brief && tell() { tokio::task::block_in_place(work) } else { work() }
}

fn writer(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(PATIENCE)?;
    conn.execute_batch(&format!(
        // An answered message survives a power cut: each commit is on disk when it returns.
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
         PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}; \
         PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -{WRITE_CACHE_KIB}"
    ))?;
    // Waiting for another process's write happens in `begin`, without SQLite's growing pauses, so
    // that a long import beside the relay cannot starve it.
    conn.busy_timeout(Duration::from_millis(5))?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(conn)
}

fn reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(PATIENCE)?;
    conn.execute_batch(&format!(
        "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -{READ_CACHE_KIB}"
    ))?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(conn)
}

/// Sorts SQLite's errors by what the caller can do.
fn fault(error: rusqlite::Error) -> Error {
    let rusqlite::Error::SqliteFailure(code, _) = &error else {
        return Error::Bug(error.to_string());
    };
    match code.extended_code & 0xff {
        // Busy, locked, no memory, read-only, I/O error, full, cannot open.
        5 | 6 | 7 | 8 | 10 | 13 | 14 => Error::Away(Unavailable(error.to_string())),
        // A primary key or another unique one.
        _ if matches!(code.extended_code, 1555 | 2067) => Error::Taken(error.to_string()),
        _ => Error::Bug(error.to_string()),
    }
}

/// A deferred transaction that reads and then writes fails at once when another one wrote
/// meanwhile, and no waiting helps.
const IMMEDIATE: &str = "BEGIN IMMEDIATE";
const COMMIT: &str = "COMMIT";
const ROLLBACK: &str = "ROLLBACK";
/// Readers kept open for the next one.
const IDLE_MAX: usize = 4;
/// Every statement there is, and some room.
const STATEMENTS: usize = 128;
const WRITE_CACHE_KIB: u32 = 16 * 1024;
/// A reader forgets its pages whenever somebody commits: more than one answer needs is only memory.
const READ_CACHE_KIB: u32 = 2 * 1024;
/// 64 MiB of log: rarer checkpoints write a page that changed often only once.
const CHECKPOINT_PAGES: u32 = 16_384;
