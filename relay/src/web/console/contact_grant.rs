//! `/contacts/{id}/grant` and `/contacts/new`: a consent written down by hand, with what proves it
//! (S23, S25).

use askama::Template;
use policy::Purpose;
use serde_json::{Map, json};
use uuid::Uuid;

use super::{
    Answer, Frame, Visit,
    guest::{Path, Posted},
    query::Query,
    statement::{Fault, METHODS, SOURCES, Subject, Terms, fault, proof},
};
use crate::{
    consent::{NewGrant, Proof, Who},
    staff::{Act, Action},
    web::html::form,
};

#[derive(Template)]
#[template(path = "console/contact_grant.html")]
struct Page {
    frame: Frame,
    of: Subject,
    said: Query,
    /// Those that are open.
    purposes: Vec<Purpose>,
    fault: Option<Fault>,
}

pub(super) async fn page(visit: Visit, id: Option<Path<Uuid>>) -> Answer {
    let said = visit.query.clone();
    show(
        &visit,
        Subject::find(&visit, Action::ChangeContacts, id.map(|Path(id)| id), &said).await?,
        said,
        None,
    )
    .await
}

async fn show(visit: &Visit, of: Subject, said: Query, fault: Option<Fault>) -> Answer {
    let mut purposes = visit.shared.console.consent.purposes_of(&of.owner.id).await?;
    purposes.retain(|own| own.closed_at.is_none());
    let page = Page { frame: visit.frame(), of, said, purposes, fault };
    Ok(form(fault.is_some(), &page))
}

pub(super) async fn act(visit: Visit, id: Option<Path<Uuid>>, posted: Posted) -> Answer {
    let said = posted.said();
    let of = Subject::find(&visit, Action::ChangeContacts, id.map(|Path(id)| id), &said).await?;
    let (who, grant, proof) = match read(&visit, &of, &said).await? {
        Ok(read) => read,
        Err(fault) => return show(&visit, of, said, Some(fault)).await,
    };
    let consent = &visit.shared.console.consent;
    let recorded = consent.grant(visit.now, &of.owner.time_zone, &who, &grant, &proof).await?;
    if let Some(fault) = fault(&recorded) {
        return show(&visit, of, said, Some(fault)).await;
    }
    let detail = Map::from_iter([("purpose".to_owned(), json!(grant.purpose))]);
    of.written(&visit, &who, (Act::GrantAdded, "granted"), (recorded, detail)).await
}

type Read = Result<(Who, NewGrant, Proof), Fault>;

async fn read(visit: &Visit, of: &Subject, said: &Query) -> Result<Read, super::problem::Problem> {
    let (who, terms) = match (of.who(said), Terms::read(visit, said)) {
        (Ok(who), Ok(terms)) => (who, terms),
        (Err(fault), _) | (_, Err(fault)) => return Ok(Err(fault)),
    };
    let Some(purpose) = said.get("purpose") else { return Ok(Err("console-purpose-missing")) };
    let from = visit.shared.console.consent.start(visit.now, &who, terms.start).await?;
    if terms.until.is_some_and(|until| until <= from) {
        return Ok(Err("console-grant-until-early"));
    }
    let grant = NewGrant {
        purpose: purpose.to_owned(),
        from,
        until: terms.until,
        method: terms.method,
        source: terms.source,
        confirmed_at: terms.confirmed_at,
        age_declared: terms.of_age,
        lifts_refusal: said.is("lifts_refusal", "yes"),
    };
    // It was said when it begins, where nothing else is said, and never in the future.
    Ok(proof(visit, said, from.min(visit.now)).map(|proof| (who, grant, proof)))
}
