//! `/policy/versions/{version}`: a policy that was in force: its file, and what it changed.

use askama::Template;
use axum::{extract::Path, http::StatusCode};

use super::{
    Answer, Frame, Visit,
    diff::{self, Changed},
    policy_show::sees_text,
    problem::{MISSING, REFUSED},
};
use crate::{
    journal::policies::{self, Policy},
    web::html::html,
};

#[derive(Template)]
#[template(path = "console/policy_read.html")]
struct Page {
    frame: Frame,
    policy: Policy,
    /// The one that came into force before it, and what is different.
    before: Option<(Policy, Vec<Changed>)>,
    is_in_force: bool,
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
        before: before.map(|old| {
            let changes = changed(&old.text, &policy.text);
            (old, changes)
        }),
        policy,
    };
    Ok(html(StatusCode::OK, &page))
}

pub(super) fn changed(old: &str, new: &str) -> Vec<Changed> {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    diff::short(diff::lines(&lines(old), &lines(new)))
}

impl Page {
    /// Only what came in its place, and not a rest that is the same.
    fn is_changed(&self, changes: &[Changed]) -> bool {
        changes.iter().any(|line| matches!(line.mark, diff::Mark::Gone | diff::Mark::New))
    }
}
