//! What a mail server is told: its packets, written.

use super::change::Change;
use crate::smtp::reply::Reply;

/// The answer to an open question.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Word {
    /// Go on; at the end of a message, with these changes.
    Go(Vec<Change>),
    /// Take it with these changes, and keep it for a person.
    Quarantine { reason: String, changes: Vec<Change> },
    /// Take it, and send it to nobody.
    Discard,
    /// Tell the client so; 4xx or 5xx.
    Reply(Reply),
}

/// A body goes in pieces of this size at most (`MILTER_CHUNK_SIZE`).
const PIECE: usize = 65_535;

impl Word {
    /// As it goes over the wire; the whole answer is one write.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Go(changes) => {
                changes.iter().for_each(|change| write_change(out, change));
                packet(out, b'c', &[]);
            }
            Self::Quarantine { reason, changes } => {
                // The body's replacement is the last of the changes and is not interrupted (Postfix).
                packet(out, b'q', &[text(reason.as_bytes()).as_slice()]);
                changes.iter().for_each(|change| write_change(out, change));
                packet(out, b'c', &[]);
            }
            Self::Discard => packet(out, b'd', &[]),
            Self::Reply(reply) if (400..600).contains(&reply.code) => {
                let wire = reply.to_wire();
                // Sendmail takes it for a format; Postfix undoes what is doubled.
                let wire = wire.trim_end_matches("\r\n").replace('%', "%%");
                packet(out, b'y', &[text(wire.as_bytes()).as_slice()]);
            }
            // No refusal is no permission either.
            Self::Reply(_) => packet(out, b't', &[]),
        }
    }
}

/// The answer to the negotiation: what is asked to be allowed, and what is to be left out.
pub fn negotiated(out: &mut Vec<u8>, version: u32, actions: u32, steps: u32) {
    let numbers = [version, actions, steps].map(u32::to_be_bytes);
    packet(out, b'O', &numbers.each_ref().map(<[u8; 4]>::as_slice));
}

fn write_change(out: &mut Vec<u8>, change: &Change) {
    match change {
        Change::DropRecipient(path) => packet(out, b'-', &[text(path.as_bytes()).as_slice()]),
        Change::Field { name, nth, value } => {
            packet(out, b'm', &[&nth.to_be_bytes(), &text(name), &text(value)]);
        }
        Change::OnTop { name, value } => {
            packet(out, b'i', &[&0_u32.to_be_bytes(), &text(name), &text(value)]);
        }
        Change::Below { name, value } => packet(out, b'h', &[&text(name), &text(value)]),
        Change::Body(body) => {
            // An empty one is said too, or it would stay.
            let pieces = body.chunks(PIECE).chain(body.is_empty().then_some(&[][..]));
            pieces.for_each(|piece| packet(out, b'b', &[piece]));
        }
    }
}

fn packet(out: &mut Vec<u8>, kind: u8, parts: &[&[u8]]) {
    let octets: usize = parts.iter().map(|part| part.len()).sum();
    let length = u32::try_from(octets.saturating_add(1)).unwrap_or(u32::MAX);
    out.extend(length.to_be_bytes());
    out.push(kind);
    parts.iter().for_each(|part| out.extend_from_slice(part));
}

/// With its NUL, and none inside.
fn text(octets: &[u8]) -> Vec<u8> {
    octets.iter().copied().filter(|octet| *octet != 0).chain([0]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(word: &Word) -> String {
        let mut out = Vec::new();
        word.write(&mut out);
        out.escape_ascii().to_string()
    }

    #[test]
    fn answers_are_written() {
        let change = |value: &str| Change::Field {
            name: b"Subject".into(),
            nth: 2,
            value: value.as_bytes().into(),
        };
        for (word, expected) in [
            (Word::Go(vec![]), r"\x00\x00\x00\x01c"),
            (
                Word::Reply(Reply::new(550, "5.7.1", "50% off")),
                r"\x00\x00\x00\x14y550 5.7.1 50%% off\x00",
            ),
            (Word::Reply(Reply::new(250, "2.0.0", "ok")), r"\x00\x00\x00\x01t"),
            (
                Word::Quarantine { reason: "class\0-mismatch".into(), changes: vec![] },
                r"\x00\x00\x00\x10qclass-mismatch\x00\x00\x00\x00\x01c",
            ),
            (
                Word::Go(vec![change(" x")]),
                r"\x00\x00\x00\x10m\x00\x00\x00\x02Subject\x00 x\x00\x00\x00\x00\x01c",
            ),
            (
                Word::Go(vec![Change::DropRecipient("<a@x.cz>".into())]),
                r"\x00\x00\x00\n-<a@x.cz>\x00\x00\x00\x00\x01c",
            ),
        ] {
            assert_eq!(written(&word), expected);
        }
    }

    #[test]
    fn a_long_body_goes_in_pieces_and_an_empty_one_goes_too() {
        let mut out = Vec::new();
        Word::Go(vec![Change::Body(vec![b'x'; PIECE + 1].into())]).write(&mut out);
        assert_eq!(out.len(), (5 + PIECE) + (5 + 1) + 5);
        assert_eq!(written(&Word::Go(vec![Change::Body(vec![].into())])).matches('b').count(), 1);
    }
}
