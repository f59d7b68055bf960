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
mod stack;
mod style;
mod tag;
mod target;
mod token;

use crate::{Message, PartKind, View};

/// One view for each text part that a reader may be shown. A part that cannot be read has an
/// empty view: what must stand in every part does not stand in that one.
pub(crate) fn views(message: &Message) -> Vec<View> {
    let shown = |kind| match kind {
        PartKind::Text => Some(false),
        PartKind::Html => Some(true),
        PartKind::Multipart | PartKind::Nested | PartKind::Other => None,
    };
    let parts = message.parts().iter().enumerate();
    parts
        .filter(|(_, part)| !part.attachment)
        .filter_map(|(index, part)| {
            let is_html = shown(part.kind)?;
            let Some(decoded) = message.read(part) else {
                return Some(page::Page::default().view(index, is_html, None));
            };
            let page = if is_html { html::read(&decoded.text) } else { plain::read(&decoded.text) };
            Some(page.view(index, is_html, Some(decoded)))
        })
        .collect()
}
