//! SQL that several of consent's parts share: finding and making a contact, words of the columns.

use jiff::Timestamp;
use policy::Subscriber;
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{KnownBy, Who};
use crate::{
    db::{Arg, Conn, Error, Tx, int, key, text, uuid},
    seal::{self, AddressKey},
};

/// A contact's row, as far as changes need it.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub id: Uuid,
    /// Empty after an erasure.
    pub salt: Vec<u8>,
    pub last_activity: Option<i64>,
}

pub(super) async fn find(conn: &mut Conn<'_>, who: AddressKey) -> Result<Option<Found>, Error> {
    let sql = "SELECT id, salt, last_activity FROM contact WHERE key = $1";
    let rows = conn.rows(sql, vec![key(&who.0)]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(Found {
        id: row.uuid(0)?,
        salt: row.opt_bytes(1)?.unwrap_or_default(),
        last_activity: row.opt_int(2)?,
    }))
}

/// The contact, made where there is none. An address that only its key was known of is noted, and
/// who was erased and comes back with the address is no longer erased.
pub(super) async fn find_or_make(
    tx: &mut Tx<'_>,
    who: &Who,
    at_key: AddressKey,
    now: Timestamp,
) -> Result<Found, Error> {
    let address = match &who.known {
        KnownBy::Address(address) => Some(address.as_str()),
        KnownBy::Key(_) => None,
    };
    let salt: [u8; 16] = seal::random();
    tx.run(
        "INSERT INTO contact (id, key, address, salt, created_at, controller) \
         VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (key) DO UPDATE SET address = COALESCE(contact.address, excluded.address), \
         salt = COALESCE(contact.salt, excluded.salt), \
         erased_at = CASE WHEN excluded.address IS NULL THEN contact.erased_at END, \
         erasure = CASE WHEN excluded.address IS NULL THEN contact.erasure END",
        vec![
            uuid(Uuid::now_v7()),
            key(&at_key.0),
            Arg::Text(address.map(Into::into)),
            Arg::bytes(salt.to_vec()),
            int(now.as_millisecond()),
            text(who.controller.as_str()),
        ],
    )
    .await?;
    find(tx, at_key).await?.ok_or_else(|| Error::Bug("a contact just made is not there".into()))
}

/// A unit variant as its bare word.
pub(super) fn word(value: &impl Serialize) -> String {
    // INVARIANT: a unit variant is always a JSON string.
    serde_json::to_string(value).unwrap_or_default().trim_matches('"').to_owned()
}

pub(super) fn parse_word<T: DeserializeOwned>(word: &str) -> Result<T, Error> {
    serde_json::from_value(serde_json::Value::String(word.to_owned()))
        .map_err(|error| Error::Bug(format!("consent: {error}")))
}

/// Empty where nobody said.
pub(super) fn subscriber(word: &str) -> Result<Subscriber, Error> {
    if word.is_empty() { Ok(Subscriber::Unknown) } else { parse_word(word) }
}

pub(super) fn time(millisecond: i64) -> Result<Timestamp, Error> {
    Timestamp::from_millisecond(millisecond).map_err(|error| Error::Bug(error.to_string()))
}
