//! Whether a text names its controller: name, company id, seat, register entry.
//!
//! Each field is compared with what the policy says of the controller, tolerant of spaces,
//! punctuation and order; nothing is guessed for controllers nobody configured.

mod company_id;
mod imprint;
mod lines;
mod needle;

use std::{borrow::Cow, cell::OnceCell, ops::Range};

use memchr::{memchr, memrchr};

use crate::{Controller, IdentityField, Language, Pack, View, text::Folded};

pub use company_id::company_id_fault;
pub(crate) use imprint::is_linked;
use lines::{Lines, WINDOW_LINES};
pub(crate) use needle::Needle;
pub use needle::Needles;
use needle::Sought;

/// The text of one alternative, in which several fields are looked up.
///
/// Most footers stand at the end and name the sender as the policy does, so that is looked for
/// first. A whole text is passed over at the speed of memory; only the lines about a find are taken
/// apart.
pub(crate) struct Searched<'a> {
    text: Cow<'a, str>,
    whole: Whole<'a>,
}

/// The whole text folded, when it comes to that.
enum Whole<'a> {
    View(&'a View),
    Joined(OnceCell<Folded>),
}

/// What the policy says of the controller in a field; `None`: nothing.
pub(crate) fn wanted(controller: &Controller, field: IdentityField) -> Option<&str> {
    let text = match field {
        IdentityField::Name => Some(controller.name.as_str()),
        IdentityField::CompanyId => controller.company_id.as_deref(),
        IdentityField::Seat => controller.seat.as_deref(),
        IdentityField::Register => controller.register.as_deref(),
        IdentityField::Representative => controller.representative.as_deref(),
        IdentityField::VatId => controller.vat_id.as_deref(),
        IdentityField::Contact => controller.contact.as_deref(),
    };
    text.filter(|text| !text.trim().is_empty())
}

/// What the pack asks messages to give of the controller and the policy does not know: no repair
/// makes up for it.
pub fn identity_unknown(controller: &Controller, pack: &Pack) -> Vec<IdentityField> {
    let fields = pack.terms.identity.fields.iter().copied();
    fields.filter(|field| is_unknown(controller, pack, *field)).collect()
}

/// Nothing is said of it, and the pack may ask for it.
pub(crate) fn is_unknown(controller: &Controller, pack: &Pack, field: IdentityField) -> bool {
    wanted(controller, field).is_none()
        && (pack.country == controller.country || !is_home_entry(field))
}

/// What a register of the controller's own country gave it; where that gives none, the recipient's
/// law cannot have it.
fn is_home_entry(field: IdentityField) -> bool {
    match field {
        IdentityField::CompanyId | IdentityField::Register | IdentityField::VatId => true,
        IdentityField::Name
        | IdentityField::Seat
        | IdentityField::Representative
        | IdentityField::Contact => false,
    }
}

/// The footer that names the controller, in its language: name, company id, seat, register entry,
/// and what else the packs ask for or recommend, as far as the policy knows it.
pub(crate) fn footer(controller: &Controller, packs: &[&Pack]) -> String {
    let (sender, place, vat) = match controller.language {
        Language::Czech => ("Odesílatel", "se sídlem", "DIČ"),
        Language::Slovak => ("Odosielateľ", "so sídlom", "IČ DPH"),
        Language::English => ("Sender", "registered office", "VAT"),
        Language::German => ("Absender", "Sitz", "USt-IdNr."),
        Language::Polish => ("Nadawca", "z siedzibą", "NIP UE"),
    };
    let id =
        company_id::word(controller, wanted(controller, IdentityField::CompanyId).unwrap_or(""));
    let asked = |field| {
        packs.iter().map(|pack| &pack.terms.identity).any(|terms| {
            let mut all = terms.fields.iter().chain(&terms.if_known).chain(&terms.recommended);
            all.any(|one| *one == field)
        })
    };
    let more = |before: [&'static str; 3], field| {
        let text = wanted(controller, field).unwrap_or_default();
        (if text.is_empty() { [""; 3] } else { before }, text)
    };
    let if_asked = |before: [&'static str; 3], field| {
        if asked(field) { more(before, field) } else { ([""; 3], "") }
    };
    let mut text = String::with_capacity(FOOTER_BYTES);
    for (before, field) in [
        ([sender, ": ", ""], controller.name.as_str()),
        more([", ", id, if id.is_empty() { "" } else { " " }], IdentityField::CompanyId),
        more([", ", place, " "], IdentityField::Seat),
        more([", ", "", ""], IdentityField::Register),
        if_asked([", ", "", ""], IdentityField::Representative),
        if_asked([", ", vat, " "], IdentityField::VatId),
        if_asked([", ", "", ""], IdentityField::Contact),
    ] {
        before.into_iter().for_each(|piece| text.push_str(piece));
        text.push_str(field);
    }
    if !text.ends_with('.') {
        text.push('.');
    }
    text
}

/// Room for most.
const FOOTER_BYTES: usize = 192;

/// The id of the word for it.
pub(crate) fn word(field: IdentityField) -> &'static str {
    match field {
        IdentityField::Name => "identity-name",
        IdentityField::CompanyId => "identity-company-id",
        IdentityField::Seat => "identity-seat",
        IdentityField::Register => "identity-register",
        IdentityField::Representative => "identity-representative",
        IdentityField::VatId => "identity-vat-id",
        IdentityField::Contact => "identity-contact",
    }
}

