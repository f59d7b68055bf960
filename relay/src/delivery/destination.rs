//! One next hop's queue and the connections that serve it. A connection is opened only while all
//! others are busy, takes work while it has room, and goes when there has been none for a while.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

use super::{
    dialer::Dialer,
    heading::Heading,
    line,
    outcome::Problem,
    pace::{Pacer, Terms, Why},
    paused::Pauses,
    prepare::{Desk, Work},
    route::Destination,
    settings::Settings,
    settle::Settler,
};
use crate::spool::Delivery;

/// What all connections share; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Office {
    pub(super) settings: Arc<Settings>,
    pub(super) dialer: Dialer,
    pub(super) desk: Desk,
    pub(super) settler: Settler,
    pub(super) pauses: Pauses,
    pub(super) pacer: Pacer,
    /// True: take nothing new.
    pub(super) stopping: watch::Receiver<bool>,
}

/// The queue of one destination.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) heading: Heading,
    state: Mutex<State>,
    /// Work was added while somebody was idle.
    pub(super) news: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Work>,
    /// What limits say of it, as they said last.
    terms: Option<Terms>,
    /// Nothing is taken before that: a rate says so.
    rested: Option<Instant>,
    /// A line looks for hosts, or waits for a connection that limits allow.
    asking: bool,
    /// Since when there is work without a gap, and how many messages were answered since.
    busy: Option<(Instant, u32)>,
    /// Tasks, dialling or connected.
    lines: usize,
    connected: usize,
    idle: usize,
    /// Connections in a row that ended before they were of any use.
    barren: u32,
    /// Counts the lines ever opened; the seed for mail exchangers of equal preference.
    opened: u64,
}

/// Messages prepared together at most: one look into the consent store serves them all, yet none
/// waits long for its turn after its verdict.
pub(super) const BATCH_MAX: usize = 16;
const BATCH_MIN: usize = 4;
/// Connections that may be lost in a row before what waits is put off.
const BARREN_MAX: u32 = 3;

