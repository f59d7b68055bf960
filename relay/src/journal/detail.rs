//! What a line of the journal says beside its kind and its ids: a JSON object.
//!
//! A verdict arrives as text and stays text, because one is written for every recipient.

use std::borrow::Cow;

use serde_json::Value;

/// Facts, outcomes, policy version, the peer's reply, digests, who and why.
#[derive(Clone, Debug, PartialEq)]
pub enum Detail {
    Value(Value),
    /// An object, written already.
    Text(String),
}

impl Detail {
    /// Adds a field.
    pub fn note(&mut self, key: &str, value: &str) {
        match self {
            Self::Value(Value::Object(fields)) => {
                fields.insert(key.to_owned(), value.into());
            }
            Self::Value(_) => {}
            Self::Text(text) => {
                if text.pop() != Some('}') {
                    return;
                }
                if !text.ends_with('{') {
                    text.push(',');
                }
                text.push_str(&Value::from(key).to_string());
                text.push(':');
                text.push_str(&Value::from(value).to_string());
                text.push('}');
            }
        }
    }

    /// To look into it.
    pub fn value(&self) -> Cow<'_, Value> {
        match self {
            Self::Value(value) => Cow::Borrowed(value),
            Self::Text(text) => Cow::Owned(read(text.clone())),
        }
    }

    pub fn into_text(self) -> String {
        match self {
            Self::Value(value) => value.to_string(),
            Self::Text(text) => text,
        }
    }
}

/// What stands in a chain; a line that somebody broke is still shown, as text.
pub(crate) fn read(text: String) -> Value {
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

impl From<Value> for Detail {
    fn from(value: Value) -> Self {
        Self::Value(value)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_note_is_read_the_same_in_either_form() {
        for value in [json!({}), json!({ "a": [1, { "b": "}" }] })] {
            let mut one = Detail::Value(value.clone());
            let mut other = Detail::Text(value.to_string());
            for detail in [&mut one, &mut other] {
                detail.note("login", "Jana \"x\"\n");
                detail.note("fate", "send");
            }
            assert_eq!(one.value(), other.value());
            assert_eq!(other.value()["login"], "Jana \"x\"\n");
            assert_eq!(read(other.clone().into_text()), *other.value());
        }
    }
}
