//! Whether the present is what the events make of it. Decisions are taken from the present alone: a
//! chain that is whole proves nothing of them while a refusal can be deleted beside it.
//!
//! Contact by contact in the order of their keys, so that memory stays bounded. It reads; it never
//! repairs.

mod past;
mod person;
pub(super) mod sheet;
mod sheets;

use std::collections::BTreeMap;

use policy::Basis;
use serde_json::{Value, json};
use uuid::Uuid;

use self::{
    person::{Person, Purposes},
    sheet::{Cells, differs},
    sheets::{Now, Rows},
};
use super::{register, store::parse_word};
use crate::{
    db::{Conn, Db, Error, Row, int},
    seal::AddressKey,
};

/// What a comparison found.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Compared {
    pub contacts: u64,
    /// Purposes, imports and reviews.
    pub records: u64,
    /// The first thousand.
    pub differences: Vec<Difference>,
    pub more: u64,
}

/// A row that is not what was written down.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Difference {
    /// `None`: it is of no one contact.
    pub contact: Option<AddressKey>,
    pub table: &'static str,
    pub what: String,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(contact) = &self.contact {
            write!(f, "contact {}: ", contact.hex())?;
        }
        write!(f, "{}: {}", self.table, self.what)
    }
}

impl Compared {
    fn note(&mut self, found: Vec<Difference>) {
        for one in found {
            if self.differences.len() < NAMED {
                self.differences.push(one);
            } else {
                self.more += 1;
            }
        }
    }
}

/// Compares every contact's present with its events, and what is of no one contact with the
/// journal.
pub async fn compare(db: &Db) -> Result<Compared, Error> {
    let mut compared = Compared::default();
    let mut conn = db.read().await?;
    let (records, found) = register::compare(&mut conn).await?;
    compared.records = records;
    compared.note(found);
    let mut after = Vec::new();
    loop {
        let sql = "SELECT key FROM contact WHERE key > $1 ORDER BY key LIMIT $2";
        let rows = conn.rows(sql, vec![crate::db::Arg::bytes(after), int(BATCH)]).await?;
        let keys: Vec<AddressKey> =
            rows.iter().map(|row| row.key(0).map(AddressKey)).collect::<Result<_, _>>()?;
        let Some(last) = keys.last() else { return Ok(compared) };
        after = last.0.to_vec();
        compared.contacts += keys.len() as u64;
        let mut found = people(&mut conn, &keys).await?;
        // Others write meanwhile, and these are several questions: only what stays is named.
        for _ in 0..LOOKS {
            let mut again: Vec<AddressKey> = found.iter().filter_map(|one| one.contact).collect();
            again.dedup();
            if again.is_empty() {
                break;
            }
            let now = people(&mut conn, &again).await?;
            found.retain(|one| now.contains(one));
        }
        compared.note(found);
    }
}

/// A contact's own row.
struct Contact {
    key: AddressKey,
    id: Uuid,
    cells: Cells,
    erased_at: Option<i64>,
    erasure: Option<String>,
}

async fn people(conn: &mut Conn<'_>, keys: &[AddressKey]) -> Result<Vec<Difference>, Error> {
    let mut contacts = Vec::with_capacity(keys.len());
    let mut sorted: Vec<&[u8]> = keys.iter().map(|key| key.0.as_slice()).collect();
    sorted.sort_unstable();
    for row in conn.rows_in(CONTACT, &[], crate::db::Keys::Bytes(sorted)).await? {
        contacts.push(contact(&row)?);
    }
    contacts.sort_by_key(|one| one.key);
    let ids: Vec<Uuid> = contacts.iter().map(|one| one.id).collect();
    let purposes = purposes(conn).await?;
    let mut rows = sheets::of(conn, &ids).await?;
    let mut events = past::of(conn, ids).await?;
    let mut found = Vec::new();
    for one in &contacts {
        let person = Person::of(&events.remove(&one.id).unwrap_or_default(), &purposes);
        let is = rows.remove(&one.id).unwrap_or_default();
        found.extend(
            one.differences(&person, &is, &purposes).into_iter().map(|(table, what)| Difference {
                contact: Some(one.key),
                table,
                what,
            }),
        );
    }
    Ok(found)
}

