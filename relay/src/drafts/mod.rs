//! Policies that staff write before they come into force: drafted, proposed, agreed to by somebody
//! else, activated.
//!
//! What is in force is the policy.toml of each machine, and never a row of the database: a draft that
//! is activated is written into that file (`place`) by relays that may, and read as any other change
//! of it. Whether a text is sound, what is in force and who may do what, the callers know.

mod draft;
mod place;
mod store;
mod taken;

pub use draft::{Draft, Proposal, State};
pub use place::{BEFORE, Fault, place};
pub use store::Drafts;
pub use taken::{Came, Taken};

use crate::db::{Error, Unavailable};

/// What somebody writes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Written {
    /// The version that it replaces: the one that its writer saw in force.
    pub base: String,
    /// All of policy.toml.
    pub text: String,
    /// Empty while anything in it is wrong.
    pub version: String,
}

/// Why nothing changed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Refused {
    /// Try again later.
    Away(Unavailable),
    /// There is no such draft.
    Gone,
    /// Somebody else was faster: it has another text or another state by now.
    Changed,
    /// Something in its text is wrong.
    Unsound,
    /// What is in force is not what it was based on.
    Outdated,
    /// Whoever proposed or last edited it cannot answer.
    Own,
    /// Nobody answered in time: it has to be proposed again.
    Late,
    /// There are [`LIVE_MAX`] already that wait for somebody.
    Full,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Away(error.into())
    }
}

impl From<Unavailable> for Refused {
    fn from(away: Unavailable) -> Self {
        Self::Away(away)
    }
}

/// Letters of why it is wanted, and of what is said to it.
pub const WHY_MAX: usize = 1_000;
/// More than that nobody looks through.
pub const LIVE_MAX: i64 = 50;
/// Of a text: a form with one may have so many, too.
pub const BYTES_MAX: usize = 512 << 10;
