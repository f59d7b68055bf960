//! One counted message at a time for each address, in all relays that share a database.
//!
//! What left is counted when it is settled; until then nobody could count it. So whoever sends
//! something counted takes the address's turn, looks only then at what was sent before, and gives
//! the turn back when it is settled. On PostgreSQL a turn is a row for the other relays to see,
//! which goes with its relay's claims where that dies; SQLite has one relay, which remembers.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::mpsc::WeakUnboundedSender;
use uuid::Uuid;

use super::{
    Spool,
    writer::{Task, Then, Work},
};
use crate::{
    db::{Arg, Db, Error, Keys, Tx, uuid},
    seal::AddressKey,
};

/// Whose turn it is, for each address; cheap to clone.
#[derive(Clone, Debug)]
pub struct Turns(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    out: Mutex<BTreeSet<AddressKey>>,
    rows: Option<Rows>,
}

/// Where other relays see what is taken.
#[derive(Debug)]
struct Rows {
    db: Db,
    node: Uuid,
    tasks: WeakUnboundedSender<Task>,
}

/// Nobody else sends something counted to the address before it is dropped.
#[derive(Debug)]
pub struct Turn {
    turns: Turns,
    key: AddressKey,
    /// Its row, where there is one.
    row: Option<Uuid>,
}

impl Spool {
    /// One for all that send from this spool.
    pub fn turns(&self) -> Turns {
        let node = self.node.as_ref().filter(|_| !self.db.is_sqlite());
        let rows = node.map(|node| Rows {
            db: self.db.clone(),
            node: node.id,
            tasks: self.tasks.downgrade(),
        });
        Turns(Arc::new(Shared { out: Mutex::default(), rows }))
    }
}

impl Turns {
    /// Those of `keys` that nobody has; a second one of the same key waits too.
    pub async fn take(&self, keys: Vec<AddressKey>) -> Result<BTreeMap<AddressKey, Turn>, Error> {
        let mut taken = BTreeMap::new();
        {
            let mut out = self.out();
            for key in keys.into_iter().filter(|key| out.insert(*key)) {
                let row = self.0.rows.as_ref().map(|_| Uuid::now_v7());
                taken.insert(key, Turn { turns: self.clone(), key, row });
            }
        }
        if let Some(rows) = &self.0.rows
            && !taken.is_empty()
        {
            let ours = rows.take(&taken).await?;
            taken.retain(|_, turn| {
                let is_ours = turn.row.is_some_and(|id| ours.contains(&id));
                if !is_ours {
                    turn.row = None;
                }
                is_ours
            });
        }
        Ok(taken)
    }

    fn out(&self) -> MutexGuard<'_, BTreeSet<AddressKey>> {
        self.0.out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.out().remove(&self.key);
        let rows = self.turns.0.rows.as_ref();
        let Some((rows, row)) = rows.zip(self.row) else { return };
        // Where the spool is closed by now, the row goes with this relay.
        if let Some(tasks) = rows.tasks.upgrade() {
            let then = Then::Call(Box::new(|_| {}));
            let _ = tasks.send(Task { work: Work::GiveBack(row), then });
        }
    }
}

impl Rows {
    /// Rows that are this relay's now. One that it had is not yet given back, and becomes the new
    /// one: what deletes the old one does not find it.
    async fn take(&self, taken: &BTreeMap<AddressKey, Turn>) -> Result<BTreeSet<Uuid>, Error> {
        let ids: Vec<Uuid> = taken.values().filter_map(|turn| turn.row).collect();
        // In the order of the keys, as in `give_back`: two relays never wait for each other.
        let args = taken.iter().flat_map(|(key, turn)| {
            [Arg::bytes(key.0.to_vec()), Arg::Uuid(turn.row), uuid(self.node)]
        });
        let mut tx = self.db.begin().await?;
        let conflict = "ON CONFLICT (key) DO UPDATE SET id = excluded.id \
                        WHERE turn.node = excluded.node";
        let count = tx.insert("turn", &["key", "id", "node"], args.collect(), conflict).await?;
        let ours = if usize::try_from(count) == Ok(ids.len()) {
            ids.into_iter().collect()
        } else {
            let rows =
                tx.rows_in("SELECT id FROM turn WHERE id {in}", &[], Keys::Uuids(ids)).await?;
            rows.iter().map(|row| row.uuid(0)).collect::<Result<_, _>>()?
        };
        tx.commit().await?;
        Ok(ours)
    }
}

pub(super) async fn give_back(tx: &mut Tx<'_>, rows: Vec<Uuid>) -> Result<(), Error> {
    let sql = "WITH own AS (SELECT id FROM turn WHERE id {in} ORDER BY key FOR UPDATE) \
               DELETE FROM turn WHERE id IN (SELECT id FROM own)";
    tx.rows_in(sql, &[], Keys::Uuids(rows)).await.map(drop)
}
