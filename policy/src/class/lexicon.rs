//! All words of all languages, looked up where a word of the text begins like one of them.
//!
//! No automaton: it would take a step for every byte, and most words begin like no phrase.

use std::{collections::BTreeMap, ops::Range, sync::LazyLock};

use memchr::memchr_iter;

use super::kind::{KINDS, Kind, LABEL};
use crate::text::{Folded, eight, ends_word, fold, starts_word};

/// A phrase found in a folded text.
pub(super) struct Found {
    pub(super) kind: &'static Kind,
    /// Which phrase it is.
    pub(super) phrase: usize,
    pub(super) at: Range<usize>,
}

struct Lexicon {
    phrases: Vec<Phrase>,
    /// Whether any phrase begins with three bytes, by [`slot`]: small, because it is asked at
    /// every word.
    any: [u64; SLOTS / 64],
    /// Those of eight bytes and more, of five, and the others: so many tell nearly all words
    /// from the phrases.
    begins: [Begins; 3],
    /// First bytes of phrases that begin with no letter.
    signs: Vec<u8>,
}

struct Phrase {
    /// Folded.
    text: String,
    kind: &'static Kind,
    /// Any ending may follow.
    stem: bool,
}

/// Phrases by how they begin.
struct Begins {
    /// The first bytes that count.
    mask: u64,
    /// Those of one slot together.
    starts: Vec<Start>,
    /// Places in `starts`, by slot.
    slots: Vec<Range<u16>>,
}

/// How a phrase begins.
struct Start {
    /// Its first bytes, and which of them there are.
    head: u64,
    mask: u64,
    /// Place in [`Lexicon::phrases`].
    phrase: usize,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::load);

/// No phrase is shorter; a test holds the files to it.
const BEGIN_BYTES: usize = 3;
const SLOTS: usize = 4_096;

/// Where some first bytes stand in a table.
#[inline]
fn slot(head: u64) -> usize {
    let hash = head.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    usize::try_from(hash >> (u64::BITS - SLOTS.ilog2())).unwrap_or_default()
}

/// So many first bytes of eight.
const fn mask(bytes: usize) -> u64 {
    if bytes < 8 { (1 << (8 * bytes)) - 1 } else { u64::MAX }
}

impl Begins {
    fn of(phrases: &[Phrase], bytes: usize, longer: usize) -> Self {
        let start = |(place, phrase): (usize, &Phrase)| Start {
            head: eight::load(phrase.text.as_bytes(), 0),
            mask: mask(phrase.text.len()),
            phrase: place,
        };
        let slot = |start: &Start| slot(start.head & mask(bytes));
        let mut starts: Vec<Start> = phrases
            .iter()
            .enumerate()
            .filter(|(_, phrase)| (bytes..longer).contains(&phrase.text.len()))
            .map(start)
            .collect();
        starts.sort_by_key(slot);
        let before = |place| starts.partition_point(|start| slot(start) < place);
        // INVARIANT: there are fewer phrases than 65,536.
        let before = |place| u16::try_from(before(place)).unwrap_or_default();
        let slots = (0..SLOTS).map(|place| before(place)..before(place + 1)).collect();
        Self { mask: mask(bytes), slots, starts }
    }

    /// Phrases that may begin so.
    #[inline]
    fn alike(&self, head: u64) -> &[Start] {
        let Some(range) = self.slots.get(slot(head & self.mask)) else { return &[] };
        self.starts.get(range.start.into()..range.end.into()).unwrap_or_default()
    }
}

static FILES: [&str; 3] =
    [include_str!("words/cs.toml"), include_str!("words/sk.toml"), include_str!("words/en.toml")];

