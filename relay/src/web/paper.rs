//! Pages that are kept as files and read without the relay: the copy of a person's data.

use std::borrow::Cow;

use askama::Template;
use jiff::{Timestamp, tz::TimeZone};
use policy::{Preference, Refusal, Scope};
use serde_json::Value;

use crate::{
    consent::{EventKind, List},
    journal,
    rights::Dossier,
    words::Words,
};

#[derive(Template)]
#[template(path = "dossier.html")]
struct Page<'a> {
    words: &'static Words,
    zone: &'a TimeZone,
    of: &'a Dossier,
}

/// One HTML file that needs nothing else.
///
/// # Errors
/// None that a caller could do anything about: a template that fails to write.
pub fn dossier(
    words: &'static Words,
    zone: &TimeZone,
    of: &Dossier,
) -> Result<String, askama::Error> {
    Page { words, zone, of }.render()
}

/// What a no is about; `name` knows a purpose's name by its id.
pub(super) fn scope<'a>(
    words: &Words,
    refusal: &'a Refusal,
    name: impl Fn(&'a str) -> &'a str,
) -> String {
    match &refusal.scope {
        Scope::Everything if refusal.except.is_empty() => words.say("dossier-all").into_owned(),
        Scope::Everything => {
            let names: Vec<&str> = refusal.except.iter().map(|id| name(id)).collect();
            words.with("dossier-all-but", &[("purposes", names.join(", ").into())])
        }
        Scope::Purpose(id) => name(id).to_owned(),
    }
}

/// Of which list a no comes, and who answers for it; `day`: when it was taken over.
pub(super) fn list(words: &Words, list: &List, day: String) -> String {
    let filled = [
        ("file", list.file.as_str().into()),
        ("source", list.source.as_str().into()),
        ("name", list.attested_by.as_str().into()),
        ("day", day.into()),
    ];
    words.with("dossier-list", &filled)
}

impl Page<'_> {
    fn day(&self, at: &Timestamp) -> String {
        self.words.day(at.to_zoned(self.zone.clone()).date())
    }

    /// Where there is a moment at all.
    fn maybe(&self, at: &Option<Timestamp>) -> String {
        at.as_ref().map_or_else(|| "–".to_owned(), |at| self.day(at))
    }

    fn moment(&self, at: &Timestamp) -> String {
        let zoned = at.to_zoned(self.zone.clone());
        format!("{} {}", self.words.day(zoned.date()), zoned.strftime("%H:%M:%S"))
    }

    fn event<'p>(&self, kind: &'p str) -> Cow<'p, str> {
        EventKind::parse(kind).map_or(kind.into(), |kind| self.words.say(kind.text_id()))
    }

    fn fate<'p>(&self, kind: &'p str) -> Cow<'p, str> {
        journal::Kind::parse(kind).map_or(kind.into(), |kind| self.words.say(kind.text_id()))
    }

    /// By its name, where it has one.
    fn purpose<'p>(&'p self, id: &'p str) -> &'p str {
        let named = self.of.purposes.iter().find(|one| one.id == id);
        named.map_or(id, |one| &one.name)
    }

    /// The picked topics by their names, where the purpose still has them.
    fn topics(&self, one: &Preference) -> String {
        let Some(picked) = &one.topics else { return "–".to_owned() };
        if picked.is_empty() {
            return self.words.say("dossier-no-topic").into_owned();
        }
        let purposes =
            || self.of.purposes.iter().filter(|own| Some(&own.id) == one.purpose.as_ref());
        let name = |id: &String| {
            let mut known = purposes().flat_map(|own| &own.topics);
            known.find(|topic| topic.id == *id).map_or(id.clone(), |topic| topic.name.clone())
        };
        picked.iter().map(name).collect::<Vec<_>>().join(", ")
    }

    fn scope(&self, refusal: &Refusal) -> String {
        scope(self.words, refusal, |id| self.purpose(id))
    }

    fn list(&self, own: &List) -> String {
        list(self.words, own, self.day(&own.at))
    }

    /// A value of the evidence, as it stands there.
    fn bare(&self, value: &impl serde::Serialize) -> String {
        match serde_json::to_value(value) {
            Ok(Value::String(word)) => word,
            Ok(other) => other.to_string(),
            Err(_) => String::new(),
        }
    }

    /// Evidence as lines of `name: value`.
    fn lines(&self, evidence: &Value) -> Vec<(String, String)> {
        match evidence {
            Value::Object(fields) => {
                fields.iter().map(|(name, value)| (name.clone(), self.bare(value))).collect()
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => vec![(String::new(), self.bare(evidence))],
        }
    }
}
