//! What the journal says of the entries of suppression lists: for each part of a list that was taken
//! in, how many and which, as one digest over them. Whoever adds an entry, takes one away or changes
//! one beside the lines is found, and so is who takes a controller from those that have lists.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{
    Consent,
    register::{self, CHAIN},
    replay::Difference,
};
use crate::{
    db::{Arg, Conn, Error, Keys, Row, Tx, int, text, uuid},
    journal::Kind,
    seal,
};

/// What a line says of one part of a list.
#[derive(Debug, Deserialize, Serialize)]
struct Part {
    import: Uuid,
    controller: String,
    /// First and last line of the list, of those that are entries.
    from: i64,
    to: i64,
    entries: u64,
    /// SHA-256 over the entries in their order, in hex.
    digest: String,
}

/// Writes down what the transaction took of an import: those of `names` that it found new.
pub(super) async fn note(
    tx: &mut Tx<'_>,
    consent: &Consent,
    now: Timestamp,
    (controller, import, actor): (&str, Uuid, &str),
    entries: &[([u8; 32], u64)],
) -> Result<(), Error> {
    let lines = || entries.iter().map(|(_, line)| i64::try_from(*line).unwrap_or(i64::MAX));
    let (Some(from), Some(to)) = (lines().min(), lines().max()) else { return Ok(()) };
    let sql = "SELECT digest, line FROM suppression WHERE controller = $1 AND import = $2 \
               AND line >= $3 AND line <= $4 AND digest {in}";
    let args = [text(controller), uuid(import), int(from), int(to)];
    let names = entries.iter().map(|(name, _)| name.as_slice()).collect();
    let rows = tx.rows_in(sql, &args, Keys::Bytes(names)).await?;
    let mut kept = rows.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    kept.sort_unstable();
    let mut digest = seal::Digest::new();
    kept.iter().for_each(|entry| add(&mut digest, entry));
    let part = Part {
        import,
        controller: controller.to_owned(),
        from,
        to,
        entries: kept.len() as u64,
        digest: seal::hex(&digest.finish()),
    };
    let mut detail = json!(part);
    if let Some(fields) = detail.as_object_mut() {
        fields.insert("by".to_owned(), json!(actor));
    }
    register::append_line(tx, consent, now, Kind::EntriesListed, detail).await
}

fn entry(row: &Row) -> Result<([u8; 32], i64), Error> {
    Ok((row.key(0)?, row.int(1)?))
}

fn add(digest: &mut seal::Digest, (name, line): &([u8; 32], i64)) {
    digest.update(name);
    digest.update(&line.to_be_bytes());
}

/// A part, and what is there of it.
struct Seen {
    part: Part,
    digest: seal::Digest,
    entries: u64,
}

/// How the lists differ from the lines. In memory is one digest for each part of a list, whatever the
/// length of the lists.
pub(super) async fn compare(conn: &mut Conn<'_>) -> Result<Vec<Difference>, Error> {
    let mut parts = parts(conn).await?;
    let mut strange: BTreeMap<Uuid, u64> = BTreeMap::new();
    let (mut after, mut full) = ((String::new(), Vec::new()), true);
    while full {
        let sql = "SELECT digest, line, import, controller FROM suppression \
                   WHERE (controller, digest) > ($1, $2) ORDER BY controller, digest LIMIT $3";
        let args = vec![text(after.0.clone()), Arg::bytes(after.1.clone()), int(PAGE)];
        let rows = conn.rows(sql, args).await?;
        for row in &rows {
            let (import, controller, own) = (row.uuid(2)?, row.text(3)?, entry(row)?);
            let part = parts.range_mut((import, own.1)..).next().map(|(_, part)| part);
            let part = part.filter(|seen| {
                let part = &seen.part;
                part.import == import && part.from <= own.1 && part.controller == controller
            });
            match part {
                None => *strange.entry(import).or_default() += 1,
                Some(seen) => {
                    add(&mut seen.digest, &own);
                    seen.entries += 1;
                }
            }
            after = (controller, own.0.to_vec());
        }
        full = i64::try_from(rows.len()).unwrap_or(PAGE) == PAGE;
    }
    let mut found = Vec::new();
    let mut note = |table, what| found.push(Difference { contact: None, table, what });
    for (import, count) in strange {
        note(ENTRIES, format!("`{import}`: no line of the journal made {count} of its entries"));
    }
    let owners: BTreeSet<String> =
        parts.values().map(|seen| seen.part.controller.clone()).collect();
    parts.into_values().filter_map(|seen| seen.differs()).for_each(|how| note(ENTRIES, how));
    let mut has_lists = BTreeSet::new();
    for row in conn.rows("SELECT controller FROM suppressor", vec![]).await? {
        has_lists.insert(row.text(0)?);
    }
    owners.difference(&has_lists).for_each(|own| note(OWNERS, format!("`{own}` is gone")));
    let made = |own: &String| format!("no line of the journal made `{own}`");
    has_lists.difference(&owners).for_each(|own| note(OWNERS, made(own)));
    Ok(found)
}

impl Seen {
    fn differs(self) -> Option<String> {
        let Part { import, from, to, entries, digest, .. } = self.part;
        let of = format!("`{import}`, lines {from} to {to}");
        if self.entries != entries {
            return Some(format!("{of}: {} of {entries} entries are there", self.entries));
        }
        let same = seal::hex(&self.digest.finish()) == digest;
        (!same).then(|| format!("{of}: the entries are others"))
    }
}

/// Each by its import and last line.
async fn parts(conn: &mut Conn<'_>) -> Result<BTreeMap<(Uuid, i64), Seen>, Error> {
    let sql = format!(
        "SELECT j.detail FROM journal j JOIN chain c ON c.id = j.chain \
         WHERE c.name LIKE '{CHAIN}%' AND j.kind = $1"
    );
    let mut parts = BTreeMap::new();
    for row in conn.rows(&sql, vec![text(Kind::EntriesListed.as_str())]).await? {
        // One that cannot be read is a broken link, and the walk over the chain names it.
        if let Ok(part) = serde_json::from_str::<Part>(&row.text(0)?) {
            let digest = seal::Digest::new();
            parts.insert((part.import, part.to), Seen { part, digest, entries: 0 });
        }
    }
    Ok(parts)
}

const ENTRIES: &str = "suppression";
const OWNERS: &str = "suppressor";
const PAGE: i64 = 1_000;
