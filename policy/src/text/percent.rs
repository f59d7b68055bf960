//! Percent-encoding, read. Parameters of mail (RFC 2231) and addresses of the web share it.

/// The text with each `%` and two hex digits replaced by the byte they name; what is no UTF-8
/// then is replaced by U+FFFD, what is no such triple stays.
pub(crate) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        match (first, after) {
            (b'%', [high, low, after @ ..]) if both(*high, *low).is_some() => {
                bytes.extend(both(*high, *low));
                rest = after;
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn both(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_hex_digits_are_a_byte() {
        for (text, expected) in [
            ("", ""),
            ("a b", "a b"),
            ("%C3%a1%20", "á "),
            ("%2", "%2"),
            ("%", "%"),
            ("%%41", "%A"),
            ("%+1%-1%zz", "%+1%-1%zz"),
            ("%ff", "\u{fffd}"),
            ("%2541", "%41"),
        ] {
            assert_eq!(decoded(text), expected, "{text}");
        }
    }
}
