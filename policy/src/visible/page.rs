//! The visible text as it grows: spaces collapsed, blocks apart, each piece with its source.
//!
//! Places in the source are those of the decoded part until [`Page::view`] leads them back to
//! the message's bytes.

use std::{ops::Range, sync::OnceLock};

use super::target::target;
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
        Self { text: String::with_capacity(bytes), ..Self::default() }
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

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// The finished view. `None`: the part could not be read.
    pub(super) fn view(mut self, part: usize, html: bool, decoded: Option<Decoded<'_>>) -> View {
        self.close_link();
        let readable = decoded.is_some();
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
        }
    }
}

fn append(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push(' ');
    }
    text.push_str(more);
}
