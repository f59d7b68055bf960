//! The verdicts that stand in the journal, found again: by whom, about what, with which outcome.
//!
//! An index behind the journal, which holds all that is in it. Nothing here decides, and nothing
//! that decides asks here.

pub mod campaign;
mod count;
mod filter;
mod find;
mod index;
mod kind;
mod outcome;
mod search;
mod show;

pub use campaign::{Campaigns, Told};
pub use count::{Group, Hour};
pub use filter::{Filter, Scope};
pub use find::{Cursor, Decision, Page};
pub use index::{Indexed, Indexer};
pub use kind::{Fate, Kind, Kinds};
pub use outcome::{Outcome, outcomes};
pub use search::Search;
pub use show::show;