impl Queue {
    pub(super) fn new(heading: Heading) -> Arc<Self> {
        Arc::new(Self { heading, state: Mutex::default(), news: Notify::new() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // INVARIANT: no code that can panic runs under the lock; what it guards stays whole anyway.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `share`: so many messages may wait here; what is over waits in the spool.
    pub(super) fn push(self: &Arc<Self>, office: &Office, work: Work, share: usize) {
        let Some(work) = office.unpaused(work) else { return };
        let priority = work.message.priority();
        let mut state = self.state();
        // What must arrive goes before what sells, and finds room where that has none.
        let at = state.waiting.partition_point(|own| own.message.priority() <= priority);
        if at >= share {
            drop(state);
            return self.put_off_these(office, vec![work], (Timestamp::now(), Why::Share));
        }
        if state.lines == 0 && state.waiting.is_empty() {
            state.busy = Some((Instant::now(), 0));
        }
        state.waiting.insert(at, work);
        drop(state);
        self.serve(office);
    }

    /// Nothing of what waits goes before `from`: it waits in the spool, and costs no attempt.
    pub(super) fn put_off(&self, office: &Office, from: Timestamp, why: Why) {
        let waiting = self.take_all();
        self.put_off_these(office, waiting, (from, why));
    }

    fn put_off_these(&self, office: &Office, works: Vec<Work>, (from, why): (Timestamp, Why)) {
        let now = Timestamp::now();
        let (terms, spacing) = {
            let state = self.state();
            let spacing = state.spacing();
            (state.terms.clone(), spacing)
        };
        let terms = terms.unwrap_or_else(|| office.pacer.terms(&self.heading.unseen()));
        let spacing = office.pacer.interval(now, &terms).map_or(spacing, |even| even.max(spacing));
        for work in works {
            // What somebody waits for takes the next turn and not the last one, where turns are few.
            let last =
                work.message.class.is_commercial() || matches!(why, Why::Share | Why::Connections);
            let due = |_: &Delivery| {
                if last { office.pacer.turn(now, &terms, from, spacing) } else { from.max(now) }
            };
            let list = work.deliveries.into_iter().map(|one| (due(&one), one));
            let list: Vec<_> = list.map(|(due, one)| (one, due)).collect();
            office.pacer.count_put_off(why, list.len());
            office.settler.put_off(now, &work.message, list, why.cause(), &work.slot);
        }
    }

    /// A rate allows nothing before that.
    pub(super) fn rest(&self, until: Instant) {
        self.state().rested = Some(until);
    }

    pub(super) fn rested(&self) -> Option<Instant> {
        self.state().rested.filter(|until| Instant::now() < *until)
    }

    /// What limits say of it.
    pub(super) fn set_terms(&self, terms: &Terms) {
        self.state().terms = Some(terms.clone());
    }

    /// The line that asked has its answer: another may ask.
    pub(super) fn asked(&self) {
        self.state().asking = false;
    }

    /// What a connection could not finish goes first.
    pub(super) fn put_back(&self, work: Vec<Work>) {
        let mut state = self.state();
        for one in work.into_iter().rev() {
            state.waiting.push_front(one);
        }
    }

    /// Makes sure that somebody serves what waits.
    pub(super) fn serve(self: &Arc<Self>, office: &Office) {
        let most = match self.heading.destination {
            Destination::Smarthosts(_) | Destination::Mx { .. } => office.settings.connections_max,
            Destination::Capture(_) => 1,
        };
        let seed = {
            let mut state = self.state();
            if state.waiting.is_empty() || *office.stopping.borrow() {
                return;
            }
            if state.idle > 0 {
                self.news.notify_one();
                return;
            }
            // Each line that is on its way there finds something to do.
            let coming = state.lines.saturating_sub(state.connected);
            let rests = state.lines > 0 && state.rested.is_some_and(|until| Instant::now() < until);
            if rests || state.asking || state.lines >= most || coming >= state.waiting.len() {
                return;
            }
            state.asking = true;
            state.lines += 1;
            state.opened += 1;
            state.opened
        };
        tokio::spawn(line::run(self.clone(), office.clone(), seed));
    }

    /// A share of what waits, so large that all `lines` together would take it all, and at most
    /// so many.
    pub(super) fn take(&self, lines: usize, most: usize) -> Vec<Work> {
        let mut state = self.state();
        let waiting = state.waiting.len();
        let share = waiting.div_ceil(lines.max(1)).clamp(BATCH_MIN, BATCH_MAX);
        let share = share.min(most).min(waiting);
        state.waiting.drain(..share).collect()
    }

    pub(super) fn take_all(&self) -> Vec<Work> {
        self.state().waiting.drain(..).collect()
    }

    pub(super) fn connected(&self) {
        self.state().connected += 1;
    }

    pub(super) fn idle(&self, idle: bool) {
        let mut state = self.state();
        state.idle = if idle { state.idle + 1 } else { state.idle.saturating_sub(1) };
    }

    pub(super) fn has_work(&self) -> bool {
        !self.state().waiting.is_empty()
    }

    /// A peer has said something about a message.
    pub(super) fn useful(&self) {
        let mut state = self.state();
        state.barren = 0;
        if let Some((_, answered)) = &mut state.busy {
            *answered = answered.saturating_add(1);
        }
    }

    /// Somebody else is connected.
    pub(super) fn is_connected(&self) -> bool {
        self.state().connected > 0
    }

    /// A line ends. Gives what waits where nobody else is connected and it is no use to go on: no
    /// connection came about, or several ended without having been of any use.
    pub(super) fn leave(&self, was_connected: bool, failed: Option<&Problem>) -> Vec<Work> {
        let mut state = self.state();
        state.lines = state.lines.saturating_sub(1);
        if was_connected {
            state.connected = state.connected.saturating_sub(1);
        }
        if failed.is_none() {
            return Vec::new();
        }
        state.barren += 1;
        if state.connected == 0 && (!was_connected || state.barren >= BARREN_MAX) {
            state.barren = 0;
            return state.waiting.drain(..).collect();
        }
        Vec::new()
    }

    pub(super) fn lines(&self) -> usize {
        self.state().lines
    }

    /// Nobody serves it and nothing waits.
    pub(super) fn is_quiet(&self) -> bool {
        let state = self.state();
        state.lines == 0 && state.waiting.is_empty()
    }
}

impl State {
    /// Between two messages, as it was lately.
    fn spacing(&self) -> SignedDuration {
        let spacing = self.busy.map(|(since, answered)| since.elapsed() / answered.max(1));
        let spacing = spacing.and_then(|spacing| SignedDuration::try_from(spacing).ok());
        spacing.unwrap_or(SPACING_MIN).clamp(SPACING_MIN, SPACING_MAX)
    }
}

const SPACING_MIN: SignedDuration = SignedDuration::from_millis(1);
const SPACING_MAX: SignedDuration = SignedDuration::from_secs(10);
