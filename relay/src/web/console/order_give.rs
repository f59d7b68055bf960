//! `/queue/order`: pauses, retries, rebinds or bounces what a list of the queue shows.

use std::sync::Arc;

use askama::Template;
use jiff::{SignedDuration, Timestamp};

use super::{
    Answer, Frame, Visit,
    guest::{Posted, redirect},
    problem::{MISSING, UNREADABLE},
    query::Query,
    queue_filter::{asked, which},
};
use crate::{
    config::CHOSEN,
    spool::{Asked, How, ORDERS_MAX, Stand, Sums, What},
    staff::{Act, Entry},
    web::html::form,
};

#[derive(Template)]
#[template(path = "console/order_give.html")]
struct Page {
    frame: Frame,
    query: Query,
    about: String,
    sums: Sums,
    /// Where a rebind may send to.
    ways: Arc<[String]>,
    said: Query,
    fault: Option<String>,
}

/// How long a pause lasts: hours, and the text that says so.
const TIMES: [(&str, &str); 5] = [
    ("1", "console-order-for-1"),
    ("4", "console-order-for-4"),
    ("24", "console-order-for-24"),
    ("72", "console-order-for-72"),
    ("", "console-order-for-ever"),
];

pub(super) async fn page(visit: Visit) -> Answer {
    show(&visit, Query::default(), None).await
}

pub(super) async fn act(visit: Visit, posted: Posted) -> Answer {
    let what = What::parse(posted.value("what")).ok_or(UNREADABLE)?;
    let why = posted.value("reason").trim();
    if why.is_empty() || why.chars().count() > WHY_MAX {
        let fault = visit.words.say("console-order-no-reason");
        return show(&visit, posted.said(), Some(fault.into())).await;
    }
    let asked = meant(&visit)?;
    let spool = &visit.shared.console.spool;
    let count = spool.sums(visit.now, &asked).await?.waiting_for(what);
    if count == 0 && what != What::Pause {
        let fault = visit.words.say("console-order-nothing");
        return show(&visit, posted.said(), Some(fault.into())).await;
    }
    let route = if what == What::Rebind { way(&visit, posted.value("to"))? } else { None };
    let how = How { until: until(visit.now, posted.value("for"))?, route };
    let by = visit.by().actor;
    let given = spool.give(visit.now, (what, asked.which), (&by, why), how).await?;
    let Some(order) = given else {
        let most = visit.frame().count(&u64::try_from(ORDERS_MAX).unwrap_or(u64::MAX));
        let fault = visit.words.with("console-order-too-many", &[("most", most.into())]);
        return show(&visit, posted.said(), Some(fault)).await;
    };
    let entry = Entry::new(Act::QueueOrdered, format!("order/{}", order.id));
    visit.note(&entry.with(order.detail(count))).await?;
    Ok(redirect("/queue?done=ordered"))
}

async fn show(visit: &Visit, said: Query, fault: Option<String>) -> Answer {
    let asked = meant(visit)?;
    let frame = visit.frame();
    let is_wrong = fault.is_some();
    let page = Page {
        about: frame.which(&asked.which),
        sums: visit.shared.console.spool.sums(visit.now, &asked).await?,
        ways: visit.shared.console.ways.clone(),
        query: visit.query.clone(),
        frame,
        said,
        fault,
    };
    Ok(form(is_wrong, &page))
}

/// What the URL names: never all there is by a lost filter.
fn meant(visit: &Visit) -> Result<Asked, super::problem::Problem> {
    let which = which(visit);
    if which.is_all() && !visit.query.is("all", "yes") {
        return Err(MISSING);
    }
    // An order is about domains, streams and logins, in whatever state.
    Ok(Asked { which, stand: None, ..asked(visit) })
}

/// `None`: as relay.toml chooses.
fn way(visit: &Visit, word: &str) -> Result<Option<String>, super::problem::Problem> {
    let known = visit.shared.console.ways.iter().any(|own| own == word);
    if known { Ok((word != CHOSEN).then(|| word.to_owned())) } else { Err(UNREADABLE) }
}

fn until(now: Timestamp, hours: &str) -> Result<Option<Timestamp>, super::problem::Problem> {
    if !TIMES.iter().any(|(own, _)| *own == hours) {
        return Err(UNREADABLE);
    }
    let hours = hours.parse().ok().map(SignedDuration::from_hours);
    Ok(hours.and_then(|hours| now.checked_add(hours).ok()))
}

impl Page {
    fn here(&self) -> String {
        self.query.url("/queue/order", &[("done", None), ("before", None)])
    }

    /// How many an order would be about.
    fn count(&self, what: &What) -> String {
        let count = self.frame.count(&self.sums.waiting_for(*what));
        let id = match what {
            What::Pause => "console-order-pause-lead",
            What::Retry => "console-order-retry-lead",
            What::Rebind => "console-order-rebind-lead",
            What::Bounce => "console-order-bounce-lead",
        };
        self.frame.with(id, &[("count", count.into())])
    }

    fn way(&self, name: &str) -> String {
        self.frame.way(Some(name).filter(|name| *name != CHOSEN))
    }
}

const WHY_MAX: usize = 1_000;
