//! A verdict in words and in JSON: what the CLI, the console and the API show.
//!
//! It decides nothing and leaves nothing out. Not here: the journal's form (`journal`).

use std::{borrow::Cow, fmt::Write as _};

use serde::Serialize;

use crate::{
    Action, Citation, Class, Country, Edit, Evidence, Facts, Finding, Language, OnBroken, Outcome,
    Reason, Verdict, reasons::law, rules,
};

/// All that a verdict rests on, for people and programs.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    pub action: Action,
    pub class: Class,
    pub declared: Option<Class>,
    pub stream: String,
    /// The stream only reports: what its messages break is noted and not acted on, but for what
    /// binds whatever is set.
    pub report_only: bool,
    pub controller: String,
    pub purpose: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// `cz 2023-03-23`, the controller's own first.
    pub packs: Vec<String>,
    /// The policy's version.
    pub policy: String,
    /// The moment decided for, RFC 3339.
    pub at: String,
    /// How many recipients the envelope has.
    pub recipients: usize,
    /// One per rule, kept ones included.
    pub outcomes: Vec<Explained>,
    pub edits: Vec<Edit>,
    /// The rules run again on the repaired message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repaired: Option<Vec<Explained>>,
    /// By which the class was told, the heaviest first.
    pub signs: Vec<SignShown>,
    /// What breaking these rules may cost; empty where none is broken.
    pub penalties: Vec<String>,
}

/// One rule's outcome.
#[derive(Clone, Debug, Serialize)]
pub struct Explained {
    pub rule: &'static str,
    /// `outside`, `kept`, `broken`, `undecided`.
    pub outcome: &'static str,
    /// Why it is broken, or what is missing, in a sentence; empty otherwise.
    pub because: String,
    /// The same for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    pub law: Vec<String>,
    /// Who asked for it, and by which parameter of the pack: `Polish law, label.required`.
    pub asked_by: Vec<String>,
    pub evidence: Vec<Evidence>,
    pub on_broken: OnBroken,
    /// The stream itself sets that, and not the policy.
    pub by_stream: bool,
    pub waived: bool,
    /// The duty in one sentence: in the controller's language, or the reader's.
    pub summary: Cow<'static, str>,
}

/// One sign of the class.
#[derive(Clone, Debug, Serialize)]
pub struct SignShown {
    pub name: &'static str,
    pub speaks_for: Class,
    pub weight: i32,
    pub shown: String,
}

/// Puts a verdict into words; `policy` is the version it was decided under, `say` says a reason in
/// English.
pub fn explain(
    policy: &str,
    facts: &Facts<'_>,
    verdict: &Verdict,
    say: &dyn Fn(&Reason) -> String,
) -> Explanation {
    let explained = |findings: &[Finding]| {
        findings.iter().map(|finding| explained(facts, finding, say)).collect()
    };
    let mut signs: Vec<SignShown> = facts
        .reading
        .signs()
        .into_iter()
        .map(|sign| SignShown {
            name: sign.name,
            speaks_for: sign.speaks_for,
            weight: sign.weight,
            shown: sign.shown,
        })
        .collect();
    signs.sort_by_key(|sign| std::cmp::Reverse(sign.weight));
    let broken = verdict.findings.iter().any(|one| matches!(one.outcome, Outcome::Broken(_)));
    let packs = facts.packs.iter();
    Explanation {
        action: verdict.action,
        class: verdict.class,
        declared: facts.declared,
        stream: facts.stream.id.clone(),
        report_only: facts.stream.report_only,
        controller: facts.controller().id.clone(),
        purpose: facts.stream.purpose.clone(),
        topic: facts.stream.topic.clone(),
        packs: packs.clone().map(|pack| format!("{} {}", pack.id, pack.version)).collect(),
        policy: policy.to_owned(),
        at: facts.now.to_string(),
        recipients: facts.recipients,
        outcomes: explained(&verdict.findings),
        edits: verdict.edits.clone(),
        repaired: verdict.repaired.as_deref().map(explained),
        signs,
        penalties: packs
            .filter(|_| broken)
            .map(|pack| format!("{}: {}", pack.terms.penalty.authority, pack.terms.penalty.note))
            .collect(),
    }
}

fn explained(facts: &Facts<'_>, finding: &Finding, say: &dyn Fn(&Reason) -> String) -> Explained {
    let rule = finding.rule;
    let (outcome, reason, evidence) = match &finding.outcome {
        Outcome::Outside => ("outside", None, Vec::new()),
        Outcome::Kept => ("kept", None, Vec::new()),
        Outcome::Broken(fault) => {
            ("broken", Some(Reason::clone(&fault.because)), fault.evidence.clone())
        }
        Outcome::Undecided { missing } => ("undecided", Some(Reason::new(missing)), Vec::new()),
    };
    let mut law: Vec<String> = law(facts, finding).into_iter().map(Citation::to_string).collect();
    law.dedup();
    Explained {
        rule: rule.id,
        outcome,
        because: reason.as_ref().map(say).unwrap_or_default(),
        reason,
        law,
        asked_by: asked_by(facts, &finding.outcome),
        evidence,
        on_broken: finding.on_broken,
        by_stream: finding.by_stream,
        waived: finding.waived,
        summary: rule.summary(facts.controller().language),
    }
}

