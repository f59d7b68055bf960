//! Links and headers by which a recipient says no.
//!
//! What claims to unsubscribe is found here, whatever it leads to; whether it leads anywhere is
//! for the rules to say.

use std::sync::LazyLock;

use crate::{Edit, Language, Link, LinkTarget, Message, View, own_link, text::ByInitial};

/// Visible links of a view that say they unsubscribe: by their own words, or by words beside them.
pub(crate) fn links(view: &View) -> impl Iterator<Item = &Link> {
    let found = view.unsubscribes.get_or_init(|| {
        let links = view.links.iter().enumerate();
        let claiming = links.filter(|(_, link)| link.visible && claims(view, link));
        claiming.map(|(index, _)| index).collect()
    });
    found.iter().filter_map(|index| view.links.get(*index))
}

fn claims(view: &View, link: &Link) -> bool {
    is_ours(&link.target) || in_words(view, link)
}

/// Its own words, or those beside it, say that it unsubscribes.
pub(crate) fn in_words(view: &View, link: &Link) -> bool {
    let words = link.anchor.split_whitespace().count();
    // A whole block, or a picture described at length, that leads to the shop is no such link.
    if words <= ANCHOR_WORDS_MAX && has_phrase(&crate::text::fold(&link.anchor)) {
        return true;
    }
    // "zde", "here", an address in plain text: the words stand around it.
    let (before, after) = around(view, link);
    let says = |text: &str| has_phrase(&crate::text::fold(text));
    words <= ANCHOR_WORDS_SHORT && (says(before) || says(after))
}

/// One of the relay's own links, before or after it is filled in.
fn is_ours(target: &LinkTarget) -> bool {
    match target {
        LinkTarget::Https(url) => own_link::is(url, &["unsubscribe", "preferences"]),
        LinkTarget::Http(_)
        | LinkTarget::Mailto(_)
        | LinkTarget::Nowhere
        | LinkTarget::Unexpanded
        | LinkTarget::Other => false,
    }
}

fn has_phrase(folded: &str) -> bool {
    let (mut unwilling, mut receiving) = (false, false);
    // From word to word: every phrase begins with a letter.
    let says = words(folded).any(|rest| {
        SAYINGS.alike(rest).iter().any(|(start, says)| {
            let Some(after) = rest.strip_prefix(start) else { return false };
            match says {
                Says::All => return true,
                Says::Unwilling => unwilling = true,
                Says::Receiving => receiving = true,
                Says::PartedBy(end) => return is_parted(after, end),
            }
            unwilling && receiving
        })
    });
    says && !OTHER.iter().any(|other| folded.contains(other))
}

/// What words say that begin so.
#[derive(Clone, Copy)]
enum Says {
    /// That they unsubscribe.
    All,
    /// Half of it.
    Unwilling,
    /// The other half.
    Receiving,
    /// All of it, where this word ends the clause.
    PartedBy(&'static str),
}

static SAYINGS: LazyLock<ByInitial<Says>> = LazyLock::new(|| {
    let all = |phrases: &'static [&'static str], says| phrases.iter().map(move |p| (*p, says));
    let parted = PARTED.iter().map(|(verb, end)| (*verb, Says::PartedBy(end)));
    let halves = all(UNWILLING, Says::Unwilling).chain(all(RECEIVING, Says::Receiving));
    ByInitial::of(all(PHRASES, Says::All).chain(halves).chain(parted))
});

/// German parts the verb: `melden Sie sich hier ab`.
fn is_parted(after: &str, end: &str) -> bool {
    let clause = after.split(['.', ':', ',', '!', '?', '(', '\n']).next().unwrap_or_default();
    clause.split_whitespace().next_back() == Some(end)
}

static PARTED: [(&str, &str); 6] = [
    ("melden sie sich", "ab"),
    ("melde dich", "ab"),
    ("melden sie den newsletter", "ab"),
    ("bestellen sie", "ab"),
    ("tragen sie sich", "aus"),
    ("trage dich", "aus"),
];

/// The text from each of its words on.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut in_word = false;
    text.char_indices().filter_map(move |(at, c)| {
        let begins = c.is_alphanumeric() && !in_word;
        in_word = c.is_alphanumeric();
        if begins { text.get(at..) } else { None }
    })
}

/// The text before a link, back to the link before it, and the rest of its line after it: words
/// on the next line announce the next link.
pub(crate) fn around<'a>(view: &'a View, link: &Link) -> (&'a str, &'a str) {
    let (text, at) = (view.text.as_str(), &link.at);
    let ends = view.links.iter().map(|other| other.at.end).filter(|end| *end <= at.start);
    let from = ends.max().unwrap_or(0).max(at.start.saturating_sub(AROUND_BYTES));
    let to = at.end.saturating_add(AROUND_BYTES).min(text.len());
    let before = text.get(ceil(text, from)..at.start).unwrap_or_default();
    let after = text.get(at.end..floor(text, to)).unwrap_or_default();
    (before, after.lines().next().unwrap_or_default())
}

