//! A few lines of a text, folded, with the places where each begins.

use super::needle::{self, Needle};
use crate::text::Folded;

/// The lines folded one by one, a space between them; the text is that of all folded at once.
pub(super) struct Lines {
    text: String,
    /// Where each begins; an empty one where the line before it ends.
    starts: Vec<usize>,
}

/// A footer breaks an address over lines; further apart it is not one address.
pub(super) const WINDOW_LINES: usize = 4;

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let mut lines = Self { text: String::with_capacity(text.len()), starts: Vec::new() };
        for line in text.split('\n') {
            let folded = Folded::of(line);
            let folded = folded.as_str();
            if !folded.is_empty() && !lines.text.is_empty() {
                lines.text.push(' ');
            }
            lines.starts.push(lines.text.len());
            lines.text.push_str(folded);
        }
        lines
    }

    /// Whether what is looked for stands here.
    pub(super) fn hold(&self, needle: &Needle) -> bool {
        match needle {
            Needle::Name(letters) => letters.find_in(&self.text).is_some(),
            Needle::Number(digits) => digits.all_in(&self.text).any(|at| {
                let line = self.number(at);
                needle::number_in(self.range(line, line + 1), digits.as_str())
            }),
            Needle::Place { squashed, words } => {
                // A text without a letter or digit is found in every one.
                squashed.is_empty()
                    || squashed.find_in(&self.text).is_some()
                    || needle::rarest(words).is_some_and(|word| {
                        self.any_about(word, |window| needle::all_in(words, window))
                    })
            }
            Needle::Entry { number } => {
                self.any_about(number, |window| needle::is_entry(number, window))
            }
        }
    }

    /// Whether it holds of a few lines that stand together around one with the word.
    fn any_about(&self, word: &str, holds: impl Fn(&str) -> bool) -> bool {
        spellings(word, |word| {
            needle::places(&self.text, word).any(|at| {
                let line = self.number(at.start);
                // A postal code is not cut by a line's end.
                line == self.number(at.end.saturating_sub(1)) && self.any_window(line, &holds)
            })
        })
    }

    /// Whether it holds of a few lines that stand together, this one among them.
    pub(super) fn any_window(&self, line: usize, holds: impl Fn(&str) -> bool) -> bool {
        // The lines behind it first: those before it are the message's longer ones.
        let mut firsts = (line.saturating_sub(WINDOW_LINES - 1)..=line).rev();
        firsts.any(|first| holds(self.range(first, first + WINDOW_LINES)))
    }

    /// The number of the line in which a place lies.
    fn number(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).saturating_sub(1)
    }

    /// The text of the lines between two numbers.
    fn range(&self, from: usize, to: usize) -> &str {
        let place = |line: usize| self.starts.get(line).copied().unwrap_or(self.text.len());
        self.text.get(place(from)..place(to)).unwrap_or_default()
    }
}

/// Whether it holds of the word as it is, or as a postal code with a space.
pub(super) fn spellings(word: &str, holds: impl Fn(&str) -> bool) -> bool {
    let split = word.get(..3).zip(word.get(3..)).filter(|_| needle::is_digits(word, 5));
    let spaced = || split.is_some_and(|(first, last)| holds(&format!("{first} {last}")));
    holds(word) || spaced()
}
