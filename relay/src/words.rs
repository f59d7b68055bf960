//! What the relay says to people in their language, by Fluent: pages and its own messages to them.
//!
//! The texts stand in `relay/locales/`, one folder for each language, read once: `pages.ftl` in all of
//! them, `reasons.ftl` and `console/` in those that staff can choose. Tests hold the files to each other and to the code;
//! a text that is missing all the same shows its id and breaks nothing. Not for the operator:
//! complaints, logs and the command line are English.

mod reasons;
mod records;
mod terms;

use std::{borrow::Cow, sync::LazyLock};

pub use reasons::in_english;
pub use records::flat;

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use jiff::civil::Date;
use policy::Language;

/// All texts in one language.
pub struct Words {
    /// For `lang` and `Content-Language`.
    pub lang: &'static str,
    pub language: Language,
    bundle: FluentBundle<FluentResource>,
}

/// What a text is filled with.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    Text(Cow<'a, str>),
    /// Chooses the plural.
    Number(i64),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.into())
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u64> for Value<'_> {
    fn from(count: u64) -> Self {
        Self::Number(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl From<usize> for Value<'_> {
    fn from(count: usize) -> Self {
        Self::Number(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

/// These files of a language.
macro_rules! texts {
    ($lang:literal $(, $file:literal)*) => {
        [$(include_str!(concat!("../locales/", $lang, "/", $file))),*]
    };
}

/// The files of a language that staff can choose; a new one has a line here.
macro_rules! with_console {
    ($lang:literal) => {
        texts!(
            $lang,
            "pages.ftl",
            "reasons.ftl",
            "console/shell.ftl",
            "console/account.ftl",
            "console/audit.ftl",
            "console/decisions.ftl",
            "console/overview.ftl",
            "console/held.ftl",
            "console/policy.ftl",
            "console/drafts.ftl",
            "console/try.ftl",
            "console/bulks.ftl",
            "console/law.ftl",
            "console/messages.ftl",
            "console/contacts.ftl",
            "console/imports.ftl",
            "console/purposes.ftl",
            "console/senders.ftl",
            "console/queue.ftl",
            "console/system.ftl",
            "console/letters.ftl",
            "console/mistakes.ftl",
            "console/wishes.ftl"
        )
    };
}

impl Words {
    pub fn of(language: Language) -> &'static Self {
        static CZECH: LazyLock<Words> =
            LazyLock::new(|| Words::read(Language::Czech, "cs", &with_console!("cs")));
        static SLOVAK: LazyLock<Words> =
            LazyLock::new(|| Words::read(Language::Slovak, "sk", &with_console!("sk")));
        static ENGLISH: LazyLock<Words> =
            LazyLock::new(|| Words::read(Language::English, "en", &with_console!("en")));
        static GERMAN: LazyLock<Words> =
            LazyLock::new(|| Words::read(Language::German, "de", &texts!("de", "pages.ftl")));
        static POLISH: LazyLock<Words> =
            LazyLock::new(|| Words::read(Language::Polish, "pl", &texts!("pl", "pages.ftl")));
        match language {
            Language::Czech => &CZECH,
            Language::Slovak => &SLOVAK,
            Language::English => &ENGLISH,
            Language::German => &GERMAN,
            Language::Polish => &POLISH,
        }
    }

    /// Where nothing else says the language: the first of `Accept-Language` that there are texts
    /// in, else English.
    pub fn accepted(header: &str) -> &'static Self {
        let first = header.split(',').find_map(|range| {
            let tag = range.split([';', '-']).next().unwrap_or("").trim();
            Language::ALL
                .into_iter()
                .map(Self::of)
                .find(|words| words.lang.eq_ignore_ascii_case(tag))
        });
        first.unwrap_or_else(|| Self::of(Language::English))
    }

    /// `cs`; `None` where there are no texts in it.
    pub fn named(lang: &str) -> Option<&'static Self> {
        Language::ALL.into_iter().map(Self::of).find(|words| words.lang == lang)
    }

    /// How much of a hundred, with two decimals: `12.50 %`; a dash of nothing.
    pub fn share(&self, part: u64, whole: u64) -> String {
        let hundredths = part.saturating_mul(10_000).checked_div(whole);
        hundredths.map_or_else(|| "–".to_owned(), |hundredths| self.hundredths(hundredths))
    }

    /// Hundredths of a per cent: `0.30 %`.
    pub fn hundredths(&self, share: u64) -> String {
        let point = if self.lang == "en" { '.' } else { ',' };
        format!("{}{point}{:02} %", share / 100, share % 100)
    }

    /// In every other language.
    pub fn others(&self) -> impl Iterator<Item = &'static Self> {
        let own = self.lang;
        Language::ALL.into_iter().map(Self::of).filter(move |words| words.lang != own)
    }

    fn read(language: Language, lang: &'static str, files: &[&str]) -> Self {
        let mut bundle = FluentBundle::new_concurrent(lang.parse().into_iter().collect());
        // The marks would stand in kept wordings and in plain text, where nothing reads them.
        bundle.set_use_isolating(false);
        for text in files {
            // What cannot be read is left out; the tests read it whole.
            let (Ok(resource) | Err((resource, _))) = FluentResource::try_new((*text).to_owned());
            bundle.add_resource_overriding(resource);
        }
        Self { lang, language, bundle }
    }

    /// A text that needs no filling.
    pub fn say<'w>(&'w self, id: &'w str) -> Cow<'w, str> {
        self.filled(id, None)
    }

    /// A text filled with what it asks for, each by its name.
    pub fn with<N: AsRef<str>>(&self, id: &str, values: &[(N, Value<'_>)]) -> String {
        let mut args = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            args.set(
                name.as_ref(),
                match value {
                    Value::Text(text) => FluentValue::String(Cow::Borrowed(text.as_ref())),
                    Value::Number(number) => FluentValue::from(*number),
                },
            );
        }
        self.filled(id, Some(&args)).into_owned()
    }

    /// A day as it is written in a sentence.
    pub fn day(&self, day: Date) -> String {
        let part = |number: i64| Value::Number(number);
        let (year, month) = (part(day.year().into()), part(day.month().into()));
        self.with("day", &[("day", part(day.day().into())), ("month", month), ("year", year)])
    }

    fn has(&self, id: &str) -> bool {
        self.bundle.has_message(id)
    }

    fn filled<'w>(&'w self, id: &'w str, args: Option<&'w FluentArgs<'_>>) -> Cow<'w, str> {
        let pattern = self.bundle.get_message(id).and_then(|message| message.value());
        let Some(pattern) = pattern else { return Cow::Borrowed(id) };
        // What went wrong in it shows in the text.
        self.bundle.format_pattern(pattern, args, &mut Vec::new())
    }
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Words({})", self.lang)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, BTreeSet},
        path::{Path, PathBuf},
    };

    use super::*;
    use crate::{consent::EventKind, journal};

    /// Each text of a language with the names of what it is filled with, of a file or a folder.
    fn asked(lang: &str, from: &str) -> BTreeMap<String, BTreeSet<String>> {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales").join(lang).join(from);
        let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let files = if from.is_dir() {
            std::fs::read_dir(from).unwrap().map(|file| file.unwrap().path()).collect()
        } else {
            vec![from]
        };
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            FluentResource::try_new(text.clone())
                .unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", file.display()));
            read(&text, &mut found);
        }
        found
    }

    fn read(text: &str, found: &mut BTreeMap<String, BTreeSet<String>>) {
        let mut id = String::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, _)) = line.split_once(" =").filter(|_| !line.starts_with([' ', '}']))
            {
                id = name.to_owned();
                assert!(found.insert(id.clone(), BTreeSet::new()).is_none(), "{id} twice");
            }
            for (at, _) in line.match_indices('$') {
                let ends = |c: char| !c.is_ascii_alphanumeric() && c != '-';
                let name = line[at + 1..].split(ends).next().unwrap();
                found.get_mut(&id).unwrap().insert(name.to_owned());
            }
        }
    }

    /// The text of every file below these folders that may say something.
    fn sources(folders: &[&str]) -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut folders: Vec<PathBuf> = folders.iter().map(|name| root.join(name)).collect();
        let mut all = String::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(text) = std::fs::read_to_string(&path) {
                    all.push_str(text.split("#[cfg(test)]").next().unwrap());
                }
            }
        }
        all
    }

    #[test]
    fn every_language_has_every_text_with_the_same_variables() {
        for (from, langs, begin) in [
            (PAGES, &["sk", "en", "de", "pl"][..], &[""][..]),
            (REASONS, &["sk", "en"], &["reason-", "word-", "cause-"]),
            (CONSOLE, &["sk", "en"], &["console-"]),
        ] {
            let czech = asked("cs", from);
            assert!(czech.len() > 40);
            for id in czech.keys() {
                assert!(begin.iter().any(|begin| id.starts_with(begin)), "{id} in {from}");
            }
            for lang in langs {
                assert_eq!(asked(lang, from), czech, "{lang}");
            }
        }
    }

    #[test]
    fn every_text_that_is_said_is_there_and_none_is_unused() {
        let mut known = asked("cs", PAGES);
        known.append(&mut asked("cs", CONSOLE));
        let sources = sources(&["src", "templates"]);
        for id in known.keys() {
            assert!(sources.contains(&format!("\"{id}\"")), "nobody says `{id}`");
        }
        // Who says those is looked for by itself.
        known.append(&mut asked("cs", REASONS));
        for call in ["words.say(\"", "words.with(\"", "frame.say(\"", "frame.with(\""] {
            for (at, _) in sources.match_indices(call) {
                let id = sources[at + call.len()..].split('"').next().unwrap();
                assert!(known.contains_key(id), "`{id}` is said and nowhere written");
            }
        }
        for (at, _) in sources.match_indices("\"console-") {
            let id = sources[at + 1..].split('"').next().unwrap();
            let is_key = CONSOLE_KEYS.contains(&id);
            assert!(is_key || known.contains_key(id), "`{id}` is said and nowhere written");
        }
    }

    /// By their ids, which stand in `policy`; what is made of a pack's id is there for every pack.
    #[test]
    fn every_reason_that_is_written_is_given_and_every_one_that_is_given_is_written() {
        let known = asked("cs", REASONS);
        let sources = sources(&["src", "../policy/src"]);
        let packs = policy::Pack::builtin();
        let of_packs =
            packs.iter().flat_map(|pack| ["law", "pack"].map(|is| format!("{is}-{}", pack.id)));
        let of_packs: BTreeSet<String> = of_packs.collect();
        for id in known.keys() {
            let (_, given) = id.split_once('-').unwrap();
            let is_given = |id: &str| sources.contains(&format!("\"{id}\""));
            assert!(of_packs.contains(given) || is_given(given) || is_given(id), "no `{id}`");
        }
        for given in of_packs {
            assert!(known.contains_key(&format!("word-{given}")), "`{given}` is nowhere written");
        }
        for call in ["Reason::new(\"", "Fault::new(\"", "Err(missing(pack, \""] {
            for (at, _) in sources.match_indices(call) {
                let id = sources[at + call.len()..].split('"').next().unwrap();
                let id = format!("reason-{id}");
                assert!(known.contains_key(&id), "`{id}` is given and nowhere written");
            }
        }
    }

    const PAGES: &str = "pages.ftl";
    const REASONS: &str = "reasons.ftl";
    const CONSOLE: &str = "console";
    /// Of relay.toml.
    const CONSOLE_KEYS: [&str; 7] = [
        "console-activates-policy",
        "console-address",
        "console-tls-by-proxy",
        "console-url",
        "console-second-factor",
        "console-session",
        "console-idle",
    ];
    /// Pages find the text of a kind by the word that stands on record.
    #[test]
    fn every_kind_of_event_has_a_text_of_its_own_word() {
        let known = asked("cs", PAGES);
        let has_text = |id: &str| assert!(known.contains_key(id), "`{id}` is nowhere written");
        for kind in EventKind::ALL {
            let id = kind.text_id();
            assert_eq!(id.strip_prefix("event-").and_then(EventKind::parse), Some(kind));
            has_text(id);
        }
        for kind in journal::Kind::ALL {
            let id = kind.text_id();
            assert_eq!(id.strip_prefix("fate-").and_then(journal::Kind::parse), Some(kind));
            has_text(id);
        }
    }

    #[test]
    fn every_text_is_filled_in_every_language() {
        for language in Language::ALL {
            let words = Words::of(language);
            let mut all = asked(words.lang, PAGES);
            if ["cs", "sk", "en"].contains(&words.lang) {
                all.append(&mut asked(words.lang, REASONS));
                all.append(&mut asked(words.lang, CONSOLE));
            }
            for (id, variables) in all {
                for number in [0, 1, 2, 5, 12, 22] {
                    let mut args = FluentArgs::new();
                    for variable in &variables {
                        args.set(variable.clone(), FluentValue::from(number));
                    }
                    let mut errors = Vec::new();
                    let message = words.bundle.get_message(&id);
                    let message = message.unwrap_or_else(|| panic!("`{id}`: its file is not read"));
                    let pattern = message.value().unwrap();
                    let text = words.bundle.format_pattern(pattern, Some(&args), &mut errors);
                    assert!(errors.is_empty() && !text.contains(['{', '$']), "{id}: {errors:?}");
                }
            }
        }
    }

    #[test]
    fn days_are_written_as_people_write_them() {
        let day = jiff::civil::date(2026, 5, 1);
        for (language, written) in [
            (Language::Czech, "1. 5. 2026"),
            (Language::Slovak, "1. 5. 2026"),
            (Language::English, "1 May 2026"),
            (Language::German, "1.5.2026"),
            (Language::Polish, "1 maja 2026"),
        ] {
            assert_eq!(Words::of(language).day(day), written);
        }
    }

    #[test]
    fn what_is_missing_shows_its_id_and_breaks_nothing() {
        let words = Words::of(Language::Czech);
        assert_eq!(words.say("no-such-text"), "no-such-text");
        assert_eq!(words.with("no-such-text", &[("a", "b".into())]), "no-such-text");
        assert!(words.say("done-purpose").contains("$purpose"), "shows what it lacks");
    }

    #[test]
    fn the_first_known_language_is_taken() {
        for (header, lang) in [
            ("sk-SK,sk;q=0.9,en;q=0.8", "sk"),
            ("cs", "cs"),
            ("de-DE,de;q=0.9,cs;q=0.5", "de"),
            ("fr-FR,pl;q=0.5", "pl"),
            ("fr", "en"),
            ("", "en"),
            (";;;,,,-", "en"),
        ] {
            assert_eq!(Words::accepted(header).lang, lang, "{header}");
        }
    }
}
