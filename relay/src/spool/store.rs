//! The spool's SQL. What a group is and when it is committed is `writer.rs`'s.

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{
    Delivery, Hold, Message, Priority, Settle, State,
    body::{Found, Place, Sealed},
    writer::Change,
};
use crate::{
    at_rest::{self, Column, Part},
    db::{Arg, Conn, Error, Keys, Row, Tx, int, size, text, uuid, word},
    journal::policies::PROGRAM,
    seal::{AddressKey, BODY_OVERHEAD, BodyKey, Secret},
    smtp::envelope::{MailParams, Path},
};

/// A message's row, without its bytes and their place.
pub(super) fn message_row(secret: &Secret, message: &Message, key: &BodyKey) -> Vec<Arg<'static>> {
    vec![
        uuid(message.id),
        int(message.received_at.as_millisecond()),
        text(message.login.clone()),
        Arg::bytes(envelope(secret, message, key)),
        text(message.stream.clone()),
        Arg::Text(message.declared.map(|class| word(&class).into())),
        text(word(&message.class)),
        text(message.policy_version.clone()),
        size(message.recipients),
        int(i64::try_from(message.bytes.len()).unwrap_or(i64::MAX)),
        int(message.campaign),
    ]
}

/// What is sealed of a message's row, behind the key of its bytes.
#[derive(Serialize)]
struct Envelope<'a> {
    from: Option<&'a Path>,
    params: &'a MailParams,
    trace: &'a str,
}

#[derive(Deserialize)]
struct Opened {
    from: Option<Path>,
    params: MailParams,
    trace: String,
}

fn envelope(secret: &Secret, message: &Message, key: &BodyKey) -> Vec<u8> {
    let Message { from, params, trace, .. } = message;
    let mut plain = key.as_bytes().to_vec();
    // INVARIANT: writing to memory cannot fail, and our own types have string keys only.
    let _ = serde_json::to_writer(&mut plain, &Envelope { from: from.as_ref(), params, trace });
    at_rest::seal(secret, Column::MessageEnvelope, &[Part::Uuid(message.id)], &plain)
}

fn open_envelope(secret: &Secret, id: Uuid, sealed: Vec<u8>) -> Result<(BodyKey, Opened), Error> {
    let plain = at_rest::open(secret, Column::MessageEnvelope, &[Part::Uuid(id)], sealed)?;
    let short = || Error::Bug(format!("message {id}: its envelope is too short"));
    let (key, rest) = plain.split_first_chunk::<32>().ok_or_else(short)?;
    let opened = serde_json::from_slice(rest);
    let opened = opened.map_err(|error| Error::Bug(format!("message {id}: {error}")))?;
    Ok((BodyKey::from_bytes(*key), opened))
}

/// A message's sealed bytes, or the place of them.
pub(super) fn bytes_row<'m>(sealed: &'m [u8], place: Option<&Place>) -> [Arg<'m>; 3] {
    [
        Arg::Bytes(place.is_none().then(|| sealed.into())),
        Arg::Int(place.map(|place| place.segment)),
        Arg::Int(place.map(|place| place.offset)),
    ]
}

/// The column of a delivery's last reply or fault.
pub(super) fn last(secret: &Secret, delivery: Uuid, text: &str) -> Vec<u8> {
    at_rest::seal(secret, Column::DeliveryLast, &[Part::Uuid(delivery)], text.as_bytes())
}

