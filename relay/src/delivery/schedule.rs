//! When to try again, and when to give up. Pure; nothing here waits.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::{
    config::{self, Times},
    spool::{Delivery, Message},
};

/// Pauses between attempts and the life of a message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Schedule {
    /// Before the second, third ... attempt; the last one repeats.
    pub pauses: Vec<SignedDuration>,
    /// How long a message is tried (RFC 5321 §4.5.4.1: at least 4 to 5 days).
    pub life: SignedDuration,
    /// The same for a commercial one, which is stale sooner.
    pub life_commercial: SignedDuration,
    /// After how long a sender who asked hears of the delay.
    pub delay_notice: SignedDuration,
}

impl Default for Schedule {
    fn default() -> Self {
        let minutes = [1, 5, 15, 30, 60, 120, 240];
        Self {
            pauses: minutes.into_iter().map(SignedDuration::from_mins).collect(),
            life: SignedDuration::from_hours(5 * 24),
            life_commercial: SignedDuration::from_hours(3 * 24),
            delay_notice: SignedDuration::from_hours(4),
        }
    }
}

impl Schedule {
    /// As `[delivery]` has it.
    pub(super) fn of(config: &config::Delivery) -> Self {
        Self {
            pauses: spans(&config.retry),
            life: span(config.expires_after),
            life_commercial: span(config.commercial_expires_after),
            delay_notice: span(config.delayed_after),
        }
    }

    /// With what somebody says for his own.
    pub(super) fn narrowed(&self, times: &Times) -> Self {
        let own = |time: Option<Duration>, wide| time.map_or(wide, span);
        Self {
            pauses: times.retry.as_deref().map_or_else(|| self.pauses.clone(), spans),
            life: own(times.expires_after, self.life),
            life_commercial: own(times.commercial_expires_after, self.life_commercial),
            delay_notice: own(times.delayed_after, self.delay_notice),
        }
    }

    /// When to give up on a message received at `received_at`.
    pub fn expires_at(&self, received_at: Timestamp, commercial: bool) -> Timestamp {
        let life = if commercial { self.life_commercial } else { self.life };
        received_at.checked_add(life).unwrap_or(Timestamp::MAX)
    }

    /// When to try again after `attempts` failed ones, or `None` where the message would expire
    /// before. `spread` (any number, the delivery's id for one) moves it by up to a tenth, so
    /// that what failed together does not return together.
    pub fn next(
        &self,
        now: Timestamp,
        attempts: u32,
        expires_at: Timestamp,
        spread: u64,
    ) -> Option<Timestamp> {
        if now >= expires_at {
            return None;
        }
        let due = now.checked_add(self.pause(attempts, spread)).ok()?;
        // One last attempt right at the end, rather than giving up early.
        Some(due.min(expires_at))
    }

    /// Whether a sender who asked is told of the delay now: once, at the first attempt after the
    /// notice's time. The attempt before is reckoned from when this one was due.
    pub fn is_delay_due(
        &self,
        now: Timestamp,
        message: &Message,
        delivery: &Delivery,
        spread: u64,
    ) -> bool {
        let received_at = message.received_at;
        let wanted = message.params.by.and_then(|by| by.notifies_at(received_at));
        let notice = wanted.map_or(self.delay_notice, |wanted| {
            wanted.duration_since(received_at).max(SignedDuration::from_secs(1))
        });
        let pause = self.pause(delivery.attempts, spread);
        let before = delivery.due_at.duration_since(received_at) - pause;
        let age = now.duration_since(received_at);
        delivery.attempts > 0 && age >= notice && before < notice
    }

    /// Between the attempt of that number and the next.
    fn pause(&self, attempts: u32, spread: u64) -> SignedDuration {
        let which = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
        let pause = self.pauses.get(which).or(self.pauses.last()).copied();
        let pause = pause.unwrap_or(SignedDuration::from_mins(30));
        let tenth = i64::try_from(pause.as_millis() / 10).unwrap_or(0).max(1);
        let extra = i64::try_from(spread % tenth.unsigned_abs()).unwrap_or(0);
        pause + SignedDuration::from_millis(extra)
    }
}

fn spans(times: &[Duration]) -> Vec<SignedDuration> {
    times.iter().copied().map(span).collect()
}

fn span(time: Duration) -> SignedDuration {
    SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minutes * 60).unwrap()
    }

    #[test]
    fn pauses_grow_and_the_last_one_repeats() {
        let schedule = Schedule::default();
        let end = at(100_000);
        for (attempts, minutes) in [(0, 1), (1, 1), (2, 5), (3, 15), (6, 120), (7, 240), (99, 240)]
        {
            assert_eq!(schedule.next(at(0), attempts, end, 0), Some(at(minutes)), "{attempts}");
        }
    }

    #[test]
    fn the_spread_is_at_most_a_tenth() {
        let schedule = Schedule::default();
        for spread in [1, 5_999, 6_000, u64::MAX] {
            let due = schedule.next(at(0), 1, at(1_000), spread).unwrap();
            assert!(due >= at(1) && due < at(1) + SignedDuration::from_secs(6), "{due}");
        }
    }

    #[test]
    fn there_is_one_last_attempt_at_the_end_and_none_after_it() {
        let schedule = Schedule::default();
        assert_eq!(schedule.next(at(10), 7, at(100), 0), Some(at(100)));
        assert_eq!(schedule.next(at(100), 8, at(100), 0), None);
    }

    #[test]
    fn commercial_messages_live_shorter() {
        let schedule = Schedule::default();
        assert_eq!(schedule.expires_at(at(0), true), at(3 * 24 * 60));
        assert_eq!(schedule.expires_at(at(0), false), at(5 * 24 * 60));
    }
}
