//! What a header field says by being there, and what a sender's address and a subject's number say
//! (compliance.md 6.2).

use super::{Class, Message, Role, Spot, Weighed};
use crate::Header;

pub(super) fn all(message: &Message, signs: &mut Vec<Weighed>) {
    for (index, header) in message.headers().iter().enumerate() {
        if let Some((name, speaks_for, weight)) = of_field(message, header) {
            let role = match (name, speaks_for) {
                ("form", _) => Role::Act,
                (_, Class::Commercial) => Role::Bulk,
                _ => Role::Topic,
            };
            signs.push(Weighed::new(name, role, speaks_for, weight, Spot::Field(index)));
        }
    }
    sender(message, signs);
}

fn of_field(message: &Message, header: &Header) -> Option<(&'static str, Class, i32)> {
    let name = header.name.as_str();
    let first = name.bytes().next().map(|byte| byte.to_ascii_lowercase())?;
    // Nearly every field is none of these.
    if !matches!(first, b'a' | b'f' | b'l' | b'p' | b'x') {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    let value =
        || String::from_utf8_lossy(message.raw(header.value.clone())).trim().to_ascii_lowercase();
    Some(match lower.as_str() {
        "list-unsubscribe" => ("list-unsubscribe", Class::Commercial, 15),
        "list-id" => ("list-id", Class::Commercial, 15),
        "feedback-id" => ("feedback-id", Class::Commercial, 5),
        "precedence" if matches!(value().as_str(), "bulk" | "list" | "junk") => {
            ("precedence", Class::Commercial, 15)
        }
        "auto-submitted" if value().starts_with("auto-") => {
            ("auto-submitted", Class::Transactional, 10)
        }
        "x-auto-response-suppress" => ("auto-submitted", Class::Transactional, 5),
        "x-wpcf7-content-type" => ("form", Class::Transactional, 30),
        "x-pm-message-stream" if value().contains("broadcast") => {
            ("campaign-header", Class::Commercial, 20)
        }
        "x-mailer" | "x-generator" => {
            let value = value();
            if TOOLS.iter().any(|tool| value.contains(tool)) {
                ("marketing-tool", Class::Commercial, 15)
            } else if LEDGERS.iter().any(|tool| value.contains(tool)) {
                ("business-software", Class::Transactional, 8)
            } else {
                return None;
            }
        }
        lower if CAMPAIGN.iter().any(|start| lower.starts_with(start)) => {
            ("campaign-header", Class::Commercial, 20)
        }
        _ => return None,
    })
}

/// Fields that tools for campaigns add.
static CAMPAIGN: [&str; 15] = [
    "x-campaign",
    "x-mc-user",
    "x-mccid",
    "x-mailgun-tag",
    "x-mc-tags",
    "x-listmonk-",
    "x-mailkit-",
    "x-cmail-",
    "x-mailer-recptid",
    "x-sfmc-",
    "x-roving-",
    "x-emarsys-",
    "x-mailin-campaign",
    "x-hubsp-campaign",
    "x-esp-job",
];

/// Tools that send campaigns; shops send confirmations by them too.
static TOOLS: [&str; 28] = [
    "mailchimp",
    "mailerlite",
    "sendinblue",
    "brevo",
    "ecomail",
    "smartemailing",
    "mailkit",
    "getresponse",
    "klaviyo",
    "hubspot",
    "campaign monitor",
    "createsend",
    "emarsys",
    "exponea",
    "bloomreach",
    "activecampaign",
    "listmonk",
    "mautic",
    "phplist",
    "acymailing",
    "mailpoet",
    "newsletter",
    "inxmail",
    "cleverreach",
    "rapidmail",
    "evalanche",
    "freshmail",
    "mailwizz",
];

/// Software for books, tickets and courses.
static LEDGERS: [&str; 18] = [
    "pohoda",
    "helios",
    "money s",
    "abra",
    "sap ",
    "comarch",
    "subiekt",
    "enova",
    "datev",
    "lexware",
    "faktura",
    " erp",
    "erp ",
    "otrs",
    "zendesk",
    "osticket",
    "moodle",
    "freshdesk",
];

/// What the sender's address says before its at sign.
fn sender(message: &Message, signs: &mut Vec<Weighed>) {
    let Some(field) = message.headers().iter().position(|header| header.is("From")) else {
        return;
    };
    let Some(sender) = message.senders().first() else { return };
    let local = sender.address.split('@').next().unwrap_or_default().to_ascii_lowercase();
    let said = SENDERS
        .iter()
        .find(|(stem, ..)| local.split(['.', '-', '_', '+']).any(|word| word.starts_with(stem)));
    if let Some((_, speaks_for, weight)) = said {
        let role = if *speaks_for == Class::Commercial { Role::Bulk } else { Role::Topic };
        let spot = Spot::Field(field);
        signs.push(Weighed::new("sender-address", role, *speaks_for, *weight, spot));
    }
}

/// Beginnings of the words of a local part.
static SENDERS: [(&str, Class, i32); 66] = {
    use Class::{Commercial as C, NonBusiness as N, TechnicalNotice as T, Transactional as B};
    [
        ("faktur", B, 15),
        ("fakturac", B, 15),
        ("billing", B, 15),
        ("invoice", B, 15),
        ("receipt", B, 15),
        ("rechnung", B, 15),
        ("abrechnung", B, 12),
        ("debitor", B, 15),
        ("buchhaltung", B, 10),
        ("uctarna", B, 10),
        ("uctovn", B, 10),
        ("accounting", B, 8),
        ("rozliczen", B, 12),
        ("platnosc", B, 12),
        ("platby", B, 12),
        ("payments", B, 12),
        ("objednav", B, 15),
        ("order", B, 12),
        ("bestellung", B, 12),
        ("auftrag", B, 12),
        ("zamowien", B, 12),
        ("versand", B, 15),
        ("shipping", B, 15),
        ("ship", B, 10),
        ("sledovan", B, 15),
        ("delivery", B, 12),
        ("paczki", B, 12),
        ("reklamac", B, 15),
        ("zwrot", B, 15),
        ("returns", B, 15),
        ("refund", B, 15),
        ("retour", B, 15),
        ("vstupenk", B, 15),
        ("listky", B, 15),
        ("ticket", B, 15),
        ("bilet", B, 15),
        ("rezerva", B, 12),
        ("rezerwac", B, 12),
        ("booking", B, 12),
        ("buchung", B, 12),
        ("reservierung", B, 12),
        ("login", B, 15),
        ("security", B, 12),
        ("bezpecnost", B, 12),
        ("predplatne", B, 10),
        ("support", B, 8),
        ("podpora", B, 8),
        ("helpdesk", B, 8),
        ("formular", B, 10),
        ("incident", T, 15),
        ("recall", T, 15),
        ("rueckruf", T, 15),
        ("stoerung", T, 15),
        ("noc", T, 15),
        ("status", T, 10),
        ("newsletter", C, 10),
        ("novinky", C, 10),
        ("marketing", C, 10),
        ("akce", C, 10),
        ("promo", C, 10),
        ("deals", C, 10),
        ("gazetka", C, 10),
        ("farnost", N, 30),
        ("parafia", N, 30),
        ("pfarr", N, 30),
        ("starosta", N, 30),
    ]
};

/// A folded subject names a file: `c. 2026001`, `R-1187/2026`, `#40918`, `code 884 120`. A year, a
/// day, a price and a percentage are none.
pub(super) fn reference(subject: &str) -> bool {
    let words: Vec<&str> = subject.split(' ').collect();
    words.iter().enumerate().any(|(at, word)| {
        // `12000,-` is a price.
        let is_price = word.ends_with('-');
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '#');
        let next = words.get(at + 1).copied().unwrap_or_default();
        !is_price && is_file_number(word, next)
    })
}

