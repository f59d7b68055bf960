//! The tables of webhooks: those who are told, how far they were told, and what became of it.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Attempt, Delivery, Event, Key, NewWebhook, State, WEBHOOKS_MAX, Webhook, Webhooks};
use crate::{
    at_rest::{self, Column, Part},
    consent::event_name,
    db::{Arg, Db, Error, Keys, Row, Tx, int, size, text, uuid},
};

/// `None`: the controller has as many as it may have.
pub(super) async fn add(
    hooks: &Webhooks,
    now: Timestamp,
    new: &NewWebhook,
    key: &Key,
) -> Result<Option<Webhook>, Error> {
    let mut tx = hooks.db.begin().await?;
    let count = "SELECT COUNT(*) FROM webhook WHERE controller = $1";
    let rows = tx.rows(count, vec![text(new.controller.as_str())]).await?;
    if rows.first().map_or(Ok(0), |row| row.int(0))? >= WEBHOOKS_MAX {
        return Ok(None);
    }
    let id = Uuid::now_v7();
    let words: Vec<&str> = new.events.iter().map(|event| event.as_str()).collect();
    let row = vec![
        uuid(id),
        text(new.controller.as_str()),
        text(new.url.as_str()),
        text(words.join(" ")),
        int(new.with_address.into()),
        int(now.as_millisecond()),
    ];
    let columns = &["id", "controller", "url", "events", "address", "created_at"];
    tx.insert("webhook", columns, row, "").await?;
    put_key(&mut tx, hooks, now, id, key).await?;
    // What was written down before is no news.
    let sql = "INSERT INTO webhook_seen (webhook, chain, seq) SELECT $1, id, head_seq FROM chain";
    tx.run(sql, vec![uuid(id)]).await?;
    tx.commit().await?;
    find(&hooks.db, id).await
}

async fn put_key(
    tx: &mut Tx<'_>,
    hooks: &Webhooks,
    now: Timestamp,
    id: Uuid,
    key: &Key,
) -> Result<(), Error> {
    let made_at = now.as_millisecond();
    at_rest::follow(tx, &hooks.secret).await?;
    let place = [Part::Uuid(id), Part::Int(made_at)];
    let sealed =
        at_rest::seal(&hooks.secret, Column::WebhookSecret, &place, key.reveal().as_bytes());
    let row = vec![uuid(id), int(made_at), Arg::bytes(sealed)];
    tx.insert("webhook_secret", &["webhook", "made_at", "secret"], row, "").await.map(drop)
}

pub(super) async fn rotate(
    hooks: &Webhooks,
    now: Timestamp,
    id: Uuid,
    key: &Key,
) -> Result<bool, Error> {
    let mut tx = hooks.db.begin().await?;
    let found = tx.rows("SELECT id FROM webhook WHERE id = $1", vec![uuid(id)]).await?;
    if found.is_empty() {
        return Ok(false);
    }
    let both = super::signed(hooks.settings.both_keys);
    let until = now.checked_add(both).unwrap_or(now).as_millisecond();
    // Two count and not more: of two rotations in a row the first key ends at once.
    let sql = "DELETE FROM webhook_secret WHERE webhook = $1 AND until IS NOT NULL";
    tx.run(sql, vec![uuid(id)]).await?;
    let sql = "UPDATE webhook_secret SET until = $2 WHERE webhook = $1";
    tx.run(sql, vec![uuid(id), int(until)]).await?;
    put_key(&mut tx, hooks, now, id, key).await?;
    tx.commit().await?;
    Ok(true)
}

/// Those that count, the newest first.
pub(super) async fn keys(hooks: &Webhooks, now: Timestamp, id: Uuid) -> Result<Vec<String>, Error> {
    let sql = "SELECT made_at, secret FROM webhook_secret WHERE webhook = $1 \
               AND (until IS NULL OR until > $2) ORDER BY made_at DESC";
    let args = vec![uuid(id), int(now.as_millisecond())];
    let rows = hooks.db.read_briefly().await?.rows(sql, args).await?;
    let open = |row: &Row| {
        let place = [Part::Uuid(id), Part::Int(row.int(0)?)];
        at_rest::open_text(&hooks.secret, Column::WebhookSecret, &place, row.bytes(1)?)
    };
    rows.iter().map(open).collect()
}

pub(super) async fn list(db: &Db, controller: Option<&str>) -> Result<Vec<Webhook>, Error> {
    let mut conn = db.read().await?;
    let rows = match controller {
        Some(id) => {
            let sql = format!("{SELECT} WHERE controller = $1 ORDER BY id");
            conn.rows(&sql, vec![text(id)]).await?
        }
        None => conn.rows(&format!("{SELECT} ORDER BY id"), vec![]).await?,
    };
    rows.iter().map(read).collect()
}

pub(super) async fn find(db: &Db, id: Uuid) -> Result<Option<Webhook>, Error> {
    let rows = db.read().await?.rows(&format!("{SELECT} WHERE id = $1"), vec![uuid(id)]).await?;
    rows.first().map(read).transpose()
}

