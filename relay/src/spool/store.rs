//! The spool's SQL. What a group is and when it is committed is `writer.rs`'s.

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{Delivery, Hold, Message, Settle, State, body::Place};
use crate::{
    db::{Arg, Conn, Error, Keys, Row, Tx, int, text, uuid},
    seal::AddressKey,
};

/// A message's row, without its bytes and their place.
pub(super) fn message_row(message: &Message) -> Vec<Arg<'static>> {
    vec![
        uuid(message.id),
        int(message.received_at.as_millisecond()),
        text(message.login.clone()),
        Arg::Text(message.from.as_ref().map(|from| json(from).into())),
        text(json(&message.params)),
        text(message.trace.clone()),
        text(message.stream.clone()),
        Arg::Text(message.declared.map(|class| word(&class).into())),
        text(word(&message.class)),
        text(message.policy_version.clone()),
        int(i64::try_from(message.recipients).unwrap_or(i64::MAX)),
        int(i64::try_from(message.bytes.len()).unwrap_or(i64::MAX)),
    ]
}

/// A message's bytes, or the place of them.
pub(super) fn bytes_row<'m>(bytes: &'m Bytes, place: Option<&Place>) -> [Arg<'m>; 4] {
    [
        Arg::Bytes(place.is_none().then(|| bytes.as_ref().into())),
        Arg::Int(place.map(|place| place.segment)),
        Arg::Int(place.map(|place| place.offset)),
        Arg::Bytes(place.map(|place| place.checksum.to_vec().into())),
    ]
}

pub(super) fn delivery_row(delivery: &Delivery, node: Option<Uuid>) -> Vec<Arg<'static>> {
    let claimed = delivery.state == State::Claimed && node.is_some();
    let state = match delivery.state {
        // Who visits claims nothing: the relay takes it when it looks next.
        State::Claimed if !claimed => State::Ready,
        State::Ready | State::Claimed | State::Held => delivery.state,
    };
    vec![
        uuid(delivery.id),
        uuid(delivery.message),
        text(json(&delivery.recipient)),
        Arg::bytes(delivery.key.0.to_vec()),
        text(state.as_str()),
        int(delivery.due_at.as_millisecond()),
        Arg::Uuid(node.filter(|_| claimed)),
        text(word(&delivery.action)),
        text(json(&delivery.edits)),
        Arg::Text(delivery.rule.clone().map(Into::into)),
        Arg::Text(delivery.waiver.as_ref().map(|waiver| json(waiver).into())),
        int(delivery.attempts.into()),
        int(delivery.expires_at.as_millisecond()),
        Arg::Text(delivery.last.clone().map(Into::into)),
    ]
}

/// Drops finished deliveries that are still the caller's; which.
pub(super) async fn finish(
    tx: &mut Tx<'_>,
    ids: Vec<Uuid>,
    node: Option<Uuid>,
) -> Result<Vec<Uuid>, Error> {
    let (whose, args) = whose(node);
    let sql = format!("DELETE FROM delivery WHERE {whose} AND id {{in}}");
    if tx.is_sqlite() {
        return tx.run_each(&sql, &args, ids).await;
    }
    // Two relays that finish the last two deliveries of one message must not each see the other's:
    // they take turns at the message, and `sweep`, a later statement, sees what the first one did.
    let sql = format!(
        "WITH gone AS ({sql} RETURNING id, message), \
         turn AS (SELECT id FROM message WHERE recipients > 1 \
         AND id IN (SELECT message FROM gone) ORDER BY id FOR UPDATE) \
         SELECT id FROM gone WHERE (SELECT COUNT(*) FROM turn) >= 0"
    );
    let rows = tx.rows_in(&sql, &args, Keys::Uuids(ids)).await?;
    rows.iter().map(|row| row.uuid(0)).collect()
}

/// `$1` of each statement that changes a delivery: claimed by this node, or held.
fn whose(node: Option<Uuid>) -> (&'static str, Vec<Arg<'static>>) {
    match node {
        Some(node) => ("state = 'claimed' AND node = $1", vec![uuid(node)]),
        None => ("state = $1", vec![text(State::Held.as_str())]),
    }
}

