//! Words for what records call things: the fields of evidence and detail, who wrote something down, and
//! why. What has none is shown as it stands.

use std::borrow::Cow;

use serde_json::Value;

use super::Words;

impl Words {
    /// The name of a field; of one inside another (`before.method`) each of the names.
    pub fn field(&self, path: &str) -> String {
        let each = path.split('.').map(|name| match FIELDS.iter().find(|(own, _)| *own == name) {
            Some((_, id)) => self.say(id),
            None => name.into(),
        });
        each.collect::<Vec<Cow<'_, str>>>().join(", ")
    }

    /// Who wrote something down.
    pub fn actor(&self, actor: &str) -> String {
        let (kind, name) = actor.split_once('/').unwrap_or((actor, ""));
        let id = match kind {
            "api" => return self.with("actor-api", &[("key", name.into())]),
            "hook" => return self.with("actor-hook", &[("name", name.into())]),
            "cli" | "staff" => "actor-cli",
            "clock" => "actor-clock",
            "confirmation" => "actor-confirmation",
            "form" => "actor-form",
            "import" => "actor-import",
            "one-click" => "actor-one-click",
            "page" => "actor-page",
            "objection" | "preferences" => "actor-preferences",
            "renewal" => "actor-renewal",
            _ => return actor.to_owned(),
        };
        self.say(id).into_owned()
    }

    /// The value of a field; reasons that the relay itself gives are in its words.
    pub fn value(&self, field: &str, value: String) -> String {
        let id = match (field, value.as_str()) {
            ("why", "completed") => "why-completed",
            ("why", "kept long enough") => "why-kept",
            ("why", "silent") => "why-silent",
            _ => return value,
        };
        self.say(id).into_owned()
    }
}

/// An object's fields, one inside another as `a.b`; what is null is left out.
pub fn flat(value: &Value) -> Vec<(String, String)> {
    let mut all = Vec::new();
    flatten(&mut all, String::new(), value);
    all
}

fn flatten(all: &mut Vec<(String, String)>, name: String, value: &Value) {
    match value {
        Value::Null => {}
        Value::String(text) => all.push((name, text.clone())),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) => all.push((name, value.to_string())),
        Value::Object(fields) => {
            for (field, value) in fields {
                let dot = if name.is_empty() { "" } else { "." };
                flatten(all, format!("{name}{dot}{field}"), value);
            }
        }
    }
}

const FIELDS: &[(&str, &str)] = &[
    ("address", "field-address"),
    ("after", "field-after"),
    ("at", "field-at"),
    ("at_most", "field-at-most"),
    ("attempt", "field-attempt"),
    ("attested_by", "field-attested-by"),
    ("basis", "field-basis"),
    ("because", "field-because"),
    ("before", "field-before"),
    ("bulk", "field-bulk"),
    ("by", "field-by"),
    ("categories", "field-categories"),
    ("code", "field-code"),
    ("completes", "field-completes"),
    ("confirmed_at", "field-confirmed-at"),
    ("country", "field-country"),
    ("ended_at", "field-ended-at"),
    ("events", "field-events"),
    ("evidence", "field-evidence"),
    ("except", "field-except"),
    ("extended", "field-extended"),
    ("file", "field-file"),
    ("from", "field-from"),
    ("grant", "field-grant"),
    ("grants", "field-grants"),
    ("how", "field-how"),
    ("import", "field-import"),
    ("imported", "field-imported"),
    ("ip", "field-ip"),
    ("kind", "field-kind"),
    ("language", "field-language"),
    ("lifts_refusal", "field-lifts-refusal"),
    ("line", "field-line"),
    ("list", "field-list"),
    ("login", "field-login"),
    ("message", "field-message"),
    ("method", "field-method"),
    ("note", "field-note"),
    ("notice", "field-notice"),
    ("complaint", "field-complaint"),
    ("objection", "field-objection"),
    ("objection_offered", "field-objection-offered"),
    ("of_age", "field-of-age"),
    ("paused_until", "field-paused-until"),
    ("peer", "field-peer"),
    ("policy_url", "field-policy-url"),
    ("published", "field-published"),
    ("reason", "field-reason"),
    ("reference", "field-reference"),
    ("reply", "field-reply"),
    ("row", "field-row"),
    ("rule", "field-rule"),
    ("rules", "field-rules"),
    ("scope", "field-scope"),
    ("second", "field-second"),
    ("sha256", "field-sha256"),
    ("source", "field-source"),
    ("status", "field-status"),
    ("stream", "field-stream"),
    ("subscriber", "field-subscriber"),
    ("suppression", "field-suppression"),
    ("tls", "field-tls"),
    ("until", "field-until"),
    ("url", "field-url"),
    ("user_agent", "field-user-agent"),
    ("version", "field-version"),
    ("what", "field-what"),
    ("why", "field-why"),
    ("wide_assortment", "field-wide-assortment"),
    ("wording", "field-wording"),
    ("wording_version", "field-wording-version"),
];

#[cfg(test)]
mod tests {
    use policy::Language;

    use super::*;

    #[test]
    fn what_records_say_is_said_in_every_language() {
        let actors = ["api/k7", "cli", "cli/alena", "hook/eshop", "one-click", "import", "clock"];
        for language in Language::ALL {
            let words = Words::of(language);
            for (name, id) in FIELDS {
                assert_ne!(words.field(name), *id, "{language:?}");
            }
            for actor in actors {
                let said = words.actor(actor);
                assert!(!said.starts_with("actor-"), "{language:?}: {said}");
                assert!(!said.contains("alena"), "nobody's name");
            }
            for why in ["completed", "kept long enough", "silent"] {
                assert!(!words.value("why", why.to_owned()).starts_with("why-"), "{language:?}");
            }
        }
        let czech = Words::of(Language::Czech);
        assert_eq!(czech.field("before.method"), "předtím, způsob");
        assert_eq!(czech.field("before.strange"), "předtím, strange");
        assert_eq!(czech.actor("api/k7"), "napojený systém (klíč k7)");
        assert_eq!(czech.actor("strange"), "strange");
        assert_eq!(czech.value("why", "silent".into()), "dlouho bez odezvy");
        assert_eq!(czech.value("note", "silent".into()), "silent");
    }
}
