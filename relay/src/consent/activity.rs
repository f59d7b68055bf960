//! Signs of life of a contact, and the grants whose end they move (S46..S48).

use jiff::{Timestamp, tz::TimeZone};
use policy::{Activity, Validity};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    Recorded, Who,
    event::{Events, Kind, name},
    purpose,
    record::{Desk, until},
    store::{Found, parse_word},
};
use crate::db::{Conn, Error, Tx, int, moment, text, uuid, word};

impl<'a> Desk<'a> {
    /// A sign of life.
    pub(super) async fn live(
        &self,
        tx: &mut Tx<'_>,
        events: &mut Events<'a>,
        kind: Activity,
    ) -> Result<Recorded, Error> {
        let at = self.proof.at;
        // Nothing is noted of whoever was erased, and nothing of the time before that.
        if self.contact.erased || self.contact.forgot(at) {
            return Ok(Recorded::Already);
        }
        if !note(tx, self.contact, kind, at).await? {
            return Ok(Recorded::Already);
        }
        let mut detail = Map::from_iter([("kind".to_owned(), json!(kind))]);
        extend(tx, self.who, self.contact, kind, at, self.zone).await?.tell(&mut detail);
        Ok(self.push(events, Kind::Activity, None, Value::Object(detail)))
    }
}

/// Writes it down where it is the newest of its kind.
pub(super) async fn note(
    tx: &mut Tx<'_>,
    contact: &Found,
    kind: Activity,
    at: Timestamp,
) -> Result<bool, Error> {
    let at = at.as_millisecond();
    let row = vec![uuid(contact.id), text(word(&kind)), int(at)];
    let newer = "ON CONFLICT (contact, kind) DO UPDATE SET at = excluded.at \
                 WHERE activity_now.at < excluded.at";
    if tx.insert("activity_now", &["contact", "kind", "at"], row, newer).await? == 0 {
        return Ok(false);
    }
    if contact.last_activity.is_none_or(|last| last < at) {
        let sql = "UPDATE contact SET last_activity = $1 WHERE id = $2";
        tx.run(sql, vec![int(at), uuid(contact.id)]).await?;
    }
    Ok(true)
}

/// Moves ahead what counts from activity of the kind and was valid then.
pub(super) async fn extend(
    tx: &mut Tx<'_>,
    who: &Who,
    contact: &Found,
    kind: Activity,
    at: Timestamp,
    zone: &TimeZone,
) -> Result<Moved, Error> {
    let running = tx
        .rows(
            "SELECT g.purpose, g.valid_from, g.valid_until, g.chain, g.seq FROM grant_now g \
             JOIN purpose p ON p.controller = $3 AND p.id = g.purpose \
             WHERE g.contact = $1 AND p.counts_from <> 'grant' AND p.closed_at IS NULL \
             AND g.withdrawn_at IS NULL AND g.valid_from <= $2 AND g.valid_until > $2",
            vec![uuid(contact.id), int(at.as_millisecond()), text(who.controller.as_str())],
        )
        .await?;
    let mut moved = Moved::default();
    for row in &running {
        let (id, from) = (row.text(0)?, row.int(1)?);
        let Some(purpose) = purpose::find(tx, &who.controller, &id).await? else { continue };
        let until = until(&purpose.validity, at, None, zone)?.as_millisecond();
        if !purpose.validity.counts(kind) || until <= row.int(2)? {
            continue;
        }
        tx.run(
            "UPDATE grant_now SET valid_until = $1, told = 0 WHERE contact = $2 AND purpose = $3 \
             AND valid_from = $4",
            vec![int(until), uuid(contact.id), text(id), int(from)],
        )
        .await?;
        let moment = moment(until)?.to_string();
        moved.0.insert(name(row.int(3)?, row.int(4)?), moment.into());
    }
    Ok(moved)
}

/// Grants whose end was moved, by the event of each, and where to.
#[derive(Default)]
pub(super) struct Moved(Map<String, Value>);

impl Moved {
    /// As part of what the event says.
    pub(super) fn tell(self, detail: &mut Map<String, Value>) {
        detail.insert("extended".to_owned(), json!(self.0.len()));
        if !self.0.is_empty() {
            detail.insert("until".to_owned(), Value::Object(self.0));
        }
    }
}

/// The last activity that a grant with this validity counts from.
pub(super) async fn last(
    conn: &mut Conn<'_>,
    contact: Uuid,
    validity: &Validity,
) -> Result<Option<Timestamp>, Error> {
    let Validity::SinceActivity { kinds, .. } = validity else { return Ok(None) };
    let sql = "SELECT kind, at FROM activity_now WHERE contact = $1";
    let mut last = None;
    for row in conn.rows(sql, vec![uuid(contact)]).await? {
        if kinds.contains(&parse_word::<Activity>(&row.text(0)?)?) {
            last = last.max(Some(row.time(1)?));
        }
    }
    Ok(last)
}
