//! What stands around every page: who is signed in, where they may go, in which language, and the
//! token that forms carry. A page's template has it as `frame`.

use std::borrow::Cow;

use jiff::{Timestamp, tz::TimeZone};

use super::style;
use crate::words::{Value, Words};

pub(super) struct Frame {
    pub words: &'static Words,
    /// The name of who is signed in all the way.
    pub who: Option<String>,
    pub nav: Vec<Group>,
    /// In each form, as `form-key`.
    pub form_key: String,
    /// What was just done.
    pub done: Option<Cow<'static, str>>,
    /// Where to come back to after another language is chosen.
    pub here: String,
    /// In which moments are written.
    pub zone: TimeZone,
}

/// Pages that belong together.
pub(super) struct Group {
    pub name: Cow<'static, str>,
    pub items: Vec<Item>,
}

pub(super) struct Item {
    pub path: &'static str,
    pub text: Cow<'static, str>,
    pub is_here: bool,
}

impl Frame {
    pub(super) fn say<'w>(&self, id: &'w str) -> Cow<'w, str> {
        self.words.say(id)
    }

    pub(super) fn with(&self, id: &str, values: &[(&'static str, Value<'_>)]) -> String {
        self.words.with(id, values)
    }

    pub(super) fn style(&self) -> &'static str {
        style::url()
    }

    /// The languages of the console, each in its own words.
    pub(super) fn languages(&self) -> impl Iterator<Item = (&'static str, Cow<'static, str>)> {
        LANGUAGES
            .iter()
            .filter_map(|lang| Words::named(lang))
            .map(|words| (words.lang, words.say("console-language")))
    }

    /// To the second, as records have it; sorted as it reads.
    pub(super) fn moment(&self, at: &Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// Begin of an hour in which something was counted.
    pub(super) fn hour(&self, at: &Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:00").to_string()
    }

    /// A number with its thousands apart.
    pub(super) fn count(&self, count: &u64) -> String {
        let digits = count.to_string();
        let mut told = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                // Narrow and never broken, as Czech has it (ČSN 01 6910); English reads it, too.
                told.push('\u{202f}');
            }
            told.push(digit);
        }
        told
    }

    /// Where there is one.
    pub(super) fn maybe_moment(&self, at: &Option<Timestamp>) -> String {
        at.as_ref().map_or_else(|| "–".to_owned(), |at| self.moment(at))
    }
}

/// What was done before a redirect: the word in the URL (`?done=`), and its text. No other is shown.
pub(super) const DONE: &[(&str, &str)] = &[
    ("saved", "console-done-saved"),
    ("password", "console-done-password"),
    ("signed-out", "console-done-signed-out"),
    ("session", "console-done-session"),
    ("sessions", "console-done-sessions"),
    ("disabled", "console-done-disabled"),
    ("enabled", "console-done-enabled"),
    ("released", "console-done-released"),
    ("rejected", "console-done-rejected"),
    ("proposed", "console-done-proposed"),
    ("declined", "console-done-declined"),
    ("again-free", "console-done-again-free"),
    ("again-held", "console-done-again-held"),
    ("again-forbidden", "console-done-again-forbidden"),
    ("bulk-begun", "console-done-bulk-begun"),
    ("bulk-cancelled", "console-done-bulk-cancelled"),
    ("already", "console-done-already"),
    ("granted", "console-done-granted"),
    ("refused", "console-done-refused"),
    ("ended", "console-done-ended"),
    ("corrected", "console-done-corrected"),
    ("informed", "console-done-informed"),
    ("closed", "console-done-closed"),
    ("imported", "console-done-imported"),
    ("importing", "console-done-importing"),
    ("suspended", "console-done-suspended"),
    ("resumed", "console-done-resumed"),
    ("draft-approved", "console-done-draft-approved"),
    ("draft-declined", "console-done-draft-declined"),
    ("draft-withdrawn", "console-done-draft-withdrawn"),
    ("draft-activated", "console-done-draft-activated"),
    ("ordered", "console-done-ordered"),
    ("order-ended", "console-done-order-ended"),
    ("confirm", "console-done-confirm"),
    ("confirmed", "console-done-confirmed"),
    ("mistake", "console-done-mistake"),
    ("wish-read", "console-done-wish-read"),
];

/// In which the console has texts.
pub(super) const LANGUAGES: [&str; 3] = ["cs", "sk", "en"];
