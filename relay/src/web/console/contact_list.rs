//! `/contacts`: whom a controller has on record, by purposes, ends, refusals and purchases. An address
//! is looked for by a form of its own, so that it stands in no URL.

use askama::Template;
use axum::http::StatusCode;
use policy::{Purpose, Refusal, Scope, Standing};
use serde_json::json;
use uuid::Uuid;

use super::{
    Answer, Frame, Visit,
    contact_filter::{CUSTOMERS, FILTERS, STATES, filter},
    guest::Posted,
    owner::{Owners, reached},
    paging::{BEFORE, PAGE},
    problem::{Problem, UNREADABLE},
    query::Query,
};
use crate::{
    consent::{Clocks, Filter, State, Who, filter::Listed, state},
    staff::{Act, Action, Entry},
    web::html::html,
};

#[derive(Template)]
#[template(path = "console/contact_list.html")]
struct Page {
    frame: Frame,
    query: Query,
    owners: Owners,
    purposes: Vec<Purpose>,
    rows: Vec<Row>,
    /// `None`: more than can be counted while somebody waits.
    count: Option<u64>,
    first: Option<String>,
    next: Option<String>,
    is_filtered: bool,
    may_add: bool,
    may_refuse: bool,
    may_export: bool,
    /// Somebody was looked for, and is not on record.
    is_unknown: bool,
}

struct Row {
    contact: Listed,
    /// Purposes with their states; those of which nothing holds and nothing was refused left out.
    states: Vec<(String, State)>,
    refused_everything: bool,
}

/// A list as it is asked for: whose, of whom and by which clocks.
pub(super) struct Asked {
    pub owners: Owners,
    pub purposes: Vec<Purpose>,
    pub filter: Option<Filter>,
    pub clocks: Clocks,
}

impl Asked {
    pub(super) async fn read(visit: &Visit, action: Action) -> Result<Self, Problem> {
        Self::of(visit, action, &visit.query).await
    }

    pub(super) async fn of(visit: &Visit, action: Action, query: &Query) -> Result<Self, Problem> {
        let owners = Owners::of(visit, action, query.get("controller"))?;
        let clocks = owners.clocks(visit)?;
        let purposes = visit.shared.console.consent.purposes_of(&owners.chosen.id).await?;
        let filter = filter(query, &purposes, (&owners.chosen.time_zone, clocks.lived));
        if filter.as_ref().is_some_and(|filter| filter.check().is_err()) {
            return Err(UNREADABLE);
        }
        Ok(Self { owners, purposes, filter, clocks })
    }
}

pub(super) async fn page(visit: Visit) -> Answer {
    show(&visit, false).await
}

async fn show(visit: &Visit, is_unknown: bool) -> Answer {
    let asked = Asked::read(visit, Action::SeeContacts).await?;
    let consent = &visit.shared.console.consent;
    let everybody = Filter::everybody();
    let wanted = asked.filter.as_ref().unwrap_or(&everybody);
    let after: Option<Uuid> = visit.query.get(BEFORE).and_then(|id| id.parse().ok());
    let owner = &asked.owners.chosen.id;
    let found = consent.list(owner, wanted, &asked.clocks, after, PAGE).await?;
    let detail = json!({ "filter": asked.filter, "shown": found.contacts.len() });
    visit.note(&Entry::new(Act::ContactsListed, "").of(&**owner).with(detail)).await?;
    let keys: Vec<_> = found.contacts.iter().map(|one| one.key).collect();
    let standings = consent.standings(&keys).await?;
    let rows = found.contacts.into_iter().zip(standings);
    let rows = rows.map(|(contact, standing)| Row::of(visit, contact, &standing));
    let url = |before: Option<&str>| visit.query.url("/contacts", &[(BEFORE, before), DONE]);
    let page = Page {
        frame: visit.frame(),
        rows: rows.collect(),
        count: asked.owners.count_in_time(visit, wanted).await?,
        first: after.map(|_| url(None)),
        next: found.next.map(|last| url(Some(&last.to_string()))),
        is_filtered: visit.query.has_any(&FILTERS),
        may_add: visit.reach(Action::ChangeContacts).holds_controller(owner),
        may_refuse: visit.reach(Action::Refuse).holds_controller(owner),
        may_export: visit.reach(Action::Export).holds_controller(owner),
        is_unknown,
        purposes: asked.purposes,
        owners: asked.owners,
        query: visit.query.clone(),
    };
    Ok(html(if is_unknown { StatusCode::NOT_FOUND } else { StatusCode::OK }, &page))
}

