//! What is looked for: a field of the controller, folded and taken apart once.

use std::{borrow::Cow, ops::Range, sync::OnceLock};

use memchr::{memchr_iter, memmem};

use crate::{IdentityField, text::fold};

/// A field's text, ready to be looked for.
#[derive(Clone, Debug)]
pub(crate) struct Needle {
    /// As the policy writes it, where that may be looked for.
    exact: Option<memmem::Finder<'static>>,
    pub(super) folded: Sought,
}

/// What is compared with a folded text.
#[derive(Clone, Debug)]
pub(super) enum Sought {
    /// These letters and digits one after another, whatever else stands between them.
    Name(Squashed),
    /// The digits, with single spaces between them or none, and no digit beside them.
    Number(Squashed),
    /// Every word within a few lines, in any order (`110 00 Praha 1` and `Praha 1, 11000` are the
    /// same place).
    Place { squashed: Squashed, words: Vec<String> },
    /// The number of the entry near a word for a register.
    Entry { number: String },
}

/// The needles of one controller, each made when first needed and kept.
#[derive(Clone, Debug, Default)]
pub struct Needles {
    name: OnceLock<(String, Needle)>,
    company_id: OnceLock<(String, Needle)>,
    seat: OnceLock<(String, Needle)>,
    register: OnceLock<(String, Needle)>,
    representative: OnceLock<(String, Needle)>,
    vat_id: OnceLock<(String, Needle)>,
    contact: OnceLock<(String, Needle)>,
}

impl Needles {
    /// For that text in that field; anew where the controller has another by now.
    pub(crate) fn of(&self, field: IdentityField, wanted: &str) -> Cow<'_, Needle> {
        let kept = match field {
            IdentityField::Name => &self.name,
            IdentityField::CompanyId => &self.company_id,
            IdentityField::Seat => &self.seat,
            IdentityField::Register => &self.register,
            IdentityField::Representative => &self.representative,
            IdentityField::VatId => &self.vat_id,
            IdentityField::Contact => &self.contact,
        };
        let (text, needle) = kept.get_or_init(|| (wanted.to_owned(), Needle::of(field, wanted)));
        if text == wanted { Cow::Borrowed(needle) } else { Cow::Owned(Needle::of(field, wanted)) }
    }
}

/// Letters and digits alone, and the rarest of them by which they are looked for.
#[derive(Clone, Debug)]
pub(crate) struct Squashed {
    text: String,
    rarest: usize,
}

impl Needle {
    pub(crate) fn of(field: IdentityField, wanted: &str) -> Self {
        let folded = Sought::of(field, wanted);
        let wanted = match field {
            // Spaces between digits are the sender's affair.
            IdentityField::CompanyId => wanted.trim(),
            IdentityField::Name
            | IdentityField::Seat
            | IdentityField::Register
            | IdentityField::Representative
            | IdentityField::VatId
            | IdentityField::Contact => wanted,
        };
        let exact = folded.is_in(wanted).then(|| memmem::Finder::new(wanted).into_owned());
        Self { exact, folded }
    }

    /// Whether the field stands in the text to the letter. Then it is found in the folded text
    /// too, and that need not be made.
    pub(super) fn is_exactly_in(&self, text: &str) -> bool {
        let Some(exact) = &self.exact else { return false };
        let text = text.as_bytes();
        // Neither word nor number goes on beside it.
        let parts = |byte: Option<&u8>| matches!(byte, None | Some(b' ' | b',' | b'.' | b'\n'));
        exact.find_iter(text).any(|at| {
            let before = at.checked_sub(1).and_then(|before| text.get(before));
            parts(before) && parts(text.get(at + exact.needle().len()))
        })
    }
}

impl Sought {
    fn of(field: IdentityField, wanted: &str) -> Self {
        match field {
            IdentityField::Name
            | IdentityField::Representative
            | IdentityField::VatId
            | IdentityField::Contact => Self::Name(Squashed::of(&fold(wanted))),
            IdentityField::CompanyId => {
                let digits: String = wanted.chars().filter(char::is_ascii_digit).collect();
                Self::Number(Squashed::of(&digits))
            }
            IdentityField::Seat => Self::place(wanted),
            IdentityField::Register => Self::entry(wanted),
        }
    }

