//! What the fields of a part say of its content (RFC 2045). Where they lie or repeat, `walk` notes it.

use std::borrow::Cow;

use super::{Encoding, PartKind, params::Value};

/// What a part's own fields say of it.
pub(super) struct Content {
    pub(super) kind: PartKind,
    pub(super) media_type: Cow<'static, str>,
    /// `None`: nothing is said.
    pub(super) charset: Option<String>,
    pub(super) encoding: Encoding,
    pub(super) attachment: bool,
    pub(super) boundary: Option<String>,
}

impl Content {
    /// Before any field was read (RFC 2045 §5.2).
    pub(super) fn unlabelled(digest: bool) -> Self {
        let (kind, media_type) = if digest {
            (PartKind::Nested, "message/rfc822")
        } else {
            (PartKind::Text, "text/plain")
        };
        Self {
            kind,
            media_type: media_type.into(),
            charset: None,
            encoding: Encoding::SevenBit,
            attachment: false,
            boundary: None,
        }
    }

    /// True where a parameter that matters stands there twice.
    pub(super) fn take_type(&mut self, value: Value) -> bool {
        // A type without a subtype is read as text by everyone (RFC 2045 §5.2).
        let halves = value.main.split_once('/');
        let known = halves.filter(|(main, sub)| !main.is_empty() && !sub.is_empty());
        if let Some((main, _)) = known {
            self.kind = kind(&value.main, main);
        }
        let charset = value.param("charset").map(|charset| charset.trim().to_owned());
        self.charset = charset.filter(|charset| !charset.is_empty());
        if self.kind == PartKind::Multipart {
            self.boundary = value.param("boundary").map(Cow::into_owned);
        }
        let repeats = value.repeats("charset") || value.repeats("boundary");
        if known.is_some() {
            self.media_type = value.main.into();
        }
        repeats
    }
}

fn kind(media_type: &str, main: &str) -> PartKind {
    match (media_type, main) {
        ("text/plain", _) => PartKind::Text,
        ("text/html" | "application/xhtml+xml", _) => PartKind::Html,
        (_, "multipart") => PartKind::Multipart,
        ("message/rfc822" | "message/global" | "message/news", _) => PartKind::Nested,
        _ => PartKind::Other,
    }
}

pub(super) fn seals(media_type: &str) -> bool {
    matches!(
        media_type,
        "multipart/signed"
            | "multipart/encrypted"
            | "application/pkcs7-mime"
            | "application/x-pkcs7-mime"
            | "application/pgp"
    )
}

pub(super) fn encoding(name: &str) -> Encoding {
    match name {
        "7bit" | "7-bit" | "" => Encoding::SevenBit,
        "8bit" | "8-bit" => Encoding::EightBit,
        "binary" => Encoding::Binary,
        "quoted-printable" => Encoding::QuotedPrintable,
        "base64" => Encoding::Base64,
        _ => Encoding::Unknown,
    }
}
