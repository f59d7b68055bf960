//! Marks in texts: a place in the message's bytes becomes one in what is shown.

use std::{borrow::Cow, ops::Range};

use policy::{Part, Reading, View};

use super::finding::{Found, Place, Spot};

/// A piece of a text, marked or not.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Piece {
    pub text: String,
    /// The number of the spot that stands here.
    pub mark: Option<usize>,
    /// It is the spot's first piece: its anchor.
    pub is_first: bool,
}

/// A place and the number of its spot.
pub(super) type Mark = (Range<usize>, usize);

/// Where the spots of a view's part came to in its visible text.
pub(super) fn in_view(reading: &Reading, view: &View, found: &[Found]) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for (number, text, _) in shown(reading, view, found) {
        match marks.last_mut() {
            Some((last, same)) if *same == number && last.end == text.start => last.end = text.end,
            Some(_) | None => marks.push((text, number)),
        }
    }
    marks
}

/// Where they came to in the part's HTML: only in what a reader is shown of it.
pub(super) fn in_html(reading: &Reading, view: &View, part: &Part, found: &[Found]) -> Vec<Mark> {
    let shown: Vec<Shown> = shown(reading, view, found).take(PIECES_MAX).collect();
    let raw: Vec<Range<usize>> = shown.iter().map(|(_, _, raw)| raw.clone()).collect();
    let places = reading.message.within(part, &raw);
    let marks = shown.iter().zip(places).map(|((number, ..), place)| (place, *number));
    marks.filter(|(place, _)| !place.is_empty()).collect()
}

/// Number, place in the visible text, place in the message's bytes.
type Shown = (usize, Range<usize>, Range<usize>);

/// Of its own part's spots, and of the other's whose words stand in it as well: a rule names one of two
/// texts that say the same.
fn shown<'v>(
    reading: &'v Reading,
    view: &'v View,
    found: &'v [Found],
) -> impl Iterator<Item = Shown> + 'v {
    let path = super::path_of(&reading.message, view.part);
    Found::spots(found).flat_map(move |spot| match &spot.place {
        Place::Part(own) if own == path => of_bytes(view, spot),
        Place::Part(_) => of_words(view, spot),
        Place::Header(_) => Vec::new(),
    })
}

fn of_bytes(view: &View, spot: &Spot) -> Vec<Shown> {
    let wanted = &spot.range;
    let first = view.spans.partition_point(|(_, raw)| raw.end <= wanted.start);
    let behind = view.spans.get(first..).unwrap_or_default().iter();
    let touched = behind.take_while(|(_, raw)| raw.start < wanted.end);
    let cut = touched.map(|(text, raw)| {
        if text.len() != raw.len() {
            return (spot.number, text.clone(), raw.clone());
        }
        let (start, end) = (raw.start.max(wanted.start), raw.end.min(wanted.end));
        let at = |place: usize| text.start + place - raw.start;
        (spot.number, at(start)..at(end), start..end)
    });
    cut.collect()
}

fn of_words(view: &View, spot: &Spot) -> Vec<Shown> {
    if spot.says.chars().count() < WORDS_MIN {
        return Vec::new();
    }
    let Some(start) = view.text.find(&spot.says) else { return Vec::new() };
    let end = start + spot.says.len();
    let first = view.spans.partition_point(|(text, _)| text.end <= start);
    let behind = view.spans.get(first..).unwrap_or_default().iter();
    let touched = behind.take_while(|(text, _)| text.start < end);
    let cut = touched.map(|(text, raw)| {
        if text.len() != raw.len() {
            return (spot.number, text.clone(), raw.clone());
        }
        let own = text.start.max(start)..text.end.min(end);
        let at = |place: usize| raw.start + place - text.start;
        (spot.number, own.clone(), at(own.start)..at(own.end))
    });
    cut.collect()
}

