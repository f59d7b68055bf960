//! What the client writes: commands with their parameters, and the message with its dots.

use bytes::Bytes;
use memchr::memmem;

use super::{Capabilities, Transaction};
use crate::smtp::{
    envelope::{BodyType, Notify, Path, Recipient, Ret},
    xtext,
};

/// `local@domain`, the local part quoted where it must be; no brackets. Empty for what could break
/// out of a command: control characters never reach the wire.
pub fn mailbox(path: &Path) -> String {
    if path.local.chars().chain(path.domain.chars()).any(char::is_control)
        || path.domain.contains([' ', '<', '>'])
    {
        return String::new();
    }
    path.to_mailbox_string()
}

pub(super) fn mail(
    out: &mut Vec<u8>,
    transaction: &Transaction,
    (offered, prdr): (&Capabilities, bool),
) {
    let params = &transaction.params;
    out.extend_from_slice(b"MAIL FROM:<");
    if let Some(from) = &transaction.from {
        out.extend_from_slice(mailbox(from).as_bytes());
    }
    out.push(b'>');
    if offered.size {
        out.extend_from_slice(format!(" SIZE={}", transaction.octets()).as_bytes());
    }
    match params.body {
        BodyType::EightBitMime if offered.eight_bit => out.extend_from_slice(b" BODY=8BITMIME"),
        BodyType::BinaryMime if offered.binary && offered.chunking => {
            out.extend_from_slice(b" BODY=BINARYMIME");
        }
        BodyType::SevenBit | BodyType::EightBitMime | BodyType::BinaryMime => {}
    }
    if params.smtputf8 && offered.smtputf8 {
        out.extend_from_slice(b" SMTPUTF8");
    }
    if params.require_tls && offered.require_tls {
        out.extend_from_slice(b" REQUIRETLS");
    }
    if let Some(priority) = params.priority.filter(|_| offered.priority) {
        out.extend_from_slice(format!(" MT-PRIORITY={priority}").as_bytes());
    }
    if let Some(by) = params.by.filter(|_| offered.deliver_by.is_some()) {
        out.extend_from_slice(format!(" BY={by}").as_bytes());
    }
    if prdr {
        out.extend_from_slice(b" PRDR");
    }
    if offered.dsn {
        match params.ret {
            Some(Ret::Full) => out.extend_from_slice(b" RET=FULL"),
            Some(Ret::Headers) => out.extend_from_slice(b" RET=HDRS"),
            None => {}
        }
        if let Some(envid) = &params.envid {
            out.extend_from_slice(b" ENVID=");
            out.extend_from_slice(xtext::encode(envid).as_bytes());
        }
    }
    out.extend_from_slice(b"\r\n");
}

pub(super) fn rcpt(out: &mut Vec<u8>, recipient: &Recipient, utf8: bool, dsn: bool) {
    out.extend_from_slice(b"RCPT TO:<");
    out.extend_from_slice(mailbox(&recipient.path).as_bytes());
    out.push(b'>');
    if dsn {
        if recipient.notify != Notify::default() {
            out.extend_from_slice(b" NOTIFY=");
            out.extend_from_slice(notify(recipient.notify).as_bytes());
        }
        if let Some(orcpt) = &recipient.orcpt {
            out.extend_from_slice(b" ORCPT=");
            let (kind, address) = orcpt.split_once(';').unwrap_or(("rfc822", orcpt));
            out.extend_from_slice(xtext::encode(kind).as_bytes());
            out.push(b';');
            out.extend_from_slice(xtext::encode_address(address, utf8).as_bytes());
        }
    }
    out.extend_from_slice(b"\r\n");
}

fn notify(notify: Notify) -> String {
    let wanted =
        [("SUCCESS", notify.success), ("FAILURE", notify.failure), ("DELAY", notify.delay)];
    let wanted: Vec<&str> =
        wanted.into_iter().filter(|(_, on)| *on).map(|(name, _)| name).collect();
    if wanted.is_empty() { "NEVER".to_owned() } else { wanted.join(",") }
}

/// A message on its way out, piece by piece, so that a large one is never copied whole.
#[derive(Debug)]
pub(super) struct Body {
    pieces: [Bytes; 2],
    /// Escape dots and end with CRLF . CRLF; else the octets as they are (BDAT).
    dots: bool,
    last: u8,
}

