//! Which lists, tags and purposes of another system are which of our purposes:
//! `--purpose 7=news --purpose vip= --purpose other`.

use std::collections::BTreeMap;

/// Without an entry of its own a list is what everything is; without that, nothing.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Mapping {
    everything: Option<String>,
    /// `None`: left out.
    lists: BTreeMap<String, Option<String>>,
}

/// What becomes of one list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Mapped<'a> {
    To(&'a str),
    LeftOut,
    Nothing,
}

impl Mapping {
    /// All that a file says is of one purpose.
    pub fn all(purpose: &str) -> Self {
        Self { everything: Some(purpose.to_owned()), lists: BTreeMap::new() }
    }

    /// Takes `PURPOSE`, `LIST=PURPOSE`, or `LIST=` for one to be left out. What is wrong with it.
    pub fn add(&mut self, text: &str) -> Result<(), String> {
        let twice = |was: bool| if was { Err(format!("`{text}` is there twice")) } else { Ok(()) };
        match text.rsplit_once('=') {
            None => twice(self.everything.replace(text.trim().to_owned()).is_some()),
            Some((list, _)) if list.trim().is_empty() => {
                Err(format!("`{text}` names no list: write `LIST=PURPOSE`"))
            }
            Some((list, purpose)) => {
                let purpose = Some(purpose.trim().to_owned()).filter(|id| !id.is_empty());
                twice(self.lists.insert(folded(list), purpose).is_some())
            }
        }
    }

    /// Every purpose that something is mapped to.
    pub fn purposes(&self) -> impl Iterator<Item = &str> {
        self.everything.iter().chain(self.lists.values().flatten()).map(String::as_str)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.everything.is_none() && self.lists.is_empty()
    }

    pub(super) fn everything(&self) -> Mapped<'_> {
        self.everything.as_deref().map_or(Mapped::Nothing, Mapped::To)
    }

    /// By the first of the names that is mapped.
    pub(super) fn of(&self, names: &[&str]) -> Mapped<'_> {
        self.named(names).unwrap_or_else(|| self.everything())
    }

    /// Only where it has an entry of its own.
    pub(super) fn named(&self, names: &[&str]) -> Option<Mapped<'_>> {
        let found = names.iter().find_map(|name| self.lists.get(&folded(name)))?;
        Some(found.as_deref().map_or(Mapped::LeftOut, Mapped::To))
    }

    /// The same mapping has the same text.
    pub(super) fn text(&self) -> String {
        format!("{:?} {:?}", self.everything, self.lists)
    }
}

fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_what_is_said_of_it_or_of_everything() {
        let mut mapping = Mapping::default();
        for text in ["7=news", "VIP = offers", "old=", "rest"] {
            mapping.add(text).unwrap();
        }
        for (names, expected) in [
            (&["7"][..], Mapped::To("news")),
            (&["list:7", "7"], Mapped::To("news")),
            (&["vip"], Mapped::To("offers")),
            (&["Old"], Mapped::LeftOut),
            (&["8"], Mapped::To("rest")),
        ] {
            assert_eq!(mapping.of(names), expected, "{names:?}");
        }
        assert_eq!(mapping.purposes().collect::<Vec<_>>(), ["rest", "news", "offers"]);
        assert_eq!(Mapping::default().of(&["7"]), Mapped::Nothing);
        for text in ["7=other", "another", "=news"] {
            assert!(mapping.clone().add(text).is_err(), "{text}");
        }
    }
}