    fn place(wanted: &str) -> Self {
        let wanted = fold(wanted);
        let words = words(&wanted).map(Cow::into_owned).collect();
        Self::Place { squashed: Squashed::of(&wanted), words }
    }

    /// Without a number, its words are looked for.
    fn entry(wanted: &str) -> Self {
        let wanted = fold(wanted);
        let numbers = words(&wanted).filter(|word| is_number(word));
        let longest = numbers.max_by_key(|word| word.len()).map(Cow::into_owned);
        longest.map_or_else(|| Self::place(&wanted), |number| Self::Entry { number })
    }

    /// The field's own text on one line has what is sought, whatever stands beside it.
    fn is_in(&self, wanted: &str) -> bool {
        if wanted.contains('\n') {
            return false;
        }
        let folded = fold(wanted);
        match self {
            Self::Name(letters) => letters.find_in(&folded).is_some(),
            // What follows such digits may be read as more of the number: never a space, then.
            Self::Number(digits) => folded == digits.text,
            Self::Place { squashed, .. } => squashed.find_in(&folded).is_some(),
            // A short number may become part of a postal code with the word beside it.
            Self::Entry { number } => {
                number.len() > 3 && folded.contains(number.as_str()) && is_entry(number, &folded)
            }
        }
    }
}

impl Squashed {
    fn of(folded: &str) -> Self {
        let text: String = folded.chars().filter(|c| c.is_alphanumeric()).collect();
        let rarest = text.char_indices().max_by_key(|(_, c)| rarity(*c)).map_or(0, |(at, _)| at);
        Self { text, rarest }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// The first of [`Squashed::all_in`].
    pub(super) fn find_in(&self, text: &str) -> Option<usize> {
        self.all_in(text).next()
    }

    /// Places where the letters and digits stand one after another, passing over all that is
    /// neither: of the first byte. Nothing where nothing is looked for.
    pub(super) fn all_in<'a>(&'a self, text: &'a str) -> impl Iterator<Item = usize> + 'a {
        // The rarest character is looked for, the rest compared from there.
        let (before, after) = self.text.split_at_checked(self.rarest).unwrap_or_default();
        let found = after.bytes().next().map(|byte| memchr_iter(byte, text.as_bytes()));
        // Nearly always another letter stands beside it.
        let (last, second) = (before.as_bytes().last(), after.as_bytes().get(1));
        let differs = move |wanted: Option<&u8>, at: Option<usize>| {
            let there = at.and_then(|at| text.as_bytes().get(at));
            wanted.zip(there).is_some_and(|(a, b)| b.is_ascii_alphanumeric() && a != b)
        };
        found.into_iter().flatten().filter_map(move |at| {
            if differs(second, Some(at + 1)) || differs(last, at.checked_sub(1)) {
                return None;
            }
            let (head, tail) = text.split_at_checked(at)?;
            let mut rest = tail.chars().filter(|c| c.is_alphanumeric());
            if !after.chars().all(|c| rest.next() == Some(c)) {
                return None;
            }
            let mut first = at;
            let mut rest = head.char_indices().rev().filter(|(_, c)| c.is_alphanumeric());
            for c in before.chars().rev() {
                first = rest.next().filter(|(_, other)| *other == c)?.0;
            }
            Some(first)
        })
    }
}

/// How rare a character is in Czech, Slovak and English texts without diacritics, roughly.
fn rarity(c: char) -> u8 {
    match c {
        'q' | 'x' | 'w' => 9,
        '0'..='9' => 8,
        'f' | 'g' => 7,
        'h' | 'b' | 'j' | 'y' | 'z' => 5,
        'm' | 'p' => 4,
        'c' | 'd' | 'k' | 'u' | 'v' => 3,
        _ => 1,
    }
}

/// Every place where a text stands, also inside another one.
pub(super) fn places<'a>(
    text: &'a str,
    wanted: &'a str,
) -> impl Iterator<Item = Range<usize>> + 'a {
    let finder = memmem::Finder::new(wanted);
    let mut from = 0;
    std::iter::from_fn(move || {
        let at = from + finder.find(text.as_bytes().get(from..)?)?;
        from = at + 1;
        Some(at..at + wanted.len())
    })
}

