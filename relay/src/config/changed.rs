//! Which sections of policy.toml differ between two texts, but for those that only say what a broken
//! rule asks for. It does not know what a section means.

use toml::{Table, Value};

/// `controller.shop`, `stream.news`, `packs.cz`: those of which the two texts say different things.
/// `[rules]` and a stream's own, and its `report-only`, are left out: what is asked for can be told
/// anew from what was found.
pub fn sections_changed(old: &str, new: &str) -> Vec<String> {
    let read = |text: &str| -> Table { text.parse().unwrap_or_default() };
    let (old, new) = (read(old), read(new));
    let mut changed = Vec::new();
    for kind in ["controller", "packs", "stream"] {
        let table = |all: &Table| -> Table {
            all.get(kind).and_then(Value::as_table).cloned().unwrap_or_default()
        };
        let (old, new) = (table(&old), table(&new));
        for name in old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))) {
            if found(&old, name) != found(&new, name) {
                changed.push(format!("{kind}.{name}"));
            }
        }
    }
    changed
}

fn found(all: &Table, name: &str) -> Option<Value> {
    let mut value = all.get(name).cloned();
    if let Some(Value::Table(table)) = &mut value {
        table.remove("report-only");
        table.remove("rules");
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_no_change_of_a_section() {
        let old = "[controller.a]\nname = \"A\"\n[stream.b]\ncontroller = \"a\"\n\
                   [packs.cz.label]\nlevel = 1\n[rules]\nlabel-missing = \"hold\"\n";
        for (new, changed) in [
            (old.replace("hold", "report"), vec![]),
            (old.replace("\"a\"\n", "\"a\"\nreport-only = true\n"), vec![]),
            (format!("{old}[stream.b.rules]\nlabel-missing = \"off\"\n"), vec![]),
            (old.replace("\"A\"", "\"B\""), vec!["controller.a"]),
            (old.replace("\"a\"\n", "\"a\"\nadult = true\n"), vec!["stream.b"]),
            (old.replace("[packs.cz.label]\nlevel = 1\n", ""), vec!["packs.cz"]),
            (format!("{old}[stream.c]\ncontroller = \"a\"\n"), vec!["stream.c"]),
        ] {
            assert_eq!(sections_changed(old, &new), changed, "{new}");
        }
    }
}
