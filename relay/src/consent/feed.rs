//! Events in the order in which they were written, for those who are told of them afterwards.
//!
//! A chain has one writer at a time, and its numbers have no gaps: whoever has seen a number has
//! seen all before it. Whom it concerns and what is made of it, others know.

use jiff::Timestamp;
use serde_json::Value;

use super::{Consent, event, farewell};
use crate::{
    db::{Error, Row, int, text},
    seal::{AddressKey, Secret},
};

/// One event, without its evidence.
#[derive(Clone, Debug)]
pub struct Fed {
    pub chain: i64,
    pub seq: i64,
    pub kind: String,
    /// Also of whoever was erased meanwhile, as long as somebody is still to be told of that.
    pub contact: AddressKey,
    pub purpose: Option<String>,
    pub at: Timestamp,
    pub recorded_at: Timestamp,
    pub detail: Value,
    /// Of a grant: the contact had one of the purpose before.
    pub again: bool,
    /// Of an erasure, as long as somebody is still to be told of it: the address that went.
    pub erased: Option<String>,
}

impl Fed {
    /// How the ledger calls it.
    pub fn name(&self) -> String {
        event::name(self.chain, self.seq)
    }
}

impl Consent {
    /// A controller's events of one chain behind `after`, up to and with number `last`.
    pub async fn feed(
        &self,
        controller: &str,
        chain: i64,
        after: i64,
        last: i64,
    ) -> Result<Vec<Fed>, Error> {
        let sql = format!(
            "{SELECT} WHERE e.chain = $1 AND e.seq > $2 AND e.seq <= $3 \
                           AND e.controller = $4 ORDER BY e.seq"
        );
        let args = vec![int(chain), int(after), int(last), text(controller)];
        let rows = self.db.read().await?.rows(&sql, args).await?;
        rows.iter().map(|row| read(&self.secret, row)).collect()
    }
}

fn read(secret: &Secret, row: &Row) -> Result<Fed, Error> {
    Ok(Fed {
        chain: row.int(0)?,
        seq: row.int(1)?,
        kind: row.text(2)?,
        contact: AddressKey(row.key(3)?),
        purpose: row.opt_text(4)?,
        at: row.time(5)?,
        recorded_at: row.time(6)?,
        detail: serde_json::from_str(&row.text(7)?).unwrap_or_default(),
        again: row.int(8)? == 1,
        erased: farewell::open(secret, row.uuid(9)?, row.opt_bytes(10)?)?,
    })
}

const SELECT: &str = "\
    SELECT e.chain, e.seq, e.kind, COALESCE(f.key, c.key), e.purpose, e.at, e.recorded_at, e.detail, \
        CASE WHEN e.kind = 'granted' AND EXISTS (SELECT 1 FROM consent_event b \
            WHERE b.contact = e.contact AND b.kind = 'granted' AND b.purpose = e.purpose \
            AND (b.recorded_at < e.recorded_at \
                OR (b.recorded_at = e.recorded_at AND b.chain = e.chain AND b.seq < e.seq))) \
        THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END, \
        e.contact, CASE WHEN e.kind = 'erased' THEN f.address END \
    FROM consent_event e JOIN contact c ON c.id = e.contact \
    LEFT JOIN farewell f ON f.contact = e.contact";