/// Whether the digits stand in the line, single spaces between them or none, no digit beside them.
pub(super) fn number_in(line: &str, digits: &str) -> bool {
    let line = line.as_bytes();
    let Some(first) = digits.bytes().next() else { return false };
    memchr_iter(first, line).any(|start| {
        let mut rest = line.get(start..).unwrap_or_default();
        for (index, digit) in digits.bytes().enumerate() {
            if index > 0 {
                rest = rest.strip_prefix(b" ").unwrap_or(rest);
            }
            match rest.split_first() {
                Some((byte, behind)) if *byte == digit => rest = behind,
                Some(_) | None => return false,
            }
        }
        let before = start.checked_sub(1).and_then(|at| line.get(at));
        !before.is_some_and(u8::is_ascii_digit) && !rest.first().is_some_and(u8::is_ascii_digit)
    })
}

/// The word by which many are looked for.
pub(super) fn rarest(words: &[String]) -> Option<&String> {
    words.iter().max_by_key(|word| word.len())
}

/// Every one of the words stands in the window.
pub(super) fn all_in(wanted: &[String], window: &str) -> bool {
    let there: Vec<Cow<'_, str>> = words(window).collect();
    wanted.iter().all(|word| there.iter().any(|other| other == word))
}

/// The number stands in the window beside a word for a register.
pub(super) fn is_entry(number: &str, window: &str) -> bool {
    let (mut is_number, mut is_register) = (false, false);
    words(window).any(|word| {
        is_number |= word == number;
        let first = word.as_bytes().first();
        let mut alike = REGISTER.iter().filter(|stem| stem.as_bytes().first() == first);
        is_register |= alike.any(|stem| word.starts_with(stem));
        is_number && is_register
    })
}

/// An Austrian entry ends with a letter: `FN 123456a`.
fn is_number(word: &str) -> bool {
    let digits = word.strip_suffix(|c: char| c.is_ascii_lowercase()).unwrap_or(word);
    let least = if digits.len() < word.len() { 4 } else { 2 };
    digits.len() >= least && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Words and numbers; a postal code written `110 00` is one word.
fn words(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let plain = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut plain = plain.peekable();
    std::iter::from_fn(move || {
        let word = plain.next()?;
        let last = plain.next_if(|next| is_digits(word, 3) && is_digits(next, 2));
        Some(last.map_or(Cow::Borrowed(word), |last| format!("{word}{last}").into()))
    })
}

pub(super) fn is_digits(word: &str, count: usize) -> bool {
    word.len() == count && word.bytes().all(|byte| byte.is_ascii_digit())
}

static REGISTER: &[&str] = &[
    "rejstrik",
    "registr",
    "register",
    "vlozk",
    "oddil",
    "oddiel",
    "soud",
    "sud",
    "zapsan",
    "zapisan",
    "spisov",
    "znack",
    "vedena",
    "vedeny",
    "vedene",
    "or",
    "handelsregister",
    "amtsgericht",
    "landesgericht",
    "firmenbuch",
    "hrb",
    "hra",
    "fn",
    "rejestr",
    "krs",
    "sad",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    #[test]
    fn letters_one_after_another_are_found_whatever_stands_between() {
        let pieces = ["p", "a", "p", "m", "ж", "1", " ", "-", ".", "é", "—", "日"];
        let mut dice = Dice::new();
        let squashed =
            |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        let mut found = 0;
        for _ in 0..20_000 {
            let (wanted, text) = (dice.text(&pieces, 6), dice.text(&pieces, 30));
            let sought = Squashed::of(&wanted);
            let plain = !sought.is_empty() && squashed(&text).contains(sought.as_str());
            assert_eq!(sought.find_in(&text).is_some(), plain, "{wanted:?} in {text:?}");
            if let Some(at) = sought.find_in(&text) {
                assert!(squashed(&text[at..]).starts_with(sought.as_str()));
                found += 1;
            }
        }
        assert!(found > 1_000, "{found}");
    }
}
