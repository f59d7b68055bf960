//! From a message as it came and as it is to leave, to the changes that a mail server is asked to
//! make: header fields one by one, and the body whole where it differs.

use bytes::Bytes;

/// One change. Names and values as a milter has them: lines of a value end with a line feed alone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Change {
    /// The path as the server named it.
    DropRecipient(String),
    /// The nth field of that name, from 1, has another value; an empty one removes it.
    Field {
        name: Vec<u8>,
        nth: u32,
        value: Vec<u8>,
    },
    /// A new field above all others.
    OnTop {
        name: Vec<u8>,
        value: Vec<u8>,
    },
    /// The same below them.
    Below {
        name: Vec<u8>,
        value: Vec<u8>,
    },
    Body(Bytes),
}

/// A field: its name, and what stands behind the colon without the last line end.
type Field<'a> = (&'a [u8], &'a [u8]);

/// What makes `before` to `after`. `spaced`: values are said with the space behind the colon.
pub fn changes(before: &[u8], after: &Bytes, spaced: bool) -> Vec<Change> {
    let ((old, old_body), (new, new_body)) = (split(before), split(after));
    let mut changes = fields(&old, &new, spaced);
    if old_body != new_body {
        changes.push(Change::Body(after.slice_ref(new_body)));
    }
    changes
}

/// Untouched fields keep their order, so each is found behind the one before it. What is new in the
/// place of one of its name that is gone, is its new value.
fn fields(old: &[Field<'_>], new: &[Field<'_>], spaced: bool) -> Vec<Change> {
    let mut gone: Vec<(usize, Vec<u8>)> = Vec::new();
    let (mut top, mut below) = (Vec::new(), Vec::new());
    let mut next = 0;
    let mut fresh: Vec<Field<'_>> = Vec::new();
    for field in new.iter().map(Some).chain([None]) {
        let rest = old.get(next..).unwrap_or_default();
        let at = match field {
            Some(field) => rest.iter().position(|own| own == field),
            None => Some(rest.len()),
        };
        let Some(at) = at else {
            fresh.extend(field);
            continue;
        };
        for (place, (name, _)) in rest.iter().take(at).enumerate() {
            let same = fresh.iter().position(|(own, _)| own.eq_ignore_ascii_case(name));
            let value = same.map(|same| fresh.remove(same).1);
            gone.push((next + place, value.map(|value| said(value, spaced)).unwrap_or_default()));
        }
        let to = if next == 0 { &mut top } else { &mut below };
        to.extend(fresh.drain(..).map(|(name, value)| (name.to_vec(), said(value, spaced))));
        next += at + 1;
    }
    // From the last one up, so that what is removed changes no count.
    let changed = gone.into_iter().rev().filter_map(|(place, value)| {
        let (name, _) = old.get(place)?;
        let before = old.iter().take(place + 1);
        let nth = before.filter(|(own, _)| own.eq_ignore_ascii_case(name)).count();
        Some(Change::Field { name: name.to_vec(), nth: u32::try_from(nth).ok()?, value })
    });
    let below = below.into_iter().map(|(name, value)| Change::Below { name, value });
    let top = top.into_iter().rev().map(|(name, value)| Change::OnTop { name, value });
    changed.chain(below).chain(top).collect()
}

/// With line feeds alone, and with its first space or without.
fn said(value: &[u8], spaced: bool) -> Vec<u8> {
    let value = if spaced { value } else { value.strip_prefix(b" ").unwrap_or(value) };
    value.iter().copied().filter(|octet| *octet != b'\r').collect()
}

/// Header fields and body.
fn split(bytes: &[u8]) -> (Vec<Field<'_>>, &[u8]) {
    let mut fields = Vec::new();
    let mut rest = bytes;
    loop {
        if let Some(body) = rest.strip_prefix(b"\r\n") {
            return (fields, body);
        }
        let end = end_of_field(rest);
        let (field, behind) = rest.split_at_checked(end).unwrap_or((rest, b""));
        let field = field.strip_suffix(b"\r\n").unwrap_or(field);
        let Some(colon) = memchr::memchr(b':', field) else { return (fields, rest) };
        let (name, value) = field.split_at_checked(colon).unwrap_or((field, b""));
        fields.push((name.trim_ascii_end(), value.get(1..).unwrap_or_default()));
        rest = behind;
    }
}

