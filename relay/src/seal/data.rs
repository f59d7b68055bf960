//! The data keys: under them lies what the database holds about people.
//!
//! A sealed value is `key id | nonce | ciphertext | tag`, sealed about the column and the row that it
//! stands in: in another place it does not open. All keys open; which one seals is the database's to
//! say, so that no relay seals with a key that another one does not have yet.

use std::sync::Arc;

use jiff::Timestamp;

use super::aead::{self, SharedKey};

/// What a sealed value is longer than the plain one.
pub const OVERHEAD: usize = 1 + aead::OVERHEAD;

/// A data key as people see it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DataKey {
    pub id: u8,
    /// When it was made; `None` for key 0, which is derived from the master secret.
    pub since: Option<Timestamp>,
}

/// Why a sealed value does not open.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Unopened {
    /// The key file has no key of this id: it heals when the file is put back.
    NoKey(u8),
    /// Its bytes were changed, or it stood in another row or column.
    Changed(u8),
    /// Too short for anything sealed.
    Short,
}

impl std::fmt::Display for Unopened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoKey(id) => write!(
                f,
                "sealed with data key {id}, which the key file does not have: put back the key file \
                 that has it"
            ),
            Self::Changed(id) => write!(
                f,
                "sealed with data key {id} and does not open: its bytes were changed or moved"
            ),
            Self::Short => f.write_str("is no sealed value: its bytes were changed"),
        }
    }
}

impl std::error::Error for Unopened {}

pub(super) struct DataKeys {
    /// By id, ascending.
    keys: Vec<(DataKey, Arc<SharedKey>)>,
    /// The one of them that seals.
    sealing: (u8, Arc<SharedKey>),
}

impl DataKeys {
    /// Key 0 and those of the file, of which `id` seals; `None` where there is no such key.
    pub(super) fn new(zero: &[u8; 32], file: &[(DataKey, [u8; 32])], id: u8) -> Option<Self> {
        let mut keys = vec![(DataKey { id: 0, since: None }, Arc::new(SharedKey::new(zero)))];
        keys.extend(file.iter().map(|(named, key)| (named.clone(), Arc::new(SharedKey::new(key)))));
        let zero = keys.first()?.1.clone();
        Self { keys, sealing: (0, zero) }.sealing_with(id)
    }

    /// The same keys, of which `id` seals; `None` where there is no such key.
    pub(super) fn sealing_with(&self, id: u8) -> Option<Self> {
        let sealing = self.keys.iter().find(|(named, _)| named.id == id)?.1.clone();
        Some(Self { keys: self.keys.clone(), sealing: (id, sealing) })
    }

    pub(super) fn list(&self) -> impl Iterator<Item = &DataKey> {
        self.keys.iter().map(|(named, _)| named)
    }

    /// Id of the key that seals.
    pub(super) fn sealing(&self) -> u8 {
        self.sealing.0
    }

    pub(super) fn seal(&self, about: &[u8], plain: &[u8]) -> Vec<u8> {
        let (id, key) = &self.sealing;
        let mut sealed = Vec::with_capacity(plain.len() + OVERHEAD);
        sealed.push(*id);
        key.seal(about, plain, &mut sealed);
        sealed
    }

    pub(super) fn open(&self, about: &[u8], sealed: Vec<u8>) -> Result<Vec<u8>, Unopened> {
        let &id = sealed.first().filter(|_| sealed.len() >= OVERHEAD).ok_or(Unopened::Short)?;
        let known = self.keys.iter().find(|(named, _)| named.id == id);
        let (_, key) = known.ok_or(Unopened::NoKey(id))?;
        key.open(about, sealed, 1).ok_or(Unopened::Changed(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(ids: &[u8], seals: u8) -> DataKeys {
        let file: Vec<_> = ids.iter().map(|&id| (DataKey { id, since: None }, [id; 32])).collect();
        DataKeys::new(&[0; 32], &file, seals).unwrap()
    }

    #[test]
    fn a_value_opens_in_its_own_place_alone() {
        let keys = keys(&[], 0);
        for plain in [&b""[..], b"jana@posta.example", &[9; 3000]] {
            let sealed = keys.seal(b"contact.address 1", plain);
            assert_eq!(sealed.len(), plain.len() + OVERHEAD);
            assert_eq!(keys.open(b"contact.address 1", sealed.clone()).as_deref(), Ok(plain));
            for other in [&b"contact.address 2"[..], b"delivery.recipient 1", b""] {
                assert_eq!(keys.open(other, sealed.clone()), Err(Unopened::Changed(0)));
            }
            assert_ne!(keys.seal(b"contact.address 1", plain), sealed);
        }
    }

    #[test]
    fn every_changed_bit_is_seen_and_nothing_panics() {
        let keys = keys(&[1], 0);
        let sealed = keys.seal(b"row", b"plain");
        for at in 0..sealed.len() {
            for bit in 0..8 {
                let mut changed = sealed.clone();
                changed[at] ^= 1 << bit;
                assert!(keys.open(b"row", changed).is_err(), "byte {at} bit {bit}");
            }
            assert!(keys.open(b"row", sealed[..at].to_vec()).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn the_named_key_seals_and_all_open() {
        let (old, both) = (keys(&[], 0), keys(&[3], 3));
        let before = old.seal(b"row", b"old");
        let after = both.seal(b"row", b"new");
        assert_eq!((before[0], after[0]), (0, 3));
        assert_eq!(both.open(b"row", before).as_deref(), Ok(&b"old"[..]));
        assert_eq!(both.open(b"row", after.clone()).as_deref(), Ok(&b"new"[..]));
        let missing = old.open(b"row", after).unwrap_err();
        assert_eq!(missing, Unopened::NoKey(3));
        assert!(missing.to_string().contains("data key 3"), "{missing}");
        assert!(DataKeys::new(&[0; 32], &[], 3).is_none(), "never with another one");
    }
}
