//! A part read again after an edit: what stands before the first changed byte is not read twice.
//!
//! Sound because a reader never looks far ahead: a text resumes behind a line feed, HTML before the
//! end tag of its body. The bytes up to there are compared, the rest is read as ever.

use std::ops::Range;

use memchr::memrchr;

use super::{
    page::{Page, Reached},
    sheet::Sheets,
    stack::Stack,
};
use crate::{Message, Part, Reading, View};

/// An HTML reader between two tokens, where the end of the body was about to be read.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    /// The place in the part's text.
    pub(super) at: usize,
    /// The last token was text, which ends only where markup follows.
    pub(super) after_text: bool,
    pub(super) stack: Stack,
    /// All of the part: none stands behind it.
    pub(super) sheets: Sheets,
    pub(super) reached: Reached,
}

/// A part's view from a reading of the message as it was.
pub(super) struct Known<'a> {
    pub(super) view: &'a View,
    /// Its body in that message, and in the new one.
    was: Range<usize>,
    is: Range<usize>,
    before: &'a [u8],
    /// So many bytes at the beginning of the two are the same.
    same: usize,
}

impl<'a> Known<'a> {
    /// The view of that number, where it is of a part that is read in the same way as this one.
    pub(super) fn of(
        before: &'a Reading,
        number: usize,
        message: &Message,
        part: &Part,
    ) -> Option<Self> {
        let view = before.views.get(number)?;
        let old = before.message.parts().get(view.part)?;
        let alike = old.kind == part.kind
            && old.encoding == part.encoding
            && old.charset == part.charset
            && before.message.flow(old) == message.flow(part)
            && view.readable;
        let bytes = before.message.raw(old.body.clone());
        alike.then(|| Self {
            view,
            was: old.body.clone(),
            is: part.body.clone(),
            before: bytes,
            same: common(bytes, message.raw(part.body.clone())),
        })
    }

    /// Nothing was changed in it.
    pub(super) fn is_all(&self) -> bool {
        self.same == self.was.len() && self.same == self.is.len()
    }

    /// The view as it would be read of the new message, where nothing was changed in it.
    pub(super) fn moved(&self, part: usize) -> View {
        let mut view = View { part, ..self.view.clone() };
        let links = view.links.iter_mut().map(|link| &mut link.raw);
        for raw in view.spans.iter_mut().map(|(_, raw)| raw).chain(links) {
            let place = |at: usize| at - self.was.start + self.is.start;
            *raw = place(raw.start)..place(raw.end);
        }
        view
    }

    /// Where the end of an HTML part begins, if nothing before it was changed.
    pub(super) fn ending(&self) -> Option<&'a Ending> {
        self.view.ending.as_deref().filter(|ending| ending.at <= self.same)
    }

    /// How far a text had been read behind the last line feed that is shown and stands before
    /// every change, and that place.
    pub(super) fn line(&self) -> Option<(Reached, usize)> {
        let view = self.view;
        let end = self.was.start + self.same;
        let count = view.spans.partition_point(|(_, raw)| raw.start < end);
        let (at, _) = view.spans.get(count.checked_sub(1)?)?;
        let mut text = view.text.as_bytes().get(..at.end)?;
        while let Some(shown) = memrchr(b'\n', text) {
            text = text.get(..shown)?;
            let raw = view.raw(&(shown..shown + 1));
            let feed = raw.start.checked_sub(self.was.start)?;
            if raw.len() == 1 && raw.end <= end && self.before.get(feed) == Some(&b'\n') {
                return Some((Reached::line(view, shown, feed), feed + 1));
            }
        }
        None
    }

    /// The page as it was at that place, with room for a text of so many bytes.
    pub(super) fn page(&self, reached: &Reached, room: usize) -> Page {
        Page::again(self.view, reached, room, self.was.start)
    }
}

/// How many bytes at the beginning of both are the same.
fn common(one: &[u8], other: &[u8]) -> usize {
    let chunks = one.chunks_exact(CHUNK).zip(other.chunks_exact(CHUNK));
    let whole = CHUNK * chunks.take_while(|(one, other)| one == other).count();
    let (one, other) = (one.get(whole..), other.get(whole..));
    let rest = one.unwrap_or_default().iter().zip(other.unwrap_or_default());
    whole + rest.take_while(|(one, other)| one == other).count()
}

