//! What a part's charset can hold, and new text written in it.
//!
//! Not for reading a part: `message` decodes.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// A charset as far as writing into it goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Charset {
    Utf8,
    /// `us-ascii`.
    Ascii,
    /// A name nobody knows: readers may show nothing at all.
    Unknown,
    /// ISO-8859-1: read as windows-1252 on the web, so octets 0x80 to 0x9F are not used.
    Latin1,
    /// A superset of ASCII.
    Superset(&'static Encoding),
    /// UTF-16, ISO-2022-JP and kin: octets below 0x80 are not always ASCII, nothing can be spliced in.
    Foreign,
}

impl Charset {
    pub(super) fn of(label: &str) -> Self {
        let label = label.trim();
        if ["us-ascii", "ascii", "ansi_x3.4-1968"]
            .iter()
            .any(|ascii| label.eq_ignore_ascii_case(ascii))
        {
            return Self::Ascii;
        }
        match Encoding::for_label(label.as_bytes()) {
            None if label.to_ascii_lowercase().contains("utf-7") => Self::Foreign,
            None => Self::Unknown,
            Some(encoding) if encoding == UTF_8 => Self::Utf8,
            Some(encoding) if !encoding.is_ascii_compatible() => Self::Foreign,
            Some(encoding) if encoding == WINDOWS_1252 && !label.contains("1252") => Self::Latin1,
            Some(encoding) => Self::Superset(encoding),
        }
    }

    /// What octets of it say.
    pub(super) fn read(self, octets: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Superset(encoding) => encoding.decode_without_bom_handling(octets).0,
            Self::Latin1 => WINDOWS_1252.decode_without_bom_handling(octets).0,
            Self::Utf8 | Self::Ascii | Self::Unknown | Self::Foreign => {
                String::from_utf8_lossy(octets)
            }
        }
    }

    /// The text in this charset; `None` where it cannot hold it. In HTML character references
    /// stand for what it cannot hold.
    pub(super) fn write(self, text: &str, html: bool) -> Option<Cow<'_, [u8]>> {
        match self {
            Self::Foreign | Self::Unknown => None,
            Self::Utf8 => Some(text.as_bytes().into()),
            Self::Ascii | Self::Latin1 | Self::Superset(_) if text.is_ascii() => {
                Some(text.as_bytes().into())
            }
            Self::Ascii => by_octet(text, html, |_| false).map(Cow::Owned),
            Self::Latin1 => by_octet(text, html, |octet| octet >= 0xa0).map(Cow::Owned),
            Self::Superset(encoding) => {
                // It writes references for what it cannot hold.
                let (written, _, missing) = encoding.encode(text);
                (html || !missing).then_some(written)
            }
        }
    }
}

/// Each character as the octet of its number, where that is one of ASCII or allowed.
fn by_octet(text: &str, html: bool, allowed: impl Fn(u8) -> bool) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    for character in text.chars() {
        match u8::try_from(character) {
            Ok(octet) if octet.is_ascii() || allowed(octet) => out.push(octet),
            Ok(_) | Err(_) if html => {
                out.extend_from_slice(format!("&#{};", u32::from(character)).as_bytes());
            }
            Ok(_) | Err(_) => return None,
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charset_holds_what_it_can() {
        for (label, text, plain, html) in [
            ("utf-8", "ř€", Some(&b"\xc5\x99\xe2\x82\xac"[..]), &b"\xc5\x99\xe2\x82\xac"[..]),
            ("ISO-8859-2", "ř", Some(b"\xf8"), b"\xf8"),
            ("iso-8859-2", "€", None, b"&#8364;"),
            ("windows-1250", "ř€", Some(b"\xf8\x80"), b"\xf8\x80"),
            ("us-ascii", "ř", None, b"&#345;"),
            ("us-ascii", "r", Some(b"r"), b"r"),
            ("iso-8859-1", "é", Some(b"\xe9"), b"\xe9"),
            ("iso-8859-1", "\u{20ac}", None, b"&#8364;"),
            ("windows-1252", "\u{20ac}", Some(b"\x80"), b"\x80"),
        ] {
            assert_eq!(Charset::of(label).write(text, false).as_deref(), plain, "{label} {text}");
            assert_eq!(Charset::of(label).write(text, true).as_deref(), Some(html), "{label}");
        }
    }

    #[test]
    fn nothing_is_spliced_into_charsets_that_are_not_ascii_below_128() {
        for label in ["utf-16", "utf-16le", "iso-2022-jp", "utf-7", "hz-gb-2312", "x-unknown"] {
            assert_eq!(Charset::of(label).write("a", true), None, "{label}");
        }
    }
}
