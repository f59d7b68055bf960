//! `/contacts/{id}/correct`: what was written down wrong about one grant is put right by a new event;
//! the old one stays (S26).

use askama::Template;
use policy::Grant;
use serde_json::{Map, json};
use uuid::Uuid;

use super::{
    Answer, Frame, Visit,
    guest::{Path, Posted},
    problem::{MISSING, Problem},
    query::Query,
    statement::{Fault, METHODS, SOURCES, Subject, moment, proof, word},
};
use crate::{
    consent::{Corrected, Correction, Recorded},
    staff::{Act, Action},
    web::html::form,
};

#[derive(Template)]
#[template(path = "console/contact_correct.html")]
struct Page {
    frame: Frame,
    of: Subject,
    said: Query,
    grant: Grant,
    fault: Option<Fault>,
}

pub(super) async fn page(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    let said = visit.query.clone();
    let of = Subject::find(&visit, Action::ChangeContacts, Some(id), &said).await?;
    show(&visit, of, said, None).await
}

async fn show(visit: &Visit, of: Subject, said: Query, fault: Option<Fault>) -> Answer {
    let grant = grant(visit, &of, &said).await?;
    let page = Page { frame: visit.frame(), of, said, grant, fault };
    Ok(form(fault.is_some(), &page))
}

async fn grant(visit: &Visit, of: &Subject, said: &Query) -> Result<Grant, Problem> {
    let key = of.person.as_ref().ok_or(MISSING)?.brief.key;
    let standing = visit.shared.console.consent.standing(key).await?;
    let event = said.shown("event");
    standing.grants.into_iter().find(|own| own.event == event).ok_or(MISSING)
}

pub(super) async fn act(visit: Visit, Path(id): Path<Uuid>, posted: Posted) -> Answer {
    let said = posted.said();
    let of = Subject::find(&visit, Action::ChangeContacts, Some(id), &said).await?;
    let event = grant(&visit, &of, &said).await?.event;
    let read = of
        .who(&said)
        .and_then(|who| Ok((who, correction(&visit, &said)?, proof(&visit, &said, visit.now)?)));
    let (who, by, proof) = match read {
        Ok(read) => read,
        Err(fault) => return show(&visit, of, said, Some(fault)).await,
    };
    let consent = &visit.shared.console.consent;
    let fault = match consent.correct(visit.now, &who, &event, &by, &proof).await? {
        Corrected::New(new) => {
            let detail = Map::from_iter([("grant".to_owned(), json!(event))]);
            let what = (Recorded::New(new), detail);
            return of.written(&visit, &who, (Act::GrantCorrected, "corrected"), what).await;
        }
        Corrected::Already => {
            let what = (Recorded::Already, Map::new());
            return of.written(&visit, &who, (Act::GrantCorrected, "corrected"), what).await;
        }
        Corrected::NoGrant => return Err(MISSING),
        Corrected::Taken => "console-correct-taken",
        Corrected::Empty => "console-grant-until-early",
        Corrected::NoClick => "console-correct-click-missing",
    };
    show(&visit, of, said, Some(fault)).await
}

/// What is left empty stays.
fn correction(visit: &Visit, said: &Query) -> Result<Correction, Fault> {
    let zone = visit.zone();
    Ok(Correction {
        from: moment(said, "from", &zone)?,
        until: moment(said, "until", &zone)?,
        method: word(said, "method")?,
        source: word(said, "source")?,
    })
}
