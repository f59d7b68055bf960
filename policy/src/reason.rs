//! Why a rule is broken, as data: the id of a sentence and what the sentence is filled with.
//!
//! Nothing is worded here. The sentences stand in `relay/locales/*/reasons.ftl`, `reason-` and the id,
//! and whoever shows a verdict says them in its reader's language. The journal keeps the data, so an
//! id is never given another meaning; one that no rule uses any more keeps its sentences.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};

use crate::{CannotEdit, Term};

/// One reason. No personal data.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// `consent-withdrawn`.
    pub id: Cow<'static, str>,
    /// What the sentence is filled with, by the names that it has for them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<Cow<'static, str>, ReasonValue>,
    /// The edits that would repair it cannot be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_edit: Option<CannotEdit>,
}

/// What a sentence is filled with.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReasonValue {
    /// Chooses the plural.
    Number(u32),
    Term(Term),
    /// The same in every language: a provider, a topic, a mark in the subject.
    Name(String),
    /// By the id of its text, `word-` and this: `text-html`.
    Word(Cow<'static, str>),
    /// Several of them.
    Words(Vec<Cow<'static, str>>),
}

impl Reason {
    pub const fn new(id: &'static str) -> Self {
        Self { id: Cow::Borrowed(id), values: BTreeMap::new(), no_edit: None }
    }

    pub(crate) fn with(mut self, name: &'static str, value: ReasonValue) -> Self {
        self.values.insert(Cow::Borrowed(name), value);
        self
    }

    pub(crate) fn number(self, name: &'static str, number: impl Into<u32>) -> Self {
        self.with(name, ReasonValue::Number(number.into()))
    }

    pub(crate) fn term(self, name: &'static str, term: Term) -> Self {
        self.with(name, ReasonValue::Term(term))
    }

    pub(crate) fn name(self, name: &'static str, text: &str) -> Self {
        self.with(name, ReasonValue::Name(text.to_owned()))
    }

    pub(crate) fn word(self, name: &'static str, id: impl Into<Cow<'static, str>>) -> Self {
        self.with(name, ReasonValue::Word(id.into()))
    }

    pub(crate) fn words(self, name: &'static str, ids: &[&'static str]) -> Self {
        let ids = ids.iter().map(|id| Cow::Borrowed(*id)).collect();
        self.with(name, ReasonValue::Words(ids))
    }
}

impl From<&'static str> for Reason {
    fn from(id: &'static str) -> Self {
        Self::new(id)
    }
}
