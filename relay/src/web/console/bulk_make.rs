//! `/held/bulk`: the same word for all that a list shows, or for what is ticked on it.

use std::collections::BTreeMap;

use askama::Template;
use axum::{http::StatusCode, response::Response};
use serde_json::json;

use super::{
    Answer, Frame, Visit,
    guest::{Posted, redirect},
    held_decide::word,
    held_filter::{FILTERS, filter},
    held_list::told,
    problem::{MISSING, Problem, UNREADABLE},
    query::Query,
};
use crate::{
    decisions::Told,
    review::{Code, Count, Filter, Group, ITEMS_MAX, Made, Scope, What},
    staff::{Act, Action, Entry, Reach},
    web::html::html,
};

#[derive(Template)]
#[template(path = "console/bulk_make.html")]
struct Page {
    frame: Frame,
    query: Query,
    count: Count,
    groups: Vec<Group>,
    campaigns: BTreeMap<i64, Told>,
    fault: Option<String>,
    reason: String,
}

pub(super) async fn page(visit: Visit) -> Answer {
    show(&visit, None, "").await
}

pub(super) async fn act(visit: Visit, posted: Posted) -> Answer {
    let what = What::parse(posted.value("what")).ok_or(UNREADABLE)?;
    let fits = |code: Code| if what.releases() { code.releases() } else { code.rejects() };
    let word = match word(&visit, &posted, fits) {
        Ok(word) => word,
        Err(fault) => return wrong(&visit, &posted, fault).await,
    };
    let asked = chosen(&visit).await?;
    let review = &visit.shared.console.review;
    let made = review.bulk(visit.now, &asked, what, &word).await;
    match made.map_err(|_| super::problem::AWAY)? {
        Made::Bulk(id) => {
            let detail = json!({ "what": what.as_str(), "code": word.code.as_str() });
            visit.note(&Entry::new(Act::BulkMade, format!("bulk/{id}")).with(detail)).await?;
            Ok(redirect(&format!("/held/bulk/{id}")))
        }
        Made::Nothing => {
            wrong(&visit, &posted, visit.words.say("console-bulk-nothing").into()).await
        }
        Made::TooMany(count) => {
            let fault = too_many(&visit, count);
            wrong(&visit, &posted, fault).await
        }
    }
}

async fn wrong(visit: &Visit, posted: &Posted, fault: String) -> Answer {
    let mut answer: Response = show(visit, Some(fault), posted.value("reason")).await?;
    *answer.status_mut() = StatusCode::CONFLICT;
    Ok(answer)
}

async fn show(visit: &Visit, fault: Option<String>, reason: &str) -> Answer {
    let console = &visit.shared.console;
    let asked = chosen(visit).await?;
    let count = console.review.count(visit.now, &asked).await?;
    let groups = console.review.groups(visit.now, &asked, GROUPS_MAX).await?;
    let too_many = (count.all() > ITEMS_MAX).then(|| too_many(visit, count.all()));
    let page = Page {
        frame: visit.frame(),
        campaigns: told(visit, groups.iter().map(|one| one.campaign)).await?,
        query: visit.query.clone(),
        count,
        groups,
        fault: fault.or(too_many),
        reason: reason.to_owned(),
    };
    Ok(html(StatusCode::OK, &page))
}

/// What the URL asks for, as far as the visitor may decide about it.
async fn chosen(visit: &Visit) -> Result<Filter, Problem> {
    // A whole list only where it was asked for: never all there is by a lost filter.
    if !visit.query.has_any(&FILTERS) && !visit.query.is("all", "yes") {
        return Err(MISSING);
    }
    let scope = match visit.reach(Action::Decide) {
        Reach::Everything => None,
        Reach::Part { controllers, logins } => Some(Scope { controllers, logins }),
    };
    Ok(Filter { scope, ..filter(visit).await? })
}

fn too_many(visit: &Visit, count: u64) -> String {
    let frame = visit.frame();
    let values = [("count", frame.count(&count).into()), ("most", frame.count(&ITEMS_MAX).into())];
    visit.words.with("console-bulk-too-many", &values)
}

impl Page {
    fn campaign(&self, id: &i64) -> Option<&Told> {
        self.campaigns.get(id)
    }

    fn chosen(&self) -> String {
        let count = self.frame.count(&self.count.all());
        self.frame.with("console-bulk-chosen", &[("count", count.into())])
    }

    fn whole(&self) -> &'static [What] {
        &What::ALL
    }

    fn codes(&self) -> &'static [Code] {
        Code::ALL
    }

    fn here(&self) -> String {
        self.query.url("/held/bulk", &[("done", None), ("before", None)])
    }

    fn back(&self) -> String {
        self.query.url("/held", &[("done", None), ("id", None)])
    }
}

const GROUPS_MAX: usize = 50;
