//! The open elements, and whether text among them is seen (WHATWG HTML §13.2.4, shortened).
//!
//! A mistake here would show hidden text as visible or the other way round, so the tree builder's
//! rules that decide what is inside what are kept: implied end tags, scopes, formatting elements
//! that are opened again. Foster parenting is not: it moves text, it does not hide it.

use super::{
    declare::{FONT_DEFAULT, FONT_SEEN_MIN, OPACITY_SEEN_MIN, Size},
    paint::{self, Paint},
    style::Style,
    tag,
    token::Name,
};

/// Browsers stop at 512 as well.
const DEPTH_MAX: usize = 512;
/// Formatting elements of one kind that are opened again ("Noah's Ark").
const ALIKE_MAX: usize = 3;

#[derive(Clone, Debug)]
pub(super) struct Stack {
    open: Vec<Open>,
    base: Looks,
    /// Too deep to know: nothing more counts as seen.
    lost: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    pub(super) name: Name,
    pub(super) tag: Tag,
    style: Style,
    looks: Looks,
    /// Of a shut `details`: its summary, which is seen.
    is_summary: bool,
    /// Of a `details`: it had its summary. Another one is folded away with the rest.
    has_summary: bool,
}

/// Where an element's start tag stands in the text, and the values of two of its attributes; only
/// style sheets ask for them. None stands at the end of all texts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag {
    pub(super) at: u32,
    pub(super) class: (u32, u32),
    pub(super) id: (u32, u32),
}

impl Tag {
    pub(super) const NONE: Self = Self { at: u32::MAX, class: (0, 0), id: (0, 0) };
}

/// What text has here, all inheritance done.
#[derive(Clone, Copy, Debug)]
struct Looks {
    gone: bool,
    /// Inside of a shut `details`, which no style opens.
    folded: bool,
    visibility: bool,
    opacity: f32,
    font: f32,
    color: Paint,
    fill: Option<Paint>,
    back: Paint,
    /// Of all that: whether text is seen.
    seen: bool,
}

impl Looks {
    fn with(self, style: &Style) -> Self {
        if !style.differs {
            return self;
        }
        let mut looks = Self {
            gone: self.gone || style.gone,
            folded: self.folded || style.folds,
            visibility: style.visibility.unwrap_or(self.visibility),
            font: match style.font {
                Some(Size::Pixels(pixels)) => pixels,
                Some(Size::Relative(times)) => self.font * times,
                None => self.font,
            },
            opacity: self.opacity * style.opacity,
            color: style.color.unwrap_or(self.color),
            fill: style.fill.or(self.fill),
            back: match style.back {
                None => self.back,
                Some(back) => back.over(self.back, 1.0),
            },
            seen: false,
        };
        looks.seen = looks.text_seen();
        looks
    }

    fn folded(self, folded: bool) -> Self {
        let mut looks = Self { folded, ..self };
        looks.seen = looks.text_seen();
        looks
    }

    fn text_seen(&self) -> bool {
        let ink = self.fill.unwrap_or(self.color);
        let ink = if self.opacity < 1.0 { ink.over(self.back, self.opacity) } else { ink };
        self.image_seen() && self.font >= FONT_SEEN_MIN && !ink.vanishes_on(self.back)
    }

    /// Images have no font and no colour.
    fn image_seen(&self) -> bool {
        !self.gone && !self.folded && self.visibility && self.opacity >= OPACITY_SEEN_MIN
    }
}

impl Stack {
    pub(super) fn new() -> Self {
        let base = Looks {
            gone: false,
            folded: false,
            visibility: true,
            opacity: 1.0,
            font: FONT_DEFAULT,
            color: paint::BLACK,
            fill: None,
            back: paint::WHITE,
            seen: true,
        };
        Self { open: Vec::with_capacity(32), base, lost: false }
    }

    /// Nothing more can be known: nothing more counts as seen.
    pub(super) fn lose(&mut self) {
        self.lost = true;
    }

    /// What is open, inwards in.
    pub(super) fn open(&self) -> &[Open] {
        &self.open
    }

    /// An element of that name is open.
    pub(super) fn holds(&self, name: &str) -> bool {
        self.open.iter().any(|open| open.name.is(name))
    }

    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    fn looks(&self) -> Looks {
        self.open.last().map_or(self.base, |top| top.looks)
    }

    pub(super) fn text_seen(&self) -> bool {
        !self.lost && self.open.last().map_or(self.base.seen, |top| top.looks.seen)
    }

    /// An image with that style, if it stood here.
    pub(super) fn image_seen(&self, style: &Style) -> bool {
        !self.lost && self.looks().with(style).image_seen()
    }

    /// The end tags that a start tag stands for are taken as read.
    pub(super) fn before(&mut self, name: &Name) {
        self.close_implied(name);
    }

    /// Opens an element, after [`Stack::before`].
    pub(super) fn push(&mut self, name: Name, tag: Tag, style: Style) {
        if self.open.len() >= DEPTH_MAX {
            self.lost = true;
            return;
        }
        let is_summary = name.is("summary") && self.takes_summary();
        let looks = self.around(self.open.len(), is_summary).with(&style);
        self.open.push(Open { name, tag, style, looks, is_summary, has_summary: false });
    }

