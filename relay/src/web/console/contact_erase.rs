//! `/contacts/{id}/erase`: one person's data go, by deletion or without a name; the page says before
//! and after what stays and by which law (S135, S136).

use askama::Template;
use axum::http::StatusCode;
use serde_json::json;
use uuid::Uuid;

use super::{
    Answer, Frame, Visit,
    guest::{Path, Posted},
    owner::{Person, stores},
    problem::MISSING,
    statement::Fault,
};
use crate::{
    consent::Erasure,
    rights::{self, Outcome, Wish},
    staff::{Act, Action},
    web::html::{form, html},
};

#[derive(Template)]
#[template(path = "console/contact_erase.html")]
struct Page {
    frame: Frame,
    person: Person,
    fault: Option<Fault>,
}

#[derive(Template)]
#[template(path = "console/contact_erased.html")]
struct Done {
    frame: Frame,
    person: Person,
    outcome: Outcome,
}

pub(super) async fn page(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    show(&visit, Person::find(&visit, Action::ChangeContacts, id).await?, None)
}

fn show(visit: &Visit, person: Person, fault: Option<Fault>) -> Answer {
    let page = Page { frame: visit.frame(), person, fault };
    Ok(form(fault.is_some(), &page))
}

pub(super) async fn act(visit: Visit, Path(id): Path<Uuid>, posted: Posted) -> Answer {
    let person = Person::find(&visit, Action::ChangeContacts, id).await?;
    let how = match posted.value("how") {
        "delete" => Erasure::Delete,
        "anonymise" => Erasure::Anonymise,
        _ => return show(&visit, person, Some("console-erase-how-missing")),
    };
    if posted.value("sure") != "yes" {
        return show(&visit, person, Some("console-erase-unsure"));
    }
    let wish = Wish {
        how,
        refuses: posted.value("refuses") == "yes",
        proof_too: posted.value("proof_too") == "yes",
        actor: visit.by().actor,
    };
    let (owner, business) = (&person.owner, visit.shared.console.business.load_full());
    let pack = business.pack_of(owner, visit.now);
    let done =
        rights::erase(stores(&visit), (owner, pack), &person.who(), visit.now, &wish).await?;
    let outcome = done.ok_or(MISSING)?;
    let detail = json!({
        "how": posted.value("how"),
        "event": outcome.event,
        "refuses": wish.refuses,
        "proof_too": wish.proof_too,
    });
    visit.note(&person.entry(Act::ContactErased).with(detail)).await?;
    let person = Person::find(&visit, Action::ChangeContacts, id).await?;
    Ok(html(StatusCode::OK, &Done { frame: visit.frame(), person, outcome }))
}

impl Done {
    fn told(&self) -> String {
        let values =
            [("count", self.outcome.statements.into()), ("event", (&self.outcome.event).into())];
        self.frame.with("console-erased", &values)
    }
}
