//! The relay's merge links, `https://souhlas.invalid/...`, found and replaced (architecture 9).
//!
//! Query and fragment that a tool put behind one (campaign parameters) go with it: the relay's own
//! link takes none.

use std::ops::Range;

use crate::{LinkKind, Message};

use super::{content::Change, field, html, splice::Splices};

/// A merge link and where it stands in a text.
#[derive(Debug, Eq, PartialEq)]
struct Found {
    at: Range<usize>,
    kind: LinkKind,
}

/// The host of merge links: `.invalid` never resolves (RFC 2606 §2).
const HOST: &[u8] = b"souhlas.invalid/";

/// Changes that fill every merge link of a text in an ASCII superset.
pub(super) fn changes(
    text: &[u8],
    is_html: bool,
    link: &dyn Fn(&LinkKind) -> String,
) -> Vec<Change> {
    let mut out = Vec::new();
    for found in all(text) {
        let target = field::harmless_link(&link(&found.kind));
        let with = if is_html { html::escaped(&target) } else { target };
        out.push(Change { at: found.at, with });
    }
    out
}

/// Whether a merge link stands in it.
pub(super) fn stands_in(text: &[u8]) -> bool {
    !all(text).is_empty()
}

/// Fills the merge links in List-Unsubscribe.
pub(super) fn fill_header(
    message: &Message,
    splices: &mut Splices,
    link: &dyn Fn(&LinkKind) -> String,
) {
    for header in message.headers_named("List-Unsubscribe") {
        for change in changes(message.raw(header.value.clone()), false, link) {
            let start = header.value.start;
            splices.value(start + change.at.start..start + change.at.end, change.with.into_bytes());
        }
    }
}

fn all(text: &[u8]) -> Vec<Found> {
    let mut out: Vec<Found> = Vec::new();
    let mut from = 0;
    // The dot is rare in text, and the scheme's letters are not.
    while let Some(dot) = memchr::memchr(b'.', text.get(from..).unwrap_or_default()) {
        let dot = from + dot;
        from = dot + 1;
        let Some(host) = dot.checked_sub(7) else { continue };
        let Some(name) = text.get(host..host + HOST.len()) else { continue };
        if !name.eq_ignore_ascii_case(HOST) {
            continue;
        }
        let Some(start) = scheme_before(text, host) else { continue };
        if let Some((kind, end)) = kind_at(text, host + HOST.len()) {
            out.push(Found { at: start..end, kind });
            from = end;
        }
    }
    out
}

fn scheme_before(text: &[u8], host: usize) -> Option<usize> {
    [&b"https://"[..], b"http://"].iter().find_map(|scheme| {
        let start = host.checked_sub(scheme.len())?;
        text.get(start..host)?.eq_ignore_ascii_case(scheme).then_some(start)
    })
}

/// What the path asks for, and where the whole link ends.
fn kind_at(text: &[u8], path: usize) -> Option<(LinkKind, usize)> {
    let word = word_at(text, path);
    let mut end = path + word.len();
    let mut purpose = |make: fn(String) -> LinkKind| {
        let name = word_at(text, end + 1);
        (text.get(end) == Some(&b'/') && !name.is_empty()).then(|| {
            end += 1 + name.len();
            make(String::from_utf8_lossy(name).into_owned())
        })
    };
    let kind = match word {
        b"unsubscribe" => LinkKind::Unsubscribe,
        b"preferences" => LinkKind::Preferences,
        b"renew" => purpose(|purpose| LinkKind::Renew { purpose })?,
        b"confirm" => purpose(|purpose| LinkKind::Confirm { purpose })?,
        _ => return None,
    };
    if text.get(end) == Some(&b'/') {
        end += 1;
    }
    match text.get(end) {
        Some(b'?' | b'#') => Some((kind, end + query(text.get(end..).unwrap_or_default()))),
        // More path: not one of ours.
        Some(byte) if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'%' | b'_') => None,
        _ => Some((kind, end)),
    }
}

/// Letters, digits, `-`, `_` and inner dots: what ids of purposes are made of.
fn word_at(text: &[u8], at: usize) -> &[u8] {
    let rest = text.get(at..).unwrap_or_default();
    let length = rest
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'_' | b'.'))
        .unwrap_or(rest.len());
    let mut word = rest.get(..length).unwrap_or_default();
    while let Some((b'.' | b'-', before)) = word.split_last() {
        word = before;
    }
    word
}

/// The length of a query or fragment; stops at `;` only outside of it, and before a full stop.
fn query(rest: &[u8]) -> usize {
    let mut query = rest
        .iter()
        .position(|byte| {
            !byte.is_ascii_graphic()
                || matches!(byte, b'"' | b'\'' | b'<' | b'>' | b')' | b']' | b'`')
        })
        .map_or(rest, |end| rest.get(..end).unwrap_or_default());
    while let Some((b'.' | b',' | b':' | b'!' | b';', before)) = query.split_last() {
        query = before;
    }
    query.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merge_links_are_found_in_every_spelling() {
        let renew = |purpose: &str| LinkKind::Renew { purpose: purpose.to_owned() };
        for (text, whole, kind) in [
            (
                "a https://souhlas.invalid/unsubscribe.",
                "https://souhlas.invalid/unsubscribe",
                LinkKind::Unsubscribe,
            ),
            (
                "<HTTP://Souhlas.Invalid/unsubscribe/>",
                "HTTP://Souhlas.Invalid/unsubscribe/",
                LinkKind::Unsubscribe,
            ),
            (
                "\"https://souhlas.invalid/preferences\"",
                "https://souhlas.invalid/preferences",
                LinkKind::Preferences,
            ),
            (
                "https://souhlas.invalid/renew/news-cz, x",
                "https://souhlas.invalid/renew/news-cz",
                renew("news-cz"),
            ),
            (
                "https://souhlas.invalid/renew/a.b.",
                "https://souhlas.invalid/renew/a.b",
                renew("a.b"),
            ),
            (
                "'https://souhlas.invalid/confirm/x?utm=1&amp;b=2#c'",
                "https://souhlas.invalid/confirm/x?utm=1&amp;b=2#c",
                LinkKind::Confirm { purpose: "x".to_owned() },
            ),
        ] {
            let at = text.find(whole).unwrap();
            let found = all(text.as_bytes());
            assert_eq!(found, [Found { at: at..at + whole.len(), kind }], "{text}");
        }
    }

    #[test]
    fn others_are_left_alone() {
        for text in [
            "https://souhlas.invalid/unsubscribed",
            "https://souhlas.invalid/unsubscribe/more",
            "https://souhlas.invalid/renew/",
            "https://souhlas.invalid/",
            "https://souhlas.invalid",
            "https://nesouhlas.invalid/unsubscribe",
            "ftp://souhlas.invalid/unsubscribe",
            "souhlas.invalid/unsubscribe",
        ] {
            assert_eq!(all(text.as_bytes()), [], "{text}");
        }
    }
}
