//! Charsets as mail and the web label them. Not UTF-7: no reader shows it any more.

use std::borrow::Cow;

use encoding_rs::{Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How places in the decoded text lead back to bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Width {
    /// The text is the bytes.
    Same,
    /// One byte a character.
    Single,
    /// Two bytes a UTF-16 code unit.
    Double,
    /// Not known; the whole body stands for every place in it.
    Vague,
}

/// The encoding that a label names; `None` for what cannot be read.
fn named(label: &str) -> Option<&'static Encoding> {
    // As nearly all mail says.
    if label.eq_ignore_ascii_case("utf-8") {
        return Some(UTF_8);
    }
    let label = label.trim().trim_matches(['"', '\'']);
    if let Some(known) = Encoding::for_label(label.as_bytes()) {
        return (known != REPLACEMENT).then_some(known);
    }
    let lower = label.to_ascii_lowercase().replace(['_', ' '], "-");
    let plain = match lower.as_str() {
        "cp1250" | "cp-1250" | "win-1250" | "win1250" | "windows1250" | "ms-ee"
        | "x-windows-1250" => "windows-1250",
        "latin-2" | "iso-8859-2-windows-latin-2" | "iso-latin-2" | "8859-2" => "iso-8859-2",
        "latin-1" | "windows1252" | "win-1252" | "8859-1" | "cp-1252" => "windows-1252",
        "utf" | "utf8mb4" | "unicode-8" | "utf-8n" | "cp65001" | "default" | "unknown-8bit"
        | "8bit" => "utf-8",
        other => other,
    };
    Encoding::for_label(plain.as_bytes()).filter(|known| *known != REPLACEMENT)
}

pub(super) fn is_known(label: &str) -> bool {
    label.eq_ignore_ascii_case("us-ascii") || named(label).is_some()
}

/// The text of the bytes. Bytes that the charset does not know become U+FFFD, as readers show them.
pub(super) fn decode<'a>(bytes: Cow<'a, [u8]>, label: &str) -> Option<(Cow<'a, str>, Width)> {
    if label.is_empty()
        || label.eq_ignore_ascii_case("us-ascii")
        || label.eq_ignore_ascii_case("ascii")
    {
        return Some(unlabelled(bytes));
    }
    let encoding = named(label)?;
    if encoding == UTF_8 {
        return Some(match text_of(bytes) {
            Ok(text) => (text, Width::Same),
            Err(bytes) => (Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()), Width::Vague),
        });
    }
    if encoding.is_ascii_compatible() && bytes.is_ascii() {
        return text_of(bytes).ok().map(|text| (text, Width::Same));
    }
    let (encoding, bytes) = by_mark(encoding, bytes);
    let width = if encoding.is_single_byte() {
        Width::Single
    } else if encoding == UTF_16BE || encoding == UTF_16LE {
        Width::Double
    } else {
        Width::Vague
    };
    let (text, _) = encoding.decode_without_bom_handling(&bytes);
    Some((Cow::Owned(text.into_owned()), width))
}

/// 8-bit bytes where none were announced: UTF-8 where they are, else what Windows would show.
fn unlabelled(bytes: Cow<'_, [u8]>) -> (Cow<'_, str>, Width) {
    match text_of(bytes) {
        Ok(text) => (text, Width::Same),
        Err(bytes) => {
            let (text, _) = WINDOWS_1252.decode_without_bom_handling(&bytes);
            (Cow::Owned(text.into_owned()), Width::Single)
        }
    }
}

/// `utf-16` alone leaves the byte order to its mark (RFC 2781 §4.3).
fn by_mark<'a>(
    encoding: &'static Encoding,
    bytes: Cow<'a, [u8]>,
) -> (&'static Encoding, Cow<'a, [u8]>) {
    if encoding != UTF_16LE {
        return (encoding, bytes);
    }
    let big = bytes.starts_with(&[0xfe, 0xff]);
    (if big { UTF_16BE } else { encoding }, bytes)
}

fn text_of(bytes: Cow<'_, [u8]>) -> Result<Cow<'_, str>, Cow<'_, [u8]>> {
    match bytes {
        Cow::Borrowed(bytes) => {
            simdutf8::basic::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| Cow::Borrowed(bytes))
        }
        Cow::Owned(bytes) => {
            String::from_utf8(bytes).map(Cow::Owned).map_err(|bad| Cow::Owned(bad.into_bytes()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn czech_letters_are_read_in_every_charset_they_come_in() {
        for (label, bytes) in [
            ("utf-8", "Příliš".as_bytes().to_vec()),
            ("us-ascii", "Příliš".as_bytes().to_vec()),
            ("", "Příliš".as_bytes().to_vec()),
            ("UTF8", "Příliš".as_bytes().to_vec()),
            ("iso-8859-2", vec![b'P', 0xf8, 0xed, b'l', b'i', 0xb9]),
            ("ISO_8859-2", vec![b'P', 0xf8, 0xed, b'l', b'i', 0xb9]),
            ("windows-1250", vec![b'P', 0xf8, 0xed, b'l', b'i', 0x9a]),
            ("CP1250", vec![b'P', 0xf8, 0xed, b'l', b'i', 0x9a]),
            ("win-1250", vec![b'P', 0xf8, 0xed, b'l', b'i', 0x9a]),
            ("utf-16be", "Příliš".encode_utf16().flat_map(u16::to_be_bytes).collect()),
            ("utf-16le", "Příliš".encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ] {
            let read = decode(Cow::Owned(bytes), label).map(|(text, _)| text.into_owned());
            assert_eq!(read.as_deref(), Some("Příliš"), "{label}");
        }
        let marked: Vec<u8> = "\u{feff}ž".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let read = decode(Cow::Owned(marked), "UTF-16").map(|(text, _)| text.into_owned());
        assert_eq!(read.as_deref(), Some("\u{feff}ž"));
    }

    #[test]
    fn what_cannot_be_read_is_not_guessed() {
        for label in ["utf-7", "x-nonsense", "iso-2022-kr", "\0"] {
            assert_eq!(decode(Cow::Borrowed(b"abc"), label), None, "{label}");
        }
    }
}
