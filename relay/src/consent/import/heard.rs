//! What a dry run has heard of a list of digests: nothing of it is written down, and yet it counts.

use std::collections::BTreeSet;

/// Entries by the first bytes of their keyed hashes: too many to be taken for one another.
#[derive(Debug, Default)]
pub(super) struct Heard(BTreeSet<u64>);

impl Heard {
    /// Whether it was not heard before.
    pub(super) fn add(&mut self, name: &[u8; 32]) -> bool {
        self.0.insert(short(name))
    }

    pub(super) fn has(&self, name: &[u8; 32]) -> bool {
        self.0.contains(&short(name))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether to look for who is meant, and forget it, before more is heard.
    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= MOST
    }
}

fn short(name: &[u8; 32]) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *name;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// Some megabytes, whatever the list's length; for each so many, all contacts are looked at once.
const MOST: usize = 500_000;
