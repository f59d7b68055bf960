//! Slows down whoever guesses passwords. Counts in memory, for one process; time is an argument.
//!
//! Failures count for the network address (IPv6: the /64) and for the name. A tool that logged in
//! from its address lately is counted on its own, so that neither a neighbour behind the same NAT
//! nor somebody who guesses its password elsewhere can lock it out.

use std::{collections::BTreeMap, net::IpAddr};

use jiff::{SignedDuration, Timestamp};

/// Whoever failed too often and is forgotten costs an attacker one more address.
const COUNTERS_MAX: usize = 20_000;
/// A failure is forgotten this long after the last one's wait.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_mins(30);
/// How long a tool that logged in is known at its address.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(24);
/// An address waits twice as long each time, up to 2^6 = 64 times.
const DOUBLINGS_MAX: u32 = 6;
/// Guesses at one name may come from everywhere, and the name's owner must not be locked out for
/// long: more of them are allowed and the wait does not grow.
const NAME_FAILURES_FACTOR: u32 = 10;

/// Failures per address and per name.
#[derive(Debug)]
pub(super) struct Throttle {
    failures_max: u32,
    slowed: SignedDuration,
    counters: BTreeMap<Who, Counter>,
}

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Who {
    /// 64 bits of an IPv6 address, all of an IPv4 one.
    Address(u128),
    Name(String),
    /// A name at an address from which it has logged in.
    Known(String, u128),
}

#[derive(Clone, Copy, Debug)]
struct Counter {
    failures: u32,
    /// Nothing is checked before.
    until: Timestamp,
    /// After it the failures count no more.
    counts_until: Timestamp,
    /// After it the counter may go.
    forgotten: Timestamp,
}

impl Throttle {
    /// `failures_max` are free; each more waits `slowed`, then twice that, and so on.
    pub(super) fn new(failures_max: u32, slowed: SignedDuration) -> Self {
        Self { failures_max, slowed, counters: BTreeMap::new() }
    }

    /// How long this one has to wait; `None`: go on.
    pub(super) fn wait(
        &self,
        now: Timestamp,
        address: IpAddr,
        name: &str,
    ) -> Option<SignedDuration> {
        self.counted(now, address, name)
            .iter()
            .filter_map(|who| self.counters.get(who))
            .filter(|counter| counter.until > now)
            .map(|counter| now.duration_until(counter.until))
            .max()
    }

    /// It was not them.
    pub(super) fn failed(&mut self, now: Timestamp, address: IpAddr, name: &str) {
        for who in self.counted(now, address, name) {
            self.make_room(now, &who);
            let (free, doublings_max) = match who {
                Who::Address(_) | Who::Known(..) => (self.failures_max, DOUBLINGS_MAX),
                Who::Name(_) => (self.failures_max.saturating_mul(NAME_FAILURES_FACTOR), 0),
            };
            let counter = self.counters.entry(who).or_insert(Counter {
                failures: 0,
                until: now,
                counts_until: now,
                forgotten: now,
            });
            if counter.counts_until <= now {
                counter.failures = 0;
            }
            counter.failures = counter.failures.saturating_add(1);
            if let Some(over) = counter.failures.checked_sub(free).filter(|over| *over > 0) {
                let times = 1 << over.saturating_sub(1).min(doublings_max);
                counter.until = later(now, self.slowed.saturating_mul(times));
            }
            counter.counts_until = later(counter.until.max(now), FORGOTTEN_AFTER);
            counter.forgotten = counter.forgotten.max(counter.counts_until);
        }
    }

    /// It was them: for a day this name at this address has a counter of its own. No failures are
    /// taken back, or each good login would pay for a few guesses more.
    pub(super) fn succeeded(&mut self, now: Timestamp, address: IpAddr, name: &str) {
        let who = Who::Known(name.to_owned(), network(address));
        self.make_room(now, &who);
        let new = Counter { failures: 0, until: now, counts_until: now, forgotten: now };
        self.counters.entry(who).or_insert(new).forgotten = later(now, KNOWN_FOR);
    }

    fn counted(&self, now: Timestamp, address: IpAddr, name: &str) -> Vec<Who> {
        let known = Who::Known(name.to_owned(), network(address));
        if self.counters.get(&known).is_some_and(|counter| counter.forgotten > now) {
            return vec![known];
        }
        vec![Who::Address(network(address)), Who::Name(name.to_owned())]
    }

    /// First the forgotten go; where that is not enough, the quarter that is forgotten next.
    fn make_room(&mut self, now: Timestamp, who: &Who) {
        if self.counters.len() < COUNTERS_MAX || self.counters.contains_key(who) {
            return;
        }
        self.counters.retain(|_, counter| counter.forgotten > now);
        if self.counters.len() < COUNTERS_MAX {
            return;
        }
        let mut ends: Vec<Timestamp> = self.counters.values().map(|own| own.forgotten).collect();
        let (_, &mut cut, _) = ends.select_nth_unstable(COUNTERS_MAX / 4);
        self.counters.retain(|_, counter| counter.forgotten > cut);
    }
}

