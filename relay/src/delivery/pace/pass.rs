//! Connections that limits allow: taken, waited for, and given up for somebody else.
//!
//! One that is given back wakes one that waits, and one that waits wakes one that is unused: thousands
//! may do either.

use std::{
    future::{Future as _, poll_fn},
    pin::Pin,
    sync::{Arc, OnceLock},
    task::Poll,
    time::Duration,
};

use jiff::Timestamp;
use tokio::{
    sync::{Notify, futures::OwnedNotified},
    time::{Instant, timeout_at},
};

use super::{Counts, Pacer, Terms, Why};

/// An open connection, counted until it is dropped.
#[derive(Debug)]
pub struct Pass {
    pacer: Pacer,
    terms: Terms,
    /// What is counted for whom it leaves.
    leaves: OnceLock<String>,
}

/// No connection is free. Counted as somebody who waits until it is dropped.
#[derive(Debug)]
pub struct Full {
    pacer: Pacer,
    key: String,
    freed: Option<Pin<Box<OwnedNotified>>>,
}

/// Until connections of other relays are looked at again.
const LOOK: Duration = Duration::from_millis(500);
/// How long somebody waits for a connection that limits allow.
const PATIENCE: Duration = Duration::from_secs(10);

impl Pacer {
    /// Takes a connection, or waits for one.
    ///
    /// # Errors
    ///
    /// Not now: why, and what waits for it may be tried again from then on.
    pub async fn admit(&self, terms: &Terms) -> Result<Pass, (Timestamp, Why)> {
        let late = Instant::now() + PATIENCE;
        loop {
            let now = Timestamp::now();
            if let Some(until) = self.paused(now, terms) {
                return Err((until, Why::Pause));
            }
            let full = match self.open(terms).await {
                Ok(pass) => return Ok(pass),
                Err(full) => full,
            };
            if timeout_at(late, full.freed()).await.is_err() {
                return Err((Timestamp::now(), Why::Connections));
            }
        }
    }

    /// Of those that this relay counts.
    pub(super) fn open_here(&self, terms: &Terms) -> Result<Pass, Full> {
        let mut counts = self.counts();
        let slow = counts.slow.get(terms.place()).copied();
        let is_full = |counts: &Counts, key: &str, most: u32| {
            counts.keys.get(key).is_some_and(|count| count.open >= most)
        };
        let full = terms.connections(slow).find(|(term, most)| is_full(&counts, &term.key, *most));
        if let Some((full, _)) = full {
            // Somebody else may be waiting for what is free of the others, and heard nothing of it.
            for (term, most) in terms.connections(slow) {
                if !is_full(&counts, &term.key, most)
                    && let Some(count) = counts.keys.get(&term.key)
                    && count.waiting > 0
                {
                    count.freed.notify_one();
                }
            }
            let count = counts.keys.entry(full.key.clone()).or_default();
            count.waiting += 1;
            // From this moment on: what is given back while the caller turns round is heard.
            let mut freed = Box::pin(Arc::clone(&count.freed).notified_owned());
            freed.as_mut().enable();
            count.wanted.notify_one();
            return Err(Full { pacer: self.clone(), key: full.key.clone(), freed: Some(freed) });
        }
        for (term, _) in terms.connections(slow) {
            counts.keys.entry(term.key.clone()).or_default().open += 1;
        }
        let (pacer, terms) = (self.clone(), terms.clone());
        Ok(Pass { pacer, terms, leaves: OnceLock::new() })
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
            let mut calls = self.calls();
            if self.leave() {
                return;
            }
            poll_fn(|cx| {
                let called = calls.iter_mut().any(|call| call.as_mut().poll(cx).is_ready());
                if called { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
        }
    }

    /// Heard from now on.
    fn calls(&self) -> Vec<Pin<Box<OwnedNotified>>> {
        let counts = self.pacer.counts();
        let own = self.terms.connections(None).filter_map(|(term, _)| counts.keys.get(&term.key));
        let call = |wanted: &Arc<Notify>| {
            let mut call = Box::pin(Arc::clone(wanted).notified_owned());
            call.as_mut().enable();
            call
        };
        own.map(|count| call(&count.wanted)).collect()
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
                count.freed.notify_one();
            }
            if self.pacer.counts_with_others(term) {
                counts.untold.0.insert(term.key.clone());
            }
        }
    }
}

impl Full {
    /// Another relay has them, and tells nobody when they are free.
    pub(super) fn elsewhere(pacer: &Pacer, key: &str) -> Self {
        pacer.counts().keys.entry(key.to_owned()).or_default().waiting += 1;
        Self { pacer: pacer.clone(), key: key.to_owned(), freed: None }
    }

    /// Until one is given back; then it is asked for again, because others ask, too.
    pub async fn freed(mut self) {
        match self.freed.take() {
            Some(freed) => freed.await,
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
    use super::super::{By, Lane, Limit};
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

    #[tokio::test]
    async fn one_that_waits_in_vain_passes_the_word_on() {
        let each = Limit { connections: Some(1), ..limit("each", &[By::Provider]) };
        let all = Limit { connections: Some(2), ..limit("all", &[]) };
        let pacer = Pacer::new(vec![all, each], None);
        let (a, b, c) = ("a", "b", "c");
        let terms = |provider| pacer.terms(&lane(provider, ""));
        let (on_a, on_b) =
            (pacer.open_here(&terms(a)).unwrap(), pacer.open_here(&terms(b)).unwrap());
        let first = pacer.open_here(&terms(a)).unwrap_err();
        let second = pacer.open_here(&terms(c)).unwrap_err();
        drop(on_b);
        // The word is the first one's, whose provider has no free one.
        first.freed().await;
        let first = pacer.open_here(&terms(a)).unwrap_err();
        second.freed().await;
        assert!(pacer.open_here(&terms(c)).is_ok());
        drop(on_a);
        first.freed().await;
        assert!(pacer.open_here(&terms(a)).is_ok());
    }
}
