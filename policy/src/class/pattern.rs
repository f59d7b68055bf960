//! How a phrase of the word files is written, and how it stands in a text.
//!
//! Words with one space between. `*` at a word's end stands for any ending and the stop or comma
//! after it, `~` for up to three words of any kind, `#` for a word that begins with a digit (signs
//! before it do not count), `@` for one with a digit anywhere. No
//! regular expressions: most phrases are words alone, and these are compared eight bytes at once.

use std::ops::Range;

use crate::text::ends_word;

/// What follows the first letters of a phrase, which are compared as they are.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Step {
    /// These bytes of the literals.
    Text(Range<usize>),
    /// The rest of a word, and what is written close behind it.
    Ending,
    /// The rest of a word and no more: the phrase ends here.
    LastEnding,
    /// No word, one, two or three, each with the space after it.
    Words,
    /// A word whose first letter is a digit.
    Number,
    /// A word that holds a digit.
    Reference,
}

/// A phrase, folded and taken apart.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    first: Range<usize>,
    steps: Range<usize>,
}

/// What all phrases are made of, in two pieces of memory: ten thousand small ones would lie between
/// everything else.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    literals: String,
    steps: Vec<Step>,
}

impl Patterns {
    /// Takes a phrase apart that is folded already.
    pub(super) fn add(&mut self, folded: &str) -> Pattern {
        let mut pieces = folded.split_inclusive(['*', '~', '#', '@']);
        let from = self.steps.len();
        let mut first = None;
        while let Some(piece) = pieces.next() {
            let (literal, step) = match piece.char_indices().next_back() {
                Some((at, '*')) if pieces.clone().next().is_none() => {
                    (piece.get(..at), Some(Step::LastEnding))
                }
                Some((at, '*')) => (piece.get(..at), Some(Step::Ending)),
                Some((at, '~')) => (piece.get(..at), Some(Step::Words)),
                Some((at, '#')) => (piece.get(..at), Some(Step::Number)),
                Some((at, '@')) => (piece.get(..at), Some(Step::Reference)),
                Some(_) | None => (Some(piece), None),
            };
            // Each of the words that `~` stands for brings the space after it.
            let literal = match (literal.unwrap_or_default(), self.steps.get(from..)) {
                (literal, Some([.., Step::Words])) => literal.strip_prefix(' ').unwrap_or(literal),
                (literal, _) => literal,
            };
            let start = self.literals.len();
            self.literals.push_str(literal);
            let range = start..self.literals.len();
            if first.is_none() {
                first = Some(range);
            } else if !range.is_empty() {
                self.steps.push(Step::Text(range));
            }
            self.steps.extend(step);
        }
        Pattern { first: first.unwrap_or_default(), steps: from..self.steps.len() }
    }

    /// The letters that a phrase begins with.
    pub(super) fn first(&self, pattern: &Pattern) -> &str {
        self.literals.get(pattern.first.clone()).unwrap_or_default()
    }

    /// Where the phrase ends whose first letters end at `at`; nothing where the text goes on otherwise.
    #[inline]
    pub(super) fn end(&self, pattern: &Pattern, text: &str, at: usize) -> Option<usize> {
        let steps = self.steps.get(pattern.steps.clone()).unwrap_or_default();
        let end = if steps.is_empty() { at } else { self.follow(steps, text, at)? };
        ends_word(text, end).then_some(end)
    }

    fn follow(&self, steps: &[Step], text: &str, at: usize) -> Option<usize> {
        let Some((step, others)) = steps.split_first() else { return Some(at) };
        let rest = text.get(at..)?;
        match step {
            Step::Text(wanted) => {
                let wanted = self.literals.get(wanted.clone())?;
                rest.starts_with(wanted).then(|| self.follow(others, text, at + wanted.len()))?
            }
            Step::LastEnding => Some(at + letters(rest)),
            Step::Ending => {
                let after = at + letters(rest);
                let behind = text.get(after..)?.bytes().take_while(|byte| CLOSE.contains(byte));
                self.follow(others, text, after + behind.count())
            }
            Step::Number | Step::Reference => {
                let length = number(rest, *step == Step::Reference, others.is_empty())?;
                self.follow(others, text, at + length)
            }
            Step::Words => {
                let mut from = at;
                for _ in 0..=WORDS_MAX {
                    if let Some(end) = self.follow(others, text, from) {
                        return Some(end);
                    }
                    from += text.get(from..)?.bytes().position(|byte| byte == b' ')? + 1;
                }
                None
            }
        }
    }
}

