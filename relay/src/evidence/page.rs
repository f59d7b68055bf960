//! `case.html`: the case for people, one page by itself, without scripts and without anything that
//! is fetched.

use std::{borrow::Cow, collections::BTreeSet};

use askama::Template;
use jiff::Timestamp;

use super::{
    case::{Case, EvidenceIs, Person, SentIs, Statement},
    checkpoint::Checkpoint,
    decision::Finding,
};
use crate::{
    consent::EventKind,
    journal,
    words::{self, Words},
};

#[derive(Template)]
#[template(path = "case.html")]
struct Page<'a> {
    words: &'static Words,
    case: &'a Case,
}

pub(super) fn render(words: &'static Words, case: &Case) -> anyhow::Result<String> {
    Ok(Page { words, case }.render()?)
}

/// Unix milliseconds as RFC 3339; the number where there is no such moment.
pub(super) fn moment(at: i64) -> String {
    Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), |at| at.to_string())
}

impl Page<'_> {
    fn time(&self, at: &i64) -> String {
        moment(*at)
    }

    fn sent(&self, is: &SentIs) -> Cow<'static, str> {
        self.words.say(match is {
            SentIs::Left => "case-is-left",
            SentIs::Received => "case-is-received",
            SentIs::NotKept => "case-is-not-kept",
            SentIs::NeverLeft => "case-is-never-left",
        })
    }

    fn event<'c>(&self, kind: &'c str) -> Cow<'c, str> {
        EventKind::parse(kind).map_or(kind.into(), |kind| self.words.say(kind.text_id()))
    }

    fn fate<'c>(&self, kind: &'c str) -> Cow<'c, str> {
        journal::Kind::parse(kind).map_or(kind.into(), |kind| self.words.say(kind.text_id()))
    }

    /// Checkpoints that a line or an event names; the others lead to what was deposited.
    fn used(&self) -> impl Iterator<Item = &Checkpoint> {
        let lines = self.case.lines.iter().map(|line| line.checkpoint);
        let events = self.case.statements.iter().map(|one| one.event.checkpoint);
        let used: BTreeSet<usize> = lines.chain(events).collect();
        used.into_iter().filter_map(|at| self.case.checkpoints.get(at))
    }

    /// What a line says beside its verdict, which has a section of its own.
    fn detail(&self, detail: &str) -> Vec<(String, String)> {
        let is_verdict = |name: &str| VERDICT.contains(&name.split('.').next().unwrap_or(name));
        let shown = pairs(detail).into_iter().filter(|(name, _)| !is_verdict(name));
        shown.map(|(name, said)| (name.clone(), self.words.value(&name, said))).collect()
    }

    fn evidence(&self, one: &Statement) -> Vec<(String, String)> {
        one.evidence.as_deref().map(pairs).unwrap_or_default()
    }

    fn is_erased(&self, one: &Statement) -> bool {
        one.evidence_is == EvidenceIs::Erased
    }

    fn said<'c>(&'c self, person: &'c Person) -> impl Iterator<Item = &'c Statement> {
        let own = |one: &&Statement| Some(one.event.says.contact) == person.contact;
        self.case.statements.iter().filter(own)
    }

    /// Those that people look at; what is outside is only counted.
    fn told<'c>(&self, findings: &'c [Finding]) -> impl Iterator<Item = &'c Finding> {
        findings.iter().filter(|one| one.outcome != "outside")
    }

    fn outside(&self, findings: &[Finding]) -> String {
        let ids = findings.iter().filter(|one| one.outcome == "outside");
        ids.map(|one| one.rule.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// An object's fields, one inside another as `a.b`.
fn pairs(json: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    match serde_json::from_str(json) {
        Ok(value) => all = words::flat(&value),
        Err(_) => all.push((String::new(), json.to_owned())),
    }
    all
}

/// Fields that are a verdict's.
const VERDICT: [&str; 6] = ["edits", "facts", "outcomes", "repaired", "rule", "verdict"];
