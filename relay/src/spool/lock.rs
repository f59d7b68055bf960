//! Nobody else is this node: held while the relay runs, gone the moment it dies.
//!
//! So what a killed relay had claimed is free again as soon as it starts anew, without waiting
//! for a lease to end.

use std::{fs::File, time::Duration};

use anyhow::Context;

use crate::{
    db::{Conn, Db, Error, text},
    owned,
};

pub(super) struct Lock(Held);

enum Held {
    /// A locked file beside SQLite's: one relay at a time.
    File { _file: File },
    /// PostgreSQL's advisory lock on the node's name, on a connection of its own.
    Session { name: String, conn: Option<Conn<'static>> },
}

impl Lock {
    /// Waits a little: the one that was killed may still be going.
    pub(super) async fn take(db: &Db, name: &str) -> anyhow::Result<Self> {
        for _ in 0..TRIES {
            if let Some(held) = attempt(db, name).await? {
                return Ok(Self(held));
            }
            tokio::time::sleep(PAUSE).await;
        }
        anyhow::bail!(
            "another relay called `{name}` runs on this database: stop it, or give this one \
             another hostname"
        )
    }

    /// The server forgets the lock when it stops: takes it again.
    pub(super) async fn renew(&mut self, db: &Db) -> Result<(), Error> {
        let Held::Session { name, conn } = &mut self.0 else { return Ok(()) };
        if let Some(alive) = conn
            && alive.rows("SELECT 1", vec![]).await.is_ok()
        {
            return Ok(());
        }
        *conn = None;
        let mut fresh = db.read().await?;
        if try_advisory(&mut fresh, name).await? {
            *conn = Some(fresh);
            return Ok(());
        }
        Err(Error::Bug(format!("another relay called `{name}` runs on this database")))
    }
}

impl std::fmt::Debug for Lock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lock")
    }
}

async fn attempt(db: &Db, name: &str) -> anyhow::Result<Option<Held>> {
    let Some(database) = db.file() else {
        let mut conn = db.read().await?;
        let ours = try_advisory(&mut conn, name).await?;
        return Ok(ours.then(|| Held::Session { name: name.to_owned(), conn: Some(conn) }));
    };
    let path = database.with_extension("lock");
    let file = owned::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| format!("`{}` cannot be opened", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Held::File { _file: file })),
        Err(std::fs::TryLockError::WouldBlock) => Ok(None),
        Err(std::fs::TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("`{}` cannot be locked", path.display()))
        }
    }
}

async fn try_advisory(conn: &mut Conn<'_>, name: &str) -> Result<bool, Error> {
    let sql = "SELECT CASE WHEN pg_try_advisory_lock(hashtextextended($1, 7)) \
               THEN 1::bigint ELSE 0::bigint END";
    let rows = conn.rows(sql, vec![text(format!("souhlas node {name}"))]).await?;
    rows.first().map_or(Ok(false), |row| row.int(0).map(|got| got == 1))
}

const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(100);
