//! Where the bytes of messages are: in the database, or in files beside it.
//!
//! The rest of the spool only sees places. Nothing here decides how long bytes are kept.

use std::sync::Arc;

use super::{Message, segment::Segments, store, writer::Keep};
use crate::{
    db::{Db, Error, Unavailable},
    seal::BodyKey,
};

/// Where a message's sealed bytes lie in a segment file. They tell themselves whether they are
/// those that were written: without a checksum beside them, by which one could guess them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Place {
    pub segment: i64,
    pub offset: i64,
    pub length: i64,
}

/// A message's row as it was read, its bytes still sealed.
pub(super) struct Found {
    /// Without its bytes.
    pub message: Message,
    pub key: BodyKey,
    pub sealed: Sealed,
}

pub(super) enum Sealed {
    Here(Vec<u8>),
    There(Place),
}

/// Small ones are in the message's row, within its transaction and its fsync. On SQLite large ones
/// are in files: in the database they would be written twice.
#[derive(Clone, Debug)]
pub(super) struct Bodies {
    /// `None` on PostgreSQL.
    files: Option<Arc<Segments>>,
    /// Only the relay itself appends; who visits reads.
    appends: bool,
}

impl Bodies {
    /// For the relay itself: counts what is kept, removes files that nothing refers to.
    pub(super) async fn open(db: &Db) -> anyhow::Result<Self> {
        let Some(file) = db.file() else { return Ok(Self { files: None, appends: false }) };
        let kept = store::places(&mut db.read().await?).await?;
        let files = Segments::open(file, Some(&kept))?;
        Ok(Self { files: Some(Arc::new(files)), appends: true })
    }

    /// For a visitor.
    pub(super) fn visit(db: &Db) -> Self {
        let files = db.file().and_then(|file| Segments::open(file, None).ok()).map(Arc::new);
        Self { files, appends: false }
    }

    /// Whether [`Self::put`] puts so many bytes into a file.
    pub(super) fn take(&self, length: usize) -> bool {
        self.appends && length > INLINE_MAX
    }

    /// Puts the bytes of new messages down, where files take them; they are on disk when it
    /// returns. One place per message, in order; `None`: in the database. Waits for the disk: the
    /// writer of a database with files has a thread of its own.
    pub(super) fn put(&self, keeps: &[&Keep]) -> Result<Vec<Option<Place>>, Error> {
        let large = keeps.iter().filter(|keep| keep.into_file);
        let large: Vec<&[u8]> = large.map(|keep| keep.sealed.as_slice()).collect();
        let (Some(files), false) = (&self.files, large.is_empty()) else {
            return Ok(keeps.iter().map(|_| None).collect());
        };
        let mut places = files.append(&large).map_err(away)?.into_iter();
        Ok(keeps.iter().map(|keep| keep.into_file.then(|| places.next()).flatten()).collect())
    }

    /// A message just read with its bytes, from the file where they are.
    pub(super) async fn fetch(&self, found: Found) -> Result<Message, Error> {
        let Found { mut message, key, sealed } = found;
        let id = message.id;
        let opened = match sealed {
            Sealed::Here(sealed) => key.open(sealed),
            Sealed::There(place) => {
                let lost = || Error::Bug(format!("message {id}: its bytes are in no file here"));
                let files = self.files.clone().ok_or_else(lost)?;
                let read = move || files.read(&place).map(|sealed| key.open(sealed));
                let read = tokio::task::spawn_blocking(read).await;
                read.map_err(|error| Error::Bug(error.to_string()))?.map_err(away)?
            }
        };
        let changed = || Error::Bug(format!("message {id}: its bytes are not what was written"));
        message.bytes = opened.ok_or_else(changed)?.into();
        Ok(message)
    }

    /// Nothing refers to these places: their messages are gone, or were never committed.
    pub(super) fn release<'p>(&self, places: impl IntoIterator<Item = &'p Place>) {
        if let (Some(files), true) = (&self.files, self.appends) {
            files.release(places);
        }
    }
}

/// A full or broken disk heals or not; the client hears 451 either way.
fn away(error: std::io::Error) -> Error {
    Error::Away(Unavailable(format!("spool file: {error}")))
}

/// Up to this size one fsync less is worth more than writing twice.
const INLINE_MAX: usize = 16 * 1024;
