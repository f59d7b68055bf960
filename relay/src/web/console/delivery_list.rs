//! `/queue/each`: deliveries of the queue one by one, the oldest first.

use askama::Template;
use axum::http::StatusCode;

use super::{
    Answer, Frame, Visit,
    paging::{BEFORE, PAGE, Paging},
    query::Query,
    queue_filter::{Choices, FILTERS, asked},
};
use crate::{
    spool::{Each, Stand},
    staff::Action,
    web::html::html,
};

#[derive(Template)]
#[template(path = "console/delivery_list.html")]
struct Page {
    frame: Frame,
    query: Query,
    choices: Choices,
    rows: Vec<Each>,
    paging: Paging,
    is_filtered: bool,
    may_change: bool,
}

pub(super) async fn page(visit: Visit) -> Answer {
    let spool = &visit.shared.console.spool;
    let after = visit.query.get(BEFORE).and_then(|after| after.parse().ok());
    let mut rows = spool.each(visit.now, &asked(&visit), after, PAGE + 1).await?;
    let paging =
        Paging::of("/queue/each", &visit.query, &mut rows, |last| last.delivery.id.to_string());
    let page = Page {
        frame: visit.frame(),
        choices: Choices::read(&visit).await?,
        rows,
        paging,
        is_filtered: visit.query.has_any(&FILTERS),
        may_change: visit.may(Action::ChangeQueue),
        query: visit.query.clone(),
    };
    Ok(html(StatusCode::OK, &page))
}

impl Page {
    fn to(&self, row: &Each) -> String {
        row.delivery.recipient.path.to_mailbox_string()
    }

    fn order_about(&self, row: &Each) -> String {
        format!("/queue/order?delivery={}", row.delivery.id)
    }
}
