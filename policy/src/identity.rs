//! Whether a text names its controller: name, company id, seat, register entry.
//!
//! Each field is compared with what the policy says of the controller, tolerant of spaces,
//! punctuation and order; nothing is guessed for controllers nobody configured.

use std::{borrow::Cow, ops::Range};

use memchr::{memchr_iter, memmem};

use crate::{
    Controller, IdentityField, Language, View,
    text::{Folded, fold},
};

/// The text of one alternative, in which several fields are looked up. Whole texts are passed
/// over at the speed of memory; only the lines about a find are taken apart.
pub(crate) struct Searched<'a> {
    text: Cow<'a, str>,
    folded: Cow<'a, Folded>,
}

/// What the policy says of the controller in a field; `None`: nothing.
pub(crate) fn wanted(controller: &Controller, field: IdentityField) -> Option<&str> {
    let text = match field {
        IdentityField::Name => Some(controller.name.as_str()),
        IdentityField::CompanyId => controller.company_id.as_deref(),
        IdentityField::Seat => controller.seat.as_deref(),
        IdentityField::Register => controller.register.as_deref(),
    };
    text.filter(|text| !text.trim().is_empty())
}

/// The footer that names the controller, in its language.
pub(crate) fn footer(controller: &Controller) -> String {
    let (sender, id, seat) = match controller.language {
        Language::Czech => ("Odesílatel", "IČO", "se sídlem"),
        Language::Slovak => ("Odosielateľ", "IČO", "so sídlom"),
        Language::English => ("Sender", "company ID", "registered office"),
    };
    let mut text = format!("{sender}: {}", controller.name);
    if let Some(company_id) = wanted(controller, IdentityField::CompanyId) {
        text += &format!(", {id} {company_id}");
    }
    if let Some(place) = wanted(controller, IdentityField::Seat) {
        text += &format!(", {seat} {place}");
    }
    if let Some(register) = wanted(controller, IdentityField::Register) {
        text += &format!(", {register}");
    }
    if !text.ends_with('.') {
        text.push('.');
    }
    text
}

/// In words for a fault.
pub(crate) fn name(field: IdentityField) -> &'static str {
    match field {
        IdentityField::Name => "the business name",
        IdentityField::CompanyId => "the company id",
        IdentityField::Seat => "the seat",
        IdentityField::Register => "the register entry",
    }
}

/// Whether eight digits are a company id (IČO): weights 8 to 2, modulus 11.
pub(crate) fn is_company_id(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let Some((check, first)) = digits.split_last() else { return false };
    if first.len() != 7 || text.chars().any(|c| !c.is_ascii_digit() && c != ' ') {
        return false;
    }
    let sum: u32 = first.iter().zip((2..=8).rev()).map(|(digit, weight)| digit * weight).sum();
    let expected = match sum % 11 {
        0 => 1,
        1 => 0,
        rest => 11 - rest,
    };
    *check == expected
}

