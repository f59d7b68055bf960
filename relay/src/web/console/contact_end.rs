//! `/contacts/{id}/end`: the grants of one purpose end; they stay on record. It is no refusal.

use askama::Template;
use policy::{Ended, Purpose};
use serde_json::{Map, json};
use uuid::Uuid;

use super::{
    Answer, Frame, Visit,
    guest::{Path, Posted},
    problem::{MISSING, Problem},
    query::Query,
    statement::{Fault, Subject, fault, proof, word},
};
use crate::{
    staff::{Act, Action},
    web::html::form,
};

#[derive(Template)]
#[template(path = "console/contact_end.html")]
struct Page {
    frame: Frame,
    of: Subject,
    said: Query,
    purpose: Purpose,
    fault: Option<Fault>,
}

pub(super) async fn page(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    let said = visit.query.clone();
    let of = Subject::find(&visit, Action::ChangeContacts, Some(id), &said).await?;
    show(&visit, of, said, None).await
}

async fn show(visit: &Visit, of: Subject, said: Query, fault: Option<Fault>) -> Answer {
    let purpose = purpose(visit, &of, &said).await?;
    let page = Page { frame: visit.frame(), of, said, purpose, fault };
    Ok(form(fault.is_some(), &page))
}

async fn purpose(visit: &Visit, of: &Subject, said: &Query) -> Result<Purpose, Problem> {
    let found = visit.shared.console.consent.purpose(&of.owner.id, said.shown("purpose")).await?;
    found.ok_or(MISSING)
}

pub(super) async fn act(visit: Visit, Path(id): Path<Uuid>, posted: Posted) -> Answer {
    let said = posted.said();
    let of = Subject::find(&visit, Action::ChangeContacts, Some(id), &said).await?;
    let purpose = purpose(&visit, &of, &said).await?;
    let how = match word(&said, "how") {
        Ok(Some(how)) => how,
        Ok(None) => Ended::Withdrawn,
        Err(fault) => return show(&visit, of, said, Some(fault)).await,
    };
    if how == Ended::Terminated {
        // A purpose is closed for everybody.
        return show(&visit, of, said, Some("console-word-wrong")).await;
    }
    let (who, proof) = match (of.who(&said), proof(&visit, &said, visit.now)) {
        (Ok(who), Ok(proof)) => (who, proof),
        (Err(fault), _) | (_, Err(fault)) => return show(&visit, of, said, Some(fault)).await,
    };
    let consent = &visit.shared.console.consent;
    let recorded = consent.end(visit.now, &who, &purpose.id, how, &proof).await?;
    if let Some(fault) = fault(&recorded) {
        return show(&visit, of, said, Some(fault)).await;
    }
    let fields = [("purpose".to_owned(), json!(purpose.id)), ("how".to_owned(), json!(how))];
    let detail = Map::from_iter(fields);
    of.written(&visit, &who, (Act::GrantsEnded, "ended"), (recorded, detail)).await
}
