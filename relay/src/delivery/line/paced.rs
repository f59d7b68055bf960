//! Where a line keeps to the limits: before it connects, before it takes work, and by what it hears.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep_until};

use super::Line;
use crate::{
    delivery::{
        destination::{Office, Queue},
        dialer::Found,
        outcome::{Fate, Outcome},
        pace::{Pass, Terms, Why, is_sign},
        prepare::Work,
    },
    spool::Delivery,
};

/// A connection that others wait for is theirs after so many messages.
const TURN: u32 = 50;
/// How long it waits for a rate; what takes longer waits in the spool.
const NEAR: Duration = Duration::from_secs(2);
/// Until it looks again whether fewer messages are on their way.
const CROWDED: Duration = Duration::from_millis(20);

/// Waits for a connection that limits allow to the best of these hosts. `None`: not now; what waits
/// was put off, unless somebody else serves it.
pub(super) async fn admitted(
    queue: &Queue,
    office: &Office,
    found: &Found,
) -> Option<(Terms, Pass)> {
    let terms = office.pacer.terms(&queue.heading.lane(found.best()));
    queue.set_terms(&terms);
    let mut stopping = office.stopping.clone();
    let admitted = tokio::select! {
        admitted = office.pacer.admit(&terms) => admitted,
        _ = stopping.wait_for(|stopping| *stopping) => return None,
    };
    match admitted {
        Ok(pass) => return Some((terms, pass)),
        // Who is connected already serves what waits, if more slowly.
        Err((_, Why::Connections)) if queue.is_connected() => {}
        Err((until, why)) => queue.put_off(office, until, why),
    }
    None
}

/// Slows down where the peer asks for it; whether it did.
pub(in crate::delivery) fn heed(office: &Office, terms: &Terms, outcome: &Outcome) -> bool {
    let class = office.settler.replies.class(&outcome.status_text(), &outcome.text());
    let code = outcome.detail.get(..3).and_then(|code| code.parse().ok()).unwrap_or_default();
    let is_sign = outcome.is_said() && is_sign(code, Some(outcome.status), class);
    if is_sign {
        office.pacer.slow_down(Timestamp::now(), terms);
    }
    is_sign
}

/// What answers say about the pace.
pub(in crate::delivery) fn learn<'o>(
    office: &Office,
    terms: &Terms,
    outcomes: impl Iterator<Item = &'o Outcome> + Clone,
) {
    let later = outcomes.clone().filter(|one| one.fate == Fate::Later);
    let is_sign = { later }.any(|one| heed(office, terms, one));
    if !is_sign && outcomes.into_iter().any(|one| one.fate == Fate::Delivered) {
        office.pacer.took(Timestamp::now(), terms);
    }
}

impl Line<'_> {
    /// Whether anything may be taken now: where the provider asked for a pause, what waits is put off.
    pub(super) fn may_take(&self, now: Timestamp) -> bool {
        if self.queue.rested().is_some() {
            return false;
        }
        let paused = self.office.pacer.paused(now, &self.terms);
        if let Some(until) = paused {
            self.queue.put_off(self.office, until, Why::Pause);
        }
        paused.is_none()
    }

    /// Others wait for the connection, and it is theirs after a while; or the provider asked for a
    /// pause, and may have fewer connections in mind.
    pub(super) fn gives_way(&self) -> bool {
        let paused = self.office.pacer.paused(Timestamp::now(), &self.terms).is_some();
        paused || (self.sent >= TURN && self.pass.is_wanted())
    }

    /// So much of it as rates allow now; the rest goes back.
    pub(super) async fn paced(&mut self, now: Timestamp, mut work: Vec<Work>) -> Option<Vec<Work>> {
        let wanted = work.iter().map(|one| one.deliveries.len()).sum::<usize>();
        let wanted = u32::try_from(wanted).unwrap_or(u32::MAX);
        let granted = match self.office.pacer.take(now, &self.terms, wanted).await {
            Ok(granted) => granted,
            Err(next) => {
                self.queue.put_back(work);
                self.rest(now, next);
                return None;
            }
        };
        if granted < wanted {
            let mut left = usize::try_from(granted).unwrap_or(usize::MAX);
            let mut back = Vec::new();
            for one in &mut work {
                back.extend(one.split_off(left));
                left = left.saturating_sub(one.deliveries.len());
            }
            work.retain(|one| !one.deliveries.is_empty());
            self.queue.put_back(back);
        }
        Some(work)
    }

    /// Waits for a moment that is near; leaves what waits to the spool until one that is not.
    fn rest(&mut self, now: Timestamp, next: Timestamp) {
        let rest = next.duration_since(now);
        match Duration::try_from(rest) {
            Ok(rest) if rest <= NEAR => self.queue.rest(Instant::now() + rest),
            _ => self.queue.put_off(self.office, next, Why::Rate),
        }
    }

    pub(super) fn unused<'w>(&self, deliveries: impl Iterator<Item = &'w Vec<Delivery>>) {
        let count = u32::try_from(deliveries.map(Vec::len).sum::<usize>()).unwrap_or(0);
        if count > 0 {
            self.office.pacer.give_back(Timestamp::now(), &self.terms, count);
        }
    }

    /// When a rest is over, or what is on its way at the same time may have become less.
    pub(super) fn again(&self) -> impl Future<Output = ()> + use<> {
        let crowded = !self.ready.is_empty();
        let until = self.queue.rested().or_else(|| crowded.then(|| Instant::now() + CROWDED));
        async move {
            match until {
                Some(until) => sleep_until(until).await,
                None => std::future::pending().await,
            }
        }
    }
}

impl Work {
    /// What is over so many deliveries.
    pub(in crate::delivery) fn split_off(&mut self, first: usize) -> Option<Self> {
        if first >= self.deliveries.len() {
            return None;
        }
        Some(Self {
            message: self.message.clone(),
            reading: self.reading.clone(),
            decider: policy::Decider::default(),
            deliveries: self.deliveries.split_off(first),
            slot: self.slot.clone(),
            returned: self.returned,
            chain: None,
        })
    }
}