impl<'a> Searched<'a> {
    pub(crate) fn of(views: &[&'a View]) -> Self {
        if let [view] = views {
            return Self { text: (&view.text).into(), folded: Cow::Borrowed(&view.folded) };
        }
        let texts: Vec<&str> = views.iter().map(|view| view.text.as_str()).collect();
        Self::of_text(texts.join("\n"))
    }

    fn of_text(text: String) -> Self {
        let folded = Folded::of(&text);
        Self { text: text.into(), folded: Cow::Owned(folded) }
    }

    pub(crate) fn names(&self, field: IdentityField, wanted: &str) -> bool {
        match field {
            IdentityField::Name => self.has_squashed(&squash(&fold(wanted))),
            IdentityField::CompanyId => self.has_number(wanted),
            IdentityField::Seat => self.has_words_together(wanted),
            IdentityField::Register => self.has_register(wanted),
        }
    }

    /// These letters and digits one after another, whatever else stands between them.
    fn has_squashed(&self, wanted: &str) -> bool {
        squashed_at(self.folded.as_str(), wanted).next().is_some()
    }

    /// The digits, with single spaces between them or none, and no digit beside them.
    fn has_number(&self, wanted: &str) -> bool {
        let digits: String = wanted.chars().filter(char::is_ascii_digit).collect();
        let wanted: Vec<char> = digits.chars().collect();
        let mut lines = Lines::of(&self.text);
        let mut seen = None;
        squashed_at(self.folded.as_str(), &digits).any(|at| {
            let line = lines.number(self.folded.original(&self.text, at..at + 1).start);
            seen.replace(line) != Some(line) && number_in(&fold(lines.get(line)), &wanted)
        })
    }

    /// Every word of the wanted text within a few lines, in any order (`110 00 Praha 1` and
    /// `Praha 1, 11000` are the same place).
    fn has_words_together(&self, wanted: &str) -> bool {
        let wanted = fold(wanted);
        let squashed = squash(&wanted);
        // A text without a letter or digit is found in every one.
        if squashed.is_empty() || self.has_squashed(&squashed) {
            return true;
        }
        let words = words(&wanted);
        let Some(rarest) = words.iter().max_by_key(|word| word.len()) else { return false };
        self.any_window(rarest, |window| {
            let there = self::words(window);
            words.iter().all(|word| there.contains(word))
        })
    }

    /// The number of the entry near a word for a register; without a number, its words.
    fn has_register(&self, wanted: &str) -> bool {
        let wanted = fold(wanted);
        let Some(number) =
            words(&wanted).into_iter().filter(|word| is_number(word)).max_by_key(String::len)
        else {
            return self.has_words_together(&wanted);
        };
        self.any_window(&number, |window| {
            let there = words(window);
            there.contains(&number)
                && there.iter().any(|word| REGISTER.iter().any(|stem| word.starts_with(stem)))
        })
    }

    /// Whether it holds of a few lines that stand together around one with the word. The same
    /// lines are looked at once.
    fn any_window(&self, word: &str, mut holds: impl FnMut(&str) -> bool) -> bool {
        let folded = self.folded.as_str();
        // A postal code may be written with a space.
        let split = word.get(..3).zip(word.get(3..)).filter(|_| is_digits(word, 5));
        let spaced = split.map(|(first, last)| format!("{first} {last}"));
        let mut found: Vec<Range<usize>> = places(folded, word).collect();
        if let Some(spaced) = &spaced {
            found.extend(places(folded, spaced));
            found.sort_by_key(|at| at.start);
        }
        let mut lines = Lines::of(&self.text);
        let mut next = 0;
        for at in found {
            let at = self.folded.original(&self.text, at);
            let line = lines.number(at.start);
            // A postal code is not cut by a line's end.
            if line != lines.number(at.end.saturating_sub(1)) {
                continue;
            }
            for first in next.max(line.saturating_sub(WINDOW_LINES - 1))..=line {
                let window: Vec<String> =
                    (first..first + WINDOW_LINES).map(|line| fold(lines.get(line))).collect();
                if holds(&window.join(" ")) {
                    return true;
                }
            }
            next = next.max(line + 1);
        }
        false
    }
}

/// The lines of a text by number.
struct Lines<'a> {
    text: &'a str,
    /// Where each line ends.
    ends: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, ends: Vec::new() }
    }

    fn ends(&mut self) -> &[usize] {
        if self.ends.is_empty() {
            self.ends.extend(memchr_iter(b'\n', self.text.as_bytes()));
            self.ends.push(self.text.len());
        }
        &self.ends
    }

    /// The number of the line in which a place lies.
    fn number(&mut self, at: usize) -> usize {
        self.ends().partition_point(|end| *end < at)
    }

    /// Empty beyond the last.
    fn get(&mut self, line: usize) -> &'a str {
        let text = self.text;
        let ends = self.ends();
        let from = line.checked_sub(1).map_or(Some(0), |before| Some(ends.get(before)? + 1));
        let to = ends.get(line).copied();
        from.zip(to).and_then(|(from, to)| text.get(from..to)).unwrap_or_default()
    }
}

