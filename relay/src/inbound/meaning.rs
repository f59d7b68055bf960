//! Whether a letter says, plainly, that its writer wants no more mail. Pure.
//!
//! Plain is a subject or a text of a few words that say so and nothing else. "Do not unsubscribe me,
//! but…" is for a person to read.

use policy::{Message, Reading};

use crate::wish::TEXT_MAX;

/// What a letter wants, as far as a machine may say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Meaning {
    /// No more mail.
    Refusal,
    /// It speaks of that, among other things.
    Unclear,
    Other,
}

/// Without diacritics, in lower case; of Czech, Slovak, English, German and Polish.
const WORDS: &[&str] = &[
    "odhlasit",
    "odhlaste",
    "odhlasujem",
    "odhlasuji",
    "neposilat",
    "neposilejte",
    "neposielat",
    "neposielajte",
    "unsubscribe",
    "remove",
    "opt",
    "stop",
    "abmelden",
    "austragen",
    "wypisz",
    "rezygnuje",
];
/// What may stand beside such a word without making it mean something else.
const BESIDE: &[&str] = &[
    "me",
    "out",
    "mne",
    "ma",
    "mi",
    "nas",
    "se",
    "sa",
    "si",
    "mie",
    "mnie",
    "mich",
    "bitte",
    "prosim",
    "please",
    "prosze",
    "dekuji",
    "dakujem",
    "diky",
    "thanks",
    "thank",
    "you",
    "danke",
    "z",
    "from",
    "the",
    "this",
    "list",
    "newsletter",
    "newsletteru",
    "odberu",
    "odberu",
    "mail",
    "maily",
    "emaily",
    "obchodni",
    "sdeleni",
    "obchodne",
    "oznamenia",
    "reklamu",
    "uz",
    "dalsi",
    "dalsie",
    "nic",
    "zadne",
    "ziadne",
    "no",
    "more",
    "re",
    "aw",
    "odp",
    "dobry",
    "den",
    "hello",
    "chci",
    "chcem",
    "i",
    "want",
    "to",
    "vas",
    "vam",
    "all",
];
/// A text of more words says more than one thing.
const WORDS_MAX: usize = 12;

impl Meaning {
    /// `text` is what [`words`] found.
    pub(super) fn of(subject: &str, text: &str) -> Self {
        let subject = folded(subject);
        let text = folded(&own_words(text));
        let is_reply = ["re ", "aw ", "odp "].iter().any(|start| subject.starts_with(start));
        // The subject of a reply is ours.
        let told = if is_reply { text } else { format!("{subject} {text}") };
        if is_plain(&told) {
            Self::Refusal
        } else if says(&told) {
            Self::Unclear
        } else {
            Self::Other
        }
    }
}

fn says(text: &str) -> bool {
    text.split(' ').any(|word| WORDS.contains(&word))
}

/// It says so, and every other word may stand beside it.
fn is_plain(text: &str) -> bool {
    let words = || text.split_whitespace();
    says(text)
        && words().count() <= WORDS_MAX
        && words().all(|word| WORDS.contains(&word) || BESIDE.contains(&word))
}

/// The beginning of a letter's text: of its first plain part, else of what its HTML shows. Takes time
/// where it is HTML.
pub(super) fn words(message: &Message) -> String {
    let plain = message
        .parts()
        .iter()
        .filter(|part| part.media_type == "text/plain" && !part.attachment)
        .filter_map(|part| message.text(part))
        .find(|text| !text.trim().is_empty());
    let cut = |text: &str| text.trim().chars().take(TEXT_MAX).collect();
    match plain {
        Some(text) => cut(&text),
        None => {
            let reading = Reading::of(message.bytes().clone());
            reading.views.iter().map(|view| cut(&view.text)).next().unwrap_or_default()
        }
    }
}

/// What the writer wrote, without what is quoted and without the signature.
fn own_words(text: &str) -> String {
    let mut own = String::new();
    for line in text.lines() {
        let line = line.trim();
        let ends = line == "--" || line.starts_with("-----") || line.starts_with("_____");
        // `On 1 Nov 2026, Shop wrote:`, in any language.
        let introduces = line.ends_with(':') && line.chars().any(|c| c.is_ascii_digit());
        if ends || introduces || line.starts_with('>') {
            break;
        }
        own.push_str(line);
        own.push(' ');
    }
    own
}

/// Words of lower-case letters without diacritics, one space between them.
fn folded(text: &str) -> String {
    let folded = policy::text::fold(text);
    let words = folded.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| !word.is_empty()).collect::<Vec<&str>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(subject: &str, text: &str) -> Meaning {
        let message = format!(
            "From: a@b.test\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        );
        let message = Message::parse(message.into());
        Meaning::of(message.subject(), &words(&message))
    }

    #[test]
    fn a_letter_of_html_alone_says_what_it_shows() {
        let html = |body: &str| {
            let message = format!(
                "From: a@b.test\r\nSubject: Re: Sleva\r\nMIME-Version: 1.0\r\n\
                 Content-Type: text/html; charset=utf-8\r\n\r\n{body}\r\n"
            );
            let message = Message::parse(message.into());
            Meaning::of(message.subject(), &words(&message))
        };
        assert_eq!(html("<p>Odhla\u{161}te m\u{11b}</p><p hidden>a taky ne</p>"), Meaning::Refusal);
        assert_eq!(html("<p>Odhlásit</p><p>Sleva na kávu</p>"), Meaning::Unclear);
        assert_eq!(html("<p>Dobr&yacute; den</p>"), Meaning::Other);
    }

    #[test]
    fn a_plain_no_is_one_in_any_language() {
        for (subject, text) in [
            ("Odhlásit", ""),
            ("odhlásiť", "Prosím"),
            ("", "Odhlaste mě, děkuji."),
            ("Re: Sleva 20 %", "ODHLÁSIT\r\n\r\nDne 1. 11. 2026 napsal Obchod:\r\n> Sleva"),
            ("Re: Sleva", "Prosím, neposílejte mi už další reklamu.\r\n-- \r\nJan Novák"),
            ("Re: Zľava", "neposielajte mi už nič"),
            ("unsubscribe", "unsubscribe"),
            ("Re: Offer", "Please remove me from this list"),
            ("STOP", ""),
        ] {
            assert_eq!(meaning(subject, text), Meaning::Refusal, "{subject} | {text}");
        }
    }

    #[test]
    fn what_says_more_is_for_a_person() {
        for (subject, text) in [
            ("Re: Sleva", "Nechci odhlásit, jen změnit adresu."),
            ("Re: Sleva", "Odhlaste mě z newsletteru Zahrada, ale faktury posílejte dál."),
            ("unsubscribe", "I never signed up. I will report you to the authority."),
            ("Re: Offer", "Do not unsubscribe me, I like it."),
        ] {
            assert_eq!(meaning(subject, text), Meaning::Unclear, "{subject} | {text}");
        }
    }

    #[test]
    fn what_speaks_of_something_else_is_for_the_controller() {
        for (subject, text) in [
            ("Re: Sleva", "Dobrý den, máte ještě skladem hrábě?"),
            // The word is in what is quoted.
            ("Re: Odhlásit", "Dobrý den, kdy otevíráte?\r\n> odhlásit"),
            ("", ""),
        ] {
            assert_eq!(meaning(subject, text), Meaning::Other, "{subject} | {text}");
        }
    }
}
