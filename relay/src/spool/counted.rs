//! Messages that somebody counts: by a stream's `at-most`, a purpose whose grants one message spends,
//! a request to renew consent, a person who asked for less.
//!
//! What left is written with the settlement, so a count and a delivery are durable together. Until
//! then nobody could count it: so an address gets one counted message at a time. That holds within
//! one relay; two that share a database see each other's messages only when they are settled.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use policy::Class;
use uuid::Uuid;

use super::{Spool, store};
use crate::{
    db::{Arg, Error, Tx, int, text, uuid},
    seal::AddressKey,
};

/// As what a message is counted when it leaves.
#[derive(Debug)]
pub struct Counted {
    pub purpose: Option<String>,
    pub class: Class,
    /// Held until it is settled.
    pub turn: Turn,
}

/// One counted message that left.
#[derive(Clone, Debug)]
pub struct Left {
    pub key: AddressKey,
    pub at: Timestamp,
    pub counted: Arc<Counted>,
}

/// Whose turn it is, for each address; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Turns(Arc<Mutex<BTreeMap<AddressKey, Turned>>>);

#[derive(Clone, Copy, Debug)]
enum Turned {
    Out,
    /// Since when the next one may look.
    Back(Instant),
}

/// Nobody else sends something counted to the address before it is dropped.
#[derive(Debug)]
pub struct Turn {
    turns: Turns,
    key: AddressKey,
}

impl Turns {
    /// `None` while another counted message is on its way to the address, and where one came back
    /// after `looked`: then what is known of the address is too old to count by.
    pub fn take(&self, key: AddressKey, looked: Instant) -> Option<Turn> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if turns.len() > REMEMBERED {
            turns.retain(|_, turned| match turned {
                Turned::Out => true,
                Turned::Back(at) => at.elapsed() < LOOK_MAX,
            });
        }
        match turns.get(&key) {
            Some(Turned::Out) => return None,
            Some(Turned::Back(at)) if *at >= looked => return None,
            Some(Turned::Back(_)) | None => {}
        }
        turns.insert(key, Turned::Out);
        Some(Turn { turns: self.clone(), key })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut turns = self.turns.0.lock().unwrap_or_else(PoisonError::into_inner);
        turns.insert(self.key, Turned::Back(Instant::now()));
    }
}

/// Each settlement applies once, so nothing is counted twice.
pub(super) async fn write(tx: &mut Tx<'_>, left: &[(Uuid, &Left)]) -> Result<(), Error> {
    let row = |(delivery, Left { key, at, counted }): &(Uuid, &Left)| -> [Arg<'static>; 5] {
        [
            Arg::bytes(key.0.to_vec()),
            int(at.as_millisecond()),
            uuid(*delivery),
            text(counted.purpose.clone().unwrap_or_default()),
            text(store::word(&counted.class)),
        ]
    };
    tx.insert("sent", COLUMNS, left.iter().flat_map(row).collect(), "").await.map(drop)
}

impl Spool {
    /// Forgets what left more than a year ago, but for what spent a grant: that must not count
    /// again. How many.
    pub async fn forget_sent(&self, now: Timestamp) -> Result<u64, Error> {
        let before = now.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
        let mut tx = self.db.begin().await?;
        let sql = "DELETE FROM sent WHERE at < $1 \
                   AND purpose NOT IN (SELECT id FROM purpose WHERE once = 1)";
        let gone = tx.run(sql, vec![int(before.as_millisecond())]).await?;
        tx.commit().await?;
        Ok(gone)
    }
}

const COLUMNS: &[&str] = &["key", "at", "delivery", "purpose", "class"];
const KEPT: SignedDuration = SignedDuration::from_hours(366 * 24);
/// Longer than anybody holds on to what the consent store said.
const LOOK_MAX: Duration = Duration::from_secs(120);
/// Addresses to remember before those are forgotten who have long been back.
const REMEMBERED: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gets_one_counted_message_at_a_time() {
        let turns = Turns::default();
        let (one, other) = (AddressKey([1; 32]), AddressKey([2; 32]));
        let looked = Instant::now();
        let turn = turns.take(one, looked).unwrap();
        assert!(turns.take(one, looked).is_none(), "it is on its way");
        assert!(turns.take(other, looked).is_some());
        drop(turn);
        assert!(turns.take(one, looked).is_none(), "it left after the look");
        assert!(turns.take(one, Instant::now()).is_some());
    }
}
