//! The links that the relay makes for one recipient of one message (architecture 9).
//!
//! A link is a sealed token: nobody else can make one or read it, and it holds the address's key,
//! never the address. What a click does is the pages' affair.

use jiff::{SignedDuration, Timestamp};
use policy::{LinkKind, Stream, UnsubscribeScope};
use uuid::Uuid;

use crate::seal::{AddressKey, Secret};

/// What a token says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Link {
    pub kind: Kind,
    pub controller: String,
    /// Empty where the stream has none.
    pub purpose: String,
    /// What an unsubscribe refuses where nothing else is chosen.
    pub scope: UnsubscribeScope,
    pub key: AddressKey,
    pub message: Uuid,
    /// To the second.
    pub issued_at: Timestamp,
}

/// What a link is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    Unsubscribe,
    Preferences,
    Renew,
    Confirm,
}

/// Why a link leads nowhere.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Dead {
    /// Not made here, or not whole any more.
    Forged,
    /// It was a link once.
    Expired,
}

impl Link {
    pub fn seal(&self, secret: &Secret) -> String {
        let mut plain = vec![FORM, self.kind.byte(), scope_byte(self.scope)];
        let seconds = u64::try_from(self.issued_at.as_second()).unwrap_or(0);
        plain.extend_from_slice(&seconds.to_be_bytes());
        plain.extend_from_slice(self.key.as_bytes());
        plain.extend_from_slice(self.message.as_bytes());
        for text in [&self.controller, &self.purpose] {
            plain.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
            plain.extend(text.bytes().take(usize::from(u8::MAX)));
        }
        secret.seal_token(&plain)
    }

    /// Reads a token back.
    ///
    /// # Errors
    ///
    /// Whether it was never a link, or is one no more at `now`.
    pub fn open(secret: &Secret, token: &str, now: Timestamp) -> Result<Self, Dead> {
        let plain = secret.open_token(token).ok_or(Dead::Forged)?;
        let link = Self::from_plain(&plain).ok_or(Dead::Forged)?;
        let age = now.duration_since(link.issued_at);
        if age > link.kind.life() { Err(Dead::Expired) } else { Ok(link) }
    }

    fn from_plain(plain: &[u8]) -> Option<Self> {
        let (&[form, kind, scope], rest) = plain.split_first_chunk::<3>()?;
        let (seconds, rest) = rest.split_first_chunk::<8>()?;
        let (key, rest) = rest.split_first_chunk::<32>()?;
        let (message, rest) = rest.split_first_chunk::<16>()?;
        let (controller, rest) = short_text(rest)?;
        let (purpose, rest) = short_text(rest)?;
        let seconds = i64::try_from(u64::from_be_bytes(*seconds)).ok()?;
        (form == FORM && rest.is_empty()).then_some(())?;
        Some(Self {
            kind: Kind::from_byte(kind)?,
            controller,
            purpose,
            scope: scope_of(scope)?,
            key: AddressKey(*key),
            message: Uuid::from_bytes(*message),
            issued_at: Timestamp::from_second(seconds).ok()?,
        })
    }
}

impl Kind {
    /// The path before the token.
    pub fn path(self) -> &'static str {
        match self {
            Self::Unsubscribe => "u",
            Self::Preferences => "p",
            Self::Renew => "r",
            Self::Confirm => "c",
        }
    }

    /// A "no" is taken for as long as refusals are kept; a "yes" has to follow its question.
    fn life(self) -> SignedDuration {
        match self {
            Self::Unsubscribe | Self::Preferences => SignedDuration::from_hours(10 * 366 * 24),
            Self::Renew => SignedDuration::from_hours(180 * 24),
            Self::Confirm => SignedDuration::from_hours(90 * 24),
        }
    }

    fn byte(self) -> u8 {
        match self {
            Self::Unsubscribe => 1,
            Self::Preferences => 2,
            Self::Renew => 3,
            Self::Confirm => 4,
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        [Self::Unsubscribe, Self::Preferences, Self::Renew, Self::Confirm]
            .into_iter()
            .find(|kind| kind.byte() == byte)
    }
}

/// Makes links under the relay's public address; cheap to clone.
#[derive(Clone, Debug)]
pub struct Maker {
    base: std::sync::Arc<str>,
    secret: Secret,
}

