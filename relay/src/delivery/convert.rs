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
use crate::{
    journal::reason::Cause,
    smtp::{
        client::{Capabilities, mailbox},
        envelope::{BodyType, MailParams, Path, Recipient},
    },
};

/// Why there is no such form.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cannot {
    pub status: [u16; 3],
    pub cause: Cause,
}

const ADDRESS: Cannot = Cannot { status: [5, 6, 7], cause: Cause::AddressNotTaken };
const HEADER: Cannot = Cannot { status: [5, 6, 7], cause: Cause::HeaderNotTaken };
const SEALED: Cannot = Cannot { status: [5, 6, 3], cause: Cause::EightBitNotTaken };

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smtp::envelope::Notify;

    const NOTHING: &str = "a@x.cz";

    fn path(text: &str) -> Path {
        let (local, domain) = text.rsplit_once('@').unwrap();
        Path { local: local.into(), domain: domain.into() }
    }

    fn convert(
        params: &mut MailParams,
        to: &str,
        bytes: &str,
        peer: &Capabilities,
    ) -> Result<(String, String), Cannot> {
        let mut from = Some(path("a@x.cz"));
        let mut to = [Recipient { path: path(to), notify: Notify::default(), orcpt: None }];
        let bytes = Bytes::copy_from_slice(bytes.as_bytes());
        let converted = for_peer(params, &mut from, &mut to, &bytes, peer)?;
        let bytes = converted.unwrap_or(bytes);
        Ok((String::from_utf8(bytes.to_vec()).unwrap(), mailbox(&to[0].path)))
    }

    fn old() -> Capabilities {
        Capabilities::default()
    }

    #[test]
    fn plain_messages_and_able_peers_get_the_same_bytes() {
        let able = crate::delivery::line::everything();
        let utf8 = "From: a@x.cz\r\nSubject: ř\r\n\r\nř\r\n";
        let plain = "From: a@x.cz\r\n\r\nx\r\n";
        for (bytes, peer, smtputf8, body) in [
            (plain, &old(), false, BodyType::SevenBit),
            (utf8, &able, true, BodyType::EightBitMime),
        ] {
            let mut params = MailParams { smtputf8: true, ..MailParams::default() };
            assert_eq!(convert(&mut params, NOTHING, bytes, peer).unwrap().0, bytes);
            assert_eq!((params.smtputf8, params.body), (smtputf8, body));
        }
    }

    #[test]
    fn parts_in_8bit_become_7bit_for_a_peer_without_8bitmime() {
        let bytes = "From: a@x.cz\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\
            Content-Transfer-Encoding: 8bit\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\
            Content-Transfer-Encoding: 8bit\r\n\r\nPříliš žluťoučký\r\n--b\r\n\
            Content-Type: text/plain\r\n\r\nplain\r\n--b--\r\n";
        let mut params = MailParams { body: BodyType::EightBitMime, ..MailParams::default() };
        let (converted, _) = convert(&mut params, NOTHING, bytes, &old()).unwrap();
        assert!(converted.is_ascii(), "{converted}");
        assert_eq!(params.body, BodyType::SevenBit);
        let message = Message::parse(converted.into());
        let text = |at: usize| message.text(&message.parts()[at]).unwrap().into_owned();
        assert_eq!(text(1).trim_end(), "Příliš žluťoučký");
        assert_eq!(text(2).trim_end(), "plain");
    }

    #[test]
    fn a_message_without_mime_becomes_one() {
        let mut params = MailParams::default();
        let bytes = "From: a@x.cz\r\n\r\nžluť\r\n";
        let (converted, _) = convert(&mut params, NOTHING, bytes, &old()).unwrap();
        let message = Message::parse(converted.clone().into());
        assert_eq!(message.text(&message.parts()[0]).unwrap().trim_end(), "žluť", "{converted}");
    }

    #[test]
    fn signed_parts_are_never_converted() {
        let bytes = "From: a@x.cz\r\nMIME-Version: 1.0\r\n\
            Content-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"\r\n\r\n\
            --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nř\r\n--b\r\n\
            Content-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n";
        let mut params = MailParams::default();
        assert_eq!(convert(&mut params, NOTHING, bytes, &old()), Err(SEALED));
    }

    #[test]
    fn utf8_fields_and_domains_have_an_ascii_form_and_local_parts_do_not() {
        let old = Capabilities { eight_bit: true, ..old() };
        let bytes = "From: Jiří <a@x.cz>\r\nSubject: Žluťoučký\r\n\r\nx\r\n";
        let utf8 = || MailParams { smtputf8: true, ..MailParams::default() };
        let (converted, to) = convert(&mut utf8(), "b@háčky.cz", bytes, &old).unwrap();
        assert_eq!(to, "b@xn--hky-ela4t.cz");
        assert!(converted.is_ascii(), "{converted}");
        let message = Message::parse(converted.into());
        assert_eq!(message.subject(), "Žluťoučký");
        assert_eq!(message.mailboxes("From")[0].name, "Jiří");
        assert_eq!(convert(&mut utf8(), "jiří@x.cz", bytes, &old), Err(ADDRESS));
        let strange = "From: a@x.cz\r\nX-Own: ř\r\n\r\nx\r\n";
        assert_eq!(convert(&mut utf8(), NOTHING, strange, &old), Err(HEADER));
    }

    #[test]
    fn binary_parts_become_base64_for_a_peer_without_binarymime() {
        let bytes = "From: a@x.cz\r\nMIME-Version: 1.0\r\nContent-Type: application/x\r\n\
            Content-Transfer-Encoding: binary\r\n\r\na\0b\nc\rd";
        let mut params = MailParams { body: BodyType::BinaryMime, ..MailParams::default() };
        let (converted, _) = convert(&mut params, NOTHING, bytes, &old()).unwrap();
        assert!(converted.ends_with("base64\r\n\r\nYQBiCmMNZA==\r\n"), "{converted}");
    }

    /// Every message of the corpus, sent to a server of 1995, reads the same.
    #[test]
    #[expect(clippy::print_stdout, reason = "a test that skips says so")]
    fn nothing_of_real_mail_is_lost() {
        let folder = std::env::var("SOUHLAS_CORPUS").unwrap_or("../../shared/corpus".to_owned());
        let mut folders = vec![std::path::PathBuf::from(folder)];
        let (mut converted, mut refused) = (0, 0);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                let file = entry.path();
                if file.is_dir() {
                    folders.push(file);
                    continue;
                }
                let Some(bytes) = std::fs::read(&file).ok().filter(|b| b.len() < 200_000) else {
                    continue;
                };
                let bytes = Bytes::from(bytes);
                let (mut params, mut from) = (MailParams::default(), None);
                match for_peer(&mut params, &mut from, &mut [], &bytes, &old()) {
                    Ok(None) => {}
                    Err(_) => refused += 1,
                    Ok(Some(after)) => {
                        converted += 1;
                        let (before, after) = (Message::parse(bytes), Message::parse(after));
                        assert_eq!(before.parts().len(), after.parts().len(), "{}", file.display());
                        for (old, new) in before.parts().iter().zip(after.parts()) {
                            let text = |m: &Message, p: &Part| {
                                m.text(p)
                                    .map(|text| text.replace("\r\n", "\n").trim_end().to_owned())
                            };
                            // What had no label was read as ASCII, and has one now.
                            if old.charset != "us-ascii" {
                                assert_eq!(
                                    text(&before, old),
                                    text(&after, new),
                                    "{}",
                                    file.display()
                                );
                            }
                        }
                    }
                }
            }
        }
        println!(
            "{converted} converted, {refused} refused; none at all: the corpus is absent, skipped"
        );
    }
}
