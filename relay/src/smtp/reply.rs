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
