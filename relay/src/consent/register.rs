//! What is of no one contact: purposes, imports and reviews. Each is written together with a line of
//! the journal that says the same, so that a changed row is found; the lines are on chains of the
//! consent store's own, because only the spool's writer appends to the relay's.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    Consent, entries,
    replay::{
        Difference,
        sheet::{
            Cell::{Int, Text, Uuid as Id},
            Cells, Sheet, differs,
        },
    },
};
use crate::{
    db::{Arg, Conn, Error, Row, Tx, int},
    journal::{
        Event, Kind,
        store::{Prepared, append},
    },
};

/// What a line tells of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Entry<'a> {
    PurposeAdded { controller: &'a str, id: &'a str },
    PurposeTopics { controller: &'a str, id: &'a str },
    PurposeClosed { controller: &'a str, id: &'a str },
    ImportBegun(Uuid),
    Reviewed(Uuid),
}

impl Entry<'_> {
    fn kind(self) -> Kind {
        match self {
            Self::PurposeAdded { .. } => Kind::PurposeAdded,
            Self::PurposeTopics { .. } => Kind::PurposeTopics,
            Self::PurposeClosed { .. } => Kind::PurposeClosed,
            Self::ImportBegun(_) => Kind::ImportBegun,
            Self::Reviewed(_) => Kind::Reviewed,
        }
    }

    fn key(&self) -> Vec<Arg<'_>> {
        match self {
            Self::PurposeAdded { controller, id }
            | Self::PurposeTopics { controller, id }
            | Self::PurposeClosed { controller, id } => {
                vec![crate::db::text(*controller), crate::db::text(*id)]
            }
            Self::ImportBegun(id) | Self::Reviewed(id) => vec![crate::db::uuid(*id)],
        }
    }
}

/// Writes down the row as it stands now, and `more` that no row holds. At the end of a transaction:
/// others wait for the chain.
pub(super) async fn note(
    tx: &mut Tx<'_>,
    consent: &Consent,
    now: Timestamp,
    entry: Entry<'_>,
    mut more: Map<String, Value>,
) -> Result<(), Error> {
    let Some(book) = book(entry.kind()) else { return Ok(()) };
    let sheet = &book.sheet;
    let sql = format!("SELECT {} FROM {} WHERE {}", sheet.names(), sheet.table, book.same);
    let rows = tx.rows(&sql, entry.key()).await?;
    let Some(row) = rows.first() else {
        return Err(Error::Bug(format!("a row just written to `{}` is not there", sheet.table)));
    };
    more.insert(ROW.to_owned(), sheet.read(row, 0)?.into());
    append_line(tx, consent, now, entry.kind(), Value::Object(more)).await
}

/// A line of a kind of the register's.
pub(super) async fn append_line(
    tx: &mut Tx<'_>,
    consent: &Consent,
    now: Timestamp,
    kind: Kind,
    detail: Value,
) -> Result<(), Error> {
    let line = Prepared::from(Event {
        id: Uuid::now_v7(),
        at: now,
        kind,
        message: None,
        delivery: None,
        recipient: None,
        detail: detail.into(),
    });
    append(tx, &consent.register, None, [&line]).await.map(drop)
}

/// How many records there are, and how they differ from the lines. Others write meanwhile: only what
/// two looks see is named.
pub(super) async fn compare(conn: &mut Conn<'_>) -> Result<(u64, Vec<Difference>), Error> {
    let (count, mut found) = look(conn).await?;
    if !found.is_empty() {
        let (_, again) = look(conn).await?;
        found.retain(|one| again.contains(one));
    }
    Ok((count, found))
}

async fn look(conn: &mut Conn<'_>) -> Result<(u64, Vec<Difference>), Error> {
    let mut is = BTreeMap::new();
    for book in &BOOKS {
        let sheet = &book.sheet;
        let sql = format!("SELECT {} FROM {}", sheet.names(), sheet.table);
        for row in conn.rows(&sql, vec![]).await? {
            let cells = sheet.read(&row, 0)?;
            is.insert((sheet.table, book.name(&cells)), cells);
        }
    }
    let said = said(conn).await?;
    let mut found = Vec::new();
    let mut note = |table, what| found.push(Difference { contact: None, table, what });
    for ((table, name), row) in &is {
        match said.get(&(*table, name.clone())) {
            None => note(*table, format!("no line of the journal made `{name}`")),
            Some(said) => {
                differs(said, row).for_each(|how| note(*table, format!("`{name}`: {how}")));
            }
        }
    }
    for (table, name) in said.keys().filter(|key| !is.contains_key(*key)) {
        note(*table, format!("`{name}` is gone"));
    }
    found.extend(entries::compare(conn).await?);
    Ok((is.len() as u64, found))
}

