//! `/sign-in`: the name and the password.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use jiff::Timestamp;

use super::{
    Answer, Frame,
    guest::{Guest, Posted, redirect},
};
use crate::{
    staff::{Act, By, SignIn},
    web::html::html,
};

#[derive(Template)]
#[template(path = "console/sign_in.html")]
struct Page<'a> {
    frame: Frame,
    name: &'a str,
    then: &'a str,
    fault: Option<String>,
    /// What the button of the organisation's own sign-in says.
    provider: Option<String>,
}

pub(super) async fn page(guest: Guest) -> Answer {
    let then = guest.then(guest.query.get("then"));
    if guest.session.is_some() {
        return Ok(redirect(then));
    }
    Ok(show(&guest, StatusCode::OK, "", then, None))
}

pub(super) fn show(
    guest: &Guest,
    status: StatusCode,
    name: &str,
    then: &str,
    fault: Option<String>,
) -> Response {
    let provider = guest.shared.console.provider.as_ref().map(|provider| match provider.label() {
        Some(label) => guest.words.with("console-provider-sign-in", &[("name", label.into())]),
        None => guest.words.say("console-provider-sign-in-plain").into_owned(),
    });
    html(status, &Page { frame: guest.frame(), name, then, fault, provider })
}

pub(super) async fn act(guest: Guest, posted: Posted) -> Answer {
    let staff = &guest.shared.console.staff;
    let (name, then) = (posted.value("name"), guest.then(Some(posted.value("then"))));
    let said = staff.sign_in(guest.now, &guest.from, name, posted.value("password")).await?;
    let (status, fault) = match &said {
        SignIn::Opened(token) => {
            if let Some(old) = &guest.session {
                let by = By::staff(old.account.id, guest.from.ip);
                let one = (old.account.id, old.id);
                staff.end_session(guest.now, &by, one, Act::SignedOut).await?;
            }
            return Ok(guest.signed_in(token, then));
        }
        SignIn::Wrong => {
            (StatusCode::UNAUTHORIZED, guest.words.say("console-sign-in-wrong").into_owned())
        }
        SignIn::Locked { until } => (StatusCode::TOO_MANY_REQUESTS, locked(&guest, *until)),
    };
    Ok(waiting(show(&guest, status, name, then, Some(fault)), &said, guest.now))
}

/// When it may be tried again.
pub(super) fn locked(guest: &Guest, until: Timestamp) -> String {
    let until = guest.frame().moment(&until);
    guest.words.with("console-sign-in-locked", &[("until", until.into())])
}

/// The same for programs.
pub(super) fn waiting(mut response: Response, said: &SignIn, now: Timestamp) -> Response {
    if let SignIn::Locked { until } = said {
        let seconds = now.duration_until(*until).as_secs().max(1);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