impl<'a> Searched<'a> {
    pub(crate) fn of(views: &[&'a View]) -> Self {
        if let [view] = views {
            return Self::new(view.text.as_str().into(), Whole::View(view));
        }
        let texts: Vec<&str> = views.iter().map(|view| view.text.as_str()).collect();
        Self::new(texts.join("\n").into(), Whole::Joined(OnceCell::new()))
    }

    fn new(text: Cow<'a, str>, whole: Whole<'a>) -> Self {
        Self { text, whole }
    }

    fn folded(&self) -> &Folded {
        match &self.whole {
            Whole::View(view) => view.folded(),
            Whole::Joined(folded) => folded.get_or_init(|| Folded::of(&self.text)),
        }
    }

    /// Whether the field's text stands in it.
    pub(crate) fn names(&self, needle: &Needle) -> bool {
        needle.is_exactly_in(end_of(&self.text)) || self.holds(&needle.folded)
    }

    fn holds(&self, sought: &Sought) -> bool {
        let folded = self.folded().as_str();
        match sought {
            Sought::Name(letters) => letters.find_in(folded).is_some(),
            Sought::Number(digits) => {
                let found = digits.all_in(folded).map(|at| at..at + 1);
                let holds = |line: &str| needle::number_in(line, digits.as_str());
                self.any_lines(found, 0, |lines, _| holds(lines.as_str()))
            }
            Sought::Place { squashed, words } => {
                // A text without a letter or digit is found in every one.
                squashed.is_empty()
                    || squashed.find_in(folded).is_some()
                    || needle::rarest(words).is_some_and(|word| {
                        self.any_window(word, |window| needle::all_in(words, window))
                    })
            }
            Sought::Entry { number } => {
                self.any_window(number, |window| needle::is_entry(number, window))
            }
        }
    }

    /// Whether it holds of a few lines that stand together around one with the word.
    fn any_window(&self, word: &str, holds: impl Fn(&str) -> bool) -> bool {
        let any = |word: &str| {
            let found = needle::places(self.folded().as_str(), word);
            self.any_lines(found, WINDOW_LINES - 1, |lines, line| lines.any_window(line, &holds))
        };
        // A postal code may be written with a space.
        let split = word.get(..3).zip(word.get(3..)).filter(|_| needle::is_digits(word, 5));
        any(word) || split.is_some_and(|(first, last)| any(&format!("{first} {last}")))
    }

    /// Whether it holds of the lines about one of these places in the folded text; with the number
    /// of the place's own line among them. The same lines are looked at once.
    fn any_lines(
        &self,
        mut places: impl Iterator<Item = Range<usize>>,
        around: usize,
        holds: impl Fn(&Lines, usize) -> bool,
    ) -> bool {
        let text = self.text.as_ref();
        let mut seen = None;
        places.any(|at| {
            let at = self.folded().original(text, at);
            // A postal code is not cut by a line's end.
            if memchr(b'\n', text.as_bytes().get(at.clone()).unwrap_or_default()).is_some() {
                return false;
            }
            let own = line_start(text, at.start);
            if seen.replace(own) == Some(own) {
                return false;
            }
            let (mut from, mut before) = (own, 0);
            while before < around && from > 0 {
                from = line_start(text, from - 1);
                before += 1;
            }
            let to = (0..=around).fold(at.start, |to, _| line_end(text, to) + 1) - 1;
            holds(&Lines::of(text.get(from..to.min(text.len())).unwrap_or_default()), before)
        })
    }
}

/// The last lines.
fn end_of(text: &str) -> &str {
    let from = text.len().saturating_sub(END_BYTES);
    let begin = if from == 0 { 0 } else { line_end(text, from) + 1 };
    text.get(begin..).unwrap_or_default()
}

/// A footer takes less, the relay's own and what most put behind theirs.
const END_BYTES: usize = 1_024;

/// Where the line begins that holds this place.
fn line_start(text: &str, at: usize) -> usize {
    memrchr(b'\n', text.as_bytes().get(..at).unwrap_or_default()).map_or(0, |end| end + 1)
}

/// Where the line ends that holds this place.
fn line_end(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    memchr(b'\n', rest).map_or(text.len(), |end| at + end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    #[test]
    fn what_stands_there_exactly_is_found_folded_too() {
        let wanted = [
            (IdentityField::Name, "Žíla s.r.o."),
            (IdentityField::CompanyId, "61234567"),
            (IdentityField::Seat, "Dlouhá 12, 110 00 Praha 1"),
            (IdentityField::Seat, "110 00"),
            (IdentityField::Register, "zapsaná v OR, vložka 98765"),
            (IdentityField::Register, "spis 602-00"),
            (IdentityField::Register, "oddíl B 123"),
            (IdentityField::Register, "OR"),
        ];
        let between =
            [" ", "", ", ", "\n", "1", "00", " 12", "110 ", ".", "x", "\u{301}", "\u{200b}", "²"];
        let mut dice = Dice::new();
        let mut found = 0;
        for _ in 0..3_000 {
            let mut text = String::new();
            for _ in 0..dice.below(4) {
                text += dice.one(&between);
                text += dice.one(&wanted).1;
                text += dice.one(&between);
            }
            let searched = Searched::new(text.clone().into(), Whole::Joined(OnceCell::new()));
            for (field, wanted) in wanted {
                let needle = Needle::of(field, wanted);
                if needle.is_exactly_in(&text) {
                    assert!(searched.holds(&needle.folded), "{wanted:?} in {text:?}");
                    found += 1;
                }
            }
        }
        assert!(found > 1_000, "{found}");
    }

    #[test]
    fn fields_are_found_however_they_are_set() {
        let text = "Knihy Dobrý den, s. r. o., IČ: 612 34 567\nDlouhá 12, Praha 1, 11000\n\
                    zapsaná v OR u MS v Praze, oddíl C, vložka 98765";
        let searched = Searched::new(text.into(), Whole::Joined(OnceCell::new()));
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
            assert_eq!(searched.names(&Needle::of(field, wanted)), found, "{field:?} {wanted}");
        }
    }
}
