//! A file of many consents (CSV) into the store: `souhlas import`.
//!
//! One thread reads and parses while another task writes, batch after batch, so memory stays
//! bounded whatever the size. A refusal on record is never revived; what was imported before is
//! found and left; every line that is not taken is named with its number and the reason.

mod columns;
mod dialect;
mod lines;
mod row;
mod store;

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use jiff::{Timestamp, tz::TimeZone};
use policy::Source;
use tokio::sync::mpsc;

use super::Consent;
use crate::db::Error;
use lines::Lines;
use row::{Reader, Row};

/// What the file holds and where it comes from; the person who imports says so (compliance.md 4.3).
#[derive(Clone, Debug)]
pub struct Plan {
    pub controller: String,
    pub purpose: String,
    pub source: Source,
    /// In words: `export from the shop, 2026-11-02`.
    pub note: String,
    /// When consent was given, for lines that have no date of their own.
    pub from: Option<Timestamp>,
    /// Of dates without one: the controller's.
    pub zone: TimeZone,
    pub actor: String,
    /// Count everything, write nothing.
    pub dry_run: bool,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Lines with something on them, without the header.
    pub lines: u64,
    pub granted: u64,
    /// Was on record already.
    pub already: u64,
    /// The address refused before, or within this file: not granted.
    pub refusal_stands: u64,
    /// The file itself says that the address unsubscribed.
    pub refused: u64,
    pub rejected: u64,
    pub new_contacts: u64,
}

/// How far it is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    pub bytes: u64,
    pub bytes_total: u64,
    pub counts: Counts,
}

/// Why an import does not begin or does not end. What was written before stays; running it again
/// goes on from there.
#[derive(Debug)]
pub enum Fault {
    NoPurpose(String),
    File(std::io::Error),
    /// UTF-16, or bytes that are no text.
    NotText,
    /// Which columns there are instead.
    NoAddressColumn(Vec<String>),
    Rejects(std::io::Error),
    Store(Error),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoPurpose(id) => write!(
                f,
                "there is no purpose `{id}`: see `souhlas purpose list`, or add it first"
            ),
            Self::File(error) => write!(f, "the file cannot be read: {error}"),
            Self::NotText => f.write_str(
                "the file is no text in UTF-8 or windows-1250: save it as `CSV UTF-8` and try again",
            ),
            Self::NoAddressColumn(found) => write!(
                f,
                "no column holds an address: call one `email`; the first line has `{}`",
                found.join("`, `")
            ),
            Self::Rejects(error) => {
                write!(f, "the file of rejected lines cannot be written: {error}")
            }
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Fault {}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

/// Imports `file`. Lines not taken go to `rejects` as CSV: line, reason, the line itself.
/// `progress` is called after each batch.
pub async fn import(
    consent: &Consent,
    now: Timestamp,
    file: &Path,
    plan: &Plan,
    rejects: Option<Box<dyn Write + Send>>,
    mut progress: impl FnMut(Progress),
) -> Result<Counts, Fault> {
    let purpose = consent.purpose(&plan.controller, &plan.purpose).await?;
    let purpose = purpose.ok_or_else(|| Fault::NoPurpose(plan.purpose.clone()))?;
    // Two batches wait while one is written.
    let (batches, mut ready) = mpsc::channel(2);
    let job = Job {
        file: file.to_owned(),
        reader: Reader {
            secret: consent.secret.clone(),
            plan: plan.clone(),
            purpose: purpose.clone(),
            now,
            file: file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        },
        rejects: rejects.map(csv::Writer::from_writer),
    };
    let reading = tokio::task::spawn_blocking(move || job.run(&batches));
    let mut counts = Counts::default();
    let mut write = store::Writer::new(consent, now, plan, &purpose);
    while let Some(Batch { rows, rejected, bytes, bytes_total }) = ready.recv().await {
        counts.lines += rows.len() as u64 + rejected;
        counts.rejected += rejected;
        write.batch(&rows, &mut counts).await?;
        progress(Progress { bytes, bytes_total, counts });
    }
    reading.await.map_err(|error| Fault::File(std::io::Error::other(error)))??;
    Ok(counts)
}

struct Batch {
    rows: Vec<Row>,
    rejected: u64,
    bytes: u64,
    bytes_total: u64,
}

/// The reading half, on a thread of its own.
struct Job {
    file: PathBuf,
    reader: Reader,
    rejects: Option<csv::Writer<Box<dyn Write + Send>>>,
}

impl Job {
    fn run(mut self, batches: &mpsc::Sender<Batch>) -> Result<(), Fault> {
        let (dialect, bytes_total) = dialect::sniff(&self.file)?;
        let mut lines = Lines::open(&self.file, dialect).map_err(Fault::File)?;
        let header = match lines.next().map_err(Fault::File)? {
            Some(Ok(record)) => record.fields,
            Some(Err(_)) | None => Vec::new(),
        };
        let columns = columns::Columns::find(&header).ok_or(Fault::NoAddressColumn(header))?;
        let mut batch = Batch { rows: Vec::new(), rejected: 0, bytes: 0, bytes_total };
        while let Some(record) = lines.next().map_err(Fault::File)? {
            let row = match record {
                Ok(record) => self
                    .reader
                    .read(&columns, &record)
                    .map_err(|why| (record.line, why.to_string(), record.text)),
                Err(lines::Unread { line, why, text }) => Err((line, why.to_owned(), text)),
            };
            match row {
                Ok(row) => batch.rows.push(row),
                Err((line, why, text)) => {
                    batch.rejected += 1;
                    self.reject(line, &why, &text).map_err(Fault::Rejects)?;
                }
            }
            if batch.rows.len() >= BATCH {
                batch.bytes = lines.bytes();
                let full = std::mem::replace(
                    &mut batch,
                    Batch { rows: Vec::new(), rejected: 0, bytes: 0, bytes_total },
                );
                if batches.blocking_send(full).is_err() {
                    // The writing half has failed and says why.
                    return Ok(());
                }
            }
        }
        if let Some(rejects) = &mut self.rejects {
            rejects.flush().map_err(Fault::Rejects)?;
        }
        batch.bytes = bytes_total;
        let _ = batches.blocking_send(batch);
        Ok(())
    }

    fn reject(&mut self, line: u64, why: &str, text: &str) -> std::io::Result<()> {
        let Some(rejects) = &mut self.rejects else { return Ok(()) };
        rejects
            .write_record([line.to_string().as_str(), why, text.trim_end_matches(['\r', '\n'])])
            .map_err(std::io::Error::other)
    }
}

/// Lines of one transaction: long enough to share its cost, short enough that a relay beside it
/// hardly waits.
const BATCH: usize = 2000;