    /// A summary that begins here is that of the shut `details` in which it directly stands.
    fn takes_summary(&mut self) -> bool {
        let details = self.open.last_mut().filter(|open| open.style.folds && !open.has_summary);
        let Some(details) = details else { return false };
        details.has_summary = true;
        true
    }

    /// The looks of what stands around the place: for a summary as if its `details` were open.
    fn around(&self, index: usize, is_summary: bool) -> Looks {
        let above = |levels: usize| {
            let open = index.checked_sub(levels).and_then(|index| self.open.get(index));
            open.map_or(self.base, |open| open.looks)
        };
        if is_summary { above(1).folded(above(2).folded) } else { above(1) }
    }

    /// End tags that a start tag stands for.
    fn close_implied(&mut self, name: &Name) {
        if tag::closes_paragraph(name) {
            self.close_to(self.last_open(
                |open| open.is("p"),
                |open| tag::bounds_scope(open) || open.is("button"),
            ));
        }
        let found = match name.as_bytes() {
            b"a" => {
                self.close_formatting(name);
                None
            }
            b"body" => self.last_open(|open| open.is("head"), |_| false),
            b"li" => self.last_open(|open| open.is("li"), ends_item),
            b"dd" | b"dt" => self.last_open(|open| open.is("dd") || open.is("dt"), ends_item),
            b"td" | b"th" => self.last_open(|open| open.is("td") || open.is("th"), is_table),
            b"tr" => self.last_open(|open| open.is("tr"), is_table),
            b"tbody" | b"thead" | b"tfoot" => self.last_open(
                |open| open.is("tbody") || open.is("thead") || open.is("tfoot"),
                is_table,
            ),
            _ => None,
        };
        self.close_to(found);
    }

    /// True where something drawn as a block by its style was closed.
    pub(super) fn end(&mut self, name: &Name) -> bool {
        if matches!(name.as_bytes(), b"body" | b"html") {
            // What follows still stands in the body.
            return false;
        }
        if tag::is_formatting(name) {
            return self.close_formatting(name);
        }
        let is_cell = matches!(
            name.as_bytes(),
            b"table" | b"tbody" | b"thead" | b"tfoot" | b"tr" | b"td" | b"th"
        );
        let found = if is_cell {
            self.last_open(|open| open == name, is_table)
        } else if tag::is_special(name) {
            self.last_open(|open| open == name, tag::bounds_scope)
        } else {
            self.last_open(|open| open == name, tag::is_special)
        };
        self.close_to(found)
    }

    /// The last element that is wanted, unless one that ends the search stands above it.
    fn last_open(
        &self,
        wanted: impl Fn(&Name) -> bool,
        ends: impl Fn(&Name) -> bool,
    ) -> Option<usize> {
        for (index, open) in self.open.iter().enumerate().rev() {
            if wanted(&open.name) {
                return Some(index);
            }
            if ends(&open.name) {
                return None;
            }
        }
        None
    }

    /// Closes the element at that place and all above it; formatting elements among them are
    /// opened again, up to a marker.
    fn close_to(&mut self, index: Option<usize>) -> bool {
        let Some(index) = index.filter(|index| *index < self.open.len()) else { return false };
        let mut again: Vec<Open> = Vec::new();
        let mut block = false;
        for closed in self.open.drain(index..) {
            block |= closed.style.block;
            if tag::is_marker(&closed.name) {
                again.clear();
            } else if tag::is_formatting(&closed.name) {
                again.push(closed);
            }
        }
        for open in again {
            let alike = |other: &&Open| other.name == open.name && other.style == open.style;
            if self.open.iter().filter(alike).count() < ALIKE_MAX {
                self.push(open.name, open.tag, open.style);
            }
        }
        block
    }

    /// The "adoption agency": a formatting element ends, what other blocks it stands around go on.
    fn close_formatting(&mut self, name: &Name) -> bool {
        let Some(index) = self.last_open(|open| open == name, tag::bounds_scope) else {
            return false;
        };
        let block = self.open.remove(index).style.block;
        let around_block = self.open.iter().skip(index).any(|open| tag::is_special(&open.name));
        if !around_block {
            let mut at = index;
            while let Some(open) = self.open.get(at) {
                if tag::is_formatting(&open.name) {
                    at += 1;
                } else {
                    self.open.remove(at);
                }
            }
        }
        self.inherit_from(index);
        block
    }

    fn inherit_from(&mut self, index: usize) {
        for index in index..self.open.len() {
            let Some(open) = self.open.get(index).copied() else { return };
            let looks = self.around(index, open.is_summary).with(&open.style);
            if let Some(open) = self.open.get_mut(index) {
                open.looks = looks;
            }
        }
    }
}

fn is_table(name: &Name) -> bool {
    name.is("table") || name.is("template") || name.is("html")
}

fn ends_item(name: &Name) -> bool {
    tag::is_special(name) && !name.is("address") && !name.is("div") && !name.is("p")
}
