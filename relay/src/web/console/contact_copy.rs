//! `/contacts/{id}/copy` and `/contacts/{id}/case`: everything on record about one person as a file: for
//! the person (S134), and signed for an authority (S149).

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use policy::Address;
use serde_json::json;
use uuid::Uuid;

use super::{
    Answer, Visit,
    audit_export::attached,
    guest::Path,
    owner::{Person, stores},
    problem::{AWAY, FAULT, MISSING},
};
use crate::{
    evidence,
    rights::Dossier,
    staff::{Act, Action},
    web::paper,
    words::Words,
};

pub(super) async fn file(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    let person = Person::find(&visit, Action::Export, id).await?;
    let owner = &person.owner;
    let dossier = Dossier::of(stores(&visit), owner, &person.who(), visit.now).await?;
    let dossier = dossier.ok_or(MISSING)?;
    let format = visit.query.get("format").unwrap_or("json");
    // Before it leaves.
    visit.note(&person.entry(Act::ContactCopied).with(json!({ "format": format }))).await?;
    match format {
        "csv" => Ok(attached("person.csv", "text/csv; charset=utf-8", dossier.csv())),
        "html" => {
            let words = Words::of(owner.language);
            let page = paper::dossier(words, &owner.time_zone, &dossier).map_err(|_| FAULT)?;
            // It is for the person and brings its own style: not a page of the console.
            Ok(attached("person.html", "text/html; charset=utf-8", page))
        }
        _ => {
            let text = serde_json::to_string_pretty(&dossier).map_err(|_| FAULT)?;
            Ok(attached("person.json", "application/json", text + "\n"))
        }
    }
}

pub(super) async fn case(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    let person = Person::find(&visit, Action::Export, id).await?;
    let address = Address::parse(person.name()).map_err(|_| MISSING)?;
    let console = &visit.shared.console;
    let ask = evidence::Ask {
        controller: &person.owner,
        message: None,
        address: Some(&address),
        original: None,
        words: Words::of(person.owner.language),
        deposit: None,
    };
    let stores = evidence::Stores {
        db: &console.db,
        secret: &console.secret,
        consent: &console.consent,
        spool: &console.spool,
    };
    let archive = evidence::make(visit.now, stores, &ask).await.map_err(|fault| {
        tracing::error!(%fault, "a case file could not be made");
        AWAY
    })?;
    visit.note(&person.entry(Act::CaseMade)).await?;
    Ok(archived("case.zip", archive))
}

fn archived(name: &str, archive: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    (headers, archive).into_response()
}
