//! The structure of a message with byte ranges (RFC 5322, RFC 2045-2047).
//!
//! The structure is walked and every value decoded here, because byte ranges must be exact and
//! hostile bytes must cost neither a panic nor more than linear time; mail-parser is the tests'
//! second opinion. Not here: what a reader sees of it (`visible`).

mod body;
mod charset;
mod content;
mod fields;
mod mailbox;
mod params;
mod prescan;
mod walk;
mod words;

use std::{borrow::Cow, ops::Range, sync::OnceLock};

use bytes::Bytes;

use crate::{Evidence, Place};

pub(crate) use body::Decoded;
pub(crate) use walk::ARMOUR;

/// One message: its bytes and where everything stands in them.
#[derive(Clone, Debug)]
pub struct Message {
    bytes: Bytes,
    parts: Vec<Part>,
    subject: String,
    /// The mailboxes in From, when first asked for.
    senders: OnceLock<Vec<Mailbox>>,
    faults: Vec<&'static str>,
    malformed: bool,
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
    /// As labelled, by HTML itself where its fields say nothing; `us-ascii` where nobody does.
    pub charset: String,
    pub encoding: Encoding,
    pub attachment: bool,
    pub headers: Vec<Header>,
    /// The part's header fields with their line ends; the empty line after them is in neither range.
    pub head: Range<usize>,
    /// The part's body in the message's bytes, without the line end before a boundary.
    pub body: Range<usize>,
    /// It is, or stands at any depth inside, something that signs or encrypts its content
    /// (multipart/signed, multipart/encrypted, application/pkcs7-mime, inline PGP): never edited.
    pub sealed: bool,
    /// Index of the nearest multipart/alternative above it.
    pub alternative: Option<usize>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PartKind {
    /// text/plain.
    Text,
    /// text/html and application/xhtml+xml.
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

/// What a line end preceded by a space means in a text (RFC 3676).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Flow {
    /// A line end.
    Fixed,
    /// `format=flowed`: the line goes on.
    Flowed,
    /// `delsp=yes` too: the line goes on, and the space was never there.
    Joined,
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
    /// Reads the structure. Never fails: what is wrong stands in [`Message::faults`].
    pub fn parse(bytes: Bytes) -> Self {
        let walked = walk::walk(&bytes);
        let mut message = Self {
            bytes,
            parts: walked.parts,
            subject: String::new(),
            senders: OnceLock::new(),
            faults: walked.faults,
            malformed: walked.malformed,
        };
        if let Some(subject) = message.header("Subject") {
            message.subject = message.decode(subject);
        }
        message
    }

    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Header fields of the message itself, in order.
    pub fn headers(&self) -> &[Header] {
        self.parts.first().map(|root| root.headers.as_slice()).unwrap_or_default()
    }

    /// All parts, parents before children; never empty.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// What is wrong with the message (RFC 5322, RFC 2045): ids of words.
    pub fn faults(&self) -> &[&'static str] {
        &self.faults
    }

    /// Readers may disagree on where its parts begin and end, so an edit could land unseen.
    pub fn is_malformed(&self) -> bool {
        self.malformed
    }

    /// The first field of that name, any case.
    pub fn header(&self, name: &str) -> Option<&Header> {
        self.headers().iter().find(|header| header.name.eq_ignore_ascii_case(name))
    }

    /// All fields of that name, any case, in order.
    pub fn headers_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Header> {
        self.headers().iter().filter(move |header| header.name.eq_ignore_ascii_case(name))
    }

    /// The raw bytes of a range; empty where it does not lie inside the message.
    pub fn raw(&self, range: Range<usize>) -> &[u8] {
        self.bytes.get(range).unwrap_or_default()
    }

    /// The field's value unfolded, encoded words decoded, as a person reads it.
    pub fn decoded(&self, header: &Header) -> String {
        if header.is("Subject") && self.header("Subject") == Some(header) {
            return self.subject.clone();
        }
        self.decode(header)
    }

    fn decode(&self, header: &Header) -> String {
        words::decode(self.raw(header.value.clone()), self.own_charset())
    }

    /// Subject as a person reads it; empty where there is none.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Mailboxes in From: [`Message::mailboxes`], read once.
    pub fn senders(&self) -> &[Mailbox] {
        self.senders.get_or_init(|| self.mailboxes("From"))
    }

    /// Mailboxes of an address field (From, Sender, Reply-To, To, Cc), groups flattened, of all
    /// fields of that name.
    pub fn mailboxes(&self, name: &str) -> Vec<Mailbox> {
        let mut all = Vec::new();
        for header in self.headers_named(name) {
            mailbox::list(self.raw(header.value.clone()), self.own_charset(), &mut all);
        }
        all
    }

    /// A text part's body, transfer encoding and charset undone; `None` where it cannot be read.
    pub fn text(&self, part: &Part) -> Option<Cow<'_, str>> {
        self.read(part).map(|decoded| decoded.text)
    }

