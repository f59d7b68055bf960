//! Walks the MIME structure (RFC 2046 §5.1) and notes every fault on the way. Decodes no text.

use std::{ops::Range, sync::LazyLock};

use memchr::{memchr, memmem};

use super::{
    Encoding, Header, Part, PartKind, body, charset,
    content::{self, Content},
    fields::{self, line_end, without_line_end},
    params::Value,
    prescan,
};

/// Real messages nest five deep.
const DEPTH_MAX: usize = 32;
/// A newsletter has under ten parts; a message with hundreds of attachments is not one.
const PARTS_MAX: usize = 500;

pub(super) struct Walked {
    pub(super) parts: Vec<Part>,
    pub(super) faults: Vec<&'static str>,
    pub(super) malformed: bool,
}

pub(super) fn walk(bytes: &[u8]) -> Walked {
    let walked = Walked { parts: Vec::new(), faults: Vec::new(), malformed: false };
    let mut walk = Walk { bytes, walked };
    if memchr(0, bytes).is_some() {
        walk.fault("nul-byte");
    }
    walk.part(0..bytes.len(), Above::default());
    walk.field_faults();
    walk.walked
}

struct Walk<'a> {
    bytes: &'a [u8],
    walked: Walked,
}

/// What a part inherits.
#[derive(Clone, Default)]
struct Above {
    parent: Option<usize>,
    /// Its own number; empty for the root.
    path: String,
    depth: usize,
    sealed: bool,
    alternative: Option<usize>,
    /// In a multipart/digest a part without a type is a message (RFC 2046 §5.1.5).
    digest: bool,
}

