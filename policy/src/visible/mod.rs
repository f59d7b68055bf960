//! What a reader sees of each alternative: hidden text left out, with byte ranges for evidence.
//!
//! HTML is cut into tokens here, as the standard's tokenizer does, because the cost of a general
//! rewriter (one allocation and more for each element) is several times that of the reading
//! itself; lol_html is the tests' second opinion. Not a browser: no layout, and of style sheets
//! only what plainly hides.

mod entity;
mod html;
mod page;
mod paint;
mod plain;
mod resume;
mod stack;
mod style;
mod tag;
mod target;
mod token;

use crate::{Message, PartKind, Reading, View};

pub(crate) use resume::Ending;

/// One view for each text part that a reader may be shown. A part that cannot be read has an
/// empty view: what must stand in every part does not stand in that one. `before`: a reading of
/// what may be nearly the same message.
pub(crate) fn views(message: &Message, before: Option<&Reading>) -> Vec<View> {
    let shown = message.parts().iter().enumerate().filter(|(_, part)| !part.attachment);
    let shown = shown.filter_map(|(index, part)| Some((index, part, is_html(part.kind)?)));
    shown
        .enumerate()
        .map(|(number, (index, part, is_html))| {
            let known = before.and_then(|before| resume::Known::of(before, number, message, part));
            if let Some(known) = known.as_ref().filter(|known| known.is_all()) {
                return known.moved(index);
            }
            let Some(decoded) = message.read(part) else {
                return page::Page::default().view(index, is_html, None);
            };
            let known = known.filter(|known| known.view.verbatim && decoded.is_verbatim());
            let page = match (is_html, known) {
                (true, None) => html::read(&decoded.text),
                (true, Some(known)) => html::read_again(&decoded.text, &known),
                (false, None) => plain::read(&decoded.text),
                (false, Some(known)) => plain::read_again(&decoded.text, &known),
            };
            page.view(index, is_html, Some(decoded))
        })
        .collect()
}

fn is_html(kind: PartKind) -> Option<bool> {
    match kind {
        PartKind::Text => Some(false),
        PartKind::Html => Some(true),
        PartKind::Multipart | PartKind::Nested | PartKind::Other => None,
    }
}
