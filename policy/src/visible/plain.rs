//! The text of a text/plain part as it is shown, and the bare addresses in it.

use memchr::{memchr, memchr_iter, memrchr};

use super::{page::Page, resume::Known};
use crate::text::eight;

pub(super) fn read(text: &str) -> Page {
    read_from(text, 0, Page::with_capacity(text.len()))
}

/// [`read`] of a text whose lines go on where they end in a space that was never there (RFC 3676,
/// `delsp=yes`): addresses run on too.
pub(super) fn read_joined(text: &str) -> Page {
    let mut joined = String::with_capacity(text.len());
    // Places in the joined text from which on so many bytes have been left out.
    let mut cuts: Vec<(usize, usize)> = Vec::new();
    let mut out = 0;
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let end = line.trim_end_matches(['\r', '\n']);
        let goes_on = end.len() < line.len()
            && end.ends_with(' ')
            && end != "-- "
            && !end.starts_with('>')
            && lines.peek().is_some_and(|next| !next.starts_with('>'));
        let kept = if goes_on { end.get(..end.len() - 1).unwrap_or_default() } else { line };
        joined.push_str(kept);
        if goes_on {
            out += line.len() - kept.len();
            cuts.push((joined.len(), out));
        }
    }
    let back = |at: usize| {
        let passed = cuts.partition_point(|(from, _)| *from <= at);
        at + passed.checked_sub(1).and_then(|last| cuts.get(last)).map_or(0, |(_, out)| *out)
    };
    let mut page = read(&joined);
    page.lead_back(|range| {
        let end = range.end.checked_sub(1).map_or(range.end, |last| back(last) + 1);
        back(range.start)..end.max(back(range.start))
    });
    page
}

/// [`read`], of which the beginning may be known.
pub(super) fn read_again(text: &str, known: &Known<'_>) -> Page {
    match known.line() {
        Some((reached, at)) => read_from(text, at, known.page(&reached, text.len())),
        None => read(text),
    }
}

fn read_from(text: &str, mut at: usize, mut page: Page) -> Page {
    let bytes = text.as_bytes();
    // A run is words with single spaces between them, which are shown as they stand.
    let mut run: Option<usize> = None;
    while let Some(&byte) = bytes.get(at) {
        if !may_part(byte) {
            run.get_or_insert(at);
            at = skip(bytes, at + 1);
            continue;
        }
        if byte == b' ' && run.is_some() && bytes.get(at + 1).is_some_and(|next| !may_part(*next)) {
            at += 1;
            continue;
        }
        let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
        let here = at..at + c.len_utf8();
        at = here.end;
        if !c.is_whitespace() && !c.is_control() {
            run.get_or_insert(here.start);
            continue;
        }
        if let Some(from) = run.take() {
            words(&mut page, text, from, here.start);
        }
        if c == '\n' { page.line(here) } else { page.space(here) }
    }
    if let Some(from) = run {
        words(&mut page, text, from, text.len());
    }
    page
}

/// The next place at which a word may end, or one before it; single spaces between words are passed.
#[inline]
fn skip(bytes: &[u8], mut at: usize) -> usize {
    loop {
        let eight = eight::load(bytes, at);
        let spaces = eight::equal(eight, b' ');
        let parting = eight::below(eight, b' ' + 1)
            | eight::equal(eight, 0x7f)
            | eight::equal(eight, 0xc2)
            | eight::equal(eight & eight::all(0xfc), 0xe0);
        match eight::first(parting & !eight::apart(spaces, parting)) {
            8 => at += 8,
            length => return at + length,
        }
    }
}

/// The first byte of a white space or control character, or of some others.
#[inline]
fn may_part(byte: u8) -> bool {
    PARTING.get(usize::from(byte)).copied().unwrap_or_default()
}

/// White space outside of ASCII begins with 0xC2 and 0xE1 to 0xE3.
#[expect(clippy::indexing_slicing, reason = "runs while compiling, where a panic is an error")]
static PARTING: [bool; 256] = {
    let mut parting = [false; 256];
    let mut byte = 0;
    while byte <= b' ' as usize {
        parting[byte] = true;
        byte += 1;
    }
    parting[0x7f] = true;
    parting[0xc2] = true;
    parting[0xe1] = true;
    parting[0xe2] = true;
    parting[0xe3] = true;
    parting
};

/// Writes words with single spaces between them and finds the links in them.
fn words(page: &mut Page, text: &str, from: usize, to: usize) {
    let Some(run) = text.get(from..to) else { return };
    page.word(run, from..to);
    let begin = page.len() - run.len();
    // Nearly no word holds an address, and no address is without a colon.
    let bytes = run.as_bytes();
    let mut at = 0;
    while let Some(offset) = bytes.get(at..).and_then(|rest| memchr(b':', rest)) {
        let (before, after) = bytes.split_at_checked(at + offset).unwrap_or_default();
        let first = memrchr(b' ', before).map_or(0, |space| space + 1);
        at = memchr(b' ', after).map_or(bytes.len(), |space| before.len() + space);
        let word = run.get(first..at).unwrap_or_default();
        if let Some((start, end)) = link(word) {
            let href = word.get(start..end).unwrap_or_default().to_owned();
            let (start, end) = (first + start, first + end);
            page.bare_link(href, begin + start..begin + end, from + start..from + end);
        }
    }
}

