//! The turns of counted messages that are prepared together: taken before one looks at what was
//! sent, so that nothing leaves in between.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    journal::reason::Cause,
    seal::AddressKey,
    spool::{Turn, Turns},
};

#[derive(Debug, Default)]
pub(super) struct Taken {
    asked: BTreeSet<AddressKey>,
    got: BTreeMap<AddressKey, Turn>,
    /// The database did not answer.
    silent: bool,
}

/// What an address's turn is.
pub(super) enum Given {
    Turn(Turn),
    /// It was not asked for: not everything to the address is counted.
    NotAsked,
    /// Not now, and why.
    Later(Cause),
}

impl Taken {
    pub(super) async fn of(turns: &Turns, keys: Vec<AddressKey>) -> Self {
        if keys.is_empty() {
            return Self::default();
        }
        let asked = keys.iter().copied().collect();
        match turns.take(keys).await {
            Ok(got) => Self { asked, got, silent: false },
            Err(fault) => {
                tracing::warn!(%fault, "no turn for counted messages");
                Self { asked, got: BTreeMap::new(), silent: true }
            }
        }
    }

    /// To the first message that is to leave for the address.
    pub(super) fn give(&mut self, key: AddressKey) -> Given {
        match self.got.remove(&key) {
            Some(turn) => Given::Turn(turn),
            None if !self.asked.contains(&key) => Given::NotAsked,
            None if self.silent => Given::Later(Cause::StorageUnavailable),
            None => Given::Later(Cause::TurnTaken),
        }
    }
}
