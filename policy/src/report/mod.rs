//! How well the class of labelled messages is found: what was taken for what, and by which signs.
//!
//! Pure: whoever calls it reads the files. A label is what a person says a message is in the law's
//! eyes; a declaration is what its sender says, and only `Souhlas-Class` in the message counts as
//! one here. Streams that declare a class do better than these figures.

mod figures;

use bytes::Bytes;
use serde::Serialize;

use crate::{Class, Place, Reading, Sign};

pub use figures::{ClassFigures, Confused, Figures};

/// One labelled message and what it was taken for.
#[derive(Clone, Debug, Serialize)]
pub struct Judged {
    /// As given to [`judge`].
    pub file: String,
    /// Two letters at the start of the file's name: `cs` of `cs_order.eml` and of `apart_cs_order.eml`.
    pub language: Option<String>,
    /// The name begins with `apart_`: kept apart, never looked at while words are chosen.
    pub apart: bool,
    pub label: Class,
    pub declared: Option<Class>,
    pub taken: Class,
    /// The heaviest first.
    pub signs: Vec<PlacedSign>,
}

/// A sign as a report shows it.
#[derive(Clone, Debug, Serialize)]
pub struct PlacedSign {
    pub name: &'static str,
    pub speaks_for: Class,
    pub weight: i32,
    pub place: Place,
    pub shown: String,
}

/// Which of the messages are counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counted {
    All,
    /// Those kept apart.
    Apart,
    /// Those that may be looked at.
    Rest,
}

/// Takes a labelled message for what its signs and its declaration say it is.
///
/// A message labelled mixed that declares nothing is judged as if declared transactional, because
/// only a declaration makes it mixed.
pub fn judge(label: Class, file: &str, bytes: Bytes) -> Judged {
    let reading = Reading::of(bytes);
    let header = reading.message.header("Souhlas-Class");
    let said = header.and_then(|header| reading.message.decoded(header).trim().parse().ok());
    let declared = said.or_else(|| (label == Class::Mixed).then_some(Class::Transactional));
    let classified = reading.classified();
    let mut signs: Vec<PlacedSign> = reading.signs().into_iter().map(PlacedSign::of).collect();
    signs.sort_by_key(|sign| std::cmp::Reverse(sign.weight));
    let name = file.rsplit('/').next().unwrap_or(file);
    let rest = name.strip_prefix(APART);
    Judged {
        file: file.to_owned(),
        language: language(rest.unwrap_or(name)),
        apart: rest.is_some(),
        label,
        declared,
        taken: classified.taken_as(declared),
        signs,
    }
}

const APART: &str = "apart_";

/// `cs` of `cs_order.eml`.
fn language(name: &str) -> Option<String> {
    let (start, _) = name.split_once('_')?;
    let letters = start.len() == 2 && start.bytes().all(|byte| byte.is_ascii_lowercase());
    letters.then(|| start.to_owned())
}

impl PlacedSign {
    fn of(sign: Sign) -> Self {
        Self {
            name: sign.name,
            speaks_for: sign.speaks_for,
            weight: sign.weight,
            place: sign.place,
            shown: sign.shown,
        }
    }
}

impl Judged {
    pub fn is_right(&self) -> bool {
        self.label == self.taken
    }

    pub fn is_in(&self, counted: Counted) -> bool {
        match counted {
            Counted::All => true,
            Counted::Apart => self.apart,
            Counted::Rest => !self.apart,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(label: Class, file: &str, text: &str) -> Judged {
        judge(label, file, Bytes::from(format!("From: a@b.cz\r\n{text}")))
    }

    #[test]
    fn the_name_says_the_language_and_whether_it_is_kept_apart() {
        for (file, language, apart) in [
            ("cs_order.eml", Some("cs"), false),
            ("greeting/apart_de_name.eml", Some("de"), true),
            ("order.eml", None, false),
            ("order_with_sale.eml", None, false),
        ] {
            let one = judged(Class::Commercial, file, "\r\n");
            assert_eq!((one.language.as_deref(), one.apart), (language, apart), "{file}");
        }
    }

    #[test]
    fn a_declaration_counts_as_it_does_on_the_way() {
        use Class::{Commercial, Mixed, Transactional};
        let sale = "Subject: Sleva 30 % jen dnes\r\n\r\nKupte!";
        let declared = format!("Souhlas-Class: transactional\r\n{sale}");
        for (label, text, taken) in [
            (Commercial, sale, Commercial),
            (Commercial, declared.as_str(), Mixed),
            (Mixed, sale, Mixed),
            (Transactional, "Souhlas-Class: transactional\r\n\r\nText", Transactional),
        ] {
            assert_eq!(judged(label, "x.eml", text).taken, taken, "{text}");
        }
    }
}
