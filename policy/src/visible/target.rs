//! What kind of thing a link leads to, and merge tags that nobody replaced.

use std::ops::Range;

use memchr::memchr3;

use crate::{LinkTarget, text::percent};

/// Sorts a link's target, character references already decoded.
pub(super) fn target(href: &str) -> LinkTarget {
    let plain = cleaned(href);
    let plain = plain.as_str();
    if plain.is_empty() || plain.starts_with('#') {
        return LinkTarget::Nowhere;
    }
    if merge_tag(plain).is_some() || is_wrapped_tag(plain) {
        return LinkTarget::Unexpanded;
    }
    let Some((scheme, rest)) = plain.split_once(':') else { return LinkTarget::Other };
    match scheme.to_ascii_lowercase().as_str() {
        "https" if has_host(rest) => LinkTarget::Https(plain.to_owned()),
        "http" if has_host(rest) => LinkTarget::Http(plain.to_owned()),
        "mailto" => {
            let address = rest.split(['?', '#']).next().unwrap_or_default();
            LinkTarget::Mailto(percent::decoded(address.trim()))
        }
        _ => LinkTarget::Other,
    }
}

/// Without what browsers drop: white space around, line ends and tabs inside (WHATWG URL §4.4).
fn cleaned(href: &str) -> String {
    let trimmed = href.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    if memchr3(b'\t', b'\n', b'\r', trimmed.as_bytes()).is_none() {
        return trimmed.to_owned();
    }
    trimmed.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect()
}

fn has_host(rest: &str) -> bool {
    let host = rest.trim_start_matches(['/', '\\']);
    // Browsers forgive a missing or turned slash; other readers do not, so both must stand there.
    rest.starts_with("//") && host.starts_with(|c: char| c.is_alphanumeric() || c == '[')
}

/// The first merge tag of a text: `{{x}}`, `{%x%}`, `{$x}`, `${x}`, `*|x|*`, `%%x%%`, `[[x]]`,
/// `<%x%>`, and the first as browsers and tools percent-encode it.
pub(crate) fn merge_tag(text: &str) -> Option<Range<usize>> {
    // Every tag has one of these signs, and nearly no target does.
    if !text.bytes().any(|byte| matches!(byte, b'{' | b'|' | b'%' | b'[')) {
        return None;
    }
    TAGS.iter()
        .filter_map(|(open, close)| wrapped(text, open, close))
        .min_by_key(|range| range.start)
}

static TAGS: [(&str, &str); 9] = [
    ("{{", "}}"),
    ("{%", "%}"),
    ("{$", "}"),
    ("${", "}"),
    ("*|", "|*"),
    ("%%", "%%"),
    ("[[", "]]"),
    ("<%", "%>"),
    ("%7B%7B", "%7D%7D"),
];

/// Bytes between the two signs of one tag.
const TAG_BYTES_MAX: usize = 120;

fn wrapped(text: &str, open: &str, close: &str) -> Option<Range<usize>> {
    text.match_indices(open).find_map(|(at, _)| {
        let begin = at + open.len();
        let end = begin + text.get(begin..)?.find(close)?;
        let name = text.get(begin..end)?.trim();
        let sound = !name.is_empty()
            && name.len() <= TAG_BYTES_MAX
            && !name.contains('\n')
            && name.chars().any(char::is_alphabetic);
        sound.then_some(at..end + close.len())
    })
}

/// The whole target is one tag of a tool that writes them with single signs: `{unsubscribe}`,
/// `[unsubscribe]`, `%unsubscribe_url%`.
fn is_wrapped_tag(href: &str) -> bool {
    [('{', '}'), ('[', ']'), ('%', '%')].iter().any(|(open, close)| {
        href.strip_prefix(*open).and_then(|rest| rest.strip_suffix(*close)).is_some_and(|name| {
            !name.is_empty()
                && name
                    .chars()
                    .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | ' '))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_sorted() {
        let https = |text: &str| LinkTarget::Https(text.to_owned());
        let mailto = |text: &str| LinkTarget::Mailto(text.to_owned());
        for (href, expected) in [
            ("https://a.cz/x", https("https://a.cz/x")),
            (" HTTPS://a.cz \n", https("HTTPS://a.cz")),
            ("ht\ntps://a.cz", https("https://a.cz")),
            ("http://a.cz", LinkTarget::Http("http://a.cz".to_owned())),
            ("mailto:a@b.cz?subject=x", mailto("a@b.cz")),
            ("MAILTO:a%40b.cz", mailto("a@b.cz")),
            ("mailto:", mailto("")),
            ("mailto:?subject=x", mailto("")),
            ("", LinkTarget::Nowhere),
            ("#", LinkTarget::Nowhere),
            ("#top", LinkTarget::Nowhere),
            ("{{unsubscribe}}", LinkTarget::Unexpanded),
            ("https://a.cz/{{ id }}", LinkTarget::Unexpanded),
            ("https://a.cz/%7B%7Bid%7D%7D", LinkTarget::Unexpanded),
            ("*|UNSUB|*", LinkTarget::Unexpanded),
            ("%%unsubscribe%%", LinkTarget::Unexpanded),
            ("{$unsubscribe}", LinkTarget::Unexpanded),
            ("[[unsubscribe]]", LinkTarget::Unexpanded),
            ("<%unsub%>", LinkTarget::Unexpanded),
            ("${unsub}", LinkTarget::Unexpanded),
            ("{unsubscribe}", LinkTarget::Unexpanded),
            ("[unsubscribe]", LinkTarget::Unexpanded),
            ("%unsubscribe_url%", LinkTarget::Unexpanded),
            ("https://a.cz/?q=100%25&x=%C5%99", https("https://a.cz/?q=100%25&x=%C5%99")),
            ("https://", LinkTarget::Other),
            ("https:a.cz", LinkTarget::Other),
            ("//a.cz", LinkTarget::Other),
            ("www.a.cz", LinkTarget::Other),
            ("javascript:x()", LinkTarget::Other),
            ("tel:+420", LinkTarget::Other),
        ] {
            assert_eq!(target(href), expected, "{href:?}");
        }
    }
}
