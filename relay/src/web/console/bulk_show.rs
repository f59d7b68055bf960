//! `/held/bulk/{id}`: how far a bulk is, what would come and what came of each; and `/held/bulks`, the
//! newest of them.

use askama::Template;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use uuid::Uuid;

use super::{
    Answer, Frame, Visit,
    audit_list::Names,
    guest::Path,
    held_show::owner,
    paging::{BEFORE, PAGE, Paging},
    problem::{MISSING, Problem},
    query::Query,
};
use crate::{
    review::{Bulk, Item, Progress, Stage},
    staff::{Action, Reach},
    web::html::html,
};

#[derive(Template)]
#[template(path = "console/bulk_show.html")]
struct Page {
    frame: Frame,
    query: Query,
    bulk: Bulk,
    reason: String,
    progress: Progress,
    rows: Vec<(Uuid, Uuid, Option<Item>)>,
    paging: Paging,
    names: Names,
    wants_two: bool,
    is_own: bool,
    may_decide: bool,
    /// Until when it may still be begun, or agreed to.
    is_in_time: bool,
}

#[derive(Template)]
#[template(path = "console/bulk_list.html")]
struct List {
    frame: Frame,
    bulks: Vec<(Bulk, Progress)>,
    names: Names,
}

pub(super) async fn page(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    let review = &visit.shared.console.review;
    let bulk = seen(&visit, id, Action::SeeMessages).await?;
    let progress = review.progress(id).await?;
    let of = visit.query.get("item").and_then(Item::parse);
    let after = visit.query.get(BEFORE).and_then(|cursor| {
        let (message, held) = cursor.split_once('.')?;
        Some((message.parse().ok()?, held.parse().ok()?))
    });
    let mut rows = review.bulk_items(id, of, after, PAGE + 1).await?;
    let paging = Paging::of(&format!("/held/bulk/{id}"), &visit.query, &mut rows, |last| {
        format!("{}.{}", last.0, last.1)
    });
    let is_live = bulk.stage.is_live();
    let page = Page {
        frame: visit.frame(),
        reason: review.bulk_reason(id).await?,
        rows,
        paging,
        names: Names::read(&visit).await?,
        wants_two: review.bulk_wants_two(&bulk, &progress),
        is_own: bulk.by == visit.by().actor,
        may_decide: seen(&visit, id, Action::Decide).await.is_ok(),
        is_in_time: bulk.until > visit.now,
        progress,
        bulk,
        query: visit.query.clone(),
    };
    let mut answer = html(StatusCode::OK, &page);
    if is_live {
        // No script: the browser asks again by itself.
        let headers = answer.headers_mut();
        headers.insert(HeaderName::from_static("refresh"), HeaderValue::from_static("2"));
    }
    Ok(answer)
}

pub(super) async fn list(visit: Visit) -> Answer {
    let review = &visit.shared.console.review;
    let mut bulks = Vec::new();
    for bulk in review.bulks(BULKS_MAX).await? {
        if reaches(&visit, bulk.id, Action::SeeMessages).await? {
            let progress = review.progress(bulk.id).await?;
            bulks.push((bulk, progress));
        }
    }
    let names = Names::read(&visit).await?;
    Ok(html(StatusCode::OK, &List { frame: visit.frame(), bulks, names }))
}

/// One of which every item is within reach.
pub(super) async fn seen(visit: &Visit, id: Uuid, action: Action) -> Result<Bulk, Problem> {
    let bulk = visit.shared.console.review.bulk_of(id).await?.ok_or(MISSING)?;
    if reaches(visit, id, action).await? { Ok(bulk) } else { Err(MISSING) }
}

async fn reaches(visit: &Visit, id: Uuid, action: Action) -> Result<bool, Problem> {
    let reach = visit.reach(action);
    if reach == Reach::Everything {
        return Ok(true);
    }
    let about = visit.shared.console.review.bulk_about(id).await?;
    Ok(about.iter().all(|(stream, login)| reach.holds(&owner(visit, stream), login)))
}

impl Page {
    /// Of the stage that it is in, or was in last.
    fn counts(&self) -> Vec<(Item, u64)> {
        let is_before = matches!(self.bulk.stage, Stage::Trying | Stage::Tried | Stage::Proposed);
        let of = if is_before { &self.progress.tried } else { &self.progress.came };
        Item::ALL.into_iter().filter_map(|item| Some((item, *of.get(&item)?))).collect()
    }

    fn reached(&self) -> u64 {
        match self.bulk.stage {
            Stage::Tried | Stage::Proposed => self.progress.all,
            stage @ (Stage::Trying | Stage::Running | Stage::Done | Stage::Cancelled) => {
                self.progress.reached(stage)
            }
        }
    }

    fn reached_said(&self) -> String {
        let (count, all) =
            (self.frame.count(&self.reached()), self.frame.count(&self.progress.all));
        self.frame.with("console-bulk-reached", &[("count", count.into()), ("all", all.into())])
    }

    /// Those of one outcome.
    fn link_of(&self, item: &Item) -> String {
        let changes = [("item", Some(item.as_str())), (BEFORE, None), ("done", None)];
        self.query.url(&format!("/held/bulk/{}", self.bulk.id), &changes)
    }

    fn stage_look(&self) -> &'static str {
        look(self.bulk.stage)
    }
}

impl List {
    fn look(&self, bulk: &Bulk) -> &'static str {
        look(bulk.stage)
    }
}

fn look(stage: Stage) -> &'static str {
    match stage {
        Stage::Done => "go",
        Stage::Trying | Stage::Tried | Stage::Proposed | Stage::Running => "wait",
        Stage::Cancelled => "stop",
    }
}

/// The newest ones.
const BULKS_MAX: i64 = 50;
