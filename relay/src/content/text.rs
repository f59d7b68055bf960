//! The texts of a message as a reader is shown them, with marks.

use policy::Reading;

use super::{
    finding::Found,
    mark::{self, Piece},
};

/// One text part.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Text {
    /// `1.2`
    pub part: String,
    pub media_type: String,
    /// False where its charset or transfer encoding is not known.
    pub is_readable: bool,
    pub pieces: Vec<Piece>,
    /// So many letters are not shown.
    pub cut: usize,
}

/// One for each part that a reader may be shown.
pub fn texts(reading: &Reading, found: &[Found]) -> Vec<Text> {
    let text = |view: &policy::View| {
        let part = reading.message.parts().get(view.part)?;
        let end = view.text.char_indices().nth(CHARS_MAX).map_or(view.text.len(), |(at, _)| at);
        let shown = view.text.get(..end).unwrap_or_default();
        Some(Text {
            part: part.path.clone(),
            media_type: part.media_type.clone(),
            is_readable: view.readable,
            pieces: mark::pieces(shown, &mark::in_view(reading, view, found)),
            cut: view.text.get(end..).map_or(0, |rest| rest.chars().count()),
        })
    };
    let mut all: Vec<Text> = reading.views.iter().filter_map(text).collect();
    mark::anchored(all.iter_mut().flat_map(|one| &mut one.pieces));
    all
}

/// Of one part: the longest letters that people write are a tenth of it.
const CHARS_MAX: usize = 200_000;
