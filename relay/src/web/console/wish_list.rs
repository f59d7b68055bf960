//! `/wishes`: what people wrote back that may mean no, and that nobody has read yet.

use askama::Template;
use axum::http::StatusCode;
use jiff::Timestamp;

use super::{
    Answer, Frame, Visit,
    audit_list::Names,
    owner::own_of,
    paging::{BEFORE, PAGE, Paging},
};
use crate::{
    staff::Action,
    web::html::html,
    wish::{Wish, Wishes},
};

#[derive(Template)]
#[template(path = "console/wish_list.html")]
struct Page {
    frame: Frame,
    rows: Vec<Wish>,
    names: Names,
    paging: Paging,
    are_read: bool,
    now: Timestamp,
}

pub(super) async fn page(visit: Visit) -> Answer {
    let theirs = own_of(&visit, Action::SeeContacts);
    let are_read = visit.query.is("show", "read");
    let past = visit.query.get(BEFORE).and_then(|past| past.parse().ok());
    let mut rows = wishes(&visit).list(theirs.as_deref(), are_read, past, PAGE + 1).await?;
    let page = Page {
        frame: visit.frame(),
        names: Names::read(&visit).await?,
        paging: Paging::of("/wishes", &visit.query, &mut rows, |last| last.id.to_string()),
        rows,
        are_read,
        now: visit.now,
    };
    Ok(html(StatusCode::OK, &page))
}

pub(super) fn wishes(visit: &Visit) -> Wishes {
    let console = &visit.shared.console;
    Wishes { db: console.db.clone(), secret: console.secret.clone() }
}
