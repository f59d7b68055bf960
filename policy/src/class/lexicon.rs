//! All words of all languages in one automaton, so that a text is read once.

use std::{collections::BTreeMap, ops::Range, sync::LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

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
    automaton: Option<AhoCorasick>,
    phrases: Vec<Phrase>,
}

struct Phrase {
    kind: &'static Kind,
    /// Any ending may follow.
    stem: bool,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::load);

static FILES: [&str; 3] =
    [include_str!("words/cs.toml"), include_str!("words/sk.toml"), include_str!("words/en.toml")];

impl Lexicon {
    fn load() -> Self {
        let mut phrases: BTreeMap<String, Phrase> = BTreeMap::new();
        for file in FILES {
            // INVARIANT: the files are part of the program and a test reads each.
            let words: BTreeMap<String, Vec<String>> = toml::from_str(file).unwrap_or_default();
            for (name, words) in &words {
                let Some(kind) = KINDS.iter().find(|kind| kind.name == name) else { continue };
                for word in words {
                    let stem = word.ends_with('*');
                    let folded = fold(word.trim_end_matches('*'));
                    phrases.entry(folded).or_insert(Phrase { kind, stem });
                }
            }
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(phrases.keys())
            .ok();
        Self { automaton, phrases: phrases.into_values().collect() }
    }
}

/// Every phrase that stands in the text as whole words and inside no longer one.
pub(super) fn find(text: &Folded) -> Vec<Found> {
    let text = text.as_str();
    let Some(automaton) = &LEXICON.automaton else { return Vec::new() };
    let mut found: Vec<Found> = Vec::new();
    for hit in automaton.find_overlapping_iter(text) {
        let phrase = hit.pattern().as_usize();
        let Some(known) = LEXICON.phrases.get(phrase) else { continue };
        let at = hit.start()..hit.end();
        if !starts_word(text, at.start) || !(known.stem || ends_word(text, at.end)) {
            continue;
        }
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
    ["neni", "nejde o", "nie je", "not a ", "not an "].iter().any(|no| before.contains(no))
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
                    assert!(!fold(word.trim_end_matches('*')).is_empty(), "{word:?}");
                }
            }
        }
        assert!(LEXICON.automaton.is_some());
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
}
