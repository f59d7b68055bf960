//! All words of all languages, looked up where a word of the text begins like one of them.
//!
//! No automaton: it would take a step for every byte, and most words begin like no phrase.

use std::{collections::BTreeMap, ops::Range, sync::LazyLock};

use super::{
    kind::KINDS,
    pattern::{Pattern, Patterns},
    signs::Role,
};
use crate::text::{Folded, eight, fold, starts_word};

/// A phrase found in a folded text.
pub(super) struct Found {
    /// Its place in [`KINDS`].
    pub(super) kind: usize,
    /// Which phrase it is.
    pub(super) phrase: usize,
    pub(super) at: Range<usize>,
}

struct Lexicon {
    /// Those of one table and slot together.
    phrases: Vec<Phrase>,
    /// Of each phrase its first eight bytes, and which of them it has: close together, because
    /// most are only compared.
    heads: Vec<(u64, u64)>,
    patterns: Patterns,
    tables: [Table; WIDTHS.len()],
}

struct Phrase {
    pattern: Pattern,
    /// Its first eight bytes, and which of them it has.
    head: u64,
    mask: u64,
    /// Which table it stands in.
    table: usize,
    kind: usize,
}

/// Phrases of which so many first bytes are compared at once.
struct Table {
    mask: u64,
    /// One bit for each mark: is there a phrase? Most words begin like none. Of a fixed size, so that
    /// a mark is always inside.
    filled: Box<[u64; MARKS / 64]>,
    /// Places in `phrases`.
    slots: Vec<Range<u16>>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::load);

/// No phrase begins with a lesser byte, and none is shorter than the least width; a test holds the
/// files to it.
const BEGIN_MIN: u8 = b'%';
/// How many first bytes tables look at. A phrase stands in the widest that it fills.
const WIDTHS: [usize; 3] = [7, 5, 3];
const MARKS: usize = 1 << 16;
/// Marks to a slot: bits are many and small, slots few and large.
const MARKS_PER_SLOT: usize = 8;

/// A number for these bytes, below [`MARKS`].
#[inline]
fn mark(head: u64, mask: u64) -> usize {
    let hash = (head & mask).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    usize::try_from(hash >> (u64::BITS - MARKS.ilog2())).unwrap_or_default()
}

/// Where phrases stand that begin like these bytes.
fn slot(head: u64, mask: u64) -> usize {
    mark(head, mask) / MARKS_PER_SLOT
}

/// So many first bytes of eight.
const fn mask(bytes: usize) -> u64 {
    if bytes < 8 { (1 << (8 * bytes)) - 1 } else { u64::MAX }
}

impl Table {
    /// Of these phrases, sorted by their slots; the first stands at `from`.
    fn of(phrases: &[Phrase], width: usize, from: usize) -> Self {
        let mask = mask(width);
        let mut filled = Box::new([0; MARKS / 64]);
        for mark in phrases.iter().map(|phrase| mark(phrase.head, mask)) {
            if let Some(bits) = filled.get_mut(mark / 64) {
                *bits |= 1_u64 << (mark % 64);
            }
        }
        let mut slots = vec![0..0; MARKS / MARKS_PER_SLOT];
        for group in phrases.chunk_by(|one, next| slot(one.head, mask) == slot(next.head, mask)) {
            let Some(first) = group.first() else { continue };
            let slot = slot(first.head, mask);
            let at = from + phrases.partition_point(|phrase| self::slot(phrase.head, mask) < slot);
            // INVARIANT: there are fewer phrases than 65,536.
            let place = |place: usize| u16::try_from(place).unwrap_or_default();
            if let Some(range) = slots.get_mut(slot) {
                *range = place(at)..place(at + group.len());
            }
        }
        Self { mask, filled, slots }
    }

    /// The phrases that may begin here.
    #[inline]
    fn alike(&self, head: u64) -> Range<usize> {
        let mark = mark(head, self.mask);
        let bits = self.filled.get(mark / 64).copied().unwrap_or_default();
        if bits >> (mark % 64) & 1 == 0 {
            return 0..0;
        }
        let range = self.slots.get(mark / MARKS_PER_SLOT).cloned().unwrap_or_default();
        usize::from(range.start)..usize::from(range.end)
    }
}

/// Each language's words, and whether its diacritics are also written as two letters.
static FILES: [(&str, bool); 5] = [
    (include_str!("words/cs.toml"), false),
    (include_str!("words/sk.toml"), false),
    (include_str!("words/en.toml"), false),
    (include_str!("words/de.toml"), true),
    (include_str!("words/pl.toml"), false),
];

/// `für` as `fuer`; nothing where there is no such letter.
fn spelled_out(word: &str) -> Option<String> {
    let spelled = word.replace('ä', "ae").replace('ö', "oe").replace('ü', "ue");
    (spelled != word).then_some(spelled)
}

