//! Style sheets ready to be asked which of their rules match an element.
//!
//! Asked element by element as the text is read: an element's place is known by what is open around
//! it. Work is counted, so that hostile sheets cost no more than a fixed share of the text.

use std::{cell::RefCell, sync::Arc};

use super::{
    css::{self, Rule},
    declare::Declared,
    entity,
    paint::Paint,
    selector::{Compound, Selector},
    stack::{Open, Tag},
    style::Draft,
    token::{Name, Tokens},
};

/// The sheets in force, in the order of the text.
#[derive(Clone, Debug, Default)]
pub(super) struct Sheets {
    all: Vec<Arc<Sheet>>,
    bytes: usize,
    selectors: usize,
}

/// One sheet.
#[derive(Debug, Default)]
struct Sheet {
    /// Each selector and the declarations it is for.
    selectors: Vec<(Selector, usize)>,
    declared: Vec<Vec<(Declared, bool)>>,
    /// The selectors by the rarest thing their element must have; sorted.
    keys: Vec<(u32, usize)>,
    /// One bit for each key, so that most elements need not look.
    filter: u64,
    /// Those for any element.
    any: Vec<usize>,
}

/// An element as selectors see it. The text of attributes is as written.
pub(super) struct Element<'a> {
    pub(super) html: &'a str,
    pub(super) name: Name,
    pub(super) tag: Tag,
    /// Its start tag, just read; nothing for an element that no tag stands for.
    pub(super) own: Option<&'a Tokens<'a>>,
    /// What is open around it, inwards in.
    pub(super) above: &'a [Open],
}

/// A rule that matches: how much it weighs, and where its declarations stand.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Matched {
    specificity: u32,
    sheet: usize,
    rule: usize,
    vague: bool,
}

/// What has matched an element, in the order of the cascade.
#[derive(Debug, Default)]
pub(super) struct Matches {
    found: Vec<Matched>,
    /// Some rule asked for more than name, class and id: another element of these may match others.
    bound: bool,
}

impl Matches {
    pub(super) fn clear(&mut self) {
        self.found.clear();
        self.bound = false;
    }

    pub(super) fn is_bound(&self) -> bool {
        self.bound
    }
}

/// How much may be looked at before a text is given up.
#[derive(Debug)]
pub(super) struct Work(usize);

impl Work {
    /// For a text of so many bytes.
    pub(super) fn of(bytes: usize) -> Self {
        Self(bytes.saturating_mul(STEPS_PER_BYTE).saturating_add(STEPS_MIN))
    }

    pub(super) fn is_spent(&self) -> bool {
        self.0 == 0
    }

    fn step(&mut self, steps: usize) -> bool {
        self.0 = self.0.saturating_sub(steps);
        self.0 > 0
    }
}

/// Real newsletters need less than one step for each byte.
const STEPS_PER_BYTE: usize = 32;
const STEPS_MIN: usize = 100_000;
/// Of all sheets of a part. Gmail takes 16 KiB of one.
const BYTES_MAX: usize = 512 * 1_024;
const SELECTORS_MAX: usize = 20_000;

impl Sheets {
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn add(&mut self, css: &str) {
        self.bytes += css.len();
        if self.is_too_much() {
            return;
        }
        let sheet = known(css);
        self.selectors += sheet.selectors.len();
        if !sheet.selectors.is_empty() {
            self.all.push(sheet);
        }
    }

    /// More than anybody writes: not all of it is known.
    pub(super) fn is_too_much(&self) -> bool {
        self.bytes > BYTES_MAX || self.selectors > SELECTORS_MAX
    }

    /// Finds all rules that match an element.
    pub(super) fn find(&self, element: &Element<'_>, work: &mut Work, found: &mut Matches) {
        found.clear();
        let class = element.class();
        for (number, sheet) in self.all.iter().enumerate() {
            if !work.step(1) {
                return;
            }
            let mut try_one = |index: &usize| {
                let Some((selector, rule)) = sheet.selectors.get(*index) else { return };
                found.bound |= selector.is_bound();
                if work.step(1) && element.is(selector, work) {
                    let Selector { specificity, vague, .. } = *selector;
                    found.found.push(Matched { specificity, sheet: number, rule: *rule, vague });
                }
            };
            sheet.with(name_key(&element.name), &mut try_one);
            if let Some(id) = element.id() {
                sheet.with(key(b'#', id.as_bytes()), &mut try_one);
            }
            for word in class.iter().flat_map(|class| class.split_ascii_whitespace()) {
                sheet.with(key(b'.', word.as_bytes()), &mut try_one);
            }
            sheet.any.iter().for_each(&mut try_one);
        }
        if found.found.len() > 1 {
            found.found.sort_unstable();
            found.found.dedup();
        }
    }

    /// Puts what the rules declare that is, or is not, `!important`.
    pub(super) fn put(&self, found: &Matches, important: bool, draft: &mut Draft) {
        for matched in &found.found {
            let sheet = self.all.get(matched.sheet);
            let declared = sheet.and_then(|sheet| sheet.declared.get(matched.rule));
            for (declared, weight) in declared.into_iter().flatten() {
                if *weight != important {
                    continue;
                }
                match declared {
                    declared if !matched.vague => draft.put(*declared),
                    // It may be painted so, and hides nothing that is not known to be hidden.
                    Declared::Color(_) => draft.put(Declared::Color(Some(Paint::Unknown))),
                    Declared::Fill(_) => draft.put(Declared::Fill(Some(Paint::Unknown))),
                    Declared::Back(_) | Declared::Image(_) => draft.image(),
                    Declared::Trick(..)
                    | Declared::Display { .. }
                    | Declared::Visibility(_)
                    | Declared::Opacity(_)
                    | Declared::Font(_) => {}
                }
            }
        }
    }
}

