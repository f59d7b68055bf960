//! One task's way to write group after group without asking the pool each time.

use sqlx::{Postgres, pool::PoolConnection};

use super::{Db, Error, Pools, Tx, conn};

/// On PostgreSQL a connection of its own; on SQLite its turn at the one that writes.
pub struct Writer {
    db: Db,
    held: Option<PoolConnection<Postgres>>,
}

impl Writer {
    pub fn new(db: Db) -> Self {
        Self { db, held: None }
    }

    pub async fn begin(&mut self) -> Result<Tx<'_>, Error> {
        let Pools::Postgres(pool) = &*self.db.0 else { return self.db.begin().await };
        let conn = match self.held.take() {
            Some(conn) => conn,
            None => conn::own(pool).await?,
        };
        conn::begin_on(self.held.insert(conn)).await
    }

    /// After an error: the next transaction gets a fresh connection.
    pub fn lost(&mut self) {
        self.held = None;
    }
}
