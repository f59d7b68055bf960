//! Attachments that say what a message is about: an invoice, a ticket, an appointment.
//!
//! By their names and kinds; none is opened.

use super::{Class, Message, Role, Spot, Weighed};
use crate::{Part, text::fold};

pub(super) fn all(message: &Message, signs: &mut Vec<Weighed>) {
    let mut seen: Vec<&str> = Vec::new();
    for (index, part) in message.parts().iter().enumerate().skip(1) {
        let Some((name, weight, field)) = of_part(message, part) else { continue };
        if !seen.contains(&name) {
            seen.push(name);
            let spot = Spot::Part { part: index, field };
            signs.push(Weighed::new(name, Role::Act, Class::Transactional, weight, spot));
        }
    }
}

/// The sign that an attachment is, its weight, and the field of the part that says so.
fn of_part(message: &Message, part: &Part) -> Option<(&'static str, i32, usize)> {
    let named = |name| part.headers.iter().position(|header| header.is(name));
    if matches!(part.media_type.as_str(), "text/calendar" | "application/ics") {
        return Some(("calendar", 55, named("Content-Type")?));
    }
    if !part.attachment && !part.media_type.starts_with("application/") {
        return None;
    }
    ["Content-Disposition", "Content-Type"].into_iter().filter_map(named).find_map(|field| {
        let folded = fold(&message.decoded(part.headers.get(field)?));
        let is = folded.contains(".isdoc") || DOCUMENTS.iter().any(|stem| named_so(&folded, stem));
        is.then_some(("document", 30, field))
    })
}

/// The stem begins a word of the file's name.
fn named_so(folded: &str, stem: &str) -> bool {
    folded.match_indices(stem).any(|(at, _)| {
        let before = folded.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(char::is_alphabetic)
    })
}

/// How names of documents of a business done begin, folded.
static DOCUMENTS: [&str; 36] = [
    "faktur",
    "danovy",
    "dobropis",
    "vyuctovani",
    "uctenk",
    "doklad",
    "opravn",
    "zaloh",
    "protokol",
    "vstupenk",
    "jizdenk",
    "letenk",
    "listok",
    "listky",
    "invoice",
    "receipt",
    "credit-note",
    "statement",
    "ticket",
    "boarding",
    "booking",
    "itinerary",
    "rechnung",
    "re_2",
    "re-2",
    "gutschrift",
    "mahnung",
    "fahrkarte",
    "buchung",
    "auftrag",
    "rachunek",
    "paragon",
    "korekta",
    "bilet",
    "fv2",
    "fv_",
];