fn floor(text: &str, mut at: usize) -> usize {
    while at > 0 && !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn ceil(text: &str, mut at: usize) -> usize {
    while at < text.len() && !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// What a List-Unsubscribe field offers (RFC 2369 §3.2).
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Offered {
    /// How many fields of that name there are.
    pub(crate) fields: usize,
    pub(crate) https: bool,
    pub(crate) mailto: bool,
    /// `List-Unsubscribe-Post: List-Unsubscribe=One-Click`, once.
    pub(crate) one_click: bool,
    /// Why what is there cannot work: the id of a reason.
    pub(crate) fault: Option<&'static str>,
}

pub(crate) fn offered(message: &Message) -> Offered {
    let mut found = Offered::default();
    for header in message.headers_named("List-Unsubscribe") {
        found.fields += 1;
        let value = message.decoded(header);
        for uri in uris(&value) {
            match uri_fault(uri) {
                Some(fault) => found.fault = found.fault.or(Some(fault)),
                None if starts_with(uri, "https://") => found.https = true,
                None => found.mailto = true,
            }
        }
        if !found.https && !found.mailto {
            found.fault = found.fault.or(Some("list-unsubscribe-empty"));
        }
    }
    let mut posts = message.headers_named("List-Unsubscribe-Post");
    found.one_click = posts.next().is_some_and(|header| {
        message.decoded(header).trim().eq_ignore_ascii_case("List-Unsubscribe=One-Click")
    }) && posts.next().is_none();
    found
}

/// The addresses between angle brackets.
fn uris(value: &str) -> impl Iterator<Item = &str> {
    value.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(uri, _)| uri.trim())
}

fn uri_fault(uri: &str) -> Option<&'static str> {
    let marks = uri.as_bytes().array_windows();
    if marks.into_iter().any(|two| MERGE_MARKS.contains(&two)) {
        Some("list-unsubscribe-tag")
    } else if starts_with(uri, "https://") {
        None
    } else if starts_with(uri, "http://") {
        Some("list-unsubscribe-http")
    } else if starts_with(uri, "mailto:") {
        let address = uri.get("mailto:".len()..).unwrap_or_default();
        let address = address.split('?').next().unwrap_or_default();
        (!address.contains('@')).then_some("list-unsubscribe-mailto-empty")
    } else {
        Some("list-unsubscribe-nowhere")
    }
}

fn starts_with(uri: &str, scheme: &str) -> bool {
    uri.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}

/// Both header fields, ours.
pub(crate) fn header_edits() -> [Edit; 2] {
    [Edit::AddListUnsubscribe, Edit::AddListUnsubscribePost]
}

/// The line that the repair adds; the link follows it. It tells of the right to object (GDPR art.
/// 21(4)) and that unsubscribing is possible at any time, in no more words than an anchor may have.
pub(crate) fn line(language: Language) -> &'static str {
    match language {
        Language::Czech => {
            "Můžete kdykoli vznést námitku a další sdělení odmítnout, odhlaste se zde:"
        }
        Language::Slovak => "Kedykoľvek môžete namietať a ďalšie správy odmietnuť, odhláste sa tu:",
        Language::English => {
            "You may object and stop these messages at any time, unsubscribe here:"
        }
        Language::German => {
            "Sie können jederzeit widersprechen und sich von diesen Nachrichten hier abmelden:"
        }
        Language::Polish => "W każdej chwili mogą Państwo wyrazić sprzeciw i wypisać się tutaj:",
    }
}

/// How merge tags of the common tools begin.
static MERGE_MARKS: [&[u8; 2]; 6] = [b"{{", b"*|", b"%%", b"{%", b"{$", b"[["];

const ANCHOR_WORDS_MAX: usize = 12;
const ANCHOR_WORDS_SHORT: usize = 3;
/// About a line on either side.
const AROUND_BYTES: usize = 100;

/// Beginnings of words and phrases, folded (compliance.md 6.3).
static PHRASES: &[&str] = &[
    "odhlasit",
    "odhlasen",
    "odhlaste",
    "odhlasuj",
    "odhlasovac",
    "zrusit odber",
    "zruseni odber",
    "zrusenie odber",
    "zrusit zasilani",
    "zrusit zasielanie",
    "ukoncit odber",
    "ukonceni odber",
    "nastaveni odber",
    "nastavenie odber",
    "odmitnout zasilani",
    "odmietnut zasielanie",
    "unsubscri",
    "opt out",
    "opt-out",
    "manage preferences",
    "manage your preferences",
    "manage your subscription",
    "manage subscription",
    "email preferences",
    "e-mail preferences",
    "update your preferences",
    "stop receiving",
    "stop hearing",
    "stop these",
    "leave this list",
    "leave the list",
    "remove me",
    "take me off",
    "abmelden",
    "abmelde",
    "abmeldung",
    "newsletter-abmeldung",
    "newsletterabmeldung",
    "abbestell",
    "austragen",
    "keine weiteren e-mails",
    "keine weiteren mails",
    "keine weiteren nachrichten",
    "wypisz",
    "wypisac",
    "wypisani",
    "wyrejestruj",
    "zrezygnuj",
    "zrezygnowac",
    "rezygnuj",
    "rezygnacja z subskrypcji",
    "rezygnacja z newsletter",
    "rezygnacja z otrzymywania",
    "anuluj subskrypcje",
    "anulowac subskrypcje",
    "usun mnie z listy",
];

