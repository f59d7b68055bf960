//! The journal's SQL: append within the transaction of what a line tells of, and read.

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::{
    Event, Kind, Line as Kept,
    chain::{self, Head, Line},
    detail,
};
use crate::{
    db::{Arg, Conditions, Conn, Error, Row, Tx, int, key, size, text, uuid},
    seal::AddressKey,
};

/// A line ready to be written, its JSON already text, so that the one task that appends has
/// little left to do.
#[derive(Debug)]
pub(crate) struct Prepared {
    event: Event,
    detail: String,
}

impl From<Event> for Prepared {
    fn from(mut event: Event) -> Self {
        let detail = std::mem::replace(&mut event.detail, Value::Null.into()).into_text();
        Self { event, detail }
    }
}

/// Appends to the chain called `name`, in order; the new head. Its one owner may remember the old
/// one: where it has moved nevertheless this fails, and the next try shall look (`None`).
pub(crate) async fn append<'e>(
    tx: &mut Tx<'_>,
    name: &str,
    old: Option<Head>,
    lines: impl IntoIterator<Item = &'e Prepared>,
) -> Result<Option<Head>, Error> {
    let mut lines = lines.into_iter().peekable();
    if lines.peek().is_none() {
        return Ok(old);
    }
    let old = match old {
        Some(old) => old,
        None => chain::head(tx, name).await?,
    };
    let mut head = old;
    let mut args: Vec<Arg<'_>> = Vec::new();
    for Prepared { event, detail } in lines {
        head.append(&line(&Columns {
            id: &event.id,
            at: event.at.as_millisecond(),
            kind: event.kind.as_str(),
            message: event.message.as_ref(),
            delivery: event.delivery.as_ref(),
            recipient: event.recipient.as_ref().map(|key| key.0.as_slice()),
            detail,
        }));
        args.extend([
            int(head.chain),
            int(head.seq),
            uuid(event.id),
            int(event.at.as_millisecond()),
            text(event.kind.as_str()),
            Arg::Uuid(event.message),
            Arg::Uuid(event.delivery),
            Arg::Bytes(event.recipient.as_ref().map(|key| key.0.as_slice().into())),
            text(detail.as_str()),
            Arg::bytes(head.hash.to_vec()),
        ]);
    }
    tx.insert("journal", COLUMNS, args, "").await?;
    chain::advance(tx, &old, &head).await?;
    Ok(Some(head))
}

/// What a line's hash is made over.
pub(super) struct Columns<'a> {
    pub id: &'a Uuid,
    pub at: i64,
    pub kind: &'a str,
    pub message: Option<&'a Uuid>,
    pub delivery: Option<&'a Uuid>,
    pub recipient: Option<&'a [u8]>,
    pub detail: &'a str,
}

pub(super) fn line(columns: &Columns<'_>) -> Line {
    Line::default()
        .field(columns.id.as_bytes())
        .number(columns.at)
        .field(columns.kind.as_bytes())
        .maybe(columns.message.map(|id| id.as_bytes().as_slice()))
        .maybe(columns.delivery.map(|id| id.as_bytes().as_slice()))
        .maybe(columns.recipient)
        .field(columns.detail.as_bytes())
}

/// What to list; everything asked for must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub message: Option<Uuid>,
    pub delivery: Option<Uuid>,
    pub kind: Option<Kind>,
    /// Any of these; empty: whoever.
    pub recipients: Vec<AddressKey>,
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// Lines older than this one: the last of the page before.
    pub before: Option<Uuid>,
}

/// Newest first.
pub(super) async fn list(
    conn: &mut Conn<'_>,
    filter: &Filter,
    limit: usize,
) -> Result<Vec<Kept>, Error> {
    let limit = size(limit);
    let mut asked = Conditions::new(vec![limit]);
    asked.ask("message = $", filter.message.map(uuid));
    asked.ask("delivery = $", filter.delivery.map(uuid));
    asked.ask("kind = $", filter.kind.map(|kind| text(kind.as_str())));
    asked.ask("at >= $", filter.from.map(|at| int(at.as_millisecond())));
    asked.ask("at < $", filter.until.map(|at| int(at.as_millisecond())));
    asked.ask("id < $", filter.before.map(uuid));
    // Only decisions are found by recipient; the rest of a message's lines by the message.
    let by_recipient = "recipient {in} AND (kind = 'decided' OR message IN \
                        (SELECT message FROM journal WHERE recipient {in} AND kind = 'decided'))";
    asked.among(by_recipient, filter.recipients.iter().map(|one| key(&one.0)));
    let (asked, args) = asked.finish();
    let sql = format!("{SELECT} WHERE {asked} ORDER BY id DESC LIMIT $1");
    conn.rows(&sql, args).await?.iter().map(read).collect()
}

/// Lines of one chain behind a number, in order.
pub(crate) async fn after(
    conn: &mut Conn<'_>,
    (chain, seq): (i64, i64),
    limit: i64,
) -> Result<Vec<Kept>, Error> {
    let sql = format!("{SELECT} WHERE chain = $1 AND seq > $2 ORDER BY seq LIMIT $3");
    let rows = conn.rows(&sql, vec![int(chain), int(seq), int(limit)]).await?;
    rows.iter().map(read).collect()
}

/// Of one chain behind a number, up to and with another: messages that were given up, in order.
pub(crate) async fn returned(
    conn: &mut Conn<'_>,
    (chain, after, upto): (i64, i64, i64),
) -> Result<Vec<Kept>, Error> {
    let sql = format!(
        "{SELECT} WHERE chain = $1 AND seq > $2 AND seq <= $3 \
         AND (kind = 'bounced' OR kind = 'expired') ORDER BY seq"
    );
    let rows = conn.rows(&sql, vec![int(chain), int(after), int(upto)]).await?;
    rows.iter().map(read).collect()
}

/// A line of when the message came.
pub(crate) async fn decided(conn: &mut Conn<'_>, message: Uuid) -> Result<Option<Kept>, Error> {
    let sql = format!("{SELECT} WHERE message = $1 AND kind = 'decided' LIMIT 1");
    conn.rows(&sql, vec![uuid(message)]).await?.first().map(read).transpose()
}

pub(super) async fn show(conn: &mut Conn<'_>, id: Uuid) -> Result<Option<Kept>, Error> {
    let sql = format!("{SELECT} WHERE id = $1");
    conn.rows(&sql, vec![uuid(id)]).await?.first().map(read).transpose()
}

fn read(row: &Row) -> Result<Kept, Error> {
    let kind = row.text(4)?;
    let detail = row.text(8)?;
    let event = Event {
        id: row.uuid(2)?,
        at: row.time(3)?,
        kind: Kind::parse(&kind).ok_or_else(|| Error::Bug(format!("journal: kind `{kind}`")))?,
        message: row.opt_uuid(5)?,
        delivery: row.opt_uuid(6)?,
        recipient: row.opt_key(7)?.map(AddressKey),
        detail: detail::read(detail).into(),
    };
    Ok(Kept { chain: row.int(0)?, seq: row.int(1)?, event, hash: row.key(9)? })
}

pub(super) const SELECT: &str = "SELECT chain, seq, id, at, kind, message, delivery, recipient, detail, hash \
                      FROM journal";
const COLUMNS: &[&str] =
    &["chain", "seq", "id", "at", "kind", "message", "delivery", "recipient", "detail", "hash"];
