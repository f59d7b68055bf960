//! The values that bodies are made of, read strictly and described for the document.
//!
//! Words are their own here and not the ledger's: what a client once learned stays.

use std::{borrow::Cow, collections::BTreeSet};

use jiff::{Span, Timestamp};
use policy::Address;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use utoipa::ToSchema;

/// An e-mail address, however it is typed.
#[derive(Clone, Debug, ToSchema)]
#[schema(value_type = String, format = "email", max_length = 320, example = "jana@example.cz")]
pub(super) struct Mailbox(pub Address);

impl<'de> Deserialize<'de> for Mailbox {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(from)?;
        Address::parse(&text).map(Self).map_err(D::Error::custom)
    }
}

/// A moment with its offset (RFC 3339).
#[derive(Clone, Copy, Debug, ToSchema)]
#[schema(value_type = String, format = "date-time", example = "2026-11-02T09:30:00+01:00")]
pub(super) struct Moment(pub Timestamp);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(from)?;
        text.parse().map(Self).map_err(|_| {
            D::Error::custom("not a moment: write it as `2026-11-02T09:30:00+01:00` (RFC 3339)")
        })
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

/// A length of time in the calendar (ISO 8601): `P3Y`, `P18M`, `P90D`.
#[derive(Clone, Debug, ToSchema)]
#[schema(
    value_type = String,
    pattern = "^P[1-9][0-9]{0,3}[YMWD]$",
    min_length = 3,
    max_length = 6,
    example = "P3Y"
)]
pub(super) struct Lasting(pub Span);

impl<'de> Deserialize<'de> for Lasting {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(from)?;
        let fault =
            || D::Error::custom("not a duration: write `P3Y`, `P18M`, `P8W` or `P90D` (ISO 8601)");
        let digits =
            text.strip_prefix('P').and_then(|rest| rest.strip_suffix(['Y', 'M', 'W', 'D']));
        let digits = digits.filter(|own| {
            (1..=4).contains(&own.len())
                && !own.starts_with('0')
                && own.bytes().all(|byte| byte.is_ascii_digit())
        });
        digits.ok_or_else(fault)?;
        text.parse().map(Self).map_err(|_| fault())
    }
}

impl Serialize for Lasting {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

/// Id of a purpose, chosen by the controller: 1 to 64 of `a-z 0-9 - _`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(
    value_type = String,
    pattern = "^[a-z0-9_-]{1,64}$",
    min_length = 1,
    max_length = 64,
    example = "newsletter"
)]
pub(super) struct PurposeId(pub String);

impl PurposeId {
    pub(super) fn is_one(text: &str) -> bool {
        let letter =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
        (1..=64).contains(&text.len()) && text.bytes().all(letter)
    }
}

impl<'de> Deserialize<'de> for PurposeId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        if Self::is_one(&text) {
            return Ok(Self(text));
        }
        Err(D::Error::custom("not an id of a purpose: write 1 to 64 of `a-z`, `0-9`, `-` and `_`"))
    }
}

/// A text of up to so many letters, none of them a control character but line ends.
pub(super) fn text<'de, const LEAST: usize, const MOST: usize, D: Deserializer<'de>>(
    from: D,
) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    let is_wrong = |letter: char| letter.is_control() && !"\n\r\t".contains(letter);
    if text.contains(is_wrong) {
        return Err(D::Error::custom("a control character stands in it: take it out"));
    }
    if !(LEAST..=MOST).contains(&text.chars().count()) {
        return Err(D::Error::custom(format_args!("wrong length: {LEAST} to {MOST} letters")));
    }
    Ok(text)
}

/// A whole number within limits.
pub(super) fn number<'de, const LEAST: u16, const MOST: u16, D: Deserializer<'de>>(
    from: D,
) -> Result<u16, D::Error> {
    let number = u16::deserialize(from)?;
    if (LEAST..=MOST).contains(&number) {
        return Ok(number);
    }
    Err(D::Error::custom(format_args!("out of its limits: {LEAST} to {MOST}")))
}

/// A list in which nothing stands twice.
pub(super) fn unique<'de, T: Deserialize<'de> + Ord, D: Deserializer<'de>>(
    from: D,
) -> Result<BTreeSet<T>, D::Error> {
    let list = Vec::<T>::deserialize(from)?;
    let count = list.len();
    let set: BTreeSet<T> = list.into_iter().collect();
    if set.len() == count { Ok(set) } else { Err(D::Error::custom("one stands there twice")) }
}

/// A closed list of words: as the API has them, and as the rest of the program does.
macro_rules! words {
    ($(#[$about:meta])* $name:ident for $inner:ty { $($(#[$also:meta])* $variant:ident),* $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Deserialize, Serialize, ToSchema)]
        #[serde(rename_all = "kebab-case")]
        pub(super) enum $name { $($(#[$also])* $variant),* }

        impl From<$name> for $inner {
            fn from(word: $name) -> Self {
                match word { $($name::$variant => Self::$variant),* }
            }
        }

        impl From<$inner> for $name {
            fn from(value: $inner) -> Self {
                match value { $(<$inner>::$variant => Self::$variant),* }
            }
        }
    };
}

words! {
    /// Why the data may be processed: GDPR art. 6(1).
    Basis for policy::Basis {
        Consent, Contract, LegalObligation, VitalInterest, PublicInterest, LegitimateInterest,
    }
}

words! {
    /// A sign of life.
    Activity for policy::Activity { Purchase, Open, Click, Login }
}

words! {
    /// By what way the person may be addressed; messages go by e-mail alone.
    #[derive(Default)]
    Channel for policy::Channel { #[default] Email, Sms, Phone, Post, Social }
}
