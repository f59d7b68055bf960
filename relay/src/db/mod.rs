//! SQLite or PostgreSQL, chosen by the URL; one SQL text where both take it.
//!
//! The only module that names their drivers: the stores speak SQL through [`Conn`] and [`Tx`]. It
//! knows no table but its own list of migrations.

mod conditions;
mod conn;
mod migrate;
mod open;
mod sqlite;
mod value;
mod writer;

use std::{sync::Arc, time::Duration};

pub use conditions::Conditions;
pub use conn::{Conn, Tx};
use sqlx::PgPool;
pub use value::{Arg, Keys, Row, int, key, moment, places, size, text, uuid, word};
pub use writer::Writer;

/// An open database; cheap to clone.
#[derive(Clone, Debug)]
pub struct Db(Arc<Pools>);

#[derive(Debug)]
enum Pools {
    Sqlite(Arc<sqlite::File>),
    Postgres(PgPool),
}

/// The database did not answer, or answered with an error that trying again may heal. The caller
/// defers: 451 on the wire, a later attempt in the worker.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unavailable(pub String);

impl std::fmt::Display for Unavailable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the database is not available: {}", self.0)
    }
}

impl std::error::Error for Unavailable {}

/// Why a statement failed.
#[derive(Debug)]
pub enum Error {
    /// Try again later.
    Away(Unavailable),
    /// A unique key is taken: somebody else wrote the same thing first. Read again.
    Taken(String),
    /// Ours: a statement or a value that the database does not take. Trying again is in vain.
    Bug(String),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Away(away) => away.fmt(f),
            Self::Taken(what) => write!(f, "the database has it already: {what}"),
            Self::Bug(what) => write!(f, "the database refused a statement: {what}"),
        }
    }
}

impl std::error::Error for Error {}

/// Where the caller can only defer, every fault is a reason to: mail is never sent unchecked.
impl From<Error> for Unavailable {
    fn from(error: Error) -> Self {
        match error {
            Error::Away(away) => away,
            Error::Taken(what) | Error::Bug(what) => {
                tracing::error!(what, "the database refused a statement");
                Self("a statement was refused: see the log".into())
            }
        }
    }
}

impl Db {
    /// `sqlite:data/souhlas.db` or `postgres://user@host/name`. Migrates forward.
    pub async fn open(url: &str) -> anyhow::Result<Self> {
        let db = open::open(url).await?;
        migrate::run(&db).await?;
        Ok(db)
    }

    /// A connection for reading; on SQLite one that cannot write.
    pub async fn read(&self) -> Result<Conn<'static>, Error> {
        conn::read(&self.0, false).await
    }

    /// The same for questions by key, which SQLite answers in microseconds.
    pub async fn read_briefly(&self) -> Result<Conn<'static>, Error> {
        conn::read(&self.0, true).await
    }

    /// A transaction that may write. Dropped without [`Tx::commit`] it leaves no trace.
    pub async fn begin(&self) -> Result<Tx<'static>, Error> {
        conn::begin(&self.0).await
    }

    /// Whether it answers now.
    pub async fn ping(&self) -> Result<(), Error> {
        let mut conn = self.read().await?;
        conn.rows("SELECT id FROM chain LIMIT 1", Vec::new()).await.map(drop)
    }

    pub fn is_sqlite(&self) -> bool {
        matches!(*self.0, Pools::Sqlite(_))
    }

    /// The database's file, beside which other files may be kept; `None` on PostgreSQL.
    pub fn file(&self) -> Option<&std::path::Path> {
        match &*self.0 {
            Pools::Sqlite(file) => Some(file.path()),
            Pools::Postgres(_) => None,
        }
    }

    /// Binds the database to one installation's secret: keyed hashes made with another one would
    /// find nobody, and refusals would be forgotten.
    pub async fn bind_secret(&self, fingerprint: &str) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        tx.run(
            "INSERT INTO meta (name, value) VALUES ('secret', $1) ON CONFLICT (name) DO NOTHING",
            vec![text(fingerprint)],
        )
        .await?;
        let rows = tx.rows("SELECT value FROM meta WHERE name = 'secret'", vec![]).await?;
        tx.commit().await?;
        let kept = rows.first().map(|row| row.text(0)).transpose()?.unwrap_or_default();
        anyhow::ensure!(
            kept == fingerprint,
            "the key file does not belong to this database: with it no refusal on record would be \
             found; put back the key file that the database was made with"
        );
        Ok(())
    }

    /// Closes every connection; what is committed is on disk.
    pub async fn close(&self) {
        match &*self.0 {
            Pools::Sqlite(file) => file.close().await,
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

/// How long a caller waits for a connection, or for another process's write to end.
const PATIENCE: Duration = Duration::from_secs(10);