impl Walk<'_> {
    fn fault(&mut self, fault: &'static str) {
        if !self.walked.faults.contains(&fault) {
            self.walked.faults.push(fault);
        }
    }

    /// A fault after which readers disagree on what the message shows.
    fn broken(&mut self, fault: &'static str) {
        self.fault(fault);
        self.walked.malformed = true;
    }

    fn part(&mut self, range: Range<usize>, above: Above) {
        let block = fields::read(self.bytes, range.clone());
        if let Some(fault) = block.fault {
            self.broken(fault);
        }
        let content = self.content(&block.fields, &above);
        let body = block.body.min(range.end)..range.end;
        let sealed = above.sealed
            || content::seals(&content.media_type)
            || self.is_inline_pgp(&content, &body);
        let is_root_leaf = above.parent.is_none() && content.kind != PartKind::Multipart;
        let charset = content.charset.clone().or_else(|| self.own_charset(&content, &body));
        let index = self.walked.parts.len();
        self.walked.parts.push(Part {
            path: if is_root_leaf { "1".to_owned() } else { above.path.clone() },
            parent: above.parent,
            kind: content.kind,
            media_type: content.media_type.into_owned(),
            charset: charset.unwrap_or_else(|| "us-ascii".to_owned()),
            encoding: content.encoding,
            attachment: content.attachment,
            headers: block.fields,
            head: range.start..block.end,
            body: body.clone(),
            sealed,
            alternative: above.alternative,
        });
        if content.kind == PartKind::Multipart {
            let boundary = content.boundary.unwrap_or_default();
            self.children(index, body, &boundary, Above { sealed, ..above });
        }
    }

    fn children(&mut self, index: usize, body: Range<usize>, boundary: &str, above: Above) {
        let boundary = boundary.trim_end();
        if boundary.is_empty() {
            self.broken("multipart-without-boundary");
            return;
        }
        if above.depth >= DEPTH_MAX {
            self.broken("parts-too-deep");
            return;
        }
        let split = split(self.bytes, body, boundary);
        if split.parts.is_empty() {
            self.broken("multipart-without-parts");
        } else if split.cut {
            self.broken("multipart-cut");
        } else if !split.closed {
            // The outer end ends it for every reader (RFC 2046 §5.1.2).
            self.fault("multipart-open");
        }
        if split.odd {
            self.broken("boundary-odd");
        }
        let (digest, alternative) = match self.walked.parts.get(index) {
            Some(part) if part.media_type == "multipart/digest" => (true, above.alternative),
            Some(part) if part.media_type == "multipart/alternative" => (false, Some(index)),
            Some(_) | None => (false, above.alternative),
        };
        for (number, range) in (1_usize..).zip(split.parts) {
            if self.walked.parts.len() >= PARTS_MAX {
                self.broken("parts-too-many");
                return;
            }
            let path = match above.path.as_str() {
                "" => number.to_string(),
                path => format!("{path}.{number}"),
            };
            let depth = above.depth + 1;
            let sealed = above.sealed;
            self.part(
                range,
                Above { parent: Some(index), path, depth, sealed, alternative, digest },
            );
        }
    }

    /// What the part's own fields say of it. The first of several counts, and it is a fault.
    fn content(&mut self, fields: &[Header], above: &Above) -> Content {
        let bytes = self.bytes;
        let mut content = Content::unlabelled(above.digest);
        let (mut types, mut encodings, mut dispositions) = (0, 0, 0);
        for field in fields {
            // All three begin alike, most fields do not.
            if !field.name.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("content-")) {
                continue;
            }
            let raw = bytes.get(field.value.clone()).unwrap_or_default();
            if field.is("Content-Type") {
                types += 1;
                if types == 1 && content.take_type(Value::of(raw)) {
                    self.broken("parameter-repeated");
                }
            } else if field.is("Content-Transfer-Encoding") {
                encodings += 1;
                if encodings == 1 {
                    content.encoding = content::encoding(&Value::of(raw).main);
                }
            } else if field.is("Content-Disposition") {
                dispositions += 1;
                let disposition = Value::of(raw).main;
                // What is not known counts as an attachment (RFC 2183 §2.8).
                content.attachment |= !disposition.is_empty() && disposition != "inline";
            }
        }
        if types > 1 || encodings > 1 || dispositions > 1 {
            self.broken("part-field-repeated");
        }
        let is_text = matches!(content.kind, PartKind::Text | PartKind::Html);
        match content.encoding {
            Encoding::Unknown => self.fault("encoding-unknown"),
            Encoding::QuotedPrintable | Encoding::Base64 if content.kind == PartKind::Multipart => {
                self.broken("multipart-encoded");
            }
            _ if is_text
                && !content.attachment
                && content.charset.as_deref().is_some_and(|label| !charset::is_known(label)) =>
            {
                self.fault("charset-unknown");
            }
            Encoding::SevenBit
            | Encoding::EightBit
            | Encoding::Binary
            | Encoding::QuotedPrintable
            | Encoding::Base64 => {}
        }
        content
    }

    /// What HTML says of its own charset, where its fields say nothing.
    fn own_charset(&self, content: &Content, range: &Range<usize>) -> Option<String> {
        if content.kind != PartKind::Html {
            return None;
        }
        let raw = self.bytes.get(range.clone()).unwrap_or_default();
        prescan::charset(&body::beginning(raw, content.encoding, prescan::BYTES))
    }

    /// A text signed or encrypted without MIME (RFC 4880 §7).
    fn is_inline_pgp(&self, content: &Content, range: &Range<usize>) -> bool {
        if content.kind != PartKind::Text || content.attachment {
            return false;
        }
        let raw = self.bytes.get(range.clone()).unwrap_or_default();
        if content.encoding == Encoding::Base64 {
            return begins_pgp(&body::base64(raw));
        }
        begins_pgp(raw)
    }

    fn field_faults(&mut self) {
        let Some(root) = self.walked.parts.first() else { return };
        let count = |name: &str| root.headers.iter().filter(|header| header.is(name)).count();
        let missing = REQUIRED.iter().filter(|(name, _)| count(name) == 0);
        let twice = SINGLE.iter().filter(|(name, _)| count(name) > 1);
        let found: Vec<_> = missing.chain(twice).map(|(_, fault)| *fault).collect();
        for fault in found {
            self.fault(fault);
        }
    }
}

/// RFC 5322 §3.6.
static REQUIRED: [(&str, &str); 2] =
    [("From", "field-missing-from"), ("Date", "field-missing-date")];
static SINGLE: [(&str, &str); 12] = [
    ("From", "field-repeated-from"),
    ("Sender", "field-repeated-sender"),
    ("Reply-To", "field-repeated-reply-to"),
    ("To", "field-repeated-to"),
    ("Cc", "field-repeated-cc"),
    ("Bcc", "field-repeated-bcc"),
    ("Subject", "field-repeated-subject"),
    ("Date", "field-repeated-date"),
    ("Message-ID", "field-repeated-message-id"),
    ("In-Reply-To", "field-repeated-in-reply-to"),
    ("References", "field-repeated-references"),
    ("MIME-Version", "field-repeated-mime-version"),
];

