//! How many may go now, and if none, when: one moment for each thing that is counted (GCRA, ITU-T
//! I.371). Pure.
//!
//! The moment is when all that was taken would have gone at an even pace. It never lies further in the
//! future than the burst allows, so what was not used yesterday is not made up for today.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

/// So many in such a time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rate {
    pub count: u32,
    pub per: SignedDuration,
}

/// A new address earns its name: so many in each of its first days, and then as many as there are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WarmUp {
    /// The first day, in UTC.
    pub from: Date,
    /// Of each day.
    pub days: Vec<u32>,
}

/// What holds at one moment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Even {
    /// Between two, in microseconds.
    interval: i64,
    /// At once.
    burst: i64,
}

/// What came of asking.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Taken {
    pub granted: u32,
    /// The moment to remember, in microseconds since 1970.
    pub mark: i64,
    /// When there is one more.
    pub next: Timestamp,
}

impl Rate {
    /// Evenly, with what a second allows at once.
    pub fn even(self) -> Even {
        let interval = micros(self.per) / i64::from(self.count.max(1));
        let interval = interval.max(1);
        Even { interval, burst: (SECOND / interval).max(1) }
    }
}

impl WarmUp {
    /// What holds then; `None`: the plan is over.
    pub fn at(&self, now: Timestamp) -> Option<Even> {
        let today = now.to_zoned(TimeZone::UTC).date();
        // Before its first day it is as on it: whoever names the address wants it used.
        let day = usize::try_from((today - self.from).get_days()).unwrap_or(0);
        let count = i64::from((*self.days.get(day)?).max(1));
        // What an hour has at once, and the rest evenly: never more than the count in 24 hours.
        let burst = (count / 24).max(1);
        Some(Even { interval: micros(DAY) / (count - burst).max(1), burst })
    }
}

impl Even {
    /// The same, so many times slower.
    pub fn slower(self, times: u32) -> Self {
        let interval = self.interval.saturating_mul(i64::from(times.max(1)));
        Self { interval, burst: (self.burst / i64::from(times.max(1))).max(1) }
    }

    /// At most `wanted`, from what was remembered.
    pub fn take(self, mark: i64, now: Timestamp, wanted: u32) -> Taken {
        let now = now.as_microsecond();
        let from = mark.max(now);
        let room = self.interval.saturating_mul(self.burst).saturating_sub(from - now);
        let granted = (room / self.interval).clamp(0, i64::from(wanted));
        let mark = from.saturating_add(granted.saturating_mul(self.interval));
        let next = mark.saturating_add(self.interval) - self.interval.saturating_mul(self.burst);
        let next = Timestamp::from_microsecond(next.max(now)).unwrap_or(Timestamp::MAX);
        Taken { granted: u32::try_from(granted).unwrap_or(wanted), mark, next }
    }

    /// What is not used after all.
    pub fn give_back(self, mark: i64, count: u32) -> i64 {
        mark.saturating_sub(self.interval.saturating_mul(i64::from(count)))
    }

    /// Between two.
    pub fn interval(self) -> SignedDuration {
        SignedDuration::from_micros(self.interval)
    }

    /// How many go in such a time, one at least.
    pub fn within(self, time: SignedDuration) -> u32 {
        u32::try_from(micros(time) / self.interval).unwrap_or(u32::MAX).max(1)
    }
}

fn micros(time: SignedDuration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX).max(1)
}

const SECOND: i64 = 1_000_000;
const DAY: SignedDuration = SignedDuration::from_hours(24);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_000 + milliseconds).unwrap()
    }

    /// How many leave in that many milliseconds, by one who asks for `each` again and again.
    fn gone(even: Even, milliseconds: i64, each: u32) -> u32 {
        let (mut mark, mut gone) = (0, 0);
        let step = usize::try_from(milliseconds / 100_000).unwrap().max(10);
        for moment in (0..milliseconds).step_by(step) {
            let taken = even.take(mark, at(moment), each);
            mark = taken.mark;
            gone += taken.granted;
        }
        gone
    }

    #[test]
    fn a_rate_is_kept_however_much_is_asked_for() {
        for (count, seconds, milliseconds, expected) in [
            (100, 60, 60_000, 100),
            (1, 1, 10_000, 10),
            (10, 1, 10_000, 109),
            (1, 3_600, 60_000, 1),
        ] {
            let rate = Rate { count, per: SignedDuration::from_secs(seconds) };
            for each in [1, 7, 1_000] {
                assert_eq!(gone(rate.even(), milliseconds, each), expected, "{rate:?}");
            }
        }
    }

    #[test]
    fn who_gets_none_learns_when() {
        let even = Rate { count: 60, per: SignedDuration::from_mins(1) }.even();
        let first = even.take(0, at(0), 5);
        assert_eq!((first.granted, first.next), (1, at(1_000)));
        let none = even.take(first.mark, at(400), 5);
        assert_eq!((none.granted, none.next, none.mark), (0, at(1_000), first.mark));
        let back = even.give_back(first.mark, 1);
        assert_eq!(even.take(back, at(400), 5).granted, 1);
        assert_eq!(even.slower(4).take(0, at(0), 5).next, at(4_000));
    }

    #[test]
    fn a_plan_grows_day_by_day_and_ends() {
        let plan = WarmUp { from: "2027-01-15".parse().unwrap(), days: vec![50, 2_000] };
        let day = 24 * 3_600_000;
        let start: Timestamp = "2027-01-15T00:00:00Z".parse().unwrap();
        let of = |now: i64| plan.at(start + SignedDuration::from_millis(now));
        assert_eq!((of(-day), of(0)), (of(1), of(day - 1)));
        assert_ne!(of(0), of(day));
        assert_eq!(of(2 * day), None);
        for (now, most) in [(0, 50), (day, 2_000)] {
            let even = of(now).unwrap();
            assert!((most - most / 20..=most).contains(&gone(even, day, 3)), "{even:?}");
        }
    }
}
