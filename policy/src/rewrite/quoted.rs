//! Quoted-printable (RFC 2045 §6.7): reading with a way back to the raw bytes, and writing.

use std::ops::Range;

/// The longest encoded line (RFC 2045 §6.7, rule 5), the `=` of a soft break included.
const LINE_CHARS: usize = 76;
const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// A decoded text that knows where its bytes came from.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) bytes: Vec<u8>,
    /// How many bytes that are; stays when `bytes` is taken.
    pub(super) length: usize,
    /// For each raw line: where it begins in `bytes` and in the raw text.
    lines: Vec<(usize, usize)>,
}

/// Decodes; what is not well formed stands for itself.
pub(super) fn decode(raw: &[u8]) -> Decoded {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut lines = Vec::with_capacity(raw.len() / 60 + 1);
    let mut at = 0;
    while at < raw.len() {
        lines.push((bytes.len(), at));
        let line = line_at(raw, at);
        let text = raw.get(line.text.clone()).unwrap_or_default();
        let mut rest = text;
        while let Some(equals) = memchr::memchr(b'=', rest) {
            let (plain, encoded) = rest.split_at_checked(equals).unwrap_or((rest, &[]));
            bytes.extend_from_slice(plain);
            match hex(encoded) {
                Some(byte) => {
                    bytes.push(byte);
                    rest = encoded.get(3..).unwrap_or_default();
                }
                None => {
                    bytes.push(b'=');
                    rest = encoded.get(1..).unwrap_or_default();
                }
            }
        }
        bytes.extend_from_slice(rest);
        if line.hard {
            bytes.extend_from_slice(b"\r\n");
        }
        at = line.end;
    }
    Decoded { length: bytes.len(), bytes, lines }
}

struct Line {
    /// Without transport padding, soft break and line end.
    text: Range<usize>,
    /// It ends in a line break that is part of the text.
    hard: bool,
    /// Where the next line begins.
    end: usize,
}

fn line_at(raw: &[u8], at: usize) -> Line {
    let rest = raw.get(at..).unwrap_or_default();
    let (mut text, broken, end) = match memchr::memchr(b'\n', rest) {
        Some(feed) => (rest.get(..feed).unwrap_or_default(), true, at + feed + 1),
        None => (rest, false, raw.len()),
    };
    if broken {
        text = text.strip_suffix(b"\r").unwrap_or(text);
    }
    // Spaces at the end of a line were added on the way (rule 3).
    while let Some((b' ' | b'\t', before)) = text.split_last() {
        text = before;
    }
    let soft = text.ends_with(b"=");
    if soft {
        text = text.get(..text.len() - 1).unwrap_or_default();
    }
    Line { text: at..at + text.len(), hard: broken && !soft, end }
}

impl Decoded {
    /// The raw bytes that a decoded range came from. An empty range is a place to insert at: behind
    /// the byte before it where it is the end, else before the byte that follows.
    pub(super) fn raw_range(&self, raw: &[u8], range: Range<usize>) -> Range<usize> {
        if range.is_empty() {
            let at = if range.start >= self.length && range.start > 0 {
                self.unit(raw, range.start - 1).end
            } else {
                self.unit(raw, range.start).start
            };
            return at..at;
        }
        self.unit(raw, range.start).start..self.unit(raw, range.end - 1).end
    }

    /// The raw bytes of one decoded byte.
    fn unit(&self, raw: &[u8], target: usize) -> Range<usize> {
        let index = self.lines.partition_point(|(start, _)| *start <= target).saturating_sub(1);
        let Some((start, at)) = self.lines.get(index).copied() else { return 0..0 };
        let line = line_at(raw, at);
        let mut decoded = start;
        let mut position = line.text.start;
        while position < line.text.end {
            let unit = raw.get(position..line.text.end).unwrap_or_default();
            let length = if unit.first() == Some(&b'=') && hex(unit).is_some() { 3 } else { 1 };
            if decoded == target {
                return position..position + length;
            }
            decoded += 1;
            position += length;
        }
        // A hard line end is two bytes decoded; both stand for the whole of it.
        line.text.end..line.end
    }
}

/// `=C5` as a byte; both letter cases, as every reader takes them.
fn hex(text: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
    u8::try_from(digit(1)? * 16 + digit(2)?).ok()
}

