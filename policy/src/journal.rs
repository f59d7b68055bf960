//! A verdict as the journal keeps it: JSON text, written straight from what it is about.
//!
//! It holds no personal data: places in the message, never what stands there. One is written for
//! every recipient, so no tree of values is built on the way.

use std::{fmt, ops::Range};

use serde::{Serialize, Serializer, ser::SerializeSeq};

use crate::{
    Action, Citation, Class, Edit, Evidence, Facts, Finding, Known, OnBroken, Outcome, Pack, Place,
    Reason, Standing, Verdict, Waiver,
};

/// The verdict for the journal, a JSON object: all that is needed to take it again with the same
/// message, and why it fell as it did. No address, no text of the message; kept and outside
/// rules by id.
pub fn journal_detail(policy: &str, facts: &Facts<'_>, verdict: &Verdict) -> String {
    let detail = Detail {
        policy,
        at: facts.now.as_millisecond(),
        action: verdict.action,
        rule: verdict.rule.map(|rule| rule.id),
        facts: Given {
            class: facts.class,
            declared: facts.declared,
            stream: &facts.stream.id,
            report_only: facts.stream.report_only,
            controller: &facts.controller().id,
            purpose: facts.stream.purpose.as_deref(),
            topic: facts.stream.topic.as_deref(),
            recipients: facts.recipients,
            country: facts.recipient_country.as_ref().map(|country| Text(country.0.escape_ascii())),
            packs: Packs(facts.packs),
            provider: facts.provider.map(|provider| provider.id.as_str()),
            signs: facts.signs,
            links: facts.links,
            standing: match facts.standing {
                Known::Is(standing) => Held::Known(standing),
                Known::Not(unknown) => Held::Not { unknown },
            },
            waiver: facts.waiver,
        },
        outcomes: Outcomes(&verdict.findings),
        class: (verdict.class != facts.class).then_some(verdict.class),
        edits: &verdict.edits,
        repaired: verdict.repaired.as_deref().map(Outcomes),
    };
    // INVARIANT: no map with keys that are no strings, and writing to memory cannot fail.
    serde_json::to_string(&detail).unwrap_or_default()
}

#[derive(Serialize)]
struct Detail<'a> {
    policy: &'a str,
    /// Unix milliseconds.
    at: i64,
    action: Action,
    rule: Option<&'static str>,
    facts: Given<'a>,
    outcomes: Outcomes<'a>,
    /// Where a waiver let it be another than the facts say.
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<Class>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    edits: &'a [Edit],
    #[serde(skip_serializing_if = "Option::is_none")]
    repaired: Option<Outcomes<'a>>,
}

/// The facts that were decided on.
#[derive(Serialize)]
struct Given<'a> {
    class: Class,
    declared: Option<Class>,
    stream: &'a str,
    /// What the message breaks was noted and not acted on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    report_only: bool,
    controller: &'a str,
    purpose: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<&'a str>,
    recipients: usize,
    country: Option<Text<std::slice::EscapeAscii<'a>>>,
    packs: Packs<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'a str>,
    signs: bool,
    links: bool,
    standing: Held<'a>,
    waiver: Option<&'a Waiver>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Held<'a> {
    Known(&'a Standing),
    Not { unknown: &'a str },
}

/// `cz 2023-03-23`, the controller's own first.
struct Packs<'a>(&'a [&'a Pack]);

/// What is shown becomes a string.
struct Text<T>(T);

/// Findings by what came of them.
struct Outcomes<'a>(&'a [Finding]);

#[derive(Serialize)]
struct Sorted<'a> {
    kept: Rules<'a>,
    outside: Rules<'a>,
    broken: Broken<'a>,
    undecided: Undecided<'a>,
}

/// The ids of those with that outcome.
struct Rules<'a>(&'a [Finding], Outcome);
struct Broken<'a>(&'a [Finding]);
struct Undecided<'a>(&'a [Finding]);

#[derive(Serialize)]
struct OneBroken<'a> {
    rule: &'static str,
    because: &'a Reason,
    law: Cited<'a>,
    evidence: Places<'a>,
    on_broken: OnBroken,
    /// The stream itself sets that.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    by_stream: bool,
    waived: bool,
}

struct Cited<'a>(&'a [&'static Citation]);
struct Places<'a>(&'a [Evidence]);

#[derive(Serialize)]
struct Placed<'a> {
    place: &'a Place,
    range: &'a Range<usize>,
}

#[derive(Serialize)]
struct OneUndecided {
    rule: &'static str,
    missing: &'static str,
}

impl<T: fmt::Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl Serialize for Packs<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let named = |pack: &&Pack| format!("{} {}", pack.id, pack.version);
        to.collect_seq(self.0.iter().map(named))
    }
}

impl Serialize for Outcomes<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(findings) = *self;
        let kept = Rules(findings, Outcome::Kept);
        let outside = Rules(findings, Outcome::Outside);
        Sorted { kept, outside, broken: Broken(findings), undecided: Undecided(findings) }
            .serialize(to)
    }
}

impl Serialize for Rules<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(findings, wanted) = self;
        let mut list = to.serialize_seq(None)?;
        for finding in findings.iter().filter(|finding| finding.outcome == *wanted) {
            list.serialize_element(finding.rule.id)?;
        }
        list.end()
    }
}

impl Serialize for Broken<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut list = to.serialize_seq(None)?;
        for finding in self.0 {
            let Outcome::Broken(fault) = &finding.outcome else { continue };
            list.serialize_element(&OneBroken {
                rule: finding.rule.id,
                because: &fault.because,
                law: Cited(&fault.law),
                evidence: Places(&fault.evidence),
                on_broken: finding.on_broken,
                by_stream: finding.by_stream,
                waived: finding.waived,
            })?;
        }
        list.end()
    }
}

impl Serialize for Undecided<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut list = to.serialize_seq(None)?;
        for finding in self.0 {
            let Outcome::Undecided { missing } = finding.outcome else { continue };
            list.serialize_element(&OneUndecided { rule: finding.rule.id, missing })?;
        }
        list.end()
    }
}

impl Serialize for Cited<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().map(|citation| citation.id))
    }
}

impl Serialize for Places<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().map(|one| Placed { place: &one.place, range: &one.range }))
    }
}
