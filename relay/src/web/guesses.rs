//! Slows whoever tries tokens that were never made here. Valid links are never slowed: one mailbox
//! provider may send a million one-click requests from one address.

use std::{collections::BTreeMap, net::IpAddr, sync::Mutex};

use jiff::Timestamp;

/// Failed tokens per address within the current minute.
#[derive(Debug, Default)]
pub(super) struct Guesses {
    seen: Mutex<(i64, BTreeMap<IpAddr, u32>)>,
}

impl Guesses {
    /// Counts one; true where the address has used up its share of this minute.
    pub(super) fn is_too_many(&self, ip: IpAddr, now: Timestamp) -> bool {
        let minute = now.as_second() / 60;
        let mut seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if seen.0 != minute || seen.1.len() >= ADDRESSES_MAX {
            *seen = (minute, BTreeMap::new());
        }
        let count = seen.1.entry(ip).or_default();
        *count = count.saturating_add(1);
        *count > PER_MINUTE
    }
}

const PER_MINUTE: u32 = 60;
/// Then counting begins anew, so that memory stays bounded.
const ADDRESSES_MAX: usize = 10_000;

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
    }
}
