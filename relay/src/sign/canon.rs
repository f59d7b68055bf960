//! A message as DKIM sees it: fields, body, and their canonical forms (RFC 6376 §3.4).
//!
//! Only CRLF ends a line here; a message with bare CR or LF never gets this far.

/// One header field: its name, and what follows the colon with its last line end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'m> {
    pub(super) name: &'m [u8],
    pub(super) value: &'m [u8],
    /// The whole of it.
    pub(super) whole: &'m [u8],
}

/// Header fields from top to bottom, and the body.
#[derive(Debug)]
pub(super) struct Split<'m> {
    pub(super) fields: Vec<Field<'m>>,
    pub(super) body: &'m [u8],
}

impl Field<'_> {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.trim_ascii_end().eq_ignore_ascii_case(name.as_bytes())
    }
}

/// Splits at the first empty line. A line without a colon is in no field and not signed.
pub(super) fn split(message: &[u8]) -> Split<'_> {
    let mut fields = Vec::with_capacity(24);
    let mut at = 0;
    loop {
        let rest = message.get(at..).unwrap_or_default();
        if rest.is_empty() {
            return Split { fields, body: &[] };
        }
        if let Some(body) = rest.strip_prefix(b"\r\n") {
            return Split { fields, body };
        }
        let length = field_length(rest);
        let whole = rest.get(..length).unwrap_or_default();
        if let Some(colon) = memchr::memchr(b':', whole) {
            let (name, value) = whole.split_at_checked(colon).unwrap_or_default();
            fields.push(Field { name, value: value.get(1..).unwrap_or_default(), whole });
        }
        at += length;
    }
}

/// The length of the field at the start: lines that begin with white space belong to it.
fn field_length(text: &[u8]) -> usize {
    let mut end = 0;
    loop {
        let rest = text.get(end..).unwrap_or_default();
        let Some(feed) = memchr::memchr(b'\n', rest) else { return text.len() };
        end += feed + 1;
        if !matches!(text.get(end), Some(b' ' | b'\t')) {
            return end;
        }
    }
}

/// §3.4.2: name in lower case, value unfolded, white space as one space.
pub(super) fn field_relaxed(out: &mut Vec<u8>, field: &Field<'_>) {
    out.extend(field.name.trim_ascii_end().iter().map(u8::to_ascii_lowercase));
    out.push(b':');
    let start = out.len();
    let mut gap = false;
    for byte in field.value {
        match byte {
            b' ' | b'\t' => gap = true,
            b'\r' | b'\n' => {}
            _ => {
                if gap && out.len() > start {
                    out.push(b' ');
                }
                gap = false;
                out.push(*byte);
            }
        }
    }
    out.extend_from_slice(b"\r\n");
}

/// §3.4.4: white space in a line as one space, none at its end, no empty lines at the end.
pub(super) fn body_relaxed(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 2);
    // Where the text ends that is not white space: all lines behind it are empty ones.
    let mut text_end = 0;
    let mut rest = body;
    while !rest.is_empty() {
        let (line, behind) = match memchr::memmem::find(rest, b"\r\n") {
            Some(end) => (rest.get(..end).unwrap_or_default(), rest.get(end + 2..)),
            None => (rest, None),
        };
        line_relaxed(&mut out, line);
        if !out.ends_with(b"\r\n") && !out.is_empty() {
            text_end = out.len() + 2;
        }
        out.extend_from_slice(b"\r\n");
        rest = behind.unwrap_or_default();
    }
    out.truncate(text_end);
    out
}

fn line_relaxed(out: &mut Vec<u8>, line: &[u8]) {
    let mut rest = line;
    while let Some((b' ' | b'\t', before)) = rest.split_last() {
        rest = before;
    }
    while let Some(gap) = memchr::memchr2(b' ', b'\t', rest) {
        let (word, behind) = rest.split_at_checked(gap).unwrap_or((rest, &[]));
        out.extend_from_slice(word);
        out.push(b' ');
        let run = behind.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        rest = behind.get(run..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

/// §3.4.3: as it stands, with exactly one line end at its end.
pub(super) fn body_simple(body: &[u8]) -> Vec<u8> {
    let mut text = body;
    while let Some(before) = text.strip_suffix(b"\r\n") {
        text = before;
    }
    let mut out = Vec::with_capacity(text.len() + 2);
    out.extend_from_slice(text);
    out.extend_from_slice(b"\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_become_canonical() {
        for (body, relaxed, simple) in [
            ("", "", "\r\n"),
            ("\r\n", "", "\r\n"),
            ("\r\n\r\n", "", "\r\n"),
            (" \r\n\t\r\n", "", " \r\n\t\r\n"),
            (" C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n", " C \r\nD \t E\r\n"),
            ("a", "a\r\n", "a\r\n"),
            ("a\r\n \r\n\t \r\n", "a\r\n", "a\r\n \r\n\t \r\n"),
            ("a\r\n ", "a\r\n", "a\r\n \r\n"),
            ("\r\n\r\na\r\n", "\r\n\r\na\r\n", "\r\n\r\na\r\n"),
            ("a\rb\nc\r\n", "a\rb\nc\r\n", "a\rb\nc\r\n"),
        ] {
            assert_eq!(
                String::from_utf8(body_relaxed(body.as_bytes())).unwrap(),
                relaxed,
                "{body:?}"
            );
            assert_eq!(
                String::from_utf8(body_simple(body.as_bytes())).unwrap(),
                simple,
                "{body:?}"
            );
        }
    }

    #[test]
    fn fields_become_canonical() {
        for (field, relaxed) in [
            ("A: X\r\n", "a:X\r\n"),
            ("B : Y\t\r\n\tZ  \r\n", "b:Y Z\r\n"),
            ("C:\r\n", "c:\r\n"),
            ("D:\r\n x\r\n", "d:x\r\n"),
            ("E: x", "e:x\r\n"),
        ] {
            let split = split(field.as_bytes());
            let mut out = Vec::new();
            field_relaxed(&mut out, &split.fields[0]);
            assert_eq!(String::from_utf8(out).unwrap(), relaxed, "{field:?}");
        }
    }

    #[test]
    fn a_message_without_a_body_is_split_too() {
        for (message, fields, body) in [
            (&b"A: 1\r\nB: 2\r\n 3\r\n\r\nx\r\n"[..], 2, &b"x\r\n"[..]),
            (b"A: 1\r\n", 1, b""),
            (b"A: 1", 1, b""),
            (b"\r\nx", 0, b"x"),
            (b"", 0, b""),
        ] {
            let split = split(message);
            assert_eq!((split.fields.len(), split.body), (fields, body));
        }
    }
}
