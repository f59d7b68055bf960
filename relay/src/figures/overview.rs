//! What the overview, its files and the letter about it are made of: gathered for an account, of what its
//! roles let it see.

use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use policy::{Controller, Purpose};

use super::{Coverages, Covered, Decided, Span, Worked};
use crate::{
    config::Business,
    consent::{Consent, Held, Honoured},
    db::{Db, Unavailable},
    decisions::{self, Filter, Outcome, Scope, Search},
    journal::Kind,
    seal::Secret,
    spool::{Spool, Standing},
    staff::{Action, Reach, Rights, Staff},
};

/// Where figures are read from; cheap to clone.
#[derive(Clone, Debug)]
pub struct Figures {
    pub db: Db,
    pub secret: Secret,
    pub consent: Consent,
    pub coverages: Coverages,
    pub spool: Spool,
    pub staff: Staff,
    pub business: Arc<ArcSwap<Business>>,
}

/// For whom: an account, and the one controller that it asked for.
#[derive(Clone, Copy, Debug)]
pub struct For<'a> {
    pub rights: &'a Rights,
    pub controller: Option<&'a str>,
}

/// Days that are looked at, the first and the last one with them.
#[derive(Clone, Debug)]
pub struct Days {
    pub count: i64,
    pub first: Date,
    pub last: Date,
    pub zone: TimeZone,
    pub span: Span,
}

/// What is for who answers for a controller.
#[derive(Debug)]
pub struct Reports {
    pub owners: Vec<Owner>,
    pub outcomes: Rates,
    pub standing: Vec<Standing>,
    pub work: Vec<Worked>,
}

/// One controller's contacts.
#[derive(Debug)]
pub struct Owner {
    pub controller: Arc<Controller>,
    pub covered: Covered,
    pub purposes: Vec<(Purpose, Held)>,
    pub honoured: Honoured,
    /// Of spam, as mailing tools reported them.
    pub complaints: u64,
}

/// What other servers said in these days.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rates {
    pub delivered: u64,
    pub bounced: u64,
    /// Given up after many attempts.
    pub expired: u64,
}

impl Rates {
    pub fn of<'o>(outcomes: impl Iterator<Item = &'o Outcome>) -> Self {
        let mut rates = Self::default();
        for one in outcomes {
            if one.kind == Kind::Delivered {
                rates.delivered += one.count;
            } else if one.kind == Kind::Bounced {
                rates.bounced += one.count;
            } else if one.kind == Kind::Expired {
                rates.expired += one.count;
            }
        }
        rates
    }

    /// Of ten thousand; `None`: nothing was sent.
    pub fn bounced_share(&self) -> Option<u64> {
        (self.bounced * 10_000).checked_div(self.delivered + self.bounced)
    }
}

impl Reports {
    pub fn complaints(&self) -> u64 {
        self.owners.iter().map(|owner| owner.complaints).sum()
    }

    /// Of ten thousand delivered; `None`: nothing was delivered.
    pub fn complained_share(&self) -> Option<u64> {
        (self.complaints() * 10_000).checked_div(self.outcomes.delivered)
    }
}

impl Days {
    /// So many, with today as the last one, up to now.
    pub fn of(now: Timestamp, zone: TimeZone, count: i64) -> Self {
        let last = now.to_zoned(zone.clone()).date();
        let first = last.saturating_sub((count - 1).days());
        let from = begin(first, &zone, now);
        Self { count, first, last, zone, span: Span { from, until: now } }
    }

    /// Whole ones that are over.
    pub fn between(first: Date, last: Date, zone: TimeZone) -> Self {
        let count = first.until(last).map_or(1, |span| i64::from(span.get_days()) + 1);
        let after = last.tomorrow().unwrap_or(last);
        let from = begin(first, &zone, Timestamp::MIN);
        let until = begin(after, &zone, Timestamp::MAX);
        Self { count, first, last, zone, span: Span { from, until } }
    }
}

fn begin(date: Date, zone: &TimeZone, otherwise: Timestamp) -> Timestamp {
    zone.to_zoned(date.into()).map_or(otherwise, |at| at.timestamp())
}

