//! How a phrase of the word files is written, and how it stands in a text.
//!
//! Words with one space between. `*` at a word's end stands for any ending and the stop or comma
//! after it, `~` for up to three words of any kind, `#` for a word that begins with a digit (signs
//! before it do not count), `@` for one with a digit anywhere. No
//! regular expressions: most phrases are words alone, and these are compared eight bytes at once.

use crate::text::{ends_word, fold};

/// What follows the first letters of a phrase, which are compared as they are.
#[derive(Debug, Eq, PartialEq)]
enum Step {
    /// These bytes, folded.
    Text(String),
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
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) first: String,
    rest: Vec<Step>,
}

impl Pattern {
    pub(super) fn parse(written: &str) -> Self {
        let mut first = None;
        let mut rest = Vec::new();
        let mut literal = String::new();
        let mut keep = |literal: &mut String, step: Step| {
            let text = fold_keeping_ends(literal);
            literal.clear();
            match first {
                None => first = Some(text),
                Some(_) if text.is_empty() => (),
                Some(_) => rest.push(Step::Text(text)),
            }
            rest.push(step);
        };
        let mut letters = written.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '*' if letters.peek().is_none() => keep(&mut literal, Step::LastEnding),
                '*' => keep(&mut literal, Step::Ending),
                '~' => {
                    keep(&mut literal, Step::Words);
                    // Each of the words brings the space after it.
                    letters.next_if_eq(&' ');
                }
                '#' => keep(&mut literal, Step::Number),
                '@' => keep(&mut literal, Step::Reference),
                _ => literal.push(letter),
            }
        }
        let text = fold_keeping_ends(&literal);
        match first {
            None => return Self { first: text, rest },
            Some(_) if text.is_empty() => (),
            Some(_) => rest.push(Step::Text(text)),
        }
        Self { first: first.unwrap_or_default(), rest }
    }

    /// Where the phrase ends whose first letters end at `at`; nothing where the text goes on otherwise.
    #[inline]
    pub(super) fn end(&self, text: &str, at: usize) -> Option<usize> {
        let end = if self.rest.is_empty() { at } else { follow(&self.rest, text, at)? };
        ends_word(text, end).then_some(end)
    }
}

/// Folding cuts spaces off at both ends, where a phrase taken apart needs them.
fn fold_keeping_ends(literal: &str) -> String {
    let space = |has: bool| if has { " " } else { "" };
    let folded = fold(literal);
    if folded.is_empty() {
        return space(!literal.is_empty()).to_owned();
    }
    format!("{}{folded}{}", space(literal.starts_with(' ')), space(literal.ends_with(' ')))
}

fn follow(steps: &[Step], text: &str, at: usize) -> Option<usize> {
    let Some((step, others)) = steps.split_first() else { return Some(at) };
    let rest = text.get(at..)?;
    match step {
        Step::Text(wanted) => {
            rest.starts_with(wanted.as_str()).then(|| follow(others, text, at + wanted.len()))?
        }
        Step::LastEnding => Some(at + letters(rest)),
        Step::Ending => {
            let after = at + letters(rest);
            let behind = text.get(after..)?.bytes().take_while(|byte| CLOSE.contains(byte)).count();
            follow(others, text, after + behind)
        }
        Step::Number | Step::Reference => {
            let length = rest.bytes().position(|byte| byte == b' ').unwrap_or(rest.len());
            let word = rest.get(..length)?;
            let is = if matches!(step, Step::Number) {
                word.chars().find(|c| c.is_alphanumeric())?.is_ascii_digit()
            } else {
                word.bytes().any(|byte| byte.is_ascii_digit())
            };
            // A stop or comma after it is not part of it where nothing else is asked for.
            let kept = if others.is_empty() {
                word.trim_end_matches(|c: char| !c.is_alphanumeric()).len()
            } else {
                length
            };
            is.then(|| follow(others, text, at + kept))?
        }
        Step::Words => {
            let mut from = at;
            for _ in 0..=WORDS_MAX {
                if let Some(end) = follow(others, text, from) {
                    return Some(end);
                }
                from += text.get(from..)?.bytes().position(|byte| byte == b' ')? + 1;
            }
            None
        }
    }
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
impl Pattern {
    /// What may stand behind the digit: all of the word, or no stop where the phrase ends.
    fn tail(&self, step: &Step) -> &'static str {
        let last = self.rest.last().is_some_and(|last| std::ptr::eq(last, step));
        if last { r"(?:[^ ]*[\p{Alphabetic}\p{N}])?" } else { "[^ ]*" }
    }

    /// The same as a regular expression: a second opinion.
    pub(super) fn expression(&self) -> String {
        let mut all = regex::escape(&self.first);
        for step in &self.rest {
            all.push_str(&match step {
                Step::Text(text) => regex::escape(text),
                Step::Ending => r#"[\p{Alphabetic}\p{N}]*[.,:;!?")]*"#.to_owned(),
                Step::LastEnding => r"[\p{Alphabetic}\p{N}]*".to_owned(),
                Step::Words => "(?:[^ ]* ){0,3}?".to_owned(),
                Step::Number => format!("[^ \\p{{Alphabetic}}\\p{{N}}]*[0-9]{}", self.tail(step)),
                Step::Reference => format!("[^ ]*[0-9]{}", self.tail(step)),
            });
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, text: &str) -> Option<String> {
        let (pattern, text) = (Pattern::parse(pattern), fold(text));
        assert!(text.starts_with(&pattern.first), "{text}");
        pattern.end(&text, pattern.first.len()).map(|end| text[..end].to_owned())
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
