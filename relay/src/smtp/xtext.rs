//! xtext: `+41` for what a parameter cannot hold (RFC 3461 §4).

/// Decodes; `None` where it is not xtext or not UTF-8.
pub fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(hex(rest.next()?)? * 16 + hex(rest.next()?)?),
            b'=' => return None,
            b'!'..=b'~' => bytes.push(byte),
            _ => return None,
        }
    }
    // A control here would reach headers and DSNs.
    String::from_utf8(bytes).ok().filter(|text| !text.contains(char::is_control))
}

/// Encodes, for the way out.
pub fn encode(text: &str) -> String {
    use std::fmt::Write;

    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'+' | b'=' => {}
            b'!'..=b'~' => {
                out.push(char::from(byte));
                continue;
            }
            _ => {}
        }
        // Writing to a String cannot fail.
        let _ = write!(out, "+{byte:02X}");
    }
    out
}

/// Encodes the address of an ORCPT: what is not ASCII stays as it is under SMTPUTF8, else it is
/// `\x{10FFFF}` (RFC 6533 §3).
pub fn encode_address(text: &str, utf8: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '+' => out.push_str("+2B"),
            '=' => out.push_str("+3D"),
            '!'..='~' => out.push(character),
            '\0'..='\x7f' => out.push_str(&format!("+{:02X}", u32::from(character))),
            other if utf8 => out.push(other),
            other => out.push_str(&format!("\\x{{{:X}}}", u32::from(other))),
        }
    }
    out
}

/// Upper case only, as the grammar has it; lower case is taken as well, some tools write it.
fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_table() {
        for (text, expected) in [
            ("", Some("")),
            ("QQ314159", Some("QQ314159")),
            ("rfc822;a+2Bb+3Dc@x.cz", Some("rfc822;a+b=c@x.cz")),
            ("+C5+99", Some("ř")),
            ("a+c5+99", Some("ař")),
            ("a b", None),
            ("a=b", None),
            ("a+", None),
            ("a+4", None),
            ("a+ZZ", None),
            ("+00", None),
            ("+0D+0A", None),
            ("+FF", None),
            ("ř", None),
        ] {
            assert_eq!(decode(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn an_address_has_no_spaces_and_no_signs() {
        assert_eq!(encode_address("a+b=c d", false), "a+2Bb+3Dc+20d");
        assert_eq!(encode_address("ř\r\n", false), "\\x{159}+0D+0A");
        assert_eq!(encode_address("ř", true), "ř");
    }

    proptest! {
        #[test]
        fn decode_undoes_encode(text in "\\PC{0,40}") {
            prop_assert_eq!(decode(&encode(&text)), Some(text));
        }
    }
}
