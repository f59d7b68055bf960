//! `/sign-in/provider`: to the organisation's own sign-in.

use axum::{
    http::{StatusCode, header},
    response::Response,
};

use super::{
    Answer,
    cookie::Cookie,
    guest::{Guest, redirect},
    problem::MISSING,
    sign_in,
};
use crate::openid::Fault;

pub(super) async fn page(guest: Guest) -> Answer {
    let provider = guest.shared.console.provider.as_ref().ok_or(MISSING)?;
    let then = guest.then(guest.query.get("then"));
    if guest.session.is_some() {
        return Ok(redirect(then));
    }
    match provider.begin(guest.now, then).await {
        Ok(begun) => {
            let mut response = redirect(&begun.url);
            let cookie = Cookie::Provider.set(&begun.browser, guest.shared.origins.is_https);
            if let Some(cookie) = cookie {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            Ok(response)
        }
        Err(fault) => failed(&guest, fault),
    }
}

/// The page to sign in at, with what happened.
pub(super) fn failed(guest: &Guest, fault: Fault) -> Answer {
    let (status, text) = match fault {
        Fault::Stale => (StatusCode::BAD_REQUEST, "console-provider-stale"),
        Fault::Refused => (StatusCode::UNAUTHORIZED, "console-provider-refused"),
        Fault::Away(_) => {
            tracing::warn!(%fault, "nobody can sign in at the OpenID provider");
            (StatusCode::BAD_GATEWAY, "console-provider-away")
        }
    };
    told(guest, status, text)
}

pub(super) fn told(guest: &Guest, status: StatusCode, text: &'static str) -> Answer {
    let fault = guest.words.say(text).into_owned();
    let page: Response = sign_in::show(guest, status, "", "/", Some(fault));
    Ok(page)
}
