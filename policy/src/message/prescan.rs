//! What HTML says of its own charset, looked for as browsers do before they read it (WHATWG HTML
//! §13.2.3.2): `<meta charset>`, `<meta http-equiv>`, or an XML declaration.
//!
//! The part's own fields outweigh it: it is asked where they say nothing.

use memchr::{memchr, memmem};

use super::charset;

/// Browsers look no further.
pub(super) const BYTES: usize = 1_024;

/// The label, if it is one that can be read.
pub(super) fn charset(html: &[u8]) -> Option<String> {
    let html = html.get(..BYTES).unwrap_or(html);
    // A byte order mark outweighs everything, and UTF-8 is told without a label.
    if html.starts_with(b"\xef\xbb\xbf") {
        return None;
    }
    if let Some(label) = html.strip_prefix(b"<?xml").and_then(of_xml) {
        return Some(label);
    }
    let mut rest = html;
    while let Some(at) = memchr(b'<', rest) {
        let tag = rest.get(at + 1..)?;
        if let Some(comment) = tag.strip_prefix(b"!--") {
            // `<!-->` is a whole one.
            let from = tag.get(1..).unwrap_or(comment);
            rest = from.get(memmem::find(from, b"-->")? + 3..)?;
            continue;
        }
        let name = tag.strip_prefix(b"/").unwrap_or(tag);
        if !name.first().is_some_and(u8::is_ascii_alphabetic) {
            rest = match tag.first() {
                Some(b'!' | b'/' | b'?') => tag.get(memchr(b'>', tag)?..)?,
                Some(_) | None => tag,
            };
            continue;
        }
        let length = name.iter().take_while(|byte| !ends_name(**byte)).count();
        let (name, attributes) = name.split_at_checked(length)?;
        let mut attributes = Attributes { rest: attributes };
        if name.eq_ignore_ascii_case(b"meta") && tag.first() != Some(&b'/') {
            if let Some(label) = of_meta(&mut attributes) {
                return Some(label);
            }
        } else {
            while attributes.next().is_some() {}
        }
        rest = attributes.rest;
    }
    None
}

fn ends_name(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>')
}

fn of_meta(attributes: &mut Attributes<'_>) -> Option<String> {
    let (mut direct, mut content, mut is_type) = (None, None, false);
    while let Some((name, value)) = attributes.next() {
        match name.as_str() {
            "charset" if direct.is_none() => direct = Some(value),
            "content" if content.is_none() => content = Some(value),
            "http-equiv" => is_type |= value.eq_ignore_ascii_case("content-type"),
            _ => {}
        }
    }
    let of_type = || if is_type { of_content(&content?) } else { None };
    readable(&direct.or_else(of_type)?)
}

/// `text/html; charset=windows-1250`.
fn of_content(content: &str) -> Option<String> {
    let mut rest = content.to_ascii_lowercase();
    loop {
        let (_, after) = rest.split_once("charset")?;
        let Some(value) = after.trim_ascii_start().strip_prefix('=') else {
            rest = after.to_owned();
            continue;
        };
        let value = value.trim_ascii_start();
        let label = match value.chars().next()? {
            quote @ ('"' | '\'') => value.get(1..)?.split_once(quote)?.0,
            _ => value.split([' ', ';', '\t', '\n', '\r', '\x0c']).next()?,
        };
        return Some(label.to_owned());
    }
}

/// `<?xml version="1.0" encoding="utf-8"?>`.
fn of_xml(declaration: &[u8]) -> Option<String> {
    let declaration = declaration.get(..memchr(b'>', declaration)?)?;
    let after = declaration.get(memmem::find(declaration, b"encoding")? + "encoding".len()..)?;
    let value = after.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (quote, value) = value.split_first().filter(|(quote, _)| matches!(quote, b'"' | b'\''))?;
    let label = value.get(..memchr(*quote, value)?)?;
    readable(&String::from_utf8_lossy(label))
}

/// Whoever can read a label in ASCII does not read UTF-16.
fn readable(label: &str) -> Option<String> {
    let label = label.trim();
    let wide = label.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("utf-16"));
    let label = if wide { "utf-8" } else { label };
    (!label.is_empty() && charset::is_known(label)).then(|| label.to_owned())
}

