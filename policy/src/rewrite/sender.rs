//! The label before the display name of From: `"[OS] Obchod" <info@obchod.cz>`.
//!
//! Where there is no display name, the address's domain stands for it. The address itself is
//! never touched.

use crate::Message;

use super::{CannotEdit, field, splice::Splices, word};

/// Where the parts of the one mailbox in a From field stand, as offsets into its value.
#[derive(Debug, Default, Eq, PartialEq)]
struct Shape {
    angle: Option<usize>,
    /// Ends before the first comment or at the value's end.
    address_end: usize,
}

pub(super) fn label(
    message: &Message,
    splices: &mut Splices,
    label: &str,
) -> Result<(), CannotEdit> {
    let label = field::harmless(label);
    let mut fields = message.headers_named("From");
    let (Some(header), None) = (fields.next(), fields.next()) else {
        return Err(CannotEdit::Senders);
    };
    let [mailbox] = message.senders() else { return Err(CannotEdit::Senders) };
    let raw = message.raw(header.value.clone());
    let shape = shape(raw).ok_or(CannotEdit::Senders)?;
    if mailbox.name.starts_with(&label) && shape.angle.is_some() {
        return Ok(());
    }
    let lead = raw.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let domain = mailbox.address.rsplit_once('@').map_or("", |(_, domain)| domain);
    // A name in a comment, `info@obchod.cz (Obchod)`, is a name to readers.
    let own = if mailbox.name.is_empty() { domain } else { &mailbox.name };
    let start = header.value.start + lead;
    let Some(angle) = shape.angle else {
        let address = raw.get(lead..shape.address_end).unwrap_or_default().trim_ascii();
        let mut with = named(&label, own, raw);
        with.extend_from_slice(b" <");
        with.extend_from_slice(address);
        with.push(b'>');
        splices.value(start..header.value.start + raw.trim_ascii_end().len(), with);
        return Ok(());
    };
    let phrase = raw.get(lead..angle).unwrap_or_default().trim_ascii_end();
    if phrase.is_empty() {
        let mut with = named(&label, own, raw);
        with.push(b' ');
        splices.value(start..start, with);
        return Ok(());
    }
    label_phrase(splices, start, phrase, &label, field::is_raw_utf8(raw));
    Ok(())
}

/// Puts the label into a display name: inside its quotes, as one more encoded word, or round
/// plain words, which become quoted because `[` may not stand among them.
fn label_phrase(splices: &mut Splices, start: usize, phrase: &[u8], label: &str, utf8: bool) {
    let raw_allowed = label.is_ascii() || utf8;
    let end = start + phrase.len();
    if phrase.starts_with(b"=?") {
        let with = format!("{} ", word::encode(&format!("{label} ")));
        splices.value(start..start, with.into_bytes());
    } else if !raw_allowed {
        let with = format!("{} ", word::encode(label));
        splices.value(start..start, with.into_bytes());
    } else if phrase.starts_with(b"\"") {
        splices.value(start + 1..start + 1, format!("{} ", escaped(label)).into_bytes());
    } else if phrase.contains(&b'"') || phrase.contains(&b'(') || find(phrase, b"=?") {
        splices.value(start..start, format!("\"{}\" ", escaped(label)).into_bytes());
    } else {
        splices.value(start..start, format!("\"{} ", escaped(label)).into_bytes());
        splices.value(end..end, b"\"".to_vec());
    }
}

/// A display name made of the label and a name.
fn named(label: &str, own: &str, raw: &[u8]) -> Vec<u8> {
    let name = format!("{label} {}", field::harmless(own));
    if name.is_ascii() || field::is_raw_utf8(raw) {
        format!("\"{}\"", escaped(&name)).into_bytes()
    } else {
        word::encode(&name).into_bytes()
    }
}

/// For inside quotes (RFC 5322 §3.2.4).
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

fn find(text: &[u8], what: &[u8]) -> bool {
    memchr::memmem::find(text, what).is_some()
}

/// Reads the field's value (RFC 5322 §3.4); `None` for a group, a list, or what is unbalanced.
fn shape(raw: &[u8]) -> Option<Shape> {
    let mut shape = Shape { angle: None, address_end: raw.len() };
    let (mut quoted, mut depth, mut in_angle, mut escape) = (false, 0_usize, false, false);
    for (at, byte) in raw.iter().enumerate() {
        if escape {
            escape = false;
            continue;
        }
        match byte {
            b'\\' if quoted || depth > 0 => escape = true,
            b'"' if depth == 0 => quoted = !quoted,
            _ if quoted => {}
            b'(' => {
                if depth == 0 && shape.angle.is_none() {
                    shape.address_end = shape.address_end.min(at);
                }
                depth += 1;
            }
            b')' => depth = depth.checked_sub(1)?,
            _ if depth > 0 => {}
            b'<' if shape.angle.is_none() => {
                shape.angle = Some(at);
                in_angle = true;
            }
            b'<' => return None,
            b'>' if in_angle => in_angle = false,
            b'>' => return None,
            b',' | b';' | b':' if !in_angle => return None,
            _ => {}
        }
    }
    (!quoted && depth == 0 && !in_angle).then_some(shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mailbox_is_told_from_lists_and_groups() {
        for (raw, angle) in [
            (&b" a@b.cz"[..], Some(None)),
            (b" <a@b.cz>", Some(Some(1))),
            (b" \"x, y: <z>\" <a@b.cz>", Some(Some(13))),
            (b" x (c, <d>) <a@b.cz>", Some(Some(12))),
            (b" a@b.cz, c@d.cz", None),
            (b" Team: a@b.cz;", None),
            (b" \"open <a@b.cz>", None),
            (b" x <a@b.cz", None),
            (b" <a@b.cz> <c@d.cz>", None),
        ] {
            assert_eq!(shape(raw).map(|shape| shape.angle), angle, "{:?}", raw.escape_ascii());
        }
    }
}
