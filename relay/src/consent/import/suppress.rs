//! A list of digests into the store: `souhlas import --suppress`. First the whole list, then a
//! refusal for each contact on record that stands on it; from the first moment nothing is granted
//! to who is on it.

use std::{collections::BTreeSet, path::Path};

use policy::Address;
use serde_json::Value;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{
    Counts, Done, Fault, Format, Plan, Progress,
    heard::Heard,
    lines::Plain,
    read::Batch,
    rejects::Rejects,
    row::{Row, Says},
    state::{self, State},
    store::Writer,
};
use crate::{
    consent::{Brief, Consent, Watch, entries, suppress},
    db::{Error, Keys, Tx, int, key, text, uuid},
    seal::{AddressKey, MacKey},
};

/// Takes a list; what it is, where it comes from and who says so stands in the plan.
pub async fn import_suppressions(
    consent: &Consent,
    watch: Watch<'_>,
    file: &Path,
    plan: &Plan,
    mut progress: impl FnMut(Progress),
) -> Result<Done, Fault> {
    super::signed(plan)?;
    let now = watch();
    let sniffed = super::sniff(file).await?;
    let state = state::begin(consent, now, plan, LIST, &sniffed).await?;
    let (went_on, from) = (state.went_on(), state.place());
    let mut rejects = Rejects::open(plan.rejects.as_deref(), state.rejects_bytes())?;
    let (batches, mut ready) = mpsc::channel::<List>(2);
    let path = file.to_owned();
    let reading = tokio::task::spawn_blocking(move || read(&path, from, &batches));
    let mut taking = Taking {
        consent,
        watch,
        plan,
        own: consent.secret.foreign_key(&plan.controller),
        writer: Writer::new(consent, watch, plan, &[]),
        heard: Heard::default(),
        state,
    };
    while let Some(list) = ready.recv().await {
        rejects.write(&list.rejected)?;
        taking.keep(&list, rejects.bytes()).await?;
        if taking.heard.is_full() {
            taking.refuse_all(rejects.bytes()).await?;
            taking.heard = Heard::default();
        }
        let counts = taking.state.counts();
        progress(Progress { bytes: list.place.0, bytes_total: sniffed.bytes, counts });
    }
    reading.await.map_err(|error| Fault::File(std::io::Error::other(error)))??;
    taking.refuse_all(rejects.bytes()).await?;
    taking.state.finish(consent, watch()).await?;
    let first_rejected = rejects.close()?;
    Ok(Done { format: Format::Table, counts: taking.state.counts(), went_on, first_rejected })
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

/// A list on its way in.
struct Taking<'a> {
    consent: &'a Consent,
    watch: Watch<'a>,
    plan: &'a Plan,
    /// Under which its entries are kept.
    own: MacKey,
    writer: Writer<'a>,
    /// Of a dry run.
    heard: Heard,
    state: State,
}

