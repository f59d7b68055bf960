//! `/accounts`: who works here, and what each may do.

use askama::Template;
use axum::http::StatusCode;

use super::{Answer, Frame, Visit};
use crate::{
    staff::{Account, Action},
    web::html::html,
};

#[derive(Template)]
#[template(path = "console/account_list.html")]
struct Page {
    frame: Frame,
    accounts: Vec<Account>,
    may_change: bool,
}

pub(super) async fn page(visit: Visit) -> Answer {
    let page = Page {
        frame: visit.frame(),
        accounts: visit.shared.console.staff.accounts().await?,
        may_change: visit.may(Action::ChangeAccounts),
    };
    Ok(html(StatusCode::OK, &page))
}

/// A word for how an account stands, and its colour.
pub(super) fn state(account: &Account) -> (&'static str, &'static str) {
    match account {
        Account { disabled_at: Some(_), .. } => ("console-account-disabled", "stop"),
        Account { has_password: false, .. } => ("console-account-invited", "wait"),
        Account { .. } => ("console-account-active", "go"),
    }
}
