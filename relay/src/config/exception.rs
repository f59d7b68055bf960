//! An exception written into policy.toml: one line, by which what breaks a rule in a stream's messages
//! is only noted. Whether there may be one, its callers ask; what comes of it, reading the file says.

use toml_edit::{DocumentMut, InlineTable, Item, Value, value};

/// The text with `rule = "report"` among the stream's own rules: added to them, or in the place of what
/// was set, and all else as it stands. `None` where the text cannot be read or has no such stream.
pub fn with_exception(text: &str, stream: &str, rule: &str) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    let streams = document.get_mut("stream")?.as_table_like_mut()?;
    let stream = streams.get_mut(stream)?.as_table_like_mut()?;
    // A line of the stream's own table: a table of its own would stand between what follows it and
    // the comments there.
    let none = || {
        let mut rules = InlineTable::new();
        rules.set_dotted(true);
        value(rules)
    };
    let rules = stream.entry("rules").or_insert_with(none).as_table_like_mut()?;
    match rules.get_mut(rule).and_then(Item::as_value_mut) {
        Some(set) => {
            let beside = set.decor().clone();
            *set = Value::from(REPORT);
            *set.decor_mut() = beside;
        }
        None => {
            rules.insert(rule, value(REPORT));
        }
    }
    Some(document.to_string())
}

const REPORT: &str = "report";

#[cfg(test)]
mod tests {
    use policy::{OnBroken, rules};

    use super::*;
    use crate::config::Business;

    const SHIPPED: &str = include_str!("../../../config/policy.toml");
    const RULE: &str = "label-missing";

    /// Lines that only one of the two has, in their order.
    fn changed(old: &str, new: &str) -> (Vec<String>, Vec<String>) {
        let only = |of: &str, other: &str| {
            let other: Vec<&str> = other.lines().collect();
            of.lines().filter(|line| !other.contains(line)).map(str::to_owned).collect()
        };
        (only(old, new), only(new, old))
    }

    #[test]
    fn one_line_is_added_and_every_other_one_stays_where_it_was() {
        for mapping in &Business::read("policy.toml", SHIPPED).unwrap().streams {
            let id = &mapping.stream.id;
            let new = with_exception(SHIPPED, id, RULE).unwrap();
            let line = "rules.label-missing = \"report\"";
            let at = new.lines().position(|own| own == line).unwrap();
            let mut lines: Vec<&str> = new.lines().collect();
            lines.remove(at);
            assert_eq!(lines, SHIPPED.lines().collect::<Vec<_>>(), "{id}");
            let before = lines[..at].iter().rev().find(|line| line.starts_with('[')).unwrap();
            assert_eq!(*before, format!("[stream.{id}]"));
            let business = Business::read("policy.toml", &new).unwrap();
            for other in business.streams.iter().map(|mapping| &mapping.stream) {
                let rule = rules::find(RULE).unwrap();
                let asked = business.policy.on_broken_in(other, rule);
                assert_eq!(asked == OnBroken::Report, other.id == *id, "{id} {}", other.id);
            }
        }
    }

    #[test]
    fn a_line_joins_its_table_however_that_is_written() {
        let head = "[controller.a]\nname = \"A\"\ncountry = \"CZ\"\ndomains = [\"a.cz\"]\n";
        for (own, gone, new) in [
            (
                "[stream.s]\ncontroller = \"a\"\nclass = \"transactional\"",
                "",
                "rules.label-missing = \"report\"",
            ),
            (
                "[stream.s]\ncontroller = \"a\"\nclass = \"transactional\"\n\
                 [stream.s.rules]\n# why\nrefused = \"hold\" # so\n[review]\n",
                "",
                "label-missing = \"report\"",
            ),
            (
                "[stream.s]\ncontroller = \"a\"\nclass = \"transactional\"\n\
                 rules.label-missing = 'hold' # why\n",
                "rules.label-missing = 'hold' # why",
                "rules.label-missing = \"report\" # why",
            ),
            (
                "[stream]\ns = { controller = \"a\", class = \"transactional\" }\n",
                "s = { controller = \"a\", class = \"transactional\" }",
                "s = { controller = \"a\", class = \"transactional\" , rules.label-missing = \"report\" }",
            ),
        ] {
            let old = format!("{head}{own}");
            let text = with_exception(&old, "s", RULE).unwrap();
            let business = Business::read("policy.toml", &text)
                .unwrap_or_else(|why| panic!("{text}: {why:?}"));
            let set = business.stream("s").unwrap().rules.get(RULE).copied();
            assert_eq!(set, Some(OnBroken::Report), "{text}");
            let gone: Vec<String> =
                (!gone.is_empty()).then(|| gone.to_owned()).into_iter().collect();
            assert_eq!(changed(&old, &text), (gone, vec![new.to_owned()]), "{text}");
            assert_eq!(with_exception(&text, "s", RULE), Some(text.clone()), "it is there already");
        }
    }

    #[test]
    fn where_no_stream_is_there_is_no_exception() {
        for text in
            ["", "[stream]\n", "stream = 1\n", "[stream.t]\n", "[stream.s", "[stream]\ns = 1\n"]
        {
            assert_eq!(with_exception(text, "s", RULE), None, "{text}");
        }
    }
}
