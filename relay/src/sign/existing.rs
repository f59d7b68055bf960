//! A tool's own DKIM signatures, and which of them an edit breaks.
//!
//! Whether one was valid to begin with needs the DNS and is not asked. One still holds if it did
//! before and all that it signs has the same canonical form as before.

use policy::Edit;

use super::{
    canon::{self, Field, Split},
    tags::Tags,
};

/// A DKIM-Signature field of a message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Existing {
    pub domain: String,
    pub selector: String,
    /// The `h=` tag: names of the fields it signs, as written.
    pub headers: Vec<String>,
    /// The `l=` tag: how much of the canonical body it signs.
    pub body_length: Option<usize>,
    pub(super) relaxed_header: bool,
    relaxed_body: bool,
}

/// The signatures in a message, top first. A field that is none of version 1 is left out.
pub fn existing(message: &[u8]) -> Vec<Existing> {
    of(&canon::split(message))
}

/// What to remove from a message because the edits break it: an [`Edit::RemoveSignature`] for each
/// domain and selector of which a signature no longer holds. Empty where all hold.
pub fn broken_by(original: &[u8], edited: &[u8]) -> Vec<Edit> {
    let before = canon::split(original);
    let signatures = of(&before);
    if signatures.is_empty() {
        return Vec::new();
    }
    let after = canon::split(edited);
    let mut out: Vec<Edit> = Vec::new();
    for signature in signatures {
        let holds =
            same_header(&signature, &before, &after) && same_body(&signature, &before, &after);
        if !holds {
            out.push(Edit::RemoveSignature {
                domain: signature.domain,
                selector: signature.selector,
            });
        }
    }
    out.sort();
    out.dedup();
    out
}

fn of(split: &Split<'_>) -> Vec<Existing> {
    split.fields.iter().filter(|field| field.is("DKIM-Signature")).filter_map(parse).collect()
}

fn parse(field: &Field<'_>) -> Option<Existing> {
    let tags = Tags::parse(std::str::from_utf8(field.value).ok()?);
    (tags.unfolded("v")? == "1").then_some(())?;
    read(&tags)
}

/// What the tags say that DKIM's and ARC's signatures have in common.
pub(super) fn read(tags: &Tags<'_>) -> Option<Existing> {
    let tag = |name: &str| tags.unfolded(name);
    let canonical = tag("c").unwrap_or_default();
    let (header, body) = canonical.split_once('/').unwrap_or((&canonical, "simple"));
    Some(Existing {
        domain: tag("d")?,
        selector: tag("s")?,
        headers: tag("h")?.split(':').map(str::to_owned).collect(),
        body_length: tag("l").and_then(|length| length.parse().ok()),
        relaxed_header: header.eq_ignore_ascii_case("relaxed"),
        relaxed_body: body.eq_ignore_ascii_case("relaxed"),
    })
}

fn same_header(signature: &Existing, before: &Split<'_>, after: &Split<'_>) -> bool {
    signed_header(signature, before) == signed_header(signature, after)
}

/// The signed fields in their canonical form: for each name from the bottom up; a name listed more
/// often than it occurs stands for nothing (§5.4.2).
pub(super) fn signed_header(signature: &Existing, split: &Split<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    let mut seen: Vec<&str> = Vec::with_capacity(signature.headers.len());
    for name in &signature.headers {
        let earlier = seen.iter().filter(|seen| seen.eq_ignore_ascii_case(name)).count();
        seen.push(name);
        let found = split.fields.iter().rev().filter(|field| field.is(name)).nth(earlier);
        match found {
            Some(field) if signature.relaxed_header => canon::field_relaxed(&mut out, field),
            Some(field) => out.extend_from_slice(field.whole),
            None => {}
        }
    }
    out
}

fn same_body(signature: &Existing, before: &Split<'_>, after: &Split<'_>) -> bool {
    if before.body == after.body {
        return true;
    }
    let before = signed_body(signature, before.body);
    before.is_some() && before == signed_body(signature, after.body)
}

/// What it signs of a body, in its canonical form; `None` where there is less than it signs.
pub(super) fn signed_body(signature: &Existing, body: &[u8]) -> Option<Vec<u8>> {
    let form = if signature.relaxed_body { canon::body_relaxed } else { canon::body_simple };
    let mut canonical = form(body);
    if let Some(length) = signature.body_length {
        (length <= canonical.len()).then_some(())?;
        canonical.truncate(length);
    }
    Some(canonical)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(signature: &str, subject: &str, body: &str) -> Vec<u8> {
        format!(
            "DKIM-Signature: v=1; d=a.cz; s=x;\r\n {signature}; bh=AA==; b=AA==\r\n\
             From: x@a.cz\r\nSubject: {subject}\r\n\r\n{body}"
        )
        .into_bytes()
    }

    #[test]
    fn a_signature_holds_while_what_it_signs_stays() {
        for (signature, subject, body, holds) in [
            ("c=relaxed/relaxed; h=From:Subject", "one", "x\r\n", true),
            ("c=relaxed/relaxed; h=From:Subject", "two", "x\r\n", false),
            ("c=relaxed/relaxed; h=From:Subject", " one ", "x  \r\n\r\n", true),
            ("c=simple/simple; h=From:Subject", " one ", "x\r\n", false),
            ("h=From:Subject", "one", "x \r\n", false),
            ("c=relaxed/relaxed; h=From", "two", "x\r\n", true),
            ("c=relaxed; h=From : From", "two", "x\r\n\r\n", true),
            ("c=relaxed/relaxed; h=From", "one", "x\r\nfooter\r\n", false),
            ("c=relaxed/relaxed; h=From; l=3", "one", "x\r\nfooter\r\n", true),
            ("c=relaxed/relaxed; h=From; l=2", "one", "y\r\n", false),
            ("c=relaxed/relaxed; h=From:Subject:Subject", "one\r\nSubject: two", "x\r\n", false),
        ] {
            let broken =
                broken_by(&message(signature, "one", "x\r\n"), &message(signature, subject, body));
            assert_eq!(broken.is_empty(), holds, "{signature} {subject} {body:?}");
        }
    }

    #[test]
    fn what_is_no_signature_is_left_out() {
        let message = b"DKIM-Signature: v=2; d=a.cz; s=x; h=From\r\nDKIM-Signature: junk\r\n\r\n";
        assert_eq!(existing(message), []);
    }
}
