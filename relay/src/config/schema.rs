//! The JSON Schema of a settings file, for editors: made of the keys that reading it asks for, with
//! the words that the shipped file has on each.
//!
//! It knows no key itself. What a schema cannot say (that a path exists, that a stream's controller
//! is there) only `souhlas check` finds.

use std::collections::BTreeMap;

use policy::{Language, Pack, rules};
use serde_json::{Map, Value, json};

use super::{Business, Config, document::Sink};

/// A key that a file may have.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub kind: Kind,
    /// As the file would write it.
    pub default: Option<String>,
}

/// What a key takes.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Text,
    Texts,
    Flag,
    Number {
        first: u64,
        last: u64,
    },
    /// One word of these.
    Choice(Vec<String>),
    /// `"30s"`.
    Time,
    Times,
    /// `"25MiB"` or a whole number.
    Size,
    Table,
    /// `[[key]]`.
    Tables,
    /// `[key.<name>]`.
    Named,
}

impl Kind {
    pub(super) fn choice<T>(words: &[(&str, T)]) -> Self {
        Self::Choice(words.iter().map(|(word, _)| (*word).to_owned()).collect())
    }

    fn schema(&self) -> Value {
        match self {
            Self::Text => json!({ "type": "string" }),
            Self::Texts => json!({ "type": "array", "items": { "type": "string" } }),
            Self::Flag => json!({ "type": "boolean" }),
            Self::Number { first, last } => {
                json!({ "type": "integer", "minimum": first, "maximum": last })
            }
            Self::Choice(words) => json!({ "enum": words }),
            Self::Time => json!({ "type": "string", "pattern": TIME }),
            Self::Times => {
                json!({ "type": "array", "items": { "type": "string", "pattern": TIME } })
            }
            Self::Size => json!({ "type": ["string", "integer"], "pattern": SIZE, "minimum": 1 }),
            Self::Table | Self::Tables | Self::Named => json!({}),
        }
    }
}

/// Of relay.toml.
pub fn of_machine() -> Value {
    let text = written_out(MACHINE);
    let sink = Sink::new("relay.toml", &text);
    Config::from_sink(&sink);
    document("relay.toml", &sink.asked(), MACHINE)
}

/// Of policy.toml.
pub fn of_business() -> Value {
    let text = written_out(BUSINESS);
    let sink = Sink::new("policy.toml", &text);
    Business::from_sink(&sink, &text);
    let mut schema = document("policy.toml", &sink.asked(), BUSINESS);
    if let Some(Value::Object(keys)) = schema.get_mut("properties") {
        keys.insert("packs".to_owned(), own_packs());
    }
    for rules in ["/properties/rules", STREAM_RULES] {
        if let Some(Value::Object(rules)) = schema.pointer_mut(rules) {
            rules.insert("properties".to_owned(), rule_settings());
        }
    }
    schema
}

fn document(title: &str, asked: &BTreeMap<String, Asked>, shipped: &str) -> Value {
    let words = comments(shipped);
    let mut schema = table(asked, &words, "");
    if let Value::Object(fields) = &mut schema {
        // The newest that editors' TOML tools read; nothing here wants more.
        fields.insert("$schema".into(), json!("http://json-schema.org/draft-04/schema#"));
        fields.insert("title".into(), json!(title));
    }
    schema
}

