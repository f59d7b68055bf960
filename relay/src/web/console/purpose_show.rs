//! `/purposes/{id}`: one purpose of a controller: what it is, who holds it, who expires when, what asks
//! for it; its topics, which alone can change; and its end.

use std::sync::Arc;

use askama::Template;
use jiff::Timestamp;
use policy::{Controller, Purpose, Topic};
use serde_json::json;

use super::{
    Answer, Frame, Visit,
    guest::{Path, Posted, redirect},
    owner::Owners,
    problem::{CONFLICT, MISSING, Problem},
    query::Query,
    statement::{Fault, text},
};
use crate::{
    consent::{Closing, Filter, Lint, PurposeFault, Topics, TopicsSet, lint},
    staff::{Act, Action, Entry},
    web::html::form,
};

#[derive(Template)]
#[template(path = "console/purpose_show.html")]
struct Page {
    frame: Frame,
    owner: Arc<Controller>,
    purpose: Purpose,
    lints: Vec<Lint>,
    /// A filter's word for the list of contacts, the text, and how many there are.
    holders: Vec<(String, &'static str, Option<u64>)>,
    /// Forms that ask for it, each with its wording, where it has one of its own.
    forms: Vec<(String, Option<String>)>,
    streams: Vec<String>,
    /// Lines of id and name, as the form has them.
    topics: String,
    may_change: bool,
    may_import: bool,
    fault: Option<Fault>,
}

#[derive(Template)]
#[template(path = "console/purpose_close.html")]
struct Close {
    frame: Frame,
    owner: Arc<Controller>,
    purpose: Purpose,
    holders: Option<u64>,
    said: Query,
    fault: Option<Fault>,
}

/// The purpose of the controller that the URL or the form names.
pub(super) async fn find(
    visit: &Visit,
    action: Action,
    (id, said): (&str, &Query),
) -> Result<(Owners, Purpose), Problem> {
    let owners = Owners::of(visit, action, said.get("controller"))?;
    let found = visit.shared.console.consent.purpose(&owners.chosen.id, id).await?;
    Ok((owners, found.ok_or(MISSING)?))
}

/// Its page.
pub(super) fn path(owner: &str, id: &str) -> String {
    let controller = [("controller", Some(owner))];
    Query::default().url(&format!("/purposes/{id}"), &controller)
}

pub(super) async fn page(visit: Visit, Path(id): Path<String>) -> Answer {
    let said = visit.query.clone();
    show(&visit, (&id, &said), None, None).await
}

async fn show(
    visit: &Visit,
    (id, said): (&str, &Query),
    topics: Option<String>,
    fault: Option<Fault>,
) -> Answer {
    let (owners, purpose) = find(visit, Action::SeePurposes, (id, said)).await?;
    let business = visit.shared.console.business.load_full();
    let owner = Arc::clone(&owners.chosen);
    let mut forms = Vec::new();
    for form in business.forms.iter().filter(|form| form.controller.id == owner.id) {
        let offer = form.offers.iter().find(|offer| offer.purpose == purpose.id);
        forms.extend(offer.map(|offer| (form.id.clone(), offer.wording.clone())));
    }
    let uses = |stream: &policy::Stream| {
        stream.controller.id == owner.id && stream.purpose.as_ref() == Some(&purpose.id)
    };
    let streams = business.streams.iter().filter(|one| uses(&one.stream));
    let reaches = |action| visit.reach(action).holds_controller(&owner.id);
    let topics = topics.unwrap_or_else(|| lines(&purpose.topics));
    let page = Page {
        frame: visit.frame(),
        lints: lint(&purpose),
        holders: holders(visit, &owners, &purpose).await?,
        streams: streams.map(|one| one.stream.id.clone()).collect(),
        may_change: reaches(Action::ChangePurposes),
        may_import: reaches(Action::Import),
        owner: Arc::clone(&owner),
        forms,
        topics,
        purpose,
        fault,
    };
    Ok(form(fault.is_some(), &page))
}

async fn holders(
    visit: &Visit,
    owners: &Owners,
    purpose: &Purpose,
) -> Result<Vec<(String, &'static str, Option<u64>)>, Problem> {
    let of = |state: &str| {
        let id = purpose.id.as_str();
        let controller = Some(owners.chosen.id.as_str());
        let changes = [("controller", controller), ("purpose", Some(id)), ("state", Some(state))];
        Query::default().url("/contacts", &changes)
    };
    let id = || purpose.id.clone();
    let ends = |within_days| Filter::Ends { purpose: id(), within_days };
    let mut found = Vec::new();
    let patience = tokio::time::Instant::now() + super::owner::COUNT_PATIENCE;
    for (url, text, filter) in [
        (of("holds"), "console-purpose-holders", Filter::Holds(id())),
        (of("ends") + "&days=30", "console-purpose-ends-month", ends(30)),
        (of("ends") + "&days=90", "console-purpose-ends-quarter", ends(90)),
        (of("expired"), "console-purpose-expired", Filter::Expired(id())),
        (of("refused"), "console-purpose-refused", Filter::Refused(id())),
    ] {
        let counted = tokio::time::timeout_at(patience, owners.count(visit, &filter)).await;
        found.push((url, text, counted.unwrap_or(Ok(None))?));
    }
    Ok(found)
}

/// `seeds = Seeds and herbs`, one on each line.
fn lines(topics: &[Topic]) -> String {
    let lines = topics.iter().map(|topic| format!("{} = {}\n", topic.id, topic.name));
    lines.collect()
}

/// What the lines say; `None` where one is none.
pub(super) fn topics_of(text: &str) -> Option<Vec<Topic>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let topic = |line: &str| {
        let (id, name) = line.split_once('=')?;
        Some(Topic { id: id.trim().to_owned(), name: name.trim().to_owned() })
    };
    lines.map(topic).collect()
}