/// Changes one delivery that stays in the spool; whether it was still the caller's.
pub(super) async fn change(
    tx: &mut Tx<'_>,
    id: Uuid,
    settle: &Settle,
    node: Option<Uuid>,
) -> Result<bool, Error> {
    let (whose, mut args) = whose(node);
    args.push(uuid(id));
    let set = match settle {
        Settle::Done => return Ok(false),
        Settle::Later { due_at, last } => {
            args.extend([int(due_at.as_millisecond()), text(last.clone())]);
            "state = 'ready', node = NULL, attempts = attempts + 1, due_at = $3, last = $4"
        }
        Settle::Hold(Hold::Rule(rule)) => {
            args.push(text(rule.clone()));
            "state = 'held', node = NULL, rule = $3"
        }
        Settle::Hold(Hold::Unedited(why)) => {
            args.push(text(why.to_string()));
            "state = 'held', node = NULL, rule = NULL, last = $3"
        }
        Settle::Ready { waiver, edits, due_at } => {
            args.extend([
                int(due_at.as_millisecond()),
                text(json(edits)),
                Arg::Text(waiver.as_ref().map(|waiver| json(waiver).into())),
            ]);
            "state = 'ready', node = NULL, rule = NULL, due_at = $3, edits = $4, \
             waiver = COALESCE($5, waiver)"
        }
    };
    let sql = format!("UPDATE delivery SET {set} WHERE {whose} AND id = $2");
    Ok(tx.run(&sql, args).await? == 1)
}

/// Drops those of the messages that have no delivery left; the places of their bytes.
pub(super) async fn sweep(tx: &mut Tx<'_>, mut messages: Vec<Uuid>) -> Result<Vec<Place>, Error> {
    let idle = "NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.message = message.id)";
    let inline = format!("DELETE FROM message WHERE id {{in}} AND segment IS NULL AND {idle}");
    let gone = tx.run_each(&inline, &[], messages.clone()).await?;
    if !tx.is_sqlite() || gone.len() == messages.len() {
        // Only SQLite has files.
        return Ok(Vec::new());
    }
    messages.retain(|id| !gone.contains(id));
    let filed = format!(
        "DELETE FROM message WHERE id {{in}} AND {idle} \
         RETURNING segment, place, size_bytes, checksum"
    );
    let rows = tx.rows_in(&filed, &[], Keys::Uuids(messages)).await?;
    rows.iter().filter_map(|row| place(row, 0).transpose()).collect()
}

/// Drops messages whose commit nobody learned of: their senders were told to come again.
pub(super) async fn forget(tx: &mut Tx<'_>, messages: &[Uuid]) -> Result<(), Error> {
    for id in messages {
        tx.run("DELETE FROM delivery WHERE message = $1", vec![uuid(*id)]).await?;
        tx.run("DELETE FROM message WHERE id = $1", vec![uuid(*id)]).await?;
    }
    Ok(())
}

