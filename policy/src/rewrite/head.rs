//! The header of a part that is converted: its charset and its transfer encoding.

use crate::{CannotEdit, Header, Message, Part};

use super::splice::Splices;

/// Says UTF-8, and where it changes the transfer encoding, in the part's own header.
pub(super) fn convert(
    message: &Message,
    part: &Part,
    encoding: Option<&str>,
    splices: &mut Splices,
) -> Result<(), CannotEdit> {
    if part.parent.is_none() && !headers_are_safe(message) {
        return Err(CannotEdit::Malformed);
    }
    let mut missing = String::new();
    match one(part, "Content-Type")? {
        Some(header) => charset(message, header, splices),
        None => missing.push_str(&format!("Content-Type: {}; charset=utf-8\r\n", part.media_type)),
    }
    if let Some(encoding) = encoding {
        match one(part, "Content-Transfer-Encoding")? {
            Some(header) => {
                splices.value(header.value.clone(), format!(" {encoding}").into_bytes());
            }
            None => missing.push_str(&format!("Content-Transfer-Encoding: {encoding}\r\n")),
        }
    }
    if part.parent.is_none() && one(part, "MIME-Version")?.is_none() {
        missing.insert_str(0, "MIME-Version: 1.0\r\n");
    }
    let at = part.headers.last().map_or(part.head.start, |last| last.whole.end);
    splices.insert(at, missing.into_bytes());
    Ok(())
}

/// The part's own fields say what its charset is.
pub(super) fn names_charset(message: &Message, part: &Part) -> bool {
    part.headers
        .iter()
        .filter(|header| header.is("Content-Type"))
        .any(|header| parameter(message.raw(header.value.clone()), b"charset").is_some())
}

/// Readers guess the charset of raw eight-bit fields by that of the text: another text charset would
/// change what they show.
fn headers_are_safe(message: &Message) -> bool {
    message
        .headers()
        .iter()
        .all(|header| std::str::from_utf8(message.raw(header.value.clone())).is_ok())
}

/// The only field of that name. Which of two a reader believes, nobody knows.
fn one<'m>(part: &'m Part, name: &str) -> Result<Option<&'m Header>, CannotEdit> {
    let mut found = part.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
    match (found.next(), found.next()) {
        (_, Some(_)) => Err(CannotEdit::Malformed),
        (only, None) => Ok(only),
    }
}

/// Replaces the value of the charset parameter, or adds one behind the media type.
fn charset(message: &Message, header: &Header, splices: &mut Splices) {
    let raw = message.raw(header.value.clone());
    let start = header.value.start;
    if let Some((from, to)) = parameter(raw, b"charset") {
        splices.value(start + from..start + to, b"utf-8".to_vec());
        return;
    }
    let end = raw.iter().position(|byte| matches!(byte, b';' | b'(')).unwrap_or(raw.len());
    let value = raw.get(..end).unwrap_or_default().trim_ascii_end();
    let with: &[u8] =
        if value.is_empty() { b" text/plain; charset=utf-8" } else { b"; charset=utf-8" };
    let end = start + value.len();
    splices.value(end..end, with.to_vec());
}

/// Where the value of a parameter stands, its quotes included. Quoted values of others are
/// passed over.
fn parameter(raw: &[u8], name: &[u8]) -> Option<(usize, usize)> {
    let mut at = raw.iter().position(|byte| *byte == b';')? + 1;
    loop {
        let rest = raw.get(at..)?;
        let key_start =
            at + rest.iter().take_while(|b| b.is_ascii_whitespace() || **b == b';').count();
        let rest = raw.get(key_start..)?;
        let key_length = rest.iter().position(|byte| matches!(byte, b'=' | b';'))?;
        let key = rest.get(..key_length)?.trim_ascii();
        if rest.get(key_length) == Some(&b';') {
            at = key_start + key_length;
            continue;
        }
        let behind = rest.get(key_length + 1..)?;
        let gap = behind.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let from = key_start + key_length + 1 + gap;
        let to = from + value_length(raw.get(from..)?);
        if key.eq_ignore_ascii_case(name) {
            return Some((from, to));
        }
        at = to + raw.get(to..)?.iter().position(|byte| *byte == b';')?;
    }
}

fn value_length(raw: &[u8]) -> usize {
    if raw.first() != Some(&b'"') {
        return raw
            .iter()
            .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b';' | b'('))
            .unwrap_or(raw.len());
    }
    let mut escape = false;
    for (at, byte) in raw.iter().enumerate().skip(1) {
        match byte {
            _ if escape => escape = false,
            b'\\' => escape = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    raw.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_found_among_others() {
        for (raw, value) in [
            (" text/plain; charset=us-ascii", Some("us-ascii")),
            (
                " text/plain;\r\n\tformat=flowed;\r\n charset = \"iso-8859-2\" (c)",
                Some("\"iso-8859-2\""),
            ),
            (" text/plain; name=\"a; charset=x\"; CHARSET=y;", Some("y")),
            (" text/plain; flowed; charset=y", Some("y")),
            (" text/plain", None),
            (" text/plain;", None),
            (" text/plain; format=flowed", None),
        ] {
            let found =
                parameter(raw.as_bytes(), b"charset").and_then(|(from, to)| raw.get(from..to));
            assert_eq!(found, value, "{raw}");
        }
    }
}
