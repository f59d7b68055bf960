//! Base64 bodies (RFC 2045 §6.8): reading, and writing again from the line of the first change on.

use std::ops::Range;

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// 57 octets make one full line of 76 characters.
const LINE_OCTETS: usize = 57;

/// Mail without its last `=` is common; stray bits behind the last octet are not rare.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The octets; `None` where anything but the alphabet and white space stands in it, because
/// readers do not agree on what that means.
pub(super) fn decode(raw: &[u8]) -> Option<Vec<u8>> {
    let mut compact = Vec::with_capacity(raw.len());
    for line in raw.split(|byte| *byte == b'\n') {
        let line = line.trim_ascii();
        if line.iter().any(u8::is_ascii_whitespace) {
            compact.extend(line.iter().filter(|byte| !byte.is_ascii_whitespace()));
        } else {
            compact.extend_from_slice(line);
        }
    }
    ENGINE.decode(compact).ok()
}

/// The changes to a body: the raw range from the first changed line on, and what stands there.
/// `old` is what `raw` decodes to; `first` the first octet that changes; `new` all octets after.
pub(super) fn splice(raw: &[u8], first: usize, new: &[u8]) -> (Range<usize>, Vec<u8>) {
    let (from, octets) = line_before(raw, first);
    let blank = raw.iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
    let tail = raw.get(raw.len() - blank..).unwrap_or_default();
    let mut out = Vec::with_capacity(raw.len() - from + new.len());
    for line in new.get(octets..).unwrap_or_default().chunks(LINE_OCTETS) {
        if !out.is_empty() {
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(ENGINE.encode(line).as_bytes());
    }
    out.extend_from_slice(tail);
    (from..raw.len(), out)
}

/// The last line that begins at or before that octet and on a whole group of four characters:
/// where it begins, and its first octet.
fn line_before(raw: &[u8], octet: usize) -> (usize, usize) {
    let (mut best, mut start, mut characters) = ((0, 0), 0, 0);
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        if characters % 4 == 0 {
            let octets = characters / 4 * 3;
            if octets > octet {
                break;
            }
            best = (start, octets);
        }
        start += line.len();
        characters += line.iter().filter(|byte| !byte.is_ascii_whitespace()).count();
    }
    best
}

/// A whole body in lines of 76, the last with its line end.
pub(super) fn encode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 3 * 4 + text.len() / LINE_OCTETS * 2 + 8);
    for line in text.chunks(LINE_OCTETS) {
        out.extend_from_slice(ENGINE.encode(line).as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_from_the_change_on_are_written_again() {
        let old: Vec<u8> = (0..200_u8).collect();
        let raw = encode(&old);
        for first in 0..=old.len() {
            let mut new = old.clone();
            new.splice(first..first, *b"inserted");
            let (range, with) = splice(&raw, first, &new);
            assert_eq!(range.start, (first / LINE_OCTETS).min(3) * 78, "{first}");
            let mut out = raw.clone();
            out.splice(range, with);
            assert_eq!(decode(&out).unwrap(), new, "{first}");
            assert!(out.ends_with(b"\r\n") && !out.ends_with(b"\r\n\r\n"));
        }
    }

    #[test]
    fn lines_of_odd_lengths_are_written_again_from_a_whole_group() {
        let raw = b"YWJj\r\nZG\r\nVm\r\nZ2hp";
        let (range, with) = splice(raw, 7, b"abcdefgXhi");
        assert_eq!((range.start, with.as_slice()), (14, &b"Z1hoaQ=="[..]));
    }

    #[test]
    fn what_readers_disagree_on_is_not_read() {
        for raw in [&b"YWJj!YWJj"[..], b"YQ==YQ==", b"YWJj\r\n-- \r\nx"] {
            assert_eq!(decode(raw), None, "{:?}", raw.escape_ascii());
        }
        assert_eq!(decode(b"YW Jj\r\n YQ\r\n").as_deref(), Some(&b"abca"[..]));
        assert_eq!(decode(b"").as_deref(), Some(&b""[..]));
    }
}
