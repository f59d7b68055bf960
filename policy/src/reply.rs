//! What mail programs write before the subject of an answer or a forwarded message: `Re:`, `Fwd:`,
//! `Odp[2]:`.

use crate::text;

/// How many bytes of white space and reply prefixes (`Re:`, `Fwd:`, `Re[2]:`) it starts with, and
/// how many prefixes these are.
pub(crate) fn prefixes(text: &[u8]) -> (usize, usize) {
    let mut length = space(text);
    let mut count = 0;
    loop {
        let rest = text.get(length..).unwrap_or_default();
        let letters = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let name = rest.get(..letters).unwrap_or_default();
        if !is_prefix(name) {
            return (length, count);
        }
        let behind = rest.get(letters..).unwrap_or_default();
        let number = counter(behind);
        let behind = behind.get(number..).unwrap_or_default();
        let gap = space(behind);
        if behind.get(gap) != Some(&b':') {
            return (length, count);
        }
        let after = behind.get(gap + 1..).unwrap_or_default();
        length += letters + number + gap + 1 + space(after);
        count += 1;
    }
}

/// The length of `[2]` or `(2)` at the start, if any.
fn counter(text: &[u8]) -> usize {
    let close = match text.first() {
        Some(b'[') => b']',
        Some(b'(') => b')',
        _ => return 0,
    };
    let digits = text.iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count();
    if digits > 0 && text.get(digits + 1) == Some(&close) { digits + 2 } else { 0 }
}

/// The length of white space at the start, no-break spaces too.
fn space(text: &[u8]) -> usize {
    let mut rest = text;
    loop {
        rest = match rest {
            [first, behind @ ..] if first.is_ascii_whitespace() => behind,
            [0xc2, 0xa0, behind @ ..] => behind,
            _ => return text.len() - rest.len(),
        };
    }
}

/// A whole subject begins with such a word, of one of five languages, behind labels in brackets.
pub(crate) fn is_claimed(subject: &str) -> bool {
    let mut rest = subject.trim_start();
    // The relay's own label, or a list's.
    while let Some((_, behind)) = rest.strip_prefix('[').and_then(|tag| tag.split_once(']')) {
        rest = behind.trim_start();
    }
    let Some((word, _)) = rest.split_once(':') else { return false };
    let word = word.split(['[', '(']).next().unwrap_or(word).trim_end();
    word.len() <= WORD_BYTES_MAX && WORDS.contains(&text::fold(word).as_str())
}

fn is_prefix(name: &[u8]) -> bool {
    let mut known = WORDS.iter().chain(&ABROAD);
    known.any(|word| name.eq_ignore_ascii_case(word.as_bytes()))
}

/// Of the longest, with diacritics.
const WORD_BYTES_MAX: usize = 24;

/// Folded; of the mail programs of five languages.
static WORDS: [&str; 18] = [
    "re",
    "fw",
    "fwd",
    "aw",
    "wg",
    "odp",
    "pd",
    "antw",
    "antwort",
    "weitergeleitet",
    "odpoved",
    "preposlano",
    "preposlane",
    "odpowiedz",
    "przekazano",
    "reply",
    "forward",
    "forwarded",
];

/// Scandinavian and Romance ones: a label goes behind them. Some are words elsewhere too, so nobody
/// is said to mislead by one.
static ABROAD: [&str; 8] = ["sv", "vs", "vb", "rif", "tr", "rv", "enc", "res"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reply_prefixes_are_found_with_counters_and_spaces() {
        for (text, length, count) in [
            ("Sleva", 0, 0),
            (" Re: Sleva", 5, 1),
            ("RE : Fwd: Sleva", 10, 2),
            ("Re[2]: Odp: x", 12, 2),
            ("Remember: x", 0, 0),
            ("Re Sleva", 0, 0),
            ("Re[x]: y", 0, 0),
            ("", 0, 0),
            ("Fw:", 3, 1),
            ("Antwort: x", 9, 1),
        ] {
            assert_eq!(prefixes(text.as_bytes()), (length, count), "{text}");
        }
    }

    #[test]
    fn words_before_a_colon_tell_an_answer() {
        for (subject, answer) in [
            ("Re: jaro", true),
            ("RE : jaro", true),
            ("Re[2]: jaro", true),
            ("[OS] Fwd: jaro", true),
            ("Odpověď: jaro", true),
            ("AW: Frühling", true),
            ("Akce: jaro", false),
            ("Re jaro", false),
            ("Reklama: jaro", false),
            ("", false),
        ] {
            assert_eq!(is_claimed(subject), answer, "{subject}");
        }
    }
}
