//! The values that bodies are made of, read strictly and described for the document.
//!
//! Words are their own here and not the ledger's: what a client once learned stays.

use std::{borrow::Cow, collections::BTreeSet, fmt, marker::PhantomData};

use jiff::{Span, Timestamp};
use policy::Address;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Error as _},
};
use utoipa::ToSchema;

use crate::seal::{self, AddressKey};

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

/// An address as somebody typed it, right or wrong.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(value_type = String, max_length = 400, example = "jana@example.cz")]
pub(super) struct Typed(#[serde(deserialize_with = "typed")] pub String);

fn typed<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    if text.chars().count() <= 400 {
        return Ok(text);
    }
    Err(D::Error::custom("too long: at most 400 letters"))
}

/// Id of a stream in policy.toml.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 100, example = "newsletter")]
pub(super) struct StreamId(#[serde(deserialize_with = "text::<1, 100, _>")] pub String);

/// How the controller calls one version of its notice on privacy.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 100, example = "2026-05")]
pub(super) struct NoticeVersion(#[serde(deserialize_with = "text::<1, 100, _>")] pub String);

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

/// The same where there need not be one.
pub(super) fn some_text<'de, const MOST: usize, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    struct Some<const MOST: usize>(#[serde(deserialize_with = "text::<0, MOST, _>")] String);
    Ok(Option::<Some<MOST>>::deserialize(from)?.map(|text| text.0))
}

/// The key under which the relay knows a contact: 64 hex digits, other for each controller.
#[derive(Clone, Copy, Debug, ToSchema)]
#[schema(
    value_type = String,
    pattern = "^[0-9a-f]{64}$",
    min_length = 64,
    max_length = 64,
    example = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
)]
pub(super) struct ContactKey(pub AddressKey);

impl ContactKey {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        let bytes = seal::from_hex(text).filter(|_| lower)?;
        AddressKey::from_slice(&bytes).map(Self)
    }
}

impl<'de> Deserialize<'de> for ContactKey {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(from)?;
        let fault = "not a contact's key: write the 64 hex digits of an answer's `contact`";
        Self::parse(&text).ok_or_else(|| D::Error::custom(fault))
    }
}

impl Serialize for ContactKey {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0.hex())
    }
}

/// An event of the ledger.
#[derive(Clone, Debug, ToSchema)]
#[schema(value_type = String, pattern = "^c[1-9][0-9]{0,8}-[1-9][0-9]{0,8}$", example = "c1-42")]
pub(super) struct Event(pub String);

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let number = |text: &str| {
            (1..=9).contains(&text.len())
                && !text.starts_with('0')
                && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let halves = text.strip_prefix('c').and_then(|rest| rest.split_once('-'));
        if halves.is_some_and(|(chain, seq)| number(chain) && number(seq)) {
            return Ok(Self(text));
        }
        Err(D::Error::custom("not an event: write it as answers have it, as in `c1-42`"))
    }
}

/// A country, ISO 3166-1 alpha-2.
#[derive(Clone, Copy, Debug, ToSchema)]
#[schema(value_type = String, pattern = "^[A-Z]{2}$", min_length = 2, max_length = 2, example = "CZ")]
pub(super) struct CountryCode(pub [u8; 2]);

impl<'de> Deserialize<'de> for CountryCode {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(from)?;
        let code = text.as_bytes().try_into().ok();
        let code = code.filter(|code: &[u8; 2]| code.iter().all(u8::is_ascii_uppercase));
        code.map(Self)
            .ok_or_else(|| D::Error::custom("not a country: write two letters, as in `CZ`"))
    }
}

/// A category of goods, by the shop's own word.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Deserialize, ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 100, example = "coffee")]
pub(super) struct Category(#[serde(deserialize_with = "text::<1, 100, _>")] pub String);

/// How often at most: `2 in 30 days`.
#[derive(Clone, Copy, Debug, ToSchema)]
#[schema(
    value_type = String,
    pattern = "^[1-9][0-9]{0,2} in [1-9][0-9]{0,2} days$",
    max_length = 15,
    example = "2 in 30 days"
)]
pub(super) struct AtMost(pub policy::Frequency);

impl<'de> Deserialize<'de> for AtMost {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(from)?;
        let number = |text: &str| {
            (1..=3).contains(&text.len())
                && !text.starts_with('0')
                && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let halves = text.strip_suffix(" days").and_then(|rest| rest.split_once(" in "));
        let plain = halves.is_some_and(|(count, days)| number(count) && number(days));
        let read = text.parse().ok().filter(|_| plain);
        read.map(Self).ok_or_else(|| D::Error::custom("not a frequency: write `2 in 30 days`"))
    }
}

/// From when a grant counts.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Start {
    Now,
    /// When the contact came on record.
    Added,
}