impl Lexicon {
    fn load() -> Self {
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for (file, spells_out) in FILES {
            // INVARIANT: the files are part of the program and a test reads each.
            let words: BTreeMap<String, Vec<String>> = toml::from_str(file).unwrap_or_default();
            for (name, words) in words {
                let Some(kind) = KINDS.iter().position(|kind| kind.name == name) else { continue };
                for word in words {
                    let spelled = spells_out.then(|| spelled_out(&word)).flatten();
                    for word in [Some(word), spelled].into_iter().flatten() {
                        kinds.entry(fold(&word)).or_insert(kind);
                    }
                }
            }
        }
        let mut patterns = Patterns::default();
        let phrase = |(written, kind): (String, usize)| {
            let pattern = patterns.add(&written);
            let first = patterns.first(&pattern).as_bytes();
            let table = WIDTHS.iter().position(|width| first.len() >= *width);
            Phrase {
                head: eight::load(first, 0),
                mask: mask(first.len()),
                table: table.unwrap_or(WIDTHS.len()),
                pattern,
                kind,
            }
        };
        let mut phrases: Vec<Phrase> = kinds.into_iter().map(phrase).collect();
        let place = |phrase: &Phrase| {
            let width = WIDTHS.get(phrase.table).copied().unwrap_or_default();
            (phrase.table, slot(phrase.head, mask(width)))
        };
        phrases.sort_by_key(place);
        let mut from = 0;
        let tables = std::array::from_fn(|index| {
            let to = phrases.partition_point(|phrase| phrase.table <= index);
            let width = WIDTHS.get(index).copied().unwrap_or_default();
            let of = Table::of(phrases.get(from..to).unwrap_or_default(), width, from);
            from = to;
            of
        });
        let heads = phrases.iter().map(|phrase| (phrase.head, phrase.mask)).collect();
        Self { phrases, heads, patterns, tables }
    }

    /// Every phrase that stands in the text as whole words, by its end, the longer first.
    fn hits(&self, text: &str) -> Vec<(Range<usize>, usize)> {
        let mut hits = Vec::new();
        let (chunks, rest) = text.as_bytes().as_chunks();
        let eights = chunks.iter().map(|chunk| u64::from_le_bytes(*chunk));
        let mut in_word = 0;
        for (at, eight) in eights.chain([eight::load(rest, 0)]).enumerate() {
            // Every word and some more: a phrase that is found is looked at again.
            let letters = eight::ascii(eight, b'a', b'z');
            let inner = letters & (eight::after(letters) | in_word);
            let mut begins = eight::at_least(eight, BEGIN_MIN) & !inner;
            in_word = letters >> 56;
            while begins != 0 {
                self.hits_at(text, 8 * at + eight::first(begins), &mut hits);
                begins &= begins - 1;
            }
        }
        hits.sort_unstable_by_key(|(at, _)| (at.end, at.start));
        hits
    }

    #[inline]
    fn hits_at(&self, text: &str, at: usize, hits: &mut Vec<(Range<usize>, usize)>) {
        let head = eight::load(text.as_bytes(), at);
        for table in &self.tables {
            let alike = table.alike(head);
            if !alike.is_empty() {
                self.hits_among(alike, text, at, head, hits);
            }
        }
    }

    fn hits_among(
        &self,
        alike: Range<usize>,
        text: &str,
        at: usize,
        head: u64,
        hits: &mut Vec<(Range<usize>, usize)>,
    ) {
        let heads = self.heads.get(alike.clone()).unwrap_or_default();
        let begins = heads.iter().zip(alike).filter(|((first, mask), _)| head & mask == *first);
        for (_, index) in begins {
            let Some(phrase) = self.phrases.get(index) else { return };
            let first = self.patterns.first(&phrase.pattern).as_bytes();
            let after = at + first.len();
            // The head has been compared.
            if (first.len() <= 8 || text.as_bytes().get(at..after) == Some(first))
                && let Some(end) = self.patterns.end(&phrase.pattern, text, after)
                && starts_word(text, at)
            {
                hits.push((at..end, index));
            }
        }
    }
}

/// Every phrase that stands in the text as whole words and inside no longer one.
pub(super) fn find(text: &Folded) -> Vec<Found> {
    let text = text.as_str();
    let mut found: Vec<Found> = Vec::new();
    for (at, phrase) in LEXICON.hits(text) {
        let Some(known) = LEXICON.phrases.get(phrase) else { continue };
        if KINDS.get(known.kind).is_some_and(|kind| kind.role == Role::Label)
            && is_negated(text, at.start)
        {
            continue;
        }
        // Hits come by their ends: a longer phrase comes after what it holds, or before what
        // only repeats its end.
        while found.last().is_some_and(|last| last.at.start >= at.start) {
            found.pop();
        }
        if found.last().is_some_and(|last| last.at.end >= at.end) {
            continue;
        }
        if found.len() >= FOUND_MAX {
            break;
        }
        found.push(Found { kind: known.kind, phrase, at });
    }
    found
}

/// `this is not an advertisement` names none.
fn is_negated(text: &str, at: usize) -> bool {
    let mut from = at.saturating_sub(NEGATION_BYTES);
    while !text.is_char_boundary(from) {
        from -= 1;
    }
    let before = text.get(from..at).unwrap_or_default();
    NEGATIONS.iter().any(|no| before.contains(no))
}

