//! The fold itself: plain text eight bytes at a time, the letters of our languages by table,
//! whatever else is written by the tables of Unicode.

use super::{Folded, Mark, eight, letters};

/// Bytes between two marks, about.
const MARK_BYTES: usize = 256;

pub(super) fn fold(text: &str) -> Folded {
    let bytes = text.as_bytes();
    let mut fold = Fold {
        text,
        folded: vec![0; bytes.len() + 8],
        piece: Vec::new(),
        marks: Marks { all: Vec::with_capacity(bytes.len() / MARK_BYTES), next: MARK_BYTES },
    };
    let (mut at, mut written) = (0, 0);
    // The first of eight where what is written ends with a space, or nothing is.
    let mut after_blank = FIRST;
    while at < bytes.len() {
        let eight = eight::load(bytes, at);
        let blanks = eight::below(eight, b' ' + 1);
        // A letter of two bytes may begin with the last.
        let length = 8 - usize::from(eight >> 62 == 0b11);
        let odd = blanks & (eight::after(blanks) | after_blank) | eight::at_least(eight, 0x7f);
        match letters(eight, blanks).filter(|_| odd == 0) {
            Some((plain, shorter)) => {
                let blank = usize::from(blanks & FIRST != 0);
                fold.marks.pass(written + blank, at + blank);
                fold.put(written, plain);
                written += length - shorter;
                at += length;
                after_blank = blanks >> (8 * (length - 1)) & FIRST;
            }
            None => {
                (at, written) = fold.each(at, written);
                after_blank = if fold.is_blank(written) { FIRST } else { 0 };
            }
        }
    }
    fold.finish(written)
}

const FIRST: u64 = 0x80;

/// Eight bytes folded, and how many fewer they are, where each is ASCII or a letter of two bytes
/// that folds to one.
#[inline]
fn letters(eight: u64, blanks: u64) -> Option<(u64, usize)> {
    let mut plain = eight::replace(eight::lower(eight), blanks, b' ');
    let mut begins = eight & eight << 1 & (eight::HIGH >> 8);
    let mut shorter = 0;
    // From the last on, so that the places of those before stay.
    while begins != 0 {
        let bits = 8 * eight::last(begins);
        let [first, second, ..] = (eight >> bits).to_le_bytes();
        let letter = letters::two_bytes(first, second)?;
        // The letter in the place of the first byte, what follows in that of the second.
        let from = u64::MAX << bits;
        plain = plain & !from | u64::from(letter) << bits | plain >> 8 & from << 8;
        begins &= !from;
        shorter += 1;
    }
    Some((plain, shorter))
}

/// A fold under way.
struct Fold<'a> {
    text: &'a str,
    /// Longer than what is written by eight bytes and by what is still to be folded.
    folded: Vec<u8>,
    /// What one character folds to.
    piece: Vec<u8>,
    marks: Marks,
}

struct Marks {
    all: Vec<Mark>,
    next: usize,
}

impl Marks {
    /// A character that is shown stands here.
    #[inline]
    fn pass(&mut self, folded: usize, original: usize) {
        if folded >= self.next {
            self.all.push(Mark { folded, original });
            self.next = folded + MARK_BYTES;
        }
    }
}

impl Fold<'_> {
    #[inline]
    fn put(&mut self, at: usize, bytes: u64) {
        if let Some(place) = self.folded.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
            *place = bytes.to_le_bytes();
        }
    }

    /// Folds about eight bytes one character at a time: the place after them, and how much is
    /// written then.
    #[inline(never)]
    fn each(&mut self, at: usize, mut written: usize) -> (usize, usize) {
        let mut next = at;
        for c in self.text.get(at..).unwrap_or_default().chars() {
            written = self.one(c, next, written);
            next += c.len_utf8();
            if next >= at + 8 {
                break;
            }
        }
        (next, written)
    }

    fn is_blank(&self, written: usize) -> bool {
        let last = written.checked_sub(1).and_then(|last| self.folded.get(last));
        last.is_none_or(|last| *last == b' ')
    }

    fn one(&mut self, c: char, at: usize, written: usize) -> usize {
        if letters::is_unseen(c) {
            return written;
        }
        if letters::is_space_or_picture(c) {
            if self.is_blank(written) {
                return written;
            }
            self.put(written, b' '.into());
            return written + 1;
        }
        self.piece.clear();
        letters::fold_into(c, &mut self.piece);
        if self.piece.is_empty() {
            return written;
        }
        self.marks.pass(written, at);
        let longer = self.piece.len().saturating_sub(c.len_utf8());
        self.folded.resize(self.folded.len() + longer, 0);
        let end = written + self.piece.len();
        if let Some(place) = self.folded.get_mut(written..end) {
            place.copy_from_slice(&self.piece);
        }
        end
    }

    fn finish(mut self, mut written: usize) -> Folded {
        if self.is_blank(written) {
            written = written.saturating_sub(1);
        }
        self.folded.truncate(written);
        let text = String::from_utf8(self.folded)
            .unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into_owned());
        Folded { text, marks: self.marks.all }
    }
}
