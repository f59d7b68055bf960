//! The reading half of an import, on a thread of its own: records out of the file, statements out of
//! the records, in batches.

use std::path::Path;

use serde_json::{Map, Value};
use tokio::sync::mpsc;

use super::{
    Fault,
    columns::Columns,
    dialect::{Dialect, Kind},
    elements::{Element, Elements},
    format::Format,
    lines::{Lines, Record, Unread},
    row::{Read, Reader, Row, Why},
};

/// What one transaction writes, and where the next one goes on.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub rows: Vec<Row>,
    /// Line, reason, and the line itself.
    pub rejected: Vec<(u64, String, String)>,
    pub lines: u64,
    pub left_out: u64,
    /// Bytes and lines of the file that are done.
    pub place: (u64, u64),
}

/// An open file, at its first record or where an earlier import stopped.
pub(super) enum Source {
    Table { lines: Box<Lines>, columns: Columns },
    Objects(Elements),
}

impl Source {
    /// Opens the file and finds out whose export it is, where nobody says.
    pub(super) fn open(
        path: &Path,
        dialect: Dialect,
        format: Option<Format>,
        only: Option<&str>,
    ) -> Result<(Self, Format), Fault> {
        match dialect.kind {
            Kind::Table { delimiter } => {
                let mut lines = Lines::open(path, dialect, delimiter).map_err(Fault::File)?;
                let header = match lines.next().map_err(Fault::File)? {
                    Some(Ok(record)) => record.fields,
                    Some(Err(_)) | None => Vec::new(),
                };
                let format = format.unwrap_or_else(|| Format::of_table(&header));
                let Some(columns) = Columns::find(&header, only) else {
                    return Err(Fault::NoAddressColumn(header));
                };
                if let (Some(name), None) = (only, columns.only) {
                    return Err(Fault::NoColumn(name.to_owned()));
                }
                Ok((Self::Table { lines: Box::new(lines), columns }, format))
            }
            Kind::Json => {
                let mut first = Elements::open(path, dialect.mark, None)?;
                let first = first.next()?.and_then(Result::ok);
                let object = first.and_then(|one| serde_json::from_str(&one.text).ok());
                let object: Map<String, Value> = object.unwrap_or_default();
                let format = format.unwrap_or_else(|| Format::of_object(&object));
                Ok((Self::Objects(Elements::open(path, dialect.mark, None)?), format))
            }
        }
    }

    /// Goes on where an earlier import stopped.
    pub(super) fn go_on(
        self,
        path: &Path,
        dialect: Dialect,
        place: (u64, u64),
    ) -> Result<Self, Fault> {
        match self {
            Self::Table { mut lines, columns } => {
                lines.go_to(place).map_err(Fault::File)?;
                Ok(Self::Table { lines, columns })
            }
            Self::Objects(_) => Ok(Self::Objects(Elements::open(path, dialect.mark, Some(place))?)),
        }
    }

    fn place(&self) -> (u64, u64) {
        match self {
            Self::Table { lines, .. } => lines.place(),
            Self::Objects(elements) => elements.place(),
        }
    }

    /// The next record read; `false` at the end.
    fn next(&mut self, reader: &Reader, batch: &mut Batch) -> Result<bool, Fault> {
        match self {
            Self::Table { lines, columns } => match lines.next().map_err(Fault::File)? {
                None => return Ok(false),
                Some(Ok(record)) => {
                    let read = match reader.format {
                        Format::Souhlas => reader.own_table(columns, &record),
                        Format::Table
                        | Format::SmartEmailing
                        | Format::Ecomail
                        | Format::Mailchimp
                        | Format::Listmonk => reader.table(columns, &record),
                    };
                    let Record { line, text, .. } = record;
                    batch.add(line, text, read);
                }
                Some(Err(unread)) => batch.unread(unread),
            },
            Self::Objects(elements) => match elements.next()? {
                None => return Ok(false),
                Some(Ok(Element { line, text })) => {
                    let read = object(reader, line, &text);
                    batch.add(line, text, read);
                }
                Some(Err(unread)) => batch.unread(unread),
            },
        }
        Ok(true)
    }
}

fn object(reader: &Reader, line: u64, text: &str) -> Result<Read, Why> {
    let object: Map<String, Value> =
        serde_json::from_str(text).map_err(|fault| Why::Json(fault.to_string()))?;
    match reader.format {
        Format::Souhlas => reader.whole(line, &object),
        Format::SmartEmailing => reader.smartemailing(line, &object),
        Format::Listmonk => reader.listmonk(line, &object),
        Format::Table | Format::Ecomail | Format::Mailchimp => reader.flat(line, &object),
    }
}

impl Batch {
    fn add(&mut self, line: u64, text: String, read: Result<Read, Why>) {
        self.lines += 1;
        match read {
            Ok(read) => {
                self.rows.extend(read.rows);
                self.left_out += u64::from(read.left_out);
                for why in read.rejected {
                    self.rejected.push((line, why.to_string(), text.clone()));
                }
            }
            Err(why) => self.rejected.push((line, why.to_string(), text)),
        }
    }

    fn unread(&mut self, unread: Unread) {
        self.lines += 1;
        self.rejected.push((unread.line, unread.why.to_owned(), unread.text));
    }
}

/// Reads to the end; what is broken is told after what stood before it.
pub(super) fn run(
    mut source: Source,
    reader: &Reader,
    batches: &mpsc::Sender<Batch>,
) -> Result<(), Fault> {
    let mut batch = Batch::default();
    loop {
        let more = source.next(reader, &mut batch);
        batch.place = source.place();
        let done = !matches!(more, Ok(true));
        if done || batch.rows.len() >= BATCH || batch.rejected.len() >= BATCH {
            // Where nobody listens any more, the writing half has failed and says why.
            if batches.blocking_send(std::mem::take(&mut batch)).is_err() {
                return Ok(());
            }
        }
        if done {
            return more.map(drop);
        }
    }
}

/// Statements of one transaction: long enough to share its cost, short enough that a relay beside
/// it hardly waits.
const BATCH: usize = 2000;
