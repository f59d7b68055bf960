//! `/own/codes`: new recovery codes, shown once.

use askama::Template;
use axum::http::StatusCode;

use super::{
    Answer, Frame, Visit,
    guest::Posted,
    own_show::{self, Faults},
};
use crate::web::html::html;

#[derive(Template)]
#[template(path = "console/codes_show.html")]
pub(super) struct Codes<'a> {
    pub frame: Frame,
    pub codes: &'a [String],
    pub then: &'a str,
}

pub(super) async fn act(visit: Visit, posted: Posted) -> Answer {
    let staff = &visit.shared.console.staff;
    let password = posted.value("password");
    if !staff.is_password(visit.now, &visit.from, &visit.session, password).await? {
        let faults = Faults { codes: Some("console-password-wrong"), ..Faults::default() };
        return own_show::show(&visit, faults).await;
    }
    let codes = staff.renew_codes(visit.now, &visit.by(), visit.id()).await?;
    Ok(html(StatusCode::OK, &Codes { frame: visit.frame(), codes: &codes, then: "/own" }))
}
