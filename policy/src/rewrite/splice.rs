//! Replacements of byte ranges, collected first and applied in one pass.
//!
//! Everything between two splices is copied as it stands. Not here: what to replace.

use std::ops::Range;

use bytes::Bytes;

use crate::Message;

/// Replacements, in no order; two at one place stand in the order they were added.
#[derive(Debug, Default)]
pub(super) struct Splices {
    list: Vec<Splice>,
    /// Ends of lines that lack their line end.
    open: Vec<usize>,
}

#[derive(Debug)]
struct Splice {
    at: Range<usize>,
    with: Vec<u8>,
    /// It continues or replaces a field's value: it stands before anything else put at its place.
    value: bool,
}

impl Splices {
    pub(super) fn insert(&mut self, at: usize, with: Vec<u8>) {
        if !with.is_empty() {
            self.list.push(Splice { at: at..at, with, value: false });
        }
    }

    pub(super) fn replace(&mut self, at: Range<usize>, with: Vec<u8>) {
        self.list.push(Splice { at, with, value: false });
    }

    /// Replaces in the value of a field; with an empty range, puts something into it.
    pub(super) fn value(&mut self, at: Range<usize>, with: Vec<u8>) {
        self.list.push(Splice { at, with, value: true });
    }

    /// What is inserted at this place is to begin on a line of its own.
    pub(super) fn open_line(&mut self, at: usize) {
        self.open.push(at);
    }

    pub(super) fn remove(&mut self, at: Range<usize>) {
        self.replace(at, Vec::new());
    }

    /// The message with every replacement made; the same bytes where there is none.
    pub(super) fn apply(mut self, message: &Message) -> Bytes {
        let bytes = message.bytes();
        self.list.retain(|splice| message.raw(splice.at.clone()) != splice.with);
        if self.list.is_empty() {
            return bytes.clone();
        }
        for at in std::mem::take(&mut self.open) {
            let first = self.list.iter().position(|splice| splice.at == (at..at) && !splice.value);
            if let Some(first) = first {
                let with = b"\r\n".to_vec();
                self.list.insert(first, Splice { at: at..at, with, value: false });
            }
        }
        // What is inserted stands before what is replaced at the same place.
        self.list.sort_by_key(|splice| (splice.at.start, !splice.at.is_empty(), !splice.value));
        let more: usize = self.list.iter().map(|splice| splice.with.len()).sum();
        let mut out = Vec::with_capacity(bytes.len().saturating_add(more));
        let mut done = 0;
        for splice in &self.list {
            // A field both removed and changed: the first of the two counts.
            if splice.at.start < done {
                continue;
            }
            out.extend_from_slice(message.raw(done..splice.at.start));
            out.extend_from_slice(&splice.with);
            done = splice.at.end;
        }
        out.extend_from_slice(message.raw(done..bytes.len()));
        Bytes::from(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacements_apply_in_the_order_of_their_places() {
        let message = Message::parse(Bytes::from_static(b"A: 1\r\nB: 2\r\n\r\nx\r\n"));
        let mut splices = Splices::default();
        splices.insert(12, b"C: 3\r\n".to_vec());
        splices.replace(3..4, b"one".to_vec());
        splices.insert(12, b"D: 4\r\n".to_vec());
        splices.remove(6..12);
        assert_eq!(splices.apply(&message), &b"A: one\r\nC: 3\r\nD: 4\r\n\r\nx\r\n"[..]);
    }

    #[test]
    fn nothing_to_replace_gives_the_same_bytes() {
        let message = Message::parse(Bytes::from(b"A: 1\r\n\r\nx\r\n".to_vec()));
        let mut splices = Splices::default();
        splices.replace(3..4, b"1".to_vec());
        let out = splices.apply(&message);
        assert_eq!(out.as_ptr(), message.bytes().as_ptr());
    }
}
