//! How fast it goes, and to whom: connections, messages and their rate, for each provider, domain,
//! source, controller and stream, as limits say; and slower where a provider asks for it.
//!
//! `limit` says what is counted, `rate` how many may go, `slow` what a provider's sign does; all pure.
//! Here is what is counted just now, `pass` gives connections out; `shared` is what relays on one database know together. Whoever has
//! to wait is told until when, or by what.

mod configured;
pub mod limit;
mod pass;
pub mod rate;
mod shared;
pub mod slow;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

pub(super) use self::configured::limits;
use self::{limit::Term, rate::Even};
pub use self::{
    limit::{By, Lane, Limit, Pace, provider},
    pass::{Full, Pass},
    rate::{Rate, WarmUp},
    slow::{Slow, is_sign},
};
use crate::{journal::reason::Cause, spool::Paces};

/// Counts for all lanes of this relay; cheap to clone.
#[derive(Clone, Debug)]
pub struct Pacer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limits: Vec<Limit>,
    counts: Mutex<Counts>,
    /// `None`: nobody else is told.
    shared: Option<Paces>,
    /// Looks at what others know, so far.
    looks: AtomicU64,
    /// That share the database, and are alive.
    relays: AtomicU32,
    /// Deliveries that went back to the spool.
    put_off: AtomicU64,
}

#[derive(Debug, Default)]
struct Counts {
    keys: BTreeMap<String, Count>,
    slow: BTreeMap<Place, Slow>,
    /// What others are to be told: whose connections, and which places.
    untold: (BTreeSet<String>, BTreeSet<Place>),
    /// When the last of those that were put off is due.
    tails: BTreeMap<Place, Timestamp>,
}

#[derive(Debug, Default)]
struct Count {
    open: u32,
    flying: u32,
    /// Who waits for a connection of it.
    waiting: u32,
    /// Connections that are about to end for them.
    leaving: u32,
    /// One was given back; and one is waited for.
    freed: Arc<Notify>,
    wanted: Arc<Notify>,
    /// See [`Even::take`].
    mark: i64,
    /// Taken for this relay, and not used yet.
    credit: u32,
}

/// What slows down: a provider towards a source.
type Place = (String, String);

/// What all limits say of a lane; cheap to clone.
#[derive(Clone, Debug)]
pub struct Terms(Arc<(Place, Vec<Term>)>);

/// A message on its way, counted until it is dropped.
#[derive(Debug)]
pub struct Flight {
    pacer: Pacer,
    terms: Terms,
}

impl Terms {
    /// Messages over one connection, where a limit says so.
    pub fn messages_per_connection(&self) -> u32 {
        let each = self.0.1.iter().filter_map(|term| term.messages_per_connection);
        each.min().unwrap_or(u32::MAX)
    }

    fn place(&self) -> &Place {
        &self.0.0
    }

    fn list(&self) -> &[Term] {
        &self.0.1
    }
}

impl Pacer {
    pub fn new(limits: Vec<Limit>, shared: Option<Paces>) -> Self {
        Self(Arc::new(Inner {
            limits,
            counts: Mutex::default(),
            shared,
            looks: AtomicU64::new(0),
            relays: AtomicU32::new(1),
            put_off: AtomicU64::new(0),
        }))
    }

    pub fn terms(&self, lane: &Lane) -> Terms {
        let terms = self.0.limits.iter().filter_map(|limit| limit.term(lane)).collect();
        Terms(Arc::new(((lane.provider.clone(), lane.source.clone()), terms)))
    }

    /// Whether streams are told apart; and controllers.
    pub fn tells_apart(&self) -> (bool, bool) {
        let limits = &self.0.limits;
        let streams = limits.iter().any(Limit::looks_at_streams);
        (streams, limits.iter().any(Limit::looks_at_controllers))
    }