/// How long the word is with a digit in it, or at its start; without what stands behind it where the
/// phrase ends there.
fn number(text: &str, anywhere: bool, is_last: bool) -> Option<usize> {
    let length = text.bytes().position(|byte| byte == b' ').unwrap_or(text.len());
    let word = text.get(..length)?;
    let is = match anywhere {
        true => word.bytes().any(|byte| byte.is_ascii_digit()),
        false => word.chars().find(|c| c.is_alphanumeric())?.is_ascii_digit(),
    };
    let kept = match is_last {
        true => word.trim_end_matches(|c: char| !c.is_alphanumeric()).len(),
        false => length,
    };
    is.then_some(kept)
}

/// How many bytes at the start are letters and digits.
fn letters(text: &str) -> usize {
    text.char_indices().find(|(_, c)| !c.is_alphanumeric()).map_or(text.len(), |(at, _)| at)
}

/// What may stand between a word and the space after it.
static CLOSE: [u8; 8] = *b".,:;!?\")";
/// How many words `~` stands for at most.
const WORDS_MAX: usize = 3;

#[cfg(test)]
impl Patterns {
    /// The same as a regular expression: a second opinion.
    pub(super) fn expression(&self, pattern: &Pattern) -> String {
        let mut all = regex::escape(self.first(pattern));
        let steps = &self.steps[pattern.steps.clone()];
        for (index, step) in steps.iter().enumerate() {
            // What may stand behind the digit: all of the word, or no stop where the phrase ends.
            let tail = match index + 1 == steps.len() {
                true => r"(?:[^ ]*[\p{Alphabetic}\p{N}])?",
                false => "[^ ]*",
            };
            all.push_str(&match step {
                Step::Text(text) => regex::escape(&self.literals[text.clone()]),
                Step::Ending => r#"[\p{Alphabetic}\p{N}]*[.,:;!?")]*"#.to_owned(),
                Step::LastEnding => r"[\p{Alphabetic}\p{N}]*".to_owned(),
                Step::Words => "(?:[^ ]* ){0,3}?".to_owned(),
                Step::Number => format!("[^ \\p{{Alphabetic}}\\p{{N}}]*[0-9]{tail}"),
                Step::Reference => format!("[^ ]*[0-9]{tail}"),
            });
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold;

    fn found(pattern: &str, text: &str) -> Option<String> {
        let mut all = Patterns::default();
        let (pattern, text) = (all.add(&fold(pattern)), fold(text));
        let first = all.first(&pattern);
        assert!(text.starts_with(first), "{text}");
        all.end(&pattern, &text, first.len()).map(|end| text[..end].to_owned())
    }

    #[test]
    fn a_phrase_stands_where_its_words_do() {
        for (pattern, text, expected) in [
            ("sleva", "Sleva!", Some("sleva")),
            ("sleva", "slevami", None),
            ("slev*", "slevami.", Some("slevami")),
            ("objednávk* č* @", "Objednávka č. 123, díky", Some("objednavka c. 123")),
            ("objednávk* č* @", "objednávku číslo A-17.", Some("objednavku cislo a-17")),
            ("objednávk* č* @", "objednávka černá", None),
            ("kód* #", "kód: 884 120", Some("kod: 884")),
            ("kód* #", "kód LETO20", None),
            ("děkujeme za ~ nákup", "Děkujeme za nákup", Some("dekujeme za nakup")),
            (
                "děkujeme za ~ nákup",
                "děkujeme za Váš dnešní velký nákup",
                Some("dekujeme za vas dnesni velky nakup"),
            ),
            ("děkujeme za ~ nákup", "děkujeme za to, že jste si našli nákup", None),
            ("ab # €", "ab 9,90 € je Stück", Some("ab 9,90 €")),
            ("ab # €", "ab Montag €", None),
            ("from €#", "from €179pp", Some("from €179pp")),
            ("potwierd* ~ zamówien*", "Potwierdzenie zamówienia", Some("potwierdzenie zamowienia")),
        ] {
            assert_eq!(found(pattern, text).as_deref(), expected, "{pattern}: {text}");
        }
    }
}
