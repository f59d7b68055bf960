//! What the server says back: code, enhanced code, text (RFC 5321 §4.2, RFC 2034).

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

    /// The same, appended: replies that leave together share a buffer.
    pub fn write(&self, wire: &mut String) {
        use std::fmt::Write;

        let mut lines = self.text.split('\n').peekable();
        while let Some(line) = lines.next() {
            let more = if lines.peek().is_some() { '-' } else { ' ' };
            let gap = if self.enhanced.is_empty() { "" } else { " " };
            // Writing to a String cannot fail.
            let _ = write!(wire, "{}{more}{}{gap}{line}\r\n", self.code, self.enhanced);
        }
    }

    /// 2xx.
    pub fn is_positive(&self) -> bool {
        (200..300).contains(&self.code)
    }
}