pub(super) async fn remove(db: &Db, id: Uuid) -> Result<bool, Error> {
    let mut tx = db.begin().await?;
    // First what an attempt that is under way would write to.
    let sql = "UPDATE webhook SET off_at = 0, off_why = 'removed' WHERE id = $1";
    if tx.run(sql, vec![uuid(id)]).await? == 0 {
        return Ok(false);
    }
    for sql in [
        "DELETE FROM webhook_attempt WHERE delivery IN \
            (SELECT id FROM webhook_delivery WHERE webhook = $1)",
        "DELETE FROM webhook_delivery WHERE webhook = $1",
        "DELETE FROM webhook_seen WHERE webhook = $1",
        "DELETE FROM webhook_secret WHERE webhook = $1",
        "DELETE FROM webhook WHERE id = $1",
    ] {
        tx.run(sql, vec![uuid(id)]).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// What waited is due at once.
pub(super) async fn resume(db: &Db, now: Timestamp, id: Uuid) -> Result<bool, Error> {
    let mut tx = db.begin().await?;
    let sql = "UPDATE webhook SET failures = 0, failing_since = NULL, rest_until = 0, \
               off_at = NULL, off_why = NULL WHERE id = $1";
    let changed = tx.run(sql, vec![uuid(id)]).await?;
    let sql = "UPDATE webhook_delivery SET next_at = $2, created_at = $2 \
               WHERE webhook = $1 AND state = 'waiting'";
    tx.run(sql, vec![uuid(id), int(now.as_millisecond())]).await?;
    tx.commit().await?;
    Ok(changed == 1)
}

pub(super) async fn test(
    db: &Db,
    now: Timestamp,
    webhook: Uuid,
    next_at: Timestamp,
) -> Result<Uuid, Error> {
    let mut tx = db.begin().await?;
    let id = Uuid::now_v7();
    let row = vec![
        uuid(id),
        uuid(webhook),
        text(Event::Test.as_str()),
        int(now.as_millisecond()),
        text(State::Waiting.as_str()),
        int(next_at.as_millisecond()),
    ];
    let columns = &["id", "webhook", "event", "created_at", "state", "next_at"];
    tx.insert("webhook_delivery", columns, row, "").await?;
    tx.commit().await?;
    Ok(id)
}

pub(super) async fn log(
    db: &Db,
    webhook: Uuid,
    before: Option<Uuid>,
    limit: usize,
) -> Result<Vec<Delivery>, Error> {
    let sql = "SELECT id, event, chain, seq, created_at, state, next_at FROM webhook_delivery \
               WHERE webhook = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    let args = vec![uuid(webhook), uuid(before.unwrap_or(Uuid::max())), size(limit)];
    let mut conn = db.read().await?;
    let rows = conn.rows(sql, args).await?;
    let mut found: Vec<Delivery> = rows.iter().map(delivery).collect::<Result<_, _>>()?;
    let sql = "SELECT delivery, at, status, ms, error FROM webhook_attempt \
               WHERE delivery {in} ORDER BY delivery, number";
    let ids = Keys::Uuids(found.iter().map(|one| one.id).collect());
    for row in conn.rows_in(sql, &[], ids).await? {
        let id = row.uuid(0)?;
        if let Some(one) = found.iter_mut().find(|one| one.id == id) {
            one.attempts.push(attempt(&row)?);
        }
    }
    found.iter_mut().for_each(|one| one.attempts.sort_by_key(|attempt| attempt.at));
    Ok(found)
}

fn delivery(row: &Row) -> Result<Delivery, Error> {
    let event = row.text(1)?;
    let is_of_ledger = !Event::parse(&event).is_some_and(Event::is_of_journal);
    let place = row.opt_int(2)?.zip(row.opt_int(3)?).filter(|_| is_of_ledger);
    let state = row.text(5)?;
    Ok(Delivery {
        id: row.uuid(0)?,
        event,
        ledger_event: place.map(|(chain, seq)| event_name(chain, seq)),
        created_at: row.time(4)?,
        state: State::parse(&state).ok_or_else(|| Error::Bug(format!("no state: {state}")))?,
        next_at: row.time(6)?,
        attempts: Vec::new(),
    })
}

fn attempt(row: &Row) -> Result<Attempt, Error> {
    let status = row.opt_int(2)?;
    Ok(Attempt {
        at: row.time(1)?,
        status: status.and_then(|status| u16::try_from(status).ok()),
        ms: row.int(3)?,
        error: row.opt_text(4)?,
    })
}

fn read(row: &Row) -> Result<Webhook, Error> {
    let off_at = row.opt_time(8)?;
    Ok(Webhook {
        id: row.uuid(0)?,
        controller: row.text(1)?,
        url: row.text(2)?,
        // A word of a newer release is nothing here.
        events: row.text(3)?.split(' ').filter_map(Event::parse).collect(),
        with_address: row.int(4)? == 1,
        created_at: row.time(5)?,
        failures: row.int(6)?,
        failing_since: row.opt_time(7)?,
        off: off_at.zip(row.opt_text(9)?),
    })
}

const SELECT: &str = "SELECT id, controller, url, events, address, created_at, failures, \
                      failing_since, off_at, off_why FROM webhook";
