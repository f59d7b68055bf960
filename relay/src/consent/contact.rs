//! Everything on record for one address: what holds now and every event with its evidence (S39).

use jiff::Timestamp;
use policy::{Preference, Sent, Subscriber};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{
    Consent, event, prefer, sent,
    store::{open_address, open_evidence, subscriber},
};
use crate::{
    db::{Db, Error, Keys, Row, key, uuid},
    seal::{AddressKey, Secret},
};

/// A contact without its past.
#[derive(Clone, Debug, Serialize)]
pub struct Brief {
    #[serde(skip)]
    pub id: Uuid,
    #[serde(skip)]
    pub key: AddressKey,
    /// `None`: only its key is known, or it was erased.
    pub address: Option<String>,
    pub country: Option<String>,
    pub subscriber: Subscriber,
    /// Published by the subscriber itself as its business contact.
    pub published: bool,
    pub created_at: Timestamp,
    pub last_activity: Option<Timestamp>,
    pub erased_at: Option<Timestamp>,
}

/// One contact and its whole past.
#[derive(Clone, Debug, Serialize)]
pub struct Contact {
    #[serde(flatten)]
    pub brief: Brief,
    /// What the person asked for.
    pub preferences: Vec<Preference>,
    /// What left of late where somebody counts it, newest first.
    pub sent: Vec<Sent>,
    /// Every statement, oldest first.
    #[serde(rename = "events")]
    pub past: Vec<Past>,
}

/// One event.
#[derive(Clone, Debug, Serialize)]
pub struct Past {
    pub event: String,
    pub kind: String,
    pub purpose: Option<String>,
    pub at: Timestamp,
    pub recorded_at: Timestamp,
    pub actor: String,
    pub detail: Value,
    pub evidence: Option<Value>,
}

pub(super) async fn show(consent: &Consent, who: AddressKey) -> Result<Option<Contact>, Error> {
    let mut conn = consent.db.read().await?;
    let sql = format!("{BRIEF} WHERE key = $1");
    let rows = conn.rows(&sql, vec![key(&who.0)]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let brief = read_brief(&consent.secret, row)?;
    let past = conn
        .rows(
            &format!(
                "SELECT {PAST} FROM consent_event WHERE contact = $1 \
                 ORDER BY recorded_at, chain, seq"
            ),
            vec![uuid(brief.id)],
        )
        .await?;
    let mut preferences = Vec::new();
    for row in conn.rows_in(prefer::SELECT, &[], Keys::Bytes(vec![&who.0])).await? {
        preferences.push(prefer::read(&row)?);
    }
    let mut left = Vec::new();
    for row in conn.rows_in(sent::SELECT, &[], Keys::Bytes(vec![&who.0])).await? {
        left.push(sent::read(&row)?);
    }
    left.sort_by_key(|one| std::cmp::Reverse(one.at));
    Ok(Some(Contact {
        brief,
        preferences,
        sent: left,
        past: past.iter().map(|row| read(&consent.secret, row)).collect::<Result<_, _>>()?,
    }))
}

/// The address where it is on record.
pub(super) async fn address(consent: &Consent, who: AddressKey) -> Result<Option<String>, Error> {
    let sql = "SELECT address FROM contact WHERE key = $1";
    let rows = consent.db.read_briefly().await?.rows(sql, vec![key(&who.0)]).await?;
    let sealed = rows.first().map_or(Ok(None), |row| row.opt_bytes(0))?;
    open_address(&consent.secret, &who, sealed)
}

/// When the contact came on record.
pub(super) async fn added(db: &Db, who: AddressKey) -> Result<Option<Timestamp>, Error> {
    let sql = "SELECT created_at FROM contact WHERE key = $1";
    let rows = db.read_briefly().await?.rows(sql, vec![key(&who.0)]).await?;
    rows.first().map(|row| row.time(0)).transpose()
}

/// What [`read`] reads.
pub(super) const PAST: &str = "chain, seq, kind, purpose, at, recorded_at, actor, detail, evidence";

pub(super) fn read(secret: &Secret, row: &Row) -> Result<Past, Error> {
    // What somebody broke is still shown, as text.
    let json = |text: String| serde_json::from_str(&text).unwrap_or(Value::String(text));
    let place = (row.int(0)?, row.int(1)?);
    Ok(Past {
        event: event::name(place.0, place.1),
        kind: row.text(2)?,
        purpose: row.opt_text(3)?,
        at: row.time(4)?,
        recorded_at: row.time(5)?,
        actor: row.text(6)?,
        detail: json(row.text(7)?),
        evidence: open_evidence(secret, place, row.opt_bytes(8)?)?.map(json),
    })
}

/// A row of [`BRIEF`].
pub(super) fn read_brief(secret: &Secret, row: &Row) -> Result<Brief, Error> {
    let key = AddressKey(row.key(8)?);
    Ok(Brief {
        id: row.uuid(0)?,
        key,
        address: open_address(secret, &key, row.opt_bytes(1)?)?,
        country: row.opt_text(2)?,
        subscriber: subscriber(row.str(6)?)?,
        published: row.int(7)? == 1,
        created_at: row.time(3)?,
        last_activity: row.opt_time(4)?,
        erased_at: row.opt_time(5)?,
    })
}

pub(super) const BRIEF: &str = "SELECT id, address, country, created_at, last_activity, erased_at, \
                     COALESCE(subscriber, ''), published, key FROM contact";
