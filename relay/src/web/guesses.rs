//! Slows whoever tries tokens that were never made here, or fills in forms all day. Valid links are
//! never slowed: one mailbox provider may send a million one-click requests from one address.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv6Addr},
    sync::Mutex,
};

use jiff::Timestamp;

/// Counts per address within the current window.
#[derive(Debug)]
pub(super) struct Guesses {
    most: u32,
    seconds: i64,
    seen: Mutex<(i64, BTreeMap<IpAddr, u32>)>,
}

/// Of tokens: nobody mistypes a link sixty times in a minute.
impl Default for Guesses {
    fn default() -> Self {
        Self::per(PER_MINUTE, 60)
    }
}

impl Guesses {
    /// So many in so many seconds.
    pub(super) fn per(most: u32, seconds: i64) -> Self {
        Self { most, seconds: seconds.max(1), seen: Mutex::default() }
    }

    /// Counts one; true where the address has used up its share of this window.
    pub(super) fn is_too_many(&self, ip: IpAddr, now: Timestamp) -> bool {
        let window = now.as_second() / self.seconds;
        let mut seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if seen.0 != window || seen.1.len() >= ADDRESSES_MAX {
            *seen = (window, BTreeMap::new());
        }
        let count = seen.1.entry(household(ip)).or_default();
        *count = count.saturating_add(1);
        *count > self.most
    }
}

/// Whoever has one IPv6 address has 2^64 of them.
fn household(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
    }
}

/// Then counting begins anew, so that memory stays bounded.
const ADDRESSES_MAX: usize = 10_000;
const PER_MINUTE: u32 = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_share_of_each_minute() {
        let guesses = Guesses::default();
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
        assert!((0..PER_MINUTE).all(|_| !guesses.is_too_many(one, at(1))));
        assert!(guesses.is_too_many(one, at(59)));
        assert!(!guesses.is_too_many(other, at(59)));
        assert!(!guesses.is_too_many(one, at(61)));
        let mut many =
            (0..=PER_MINUTE).map(|last| IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, last as u16]));
        assert!(many.any(|ip| guesses.is_too_many(ip, at(121))));
        assert!(!guesses.is_too_many("2001:db8:0:2::1".parse().unwrap(), at(121)));
    }
}