/// What an account may see of messages; `None`: whatever there is.
pub fn scope(rights: &Rights) -> Option<Scope> {
    match rights.reach(Action::SeeMessages) {
        Reach::Everything => None,
        Reach::Part { controllers, logins } => Some(Scope { controllers, logins }),
    }
}

impl Figures {
    /// What was decided.
    pub async fn decided(&self, asks: For<'_>, days: &Days) -> Result<Decided, Unavailable> {
        let asked = Filter {
            scope: scope(asks.rights),
            controller: asks.controller.map(str::to_owned),
            from: Some(days.span.from),
            until: Some(days.span.until),
            ..Filter::default()
        };
        let search = Search::open(&self.db, &self.secret, asked).await?;
        let hours = search.hours().await?;
        Ok(Decided::of(&hours, days.first, days.last, &days.zone))
    }

    pub async fn reports(
        &self,
        now: Timestamp,
        asks: For<'_>,
        days: &Days,
    ) -> Result<Reports, Unavailable> {
        let business = self.business.load_full();
        let owners = owners(asks, &business);
        let reach = asks.rights.reach(Action::SeeReports);
        let asks_all = asks.controller.is_none() && reach == Reach::Everything;
        let Span { from, until } = days.span;
        let (mut told, mut work) = (Vec::new(), Vec::new());
        for controller in &owners {
            told.push(self.owner(now, days.span, controller).await?);
            if !asks_all {
                work.extend(self.staff.work(Some(&controller.id), from, until).await?);
            }
        }
        if asks_all {
            work = self.staff.work(None, from, until).await?;
        }
        let is_theirs = |stream: &str| {
            let of = business.stream(stream).map(|stream| stream.controller.id.as_str());
            asks_all || owners.iter().any(|own| of == Some(own.id.as_str()))
        };
        let streams = business.streams.iter().map(|mapping| &mapping.stream.id);
        let streams: Vec<String> = streams.filter(|id| is_theirs(id)).cloned().collect();
        let outcomes = decisions::outcomes(&self.db, from, until).await?;
        Ok(Reports {
            owners: told,
            outcomes: Rates::of(outcomes.iter().filter(|one| is_theirs(&one.stream))),
            standing: self.spool.standing((!asks_all).then_some(streams.as_slice())).await?,
            work: Worked::of(work),
        })
    }

    async fn owner(
        &self,
        now: Timestamp,
        Span { from, until }: Span,
        controller: &Arc<Controller>,
    ) -> Result<Owner, Unavailable> {
        let covered = self.coverages.of(now, &controller.id).await?;
        let purposes = self.consent.purposes_of(&controller.id).await?;
        let held = |id: &str| covered.coverage.held.get(id).copied().unwrap_or_default();
        let open = purposes.into_iter().filter(|one| one.closed_at.is_none_or(|at| at > now));
        let purposes =
            open.map(|one| (held(&one.id), one)).map(|(held, one)| (one, held)).collect();
        let honoured = self.consent.honoured(&controller.id, from, until).await?;
        let complaints = self.consent.complaints(&controller.id, from, until).await?;
        let controller = Arc::clone(controller);
        Ok(Owner { controller, covered, purposes, honoured, complaints })
    }
}

/// All that a report may be about, of those that were asked for.
fn owners(asks: For<'_>, business: &Business) -> Vec<Arc<Controller>> {
    let reach = asks.rights.reach(Action::SeeReports);
    let all = business.controllers.iter();
    all.filter(|one| reach.holds_controller(&one.id))
        .filter(|one| asks.controller.is_none_or(|asked| asked == one.id))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_zone() {
        let zone = TimeZone::get("Europe/Prague").unwrap();
        let now: Timestamp = "2026-11-22T23:30:00Z".parse().unwrap();
        let week = Days::of(now, zone.clone(), 7);
        assert_eq!(
            (week.first.to_string(), week.last.to_string()),
            ("2026-11-17".into(), "2026-11-23".into())
        );
        let first = jiff::civil::date(2026, 10, 1);
        let month = Days::between(first, first.last_of_month(), zone);
        assert_eq!(month.count, 31);
        assert_eq!(month.span.from.to_string(), "2026-09-30T22:00:00Z");
        assert_eq!(month.span.until.to_string(), "2026-10-31T23:00:00Z");
    }
}
