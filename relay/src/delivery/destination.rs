//! One next hop's queue and the connections that serve it. A connection is opened only while all
//! others are busy, takes work while it has room, and goes when there has been none for a while.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Notify, watch};

use super::{
    dialer::Dialer, line, outcome::Problem, paused::Pauses, prepare::Desk, prepare::Work,
    route::Destination, settings::Settings, settle::Settler,
};

/// What all connections share; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Office {
    pub(super) settings: Arc<Settings>,
    pub(super) dialer: Dialer,
    pub(super) desk: Desk,
    pub(super) settler: Settler,
    pub(super) pauses: Pauses,
    /// True: take nothing new.
    pub(super) stopping: watch::Receiver<bool>,
}

/// The queue of one destination.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) destination: Destination,
    state: Mutex<State>,
    /// Work was added while somebody was idle.
    pub(super) news: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Work>,
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
    pub(super) fn new(destination: Destination) -> Arc<Self> {
        Arc::new(Self { destination, state: Mutex::default(), news: Notify::new() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // INVARIANT: no code that can panic runs under the lock; what it guards stays whole anyway.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(self: &Arc<Self>, office: &Office, work: Work) {
        let Some(work) = office.unpaused(work) else { return };
        self.state().waiting.push_back(work);
        self.serve(office);
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
        let most = match self.destination {
            Destination::Smarthost(_) | Destination::Mx { .. } => office.settings.connections_max,
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
            if state.lines >= most {
                return;
            }
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
        self.state().barren = 0;
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
