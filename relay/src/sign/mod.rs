//! DKIM (RFC 6376, RFC 8463): the controllers' keys, signatures over what leaves, and which of a
//! tool's own signatures an edit breaks.
//!
//! Canonicalization is written here and not taken from a library: the one at hand hashes a body that
//! ends in lines of spaces wrongly, reads the clock itself, and cannot compare two messages the way a
//! verifier would. dkimpy verifies what this makes. Nothing is looked up in the DNS.

mod canon;
mod existing;
mod field;
mod keys;

use std::path::{Path, PathBuf};

use arc_swap::ArcSwap;
use jiff::Timestamp;

pub use self::{
    existing::{Existing, broken_by, existing},
    keys::{Algorithm, DnsRecord, KeyInfo, Keys, create, list},
};

/// Signs for every domain that has a key; keys are exchanged while messages flow.
#[derive(Debug)]
pub struct Signer {
    folder: PathBuf,
    keys: ArcSwap<Keys>,
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
            let field = field::sign(key, &signed, &body, now).ok_or(CannotSign::Key)?;
            out.extend_from_slice(&field);
        }
        Ok(out)
    }
}
