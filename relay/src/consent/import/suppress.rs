//! A list of digests into the store: `souhlas import --suppress`. First the whole list, then a
//! refusal for each contact on record that stands on it; from the first moment nothing is granted
//! to who is on it.

use std::path::Path;

use jiff::Timestamp;
use policy::Address;
use serde_json::json;
use tokio::sync::mpsc;

use super::{
    Counts, Done, Fault, Format, Plan, Progress, blocking, dialect,
    lines::Plain,
    read::Batch,
    rejects::Rejects,
    row::{Row, Says},
    state::{self, State},
    store::Writer,
};
use crate::{
    consent::{
        Brief, Consent,
        suppress::{self, Entry},
    },
    db::{int, key, text, uuid},
    seal::AddressKey,
};

/// Takes a list; what it is, where it comes from and who says so stands in the plan.
pub async fn import_suppressions(
    consent: &Consent,
    now: Timestamp,
    file: &Path,
    plan: &Plan,
    mut progress: impl FnMut(Progress),
) -> Result<Done, Fault> {
    super::signed(plan)?;
    let path = file.to_owned();
    let sniffed = blocking(move || dialect::sniff(&path)).await?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut state = state::begin(consent, now, plan, LIST, &name, &sniffed.sha256).await?;
    let went_on = state.went_on();
    let mut rejects = Rejects::open(plan.rejects.as_deref(), state.rejects_bytes())?;
    let (path, from) = (file.to_owned(), state.place());
    let (batches, mut ready) = mpsc::channel::<List>(2);
    let reading = tokio::task::spawn_blocking(move || read(&path, from, &batches));
    while let Some(list) = ready.recv().await {
        rejects.write(&list.rejected)?;
        keep(consent, plan, &list, rejects.bytes(), &mut state).await?;
        let counts = state.counts();
        progress(Progress { bytes: list.place.0, bytes_total: sniffed.bytes, counts });
    }
    reading.await.map_err(|error| Fault::File(std::io::Error::other(error)))??;
    refuse_all(consent, now, plan, rejects.bytes(), &mut state).await?;
    state.finish(consent, now).await?;
    let first_rejected = rejects.close()?;
    Ok(Done { format: Format::Table, counts: state.counts(), went_on, first_rejected })
}

/// Some entries of a list: digest and line.
#[derive(Default)]
struct List {
    entries: Vec<(Vec<u8>, u64)>,
    rejected: Vec<(u64, String, String)>,
    lines: u64,
    place: (u64, u64),
}

fn read(path: &Path, from: Option<(u64, u64)>, batches: &mpsc::Sender<List>) -> Result<(), Fault> {
    let mut lines = Plain::open(path, from).map_err(Fault::File)?;
    let mut list = List::default();
    loop {
        let next = lines.next().map_err(Fault::File)?;
        let done = next.is_none();
        if let Some((line, text)) = next {
            match suppress::read(&text) {
                Some(digest) => list.entries.push((digest, line)),
                // A first line may say what the column is.
                None if text.trim().is_empty() || line == 1 => {}
                None => {
                    let why = "neither a digest (MD5, SHA-256, SHA-512) nor an address or domain";
                    list.rejected.push((line, why.to_owned(), text));
                }
            }
            list.lines += 1;
        }
        list.place = lines.place();
        if (done || list.lines >= BATCH)
            && batches.blocking_send(std::mem::take(&mut list)).is_err()
        {
            // The writing half has failed and says why.
            return Ok(());
        }
        if done {
            return Ok(());
        }
    }
}

async fn keep(
    consent: &Consent,
    plan: &Plan,
    list: &List,
    rejects_bytes: u64,
    state: &mut State,
) -> Result<(), Fault> {
    let mut counts = state.counts();
    let mut tx = consent.db.begin().await?;
    counts.lines += list.lines;
    counts.rejected += list.rejected.len() as u64;
    let mut listed = list.entries.len() as u64;
    if let Some(import) = state.id() {
        let mut rows = Vec::with_capacity(list.entries.len() * 4);
        let own = consent.secret.foreign_key(&plan.controller);
        let mut kept: Vec<([u8; 32], u64)> =
            list.entries.iter().map(|(digest, line)| (own.sign(digest), *line)).collect();
        kept.sort_unstable();
        kept.dedup_by_key(|(digest, _)| *digest);
        for (digest, line) in &kept {
            rows.extend([
                text(plan.controller.as_str()),
                key(digest),
                uuid(import),
                int(i64::try_from(*line).unwrap_or(i64::MAX)),
            ]);
        }
        let columns = &["controller", "digest", "import", "line"];
        let twice = "ON CONFLICT (controller, digest) DO NOTHING";
        listed = tx.insert("suppression", columns, rows, twice).await?;
        let own = vec![text(plan.controller.as_str())];
        let twice = "ON CONFLICT (controller) DO NOTHING";
        tx.insert("suppressor", &["controller"], own, twice).await?;
    }
    counts.listed += listed;
    counts.already += list.entries.len() as u64 - listed;
    let stepped = state.step(&mut tx, list.place, rejects_bytes, counts).await?;
    if state.id().is_some() {
        tx.commit().await?;
    }
    state.take(stepped);
    Ok(())
}

/// Each contact on record that stands on a list. Of who is erased, no address is left to digest.
async fn refuse_all(
    consent: &Consent,
    now: Timestamp,
    plan: &Plan,
    rejects_bytes: u64,
    state: &mut State,
) -> Result<(), Fault> {
    let mut writer = Writer::new(consent, now, plan, &[]);
    let (mut after, already) = (None, state.counts().already);
    loop {
        let page = consent.briefs(&plan.controller, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        let rows = matched(consent, now, plan, &page).await?;
        if !rows.is_empty() {
            let place = state.reached();
            let batch = Batch { rows, place, ..Batch::default() };
            writer.batch(&batch, rejects_bytes, state).await?;
        }
    }
    // Who had refused before is not an entry that was there before.
    state.count(Counts { already, ..state.counts() });
    Ok(())
}

async fn matched(
    consent: &Consent,
    now: Timestamp,
    plan: &Plan,
    page: &[Brief],
) -> Result<Vec<Row>, Fault> {
    let known = page.iter().filter_map(|brief| {
        let address = brief.address.as_deref()?;
        Some((brief.key, Address::parse(address).ok()?))
    });
    let (keys, addresses): (Vec<AddressKey>, Vec<Address>) = known.unzip();
    let mut conn = consent.db.read().await?;
    let found = suppress::found(&mut conn, &consent.secret, &plan.controller, &addresses).await?;
    let row = |(at, entry): (usize, Entry)| {
        let evidence = json!({
            "suppression": { "file": entry.file, "line": entry.line, "import": entry.import },
        });
        Some(Row {
            key: *keys.get(at)?,
            address: addresses.get(at)?.clone(),
            country: None,
            at: now,
            says: Says::No(None),
            evidence: evidence.to_string(),
        })
    };
    Ok(found.into_iter().filter_map(row).collect())
}

const LIST: &str = "suppression";
/// Lines of one transaction, and contacts of one look.
const BATCH: u64 = 2000;
const PAGE: usize = 500;
