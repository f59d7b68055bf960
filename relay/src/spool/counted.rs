//! Messages that somebody counts: by a stream's `at-most`, a purpose whose grants one message spends,
//! a request to renew consent, a person who asked for less.
//!
//! What left is written with the settlement, so a count and a delivery are durable together. Whose
//! turn it is until then is `turn`'s.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use policy::Class;
use uuid::Uuid;

use super::{Spool, Turn};
use crate::{
    db::{Arg, Error, Tx, int, text, uuid, word},
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

/// Each settlement applies once, so nothing is counted twice.
pub(super) async fn write(tx: &mut Tx<'_>, left: &[(Uuid, &Left)]) -> Result<(), Error> {
    let row = |(delivery, Left { key, at, counted }): &(Uuid, &Left)| -> [Arg<'static>; 5] {
        [
            Arg::bytes(key.0.to_vec()),
            int(at.as_millisecond()),
            uuid(*delivery),
            text(counted.purpose.clone().unwrap_or_default()),
            text(word(&counted.class)),
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
