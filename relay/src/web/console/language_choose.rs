//! `/language`: in which the pages speak. It is the account's, or the browser's before that.

use axum::http::header;

use super::{
    Answer,
    cookie::Cookie,
    frame::LANGUAGES,
    guest::{Guest, Posted, redirect},
    problem::UNREADABLE,
};

pub(super) async fn act(guest: Guest, posted: Posted) -> Answer {
    let chosen = posted.value("language");
    if !LANGUAGES.contains(&chosen) {
        return Err(UNREADABLE);
    }
    let mut response = redirect(guest.then(Some(posted.value("then"))));
    if let Some(session) = &guest.session {
        guest.shared.console.staff.set_language(session.account.id, chosen).await?;
    }
    if let Some(cookie) = Cookie::Language.set(chosen, guest.shared.origins.is_https) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