/// The table at `path`; its own keys are those one step below it.
fn table(asked: &BTreeMap<String, Asked>, words: &BTreeMap<String, String>, path: &str) -> Value {
    let mut properties = Map::new();
    for (key, entry) in asked {
        let below = if path.is_empty() {
            Some(key.as_str())
        } else {
            key.strip_prefix(path).and_then(|rest| rest.strip_prefix('.'))
        };
        let Some(name) = below.filter(|name| !name.contains('.')) else { continue };
        let mut schema = match &entry.kind {
            Kind::Table => table(asked, words, key),
            Kind::Tables => json!({ "type": "array", "items": table(asked, words, key) }),
            Kind::Named => {
                let each = table(asked, words, &format!("{key}.*"));
                json!({ "type": "object", "additionalProperties": each })
            }
            plain @ (Kind::Text
            | Kind::Texts
            | Kind::Flag
            | Kind::Number { .. }
            | Kind::Choice(_)
            | Kind::Time
            | Kind::Times
            | Kind::Size) => plain.schema(),
        };
        if let Value::Object(fields) = &mut schema {
            if let Some(words) = words.get(key) {
                fields.insert("description".into(), json!(words));
            }
            if let Some(default) = entry.default.as_deref().and_then(literal) {
                fields.insert("default".into(), default);
            }
        }
        properties.insert(name.to_owned(), schema);
    }
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

/// A default as the file would write it, as JSON.
fn literal(text: &str) -> Option<Value> {
    let whole: toml::Table = format!("it = {text}").parse().ok()?;
    serde_json::to_value(whole.get("it")?).ok()
}

/// The keys of a table of rules.
fn rule_settings() -> Value {
    let settings: Vec<&str> = super::policy_file::EFFECTS.iter().map(|(word, _)| *word).collect();
    let each = rules::ALL.iter().map(|rule| {
        let duty = rule.summary(Language::English);
        (rule.id.to_owned(), json!({ "enum": settings, "description": duty }))
    });
    Value::Object(each.collect())
}

/// `[packs.cz.label]`: the parameters that any version of the pack has, with their kinds.
fn own_packs() -> Value {
    let mut packs = Map::new();
    for pack in Pack::builtin() {
        let terms = serde_json::to_value(&pack.terms).unwrap_or_default();
        let mut sections = Map::new();
        for key in pack.terms.law.keys() {
            let Some((section, name)) = key.split_once('.') else { continue };
            let kind = match terms.get(section).and_then(|section| section.get(name)) {
                Some(Value::Bool(_)) => json!({ "type": "boolean" }),
                Some(Value::Number(_)) => json!({ "type": "integer", "minimum": 0 }),
                Some(Value::Array(_)) => json!({ "type": "array", "items": { "type": "string" } }),
                Some(Value::String(_) | Value::Null | Value::Object(_)) | None => {
                    json!({ "type": "string" })
                }
            };
            let section = sections.entry(section).or_insert_with(
                || json!({ "type": "object", "additionalProperties": false, "properties": {} }),
            );
            if let Some(Value::Object(keys)) = section.get_mut("properties") {
                keys.insert(name.to_owned(), kind);
            }
        }
        let about = format!("{} made stricter; it cannot be made milder", pack.law_name());
        packs.insert(
            pack.id,
            json!({
                "type": "object", "additionalProperties": false, "properties": sections,
                "description": about,
            }),
        );
    }
    json!({ "type": "object", "additionalProperties": false, "properties": packs })
}

/// The shipped file with every key that it only mentions (`# key = value`) as if it were set.
pub(super) fn written_out(shipped: &str) -> String {
    let live = |line: &str| {
        let bare = line.strip_prefix("# ").unwrap_or(line);
        let line = if header(bare).is_some() || setting(bare).is_some() { bare } else { line };
        format!("{line}\n")
    };
    shipped.lines().map(live).collect()
}

/// The comment above each key's first appearance, by path.
fn comments(shipped: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let (mut section, mut words) = (String::new(), Vec::new());
    for line in shipped.lines() {
        let comment = line.strip_prefix("# ");
        let bare = comment.unwrap_or(line);
        let path = match (header(bare), setting(bare)) {
            (Some(path), _) => {
                section.clone_from(&path);
                path
            }
            (None, Some((key, _))) if section.is_empty() => key,
            (None, Some((key, _))) => format!("{section}.{key}"),
            (None, None) => {
                match comment {
                    Some(comment) => words.push(comment),
                    None => words.clear(),
                }
                continue;
            }
        };
        let said = words.join(" ");
        words.clear();
        if !said.is_empty() {
            // A next hop is explained in one of the two places where one is set.
            for (one, other) in [HOPS, (HOPS.1, HOPS.0)] {
                if let Some(key) = path.strip_prefix(one) {
                    found.entry(format!("{other}{key}")).or_insert_with(|| said.clone());
                }
            }
            found.entry(path).or_insert(said);
        }
    }
    found
}

/// `[[delivery.route]]` is `delivery.route`, `[stream.x.match]` is `stream.*.match`.
pub(super) fn header(line: &str) -> Option<String> {
    let path = line.strip_prefix('[')?.strip_suffix(']')?.trim_matches(['[', ']']);
    let mut steps: Vec<&str> = path.split('.').collect();
    if let [kind, name, ..] = steps.as_mut_slice()
        && NAMED.contains(kind)
    {
        *name = "*";
    }
    Some(steps.join("."))
}

pub(super) fn setting(line: &str) -> Option<(String, String)> {
    let (key, value) = line.split_once(" = ")?;
    let fits =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    let fits = key.chars().all(fits);
    (fits && !key.is_empty()).then(|| (key.to_owned(), value.to_owned()))
}

/// Tables whose next step is a name that the operator chose.
const NAMED: [&str; 5] = ["controller", "stream", "packs", "form", "hook"];
const STREAM_RULES: &str = "/properties/stream/additionalProperties/properties/rules";
const HOPS: (&str, &str) = ("delivery.otherwise.", "delivery.route.");
const TIME: &str = "^ *[0-9]+ *(s|m|min|h|d) *$";
const SIZE: &str = "^ *[0-9]+ *(KiB|MiB|GiB)? *$";
pub(super) const MACHINE: &str = include_str!("../../../config/relay.toml");
pub(super) const BUSINESS: &str = include_str!("../../../config/policy.toml");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_shipped_files_has_its_words_and_its_kind() {
        let policy = of_business();
        let name =
            &policy["properties"]["controller"]["additionalProperties"]["properties"]["name"];
        assert_eq!(name["type"], "string");
        assert_eq!(name["description"], "As registered, with its suffix.");
        let class = &policy["properties"]["stream"]["additionalProperties"]["properties"]["class"];
        assert!(class["enum"].as_array().unwrap().iter().any(|word| word == "greeting"));
        let label = &policy["properties"]["packs"]["properties"]["cz"]["properties"]["label"];
        assert_eq!(label["properties"]["level"]["type"], "integer");
        let rule = &policy["properties"]["rules"]["properties"]["label-missing"];
        assert!(rule["description"].as_str().unwrap().starts_with("A commercial message"));
        let own = policy.pointer(STREAM_RULES).unwrap();
        assert_eq!(own["properties"]["label-missing"], *rule);
        assert!(own["description"].as_str().unwrap().contains("messages of this stream"));
        let relay = of_machine();
        let listener = &relay["properties"]["listener"]["items"]["properties"]["mode"];
        assert!(!listener["enum"].as_array().unwrap().is_empty());
        for (file, schema) in [("policy", &policy), ("relay", &relay)] {
            silent(file, schema);
        }
    }

    /// What has a kind has words too, but for the names that an operator chooses.
    fn silent(path: &str, schema: &Value) {
        for (key, below) in schema["properties"].as_object().into_iter().flatten() {
            let path = format!("{path}.{key}");
            let free = path.contains(".packs.") || below.get("properties").is_some();
            let list = below.get("items").is_some() || below.get("additionalProperties").is_some();
            assert!(free || list || below.get("description").is_some(), "{path} has no words");
            silent(&path, below);
            silent(&path, &below["items"]);
            silent(&path, &below["additionalProperties"]);
        }
    }
}
