//! `/sign-in/factor`: a code of the app, or a recovery code.

use askama::Template;
use axum::http::StatusCode;

use super::{
    Answer, Frame, Visit,
    guest::Posted,
    sign_in::{locked, waiting},
};
use crate::{staff::SignIn, web::html::html};

#[derive(Template)]
#[template(path = "console/factor_check.html")]
struct Page<'a> {
    frame: Frame,
    then: &'a str,
    fault: Option<String>,
}

pub(super) async fn page(visit: Visit) -> Answer {
    let then = visit.then(visit.query.get("then"));
    Ok(html(StatusCode::OK, &Page { frame: visit.frame(), then, fault: None }))
}

pub(super) async fn act(visit: Visit, posted: Posted) -> Answer {
    let staff = &visit.shared.console.staff;
    let then = visit.then(Some(posted.value("then")));
    let (half, code) = (&visit.session, posted.value("code"));
    let said = staff.sign_in_with_factor(visit.now, &visit.from, half, code).await?;
    let (status, fault) = match &said {
        SignIn::Opened(token) => return Ok(visit.signed_in(token, then)),
        SignIn::Wrong => {
            (StatusCode::UNAUTHORIZED, visit.words.say("console-factor-wrong").into_owned())
        }
        SignIn::Locked { until } => (StatusCode::TOO_MANY_REQUESTS, locked(&visit, *until)),
    };
    let page = Page { frame: visit.frame(), then, fault: Some(fault) };
    Ok(waiting(html(status, &page), &said, visit.now))
}