    /// `Some`: nothing new before that.
    pub fn paused(&self, now: Timestamp, terms: &Terms) -> Option<Timestamp> {
        let counts = self.counts();
        counts.slow.get(terms.place()).map(|slow| slow.until).filter(|until| now < *until)
    }

    /// Whether a source's plan has none left now.
    pub fn is_spent(&self, now: Timestamp, source: &str) -> bool {
        let plans = self.0.limits.iter().filter(|limit| {
            matches!(limit.rate, Some(Pace::WarmUp(_)))
                && limit.sources.iter().any(|it| it == source)
        });
        let counts = self.counts();
        let mut rates = plans.filter_map(|limit| Some((limit, limit.rate.as_ref()?.at(now)?)));
        rates.any(|(limit, even)| {
            let count = counts.keys.get(&limit.name);
            let (mark, credit) = count.map_or((0, 0), |count| (count.mark, count.credit));
            credit == 0 && even.take(mark, now, 1).granted == 0
        })
    }

    /// What was granted and is not used.
    pub fn give_back(&self, now: Timestamp, terms: &Terms, unused: u32) {
        let mut counts = self.counts();
        let slow = counts.slow.get(terms.place()).copied();
        for (term, even) in terms.rates(now, slow) {
            if let Some(count) = counts.keys.get_mut(&term.key) {
                if self.is_shared(term) {
                    count.credit = count.credit.saturating_add(unused);
                } else {
                    count.mark = even.give_back(count.mark, unused);
                }
            }
        }
    }

    /// When one that waits behind all others that were put off is due: not before `from`, so much
    /// behind the one before, and not so late that nobody looks at it any more.
    pub fn turn(
        &self,
        now: Timestamp,
        terms: &Terms,
        from: Timestamp,
        spacing: SignedDuration,
    ) -> Timestamp {
        let mut counts = self.counts();
        let tail = counts.tails.get(terms.place()).copied();
        let last = now.checked_add(HORIZON).unwrap_or(now).max(from);
        let due = tail.map_or(from, |tail| tail.checked_add(spacing).unwrap_or(tail).max(from));
        let due = due.min(last);
        counts.tails.insert(terms.place().clone(), due);
        due
    }

    fn take_here(&self, now: Timestamp, terms: &Terms, wanted: u32) -> Result<u32, Timestamp> {
        let mut counts = self.counts();
        let slow = counts.slow.get(terms.place()).copied();
        let (mut granted, mut next) = (wanted, now);
        for (term, even) in terms.rates(now, slow) {
            let count = counts.keys.get(&term.key);
            let (mark, credit) = count.map_or((0, 0), |count| (count.mark, count.credit));
            let taken = even.take(mark, now, wanted);
            let there = if self.is_shared(term) { credit } else { taken.granted };
            granted = granted.min(there);
            if there == 0 {
                next = next.max(taken.next);
            }
        }
        if granted == 0 {
            return Err(next);
        }
        for (term, even) in terms.rates(now, slow) {
            let count = counts.keys.entry(term.key.clone()).or_default();
            if self.is_shared(term) {
                count.credit = count.credit.saturating_sub(granted);
            } else {
                count.mark = even.take(count.mark, now, granted).mark;
            }
        }
        Ok(granted)
    }

    /// Between two messages, at the slowest of the rates.
    pub fn interval(&self, now: Timestamp, terms: &Terms) -> Option<SignedDuration> {
        let slow = self.counts().slow.get(terms.place()).copied();
        terms.rates(now, slow).map(|(_, even)| even.interval()).max()
    }

    /// `None`: as many as may be are on their way.
    pub fn fly(&self, terms: &Terms) -> Option<Flight> {
        let mut counts = self.counts();
        let slow = counts.slow.get(terms.place()).copied();
        let relays = self.0.relays.load(Ordering::Relaxed).max(1);
        for (term, most) in terms.at_once(slow) {
            let most = if self.is_shared(term) { most.div_ceil(relays) } else { most };
            if counts.keys.get(&term.key).is_some_and(|count| count.flying >= most) {
                return None;
            }
        }
        for (term, _) in terms.at_once(slow) {
            counts.keys.entry(term.key.clone()).or_default().flying += 1;
        }
        Some(Flight { pacer: self.clone(), terms: terms.clone() })
    }