/// What stands before the colon, and the colon with what follows it.
static SCHEMES: [(&[u8], &[u8]); 3] = [(b"https", b"://"), (b"http", b"://"), (b"mailto", b":")];

/// Where in a word a web or mail address stands that readers make a link of.
fn link(word: &str) -> Option<(usize, usize)> {
    let bytes = word.as_bytes();
    let start = memchr_iter(b':', bytes).find_map(|colon| {
        let (before, after) = bytes.split_at_checked(colon)?;
        let scheme = SCHEMES.iter().find(|(name, slashes)| {
            let begin = before.len().checked_sub(name.len());
            let written = begin.and_then(|begin| before.get(begin..));
            written.is_some_and(|written| written.eq_ignore_ascii_case(name))
                && after.starts_with(slashes)
        });
        scheme.map(|(name, _)| colon - name.len())
    })?;
    let rest = word.get(start..)?;
    let mut end = rest.find(['<', '>', '"', '\u{201c}', '\u{201d}']).unwrap_or(rest.len());
    // A full stop ends the sentence, a bracket what was opened before the address.
    while let Some(url) = rest.get(..end)
        && let Some(last) = url.chars().next_back()
    {
        let closes = |open: char, close: char| {
            last == close && url.matches(open).count() < url.matches(close).count()
        };
        let sentence = matches!(last, '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | '…');
        let tag = url.ends_with("|*");
        if (sentence && !tag) || closes('(', ')') || closes('[', ']') || closes('{', '}') {
            end -= last.len_utf8();
        } else {
            break;
        }
    }
    (end > 0).then_some((start, start + end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LinkTarget, dice::Dice};

    #[test]
    fn bare_addresses_end_where_readers_end_them() {
        for (text, href) in [
            ("see https://a.cz/x.", Some("https://a.cz/x")),
            ("<https://a.cz/x>", Some("https://a.cz/x")),
            ("(https://a.cz/x)", Some("https://a.cz/x")),
            ("https://a.cz/x_(y)", Some("https://a.cz/x_(y)")),
            ("Odhlášení:https://a.cz/x?a=b&c=d,", Some("https://a.cz/x?a=b&c=d")),
            ("HTTP://A.CZ", Some("HTTP://A.CZ")),
            ("mailto:a@b.cz", Some("mailto:a@b.cz")),
            ("[https://a.cz]", Some("https://a.cz")),
            ("https://a.cz/{{id}}", Some("https://a.cz/{{id}}")),
            ("https://a.cz/*|ID|*", Some("https://a.cz/*|ID|*")),
            ("a: b", None),
            ("www.a.cz", None),
        ] {
            let view = read(text).view(0, false, None);
            let found = view.links.first().map(|link| link.href.as_str());
            assert_eq!(found, href, "{text}");
            for link in &view.links {
                assert_eq!(&view.text[link.at.clone()], link.href);
                assert!(link.visible && link.target != LinkTarget::Nowhere);
            }
        }
    }

    #[test]
    fn joined_lines_run_on_with_their_addresses() {
        let text = "Dob \r\nrý  \r\nden\r\nhttps://a.cz/dlouhá/c \r\nesta\r\n-- \r\nJan \r\n> x";
        let view = read_joined(text).view(0, false, None);
        assert_eq!(view.text, "Dobrý den\nhttps://a.cz/dlouhá/cesta\n--\nJan\n> x");
        assert_eq!(view.links[0].href, "https://a.cz/dlouhá/cesta");
        assert_eq!(&text[view.links[0].raw.clone()], "https://a.cz/dlouhá/c \r\nesta");
        for (word, source) in [("Dob", "Dob"), ("den", "den"), ("esta", "esta"), ("Jan", "Jan")] {
            let at = view.text.find(word).unwrap();
            let raw = view.raw(&(at..at + word.len()));
            assert!(text[raw].contains(source), "{word}");
        }
    }

    #[test]
    fn spaces_collapse_and_lines_stay_apart() {
        let view = read("  Dobrý\u{a0} den,\r\n\r\n\r\n  zpráva \t x\n").view(0, false, None);
        assert_eq!(view.text, "Dobrý den,\nzpráva x");
    }

    #[test]
    fn an_address_begins_at_the_first_scheme() {
        let plainly = |word: &str| {
            let lower = word.to_ascii_lowercase();
            ["https://", "http://", "mailto:"].iter().filter_map(|s| lower.find(s)).min()
        };
        const PIECES: [&str; 11] =
            ["https", "HTTP", "s", ":", "//", "/", "mailto", "Mailto:", "a", "ž", "http://"];
        let mut dice = Dice::new();
        for _ in 0..20_000 {
            let mut word = dice.text(&PIECES, 8);
            word.push('x');
            assert_eq!(link(&word).map(|(start, _)| start), plainly(&word), "{word}");
        }
    }
}
