//! One batch of an import, one transaction.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::Timestamp;
use policy::{Ended, Purpose};
use serde_json::json;
use uuid::Uuid;

use super::{
    Counts, Plan,
    row::{Row, Says, Yes},
};
use crate::{
    consent::{
        Consent,
        event::{Events, Kind, New, Said},
        record::{self, GRANT_COLUMNS, REFUSAL_COLUMNS},
        store::{SALT, seal_address, seal_salt, word},
    },
    db::{Arg, Error, Keys, Tx, int, key, text, uuid},
    seal::{self, AddressKey},
};

pub(super) struct Writer<'a> {
    consent: &'a Consent,
    now: Timestamp,
    plan: &'a Plan,
    purpose: &'a Purpose,
    /// What a dry run would have written in earlier batches, as short hashes.
    seen: BTreeSet<u64>,
}

/// What the store knows of a batch's contacts.
struct Known {
    /// With their sealed salts.
    contacts: BTreeMap<AddressKey, (Uuid, Vec<u8>)>,
    /// Contacts whose country is not known yet.
    nowhere: BTreeSet<Uuid>,
    /// Who refused the purpose or everything, and who everything.
    refused: BTreeSet<Uuid>,
    refused_all: BTreeSet<Uuid>,
    granted: BTreeSet<(Uuid, i64)>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(
        consent: &'a Consent,
        now: Timestamp,
        plan: &'a Plan,
        purpose: &'a Purpose,
    ) -> Self {
        Self { consent, now, plan, purpose, seen: BTreeSet::new() }
    }

    /// Writes the rows and counts what came of them.
    pub(super) async fn batch(&mut self, rows: &[Row], counts: &mut Counts) -> Result<(), Error> {
        for _ in 0..TRIES {
            let mut tried = *counts;
            match self.write(rows, &mut tried).await {
                // Somebody else made one of the contacts just now: look again.
                Err(Error::Taken(_)) => {}
                Err(error) => return Err(error),
                Ok(()) => {
                    *counts = tried;
                    // A relay that waits for the write lock gets it between two batches.
                    tokio::time::sleep(BREATH).await;
                    return Ok(());
                }
            }
        }
        Err(Error::Taken("the contacts of an import".into()))
    }

    async fn write(&mut self, rows: &[Row], counts: &mut Counts) -> Result<(), Error> {
        let mut tx = self.consent.db.begin().await?;
        let mut known = self.known(&mut tx, rows).await?;
        let contacts =
            make_contacts(&mut known, rows, self.now, self.consent, &self.purpose.controller);
        counts.new_contacts += (contacts.len() / CONTACT_COLUMNS.len()) as u64;
        let mut events = Events::begin(&mut tx, &self.consent.chain).await?;
        let (mut grants, mut refusals, mut ended) = (Vec::new(), Vec::new(), Vec::new());
        let mut fresh = Vec::new();
        for row in rows {
            let Some((id, salt)) = known.contacts.get(&row.key) else { continue };
            let id = *id;
            if self.plan.dry_run && self.seen.contains(&short(row, true)) {
                known.refused.insert(id);
                known.refused_all.insert(id);
            }
            let taken = self.plan.dry_run && self.seen.contains(&short(row, false));
            match &row.says {
                Says::Yes(_) if known.refused.contains(&id) => counts.refusal_stands += 1,
                Says::Yes(_) if taken || !known.granted.insert((id, row.at.as_millisecond())) => {
                    counts.already += 1;
                }
                Says::No if !known.refused_all.insert(id) => counts.already += 1,
                says @ (Says::Yes(_) | Says::No) => {
                    let seq = events.push(self.event(row, id, salt));
                    let chain = events.chain();
                    fresh.push(short(row, matches!(says, Says::No)));
                    match says {
                        Says::Yes(yes) => {
                            counts.granted += 1;
                            grants.extend(self.grant(row, id, yes, chain, seq));
                        }
                        Says::No => {
                            counts.refused += 1;
                            known.refused.insert(id);
                            ended.push((id, row.at));
                            refusals.extend(self.refusal(row, id, chain, seq));
                        }
                    }
                }
            }
        }
        tx.insert("contact", CONTACT_COLUMNS, contacts, "").await?;
        events.write(&mut tx).await?;
        tx.insert("grant_now", GRANT_COLUMNS, grants, "").await?;
        tx.insert("refusal_now", REFUSAL_COLUMNS, refusals, "").await?;
        locate(&mut tx, &known, rows).await?;
        for (id, at) in ended {
            record::end_grants(&mut tx, id, None, Ended::Withdrawn, at).await?;
        }
        if self.plan.dry_run {
            self.seen.extend(fresh);
            return Ok(());
        }
        tx.commit().await
    }

