//! DKIM (RFC 6376, RFC 8463): the controllers' keys, signatures over what leaves, and which of a
//! tool's own signatures an edit breaks. ARC (RFC 8617): the relay's own link of a message's chain.
//!
//! Canonicalization is written here and not taken from a library: the one at hand hashes a body that
//! ends in lines of spaces wrongly, reads the clock itself, and cannot compare two messages the way a
//! verifier would. dkimpy, OpenDKIM and mailauth verify what this makes. Nothing is looked up in the DNS
//! here: what it says is handed in.

mod arc;
mod canon;
mod existing;
mod field;
mod keys;
mod pair;
mod published;
pub mod rotation;
mod tags;

use std::path::{Path, PathBuf};

use arc_swap::ArcSwap;
use jiff::Timestamp;

pub use self::{
    arc::{Chain, chain, chain_keys},
    existing::{Existing, broken_by, existing},
    keys::{DnsRecord, KeyInfo, Keys, State, create, domain_of_keys, list},
    pair::Algorithm,
    published::Published,
    tags::Tags,
};

/// Signs for every domain that has a key; keys are exchanged while messages flow.
#[derive(Debug)]
pub struct Signer {
    folder: PathBuf,
    keys: ArcSwap<Keys>,
}

/// Who seals.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sealer {
    /// Whose key.
    pub domain: String,
    /// Who says what the chain was worth (RFC 8601 §2.5): the relay's own name.
    pub authserv_id: String,
}

/// Why there is no signature although there is a key. The caller must not send the message unsigned:
/// try again, and tell the operator.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CannotSign {
    /// The message has no From field to sign (RFC 6376 §5.4).
    From,
    /// The key did not work.
    Key,
}

impl Signer {
    /// Reads the keys in a folder; a folder that is not there holds none. Any file that is not a
    /// usable key is an error that names it.
    pub fn load(folder: &Path) -> anyhow::Result<Self> {
        let keys = ArcSwap::from_pointee(Keys::load(folder)?);
        Ok(Self { folder: folder.to_owned(), keys })
    }

    /// Reads them again; after an error the old ones stay.
    pub fn reload(&self) -> anyhow::Result<()> {
        self.keys.store(Keys::load(&self.folder)?.into());
        Ok(())
    }

    /// Whether messages from that domain, or from one it is part of, are signed.
    pub fn has(&self, domain: &str) -> bool {
        !self.keys.load().of(domain).is_empty()
    }

    /// The DKIM-Signature fields to put on top of a message whose last edit is done: one for each
    /// algorithm, the stronger first; empty where the domain has no key.
    pub fn sign(
        &self,
        message: &[u8],
        domain: &str,
        now: Timestamp,
    ) -> Result<Vec<u8>, CannotSign> {
        let keys = self.keys.load();
        let keys = keys.of(domain);
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let split = canon::split(message);
        let body = crate::seal::digest(&canon::body_relaxed(split.body));
        let signed = field::signed(&split.fields).ok_or(CannotSign::From)?;
        let mut out = Vec::with_capacity(1024);
        for key in keys {
            let field = field::sign(key, DKIM, &signed, &body, now).ok_or(CannotSign::Key)?;
            out.extend_from_slice(&field);
        }
        Ok(out)
    }

    /// The three fields of an ARC set (RFC 8617 §4.1) to put on top of a message that begins with
    /// its `signatures`; empty where the chain takes no more, and where `who` has no key.
    pub fn seal(
        &self,
        who: &Sealer,
        chain: Chain,
        signatures: &[u8],
        message: &[u8],
        now: Timestamp,
    ) -> Result<Vec<u8>, CannotSign> {
        let keys = self.keys.load();
        // A set has one signature: RSA's, which all verify, where there is that key.
        let keys = keys.of(&who.domain);
        let Some((key, instance)) = keys.first().zip(chain.next()) else { return Ok(Vec::new()) };
        let mut split = canon::split(signatures);
        let below = canon::split(message);
        split.fields.extend(below.fields);
        split.body = below.body;
        arc::seal(key, &who.authserv_id, (chain, instance), &split, now).ok_or(CannotSign::Key)
    }
}

/// What a signature of DKIM begins with.
const DKIM: (&str, &str) = ("DKIM-Signature", "v=1");