    /// [`Message::text`] with the way back to the message's bytes.
    pub(crate) fn read(&self, part: &Part) -> Option<Decoded<'_>> {
        let raw = self.bytes.get(part.body.clone())?;
        Decoded::of(raw, part.body.start, part.encoding, &part.charset)
    }

    /// Where in [`Message::text`] these ranges of the message's bytes came to: one for each, empty
    /// where the part does not hold it.
    pub fn within(&self, part: &Part, ranges: &[Range<usize>]) -> Vec<Range<usize>> {
        let held = |one: &Range<usize>| {
            one.start.max(part.body.start)..one.end.clamp(part.body.start, part.body.end)
        };
        let held: Vec<Range<usize>> = ranges.iter().map(held).collect();
        match self.read(part) {
            Some(mut decoded) => decoded.within(&held),
            None => ranges.iter().map(|_| 0..0).collect(),
        }
    }

    /// A part's body with its transfer encoding undone; nothing where that is not known.
    pub fn content(&self, part: &Part) -> Cow<'_, [u8]> {
        body::beginning(self.raw(part.body.clone()), part.encoding, usize::MAX)
    }

    /// What the part calls itself: a file name, for people (RFC 2183, RFC 2231, RFC 2047).
    pub fn file_name(&self, part: &Part) -> Option<String> {
        let field = |name: &str| part.headers.iter().find(|header| header.is(name));
        let said = |field: Option<&Header>, name: &str| {
            let value = params::Value::of(self.raw(field?.value.clone()));
            let name = value.param(name)?;
            Some(words::decode(name.as_bytes(), self.own_charset()))
        };
        let named = said(field("Content-Disposition"), "filename");
        named.or_else(|| said(field("Content-Type"), "name"))
    }

    /// How the lines of a text part flow.
    pub(crate) fn flow(&self, part: &Part) -> Flow {
        let field = part.headers.iter().find(|header| header.is("Content-Type"));
        let raw = field.map(|field| self.raw(field.value.clone())).unwrap_or_default();
        // Nearly no text flows.
        if part.kind != PartKind::Text
            || !raw.array_windows().any(|four: &[u8; 4]| four.eq_ignore_ascii_case(b"flow"))
        {
            return Flow::Fixed;
        }
        let value = params::Value::of(raw);
        let is = |name: &str, wanted: &str| {
            value.param(name).is_some_and(|found| found.trim().eq_ignore_ascii_case(wanted))
        };
        match (is("format", "flowed"), is("delsp", "yes")) {
            (false, _) => Flow::Fixed,
            (true, false) => Flow::Flowed,
            (true, true) => Flow::Joined,
        }
    }

    /// Evidence that shows a header field as its reader sees it.
    pub fn evidence_header(&self, header: &Header) -> Evidence {
        Evidence {
            place: Place::Header(header.name.clone()),
            range: header.value.clone(),
            shown: shown(&self.decoded(header)),
        }
    }

    /// The same of the first field of that name, where there is one.
    pub fn evidence_of(&self, name: &str) -> Option<Evidence> {
        self.header(name).map(|header| self.evidence_header(header))
    }

    /// The charset in which header fields with raw 8-bit bytes were probably written.
    fn own_charset(&self) -> &str {
        self.parts.first().map_or("", |root| root.charset.as_str())
    }
}

impl Header {
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// At most 120 characters of a text, on one line, for evidence.
pub(crate) fn shown(text: &str) -> String {
    text.trim()
        .chars()
        .filter(|c| !crate::text::is_unseen(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(SHOWN_CHARS_MAX)
        .collect()
}

const SHOWN_CHARS_MAX: usize = 120;