    fn event<'r>(&'r self, row: &'r Row, contact: Uuid, salt: &'r [u8]) -> New<'r> {
        let (kind, purpose, detail) = match &row.says {
            Says::Yes(Yes { until, method, confirmed_at, of_age, .. }) => (
                Kind::Granted,
                Some(self.purpose.id.as_str()),
                json!({
                    "from": row.at.to_string(),
                    "until": until.to_string(),
                    "method": method,
                    "source": self.plan.source,
                    "basis": self.purpose.basis,
                    "confirmed_at": confirmed_at.map(|at| at.to_string()),
                    "of_age": of_age,
                }),
            ),
            Says::No => (Kind::Refused, None, json!({ "scope": policy::Scope::Everything })),
        };
        New {
            contact,
            salt,
            kind,
            controller: &self.purpose.controller,
            purpose,
            recorded_at: self.now,
            said: Said {
                actor: &self.plan.actor,
                at: row.at,
                evidence: Some(row.evidence.clone()),
            },
            detail,
        }
    }

    fn grant(&self, row: &Row, contact: Uuid, yes: &Yes, chain: i64, seq: i64) -> [Arg<'a>; 11] {
        [
            uuid(contact),
            text(self.purpose.id.as_str()),
            int(row.at.as_millisecond()),
            int(yes.until.as_millisecond()),
            text(word(&yes.method)),
            text(word(&self.plan.source)),
            Arg::Int(yes.confirmed_at.map(Timestamp::as_millisecond)),
            int(yes.of_age.into()),
            text(if yes.worded { "wording" } else { "record" }),
            int(chain),
            int(seq),
        ]
    }

    fn refusal(&self, row: &Row, contact: Uuid, chain: i64, seq: i64) -> [Arg<'a>; 5] {
        [uuid(contact), text(""), int(row.at.as_millisecond()), int(chain), int(seq)]
    }

    async fn known(&self, tx: &mut Tx<'_>, rows: &[Row]) -> Result<Known, Error> {
        let mut keys: Vec<&[u8]> = rows.iter().map(|row| row.key.0.as_slice()).collect();
        keys.sort_unstable();
        keys.dedup();
        let sql = "SELECT key, id, salt, country FROM contact WHERE key {in}";
        let (mut contacts, mut nowhere) = (BTreeMap::new(), BTreeSet::new());
        for row in tx.rows_in(sql, &[], Keys::Bytes(keys)).await? {
            let salt = row.opt_bytes(2)?.unwrap_or_default();
            contacts.insert(AddressKey(row.key(0)?), (row.uuid(1)?, salt));
            if row.opt_text(3)?.is_none() {
                nowhere.insert(row.uuid(1)?);
            }
        }
        let ids: Vec<Uuid> = contacts.values().map(|(id, _)| *id).collect();
        let sql = "SELECT contact, scope FROM refusal_now WHERE scope IN ('', $1) \
                   AND contact {in}";
        let args = [text(self.purpose.id.as_str())];
        let (mut refused, mut refused_all) = (BTreeSet::new(), BTreeSet::new());
        for row in tx.rows_in(sql, &args, Keys::Uuids(ids.clone())).await? {
            refused.insert(row.uuid(0)?);
            if row.text(1)?.is_empty() {
                refused_all.insert(row.uuid(0)?);
            }
        }
        let sql = "SELECT contact, valid_from FROM grant_now WHERE purpose = $1 AND contact {in}";
        let args = [text(self.purpose.id.as_str())];
        let mut granted = BTreeSet::new();
        for row in tx.rows_in(sql, &args, Keys::Uuids(ids)).await? {
            granted.insert((row.uuid(0)?, row.int(1)?));
        }
        Ok(Known { contacts, nowhere, refused, refused_all, granted })
    }
}

/// Rows of contacts that are not there yet, in the order of their keys: neighbours in the index.
fn make_contacts<'r>(
    known: &mut Known,
    rows: &'r [Row],
    now: Timestamp,
    consent: &Consent,
    controller: &'r str,
) -> Vec<Arg<'r>> {
    let mut new: Vec<&Row> =
        rows.iter().filter(|row| !known.contacts.contains_key(&row.key)).collect();
    new.sort_by_key(|row| row.key);
    new.dedup_by_key(|row| row.key);
    let mut args = Vec::with_capacity(new.len() * CONTACT_COLUMNS.len());
    // Asked for once: the generator takes its time for each answer, however short.
    let salts = seal::random_bytes(new.len() * SALT);
    for (row, salt) in new.into_iter().zip(salts.as_chunks::<SALT>().0) {
        let id = Uuid::now_v7();
        let salt = seal_salt(&consent.secret, salt);
        known.contacts.insert(row.key, (id, salt.clone()));
        args.extend([
            uuid(id),
            key(&row.key.0),
            text(controller),
            Arg::bytes(seal_address(&consent.secret, &row.key, row.address.as_str())),
            Arg::bytes(salt),
            Arg::Text(row.country.as_deref().map(Into::into)),
            int(now.as_millisecond()),
        ]);
    }
    args
}

/// Notes the countries of contacts of whom none was known.
async fn locate(tx: &mut Tx<'_>, known: &Known, rows: &[Row]) -> Result<(), Error> {
    let mut left = known.nowhere.clone();
    for row in rows {
        let Some(country) = row.country.as_deref() else { continue };
        let Some((id, _)) = known.contacts.get(&row.key).filter(|(id, _)| left.remove(id)) else {
            continue;
        };
        let sql = "UPDATE contact SET country = $2 WHERE id = $1";
        tx.run(sql, vec![uuid(*id), text(country)]).await?;
    }
    Ok(())
}

/// Names a grant (address and date) or a refusal (address) of this run.
fn short(row: &Row, refusal: bool) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = row.key.0;
    let key = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
    if refusal { key } else { key.rotate_left(17) ^ row.at.as_millisecond().cast_unsigned() }
}

const CONTACT_COLUMNS: &[&str] =
    &["id", "key", "controller", "address", "salt", "country", "created_at"];
const TRIES: u32 = 3;
const BREATH: Duration = Duration::from_millis(2);
