//! What the server says back: code, enhanced code, text (RFC 5321 §4.2, RFC 2034).

use std::fmt::Write;

/// A reply; several lines of `text` make a multi-line reply.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reply {
    pub code: u16,
    /// `2.1.0`; empty where none belongs (greeting, EHLO, 354).
    pub enhanced: &'static str,
    pub text: String,
}

impl Reply {
    pub fn new(code: u16, enhanced: &'static str, text: impl Into<String>) -> Self {
        Self { code, enhanced, text: text.into() }
    }
}

impl Reply {
    /// The reply as it goes over the wire; every line has the codes, all but the last a `-`
    /// (RFC 5321 §4.2.1, RFC 2034 §4).
    pub fn to_wire(&self) -> String {
        let mut wire = String::with_capacity(self.text.len() + 16);
        self.write(&mut wire);
        wire
    }

    /// The same, appended: replies that leave together share a buffer. Only printable ASCII
    /// leaves, and at most 512 octets a line, whatever the text was made of.
    pub fn write(&self, wire: &mut String) {
        let mut lines = self.text.split('\n').peekable();
        while let Some(line) = lines.next() {
            let more = if lines.peek().is_some() { '-' } else { ' ' };
            let gap = if self.enhanced.is_empty() { "" } else { " " };
            // Writing to a String cannot fail.
            let _ = write!(wire, "{}{more}{}{gap}", self.code, self.enhanced);
            let printable = |char: char| char == ' ' || char.is_ascii_graphic();
            if line.len() <= TEXT_OCTETS_MAX && line.chars().all(printable) {
                wire.push_str(line);
            } else {
                let clean = |char| if printable(char) { char } else { '?' };
                wire.extend(line.chars().map(clean).take(TEXT_OCTETS_MAX));
            }
            wire.push_str("\r\n");
        }
    }

    /// 2xx.
    pub fn is_positive(&self) -> bool {
        (200..300).contains(&self.code)
    }
}

/// RFC 5321 §4.5.3.1.5 allows 512 octets with the codes and CRLF.
const TEXT_OCTETS_MAX: usize = 490;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_the_codes_and_all_but_the_last_a_hyphen() {
        for (reply, expected) in [
            (Reply::new(250, "2.0.0", "ok"), "250 2.0.0 ok\r\n"),
            (Reply::new(334, "", ""), "334 \r\n"),
            (Reply::new(250, "", "a\nb"), "250-a\r\n250 b\r\n"),
            (Reply::new(550, "5.7.1", "a\nb"), "550-5.7.1 a\r\n550 5.7.1 b\r\n"),
        ] {
            assert_eq!(reply.to_wire(), expected);
        }
    }

    #[test]
    fn no_text_can_end_a_line_or_outgrow_it() {
        let injected = Reply::new(550, "5.7.1", "a\r250 2.0.0 ok\0ř").to_wire();
        assert_eq!(injected, "550 5.7.1 a?250 2.0.0 ok??\r\n");
        let long = Reply::new(550, "5.7.1", "x".repeat(2_000)).to_wire();
        assert!(long.len() <= 512 && long.ends_with("x\r\n"));
    }
}
