//! Words by which a reader sees at once that a message is advertising (compliance.md 6.1).
//!
//! Looked for in the subject and in the sender's name only; what class a message is, is decided
//! elsewhere and by more than words.

use std::{ops::Range, sync::LazyLock};

use crate::{
    reply,
    text::{ByInitial, Folded},
};

/// The first label in a text, as a range of the text itself; nothing where what looks like a
/// label is denied ("this is not an advertisement") or too weak to stand alone.
pub(crate) fn find(text: &str, level: u8, extra: &[String]) -> Option<Range<usize>> {
    if let Some(os) = abbreviation(text) {
        return Some(os);
    }
    // What stands further back no list of messages shows.
    let end = text.char_indices().nth(CHARS_SHOWN).map_or(text.len(), |(at, _)| at);
    let folded = Folded::of(text.get(..end).unwrap_or_default());
    let tokens = tokens(folded.as_str());
    let mut weak: Option<Range<usize>> = None;
    for at in 0..tokens.len() {
        let Some((found, strong)) = label_at(&tokens, at, level, extra) else { continue };
        if denied(&tokens, at) {
            continue;
        }
        // A weak word counts at the start or together with another one.
        if strong || at == 0 || weak.is_some() {
            return Some(
                folded.original(text.get(..end).unwrap_or_default(), weak.unwrap_or(found)),
            );
        }
        weak = Some(found);
    }
    None
}

/// An abbreviation that is a label, standing for itself: in brackets, or at the start before a
/// separator. Not the operating system, and not the start of a name.
fn abbreviation(text: &str) -> Option<Range<usize>> {
    let (length, _) = reply::prefixes(text.as_bytes());
    let rest = text.get(length..).unwrap_or_default().trim_start();
    let (inner, bracketed) = match rest.strip_prefix(['[', '(']) {
        Some(inner) => (inner.trim_start(), true),
        None => (rest, false),
    };
    let after = ABBREVIATIONS.iter().find_map(|short| short.behind(inner, bracketed))?;
    let start = text.len() - rest.len();
    Some(start..text.len() - after.len())
}

/// A label in short.
struct Abbreviation {
    written: &'static str,
    /// In capitals only: in small letters it is a word or a name.
    capitals: bool,
    /// A dash with spaces around it is a separator too.
    dash: bool,
}

/// `OS` (obchodní sdělení), `IH` (informacja handlowa), and what English senders write.
static ABBREVIATIONS: [Abbreviation; 4] = [
    Abbreviation { written: "OS", capitals: true, dash: true },
    Abbreviation { written: "IH", capitals: true, dash: false },
    Abbreviation { written: "ADV", capitals: false, dash: false },
    Abbreviation { written: "AD", capitals: false, dash: false },
];

impl Abbreviation {
    /// What follows the abbreviation and its bracket or separator.
    fn behind<'a>(&self, inner: &'a str, bracketed: bool) -> Option<&'a str> {
        let (start, behind) = inner.split_at_checked(self.written.len())?;
        let alike = match self.capitals {
            true => start == self.written,
            false => start.eq_ignore_ascii_case(self.written),
        };
        if !alike {
            return None;
        }
        let sign = behind.trim_start();
        if bracketed {
            return sign.strip_prefix([']', ')']);
        }
        if self.dash && sign.len() < behind.len() && sign.starts_with(['-', '–', '—']) {
            let mut after = sign.chars();
            return after.nth(1).filter(|c| c.is_whitespace()).map(|_| after.as_str());
        }
        sign.strip_prefix([':', '|'])
    }
}

fn label_at(
    tokens: &[Token<'_>],
    at: usize,
    level: u8,
    extra: &[String],
) -> Option<(Range<usize>, bool)> {
    let from = tokens.get(at..)?;
    let alike = LABELS.alike(from.first()?.text);
    let of = |kind| {
        let mut patterns = alike.iter().filter(|(_, of)| *of == kind);
        patterns.find_map(|(pattern, _)| matches(from, pattern))
    };
    let own = || extra.iter().find_map(|pattern| matches(from, pattern));
    let wide = level >= 2;
    let strong = of(Kind::Strict)
        .or_else(|| if wide { of(Kind::Wide) } else { None })
        .or_else(|| if level >= 3 { own() } else { None });
    let weak = || if wide { of(Kind::Weak) } else { None };
    strong.map(|found| (found, true)).or_else(|| weak().map(|found| (found, false)))
}

/// How plainly a pattern says it.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Kind {
    Strict,
    Wide,
    Weak,
}

static LABELS: LazyLock<ByInitial<Kind>> = LazyLock::new(|| {
    let all = [(STRICT, Kind::Strict), (WIDE, Kind::Wide), (WEAK, Kind::Weak)];
    ByInitial::of(all.into_iter().flat_map(|(all, kind)| all.iter().map(move |one| (*one, kind))))
});

