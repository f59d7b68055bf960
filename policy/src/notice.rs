//! What a message tells its reader beside what it sells: the right to object, the privacy policy,
//! why he gets it. The words by which that is found, and those that a repair writes.
//!
//! Beginnings of words and phrases, folded, in five languages. Whether what is told is true, no
//! program can say.

use crate::{Controller, Edit, Language, Link, Term, View, text, unsubscribe};

/// Whether a folded text tells that one may object.
pub(crate) fn tells_of_objection(folded: &str) -> bool {
    says(folded, OBJECTION)
}

/// Whether a folded text tells where the address comes from, or why it is written to.
pub(crate) fn tells_of_origin(folded: &str) -> bool {
    says(folded, ORIGIN)
}

/// Whether some of what one reader is shown links visibly to the controller's privacy policy: by
/// its address, or by words.
pub(crate) fn links_privacy(views: &[&View], controller: &Controller) -> bool {
    let policy = controller.privacy_url.as_deref().map(bare);
    views.iter().any(|view| {
        view.links.iter().filter(|link| link.visible).any(|link| {
            let Some(url) = link.target.web() else { return false };
            policy.is_some_and(|policy| bare(url) == policy) || link_says(view, link, PRIVACY)
        })
    })
}

/// One of the phrases stands in a link's words, or where they say nothing themselves, before them.
pub(crate) fn link_says(view: &View, link: &Link, phrases: &[&str]) -> bool {
    let worded = |words: &str| says(&text::fold(words), phrases);
    worded(&link.anchor) || worded(announced(view, link))
}

/// The words on the line before a link that says nothing itself: "here", or an address in plain text.
fn announced<'a>(view: &'a View, link: &Link) -> &'a str {
    if link.anchor.split_whitespace().count() > ANCHOR_WORDS_SHORT {
        return "";
    }
    let (before, _) = unsubscribe::around(view, link);
    before.trim_end().lines().next_back().unwrap_or_default()
}

const ANCHOR_WORDS_SHORT: usize = 3;

/// Without what tools put behind an address to count clicks.
fn bare(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url).trim_end_matches('/')
}

/// One of the phrases stands there, from a word's start on. A space behind a phrase ends its last
/// word, whose end is open otherwise.
pub(crate) fn says(folded: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| {
        let words = phrase.trim_end();
        let is_whole =
            |at: usize| words.len() == phrase.len() || text::ends_word(folded, at + words.len());
        let mut found = folded.match_indices(words);
        found.any(|(at, _)| text::starts_word(folded, at) && is_whole(at))
    })
}

/// The sentence that tells of the right to object.
pub(crate) fn objection(language: Language) -> Edit {
    let text = match language {
        Language::Czech => {
            "Proti zasílání obchodních sdělení můžete kdykoli vznést námitku a odhlásit se."
        }
        Language::Slovak => {
            "Proti zasielaniu reklamných správ môžete kedykoľvek namietať a odhlásiť sa."
        }
        Language::English => {
            "You have the right to object to this marketing at any time and to unsubscribe."
        }
        Language::German => "Sie können dieser Werbung jederzeit widersprechen und sich abmelden.",
        Language::Polish => {
            "W każdej chwili mogą Państwo wnieść sprzeciw wobec marketingu i wypisać się."
        }
    };
    Edit::AddNotice { text: text.to_owned(), link: None }
}

/// The link to the privacy policy; none where the policy knows no address of it.
pub(crate) fn privacy(controller: &Controller) -> Option<Edit> {
    let text = match controller.language {
        Language::Czech => "Zásady ochrany osobních údajů:",
        Language::Slovak => "Zásady ochrany osobných údajov:",
        Language::English => "Privacy policy:",
        Language::German => "Datenschutzerklärung:",
        Language::Polish => "Polityka prywatności:",
    };
    let link = controller.privacy_url.clone()?;
    Some(Edit::AddNotice { text: text.to_owned(), link: Some(link) })
}

/// Where the controller answers; nothing where the policy does not know it.
pub(crate) fn contact(controller: &Controller) -> Option<Edit> {
    let contact = controller.contact.as_deref().filter(|text| !text.trim().is_empty())?;
    let word = match controller.language {
        Language::Czech | Language::Slovak | Language::German | Language::Polish => "Kontakt",
        Language::English => "Contact",
    };
    Some(Edit::AddNotice { text: format!("{word}: {contact}"), link: None })
}

