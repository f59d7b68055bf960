//! How fast it goes, and to whom: connections, messages and their rate, for each provider, domain,
//! source, controller and stream, as limits say; and slower where a provider asks for it.
//!
//! `limit` says what is counted, `rate` how many may go, `slow` what a provider's sign does; all pure.
//! Here is what is counted just now; `shared` is what relays on one database know together. Whoever has
//! to wait is told until when, or by what.

mod configured;
pub mod limit;
pub mod rate;
mod shared;
pub mod slow;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, futures::OwnedNotified};

pub(super) use self::configured::limits;
use self::{limit::Term, rate::Even};
pub use self::{
    limit::{By, Lane, Limit, Pace, provider},
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
    /// Somebody waits for a connection.
    wanted: Arc<Notify>,
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
    /// Lines that wait for a connection of it.
    waiting: u32,
    /// Connections that are about to end for them.
    leaving: u32,
    freed: Arc<Notify>,
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

/// An open connection, counted until it is dropped.
#[derive(Debug)]
pub struct Pass {
    pacer: Pacer,
    terms: Terms,
    /// What is counted for whom it leaves.
    leaves: OnceLock<String>,
}

/// A message on its way, counted until it is dropped.
#[derive(Debug)]
pub struct Flight {
    pacer: Pacer,
    terms: Terms,
}

/// No connection is free. Counted as somebody who waits until it is dropped.
#[derive(Debug)]
pub struct Full {
    pacer: Pacer,
    key: String,
    freed: Option<OwnedNotified>,
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
            wanted: Arc::default(),
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

    /// Of those that this relay counts.
    fn open_here(&self, terms: &Terms) -> Result<Pass, Full> {
        let mut counts = self.counts();
        let slow = counts.slow.get(terms.place()).copied();
        for (term, most) in terms.connections(slow) {
            let count = counts.keys.entry(term.key.clone()).or_default();
            if count.open >= most {
                count.waiting += 1;
                // From this moment on: what is given back while the caller turns round is heard.
                let freed = Some(count.freed.clone().notified_owned());
                self.0.wanted.notify_waiters();
                return Err(Full { pacer: self.clone(), key: term.key.clone(), freed });
            }
        }
        for (term, _) in terms.connections(slow) {
            counts.keys.entry(term.key.clone()).or_default().open += 1;
        }
        let (pacer, terms) = (self.clone(), terms.clone());
        Ok(Pass { pacer, terms, leaves: OnceLock::new() })
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

/// Until connections of other relays are looked at again.
const LOOK: Duration = Duration::from_millis(500);
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

impl Pass {
    /// Somebody else waits for it, and not for one that leaves already.
    pub fn is_wanted(&self) -> bool {
        self.wanted_by(&self.pacer.counts()).is_some()
    }

    /// When somebody else waits for it: from then on it counts as one that leaves.
    pub async fn wanted(&self) {
        loop {
            let wanted = self.pacer.0.wanted.clone().notified_owned();
            if self.leave() {
                return;
            }
            wanted.await;
        }
    }

    fn wanted_by(&self, counts: &Counts) -> Option<&str> {
        let waits =
            |key: &str| counts.keys.get(key).is_some_and(|count| count.waiting > count.leaving);
        let mut keys = self.terms.connections(None).map(|(term, _)| term.key.as_str());
        keys.find(|key| waits(key))
    }

    fn leave(&self) -> bool {
        let mut counts = self.pacer.counts();
        let Some(key) = self.wanted_by(&counts) else { return false };
        if let (Ok(()), Some(count)) = (self.leaves.set(key.to_owned()), counts.keys.get_mut(key)) {
            count.leaving += 1;
        }
        true
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut counts = self.pacer.counts();
        if let Some(count) = self.leaves.get().and_then(|key| counts.keys.get_mut(key)) {
            count.leaving = count.leaving.saturating_sub(1);
        }
        for (term, _) in self.terms.connections(None) {
            if let Some(count) = counts.keys.get_mut(&term.key) {
                count.open = count.open.saturating_sub(1);
                count.freed.notify_waiters();
            }
            if self.pacer.counts_with_others(term) {
                counts.untold.0.insert(term.key.clone());
            }
        }
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

impl Full {
    /// Until one is given back; then it is asked for again, because others ask, too.
    pub async fn freed(mut self) {
        match self.freed.take() {
            Some(freed) => freed.await,
            // Another relay has them, and tells nobody.
            None => tokio::time::sleep(LOOK).await,
        }
    }
}

impl Drop for Full {
    fn drop(&mut self) {
        let mut counts = self.pacer.counts();
        if let Some(count) = counts.keys.get_mut(&self.key) {
            count.waiting = count.waiting.saturating_sub(1);
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

    #[tokio::test]
    async fn connections_are_counted_until_they_are_dropped() {
        let each = Limit { connections: Some(2), ..limit("each", &[By::Provider]) };
        let all = Limit { connections: Some(3), ..limit("all", &[]) };
        let pacer = Pacer::new(vec![each, all], None);
        let (a, b) = (pacer.terms(&lane("a", "")), pacer.terms(&lane("b", "")));
        let (one, two) = (pacer.open_here(&a).unwrap(), pacer.open_here(&a).unwrap());
        assert!(pacer.open_here(&a).is_err() && !one.is_wanted());
        let three = pacer.open_here(&b).unwrap();
        let full = pacer.open_here(&b).unwrap_err();
        assert!(one.is_wanted(), "of all three");
        drop(two);
        full.freed().await;
        assert!(!one.is_wanted());
        let again = pacer.open_here(&b).unwrap();
        drop((one, three, again));
        pacer.sweep(at(0));
        assert!(pacer.counts().keys.is_empty());
    }

    #[tokio::test]
    async fn as_many_leave_as_are_wanted() {
        let all = Limit { connections: Some(3), ..limit("all", &[]) };
        let pacer = Pacer::new(vec![all], None);
        let terms = pacer.terms(&lane("a", ""));
        let open: Vec<Pass> = (0..3).map_while(|_| pacer.open_here(&terms).ok()).collect();
        let leaving = |open: &[Pass]| open.iter().filter(|one| one.leave()).count();
        assert_eq!((open.len(), leaving(&open)), (3, 0));
        let one = pacer.open_here(&terms).unwrap_err();
        let other = pacer.open_here(&terms).unwrap_err();
        open[0].wanted().await;
        assert!(open[1].is_wanted());
        assert_eq!(leaving(&open[1..]), 1, "the second of two; the third stays");
        drop(open);
        one.freed().await;
        drop(other);
        pacer.sweep(at(0));
        assert!(pacer.counts().keys.is_empty());
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