/// Octets taken from the message at a time.
pub(super) const PIECE: usize = 128 * 1024;

impl Body {
    pub(super) fn new(head: Bytes, body: Bytes, dots: bool) -> Self {
        Self { pieces: [head, body], dots, last: b'\n' }
    }

    /// Writes the next piece; true when that was the last one.
    pub(super) fn write(&mut self, out: &mut Vec<u8>) -> bool {
        let mut room = PIECE;
        for piece in &mut self.pieces {
            let now = piece.split_to(piece.len().min(room));
            room -= now.len();
            if self.dots {
                stuff(&now, &mut self.last, out);
            } else {
                out.extend_from_slice(&now);
            }
        }
        if self.pieces.iter().any(|piece| !piece.is_empty()) {
            return false;
        }
        if self.dots {
            out.extend_from_slice(if self.last == b'\n' { b".\r\n" } else { b"\r\n.\r\n" });
        }
        true
    }
}

/// RFC 5321 §4.5.2. A dot after a bare LF gets one too: what some server might take for a line
/// must not end the message there (SMTP smuggling).
fn stuff(bytes: &[u8], last: &mut u8, out: &mut Vec<u8>) {
    out.reserve(bytes.len() + 16);
    if *last == b'\n' && bytes.first() == Some(&b'.') {
        out.push(b'.');
    }
    let mut from = 0;
    for at in memmem::find_iter(bytes, b"\n.") {
        out.extend_from_slice(bytes.get(from..=at).unwrap_or_default());
        out.push(b'.');
        from = at + 1;
    }
    out.extend_from_slice(bytes.get(from..).unwrap_or_default());
    if let Some(&byte) = bytes.last() {
        *last = byte;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_escaped_wherever_the_message_is_cut() {
        for (message, wire) in [
            ("", ".\r\n"),
            ("a\r\n", "a\r\n.\r\n"),
            ("a", "a\r\n.\r\n"),
            (".\r\n", "..\r\n.\r\n"),
            ("a\r\n.\r\n.b\r\n", "a\r\n..\r\n..b\r\n.\r\n"),
            ("a.b\r\n", "a.b\r\n.\r\n"),
            ("a\n.\r\nb", "a\n..\r\nb\r\n.\r\n"),
            ("\r\n..\r\n", "\r\n...\r\n.\r\n"),
        ] {
            for cut in 0..=message.len() {
                let (head, rest) = message.split_at(cut);
                let mut body = Body::new(
                    Bytes::copy_from_slice(head.as_bytes()),
                    Bytes::copy_from_slice(rest.as_bytes()),
                    true,
                );
                let mut out = Vec::new();
                assert!(body.write(&mut out));
                assert_eq!(String::from_utf8_lossy(&out), wire, "{message:?} at {cut}");
            }
        }
    }

    #[test]
    fn a_large_message_leaves_in_pieces() {
        let message = Bytes::from(b"line\r\n.dot\r\n".repeat(50_000));
        let mut body = Body::new(Bytes::from_static(b"head\r\n"), message.clone(), true);
        let (mut out, mut pieces) = (Vec::new(), 1);
        while !body.write(&mut out) {
            pieces += 1;
        }
        assert_eq!(pieces, (message.len() + 6).div_ceil(PIECE));
        assert_eq!(out.len(), 6 + message.len() + 50_000 + 3);
    }

    #[test]
    fn addresses_are_quoted_where_they_must_be() {
        let path = |local: &str, domain: &str| Path { local: local.into(), domain: domain.into() };
        for (path, text) in [
            (path("a.b+c", "x.cz"), "a.b+c@x.cz"),
            (path("a b", "x.cz"), "\"a b\"@x.cz"),
            (path("a\"\\b", "x.cz"), "\"a\\\"\\\\b\"@x.cz"),
            (path(".a", "x.cz"), "\".a\"@x.cz"),
            (path("", "x.cz"), "\"\"@x.cz"),
            (path("jiří", "háčky.cz"), "jiří@háčky.cz"),
            (path("Postmaster", ""), "Postmaster"),
            (path("a", "[127.0.0.1]"), "a@[127.0.0.1]"),
            (path("a\r\nDATA", "x.cz"), ""),
            (path("a", "x.cz> X=\r\n"), ""),
        ] {
            assert_eq!(mailbox(&path), text);
        }
    }
}
