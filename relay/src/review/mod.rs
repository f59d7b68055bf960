//! What people do about deliveries that are held: see why, release, reject, propose and agree, one by
//! one or many at once.
//!
//! The console and the command line call the same functions. A person's word is decided again when it
//! is spoken, and by delivery once more before the bytes leave: it never overrides a newer refusal.
//! The list itself is the spool's, which keeps it in the transaction that holds or lets go.

mod bulk;
mod code;
mod desk;
mod expire;
mod find;
mod run;
mod settle;
mod trial;

use std::sync::Arc;

use arc_swap::ArcSwap;
use policy::Explanation;

use crate::{
    config::Business,
    consent::Lookup,
    db::{Db, Error, Unavailable},
    delivery::Reporter,
    mistake::Mistakes,
    seal::Secret,
    sign::Signer,
    spool::Spool,
};

pub use bulk::{Bulk, ITEMS_MAX, Item, Made, Progress, Stage, What};
pub use code::Code;
pub use desk::Comment;
pub use find::{Count, Filter, Group, Held, Lock, Proposal, Scope, State};
pub use settle::{Done, Word};
pub use trial::{Trial, Waived, Way};

/// All that is needed to decide on what is held; cheap to clone.
#[derive(Clone)]
pub struct Review {
    pub db: Db,
    pub secret: Secret,
    pub spool: Spool,
    pub lookup: Lookup,
    pub business: Arc<ArcSwap<Business>>,
    pub signer: Arc<Signer>,
    /// The base of the unsubscribe pages is configured.
    pub links: bool,
    pub reporter: Reporter,
    pub mistakes: Mistakes,
}

/// Why a person's word changed nothing.
#[derive(Clone, Debug)]
pub enum Refused {
    /// Try again later.
    Away(Unavailable),
    /// The spool has no such delivery: what left it is in the journal.
    Gone,
    /// It is on its way.
    NotHeld,
    /// Somebody else looks at it: `staff/<account>`.
    Locked(String),
    /// What stands in the way is not a person's to waive.
    Stands(Box<Explanation>),
    /// The policy wants a second person's word.
    NeedsTwo,
    /// There is no proposal, or its time is over.
    NoProposal,
    /// Whoever proposed it cannot agree to it.
    Own,
    /// Its stream is not in policy.toml any more.
    NoStream(String),
    /// The recipient's address cannot be read.
    NoAddress,
}

impl From<Unavailable> for Refused {
    fn from(away: Unavailable) -> Self {
        Self::Away(away)
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Away(error.into())
    }
}

impl std::fmt::Debug for Review {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Review")
    }
}
