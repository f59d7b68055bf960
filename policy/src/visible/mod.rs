//! What a reader sees of each alternative: hidden text left out, with byte ranges for evidence.
//!
//! HTML is cut into tokens here, as the standard's tokenizer does, because the cost of a general
//! rewriter (one allocation and more for each element) is several times that of the reading
//! itself; lol_html is the tests' second opinion. Style sheets are cut by cssparser and matched here.
//! Not a browser: no layout, no scripts, nothing fetched.

mod css;
mod declare;
mod entity;
mod html;
mod media;
mod page;
mod paint;
mod plain;
mod resume;
mod run;
mod selector;
mod sheet;
mod stack;
mod style;
mod tag;
mod target;
mod token;

use crate::{Message, PartKind, Reading, View, message::Flow};

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
            if !is_html && message.flow(part) == Flow::Joined {
                let mut view =
                    plain::read_joined(&decoded.text).view(index, is_html, Some(decoded));
                // Nothing in it stands where it is shown.
                view.verbatim = false;
                return view;
            }
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

#[cfg(test)]
mod tests {
    use super::{page::Page, *};
    use crate::dice::Dice;

    const PIECES: [&str; 16] = [
        "a",
        "slovo",
        " ",
        " ",
        " ",
        "  ",
        "\n",
        "\r\n",
        "\t",
        "ž",
        "Příští",
        "\u{a0}",
        "§",
        "—",
        "日本",
        "\u{1}",
    ];

    type Read = fn(&str) -> Page;
    /// What is shown for a character that parts words.
    type Gap = fn(char) -> Option<char>;

    /// White space collapsed one character at a time.
    fn slowly(text: &str, gap: Gap) -> String {
        let (mut shown, mut open) = (String::new(), None);
        for c in text.chars() {
            match gap(c) {
                Some('\n') => open = Some('\n'),
                Some(space) => open = open.or(Some(space)),
                None => {
                    shown.extend(open.take().filter(|_| !shown.is_empty()));
                    shown.push(c);
                }
            }
        }
        shown
    }

    fn in_html(c: char) -> Option<char> {
        matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}' | '\u{a0}').then_some(' ')
    }

    fn in_text(c: char) -> Option<char> {
        let space = c.is_whitespace() || c.is_control();
        space.then_some(if c == '\n' { '\n' } else { ' ' })
    }

    #[test]
    fn what_is_passed_over_is_read_as_one_by_one() {
        let readers: [(Read, Gap); 2] = [(html::read, in_html), (plain::read, in_text)];
        let mut dice = Dice::new();
        for round in 0..6_000 {
            let (read, gap) = readers[round % 2];
            let text = dice.text(&PIECES, 40);
            let view = read(&text).view(0, false, None);
            assert_eq!(view.text, slowly(&text, gap), "{text:?}");
            for (at, from) in view.spans.iter().filter(|(at, _)| at.len() > 1) {
                let (shown, source) = (&view.text[at.clone()], &text[from.clone()]);
                let same = |(a, b): (u8, u8)| a == b || a.is_ascii_whitespace();
                assert!(shown.bytes().zip(source.bytes()).all(same), "{shown:?} {source:?}");
                assert_eq!(shown.len(), source.len());
            }
        }
    }
}
