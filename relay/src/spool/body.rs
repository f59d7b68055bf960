//! Where the bytes of messages are: in the database, or in files beside it.
//!
//! The rest of the spool only sees places. Nothing here decides how long bytes are kept.

use std::sync::Arc;

use bytes::Bytes;
use uuid::Uuid;

use super::{Message, segment::Segments, store, writer::Keep};
use crate::{
    db::{Arg, Conn, Db, Error, Tx, Unavailable, uuid},
    seal,
};

/// Where a message's bytes lie in a segment file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Place {
    pub segment: i64,
    pub offset: i64,
    pub length: i64,
    pub checksum: [u8; 32],
}

/// Small ones are in table `body`, within the message's own transaction and its fsync. On SQLite
/// large ones are in files: in the database they would be written twice.
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

    /// What [`Self::put`] wants of a message's bytes, made on the caller's thread; `None`: they go
    /// into the database.
    pub(super) fn checksum(&self, bytes: &Bytes) -> Option<[u8; 32]> {
        (self.appends && bytes.len() > INLINE_MAX).then(|| seal::digest(bytes))
    }

    /// Puts the bytes of new messages down; they are on disk no later than the transaction is.
    /// One place per message, in order; `None`: in the database.
    pub(super) async fn put(
        &self,
        tx: &mut Tx<'_>,
        keeps: &[&Keep],
    ) -> Result<Vec<Option<Place>>, Error> {
        let inline = keeps.iter().filter(|keep| keep.checksum.is_none());
        let rows = inline
            .flat_map(|keep| [uuid(keep.message.id), Arg::bytes(keep.message.bytes.as_ref())]);
        tx.insert("body", &["message", "bytes"], rows.collect(), "").await?;
        let large: Vec<(Bytes, [u8; 32])> = keeps
            .iter()
            .filter_map(|keep| Some((keep.message.bytes.clone(), keep.checksum?)))
            .collect();
        let (Some(files), false) = (&self.files, large.is_empty()) else {
            return Ok(keeps.iter().map(|_| None).collect());
        };
        let files = files.clone();
        let places = blocking(move || files.append(&large)).await?;
        let mut places = places.into_iter();
        Ok(keeps.iter().map(|keep| keep.checksum.and_then(|_| places.next())).collect())
    }

    /// The bytes of messages just read, into them.
    pub(super) async fn fetch(
        &self,
        conn: &mut Conn<'_>,
        messages: &mut [(Message, Option<Place>)],
    ) -> Result<(), Error> {
        let ids = messages.iter().filter(|(_, place)| place.is_none()).map(|(one, _)| one.id);
        let mut found = store::bodies(conn, ids.collect()).await?;
        let places: Vec<(Uuid, Place)> = messages
            .iter()
            .filter_map(|(message, place)| Some((message.id, place.clone()?)))
            .collect();
        if let (Some(files), false) = (&self.files, places.is_empty()) {
            let files = files.clone();
            let read = move || {
                places
                    .iter()
                    .map(|(id, place)| files.read(place).map(|bytes| (*id, bytes)))
                    .collect()
            };
            found.extend(blocking::<Vec<_>>(read).await?);
        }
        found.sort_by_key(|(id, _)| *id);
        for (message, _) in messages {
            let at = found
                .binary_search_by_key(&message.id, |(id, _)| *id)
                .map_err(|_| Error::Bug(format!("message {} has lost its bytes", message.id)))?;
            message.bytes = found.get(at).map(|(_, bytes)| bytes.clone()).unwrap_or_default();
        }
        Ok(())
    }

    /// Within the transaction that drops the messages.
    pub(super) async fn drop(
        &self,
        tx: &mut Tx<'_>,
        gone: &[(Uuid, Option<Place>)],
    ) -> Result<(), Error> {
        let ids = gone.iter().filter(|(_, place)| place.is_none()).map(|(id, _)| *id).collect();
        store::drop_bodies(tx, ids).await
    }

    /// Nothing refers to these places: their messages are gone, or were never committed.
    pub(super) fn release<'p>(&self, places: impl IntoIterator<Item = &'p Place>) {
        if let (Some(files), true) = (&self.files, self.appends) {
            files.release(places);
        }
    }
}

/// A full or broken disk heals or not; the client hears 451 either way.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, Error> {
    let away = |error: std::io::Error| Error::Away(Unavailable(format!("spool file: {error}")));
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(away),
        Err(error) => Err(Error::Bug(error.to_string())),
    }
}

/// Up to this size one fsync less is worth more than writing twice.
const INLINE_MAX: usize = 16 * 1024;
