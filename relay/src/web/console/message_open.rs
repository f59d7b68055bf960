//! A message that the relay still has, for whoever may see what stands in it; that it was looked at is
//! noted.

use bytes::Bytes;
use jiff::Timestamp;
use policy::{Edit, Reading};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Console, Visit,
    problem::{GONE, MISSING, Problem},
};
use crate::{
    content::{Found, found},
    decisions::{Decision, Kind},
    journal::{self, Line},
    sample,
    spool::{self, Message},
    staff::{Act, Action, Entry},
};

/// What is known of it.
pub(super) struct Opened {
    pub reading: Reading,
    pub found: Vec<Found>,
    /// What the verdict asks for.
    pub edits: Vec<Edit>,
    /// The journal's line of the verdict, where there is one.
    pub decision: Option<Uuid>,
    pub received_at: Timestamp,
    pub login: String,
    /// It was refused, and is kept until then.
    pub until: Option<Timestamp>,
}

/// What stood in a message, if anybody can still see it.
pub(super) enum Near {
    Own,
    /// That of another message of the campaign, which the same rule refused.
    Sample(Uuid),
    Nothing,
}

/// What there is to see for a decision, for whoever may.
pub(super) async fn near(visit: &Visit, decision: &Decision) -> Result<Near, Problem> {
    let console = &visit.shared.console;
    let Kind { controller, login, rule, .. } = &decision.kind;
    let reach = visit.reach(Action::SeeContent);
    let Some(message) = decision.message.filter(|_| reach.holds(controller, login)) else {
        return Ok(Near::Nothing);
    };
    let asked = spool::Filter { message: Some(message), ..spool::Filter::default() };
    if !console.spool.list(&asked, 1).await?.is_empty()
        || sample::is_kept(&console.db, visit.now, message).await?
    {
        return Ok(Near::Own);
    }
    let Some(campaign) = &decision.campaign else { return Ok(Near::Nothing) };
    let newest = sample::newest(&console.db, visit.now, campaign.id, rule).await?;
    let newest = newest.filter(|one| reach.holds(&one.controller, &one.login));
    Ok(newest.map_or(Near::Nothing, |one| Near::Sample(one.id)))
}

/// Where it is kept.
struct Kept {
    bytes: Bytes,
    received_at: Timestamp,
    login: String,
    until: Option<Timestamp>,
}

/// Whoever may not see it learns nothing of it. `tab`: what of it is shown.
pub(super) async fn open(visit: &Visit, id: Uuid, tab: &str) -> Result<Opened, Problem> {
    let console = &visit.shared.console;
    let kept = kept(console, visit.now, id).await?;
    let line = verdict(visit, id).await?;
    let detail = line.as_ref().map(|line| line.event.detail.value().into_owned());
    let detail = detail.unwrap_or_default();
    let told = detail.get("verdict").unwrap_or(&detail);
    let says = |from: &Value, at: &str| {
        from.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let controller = says(told, "/facts/controller");
    let login = match &kept {
        Some(kept) => kept.login.clone(),
        None => says(&detail, "/login"),
    };
    if !visit.reach(Action::SeeContent).holds(&controller, &login) {
        return Err(MISSING);
    }
    let Some(Kept { bytes, received_at, until, .. }) = kept else {
        return Err(if line.is_some() { GONE } else { MISSING });
    };
    let entry = Entry::new(Act::ContentSeen, format!("message/{id}")).of(&*controller);
    visit.note(&entry.with(json!({ "what": tab }))).await?;
    let edits = told.get("edits").cloned().unwrap_or_default();
    // Hostile bytes are read beside what others wait for.
    let read = tokio::task::spawn_blocking(move || {
        let reading = Reading::of(bytes);
        let found = found(&detail, &reading.message);
        (reading, found)
    });
    let (reading, found) = read.await.map_err(|_| super::problem::FAULT)?;
    Ok(Opened {
        reading,
        found,
        edits: serde_json::from_value(edits).unwrap_or_default(),
        decision: line.map(|line| line.event.id),
        received_at,
        login,
        until,
    })
}

async fn kept(console: &Console, now: Timestamp, id: Uuid) -> Result<Option<Kept>, Problem> {
    if let Some(found) = console.spool.message(id).await? {
        let Message { bytes, received_at, login, .. } = found;
        return Ok(Some(Kept { bytes, received_at, login, until: None }));
    }
    let found = sample::find(&console.db, &console.secret, now, id).await?;
    Ok(found.map(|(sample, bytes)| {
        let until = Some(sample.until);
        Kept { bytes, received_at: sample.at, login: sample.login, until }
    }))
}

/// The line that the URL names, or the first verdict on the message.
async fn verdict(visit: &Visit, message: Uuid) -> Result<Option<Line>, Problem> {
    let db = &visit.shared.console.db;
    let asked = visit.query.get("decision").and_then(|id| id.parse::<Uuid>().ok());
    if let Some(asked) = asked {
        let line = journal::show(db, asked).await?;
        if let Some(line) = line.filter(|line| line.event.message == Some(message)) {
            return Ok(Some(line));
        }
    }
    Ok(journal::first_verdict(db, message).await?)
}
