//! Comparing human text: case, diacritics, spaces, look-alike letters.
//!
//! Not for showing: what is folded is only ever compared, and evidence shows the original.

pub(crate) mod eight;
mod fold;
mod initial;
mod letters;
pub(crate) mod percent;
mod way;

use std::ops::Range;

use way::Way;

pub(crate) use initial::ByInitial;
pub use letters::is_unseen;

/// A text folded for comparing, with marks of the way back to the original.
#[derive(Clone, Debug, Default)]
pub struct Folded {
    text: String,
    /// Places from which folding may begin anew, sorted. Few, because the way back is asked for
    /// a handful of places in a text, and each answer folds only what lies between two marks.
    marks: Vec<Mark>,
}

/// A place at which folding may begin as at the start of a text.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    folded: usize,
    original: usize,
}

impl Folded {
    /// NFKC, case folded, diacritics off (`ě` → `e`), look-alikes of Latin letters mapped, spaces
    /// collapsed to one and cut off at both ends, zero-width characters left out, emoji and
    /// other pictures taken as spaces.
    pub fn of(text: &str) -> Self {
        fold::fold(text)
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The range of the original that a range of the folded text came from; `text` is what was
    /// folded.
    pub fn original(&self, text: &str, range: Range<usize>) -> Range<usize> {
        let passed = |place: usize| self.marks.partition_point(|mark| mark.folded <= place);
        let from = passed(range.start).checked_sub(1).and_then(|index| self.marks.get(index));
        let from = from.copied().unwrap_or_default();
        // One mark further, so that what follows the range's end is folded too.
        let to = self.marks.get(passed(range.end) + 1).map_or(text.len(), |mark| mark.original);
        let way = Way::of(text.get(from.original..to).unwrap_or_default());
        let back = way
            .back(range.start.saturating_sub(from.folded)..range.end.saturating_sub(from.folded));
        from.original + back.start..from.original + back.end
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
    // Nearly always both are ASCII, and what stands before a word is a space.
    if at.checked_sub(1).and_then(|before| text.as_bytes().get(before)) == Some(&b' ') {
        return true;
    }
    let first = text.get(at..).and_then(|rest| rest.chars().next());
    let before = text.get(..at).and_then(|rest| rest.chars().next_back());
    !(first.is_some_and(char::is_alphanumeric) && before.is_some_and(char::is_alphanumeric))
}

pub(crate) fn ends_word(text: &str, at: usize) -> bool {
    let last = text.get(..at).and_then(|rest| rest.chars().next_back());
    let after = text.get(at..).and_then(|rest| rest.chars().next());
    !(last.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

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
            let at = folded.find_all(word).next().unwrap_or_else(|| panic!("{word}"));
            assert_eq!(&text[folded.original(text, at)], original);
        }
        let all = folded.original(text, 0..folded.as_str().len());
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
                    let back = folded.original(text, start..end);
                    assert!(text.get(back.clone()).is_some(), "{text:?} {start}..{end} {back:?}");
                }
            }
        }
    }

    #[test]
    fn marks_lead_back_as_the_whole_way_does() {
        let pieces =
            ["a", "Ž", "  ", "\n", "ß", "\u{301}", "🔥", "\u{200b}", "ﬁ", "sleva", "—", "½"];
        let mut dice = Dice::new();
        for _ in 0..60 {
            let text = dice.text(&pieces, 600);
            let (folded, way) = (Folded::of(&text), Way::of(&text));
            assert_eq!(folded.as_str().as_bytes(), way.text());
            let length = folded.as_str().len();
            for _ in 0..200 {
                let start = dice.below(length + 1);
                let end = start + dice.below((length + 1 - start).clamp(1, 400));
                assert_eq!(
                    folded.original(&text, start..end),
                    way.back(start..end),
                    "{text:?} {start}..{end}"
                );
            }
        }
    }

    #[test]
    fn a_character_folds_alike_wherever_it_stands() {
        for c in (0..0x700).chain(0x2000..0x2100).filter_map(char::from_u32) {
            for before in 0..9 {
                let text = format!("{}{c}Ž k{c}{c} ", "Aby x yz ".get(..before).unwrap());
                let folded = Folded::of(&text);
                assert_eq!(folded.as_str().as_bytes(), Way::of(&text).text(), "{text:?}");
            }
        }
    }

    #[test]
    fn a_phrase_is_found_as_whole_words_only() {
        let folded = Folded::of("Sleva, slevám! (sleva) xsleva slevax sleva");
        assert_eq!(folded.find_all("sleva").count(), 3);
        assert_eq!(folded.find_all("slev").count(), 0);
        assert_eq!(folded.find_all("").count(), 0);
        assert!(Folded::of("[OS] x").find_all("[os]").next().is_some());
    }
}
