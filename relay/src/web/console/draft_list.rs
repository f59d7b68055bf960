//! `/policy/drafts`: policies that somebody writes or wrote in the console, the newest first.

use askama::Template;

use super::{Answer, Frame, Visit, audit_list::Names, policy_show::sees_text, problem::REFUSED};
use crate::{
    drafts::{Draft, LIVE_MAX},
    staff::Action,
    web::html::form,
};

#[derive(Template)]
#[template(path = "console/draft_list.html")]
struct Page {
    frame: Frame,
    drafts: Vec<Draft>,
    names: Names,
    /// Version.
    in_force: String,
    may_change: bool,
    /// A text's id.
    fault: Option<&'static str>,
}

pub(super) async fn page(visit: Visit) -> Answer {
    show(&visit, None).await
}

pub(super) async fn show(visit: &Visit, fault: Option<&'static str>) -> Answer {
    if !sees_text(visit) {
        return Err(REFUSED);
    }
    let console = &visit.shared.console;
    let page = Page {
        frame: visit.frame(),
        drafts: console.drafts.list(SHOWN_MAX).await?,
        names: Names::read(visit).await?,
        in_force: console.business.load().policy.version.clone(),
        may_change: visit.may(Action::ChangePolicy),
        fault,
    };
    Ok(form(fault.is_some(), &page))
}

/// All that wait for somebody, and some that came to their end.
const SHOWN_MAX: i64 = 4 * LIVE_MAX;
