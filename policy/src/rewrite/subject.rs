//! The label before the subject's text: `Re: [OS] Sleva`.
//!
//! Encoded words, tags and folding stay as they are; only the label is put in. A subject whose
//! reply prefix hides inside an encoded word is the one exception: it is written anew.

use crate::{Header, Message, reply};

use super::{field, splice::Splices, word};

/// Labels every Subject field; adds one where there is none.
pub(super) fn label(message: &Message, splices: &mut Splices, label: &str) {
    let label = field::harmless(label);
    let mut found = false;
    for header in message.headers_named("Subject") {
        found = true;
        let decoded = message.decoded(header);
        if !is_labelled(&decoded, &label) {
            label_one(message, splices, header, &decoded, &label);
        }
    }
    if !found {
        let value = if label.is_ascii() { label } else { word::encode(&label) };
        field::add(message, splices, "Subject", &value);
    }
}

fn label_one(
    message: &Message,
    splices: &mut Splices,
    header: &Header,
    decoded: &str,
    label: &str,
) {
    let raw = message.raw(header.value.clone());
    let (length, prefixes) = reply::prefixes(raw);
    let (decoded_length, decoded_prefixes) = reply::prefixes(decoded.as_bytes());
    let rest = raw.get(length..).unwrap_or_default();
    if decoded_prefixes > prefixes && rest.starts_with(b"=?") {
        let prefix = decoded.get(..decoded_length).unwrap_or_default();
        let text = decoded.get(decoded_length..).unwrap_or_default();
        let value = format!(" {prefix}{}", word::encode(&format!("{label} {text}")));
        splices.value(header.value.clone(), value.into_bytes());
        return;
    }
    let at = header.value.start + length;
    let mut with = Vec::new();
    if !raw.get(..length).unwrap_or_default().ends_with(b" ") {
        with.push(b' ');
    }
    if label.is_ascii() || field::is_raw_utf8(raw) {
        with.extend_from_slice(label.as_bytes());
    } else if rest.starts_with(b"=?") {
        // White space between two encoded words is not shown, so the space is in the word.
        with.extend_from_slice(word::encode(&format!("{label} ")).as_bytes());
    } else {
        with.extend_from_slice(word::encode(label).as_bytes());
    }
    if !rest.is_empty() {
        let (_, line) = field::line_around(message, header, at);
        let fits = line + with.len() < field::LINE_CHARS;
        with.extend_from_slice(if fits { b" " } else { b"\r\n " });
    }
    splices.value(at..at, with);
}

/// The label stands at the start, behind reply prefixes and other tags in brackets.
fn is_labelled(subject: &str, label: &str) -> bool {
    let (length, _) = reply::prefixes(subject.as_bytes());
    let mut rest = subject.get(length..).unwrap_or_default();
    loop {
        if rest.starts_with(label) {
            return true;
        }
        let Some((_, behind)) = rest.strip_prefix('[').and_then(|tag| tag.split_once(']')) else {
            return false;
        };
        rest = behind.trim_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_among_tags_counts() {
        for (subject, labelled) in [
            ("[OS] Sleva", true),
            ("Re: [OS] Sleva", true),
            ("[shop] [OS] Sleva", true),
            ("[shop][OS]", true),
            ("Sleva [OS]", false),
            ("[shop] Sleva [OS]", false),
            ("[OS", false),
        ] {
            assert_eq!(is_labelled(subject, "[OS]"), labelled, "{subject}");
        }
    }
}
