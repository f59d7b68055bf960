//! Which class a message is, and by which signs.
//!
//! The signs advise where the sender declares what a message is, and decide where nobody does.
//! They never make a message more lawful than it is: undeclared and unclear is commercial.
//! Statistics learned from mail were left out: a verdict must say why and stay the same.

mod kind;
mod lexicon;
mod pattern;
mod signs;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::{Message, Place, View};
use signs::{Role, Weighed};

/// What a message is in the law's eyes.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    Commercial,
    Greeting,
    ReviewRequest,
    ReconsentRequest,
    OptInConfirmation,
    TechnicalNotice,
    Transactional,
    SolicitedReply,
    NonBusiness,
    /// Declared transactional, promotional inside.
    Mixed,
}

/// What the signs say, before anybody's declaration is heard.
#[derive(Clone, Debug)]
pub struct Classified {
    /// Undeclared and unclear is commercial.
    pub class: Class,
    signs: Vec<Weighed>,
    /// Sum of the weights of the promotional signs (not of those that only show mail to many):
    /// from `DECLARED_PROMOTION` on, a message declared transactional is mixed.
    pub promotional: i32,
}

/// One sign: what it is, which class it speaks for, how strongly, and where it stands.
#[derive(Clone, Debug)]
pub struct Sign {
    pub name: &'static str,
    pub speaks_for: Class,
    pub weight: i32,
    pub place: Place,
    /// Bytes of the whole message.
    pub range: Range<usize>,
    pub shown: String,
}

/// By its name in policy.toml, in `Souhlas-Class` and in the journal: `technical-notice`.
impl std::str::FromStr for Class {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        let name = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(name);
        Self::deserialize(name).map_err(|_| ())
    }
}

impl Class {
    /// Needs consent or the customer exemption and bears every duty of a commercial message.
    pub fn is_commercial(self) -> bool {
        match self {
            Self::Commercial
            | Self::Greeting
            | Self::ReviewRequest
            | Self::ReconsentRequest
            | Self::Mixed => true,
            Self::OptInConfirmation
            | Self::TechnicalNotice
            | Self::Transactional
            | Self::SolicitedReply
            | Self::NonBusiness => false,
        }
    }
}

impl Class {
    pub const ALL: [Self; 10] = [
        Self::Commercial,
        Self::Greeting,
        Self::ReviewRequest,
        Self::ReconsentRequest,
        Self::OptInConfirmation,
        Self::TechnicalNotice,
        Self::Transactional,
        Self::SolicitedReply,
        Self::NonBusiness,
        Self::Mixed,
    ];

    /// As a sentence names it: `technical notice`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Commercial => "commercial",
            Self::Greeting => "greeting",
            Self::ReviewRequest => "review request",
            Self::ReconsentRequest => "re-consent request",
            Self::OptInConfirmation => "opt-in confirmation",
            Self::TechnicalNotice => "technical notice",
            Self::Transactional => "transactional",
            Self::SolicitedReply => "solicited reply",
            Self::NonBusiness => "non-business",
            Self::Mixed => "mixed",
        }
    }
}

impl Classified {
    /// Every sign with its evidence; `message` and `views` are those that were classified.
    pub(crate) fn signs(&self, message: &Message, views: &[View]) -> Vec<Sign> {
        self.signs.iter().map(|sign| sign.shown(message, views)).collect()
    }

    /// What the message is taken to be, given what the sender declared: the [`crate::Facts::class`].
    ///
    /// A declaration can make a message commercial, never take that away: promotional signs over
    /// the limit make it [`Class::Mixed`]. A declared commercial message that the signs say is a
    /// greeting or a request for consent is that, because less covers those.
    pub fn taken_as(&self, declared: Option<Class>) -> Class {
        match declared {
            None => self.class,
            Some(Class::Commercial) if self.class.is_commercial() => self.class,
            Some(declared) if declared.is_commercial() => declared,
            // Associations invite in the words of advertising: where the signs say the same, it holds.
            Some(Class::NonBusiness) if self.class == Class::NonBusiness => Class::NonBusiness,
            Some(_) if self.promotional >= DECLARED_PROMOTION => Class::Mixed,
            Some(declared) => declared,
        }
    }
}

