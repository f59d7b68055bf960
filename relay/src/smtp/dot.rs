//! Finds the end of a message and takes out the dots (RFC 5321 §4.5.2).
//!
//! Only CRLF ends a line, and only `CRLF . CRLF` as the wire has it ends a message, whatever
//! else is wrong with it: otherwise the rest of the message is taken for commands (SMTP
//! smuggling, CVE-2023-51764). A line that a bare CR or LF began is no line here, not even
//! where `body` makes it one afterwards: a dot at its start stays.

use bytes::Bytes;
use memchr::memmem;

use super::body::{Body, Fault};

/// Where the reader stands in the line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum At {
    Start,
    Dot,
    DotCr,
    Middle,
    Cr,
}

/// Reads one message.
#[derive(Debug)]
pub struct Decoder {
    at: At,
    body: Body,
}

/// How far `Decoder::take` came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Taken {
    /// All of it belongs to the message, and there is more to come.
    All,
    /// The message ended after so many octets.
    Ended(usize),
}

impl Decoder {
    pub fn new(body: Body) -> Self {
        Self { at: At::Start, body }
    }

    /// Takes bytes in, as far as they belong to the message.
    pub fn take(&mut self, bytes: &[u8]) -> Taken {
        let mut from = 0;
        while let Some(&byte) = bytes.get(from) {
            // An octet that an arm does not use up is looked at again in the next state.
            (self.at, from) = match (self.at, byte) {
                (At::Start, b'.') => (At::Dot, from + 1),
                (At::Dot, b'\r') => (At::DotCr, from + 1),
                (At::DotCr, b'\n') => return Taken::Ended(from + 1),
                (At::DotCr, _) => {
                    self.body.text(b"\r");
                    (At::Middle, from)
                }
                (At::Cr, b'\n') => {
                    self.body.text(b"\n");
                    (At::Start, from + 1)
                }
                (At::Start | At::Dot | At::Cr, _) => (At::Middle, from),
                (At::Middle, _) => {
                    let rest = bytes.get(from..).unwrap_or_default();
                    let (at, used) = self.middle(rest);
                    (at, from + used)
                }
            };
        }
        Taken::All
    }

    /// The whole message, or what is wrong with it.
    pub fn finish(self) -> Result<Bytes, Fault> {
        self.body.finish()
    }