/// Places where the letters and digits of `wanted` stand one after another, passing over all
/// that is neither: of its first byte. Nothing where nothing is wanted.
fn squashed_at<'a>(text: &'a str, wanted: &'a str) -> impl Iterator<Item = usize> + 'a {
    // The rarest character is looked for, the rest compared from there.
    let rarest = wanted.char_indices().max_by_key(|(_, c)| rarity(*c)).map(|(at, _)| at);
    let (before, after) = wanted.split_at_checked(rarest.unwrap_or_default()).unwrap_or_default();
    let byte = after.bytes().next().unwrap_or_default();
    let found = rarest.is_some().then(|| memchr_iter(byte, text.as_bytes()));
    found.into_iter().flatten().filter_map(move |at| {
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

/// How rare a character is in Czech, Slovak and English texts without diacritics, roughly.
fn rarity(c: char) -> u8 {
    match c {
        'q' | 'x' | 'w' => 9,
        '0'..='9' => 8,
        'f' | 'g' => 7,
        'h' | 'b' | 'j' | 'y' | 'z' => 5,
        'c' | 'd' | 'k' | 'm' | 'p' | 'u' | 'v' => 3,
        _ => 1,
    }
}

/// Every place where a text stands, also inside another one.
fn places<'a>(text: &'a str, wanted: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let finder = memmem::Finder::new(wanted);
    let mut from = 0;
    std::iter::from_fn(move || {
        let at = from + finder.find(text.as_bytes().get(from..)?)?;
        from = at + 1;
        Some(at..at + wanted.len())
    })
}

fn number_in(line: &str, wanted: &[char]) -> bool {
    if line.bytes().filter(u8::is_ascii_digit).count() < wanted.len() {
        return false;
    }
    let chars: Vec<char> = line.chars().collect();
    (0..chars.len()).any(|start| {
        let before = start.checked_sub(1).and_then(|at| chars.get(at));
        if before.is_some_and(char::is_ascii_digit) {
            return false;
        }
        let mut at = start;
        for (index, digit) in wanted.iter().enumerate() {
            if index > 0 && chars.get(at) == Some(&' ') {
                at += 1;
            }
            if chars.get(at) != Some(digit) {
                return false;
            }
            at += 1;
        }
        !chars.get(at).is_some_and(char::is_ascii_digit)
    })
}

fn is_number(word: &str) -> bool {
    word.len() >= 2 && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Letters and digits alone.
fn squash(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Words and numbers; a postal code written `110 00` is one word.
fn words(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let joins = |last: &String| is_digits(last, 3) && is_digits(word, 2);
        match all.last_mut() {
            Some(last) if joins(last) => last.push_str(word),
            Some(_) | None => all.push(word.to_owned()),
        }
    }
    all
}

fn is_digits(word: &str, count: usize) -> bool {
    word.len() == count && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// A footer breaks an address over lines; further apart it is not one address.
const WINDOW_LINES: usize = 4;

static REGISTER: &[&str] = &[
    "rejstrik", "registr", "register", "vlozk", "oddil", "oddiel", "soud", "sud", "zapsan",
    "zapisan", "spisov", "znack", "vedena", "vedeny", "vedene", "or",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_id_is_checked_modulo_eleven() {
        for (text, valid) in [
            ("61234567", true),
            ("04123450", true),
            ("612 34 567", true),
            ("61234568", false),
            ("6123456", false),
            ("612345670", false),
            ("6123456o", false),
            ("", false),
        ] {
            assert_eq!(is_company_id(text), valid, "{text}");
        }
    }

    #[test]
    fn fields_are_found_however_they_are_set() {
        let text = "Knihy Dobrý den, s. r. o., IČ: 612 34 567\nDlouhá 12, Praha 1, 11000\n\
                    zapsaná v OR u MS v Praze, oddíl C, vložka 98765";
        let searched = Searched::of_text(text.to_owned());
        for (field, wanted, found) in [
            (IdentityField::Name, "Knihy Dobrý den s.r.o.", true),
            (IdentityField::Name, "Knihy Dobrá noc s.r.o.", false),
            (IdentityField::CompanyId, "61234567", true),
            (IdentityField::CompanyId, "61234560", false),
            (IdentityField::CompanyId, "6123456", false),
            (IdentityField::Seat, "Dlouhá 12, 110 00 Praha 1", true),
            (IdentityField::Seat, "Dlouhá 13, 110 00 Praha 1", false),
            (IdentityField::Register, "C 98765 vedená u Městského soudu v Praze", true),
            (IdentityField::Register, "C 98764 vedená u Městského soudu v Praze", false),
        ] {
            assert_eq!(searched.names(field, wanted), found, "{field:?} {wanted}");
        }
    }
}
