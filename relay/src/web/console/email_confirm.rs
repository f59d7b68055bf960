//! `/own/email/<token>`: the link that was sent to an account's address, followed by its owner, who is signed
//! in. Whoever else reads that mailbox can do nothing with it.

use askama::Template;
use axum::http::StatusCode;

use super::{
    Answer, Frame, Visit,
    guest::{Path, redirect},
    problem::{LINK_GONE, Problem},
};
use crate::{staff::Token, web::html::html};

#[derive(Template)]
#[template(path = "console/email_confirm.html")]
struct Page<'a> {
    frame: Frame,
    email: &'a str,
}

/// To look uses nothing up: scanners follow links.
pub(super) async fn page(visit: Visit, Path(token): Path<String>) -> Answer {
    let token = read(&token)?;
    if !visit.shared.console.staff.may_confirm(visit.now, visit.id(), &token).await? {
        return Err(LINK_GONE);
    }
    let email = visit.account().email.as_deref().unwrap_or_default();
    Ok(html(StatusCode::OK, &Page { frame: visit.frame(), email }))
}

pub(super) async fn act(visit: Visit, Path(token): Path<String>) -> Answer {
    let (token, by) = (read(&token)?, visit.by());
    if !visit.shared.console.staff.confirm_email(visit.now, &by, visit.id(), &token).await? {
        return Err(LINK_GONE);
    }
    Ok(redirect("/own?done=confirmed"))
}

fn read(token: &str) -> Result<Token, Problem> {
    Token::parse(token).ok_or(LINK_GONE)
}