fn contact(row: &Row) -> Result<Contact, Error> {
    let cells = [
        ("country", json!(row.opt_text(2)?)),
        ("subscriber", json!(row.opt_text(3)?)),
        ("published", json!(row.int(4)?)),
        ("last_activity", json!(row.opt_int(5)?)),
        ("prefers", json!(row.int(6)?)),
        ("undeliverable_since", json!(row.opt_int(9)?)),
    ];
    Ok(Contact {
        key: AddressKey(row.key(0)?),
        id: row.uuid(1)?,
        cells: cells.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        erased_at: row.opt_int(7)?,
        erasure: row.opt_text(8)?,
    })
}

async fn purposes(conn: &mut Conn<'_>) -> Result<Purposes, Error> {
    let sql = "SELECT controller, id, basis FROM purpose";
    let mut all = BTreeMap::new();
    for row in conn.rows(sql, vec![]).await? {
        let basis: Basis = parse_word(&row.text(2)?)?;
        all.insert((row.text(0)?, row.text(1)?), basis);
    }
    Ok(all)
}

impl Contact {
    fn differences(
        &self,
        person: &Person,
        is: &Rows,
        purposes: &Purposes,
    ) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        for (of, rows) in is {
            let (table, name) = (of.0.sheet().table, of.1.as_str());
            let [row] = rows.as_slice() else {
                found.push((table, format!("`{name}` is there more than once")));
                continue;
            };
            let Some(said) = person.rows.get(of) else {
                found.push((table, format!("no event made `{name}`")));
                continue;
            };
            let mut how: Vec<String> = differs(&said.cells, row).collect();
            if of.0 == Now::Grant {
                let ended = person.may_end_so(said, row, purposes);
                let told = carried_on(is, row);
                how.retain(|one| !(ended && is_end(one) || told && one.starts_with("`told`")));
            }
            found.extend(how.into_iter().map(|how| (table, format!("`{name}`: {how}"))));
        }
        for (of, said) in &person.rows {
            // Of who was erased the rest goes when nothing needs it any more.
            if !is.contains_key(of) && !said.may_be_gone && !self.forgets(of.0, is) {
                found.push((of.0.sheet().table, format!("`{}` is gone", of.1)));
            }
        }
        self.own(person, is, &mut found);
        found
    }

    fn own(&self, person: &Person, is: &Rows, found: &mut Vec<(&'static str, String)>) {
        let mut said = person.about.clone();
        let prefers = is.keys().any(|(table, _)| *table == Now::Preference);
        said.insert("prefers".to_owned(), json!(i64::from(prefers)));
        if self.erasure.as_deref() == Some("delete") {
            said.remove("last_activity");
        }
        found.extend(differs(&said, &self.cells).map(|how| ("contact", how)));
        if self.erased_at.is_some() && !person.was_erased {
            found.push(("contact", "no event says that it was erased".to_owned()));
        }
    }

    /// Whether a row of this kind may go from this contact without an event of its own.
    fn forgets(&self, table: Now, is: &Rows) -> bool {
        let erased = |how: &str| self.erasure.as_deref() == Some(how);
        match table {
            Now::Refusal => false,
            Now::Preference | Now::Notice => self.erasure.is_some(),
            // Of who refused meanwhile nobody waits for a sign of life.
            Now::Reactivation => {
                self.erasure.is_some() || is.contains_key(&(Now::Refusal, String::new()))
            }
            Now::Grant | Now::Relation | Now::Activity => erased("delete"),
        }
    }
}

fn is_end(difference: &str) -> bool {
    difference.starts_with("`withdrawn_at`") || difference.starts_with("`ended`")
}

/// Nothing is said of the end of a grant that another one of the purpose carries on.
fn carried_on(is: &Rows, grant: &Cells) -> bool {
    let same = |row: &&Cells| row.get("purpose") == grant.get("purpose");
    let grants = is.iter().filter(|((table, _), _)| *table == Now::Grant);
    let others = grants.flat_map(|(_, rows)| rows).filter(same).count();
    grant.get("told").and_then(Value::as_i64) == Some(2) && others > 1
}

const CONTACT: &str = "SELECT key, id, country, subscriber, published, last_activity, prefers, \
                       erased_at, erasure, undeliverable_since FROM contact WHERE key {in}";
/// Contacts of one look, and looks at those that seem to differ.
const BATCH: i64 = 200;
const LOOKS: usize = 3;
const NAMED: usize = 1_000;
