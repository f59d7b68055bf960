//! `/accounts/<id>`: one account, and what an admin can change about it.

use askama::Template;
use axum::http::StatusCode;
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Answer, Frame, Visit,
    guest::{Path, Posted},
    problem::MISSING,
};
use crate::{
    db::Unavailable,
    staff::{Account, Action, Held, Listed, Rights, Role},
    web::html::html,
};

#[derive(Template)]
#[template(path = "console/account_show.html")]
struct Page {
    frame: Frame,
    account: Account,
    locked_until: Option<Timestamp>,
    sessions: Vec<Listed>,
    roles: Roles,
    may_change: bool,
    is_own: bool,
    /// Not one by one: all of them at once.
    ending: Option<Uuid>,
    fault: Option<&'static str>,
}

/// The roles as a form: a row for all controllers and one for each, a column for each role.
pub(super) struct Roles {
    pub rows: Vec<Row>,
    /// Names of logins with spaces between.
    pub logins: String,
}

pub(super) struct Row {
    /// `None`: all controllers.
    pub controller: Option<String>,
    /// Its role, its value in the form, and whether it is held.
    pub cells: Vec<(Role, String, bool)>,
}

pub(super) async fn page(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    show(&visit, id, None).await
}

pub(super) async fn show(visit: &Visit, id: Uuid, fault: Option<&'static str>) -> Answer {
    let staff = &visit.shared.console.staff;
    let account = staff.account(id).await?.ok_or(MISSING)?;
    let locked = staff.locked_until(visit.now, &account.name).await;
    let page = Page {
        frame: visit.frame(),
        locked_until: locked.map_err(Unavailable::from)?,
        sessions: staff.sessions(visit.now, id).await?,
        roles: Roles::of(visit, &account.rights),
        may_change: visit.may(Action::ChangeAccounts),
        is_own: id == visit.id(),
        ending: None,
        fault,
        account,
    };
    Ok(html(if fault.is_some() { StatusCode::CONFLICT } else { StatusCode::OK }, &page))
}

impl Roles {
    pub(super) fn of(visit: &Visit, rights: &Rights) -> Self {
        let business = visit.shared.console.business.load();
        let known = business.controllers.iter().map(|one| one.id.clone());
        // One that is no longer there is shown as long as somebody has a role for it.
        let held = rights.held.iter().filter_map(|held| held.controller.clone());
        let mut controllers: Vec<String> = known.chain(held).collect();
        controllers.sort_unstable();
        controllers.dedup();
        let scopes = std::iter::once(None).chain(controllers.into_iter().map(Some));
        let row = |controller: Option<String>| {
            let roles = Role::ALL.into_iter().filter(|role| {
                // Its messages are those of its logins, whoever they are sent for.
                controller.is_none() || *role != Role::Sender
            });
            let cells = roles.map(|role| {
                let held = Held { role, controller: controller.clone() };
                (role, held.to_string(), rights.held.contains(&held))
            });
            Row { cells: cells.collect(), controller: controller.clone() }
        };
        Self { rows: scopes.map(row).collect(), logins: rights.logins.join(" ") }
    }
}

/// What was chosen; `None` where the form has what its page does not.
pub(super) fn rights_of(visit: &Visit, posted: &Posted) -> Option<Rights> {
    let business = visit.shared.console.business.load();
    let mut held: Vec<Held> =
        posted.values("held").into_iter().map(Held::parse).collect::<Option<_>>()?;
    let is_known =
        |held: &Held| held.controller.as_ref().is_none_or(|id| business.controller(id).is_some());
    held.retain(is_known);
    held.sort_unstable();
    held.dedup();
    let mut logins: Vec<String> =
        posted.value("logins").split_whitespace().map(str::to_owned).collect();
    logins.sort_unstable();
    logins.dedup();
    (logins.len() <= LOGINS_MAX).then_some(Rights { held, logins })
}

const LOGINS_MAX: usize = 100;
