//! `/contacts/{id}/inform`: the person was told of the processing of their data (S70).

use askama::Template;
use serde_json::{Map, json};
use uuid::Uuid;

use super::{
    Answer, Frame, Visit,
    guest::{Path, Posted},
    query::Query,
    statement::{Fault, Subject, fault, proof, text, word},
};
use crate::{
    consent::Notice,
    staff::{Act, Action},
    web::html::form,
};

#[derive(Template)]
#[template(path = "console/contact_inform.html")]
struct Page {
    frame: Frame,
    of: Subject,
    said: Query,
    fault: Option<Fault>,
}

pub(super) async fn page(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    let said = visit.query.clone();
    let of = Subject::find(&visit, Action::ChangeContacts, Some(id), &said).await?;
    show(&visit, of, said, None)
}

fn show(visit: &Visit, of: Subject, said: Query, fault: Option<Fault>) -> Answer {
    let page = Page { frame: visit.frame(), of, said, fault };
    Ok(form(fault.is_some(), &page))
}

pub(super) async fn act(visit: Visit, Path(id): Path<Uuid>, posted: Posted) -> Answer {
    let said = posted.said();
    let of = Subject::find(&visit, Action::ChangeContacts, Some(id), &said).await?;
    let read =
        of.who(&said).and_then(|who| Ok((who, notice(&said)?, proof(&visit, &said, visit.now)?)));
    let (who, notice, proof) = match read {
        Ok(read) => read,
        Err(fault) => return show(&visit, of, said, Some(fault)),
    };
    let recorded = visit.shared.console.consent.inform(visit.now, &who, &notice, &proof).await?;
    if let Some(fault) = fault(&recorded) {
        return show(&visit, of, said, Some(fault));
    }
    let detail = Map::from_iter([("version".to_owned(), json!(notice.version))]);
    of.written(&visit, &who, (Act::PersonInformed, "informed"), (recorded, detail)).await
}

fn notice(said: &Query) -> Result<Notice, Fault> {
    let version = text(said, "version", 100)?.ok_or("console-inform-version-missing")?;
    let kind = word(said, "kind")?.unwrap_or_default();
    Ok(Notice { version, kind, url: text(said, "url", 2_000)? })
}