/// Why the reader gets the message, and for how long he counts as active.
pub(crate) fn origin(language: Language, active: Term) -> Edit {
    let term = active.words(language);
    let text = match language {
        Language::Czech => format!(
            "Tuto zprávu dostáváte, protože jste s jejím zasíláním souhlasili nebo jste naším \
             zákazníkem. Za aktivní kontakt vás považujeme {term} od vaší poslední aktivity."
        ),
        Language::Slovak => format!(
            "Túto správu dostávate, pretože ste s jej zasielaním súhlasili alebo ste naším \
             zákazníkom. Za aktívny kontakt vás považujeme {term} od vašej poslednej aktivity."
        ),
        Language::English => format!(
            "You are receiving this message because you agreed to it or are our customer. We count \
             you as an active contact for {term} after your last activity."
        ),
        Language::German => format!(
            "Sie erhalten diese Nachricht, weil Sie eingewilligt haben oder bei uns gekauft haben. \
             Als aktiven Kontakt führen wir Sie {term} lang ab Ihrer letzten Aktivität."
        ),
        Language::Polish => format!(
            "Otrzymują Państwo tę wiadomość na podstawie udzielonej zgody lub jako nasi klienci. Za \
             aktywny kontakt uważamy Państwa przez {term} od ostatniej aktywności."
        ),
    };
    Edit::AddNotice { text, link: None }
}

static OBJECTION: &[&str] = &[
    "namitk",
    "namietat",
    "namietnut",
    "namietk",
    "right to object",
    "may object",
    "can object",
    "widersprech",
    "widerspruch",
    "sprzeciw",
];

static PRIVACY: &[&str] = &[
    "ochrana osobnich udaj",
    "ochrane osobnich udaj",
    "ochrany osobnich udaj",
    "ochranou osobnich udaj",
    "zpracovani osobnich udaj",
    "zpracovanim osobnich udaj",
    "zasady ochrany",
    "zasady zpracovani",
    "ochrana soukromi",
    "ochrana osobnych udaj",
    "ochrane osobnych udaj",
    "ochrany osobnych udaj",
    "spracuvanie osobnych udaj",
    "spracuvani osobnych udaj",
    "spracovanie osobnych udaj",
    "spracovani osobnych udaj",
    "ochrana sukromia",
    "zasady sukromia",
    "privacy",
    "data protection",
    "datenschutz",
    "polityka prywatnosci",
    "polityki prywatnosci",
    "polityke prywatnosci",
    "polityce prywatnosci",
    "ochrona danych",
    "ochronie danych",
    "ochrony danych",
];

static ORIGIN: &[&str] = &[
    "tuto zpravu dostavate",
    "tento e-mail dostavate",
    "tento email dostavate",
    "tento e-mail jste obdrzel",
    "tento email jste obdrzel",
    "zpravu jste obdrzel",
    "dostavate jej, protoze",
    "dostavate ji, protoze",
    "protoze jste se prihlasil",
    "protoze jste prihlasen",
    "protoze jste nas zakaznik",
    "protoze jste nasim zakaznik",
    "protoze jste u nas",
    "na zaklade vaseho souhlasu",
    "tuto spravu dostavate",
    "tento e-mail ste dostal",
    "tento email ste dostal",
    "pretoze ste sa prihlasil",
    "pretoze ste prihlasen",
    "pretoze ste nas zakaznik",
    "pretoze ste nasim zakaznik",
    "pretoze ste u nas",
    "na zaklade vasho suhlasu",
    "you are receiving this",
    "you're receiving this",
    "you received this",
    "why you got this",
    "because you signed up",
    "because you subscribed",
    "because you are a customer",
    "sie erhalten diese",
    "diese e-mail erhalten sie",
    "diesen newsletter erhalten sie",
    "weil sie sich",
    "da sie sich",
    "otrzymujesz te",
    "otrzymuja panstwo te",
    "otrzymali panstwo te",
    "wiadomosc otrzymujesz",
    "na podstawie zgody",
    "na podstawie udzielonej zgody",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(edit: &Edit) -> &str {
        let Edit::AddNotice { text, .. } = edit else { panic!("{edit:?}") };
        text
    }

    #[test]
    fn what_a_repair_writes_is_found_by_the_rules() {
        for language in Language::ALL {
            let objection = objection(language);
            assert!(tells_of_objection(&text::fold(text_of(&objection))), "{language:?}");
            let origin = origin(language, Term::years(4));
            assert!(tells_of_origin(&text::fold(text_of(&origin))), "{language:?}");
        }
        assert!(!tells_of_objection("objektivy za polovic, bez sprzedawcy"));
        assert!(!tells_of_origin("novy katalog je tady"));
    }

    #[test]
    fn a_word_is_open_at_its_end_unless_a_space_closes_it() {
        for (text, said) in [
            ("ano", true),
            ("ano, chci", true),
            ("anonymni dotaznik", false),
            ("potvrzuji", true),
            ("nepotvrzuji", false),
        ] {
            assert_eq!(says(text, &["ano ", "potvr"]), said, "{text}");
        }
    }

    #[test]
    fn an_address_is_the_same_with_what_counts_clicks() {
        assert_eq!(bare("https://a.cz/gdpr/?utm_source=x"), bare("https://a.cz/gdpr#top"));
        assert_ne!(bare("https://a.cz/gdpr"), bare("https://a.cz/"));
    }
}
