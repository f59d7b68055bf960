//! The text of one part, changed in place: only the bytes of the change differ, unless the part
//! cannot hold the new text and is converted to UTF-8.

use std::{borrow::Cow, ops::Range};

use memchr::memmem;

use crate::{
    CannotEdit, Encoding, Message, Part, PartKind,
    message::{ARMOUR, Flow},
};

use super::{base64, charset::Charset, head, quoted, splice::Splices};

/// A part opened for writing.
pub(super) struct Content<'m> {
    message: &'m Message,
    part: &'m Part,
    pub(super) html: bool,
    pub(super) charset: Charset,
    /// The text's octets in `charset`, transfer encoding undone.
    pub(super) text: Cow<'m, [u8]>,
    quoted: Option<quoted::Decoded>,
    /// The text is UTF-8 already and will be written as such.
    converted: bool,
    /// The text is ASCII and will be called UTF-8; nothing of it changes.
    relabelled: bool,
}

/// New text in the place of a range of [`Content::text`].
#[derive(Debug)]
pub(super) struct Change {
    pub(super) at: Range<usize>,
    pub(super) with: String,
}

impl<'m> Content<'m> {
    pub(super) fn open(message: &'m Message, part: &'m Part) -> Result<Self, CannotEdit> {
        let raw = message.raw(part.body.clone());
        let charset = Charset::of(&part.charset);
        let html = part.kind == PartKind::Html;
        let mut content = Self {
            message,
            part,
            html,
            charset,
            text: Cow::Borrowed(raw),
            quoted: None,
            converted: false,
            relabelled: false,
        };
        match part.encoding {
            Encoding::SevenBit | Encoding::EightBit | Encoding::Binary => {}
            Encoding::QuotedPrintable => {
                let mut decoded = quoted::decode(raw);
                content.text = Cow::Owned(std::mem::take(&mut decoded.bytes));
                content.quoted = Some(decoded);
            }
            Encoding::Base64 => {
                content.text = Cow::Owned(base64::decode(raw).ok_or(CannotEdit::Malformed)?);
            }
            Encoding::Unknown => return Err(CannotEdit::NoText),
        }
        if matches!(charset, Charset::Foreign) {
            content.convert()?;
        }
        Ok(content)
    }

    /// Takes the part's text as UTF-8, to be written so.
    fn convert(&mut self) -> Result<(), CannotEdit> {
        let text = match std::str::from_utf8(&self.text) {
            // Raw UTF-8 that nobody labelled.
            Ok(text)
                if matches!(self.charset, Charset::Ascii | Charset::Unknown | Charset::Utf8) =>
            {
                text.to_owned()
            }
            _ => self.message.text(self.part).ok_or(CannotEdit::NoText)?.into_owned(),
        };
        self.text = Cow::Owned(with_line_ends(&text).into_bytes());
        self.charset = Charset::Utf8;
        self.converted = true;
        self.relabelled = false;
        self.quoted = None;
        Ok(())
    }

