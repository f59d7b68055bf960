//! What one reader is shown: the alternatives of a message, each with all the parts in it.
//!
//! A mail program shows the plain or the HTML branch of a multipart/alternative, never both, so
//! a duty must be kept in each. Parts outside of any alternative are shown to everybody.

use crate::{Reading, View};

/// The views that one kind of mail program shows together.
pub(crate) struct Shown<'a> {
    pub(crate) views: Vec<&'a View>,
}

/// One for each alternative; none where the message has nothing to read.
pub(crate) fn alternatives(reading: &Reading) -> Vec<Shown<'_>> {
    let chosen = |view: &View| {
        let part = reading.message.parts().get(view.part);
        part.is_some_and(|part| part.alternative.is_some())
    };
    let branch = |html: bool| {
        let any = reading.views.iter().any(|view| chosen(view) && view.html == html);
        any.then(|| Shown {
            views: reading.views.iter().filter(|view| !chosen(view) || view.html == html).collect(),
        })
    };
    let branches: Vec<Shown<'_>> = [branch(false), branch(true)].into_iter().flatten().collect();
    if !branches.is_empty() || reading.views.is_empty() {
        return branches;
    }
    vec![Shown { views: reading.views.iter().collect() }]
}

impl Shown<'_> {
    /// The id of the word for it.
    pub(crate) fn word(&self) -> &'static str {
        match (self.views.iter().any(|view| view.html), self.views.iter().any(|view| !view.html)) {
            (true, false) => "text-html",
            (false, true) => "text-plain",
            (true, true) | (false, false) => "text",
        }
    }
}
