//! Says reasons as the relay does, from its texts, so that pages and verdicts read as people see them.

use std::{fs, path::Path};

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use policy::{Language, Reason, ReasonValue};

/// The texts in one language.
pub(crate) struct Texts {
    language: Language,
    text: String,
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    pub(crate) fn of(language: Language) -> Self {
        let lang = match language {
            Language::Czech => "cs",
            Language::Slovak => "sk",
            Language::English | Language::German | Language::Polish => "en",
        };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../relay/locales").join(lang);
        let text = fs::read_to_string(folder.join("reasons.ftl")).unwrap();
        let mut bundle = FluentBundle::new(vec![lang.parse().unwrap()]);
        bundle.set_use_isolating(false);
        bundle.add_resource(FluentResource::try_new(text.clone()).unwrap()).unwrap();
        Self { language, text, bundle }
    }

    /// The ids of all that can be said, but for why an edit cannot be made.
    pub(crate) fn reasons(&self) -> impl Iterator<Item = String> {
        let ids = self.text.lines().filter_map(|line| line.strip_prefix("reason-"));
        ids.filter(|line| !line.starts_with("no-edit"))
            .filter_map(|line| Some(line.split_once(" =")?.0.to_owned()))
    }

    pub(crate) fn reason(&self, reason: &Reason) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in &reason.values {
            args.set(name.as_ref(), self.value(value));
        }
        let said = self.filled(&format!("reason-{}", reason.id), args);
        let Some(why) = reason.no_edit else { return said };
        let why = serde_json::to_value(why).unwrap();
        let why =
            self.filled(&format!("reason-no-edit-{}", why.as_str().unwrap()), FluentArgs::new());
        self.filled("reason-no-edit", FluentArgs::from_iter([("reason", said), ("why", why)]))
    }

    fn value(&self, value: &ReasonValue) -> FluentValue<'static> {
        match value {
            ReasonValue::Number(number) => (*number).into(),
            ReasonValue::Term(term) => term.words(self.language).into(),
            ReasonValue::Name(name) => name.clone().into(),
            ReasonValue::Word(id) => self.word(id).into(),
            ReasonValue::Words(ids) => {
                let words: Vec<String> = ids.iter().map(|id| self.word(id)).collect();
                let (last, first) = words.split_last().unwrap();
                if first.is_empty() {
                    return last.clone().into();
                }
                let two = [("first", first.join(", ")), ("last", last.clone())];
                self.filled("word-and", FluentArgs::from_iter(two)).into()
            }
        }
    }

    fn word(&self, id: &str) -> String {
        self.filled(&format!("word-{id}"), FluentArgs::new())
    }

    /// What is missing or not filled ends the test.
    fn filled(&self, id: &str, args: FluentArgs<'_>) -> String {
        let message = self.bundle.get_message(id);
        let message = message.unwrap_or_else(|| panic!("`{id}` is nowhere written"));
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(message.value().unwrap(), Some(&args), &mut errors);
        assert!(errors.is_empty(), "{id}: {errors:?}");
        text.into_owned()
    }
}
