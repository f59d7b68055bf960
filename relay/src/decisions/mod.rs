//! The verdicts that stand in the journal, found again: by whom, about what, with which outcome.
//!
//! An index behind the journal, made anew at any time from it. Nothing here decides, and nothing
//! that decides asks here.

pub mod campaign;
mod count;
mod find;
mod index;
mod kind;
mod show;

pub use campaign::{Campaigns, Told};
pub use count::{Group, Hour, groups, hours};
pub use find::{Cursor, Decision, Filter, Page, Scope, find};
pub use index::{Indexed, Indexer};
pub use kind::{Fate, Kind, Kinds};
pub use show::show;

use crate::db::{Db, Error};

/// All kinds of verdicts there are: what filters can choose from.
pub async fn kinds(db: &Db) -> Result<Kinds, Error> {
    Kinds::read(&mut db.read().await?).await
}
