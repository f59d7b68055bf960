//! A TOML file read key by key, so that every complaint is found in one go and names its place.
//!
//! Deserializing would stop at the first fault. A [`Section`] is asked for each key by name; what
//! nobody asked for by the time it is dropped is an unknown key. Knows nothing of what the
//! settings mean.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    path::Path,
    time::Duration,
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    schema::{Asked, Kind},
    words::{TIME_FORM, duration, meant, not_one_of, octets},
};

/// What is wrong in a file, where, and what to do about it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Complaint {
    pub file: String,
    /// From 1; 0 where it concerns the file as a whole.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    pub text: String,
}

impl std::fmt::Display for Complaint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.text),
            line => write!(f, "{}:{line}:{}: {}", self.file, self.column, self.text),
        }
    }
}

/// The file's name as complaints show it, and its text.
pub(super) fn load(path: &Path) -> Result<(String, String), Vec<Complaint>> {
    let file = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => Ok((file, text)),
        Err(error) => {
            let text = format!("cannot be read: {error}; name the folder with --config");
            Err(vec![Complaint { file, line: 0, column: 0, text }])
        }
    }
}

/// Where complaints gather while a file is read.
pub(super) struct Sink<'t> {
    file: &'t str,
    text: &'t str,
    complaints: RefCell<BTreeSet<(usize, String)>>,
    /// Every key asked for: what the schema is made of, and the test that compares the shipped
    /// file.
    asked: RefCell<BTreeMap<String, Asked>>,
    /// Whether files that it names are read.
    reads_files: bool,
}

impl<'t> Sink<'t> {
    pub(super) fn new(file: &'t str, text: &'t str) -> Self {
        let (complaints, asked) = (RefCell::default(), RefCell::default());
        Self { file, text, complaints, asked, reads_files: true }
    }

    /// Of a text that somebody hands in: no file that it names is read.
    pub(super) fn proposed(file: &'t str, text: &'t str) -> Self {
        Self { reads_files: false, ..Self::new(file, text) }
    }

    /// The document's table; syntax errors become complaints and what can be read is read.
    pub(super) fn parse(&self) -> Spanned<DeTable<'t>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let at = error.span().map_or(0, |span| span.start);
            self.complain(at, error.message().replace('\n', ", "));
        }
        table
    }

    pub(super) fn complain(&self, at: usize, text: impl Into<String>) {
        self.complaints.borrow_mut().insert((at, text.into()));
    }

    /// All complaints, in the order of the file.
    pub(super) fn into_complaints(self) -> Vec<Complaint> {
        let place = |at: usize| {
            let before = self.text.get(..at).unwrap_or(self.text);
            let line_start = before.rfind('\n').map_or(0, |end| end + 1);
            let column = before.get(line_start..).unwrap_or("").chars().count() + 1;
            (before.matches('\n').count() + 1, column)
        };
        let found = self.complaints.into_inner();
        found
            .into_iter()
            .map(|(at, text)| {
                let (line, column) = place(at);
                Complaint { file: self.file.to_owned(), line, column, text }
            })
            .collect()
    }

    pub(super) fn asked(&self) -> BTreeMap<String, Asked> {
        self.asked.borrow().clone()
    }
}

/// One table of the file, or the place where it would be.
pub(super) struct Section<'a, 't> {
    sink: &'a Sink<'t>,
    /// `delivery.limits`; entries of lists and named tables have a `*`.
    path: String,
    /// As shown to the operator: `[delivery.limits]`, `[[listener]]`.
    shown: String,
    table: Option<&'a DeTable<'t>>,
    at: usize,
    keys: RefCell<Vec<&'static str>>,
}

/// A text with its place in the file.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub value: String,
    pub at: usize,
}

impl<'a, 't> Section<'a, 't> {
    pub(super) fn reads_files(&self) -> bool {
        self.sink.reads_files
    }

    pub(super) fn root(sink: &'a Sink<'t>, table: &'a DeTable<'t>) -> Self {
        Self::new(sink, String::new(), "the top of the file".to_owned(), Some(table), 0)
    }

    fn new(
        sink: &'a Sink<'t>,
        path: String,
        shown: String,
        table: Option<&'a DeTable<'t>>,
        at: usize,
    ) -> Self {
        Self { sink, path, shown, table, at, keys: RefCell::default() }
    }

    /// Whether the file has this section at all.
    pub(super) fn is_written(&self) -> bool {
        self.table.is_some()
    }

    /// A complaint about the value of `key`, or about the section where the key is not written.
    pub(super) fn complain(&self, key: &str, text: impl AsRef<str>) {
        let at = self.entry(key).map_or(self.at, |(_, value)| value.span().start);
        self.sink.complain(at, format!("`{key}`: {}", text.as_ref()));
    }