/// Takes due deliveries for this node, oldest first.
pub(super) async fn claim(
    tx: &mut Tx<'_>,
    node: Uuid,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Delivery>, Error> {
    let skip = if tx.is_sqlite() { "" } else { " FOR UPDATE SKIP LOCKED" };
    let sql = format!(
        "UPDATE delivery SET state = 'claimed', node = $1 WHERE id IN (SELECT id FROM delivery \
         WHERE state = 'ready' AND due_at <= $2 ORDER BY due_at, message LIMIT $3{skip}) \
         RETURNING {DELIVERY}"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = tx.rows(&sql, vec![uuid(node), int(now.as_millisecond()), int(limit)]).await?;
    rows.iter().map(delivery).collect()
}

/// Whether anything is due: asked without a write lock.
pub(super) async fn is_due(conn: &mut Conn<'_>, now: Timestamp) -> Result<bool, Error> {
    let rows = conn
        .rows(
            "SELECT 1 FROM delivery WHERE state = 'ready' AND due_at <= $1 LIMIT 1",
            vec![int(now.as_millisecond())],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// Each on its own: one that cannot be read keeps no other back. What has a place has no bytes
/// yet.
pub(super) async fn messages(
    conn: &mut Conn<'_>,
    ids: Vec<Uuid>,
) -> Result<Vec<Result<(Message, Option<Place>), Error>>, Error> {
    let sql = format!("SELECT {MESSAGE} FROM message WHERE id {{in}}");
    let rows = conn.rows_in(&sql, &[], Keys::Uuids(ids)).await?;
    Ok(rows.iter().map(message).collect())
}

/// Says that this node is alive, and frees what dead ones had claimed.
pub(super) async fn rescue(
    tx: &mut Tx<'_>,
    node: Uuid,
    name: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<u64, Error> {
    tx.run(
        "INSERT INTO node (id, name, alive_until) VALUES ($1, $2, $3) \
         ON CONFLICT (id) DO UPDATE SET alive_until = excluded.alive_until",
        vec![uuid(node), text(name), int(until.as_millisecond())],
    )
    .await?;
    let sql = "DELETE FROM node WHERE alive_until <= $1";
    // All of the spool is looked through: only where somebody died.
    if tx.run(sql, vec![int(now.as_millisecond())]).await? == 0 {
        return Ok(0);
    }
    free(tx).await
}

/// Whoever ran under this name before is gone: its lock is ours.
pub(super) async fn bury(tx: &mut Tx<'_>, name: &str) -> Result<(), Error> {
    tx.run("DELETE FROM node WHERE name = $1", vec![text(name)]).await?;
    free(tx).await.map(drop)
}

/// Makes ready what nodes had claimed that are no more, and gives back their turns.
async fn free(tx: &mut Tx<'_>) -> Result<u64, Error> {
    let gone = "node NOT IN (SELECT id FROM node)";
    tx.run(&format!("DELETE FROM turn WHERE {gone}"), vec![]).await?;
    let sql = "UPDATE delivery SET state = 'ready', node = NULL WHERE state = 'claimed'";
    tx.run(&format!("{sql} AND {gone}"), vec![]).await
}

/// Every place that a kept message refers to.
pub(super) async fn places(conn: &mut Conn<'_>) -> Result<Vec<Place>, Error> {
    let rows = conn
        .rows(
            "SELECT segment, place, size_bytes, checksum FROM message WHERE segment IS NOT NULL",
            vec![],
        )
        .await?;
    rows.iter().filter_map(|row| place(row, 0).transpose()).collect()
}

fn message(row: &Row) -> Result<(Message, Option<Place>), Error> {
    let id = row.uuid(0)?;
    let place = place(row, 12)?;
    let bytes = match (row.opt_bytes(16)?, &place) {
        (Some(bytes), None) => bytes.into(),
        (None, Some(_)) => Bytes::new(),
        (Some(_), Some(_)) | (None, None) => {
            return Err(Error::Bug(format!("message {id} has lost its bytes")));
        }
    };
    let message = Message {
        id,
        received_at: time(row, 1)?,
        login: row.text(2)?,
        from: row.opt_text(3)?.map(|text| parse(&text)).transpose()?,
        params: parse(&row.text(4)?)?,
        trace: row.text(5)?,
        stream: row.text(6)?,
        declared: row.opt_text(7)?.map(|word| unword(&word)).transpose()?,
        class: unword(&row.text(8)?)?,
        policy_version: row.text(9)?,
        recipients: usize::try_from(row.int(10)?).unwrap_or_default(),
        bytes,
    };
    Ok((message, place))
}

pub(super) fn delivery(row: &Row) -> Result<Delivery, Error> {
    Ok(Delivery {
        id: row.uuid(0)?,
        message: row.uuid(1)?,
        recipient: parse(&row.text(2)?)?,
        key: AddressKey(row.key(3)?),
        state: State::parse(&row.text(4)?)?,
        due_at: time(row, 5)?,
        action: unword(&row.text(6)?)?,
        edits: parse(&row.text(7)?)?,
        rule: row.opt_text(8)?,
        waiver: row.opt_text(9)?.map(|text| parse(&text)).transpose()?,
        attempts: u32::try_from(row.int(10)?).unwrap_or_default(),
        expires_at: time(row, 11)?,
        last: row.opt_text(12)?,
        counted: None,
    })
}

/// Segment, offset, size and checksum in four columns from `at` on.
fn place(row: &Row, at: usize) -> Result<Option<Place>, Error> {
    let (Some(segment), Some(offset)) = (row.opt_int(at)?, row.opt_int(at + 1)?) else {
        return Ok(None);
    };
    let checksum = row.opt_key(at + 3)?.unwrap_or_default();
    Ok(Some(Place { segment, offset, length: row.int(at + 2)?, checksum }))
}

fn time(row: &Row, at: usize) -> Result<Timestamp, Error> {
    Timestamp::from_millisecond(row.int(at)?).map_err(|error| Error::Bug(error.to_string()))
}

fn json(value: &impl Serialize) -> String {
    // INVARIANT: our own types have string keys only, which JSON always takes.
    serde_json::to_string(value).unwrap_or_default()
}

/// A unit variant as its bare word.
pub(super) fn word(value: &impl Serialize) -> String {
    json(value).trim_matches('"').to_owned()
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::Bug(format!("spool: {error}")))
}

fn unword<T: DeserializeOwned>(word: &str) -> Result<T, Error> {
    parse(&format!("\"{word}\""))
}

pub(super) const MESSAGE_COLUMNS: &[&str] = &[
    "id",
    "received_at",
    "login",
    "sender",
    "params",
    "trace",
    "stream",
    "declared",
    "class",
    "policy_version",
    "recipients",
    "size_bytes",
    "bytes",
    "segment",
    "place",
    "checksum",
];
pub(super) const DELIVERY_COLUMNS: &[&str] = &[
    "id",
    "message",
    "recipient",
    "key",
    "state",
    "due_at",
    "node",
    "action",
    "edits",
    "rule",
    "waiver",
    "attempts",
    "expires_at",
    "last",
];
const MESSAGE: &str = "id, received_at, login, sender, params, trace, stream, declared, class, \
                       policy_version, recipients, size_bytes, segment, place, size_bytes, \
                       checksum, bytes";
pub(super) const DELIVERY: &str = "id, message, recipient, key, state, due_at, action, edits, \
                                   rule, waiver, attempts, expires_at, last";
