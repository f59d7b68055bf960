//! Bytes as text and back: hex, base32, base64 and base64url without padding. Strict: one text per
//! value.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};

/// Lower case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|nibble| char::from_digit(u32::from(nibble), 16))
        .collect()
}

/// `None` where it is not an even number of hex digits; upper case is read too.
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let nibble =
        |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|&[high, low]| Some(nibble(high)? << 4 | nibble(low)?)).collect()
}

/// Upper case, without padding (RFC 4648 §6).
pub fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let letter = |five: &[u8]| {
        let number = five.iter().fold(0, |number, bit| number << 1 | usize::from(*bit));
        // The last one is filled with zeros.
        LETTERS.get(number << (5 - five.len())).copied().map(char::from)
    };
    let bits = |byte: &u8| (0..8).rev().map(|at| byte >> at & 1).collect::<Vec<u8>>();
    bytes.iter().flat_map(bits).collect::<Vec<u8>>().chunks(5).filter_map(letter).collect()
}

/// `None` where it is not canonical base32 as above.
pub fn from_base32(text: &str) -> Option<Vec<u8>> {
    let five = |letter: u8| match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'2'..=b'7' => Some(letter - b'2' + 26),
        _ => None,
    };
    let (mut bytes, mut held, mut bits) = (Vec::with_capacity(text.len() * 5 / 8), 0_u16, 0);
    for letter in text.bytes() {
        held = held << 5 | u16::from(five(letter)?);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits).ok()?);
            held &= (1 << bits) - 1;
        }
    }
    // What is left fills the last letter, and a letter that holds nothing of a byte is one too many.
    (held == 0 && bits < 5).then_some(bytes)
}

/// With padding (RFC 4648 §4).
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// `None` where it is not canonical base64 with padding.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// For links: without padding (RFC 4648 §5).
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// `None` where it is not canonical base64url without padding.
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// For a query or a form: all but the unreserved and `/` (RFC 3986 §2.1, §3.4).
pub fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            all.push(char::from(byte));
        } else {
            all.push_str(&format!("%{byte:02X}"));
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(from_hex(&hex(&bytes)), Some(bytes.clone()));
        assert_eq!(from_base64(&base64(&bytes)), Some(bytes.clone()));
        assert_eq!(from_base64url(&base64url(&bytes)), Some(bytes));
        assert_eq!(hex(&[0, 0x9f]), "009f");
        assert_eq!(from_hex("009F"), Some(vec![0, 0x9f]));
    }

    /// RFC 4648 §10.
    #[test]
    fn base32_is_that_of_the_rfc() {
        for (plain, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(plain.as_bytes()), text);
            assert_eq!(from_base32(text).as_deref(), Some(plain.as_bytes()));
        }
        for bad in ["A", "MZ", "mzxq", "MZXQ====", "M1", "AAA", "MZXW6YTBO"] {
            assert_eq!(from_base32(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_not_canonical_is_not_read() {
        for bad in ["0", "0g", "é0", "0x00"] {
            assert_eq!(from_hex(bad), None, "{bad}");
        }
        for bad in ["QQ", "QR==", "Q Q=", "-_-_"] {
            assert_eq!(from_base64(bad), None, "{bad}");
        }
        for bad in ["QQ==", "QR", "+/+/", "Q"] {
            assert_eq!(from_base64url(bad), None, "{bad}");
        }
    }
}