    /// A complaint about the section as a whole.
    pub(super) fn complain_here(&self, text: impl Into<String>) {
        self.sink.complain(self.at, text);
    }

    /// Lets go of the section without looking for unknown keys: it is read elsewhere.
    pub(super) fn done(self) {
        self.keys.take();
    }

    pub(super) fn complain_at(&self, at: usize, text: impl Into<String>) {
        self.sink.complain(at, text);
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    pub(super) fn text(&self, key: &'static str, default: &str) -> String {
        self.ask(key, Kind::Text, Some(format!("{default:?}")));
        self.read_text(key).unwrap_or_else(|| default.to_owned())
    }

    pub(super) fn text_if_any(&self, key: &'static str) -> Option<String> {
        self.ask(key, Kind::Text, None);
        self.read_text(key)
    }

    /// A text that must be there and not be empty; `why` says what it is for.
    pub(super) fn text_needed(&self, key: &'static str, why: &str) -> String {
        self.ask(key, Kind::Text, None);
        let value = self.read_text(key);
        match &value {
            None if !self.has(key) => {
                self.sink.complain(self.at, format!("{} has no `{key}`: {why}", self.shown));
            }
            Some(text) if text.trim().is_empty() => self.complain(key, format!("empty: {why}")),
            None | Some(_) => {}
        }
        value.unwrap_or_default()
    }

    pub(super) fn texts(&self, key: &'static str) -> Vec<Text> {
        self.ask(key, Kind::Texts, Some("[]".to_owned()));
        let Some((_, value)) = self.entry(key) else { return Vec::new() };
        let DeValue::Array(list) = value.get_ref() else {
            self.wrong(key, value, "a list of texts, as in [\"one\", \"two\"]");
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in list.iter() {
            match item.get_ref().as_str() {
                Some(text) => texts.push(Text { value: text.to_owned(), at: item.span().start }),
                None => self.wrong(key, item, "a text in quotes"),
            }
        }
        texts
    }

    pub(super) fn flag(&self, key: &'static str, default: bool) -> bool {
        self.ask(key, Kind::Flag, Some(default.to_string()));
        match self.entry(key) {
            None => default,
            Some((_, value)) => value.get_ref().as_bool().unwrap_or_else(|| {
                self.wrong(key, value, "true or false");
                default
            }),
        }
    }

    /// A whole number within `range`.
    pub(super) fn number(&self, key: &'static str, default: u64, range: Range<u64>) -> u64 {
        self.whole(key, Some(default.to_string()), range).unwrap_or(default)
    }

    pub(super) fn number_if_any(&self, key: &'static str, range: Range<u64>) -> Option<u64> {
        self.whole(key, None, range)
    }

    fn whole(&self, key: &'static str, shown: Option<String>, range: Range<u64>) -> Option<u64> {
        let last = range.end.saturating_sub(1);
        self.ask(key, Kind::Number { first: range.start, last }, shown);
        let (_, value) = self.entry(key)?;
        let number = value.get_ref().as_integer();
        let number =
            number.and_then(|value| u64::from_str_radix(value.as_str(), value.radix()).ok());
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            self.wrong(key, value, &format!("a whole number from {} to {last}", range.start));
        }
        number
    }

    /// One word of a closed list.
    pub(super) fn choice<T: Copy + PartialEq>(
        &self,
        key: &'static str,
        words: &[(&str, T)],
        default: T,
    ) -> T {
        let shown = words.iter().find(|(_, value)| *value == default).map(|(word, _)| *word);
        self.ask(key, Kind::choice(words), shown.map(|word| format!("{word:?}")));
        self.one_of(key, words).unwrap_or(default)
    }

    pub(super) fn choice_if_any<T: Copy>(
        &self,
        key: &'static str,
        words: &[(&str, T)],
    ) -> Option<T> {
        self.ask(key, Kind::choice(words), None);
        self.one_of(key, words)
    }

    fn one_of<T: Copy>(&self, key: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.read_text(key)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.complain(key, not_one_of(&text, &known));
        }
        found.map(|(_, value)| *value)
    }

    /// `"30s"`, `"5m"`, `"4h"`, `"5d"`.
    pub(super) fn time(&self, key: &'static str, default: &'static str) -> Duration {
        let own = self.time_if_any(key);
        self.ask(key, Kind::Time, Some(format!("{default:?}")));
        own.or_else(|| duration(default)).unwrap_or_default()
    }