    /// The provider said that it is too fast.
    pub fn slow_down(&self, now: Timestamp, terms: &Terms) {
        let mut counts = self.counts();
        let before = counts.slow.get(terms.place()).copied();
        let slow = Slow::sign(before, now);
        if before != Some(slow) {
            metrics::counter!("souhlas_pace_slowed_total").increment(1);
        }
        counts.slow.insert(terms.place().clone(), slow);
        counts.untold.1.insert(terms.place().clone());
        counts.show();
    }

    /// It took a message.
    pub fn took(&self, now: Timestamp, terms: &Terms) {
        let mut counts = self.counts();
        let Some(slow) = counts.slow.get(terms.place()).copied() else { return };
        match slow.eased(now) {
            Some(eased) if eased == slow => return,
            Some(eased) => drop(counts.slow.insert(terms.place().clone(), eased)),
            None => drop(counts.slow.remove(terms.place())),
        }
        counts.untold.1.insert(terms.place().clone());
        counts.show();
    }

    /// Deliveries put off so far.
    pub fn put_off(&self) -> u64 {
        self.0.put_off.load(Ordering::Relaxed)
    }

    pub(super) fn count_put_off(&self, why: Why, deliveries: usize) {
        let deliveries = u64::try_from(deliveries).unwrap_or(u64::MAX);
        self.0.put_off.fetch_add(deliveries, Ordering::Relaxed);
        metrics::counter!("souhlas_pace_put_off_total", "why" => why.as_str())
            .increment(deliveries);
    }

    /// Forgets what is over: there is a key for each domain ever written to.
    fn sweep(&self, now: Timestamp) {
        let mut counts = self.counts();
        let micros = now.as_microsecond();
        counts.keys.retain(|_, count| {
            count.open > 0
                || count.flying > 0
                || count.waiting > 0
                || count.leaving > 0
                || count.credit > 0
                || count.mark > micros
        });
        counts.tails.retain(|_, tail| *tail > now);
        counts.slow.retain(|_, slow| !slow.is_over(now));
        counts.show();
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        // INVARIANT: no code that can panic runs under the lock; what it guards stays whole anyway.
        self.0.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever is put off for longer is looked at again then.
const HORIZON: SignedDuration = SignedDuration::from_hours(1);

/// Why a delivery goes back to the spool for a while.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Why {
    /// A limit's rate.
    Rate,
    /// All connections that a limit allows are taken.
    Connections,
    /// The provider asked for a pause.
    Pause,
    /// Its destination has its share of memory.
    Share,
}

impl Why {
    /// For the queue's lists.
    pub fn cause(self) -> Cause {
        match self {
            Self::Rate => Cause::RateReached,
            Self::Connections => Cause::ConnectionsTaken,
            Self::Pause => Cause::SlowedDown,
            Self::Share => Cause::OthersFirst,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Connections => "connections",
            Self::Pause => "pause",
            Self::Share => "share",
        }
    }
}

impl Counts {
    fn show(&self) {
        let slowed = u32::try_from(self.slow.len()).unwrap_or(u32::MAX);
        metrics::gauge!("souhlas_pace_slow").set(f64::from(slowed));
    }
}

impl Terms {
    fn connections(&self, slow: Option<Slow>) -> impl Iterator<Item = (&Term, u32)> {
        self.most(slow, |term| term.connections)
    }

    fn at_once(&self, slow: Option<Slow>) -> impl Iterator<Item = (&Term, u32)> {
        self.most(slow, |term| term.at_once)
    }

