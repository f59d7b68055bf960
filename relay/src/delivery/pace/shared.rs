//! What relays on one database take from the same limits. A rate is taken in pieces, of which each lasts
//! a second; a connection one by one; slowed providers are told each other every second.

use std::sync::atomic::Ordering;

use jiff::{SignedDuration, Timestamp};

use super::{Full, Pacer, Pass, Slow, Terms, limit::Term, rate::Even};
use crate::{
    db::Error,
    spool::{Changed, Paces, Slowed},
};

/// How long a piece of a rate lasts.
const PIECE: SignedDuration = SignedDuration::from_secs(1);
/// Where the database does not answer, nothing that a limit counts is sent.
const SILENCE: SignedDuration = SignedDuration::from_secs(5);
/// After so many looks what is over is forgotten, for all: about every hour.
const LOOKS: u64 = 3_600;
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(1);

impl Pacer {
    /// Takes a connection.
    ///
    /// # Errors
    ///
    /// All are taken: what to wait for.
    pub async fn open(&self, terms: &Terms) -> Result<Pass, Full> {
        let pass = self.open_here(terms)?;
        let Some(shared) = &self.0.shared else { return Ok(pass) };
        let wanted = self.wanted(terms);
        let Some((first, ..)) = wanted.first().cloned() else { return Ok(pass) };
        match shared.open(&wanted).await {
            Ok(true) => return Ok(pass),
            Ok(false) => {}
            Err(fault) => tracing::warn!(%fault, "no connection: others' cannot be counted"),
        }
        drop(pass);
        Err(Full::elsewhere(self, &first))
    }

    /// What is counted with others, its most, and how many of it this relay had before this one.
    fn wanted(&self, terms: &Terms) -> Vec<(String, u32, u32)> {
        let counts = self.counts();
        let slow = counts.slow.get(terms.place()).copied();
        let shared = terms.connections(slow).filter(|(term, _)| self.counts_with_others(term));
        let all = shared.map(|(term, most)| {
            let own = counts.keys.get(&term.key).map_or(0, |count| count.open);
            (term.key.clone(), most, own.saturating_sub(1))
        });
        all.collect()
    }

    /// So many of `wanted` may go now.
    ///
    /// # Errors
    ///
    /// When the next one may.
    pub async fn take(&self, now: Timestamp, terms: &Terms, wanted: u32) -> Result<u32, Timestamp> {
        let short = self.short(now, terms, wanted);
        if let (Some(shared), false) = (&self.0.shared, short.is_empty()) {
            self.fetch(shared, now, &short, wanted).await.map_err(|fault| {
                tracing::warn!(%fault, "nothing is sent that limits count");
                now.checked_add(SILENCE).unwrap_or(now)
            })?;
        }
        self.take_here(now, terms, wanted)
    }

    /// Rates of which this relay has not so many left.
    fn short(&self, now: Timestamp, terms: &Terms, wanted: u32) -> Vec<(String, Even)> {
        let counts = self.counts();
        let slow = counts.slow.get(terms.place()).copied();
        let credit = |term: &Term| counts.keys.get(&term.key).map_or(0, |count| count.credit);
        let short = terms.rates(now, slow);
        let short = short.filter(|(term, _)| self.is_shared(term) && credit(term) < wanted);
        short.map(|(term, even)| (term.key.clone(), even)).collect()
    }

    async fn fetch(
        &self,
        shared: &Paces,
        now: Timestamp,
        short: &[(String, Even)],
        wanted: u32,
    ) -> Result<(), Error> {
        let names: Vec<String> = short.iter().map(|(name, _)| name.clone()).collect();
        let take = |marks: &mut Vec<i64>| {
            let each = short.iter().zip(marks).map(|((_, even), mark)| {
                let taken = even.take(*mark, now, wanted.max(even.within(PIECE)));
                *mark = taken.mark;
                taken
            });
            each.collect::<Vec<_>>()
        };
        let taken = shared.marks(&names, take).await?;
        let mut counts = self.counts();
        for (name, taken) in names.into_iter().zip(taken) {
            let count = counts.keys.entry(name).or_default();
            count.credit = count.credit.saturating_add(taken.granted);
            count.mark = taken.mark;
        }
        Ok(())
    }

    pub(super) fn is_shared(&self, term: &Term) -> bool {
        self.0.shared.is_some() && !term.is_own
    }

    pub(super) fn counts_with_others(&self, term: &Term) -> bool {
        let counts = self.0.shared.as_ref().is_some_and(Paces::counts_connections);
        counts && !term.is_own
    }

    /// Tells others what changed here, and learns what changed there. Every second or so.
    pub async fn follow(&self, now: Timestamp) -> Result<(), Error> {
        self.sweep(now);
        let Some(shared) = &self.0.shared else { return Ok(()) };
        let (open, slow) = self.untold();
        if !open.is_empty() {
            shared.opened(&open).await?;
        }
        if !slow.is_empty() {
            shared.slow(&slow).await?;
        }
        self.told(&open, &slow);
        self.learn(now, shared.slowed().await?);
        self.0.relays.store(shared.relays().await?, Ordering::Relaxed);
        if self.0.looks.fetch_add(1, Ordering::Relaxed) % LOOKS == LOOKS - 1 {
            shared.forget(now.checked_sub(FORGOTTEN).unwrap_or(now)).await?;
        }
        Ok(())
    }

    fn untold(&self) -> (Vec<(String, u32)>, Vec<Changed>) {
        let counts = self.counts();
        let (open, slow) = &counts.untold;
        let open = open
            .iter()
            .map(|key| (key.clone(), counts.keys.get(key).map_or(0, |count| count.open)));
        let slow = slow.iter().map(|place| {
            let (provider, source) = place.clone();
            let slowed = counts.slow.get(place).map(|slow| Slowed {
                provider: provider.clone(),
                source: source.clone(),
                level: slow.level,
                until: slow.until,
                at: slow.at,
            });
            (provider, source, slowed)
        });
        (open.collect(), slow.collect())
    }

    /// What changed meanwhile is told the next time.
    fn told(&self, open: &[(String, u32)], slow: &[Changed]) {
        let mut counts = self.counts();
        for (key, told) in open {
            if counts.keys.get(key).map_or(0, |count| count.open) == *told {
                counts.untold.0.remove(key);
            }
        }
        for (provider, source, told) in slow {
            let place = (provider.clone(), source.clone());
            let at = counts.slow.get(&place).map(|slow| slow.at);
            if at == told.as_ref().map(|told| told.at) {
                counts.untold.1.remove(&place);
            }
        }
    }

    fn learn(&self, now: Timestamp, all: Vec<Slowed>) {
        let mut counts = self.counts();
        let known: Vec<_> =
            all.iter().map(|one| (one.provider.clone(), one.source.clone())).collect();
        let untold = counts.untold.1.clone();
        // Others found it fast again.
        counts.slow.retain(|place, _| untold.contains(place) || known.contains(place));
        for (place, one) in known.into_iter().zip(all) {
            let slow = Slow { level: one.level, until: one.until, at: one.at };
            let newer = counts.slow.get(&place).is_none_or(|own| own.at < slow.at);
            if newer && !untold.contains(&place) && !slow.is_over(now) {
                counts.slow.insert(place, slow);
            }
        }
        counts.show();
    }
}
