//! `/decisions/{id}`: one verdict: every rule's outcome with its law, the consent on record at that
//! moment, what happened afterwards, and where it stands in the chain.

use std::borrow::Cow;

use askama::Template;
use axum::http::StatusCode;
use policy::{Class, Edit, Standing, Worth};
use serde_json::Value;
use uuid::Uuid;

use super::{
    Answer, Frame, Visit,
    decision_filter::scope,
    decision_list::class_text,
    exception_make::Exceptions,
    grant_worth,
    guest::Path,
    message_open::{Near, near},
    problem::MISSING,
};
use crate::{
    decisions::{self, Decision, Fate},
    evidence::decision::{Finding, findings, words},
    journal::{self, Kind, Line},
    seal::hex,
    staff::{Act, Action, Entry},
    web::html::html,
};

#[derive(Template)]
#[template(path = "console/decision_show.html")]
struct Page {
    frame: Frame,
    decision: Decision,
    line: Line,
    chain: String,
    told: Told,
    standing: Held,
    /// The person's address, where it is on record.
    to: Option<String>,
    /// What came of the message for this recipient, oldest first.
    history: Vec<Line>,
    content: Near,
    /// Of the message, by who may say that it was taken wrongly.
    may_object: bool,
    exceptions: Exceptions,
}

/// A verdict in words.
struct Told {
    outcomes: Vec<Finding>,
    /// The rules run again on the repaired message.
    repaired: Option<Vec<Finding>>,
    edits: Vec<Edit>,
    policy: String,
    packs: Vec<String>,
}

/// What the consent store said then.
enum Held {
    /// With what each grant was worth.
    Is(Box<Standing>, Vec<Worth>),
    Silent,
}

pub(super) async fn page(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    let console = &visit.shared.console;
    let line = journal::show(&console.db, id).await?.ok_or(MISSING)?;
    let decision = of(&visit, &line).await?.ok_or(MISSING)?;
    let told = told(&line.event.detail.value(), visit.words.language);
    let subject = format!("decision/{id}");
    visit.note(&Entry::new(Act::DecisionSeen, subject).of(&*decision.kind.controller)).await?;
    let names = console.consent.addresses(line.event.recipient).await?;
    let page = Page {
        frame: visit.frame(),
        chain: journal::chain_name(&console.db, line.chain).await?,
        standing: standing(&visit, &line),
        to: names.into_values().next(),
        history: history(&visit, &line).await?,
        content: near(&visit, &decision).await?,
        may_object: decision.message.is_some()
            && visit.reach(Action::Decide).holds(&decision.kind.controller, &decision.kind.login),
        exceptions: Exceptions::of(&visit, &decision.kind.stream),
        told,
        decision,
        line,
    };
    Ok(html(StatusCode::OK, &page))
}

/// As the index has it, if it may be seen.
pub(super) async fn of(
    visit: &Visit,
    line: &Line,
) -> Result<Option<Decision>, super::problem::Problem> {
    let console = &visit.shared.console;
    let found = decisions::show(&console.db, &console.secret, line).await?;
    let scope = scope(visit);
    Ok(found.filter(|one| scope.is_none_or(|scope| scope.holds(&one.kind))))
}

/// Of this recipient, however many others the message had.
async fn history(visit: &Visit, line: &Line) -> Result<Vec<Line>, super::problem::Problem> {
    let Some(message) = line.event.message else { return Ok(Vec::new()) };
    let asked = journal::Filter {
        message: Some(message),
        recipients: line.event.recipient.into_iter().collect(),
        ..journal::Filter::default()
    };
    let all = journal::list(&visit.shared.console.db, &asked, HISTORY_MAX).await?;
    Ok(all.into_iter().rev().collect())
}

fn told(detail: &Value, language: policy::Language) -> Told {
    let verdict = detail.get("verdict").unwrap_or(detail);
    let packs = words(verdict.pointer("/facts/packs"));
    let found = |name| verdict.get(name).map(|all| findings(all, &packs, language));
    let edits = verdict.get("edits").cloned().unwrap_or_default();
    Told {
        outcomes: found("outcomes").unwrap_or_default(),
        repaired: found("repaired"),
        edits: serde_json::from_value(edits).unwrap_or_default(),
        policy: verdict.get("policy").and_then(Value::as_str).unwrap_or_default().to_owned(),
        packs,
    }
}

fn standing(visit: &Visit, line: &Line) -> Held {
    let detail = line.event.detail.value();
    let verdict = detail.get("verdict").unwrap_or(&detail);
    let told = verdict.pointer("/facts/standing").cloned().unwrap_or_default();
    let Ok(standing) = serde_json::from_value::<Standing>(told) else { return Held::Silent };
    let worth = grant_worth::of(visit, verdict, &standing, line.event.at);
    Held::Is(Box::new(standing), worth)
}

impl Page {
    /// What a message may be: each class with its word for people.
    fn classes(&self) -> Vec<(String, Cow<'static, str>)> {
        let told = |class| (self.frame.word(&class), self.frame.say(class_text(class)));
        Class::ALL.into_iter().map(told).collect()
    }

    fn title(&self) -> Cow<'_, str> {
        let subject = self.decision.campaign.as_ref().map(|one| one.told.subject.as_str());
        match subject {
            Some("") => self.frame.say("console-decision-no-subject"),
            Some(subject) => subject.into(),
            None => self.frame.say("console-decision-no-message"),
        }
    }

    /// Broken ones and those that could not be decided.
    fn reasons<'f>(&self, findings: &'f [Finding]) -> impl Iterator<Item = &'f Finding> {
        findings.iter().filter(|one| one.outcome == "broken" || one.outcome == "undecided")
    }

    /// Of what was blocked.
    fn exception(&self, one: &Finding) -> Option<String> {
        let is_blocked = matches!(self.fate(), Fate::Held | Fate::Refused);
        let url = || self.exceptions.url(&one.rule, one.on_broken);
        (is_blocked && self.exceptions.may_change).then(url).flatten()
    }

    fn kept<'f>(&'f self, outcome: &'f str) -> Vec<&'f Finding> {
        self.told.outcomes.iter().filter(|one| one.outcome == outcome).collect()
    }

    fn counted(&self, id: &str, findings: &[&Finding]) -> String {
        let count = i64::try_from(findings.len()).unwrap_or(i64::MAX);
        self.frame.with(id, &[("count", count.into())])
    }

    fn what(&self, line: &Line) -> Cow<'static, str> {
        self.frame.say(line.event.kind.text_id())
    }

    /// The other server's reply, who did it, and the like.
    fn said(&self, line: &Line) -> Vec<(String, String)> {
        if matches!(line.event.kind, Kind::Decided) {
            return Vec::new();
        }
        let detail = line.event.detail.value();
        let Value::Object(fields) = &*detail else { return Vec::new() };
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        fields
            .iter()
            .filter(|(name, value)| *name != "verdict" && !value.is_null())
            .map(|(name, value)| self.frame.detail(name, text(value)))
            .collect()
    }

    fn place(&self) -> String {
        let seq = self.line.seq;
        let values = [("chain", (&self.chain).into()), ("seq", seq.to_string().into())];
        self.frame.with("console-decision-line", &values)
    }

    fn hash(&self) -> String {
        hex(&self.line.hash)
    }

    fn fate(&self) -> &Fate {
        &self.decision.kind.fate
    }
}

const HISTORY_MAX: usize = 500;