/// To whoever has this address, at any of the controllers that may be seen.
pub(super) async fn find(visit: Visit, posted: Posted) -> Answer {
    let consent = &visit.shared.console.consent;
    let mut found = Vec::new();
    if let Ok(address) = policy::Address::parse(posted.value("address").trim()) {
        for owner in reached(&visit, Action::SeeContacts) {
            found.extend(consent.brief(&Who::address(&owner.id, address.clone())).await?);
        }
    }
    match found.as_slice() {
        [] => show(&visit, true).await,
        // Of several controllers the page of each leads to the others.
        [first, ..] => Ok(super::guest::redirect(&format!("/contacts/{}", first.id))),
    }
}

impl Row {
    fn of(visit: &Visit, contact: Listed, standing: &Standing) -> Self {
        let said = standing.refusals.iter().filter_map(|own| match &own.scope {
            Scope::Purpose(id) => Some(id.clone()),
            Scope::Everything => None,
        });
        let granted = standing.grants.iter().map(|own| own.purpose.clone());
        let mut ids: Vec<String> = granted.chain(said).collect();
        ids.sort_unstable();
        ids.dedup();
        let states = ids.into_iter().map(|id| {
            let state = state(visit.now, &id, standing);
            (id, state)
        });
        let everything = |own: &Refusal| own.scope == Scope::Everything && own.except.is_empty();
        Self {
            contact,
            states: states.collect(),
            refused_everything: standing.refusals.iter().any(everything),
        }
    }
}

impl Page {
    fn export(&self, format: &str) -> String {
        let changes = [("format", Some(format)), (BEFORE, None), DONE];
        self.query.url("/contacts/export", &changes)
    }

    /// By its name.
    fn purpose<'p>(&'p self, id: &'p str) -> &'p str {
        self.purposes.iter().find(|own| own.id == id).map_or(id, |own| &own.name)
    }

    fn counted(&self, count: &u64) -> String {
        let values = [("count", (*count).into()), ("shown", self.frame.count(count).into())];
        self.frame.with("console-contact-count", &values)
    }
}

/// What templates of contacts say alike.
impl Frame {
    pub(super) fn state(&self, state: &State) -> std::borrow::Cow<'static, str> {
        self.say(match state {
            State::Unknown => "console-state-unknown",
            State::Requested => "console-state-requested",
            State::RequestDeferred => "console-state-deferred",
            State::Refused => "console-state-refused",
            State::Given => "console-state-given",
            State::RenewedGiven => "console-state-renewed",
            State::Expired => "console-state-expired",
            State::Withdrawn => "console-state-withdrawn",
            State::Revoked => "console-state-revoked",
            State::Terminated => "console-state-terminated",
            State::Invalidated => "console-state-invalidated",
        })
    }

    /// How it looks beside its word.
    pub(super) fn standing_look(&self, state: &State) -> &'static str {
        match state {
            State::Given | State::RenewedGiven => "go",
            State::Requested | State::RequestDeferred => "wait",
            State::Unknown | State::Expired | State::Terminated => "",
            State::Refused | State::Withdrawn | State::Revoked | State::Invalidated => "stop",
        }
    }

    /// The day alone.
    pub(super) fn day(&self, at: &jiff::Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d").to_string()
    }

    pub(super) fn maybe_day(&self, at: &Option<jiff::Timestamp>) -> String {
        at.as_ref().map_or_else(|| "–".to_owned(), |at| self.day(at))
    }
}

const DONE: (&str, Option<&str>) = ("done", None);