/// Cuts a text where it is marked. Where marks meet, the first one counts.
pub(super) fn pieces(text: &str, marks: &[Mark]) -> Vec<Piece> {
    cut(text.len(), marks, |at| {
        let (start, end) = (text.floor_char_boundary(at.start), text.floor_char_boundary(at.end));
        plain(text.get(start..end).unwrap_or_default())
    })
}

/// The same for bytes that may be no text.
pub(super) fn pieces_of_bytes(bytes: &[u8], marks: &[Mark]) -> Vec<Piece> {
    cut(bytes.len(), marks, |at| plain(&String::from_utf8_lossy(bytes.get(at).unwrap_or_default())))
}

fn cut(length: usize, marks: &[Mark], text: impl Fn(Range<usize>) -> String) -> Vec<Piece> {
    let mut marks: Vec<&Mark> = marks.iter().collect();
    marks.sort_by_key(|(at, number)| (at.start, *number));
    let (mut pieces, mut reached) = (Vec::new(), 0);
    let mut put = |at: Range<usize>, mark: Option<usize>| {
        let text = text(at);
        if !text.is_empty() {
            pieces.push(Piece { text, mark, is_first: false });
        }
    };
    for (at, number) in marks {
        let (start, end) = (at.start.max(reached), at.end.min(length));
        if start < end {
            put(reached..start, None);
            put(start..end, Some(*number));
            reached = end;
        }
    }
    if reached < length {
        put(reached..length, None);
    }
    pieces
}

/// Of texts that are shown together: the first piece of each spot is its anchor.
pub(super) fn anchored<'p>(pieces: impl Iterator<Item = &'p mut Piece>) {
    let mut seen = Vec::new();
    for piece in pieces {
        if let Some(number) = piece.mark
            && !seen.contains(&number)
        {
            piece.is_first = true;
            seen.push(number);
        }
    }
}

/// What cannot be seen, or turns around what stands beside it, by its name.
pub(super) fn plain(text: &str) -> String {
    let is_odd = |c: char| (c.is_control() && c != '\n' && c != '\t') || turns(c);
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        let named = match c {
            '\r' => Cow::Borrowed(""),
            c if !is_odd(c) => {
                shown.push(c);
                continue;
            }
            '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c))
                .map_or(Cow::Borrowed("\u{fffd}"), |picture| Cow::Owned(picture.to_string())),
            c => Cow::Owned(format!("⟨U+{:04X}⟩", u32::from(c))),
        };
        shown.push_str(&named);
    }
    shown
}

/// The marks of Unicode for the direction of writing.
fn turns(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Of HTML; a place in all of a long text has as many.
const PIECES_MAX: usize = 2_000;
/// Shorter ones stand anywhere.
const WORDS_MIN: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn told(pieces: &[Piece]) -> String {
        let one = |piece: &Piece| match piece.mark {
            Some(number) => format!("[{number}:{}]", piece.text),
            None => piece.text.clone(),
        };
        pieces.iter().map(one).collect()
    }

    #[test]
    fn a_text_is_cut_where_it_is_marked() {
        for (marks, is) in [
            (vec![], "Sleva na kávu"),
            (vec![(0..5, 1)], "[1:Sleva] na kávu"),
            (vec![(9..99, 2), (0..5, 1)], "[1:Sleva] na [2:kávu]"),
            (vec![(0..8, 1), (6..14, 2)], "[1:Sleva na][2: kávu]"),
            (vec![(3..3, 1)], "Sleva na kávu"),
            (vec![(50..60, 1)], "Sleva na kávu"),
        ] {
            assert_eq!(told(&pieces("Sleva na kávu", &marks)), is, "{marks:?}");
        }
        assert_eq!(told(&pieces_of_bytes(b"a\xe1b", &[(1..2, 1)])), "a[1:\u{fffd}]b");
    }

    #[test]
    fn what_cannot_be_seen_is_named() {
        assert_eq!(plain("a\0b\x1bc\u{202e}d\r\n"), "a␀b␛c⟨U+202E⟩d\n");
    }
}