fn begins_pgp(text: &[u8]) -> bool {
    ARMOUR.find_iter(text).any(|at| is_line_start(text, at))
}

/// How what is signed or encrypted without MIME begins.
pub(crate) static ARMOUR: LazyLock<memmem::Finder<'static>> =
    LazyLock::new(|| memmem::Finder::new(b"-----BEGIN PGP "));

fn is_line_start(bytes: &[u8], at: usize) -> bool {
    at.checked_sub(1).is_none_or(|before| bytes.get(before) == Some(&b'\n'))
}

struct Split {
    parts: Vec<Range<usize>>,
    /// The last boundary line was found.
    closed: bool,
    /// The text ends with a boundary line that begins a part.
    cut: bool,
    /// Some boundary line goes on after white space; readers disagree on whether it is one.
    odd: bool,
}

/// Cuts a multipart's body at its boundary lines. A line that only begins like the boundary
/// belongs to another, longer one.
fn split(bytes: &[u8], body: Range<usize>, boundary: &str) -> Split {
    let delimiter = format!("--{boundary}");
    let finder = memmem::Finder::new(delimiter.as_bytes());
    let mut found = Split { parts: Vec::new(), closed: false, cut: false, odd: false };
    let mut open: Option<usize> = None;
    let mut at = body.start;
    while let Some(offset) = bytes.get(at..body.end).and_then(|rest| finder.find(rest)) {
        let line = at + offset;
        at = line + delimiter.len();
        if line != body.start && !is_line_start(bytes, line) {
            continue;
        }
        let next = line_end(bytes, at, body.end);
        let tail = without_line_end(bytes.get(at..next).unwrap_or_default());
        let (tail, last) = match tail.strip_prefix(b"--") {
            Some(after) => (after, true),
            None => (tail, false),
        };
        if !tail.trim_ascii().is_empty() {
            found.odd |= tail.first().is_some_and(u8::is_ascii_whitespace);
            continue;
        }
        if let Some(start) = open.take() {
            found.parts.push(start..before_line_end(bytes, start, line));
            if found.parts.len() > PARTS_MAX {
                return found;
            }
        }
        if last {
            found.closed = true;
            return found;
        }
        open = Some(next);
        at = next;
    }
    if let Some(start) = open {
        found.cut = start >= body.end;
        found.parts.push(start..body.end);
    }
    found
}

