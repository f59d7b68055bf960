//! Octets in forms that any mail path carries: quoted-printable, base64 (RFC 2045 §6), encoded
//! words (RFC 2047).

use crate::seal;

/// Quoted-printable with soft breaks at 76 columns; CRLF stays a line end, all else is kept
/// octet by octet.
pub(super) fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 4);
    let mut column = 0;
    let mut rest = bytes;
    while let Some((&byte, tail)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(b"\r\n") {
            out.extend_from_slice(b"\r\n");
            column = 0;
            rest = after;
            continue;
        }
        let ends = tail.is_empty() || tail.starts_with(b"\r\n");
        let plain = match byte {
            b'=' => false,
            b' ' | b'\t' => !ends,
            b'!'..=b'~' => true,
            _ => false,
        };
        // A dot or "From " at the start of a line has hurt on some paths.
        let plain = plain && !(column == 0 && (byte == b'.' || rest.starts_with(b"From ")));
        let width = if plain { 1 } else { 3 };
        if column + width > 75 {
            out.extend_from_slice(b"=\r\n");
            column = 0;
        }
        if plain {
            out.push(byte);
        } else {
            let digit = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or(b'0');
            out.extend_from_slice(&[b'=', digit(byte >> 4), digit(byte & 15)]);
        }
        column += width;
        rest = tail;
    }
    out
}

/// Base64 in lines of 76, each with its CRLF.
pub(crate) fn base64_lines(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() * 3 / 2);
    for line in bytes.chunks(57) {
        out.extend_from_slice(seal::base64(line).as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// Text as encoded words in UTF-8, folded; the value of an unstructured field or a display name.
pub(crate) fn encoded_words(text: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for character in text.chars() {
        // 45 octets become 60 characters of base64, 72 with the frame.
        if word.len() + character.len_utf8() > 45 {
            words.push(std::mem::take(&mut word));
        }
        word.push(character);
    }
    words.push(word);
    let words: Vec<String> =
        words.iter().map(|word| format!("=?utf-8?B?{}?=", seal::base64(word.as_bytes()))).collect();
    words.join("\r\n ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_printable_is_short_and_safe() {
        for (bytes, expected) in [
            (&b"plain\r\n"[..], "plain\r\n"),
            (b"a=b", "a=3Db"),
            (b"end \r\nx\t", "end=20\r\nx=09"),
            (b"\xc5\x99", "=C5=99"),
            (b"bare\nlf\rcr", "bare=0Alf=0Dcr"),
            (b".\r\nFrom me", "=2E\r\n=46rom me"),
        ] {
            assert_eq!(String::from_utf8(quoted_printable(bytes)).unwrap(), expected);
        }
        let long = quoted_printable(&b"x".repeat(1_000));
        assert!(long.split(|&byte| byte == b'\n').all(|line| line.len() <= 77));
    }

    #[test]
    fn encoded_words_never_cut_a_character() {
        assert_eq!(encoded_words("ř"), "=?utf-8?B?xZk=?=");
        let words = encoded_words(&"ř".repeat(50));
        assert!(words.lines().all(|line| line.trim().len() <= 75), "{words}");
        let decoded: Vec<u8> = words
            .split("\r\n ")
            .flat_map(|word| {
                let inner = word.strip_prefix("=?utf-8?B?").unwrap().strip_suffix("?=").unwrap();
                seal::from_base64(inner).unwrap()
            })
            .collect();
        assert_eq!(String::from_utf8(decoded).unwrap(), "ř".repeat(50));
    }
}
