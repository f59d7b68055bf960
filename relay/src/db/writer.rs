//! One task's way to write group after group without asking the pool each time.

use super::{Conn, Db, Error, Tx};

/// On PostgreSQL a connection of its own; on SQLite its turn at the one that writes.
pub struct Writer {
    db: Db,
    held: Option<Conn<'static>>,
}

impl Writer {
    pub fn new(db: Db) -> Self {
        Self { db, held: None }
    }

    pub async fn begin(&mut self) -> Result<Tx<'_>, Error> {
        if self.db.is_sqlite() {
            return self.db.begin().await;
        }
        let conn = match self.held.take() {
            Some(conn) => conn,
            None => self.db.read().await?,
        };
        self.held.insert(conn).begin().await
    }

    /// After an error: the next transaction gets a fresh connection.
    pub fn lost(&mut self) {
        self.held = None;
    }
}