/// The rows as the lines have them; of a purpose its last edition.
async fn said(conn: &mut Conn<'_>) -> Result<BTreeMap<(&'static str, String), Cells>, Error> {
    let mut said = BTreeMap::new();
    let sql = format!("SELECT id FROM chain WHERE name LIKE '{CHAIN}%' ORDER BY id");
    for chain in conn.rows(&sql, vec![]).await? {
        let (chain, mut seq) = (chain.int(0)?, 0);
        loop {
            let sql = "SELECT seq, kind, detail FROM journal WHERE chain = $1 AND seq > $2 \
                       ORDER BY seq LIMIT $3";
            let rows = conn.rows(sql, vec![int(chain), int(seq), int(PAGE)]).await?;
            let Some(last) = rows.last() else { break };
            seq = last.int(0)?;
            for row in &rows {
                let Some((book, cells)) = line(row)? else { continue };
                let of = (book.sheet.table, book.name(&cells));
                if said.get(&of).is_none_or(|known| edition(known) < edition(&cells)) {
                    said.insert(of, cells);
                }
            }
        }
    }
    Ok(said)
}

/// A line that cannot be read is a broken link, and the walk over the chain names it.
fn line(row: &Row) -> Result<Option<(&'static Book, Cells)>, Error> {
    let Some(kind) = Kind::parse(&row.text(1)?) else { return Ok(None) };
    let Some(book) = book(kind) else { return Ok(None) };
    let detail: Value = serde_json::from_str(&row.text(2)?).unwrap_or_default();
    let cells = detail.get(ROW).and_then(Value::as_object).cloned();
    Ok(cells.map(|cells| (book, cells)))
}

/// Several chains have lines of one purpose, and no clock says which came last.
fn edition(cells: &Cells) -> Option<i64> {
    cells.get("edition").and_then(Value::as_i64)
}

/// A table whose rows have lines.
struct Book {
    sheet: Sheet,
    /// Finds one.
    same: &'static str,
    /// What names one.
    key: &'static [&'static str],
}

impl Book {
    fn name(&self, cells: &Cells) -> String {
        let text = |name: &&str| cells.get(*name).and_then(Value::as_str).unwrap_or_default();
        let words: Vec<&str> = self.key.iter().map(text).collect();
        words.join("/")
    }
}

fn book(kind: Kind) -> Option<&'static Book> {
    let [purpose, import, review] = &BOOKS;
    match kind {
        Kind::PurposeAdded | Kind::PurposeTopics | Kind::PurposeClosed => Some(purpose),
        Kind::ImportBegun => Some(import),
        Kind::Reviewed => Some(review),
        Kind::Decided
        | Kind::Delivered
        | Kind::Deferred
        | Kind::Bounced
        | Kind::Complained
        | Kind::Suppressed
        | Kind::Held
        | Kind::Released
        | Kind::Rejected
        | Kind::Expired
        | Kind::Reported
        | Kind::PolicyLoaded
        | Kind::Operator
        | Kind::EntriesListed => None,
    }
}

static BOOKS: [Book; 3] = [
    Book {
        sheet: Sheet {
            table: "purpose",
            columns: &[
                ("controller", Text),
                ("id", Text),
                ("name", Text),
                ("basis", Text),
                ("counts_from", Text),
                ("duration", Text),
                ("double_opt_in", Int),
                ("once", Int),
                ("of_age", Int),
                ("channel", Text),
                ("sensitive", Int),
                ("expiring_days", Int),
                ("note", Text),
                ("topics", Text),
                ("edition", Int),
                ("created_at", Int),
                ("closed_at", Int),
            ],
        },
        same: "controller = $1 AND id = $2",
        key: &["controller", "id"],
    },
    Book {
        sheet: Sheet {
            table: "import",
            columns: &[
                ("id", Id),
                ("controller", Text),
                ("at", Int),
                ("format", Text),
                ("origin", Text),
                ("source", Text),
                ("attested_by", Text),
                ("statement", Text),
            ],
        },
        same: "id = $1",
        key: &["id"],
    },
    Book {
        sheet: Sheet {
            table: "review",
            columns: &[
                ("id", Id),
                ("controller", Text),
                ("at", Int),
                ("actor", Text),
                ("note", Text),
                ("figures", Text),
            ],
        },
        same: "id = $1",
        key: &["id"],
    },
];
/// Names of the chains begin so.
pub(super) const CHAIN: &str = "register/";
/// Of the line's detail.
const ROW: &str = "row";
const PAGE: i64 = 500;
