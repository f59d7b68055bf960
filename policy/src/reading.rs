//! A message as its recipient reads it: visible text, links and signs, made once per message.
//!
//! Everything here depends on the bytes alone, so one reading serves every recipient.

use std::{ops::Range, sync::OnceLock};

use bytes::Bytes;

use crate::{
    Classified, Evidence, Message, Place, Sign, message::shown, text::Folded, visible::Ending,
};

/// One message, read.
#[derive(Clone, Debug)]
pub struct Reading {
    pub message: Message,
    /// One per text or HTML part that a reader may be shown (not attachments, not nested messages).
    pub views: Vec<View>,
    /// Made when first asked for: a message with edits is read again and never sorted.
    classified: OnceLock<Classified>,
}

/// What one alternative part shows.
#[derive(Clone, Debug)]
pub struct View {
    /// Index into `message.parts()`.
    pub part: usize,
    pub html: bool,
    /// False where the part's charset or transfer encoding is not known: the rest is empty then.
    pub readable: bool,
    /// Visible text, spaces collapsed, blocks apart by a line feed; hidden text left out.
    pub text: String,
    pub(crate) folded: OnceLock<Folded>,
    /// Every link in order.
    pub links: Vec<Link>,
    /// Which of them say that they unsubscribe, when first asked for.
    pub(crate) unsubscribes: OnceLock<Vec<usize>>,
    /// For evidence: pieces of `text` and the bytes of the whole message they came from.
    pub spans: Vec<(Range<usize>, Range<usize>)>,
    /// Alternative text of images; a duty met only there is not met.
    pub alt: String,
    /// Images, tracking pixels among them.
    pub images: usize,
    /// Images of one pixel or none.
    pub pixels: usize,
    /// The part's text is its bytes as they stand in the message.
    pub(crate) verbatim: bool,
    /// Where the end of an HTML part begins, for reading it again with another one.
    pub(crate) ending: Option<Box<Ending>>,
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

impl LinkTarget {
    /// The address of a page, where it leads to one.
    pub(crate) fn web(&self) -> Option<&str> {
        match self {
            Self::Https(url) | Self::Http(url) => Some(url),
            Self::Mailto(_) | Self::Nowhere | Self::Unexpanded | Self::Other => None,
        }
    }
}

impl Reading {
    /// Reads a message. Never fails: what cannot be read is in the message's faults.
    pub fn of(bytes: Bytes) -> Self {
        let message = Message::parse(bytes);
        let views = crate::visible::views(&message, None);
        Self { message, views, classified: OnceLock::new() }
    }

    /// Reads what this message became by an edit: the same as [`Reading::of`], faster where most
    /// of it is as it was. Bytes are compared; how the edit was made does not matter.
    pub fn again(&self, bytes: Bytes) -> Self {
        let message = Message::parse(bytes);
        let views = crate::visible::views(&message, Some(self));
        Self { message, views, classified: OnceLock::new() }
    }

    /// With the signs of the message that it was made from, where they were asked for: what the
    /// relay wrote into it (a label, a way to unsubscribe) says nothing of what its sender meant.
    pub(crate) fn classed_as(self, before: &Self) -> Self {
        let classified = before.classified.clone();
        Self { classified, ..self }
    }

    /// Which class the signs say it is.
    pub fn classified(&self) -> &Classified {
        self.classified.get_or_init(|| crate::class::classify(&self.message, &self.views))
    }

    /// The signs of the class with their evidence, in the order they were found. Made anew each
    /// time: few verdicts show them.
    pub fn signs(&self) -> Vec<Sign> {
        self.classified().signs(&self.message, &self.views)
    }
}

impl View {
    /// Evidence for a range of `text`.
    pub fn evidence(&self, message: &Message, at: Range<usize>) -> Evidence {
        let path = message.parts().get(self.part).map(|part| part.path.clone());
        Evidence {
            place: Place::Part(path.unwrap_or_default()),
            range: self.raw(&at),
            shown: shown(self.text.get(at).unwrap_or_default()),
        }
    }

    /// `text` folded for comparing (case, diacritics, look-alikes), with the way back to `text`.
    /// Made when first asked for: of a repaired message hardly any of it is.
    pub fn folded(&self) -> &Folded {
        self.folded.get_or_init(|| Folded::of(&self.text))
    }

    /// Evidence for a range of the folded text.
    pub fn evidence_folded(&self, message: &Message, at: Range<usize>) -> Evidence {
        self.evidence(message, self.folded().original(&self.text, at))
    }

    /// The bytes of the whole message that a range of `text` came from, at least.
    pub(crate) fn raw(&self, at: &Range<usize>) -> Range<usize> {
        let first = self.spans.partition_point(|(text, _)| text.end <= at.start);
        let after = self.spans.partition_point(|(text, _)| text.start < at.end.max(at.start + 1));
        let touched = self.spans.get(first..after).unwrap_or_default();
        let (Some((text, raw)), Some((last_text, last_raw))) = (touched.first(), touched.last())
        else {
            return 0..0;
        };
        // A piece as long as its source is its source; any other stands for all of it.
        let start = match text.len() == raw.len() {
            true => raw.start + at.start.saturating_sub(text.start),
            false => raw.start,
        };
        let end = match last_text.len() == last_raw.len() {
            true => last_raw.start + at.end.min(last_text.end).saturating_sub(last_text.start),
            false => last_raw.end,
        };
        start..end.max(start)
    }
}
