//! Words for the terms of `policy`: what they are called in records is for programs.

use std::borrow::Cow;

use policy::{Action, Basis, Method, RelationKind};
use serde::de::{IntoDeserializer as _, value};

use super::Words;

impl Words {
    pub fn basis(&self, basis: &Basis) -> Cow<'_, str> {
        self.say(match *basis {
            Basis::Consent => "basis-consent",
            Basis::Contract => "basis-contract",
            Basis::LegalObligation => "basis-legal-obligation",
            Basis::VitalInterest => "basis-vital-interest",
            Basis::PublicInterest => "basis-public-interest",
            Basis::LegitimateInterest => "basis-legitimate-interest",
        })
    }

    pub fn method(&self, method: &Method) -> Cow<'_, str> {
        self.say(match *method {
            Method::Form => "method-form",
            Method::DoubleOptIn => "method-double-opt-in",
            Method::Import => "method-import",
            Method::Api => "method-api",
            Method::Manual => "method-manual",
            Method::Chat => "method-chat",
            Method::Order => "method-order",
            Method::RenewalClick => "method-renewal-click",
            Method::Preticked => "method-preticked",
        })
    }

    pub fn relation(&self, kind: &RelationKind) -> Cow<'_, str> {
        self.say(match *kind {
            RelationKind::Purchase => "relation-purchase",
            RelationKind::Contract => "relation-contract",
            RelationKind::Enquiry => "relation-enquiry",
            RelationKind::Contest => "relation-contest",
        })
    }

    /// As a record has it: `send-edited`. What is no action is shown as it stands.
    pub fn action<'w>(&'w self, word: &'w str) -> Cow<'w, str> {
        let read: Result<Action, value::Error> =
            serde::Deserialize::deserialize(word.into_deserializer());
        self.say(match read {
            Ok(Action::Send) => "action-send",
            Ok(Action::SendEdited) => "action-send-edited",
            Ok(Action::Defer) => "action-defer",
            Ok(Action::Hold) => "action-hold",
            Ok(Action::Reject) => "action-reject",
            Err(_) => return Cow::Borrowed(word),
        })
    }
}

#[cfg(test)]
mod tests {
    use policy::Language;
    use serde::{Serialize, de::DeserializeOwned};

    use super::*;

    /// Each of the terms that its records call so.
    fn each<T: DeserializeOwned + Serialize + Copy>(
        words: &[&str],
        say: impl Fn(&Words, T) -> String,
    ) {
        for word in words {
            let term: T = serde_json::from_value((*word).into()).unwrap();
            for language in Language::ALL {
                let said = say(Words::of(language), term);
                assert!(!said.ends_with(&format!("-{word}")), "{language:?}: {said}");
            }
        }
    }

    #[test]
    fn every_term_has_a_word_in_every_language() {
        let methods = ["form", "double-opt-in", "import", "api", "manual", "chat", "order"];
        each(&methods, |words, one| words.method(&one).into_owned());
        each(&["renewal-click", "preticked"], |words, one| words.method(&one).into_owned());
        let kinds = ["purchase", "contract", "enquiry", "contest"];
        each(&kinds, |words, one| words.relation(&one).into_owned());
        let bases = ["consent", "contract", "legal-obligation", "vital-interest"];
        each(&bases, |words, one| words.basis(&one).into_owned());
        each(&["public-interest", "legitimate-interest"], |words, one| {
            words.basis(&one).into_owned()
        });
        for language in Language::ALL {
            let words = Words::of(language);
            for action in ["send", "send-edited", "defer", "hold", "reject"] {
                assert!(!words.action(action).starts_with("action-"), "{action}");
            }
            assert_ne!(words.action("send-edited"), "send-edited");
            assert_eq!(words.action("sent-by-owl"), "sent-by-owl");
        }
    }
}
