//! Signs in header fields, in the text, in links and attachments: each with its weight and place.

mod fields;
mod links;
mod parts;
mod prices;
mod quote;

use std::ops::Range;

use super::{
    Class, Sign,
    kind::{COMPANY, INTEREST, KINDS, Kind, LABEL, UNSUBSCRIBE},
    lexicon::{self, Found},
};
use crate::{Evidence, Header, Message, Place, View, text::Folded};

/// Signs that mail goes to many or comes from a business; they say nothing of what it sells.
static BULK: [&str; 13] = [
    COMPANY,
    UNSUBSCRIBE,
    "list-unsubscribe",
    "list-id",
    "precedence",
    "feedback-id",
    "campaign-header",
    "marketing-tool",
    "sender-address",
    "own-thread",
    "tracking",
    "many-links",
    "many-images",
];

/// Signs of what a message is about. An offer is about orders too.
static TOPICS: [&str; 10] = [
    "business",
    "figures",
    "automatic",
    "auto-submitted",
    "business-software",
    "sender-address",
    "reference",
    "formal",
    "community",
    "opt-in-topic",
];

impl Sign {
    /// It sells. Signs that only show mail to many do not.
    pub(super) fn is_promotional(&self) -> bool {
        self.speaks_for == Class::Commercial && !BULK.contains(&self.name)
    }

    /// It shows that the message goes to many, by the tools that send to many.
    pub(super) fn is_bulk(&self) -> bool {
        self.speaks_for == Class::Commercial && BULK.contains(&self.name) && !self.is_company()
    }

    /// It says what the message is about and not what it does.
    pub(super) fn is_topic(&self) -> bool {
        TOPICS.contains(&self.name)
    }

    pub(super) fn is_label(&self) -> bool {
        self.name == LABEL
    }

    pub(super) fn is_interest(&self) -> bool {
        self.name == INTEREST
    }

    pub(super) fn is_company(&self) -> bool {
        self.name == COMPANY
    }

    fn new(name: &'static str, speaks_for: Class, weight: i32, evidence: Evidence) -> Self {
        let Evidence { place, range, shown } = evidence;
        Self { name, speaks_for, weight, place, range, shown }
    }
}

/// All signs of a message, header fields first.
pub(super) fn all(message: &Message, views: &[View]) -> Vec<Sign> {
    let mut signs = Vec::new();
    fields::all(message, &mut signs);
    if let Some(header) = message.header("Subject") {
        subject(message, header, &mut signs);
    }
    text(message, views, &mut signs);
    quote::all(message, views, &mut signs);
    parts::all(message, &mut signs);
    links::all(message, views, &mut signs);
    signs
}

fn of_header(
    message: &Message,
    header: &Header,
    name: &'static str,
    speaks_for: Class,
    weight: i32,
) -> Sign {
    Sign::new(name, speaks_for, weight, message.evidence_header(header))
}

fn subject(message: &Message, header: &Header, signs: &mut Vec<Sign>) {
    let folded = Folded::of(message.subject());
    let found = lexicon::find(&folded);
    for kind in KINDS.iter().filter(|kind| kind.in_subject > 0) {
        if found.iter().any(|found| std::ptr::eq(found.kind, kind)) {
            signs.push(of_header(message, header, kind.name, kind.class, kind.in_subject));
        }
    }
    if prices::discount(folded.as_str()).is_some() {
        signs.push(of_header(message, header, "discount", Class::Commercial, 30));
    }
    if quote::is_reply(folded.as_str()) && quote::thread(message).is_some() {
        signs.push(of_header(message, header, "reply-subject", Class::SolicitedReply, 20));
    }
    if fields::reference(folded.as_str()) {
        signs.push(of_header(message, header, "reference", Class::Transactional, 12));
    }
}

/// Words of the text. A phrase counts once, in however many alternatives it stands.
fn text(message: &Message, views: &[View], signs: &mut Vec<Sign>) {
    let found: Vec<(&View, Vec<Found>)> =
        views.iter().map(|view| (view, lexicon::find(view.folded()))).collect();
    for kind in &KINDS {
        let mut phrases: Vec<usize> = Vec::new();
        let mut first: Option<(&View, Range<usize>)> = None;
        for (view, found) in &found {
            for hit in found.iter().filter(|hit| std::ptr::eq(hit.kind, kind)) {
                first.get_or_insert_with(|| (*view, hit.at.clone()));
                if phrases.len() < kind.most && !phrases.contains(&hit.phrase) {
                    phrases.push(hit.phrase);
                }
            }
        }
        if let Some((view, at)) = first {
            let evidence = view.evidence_folded(message, at);
            signs.push(Sign::new(kind.name, kind.class, weight(kind, phrases.len()), evidence));
        }
    }
    let discounts =
        views.iter().find_map(|view| Some((view, prices::discount(view.folded().as_str())?)));
    if let Some((view, at)) = discounts {
        let evidence = view.evidence_folded(message, at);
        signs.push(Sign::new("discount", Class::Commercial, 12, evidence));
    }
}

fn weight(kind: &Kind, phrases: usize) -> i32 {
    i32::try_from(phrases).unwrap_or(i32::MAX).saturating_mul(kind.in_text)
}

fn place(message: &Message, part: usize) -> Place {
    Place::Part(message.parts().get(part).map(|part| part.path.clone()).unwrap_or_default())
}
