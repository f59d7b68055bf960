//! Several smarthosts for one route: which are tried, and in which order. A dead one is passed over for
//! a while.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use super::{settings::Smarthost, source::mixed};

/// Those that were dead lately; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Down(Arc<Mutex<BTreeMap<(String, u16), Timestamp>>>);

/// How long one that was dead is passed over, as long as there are others.
const PASSED_OVER: SignedDuration = SignedDuration::from_secs(60);

impl Down {
    pub(super) fn note(&self, now: Timestamp, host: &Smarthost) {
        let until = now.checked_add(PASSED_OVER).unwrap_or(now);
        // INVARIANT: no code that can panic runs under the lock. As many as relay.toml names.
        let mut down = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        down.insert((host.host.clone(), host.port), until);
    }

    /// In the order to try them.
    pub(super) fn sorted(&self, now: Timestamp, hosts: &[Smarthost], seed: u64) -> Vec<Smarthost> {
        let down = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_down = |host: &Smarthost| {
            down.get(&(host.host.clone(), host.port)).is_some_and(|until| now < *until)
        };
        sorted(hosts, seed, is_down)
    }
}

/// Dead ones last; the others by their order, and of one order by chance, as their weights say.
fn sorted(hosts: &[Smarthost], seed: u64, is_down: impl Fn(&Smarthost) -> bool) -> Vec<Smarthost> {
    let mut all: Vec<(bool, u32, f64, &Smarthost)> = Vec::with_capacity(hosts.len());
    for (host, salt) in hosts.iter().zip(0_u64..) {
        // An exponential variate of the weight's rate: the smallest is each host's in its share.
        let chance = (mixed(mixed(seed) ^ salt) >> 11) as f64 / (1_u64 << 53) as f64;
        let late = -(1.0 - chance).ln() / f64::from(host.weight);
        all.push((is_down(host), host.order, late, host));
    }
    all.sort_by(|one, other| {
        (one.0, one.1).cmp(&(other.0, other.1)).then(one.2.total_cmp(&other.2))
    });
    all.into_iter().map(|(.., host)| host.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::settings::Tls;

    fn host(name: &str, order: u32, weight: u32) -> Smarthost {
        Smarthost { host: name.into(), port: 25, tls: Tls::Off, credentials: None, order, weight }
    }

    #[test]
    fn the_first_ones_share_as_their_weights_say_and_the_next_wait_for_their_death() {
        let hosts = [host("a", 1, 3), host("b", 1, 1), host("spare", 2, 1)];
        let first = |down: &[&str]| {
            let mut found = BTreeMap::new();
            for seed in 0..4_000 {
                let is_down = |host: &Smarthost| down.contains(&host.host.as_str());
                let one = sorted(&hosts, seed, is_down).remove(0);
                *found.entry(one.host).or_insert(0) += 1;
            }
            found
        };
        let shares = first(&[]);
        assert!((2_800..3_200).contains(&shares["a"]), "{shares:?}");
        assert_eq!(shares["a"] + shares["b"], 4_000);
        assert_eq!(first(&["a"])["b"], 4_000);
        assert_eq!(first(&["a", "b"])["spare"], 4_000);
        assert_eq!(first(&["a", "b", "spare"]).len(), 2, "where all are dead they are tried again");
    }

    #[test]
    fn the_dead_are_tried_again_after_a_while() {
        let hosts = [host("a", 1, 1), host("b", 2, 1)];
        let (now, down) = (Timestamp::from_second(1_800_000_000).unwrap(), Down::default());
        down.note(now, &hosts[0]);
        assert_eq!(down.sorted(now, &hosts, 1)[0].host, "b");
        assert_eq!(down.sorted(now + PASSED_OVER, &hosts, 1)[0].host, "a");
    }
}
