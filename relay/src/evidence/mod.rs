//! The proof for an authority: signed checkpoints over the hash chains, case files about one message
//! or one person, and their check, which needs neither database nor configuration. Checkpoints that
//! were deposited elsewhere show what was written anew.
//!
//! What it proves is that nothing was changed since it was signed. Who signed is known by the key's
//! fingerprint, deposited beforehand; that what was written down was true nobody can prove here.

mod archive;
mod audit;
mod case;
mod check;
mod checkpoint;
mod clerk;
pub(crate) mod decision;
mod deposit;
mod gather;
mod merkle;
mod page;
mod prove;
mod sent;
mod store;

pub use audit::{Audit, audit};
pub use check::{Report, check};
pub use checkpoint::Checkpoint;
pub use clerk::{Clerk, Ticked};
pub use deposit::{Deposit, Which, checkpoints};
pub use gather::{Ask, Stores, make};

use crate::seal::{PublicKey, Secret};

/// The key that signs checkpoints and case files.
pub fn public_key(secret: &Secret) -> PublicKey {
    secret.signing_key(LABEL).public()
}

const LABEL: &str = "evidence";
