//! Why a rule is broken, said in a language: the ids and values are `policy`'s, the sentences stand in
//! `reasons.ftl` of those that staff can choose. To readers of others it is said in English.

use std::borrow::Cow;

use policy::{CannotEdit, Language, Reason, ReasonValue};
use serde::Deserialize as _;

use super::{Value, Words};

/// For operators, programs and records.
pub fn in_english(reason: &Reason) -> String {
    Words::of(Language::English).reason(reason)
}

impl Words {
    /// The sentence, lower case, without a final stop. One whose text nobody has shows its id.
    pub fn reason(&self, reason: &Reason) -> String {
        let id = format!("reason-{}", reason.id);
        let words = if self.has(&id) { self } else { Self::of(Language::English) };
        let Some(why) = reason.no_edit else { return words.sentence(&id, reason) };
        let said = words.sentence(&id, reason);
        words.with("reason-no-edit", &[("reason", said.into()), ("why", words.no_edit(why).into())])
    }

    /// As the journal has it: the reason's data, or its id alone. Lines of before reasons had ids hold
    /// a sentence, in English, which is shown as it stands.
    pub fn recorded_reason(&self, recorded: &serde_json::Value) -> String {
        if let serde_json::Value::String(text) = recorded {
            let id = format!("reason-{text}");
            let known = [self, Self::of(Language::English)].into_iter().find(|one| one.has(&id));
            return known.map_or_else(|| text.clone(), |words| words.say(&id).into_owned());
        }
        Reason::deserialize(recorded).map(|reason| self.reason(&reason)).unwrap_or_default()
    }

    /// One of the words that reasons are filled with, by its id.
    pub fn reason_word(&self, id: &str) -> String {
        let id = format!("word-{id}");
        let words = if self.has(&id) { self } else { Self::of(Language::English) };
        words.say(&id).into_owned()
    }

    fn sentence(&self, id: &str, reason: &Reason) -> String {
        let value = |value: &ReasonValue| match value {
            ReasonValue::Number(number) => Value::Number((*number).into()),
            ReasonValue::Term(term) => Value::from(term.words(self.language)),
            ReasonValue::Name(name) => Value::from(name.clone()),
            ReasonValue::Word(id) => Value::from(self.reason_word(id)),
            ReasonValue::Words(ids) => Value::from(self.listed(ids)),
        };
        let values = reason.values.iter().map(|(name, one)| (name.clone(), value(one)));
        let values: Vec<(Cow<'_, str>, Value<'_>)> = values.collect();
        self.with(id, &values)
    }

    /// `the seat, the register entry and a contact`.
    fn listed(&self, ids: &[Cow<'static, str>]) -> String {
        let words: Vec<String> = ids.iter().map(|id| self.reason_word(id)).collect();
        match words.split_last() {
            None => String::new(),
            Some((last, [])) => last.clone(),
            Some((last, first)) => {
                self.with("word-and", &[("first", first.join(", ").into()), ("last", last.into())])
            }
        }
    }

    /// Why an edit cannot be made, in words that follow others.
    pub fn no_edit(&self, why: CannotEdit) -> Cow<'_, str> {
        self.say(match why {
            CannotEdit::Sealed => "reason-no-edit-sealed",
            CannotEdit::NoText => "reason-no-edit-no-text",
            CannotEdit::Malformed => "reason-no-edit-malformed",
            CannotEdit::Senders => "reason-no-edit-senders",
        })
    }
}
