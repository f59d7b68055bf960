//! Which age is to be declared, and for what: where a purpose asks for it, or the controller's law.

use jiff::Timestamp;
use policy::{Controller, Purpose};

use super::page::Age;
use crate::{config::Business, words::Words};

/// What is asked of whom.
#[derive(Clone, Copy, Debug)]
pub(super) struct Minors {
    pub age: u16,
    /// The law asks everybody.
    by_law: bool,
}

impl Minors {
    pub(super) fn of(business: &Business, controller: &Controller, now: Timestamp) -> Self {
        let terms = business.pack_of(controller, now).map(|pack| &pack.terms.minors);
        Self {
            age: terms.map_or(AGE, |minors| minors.age.into()),
            by_law: terms.is_some_and(|minors| minors.declaration),
        }
    }

    pub(super) fn asks(self, purpose: &Purpose) -> bool {
        self.by_law || purpose.requires.age_declared
    }
}

/// What the person declares.
pub(super) fn declaration(words: &Words, age: u16) -> String {
    words.with("form-age", &[("age", i64::from(age).into())])
}

/// The box.
pub(super) fn ask(words: &Words, age: u16, wrong: bool) -> Age {
    Age { text: declaration(words, age), ticked: false, wrong }
}

/// Where no law that is known says another.
const AGE: u16 = 16;