fn asked_by(facts: &Facts<'_>, outcome: &Outcome) -> Vec<String> {
    let Outcome::Broken(fault) = outcome else { return Vec::new() };
    let pack = |country| facts.packs.iter().find(|pack| pack.country == country);
    let named = |(country, parameter): &(Country, &str)| {
        Some(format!("{}, {parameter}", pack(*country)?.asker(parameter)))
    };
    fault.asked.iter().filter_map(named).collect()
}

impl Explanation {
    /// Says duties and reasons in the reader's language.
    pub fn say_in(&mut self, language: Language, say: &dyn Fn(&Reason) -> String) {
        for one in self.outcomes.iter_mut().chain(self.repaired.iter_mut().flatten()) {
            one.because = one.reason.as_ref().map(say).unwrap_or_default();
            if let Some(rule) = rules::find(one.rule) {
                one.summary = rule.summary(language);
            }
        }
    }

    /// For a terminal: the action first, then every reason, then what to do next.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        self.head(&mut text);
        self.reasons(&mut text);
        let quiet = |wanted| {
            let those = self.outcomes.iter().filter(move |one| one.outcome == wanted);
            those.map(|one| one.rule).collect::<Vec<_>>().join(", ")
        };
        line(&mut text, "kept", &quiet("kept"));
        line(&mut text, "outside", &quiet("outside"));
        for edit in &self.edits {
            line(&mut text, "edit", &edit.words());
        }
        if let Some(repaired) = &self.repaired {
            let still: Vec<&str> = repaired
                .iter()
                .filter(|one| one.outcome == "broken" || one.outcome == "undecided")
                .map(|one| one.rule)
                .collect();
            let words = if still.is_empty() {
                "every rule is kept or does not apply".to_owned()
            } else {
                format!("still broken: {}", still.join(", "))
            };
            line(&mut text, "repaired", &words);
        }
        for sign in self.signs.iter().take(SIGNS_SHOWN) {
            let words = format!(
                "{} {:+} {}: {}",
                sign.name,
                sign.weight,
                sign.speaks_for.words(),
                sign.shown
            );
            line(&mut text, "sign", &words);
        }
        for penalty in &self.penalties {
            line(&mut text, "penalty", penalty);
        }
        line(&mut text, "next", self.next_step());
        text
    }

    fn head(&self, text: &mut String) {
        line(text, "action", action_words(self.action));
        let class = match self.declared {
            Some(declared) if declared != self.class => {
                format!("{} (declared {})", self.class.words(), declared.words())
            }
            Some(_) => format!("{} (as declared)", self.class.words()),
            None => format!("{} (by its signs)", self.class.words()),
        };
        line(text, "class", &class);
        let purpose = self.purpose.as_deref().unwrap_or("none");
        let topic = self.topic.iter().map(|topic| format!(", topic {topic}"));
        let topic: String = topic.collect();
        let stream =
            format!("{}, controller {}, purpose {purpose}{topic}", self.stream, self.controller);
        line(text, "stream", &stream);
        if self.report_only {
            line(text, "", "report-only: what it breaks is noted and not acted on");
        }
        line(text, "packs", &self.packs.join(", "));
        line(text, "policy", &format!("{} at {}", self.policy, self.at));
    }

    fn reasons(&self, text: &mut String) {
        for one in &self.outcomes {
            if one.outcome != "broken" && one.outcome != "undecided" {
                continue;
            }
            let mild = match one.on_broken {
                _ if one.waived => ", waived",
                OnBroken::Report if one.outcome == "broken" => ", noted only",
                OnBroken::Off => ", off",
                OnBroken::Report | OnBroken::Repair | OnBroken::Hold | OnBroken::Reject => "",
            };
            let own = if one.by_stream { ", as the stream sets it" } else { "" };
            line(text, one.outcome, &format!("{}{mild}{own}: {}", one.rule, one.because));
            if !one.law.is_empty() {
                line(text, "", &format!("law: {}", one.law.join("; ")));
            }
            // Where one law applies, it is that one.
            if self.packs.len() > 1 && !one.asked_by.is_empty() {
                line(text, "", &format!("asked by: {}", one.asked_by.join("; ")));
            }
            for evidence in &one.evidence {
                let (start, end) = (evidence.range.start, evidence.range.end);
                let place = evidence.place.words();
                line(text, "", &format!("{place}, bytes {start} to {end}: {}", evidence.shown));
            }
            line(text, "", &one.summary);
        }
    }

    fn next_step(&self) -> &'static str {
        match self.action {
            Action::Send => "nothing: the message may go as it is",
            Action::SendEdited => {
                "nothing: the relay edits it; put the same into the tool's template to keep it whole"
            }
            Action::Defer => "send it again later: a fact could not be learned",
            Action::Hold => "a person looks at it: `souhlas queue show`, then release or reject",
            Action::Reject => {
                "do what the page of each broken rule says under \"Repair by hand\", then send again"
            }
        }
    }
}

fn action_words(action: Action) -> &'static str {
    match action {
        Action::Send => "send",
        Action::SendEdited => "send with edits",
        Action::Defer => "defer",
        Action::Hold => "hold",
        Action::Reject => "reject",
    }
}

fn line(text: &mut String, key: &str, value: &str) {
    if !value.is_empty() {
        // INVARIANT: writing to a String cannot fail.
        let _ = writeln!(text, "{key:<KEY_WIDTH$} {value}");
    }
}

const KEY_WIDTH: usize = 10;
const SIGNS_SHOWN: usize = 5;