    /// Makes sure that it can hold these texts; afterwards [`Content::text`] may be another.
    pub(super) fn hold<'t>(
        &mut self,
        texts: impl Iterator<Item = &'t str> + Clone,
    ) -> Result<(), CannotEdit> {
        if self.converted {
            return Ok(());
        }
        let seven = self.part.encoding == Encoding::SevenBit && self.text.is_ascii();
        if matches!(self.charset, Charset::Unknown) && self.text.is_ascii() {
            self.charset = Charset::Utf8;
            self.relabelled = true;
        }
        // What only HTML says of its charset, not every reader asks it for.
        let told_inside =
            self.html && self.text.is_ascii() && !head::names_charset(self.message, self.part);
        if (seven && self.html || told_inside) && !matches!(self.charset, Charset::Foreign) {
            // Character references keep seven bits seven.
            self.charset = Charset::Ascii;
        }
        let fits = texts.clone().all(|text| self.charset.write(text, self.html).is_some());
        let promise = seven && !self.html && !texts.clone().all(str::is_ascii);
        if fits && !promise {
            return Ok(());
        }
        if !seven && self.text.is_ascii() && !matches!(self.charset, Charset::Foreign) {
            self.charset = Charset::Utf8;
            self.relabelled = true;
            return Ok(());
        }
        self.convert()
    }

    /// Something in it is signed or encrypted with PGP.
    pub(super) fn is_armoured(&self) -> bool {
        ARMOUR.find(&self.text).is_some()
    }

    /// A text as it would stand in the part.
    pub(super) fn written<'t>(&self, text: &'t str) -> Cow<'t, [u8]> {
        self.charset.write(text, self.html).unwrap_or_default()
    }

    /// A line as it is written where lines may flow: one that would be read as a quotation or lose
    /// its beginning is put behind a space (RFC 3676 §4.4).
    pub(super) fn line<'t>(&self, line: Cow<'t, str>) -> Cow<'t, str> {
        let marked = line.starts_with(['>', ' ']) || line.starts_with("From ");
        if marked && self.message.flow(self.part) != Flow::Fixed {
            return format!(" {line}").into();
        }
        line
    }

    /// A piece of the text as it is read.
    pub(super) fn shown(&self, piece: Range<usize>) -> Cow<'_, str> {
        self.charset.read(self.text.get(piece).unwrap_or_default())
    }

    /// The line end this text uses.
    pub(super) fn line_end(&self) -> &'static str {
        let base64 = self.part.encoding == Encoding::Base64 && !self.converted;
        let feeds = base64
            && memmem::find(&self.text, b"\r\n").is_none()
            && memchr::memchr(b'\n', &self.text).is_some();
        if feeds { "\n" } else { "\r\n" }
    }

    /// Writes the changes, which must be sorted and apart.
    pub(super) fn write(self, changes: &[Change], splices: &mut Splices) -> Result<(), CannotEdit> {
        let Some(first) = changes.first() else { return Ok(()) };
        if self.message.is_malformed() {
            return Err(CannotEdit::Malformed);
        }
        if self.relabelled {
            head::convert(self.message, self.part, None, splices)?;
        }
        if self.converted {
            self.write_converted(changes, splices)?;
        } else {
            self.write_in_place(first, changes, splices);
        }
        // An empty part may lack the line end that belongs to the boundary behind it.
        let behind = self.message.raw(self.part.body.end..self.message.bytes().len());
        if self.part.body.is_empty() && behind.starts_with(b"--") {
            splices.insert(self.part.body.end, b"\r\n".to_vec());
        }
        Ok(())
    }

    fn write_in_place(&self, first: &Change, changes: &[Change], splices: &mut Splices) {
        self.end_head(splices);
        let raw = self.message.raw(self.part.body.clone());
        let base = self.part.body.start;
        if self.part.encoding == Encoding::Base64 {
            let (range, with) = base64::splice(raw, first.at.start, &self.changed(changes));
            splices.replace(base + range.start..base + range.end, with);
            return;
        }
        for change in changes {
            let text = self.written(&change.with).into_owned();
            match &self.quoted {
                Some(decoded) => {
                    let range = decoded.raw_range(raw, change.at.clone());
                    let with = quoted::splice(raw, range.clone(), &text);
                    splices.replace(base + range.start..base + range.end, with);
                }
                None => splices.replace(base + change.at.start..base + change.at.end, text),
            }
        }
    }

    /// An empty part may lack the empty line that ends its header.
    fn end_head(&self, splices: &mut Splices) {
        if self.message.raw(self.part.head.end..self.part.body.start).is_empty() {
            splices.insert(self.part.body.start, b"\r\n".to_vec());
        }
    }

    fn write_converted(&self, changes: &[Change], splices: &mut Splices) -> Result<(), CannotEdit> {
        let text = self.changed(changes);
        let foreign = text.iter().filter(|byte| !byte.is_ascii()).count();
        let raw = self.message.raw(self.part.body.clone());
        let (name, mut body) = if foreign > text.len() / 3 {
            ("base64", base64::encode(&text))
        } else {
            let mut body = Vec::with_capacity(text.len() + foreign * 2 + text.len() / 20);
            quoted::encode(&mut body, &text, 0);
            ("quoted-printable", body)
        };
        let ended = raw.ends_with(b"\n") || self.part.parent.is_none();
        if name == "base64" && !ended {
            body.truncate(body.len().saturating_sub(2));
        }
        head::convert(self.message, self.part, Some(name), splices)?;
        self.end_head(splices);
        splices.replace(self.part.body.clone(), body);
        Ok(())
    }

    /// The whole text with the changes made.
    fn changed(&self, changes: &[Change]) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.text.len() + 1024);
        let mut done = 0;
        for change in changes {
            out.extend_from_slice(self.text.get(done..change.at.start).unwrap_or_default());
            out.extend_from_slice(&self.written(&change.with));
            done = change.at.end;
        }
        out.extend_from_slice(self.text.get(done..).unwrap_or_default());
        out
    }

    /// Nothing follows the part in the message.
    pub(super) fn is_last(&self) -> bool {
        self.part.body.end == self.message.bytes().len()
    }
}

/// The text with every line end as CRLF.
fn with_line_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n")
}
