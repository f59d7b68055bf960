//! `/purposes/{id}/assign`: one purpose for all that a filter finds, or for a list of addresses: counted
//! first, then written down, never over a refusal (S21, S24, S25).

use std::{sync::Arc, time::Duration};

use askama::Template;
use axum::http::StatusCode;
use jiff::Timestamp;
use policy::{Address, Controller, Purpose};
use serde_json::json;

use super::{
    Answer, Frame, Visit,
    contact_filter::{CUSTOMERS, STATES, filter},
    guest::{Path, Posted},
    owner::{Owners, clocks},
    problem::{AWAY, CONFLICT, Problem},
    purpose_show::{entry, find, path},
    query::Query,
    statement::{Fault, METHODS, SOURCES, Terms, evidence},
};
use crate::{
    consent::{AssignFault, Assigned, Assignment, Filter, Target},
    staff::{Act, Action},
    web::html::{form, html},
};

#[derive(Template)]
#[template(path = "console/purpose_assign.html")]
struct Page {
    frame: Frame,
    owner: Arc<Controller>,
    purpose: Purpose,
    purposes: Vec<Purpose>,
    said: Query,
    fault: Option<Fault>,
}

/// What it would do, or did.
#[derive(Template)]
#[template(path = "console/purpose_assigned.html")]
struct Counted {
    frame: Frame,
    owner: Arc<Controller>,
    purpose: Purpose,
    counts: Assigned,
    /// All that was said, to be sent again; `None`: it is written.
    again: Option<Again>,
}

struct Again {
    fields: Vec<(String, String)>,
    /// As it was when it was counted, clocks and all.
    filter: Option<String>,
}

pub(super) async fn page(visit: Visit, Path(id): Path<String>) -> Answer {
    let said = visit.query.clone();
    show(&visit, &id, said, None).await
}

async fn show(visit: &Visit, id: &str, said: Query, fault: Option<Fault>) -> Answer {
    let (owners, purpose) = find(visit, Action::Import, (id, &said)).await?;
    let owner = owners.chosen;
    let purposes = visit.shared.console.consent.purposes_of(&owner.id).await?;
    let page = Page { frame: visit.frame(), owner, purpose, purposes, said, fault };
    Ok(form(fault.is_some(), &page))
}

pub(super) async fn act(visit: Visit, Path(id): Path<String>, posted: Posted) -> Answer {
    let said = posted.said();
    let (owners, purpose) = find(&visit, Action::Import, (&id, &said)).await?;
    let is_sure = said.is("sure", "yes");
    let read = match target(&visit, &owners, &said).await? {
        Ok(target) => what(&visit, (&owners, &purpose), &said, !is_sure).map(|what| (target, what)),
        Err(fault) => Err(fault),
    };
    let (target, what) = match read {
        Ok(read) => read,
        Err(fault) => return show(&visit, &id, said, Some(fault)).await,
    };
    let consent = &visit.shared.console.consent;
    let (zone, clocks) = (&owners.chosen.time_zone, clocks(&visit, &owners.chosen)?);
    let assigned = consent.assign(&Timestamp::now, zone, &clocks, &what, &target, |_| {});
    // What takes longer goes on where it was when the very same is sent again.
    let assigned = tokio::time::timeout(PATIENCE, assigned).await.map_err(|_| AWAY)?;
    let counts = match assigned {
        Ok(counts) => counts,
        Err(AssignFault::NoPurpose | AssignFault::Closed) => {
            return show(&visit, &id, said, Some("console-purpose-is-closed")).await;
        }
        Err(AssignFault::Busy) => return Err(CONFLICT),
        Err(AssignFault::Store(fault)) => return Err(fault.into()),
    };
    if is_sure {
        let detail = json!({
            "seen": counts.seen, "granted": counts.granted, "already": counts.already,
            "refusal_stands": counts.refusal_stands,
        });
        let entry = entry(Act::PurposeAssigned, &owners.chosen.id, &purpose.id);
        visit.note(&entry.with(detail)).await?;
    }
    let kept = |(name, _): &&(String, String)| name != "form-key" && name != "sure";
    let again = (!is_sure).then(|| Again {
        fields: posted.0.fields.iter().filter(kept).cloned().collect(),
        filter: match &target {
            Target::Filter(filter) => Some(json!(filter).to_string()),
            Target::Addresses(_) => None,
        },
    });
    let owner = owners.chosen;
    let page = Counted { frame: visit.frame(), owner, purpose, counts, again };
    Ok(html(StatusCode::OK, &page))
}

/// To whom: the filter as it was counted, a list, or a filter of the form.
async fn target(
    visit: &Visit,
    owners: &Owners,
    said: &Query,
) -> Result<Result<Target, Fault>, Problem> {
    if let Some(text) = said.get("filter") {
        let filter = Filter::parse(text).map_err(|_| "console-assign-filter-wrong");
        return Ok(filter.map(Target::Filter));
    }
    if let Some(text) = said.get("addresses") {
        let lines = text.split([',', ';', '\n']).map(str::trim).filter(|line| !line.is_empty());
        let all: Result<Vec<Address>, _> = lines.map(Address::parse).collect();
        return Ok(match all {
            Ok(all) if all.len() <= ADDRESSES_MAX => Ok(Target::Addresses(all)),
            Ok(_) => Err("console-assign-many"),
            Err(_) => Err("console-assign-address-wrong"),
        });
    }
    let owner = &owners.chosen;
    let purposes = visit.shared.console.consent.purposes_of(&owner.id).await?;
    let clocks = clocks(visit, owner)?;
    let filter = filter(said, &purposes, (&owner.time_zone, clocks.lived));
    Ok(match filter {
        Some(filter) if filter.check().is_ok() => Ok(Target::Filter(filter)),
        Some(_) => Err("console-assign-filter-wrong"),
        None => Err("console-assign-whom-missing"),
    })
}

fn what(
    visit: &Visit,
    (owners, purpose): (&Owners, &Purpose),
    said: &Query,
    dry_run: bool,
) -> Result<Assignment, Fault> {
    let terms = Terms::read(visit, said)?;
    Ok(Assignment {
        controller: owners.chosen.id.clone(),
        purpose: purpose.id.clone(),
        start: terms.start,
        until: terms.until,
        method: terms.method,
        source: terms.source,
        confirmed_at: terms.confirmed_at,
        of_age: terms.of_age,
        evidence: evidence(said)?,
        actor: visit.by().actor,
        dry_run,
    })
}

impl Page {
    fn back(&self) -> String {
        path(&self.owner.id, &self.purpose.id)
    }
}

impl Counted {
    fn rows(&self) -> [(&'static str, u64); 5] {
        [
            ("console-assign-seen", self.counts.seen),
            ("console-assign-granted", self.counts.granted),
            ("console-assign-already", self.counts.already),
            ("console-assign-refused", self.counts.refusal_stands),
            ("console-assign-void", self.counts.empty),
        ]
    }

    fn back(&self) -> String {
        path(&self.owner.id, &self.purpose.id)
    }
}

/// A page has an answer before its browser gives up.
const PATIENCE: Duration = Duration::from_secs(25);
const ADDRESSES_MAX: usize = 10_000;
