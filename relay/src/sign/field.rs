//! Which fields are signed, and the DKIM-Signature field itself (RFC 6376 §3.5, §5.4).

use jiff::Timestamp;

use super::{
    canon::{self, Field},
    keys::Key,
};

/// Signed once more than they occur: nobody can add another unnoticed (RFC 6376 §8.15). RFC 8058 §4
/// asks for the two that make one-click work, RFC 9477 §3.1.1 for where complaints are sent; a
/// Feedback-ID says whom they count against.
const SEALED: [&str; 14] = [
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Reply-To",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Feedback-ID",
    "CFBL-Address",
    "CFBL-Feedback-ID",
];

/// Signed as often as they occur. Not Sender, Return-Path and trace fields: those change on the way.
const PRESENT: [&str; 7] = [
    "Message-ID",
    "In-Reply-To",
    "References",
    "List-Id",
    "Auto-Submitted",
    "TLS-Report-Domain",
    "TLS-Report-Submitter",
];

/// Lines of the field are at most this long.
const LINE_CHARS: usize = 76;

/// The fields that a signature covers: their names in the order of `h=`, and their canonical forms.
#[derive(Debug)]
pub(super) struct Signed {
    names: Vec<&'static str>,
    canonical: Vec<u8>,
}

/// Chooses the fields; `None` where there is no From.
pub(super) fn signed(fields: &[Field<'_>]) -> Option<Signed> {
    let mut signed = Signed { names: Vec::with_capacity(24), canonical: Vec::with_capacity(1024) };
    for (names, once_more) in [(&SEALED[..], true), (&PRESENT[..], false)] {
        for name in names {
            signed.add(fields, name);
            if once_more {
                signed.names.push(name);
            }
        }
    }
    fields.iter().any(|field| field.is("From")).then_some(signed)
}

impl Signed {
    /// All fields of that name: several are signed from the bottom up (§5.4.2).
    pub(super) fn add(&mut self, fields: &[Field<'_>], name: &'static str) {
        for field in fields.iter().rev().filter(|field| field.is(name)) {
            canon::field_relaxed(&mut self.canonical, field);
            self.names.push(name);
        }
    }
}

/// The whole field with its line end, which has that name and that first tag; `None` where the key
/// does not work.
pub(super) fn sign(
    key: &Key,
    (name, first): (&str, &str),
    signed: &Signed,
    body: &[u8; 32],
    now: Timestamp,
) -> Option<Vec<u8>> {
    let mut text = format!(
        "{name}: {first}; a={}; c=relaxed/relaxed;\r\n\td={};\r\n\ts={}; t={};\r\n\th=",
        key.algorithm.tag(),
        key.domain,
        key.selector,
        now.as_second().max(0),
    );
    let mut column = "\th=".len();
    for (index, name) in signed.names.iter().enumerate() {
        if index > 0 {
            text.push(':');
            column += 1;
        }
        if column + name.len() + 1 > LINE_CHARS {
            text.push_str("\r\n\t ");
            column = 2;
        }
        text.push_str(name);
        column += name.len();
    }
    text.push_str(";\r\n\tbh=");
    text.push_str(&crate::seal::base64(body));
    text.push_str(";\r\n\tb=");
    finished(key, text, signed.canonical.clone())
}

/// A field that ends in an empty `b=` gets its signature, over what goes before it and itself.
pub(super) fn finished(key: &Key, mut text: String, mut input: Vec<u8>) -> Option<Vec<u8>> {
    let whole = text.as_bytes();
    let (name, value) = whole.split_at_checked(memchr::memchr(b':', whole)?)?;
    canon::field_relaxed(&mut input, &Field { name, value: value.get(1..)?, whole });
    // The field being signed goes without its line end (§3.7).
    input.truncate(input.len().saturating_sub(2));
    let signature = crate::seal::base64(&key.sign(&input)?);
    let mut rest = signature.as_str();
    let mut room = LINE_CHARS - "\tb=".len();
    while let Some((line, behind)) = rest.split_at_checked(room) {
        text.push_str(line);
        text.push_str("\r\n\t ");
        rest = behind;
        room = LINE_CHARS - 2;
    }
    text.push_str(rest);
    text.push_str("\r\n");
    Some(text.into_bytes())
}
