//! Phrases by the letter that they begin with: most words of a text begin with another.

/// Phrases, each with what it says; all begin with one of the letters `a` to `z`.
#[derive(Debug)]
pub(crate) struct ByInitial<T>([Vec<(&'static str, T)>; LETTERS]);

const LETTERS: usize = 26;

impl<T> ByInitial<T> {
    /// In the order given, among those of one letter.
    pub(crate) fn of(phrases: impl IntoIterator<Item = (&'static str, T)>) -> Self {
        let mut all = Self(std::array::from_fn(|_| Vec::new()));
        for (phrase, says) in phrases {
            if let Some(alike) = place(phrase).and_then(|at| all.0.get_mut(at)) {
                alike.push((phrase, says));
            }
        }
        all
    }

    /// Those with the first letter of a text, which is folded.
    pub(crate) fn alike(&self, text: &str) -> &[(&'static str, T)] {
        place(text).and_then(|at| self.0.get(at)).map(Vec::as_slice).unwrap_or_default()
    }
}

fn place(text: &str) -> Option<usize> {
    Some(usize::from(text.bytes().next()?.checked_sub(b'a')?)).filter(|at| *at < LETTERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_found_by_their_first_letter() {
        let all = ByInitial::of([("ab", 1), ("zb", 2), ("ac", 3)]);
        assert_eq!(all.alike("a"), [("ab", 1), ("ac", 3)]);
        assert_eq!(all.alike("z x"), [("zb", 2)]);
        for text in ["", "b", "1", "{", "`", "ž"] {
            assert!(all.alike(text).is_empty(), "{text}");
        }
    }
}
