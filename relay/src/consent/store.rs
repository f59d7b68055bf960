//! SQL that several of consent's parts share: finding and making a contact, words of the columns.

use jiff::Timestamp;
use policy::Subscriber;
use serde::de::{DeserializeOwned, IntoDeserializer, value};
use uuid::Uuid;

use super::{Consent, KnownBy, Who, listed};
use crate::{
    at_rest::{self, Column, Part},
    db::{Arg, Conn, Error, Tx, int, key, text, uuid},
    seal::{self, AddressKey, Secret},
};

/// A contact's row, as far as changes need it.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub id: Uuid,
    /// Sealed; empty after an erasure, and so nothing said then is kept with its evidence.
    pub salt: Vec<u8>,
    pub last_activity: Option<i64>,
    /// It was erased and has not come back.
    pub erased: bool,
    /// When it was erased last.
    pub forgotten_at: Option<i64>,
}

impl Found {
    /// Whether the contact was erased after that was said: then it is not taken up again.
    pub(super) fn forgot(&self, said: Timestamp) -> bool {
        self.forgotten_at.is_some_and(|at| said.as_millisecond() < at)
    }
}

pub(super) async fn find(conn: &mut Conn<'_>, who: AddressKey) -> Result<Option<Found>, Error> {
    let sql = "SELECT id, salt, last_activity, erased_at, forgotten_at FROM contact WHERE key = $1";
    let rows = conn.rows(sql, vec![key(&who.0)]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let erased = row.opt_int(3)?.is_some();
    Ok(Some(Found {
        id: row.uuid(0)?,
        salt: row.opt_bytes(1)?.filter(|_| !erased).unwrap_or_default(),
        last_activity: row.opt_int(2)?,
        erased,
        forgotten_at: row.opt_int(4)?,
    }))
}

/// The contact, made where there is none; refused where it stands on a suppression list.
pub(super) async fn find_or_make(
    tx: &mut Tx<'_>,
    consent: &Consent,
    who: &Who,
    now: Timestamp,
) -> Result<Found, Error> {
    let contact = bring(tx, consent, who, now).await?;
    listed::refuse(tx, consent, who, &contact, now).await?;
    Ok(contact)
}

/// The same for who says no to everything anyway. An address that only its key was known of is
/// noted; who was erased stays so, and of them nothing but the key is there.
pub(super) async fn bring(
    tx: &mut Tx<'_>,
    consent: &Consent,
    who: &Who,
    now: Timestamp,
) -> Result<Found, Error> {
    let (secret, at_key) = (&consent.secret, consent.key(who));
    let address = match &who.known {
        KnownBy::Address(address) => Some(seal_address(secret, &at_key, address.as_str())),
        KnownBy::Key(_) => None,
    };
    tx.run(
        "INSERT INTO contact (id, key, address, salt, created_at, controller) \
         VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (key) DO UPDATE SET address = COALESCE(contact.address, excluded.address), \
         salt = COALESCE(contact.salt, excluded.salt) WHERE contact.erased_at IS NULL",
        vec![
            uuid(Uuid::now_v7()),
            key(&at_key.0),
            Arg::Bytes(address.map(Into::into)),
            Arg::bytes(seal_salt(secret, &seal::random())),
            int(now.as_millisecond()),
            text(who.controller.as_str()),
        ],
    )
    .await?;
    find(tx, at_key).await?.ok_or_else(|| Error::Bug("a contact just made is not there".into()))
}

/// The same of a statement that brings back who was erased before it was said: a new consent, a new
/// purchase, the notice of them. Its caller lets go of the transaction where nothing is written.
pub(super) async fn find_or_revive(
    tx: &mut Tx<'_>,
    consent: &Consent,
    who: &Who,
    (now, said): (Timestamp, Timestamp),
) -> Result<Found, Error> {
    let contact = revive(tx, consent, who, (now, said)).await?;
    listed::refuse(tx, consent, who, &contact, now).await?;
    Ok(contact)
}

/// The same, and a suppression list is its caller's to look at.
pub(super) async fn revive(
    tx: &mut Tx<'_>,
    consent: &Consent,
    who: &Who,
    (now, said): (Timestamp, Timestamp),
) -> Result<Found, Error> {
    let contact = bring(tx, consent, who, now).await?;
    if !contact.erased || contact.forgot(said) {
        return Ok(contact);
    }
    let sql = "UPDATE contact SET erased_at = NULL, erasure = NULL WHERE id = $1";
    tx.run(sql, vec![uuid(contact.id)]).await?;
    bring(tx, consent, who, now).await
}

/// The column of an address, which is sealed about its key.
pub(super) fn seal_address(secret: &Secret, who: &AddressKey, address: &str) -> Vec<u8> {
    at_rest::seal(secret, Column::ContactAddress, &[Part::Bytes(&who.0)], address.as_bytes())
}

pub(super) fn open_address(
    secret: &Secret,
    who: &AddressKey,
    sealed: Option<Vec<u8>>,
) -> Result<Option<String>, Error> {
    let open =
        |sealed| at_rest::open_text(secret, Column::ContactAddress, &[Part::Bytes(&who.0)], sealed);
    sealed.map(open).transpose()
}

/// Sealed about no row: a salt in another place is found by the commitments that it was made for.
pub(super) fn seal_salt(secret: &Secret, salt: &[u8; SALT]) -> Vec<u8> {
    at_rest::seal(secret, Column::ContactSalt, &[], salt)
}

/// What is empty stays empty: the contact was erased.
pub(super) fn open_salt(secret: &Secret, sealed: &[u8]) -> Result<Vec<u8>, Error> {
    if sealed.is_empty() {
        return Ok(Vec::new());
    }
    at_rest::open(secret, Column::ContactSalt, &[], sealed.to_vec())
}

/// An event's evidence, sealed about its place in the chain.
pub(super) fn open_evidence(
    secret: &Secret,
    (chain, seq): (i64, i64),
    sealed: Option<Vec<u8>>,
) -> Result<Option<String>, Error> {
    let row = [Part::Int(chain), Part::Int(seq)];
    sealed.map(|sealed| at_rest::open_text(secret, Column::EventEvidence, &row, sealed)).transpose()
}

pub(super) const SALT: usize = 16;

pub(super) fn parse_word<T: DeserializeOwned>(word: &str) -> Result<T, Error> {
    T::deserialize(word.into_deserializer())
        .map_err(|error: value::Error| Error::Bug(format!("consent: {error}")))
}

/// Empty where nobody said.
pub(super) fn subscriber(word: &str) -> Result<Subscriber, Error> {
    if word.is_empty() { Ok(Subscriber::Unknown) } else { parse_word(word) }
}