    pub(super) fn time_if_any(&self, key: &'static str) -> Option<Duration> {
        self.ask(key, Kind::Time, None);
        let text = self.read_text(key)?;
        let time = duration(&text);
        if time.is_none() {
            self.complain(key, format!("`{text}` is not a time: {TIME_FORM}"));
        }
        time
    }

    /// A list of times; empty means the default.
    pub(super) fn times(&self, key: &'static str, default: &[&str]) -> Vec<Duration> {
        let own = self.times_if_any(key);
        self.ask(key, Kind::Times, Some(format!("{default:?}")));
        own.unwrap_or_else(|| default.iter().filter_map(|text| duration(text)).collect())
    }

    /// The same; an empty list is none.
    pub(super) fn times_if_any(&self, key: &'static str) -> Option<Vec<Duration>> {
        let texts = self.texts(key);
        self.ask(key, Kind::Times, None);
        let mut times: Vec<Duration> = Vec::new();
        for text in &texts {
            match duration(&text.value) {
                Some(time) => times.push(time),
                None => self.sink.complain(
                    text.at,
                    format!("`{key}`: `{}` is not a time: {TIME_FORM}", text.value),
                ),
            }
        }
        (!texts.is_empty()).then_some(times)
    }

    /// Octets: `"64KiB"`, `"25MiB"`, `"1GiB"` or a whole number.
    pub(super) fn size(&self, key: &'static str, default: &'static str) -> usize {
        self.ask(key, Kind::Size, Some(format!("{default:?}")));
        let fallback = octets(default).unwrap_or_default();
        let Some((_, value)) = self.entry(key) else { return fallback };
        let number = value.get_ref().as_integer().map(|number| number.as_str());
        let size = value.get_ref().as_str().or(number).and_then(octets);
        size.filter(|size| *size > 0).unwrap_or_else(|| {
            self.wrong(key, value, "a size: write \"64KiB\", \"25MiB\" or a number of octets");
            fallback
        })
    }

    /// The table under `key`; an empty one where the file has none.
    pub(super) fn section(&self, key: &'static str) -> Section<'a, 't> {
        self.ask(key, Kind::Table, None);
        let path = self.below(key);
        let shown = format!("[{path}]");
        match self.entry(key) {
            None => Section::new(self.sink, path, shown, None, self.at),
            Some((name, value)) => match value.get_ref().as_table() {
                Some(table) => Section::new(self.sink, path, shown, Some(table), name.span().start),
                None => {
                    self.wrong(key, value, &format!("a table: write `[{path}]` above its keys"));
                    Section::new(self.sink, path, shown, None, value.span().start)
                }
            },
        }
    }

    /// The tables under `[[key]]`.
    pub(super) fn sections(&self, key: &'static str) -> Vec<Section<'a, 't>> {
        self.ask(key, Kind::Tables, None);
        let Some((_, value)) = self.entry(key) else { return Vec::new() };
        let path = self.below(key);
        let DeValue::Array(list) = value.get_ref() else {
            self.wrong(key, value, &format!("a list of tables: write `[[{path}]]` above each"));
            return Vec::new();
        };
        let mut sections = Vec::new();
        for item in list.iter() {
            match item.get_ref().as_table() {
                Some(table) => sections.push(Section::new(
                    self.sink,
                    path.clone(),
                    format!("[[{path}]]"),
                    Some(table),
                    item.span().start,
                )),
                None => {
                    self.wrong(key, item, &format!("a table: write `[[{path}]]` above its keys"))
                }
            }
        }
        sections
    }

    /// The tables `[key.<name>]`, in the order of their names.
    pub(super) fn named(&self, key: &'static str) -> Vec<(Text, Section<'a, 't>)> {
        self.ask(key, Kind::Named, None);
        let Some((_, value)) = self.entry(key) else { return Vec::new() };
        let path = self.below(key);
        let DeValue::Table(tables) = value.get_ref() else {
            self.wrong(key, value, &format!("tables with names: write `[{path}.name]`"));
            return Vec::new();
        };
        let mut sections = Vec::new();
        for (name, value) in tables.iter() {
            let (at, id) = (name.span().start, name.get_ref().to_string());
            match value.get_ref().as_table() {
                Some(table) => {
                    let shown = format!("[{path}.{id}]");
                    let section =
                        Section::new(self.sink, format!("{path}.*"), shown, Some(table), at);
                    sections.push((Text { value: id, at }, section));
                }
                None => self.wrong(key, value, &format!("a table: write `[{path}.{id}]`")),
            }
        }
        sections
    }