/// A pattern is words with a space between; `*` at a word's end stands for any ending.
fn matches(tokens: &[Token<'_>], pattern: &str) -> Option<Range<usize>> {
    let mut range: Option<Range<usize>> = None;
    let mut tokens = tokens.iter();
    for word in pattern.split(' ') {
        let token = tokens.next()?;
        let alike = match word.strip_suffix('*') {
            Some(stem) => token.text.starts_with(stem),
            None => token.text == word,
        };
        if !alike {
            return None;
        }
        let start = range.map_or(token.at.start, |range| range.start);
        range = Some(start..token.at.end);
    }
    range
}

/// "This is not a commercial message" denies; "do not miss our sale" does not.
fn denied(tokens: &[Token<'_>], at: usize) -> bool {
    let from = at.saturating_sub(DENIAL_REACH);
    let before = tokens.get(from..at).unwrap_or_default();
    before.iter().enumerate().any(|(index, token)| {
        let next = tokens.get(from + index + 1).map_or("", |next| next.text);
        DENIALS.contains(&token.text)
            || HALF_DENIALS.iter().any(|(no, with)| token.text == *no && with.contains(&next))
    })
}

struct Token<'a> {
    text: &'a str,
    at: Range<usize>,
}

fn tokens(folded: &str) -> Vec<Token<'_>> {
    let mut start = None;
    let mut all = Vec::new();
    for (at, c) in folded.char_indices().chain(std::iter::once((folded.len(), ' '))) {
        match (start, c.is_alphanumeric()) {
            (None, true) => start = Some(at),
            (Some(begin), false) => {
                all.extend(folded.get(begin..at).map(|text| Token { text, at: begin..at }));
                start = None;
            }
            (None, false) | (Some(_), true) => {}
        }
    }
    all
}

/// Mail programs show fewer characters of a subject than this.
const CHARS_SHOWN: usize = 250;
/// How many words before a label may deny it: "this is not a commercial message".
const DENIAL_REACH: usize = 3;

static DENIALS: &[&str] = &[
    "neni", "nejsou", "nejde", "nejedna", "zadne", "zadna", "zadny", "ziadne", "ziadna", "ziadny",
    "isn", "bez", "kein", "keine", "keinen", "keiner", "zaden", "zadnej",
];

/// Words that deny only before these.
static HALF_DENIALS: &[(&str, &[&str])] = &[
    ("not", &["a", "an", "any", "advertising"]),
    ("no", &["advertisement", "advertising", "newsletter"]),
    ("nie", &["je", "su", "ide", "jest", "stanowi", "sa"]),
    ("nicht", &["als"]),
];

/// The authorities' own words, in Czech, Slovak, Polish, German and English; where an authority has
/// none, the words that mean advertising and nothing else.
static STRICT: &[&str] = &[
    "obchodni* sdeleni*",
    "obchodn* sdelen*",
    "obchodn* informaci*",
    "obchodn* oznam*",
    "newsletter*",
    "newslettr*",
    "informacj* handlow*",
    "werbung",
    "werbemail*",
    "werbemitteilung*",
    "advertisement",
    "advertisements",
];

/// What lawyers accept beside them.
static WIDE: &[&str] = &[
    "reklama",
    "reklamy",
    "reklamn* sdelen*",
    "reklamn* sprava",
    "marketingov* sdelen*",
    "komercn* komunikaci*",
    "inzerce",
    "inzercia",
    "zpravodaj*",
    "spravodaj*",
    "novink*",
    "novinek",
    "noviniek",
    "sleva",
    "slevy",
    "slevu",
    "sleve",
    "slevou",
    "slev",
    "slevam",
    "slevach",
    "slevami",
    "slevov*",
    "zlevn*",
    "vyprodej*",
    "nabidk*",
    "nabidek",
    "zlav*",
    "zliav",
    "vypredaj*",
    "ponuk*",
    "promo",
    "promotion*",
    "offer",
    "offers",
    "sale",
    "discount*",
    "deal",
    "deals",
    "news",
    "digest",
    "angebot",
    "angebote",
    "angeboten",
    "angebots",
    "sonderangebot*",
    "rabatt*",
    "gutschein*",
    "neuigkeiten",
    "schlussverkauf*",
    "ausverkauf*",
    "rundbrief*",
    "werbeanzeige*",
    "werblich*",
    "oferta",
    "oferty",
    "oferte",
    "ofert",
    "ofercie",
    "promocj*",
    "rabat",
    "rabaty",
    "rabatow",
    "rabatu",
    "znizk*",
    "znizek",
    "nowosci",
    "wyprzedaz*",
    "biuletyn*",
];

