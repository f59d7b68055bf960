//! `/held/{id}`: one held delivery: why, what would come of it, what is on record, what was said; and
//! the forms to decide.

use std::borrow::Cow;

use askama::Template;
use axum::{http::StatusCode, response::Response};
use jiff::{SignedDuration, Timestamp};
use policy::{Explained, OnBroken};
use serde_json::Value;
use uuid::Uuid;

use super::{
    Answer, Frame, Visit,
    audit_list::Names,
    decision_filter::scope,
    exception_make::Exceptions,
    guest::{Path, Posted},
    held_list::told,
    problem::{MISSING, Problem},
};
use crate::{
    decisions::Told,
    journal::{self, Line, reason::Cause},
    review::{Code, Comment, Held, Refused, Trial, Waived, Way, Word},
    smtp::envelope::Path as Mailbox,
    spool::{Delivery, Message},
    staff::{Act, Action, Entry},
    web::html::html,
};

#[derive(Template)]
#[template(path = "console/held_show.html")]
struct Page {
    frame: Frame,
    held: Held,
    to: String,
    from: String,
    controller: String,
    recipients: usize,
    /// Of what no rule holds: why not.
    unedited: String,
    expires_at: Timestamp,
    campaign: Option<Told>,
    trial: Tried,
    proposed: Option<Word>,
    comments: Vec<Comment>,
    /// What happened, oldest first.
    history: Vec<Line>,
    names: Names,
    /// Who looks at it now.
    actor: String,
    may_decide: bool,
    /// What stands in it.
    may_read: bool,
    may_refuse: bool,
    /// What a consent that may be written down would be for.
    purpose: Option<String>,
    exceptions: Exceptions,
    /// Two people have to agree to let it go.
    needs_two: bool,
    fault: Option<String>,
    /// What was written before it went wrong.
    reason: String,
}

/// What would come of it, or the id of why that cannot be said.
enum Tried {
    Is(Box<Trial>),
    Not(&'static str),
}

pub(super) async fn page(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    let (held, controller) = seen(&visit, id).await?;
    visit.note(&Entry::new(Act::HeldSeen, subject(id)).of(&*controller)).await?;
    show(&visit, held, controller, None, "").await
}

/// One that may be seen, and whose it is.
pub(super) async fn seen(visit: &Visit, id: Uuid) -> Result<(Held, String), Problem> {
    let console = &visit.shared.console;
    let held = console.review.held(visit.now, scope(visit), id).await?.ok_or(MISSING)?;
    let controller = owner(visit, &held.stream);
    Ok((held, controller))
}

/// The controller of a stream; empty where policy.toml does not have it any more.
pub(super) fn owner(visit: &Visit, stream: &str) -> String {
    let business = visit.shared.console.business.load();
    business.stream(stream).map(|stream| stream.controller.id.clone()).unwrap_or_default()
}

/// What the trail calls it.
pub(super) fn subject(id: Uuid) -> String {
    format!("held/{id}")
}

/// The page again, where something went wrong, with what it was.
pub(super) async fn again(visit: &Visit, id: Uuid, posted: &Posted, fault: String) -> Answer {
    let (held, controller) = seen(visit, id).await?;
    let mut answer: Response =
        show(visit, held, controller, Some(fault), posted.value("reason")).await?;
    *answer.status_mut() = StatusCode::CONFLICT;
    Ok(answer)
}

async fn show(
    visit: &Visit,
    held: Held,
    controller: String,
    fault: Option<String>,
    reason: &str,
) -> Answer {
    let console = &visit.shared.console;
    let review = &console.review;
    let (message, delivery) = match review.find(held.id).await {
        Ok(found) => found,
        Err(Refused::Away(away)) => return Err(away.into()),
        Err(_) => return Err(MISSING),
    };
    let asked = journal::Filter {
        delivery: Some(held.id),
        message: Some(held.message),
        ..journal::Filter::default()
    };
    let mut history = journal::list(&console.db, &asked, HISTORY_MAX).await?;
    history.reverse();
    let keep = console.business.load().review.keep_held_for;
    let keep = SignedDuration::try_from(keep).unwrap_or(SignedDuration::MAX);
    let mut campaigns = told(visit, [held.campaign]).await?;
    let (recipients, from) = (message.recipients, mailbox(message.from.as_ref()));
    let (trial, needs_two) = tried(visit, message, &delivery).await?;
    let page = Page {
        frame: visit.frame(),
        to: mailbox(Some(&delivery.recipient.path)),
        from,
        recipients,
        unedited: delivery.last.filter(|_| delivery.rule.is_none()).unwrap_or_default(),
        expires_at: held.at.checked_add(keep).unwrap_or(Timestamp::MAX),
        campaign: campaigns.remove(&held.campaign),
        trial,
        proposed: review.proposed(&held).await?,
        comments: review.comments(held.id).await?,
        history,
        names: Names::read(visit).await?,
        actor: visit.by().actor,
        may_decide: visit.reach(Action::Decide).holds(&controller, &held.login),
        may_read: visit.reach(Action::SeeContent).holds(&controller, &held.login),
        may_refuse: visit.reach(Action::Refuse).holds_controller(&controller),
        purpose: purpose(visit, &held.stream)
            .filter(|_| visit.reach(Action::ChangeContacts).holds_controller(&controller)),
        exceptions: Exceptions::of(visit, &held.stream),
        needs_two,
        fault,
        reason: reason.to_owned(),
        controller,
        held,
    };
    Ok(html(StatusCode::OK, &page))
}

fn purpose(visit: &Visit, stream: &str) -> Option<String> {
    let business = visit.shared.console.business.load();
    business.stream(stream).and_then(|stream| stream.purpose.clone())
}

async fn tried(
    visit: &Visit,
    message: Message,
    delivery: &Delivery,
) -> Result<(Tried, bool), Problem> {
    let review = &visit.shared.console.review;
    let whole = Message { bytes: Default::default(), ..message.clone() };
    match review.try_out(visit.now, message, delivery).await {
        Ok(trial) => {
            let waived = trial.as_is.as_ref().or(trial.repaired.as_ref());
            let two = waived.is_some_and(|waived| review.wants_two(&whole, delivery, waived));
            Ok((Tried::Is(Box::new(trial)), two))
        }
        Err(Refused::Away(away)) => Err(away.into()),
        Err(Refused::NoStream(_)) => Ok((Tried::Not("console-held-no-stream"), false)),
        Err(_) => Ok((Tried::Not("console-held-no-address"), false)),
    }
}

fn mailbox(path: Option<&Mailbox>) -> String {
    path.map(Mailbox::to_mailbox_string).unwrap_or_default()
}

impl Page {
    fn title(&self) -> Cow<'_, str> {
        match self.campaign.as_ref().map(|told| told.subject.as_str()) {
            Some("") | None => self.frame.say("console-decision-no-subject"),
            Some(subject) => subject.into(),
        }
    }