/// Behind the line end that no space follows.
fn end_of_field(bytes: &[u8]) -> usize {
    for at in memchr::memmem::find_iter(bytes, b"\r\n") {
        if !matches!(bytes.get(at + 2), Some(b' ' | b'\t')) {
            return at + 2;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BEFORE: &str =
        "Received: a\r\nReceived: b\r\nFrom: x\r\nSubject: y\r\n\tz\r\n\r\nbody\r\n";

    fn of(after: &str) -> Vec<Change> {
        changes(BEFORE.as_bytes(), &Bytes::copy_from_slice(after.as_bytes()), true)
    }

    fn field(name: &str, nth: u32, value: &str) -> Change {
        Change::Field { name: name.into(), nth, value: value.into() }
    }

    #[test]
    fn each_kind_of_change_is_found() {
        assert_eq!(of(BEFORE), []);
        let after = BEFORE.replace("Subject: y\r\n\tz", "Subject: [OS] y\r\n\tz");
        assert_eq!(of(&after), [field("Subject", 1, " [OS] y\n\tz")]);
        assert_eq!(of(&BEFORE.replace("Received: b\r\n", "")), [field("Received", 2, "")]);
        let after = BEFORE.replace("\r\n\r\n", "\r\nList-Id: <l>\r\n\r\n").replace("body", "more");
        assert_eq!(
            of(&after),
            [
                Change::Below { name: "List-Id".into(), value: " <l>".into() },
                Change::Body("more\r\n".into())
            ]
        );
        let (one, two) = ("DKIM-Signature: 1\r\n", "DKIM-Signature: 2\r\n");
        let on_top =
            |value: &str| Change::OnTop { name: "DKIM-Signature".into(), value: value.into() };
        assert_eq!(of(&format!("{one}{two}{BEFORE}")), [on_top(" 2"), on_top(" 1")]);
    }

    #[test]
    fn both_of_two_that_go_are_counted_from_below() {
        let after = BEFORE.replace("Received: a\r\nReceived: b\r\n", "");
        assert_eq!(of(&after), [field("Received", 2, ""), field("Received", 1, "")]);
    }

    #[test]
    fn a_server_that_says_values_without_their_space_is_answered_so() {
        let after = Bytes::from(BEFORE.replace("From: x", "From: [OS] x"));
        assert_eq!(changes(BEFORE.as_bytes(), &after, false), [field("From", 1, "[OS] x")]);
    }

    /// What a mail server makes of it.
    fn apply(before: &[u8], changes: &[Change]) -> Vec<(Vec<u8>, Vec<u8>)> {
        let (old, _) = split(before);
        let mut fields: Vec<_> = old.iter().map(|(n, v)| (n.to_vec(), v.to_vec())).collect();
        for change in changes {
            match change {
                Change::Field { name, nth, value } => {
                    let same = |own: &(Vec<u8>, Vec<u8>)| own.0.eq_ignore_ascii_case(name);
                    let nth = usize::try_from(*nth).unwrap();
                    let at = fields.iter().enumerate().filter(|(_, own)| same(own)).nth(nth - 1);
                    let at = at.unwrap().0;
                    if value.is_empty() {
                        fields.remove(at);
                    } else {
                        fields[at].1.clone_from(value);
                    }
                }
                Change::OnTop { name, value } => fields.insert(0, (name.clone(), value.clone())),
                Change::Below { name, value } => fields.push((name.clone(), value.clone())),
                Change::Body(_) | Change::DropRecipient(_) => {}
            }
        }
        fields.sort();
        fields
    }

    proptest! {
        #[test]
        fn the_changes_make_the_one_to_the_other(
            before in prop::collection::vec(("[A-C]", " [a-c]"), 0..8),
            after in prop::collection::vec(("[A-C]", " [a-c]"), 0..8),
        ) {
            let written = |fields: &[(String, String)]| {
                let lines = fields.iter().map(|(name, value)| format!("{name}:{value}\r\n"));
                Bytes::from(lines.collect::<String>() + "\r\nbody")
            };
            let (before, after) = (written(&before), written(&after));
            let made = apply(&before, &changes(&before, &after, true));
            let mut wanted: Vec<_> =
                split(&after).0.iter().map(|(n, v)| (n.to_vec(), v.to_vec())).collect();
            wanted.sort();
            prop_assert_eq!(made, wanted);
        }
    }
}