/// Words with other meanings too: an event, shares, "confirm the action", a police report.
static WEAK: &[&str] = &[
    "akce", "akci", "akcim", "akcich", "akcemi", "akcn*", "akcia", "akcie", "akciu", "akciou",
    "akciam", "akciach", "akciami", "akciov*", "darek", "darky", "darcek", "soutez*", "sutaz*",
    "aktion", "aktionen", "anzeige", "okazj*", "prezent", "prezenty",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    fn label(text: &str, level: u8) -> Option<&str> {
        find(text, level, &["klubove listy".into()]).and_then(|range| text.get(range))
    }

    #[test]
    fn every_pattern_begins_with_a_letter() {
        for pattern in [STRICT, WIDE, WEAK].concat() {
            assert!(LABELS.alike(pattern).iter().any(|(known, _)| *known == pattern), "{pattern}");
        }
    }

    #[test]
    fn labels_are_found_where_a_reader_sees_them() {
        for (text, level, found) in [
            ("Obchodní sdělení: jaro", 1, Some("Obchodní sdělení")),
            ("V OBCHODNÍM SDĚLENÍ se dočtete", 1, Some("OBCHODNÍM SDĚLENÍ")),
            ("obchodni sdeleni", 1, Some("obchodni sdeleni")),
            ("Obchodná informácia", 1, Some("Obchodná informácia")),
            ("Jarní newsletter", 1, Some("newsletter")),
            ("[OS] Jaro", 1, Some("[OS]")),
            ("Re: OS: Jaro", 1, Some("OS:")),
            ("Re[2]: Antw: [OS] Jaro", 1, Some("[OS]")),
            ("SV: [OS] Jaro", 1, Some("[OS]")),
            ("OS – Jaro", 1, Some("OS – ")),
            ("OS Windows 11 je tady", 3, None),
            ("os: jaro", 3, None),
            ("Jaro a OS", 3, None),
            ("Velké slevy", 1, None),
            ("Velké slevy", 2, Some("slevy")),
            ("Slévárna oceli", 3, None),
            ("Zľava 20 %", 2, Some("Zľava")),
            ("Akce na knihy", 2, Some("Akce")),
            ("Potvrďte prosím akci", 2, None),
            ("Dárek a akce", 2, Some("Dárek")),
            ("Toto není obchodní sdělení", 3, None),
            ("This is not an advertisement", 3, None),
            ("Klubové listy 5", 2, None),
            ("Klubové listy 5", 3, Some("Klubové listy")),
            ("Vaše objednávka", 3, None),
            ("Werbung: Frühling", 1, Some("Werbung")),
            ("[Werbung] Frühling", 1, Some("Werbung")),
            ("Keine Werbung, versprochen", 3, None),
            ("Anzeige | Frühling", 2, Some("Anzeige")),
            ("Ihre Anzeige bei der Polizei", 2, None),
            ("20 € Gutschein für Sie", 1, None),
            ("20 € Gutschein für Sie", 2, Some("Gutschein")),
            ("Informacja handlowa: wiosna", 1, Some("Informacja handlowa")),
            ("INFORMACJE HANDLOWE", 1, Some("INFORMACJE HANDLOWE")),
            ("[IH] Wiosna", 1, Some("[IH]")),
            ("Nie przegap promocji", 2, Some("promocji")),
            ("To nie jest reklama", 2, None),
            ("Niniejsza wiadomość nie stanowi oferty", 2, None),
            ("Toto nie je reklama", 2, None),
            ("[AD] Spring", 1, Some("[AD]")),
            ("Adv: spring", 1, Some("Adv:")),
            ("Ad hoc meeting", 3, None),
            ("Do not miss our sale", 2, Some("sale")),
            ("", 3, None),
            (&format!("{}newsletter", "jaro ".repeat(60)), 3, None),
        ] {
            assert_eq!(label(text, level), found, "{text} at level {level}");
        }
    }

    #[test]
    fn the_abbreviation_is_found_as_a_pattern_finds_it() {
        let pattern = regex::Regex::new(
            r"^(?:\s*(?:(?i:re|fwd?|odp|aw|wg|sv)(?:\[2\])?\s*:))*\s*(?P<os>[\[(]\s*(?:OS|IH|(?i:adv?))\s*[\])]|(?:OS|IH|(?i:adv?))\s*[:|]|OS\s+[-–—]\s)",
        )
        .unwrap();
        let pieces = [
            "OS", "os", "[", "]", "(", ")", ":", "|", "-", "–", "—", " ", " ", "\u{a0}", "\t",
            "Ad", "ADV", "IH", "Re", "re:", "FWD:", "fw", "Odp :", "SV:", "Re[2]:", "x", "ř",
        ];
        let mut dice = Dice::new();
        let mut found = 0;
        for _ in 0..50_000 {
            let text = dice.text(&pieces, 9);
            let plain = pattern.captures(&text).and_then(|one| one.name("os")).map(|os| os.range());
            assert_eq!(abbreviation(&text), plain, "{text:?}");
            found += usize::from(plain.is_some());
        }
        assert!(found > 200, "{found}");
    }

    #[test]
    fn the_labels_that_the_packs_add_are_accepted_by_every_pack() {
        let packs = crate::Pack::builtin();
        for adding in &packs {
            for accepting in &packs {
                let terms = &accepting.terms.label;
                // The repair puts it behind what an answer begins with.
                for answer in ["", "Re: ", "Re[2]: ", "Antw: ", "SV: "] {
                    let labelled = format!("{answer}{}Jaro", adding.terms.label.prefix);
                    let found = find(&labelled, terms.level, &terms.extra_words);
                    assert!(found.is_some(), "{labelled}");
                }
            }
        }
    }
}
