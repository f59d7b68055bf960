//! Who stands on a suppression list and comes on record is refused then, with the list as the reason:
//! so it is shown, exported and counted as every other no. And the list that is behind a refusal.

use std::collections::BTreeMap;

use jiff::Timestamp;
use policy::Address;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{
    Consent, KnownBy, Who,
    event::{self, Events, Kind, New, Said},
    record,
    store::Found,
    suppress,
};
use crate::{
    db::{Conn, Error, Keys, Row, Tx, uuid},
    seal::AddressKey,
};

/// The list that a refusal comes from.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct List {
    pub import: Uuid,
    pub file: String,
    /// Of the file.
    pub line: i64,
    /// Where it comes from, in the words of who attested that.
    pub source: String,
    pub attested_by: String,
    /// When it was taken in.
    pub at: Timestamp,
}

impl Consent {
    /// The lists behind the refusals of everything of these contacts, by the refusals' events.
    pub async fn lists(&self, who: &[AddressKey]) -> Result<BTreeMap<String, List>, Error> {
        let mut conn = self.db.read_briefly().await?;
        let mut keys: Vec<&[u8]> = who.iter().map(|key| key.0.as_slice()).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut places = BTreeMap::new();
        for row in conn.rows_in(BEHIND, &[], Keys::Bytes(keys)).await? {
            if let Some(place) = place(&row.text(2)?) {
                places.insert(event::name(row.int(0)?, row.int(1)?), place);
            }
        }
        lists(&mut conn, places).await
    }
}

/// Import and line, of an event that has them.
fn place(detail: &str) -> Option<(Uuid, i64)> {
    let detail: Value = serde_json::from_str(detail).ok()?;
    let list = detail.get("list")?;
    Some((list.get("import")?.as_str()?.parse().ok()?, list.get("line")?.as_i64()?))
}

async fn lists(
    conn: &mut Conn<'_>,
    places: BTreeMap<String, (Uuid, i64)>,
) -> Result<BTreeMap<String, List>, Error> {
    let mut ids: Vec<Uuid> = places.values().map(|(import, _)| *import).collect();
    ids.sort_unstable();
    ids.dedup();
    let sql = "SELECT id, file, source, attested_by, at FROM import WHERE id {in}";
    let mut imports = BTreeMap::new();
    for row in conn.rows_in(sql, &[], Keys::Uuids(ids)).await? {
        imports.insert(row.uuid(0)?, list(&row)?);
    }
    let of = |(event, (import, line)): (String, (Uuid, i64))| {
        Some((event, List { line, ..imports.get(&import)?.clone() }))
    };
    Ok(places.into_iter().filter_map(of).collect())
}

fn list(row: &Row) -> Result<List, Error> {
    Ok(List {
        import: row.uuid(0)?,
        file: row.text(1)?,
        line: 0,
        source: row.text(2)?,
        attested_by: row.text(3)?,
        at: row.time(4)?,
    })
}

/// Refuses everything for a contact that stands on a list and has not done so. Nothing of one that
/// was erased, and of one whose address is not at hand.
pub(super) async fn refuse(
    tx: &mut Tx<'_>,
    consent: &Consent,
    who: &Who,
    contact: &Found,
    now: Timestamp,
) -> Result<(), Error> {
    let KnownBy::Address(address) = &who.known else { return Ok(()) };
    if contact.erased || !suppress::has_lists(tx, &who.controller).await? {
        return Ok(());
    }
    let said = "SELECT 1 FROM refusal_now WHERE contact = $1 AND scope = ''";
    if !tx.rows(said, vec![uuid(contact.id)]).await?.is_empty() {
        return Ok(());
    }
    let own: &[Address] = std::slice::from_ref(address);
    let found = suppress::found(tx, &consent.secret, &who.controller, own).await?;
    let Some(entry) = found.into_values().next() else { return Ok(()) };
    let mut events = Events::begin(tx, &consent.chain).await?;
    let place = (events.chain(), events.next());
    record::say_no(tx, contact.id, None, entry.at, place).await?;
    record::end_refused(tx, contact.id, (None, &[]), entry.at).await?;
    events.push(New {
        contact: contact.id,
        salt: &contact.salt,
        kind: Kind::Refused,
        controller: &who.controller,
        purpose: None,
        recorded_at: now,
        said: Said { actor: ACTOR, at: entry.at, evidence: Some(entry.evidence().to_string()) },
        detail: entry.detail(),
    });
    events.write(tx).await
}

const BEHIND: &str = "\
    SELECT r.chain, r.seq, e.detail FROM contact c CROSS JOIN refusal_now r \
    CROSS JOIN consent_event e WHERE c.key {in} AND r.contact = c.id AND r.scope = '' \
    AND e.chain = r.chain AND e.seq = r.seq";
const ACTOR: &str = "import";
