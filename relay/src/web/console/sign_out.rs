//! `/sign-out`: the session is over, whatever its stage.

use axum::http::header;

use super::{
    Answer,
    cookie::Cookie,
    guest::{Guest, redirect},
};
use crate::staff::{Act, By};

pub(super) async fn act(guest: Guest) -> Answer {
    if let Some(session) = &guest.session {
        let by = By::staff(session.account.id, guest.from.ip);
        let one = (session.account.id, session.id);
        guest.shared.console.staff.end_session(guest.now, &by, one, Act::SignedOut).await?;
    }
    let mut response = redirect("/sign-in?done=signed-out");
    if let Some(cookie) = Cookie::Session.forget(guest.shared.origins.is_https) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