    /// Copies to the next line that begins with a dot.
    fn middle(&mut self, rest: &[u8]) -> (At, usize) {
        if let Some(at) = memmem::find(rest, b"\r\n.") {
            let (text, _) = rest.split_at_checked(at + 2).unwrap_or((rest, b""));
            self.body.text(text);
            return (At::Dot, at + 3);
        }
        self.body.text(rest);
        let at = if rest.ends_with(b"\r\n") {
            At::Start
        } else if rest.ends_with(b"\r") {
            At::Cr
        } else {
            At::Middle
        };
        (at, rest.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smtp::settings::{BareLf, Limits};

    fn limits() -> Limits {
        Limits { message_octets_max: 100, message_line_octets_max: 60, ..Limits::default() }
    }

    /// What is decoded, and what is left unread.
    fn decode(bare_lf: BareLf, wire: &[u8], cut: usize) -> (Option<Result<Bytes, Fault>>, Vec<u8>) {
        let mut decoder = Decoder::new(Body::new(&limits(), bare_lf, None));
        let mut before = 0;
        for chunk in wire.chunks(cut.max(1)) {
            if let Taken::Ended(at) = decoder.take(chunk) {
                return (Some(decoder.finish()), wire[before + at..].to_vec());
            }
            before += chunk.len();
        }
        (None, vec![])
    }

    fn whole(text: &[u8]) -> Option<Result<Bytes, Fault>> {
        Some(Ok(Bytes::copy_from_slice(text)))
    }

    #[test]
    fn ends_at_a_dot_on_its_own_line_and_nowhere_else() {
        let spoilt = Some(Err(Fault::BareCrOrLf));
        for (wire, rejected, normalized, rest) in [
            (&b".\r\nQUIT"[..], whole(b""), whole(b""), &b"QUIT"[..]),
            (b"a\r\n.\r\nQUIT", whole(b"a\r\n"), whole(b"a\r\n"), b"QUIT"),
            (b"a\r\n..b\r\n.\r\n", whole(b"a\r\n.b\r\n"), whole(b"a\r\n.b\r\n"), b""),
            (b"a\r\n.b\r\n.\r\n", whole(b"a\r\nb\r\n"), whole(b"a\r\nb\r\n"), b""),
            (b"a\r\n.", None, None, b""),
            // The smuggling table: each of these was taken for an end by some server.
            (b"a\n.\nM\r\n.\r\n", spoilt.clone(), whole(b"a\r\n.\r\nM\r\n"), b""),
            (b"a\n.\r\nM\r\n.\r\n", spoilt.clone(), whole(b"a\r\n.\r\nM\r\n"), b""),
            (b"a\r\n.\nM\r\n.\r\n", spoilt.clone(), whole(b"a\r\n\r\nM\r\n"), b""),
            (b"a\r\n.\r\r\nM\r\n.\r\n", spoilt.clone(), whole(b"a\r\n\r\n\r\nM\r\n"), b""),
            (b"a\r\n.\rM\r\n.\r\n", spoilt.clone(), whole(b"a\r\n\r\nM\r\n"), b""),
            (b"a\r.\rM\r\n.\r\n", spoilt.clone(), whole(b"a\r\n.\r\nM\r\n"), b""),
            (b"a\r.\r\nM\r\n.\r\n", spoilt.clone(), whole(b"a\r\n.\r\nM\r\n"), b""),
            (b"a\r\r\n.\r\n", spoilt.clone(), whole(b"a\r\n\r\n"), b""),
            (b"\n.\r\n\r\n.\r\n", spoilt.clone(), whole(b"\r\n.\r\n\r\n"), b""),
        ] {
            for cut in 1..=wire.len() {
                let shown = wire.escape_ascii();
                let reject = decode(BareLf::Reject, wire, cut);
                assert_eq!(reject, (rejected.clone(), rest.to_vec()), "{shown} cut {cut}");
                let normalize = decode(BareLf::Normalize, wire, cut);
                assert_eq!(normalize, (normalized.clone(), rest.to_vec()), "{shown} cut {cut}");
            }
        }
    }

    #[test]
    fn a_nul_spoils_in_both_ways_and_ends_nothing() {
        for bare_lf in [BareLf::Reject, BareLf::Normalize] {
            let wire = b"a\r\n\0.\r\nQUIT\r\n.\r\nrest";
            for cut in 1..wire.len() {
                let expected = (Some(Err(Fault::Nul)), b"rest".to_vec());
                assert_eq!(decode(bare_lf, wire, cut), expected, "cut {cut}");
            }
        }
    }

    #[test]
    fn too_large_is_still_read_to_its_end() {
        let mut wire = b"abc\r\n".repeat(40);
        wire.extend_from_slice(b"\r\n.\r\nQUIT");
        for cut in [1, 2, 3, 7, 99, 100, 101, wire.len()] {
            let expected = (Some(Err(Fault::TooLarge)), b"QUIT".to_vec());
            assert_eq!(decode(BareLf::Reject, &wire, cut), expected);
        }
    }

    #[test]
    fn a_line_is_measured_without_its_end_and_without_its_dot() {
        for (len, expected) in [(60, None), (61, Some(Fault::LineTooLong))] {
            for lead in ["", "..", "x\r\n", "x\r\n.."] {
                let dots = if lead.ends_with("..") { 1 } else { 0 };
                let wire = format!("{lead}{}\r\n.\r\n", "a".repeat(len - dots));
                for cut in 1..wire.len() {
                    let (heard, rest) = decode(BareLf::Reject, wire.as_bytes(), cut);
                    assert_eq!(heard.unwrap().err(), expected, "{wire:?} cut {cut}");
                    assert!(rest.is_empty());
                }
            }
        }
    }

    /// Byte by byte, as the table in the RFC would have it: what the fast one must equal.
    fn slowly(wire: &[u8], bare_lf: BareLf) -> Option<(Result<Vec<u8>, Fault>, usize)> {
        // The end first: nothing but the first CRLF.CRLF of the wire (or .CRLF at its start).
        let dotted = [&b"\r\n"[..], wire].concat();
        let end = dotted.windows(5).position(|five| five == b"\r\n.\r\n")?;
        // Lines end with CRLF; dots at the start of those lines go.
        let text = std::str::from_utf8(&dotted[2.min(end + 2)..end + 2]).unwrap();
        let mut message = String::new();
        for line in text.split_inclusive("\r\n") {
            message += line.strip_prefix('.').unwrap_or(line);
        }
        let plain = message.replace("\r\n", "\u{1}");
        let bare = plain.contains(['\r', '\n']);
        let heard = match bare_lf {
            BareLf::Reject if bare => Err(Fault::BareCrOrLf),
            BareLf::Reject => Ok(message.into_bytes()),
            BareLf::Normalize => Ok(plain.replace(['\r', '\n', '\u{1}'], "\r\n").into_bytes()),
        };
        Some((heard, end + 3))
    }

    /// Every wire of up to seven bytes over the four bytes that matter, in front of a true end.
    #[test]
    fn every_short_wire_is_read_as_the_slow_reader_reads_it() {
        for wire in short() {
            let wire = [&wire[..], b"\r\n.\r\nQ"].concat();
            for bare_lf in [BareLf::Reject, BareLf::Normalize] {
                let (heard, end) = slowly(&wire, bare_lf).unwrap();
                let expected = (Some(heard.map(Bytes::from)), wire[end..].to_vec());
                for cut in [1, 3, wire.len()] {
                    let shown = wire.escape_ascii();
                    assert_eq!(decode(bare_lf, &wire, cut), expected, "{shown} cut {cut}");
                }
            }
        }
    }

    fn short() -> impl Iterator<Item = Vec<u8>> {
        const BYTES: [u8; 4] = *b".\r\na";
        (0..8_u32).flat_map(|len| {
            (0..4_usize.pow(len))
                .map(move |n| (0..len).map(|i| BYTES[n / 4_usize.pow(i) % 4]).collect())
        })
    }
}
