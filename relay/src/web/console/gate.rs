//! Who may come in: what the table says of the route, the session's stage, the role; and for actions
//! that the form is the console's own. The only place where any of it is looked at.

use std::sync::Arc;

use askama::Template;
use axum::{
    body::{Body, to_bytes},
    extract::{MatchedPath, Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{
    Shared,
    guest::{Guest, Posted, redirect},
    origin::came_from_elsewhere,
    problem::{FORGED, LARGE, METHOD, Problem, REFUSED, SIGNED_OUT, UNREADABLE},
    routes::Asks,
};
use crate::{
    seal,
    staff::{Act, By, Entry, Session, Stage},
    web::{form, html::html},
    words::Words,
};

/// Lets in, or says why not.
pub(super) async fn gate(
    State(shared): State<Shared>,
    guest: Guest,
    request: Request,
    next: Next,
) -> Response {
    match admitted(&shared, &guest, request).await {
        Ok(request) => next.run(request).await,
        Err(response) => *response,
    }
}

async fn admitted(
    shared: &Shared,
    guest: &Guest,
    request: Request,
) -> Result<Request, Box<Response>> {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let asked = path.and_then(|path| shared.table.asks(path, request.method()));
    let Some((asks, body_max)) = asked else {
        let is_there = path.is_some_and(|path| shared.table.has(path));
        return Err(told(if is_there { METHOD } else { REFUSED }));
    };
    if let Err(stop) = allowed(shared, guest, asks, path.unwrap_or_default()).await {
        // The browser keeps the session's cookie back when another site's page led here.
        if guest.session.is_none() && guest.is_get && came_from_elsewhere(request.headers()) {
            return Err(Box::new(again(guest)));
        }
        return Err(stop);
    }
    if guest.is_get {
        return Ok(request);
    }
    if !shared.origins.sent(request.headers()) {
        return Err(told(FORGED));
    }
    let (mut parts, body) = request.into_parts();
    let bytes = to_bytes(body, body_max).await.map_err(|_| told(LARGE))?;
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let form = form::read(kind.unwrap_or_default(), &bytes).ok_or_else(|| told(UNREADABLE))?;
    let key = form::value(&form.fields, FORM_KEY).unwrap_or_default();
    if !seal::same(key.as_bytes(), guest.form_key.as_bytes()) {
        return Err(told(FORGED));
    }
    parts.extensions.insert(Posted(Arc::new(form)));
    Ok(Request::from_parts(parts, Body::empty()))
}

async fn allowed(
    shared: &Shared,
    guest: &Guest,
    asks: Asks,
    path: &str,
) -> Result<(), Box<Response>> {
    let Some(session) = &guest.session else {
        if asks == Asks::Nothing {
            return Ok(());
        }
        let way = format!("/sign-in?then={}", seal::escaped(&guest.here()));
        return Err(if guest.is_get { Box::new(redirect(&way)) } else { told(SIGNED_OUT) });
    };
    match (asks, guest.stage(session)) {
        (Asks::Nothing, _) => Ok(()),
        (Asks::Factor, Stage::Factor) | (Asks::Enrol, Stage::Enrol) => Ok(()),
        (Asks::May(action), Stage::Whole) if session.account.rights.may(action) => Ok(()),
        (Asks::May(_), Stage::Whole) => Err(refused(shared, guest, session, path).await),
        // There is nothing more to prove.
        (Asks::Factor | Asks::Enrol, Stage::Whole) => Err(Box::new(redirect("/"))),
        (_, Stage::Factor) => Err(elsewhere(guest, "/sign-in/factor")),
        (_, Stage::Enrol) => Err(elsewhere(guest, "/sign-in/enrol")),
    }
}

/// To the step that is missing, and back.
fn elsewhere(guest: &Guest, step: &str) -> Box<Response> {
    let then = guest.here();
    let is_step = then.starts_with("/sign-in");
    let way =
        if is_step { step.to_owned() } else { format!("{step}?then={}", seal::escaped(&then)) };
    Box::new(redirect(&way))
}

/// It is written down who tried what.
async fn refused(shared: &Shared, guest: &Guest, session: &Session, path: &str) -> Box<Response> {
    let entry = Entry::new(Act::Forbidden, "").with(json!({ "path": path }));
    let by = By::staff(session.account.id, guest.from.ip);
    if let Err(fault) = shared.console.staff.note(guest.now, &by, &entry).await {
        tracing::error!(%fault, "a refusal could not be written down");
    }
    told(REFUSED)
}

/// The same page, asked for by a page of our own.
fn again(guest: &Guest) -> Response {
    html(StatusCode::OK, &Again { words: guest.words, to: guest.here() })
}

#[derive(Template)]
#[template(path = "console/again.html")]
struct Again {
    words: &'static Words,
    to: String,
}

fn told(problem: Problem) -> Box<Response> {
    Box::new(problem.into_response())
}

/// The field that every form has.
const FORM_KEY: &str = "form-key";