impl Maker {
    /// `base` as in relay.toml: `https://mail.shop.cz`, without a slash at the end.
    pub fn new(base: &str, secret: Secret) -> Self {
        Self { base: base.trim_end_matches('/').into(), secret }
    }

    /// The link of one kind for one recipient of one message; none to write to, because this makes
    /// addresses of pages.
    pub fn link(
        &self,
        kind: &LinkKind,
        stream: &Stream,
        key: AddressKey,
        message: Uuid,
        now: Timestamp,
    ) -> String {
        let (kind, purpose) = match kind {
            LinkKind::Unsubscribe => (Kind::Unsubscribe, stream.purpose.as_deref()),
            LinkKind::UnsubscribeByMail => return String::new(),
            LinkKind::Preferences => (Kind::Preferences, stream.purpose.as_deref()),
            LinkKind::Renew { purpose } => (Kind::Renew, Some(purpose.as_str())),
            LinkKind::Confirm { purpose } => (Kind::Confirm, Some(purpose.as_str())),
        };
        let link = Link {
            kind,
            controller: stream.controller.id.clone(),
            purpose: purpose.unwrap_or_default().to_owned(),
            scope: stream.unsubscribe,
            key,
            message,
            issued_at: now,
        };
        format!("{}/{}/{}", self.base, kind.path(), link.seal(&self.secret))
    }
}

fn scope_byte(scope: UnsubscribeScope) -> u8 {
    match scope {
        UnsubscribeScope::Everything => 0,
        UnsubscribeScope::Purpose => 1,
    }
}

fn scope_of(byte: u8) -> Option<UnsubscribeScope> {
    [UnsubscribeScope::Everything, UnsubscribeScope::Purpose]
        .into_iter()
        .find(|scope| scope_byte(*scope) == byte)
}

/// One octet of length, then UTF-8.
fn short_text(bytes: &[u8]) -> Option<(String, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (text, rest) = rest.split_at_checked(usize::from(*length))?;
    Some((String::from_utf8(text.to_vec()).ok()?, rest))
}

/// The form of the payload, for the day it changes.
const FORM: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    fn link(kind: Kind) -> Link {
        Link {
            kind,
            controller: "zahrada".to_owned(),
            purpose: "novinky".to_owned(),
            scope: UnsubscribeScope::Purpose,
            key: AddressKey([7; 32]),
            message: Uuid::from_u128(42),
            issued_at: Timestamp::from_second(1_800_000_000).unwrap(),
        }
    }

    #[test]
    fn a_link_says_again_what_was_sealed() {
        let secret = Secret::from_bytes([1; 32]);
        for kind in [Kind::Unsubscribe, Kind::Preferences, Kind::Renew, Kind::Confirm] {
            let sealed = link(kind).seal(&secret);
            assert!(sealed.len() < 200, "{}", sealed.len());
            assert_eq!(Link::open(&secret, &sealed, link(kind).issued_at), Ok(link(kind)));
        }
    }

    #[test]
    fn a_refusal_is_taken_for_years_and_a_consent_is_not() {
        let secret = Secret::from_bytes([1; 32]);
        let later = |days: i64| {
            let hours = SignedDuration::from_hours(days * 24);
            link(Kind::Renew).issued_at.checked_add(hours).unwrap()
        };
        for (kind, days, is_open) in [
            (Kind::Unsubscribe, 3_650, true),
            (Kind::Unsubscribe, 3_700, false),
            (Kind::Renew, 179, true),
            (Kind::Renew, 181, false),
            (Kind::Confirm, 91, false),
        ] {
            let opened = Link::open(&secret, &link(kind).seal(&secret), later(days));
            assert_eq!(opened.is_ok(), is_open, "{kind:?} {days}");
        }
    }

    #[test]
    fn what_was_not_sealed_here_is_no_link() {
        let ours = Secret::from_bytes([1; 32]);
        let theirs = link(Kind::Renew).seal(&Secret::from_bytes([2; 32]));
        let now = link(Kind::Renew).issued_at;
        let short = ours.seal_token(&[FORM, 1, 0, 0]);
        for token in [theirs.as_str(), &short, "", "x", "../../etc", "%00"] {
            assert_eq!(Link::open(&ours, token, now), Err(Dead::Forged), "{token}");
        }
    }
}
