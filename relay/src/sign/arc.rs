//! ARC (RFC 8617): the chain that a message brings, whether it holds, and the next link of it.
//!
//! A set of three fields for each that handled the message: what it found, its signature of the
//! message, and its seal of all sets so far. The keys come from the DNS, which the caller asks.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    canon::{self, Field, Split},
    existing, field,
    keys::Key,
    pair::Algorithm,
    published::Public,
    tags::Tags,
};
use crate::seal;

/// What the chain of a message was worth when it came (§4.4).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Chain {
    /// There is none.
    Absent,
    /// It holds, and has so many sets.
    Pass(u8),
    /// It does not; the highest number in it.
    Fail(u8),
    /// Somebody before said that it does not: nobody adds anything (§5.1).
    Ended,
}

/// One set of a chain.
#[derive(Debug, Default)]
struct Set<'m> {
    results: Vec<Field<'m>>,
    message: Vec<Field<'m>>,
    seal: Vec<Field<'m>>,
}

/// Whole sets have one field of each kind.
struct Whole<'m> {
    results: Field<'m>,
    message: Field<'m>,
    seal: Field<'m>,
}

impl Chain {
    /// The number of the set to add; `None`: there is none to add.
    pub(super) fn next(self) -> Option<u8> {
        let next = match self {
            Self::Absent => 1,
            Self::Pass(last) | Self::Fail(last) => last.checked_add(1)?,
            Self::Ended => return None,
        };
        (next <= SETS_MAX).then_some(next)
    }

    /// As `cv=` and as the result of method `arc` have it.
    fn word(self) -> &'static str {
        match self {
            Self::Absent => "none",
            Self::Pass(_) => "pass",
            Self::Fail(_) | Self::Ended => "fail",
        }
    }
}

/// Under which names the DNS has the keys of a message's chain; none where it has no chain.
pub fn chain_keys(message: &[u8]) -> BTreeSet<String> {
    let split = canon::split(message);
    let fields = split.fields.iter().filter(|field| field.is(SEAL) || field.is(MESSAGE));
    fields.filter_map(|field| key_name(&tags(field)?)).take(2 * usize::from(SETS_MAX)).collect()
}

/// Validates the chain of a message as it came (§5.2). `records`: the TXT records by their names.
pub fn chain(message: &[u8], records: &BTreeMap<String, Vec<String>>) -> Chain {
    let split = canon::split(message);
    let sets = sets(&split);
    let Some((last, highest)) = sets.last_key_value() else { return Chain::Absent };
    let says = |set: &Set<'_>| {
        set.seal.first().and_then(tags).and_then(|tags| tags.unfolded("cv")).unwrap_or_default()
    };
    if says(highest).eq_ignore_ascii_case("fail") {
        return Chain::Ended;
    }
    let last = *last;
    match holds(&split, sets, records) {
        Some(()) => Chain::Pass(last),
        None => Chain::Fail(last),
    }
}

/// The three fields of the next set, the seal first; `None` where the key does not work.
pub(super) fn seal(
    key: &Key,
    authserv_id: &str,
    (chain, instance): (Chain, u8),
    split: &Split<'_>,
    now: Timestamp,
) -> Option<Vec<u8>> {
    let word = chain.word();
    let results = format!("{RESULTS}: i={instance}; {authserv_id}; arc={word}\r\n");
    let mut signed = field::signed(&split.fields)?;
    signed.add(&split.fields, "DKIM-Signature");
    let body = seal::digest(&canon::body_relaxed(split.body));
    let first = format!("i={instance}");
    let message = field::sign(key, (MESSAGE, &first), &signed, &body, now)?;
    let mut input = Vec::with_capacity(4096);
    // §5.1.2: of a chain that does not hold nothing but the newest set is sealed.
    if let Chain::Pass(_) = chain {
        for set in sets(split).into_values() {
            let set = set.whole()?;
            set.sealed(&mut input);
            canon::field_relaxed(&mut input, &set.seal);
        }
    }
    for whole in [results.as_bytes(), &message] {
        canon::field_relaxed(&mut input, canon::split(whole).fields.first()?);
    }
    let seal = format!(
        "{SEAL}: i={instance}; a={}; t={}; cv={word};\r\n\td={}; s={};\r\n\tb=",
        key.algorithm.tag(),
        now.as_second().max(0),
        key.domain,
        key.selector,
    );
    let mut out = field::finished(key, seal, input)?;
    out.extend_from_slice(&message);
    out.extend_from_slice(results.as_bytes());
    Some(out)
}