fn network(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        // Never equal to an IPv4 address: those are below 2^32.
        IpAddr::V6(address) => (address.to_bits() >> 64 << 64) | 1 << 63,
    }
}

fn later(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: SignedDuration = SignedDuration::from_mins(1);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + seconds).unwrap()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn failures_beyond_the_free_ones_wait_longer_each_time() {
        let mut throttle = Throttle::new(3, MINUTE);
        let here = ip("192.0.2.1");
        for _ in 0..3 {
            assert_eq!(throttle.wait(at(0), here, "shop"), None);
            throttle.failed(at(0), here, "shop");
        }
        assert_eq!(throttle.wait(at(0), here, "shop"), None);
        let mut now = 0;
        for minutes in [1, 2, 4, 8, 16, 32, 64, 64] {
            throttle.failed(at(now), here, "shop");
            assert_eq!(throttle.wait(at(now), here, "shop"), Some(MINUTE * minutes));
            now += i64::from(minutes) * 60;
            assert_eq!(throttle.wait(at(now), here, "shop"), None);
        }
        assert_eq!(throttle.wait(at(now), ip("192.0.2.2"), "other"), None);
    }

    #[test]
    fn after_a_quiet_while_all_is_forgotten() {
        let mut throttle = Throttle::new(0, MINUTE);
        let here = ip("192.0.2.1");
        throttle.failed(at(0), here, "shop");
        throttle.failed(at(0), here, "shop");
        assert_eq!(throttle.wait(at(0), here, "shop"), Some(MINUTE * 2));
        throttle.failed(at(120 + 1800), here, "shop");
        assert_eq!(throttle.wait(at(120 + 1800), here, "shop"), Some(MINUTE));
    }

    #[test]
    fn an_ipv6_neighbour_of_the_same_64_bits_is_the_same_guesser() {
        let mut throttle = Throttle::new(0, MINUTE);
        throttle.failed(at(0), ip("2001:db8::1"), "a");
        assert!(throttle.wait(at(0), ip("2001:db8::ffff:1"), "b").is_some());
        assert!(throttle.wait(at(0), ip("2001:db8:0:1::1"), "b").is_none());
        throttle.failed(at(0), ip("192.0.2.1"), "c");
        assert!(throttle.wait(at(0), ip("::ffff:192.0.2.1"), "d").is_some());
    }

    #[test]
    fn a_name_guessed_from_many_addresses_is_slowed_and_its_owner_is_not() {
        let mut throttle = Throttle::new(1, MINUTE);
        let owner = ip("198.51.100.7");
        throttle.succeeded(at(0), owner, "shop");
        for host in 1..=11 {
            throttle.failed(at(0), ip(&format!("192.0.2.{host}")), "shop");
        }
        assert_eq!(throttle.wait(at(0), ip("192.0.2.99"), "shop"), Some(MINUTE));
        assert_eq!(throttle.wait(at(0), owner, "shop"), None);
        assert_eq!(throttle.wait(at(0), ip("192.0.2.99"), "other"), None);
    }

    #[test]
    fn a_good_login_does_not_pay_for_guesses_at_others() {
        let mut throttle = Throttle::new(2, MINUTE);
        let here = ip("192.0.2.1");
        for name in ["a", "b", "c"] {
            throttle.succeeded(at(0), here, "mine");
            throttle.failed(at(0), here, name);
        }
        assert_eq!(throttle.wait(at(0), here, "d"), Some(MINUTE));
        assert_eq!(throttle.wait(at(0), here, "mine"), None, "the known one goes on");
        for _ in 0..3 {
            throttle.failed(at(0), here, "mine");
            throttle.succeeded(at(0), here, "mine");
        }
        assert_eq!(throttle.wait(at(0), here, "mine"), Some(MINUTE), "but is counted too");
    }

    #[test]
    fn the_table_is_bounded_and_forgets_the_oldest_first() {
        let mut throttle = Throttle::new(0, MINUTE);
        for number in 0..20_000 {
            let address = IpAddr::from(u32::try_from(number).unwrap().to_be_bytes());
            throttle.failed(at(number), address, &number.to_string());
            assert!(throttle.counters.len() <= COUNTERS_MAX);
        }
        assert!(throttle.wait(at(20_000), ip("0.0.78.31"), "x").is_some(), "19999 is there");
        assert!(throttle.wait(at(0), ip("0.0.0.0"), "x").is_none(), "0 is forgotten");
    }
}
