//! Signs in header fields, in the text, in links and attachments: each with its weight and place.

mod fields;
mod links;
mod parts;
mod prices;
mod quote;
mod weighed;

use std::ops::Range;

use super::{
    Class,
    kind::{KINDS, Kind},
    lexicon::{self, Found},
};
use crate::{Message, View, text::Folded};
use weighed::Spot;

pub(super) use weighed::{Role, Weighed};

/// All signs of a message, header fields first.
pub(super) fn all(message: &Message, views: &[View]) -> Vec<Weighed> {
    let mut signs = Vec::new();
    let thread = quote::thread(message);
    fields::all(message, &mut signs);
    if let Some(index) = message.headers().iter().position(|header| header.is("Subject")) {
        subject(message, index, thread.is_some(), &mut signs);
    }
    text(views, &mut signs);
    quote::all(message, views, thread, &mut signs);
    parts::all(message, &mut signs);
    links::all(views, &mut signs);
    signs
}

fn subject(message: &Message, field: usize, in_thread: bool, signs: &mut Vec<Weighed>) {
    let folded = Folded::of(message.subject());
    let found = lexicon::find(&folded);
    let here = || Spot::Field(field);
    for (index, kind) in KINDS.iter().enumerate().filter(|(_, kind)| kind.in_subject > 0) {
        if found.iter().any(|found| found.kind == index) {
            signs.push(Weighed::of_kind(kind, kind.in_subject, here()));
        }
    }
    let mut add = |name, role, class, weight| {
        signs.push(Weighed::new(name, role, class, weight, here()));
    };
    if prices::discount(folded.as_str()).is_some() {
        add("discount", Role::Promotion, Class::Commercial, 30);
    }
    if in_thread && quote::is_reply(folded.as_str()) {
        add("reply-subject", Role::Act, Class::SolicitedReply, 20);
    }
    if fields::reference(folded.as_str()) {
        add("reference", Role::Topic, Class::Transactional, 12);
    }
}

/// Words of the text. A phrase counts once, in however many alternatives it stands.
fn text(views: &[View], signs: &mut Vec<Weighed>) {
    let mut tallies: Vec<Tally> = KINDS.iter().map(|_| Tally::default()).collect();
    for (view, of_view) in views.iter().enumerate() {
        for hit in lexicon::find(of_view.folded()) {
            if let Some(tally) = tallies.get_mut(hit.kind) {
                tally.add(view, hit);
            }
        }
    }
    for (kind, tally) in KINDS.iter().zip(tallies) {
        if let Some((view, at)) = tally.first {
            let weight = weight(kind, tally.phrases.len().min(kind.most));
            signs.push(Weighed::of_kind(kind, weight, Spot::Folded { view, at }));
        }
    }
    let discount = views
        .iter()
        .enumerate()
        .find_map(|(view, of_view)| Some((view, prices::discount(of_view.folded().as_str())?)));
    if let Some((view, at)) = discount {
        let spot = Spot::Folded { view, at };
        signs.push(Weighed::new("discount", Role::Promotion, Class::Commercial, 12, spot));
    }
}

/// What a text holds of one kind: where it first stands, and different phrases, a few of them.
#[derive(Default)]
struct Tally {
    first: Option<(usize, Range<usize>)>,
    phrases: Vec<usize>,
}

impl Tally {
    fn add(&mut self, view: usize, hit: Found) {
        if self.phrases.len() < PHRASES_MAX && !self.phrases.contains(&hit.phrase) {
            self.phrases.push(hit.phrase);
        }
        self.first.get_or_insert((view, hit.at));
    }
}

/// No kind counts more.
const PHRASES_MAX: usize = 4;

fn weight(kind: &Kind, phrases: usize) -> i32 {
    i32::try_from(phrases).unwrap_or(i32::MAX).saturating_mul(kind.in_text)
}
