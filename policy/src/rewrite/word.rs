//! Encoded words (RFC 2047) for text that ASCII cannot hold.
//!
//! Only writing; reading them is `message`'s.

/// The longest encoded word (RFC 2047 §2).
const WORD_CHARS: usize = 75;
const BEFORE: &str = "=?UTF-8?Q?";
const AFTER: &str = "?=";

/// The text as one or more encoded words on lines of their own but the first.
pub(super) fn encode(text: &str) -> String {
    let room = WORD_CHARS - BEFORE.len() - AFTER.len();
    let mut out = String::from(BEFORE);
    let mut used = 0;
    let mut octets = [0; 4];
    for character in text.chars() {
        let encoded = q(character.encode_utf8(&mut octets));
        if used + encoded.len() > room {
            out.push_str(AFTER);
            out.push_str("\r\n ");
            out.push_str(BEFORE);
            used = 0;
        }
        used += encoded.len();
        out.push_str(&encoded);
    }
    out.push_str(AFTER);
    out
}

/// One character in the Q encoding, with only what a display name may hold left as it is
/// (RFC 2047 §5, rule 3).
fn q(character: &str) -> String {
    let mut out = String::with_capacity(3);
    for byte in character.bytes() {
        match byte {
            b' ' => out.push('_'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'!' | b'*' | b'+' | b'-' | b'/' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("={byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_never_split_between_words() {
        let words = encode(&"ř".repeat(40));
        for word in words.split("\r\n ") {
            assert!(word.len() <= WORD_CHARS, "{word}");
            assert_eq!(word.matches("=C5").count(), word.matches("=99").count(), "{word}");
        }
        assert_eq!(words.matches("=C5=99").count(), 40);
    }

    #[test]
    fn spaces_and_brackets_are_encoded() {
        assert_eq!(encode("[Ř] "), "=?UTF-8?Q?=5B=C5=98=5D_?=");
    }
}
