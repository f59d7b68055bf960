//! A message in a form that the peer takes, where it does not offer SMTPUTF8, 8BITMIME or
//! BINARYMIME (RFC 6531 §3.2, RFC 6152 §3, RFC 3030 §4).
//!
//! Converts before the message is signed, and only what must be: parts become quoted-printable or
//! base64, UTF-8 fields become encoded words. What lies inside a signature, and addresses that have no
//! other form, cannot be converted: the caller bounces. A peer that offers all gets the same bytes.

use std::ops::Range;

use bytes::Bytes;
use policy::{Address, Encoding, Header, Message, Part, PartKind};

use super::encode;
use crate::smtp::{
    client::{Capabilities, mailbox},
    envelope::{BodyType, MailParams, Path, Recipient},
};

/// Why there is no such form.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cannot {
    pub status: [u16; 3],
    pub why: &'static str,
}

const ADDRESS: Cannot = Cannot {
    status: [5, 6, 7],
    why: "an address outside ASCII, and the next server does not take such",
};
const HEADER: Cannot = Cannot {
    status: [5, 6, 7],
    why: "a header field in UTF-8 that has no other form, and the next server takes none",
};
const SEALED: Cannot = Cannot {
    status: [5, 6, 3],
    why: "a signed or nested part in 8bit, which must not be converted, and the next server takes none",
};

/// Fits envelope and message to the peer. `Ok(None)`: the bytes stay as they are.
pub fn for_peer(
    params: &mut MailParams,
    from: &mut Option<Path>,
    recipients: &mut [Recipient],
    bytes: &Bytes,
    peer: &Capabilities,
) -> Result<Option<Bytes>, Cannot> {
    let binary = params.body == BodyType::BinaryMime;
    let ascii = bytes.is_ascii();
    let paths = || from.iter().chain(recipients.iter().map(|recipient| &recipient.path));
    let plain_paths = paths().all(|path| path.local.is_ascii() && path.domain.is_ascii());
    if ascii && plain_paths && !binary {
        params.body = BodyType::SevenBit;
        params.smtputf8 = false;
        return Ok(None);
    }
    let header_end = memchr::memmem::find(bytes, b"\r\n\r\n").unwrap_or(bytes.len());
    let plain_header = bytes.get(..header_end).is_none_or(<[u8]>::is_ascii);
    let asked_utf8 = params.smtputf8;
    params.smtputf8 = !plain_paths || (asked_utf8 && !plain_header);
    let mut downgrade = false;
    if params.smtputf8 && !peer.smtputf8 {
        if paths().any(|path| !path.local.is_ascii()) {
            return Err(ADDRESS);
        }
        for path in from.iter_mut().chain(recipients.iter_mut().map(|to| &mut to.path)) {
            if !path.domain.is_ascii() {
                path.domain = ascii_domain(path).ok_or(ADDRESS)?;
            }
        }
        params.smtputf8 = false;
        downgrade = asked_utf8 && !plain_header;
    }
    let keeps_binary = peer.binary && peer.chunking;
    let encode_binary = binary && !keeps_binary;
    let encode_8bit = !ascii && !peer.eight_bit;
    if !(binary && keeps_binary) {
        params.body = if ascii { BodyType::SevenBit } else { BodyType::EightBitMime };
    }
    if !(downgrade || encode_binary || encode_8bit) {
        return Ok(None);
    }
    let message = Message::parse(bytes.clone());
    let mut changes: Vec<(Range<usize>, Vec<u8>)> = Vec::new();
    if downgrade {
        headers(&message, &mut changes)?;
    }
    if encode_8bit || encode_binary {
        for part in message.parts() {
            convert_part(&message, part, encode_8bit, encode_binary, &mut changes)?;
        }
    }
    let converted = splice(bytes, changes);
    if converted.is_ascii() {
        params.body = BodyType::SevenBit;
    }
    Ok(Some(converted.into()))
}

fn ascii_domain(path: &Path) -> Option<String> {
    let probe = Path { local: "x".to_owned(), domain: path.domain.clone() };
    Address::parse(&mailbox(&probe)).ok().map(|address| address.domain().to_owned())
}