pub(super) fn delivery_row(
    secret: &Secret,
    (message, domain): (&Message, i64),
    delivery: &Delivery,
    node: Option<Uuid>,
) -> Vec<Arg<'static>> {
    let claimed = delivery.state == State::Claimed && node.is_some();
    let state = match delivery.state {
        // Who visits claims nothing: the relay takes it when it looks next.
        State::Claimed if !claimed => State::Ready,
        State::Ready | State::Claimed | State::Held => delivery.state,
    };
    let recipient = at_rest::seal(
        secret,
        Column::DeliveryRecipient,
        &[Part::Uuid(delivery.id)],
        json(&delivery.recipient).as_bytes(),
    );
    let last = delivery.last.as_ref().map(|text| last(secret, delivery.id, text));
    vec![
        uuid(delivery.id),
        uuid(delivery.message),
        Arg::bytes(recipient),
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
        Arg::Bytes(last.map(Into::into)),
        int(domain),
        text(message.stream.clone()),
        text(message.login.clone()),
        int(message.priority().level()),
        Arg::Text(delivery.route.clone().map(Into::into)),
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
pub(super) async fn change(tx: &mut Tx<'_>, change: &Change) -> Result<bool, Error> {
    let (whose, mut args) = whose(change.node);
    args.push(uuid(change.delivery));
    let last = || Arg::Bytes(change.last.as_deref().map(Into::into));
    let set = match &change.settle {
        Settle::Done => return Ok(false),
        Settle::Later { due_at, .. } => {
            let at = Arg::Int(change.at.map(Timestamp::as_millisecond));
            args.extend([int(due_at.as_millisecond()), last(), at]);
            "state = 'ready', node = NULL, pause = NULL, attempts = attempts + 1, due_at = $3, \
             last = $4, tried_at = COALESCE($5, tried_at)"
        }
        Settle::Turn { due_at, .. } => {
            args.extend([int(due_at.as_millisecond()), last()]);
            "state = 'ready', node = NULL, pause = NULL, due_at = $3, last = $4"
        }
        Settle::Aside { pause } => {
            args.push(uuid(*pause));
            "state = 'ready', node = NULL, pause = $3, due_at = expires_at"
        }
        Settle::Hold(Hold::Rule(rule)) => {
            args.push(text(rule.clone()));
            "state = 'held', node = NULL, pause = NULL, rule = $3"
        }
        Settle::Hold(Hold::Unedited(_)) => {
            args.push(last());
            "state = 'held', node = NULL, pause = NULL, rule = NULL, last = $3"
        }
        Settle::Ready { waiver, edits, due_at } => {
            args.extend([
                int(due_at.as_millisecond()),
                text(json(edits)),
                Arg::Text(waiver.as_ref().map(|waiver| json(waiver).into())),
            ]);
            // The time that it waited for a person is not of its life.
            "state = 'ready', node = NULL, pause = NULL, rule = NULL, due_at = $3, edits = $4, \
             waiver = COALESCE($5, waiver), expires_at = expires_at + COALESCE($3 - \
             (SELECT held.at FROM held WHERE held.id = delivery.id), 0)"
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
         RETURNING segment, place, size_bytes"
    );
    let rows = tx.rows_in(&filed, &[], Keys::Uuids(messages)).await?;
    rows.iter().filter_map(|row| place(row, 0).transpose()).collect()
}

/// Drops messages whose commit nobody learned of: their senders were told to come again.
pub(super) async fn forget(tx: &mut Tx<'_>, messages: &[Uuid]) -> Result<(), Error> {
    for id in messages {
        tx.run("DELETE FROM held WHERE message = $1", vec![uuid(*id)]).await?;
        tx.run("DELETE FROM delivery WHERE message = $1", vec![uuid(*id)]).await?;
        tx.run("DELETE FROM message WHERE id = $1", vec![uuid(*id)]).await?;
    }
    Ok(())
}

/// A delivery that was claimed and cannot be read.
pub(super) struct Unread {
    pub delivery: Uuid,
    pub message: Uuid,
    pub why: Error,
}

/// Takes due deliveries for this node, what is urgent first and commercial mail last, of each the
/// oldest first: each or why it cannot be read. A part of what is taken is left to those behind.
pub(super) async fn claim(
    tx: &mut Tx<'_>,
    secret: &Secret,
    node: Uuid,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Result<Delivery, Unread>>, Error> {
    let skip = if tx.is_sqlite() { "" } else { " FOR UPDATE SKIP LOCKED" };
    let sql = format!(
        "UPDATE delivery SET state = 'claimed', node = $1 WHERE id IN (SELECT id FROM delivery \
         WHERE state = 'ready' AND priority = $4 AND due_at <= $2 \
         ORDER BY due_at, message LIMIT $3{skip}) RETURNING {DELIVERY}"
    );
    let mut all = Vec::new();
    // The second time what those behind left.
    for kept in [limit / LEFT_TO_OTHERS, 0] {
        for priority in Priority::ALL {
            let kept = if priority == Priority::Last { 0 } else { kept };
            let left = limit.saturating_sub(all.len() + kept);
            if left == 0 {
                continue;
            }
            let now = int(now.as_millisecond());
            let args = vec![uuid(node), now, size(left), int(priority.level())];
            all.extend(claimed(secret, &tx.rows(&sql, args).await?)?);
        }
        if all.len() + kept < limit {
            break;
        }
    }
    Ok(all)
}

/// Of a claim this part is for what is less urgent, where any of it is due.
const LEFT_TO_OTHERS: usize = 8;

/// Takes these, as far as they still wait.
pub(super) async fn claim_these(
    tx: &mut Tx<'_>,
    secret: &Secret,
    node: Uuid,
    ids: Vec<Uuid>,
) -> Result<Vec<Result<Delivery, Unread>>, Error> {
    let sql = "UPDATE delivery SET state = 'claimed', node = $1 WHERE state = 'ready' AND id {in}";
    let taken = tx.run_each(sql, &[uuid(node)], ids).await?;
    let sql = format!("SELECT {DELIVERY} FROM delivery WHERE id {{in}}");
    claimed(secret, &tx.rows_in(&sql, &[], Keys::Uuids(taken)).await?)
}

fn claimed(secret: &Secret, rows: &[Row]) -> Result<Vec<Result<Delivery, Unread>>, Error> {
    let read = |row: &Row| {
        let ids = (row.uuid(0)?, row.uuid(1)?);
        let unread = |why| Unread { delivery: ids.0, message: ids.1, why };
        Ok(delivery(secret, row).map_err(unread))
    };
    rows.iter().map(read).collect()
}

/// Whether anything is due: asked without a write lock.
pub(super) async fn is_due(conn: &mut Conn<'_>, now: Timestamp) -> Result<bool, Error> {
    let rows = conn
        .rows(
            "SELECT 1 FROM delivery WHERE state = 'ready' AND priority IN (4, 0, -4) \
             AND due_at <= $1 LIMIT 1",
            vec![int(now.as_millisecond())],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// Each on its own: one that cannot be read keeps no other back.
pub(super) async fn messages(
    conn: &mut Conn<'_>,
    secret: &Secret,
    ids: Vec<Uuid>,
) -> Result<Vec<Result<Found, Error>>, Error> {
    let sql = format!("SELECT {MESSAGE} FROM message WHERE id {{in}}");
    let rows = conn.rows_in(&sql, &[], Keys::Uuids(ids)).await?;
    Ok(rows.iter().map(|row| message(secret, row)).collect())
}

/// Says that this node is alive and which data keys it has, and frees what dead ones had claimed.
pub(super) async fn rescue(
    tx: &mut Tx<'_>,
    secret: &Secret,
    (node, name): (Uuid, &str),
    now: Timestamp,
    until: Timestamp,
) -> Result<u64, Error> {
    let newest = secret.data_keys().last().map_or(0, |key| key.id);
    tx.run(
        "INSERT INTO node (id, name, alive_until, newest_key, sealing_key, version) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE SET \
         alive_until = excluded.alive_until, newest_key = excluded.newest_key, \
         sealing_key = excluded.sealing_key",
        vec![
            uuid(node),
            text(name),
            int(until.as_millisecond()),
            int(newest.into()),
            int(secret.sealing().into()),
            text(PROGRAM),
        ],
    )
    .await?;
    let sql = "DELETE FROM node WHERE alive_until <= $1";
    tx.run(sql, vec![int(now.as_millisecond())]).await?;
    // Also where nobody died since: PostgreSQL may finish what a killed relay had sent it after its
    // successor looked.
    free(tx).await
}

/// Whoever ran under this name before is gone: its lock is ours.
pub(super) async fn bury(tx: &mut Tx<'_>, name: &str) -> Result<(), Error> {
    tx.run("DELETE FROM node WHERE name = $1", vec![text(name)]).await?;
    free(tx).await.map(drop)
}

/// Makes ready what nodes had claimed that are no more, and gives back their turns and connections.
async fn free(tx: &mut Tx<'_>) -> Result<u64, Error> {
    let gone = "node NOT IN (SELECT id FROM node)";
    tx.run(&format!("DELETE FROM turn WHERE {gone}"), vec![]).await?;
    tx.run(&format!("DELETE FROM pace_open WHERE {gone}"), vec![]).await?;
    let sql = "UPDATE delivery SET state = 'ready', node = NULL WHERE state = 'claimed'";
    tx.run(&format!("{sql} AND {gone}"), vec![]).await
}

/// Every place that a kept message refers to.
pub(super) async fn places(conn: &mut Conn<'_>) -> Result<Vec<Place>, Error> {
    let rows = conn
        .rows("SELECT segment, place, size_bytes FROM message WHERE segment IS NOT NULL", vec![])
        .await?;
    rows.iter().filter_map(|row| place(row, 0).transpose()).collect()
}

fn message(secret: &Secret, row: &Row) -> Result<Found, Error> {
    let id = row.uuid(0)?;
    let sealed = match (row.opt_bytes(12)?, place(row, 9)?) {
        (Some(bytes), None) => Sealed::Here(bytes),
        (None, Some(place)) => Sealed::There(place),
        (Some(_), Some(_)) | (None, None) => {
            return Err(Error::Bug(format!("message {id} has lost its bytes")));
        }
    };
    let (key, Opened { from, params, trace }) = open_envelope(secret, id, row.bytes(3)?)?;
    let message = Message {
        id,
        received_at: row.time(1)?,
        login: row.text(2)?,
        from,
        params,
        trace,
        stream: row.text(4)?,
        declared: row.opt_text(5)?.map(|word| unword(&word)).transpose()?,
        class: unword(&row.text(6)?)?,
        policy_version: row.text(7)?,
        recipients: usize::try_from(row.int(8)?).unwrap_or_default(),
        campaign: row.int(13)?,
        bytes: Bytes::new(),
    };
    Ok(Found { message, key, sealed })
}

pub(super) fn delivery(secret: &Secret, row: &Row) -> Result<Delivery, Error> {
    let id = row.uuid(0)?;
    let open = |column, sealed| at_rest::open_text(secret, column, &[Part::Uuid(id)], sealed);
    let last = row.opt_bytes(12)?.map(|sealed| open(Column::DeliveryLast, sealed));
    Ok(Delivery {
        id,
        message: row.uuid(1)?,
        recipient: parse(&open(Column::DeliveryRecipient, row.bytes(2)?)?)?,
        key: AddressKey(row.key(3)?),
        state: State::parse(&row.text(4)?)?,
        due_at: row.time(5)?,
        action: unword(&row.text(6)?)?,
        edits: parse(&row.text(7)?)?,
        rule: row.opt_text(8)?,
        waiver: row.opt_text(9)?.map(|text| parse(&text)).transpose()?,
        attempts: u32::try_from(row.int(10)?).unwrap_or_default(),
        expires_at: row.time(11)?,
        last: last.transpose()?,
        route: row.opt_text(13)?,
        counted: None,
    })
}

/// Segment, offset and plain size in three columns from `at` on.
fn place(row: &Row, at: usize) -> Result<Option<Place>, Error> {
    let (Some(segment), Some(offset)) = (row.opt_int(at)?, row.opt_int(at + 1)?) else {
        return Ok(None);
    };
    let length = row.int(at + 2)?.saturating_add(BODY_OVERHEAD as i64);
    Ok(Some(Place { segment, offset, length }))
}

fn json(value: &impl Serialize) -> String {
    // INVARIANT: our own types have string keys only, which JSON always takes.
    serde_json::to_string(value).unwrap_or_default()
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
    "envelope",
    "stream",
    "declared",
    "class",
    "policy_version",
    "recipients",
    "size_bytes",
    "campaign",
    "bytes",
    "segment",
    "place",
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
    "domain",
    "stream",
    "login",
    "priority",
    "route",
];
const MESSAGE: &str = "id, received_at, login, envelope, stream, declared, class, policy_version, \
                       recipients, segment, place, size_bytes, bytes, campaign";
pub(super) const DELIVERY: &str = "id, message, recipient, key, state, due_at, action, edits, \
                                   rule, waiver, attempts, expires_at, last, route";