const CHUNK: usize = 64;

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::dice::Dice;

    const TEXT: [&str; 15] = [
        "slovo",
        " ",
        "  ",
        "\n",
        "\r\n",
        "\n\n",
        "\u{a0}",
        "ž",
        "a:",
        "https://a.cz/b",
        "-- \n",
        "\u{1}",
        "&am",
        "p;",
        "日本",
    ];
    const HTML: [&str; 41] = [
        "slovo",
        " ",
        "\n",
        "<",
        ">",
        "</",
        "<p>",
        "</p>",
        "<body>",
        "</body>",
        "</BODY >",
        "</html>",
        "<a href=\"https://a.cz\">",
        "</a>",
        "<b>",
        "</b>",
        "<div hidden>",
        "</div>",
        "<!-- ",
        " -->",
        "--",
        "<style>",
        "</style>",
        "background",
        "<img alt=\"x\" src=y>",
        "&amp;",
        "&am",
        "p;",
        "<br",
        "<td>",
        "\"",
        "</body",
        "<table>",
        "<style>.x{display:none}</style>",
        "<style>b{color:#fff}body .y{font-size:0}</style>",
        "<p class=x>",
        "<i class='z y'>",
        "<details>",
        "<details open>",
        "<summary>",
        "</details>",
    ];
    /// An edit where edits are made: at the end, and small.
    const FOOTERS: [&str; 10] = [
        "<div>pata</div>\r\n",
        "pata",
        "\r\n<a href=\"https://b.cz\">odhlásit</a>",
        "<style>background",
        "<style>.x{display:block}p{display:none}</style>",
        "p;",
        "!-- ",
        "\r\n\r\nKavárna https://b.cz/u\r\n",
        " ",
        "<",
    ];

    fn changed(dice: &mut Dice, text: &str) -> String {
        let near = match dice.below(4) {
            0 => text.rfind("</body").or(text.rfind("</html")).unwrap_or(text.len()),
            1 => text.len(),
            2 => text.rfind('\n').map_or(0, |feed| feed + 1),
            _ => dice.below(text.len() + 1),
        };
        let at = text.floor_char_boundary(near);
        let gone = text.floor_char_boundary(at + dice.below(3)).max(at);
        let mut changed = text.to_owned();
        changed.replace_range(at..gone, dice.one(&FOOTERS));
        changed
    }

    fn mail(head: &str, encoding: &str, plain: &str, html: &str) -> Bytes {
        let part = |kind: &str, text: &str| {
            format!(
                "--b\r\nContent-Type: text/{kind}; charset=utf-8\r\n\
                 Content-Transfer-Encoding: {encoding}\r\n\r\n{text}\r\n"
            )
        };
        let (plain, html) = (part("plain", plain), part("html", html));
        let kind = "Content-Type: multipart/alternative; boundary=b";
        format!("From: a@b.cz\r\n{head}{kind}\r\n\r\n{plain}{html}--b--\r\n").into()
    }

    /// All but where it could be resumed.
    fn told(reading: &Reading) -> String {
        let mut reading = reading.clone();
        reading.views.iter_mut().for_each(|view| view.ending = None);
        format!("{reading:?}")
    }

    #[test]
    fn reading_again_is_reading() {
        let mut dice = Dice::new();
        let (mut lines, mut endings, mut whole) = (0, 0, 0);
        for round in 0..4_000 {
            let plain = dice.text(&TEXT, 30);
            let html = match dice.below(3) {
                0 => dice.text(&HTML, 40),
                _ => format!("<html><body>{}</body></html>\r\n", dice.text(&HTML, 20)),
            };
            let encoding = if dice.below(5) == 0 { "quoted-printable" } else { "8bit" };
            let before = Reading::of(mail("", encoding, &plain, &html));
            let plain = if dice.below(3) == 0 { plain } else { changed(&mut dice, &plain) };
            let html = if dice.below(3) == 0 { html } else { changed(&mut dice, &html) };
            let head = ["", "X: 1\r\n"][round % 2];
            let after = mail(head, encoding, &plain, &html);
            let again = before.again(after.clone());
            let first = Reading::of(after.clone());
            assert_eq!(told(&again), told(&first), "{round}");
            let third =
                mail(head, encoding, &changed(&mut dice, &plain), &changed(&mut dice, &html));
            assert_eq!(told(&again.again(third.clone())), told(&Reading::of(third)), "{round}");
            for (number, view) in before.views.iter().enumerate().filter(|(_, view)| view.verbatim)
            {
                let Some(part) = again.message.parts().get(number + 1) else { continue };
                let Some(known) = Known::of(&before, number, &again.message, part) else {
                    continue;
                };
                whole += usize::from(known.is_all());
                lines += usize::from(!view.html && !known.is_all() && known.line().is_some());
                endings += usize::from(view.html && !known.is_all() && known.ending().is_some());
            }
        }
        assert!(lines > 300 && endings > 300 && whole > 300, "{lines} {endings} {whole}");
    }
}