/// UTF-8 fields of the message as encoded words.
fn headers(message: &Message, changes: &mut Vec<(Range<usize>, Vec<u8>)>) -> Result<(), Cannot> {
    for header in message.headers() {
        if message.raw(header.value.clone()).is_ascii() {
            continue;
        }
        let name = header.name.to_ascii_lowercase();
        let value = match name.as_str() {
            "subject" | "comments" | "keywords" | "organization" | "thread-topic" => {
                encode::encoded_words(&message.decoded(header))
            }
            "from" | "to" | "cc" | "bcc" | "sender" | "reply-to" => addresses(message, header)?,
            _ => return Err(HEADER),
        };
        changes.push((header.value.clone(), format!(" {value}").into_bytes()));
    }
    Ok(())
}

fn addresses(message: &Message, header: &Header) -> Result<String, Cannot> {
    let mut list = Vec::new();
    for one in message.mailboxes(&header.name) {
        let (local, domain) = one.address.rsplit_once('@').ok_or(HEADER)?;
        if !local.is_ascii() {
            return Err(ADDRESS);
        }
        let domain = if domain.is_ascii() {
            domain.to_owned()
        } else {
            let path = Path { local: local.to_owned(), domain: domain.to_owned() };
            ascii_domain(&path).ok_or(ADDRESS)?
        };
        list.push(if one.name.is_empty() {
            format!("<{local}@{domain}>")
        } else {
            format!("{} <{local}@{domain}>", encode::encoded_words(&one.name))
        });
    }
    if list.is_empty() { Err(HEADER) } else { Ok(list.join(",\r\n ")) }
}

fn convert_part(
    message: &Message,
    part: &Part,
    eight_bit: bool,
    binary: bool,
    changes: &mut Vec<(Range<usize>, Vec<u8>)>,
) -> Result<(), Cannot> {
    let body = message.raw(part.body.clone());
    if !((eight_bit && !body.is_ascii()) || (binary && is_binary(body))) {
        return Ok(());
    }
    let (encoding, value) = match part.kind {
        // The parts inside are converted; the label says no more than they are.
        PartKind::Multipart => (None, "7bit"),
        PartKind::Nested => return Err(SEALED),
        PartKind::Text | PartKind::Html if !is_binary(body) => {
            (Some(encode::quoted_printable(body)), "quoted-printable")
        }
        PartKind::Text | PartKind::Html | PartKind::Other => {
            (Some(encode::base64_lines(body)), "base64")
        }
    };
    if part.sealed {
        return Err(SEALED);
    }
    match part.encoding {
        Encoding::SevenBit | Encoding::EightBit | Encoding::Binary => {}
        // Already encoded, and yet with octets that do not belong there: not ours to mend.
        Encoding::QuotedPrintable | Encoding::Base64 | Encoding::Unknown => return Err(SEALED),
    }
    let label = part
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("Content-Transfer-Encoding"));
    match label {
        Some(header) => changes.push((header.value.clone(), format!(" {value}").into_bytes())),
        None if part.kind == PartKind::Multipart => {}
        None => {
            let at = part.headers.last().map_or(part.head.start, |header| header.whole.end);
            let version = needs_version(message, part);
            let field = format!("{version}Content-Transfer-Encoding: {value}\r\n");
            changes.push((at..at, field.into_bytes()));
        }
    }
    if let Some(encoded) = encoding {
        changes.push((part.body.clone(), encoded));
    }
    Ok(())
}

/// A message without MIME-Version is not read as MIME, so its new label would mean nothing.
fn needs_version(message: &Message, part: &Part) -> &'static str {
    let root = part.parent.is_none();
    if root && message.header("MIME-Version").is_none() {
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    } else {
        ""
    }
}

/// NUL, a CR or LF that stands alone, or a line that no text line may be as long as.
fn is_binary(body: &[u8]) -> bool {
    let mut rest = body;
    loop {
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = rest.get(..end).unwrap_or_default();
        let last = end == rest.len();
        let text = if last { Some(line) } else { line.strip_suffix(b"\r") };
        let Some(text) = text else { return true };
        if text.len() > 998 || memchr::memchr2(0, b'\r', text).is_some() {
            return true;
        }
        if last {
            return false;
        }
        rest = rest.get(end + 1..).unwrap_or_default();
    }
}

fn splice(bytes: &[u8], mut changes: Vec<(Range<usize>, Vec<u8>)>) -> Vec<u8> {
    changes.sort_by_key(|(range, _)| range.start);
    let mut out = Vec::with_capacity(bytes.len() * 3 / 2);
    let mut from = 0;
    for (range, new) in changes {
        out.extend_from_slice(bytes.get(from..range.start).unwrap_or_default());
        out.extend_from_slice(&new);
        from = range.end.max(from);
    }
    out.extend_from_slice(bytes.get(from..).unwrap_or_default());
    out
}