/// "Pokud si nepřejete tyto zprávy dostávat": both a word of the one and a word of the other.
static UNWILLING: &[&str] = &[
    "neprej",
    "nepraj",
    "nechc",
    "nezel",
    "no longer",
    "don't want",
    "do not want",
    "don't wish",
    "do not wish",
    "nicht mehr",
    "keine weiter",
    "keine e-mail",
    "keine mail",
    "keine nachricht",
    "keinen newsletter",
    "nie chc",
    "nie zycz",
];
static RECEIVING: &[&str] = &[
    "dostavat",
    "odebirat",
    "odoberat",
    "zasil",
    "zasiel",
    "posil",
    "posiel",
    "prijimat",
    "receiv",
    "erhalten",
    "bekommen",
    "empfangen",
    "otrzymywac",
    "dostawac",
    "odbierac",
];

/// What sounds alike and is something else: leaving an account.
static OTHER: &[&str] = &[
    "odhlasit se z uctu",
    "odhlasit z uctu",
    "odhlasit sa z uctu",
    "odhlaseni z uctu",
    "log out",
    "sign out",
    "ausloggen",
    "vom konto",
    "von ihrem konto",
    "von deinem konto",
    "aus ihrem konto",
    "wyloguj",
    "odhlasit ze vsech zarizeni",
    "odhlasit zo vsetkych zariadeni",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_says_what_it_offers() {
        for (uri, fault) in [
            ("https://example.com/u/1", None),
            ("HTTPS://example.com/u/1", None),
            ("mailto:odhlasit@example.com?subject=ne", None),
            ("http://example.com/u/1", Some("list-unsubscribe-http")),
            ("mailto:", Some("list-unsubscribe-mailto-empty")),
            ("mailto:?subject=ne", Some("list-unsubscribe-mailto-empty")),
            ("{{unsubscribe_url}}", Some("list-unsubscribe-tag")),
            ("https://example.com/*|UNIQID|*", Some("list-unsubscribe-tag")),
            ("#", Some("list-unsubscribe-nowhere")),
        ] {
            assert_eq!(uri_fault(uri), fault, "{uri}");
        }
        assert_eq!(uris("<mailto:a@b.cz>, (x) <https://c.cz/>").count(), 2);
    }

    #[test]
    fn every_phrase_begins_with_a_letter() {
        let all = [PHRASES, UNWILLING, RECEIVING].concat();
        for phrase in all.into_iter().chain(PARTED.map(|(verb, _)| verb)) {
            assert!(SAYINGS.alike(phrase).iter().any(|(known, _)| *known == phrase), "{phrase}");
        }
    }

    #[test]
    fn words_tell_unsubscribing_from_logging_out() {
        for (text, says) in [
            ("odhlasit se z odberu", true),
            ("odhlaseni zde", true),
            ("ak si uz nezelate dostavat, odhlaste sa tu", true),
            ("pokud si neprejete tyto zpravy dostavat", true),
            ("neprejete si darek", false),
            ("unsubscribe", true),
            ("odhlasit se z uctu", false),
            ("neodhlaste se", false),
            ("if you no longer wish to receive these messages", true),
            ("manage your preferences", true),
            ("vom newsletter abmelden", true),
            ("newsletter abbestellen", true),
            ("melden sie sich hier ab", true),
            ("melden sie sich bei uns, wir holen es ab", false),
            ("melden sie sich jetzt an", false),
            ("wenn sie keine weiteren e-mails bekommen mochten", true),
            ("vom konto abmelden", false),
            ("die reste erhalten sie im laden", false),
            ("wypisz sie z listy", true),
            ("jesli nie chcesz otrzymywac tych wiadomosci", true),
            ("zrezygnuj z newslettera", true),
            ("nie chcesz czekac?", false),
            ("wyloguj sie", false),
            ("prihlasit", false),
        ] {
            assert_eq!(has_phrase(text), says, "{text}");
        }
    }

    #[test]
    fn the_line_that_is_added_says_it_unsubscribes() {
        for language in Language::ALL {
            let line = crate::text::fold(line(language));
            assert!(has_phrase(&line) && crate::notice::tells_of_objection(&line), "{language:?}");
            assert!(line.split_whitespace().count() <= ANCHOR_WORDS_MAX, "{language:?}");
        }
    }
}