static NEGATIONS: [&str; 10] = [
    "neni",
    "nejde o",
    "nie je",
    "nejde",
    "not a ",
    "not an ",
    "isn't",
    "kein",
    "nie jest",
    "nie stanowi",
];
const NEGATION_BYTES: usize = 16;
/// Enough for any newsletter; a text of nothing but such words says no more.
const FOUND_MAX: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{dice::Dice, text::ends_word};

    #[test]
    fn every_word_file_is_read_whole() {
        let mut seen: BTreeMap<String, (usize, String)> = BTreeMap::new();
        let mut twice = Vec::new();
        for (file, (text, _)) in FILES.iter().enumerate() {
            let words: BTreeMap<String, Vec<String>> = toml::from_str(text).unwrap();
            for (name, words) in words {
                assert!(
                    KINDS.iter().any(|kind| kind.name == name),
                    "no kind of sign is called `{name}`"
                );
                for word in words {
                    let mut patterns = Patterns::default();
                    let pattern = patterns.add(&fold(&word));
                    let begin = patterns.first(&pattern).as_bytes().get(..WIDTHS[WIDTHS.len() - 1]);
                    assert!(
                        begin.is_some_and(|begin| begin[0] >= BEGIN_MIN && begin.is_ascii()),
                        "{word:?} cannot be looked up"
                    );
                    let expression = patterns.expression(&pattern);
                    let (other, before) =
                        seen.entry(expression).or_insert((file, name.clone())).clone();
                    if before != name {
                        twice.push(format!("{word:?}: {before} in {other}, {name} in {file}"));
                    }
                }
            }
        }
        assert!(twice.is_empty(), "{twice:#?}");
    }

    fn names(text: &str) -> Vec<&'static str> {
        find(&Folded::of(text)).iter().map(|found| KINDS[found.kind].name).collect()
    }

    #[test]
    fn words_are_found_in_every_spelling_and_only_whole() {
        for (text, kinds) in [
            ("Potvrzení objednávky", vec!["order-confirmation"]),
            ("POTVRZENI OBJEDNAVKY", vec!["order-confirmation"]),
            ("potvrzení  objednávky", vec!["order-confirmation"]),
            ("slevou", vec!["promotion"]),
            ("zlevněno", vec!["promotion"]),
            ("beslevou", vec![]),
            ("Potvrďte přihlášení k newsletteru", vec!["opt-in-confirmation", "opt-in-topic"]),
            ("Newsletterech", vec!["label"]),
            ("Toto není obchodní sdělení", vec![]),
            ("obchodní sdělení", vec!["label"]),
            ("zľavový kód", vec!["coupon"]),
            ("wholesale", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(names(text), kinds, "{text}");
        }
    }

    /// Every phrase in a text, by regular expressions, as [`Lexicon::hits`] gives them.
    fn by_another(expressions: &[regex::Regex], text: &str) -> Vec<(Range<usize>, usize)> {
        let starts = text.char_indices().map(|(at, _)| at).filter(|at| starts_word(text, *at));
        let mut hits = Vec::new();
        for at in starts {
            for (index, expression) in expressions.iter().enumerate() {
                let found = expression.find(&text[at..]).map(|found| at..at + found.end());
                hits.extend(found.filter(|at| ends_word(text, at.end)).map(|at| (at, index)));
            }
        }
        hits.sort_unstable_by_key(|(at, index)| (at.end, at.start, *index));
        hits
    }

    #[test]
    fn phrases_are_found_where_regular_expressions_find_them() {
        let mut dice = Dice::new();
        let some: Vec<usize> = (0..150).map(|_| dice.below(LEXICON.phrases.len())).collect();
        let expression = |index: &usize| {
            let expression = LEXICON.patterns.expression(&LEXICON.phrases[*index].pattern);
            regex::Regex::new(&format!("^(?:{expression})")).unwrap()
        };
        let expressions: Vec<regex::Regex> = some.iter().map(expression).collect();
        let between = ["", " ", " ", "x", "ж", ", ", "日", "%", "-", "1", " 12. ", "ami "];
        let mut found = 0;
        for _ in 0..400 {
            let mut text = String::new();
            for _ in 0..dice.below(8) {
                let phrase = &LEXICON.phrases[some[dice.below(some.len())]].pattern;
                let written = LEXICON.patterns.expression(phrase).replace(['\\', '*', '?'], "");
                let first = LEXICON.patterns.first(phrase);
                let piece = if dice.below(2) == 0 { first } else { written.as_str() };
                text.push_str(piece.get(..dice.below(40)).unwrap_or(piece));
                text.push_str(dice.one(&between));
            }
            let text = fold(&text);
            let mut hits = LEXICON.hits(&text);
            hits.retain(|(_, index)| some.contains(index));
            let mut expected = by_another(&expressions, &text);
            expected.iter_mut().for_each(|(_, index)| *index = some[*index]);
            let key = |(at, index): &(Range<usize>, usize)| (at.end, at.start, *index);
            hits.sort_unstable_by_key(key);
            expected.sort_unstable_by_key(key);
            expected.dedup();
            found += hits.len();
            assert_eq!(hits, expected, "{text}");
        }
        assert!(found > 150, "{found}");
    }
}