pub(crate) fn classify(message: &Message, views: &[View]) -> Classified {
    let signs = signs::all(message, views);
    let class = decide(&signs);
    let promotional = promotional(&signs);
    Classified { class, signs, promotional }
}

/// What the signs alone say.
fn decide(signs: &[Weighed]) -> Class {
    let heaviest = |classes: &[Class], weight: fn(&[Weighed], Class) -> i32| {
        let weighed = classes.iter().rev().map(|class| (weight(signs, *class), *class));
        weighed.max_by_key(|(weight, _)| *weight).unwrap_or((0, Class::Commercial))
    };
    let (kin_weight, kin) = heaviest(&KIN, score);
    let (weight, class) = heaviest(&CLEAR_CLASSES, clear_score);
    let against = against(class, signs);
    let clear = weight - against - bulk(signs) / BULK_COUNTS >= clear_from(class);
    if clear && weight > KIN_COUNTS * kin_weight && against < allowed(weight) {
        return class;
    }
    if kin_weight - promotion(signs) >= clear_kin(kin) { kin } else { Class::Commercial }
}

/// The weight for a class that bears fewer duties: words of its subject alone do not make it, as
/// those who sell software for invoices know.
fn clear_score(signs: &[Weighed], class: Class) -> i32 {
    let of_class = || signs.iter().filter(|sign| sign.speaks_for == class);
    let topics: i32 =
        of_class().filter(|sign| sign.role == Role::Topic).map(|sign| sign.weight).sum();
    let acts: i32 =
        of_class().filter(|sign| sign.role != Role::Topic).map(|sign| sign.weight).sum();
    // An answer names what it answers: offers say "as we agreed" too.
    if class == Class::SolicitedReply && !of_class().any(|sign| sign.role == Role::Thread) {
        return 0;
    }
    if acts < ACTS { acts } else { acts + topics.min(TOPICS) }
}

/// The weight of what sells; of a greeting or a request to stay where they are clear.
fn promotional(signs: &[Weighed]) -> i32 {
    let kin =
        KIN.into_iter().map(|class| score(signs, class)).filter(|weight| *weight >= CLEAR_KIN);
    kin.sum::<i32>() + promotion(signs)
}

fn promotion(signs: &[Weighed]) -> i32 {
    signs.iter().filter(|sign| sign.is_promotional()).map(|sign| sign.weight).sum()
}

fn score(signs: &[Weighed], class: Class) -> i32 {
    signs.iter().filter(|sign| sign.speaks_for == class).map(|sign| sign.weight).sum()
}

/// From which weight on a commercial message is one of the kin. A request for consent is held to
/// more, because the customer exemption does not cover it.
fn clear_kin(class: Class) -> i32 {
    if class == Class::ReconsentRequest { CLEAR } else { CLEAR_KIN }
}

/// Classes that bear fewer duties: taken only where the signs are clear.
static CLEAR_CLASSES: [Class; 5] = [
    Class::Transactional,
    Class::OptInConfirmation,
    Class::TechnicalNotice,
    Class::SolicitedReply,
    Class::NonBusiness,
];

/// Classes as commercial as any, that less covers.
static KIN: [Class; 3] = [Class::Greeting, Class::ReviewRequest, Class::ReconsentRequest];

/// The weight of what only shows that a message goes to many.
fn bulk(signs: &[Weighed]) -> i32 {
    signs.iter().filter(|sign| sign.role == Role::Bulk).map(|sign| sign.weight).sum()
}

/// How much promotion a message may hold that is otherwise as clear as this.
fn allowed(weight: i32) -> i32 {
    CLEAR_PROMOTION.max(weight / 3)
}

