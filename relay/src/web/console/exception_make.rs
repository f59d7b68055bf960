//! `/policy/drafts/new?stream=…&rule=…`: an exception: what breaks one rule in the messages of one stream
//! is only noted. What that changes in the policy in force, and the form that makes a draft of it; from
//! there it goes the way of every draft.

use std::borrow::Cow;

use askama::Template;
use policy::{OnBroken, Rule, rules};
use serde_json::{Map, json};

use super::{
    Answer, Frame, Visit, draft_make,
    guest::Posted,
    problem::{CONFLICT, MISSING, Problem},
};
use crate::{
    config::{Business, with_exception},
    content::{self, Diff},
    seal,
    staff::Action,
    web::html::form,
};

#[derive(Template)]
#[template(path = "console/exception_make.html")]
struct Page {
    frame: Frame,
    stream: String,
    rule: &'static Rule,
    /// What is asked for today.
    on_broken: OnBroken,
    /// `None` where what breaks it is not acted on already.
    diff: Option<Diff>,
}

/// Where exceptions for messages of one stream are made.
pub(super) struct Exceptions {
    /// `None`: policy.toml does not have it.
    stream: Option<String>,
    pub may_change: bool,
}

impl Exceptions {
    pub(super) fn of(visit: &Visit, stream: &str) -> Self {
        let found = visit.shared.console.business.load().stream(stream).is_some();
        let stream = found.then(|| stream.to_owned());
        Self { stream, may_change: visit.may(Action::ChangePolicy) }
    }

    /// The page that makes one from the rule, which asked for that when it was broken; `None` where
    /// nothing would come of it, or the rule binds.
    pub(super) fn url(&self, rule: &str, asked: Option<OnBroken>) -> Option<String> {
        let waivable = rules::find(rule).is_some_and(|rule| rule.waivable);
        let stream = self.stream.as_ref().filter(|_| waivable && asked.is_some_and(acts))?;
        let (stream, rule) = (seal::escaped(stream), seal::escaped(rule));
        Some(format!("/policy/drafts/new?stream={stream}&rule={rule}"))
    }
}

/// It is more than noted.
fn acts(asked: OnBroken) -> bool {
    match asked {
        OnBroken::Repair | OnBroken::Hold | OnBroken::Reject => true,
        OnBroken::Report | OnBroken::Off => false,
    }
}

pub(super) async fn page(visit: Visit) -> Answer {
    let business = visit.shared.console.business.load_full();
    let (stream, rule) = (visit.query.shown("stream"), visit.query.shown("rule"));
    let (rule, on_broken) = asked(&business, stream, rule)?;
    let diff = if acts(on_broken) {
        Some(content::diff(&business.text, &written(&business, stream, rule)?))
    } else {
        None
    };
    let page = Page { frame: visit.frame(), stream: stream.to_owned(), rule, on_broken, diff };
    Ok(form(false, &page))
}

pub(super) async fn act(visit: Visit, posted: Posted) -> Answer {
    let business = visit.shared.console.business.load_full();
    let stream = posted.value("stream");
    let (rule, on_broken) = asked(&business, stream, posted.value("rule"))?;
    if !acts(on_broken) {
        return Err(CONFLICT);
    }
    let text = written(&business, stream, rule)?;
    let named = [("stream", stream.to_owned().into()), ("rule", rule.id.into())];
    let why = format!("{} ", visit.words.with("console-exception-why", &named));
    let of = [("stream", stream), ("rule", rule.id)];
    let of = Map::from_iter(of.map(|(name, value)| (name.to_owned(), json!(value))));
    draft_make::make(&visit, text, &why, of).await
}

/// A rule that a person could waive, and what breaking it asks for in that stream.
fn asked(
    business: &Business,
    stream: &str,
    rule: &str,
) -> Result<(&'static Rule, OnBroken), Problem> {
    let rule = rules::find(rule).filter(|rule| rule.waivable).ok_or(MISSING)?;
    let stream = business.stream(stream).ok_or(MISSING)?;
    Ok((rule, business.policy.on_broken_in(stream, rule)))
}

/// The policy in force with the exception in it.
fn written(business: &Business, stream: &str, rule: &Rule) -> Result<String, Problem> {
    with_exception(&business.text, stream, rule.id).ok_or(CONFLICT)
}

impl Page {
    fn duty(&self) -> Cow<'static, str> {
        self.frame.duty(self.rule.id)
    }
}