/// Encodes text whose lines end in CRLF, beginning at `column` of a raw line. Returns the column
/// it ends at. A character of UTF-8 stays on one line.
pub(super) fn encode(out: &mut Vec<u8>, text: &[u8], column: usize) -> usize {
    let mut column = column;
    let mut at = 0;
    while let Some(byte) = text.get(at).copied() {
        if text.get(at..at + 2) == Some(b"\r\n") {
            out.extend_from_slice(b"\r\n");
            column = 0;
            at += 2;
            continue;
        }
        // Most of a text is plain and needs no look at each character.
        let room = (LINE_CHARS - 1).saturating_sub(column);
        let rest = text.get(at..).unwrap_or_default();
        let run =
            rest.iter().take(room).take_while(|b| matches!(b, b'!'..=b'<' | b'>'..=b'~')).count();
        if run > 0 {
            out.extend_from_slice(rest.get(..run).unwrap_or_default());
            column += run;
            at += run;
            continue;
        }
        let length = character(text, at);
        let next = text.get(at + length);
        let blank_at_end = matches!(byte, b' ' | b'\t') && matches!(next, None | Some(b'\r'));
        let plain = matches!(byte, b' '..=b'<' | b'>'..=b'~' | b'\t') && !blank_at_end;
        let width = if plain { 1 } else { 3 * length };
        if column + width > LINE_CHARS - 1 {
            out.extend_from_slice(b"=\r\n");
            column = 0;
        }
        for byte in text.get(at..at + length).unwrap_or_default() {
            if plain {
                out.push(*byte);
            } else {
                out.push(b'=');
                out.extend(HEX.get(usize::from(byte >> 4)));
                out.extend(HEX.get(usize::from(byte & 15)));
            }
        }
        column += width;
        at += length;
    }
    column
}

/// The length of the character at `at` if it is one of UTF-8, else 1.
fn character(text: &[u8], at: usize) -> usize {
    let length = match text.get(at) {
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        _ => return 1,
    };
    let rest = text.get(at + 1..at + length).unwrap_or_default();
    let whole = rest.len() + 1 == length && rest.iter().all(|byte| byte & 0xc0 == 0x80);
    if whole { length } else { 1 }
}

/// Encodes what stands in the place of `at` in the raw text, with soft breaks where its line would
/// become too long.
pub(super) fn splice(raw: &[u8], at: Range<usize>, text: &[u8]) -> Vec<u8> {
    let before = raw.get(..at.start).unwrap_or_default();
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count();
    let after = raw.get(at.end..).unwrap_or_default();
    let rest = after.iter().take_while(|byte| !matches!(byte, b'\r' | b'\n')).count();
    let mut out = Vec::with_capacity(text.len() + text.len() / 2 + 8);
    let end = encode(&mut out, text, column);
    if rest > 0 && end + rest > LINE_CHARS {
        out.extend_from_slice(b"=\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inserted(raw: &str, at: usize, text: &str) -> String {
        let decoded = decode(raw.as_bytes());
        let range = decoded.raw_range(raw.as_bytes(), at..at);
        let mut out = raw.as_bytes().to_vec();
        let with = splice(raw.as_bytes(), range.clone(), text.as_bytes());
        out.splice(range, with);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn decoding_follows_soft_breaks_and_padding() {
        for (raw, text) in [
            ("a=3Db", "a=b"),
            ("a=\r\nb\r\n", "ab\r\n"),
            ("a  \t\r\nb", "a\r\nb"),
            ("a= \r\nb", "ab"),
            ("=C5=99=", "ř"),
            ("=zz=4", "=zz=4"),
            ("=c5=99", "ř"),
            ("a\nb", "a\r\nb"),
            ("", ""),
        ] {
            assert_eq!(String::from_utf8(decode(raw.as_bytes()).bytes).unwrap(), text, "{raw:?}");
        }
    }

    #[test]
    fn every_place_of_a_text_can_be_written_at() {
        let raw = "P=C5=99=C3=\r\n=ADli=C5=A1 \r\n\r\n=3D=3D long long long long long long long long =\r\nend";
        let plain = decode(raw.as_bytes()).bytes;
        for at in 0..=plain.len() {
            // Between the halves of a line end nothing is ever put.
            if at > 0 && plain.get(at - 1..at + 1) == Some(b"\r\n") {
                continue;
            }
            let out = inserted(raw, at, "[žluťoučký kůň = ěščřžýáíé úpěl ďábelské ódy]");
            let mut expected = plain.clone();
            expected.splice(at..at, "[žluťoučký kůň = ěščřžýáíé úpěl ďábelské ódy]".bytes());
            assert_eq!(decode(out.as_bytes()).bytes, expected, "at {at}: {out}");
            assert!(out.split("\r\n").all(|line| line.len() <= LINE_CHARS), "at {at}: {out}");
        }
    }

    #[test]
    fn text_goes_before_a_last_soft_break() {
        assert_eq!(inserted("abc=\r\n", 3, "def"), "abcdef=\r\n");
        assert_eq!(inserted("abc   ", 3, "def"), "abcdef   ");
    }

    #[test]
    fn blanks_at_the_end_of_a_line_are_encoded() {
        let mut out = Vec::new();
        encode(&mut out, b"a \r\nb\t", 0);
        assert_eq!(out, b"a=20\r\nb=09");
    }

    #[test]
    fn a_character_is_never_split_between_lines() {
        let mut out = Vec::new();
        encode(&mut out, "a".repeat(71).as_bytes(), 0);
        let column = encode(&mut out, "ř€😀".as_bytes(), 71);
        assert_eq!(column, 27);
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("a=\r\n=C5=99=E2=82=AC=F0=9F=98=80"), "{text}");
    }
}
