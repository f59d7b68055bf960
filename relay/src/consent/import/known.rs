//! What the store knows of a batch's contacts, and the contacts that are not there yet.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use policy::{Address, Purpose};
use uuid::Uuid;

use super::row::{More, Row, Says};
use crate::{
    consent::{
        Consent, Who,
        store::{SALT, revive, seal_address, seal_salt},
        suppress::{self, Entry},
    },
    db::{Arg, Error, Keys, Tx, int, key, text, uuid},
    seal::{self, AddressKey},
};

/// Id and sealed salt of each.
pub(super) type Contacts = BTreeMap<AddressKey, (Uuid, Vec<u8>)>;

/// What the store knows of a batch's contacts. Purposes are positions in the writer's list; in a
/// refusal `None` is everything.
#[derive(Default)]
pub(super) struct Known {
    /// Contacts whose country is not known yet.
    pub nowhere: BTreeSet<Uuid>,
    pub refused: BTreeSet<(Uuid, Option<usize>)>,
    /// What a refusal of everything leaves out.
    pub lifted: BTreeSet<(Uuid, usize)>,
    /// When a contact was erased: what was said before that is not taken up again.
    pub erased: BTreeMap<Uuid, i64>,
    /// Who stands on a list of those who get nothing.
    pub suppressed: BTreeMap<AddressKey, Entry>,
    pub granted: BTreeSet<(Uuid, usize, i64)>,
}

/// What the rows before one refuse, and leave out of that.
#[derive(Default)]
struct Before {
    said: BTreeSet<(Uuid, Option<usize>)>,
    but: BTreeSet<(Uuid, usize)>,
}

impl Known {
    pub(super) fn refuses(&self, contact: Uuid, purpose: usize) -> bool {
        let all = self.refused.contains(&(contact, None));
        (all && !self.lifted.contains(&(contact, purpose)))
            || self.refused.contains(&(contact, Some(purpose)))
    }

    /// Where the no says anything new: what one to everything leaves out. It ends no refusal that
    /// was there before.
    pub(super) fn refuse(
        &mut self,
        contact: Uuid,
        purpose: Option<usize>,
        except: &[usize],
    ) -> Option<Vec<usize>> {
        let fresh = self.refused.insert((contact, purpose));
        if let Some(purpose) = purpose {
            let lifted = self.lifted.remove(&(contact, purpose));
            return (fresh || lifted).then(Vec::new);
        }
        let own = self.lifted.iter().filter(|(who, _)| *who == contact).count();
        let stays = |purpose: &usize| match fresh {
            true => !self.refused.contains(&(contact, Some(*purpose))),
            false => self.lifted.contains(&(contact, *purpose)),
        };
        let left: Vec<usize> = except.iter().copied().filter(stays).collect();
        self.lifted.retain(|(who, _)| *who != contact);
        self.lifted.extend(left.iter().map(|purpose| (contact, *purpose)));
        (fresh || left.len() < own).then_some(left)
    }

