//! `/`: where a day begins: what waits for one, and the ways to everything.

use askama::Template;
use axum::http::StatusCode;

use super::{Answer, Frame, Visit, frame::Group};
use crate::{staff::Held, web::html::html};

#[derive(Template)]
#[template(path = "console/home_show.html")]
struct Page<'a> {
    frame: Frame,
    name: &'a str,
    /// Few enough that new ones should be made.
    codes_left: Option<i64>,
    lacks_factor: bool,
    /// The navigation without this page.
    groups: Vec<Group>,
    held: &'a [Held],
}

pub(super) async fn page(visit: Visit) -> Answer {
    let account = visit.account();
    let left = visit.shared.console.staff.codes_left(account.id).await?;
    let mut groups = visit.frame().nav;
    for group in &mut groups {
        group.items.retain(|item| item.path != "/");
    }
    groups.retain(|group| !group.items.is_empty());
    let page = Page {
        frame: visit.frame(),
        groups,
        held: &account.rights.held,
        name: &account.name,
        codes_left: Some(left).filter(|left| account.has_factor && *left <= FEW),
        lacks_factor: !account.has_factor && account.has_password,
    };
    Ok(html(StatusCode::OK, &page))
}

/// Recovery codes.
const FEW: i64 = 3;
