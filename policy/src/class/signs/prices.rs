//! Percentages taken off a price. Other prices are words of the word files.

use std::ops::Range;

/// A percentage taken off: `-20 %`, or one beside a word for cheaper. A tax rate is none.
pub(super) fn discount(folded: &str) -> Option<Range<usize>> {
    memchr::memchr_iter(b'%', folded.as_bytes()).take(PERCENTS_MAX).find_map(|at| {
        let before = folded.get(..at)?.trim_end();
        let digits = before.bytes().rev().take(3).take_while(u8::is_ascii_digit).count();
        let begin = before.len() - digits;
        let number: u32 = before.get(begin..)?.parse().ok()?;
        if !(1..=100).contains(&number) {
            return None;
        }
        let minus = before.get(..begin)?.trim_end();
        let cut = minus
            .strip_suffix('-')
            .is_some_and(|rest| !rest.trim_end().ends_with(|c: char| c.is_ascii_digit()));
        let near = around(folded, begin, at);
        (cut || CHEAPER.iter().any(|word| near.contains(word))).then_some(begin..at + 1)
    })
}

/// Beginnings of words for cheaper, folded.
static CHEAPER: [&str; 20] = [
    "slev",
    "zlav",
    "zlev",
    "zliav",
    "usetr",
    "discount",
    " off",
    "levnej",
    "lacnej",
    "save ",
    "dolu",
    "rabat",
    "nachlass",
    "gunstig",
    "guenstig",
    "sparen",
    "taniej",
    "znizk",
    "promoc",
    "na dalsi nakup",
];

fn around(text: &str, from: usize, to: usize) -> &str {
    let mut begin = from.saturating_sub(NEAR_BYTES);
    while !text.is_char_boundary(begin) {
        begin -= 1;
    }
    let mut end = (to + NEAR_BYTES).min(text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    text.get(begin..end).unwrap_or_default()
}

const NEAR_BYTES: usize = 24;
const PERCENTS_MAX: usize = 100;

#[cfg(test)]
mod tests {
    #[test]
    fn a_percentage_taken_off_is_told_from_a_tax_rate() {
        for (text, found) in [
            ("sleva 20 % na vse", true),
            ("-20 %", true),
            ("dph 21 %", false),
            ("10-20 % vlhkost", false),
            ("30% off everything", true),
            ("20 % rabatt", true),
            ("o 15% taniej", true),
            ("19 % mwst", false),
        ] {
            assert_eq!(super::discount(text).is_some(), found, "{text}");
        }
    }
}