/// A whole number within limits.
pub(super) fn number<'de, const LEAST: u16, const MOST: u16, D: Deserializer<'de>>(
    from: D,
) -> Result<u16, D::Error> {
    let number = u16::try_from(Whole::deserialize(from)?.0).unwrap_or(u16::MAX);
    if (LEAST..=MOST).contains(&number) {
        return Ok(number);
    }
    Err(D::Error::custom(format_args!("out of its limits: {LEAST} to {MOST}")))
}

/// A whole number, as JSON Schema knows it: `7.0` is one, too.
struct Whole(u32);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(from)?;
        let fault = || D::Error::custom("not a whole number of its kind: send one from 0 up");
        let whole = number.as_u64().or_else(|| {
            let whole = number.as_f64().filter(|own| own.fract() == 0.0)?;
            format!("{whole:.0}").parse().ok()
        });
        whole.and_then(|whole| u32::try_from(whole).ok()).map(Self).ok_or_else(fault)
    }
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

/// A list of so many.
pub(super) fn list<
    'de,
    const LEAST: usize,
    const MOST: usize,
    T: Deserialize<'de>,
    D: Deserializer<'de>,
>(
    from: D,
) -> Result<Vec<T>, D::Error> {
    let list = Vec::deserialize(from)?;
    if (LEAST..=MOST).contains(&list.len()) {
        return Ok(list);
    }
    Err(D::Error::custom(format_args!("wrong length: {LEAST} to {MOST}")))
}

/// The same where there need not be one.
pub(super) fn some_list<
    'de,
    const LEAST: usize,
    const MOST: usize,
    T: Deserialize<'de>,
    D: Deserializer<'de>,
>(
    from: D,
) -> Result<Option<Vec<T>>, D::Error> {
    let Some(list) = Option::<Vec<T>>::deserialize(from)? else { return Ok(None) };
    if (LEAST..=MOST).contains(&list.len()) {
        return Ok(Some(list));
    }
    Err(D::Error::custom(format_args!("wrong length: {LEAST} to {MOST}")))
}

/// An object and nothing else: serde would take a list of its values, too.
pub(super) fn object<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<T, D::Error> {
    struct Visitor<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> de::Visitor<'de> for Visitor<T> {
        type Value = T;

        fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
            to.write_str("an object")
        }

        fn visit_map<M: de::MapAccess<'de>>(self, map: M) -> Result<T, M::Error> {
            T::deserialize(de::value::MapAccessDeserializer::new(map))
        }
    }

    from.deserialize_map(Visitor(PhantomData))
}

/// The rows of a page.
pub(super) fn limit<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u32>, D::Error> {
    match Option::<Whole>::deserialize(from)? {
        None => Ok(None),
        Some(Whole(limit @ 1..=1_000)) => Ok(Some(limit)),
        Some(_) => Err(D::Error::custom("out of its limits: 1 to 1000")),
    }
}

/// A closed list of words: as the API has them, and as the rest of the program does.
macro_rules! words {
    ($(#[$about:meta])* $name:ident for $inner:ty { $($(#[$also:meta])* $variant:ident),* $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
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

pub(super) use words;

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

words! {
    /// How a grant was given.
    Method for policy::Method {
        Form, DoubleOptIn, Import, Api, Manual, Chat, Order, RenewalClick, Preticked,
    }
}

words! {
    /// Where the address came from; only `own` ever justifies a message.
    Source for policy::Source { Own, Purchased, Public, Scraped }
}

words! {
    /// How a grant ends before its time: `withdrawn` by the person, `revoked` by the controller,
    /// `terminated` with its purpose, `invalidated` where it was void from its beginning.
    Ended for policy::Ended { Withdrawn, Revoked, Terminated, Invalidated }
}

words! {
    /// What was between the business and the person.
    RelationKind for policy::RelationKind { Purchase, Contract, Enquiry, Contest }
}

words! {
    /// Who stands behind an address; some laws protect companies less.
    Subscriber for policy::Subscriber { Unknown, Individual, SoleTrader, Corporate }
}

words! {
    /// What the relay would do.
    Action for policy::Action { Send, SendEdited, Defer, Hold, Reject }
}

/// What a message is in the law's eyes.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Class {
    Commercial,
    Greeting,
    ReviewRequest,
    ReconsentRequest,
    OptInConfirmation,
    TechnicalNotice,
    Transactional,
    SolicitedReply,
    NonBusiness,
}

/// Nobody declares a message to be mixed: so there is no way back.
impl From<Class> for policy::Class {
    fn from(class: Class) -> Self {
        match class {
            Class::Commercial => Self::Commercial,
            Class::Greeting => Self::Greeting,
            Class::ReviewRequest => Self::ReviewRequest,
            Class::ReconsentRequest => Self::ReconsentRequest,
            Class::OptInConfirmation => Self::OptInConfirmation,
            Class::TechnicalNotice => Self::TechnicalNotice,
            Class::Transactional => Self::Transactional,
            Class::SolicitedReply => Self::SolicitedReply,
            Class::NonBusiness => Self::NonBusiness,
        }
    }
}