impl Sheet {
    fn of(rules: Vec<Rule>) -> Self {
        let mut sheet = Self::default();
        for rule in rules {
            let number = sheet.declared.len();
            sheet.declared.push(rule.declared);
            for selector in rule.selectors {
                let index = sheet.selectors.len();
                match selector.compounds.first().and_then(rarest) {
                    Some(key) => {
                        sheet.filter |= bit(key);
                        sheet.keys.push((key, index));
                    }
                    None => sheet.any.push(index),
                }
                sheet.selectors.push((selector, number));
            }
        }
        sheet.keys.sort_unstable();
        sheet
    }

    #[inline]
    fn with(&self, key: u32, try_one: &mut impl FnMut(&usize)) {
        if self.filter & bit(key) == 0 {
            return;
        }
        let first = self.keys.partition_point(|(other, _)| *other < key);
        let same = self.keys.get(first..).unwrap_or_default();
        same.iter().take_while(|(other, _)| *other == key).for_each(|(_, index)| try_one(index));
    }
}

impl Element<'_> {
    fn is(&self, selector: &Selector, work: &mut Work) -> bool {
        let Some((own, around)) = selector.compounds.split_first() else { return false };
        let attribute = |name: &str| Some(self.own?.attribute(name)?.0);
        fits(own, &self.name, self.html, &self.tag, attribute)
            && is_inside(own.child, around, self.above, self.html, work)
    }

    fn class(&self) -> Option<std::borrow::Cow<'_, str>> {
        written(self.html, self.tag.class)
    }

    fn id(&self) -> Option<std::borrow::Cow<'_, str>> {
        written(self.html, self.tag.id)
    }
}

/// The elements around it are what those compounds ask for, each in turn.
fn is_inside(
    child: bool,
    compounds: &[Compound],
    mut above: &[Open],
    html: &str,
    work: &mut Work,
) -> bool {
    let Some((wanted, further)) = compounds.split_first() else { return true };
    while let Some((open, outer)) = above.split_last() {
        if !work.step(1) {
            return false;
        }
        let attribute = |name: &str| {
            let mut tokens = Tokens::from(html, usize::try_from(open.tag.at).ok()?);
            tokens.next()?;
            Some(tokens.attribute(name)?.0)
        };
        if fits(wanted, &open.name, html, &open.tag, attribute)
            && is_inside(wanted.child, further, outer, html, work)
        {
            return true;
        }
        if child {
            return false;
        }
        above = outer;
    }
    false
}

/// The element has all that the compound asks for.
fn fits<'a>(
    wanted: &Compound,
    name: &Name,
    html: &str,
    tag: &Tag,
    attribute: impl Fn(&str) -> Option<&'a str>,
) -> bool {
    if wanted.name.as_ref().is_some_and(|wanted| wanted != name) {
        return false;
    }
    if let Some(wanted) = &wanted.id
        && written(html, tag.id).is_none_or(|id| id.trim() != wanted)
    {
        return false;
    }
    if !wanted.classes.is_empty() {
        let Some(class) = written(html, tag.class) else { return false };
        let has = |wanted: &String| class.split_ascii_whitespace().any(|word| word == wanted);
        if !wanted.classes.iter().all(has) {
            return false;
        }
    }
    wanted
        .attributes
        .iter()
        .all(|wanted| wanted.matches(attribute(&wanted.name).map(entity::attribute).as_deref()))
}

/// An attribute's text, if it has any.
fn written(html: &str, (from, to): (u32, u32)) -> Option<std::borrow::Cow<'_, str>> {
    if from == to {
        return None;
    }
    html.get(usize::try_from(from).ok()?..usize::try_from(to).ok()?).map(entity::attribute)
}

fn rarest(compound: &Compound) -> Option<u32> {
    if let Some(id) = &compound.id {
        return Some(key(b'#', id.as_bytes()));
    }
    if let Some(class) = compound.classes.first() {
        return Some(key(b'.', class.as_bytes()));
    }
    compound.name.as_ref().map(name_key)
}

fn name_key(name: &Name) -> u32 {
    key(b'<', name.as_bytes())
}

/// FNV-1a; where two things have the same key, both are looked at.
fn key(kind: u8, text: &[u8]) -> u32 {
    let mix = |key: u32, byte: &u8| (key ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    text.iter().fold(mix(0x811c_9dc5, &kind), mix)
}

fn bit(key: u32) -> u64 {
    1 << (key >> 16 & 63)
}

thread_local! {
    /// The sheets read last. All messages of a campaign have the same, and reading one costs as
    /// much as reading the rest of a small message. What is found here is what would be read.
    static LAST: RefCell<Vec<(Box<str>, Arc<Sheet>)>> = const { RefCell::new(Vec::new()) };
}

const LAST_MAX: usize = 8;
/// Longer ones are read each time.
const LAST_BYTES_MAX: usize = 64 * 1_024;

fn known(css: &str) -> Arc<Sheet> {
    let read = || Arc::new(Sheet::of(css::rules(css)));
    if css.len() > LAST_BYTES_MAX {
        return read();
    }
    LAST.with(|last| {
        let Ok(mut last) = last.try_borrow_mut() else { return read() };
        if let Some(found) = last.iter().position(|(text, _)| **text == *css) {
            last.get_mut(..=found).unwrap_or_default().rotate_right(1);
        } else {
            last.truncate(LAST_MAX - 1);
            last.insert(0, (css.into(), read()));
        }
        last.first().map(|(_, sheet)| sheet.clone()).unwrap_or_default()
    })
}