impl Lexicon {
    fn load() -> Self {
        let mut phrases: BTreeMap<String, (&'static Kind, bool)> = BTreeMap::new();
        for file in FILES {
            // INVARIANT: the files are part of the program and a test reads each.
            let words: BTreeMap<String, Vec<String>> = toml::from_str(file).unwrap_or_default();
            for (name, words) in &words {
                let Some(kind) = KINDS.iter().find(|kind| kind.name == name) else { continue };
                for word in words {
                    let stem = word.ends_with('*');
                    let folded = fold(word.trim_end_matches('*'));
                    phrases.entry(folded).or_insert((kind, stem));
                }
            }
        }
        let phrases: Vec<Phrase> =
            phrases.into_iter().map(|(text, (kind, stem))| Phrase { text, kind, stem }).collect();
        let mut any = [0; SLOTS / 64];
        for phrase in &phrases {
            let slot = slot(eight::load(phrase.text.as_bytes(), 0) & mask(BEGIN_BYTES));
            if let Some(bits) = any.get_mut(slot / 64) {
                *bits |= 1 << (slot % 64);
            }
        }
        let begins = [(8, usize::MAX), (5, 8), (BEGIN_BYTES, 5)]
            .map(|(bytes, longer)| Begins::of(&phrases, bytes, longer));
        let mut signs: Vec<u8> = phrases.iter().filter_map(|p| p.text.bytes().next()).collect();
        signs.retain(|first| !first.is_ascii_alphanumeric());
        signs.dedup();
        Self { phrases, any, begins, signs }
    }

    /// Every phrase that stands in the text as whole words, by its end, the longer first.
    fn hits(&self, text: &str) -> Vec<(Range<usize>, usize)> {
        let mut hits = Vec::new();
        let bytes = text.as_bytes();
        let (chunks, rest) = bytes.as_chunks();
        let eights = chunks.iter().map(|chunk| u64::from_le_bytes(*chunk));
        let mut in_word = 0;
        for (at, eight) in eights.chain([eight::load(rest, 0)]).enumerate() {
            // Every word and some more: a phrase that is found is looked at again.
            let letters = eight::ascii(eight, b'a', b'z');
            let mut begins = eight::at_least(eight, b'0') & !(eight::after(letters) | in_word);
            in_word = letters >> 56;
            while begins != 0 {
                self.hits_at(text, 8 * at + eight::first(begins), &mut hits);
                begins &= begins - 1;
            }
        }
        for sign in &self.signs {
            for at in memchr_iter(*sign, bytes) {
                self.hits_at(text, at, &mut hits);
            }
        }
        hits.sort_unstable_by_key(|(at, _)| (at.end, at.start));
        hits.dedup();
        hits
    }

    #[inline]
    fn hits_at(&self, text: &str, at: usize, hits: &mut Vec<(Range<usize>, usize)>) {
        let head = eight::load(text.as_bytes(), at);
        let slot = slot(head & mask(BEGIN_BYTES));
        if self.any.get(slot / 64).is_some_and(|bits| bits >> (slot % 64) & 1 == 1) {
            self.compare(text, at, head, hits);
        }
    }

    #[inline(never)]
    fn compare(&self, text: &str, at: usize, head: u64, hits: &mut Vec<(Range<usize>, usize)>) {
        for begins in &self.begins {
            for &Start { head: start, mask, phrase } in begins.alike(head) {
                if head & mask == start {
                    self.compare_whole(text, at, phrase, hits);
                }
            }
        }
    }

    fn compare_whole(
        &self,
        text: &str,
        at: usize,
        index: usize,
        hits: &mut Vec<(Range<usize>, usize)>,
    ) {
        let Some(phrase) = self.phrases.get(index) else { return };
        let end = at + phrase.text.len();
        if text.as_bytes().get(at..end) == Some(phrase.text.as_bytes())
            && starts_word(text, at)
            && (phrase.stem || ends_word(text, end))
        {
            hits.push((at..end, index));
        }
    }
}

/// Every phrase that stands in the text as whole words and inside no longer one.
pub(super) fn find(text: &Folded) -> Vec<Found> {
    let text = text.as_str();
    let mut found: Vec<Found> = Vec::new();
    for (at, phrase) in LEXICON.hits(text) {
        let Some(known) = LEXICON.phrases.get(phrase) else { continue };
        if known.kind.name == LABEL && is_negated(text, at.start) {
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
    ["neni", "nejde o", "nie je", "nejde o", "not a ", "not an "]
        .iter()
        .any(|no| before.contains(no))
}

const NEGATION_BYTES: usize = 16;
/// Enough for any newsletter; a text of nothing but such words says no more.
const FOUND_MAX: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_file_is_read_whole() {
        for file in FILES {
            let words: BTreeMap<String, Vec<String>> = toml::from_str(file).unwrap();
            for (name, words) in words {
                assert!(
                    KINDS.iter().any(|kind| kind.name == name),
                    "no kind of sign is called `{name}`"
                );
                for word in words {
                    assert!(
                        fold(word.trim_end_matches('*')).len() >= BEGIN_BYTES,
                        "{word:?} is too short to be looked up"
                    );
                }
            }
        }
        assert!(LEXICON.begins.iter().all(|begins| begins.starts.len() > 10));
    }

    fn names(text: &str) -> Vec<&'static str> {
        find(&Folded::of(text)).iter().map(|found| found.kind.name).collect()
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
            ("Potvrďte přihlášení k newsletteru", vec!["opt-in-confirmation"]),
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

    /// Every phrase in a text, by an automaton, as [`Lexicon::hits`] gives them.
    fn by_another(automaton: &aho_corasick::AhoCorasick, text: &str) -> Vec<(Range<usize>, usize)> {
        automaton
            .find_overlapping_iter(text)
            .map(|hit| (hit.range(), hit.pattern().as_usize()))
            .filter(|(at, phrase)| {
                let stem = LEXICON.phrases[*phrase].stem;
                starts_word(text, at.start) && (stem || ends_word(text, at.end))
            })
            .collect()
    }

    #[test]
    fn phrases_are_found_where_an_automaton_finds_them() {
        let texts = LEXICON.phrases.iter().map(|phrase| phrase.text.as_str());
        let automaton = aho_corasick::AhoCorasick::new(texts).unwrap();
        let between = ["", " ", " ", "x", "ж", ", ", "日", "%", "-", "1"];
        let mut state = 0x9e37_79b9_u32;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state as usize
        };
        for _ in 0..3_000 {
            let mut text = String::new();
            for _ in 0..next() % 8 {
                let phrase = LEXICON.phrases[next() % LEXICON.phrases.len()].text.as_str();
                text.push_str(phrase.get(..next() % 40).unwrap_or(phrase));
                text.push_str(between[next() % between.len()]);
            }
            assert_eq!(LEXICON.hits(&text), by_another(&automaton, &text), "{text}");
        }
    }
}