/// The weight of promotion in a message that is, or claims to be, of that class.
fn against(class: Class, signs: &[Weighed]) -> i32 {
    let counts = |sign: &&Weighed| match class {
        // The name of what is subscribed to stands in the question whether one wants it.
        Class::OptInConfirmation => sign.role == Role::Promotion,
        // An offer that was asked for speaks of offers.
        Class::SolicitedReply => matches!(sign.role, Role::Promotion | Role::Label),
        // Who advertises under the looks of a party or a charity is a business.
        Class::NonBusiness => sign.is_promotional() || sign.role == Role::Company,
        Class::Commercial
        | Class::Greeting
        | Class::ReviewRequest
        | Class::ReconsentRequest
        | Class::TechnicalNotice
        | Class::Transactional
        | Class::Mixed => sign.is_promotional(),
    };
    signs.iter().filter(counts).map(|sign| sign.weight).sum()
}

/// From which weight on the signs speak clearly for a class that bears fewer duties.
fn clear_from(class: Class) -> i32 {
    match class {
        // Parties and charities are imitated, and parents are also customers.
        Class::NonBusiness => 65,
        Class::SolicitedReply => 55,
        Class::Commercial
        | Class::Greeting
        | Class::ReviewRequest
        | Class::ReconsentRequest
        | Class::OptInConfirmation
        | Class::TechnicalNotice
        | Class::Transactional
        | Class::Mixed => CLEAR,
    }
}

