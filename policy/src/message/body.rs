//! A body with its transfer encoding and charset undone, and the way back to the bytes.

use std::{borrow::Cow, ops::Range};

use memchr::memchr;

use super::{
    Encoding,
    charset::{self, Width},
};

/// A decoded text and where its pieces stand in the message.
pub(crate) struct Decoded<'a> {
    pub(crate) text: Cow<'a, str>,
    width: Width,
    transfer: Transfer,
    /// The body in the message's bytes.
    body: Range<usize>,
    /// Remembers a place in the text and in the decoded bytes, because questions come in order.
    cursor: (usize, usize),
}

/// How places in the decoded bytes lead back to the body.
enum Transfer {
    Same,
    /// Places in the decoded bytes and in the body from which both run on evenly.
    Quoted(Vec<(usize, usize)>),
    /// The same for base64: four characters for three bytes.
    Base64(Vec<(usize, usize)>),
}

impl<'a> Decoded<'a> {
    /// `raw` stands at `start` in the message. `None` where encoding or charset is not known.
    pub(super) fn of(raw: &'a [u8], start: usize, encoding: Encoding, label: &str) -> Option<Self> {
        let (bytes, transfer) = match encoding {
            Encoding::SevenBit | Encoding::EightBit | Encoding::Binary => {
                (Cow::Borrowed(raw), Transfer::Same)
            }
            Encoding::QuotedPrintable => {
                let (bytes, pieces) = quoted_printable(raw);
                (Cow::Owned(bytes), Transfer::Quoted(pieces))
            }
            Encoding::Base64 => {
                let (bytes, pieces) = base64_with_pieces(raw);
                (Cow::Owned(bytes), Transfer::Base64(pieces))
            }
            Encoding::Unknown => return None,
        };
        let (text, width) = charset::decode(bytes, label)?;
        Some(Self { text, width, transfer, body: start..start + raw.len(), cursor: (0, 0) })
    }

    /// The text is the body's bytes as they stand.
    pub(crate) fn is_verbatim(&self) -> bool {
        matches!((self.width, &self.transfer), (Width::Same, Transfer::Same))
    }

    /// The bytes of the message that a range of the text came from, at least.
    pub(crate) fn raw(&mut self, range: Range<usize>) -> Range<usize> {
        if self.is_verbatim() {
            return self.body.start + range.start..self.body.start + range.end;
        }
        let bytes = match self.width {
            Width::Same => range,
            Width::Single => self.counted(range.start, |_| 1)..self.counted(range.end, |_| 1),
            Width::Double => {
                let units = |c: char| 2 * c.len_utf16();
                self.counted(range.start, units)..self.counted(range.end, units)
            }
            Width::Vague => return self.body.clone(),
        };
        let (start, end) = match &self.transfer {
            Transfer::Same => (bytes.start, bytes.end),
            Transfer::Quoted(pieces) => (
                even(pieces, bytes.start, |from, way| from + way),
                if bytes.is_empty() {
                    even(pieces, bytes.start, |from, way| from + way)
                } else {
                    end_of(pieces, bytes.end)
                },
            ),
            Transfer::Base64(pieces) => (
                even(pieces, bytes.start, |from, way| from + way * 4 / 3),
                even(pieces, bytes.end, |from, way| from + (way * 4).div_ceil(3)),
            ),
        };
        let place = |at: usize| self.body.start.saturating_add(at).min(self.body.end);
        place(start)..place(end.max(start))
    }

    /// Where in the text these ranges of the message's bytes came to, the other way round of
    /// [`Self::raw`]; an empty one where that cannot be told.
    pub(crate) fn within(&mut self, ranges: &[Range<usize>]) -> Vec<Range<usize>> {
        let mut found = vec![(0, 0); ranges.len()];
        if !matches!(self.width, Width::Vague) {
            let in_order = |edge: fn(&Range<usize>) -> usize| {
                let mut order: Vec<(usize, usize)> =
                    ranges.iter().map(edge).enumerate().map(|(at, edge)| (edge, at)).collect();
                order.sort_unstable();
                order.into_iter().peekable()
            };
            let (mut starts, mut ends) = (in_order(|one| one.start), in_order(|one| one.end));
            let mut at = 0;
            loop {
                let next = self.text.get(at..).and_then(|rest| rest.chars().next());
                // Behind the last character everything ends.
                let raw = match next {
                    Some(c) => self.raw(at..at + c.len_utf8()),
                    None => usize::MAX..usize::MAX,
                };
                while let Some((_, own)) = starts.next_if(|(start, _)| *start <= raw.start) {
                    found.get_mut(own).into_iter().for_each(|one| one.0 = at);
                }
                while let Some((_, own)) = ends.next_if(|(end, _)| *end < raw.end) {
                    found.get_mut(own).into_iter().for_each(|one| one.1 = at);
                }
                match next {
                    Some(c) if ends.peek().is_some() => at += c.len_utf8(),
                    Some(_) | None => break,
                }
            }
        }
        found.into_iter().map(|(start, end)| start..end.max(start)).collect()
    }

