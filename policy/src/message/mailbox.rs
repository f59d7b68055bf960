//! Lists of mailboxes (RFC 5322 §3.4), old and broken forms too. Addresses stay as written.

use super::{Mailbox, words};

/// Mailboxes of one field that are read.
const MAILBOXES_MAX: usize = 10_000;
/// More than most take.
const MAILBOX_BYTES: usize = 256;

/// Appends the mailboxes of an address field; groups are flattened.
pub(super) fn list(raw: &[u8], fallback: &str, all: &mut Vec<Mailbox>) {
    let mut entry = Entry::with_capacity(raw.len());
    let mut bytes = raw.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => quoted(&mut bytes, &mut entry),
            b'(' => comment(&mut bytes, &mut entry.comment),
            b'<' => {
                let inside: Vec<u8> = bytes.by_ref().take_while(|b| *b != b'>').collect();
                // `<a@b> <c@d>`: the last one is where a reader's answer goes.
                entry.angle = Some(inside);
            }
            b',' | b';' => entry.take_into(fallback, all),
            // The name of a group; a colon inside an address stays.
            b':' if !entry.written.contains(&b'@') => entry = Entry::default(),
            b'\r' | b'\n' => {}
            other => entry.push(other),
        }
        if all.len() >= MAILBOXES_MAX {
            return;
        }
    }
    entry.take_into(fallback, all);
}

#[derive(Default)]
struct Entry {
    /// With its quotes, for an address without angle brackets.
    written: Vec<u8>,
    /// Without quotes, for a display name.
    read: Vec<u8>,
    comment: Vec<u8>,
    angle: Option<Vec<u8>>,
}

impl Entry {
    fn with_capacity(bytes: usize) -> Self {
        let room = || Vec::with_capacity(bytes.min(MAILBOX_BYTES));
        Self { written: room(), read: room(), ..Self::default() }
    }

    fn push(&mut self, byte: u8) {
        self.written.push(byte);
        self.read.push(byte);
    }

    fn take_into(&mut self, fallback: &str, all: &mut Vec<Mailbox>) {
        let entry = std::mem::take(self);
        let mailbox = match entry.angle {
            Some(angle) => {
                Mailbox { name: words::decode(&entry.read, fallback), address: address(&angle) }
            }
            None => Mailbox {
                name: words::decode(&entry.comment, fallback),
                address: address(&entry.written),
            },
        };
        if !mailbox.address.is_empty() || !mailbox.name.is_empty() {
            all.push(mailbox);
        }
    }
}

fn quoted(bytes: &mut impl Iterator<Item = u8>, entry: &mut Entry) {
    entry.written.push(b'"');
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => break,
            b'\\' => {
                entry.written.push(byte);
                if let Some(next) = bytes.next() {
                    entry.push(next);
                }
            }
            b'\r' | b'\n' => {}
            other => entry.push(other),
        }
    }
    entry.written.push(b'"');
}

fn comment(bytes: &mut impl Iterator<Item = u8>, text: &mut Vec<u8>) {
    let mut depth = 1_usize;
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => text.extend(bytes.next()),
            b'(' => depth += 1,
            b')' if depth == 1 => break,
            b')' => depth -= 1,
            b'\r' | b'\n' => {}
            other => text.push(other),
        }
    }
    text.push(b' ');
}

/// Without white space outside quotes and without a source route (RFC 5322 §4.4).
fn address(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    let mut plain = String::with_capacity(text.len());
    let mut inside = false;
    for c in text.chars() {
        if c == '"' {
            inside = !inside;
        }
        if !c.is_control() && (inside || !c.is_whitespace()) {
            plain.push(c);
        }
    }
    if plain.starts_with('@')
        && let Some((_, after)) = plain.split_once(':')
    {
        return after.to_owned();
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes_are_read_in_every_form() {
        for (raw, expected) in [
            (" jana@example.cz", vec![("", "jana@example.cz")]),
            ("Jana <jana@example.cz>", vec![("Jana", "jana@example.cz")]),
            ("\"Nováková, Jana\" <j@e.cz>, x@y", vec![("Nováková, Jana", "j@e.cz"), ("", "x@y")]),
            ("=?utf-8?Q?=C5=99?= <j@e.cz>", vec![("ř", "j@e.cz")]),
            ("\"=?utf-8?Q?=C5=99?=\" <j@e.cz>", vec![("ř", "j@e.cz")]),
            ("j@e.cz (Jana (ml.))", vec![("Jana ml.", "j@e.cz")]),
            ("group: a@b, C <c@d>;, e@f", vec![("", "a@b"), ("C", "c@d"), ("", "e@f")]),
            ("undisclosed-recipients:;", vec![]),
            ("<@relay.example:j@e.cz>", vec![("", "j@e.cz")]),
            ("\"a b\"@e.cz", vec![("", "\"a b\"@e.cz")]),
            ("\"a\\\"b\" <x@y>", vec![("a\"b", "x@y")]),
            ("\"info@bank.cz\" <x@evil.cz>", vec![("info@bank.cz", "x@evil.cz")]),
            (" Jana\r\n <j@e.cz>", vec![("Jana", "j@e.cz")]),
            ("nobody", vec![("", "nobody")]),
            ("", vec![]),
            (",,;:", vec![]),
            ("Jana <j@e.cz", vec![("Jana", "j@e.cz")]),
        ] {
            let mut all = Vec::new();
            list(raw.as_bytes(), "", &mut all);
            let read: Vec<_> = all.iter().map(|m| (m.name.as_str(), m.address.as_str())).collect();
            assert_eq!(read, expected, "{raw}");
        }
    }
}
