//! The text of a text/plain part as it is shown, and the bare addresses in it.

use super::page::Page;

pub(super) fn read(text: &str) -> Page {
    let mut page = Page::default();
    let mut begin: Option<usize> = None;
    for (at, c) in text.char_indices() {
        if !c.is_whitespace() && !c.is_control() {
            begin.get_or_insert(at);
            continue;
        }
        if let Some(from) = begin.take() {
            word(&mut page, text, from, at);
        }
        let here = at..at + c.len_utf8();
        if c == '\n' { page.line(here) } else { page.space(here) }
    }
    if let Some(from) = begin {
        word(&mut page, text, from, text.len());
    }
    page
}

/// Writes a word and finds the link in it.
fn word(page: &mut Page, text: &str, from: usize, to: usize) {
    let Some(word) = text.get(from..to) else { return };
    page.word(word, from..to);
    let begin = page.len() - word.len();
    let Some((start, end)) = link(word) else { return };
    let href = word.get(start..end).unwrap_or_default().to_owned();
    page.bare_link(href, begin + start..begin + end, from + start..from + end);
}

/// Where in a word a web or mail address stands that readers make a link of.
fn link(word: &str) -> Option<(usize, usize)> {
    if !word.contains(':') {
        return None;
    }
    let lower = word.to_ascii_lowercase();
    let start = ["https://", "http://", "mailto:"].iter().filter_map(|s| lower.find(s)).min()?;
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
    use crate::LinkTarget;

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
    fn spaces_collapse_and_lines_stay_apart() {
        let view = read("  Dobrý\u{a0} den,\r\n\r\n\r\n  zpráva \t x\n").view(0, false, None);
        assert_eq!(view.text, "Dobrý den,\nzpráva x");
    }
}