impl Taking<'_> {
    async fn keep(&mut self, list: &List, rejects_bytes: u64) -> Result<(), Fault> {
        let entry = |(digest, line): &(Vec<u8>, u64)| (self.own.sign(digest), *line);
        let mut entries: Vec<([u8; 32], u64)> = list.entries.iter().map(entry).collect();
        entries.sort_unstable();
        entries.dedup_by_key(|(name, _)| *name);
        let mut tx = self.consent.db.begin().await?;
        let listed = match self.state.id() {
            Some(import) => self.write(&mut tx, import, &entries).await?,
            None => self.hear(&mut tx, &entries).await?,
        };
        let mut counts = self.state.counts();
        counts.lines += list.lines;
        counts.rejected += list.rejected.len() as u64;
        counts.listed += listed;
        counts.already += list.entries.len() as u64 - listed;
        let stepped = self.state.step(&mut tx, list.place, rejects_bytes, counts).await?;
        if !self.plan.dry_run {
            tx.commit().await?;
        }
        self.state.take(stepped);
        Ok(())
    }

    /// How many of them are new.
    async fn write(
        &self,
        tx: &mut Tx<'_>,
        import: Uuid,
        entries: &[([u8; 32], u64)],
    ) -> Result<u64, Error> {
        let mut rows = Vec::with_capacity(entries.len() * 4);
        for (name, line) in entries {
            rows.extend([
                text(self.plan.controller.as_str()),
                key(name),
                uuid(import),
                int(i64::try_from(*line).unwrap_or(i64::MAX)),
            ]);
        }
        let columns = &["controller", "digest", "import", "line"];
        let twice = "ON CONFLICT (controller, digest) DO NOTHING";
        let listed = tx.insert("suppression", columns, rows, twice).await?;
        if listed > 0 {
            let own = vec![text(self.plan.controller.as_str())];
            let twice = "ON CONFLICT (controller) DO NOTHING";
            tx.insert("suppressor", &["controller"], own, twice).await?;
            let of = (self.plan.controller.as_str(), import, self.plan.actor.as_str());
            entries::note(tx, self.consent, (self.watch)(), of, entries).await?;
        }
        Ok(listed)
    }

    /// The same for a dry run.
    async fn hear(&mut self, tx: &mut Tx<'_>, entries: &[([u8; 32], u64)]) -> Result<u64, Error> {
        let names = Keys::Bytes(entries.iter().map(|(name, _)| name.as_slice()).collect());
        let sql = "SELECT digest FROM suppression WHERE controller = $1 AND digest {in}";
        let mut known = BTreeSet::new();
        for row in tx.rows_in(sql, &[text(self.plan.controller.as_str())], names).await? {
            known.insert(row.key(0)?);
        }
        let new = entries.iter().filter(|(name, _)| !known.contains(name) && self.heard.add(name));
        Ok(new.count() as u64)
    }

    /// Each contact on record that stands on a list. Of who is erased, no address is left to
    /// digest.
    async fn refuse_all(&mut self, rejects_bytes: u64) -> Result<(), Fault> {
        let (mut after, already) = (None, self.state.counts().already);
        loop {
            let page = self.consent.briefs(&self.plan.controller, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            let rows = self.matched(&page).await?;
            if !rows.is_empty() {
                let batch = Batch { rows, place: self.state.reached(), ..Batch::default() };
                self.writer.batch(&batch, rejects_bytes, &mut self.state).await?;
            }
        }
        // Who had refused before is not an entry that was there before.
        self.state.count(Counts { already, ..self.state.counts() });
        Ok(())
    }

    async fn matched(&self, page: &[Brief]) -> Result<Vec<Row>, Fault> {
        let known = page.iter().filter_map(|brief| {
            let address = brief.address.as_deref()?;
            Some((brief.key, Address::parse(address).ok()?))
        });
        let (keys, addresses): (Vec<AddressKey>, Vec<Address>) = known.unzip();
        let (secret, controller) = (&self.consent.secret, &self.plan.controller);
        let mut conn = self.consent.db.read().await?;
        let found = suppress::found(&mut conn, secret, controller, &addresses).await?;
        let now = (self.watch)();
        let row = |(at, (key, address)): (usize, (AddressKey, Address))| {
            let (says, evidence) = match found.get(&at) {
                Some(entry) => (Says::Listed(entry.clone()), entry.evidence()),
                // A dry run's evidence goes nowhere.
                None if self.has_heard(&address) => {
                    (Says::No { purpose: None, except: Vec::new() }, Value::Null)
                }
                None => return None,
            };
            Some(Row { key, address, country: None, at: now, says, evidence: evidence.to_string() })
        };
        Ok(keys.into_iter().zip(addresses).enumerate().filter_map(row).collect())
    }

    fn has_heard(&self, address: &Address) -> bool {
        !self.heard.is_empty()
            && suppress::names(&self.own, address).any(|name| self.heard.has(&name))
    }
}

const LIST: &str = "suppression";
/// Lines of one transaction, and contacts of one look.
const BATCH: u64 = 2000;
const PAGE: usize = 500;