    /// Keys chosen by the operator with a text each, as in `[rules]`.
    pub(super) fn words(&self) -> Vec<(Text, Text)> {
        let mut words = Vec::new();
        for (name, value) in self.table.into_iter().flat_map(|table| table.iter()) {
            let key = Text { value: name.get_ref().to_string(), at: name.span().start };
            match value.get_ref().as_str() {
                Some(text) => {
                    words.push((key, Text { value: text.to_owned(), at: value.span().start }));
                }
                None => self.wrong(&key.value, value, "a text in quotes"),
            }
        }
        words
    }

    /// Where a dotted key below this table stands.
    pub(super) fn place(&self, dotted: &str) -> Option<usize> {
        let mut table = self.table?;
        let mut at = None;
        for step in dotted.split('.') {
            let (name, value) = table.iter().find(|(name, _)| name.get_ref() == step)?;
            at = Some(name.span().start);
            if let DeValue::Table(below) = value.get_ref() {
                table = below;
            }
        }
        at
    }

    fn below(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn ask(&self, key: &'static str, kind: Kind, default: Option<String>) {
        self.keys.borrow_mut().push(key);
        self.sink.asked.borrow_mut().insert(self.below(key), Asked { kind, default });
    }

    fn entry(
        &self,
        key: &str,
    ) -> Option<(&'a Spanned<toml::de::DeString<'t>>, &'a Spanned<DeValue<'t>>)> {
        self.table?.iter().find(|(name, _)| name.get_ref() == key)
    }

    fn read_text(&self, key: &str) -> Option<String> {
        let (_, value) = self.entry(key)?;
        match value.get_ref().as_str() {
            Some(text) => Some(text.to_owned()),
            None => {
                self.wrong(key, value, "a text in quotes");
                None
            }
        }
    }

    fn wrong(&self, key: &str, value: &Spanned<DeValue<'t>>, wanted: &str) {
        let is = match value.get_ref() {
            DeValue::String(text) => format!("the text `{text}`"),
            DeValue::Integer(number) => format!("the number {number}"),
            DeValue::Float(number) => format!("the number {number}"),
            DeValue::Boolean(value) => value.to_string(),
            DeValue::Datetime(_) => "a date".to_owned(),
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Table(_) => "a table".to_owned(),
        };
        self.sink.complain(value.span().start, format!("`{key}` is {is}: it takes {wanted}"));
    }
}

impl Drop for Section<'_, '_> {
    /// What nobody asked for is a key that does not exist; free-form tables ask for nothing.
    fn drop(&mut self) {
        let keys = self.keys.take();
        if keys.is_empty() {
            return;
        }
        for (name, _) in self.table.into_iter().flat_map(|table| table.iter()) {
            let key = name.get_ref().as_ref();
            if !keys.contains(&key) {
                let text = format!("`{key}` is no key of {}: {}", self.shown, meant(key, &keys));
                self.sink.complain(name.span().start, text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(text: &str, read: impl Fn(&Section<'_, '_>)) -> Vec<String> {
        let sink = Sink::new("x.toml", text);
        let table = sink.parse();
        let root = Section::root(&sink, table.get_ref());
        read(&root);
        drop(root);
        sink.into_complaints().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_fault_is_named_with_its_place_at_once() {
        let text = "hostnam = \"a\"\n\n[web]\nport = \"x\"\n  colour = 3\nkind = \"tals\"\nwait = \"5 parsecs\"\n";
        let found = complaints(text, |root| {
            root.text("hostname", "b");
            let web = root.section("web");
            web.number("port", 1, 1..100);
            web.choice("kind", &[("tls", 1), ("none", 2)], 1);
            web.time("wait", "5s");
        });
        assert_eq!(
            found,
            [
                "x.toml:1:1: `hostnam` is no key of the top of the file: did you mean `hostname`?",
                "x.toml:4:8: `port` is the text `x`: it takes a whole number from 1 to 99",
                "x.toml:5:3: `colour` is no key of [web]: known are `port`, `kind` and `wait`",
                "x.toml:6:8: `kind`: `tals` is not known here: did you mean `tls`?",
                "x.toml:7:8: `wait`: `5 parsecs` is not a time: write \"30s\", \"5m\", \"4h\" or \"5d\", at most 366 days",
            ]
        );
    }

    #[test]
    fn broken_syntax_does_not_hide_the_rest() {
        let found = complaints("a = \nb = 1\nc = = 2\nhostnam = \"x\"\n", |root| {
            root.text("hostname", "b");
            root.number("b", 1, 0..9);
            root.number("a", 1, 0..9);
            root.number("c", 1, 0..9);
        });
        assert!(found.iter().any(|text| text.starts_with("x.toml:1:")), "{found:?}");
        assert!(found.iter().any(|text| text.starts_with("x.toml:3:")), "{found:?}");
        assert!(found.iter().any(|text| text.contains("hostname")), "{found:?}");
    }
}
