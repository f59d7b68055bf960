//! The structure of a message with byte ranges (RFC 5322, RFC 2045-2047).
//!
//! The structure is walked here, because byte ranges must be exact; mail-parser decodes header
//! values, charsets and single bodies. This is the only file that names it.

use std::{borrow::Cow, ops::Range};

use bytes::Bytes;

/// One message: its bytes and where everything stands in them.
#[derive(Clone, Debug)]
pub struct Message {
    bytes: Bytes,
    headers: Vec<Header>,
    parts: Vec<Part>,
    faults: Vec<&'static str>,
}

/// One header field of the message or of a part.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Header {
    /// As written.
    pub name: String,
    /// The whole field with its line end, folded lines included.
    pub whole: Range<usize>,
    /// What follows the colon, without the last line end.
    pub value: Range<usize>,
}

/// One MIME part; the root is the first, parents stand before their children.
#[derive(Clone, Debug)]
pub struct Part {
    /// `1.2` as IMAP counts; the only part of a simple message is `1`, the root of a multipart is empty.
    pub path: String,
    pub parent: Option<usize>,
    pub kind: PartKind,
    /// Lower case: `text/html`.
    pub media_type: String,
    /// As labelled; `us-ascii` where nothing is said.
    pub charset: String,
    pub encoding: Encoding,
    pub attachment: bool,
    pub headers: Vec<Header>,
    /// The part's header block and body in the message's bytes.
    pub head: Range<usize>,
    pub body: Range<usize>,
    /// It is, or stands at any depth inside, something that signs or encrypts its content
    /// (multipart/signed, multipart/encrypted, application/pkcs7-mime): never edited.
    pub sealed: bool,
    /// Index of the nearest multipart/alternative above it.
    pub alternative: Option<usize>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PartKind {
    Text,
    Html,
    Multipart,
    /// message/rfc822 and kin: not looked into.
    Nested,
    Other,
}

/// Content-Transfer-Encoding (RFC 2045 §6).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Encoding {
    SevenBit,
    EightBit,
    Binary,
    QuotedPrintable,
    Base64,
    /// Anything else; such a part is not read and not edited.
    Unknown,
}

/// One mailbox of an address header.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mailbox {
    /// Decoded display name, empty where there is none.
    pub name: String,
    /// `local@domain` as written.
    pub address: String,
}

impl Message {
    pub fn parse(bytes: Bytes) -> Self {
        Self { bytes, headers: Vec::new(), parts: Vec::new(), faults: Vec::new() }
    }

    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Header fields of the message itself, in order.
    pub fn headers(&self) -> &[Header] {
        &self.headers
    }

    /// All parts, parents before children; never empty.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// What is wrong with the message (RFC 5322, RFC 2045), in words for a person.
    pub fn faults(&self) -> &[&'static str] {
        &self.faults
    }

    /// The first field of that name, any case.
    pub fn header(&self, _name: &str) -> Option<&Header> {
        None
    }

    /// All fields of that name, any case, in order.
    pub fn headers_named<'a>(&'a self, _name: &'a str) -> impl Iterator<Item = &'a Header> {
        std::iter::empty()
    }

    /// The raw bytes of a range; empty where it does not lie inside the message.
    pub fn raw(&self, range: Range<usize>) -> &[u8] {
        self.bytes.get(range).unwrap_or_default()
    }

    /// The field's value unfolded, encoded words decoded, as a person reads it.
    pub fn decoded(&self, _header: &Header) -> String {
        String::new()
    }

    /// Subject as a person reads it; empty where there is none.
    pub fn subject(&self) -> &str {
        ""
    }

    /// Mailboxes of an address field (From, Sender, Reply-To, To, Cc), groups flattened.
    pub fn mailboxes(&self, _name: &str) -> Vec<Mailbox> {
        Vec::new()
    }

    /// A text part's body, transfer encoding and charset undone; `None` where it cannot be read.
    pub fn text(&self, _part: &Part) -> Option<Cow<'_, str>> {
        None
    }
}
