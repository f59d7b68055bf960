//! Bytes of large messages in append-only files beside SQLite's: written once, not twice as the
//! database would, and one fdatasync for a whole group.
//!
//! A row refers to bytes only after they are on disk, so what a crash tears is never read. A file
//! goes when no kept message refers to it any more; which do is counted, and counted anew at start.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use super::body::Place;
use crate::owned;

#[derive(Debug)]
pub(super) struct Segments {
    folder: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    current: Option<Current>,
    last: i64,
    /// Kept messages in each file.
    live: BTreeMap<i64, u64>,
}

#[derive(Debug)]
struct Current {
    segment: i64,
    file: File,
    end: i64,
}

impl Segments {
    /// Beside the database's file. `kept` is every place that a message refers to; files that
    /// none refers to are removed. For a reader `kept` is `None`, and nothing is touched.
    pub(super) fn open(database: &Path, kept: Option<&[Place]>) -> io::Result<Self> {
        let folder = database.with_extension("bodies");
        let mut state = State::default();
        if let Some(kept) = kept {
            owned::folder(&folder)?;
            for place in kept {
                *state.live.entry(place.segment).or_default() += 1;
            }
            for file in std::fs::read_dir(&folder)? {
                let path = file?.path();
                let Some(segment) = number(&path) else { continue };
                state.last = state.last.max(segment);
                if !state.live.contains_key(&segment) {
                    std::fs::remove_file(path)?;
                }
            }
            state.last = state.live.keys().copied().max().unwrap_or(0).max(state.last);
        }
        Ok(Self { folder, state: Mutex::new(state) })
    }

    /// Appends all of them; they are on disk when it returns. Blocks.
    pub(super) fn append(&self, all: &[&[u8]]) -> io::Result<Vec<Place>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // Whatever fails below leaves no current file: the next append begins a fresh one.
        let mut current = match state.current.take() {
            Some(current) if current.end < SEGMENT_MAX => current,
            full => {
                state.last += 1;
                if let Some(Current { segment, .. }) = full
                    && state.live.get(&segment) == Some(&0)
                {
                    state.live.remove(&segment);
                    self.remove(segment);
                }
                self.begin(state.last)?
            }
        };
        let mut file = &current.file;
        let mut places = Vec::with_capacity(all.len());
        for bytes in all {
            file.write_all(bytes)?;
            let length = i64::try_from(bytes.len()).map_err(io::Error::other)?;
            places.push(Place { segment: current.segment, offset: current.end, length });
            current.end += length;
        }
        file.sync_data()?;
        // Counted before the commit, so that a file in use is never taken for an empty one.
        *state.live.entry(current.segment).or_default() += places.len() as u64;
        state.current = Some(current);
        Ok(places)
    }

    fn begin(&self, segment: i64) -> io::Result<Current> {
        let file = owned::options().write(true).create_new(true).open(self.path(segment))?;
        // The file's name has to survive a power cut as its bytes do.
        File::open(&self.folder)?.sync_all()?;
        Ok(Current { segment, file, end: 0 })
    }

    /// The bytes at a place, whatever they are. Blocks.
    pub(super) fn read(&self, place: &Place) -> io::Result<Vec<u8>> {
        let length = usize::try_from(place.length).map_err(io::Error::other)?;
        let offset = u64::try_from(place.offset).map_err(io::Error::other)?;
        let mut bytes = vec![0; length];
        File::open(self.path(place.segment))?.read_exact_at(&mut bytes, offset)?;
        Ok(bytes)
    }

    /// Nothing refers to these any more.
    pub(super) fn release<'p>(&self, places: impl IntoIterator<Item = &'p Place>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let growing = state.current.as_ref().map(|current| current.segment);
        for place in places {
            let Some(count) = state.live.get_mut(&place.segment) else { continue };
            *count = count.saturating_sub(1);
            if *count == 0 && growing != Some(place.segment) {
                state.live.remove(&place.segment);
                self.remove(place.segment);
            }
        }
    }

    fn remove(&self, segment: i64) {
        if let Err(error) = std::fs::remove_file(self.path(segment)) {
            tracing::warn!(segment, %error, "a spool file stays");
        }
    }

    fn path(&self, segment: i64) -> PathBuf {
        self.folder.join(format!("{segment:012}.segment"))
    }
}

fn number(path: &Path) -> Option<i64> {
    let name = path.file_name()?.to_str()?;
    name.strip_suffix(".segment")?.parse().ok()
}

/// Bytes after which a new file is begun.
const SEGMENT_MAX: i64 = 64 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn files(folder: &Path) -> usize {
        std::fs::read_dir(folder.join("x.bodies")).unwrap().count()
    }

    #[test]
    fn what_is_appended_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let segments = Segments::open(&folder.path().join("x.db"), Some(&[])).unwrap();
        let places = segments.append(&[&b"one"[..], b"", b"three"]).unwrap();
        let read: Vec<_> = places.iter().map(|place| segments.read(place).unwrap()).collect();
        assert_eq!(read, [&b"one"[..], b"", b"three"]);
        let beyond = Place { offset: 6, ..places[2].clone() };
        assert!(segments.read(&beyond).is_err());
    }

    #[test]
    fn a_file_goes_with_its_last_message_but_not_while_it_grows() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("x.db");
        let segments = Segments::open(&database, Some(&[])).unwrap();
        let places = segments.append(&[&b"one"[..], b"two"]).unwrap();
        segments.release(&places);
        assert_eq!(files(folder.path()), 1, "it is the current one");
        let kept = segments.append(&[b"three"]).unwrap();
        let again = Segments::open(&database, Some(&kept)).unwrap();
        assert_eq!(again.read(&kept[0]).unwrap(), b"three");
        let next = again.append(&[b"four"]).unwrap();
        assert_ne!(next[0].segment, kept[0].segment, "a torn end is never written over");
        again.release(&kept);
        assert_eq!(files(folder.path()), 1);
        assert_eq!(again.read(&next[0]).unwrap(), b"four");
        Segments::open(&database, Some(&[])).unwrap();
        assert_eq!(files(folder.path()), 0, "left over by a crash");
    }
}
