//! `/wishes/{id}`: one letter, and what a person says that it means: a refusal, which counts at once,
//! with the letter as its evidence, or nothing of the kind.

use std::sync::Arc;

use askama::Template;
use policy::{Address, Controller, Purpose, Scope};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Answer, Frame, Visit,
    audit_list::Names,
    guest::{Path, Posted, redirect},
    owner::reached,
    problem::{CONFLICT, MISSING, Problem},
    query::Query,
    statement::{Fault, fault},
    wish_list::wishes,
};
use crate::{
    consent::{Proof, Who},
    staff::{Act, Action, Entry},
    web::html::form,
    wish::{Read, Wish},
};

#[derive(Template)]
#[template(path = "console/wish_show.html")]
struct Page {
    frame: Frame,
    wish: Wish,
    said: Query,
    purposes: Vec<Purpose>,
    names: Names,
    may_read: bool,
    fault: Option<Fault>,
}

pub(super) async fn page(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    let (wish, owner) = find(&visit, id).await?;
    visit.note(&Entry::new(Act::WishSeen, subject(id)).of(&*owner.id)).await?;
    // As the stream's own links mean it, until somebody chooses otherwise.
    let business = visit.shared.console.business.load();
    let scope = match business.stream(&wish.about.stream).map(|stream| stream.refused()) {
        Some(Scope::Purpose(id)) => id,
        Some(Scope::Everything) | None => EVERYTHING.to_owned(),
    };
    let said = Query::of(&[("scope".to_owned(), scope)]);
    show(&visit, wish, &owner, said, None).await
}

/// One whose controller is in the role's reach.
async fn find(visit: &Visit, id: Uuid) -> Result<(Wish, Arc<Controller>), Problem> {
    let wish = wishes(visit).show(id).await?.ok_or(MISSING)?;
    let owners = reached(visit, Action::SeeContacts);
    let owner = owners.into_iter().find(|own| own.id == wish.about.controller).ok_or(MISSING)?;
    Ok((wish, owner))
}

async fn show(
    visit: &Visit,
    wish: Wish,
    owner: &Controller,
    said: Query,
    fault: Option<Fault>,
) -> Answer {
    let page = Page {
        frame: visit.frame(),
        purposes: visit.shared.console.consent.purposes_of(&owner.id).await?,
        names: Names::read(visit).await?,
        may_read: visit.reach(Action::Refuse).holds_controller(&owner.id),
        wish,
        said,
        fault,
    };
    Ok(form(fault.is_some(), &page))
}

pub(super) async fn act(visit: Visit, Path(id): Path<Uuid>, posted: Posted) -> Answer {
    let said = posted.said();
    let (wish, owner) = find(&visit, id).await?;
    if !visit.reach(Action::Refuse).holds_controller(&owner.id) {
        return Err(MISSING);
    }
    if wish.read.is_some() {
        return Err(CONFLICT);
    }
    let consent = &visit.shared.console.consent;
    let refuses = match said.get("scope") {
        Some(NOTHING) => None,
        Some(EVERYTHING) => Some(Scope::Everything),
        Some(id) if consent.purpose(&owner.id, id).await?.is_some() => {
            Some(Scope::Purpose(id.to_owned()))
        }
        Some(_) | None => {
            return show(&visit, wish, &owner, said, Some("console-refusal-scope-missing")).await;
        }
    };
    if let Some(scope) = &refuses {
        let who = match who(&wish, &said) {
            Ok(who) => who,
            Err(fault) => return show(&visit, wish, &owner, said, Some(fault)).await,
        };
        let mut evidence = wish.told.evidence(wish.about.message);
        if let Some(fields) = evidence.as_object_mut() {
            fields.insert("text".to_owned(), Value::from(&*wish.told.text));
        }
        // The person said it when the letter came.
        let proof = Proof { actor: visit.by().actor, at: wish.at, evidence };
        let recorded = consent.refuse(visit.now, &who, scope, &proof).await?;
        if let Some(fault) = fault(&recorded) {
            return show(&visit, wish, &owner, said, Some(fault)).await;
        }
    }
    let done = if refuses.is_some() { "refused" } else { "wish-read" };
    let read = Read { at: visit.now, by: visit.by().actor, refuses };
    if !wishes(&visit).read(id, &read).await? {
        return Err(CONFLICT);
    }
    let entry = Entry::new(Act::WishRead, subject(id)).of(&*owner.id);
    visit.note(&entry.with(json!({ "scope": read.refuses }))).await?;
    Ok(redirect(&format!("/wishes?done={done}")))
}

/// Its writer, or whom the form names where that is not known.
fn who(wish: &Wish, said: &Query) -> Result<Who, Fault> {
    let controller = &wish.about.controller;
    match wish.about.recipient {
        Some(key) => Ok(Who::key(controller, key)),
        None => Address::parse(said.shown("address"))
            .map(|address| Who::address(controller, address))
            .map_err(|_| "console-address-wrong"),
    }
}

/// What the trail calls it.
fn subject(id: Uuid) -> String {
    format!("wish/{id}")
}

impl Page {
    /// What somebody said that it means.
    fn meant(&self, read: &Read) -> String {
        match &read.refuses {
            None => self.frame.say("console-wish-nothing").into_owned(),
            Some(Scope::Everything) => self.frame.say("dossier-all").into_owned(),
            Some(Scope::Purpose(id)) => {
                let named = self.purposes.iter().find(|one| one.id == *id);
                named.map_or(id, |one| &one.name).clone()
            }
        }
    }
}

/// No purpose is called so.
const EVERYTHING: &str = "*";
const NOTHING: &str = "-";
