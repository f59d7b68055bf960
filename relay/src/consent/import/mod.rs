//! A file of many contacts into the store: `souhlas import`.
//!
//! One thread reads and parses while another task writes, batch after batch, so memory stays
//! bounded whatever the size. How far it is commits with each batch: killed, the same import goes
//! on from there. A refusal on record is never revived; what was imported before is found and left;
//! every line that is not taken is named with its number and the reason.

mod attest;
mod columns;
mod date;
mod dialect;
mod elements;
mod fault;
mod format;
mod heard;
mod known;
mod lines;
mod listmonk;
mod mapping;
mod own;
mod read;
mod rejects;
mod row;
mod smartemailing;
mod state;
mod status;
mod store;
mod suppress;
mod table;
mod upload;

use std::path::{Path, PathBuf};

use jiff::{Timestamp, tz::TimeZone};
use policy::Purpose;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

pub use attest::{Origin, STATEMENT, law};
pub use fault::Fault;
pub use format::Format;
pub use mapping::Mapping;
pub use state::Past;
pub use status::Status;
pub use suppress::import_suppressions;
pub use upload::Upload;

use super::{Consent, Watch};
use dialect::Sniffed;
use read::Batch;
use row::Reader;

/// What the file holds and where it comes from; the person who imports says so (compliance.md 4.3).
#[derive(Clone, Debug)]
pub struct Plan {
    pub controller: String,
    /// `None`: told by the names in the file.
    pub format: Option<Format>,
    /// Which purposes its lists stand for.
    pub purposes: Mapping,
    pub origin: Origin,
    /// In words: `export from the shop, 2026-11-02`.
    pub source: String,
    /// Who signs the [`STATEMENT`].
    pub attested_by: String,
    /// When consent was given, for lines that have no date of their own.
    pub from: Option<Timestamp>,
    /// The state of lines that name none.
    pub status: Option<Status>,
    /// Only lines with this in that column are a yes (S28); without a value, a ticked box.
    pub only: Option<(String, Option<String>)>,
    /// Of dates without one: the controller's.
    pub zone: TimeZone,
    pub actor: String,
    /// Where lines go that are not taken, as CSV: line, reason, the line itself.
    pub rejects: Option<PathBuf>,
    /// Count everything, write nothing.
    pub dry_run: bool,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct Counts {
    /// Records, without the header.
    pub lines: u64,
    pub granted: u64,
    /// Was on record already.
    pub already: u64,
    /// The address refused before, or within this file: not granted.
    pub refusal_stands: u64,
    /// The file itself says that the address unsubscribed.
    pub refused: u64,
    /// Records that the plan leaves out.
    pub left_out: u64,
    pub rejected: u64,
    /// Relations, preferences and the like.
    pub others: u64,
    pub new_contacts: u64,
    /// Entries of a suppression list.
    pub listed: u64,
}

/// How far it is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    pub bytes: u64,
    pub bytes_total: u64,
    pub counts: Counts,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Done {
    pub format: Format,
    pub counts: Counts,
    /// Went on where an earlier one was stopped.
    pub went_on: bool,
    /// The first lines that were not taken: number and reason.
    pub first_rejected: Vec<(u64, String)>,
}

/// Imports `file`. `progress` is called after each batch.
pub async fn import(
    consent: &Consent,
    watch: Watch<'_>,
    file: &Path,
    plan: &Plan,
    mut progress: impl FnMut(Progress),
) -> Result<Done, Fault> {
    let now = watch();
    let purposes = consent.purposes_of(&plan.controller).await?;
    allowed(plan, &purposes)?;
    let sniffed = sniff(file).await?;
    let (path, dialect) = (file.to_owned(), sniffed.dialect);
    let (format, only) = (plan.format, plan.only.as_ref().map(|(name, _)| name.clone()));
    let opened = move || read::Source::open(&path, dialect, format, only.as_deref());
    let (mut source, format) = blocking(opened).await?;
    if format != Format::Souhlas && plan.purposes.is_empty() {
        return Err(Fault::Purposeless);
    }
    let mut state = state::begin(consent, now, plan, format.word(), &sniffed).await?;
    let went_on = state.went_on();
    if let Some(place) = state.place() {
        let path = file.to_owned();
        source = blocking(move || source.go_on(&path, dialect, place)).await?;
    }
    let mut rejects = rejects::Rejects::open(plan.rejects.as_deref(), state.rejects_bytes())?;
    let reader = Reader {
        secret: consent.secret.clone(),
        plan: plan.clone(),
        format,
        purposes: purposes.clone(),
        now,
        file: sniffed.name.clone(),
        import: state.id(),
    };
    // Two batches wait while one is written.
    let (batches, mut ready) = mpsc::channel::<Batch>(2);
    let reading = tokio::task::spawn_blocking(move || read::run(source, &reader, &batches));
    let mut write = store::Writer::new(consent, watch, plan, &purposes);
    while let Some(batch) = ready.recv().await {
        rejects.write(&batch.rejected)?;
        write.batch(&batch, rejects.bytes(), &mut state).await?;
        let counts = state.counts();
        progress(Progress { bytes: batch.place.0, bytes_total: sniffed.bytes, counts });
    }
    reading.await.map_err(|error| Fault::File(std::io::Error::other(error)))??;
    state.finish(consent, watch()).await?;
    let first_rejected = rejects.close()?;
    Ok(Done { format, counts: state.counts(), went_on, first_rejected })
}

/// Before anything is read: the person signed, the origin is lawful, the purposes are there.
fn allowed(plan: &Plan, purposes: &[Purpose]) -> Result<(), Fault> {
    if plan.origin.forbidden().is_some() {
        return Err(Fault::Forbidden(plan.origin));
    }
    signed(plan)?;
    for id in plan.purposes.purposes() {
        match purposes.iter().find(|own| own.id == id) {
            None => return Err(Fault::NoPurpose(id.to_owned())),
            Some(own) if own.closed_at.is_some() => return Err(Fault::Closed(id.to_owned())),
            Some(_) => {}
        }
    }
    Ok(())
}

fn signed(plan: &Plan) -> Result<(), Fault> {
    let signed = !plan.source.trim().is_empty() && !plan.attested_by.trim().is_empty();
    if signed || plan.dry_run { Ok(()) } else { Err(Fault::Unattested) }
}

async fn sniff(file: &Path) -> Result<Sniffed, Fault> {
    let path = file.to_owned();
    blocking(move || dialect::sniff(&path)).await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Fault::File(std::io::Error::other(error)))?
}

impl Consent {
    /// The imports of a controller, newest first.
    pub async fn imports(&self, controller: &str) -> Result<Vec<Past>, crate::db::Error> {
        state::past(self, controller).await
    }
}
