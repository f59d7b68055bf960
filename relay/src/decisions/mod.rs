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

pub use campaign::{Campaign, Campaigns, Told};
pub use count::{Group, Hour};
pub use filter::{Filter, Scope};
pub use find::{Cursor, Decision, Page};
pub use index::{Indexed, Indexer};
pub use kind::{Fate, Kind, Kinds};
pub use outcome::{Outcome, outcomes};
pub use search::Search;
pub use show::show;

use crate::{
    db::{Db, Error},
    journal::Line,
    seal::Secret,
};

/// What a line of the journal says of its verdict, with the campaign; `None` where it holds none.
pub(crate) fn verdict(line: &Line) -> Option<(Kind, i64)> {
    Kind::of(line.event.kind, &line.event.detail.value())
}

/// Campaigns by their ids.
pub async fn campaigns(
    db: &Db,
    secret: &Secret,
    ids: impl IntoIterator<Item = i64>,
) -> Result<Vec<Campaign>, Error> {
    campaign::named(&mut db.read().await?, secret, ids).await
}

/// The newest campaigns that say all the words, by their ids.
pub async fn saying(db: &Db, secret: &Secret, words: &str) -> Result<Vec<i64>, Error> {
    campaign::saying(&mut db.read().await?, secret, words, search::CAMPAIGNS_MAX).await
}
