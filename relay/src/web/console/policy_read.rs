//! `/policy/versions/{version}`: a policy that was in force: its file, and what it changed.

use askama::Template;
use axum::http::StatusCode;

use super::{
    Answer, Frame, Visit,
    guest::Path,
    policy_show::sees_text,
    problem::{MISSING, REFUSED},
};
use crate::{
    content::{self, Diff},
    journal::policies::{self, Policy},
    staff::Action,
    web::html::html,
};

#[derive(Template)]
#[template(path = "console/policy_read.html")]
struct Page {
    frame: Frame,
    policy: Policy,
    /// The one that came into force before it, and what is different.
    before: Option<(Policy, Diff)>,
    is_in_force: bool,
    /// Make a draft of it.
    may_change: bool,
}

pub(super) async fn page(visit: Visit, Path(version): Path<String>) -> Answer {
    if !sees_text(&visit) {
        return Err(REFUSED);
    }
    let console = &visit.shared.console;
    let policy = policies::find(&console.db, &version).await?.ok_or(MISSING)?;
    let before = policies::before(&console.db, &policy).await?;
    let page = Page {
        frame: visit.frame(),
        is_in_force: console.business.load().policy.version == policy.version,
        may_change: visit.may(Action::ChangePolicy),
        before: before.map(|old| {
            let diff = content::diff(&old.text, &policy.text);
            (old, diff)
        }),
        policy,
    };
    Ok(html(StatusCode::OK, &page))
}