fn is_file_number(word: &str, next: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
    let priced = MONEY.iter().any(|unit| next.starts_with(unit) || word.contains(unit));
    let is_year = digits == 4 && letters == 0 && (word.starts_with("19") || word.starts_with("20"));
    let joined = word.contains(['-', '/', '_']);
    if priced || is_year || word.contains(['.', ':', ',']) {
        return false;
    }
    let six = |word: &str| word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit());
    word.starts_with('#') && digits >= 3
        || digits >= 5 && letters == 0
        || joined && digits >= 4
        || letters > 0 && digits >= 4
        || six(word) && six(next)
}

static MONEY: [&str; 10] = ["kc", "czk", "eur", "€", "$", "£", "zl", "pln", "%", "chf"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_a_file_is_told_from_other_numbers() {
        for (subject, is) in [
            ("faktura c. 2602100345", true),
            ("reklamace r/2026/0317 - vyrizeno", true),
            ("[#40918] chyba", true),
            ("kod 903 114", true),
            ("530 194 ist ihr code", true),
            ("potvrzeni rezervace kor-7741-26", true),
            ("pf 2026", false),
            ("slevy do 31.12.2026", false),
            ("sleva 20000 kc", false),
            ("5 000 eur zu gewinnen", false),
            ("kurz za 12000,-", false),
            ("jaro 2026/27", true),
        ] {
            assert_eq!(reference(subject), is, "{subject}");
        }
    }
}
