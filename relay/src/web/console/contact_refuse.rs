//! `/contacts/{id}/refuse` and `/contacts/new/refusal`: a no that somebody said by telephone or in a
//! letter. It counts at once, also for what waits in the queue.

use askama::Template;
use policy::{Purpose, Scope};
use serde_json::{Map, json};
use uuid::Uuid;

use super::{
    Answer, Frame, Visit,
    guest::{Path, Posted},
    query::Query,
    statement::{Fault, Subject, fault, proof},
};
use crate::{
    staff::{Act, Action},
    web::html::form,
};

#[derive(Template)]
#[template(path = "console/contact_refuse.html")]
struct Page {
    frame: Frame,
    of: Subject,
    said: Query,
    purposes: Vec<Purpose>,
    may_grant: bool,
    fault: Option<Fault>,
}

pub(super) async fn page(visit: Visit, id: Option<Path<Uuid>>) -> Answer {
    let said = visit.query.clone();
    show(
        &visit,
        Subject::find(&visit, Action::Refuse, id.map(|Path(id)| id), &said).await?,
        said,
        None,
    )
    .await
}

async fn show(visit: &Visit, of: Subject, said: Query, fault: Option<Fault>) -> Answer {
    let purposes = visit.shared.console.consent.purposes_of(&of.owner.id).await?;
    let may_grant = visit.may(Action::ChangeContacts);
    let page = Page { frame: visit.frame(), of, said, purposes, may_grant, fault };
    Ok(form(fault.is_some(), &page))
}

pub(super) async fn act(visit: Visit, id: Option<Path<Uuid>>, posted: Posted) -> Answer {
    let said = posted.said();
    let of = Subject::find(&visit, Action::Refuse, id.map(|Path(id)| id), &said).await?;
    let (who, proof) = match (of.who(&said), proof(&visit, &said, visit.now)) {
        (Ok(who), Ok(proof)) => (who, proof),
        (Err(fault), _) | (_, Err(fault)) => return show(&visit, of, said, Some(fault)).await,
    };
    let consent = &visit.shared.console.consent;
    let scope = match said.get("purpose") {
        None => return show(&visit, of, said, Some("console-refusal-scope-missing")).await,
        Some(EVERYTHING) => Scope::Everything,
        Some(id) if consent.purpose(&of.owner.id, id).await?.is_some() => {
            Scope::Purpose(id.to_owned())
        }
        Some(_) => return show(&visit, of, said, Some("console-purpose-unknown")).await,
    };
    let recorded = consent.refuse(visit.now, &who, &scope, &proof).await?;
    if let Some(fault) = fault(&recorded) {
        return show(&visit, of, said, Some(fault)).await;
    }
    let detail = Map::from_iter([("scope".to_owned(), json!(scope))]);
    of.written(&visit, &who, (Act::RefusalAdded, "refused"), (recorded, detail)).await
}

/// No purpose is called so.
const EVERYTHING: &str = "*";
