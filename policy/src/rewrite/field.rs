//! Header fields of the message: where a new one goes, how one is written, what never gets in.
//!
//! Not here: what a label does to Subject or From.

use crate::{Header, Message};

use super::splice::Splices;

/// A line is at most this long without its line end (RFC 5322 §2.1.1) where it can be helped.
pub(super) const LINE_CHARS: usize = 78;

/// Adds a field below the last one, so that nothing else moves and what stands on top (trace
/// fields, signatures) stays on top.
pub(super) fn add(message: &Message, splices: &mut Splices, name: &str, value: &str) {
    let at = message.headers().last().map_or(0, |last| last.whole.end);
    splices.insert(at, [name, ": ", value, "\r\n"].concat().into_bytes());
}

/// Replaces the first field of that name and removes the others; adds one where there is none.
pub(super) fn set(message: &Message, splices: &mut Splices, name: &str, value: &str) {
    let mut fields = message.headers_named(name);
    let Some(first) = fields.next() else {
        add(message, splices, name, value);
        return;
    };
    if unfolded(message.raw(first.value.clone())) != unfolded(value.as_bytes()) {
        splices.value(first.value.clone(), [" ", value].concat().into_bytes());
    }
    for other in fields {
        splices.remove(other.whole.clone());
    }
}

/// The value on one line, runs of white space as one space, none at its ends.
pub(super) fn unfolded(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    for word in value.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(b' ');
        }
        out.extend_from_slice(word);
    }
    out
}

/// Text for a header: control characters (and with them any line end) become spaces.
pub(super) fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

/// The value holds UTF-8 that is not encoded (RFC 6532), so more of it may be put there.
pub(super) fn is_raw_utf8(value: &[u8]) -> bool {
    !value.is_ascii() && std::str::from_utf8(value).is_ok()
}

/// A link for a header or an attribute: whatever could end it is percent-encoded (RFC 3986 §2.1).
pub(super) fn harmless_link(link: &str) -> String {
    let harmful =
        |byte| matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'\\' | b'`' | b',' | 0..=b' ' | 0x7f..);
    if !link.bytes().any(harmful) {
        return link.to_owned();
    }
    let one = |byte| if harmful(byte) { format!("%{byte:02X}") } else { char::from(byte).into() };
    link.bytes().map(one).collect()
}

/// How far the byte at `at` is from the start of its line, and how far its line reaches.
pub(super) fn line_around(message: &Message, header: &Header, at: usize) -> (usize, usize) {
    let before = message.raw(header.whole.start..at);
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count();
    let after = message.raw(at..header.value.end);
    let rest = after.iter().take_while(|byte| **byte != b'\r' && **byte != b'\n').count();
    (column, column + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_cannot_leave_its_brackets() {
        assert_eq!(
            harmless_link("https://a.cz/x>\r\nBcc: y, \"z'ě"),
            "https://a.cz/x%3E%0D%0ABcc:%20y%2C%20%22z%27%C4%9B"
        );
    }

    #[test]
    fn a_label_cannot_bring_a_line_end() {
        assert_eq!(harmless(" [OS]\r\nBcc: x "), "[OS]  Bcc: x");
    }
}
