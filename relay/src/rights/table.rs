//! The copy as a table that any program reads: one value a line, with the path that leads to it.

use serde_json::Value;

use super::Dossier;

impl Dossier {
    /// RFC 4180 with a header, UTF-8: `where,value`. No cell is taken for a formula.
    pub fn csv(&self) -> String {
        let mut text = String::from("where,value\r\n");
        if let Ok(whole) = serde_json::to_value(self) {
            leaves(&mut text, "", &whole);
        }
        text
    }
}

fn leaves(text: &mut String, path: &str, value: &Value) {
    let below =
        |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            fields.iter().for_each(|(name, one)| leaves(text, &below(name), one));
        }
        // That somebody wants none is something else than that nobody said anything.
        Value::Array(items) if items.is_empty() => line(text, path, ""),
        Value::Array(items) => {
            (1..).zip(items).for_each(|(at, one)| leaves(text, &below(&at.to_string()), one));
        }
        Value::String(word) => line(text, path, word),
        Value::Bool(_) | Value::Number(_) => line(text, path, &value.to_string()),
    }
}

fn line(text: &mut String, path: &str, value: &str) {
    cell(text, path);
    text.push(',');
    cell(text, value);
    text.push_str("\r\n");
}

fn cell(text: &mut String, value: &str) {
    let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    text.push('"');
    if formula {
        text.push('\'');
    }
    text.push_str(&value.replace('"', "\"\""));
    text.push('"');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_value_is_a_line_and_none_a_formula() {
        let mut text = String::new();
        leaves(
            &mut text,
            "",
            &json!({ "a": [{ "b": "x, \"y\"\nz" }, { "b": "=1+1" }], "c": null, "d": true, "e": [] }),
        );
        let lines = [
            "\"a/1/b\",\"x, \"\"y\"\"\nz\"",
            "\"a/2/b\",\"'=1+1\"",
            "\"d\",\"true\"",
            "\"e\",\"\"",
            "",
        ];
        assert_eq!(text, lines.join("\r\n"));
    }
}
