//! Which addresses messages leave from, and which of them one message takes. Pure.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{
    pace::{Limit, Pace, WarmUp},
    via::Via,
};

/// An address of ours, or two: one of each kind.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Source {
    /// Empty: whatever address the system takes.
    pub name: String,
    pub four: Option<Ipv4Addr>,
    pub six: Option<Ipv6Addr>,
    /// The name in EHLO; `None`: the relay's own.
    pub hello: Option<String>,
    /// Its share of the messages, beside the other sources'.
    pub weight: u32,
    pub via: Via,
}

/// Where a connection to an address begins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum From {
    /// The system knows.
    Anywhere,
    Address(IpAddr),
    /// The source has no address of that kind.
    Nowhere,
}

impl Source {
    /// The one where none is configured.
    pub fn system() -> Self {
        Self { weight: 1, ..Self::default() }
    }

    pub fn towards(&self, to: IpAddr) -> From {
        if self.four.is_none() && self.six.is_none() {
            return From::Anywhere;
        }
        let own = match to {
            IpAddr::V4(_) => self.four.map(IpAddr::V4),
            IpAddr::V6(_) => self.six.map(IpAddr::V6),
        };
        own.map_or(From::Nowhere, From::Address)
    }

    /// The plan of its first days, as a limit.
    pub(super) fn warm_up(name: &str, plan: WarmUp) -> Limit {
        Limit {
            name: format!("warm-up {name}"),
            sources: vec![name.to_owned()],
            rate: Some(Pace::WarmUp(plan)),
            ..Limit::default()
        }
    }
}

/// One of them by weight, told by `seed`; those that `is_spent` names only where there are no
/// others. `None`: there are none.
pub fn pick<T: AsRef<Source>>(
    sources: &[T],
    seed: u64,
    is_spent: impl Fn(&Source) -> bool,
) -> Option<&T> {
    let fresh: Vec<&T> = sources.iter().filter(|one| !is_spent((*one).as_ref())).collect();
    let all = if fresh.is_empty() { sources.iter().collect() } else { fresh };
    let weight = |one: &T| u64::from(one.as_ref().weight);
    let sum: u64 = all.iter().map(|one| weight(one)).sum();
    let mut at = mixed(seed) % sum.max(1);
    for one in &all {
        if at < weight(one) {
            return Some(one);
        }
        at -= weight(one);
    }
    all.first().copied()
}

/// splitmix64: any spread will do, and the seed makes it testable.
pub(super) fn mixed(seed: u64) -> u64 {
    let seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn source(name: &str, weight: u32) -> Arc<Source> {
        Arc::new(Source { name: name.into(), weight, ..Source::default() })
    }

    #[test]
    fn each_has_its_share_and_the_spent_ones_none() {
        let sources = [source("a", 3), source("b", 1), source("c", 0)];
        let count = |spent: &[&str]| {
            let mut found = [0; 3];
            for seed in 0..4_000 {
                let is_spent = |one: &Source| spent.contains(&one.name.as_str());
                let one = pick(&sources, seed, is_spent).unwrap();
                found[sources.iter().position(|own| own == one).unwrap()] += 1;
            }
            found
        };
        let [a, b, c] = count(&[]);
        assert!((2_800..3_200).contains(&a) && a + b == 4_000 && c == 0, "{a} {b} {c}");
        assert_eq!(count(&["a"]), [0, 4_000, 0]);
        let [a, b, _] = count(&["a", "b", "c"]);
        assert!(a > b && b > 0, "where all are spent it waits for any");
        assert_eq!(pick::<Arc<Source>>(&[], 1, |_| false), None);
    }

    #[test]
    fn a_kind_of_address_that_it_has_not_is_not_used() {
        let (four, six) = ("192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap());
        assert_eq!(Source::system().towards(four), From::Anywhere);
        let own = Source { four: Some("127.0.0.2".parse().unwrap()), ..Source::system() };
        assert_eq!(own.towards(four), From::Address("127.0.0.2".parse().unwrap()));
        assert_eq!(own.towards(six), From::Nowhere);
    }
}
