//! The names by which people say which way what waits is to go: those of routes, and two words.

use std::collections::BTreeSet;

use super::{Delivery, document::Section};

/// Names `[delivery.otherwise]`.
pub const OTHERWISE: &str = "otherwise";
/// Names no route: relay.toml chooses.
pub const CHOSEN: &str = "default";

impl Delivery {
    /// All that may be named, in the order of relay.toml.
    pub fn ways(&self) -> impl Iterator<Item = &str> {
        self.routes.iter().map(|route| route.name.as_str()).chain([OTHERWISE, CHOSEN])
    }

    /// The route that a word names; `None`: the one that relay.toml chooses.
    ///
    /// # Errors
    ///
    /// What may be named.
    pub fn way(&self, word: &str) -> Result<Option<String>, String> {
        let known: Vec<&str> = self.ways().collect();
        if !known.contains(&word) {
            let all = known.join("`, `");
            return Err(format!("relay.toml has no route `{word}`: it is one of `{all}`"));
        }
        Ok((word != CHOSEN).then(|| word.to_owned()))
    }

    /// Each route has a name of its own.
    pub(super) fn check_names(&self, section: &Section<'_, '_>) {
        let mut seen = BTreeSet::from([OTHERWISE, CHOSEN]);
        for route in self.routes.iter().filter(|route| !route.name.is_empty()) {
            let name = route.name.as_str();
            if [OTHERWISE, CHOSEN].contains(&name) {
                let why = format!("`{name}` is no name of a route: `souhlas queue rebind` has it");
                section.complain("route", why);
            } else if !seen.insert(name) {
                let why = format!("`{name}` is there twice: each needs a name of its own");
                section.complain("route", why);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    fn read(names: &[&str]) -> Result<Config, Vec<String>> {
        let mut text = "[[listener]]\nname = \"a\"\nplaintext-auth = true\n".to_owned();
        for name in names {
            text.push_str(&format!("[[delivery.route]]\nname = \"{name}\"\n"));
        }
        let found = Config::read("relay.toml", &text);
        found.map_err(|complaints| complaints.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn an_order_names_a_route_or_one_of_two_words() {
        let delivery = read(&["a", "b"]).unwrap().delivery;
        for (word, route) in [("b", Some("b")), ("otherwise", Some("otherwise")), ("default", None)]
        {
            assert_eq!(delivery.way(word).unwrap().as_deref(), route, "{word}");
        }
        let fault = delivery.way("mx.elsewhere.cz").unwrap_err();
        assert!(fault.ends_with("it is one of `a`, `b`, `otherwise`, `default`"), "{fault}");
    }

    #[test]
    fn a_name_is_one_routes_own() {
        for (names, part) in
            [(["a", "a"], "`a` is there twice"), (["a", "default"], "`default` is")]
        {
            let faults = read(&names).unwrap_err();
            assert!(faults.len() == 1 && faults[0].contains(part), "{faults:?}");
        }
    }
}
