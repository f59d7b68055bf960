//! `/sign-in/provider/return`: back from the organisation's own sign-in.

use axum::http::{HeaderMap, StatusCode, header};

use super::{
    Answer,
    cookie::Cookie,
    guest::Guest,
    problem::MISSING,
    provider_begin::{failed, told},
};
use crate::{openid::Returned, staff::Provided};

pub(super) async fn page(guest: Guest, headers: HeaderMap) -> Answer {
    let provider = guest.shared.console.provider.as_ref().ok_or(MISSING)?;
    let is_https = guest.shared.origins.is_https;
    let returned = Returned {
        state: guest.query.get("state").unwrap_or_default(),
        code: guest.query.get("code"),
        issuer: guest.query.get("iss"),
    };
    let browser = Cookie::Provider.read(&headers, is_https);
    let (person, then) = match provider.finish(guest.now, browser, returned).await {
        Ok(found) => found,
        Err(fault) => return failed(&guest, fault),
    };
    let staff = &guest.shared.console.staff;
    let who = (provider.issuer(), person.subject.as_str());
    match staff.sign_in_provided(guest.now, &guest.from, who, person.name.as_deref()).await? {
        Provided::Opened(token) => {
            let mut response = guest.signed_in(&token, guest.then(Some(&then)));
            if let Some(gone) = Cookie::Provider.forget(is_https) {
                response.headers_mut().append(header::SET_COOKIE, gone);
            }
            Ok(response)
        }
        Provided::Unknown => told(&guest, StatusCode::FORBIDDEN, "console-provider-unknown"),
        Provided::Others => told(&guest, StatusCode::FORBIDDEN, "console-provider-others"),
    }
}