    /// The country that the rows name first, of contacts of whom none is known.
    pub(super) fn places<'r>(
        &self,
        contacts: &Contacts,
        rows: &'r [Row],
    ) -> BTreeMap<AddressKey, &'r str> {
        let mut places = BTreeMap::new();
        for row in rows {
            let Some(country) = row.country.as_deref() else { continue };
            if contacts.get(&row.key).is_none_or(|(id, _)| self.nowhere.contains(id)) {
                places.entry(row.key).or_insert(country);
            }
        }
        places
    }

    /// Whether the contact was erased after that was said.
    pub(super) fn forgot(&self, contact: Uuid, at: Timestamp) -> bool {
        self.erased.get(&contact).is_some_and(|erased| at.as_millisecond() < *erased)
    }

    /// What is on record for the rows' contacts, and the contacts themselves.
    pub(super) async fn of(
        tx: &mut Tx<'_>,
        consent: &Consent,
        controller: &str,
        purposes: &[Purpose],
        rows: &[Row],
        now: Timestamp,
    ) -> Result<(Contacts, Self), Error> {
        let mut keys: Vec<&[u8]> = rows.iter().map(|row| row.key.0.as_slice()).collect();
        keys.sort_unstable();
        keys.dedup();
        let sql = "SELECT key, id, salt, country, erased_at, forgotten_at, \
                   CASE WHEN address IS NULL THEN 1 ELSE 0 END FROM contact WHERE key {in}";
        let mut nameless = BTreeSet::new();
        let (mut contacts, mut known) = (BTreeMap::new(), Self::default());
        for row in tx.rows_in(sql, &[], Keys::Bytes(keys)).await? {
            let (key, id) = (AddressKey(row.key(0)?), row.uuid(1)?);
            let erased_at = row.opt_int(4)?;
            // Under no salt no evidence is kept: after an erasure a line would bring the address back.
            let salt = row.opt_bytes(2)?.filter(|_| erased_at.is_none()).unwrap_or_default();
            contacts.insert(key, (id, salt));
            if row.int(6)? == 1 || erased_at.is_some() {
                nameless.insert(key);
            }
            known.erased.extend(row.opt_int(5)?.map(|at| (id, at)));
            if row.opt_text(3)?.is_none() {
                known.nowhere.insert(row.uuid(1)?);
            }
        }
        let at = |id: &str| purposes.iter().position(|own| own.id == id);
        let ids: Vec<Uuid> = contacts.values().map(|(id, _)| *id).collect();
        let sql = "SELECT contact, scope, lifted FROM refusal_now WHERE contact {in}";
        for row in tx.rows_in(sql, &[], Keys::Uuids(ids.clone())).await? {
            let scope = row.text(1)?;
            if scope.is_empty() {
                known.refused.insert((row.uuid(0)?, None));
            } else if row.int(2)? == 1 {
                known.lifted.insert((row.uuid(0)?, at(&scope).unwrap_or(usize::MAX)));
            } else if let Some(purpose) = at(&scope) {
                known.refused.insert((row.uuid(0)?, Some(purpose)));
            }
        }
        let sql = "SELECT contact, purpose, valid_from FROM grant_now WHERE contact {in}";
        for row in tx.rows_in(sql, &[], Keys::Uuids(ids)).await? {
            if let Some(purpose) = at(&row.text(1)?) {
                known.granted.insert((row.uuid(0)?, purpose, row.int(2)?));
            }
        }
        if suppress::has_lists(tx, controller).await? {
            let addresses: Vec<Address> = rows.iter().map(|row| row.address.clone()).collect();
            let found = suppress::found(tx, &consent.secret, controller, &addresses).await?;
            let of = |(at, entry): (usize, Entry)| Some((rows.get(at)?.key, entry));
            known.suppressed = found.into_iter().filter_map(of).collect();
        }
        known.name(tx, consent, (controller, now), rows, (&mut contacts, nameless)).await?;
        Ok((contacts, known))
    }

    /// Notes the addresses of those of whom none is known, and brings back who was erased.
    async fn name(
        &mut self,
        tx: &mut Tx<'_>,
        consent: &Consent,
        (controller, now): (&str, Timestamp),
        rows: &[Row],
        (contacts, mut nameless): (&mut Contacts, BTreeSet<AddressKey>),
    ) -> Result<(), Error> {
        let mut before = Before::default();
        for row in rows {
            if !nameless.contains(&row.key) {
                continue;
            }
            let id = contacts.get(&row.key).map(|(id, _)| *id).unwrap_or_default();
            if let Says::No { purpose, except } = &row.says {
                before.said.insert((id, *purpose));
                before.but.extend(except.iter().map(|purpose| (id, *purpose)));
            } else if self.takes(id, row, &before) {
                nameless.remove(&row.key);
                let who = Who::address(controller, row.address.clone());
                let found = revive(tx, consent, &who, (now, row.at)).await?;
                contacts.insert(row.key, (found.id, found.salt));
            }
        }
        // Of who stays erased nothing is noted.
        for key in nameless {
            if let Some((id, salt)) = contacts.get(&key)
                && salt.is_empty()
            {
                self.nowhere.remove(id);
            }
        }
        Ok(())
    }

    /// Whether the row is a reason to have the contact on record: one that only says no, or what
    /// they did once, is none, nor is a consent over which a refusal stands.
    fn takes(&self, id: Uuid, row: &Row, before: &Before) -> bool {
        let says = match &row.says {
            Says::Yes(yes) => {
                let listed = self.suppressed.contains_key(&row.key);
                let said = |no: Option<usize>| before.said.contains(&(id, no));
                let stands = listed
                    || self.refuses(id, yes.purpose)
                    || (said(None) && !before.but.contains(&(id, yes.purpose)))
                    || said(Some(yes.purpose));
                !stands || yes.ended.is_some()
            }
            Says::No { .. } | Says::Listed(_) => false,
            Says::More(more) => match **more {
                More::Relation(_) | More::Notice(_) => true,
                More::Preference(_) | More::Activity(_) | More::About(_) => false,
            },
        };
        says && !self.forgot(id, row.at)
    }
}

/// Rows of contacts that are not there yet, in the order of their keys: neighbours in the index.
pub(super) fn make_contacts<'r>(
    contacts: &mut Contacts,
    (rows, places): (&'r [Row], &BTreeMap<AddressKey, &'r str>),
    now: Timestamp,
    consent: &Consent,
    controller: &'r str,
) -> Vec<Arg<'r>> {
    let mut new: Vec<&Row> = rows.iter().filter(|row| !contacts.contains_key(&row.key)).collect();
    new.sort_by_key(|row| row.key);
    new.dedup_by_key(|row| row.key);
    let mut args = Vec::with_capacity(new.len() * CONTACT_COLUMNS.len());
    // Asked for once: the generator takes its time for each answer, however short.
    let salts = seal::random_bytes(new.len() * SALT);
    for (row, salt) in new.into_iter().zip(salts.as_chunks::<SALT>().0) {
        let id = Uuid::now_v7();
        let salt = seal_salt(&consent.secret, salt);
        contacts.insert(row.key, (id, salt.clone()));
        args.extend([
            uuid(id),
            key(&row.key.0),
            text(controller),
            Arg::bytes(seal_address(&consent.secret, &row.key, row.address.as_str())),
            Arg::bytes(salt),
            Arg::Text(places.get(&row.key).map(|country| (*country).into())),
            int(now.as_millisecond()),
        ]);
    }
    args
}

/// Notes the countries of contacts of whom none was known.
pub(super) async fn locate(
    tx: &mut Tx<'_>,
    contacts: &Contacts,
    known: &Known,
    places: &BTreeMap<AddressKey, &str>,
) -> Result<(), Error> {
    for (key, country) in places {
        let Some((id, _)) = contacts.get(key).filter(|(id, _)| known.nowhere.contains(id)) else {
            continue;
        };
        let sql = "UPDATE contact SET country = $2 WHERE id = $1";
        tx.run(sql, vec![uuid(*id), text(*country)]).await?;
    }
    Ok(())
}

pub(super) const CONTACT_COLUMNS: &[&str] =
    &["id", "key", "controller", "address", "salt", "country", "created_at"];
