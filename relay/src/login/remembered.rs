//! Passwords that were verified lately, and the rows they were verified against; in memory.
//!
//! A tool that reconnects for every message pays two look-ups, not an argon2id hash. What is
//! remembered is a keyed hash of name and password, bound to the row's own hash: a new password,
//! a removed or disabled login counts as soon as the row is read again.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};

use super::store::Stored;
use crate::seal::MacKey;

/// Each entry takes some 150 bytes.
const ENTRIES_MAX: usize = 10_000;
/// How long a change by another process may stay unseen.
const ROW_FRESH: SignedDuration = SignedDuration::from_secs(5);

/// Of a name and a password; under a key, so that a dump of memory gives no fast guesses.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Claim([u8; 32]);

impl Claim {
    pub(super) fn of(key: &MacKey, name: &str, password: &str) -> Self {
        let length = name.len().to_be_bytes();
        Self(key.sign_parts(&[&length, name.as_bytes(), password.as_bytes()]))
    }
}

/// Bounded tables of what need not be asked again.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    /// Name to row, unknown names too: an unknown one must not cost more than a known one.
    rows: BTreeMap<String, (Option<Arc<Stored>>, Timestamp)>,
    /// To the mark of the credential it was verified against.
    claims: BTreeMap<Claim, ([u8; 32], Timestamp)>,
}

impl Remembered {
    /// The row as read within the last seconds; `None`: read it.
    pub(super) fn row(&self, now: Timestamp, name: &str) -> Option<Option<Arc<Stored>>> {
        self.rows.get(name).filter(|(_, until)| *until > now).map(|(row, _)| row.clone())
    }

    pub(super) fn note_row(&mut self, now: Timestamp, name: &str, row: Option<Arc<Stored>>) {
        bound(&mut self.rows, now, |(_, until)| *until);
        self.rows.insert(name.to_owned(), (row, now.saturating_add(ROW_FRESH).unwrap_or(now)));
    }

    /// It was changed just now.
    pub(super) fn forget_row(&mut self, name: &str) {
        self.rows.remove(name);
    }

    /// Whether this very password was verified against this very row, not too long ago.
    pub(super) fn verified(&self, now: Timestamp, claim: &Claim, mark: &[u8; 32]) -> bool {
        self.claims.get(claim).is_some_and(|(of, until)| *until > now && of == mark)
    }

    pub(super) fn note_verified(
        &mut self,
        now: Timestamp,
        claim: Claim,
        mark: [u8; 32],
        how_long: SignedDuration,
    ) {
        bound(&mut self.claims, now, |(_, until)| *until);
        self.claims.insert(claim, (mark, now.saturating_add(how_long).unwrap_or(now)));
    }
}

/// Makes room: first what is over goes; where that is not enough, the quarter that is over next.
fn bound<K: Ord, V>(table: &mut BTreeMap<K, V>, now: Timestamp, until: impl Fn(&V) -> Timestamp) {
    if table.len() < ENTRIES_MAX {
        return;
    }
    table.retain(|_, value| until(value) > now);
    if table.len() < ENTRIES_MAX {
        return;
    }
    let mut ends: Vec<Timestamp> = table.values().map(&until).collect();
    let (_, &mut cut, _) = ends.select_nth_unstable(ENTRIES_MAX / 4);
    table.retain(|_, value| until(value) > cut);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + seconds).unwrap()
    }

    #[test]
    fn a_claim_holds_for_its_time_its_password_and_its_row() {
        let key = MacKey::new(b"test");
        let claim = Claim::of(&key, "shop", "secret");
        let mut remembered = Remembered::default();
        remembered.note_verified(at(0), claim, [1; 32], SignedDuration::from_mins(5));
        assert!(remembered.verified(at(299), &claim, &[1; 32]));
        assert!(!remembered.verified(at(300), &claim, &[1; 32]));
        assert!(!remembered.verified(at(0), &claim, &[2; 32]), "the password was set again");
        for (name, password) in [("shop", "Secret"), ("shops", "ecret"), ("sho", "psecret")] {
            assert!(!remembered.verified(at(0), &Claim::of(&key, name, password), &[1; 32]));
        }
    }

    #[test]
    fn rows_are_read_again_after_seconds_unknown_ones_too() {
        let mut remembered = Remembered::default();
        assert_eq!(remembered.row(at(0), "x"), None);
        remembered.note_row(at(0), "x", None);
        assert_eq!(remembered.row(at(4), "x"), Some(None));
        assert_eq!(remembered.row(at(5), "x"), None);
    }

    #[test]
    fn the_tables_are_bounded() {
        let mut remembered = Remembered::default();
        for number in 0..2 * i64::try_from(ENTRIES_MAX).unwrap() {
            let now = Timestamp::from_millisecond(at(0).as_millisecond() + number / 8).unwrap();
            remembered.note_row(now, &number.to_string(), None);
            assert!(remembered.rows.len() <= ENTRIES_MAX);
        }
        assert!(remembered.rows.len() > ENTRIES_MAX / 2);
        assert_eq!(remembered.row(at(0), "0"), None, "the oldest are gone");
    }
}
