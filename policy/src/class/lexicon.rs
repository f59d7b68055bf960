//! All words of all languages, looked up where a word of the text begins like one of them.
//!
//! No automaton: it would take a step for every byte, and most words begin like no phrase.

use std::{collections::BTreeMap, ops::Range, sync::LazyLock};

use super::kind::{KINDS, Kind, LABEL};
use crate::text::{Folded, ends_word, fold, starts_word};

/// A phrase found in a folded text.
pub(super) struct Found {
    pub(super) kind: &'static Kind,
    /// Which phrase it is.
    pub(super) phrase: usize,
    pub(super) at: Range<usize>,
}

struct Lexicon {
    /// Those that begin alike stand together.
    phrases: Vec<Phrase>,
    /// Which phrases begin so, by [`slot`].
    begins: Vec<Range<usize>>,
}

struct Phrase {
    /// Folded.
    text: String,
    /// Its first bytes, and which of them there are.
    head: u64,
    mask: u64,
    kind: &'static Kind,
    /// Any ending may follow.
    stem: bool,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::load);

/// No phrase is shorter; a test holds the files to it.
const BEGIN_BYTES: usize = 3;
const SLOT_BITS: u32 = 12;

/// Where three bytes stand in [`Lexicon::begins`].
#[inline]
fn slot(begin: [u8; BEGIN_BYTES]) -> usize {
    let [a, b, c] = begin;
    let hash = u32::from_le_bytes([a, b, c, 0]).wrapping_mul(0x9e37_79b1);
    usize::try_from(hash >> (u32::BITS - SLOT_BITS)).unwrap_or_default()
}

/// The first eight bytes; zeros where there are fewer.
fn head(text: &[u8]) -> u64 {
    if let Some(bytes) = text.first_chunk() {
        return u64::from_le_bytes(*bytes);
    }
    let mut bytes = [0; 8];
    bytes.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
    u64::from_le_bytes(bytes)
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
        let begin = |text: &String| text.as_bytes().first_chunk().map_or(0, |first| slot(*first));
        let mut phrases: Vec<Phrase> = phrases
            .into_iter()
            .map(|(text, (kind, stem))| {
                let mask = head(&vec![0xff; text.len()]);
                Phrase { head: head(text.as_bytes()), mask, text, kind, stem }
            })
            .collect();
        phrases.sort_by_key(|phrase| begin(&phrase.text));
        let mut begins = vec![0..0; 1 << SLOT_BITS];
        for (index, phrase) in phrases.iter().enumerate() {
            if let Some(range) = begins.get_mut(begin(&phrase.text)) {
                *range = if range.start == range.end { index } else { range.start }..index + 1;
            }
        }
        Self { phrases, begins }
    }

    /// Every phrase that stands in the text as whole words, by its end, the longer first.
    fn hits(&self, text: &str) -> Vec<(Range<usize>, usize)> {
        let mut hits = Vec::new();
        // Inside a word only what is no letter can begin a phrase.
        let mut in_word = false;
        for (at, begin) in text.as_bytes().array_windows::<BEGIN_BYTES>().enumerate() {
            let [first, ..] = *begin;
            let inside = in_word && first.is_ascii_alphanumeric();
            in_word = first.is_ascii_alphanumeric();
            if inside {
                continue;
            }
            match self.begins.get(slot(*begin)) {
                Some(alike) if alike.start < alike.end => {
                    self.hits_at(text, at, alike.clone(), &mut hits);
                }
                Some(_) | None => {}
            }
        }
        hits.sort_by_key(|(at, _)| (at.end, at.start));
        hits
    }

    fn hits_at(
        &self,
        text: &str,
        at: usize,
        alike: Range<usize>,
        hits: &mut Vec<(Range<usize>, usize)>,
    ) {
        let rest = text.as_bytes().get(at..).unwrap_or_default();
        let window = head(rest);
        let phrases = self.phrases.get(alike.clone()).unwrap_or_default();
        for (phrase, index) in phrases.iter().zip(alike) {
            let end = at + phrase.text.len();
            if window & phrase.mask == phrase.head
                && rest.starts_with(phrase.text.as_bytes())
                && starts_word(text, at)
                && (phrase.stem || ends_word(text, end))
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
        assert!(LEXICON.begins.iter().filter(|begins| begins.start < begins.end).count() > 50);
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