/// By their numbers; what has none, or one that no set may have, counts to number 0.
fn sets<'m>(split: &Split<'m>) -> BTreeMap<u8, Set<'m>> {
    let mut sets: BTreeMap<u8, Set<'m>> = BTreeMap::new();
    for field in &split.fields {
        let kind = [RESULTS, MESSAGE, SEAL].into_iter().position(|name| field.is(name));
        let Some(kind) = kind else { continue };
        let number = tags(field).and_then(|tags| tags.unfolded("i")?.parse().ok());
        let set = sets.entry(number.filter(|number| *number <= SETS_MAX).unwrap_or(0)).or_default();
        match kind {
            0 => set.results.push(*field),
            1 => set.message.push(*field),
            _ => set.seal.push(*field),
        }
    }
    sets
}

fn holds(
    split: &Split<'_>,
    sets: BTreeMap<u8, Set<'_>>,
    records: &BTreeMap<String, Vec<String>>,
) -> Option<()> {
    let mut input = Vec::with_capacity(4096);
    let mut newest = None;
    for (expected, (number, set)) in (1..).zip(sets) {
        let set = set.whole().filter(|_| number == expected)?;
        let tags = tags(&set.seal)?;
        let cv = if number == 1 { "none" } else { "pass" };
        (tags.unfolded("cv")?.eq_ignore_ascii_case(cv) && tags.first("h").is_none())
            .then_some(())?;
        set.sealed(&mut input);
        let mut text = input.clone();
        text.extend_from_slice(&unsigned(&set.seal, true));
        is_signed(&tags, &text, records)?;
        canon::field_relaxed(&mut input, &set.seal);
        newest = Some(set.message);
    }
    let newest = newest?;
    let tags = tags(&newest)?;
    let signature = existing::read(&tags)?;
    let body = existing::signed_body(&signature, split.body)?;
    (seal::from_base64(&tags.unfolded("bh")?)? == seal::digest(&body)).then_some(())?;
    let mut text = existing::signed_header(&signature, split);
    text.extend_from_slice(&unsigned(&newest, signature.relaxed_header));
    is_signed(&tags, &text, records)
}

fn is_signed(tags: &Tags<'_>, text: &[u8], records: &BTreeMap<String, Vec<String>>) -> Option<()> {
    let algorithm = Algorithm::of_tag(&tags.unfolded("a")?)?;
    let signature = seal::from_base64(&tags.unfolded("b")?)?;
    let found = records.get(&key_name(tags)?)?;
    let mut keys = found.iter().filter_map(|record| Public::read(record));
    keys.any(|key| key.verifies(algorithm, text, &signature)).then_some(())
}

impl<'m> Set<'m> {
    fn whole(&self) -> Option<Whole<'m>> {
        match (self.results.as_slice(), self.message.as_slice(), self.seal.as_slice()) {
            ([results], [message], [seal]) => {
                Some(Whole { results: *results, message: *message, seal: *seal })
            }
            _ => None,
        }
    }
}

impl Whole<'_> {
    /// What stands before a seal in what it signs (§5.1.1).
    fn sealed(&self, out: &mut Vec<u8>) {
        canon::field_relaxed(out, &self.results);
        canon::field_relaxed(out, &self.message);
    }
}

/// A signature's own field as it signs it: with nothing in `b=` and without the line end
/// (RFC 6376 §3.7).
fn unsigned(field: &Field<'_>, relaxed: bool) -> Vec<u8> {
    let mut value = Vec::with_capacity(field.value.len());
    for (at, tag) in field.value.split(|byte| *byte == b';').enumerate() {
        if at > 0 {
            value.push(b';');
        }
        let name = tag.split(|byte| *byte == b'=').next().unwrap_or_default();
        if name.trim_ascii() == b"b" && name.len() < tag.len() {
            value.extend_from_slice(name);
            value.push(b'=');
        } else {
            value.extend_from_slice(tag);
        }
    }
    let mut out = Vec::with_capacity(value.len() + 32);
    if relaxed {
        canon::field_relaxed(&mut out, &Field { name: field.name, value: &value, whole: &[] });
    } else {
        out.extend_from_slice(field.name);
        out.push(b':');
        out.extend_from_slice(&value);
    }
    if out.ends_with(b"\r\n") {
        out.truncate(out.len().saturating_sub(2));
    }
    out
}

fn tags<'m>(field: &Field<'m>) -> Option<Tags<'m>> {
    std::str::from_utf8(field.value).ok().map(Tags::parse)
}

fn key_name(tags: &Tags<'_>) -> Option<String> {
    let name = format!("{}._domainkey.{}", tags.unfolded("s")?, tags.unfolded("d")?);
    Some(name.to_ascii_lowercase())
}

/// §4.2.1.
const SETS_MAX: u8 = 50;
const RESULTS: &str = "ARC-Authentication-Results";
const MESSAGE: &str = "ARC-Message-Signature";
const SEAL: &str = "ARC-Seal";
