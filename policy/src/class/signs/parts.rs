//! Attachments that say what a message is about: an invoice, a ticket, an appointment.
//!
//! By their names and kinds; none is opened.

use super::{Class, Message, Sign, place};
use crate::{Evidence, Part, message::shown, text::fold};

pub(super) fn all(message: &Message, signs: &mut Vec<Sign>) {
    let mut seen: Vec<&str> = Vec::new();
    for (index, part) in message.parts().iter().enumerate().skip(1) {
        let Some((name, weight, shown)) = of_part(message, part) else { continue };
        if seen.contains(&name) {
            continue;
        }
        seen.push(name);
        let evidence = Evidence { place: place(message, index), range: part.head.clone(), shown };
        signs.push(Sign::new(name, Class::Transactional, weight, evidence));
    }
}

fn of_part(message: &Message, part: &Part) -> Option<(&'static str, i32, String)> {
    if matches!(part.media_type.as_str(), "text/calendar" | "application/ics") {
        return Some(("calendar", 55, part.media_type.clone()));
    }
    if !part.attachment && !part.media_type.starts_with("application/") {
        return None;
    }
    let named = part.headers.iter().filter(|header| {
        header.is("Content-Disposition") || header.is("Content-Type")
    });
    named.into_iter().find_map(|header| {
        let value = message.decoded(header);
        let folded = fold(&value);
        if folded.contains(".isdoc") || DOCUMENTS.iter().any(|stem| named_so(&folded, stem)) {
            Some(("document", 30, shown(&value)))
        } else {
            None
        }
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
    "faktur", "danovy", "dobropis", "vyuctovani", "uctenk", "doklad", "opravn", "zaloh", "protokol",
    "vstupenk", "jizdenk", "letenk", "listok", "listky", "invoice", "receipt", "credit-note",
    "statement", "ticket", "boarding", "booking", "itinerary", "rechnung", "re_2", "re-2",
    "gutschrift", "mahnung", "fahrkarte", "buchung", "auftrag", "rachunek", "paragon", "korekta",
    "bilet", "fv2", "fv_",
];