/// The attributes of a tag, up to and over its end.
struct Attributes<'a> {
    rest: &'a [u8],
}

impl Attributes<'_> {
    /// Name in lower case, and value.
    fn next(&mut self) -> Option<(String, String)> {
        self.skip(|byte| byte.is_ascii_whitespace() || byte == b'/');
        let (first, behind) = self.rest.split_first()?;
        if *first == b'>' {
            self.rest = behind;
            return None;
        }
        let begins_equal = usize::from(*first == b'=');
        let more = self.rest.get(begins_equal..).unwrap_or_default();
        let length = begins_equal
            + more.iter().take_while(|byte| !ends_name(**byte) && **byte != b'=').count();
        let name = self.take(length).to_ascii_lowercase();
        self.skip(|byte| byte.is_ascii_whitespace());
        let Some(value) = self.rest.strip_prefix(b"=") else { return Some((name, String::new())) };
        self.rest = value;
        self.skip(|byte| byte.is_ascii_whitespace());
        let value = match self.rest.first() {
            Some(quote @ (b'"' | b'\'')) => {
                let quote = *quote;
                self.take(1);
                let length = memchr(quote, self.rest)?;
                let value = self.take(length);
                self.take(1);
                value
            }
            Some(_) | None => {
                let ends = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'>';
                self.take(self.rest.iter().take_while(|byte| !ends(byte)).count())
            }
        };
        Some((name, value))
    }

    fn skip(&mut self, what: impl Fn(u8) -> bool) {
        let length = self.rest.iter().take_while(|byte| what(**byte)).count();
        self.rest = self.rest.get(length..).unwrap_or_default();
    }

    fn take(&mut self, length: usize) -> String {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, &[]));
        self.rest = rest;
        String::from_utf8_lossy(taken).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_label_is_found_where_browsers_find_it() {
        let late = format!("{}<meta charset=utf-8>", " ".repeat(BYTES));
        for (html, label) in [
            ("<meta charset=windows-1250>", Some("windows-1250")),
            ("<html><head>\n<META CHARSET='ISO-8859-2' /><p>", Some("ISO-8859-2")),
            (
                "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=windows-1250\">",
                Some("windows-1250"),
            ),
            (
                "<meta content='text/html; charset = \"utf-8\"' http-equiv=content-type>",
                Some("utf-8"),
            ),
            ("<meta content='text/html; charset=utf-8'>", None),
            ("<meta name=x content='a > b'><meta charset=utf-8>", Some("utf-8")),
            ("<!-- <meta charset=iso-8859-1> --><meta charset=utf-8>", Some("utf-8")),
            ("<!--><meta charset=utf-8>", Some("utf-8")),
            ("<a title='<meta charset=iso-8859-1>'><meta charset=utf-8>", Some("utf-8")),
            ("<!doctype html><meta charset=utf-8>", Some("utf-8")),
            ("</meta charset=utf-8><metal charset=utf-8>", None),
            ("<meta charset=x-nonsense><meta charset=utf-8>", Some("utf-8")),
            ("<meta charset=utf-16le>", Some("utf-8")),
            ("<?xml version='1.0' encoding='windows-1250'?><html>", Some("windows-1250")),
            ("<?xml version='1.0'?><meta charset=utf-8>", Some("utf-8")),
            ("\u{feff}<meta charset=windows-1250>", None),
            ("<meta charset='utf-8", None),
            ("<meta charset", None),
            ("a < b <", None),
            ("<!-- <meta charset=utf-8>", None),
            (late.as_str(), None),
            ("", None),
        ] {
            assert_eq!(charset(html.as_bytes()).as_deref(), label, "{html}");
        }
    }

    #[test]
    fn every_beginning_ends() {
        let html = b"<?xml encoding='x'?><!--><!-- a --><p a=\"b\" =c><META charset = 'u' content=charset>";
        for end in 0..=html.len() {
            assert_eq!(charset(&html[..end]), None);
        }
    }
}
