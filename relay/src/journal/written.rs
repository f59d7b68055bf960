//! Lines as they stand in the columns, whatever that is: to prove them, or to find what is wrong.
//!
//! Nothing is understood here; whoever wants to know what a line says asks `list`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    chain::{Hashed, Line, Stands},
    hex::Digest,
    store::{Columns, SELECT, line},
    verify::Step,
};
use crate::{
    db::{Conn, Error, Row, int, key, uuid},
    seal::AddressKey,
};

/// What a line's hash is made over.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    pub id: Uuid,
    /// Unix milliseconds.
    pub at: i64,
    pub kind: String,
    pub message: Option<Uuid>,
    pub delivery: Option<Uuid>,
    /// The contact's key.
    pub recipient: Option<Digest>,
    /// JSON, if nobody broke it.
    pub detail: String,
}

impl Hashed for Written {
    fn line(&self) -> Line {
        line(&Columns {
            id: &self.id,
            at: self.at,
            kind: &self.kind,
            message: self.message.as_ref(),
            delivery: self.delivery.as_ref(),
            recipient: self.recipient.as_ref().map(|key| key.0.as_slice()),
            detail: &self.detail,
        })
    }
}

/// Of one message, oldest first; of one recipient of it, where one is named.
pub async fn of_message(
    conn: &mut Conn<'_>,
    message: Uuid,
    recipient: Option<AddressKey>,
    limit: i64,
) -> Result<Vec<Stands<Written>>, Error> {
    let mut args = vec![int(limit), uuid(message)];
    let mut sql = format!("{SELECT} WHERE message = $2");
    if let Some(recipient) = &recipient {
        args.push(key(&recipient.0));
        sql.push_str(" AND (recipient = $3 OR recipient IS NULL)");
    }
    sql.push_str(" ORDER BY id LIMIT $1");
    conn.rows(&sql, args).await?.iter().map(stands).collect()
}

/// Of every message to one recipient, oldest first.
pub async fn of_recipient(
    conn: &mut Conn<'_>,
    recipient: AddressKey,
    limit: i64,
) -> Result<Vec<Stands<Written>>, Error> {
    // Decisions are found by recipient, the rest of a message's lines by the message.
    let sql = format!(
        "{SELECT} WHERE recipient = $2 AND (kind = 'decided' OR message IN (SELECT message \
         FROM journal WHERE recipient = $2 AND kind = 'decided')) ORDER BY id LIMIT $1"
    );
    let rows = conn.rows(&sql, vec![int(limit), key(&recipient.0)]).await?;
    rows.iter().map(stands).collect()
}

/// For a walk: lines of one chain after one number up to another, in order.
pub(crate) async fn steps(
    conn: &mut Conn<'_>,
    (chain, seq, upto): (i64, i64, i64),
) -> Result<Vec<Step>, Error> {
    let sql = format!("{SELECT} WHERE chain = $1 AND seq > $2 AND seq <= $3 ORDER BY seq");
    let rows = conn.rows(&sql, vec![int(chain), int(seq), int(upto)]).await?;
    rows.iter().map(|row| Step::of(row.int(1)?, stands(row), None)).collect()
}

fn stands(row: &Row) -> Result<Stands<Written>, Error> {
    let written = Written {
        id: row.uuid(2)?,
        at: row.int(3)?,
        kind: row.text(4)?,
        message: row.opt_uuid(5)?,
        delivery: row.opt_uuid(6)?,
        recipient: row.opt_key(7)?.map(Digest),
        detail: row.text(8)?,
    };
    Ok(Stands { chain: row.int(0)?, seq: row.int(1)?, hash: row.key(9)?, written })
}
