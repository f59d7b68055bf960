//! Comparing human text: case, diacritics, spaces, look-alike letters.
//!
//! Not for showing: what is folded is only ever compared, and evidence shows the original.

mod letters;
pub(crate) mod percent;

use std::ops::Range;

pub(crate) use letters::is_unseen;

/// A text folded for comparing, with the way back to the original.
#[derive(Clone, Debug, Default)]
pub struct Folded {
    text: String,
    /// Sorted by place in `text`; the last one stands at its end.
    back: Vec<Piece>,
}

/// Where a stretch of the folded text came from; it reaches to the next piece.
#[derive(Clone, Copy, Debug)]
struct Piece {
    folded: usize,
    original: usize,
    /// Byte for byte as in the original; otherwise one character became something else.
    even: bool,
}

impl Folded {
    /// NFKC, case folded, diacritics off (`ě` → `e`), look-alikes of Latin letters mapped, spaces
    /// collapsed to one and cut off at both ends, zero-width characters left out, emoji and
    /// other pictures taken as spaces.
    pub fn of(text: &str) -> Self {
        let mut fold = Fold::new(text);
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if byte.is_ascii() {
                fold.ascii(byte, at);
                at += 1;
                continue;
            }
            let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
            fold.other(c, at);
            at += c.len_utf8();
        }
        fold.finish(text.len())
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The range of the original that a range of the folded text came from.
    pub fn original(&self, range: Range<usize>) -> Range<usize> {
        let start = match self.piece(range.start) {
            Some((_, piece)) if piece.even => piece.original + (range.start - piece.folded),
            Some((_, piece)) => piece.original,
            None => 0,
        };
        if range.end <= range.start {
            return start..start;
        }
        let end = match self.piece(range.end - 1) {
            Some((_, piece)) if piece.even => piece.original + (range.end - piece.folded),
            Some((index, _)) => self.back.get(index + 1).map_or(start, |next| next.original),
            None => start,
        };
        start..end.max(start)
    }

    /// The first place where the phrase stands as whole words. The phrase is folded already.
    pub fn find_phrase(&self, phrase: &str) -> Option<Range<usize>> {
        self.find_all(phrase).next()
    }

    /// Every place where the phrase stands as whole words. The phrase is folded already.
    pub fn find_all<'a>(&'a self, phrase: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        let found = (!phrase.is_empty()).then(|| self.text.match_indices(phrase));
        found
            .into_iter()
            .flatten()
            .map(|(at, found)| at..at + found.len())
            .filter(|range| is_whole(&self.text, range))
    }

    /// The last piece that begins at or before a place.
    fn piece(&self, at: usize) -> Option<(usize, Piece)> {
        let index = self.back.partition_point(|piece| piece.folded <= at).checked_sub(1)?;
        self.back.get(index).map(|piece| (index, *piece))
    }
}

/// [`Folded::of`] where the way back is not needed.
pub fn fold(text: &str) -> String {
    Folded::of(text).text
}

/// Neither end of the range cuts a word in two.
pub fn is_whole(text: &str, range: &Range<usize>) -> bool {
    starts_word(text, range.start) && ends_word(text, range.end)
}

pub(crate) fn starts_word(text: &str, at: usize) -> bool {
    let first = text.get(at..).and_then(|rest| rest.chars().next());
    let before = text.get(..at).and_then(|rest| rest.chars().next_back());
    !(first.is_some_and(char::is_alphanumeric) && before.is_some_and(char::is_alphanumeric))
}

pub(crate) fn ends_word(text: &str, at: usize) -> bool {
    let last = text.get(..at).and_then(|rest| rest.chars().next_back());
    let after = text.get(at..).and_then(|rest| rest.chars().next());
    !(last.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric))
}

/// A fold under way.
struct Fold {
    text: Vec<u8>,
    back: Vec<Piece>,
    /// Place of the original that continues the current even piece.
    next: usize,
    even: bool,
    /// A space was read and not yet written: from where, and whether it was ASCII.
    space: Option<(usize, bool)>,
}

impl Fold {
    fn new(text: &str) -> Self {
        Self {
            text: Vec::with_capacity(text.len()),
            back: Vec::with_capacity(8),
            next: usize::MAX,
            even: false,
            space: None,
        }
    }

    #[inline]
    fn ascii(&mut self, byte: u8, at: usize) {
        if byte > b' ' && byte != 0x7f {
            if self.space.is_some() {
                self.write_space();
            }
            self.even_at(at);
            self.text.push(byte.to_ascii_lowercase());
        } else if self.space.is_none() {
            self.space = Some((at, true));
        }
    }

