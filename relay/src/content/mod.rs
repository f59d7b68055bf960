//! What stands in a message, for staff to look at: as it is read, as text, as bytes, before and after
//! its edits, with the places that rules found.
//!
//! Nothing of it is served as it came: HTML is cleaned, bytes become text, attachments are named and
//! never given out. What a verdict found is read from the journal; nothing is decided here.

mod attachment;
mod clean;
mod diff;
mod finding;
mod mark;
mod source;
mod text;

use policy::{Message, Part, PartKind, Reading};

pub use attachment::{Attachment, attachments};
pub use clean::{Labels, TooMuch};
pub use diff::{Change, Diff, Hunk, Of, Row, What, changes, diff};
pub use finding::{Found, Place, Spot, found};
pub use mark::Piece;
pub use source::{Field, Line, fields, source};
pub use text::{Text, texts};

/// The HTML parts of a message, cleaned: the part's number, and what a browser may show.
pub fn rendered(
    reading: &Reading,
    found: &[Found],
    labels: &Labels<'_>,
) -> Vec<(String, Result<String, TooMuch>)> {
    let views = reading.views.iter().filter(|view| view.html && view.readable);
    let part = |at: usize| reading.message.parts().get(at);
    views
        .filter_map(|view| {
            let part = part(view.part)?;
            let html = reading.message.text(part)?;
            let marks = mark::in_html(reading, view, part, found);
            Some((part.path.clone(), clean::clean(&html, &marks, labels)))
        })
        .collect()
}

/// Whether there is HTML to show.
pub fn has_html(reading: &Reading) -> bool {
    reading.views.iter().any(|view| view.html && view.readable)
}

/// A part whose bytes are nobody's to see here: a file, or anything that is no text.
fn is_closed(part: &Part) -> bool {
    match part.kind {
        PartKind::Text | PartKind::Html => part.attachment,
        PartKind::Multipart => false,
        PartKind::Nested | PartKind::Other => true,
    }
}

/// The field or the part that a place names, where the message has it.
fn path_of(message: &Message, index: usize) -> &str {
    message.parts().get(index).map_or("", |part| part.path.as_str())
}
