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
        let why = Value::Text(words.no_edit(why));
        words.with("reason-no-edit", &[("reason", said.into()), ("why", why)])
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

    /// Why something became of a message, with what is to be said besides: another reason, the id of a text, or a
    /// server's or a library's own word. `None`: nobody has said it in this language.
    pub fn cause(&self, reason: &str, besides: &str) -> Option<String> {
        let id = format!("cause-{reason}");
        if !self.has(&id) {
            return None;
        }
        let cause = self.say(&id).into_owned();
        if besides.is_empty() {
            return Some(cause);
        }
        let besides = match self.cause(besides, "") {
            Some(cause) => cause,
            None => self.recorded_reason(&besides.into()),
        };
        let values = [("cause", cause.into()), ("besides", Value::from(besides))];
        Some(self.with("cause-besides", &values))
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(language: Language, recorded: &serde_json::Value) -> String {
        Words::of(language).recorded_reason(recorded)
    }

    #[test]
    fn what_the_journal_holds_is_said_in_each_language() {
        let recorded = json!({
            "id": "identity-missing",
            "values": {
                "text": { "word": "text-html" },
                "lacks": { "words": ["identity-seat", "identity-vat-id", "identity-contact"] },
            },
            "no_edit": "sealed",
        });
        for (language, sentence) in [
            (
                Language::English,
                "the HTML text does not give the seat, the VAT ID and an e-mail address or a \
                 telephone number; no repair: the text is signed or encrypted",
            ),
            (
                Language::Czech,
                "text HTML neuvádí sídlo, DIČ a e-mailovou adresu nebo telefonní číslo; opravit \
                 nelze: text je podepsaný nebo šifrovaný",
            ),
            (
                Language::Slovak,
                "text HTML neuvádza sídlo, IČ DPH a e-mailovú adresu alebo telefónne číslo; \
                 opraviť nemožno: text je podpísaný alebo šifrovaný",
            ),
        ] {
            assert_eq!(said(language, &recorded), sentence);
        }
        assert_eq!(said(Language::German, &recorded), said(Language::English, &recorded));
        assert_eq!(said(Language::Polish, &recorded), said(Language::English, &recorded));
    }

    #[test]
    fn numbers_and_terms_take_their_plural() {
        for (count, per, czech, slovak) in [
            (1, "1 month", "1 zprávu za 1 měsíc", "1 správu za 1 mesiac"),
            (2, "30 days", "2 zprávy za 30 dní", "2 správy za 30 dní"),
            (5, "1 year", "5 zpráv za 1 rok", "5 správ za 1 rok"),
        ] {
            let recorded = json!({
                "id": "asked-for-fewer",
                "values": { "count": { "number": count }, "per": { "term": per } },
            });
            let wants = [
                (Language::Czech, format!("příjemce si přeje nejvýše {czech}")),
                (Language::Slovak, format!("príjemca si želá najviac {slovak}")),
            ];
            for (language, sentence) in wants {
                assert_eq!(said(language, &recorded), sentence);
            }
        }
    }

    #[test]
    fn what_is_missing_is_recorded_by_its_id_alone() {
        let recorded = json!("store-silent");
        assert_eq!(said(Language::Czech, &recorded), "evidence souhlasů neodpověděla");
        assert_eq!(said(Language::Polish, &recorded), "the consent store did not answer");
    }

    /// Lines of before reasons had ids, and of a version that knows more than this one.
    #[test]
    fn what_cannot_be_said_is_shown_as_far_as_it_is_known() {
        for (recorded, shown) in [
            (json!("the consent was withdrawn"), "the consent was withdrawn"),
            (json!({ "id": "sent-by-owl" }), "reason-sent-by-owl"),
            (json!({ "id": 7 }), ""),
            (json!(null), ""),
        ] {
            assert_eq!(said(Language::Czech, &recorded), shown);
        }
    }
}