    /// Decoded bytes before a place in the text, by the width of each character.
    fn counted(&mut self, at: usize, width: impl Fn(char) -> usize) -> usize {
        if at < self.cursor.0 {
            self.cursor = (0, 0);
        }
        let between = self.text.get(self.cursor.0..at).unwrap_or_default();
        let bytes: usize = between.chars().map(width).sum();
        self.cursor = (self.cursor.0 + between.len(), self.cursor.1 + bytes);
        self.cursor.1
    }
}

/// Follows the last piece that begins at or before `at`, not beyond the next one.
fn even(pieces: &[(usize, usize)], at: usize, along: impl Fn(usize, usize) -> usize) -> usize {
    let index = pieces.partition_point(|(decoded, _)| *decoded <= at);
    let next = pieces.get(index).map_or(usize::MAX, |(_, raw)| *raw);
    match index.checked_sub(1).and_then(|index| pieces.get(index)) {
        Some((decoded, raw)) => along(*raw, at - decoded).min(next),
        None => 0,
    }
}

/// The end of what ends at `at`: the whole escape where an escape ends there.
fn end_of(pieces: &[(usize, usize)], at: usize) -> usize {
    let index = pieces.partition_point(|(decoded, _)| *decoded < at);
    match pieces.get(index) {
        Some((decoded, raw)) if *decoded == at => *raw,
        Some(_) | None => even(pieces, at, |from, way| from + way),
    }
}

/// RFC 2045 §6.7, leniently: an escape that is none stays as it stands.
fn quoted_printable(raw: &[u8]) -> (Vec<u8>, Vec<(usize, usize)>) {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut pieces = vec![(0, 0)];
    let mut at = 0;
    while let Some(rest) = raw.get(at..) {
        let Some(escape) = memchr(b'=', rest) else {
            bytes.extend_from_slice(rest);
            break;
        };
        bytes.extend_from_slice(rest.get(..escape).unwrap_or_default());
        let after = rest.get(escape + 1..).unwrap_or_default();
        at += escape + 1;
        if let Some(byte) = hex_pair(Some(after)) {
            bytes.push(byte);
            at += 2;
        } else if let Some(length) = soft_break(after) {
            at += length;
        } else {
            bytes.push(b'=');
            continue;
        }
        pieces.push((bytes.len(), at));
    }
    (bytes, pieces)
}

/// Two hexadecimal digits; lower case is not allowed and common.
pub(super) fn hex_pair(after: Option<&[u8]>) -> Option<u8> {
    let [high, low, ..] = after? else { return None };
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    Some(digit(*high)? << 4 | digit(*low)?)
}

/// White space and a line end after `=`, or the end of the body.
fn soft_break(after: &[u8]) -> Option<usize> {
    let blank = after.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    match after.get(blank..)? {
        [] => Some(blank),
        [b'\n', ..] => Some(blank + 1),
        [b'\r', b'\n', ..] => Some(blank + 2),
        _ => None,
    }
}

/// So many bytes of a body at most, transfer encoding undone; none where that is not known.
pub(super) fn beginning(raw: &[u8], encoding: Encoding, bytes_max: usize) -> Cow<'_, [u8]> {
    let first = |length: usize| raw.get(..length).unwrap_or(raw);
    match encoding {
        Encoding::SevenBit | Encoding::EightBit | Encoding::Binary => first(bytes_max).into(),
        // Three characters for a byte, or four for three and the line ends.
        Encoding::QuotedPrintable => quoted_printable(first(bytes_max.saturating_mul(3))).0.into(),
        Encoding::Base64 => base64(first(bytes_max.saturating_mul(2))).into(),
        Encoding::Unknown => Cow::default(),
    }
}

pub(super) fn base64(raw: &[u8]) -> Vec<u8> {
    base64_with_pieces(raw).0
}

