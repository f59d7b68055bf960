//! Senders by a small number, which return addresses name: a report is passed on to whom the tool wanted
//! to have it. There are few, unless a tool makes a return address for each message of its own: such
//! addresses are left as they are once there are too many.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use crate::{
    at_rest::{self, Column, Part},
    db::{Arg, Db, Error, int, key},
    seal::{AddressKey, MacKey, Secret},
    smtp::envelope::Path,
};

/// Knows them; cheap to clone.
#[derive(Clone, Debug)]
pub struct Senders {
    db: Db,
    secret: Secret,
    keys: Arc<MacKey>,
    /// With when each was noted last.
    known: Arc<Mutex<BTreeMap<AddressKey, (u32, Timestamp)>>>,
}

impl Senders {
    pub fn new(db: Db, secret: &Secret) -> Self {
        let keys = secret.mac_key("return sender").into();
        Self { db, secret: secret.clone(), keys, known: Arc::default() }
    }

    /// Its number, where [`Self::learn`] made it known.
    pub fn number(&self, sender: &Path) -> Option<u32> {
        self.known().get(&self.key(sender)).map(|(id, _)| *id)
    }

    /// Gives it a number, durably, where it has none and there are not too many; once a day it is
    /// written down that it is used.
    pub async fn learn(&self, now: Timestamp, sender: &Path) -> Result<(), Error> {
        let own = self.key(sender);
        let is_fresh = |(_, at): &(u32, Timestamp)| now.duration_since(*at) < NOTED_EVERY;
        if self.known().get(&own).is_some_and(is_fresh) {
            return Ok(());
        }
        let mut tx = self.db.begin().await?;
        let at = int(now.as_millisecond());
        let find = "SELECT id FROM return_sender WHERE key = $1";
        let found = tx.rows(find, vec![key(&own.0)]).await?;
        let id = match found.first() {
            Some(row) => {
                let id = row.int(0)?;
                let sql = "UPDATE return_sender SET used_at = $2 WHERE id = $1";
                tx.run(sql, vec![int(id), at]).await?;
                id
            }
            None => {
                let sql = "SELECT COALESCE(MAX(id), 0) + 1, COUNT(*) FROM return_sender";
                let rows = tx.rows(sql, vec![]).await?;
                let Some(row) =
                    rows.first().filter(|row| row.int(1).is_ok_and(|n| n < SENDERS_MAX))
                else {
                    return Ok(());
                };
                let id = row.int(0)?;
                let plain = sender.to_mailbox_string();
                let place = [Part::Int(id)];
                let column = Column::ReturnSender;
                let sealed = at_rest::seal(&self.secret, column, &place, plain.as_bytes());
                let row = vec![int(id), key(&own.0), Arg::bytes(sealed), at];
                let columns = &["id", "key", "address", "used_at"];
                // Two relays may take the same number: the one who comes second tries again next time.
                if tx.insert("return_sender", columns, row, "ON CONFLICT DO NOTHING").await? == 0 {
                    return Ok(());
                }
                id
            }
        };
        tx.commit().await?;
        if let Ok(id) = u32::try_from(id) {
            let mut known = self.known();
            if known.len() >= KNOWN_MAX {
                known.clear();
            }
            known.insert(own, (id, now));
        }
        Ok(())
    }

    /// Who has the number.
    pub async fn sender(&self, id: u32) -> Result<Option<Path>, Error> {
        let sql = "SELECT address FROM return_sender WHERE id = $1";
        let rows = self.db.read().await?.rows(sql, vec![int(id.into())]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let place = [Part::Int(id.into())];
        let plain = at_rest::open(&self.secret, Column::ReturnSender, &place, row.bytes(0)?)?;
        Ok(String::from_utf8(plain).ok().and_then(|text| Path::parse(&text).ok()))
    }

    /// Takes away those that nobody used for longer than reports take; how many.
    pub async fn forget(&self, now: Timestamp) -> Result<u64, Error> {
        let before = now.checked_sub(KEPT).unwrap_or(now).as_millisecond();
        let mut tx = self.db.begin().await?;
        let sql = "DELETE FROM return_sender WHERE used_at < $1";
        let gone = tx.run(sql, vec![int(before)]).await?;
        tx.commit().await?;
        Ok(gone)
    }

    fn key(&self, sender: &Path) -> AddressKey {
        AddressKey(self.keys.sign(sender.to_mailbox_string().as_bytes()))
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<AddressKey, (u32, Timestamp)>> {
        // INVARIANT: no code that can panic runs under the lock; what it guards stays whole anyway.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const SENDERS_MAX: i64 = 100_000;
/// Remembered at a time.
const KNOWN_MAX: usize = 10_000;
const NOTED_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// Reports come for as long as a message is tried, and a while.
const KEPT: SignedDuration = SignedDuration::from_hours(60 * 24);
