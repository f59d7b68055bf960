//! The way back from a folded text to the original, piece by piece.
//!
//! Folds a second time, slowly, and only what is asked about; [`super::Folded`] is the fold itself
//! and a test holds the two to the same.

use std::ops::Range;

use super::letters::{self, is_unseen};

/// A stretch of text folded with every piece's source remembered.
pub(super) struct Way {
    #[cfg(test)]
    text: Vec<u8>,
    /// Sorted by place in the folded text; the last one stands at its end.
    pieces: Vec<Piece>,
}

/// Where a stretch of the folded text came from; it reaches to the next piece.
#[derive(Clone, Copy, Debug)]
struct Piece {
    folded: usize,
    original: usize,
    /// Byte for byte as in the original; otherwise one character became something else.
    even: bool,
}

impl Way {
    pub(super) fn of(text: &str) -> Self {
        let mut fold = Fold::new(text);
        for (at, c) in text.char_indices() {
            match u8::try_from(c) {
                Ok(byte) if byte.is_ascii() => fold.ascii(byte, at),
                Ok(_) | Err(_) => fold.other(c, at),
            }
        }
        fold.finish(text.len())
    }

    /// The range of the original that a range of the folded text came from.
    pub(super) fn back(&self, range: Range<usize>) -> Range<usize> {
        let start = match self.piece(range.start) {
            Some((_, piece)) if piece.even => piece.original + (range.start - piece.folded),
            Some((_, piece)) => piece.original,
            None => 0,
        };
        if range.end <= range.start {
            return start..start;
        }
        let end = match self.piece(range.end - 1) {
            Some((_, piece)) if piece.even => piece.original + (range.end - piece.folded),
            Some((index, _)) => self.pieces.get(index + 1).map_or(start, |next| next.original),
            None => start,
        };
        start..end.max(start)
    }

    /// The last piece that begins at or before a place.
    fn piece(&self, at: usize) -> Option<(usize, Piece)> {
        let index = self.pieces.partition_point(|piece| piece.folded <= at).checked_sub(1)?;
        self.pieces.get(index).map(|piece| (index, *piece))
    }

    #[cfg(test)]
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }
}

/// A fold under way.
struct Fold {
    text: Vec<u8>,
    back: Vec<Piece>,
    /// Place of the original that continues the current even piece.
    next: usize,
    even: bool,
    /// A space was read and not yet written: from where, and whether it was ASCII.
    space: Option<(usize, bool)>,
}

impl Fold {
    fn new(text: &str) -> Self {
        Self {
            text: Vec::with_capacity(text.len()),
            back: Vec::with_capacity(8),
            next: usize::MAX,
            even: false,
            space: None,
        }
    }

    #[inline]
    fn ascii(&mut self, byte: u8, at: usize) {
        if byte > b' ' && byte != 0x7f {
            if self.space.is_some() {
                self.write_space();
            }
            self.even_at(at);
            self.text.push(byte.to_ascii_lowercase());
        } else if self.space.is_none() {
            self.space = Some((at, true));
        }
    }

    fn other(&mut self, c: char, at: usize) {
        if is_unseen(c) {
            return;
        }
        if letters::is_space_or_picture(c) {
            if self.space.is_none() {
                self.space = Some((at, false));
            }
            return;
        }
        let begin = self.text.len();
        let had_space = self.space;
        if had_space.is_some() {
            self.write_space();
        }
        let folded = self.text.len();
        letters::fold_into(c, &mut self.text);
        if self.text.len() == folded {
            // Nothing but marks: as if it had not stood there.
            self.text.truncate(begin);
            while self.back.last().is_some_and(|piece| piece.folded >= begin && begin > 0) {
                self.back.pop();
            }
            self.space = had_space;
            self.even = false;
            return;
        }
        self.back.push(Piece { folded, original: at, even: false });
        // What follows begins here, so that the end of this character is known.
        self.back.push(Piece { folded: self.text.len(), original: at + c.len_utf8(), even: true });
        self.next = at + c.len_utf8();
        self.even = true;
    }

    fn write_space(&mut self) {
        let Some((at, one_byte)) = self.space.take() else { return };
        if self.text.is_empty() {
            return;
        }
        if one_byte {
            self.even_at(at);
        } else {
            self.back.push(Piece { folded: self.text.len(), original: at, even: false });
            self.even = false;
        }
        self.text.push(b' ');
    }

    #[inline]
    fn even_at(&mut self, at: usize) {
        if !self.even || self.next != at {
            self.back.push(Piece { folded: self.text.len(), original: at, even: true });
            self.even = true;
        }
        self.next = at + 1;
    }

    fn finish(mut self, length: usize) -> Way {
        self.back.push(Piece { folded: self.text.len(), original: length, even: true });
        Way {
            #[cfg(test)]
            text: self.text,
            pieces: self.back,
        }
    }
}