pub(super) async fn topics(visit: Visit, Path(id): Path<String>, posted: Posted) -> Answer {
    let said = posted.said();
    let (owners, purpose) = find(&visit, Action::ChangePurposes, (&id, &said)).await?;
    let typed = said.shown("topics").to_owned();
    let again = async |fault| show(&visit, (&id, &said), Some(typed.clone()), Some(fault)).await;
    let Some(topics) = topics_of(&typed) else { return again("console-topics-wrong").await };
    let owner = owners.chosen.id.as_str();
    let actor = visit.by().actor;
    let what = Topics { controller: owner, purpose: &purpose.id, topics: &topics, actor: &actor };
    match visit.shared.console.consent.purpose_topics(visit.now, &what).await {
        Ok(TopicsSet::New) => {
            let ids: Vec<&str> = topics.iter().map(|topic| topic.id.as_str()).collect();
            let entry = entry(Act::TopicsSet, owner, &purpose.id);
            visit.note(&entry.with(json!({ "topics": ids }))).await?;
        }
        Ok(TopicsSet::Already) => {}
        Ok(TopicsSet::NoPurpose) => return Err(MISSING),
        Ok(TopicsSet::Closed) => return Err(CONFLICT),
        Err(PurposeFault::Store(fault)) => return Err(fault.into()),
        Err(_) => return again("console-topics-wrong").await,
    }
    Ok(redirect(&format!("{}&done=saved", path(owner, &purpose.id))))
}

pub(super) async fn close_page(visit: Visit, Path(id): Path<String>) -> Answer {
    let said = visit.query.clone();
    ask(&visit, (&id, said), None).await
}

async fn ask(visit: &Visit, (id, said): (&str, Query), fault: Option<Fault>) -> Answer {
    let (owners, purpose) = find(visit, Action::ChangePurposes, (id, &said)).await?;
    let holds = Filter::Holds(purpose.id.clone());
    let holders = owners.count_in_time(visit, &holds).await?;
    let owner = owners.chosen;
    let page = Close { frame: visit.frame(), owner, purpose, holders, said, fault };
    Ok(form(fault.is_some(), &page))
}

pub(super) async fn close(visit: Visit, Path(id): Path<String>, posted: Posted) -> Answer {
    let said = posted.said();
    let (owners, purpose) = find(&visit, Action::ChangePurposes, (&id, &said)).await?;
    let why = match text(&said, "why", 500) {
        Ok(Some(why)) => why,
        Ok(None) => return ask(&visit, (&id, said), Some("console-close-why-missing")).await,
        Err(fault) => return ask(&visit, (&id, said), Some(fault)).await,
    };
    if !said.is("sure", "yes") {
        return ask(&visit, (&id, said), Some("console-close-unsure")).await;
    }
    let (owner, actor) = (&owners.chosen.id, visit.by().actor);
    let what = Closing { controller: owner, purpose: &purpose.id, actor: &actor, why: &why };
    if visit.shared.console.consent.purpose_end(visit.now, &what).await? {
        visit.note(&entry(Act::PurposeClosed, owner, &purpose.id)).await?;
    }
    Ok(redirect(&format!("{}&done=closed", path(owner, &purpose.id))))
}

/// For the trail.
pub(super) fn entry(act: Act, owner: &str, id: &str) -> Entry {
    Entry::new(act, format!("purpose/{id}")).of(owner)
}

impl Page {
    fn at(&self, below: &str) -> String {
        let controller = [("controller", Some(self.owner.id.as_str()))];
        Query::default().url(&format!("/purposes/{}/{below}", self.purpose.id), &controller)
    }

    fn closed(&self) -> Option<Timestamp> {
        self.purpose.closed_at
    }
}

impl Close {
    fn back(&self) -> String {
        path(&self.owner.id, &self.purpose.id)
    }

    fn counted(&self, count: &u64) -> String {
        let values = [("count", (*count).into()), ("shown", self.frame.count(count).into())];
        self.frame.with("console-contact-count", &values)
    }
}