/// RFC 2045 §6.8, leniently: what is no base64 letter is skipped, padding begins anew.
fn base64_with_pieces(raw: &[u8]) -> (Vec<u8>, Vec<(usize, usize)>) {
    let mut bytes = Vec::with_capacity(raw.len() / 4 * 3 + 3);
    let mut pieces = vec![(0, 0)];
    let mut at = 0;
    let (mut bits, mut count) = (0_u32, 0_u32);
    while at < raw.len() {
        // Whole groups, as nearly all of a body is.
        while count == 0
            && let Some(&[a, b, c, d]) = raw.get(at..at + 4)
        {
            let (a, b, c, d) = (value(a), value(b), value(c), value(d));
            if (a | b | c | d) & NO_LETTER != 0 {
                break;
            }
            let [_, x, y, z] =
                (u32::from(a) << 18 | u32::from(b) << 12 | u32::from(c) << 6 | u32::from(d))
                    .to_be_bytes();
            bytes.extend_from_slice(&[x, y, z]);
            at += 4;
        }
        let Some(&byte) = raw.get(at) else { break };
        at += 1;
        let letter = value(byte);
        if letter & NO_LETTER == 0 {
            bits = bits << 6 | u32::from(letter);
            count += 6;
            if count >= 8 {
                count -= 8;
                bytes.push(u8::try_from(bits >> count & 0xff).unwrap_or_default());
            }
            continue;
        }
        if byte == b'=' {
            (bits, count) = (0, 0);
        }
        if count == 0 {
            match pieces.last_mut() {
                Some(last) if last.0 == bytes.len() => last.1 = at,
                Some(_) | None => pieces.push((bytes.len(), at)),
            }
        }
    }
    (bytes, pieces)
}

const NO_LETTER: u8 = 0x80;

fn value(byte: u8) -> u8 {
    VALUES.get(usize::from(byte)).copied().unwrap_or(NO_LETTER)
}

#[expect(clippy::indexing_slicing, reason = "runs while compiling, where a panic is an error")]
static VALUES: [u8; 256] = {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut values = [NO_LETTER; 256];
    let mut index = 0;
    while index < letters.len() {
        values[letters[index] as usize] = index as u8;
        index += 1;
    }
    values
};

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(raw: &str, encoding: Encoding, label: &str) -> String {
        Decoded::of(raw.as_bytes(), 0, encoding, label).unwrap().text.into_owned()
    }

    #[test]
    fn quoted_printable_is_read_as_readers_do() {
        for (raw, text) in [
            ("P=C5=99=c3=ad=\r\nli=C5=A1", "Příliš"),
            ("a= \t\r\nb=\nc=", "abc"),
            ("100 % = x =zz =4", "100 % = x =zz =4"),
            ("=3D=3D", "=="),
            ("", ""),
        ] {
            assert_eq!(decoded(raw, Encoding::QuotedPrintable, "utf-8"), text, "{raw}");
        }
    }

    #[test]
    fn base64_is_read_as_readers_do() {
        for (raw, text) in [
            ("UMWZw61s\r\nacWh", "Příliš"),
            ("UMWZw61sacWh\r\n", "Příliš"),
            ("UMW\r\nZw61s acWh", "Příliš"),
            ("YQ==YQ==", "aa"),
            ("YWI", "ab"),
            ("!!!!", ""),
            ("Y", ""),
        ] {
            assert_eq!(decoded(raw, Encoding::Base64, "utf-8"), text, "{raw}");
        }
    }

    #[test]
    fn every_place_leads_back_to_bytes_that_decode_to_it() {
        let raw = "Ahoj =C5=99=\r\n=C3=AD x=3Dy";
        let mut read = Decoded::of(raw.as_bytes(), 0, Encoding::QuotedPrintable, "utf-8").unwrap();
        for (word, source) in
            [("Ahoj", "Ahoj"), ("ř", "=C5=99"), ("í", "=C3=AD"), (" x", " x"), ("=y", "=3Dy")]
        {
            let at = read.text.find(word).unwrap();
            let back = read.raw(at..at + word.len());
            assert!(raw[back.clone()].starts_with(source), "{word}: {}", &raw[back]);
        }
        let whole = [5..9, 5..20, 0..4, 5..5, 500..900];
        assert_eq!(read.within(&whole), [5..5, 5..9, 0..4, 5..5, 13..13]);
        let raw = "UMWZw61s\r\nacWhIQ==";
        let mut read = Decoded::of(raw.as_bytes(), 100, Encoding::Base64, "utf-8").unwrap();
        let at = read.text.find('i').unwrap();
        assert_eq!(read.raw(at..at + 1), 110..112);
        let whole = read.raw(0..read.text.len());
        assert!(whole.start == 100 && whole.end >= 116, "{whole:?}");
        let raw = [b'a', 0xf8, b'b'];
        let mut read = Decoded::of(&raw, 0, Encoding::EightBit, "windows-1250").unwrap();
        assert_eq!(read.raw(3..4), 2..3);
        assert_eq!(read.raw(1..3), 1..2);
    }
}
