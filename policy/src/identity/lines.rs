//! A few lines of a text, folded, with the places where each begins.

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

    /// Whether it holds of a few lines that stand together, this one among them.
    pub(super) fn any_window(&self, line: usize, holds: impl Fn(&str) -> bool) -> bool {
        // The lines behind it first: those before it are the message's longer ones.
        let mut firsts = (line.saturating_sub(WINDOW_LINES - 1)..=line).rev();
        firsts.any(|first| holds(self.range(first, first + WINDOW_LINES)))
    }

    /// The text of all of them.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// The text of the lines between two numbers.
    fn range(&self, from: usize, to: usize) -> &str {
        let place = |line: usize| self.starts.get(line).copied().unwrap_or(self.text.len());
        self.text.get(place(from)..place(to)).unwrap_or_default()
    }
}