    fn most(
        &self,
        slow: Option<Slow>,
        of: fn(&Term) -> Option<u32>,
    ) -> impl Iterator<Item = (&Term, u32)> {
        self.list().iter().filter_map(move |term| {
            let slow = slow.filter(|_| !term.is_wide);
            of(term).map(|most| (term, slow.map_or(most, |slow| slow.of(most))))
        })
    }

    fn rates(&self, now: Timestamp, slow: Option<Slow>) -> impl Iterator<Item = (&Term, Even)> {
        self.list().iter().filter_map(move |term| {
            let even = term.rate.as_ref()?.at(now)?;
            Some((term, slow.map_or(even, |slow| even.slower(slow.times()))))
        })
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let mut counts = self.pacer.counts();
        for (term, _) in self.terms.at_once(None) {
            if let Some(count) = counts.keys.get_mut(&term.key) {
                count.flying = count.flying.saturating_sub(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_000 + milliseconds).unwrap()
    }

    fn limit(name: &str, each: &[By]) -> Limit {
        Limit { name: name.into(), each: each.to_vec(), ..Limit::default() }
    }

    fn lane(provider: &str, stream: &str) -> Lane {
        let stream = stream.to_owned();
        Lane { provider: provider.into(), stream, ..Lane::default() }
    }

    #[test]
    fn what_one_provider_asks_for_makes_no_limit_of_all_smaller() {
        let all = Limit { connections: Some(4), at_once: Some(4), ..limit("all", &[By::Source]) };
        let pacer = Pacer::new(vec![all], None);
        let (a, b) = (pacer.terms(&lane("a", "")), pacer.terms(&lane("b", "")));
        pacer.slow_down(at(0), &a);
        let others: Vec<Pass> = (0..3).map_while(|_| pacer.open_here(&b).ok()).collect();
        assert_eq!(others.len(), 3);
        assert!(pacer.open_here(&a).is_ok(), "one of four is free");
    }

    #[test]
    fn the_slowest_rate_counts_and_nothing_is_taken_in_vain() {
        let rate = |count, seconds| {
            Some(Pace::Steady(Rate { count, per: SignedDuration::from_secs(seconds) }))
        };
        let all = Limit { rate: rate(10, 1), ..limit("all", &[]) };
        let stream = Limit { rate: rate(1, 1), ..limit("stream", &[By::Stream]) };
        let pacer = Pacer::new(vec![all, stream], None);
        let (a, b) = (pacer.terms(&lane("x", "a")), pacer.terms(&lane("x", "b")));
        assert_eq!(pacer.take_here(at(0), &a, 5), Ok(1));
        for _ in 0..20 {
            assert_eq!(pacer.take_here(at(10), &a, 5), Err(at(1_000)));
        }
        assert_eq!(pacer.take_here(at(10), &b, 5), Ok(1), "the other's are still there");
        assert_eq!(pacer.interval(at(0), &a), Some(SignedDuration::from_secs(1)));
    }

    #[test]
    fn a_sign_pauses_and_halves_for_one_place_alone() {
        let each =
            Limit { connections: Some(4), at_once: Some(8), ..limit("each", &[By::Provider]) };
        let pacer = Pacer::new(vec![each], None);
        let (a, b) = (pacer.terms(&lane("a", "")), pacer.terms(&lane("b", "")));
        pacer.slow_down(at(0), &a);
        assert_eq!((pacer.paused(at(0), &a), pacer.paused(at(0), &b)), (Some(at(2_000)), None));
        assert_eq!(pacer.paused(at(2_000), &a), None);
        let open: Vec<Pass> = (0..4).map_while(|_| pacer.open_here(&a).ok()).collect();
        let flying: Vec<Flight> = (0..8).map_while(|_| pacer.fly(&a)).collect();
        assert_eq!((open.len(), flying.len()), (2, 4));
        pacer.took(at(40_000), &a);
        assert!(pacer.open_here(&a).is_ok(), "it recovered");
        drop(flying);
        assert!(pacer.fly(&a).is_some());
    }
}
