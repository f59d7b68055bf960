//! Text between two tags of HTML, as its reader sees it: white space collapsed, character references
//! decoded.

use std::ops::Range;

use super::{entity, page::Page};
use crate::text::eight;

/// Puts such a text, which stands at `start` in the part's, on the page.
pub(super) fn put(text: &str, start: usize, page: &mut Page) {
    let bytes = text.as_bytes();
    let place = |from: usize, to: usize| start + from..start + to;
    let mut begin = 0;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if is_shown(byte) {
            at = skip(bytes, at + 1);
            continue;
        }
        // A single space between two words is shown as it stands.
        if byte == b' ' && begin < at && bytes.get(at + 1).is_some_and(|next| is_shown(*next)) {
            at += 2;
            continue;
        }
        let (space, length) = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' => (true, 1),
            b'&' => (false, 1),
            // A no-break space is a space to the reader.
            0xc2 if bytes.get(at + 1) == Some(&0xa0) => (true, 2),
            _ => {
                at += 1;
                continue;
            }
        };
        if space {
            page.word(text.get(begin..at).unwrap_or_default(), place(begin, at));
            page.space(place(at, at + length));
            at += length;
            begin = at;
            continue;
        }
        let reference = text.get(at..).and_then(|rest| entity::reference(rest, false));
        let Some((c, length)) = reference else {
            at += 1;
            continue;
        };
        page.word(text.get(begin..at).unwrap_or_default(), place(begin, at));
        shown(c, place(at, at + length), page);
        at += length;
        begin = at;
    }
    page.word(text.get(begin..).unwrap_or_default(), place(begin, bytes.len()));
}

/// A character that a reference stands for.
fn shown(c: char, source: Range<usize>, page: &mut Page) {
    if c.is_whitespace() {
        page.space(source);
    } else if !c.is_control() {
        page.word(c.encode_utf8(&mut [0; 4]), source);
    }
}

/// The next place that is not shown as it stands, or one before it; single spaces are passed.
#[inline]
fn skip(bytes: &[u8], mut at: usize) -> usize {
    loop {
        let eight = eight::load(bytes, at);
        let spaces = eight::equal(eight, b' ');
        let other =
            eight::below(eight, b' ' + 1) | eight::equal(eight, b'&') | eight::equal(eight, 0xc2);
        match eight::first(other & !eight::apart(spaces, other)) {
            8 => at += 8,
            length => return at + length,
        }
    }
}

/// Neither white space nor the beginning of what may stand for something else.
#[inline]
fn is_shown(byte: u8) -> bool {
    byte > b' ' && byte != b'&' && byte != 0xc2
}
