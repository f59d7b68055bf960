//! What the overview and its files are made of: gathered for who asks, of what they may see.

use std::sync::Arc;

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use policy::{Controller, Purpose};

use super::{decision_filter::scope, guest::Visit, problem::Problem};
use crate::{
    config::Business,
    consent::{Held, Honoured},
    decisions::{self, Filter, Outcome, Search},
    figures::{Covered, Decided, Span, Sum, Worked},
    journal::Kind,
    spool::Standing,
    staff::{Action, Reach},
};

/// The days that are looked at, with today as the last one.
#[derive(Clone)]
pub(super) struct Days {
    pub count: i64,
    pub first: Date,
    pub last: Date,
    pub zone: TimeZone,
    pub span: Span,
}

/// What is for who answers for a controller.
pub(super) struct Reports {
    pub owners: Vec<Owner>,
    pub outcomes: Rates,
    pub standing: Vec<Standing>,
    pub work: Vec<Worked>,
}

/// One controller's contacts.
pub(super) struct Owner {
    pub controller: Arc<Controller>,
    pub covered: Covered,
    pub purposes: Vec<(Purpose, Held)>,
    pub honoured: Honoured,
}

/// What other servers said in these days.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rates {
    pub delivered: u64,
    pub bounced: u64,
    /// Given up after many attempts.
    pub expired: u64,
}

impl Rates {
    /// Of ten thousand; `None`: nothing was sent.
    pub(super) fn bounced_share(&self) -> Option<u64> {
        (self.bounced * 10_000).checked_div(self.delivered + self.bounced)
    }
}

impl Days {
    /// `days` in the URL, one of [`CHOICES`].
    pub(super) fn asked(visit: &Visit) -> Self {
        let asked = visit.query.get("days").and_then(|days| days.parse().ok());
        let count = asked.filter(|days| CHOICES.contains(days)).unwrap_or(DAYS);
        Self::of(visit.now, visit.zone(), count)
    }

    pub(super) fn of(now: Timestamp, zone: TimeZone, count: i64) -> Self {
        let last = now.to_zoned(zone.clone()).date();
        let first = last.saturating_sub((count - 1).days());
        let from = zone.to_zoned(first.into()).map_or(now, |at| at.timestamp());
        Self { count, first, last, zone, span: Span { from, until: now } }
    }
}

/// What was decided; the last day alone, too.
pub(super) async fn decided(visit: &Visit, days: &Days) -> Result<(Decided, Sum), Problem> {
    let console = &visit.shared.console;
    let asked = Filter {
        scope: scope(visit),
        controller: controller(visit),
        from: Some(days.span.from),
        ..Filter::default()
    };
    let search = Search::open(&console.db, &console.secret, asked).await?;
    let hours = search.hours().await?;
    let decided = Decided::of(&hours, days.first, days.last, &days.zone);
    let today = decided.days.last().map_or_else(Sum::default, |day| day.sum);
    Ok((decided, today))
}

/// The one that was asked for.
fn controller(visit: &Visit) -> Option<String> {
    visit.query.get("controller").map(str::to_owned)
}

/// All that a report may be about, of those that were asked for.
pub(super) fn owners(visit: &Visit, business: &Business) -> Vec<Arc<Controller>> {
    let (reach, asked) = (visit.reach(Action::SeeReports), controller(visit));
    let all = business.controllers.iter();
    all.filter(|one| reach.holds_controller(&one.id))
        .filter(|one| asked.as_ref().is_none_or(|asked| *asked == one.id))
        .cloned()
        .collect()
}

pub(super) async fn reports(visit: &Visit, days: &Days) -> Result<Reports, Problem> {
    let console = &visit.shared.console;
    let business = console.business.load_full();
    let mut owners_told = Vec::new();
    let owners = owners(visit, &business);
    let asks_all =
        controller(visit).is_none() && visit.reach(Action::SeeReports) == Reach::Everything;
    let mut work = Vec::new();
    for controller in &owners {
        owners_told.push(owner(visit, days, controller).await?);
        if !asks_all {
            let Span { from, until } = days.span;
            work.extend(console.staff.work(Some(&controller.id), from, until).await?);
        }
    }
    if asks_all {
        work = console.staff.work(None, days.span.from, days.span.until).await?;
    }
    let is_theirs = |stream: &str| {
        let of = business.stream(stream).map(|stream| stream.controller.id.as_str());
        asks_all || owners.iter().any(|own| of == Some(own.id.as_str()))
    };
    let streams = business.streams.iter().map(|mapping| &mapping.stream.id);
    let streams: Vec<String> = streams.filter(|id| is_theirs(id)).cloned().collect();
    let Span { from, until } = days.span;
    let outcomes = decisions::outcomes(&console.db, from, until).await?;
    Ok(Reports {
        owners: owners_told,
        outcomes: rates(outcomes.iter().filter(|one| is_theirs(&one.stream))),
        standing: console.spool.standing((!asks_all).then_some(streams.as_slice())).await?,
        work: Worked::of(work),
    })
}

async fn owner(visit: &Visit, days: &Days, controller: &Arc<Controller>) -> Result<Owner, Problem> {
    let console = &visit.shared.console;
    let covered = console.coverages.of(visit.now, &controller.id).await?;
    let purposes = console.consent.purposes_of(&controller.id).await?;
    let held = |id: &str| covered.coverage.held.get(id).copied().unwrap_or_default();
    let open = purposes.into_iter().filter(|one| one.closed_at.is_none_or(|at| at > visit.now));
    let purposes = open.map(|one| (held(&one.id), one)).map(|(held, one)| (one, held)).collect();
    let Span { from, until } = days.span;
    let honoured = console.consent.honoured(&controller.id, from, until).await?;
    Ok(Owner { controller: Arc::clone(controller), covered, purposes, honoured })
}

pub(super) fn rates<'o>(outcomes: impl Iterator<Item = &'o Outcome>) -> Rates {
    let mut rates = Rates::default();
    for one in outcomes {
        if one.kind == Kind::Delivered {
            rates.delivered += one.count;
        } else if one.kind == Kind::Bounced {
            rates.bounced += one.count;
        } else {
            rates.expired += one.count;
        }
    }
    rates
}

/// How many days may be looked at.
pub(super) const CHOICES: [i64; 4] = [1, 7, 30, 90];
const DAYS: i64 = 30;
