//! The visible text as it grows: spaces collapsed, blocks apart, each piece with its source.
//!
//! Places in the source are those of the decoded part until [`Page::view`] leads them back to
//! the message's bytes.

use std::{ops::Range, sync::OnceLock};

use super::{resume::Ending, target::target};
use crate::{Link, View, message::Decoded};

#[derive(Debug, Default)]
pub(super) struct Page {
    text: String,
    spans: Vec<(Range<usize>, Range<usize>)>,
    gap: Gap,
    links: Vec<Link>,
    /// The link that text now belongs to, and how long the text was when it began.
    open: Option<Open>,
    alt: String,
    images: usize,
    pixels: usize,
    ending: Option<Box<Ending>>,
}

/// How far a page had come, beside what it had written.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    text: usize,
    links: usize,
    gap: Gap,
    alt: usize,
    images: usize,
    pixels: usize,
}

/// White space read and not yet written.
#[derive(Clone, Debug, Default)]
enum Gap {
    #[default]
    None,
    Space(Range<usize>),
    Line(Range<usize>),
}

#[derive(Debug)]
struct Open {
    begin: usize,
    href: String,
    raw: Range<usize>,
    /// Words of its images.
    alt: String,
    has_image: bool,
}

impl Page {
    /// Room for a text of so many bytes, so that it need not move as it grows.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        let spans = Vec::with_capacity(bytes / SPAN_BYTES + SPANS_MORE);
        Self { text: String::with_capacity(bytes), spans, ..Self::default() }
    }

    /// The page as it was when it had come so far, of the view that was made of it. `room`: for
    /// how long a text; `start`: where the part's body stood in its message.
    pub(super) fn again(view: &View, reached: &Reached, room: usize, start: usize) -> Self {
        let mut text = String::with_capacity(room);
        text.push_str(view.text.get(..reached.text).unwrap_or_default());
        let count = view.spans.partition_point(|(at, _)| at.start < reached.text);
        let mut spans = Vec::with_capacity(view.spans.len() + SPANS_MORE);
        let written = view.spans.iter().take(count);
        spans.extend(written.map(|(at, raw)| (at.clone(), back(raw, start))));
        if let Some((at, source)) = spans.last_mut()
            && at.end > reached.text
        {
            // Only a piece as long as its source grows.
            source.end -= at.end - reached.text;
            at.end = reached.text;
        }
        let links = view.links.iter().take(reached.links);
        let links = links.map(|link| Link { raw: back(&link.raw, start), ..link.clone() });
        Self {
            text,
            spans,
            gap: reached.gap.clone(),
            links: links.collect(),
            open: None,
            alt: view.alt.get(..reached.alt).unwrap_or_default().to_owned(),
            images: reached.images,
            pixels: reached.pixels,
            ending: None,
        }
    }

    /// How far it has come; nothing while a link is open.
    pub(super) fn reached(&self) -> Option<Reached> {
        self.open.is_none().then(|| Reached {
            text: self.text.len(),
            links: self.links.len(),
            gap: self.gap.clone(),
            alt: self.alt.len(),
            images: self.images,
            pixels: self.pixels,
        })
    }

    pub(super) fn set_ending(&mut self, ending: Ending) {
        self.ending = Some(Box::new(ending));
    }

    /// What was remembered turned out to be of no use.
    pub(super) fn drop_ending(&mut self) {
        self.ending = None;
    }

    pub(super) fn has_ending(&self) -> bool {
        self.ending.is_some()
    }

    /// A piece as it stands in the source: a word, or several with single spaces between them.
    pub(super) fn word(&mut self, word: &str, source: Range<usize>) {
        if word.is_empty() {
            return;
        }
        match std::mem::take(&mut self.gap) {
            Gap::None => {}
            Gap::Space(_) | Gap::Line(_) if self.text.is_empty() => {}
            Gap::Space(from) => self.push(" ", from),
            Gap::Line(from) => self.push("\n", from),
        }
        self.push(word, source);
    }

    fn push(&mut self, piece: &str, source: Range<usize>) {
        let begin = self.text.len();
        self.text.push_str(piece);
        let at = begin..self.text.len();
        if let Some((last_at, last_source)) = self.spans.last_mut()
            && last_source.end == source.start
            && last_at.len() == last_source.len()
            && at.len() == source.len()
        {
            last_at.end = at.end;
            last_source.end = source.end;
            return;
        }
        self.spans.push((at, source));
    }

    pub(super) fn space(&mut self, source: Range<usize>) {
        if matches!(self.gap, Gap::None) {
            self.gap = Gap::Space(source);
        }
    }

    pub(super) fn line(&mut self, source: Range<usize>) {
        if !matches!(self.gap, Gap::Line(_)) {
            self.gap = Gap::Line(source);
        }
    }

    pub(super) fn open_link(&mut self, href: String, raw: Range<usize>) {
        self.close_link();
        let begin = self.text.len();
        self.open = Some(Open { begin, href, raw, alt: String::new(), has_image: false });
    }

    /// Ends the link that is open, if one is.
    pub(super) fn close_link(&mut self) {
        let Some(open) = self.open.take() else { return };
        let shown = self.text.get(open.begin..).unwrap_or_default();
        let blank = shown.len() - shown.trim_start().len();
        let at = open.begin + blank..self.text.len();
        let words = shown.trim();
        let visible = !words.is_empty() || open.has_image;
        let anchor = match (words.is_empty(), open.alt.is_empty()) {
            (false, true) => words.to_owned(),
            (false, false) => format!("{words} {}", open.alt),
            (true, _) => open.alt,
        };
        let target = target(&open.href);
        self.links.push(Link { href: open.href, target, anchor, at, raw: open.raw, visible });
    }

    /// A bare address in plain text, already written at `at`.
    pub(super) fn bare_link(&mut self, href: String, at: Range<usize>, raw: Range<usize>) {
        let target = target(&href);
        self.links.push(Link { href, target, anchor: String::new(), at, raw, visible: true });
    }

    pub(super) fn image(&mut self, alt: &str, is_pixel: bool) {
        self.images += 1;
        if is_pixel {
            self.pixels += 1;
            return;
        }
        let alt = alt.trim();
        if let Some(open) = &mut self.open {
            open.has_image = true;
            append(&mut open.alt, alt);
        }
        append(&mut self.alt, alt);
    }

    /// The source was made of another text: each place in it becomes one in that.
    pub(super) fn lead_back(&mut self, back: impl Fn(Range<usize>) -> Range<usize>) {
        self.close_link();
        let links = self.links.iter_mut().map(|link| &mut link.raw);
        for source in self.spans.iter_mut().map(|(_, source)| source).chain(links) {
            *source = back(source.clone());
        }
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// The finished view. `None`: the part could not be read.
    pub(super) fn view(mut self, part: usize, html: bool, decoded: Option<Decoded<'_>>) -> View {
        self.close_link();
        let readable = decoded.is_some();
        let verbatim = decoded.as_ref().is_some_and(Decoded::is_verbatim);
        if let Some(mut decoded) = decoded {
            for (_, source) in &mut self.spans {
                *source = decoded.raw(source.clone());
            }
            for link in &mut self.links {
                link.raw = decoded.raw(link.raw.clone());
            }
        }
        View {
            part,
            html,
            readable,
            folded: OnceLock::new(),
            text: self.text,
            links: self.links,
            unsubscribes: OnceLock::new(),
            spans: self.spans,
            alt: self.alt,
            images: self.images,
            pixels: self.pixels,
            verbatim,
            ending: self.ending,
        }
    }
}

impl Reached {
    /// A text part of which so much has been written, behind a line feed in its source.
    pub(super) fn line(view: &View, text: usize, feed: usize) -> Self {
        let links = view.links.partition_point(|link| link.at.start < text);
        let gap = Gap::Line(feed..feed + 1);
        Self { text, links, gap, alt: 0, images: 0, pixels: 0 }
    }
}

/// Hardly ever is a text cut into smaller pieces than this.
const SPAN_BYTES: usize = 32;
/// What a footer adds.
const SPANS_MORE: usize = 16;

fn back(raw: &Range<usize>, start: usize) -> Range<usize> {
    raw.start - start..raw.end - start
}

fn append(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push(' ');
    }
    text.push_str(more);
}
