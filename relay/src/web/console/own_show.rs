//! `/own`: one's own account: password, second factor, recovery codes, sessions, language.

use askama::Template;

use super::{Answer, Frame, Visit};
use crate::{
    staff::{Account, Listed},
    web::html::form,
};

#[derive(Template)]
#[template(path = "console/own_show.html")]
struct Page<'a> {
    frame: Frame,
    account: &'a Account,
    codes_left: i64,
    sessions: Vec<Listed>,
    /// Each may be ended but this one.
    ending: Option<uuid::Uuid>,
    faults: Faults,
}

/// Ids of what is wrong with what was typed.
#[derive(Clone, Copy, Default)]
pub(super) struct Faults {
    pub password: Option<&'static str>,
    pub new: Option<&'static str>,
    pub codes: Option<&'static str>,
}

pub(super) async fn page(visit: Visit) -> Answer {
    show(&visit, Faults::default()).await
}

pub(super) async fn show(visit: &Visit, faults: Faults) -> Answer {
    let staff = &visit.shared.console.staff;
    let page = Page {
        frame: visit.frame(),
        account: visit.account(),
        codes_left: staff.codes_left(visit.id()).await?,
        sessions: staff.sessions(visit.now, visit.id()).await?,
        ending: Some(visit.session.id),
        faults,
    };
    let is_wrong = faults.password.is_some() || faults.new.is_some() || faults.codes.is_some();
    Ok(form(is_wrong, &page))
}