    /// Broken ones and those that could not be decided.
    fn reasons<'t>(&self, trial: &'t Trial) -> Vec<&'t Explained> {
        let explained = &trial.explanation;
        let all = explained.repaired.as_ref().unwrap_or(&explained.outcomes);
        let speaks = |one: &&Explained| one.outcome == "broken" || one.outcome == "undecided";
        let mut reasons: Vec<&Explained> = all.iter().filter(speaks).collect();
        reasons.sort_by_key(|one| asks(one).0);
        reasons
    }

    /// What the rule asks for.
    fn asks(&self, one: &Explained) -> Cow<'static, str> {
        self.frame.say(asks(one).1)
    }

    fn exception(&self, one: &Explained) -> Option<String> {
        let set = (one.outcome == "broken").then_some(one.on_broken);
        self.exceptions.url(one.rule, set)
    }

    /// Somebody else could make one.
    fn names_who_may(&self, trial: &Trial) -> bool {
        let may_change = self.exceptions.may_change;
        let mut reasons = self.reasons(trial).into_iter();
        self.may_decide && !may_change && reasons.any(|one| self.exception(one).is_some())
    }

    /// What would be changed, in words.
    fn edits(&self, waived: &Waived) -> Vec<String> {
        waived.edits.iter().map(|edit| self.frame.edit(edit)).collect()
    }

    fn codes(&self, releases: &bool) -> Vec<&'static Code> {
        let fits = |code: &&Code| if *releases { code.releases() } else { code.rejects() };
        Code::ALL.iter().filter(fits).collect()
    }

    fn is_own_lock(&self) -> bool {
        self.held.lock.as_ref().is_some_and(|lock| lock.by == self.actor)
    }

    /// Somebody else looks at it.
    fn is_away(&self) -> bool {
        self.held.lock.as_ref().is_some_and(|lock| lock.by != self.actor)
    }

    fn is_own_proposal(&self) -> bool {
        self.held.proposal.as_ref().is_some_and(|one| one.by == self.actor)
    }

    /// Who did it and why, and the like.
    fn said(&self, line: &Line) -> Vec<(String, String)> {
        let detail = line.event.detail.value();
        let Value::Object(fields) = &*detail else { return Vec::new() };
        let shown = ["by", "second", "code", "reason", "rule", "rules", "because", "reply"];
        let text = |value: &Value| match value {
            Value::String(text) => self.names.of(text).to_owned(),
            Value::Array(all) => {
                all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
        };
        // The relay's own sentence is said by its word.
        let own = fields.get("reason").and_then(Value::as_str).and_then(Cause::parse).is_some();
        fields
            .iter()
            .filter(|(name, value)| shown.contains(&name.as_str()) && !value.is_null())
            .filter(|(name, _)| !(own && *name == "reply"))
            .map(|(name, value)| self.frame.detail(name, text(value)))
            .collect()
    }
}

/// What a rule asks for: the strictest first, and the id of its word.
fn asks(one: &Explained) -> (u8, &'static str) {
    match (one.outcome, one.on_broken) {
        ("undecided", _) => (0, "outcome-undecided"),
        (_, OnBroken::Hold | OnBroken::Reject) => (0, "console-held-asks-hold"),
        (_, OnBroken::Repair) => (1, "console-held-asks-repair"),
        (_, OnBroken::Report | OnBroken::Off) => (2, "console-held-asks-report"),
    }
}

const HISTORY_MAX: usize = 200;
