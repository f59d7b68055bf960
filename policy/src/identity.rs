//! Whether a text names its controller: name, company id, seat, register entry.
//!
//! Each field is compared with what the policy says of the controller, tolerant of spaces,
//! punctuation and order; nothing is guessed for controllers nobody configured.

use crate::{Controller, IdentityField, Language, text::fold};

/// The text of one alternative, prepared for looking up several fields.
pub(crate) struct Searched {
    /// Folded; a line feed between the lines.
    lines: Vec<String>,
    /// Letters and digits alone.
    squashed: String,
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

impl Searched {
    pub(crate) fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let lines: Vec<String> = texts.flat_map(str::lines).map(fold).collect();
        let squashed = squash(lines.iter().map(String::as_str));
        Self { lines, squashed }
    }

    pub(crate) fn names(&self, field: IdentityField, wanted: &str) -> bool {
        match field {
            IdentityField::Name => {
                let wanted = squash(std::iter::once(fold(wanted).as_str()));
                !wanted.is_empty() && self.squashed.contains(&wanted)
            }
            IdentityField::CompanyId => self.has_number(wanted),
            IdentityField::Seat => self.has_words_together(wanted),
            IdentityField::Register => self.has_register(wanted),
        }
    }

    /// The digits, with single spaces between them or none, and no digit beside them.
    fn has_number(&self, wanted: &str) -> bool {
        let wanted: Vec<char> = wanted.chars().filter(char::is_ascii_digit).collect();
        !wanted.is_empty() && self.lines.iter().any(|line| number_in(line, &wanted))
    }

    /// Every word of the wanted text within a few lines, in any order (`110 00 Praha 1` and
    /// `Praha 1, 11000` are the same place).
    fn has_words_together(&self, wanted: &str) -> bool {
        let wanted = fold(wanted);
        if self.squashed.contains(&squash(std::iter::once(wanted.as_str()))) {
            return true;
        }
        let words = words(&wanted);
        let Some(rarest) = words.iter().max_by_key(|word| word.len()) else { return false };
        self.windows(rarest).any(|window| {
            let there = self::words(&window);
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
        self.windows(&number).any(|window| {
            let there = words(&window);
            there.contains(&number)
                && there.iter().any(|word| REGISTER.iter().any(|stem| word.starts_with(stem)))
        })
    }

    /// Each few lines that stand together around one that holds the word.
    fn windows(&self, word: &str) -> impl Iterator<Item = String> {
        // A postal code may be written with a space.
        let split = word.get(..3).zip(word.get(3..)).filter(|_| is_digits(word, 5));
        let spaced = split.map(|(first, last)| format!("{first} {last}"));
        let holds = move |line: &String| {
            line.contains(word) || spaced.as_ref().is_some_and(|spaced| line.contains(spaced))
        };
        let found = self.lines.iter().enumerate().filter(move |(_, line)| holds(line));
        found.flat_map(|(at, _)| at.saturating_sub(WINDOW_LINES - 1)..=at).map(|start| {
            let lines = self.lines.iter().skip(start).take(WINDOW_LINES);
            lines.map(String::as_str).collect::<Vec<_>>().join(" ")
        })
    }
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
fn squash<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.flat_map(str::chars).filter(|c| c.is_alphanumeric()).collect()
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
        let searched = Searched::of(std::iter::once(text));
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