/// The line end before a boundary belongs to the boundary (RFC 2046 §5.1.1).
fn before_line_end(bytes: &[u8], start: usize, line: usize) -> usize {
    let kept = without_line_end(bytes.get(start..line).unwrap_or_default());
    start + kept.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `path type [flags] body` of each part.
    fn outline(text: &str) -> (Vec<String>, Vec<&'static str>, bool) {
        let text = format!("From: a@b\nDate: x\n{text}");
        let walked = walk(text.as_bytes());
        let lines = walked.parts.iter().map(|part| {
            let mut line = format!("{} {}", part.path, part.media_type);
            for (flag, is) in [
                ("sealed", part.sealed),
                ("attached", part.attachment),
                ("alternative", part.alternative.is_some()),
            ] {
                if is {
                    line.push(' ');
                    line.push_str(flag);
                }
            }
            if part.kind != PartKind::Multipart {
                line.push_str(&format!(" {:?}", &text[part.body.clone()]));
            }
            line
        });
        (lines.collect(), walked.faults, walked.malformed)
    }

    const MIXED: &str = "Content-Type: multipart/mixed; boundary=b\n\n";

    #[test]
    fn the_structure_is_what_imap_numbers() {
        let (parts, faults, _) = outline(
            "Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\n\
             Content-Type: multipart/alternative; boundary=b-1\r\n\r\n--b-1\r\n\r\nplain\r\n--b-1\r\n\
             Content-Type: text/html\r\n\r\n<p>\r\n\r\n--b-1--\r\n\r\n--b\r\n\
             Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n--b-1\r\n--b\r\n\
             Content-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nnotes\r\n--b--\r\nepilogue",
        );
        assert_eq!(
            parts,
            [
                " multipart/mixed",
                "1 multipart/alternative",
                "1.1 text/plain alternative \"plain\"",
                "1.2 text/html alternative \"<p>\\r\\n\"",
                "2 message/rfc822 \"Subject: x\\r\\n\\r\\n--b-1\"",
                "3 text/plain attached \"notes\"",
            ]
        );
        assert!(faults.is_empty(), "{faults:?}");
    }

    #[test]
    fn a_boundary_counts_only_as_a_whole_line() {
        for (body, parts, malformed) in [
            ("--b\n\nx --b\n--bb\n--b--\n", vec!["x --b\n--bb"], false),
            ("--b\n\nx\n--b  \n\ny\n--b-- \n", vec!["x", "y"], false),
            ("--b\n\nx\n--b", vec!["x", ""], true),
            ("--b\n\nx\n", vec!["x\n"], false),
            ("--b\n\nx\n--b junk\ny\n--b--", vec!["x\n--b junk\ny"], true),
            ("nothing", vec![], true),
            ("--b--\n", vec![], true),
            ("--b\n--b--", vec![""], false),
            ("--b\nno empty line\n--b--", vec!["no empty line"], true),
        ] {
            let (outline, _, broken) = outline(&format!("{MIXED}{body}"));
            let expected: Vec<_> = (1..)
                .zip(&parts)
                .map(|(number, text)| format!("{number} text/plain {text:?}"))
                .collect();
            assert_eq!(outline.get(1..).unwrap_or_default(), expected, "{body:?}");
            assert_eq!(broken, malformed, "{body:?}");
        }
    }

    #[test]
    fn what_is_signed_or_encrypted_is_sealed_to_any_depth() {
        for (kind, body, sealed) in [
            ("multipart/signed; boundary=b", "--b\n\nx\n--b--", [true, true]),
            ("multipart/encrypted; boundary=b", "--b\n\nx\n--b--", [true, true]),
            ("multipart/mixed; boundary=b", "--b\n\nx\n--b--", [false, false]),
            (
                "multipart/mixed; boundary=b",
                "--b\n\n-----BEGIN PGP SIGNED MESSAGE-----\n--b--",
                [false, true],
            ),
            (
                "multipart/mixed; boundary=b",
                "--b\nContent-Transfer-Encoding: base64\n\nLS0tLS1CRUdJTiBQR1AgTUVTU0FHRS0tLS0t\n--b--",
                [false, true],
            ),
            ("multipart/mixed; boundary=b", "--b\n\nx -----BEGIN PGP X\n--b--", [false, false]),
            (
                "multipart/mixed; boundary=b",
                "--b\nContent-Type: application/x-pkcs7-mime\n\nx\n--b--",
                [false, true],
            ),
        ] {
            let walked = walk(format!("Content-Type: {kind}\n\n{body}").as_bytes());
            let read: Vec<_> = walked.parts.iter().map(|part| part.sealed).collect();
            assert_eq!(read, sealed, "{kind} {body:?}");
        }
    }

    #[test]
    fn faults_are_named() {
        for (text, fault) in [
            ("X: 1\n\n", "field-missing-from"),
            ("From: a\nFrom: b\n\n", "field-repeated-from"),
            ("Subject: a\nsubject: b\n\n", "field-repeated-subject"),
            ("a\0b\n\n", "nul-byte"),
            ("Content-Type: multipart/mixed\n\n", "multipart-without-boundary"),
            ("Content-Transfer-Encoding: x-uue\n\n", "encoding-unknown"),
            ("Content-Type: text/plain; charset=utf-7\n\n", "charset-unknown"),
            ("Content-Type: text/plain\nContent-Type: text/html\n\n", "part-field-repeated"),
            ("Content-Type: multipart/mixed; boundary=a; boundary=b\n\n", "parameter-repeated"),
        ] {
            let faults = walk(text.as_bytes()).faults;
            assert!(faults.contains(&fault), "{text:?}: {faults:?}");
        }
    }

    #[test]
    fn hostile_structures_stop_at_a_limit() {
        let mut deep = String::new();
        for level in 0..100 {
            deep.push_str(&format!(
                "Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n"
            ));
        }
        let walked = walk(deep.as_bytes());
        assert!(walked.faults.contains(&"parts-too-deep"), "{:?}", walked.faults);
        let many = format!("{MIXED}{}", "--b\n\n".repeat(10_000));
        let walked = walk(many.as_bytes());
        assert_eq!(walked.parts.len(), PARTS_MAX);
        assert!(walked.faults.contains(&"parts-too-many"));
    }
}
