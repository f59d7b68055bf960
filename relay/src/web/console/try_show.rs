//! `/try`: the test bench: a message that nobody sends, and what would come of it.

use std::borrow::Cow;

use askama::Template;
use policy::{CannotEdit, Edit};

use super::{
    Answer, Frame, Visit,
    doc::{Paragraph, paragraphs},
    guest::Posted,
};
use crate::{
    content::Change,
    decisions::Fate,
    evidence::decision::Finding,
    staff::{Action, Reach},
    web::html,
};

#[derive(Template)]
#[template(path = "console/try_show.html")]
pub(super) struct Page {
    pub frame: Frame,
    pub form: Form,
    pub choices: Choices,
    pub came: Came,
    /// Rules have pages, which not everybody may open.
    pub sees_policy: bool,
}

/// What was asked for.
#[derive(Default)]
pub(super) struct Form {
    pub message: String,
    pub to: String,
    pub from: String,
    pub login: String,
    pub stream: String,
    /// `2026-11-22T18:00`, as the browser's field has it.
    pub at: String,
}

/// What can be chosen.
pub(super) struct Choices {
    pub logins: Vec<String>,
    pub streams: Vec<String>,
}

pub(super) enum Came {
    /// Nobody asked yet.
    Nothing,
    /// The question cannot be answered: a text's id.
    Fault(&'static str),
    /// No rule was asked.
    Refused(String),
    Verdict(Box<Told>),
}

/// A verdict in words.
pub(super) struct Told {
    pub fate: Fate,
    pub class: String,
    pub stream: String,
    pub controller: String,
    pub purpose: Option<String>,
    pub policy: String,
    pub packs: Vec<String>,
    /// Of each rule.
    pub outcomes: Vec<Finding>,
    /// The rules run again on the repaired message.
    pub repaired: Vec<Finding>,
    pub edits: Vec<Edit>,
    /// Authority and fine.
    pub penalties: Vec<String>,
    /// What the repair changes, or why it cannot be made; `None` where nothing leaves.
    pub changes: Option<Result<Vec<Change>, CannotEdit>>,
}

pub(super) async fn page(visit: Visit) -> Answer {
    let choices = Choices::of(&visit).await?;
    show(&visit, Form::default(), choices, Came::Nothing)
}

pub(super) fn show(visit: &Visit, form: Form, choices: Choices, came: Came) -> Answer {
    let is_wrong = matches!(came, Came::Fault(_));
    let sees_policy = visit.may(Action::SeePolicy);
    Ok(html::form(is_wrong, &Page { frame: visit.frame(), form, choices, came, sees_policy }))
}

impl Form {
    pub(super) fn of(posted: &Posted) -> Self {
        let value = |name: &str| posted.value(name).trim().to_owned();
        Self {
            message: posted.value("message").to_owned(),
            to: value("to"),
            from: value("from"),
            login: value("login"),
            stream: value("stream"),
            at: value("at"),
        }
    }
}

impl Choices {
    pub(super) async fn of(visit: &Visit) -> Result<Self, super::problem::Problem> {
        let console = &visit.shared.console;
        let reach = visit.reach(Action::Try);
        let logins = match &reach {
            Reach::Everything => console.judge.logins().await?,
            Reach::Part { logins, .. } => logins.clone(),
        };
        let business = console.business.load();
        let streams = business.streams.iter().map(|mapping| &mapping.stream);
        let own = streams.filter(|stream| reach.holds_controller(&stream.controller.id));
        Ok(Self { logins, streams: own.map(|stream| stream.id.clone()).collect() })
    }
}

impl Page {
    /// Broken ones and those that could not be decided.
    fn reasons<'f>(&self, findings: &'f [Finding]) -> Vec<&'f Finding> {
        let is_reason = |one: &&Finding| one.outcome == "broken" || one.outcome == "undecided";
        findings.iter().filter(is_reason).collect()
    }

    fn of_outcome<'f>(&self, findings: &'f [Finding], outcome: &str) -> Vec<&'f Finding> {
        findings.iter().filter(|one| one.outcome == outcome).collect()
    }

    fn counted(&self, id: &str, findings: &[&Finding]) -> String {
        let count = i64::try_from(findings.len()).unwrap_or(i64::MAX);
        self.frame.with(id, &[("count", count.into())])
    }

    /// What a person can do about it, from the rule's page.
    fn by_hand(&self, rule: &str) -> Vec<Paragraph<'static>> {
        let found = policy::rules::find(rule);
        let language = self.frame.words.language;
        found.map_or_else(Vec::new, |rule| paragraphs(rule.by_hand(language)))
    }

    fn next(&self, fate: &Fate) -> Cow<'static, str> {
        self.frame.say(match fate {
            Fate::Sent => "console-try-next-sent",
            Fate::Repaired => "console-try-next-repaired",
            Fate::Deferred => "console-try-next-deferred",
            Fate::Held => "console-try-next-held",
            Fate::Refused | Fate::Stopped => "console-try-next-refused",
        })
    }
}