    fn other(&mut self, c: char, at: usize) {
        if is_unseen(c) {
            return;
        }
        if letters::is_space_or_picture(c) {
            if self.space.is_none() {
                self.space = Some((at, false));
            }
            return;
        }
        let begin = self.text.len();
        let had_space = self.space;
        if had_space.is_some() {
            self.write_space();
        }
        let folded = self.text.len();
        letters::fold_into(c, &mut self.text);
        if self.text.len() == folded {
            // Nothing but marks: as if it had not stood there.
            self.text.truncate(begin);
            while self.back.last().is_some_and(|piece| piece.folded >= begin && begin > 0) {
                self.back.pop();
            }
            self.space = had_space;
            self.even = false;
            return;
        }
        self.back.push(Piece { folded, original: at, even: false });
        // What follows begins here, so that the end of this character is known.
        self.back.push(Piece { folded: self.text.len(), original: at + c.len_utf8(), even: true });
        self.next = at + c.len_utf8();
        self.even = true;
    }

    fn write_space(&mut self) {
        let Some((at, one_byte)) = self.space.take() else { return };
        if self.text.is_empty() {
            return;
        }
        if one_byte {
            self.even_at(at);
        } else {
            self.back.push(Piece { folded: self.text.len(), original: at, even: false });
            self.even = false;
        }
        self.text.push(b' ');
    }

    #[inline]
    fn even_at(&mut self, at: usize) {
        if !self.even || self.next != at {
            self.back.push(Piece { folded: self.text.len(), original: at, even: true });
            self.even = true;
        }
        self.next = at + 1;
    }

    fn finish(mut self, length: usize) -> Folded {
        self.back.push(Piece { folded: self.text.len(), original: length, even: true });
        let text = String::from_utf8(self.text)
            .unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into_owned());
        Folded { text, back: self.back }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_the_same_folds_the_same() {
        for (text, folded) in [
            ("Obchodní SDĚLENÍ", "obchodni sdeleni"),
            ("  a \t\r\n b  ", "a b"),
            ("Žluťoučký kůň", "zlutoucky kun"),
            ("z\u{30c}lut\u{30c}", "zlut"),
            ("ľúbezný vŕšok, ôsmy", "lubezny vrsok, osmy"),
            ("Straße Łódź Ærø œuvre", "strasse lodz aero oeuvre"),
            ("new\u{200b}s\u{ad}let\u{feff}ter", "newsletter"),
            ("🔥Akce🔥sleva🔥", "akce sleva"),
            ("ⓃＥＷＳ ﬁn ½", "news fin 1⁄2"),
            ("оbсhоdní", "obchodni"),
            ("ΝEWS ΑΚCΕ", "news akce"),
            ("a\u{a0}b\u{2003}c", "a b c"),
            ("a–b—c‑d", "a-b-c-d"),
            ("you’re “in”", "you're \"in\""),
            ("İstanbul ıı", "istanbul ii"),
            ("", ""),
            ("\u{301}\u{301}", ""),
            (" \u{301} a", "a"),
            ("日本", "日本"),
        ] {
            assert_eq!(fold(text), folded, "{text:?}");
        }
    }

    #[test]
    fn folding_what_is_folded_changes_nothing() {
        for text in ["Žluťoučký kůň úpěl", "Straße ½ ﬁ ⅷ ㎏", "ИНН οκ №5", "µ ſ ŉ ǆ K Å"]
        {
            let once = fold(text);
            assert_eq!(fold(&once), once, "{text}");
        }
    }

    #[test]
    fn the_way_back_finds_the_letters_it_came_from() {
        let text = "  Příští  🔥 týden\u{200b}: STRAßE — ﬁnal";
        let folded = Folded::of(text);
        for (word, original) in [
            ("pristi", "Příští"),
            ("tyden", "týden"),
            ("strasse", "STRAßE"),
            ("final", "ﬁnal"),
            (":", ":"),
            ("pristi tyden", "Příští  🔥 týden"),
        ] {
            let at = folded.find_phrase(word).unwrap_or_else(|| panic!("{word}"));
            assert_eq!(&text[folded.original(at)], original);
        }
        let all = folded.original(0..folded.as_str().len());
        assert_eq!(&text[all], text.trim());
    }

    #[test]
    fn every_range_leads_back_to_whole_characters() {
        for text in ["aě ß\u{301}x ﬁ🔥\u{200b}ž  ", "\u{301}\u{301}a", "ěšč\u{feff}", " \u{301} b"]
        {
            let folded = Folded::of(text);
            let length = folded.as_str().len();
            for start in 0..=length {
                for end in start..=length {
                    let back = folded.original(start..end);
                    assert!(text.get(back.clone()).is_some(), "{text:?} {start}..{end} {back:?}");
                }
            }
        }
    }

    #[test]
    fn a_phrase_is_found_as_whole_words_only() {
        let folded = Folded::of("Sleva, slevám! (sleva) xsleva slevax sleva");
        assert_eq!(folded.find_all("sleva").count(), 3);
        assert_eq!(folded.find_phrase("slev"), None);
        assert_eq!(folded.find_phrase(""), None);
        assert!(Folded::of("[OS] x").find_phrase("[os]").is_some());
    }
}