/// From this weight on signs speak clearly for a class.
const CLEAR: i32 = 50;
/// What is done must weigh this much before words of what it is about count.
const ACTS: i32 = 40;
/// How much these count at most.
const TOPICS: i32 = 30;
/// Confirmations of orders go out by the tools that send campaigns: such signs count this much less.
const BULK_COUNTS: i32 = 4;
/// From this weight of promotion on they do not, unless they are three times as heavy.
const CLEAR_PROMOTION: i32 = 40;
/// Who asks for a review speaks of the order too, so the one is heavier than the other.
const KIN_COUNTS: i32 = 2;
/// One phrase of a greeting in a message that sells nothing by words.
const CLEAR_KIN: i32 = 28;
/// From this weight of promotion on a message advertises, whatever it is declared to be: one word
/// may stand in any confirmation of an order, two signs do not.
const DECLARED_PROMOTION: i32 = 12;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reading;

    fn reading(head: &str, subject: &str, body: &str) -> Reading {
        let text = format!(
            "From: a@b.cz\r\nDate: x\r\nSubject: {subject}\r\n{head}\
             Content-Type: text/html; charset=utf-8\r\n\r\n{body}\r\n"
        );
        Reading::of(text.into_bytes().into())
    }

    const BULK: &str = "List-Unsubscribe: <https://a.cz/u>\r\nFeedback-ID: x\r\n";

    #[test]
    fn clear_messages_are_what_they_are() {
        use Class::*;
        for (head, subject, body, class) in [
            (
                "",
                "Potvrzení objednávky č. 2026001",
                "<p>Děkujeme za nákup. Doprava zdarma. Cena s DPH 21 %: 500 Kč",
                Transactional,
            ),
            ("", "Potvrdenie objednávky 123", "<p>Ďakujeme za nákup.", Transactional),
            (
                BULK,
                "Faktura 2026/15",
                "<p>V příloze zasíláme daňový doklad, splatnost 14 dní. Odhlásit",
                Transactional,
            ),
            (
                "",
                "Vaše zásilka je na cestě",
                "<p>Číslo zásilky DR123, sledování zásilky zde.",
                Transactional,
            ),
            ("", "Obnova hesla", "<p>Klikněte na odkaz.", Transactional),
            ("", "Váš ověřovací kód je 123456", "", Transactional),
            ("", "Obnovenie hesla", "<p>Kliknite na odkaz.", Transactional),
            ("", "Your verification code", "<p>123456", Transactional),
            (
                "",
                "Dobrý den",
                "<p>Přijali jsme vaši objednávku. Číslo objednávky 5. Faktura v příloze.",
                Transactional,
            ),
            (
                "",
                "Potvrďte přihlášení k newsletteru",
                "<p>Klikněte a budete dostávat novinky a nabídky.",
                OptInConfirmation,
            ),
            (
                "",
                "Dokončete přihlášení k odběru",
                "<p>Newsletter potvrdíte zde.",
                OptInConfirmation,
            ),
            ("", "Plánovaná odstávka 12. 3.", "<p>V noci proběhne údržba.", TechnicalNotice),
            ("", "Změna obchodních podmínek", "<p>Od 1. ledna platí nové znění.", TechnicalNotice),
            (
                "In-Reply-To: <x@y>\r\n",
                "Re: Poptávka oken",
                "<p>Na základě vaší poptávky posíláme nabídku.",
                SolicitedReply,
            ),
            ("", "Slevy až 50 % na vše!", "<p>Kupte ještě dnes.", Commercial),
            ("", "Zľavy až 50 %", "<p>Kúpte ešte dnes.", Commercial),
            (BULK, "Newsletter březen 2026", "<p>Novinky. <a href=#>Odhlásit", Commercial),
            ("", "Ahoj", "<p>Jak se máš?", Commercial),
            ("", "", "", Commercial),
            (
                "",
                "Potvrzení objednávky",
                "<p>A navíc: sleva 20 % na další nákup s kódem ABC, kupte hned!",
                Commercial,
            ),
            ("", "Všechno nejlepší k narozeninám", "<p>Přejeme hodně zdraví.", Greeting),
            ("", "Jak jste byli spokojeni s nákupem?", "<p>Ohodnoťte nás.", ReviewRequest),
            ("", "Obnovte svůj souhlas", "<p>Zůstaňme v kontaktu", ReconsentRequest),
            ("", "Nadace pomáhá", "<p>Veřejná sbírka, přispějte.", NonBusiness),
        ] {
            let read = reading(head, subject, body);
            assert_eq!(read.classified().class, class, "{subject}: {:#?}", read.signs());
        }
    }

    #[test]
    fn a_declaration_is_believed_until_the_message_speaks_against_it() {
        use Class::*;
        let order = reading("", "Potvrzení objednávky", "<p>Děkujeme.");
        let sale = reading("", "Sleva 30 % jen dnes", "<p>Kupte!");
        let plain = reading("", "Ahoj", "<p>Text.");
        let both = reading(
            "",
            "Potvrzení objednávky",
            "<p>Použijte kód a sleva 20 % je vaše, nakupte znovu.",
        );
        let review = reading("", "Ohodnoťte svůj nákup", "<p>x");
        for (reading, declared, class) in [
            (&order, Some(Transactional), Transactional),
            (&plain, Some(Transactional), Transactional),
            (&plain, Some(NonBusiness), NonBusiness),
            (&sale, Some(Transactional), Mixed),
            (&sale, Some(TechnicalNotice), Mixed),
            (&sale, Some(NonBusiness), Mixed),
            (&both, Some(Transactional), Mixed),
            (&review, Some(Transactional), Mixed),
            (&order, Some(Commercial), Commercial),
            (&order, Some(Greeting), Greeting),
            (&order, None, Transactional),
            (&plain, None, Commercial),
        ] {
            assert_eq!(reading.classified().taken_as(declared), class, "{:#?}", reading.signs());
        }
    }

    #[test]
    fn every_sign_says_where_it_stands() {
        let read = reading(
            BULK,
            "Sleva 30 %",
            "<p>Pouze dnes <a href=\"https://a.cz/?utm_source=x\">odhlásit</a>",
        );
        for sign in read.signs() {
            let raw = String::from_utf8_lossy(read.message.raw(sign.range.clone()));
            assert!(!raw.is_empty(), "{sign:?}");
        }
        let signs = read.signs();
        let only = signs.iter().find(|s| s.name == "promotion" && s.weight == 12).unwrap();
        assert_eq!(read.message.raw(only.range.clone()), b"Pouze dnes");
    }
}
