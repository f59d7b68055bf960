//! A verdict out of a line of the journal, in words: every rule's outcome with its duty and law.

use std::{borrow::Cow, collections::BTreeSet};

use policy::{Citation, Language, OnBroken, law, rules};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::case::Proven;
use crate::{journal::written::Written, words::Words};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    /// The line that it is made of.
    pub chain: String,
    pub seq: i64,
    /// RFC 3339.
    pub at: String,
    pub kind: String,
    pub action: String,
    /// The first rule that asked for the action.
    pub rule: Option<String>,
    pub class: String,
    pub stream: String,
    pub purpose: Option<String>,
    /// Version of the policy.
    pub policy: String,
    /// The laws' packs: `cz 2023-03-23`.
    pub packs: Vec<String>,
    pub outcomes: Vec<Finding>,
    /// The rules run again on the repaired message.
    pub repaired: Option<Vec<Finding>>,
    /// What made it lawful.
    pub edits: Vec<String>,
}

/// What came of one rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Finding {
    pub rule: String,
    /// `broken`, `undecided`, `kept`, `outside`.
    pub outcome: String,
    pub because: String,
    /// The duty in one sentence.
    pub duty: String,
    pub law: Vec<Section>,
    /// What that asked for, where it was broken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_broken: Option<OnBroken>,
    /// The stream itself set that, and not the policy.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_stream: bool,
}

/// Where a duty stands written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Section {
    pub id: String,
    pub cited: String,
}

impl Decision {
    /// `None` where the line holds no verdict.
    pub(super) fn of(line: &Proven<Written>, language: Language) -> Option<Self> {
        let detail: Value = serde_json::from_str(&line.says.detail).ok()?;
        let verdict = detail.get("verdict").unwrap_or(&detail);
        let outcomes = verdict.get("outcomes")?;
        let text = |at: &str| verdict.pointer(at).and_then(Value::as_str).map(str::to_owned);
        let packs = words(verdict.pointer("/facts/packs"));
        let found = |outcomes| findings(outcomes, &packs, language);
        let edits = verdict.get("edits").and_then(Value::as_array);
        Some(Self {
            chain: line.chain.clone(),
            seq: line.seq,
            at: super::page::moment(line.says.at),
            kind: line.says.kind.clone(),
            action: text("/action").unwrap_or_default(),
            rule: text("/rule"),
            class: text("/class").or_else(|| text("/facts/class")).unwrap_or_default(),
            stream: text("/facts/stream").unwrap_or_default(),
            purpose: text("/facts/purpose"),
            policy: text("/policy").unwrap_or_default(),
            outcomes: found(outcomes),
            repaired: verdict.get("repaired").map(found),
            edits: edits.into_iter().flatten().map(Value::to_string).collect(),
            packs,
        })
    }
}

impl Finding {
    /// What came of it, in a word for people.
    pub(crate) fn said<'a>(&'a self, words: &'a Words) -> Cow<'a, str> {
        words.say(match self.outcome.as_str() {
            "broken" => "outcome-broken",
            "undecided" => "outcome-undecided",
            "kept" => "outcome-kept",
            "outside" => "outcome-outside",
            other => return other.into(),
        })
    }
}

/// Broken ones first.
pub(crate) fn findings(outcomes: &Value, packs: &[String], language: Language) -> Vec<Finding> {
    let mut all = Vec::new();
    let countries: BTreeSet<String> =
        packs.iter().filter_map(|pack| Some(pack.split(' ').next()?.to_uppercase())).collect();
    for (outcome, reason) in [("broken", "because"), ("undecided", "missing")] {
        for one in outcomes.get(outcome).and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default();
            let mut finding = finding(text("rule"), outcome, &countries, language);
            let recorded = one.get(reason).unwrap_or(&Value::Null);
            finding.because = Words::of(language).recorded_reason(recorded);
            finding.on_broken =
                one.get("on_broken").and_then(|set| OnBroken::deserialize(set).ok());
            finding.by_stream = one.get("by_stream").and_then(Value::as_bool).unwrap_or_default();
            let cited = words(one.get("law"));
            if !cited.is_empty() {
                finding.law = cited.iter().map(|id| section(id)).collect();
            }
            all.push(finding);
        }
    }
    for outcome in ["kept", "outside"] {
        let ids = words(outcomes.get(outcome));
        all.extend(ids.iter().map(|id| finding(id, outcome, &countries, language)));
    }
    all
}

/// With the rule's own law, as far as it is that of the countries concerned.
fn finding(id: &str, outcome: &str, countries: &BTreeSet<String>, language: Language) -> Finding {
    let rule = rules::find(id);
    let concerns = |one: &&&Citation| {
        countries.contains(one.country) || one.country == "EU" || one.country == "--"
    };
    let cited = rule.map_or(&[][..], |rule| rule.law).iter();
    Finding {
        rule: id.to_owned(),
        outcome: outcome.to_owned(),
        because: String::new(),
        duty: rule.map(|rule| rule.summary(language).into_owned()).unwrap_or_default(),
        law: cited.filter(concerns).map(|one| named(one)).collect(),
        on_broken: None,
        by_stream: false,
    }
}

fn section(id: &str) -> Section {
    law::find(id).map_or_else(|| Section { id: id.to_owned(), cited: id.to_owned() }, named)
}

fn named(one: &Citation) -> Section {
    Section { id: one.id.to_owned(), cited: one.to_string() }
}

/// The texts of a list.
pub(crate) fn words(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|one| one.as_str().map(str::to_owned)).collect()
}
