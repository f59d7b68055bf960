//! A checkpoint: the lines of one chain up to here, put under one signature.
//!
//! What is signed is a text of a few lines, so that anybody can check it with any tool.

use serde::{Deserialize, Serialize};

use super::merkle::{self, Hash};
use crate::{
    journal::hex::{Bytes, Digest},
    seal::{self, PublicKey, SigningKey},
};

#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    pub chain: String,
    /// First and last line that it covers.
    pub from: i64,
    pub upto: i64,
    /// Hash of the last line.
    pub head: Digest,
    /// Root of the Merkle tree whose leaves are the hashes of the lines.
    pub root: Digest,
    /// Hash of the chain's checkpoint before, all zero before the first.
    pub previous: Digest,
    /// Unix milliseconds.
    pub at: i64,
    /// Fingerprint of the key that signed.
    pub key: String,
    pub signature: Bytes,
}

impl Checkpoint {
    /// With its key and signature.
    pub(super) fn signed(mut self, key: &SigningKey) -> Self {
        self.key = key.public().fingerprint();
        self.signature = Bytes(key.sign(self.text().as_bytes()).to_vec());
        self
    }

    pub(super) fn is_signed_by(&self, key: &PublicKey) -> bool {
        self.key == key.fingerprint() && key.verify(self.text().as_bytes(), &self.signature.0)
    }

    /// How the next one and the lines of a case file name it.
    pub fn hash(&self) -> Hash {
        let mut digest = seal::Digest::new();
        digest.update(self.text().as_bytes());
        digest.update(&self.signature.0);
        digest.finish()
    }

    /// Whether the line with this number and hash is one of those covered.
    pub(super) fn covers(&self, seq: i64, hash: &Hash, path: &[Hash]) -> bool {
        let place = |seq: i64| u64::try_from(seq.checked_sub(self.from)?).ok();
        let (Some(index), Some(last)) = (place(seq), place(self.upto)) else { return false };
        let size = last.saturating_add(1);
        merkle::root_of(hash, index, size, path) == Some(self.root.0)
    }

    /// What is signed.
    fn text(&self) -> String {
        let Self { chain, from, upto, head, root, previous, at, key, signature: _ } = self;
        // As JSON, so that no name of a chain can look like the lines after it.
        let chain = serde_json::Value::from(chain.as_str());
        format!(
            "souhlas checkpoint 1\nchain {chain}\nlines {from} {upto}\nhead {head}\nroot {root}\n\
             previous {previous}\nat {at}\nkey {key}\n"
        )
    }
}

/// Before the first one.
pub(super) const NONE_BEFORE: Hash = [0; 32];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::Secret;

    fn one(key: &SigningKey) -> Checkpoint {
        Checkpoint {
            chain: "relay/a".into(),
            from: 1,
            upto: 1,
            head: Digest([7; 32]),
            root: Digest({
                let mut tree = merkle::Tree::default();
                tree.push(&[7; 32]);
                tree.root()
            }),
            previous: Digest(NONE_BEFORE),
            at: 1_800_000_000_000,
            key: String::new(),
            signature: Bytes(Vec::new()),
        }
        .signed(key)
    }

    #[test]
    fn a_signature_covers_every_field() {
        let key = Secret::from_bytes([1; 32]).signing_key("checkpoint");
        let whole = one(&key);
        assert!(whole.is_signed_by(&key.public()));
        assert!(whole.covers(1, &[7; 32], &[]));
        assert!(!whole.covers(2, &[7; 32], &[]) && !whole.covers(1, &[8; 32], &[]));
        let other = Secret::from_bytes([2; 32]).signing_key("checkpoint").public();
        assert!(!whole.is_signed_by(&other));
        let change: [fn(&mut Checkpoint); 9] = [
            |one| one.chain.push('x'),
            |one| one.from = 0,
            |one| one.upto = 2,
            |one| one.head.0[0] ^= 1,
            |one| one.root.0[31] ^= 1,
            |one| one.previous.0[0] ^= 1,
            |one| one.at += 1,
            |one| one.key.push('0'),
            |one| one.signature.0[63] ^= 1,
        ];
        for (at, change) in change.iter().enumerate() {
            let mut changed = whole.clone();
            change(&mut changed);
            assert!(!changed.is_signed_by(&key.public()), "{at}");
            assert_ne!(changed.hash(), whole.hash());
        }
    }
}
