//! What was decided and done: append-only, hash-chained; nothing reads it to decide.

pub mod chain;
pub(crate) mod detail;
pub mod hex;
pub mod policies;
pub mod reason;
pub(crate) mod store;
mod taken;
mod verify;
pub mod written;

use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    db::{Db, Error},
    seal::AddressKey,
};

pub use detail::Detail;
pub use store::Filter;
pub use taken::Taken;
pub use verify::{Broken, Verified, Why, verify};
pub(crate) use verify::{Step, Walk, heads, walk};

/// One line to append. It holds no address and no content: the recipient is the contact's key.
#[derive(Clone, Debug)]
pub struct Event {
    pub id: Uuid,
    pub at: Timestamp,
    pub kind: Kind,
    pub message: Option<Uuid>,
    pub delivery: Option<Uuid>,
    pub recipient: Option<AddressKey>,
    /// The rest, as JSON: facts, outcomes, policy version, the peer's reply, digests, who and why.
    pub detail: Detail,
}

/// What happened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A verdict was taken at intake: sent on, edited, held or refused.
    Decided,
    Delivered,
    Deferred,
    Bounced,
    /// The recipient told its mailbox provider that it is spam.
    Complained,
    /// Dropped without bounce: a refusal that arrived meanwhile, or `refusals = "suppress"`.
    Suppressed,
    Held,
    Released,
    Rejected,
    Expired,
    /// A DSN, or a letter of the relay's own to a person, was queued.
    Reported,
    PolicyLoaded,
    Operator,
    PurposeAdded,
    PurposeTopics,
    PurposeClosed,
    ImportBegun,
    /// Entries of a suppression list were taken in.
    EntriesListed,
    /// Somebody looked over the contacts and signed for it.
    Reviewed,
}

/// A line as it stands in the journal.
#[derive(Clone, Debug)]
pub struct Line {
    pub chain: i64,
    pub seq: i64,
    pub event: Event,
    pub hash: [u8; 32],
}

/// Newest first; the next page begins `before` the last line's id.
pub async fn list(db: &Db, filter: &Filter, limit: usize) -> Result<Vec<Line>, Error> {
    store::list(&mut db.read().await?, filter, limit).await
}

pub async fn show(db: &Db, id: Uuid) -> Result<Option<Line>, Error> {
    store::show(&mut db.read().await?, id).await
}

/// A verdict with which the message came in.
pub async fn first_verdict(db: &Db, message: Uuid) -> Result<Option<Line>, Error> {
    store::decided(&mut db.read().await?, message).await
}

/// The name of a chain of the journal; empty where there is none.
pub async fn chain_name(db: &Db, chain: i64) -> Result<String, Error> {
    let heads = heads(&mut db.read().await?, chain::Table::Journal).await?;
    let found = heads.into_iter().find(|(_, head)| head.chain == chain);
    Ok(found.map(|(name, _)| name).unwrap_or_default())
}

impl Kind {
    pub const ALL: [Self; 19] = [
        Self::Decided,
        Self::Delivered,
        Self::Deferred,
        Self::Bounced,
        Self::Complained,
        Self::Suppressed,
        Self::Held,
        Self::Released,
        Self::Rejected,
        Self::Expired,
        Self::Reported,
        Self::PolicyLoaded,
        Self::Operator,
        Self::PurposeAdded,
        Self::PurposeTopics,
        Self::PurposeClosed,
        Self::ImportBegun,
        Self::EntriesListed,
        Self::Reviewed,
    ];

    /// The journal's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Decided => "decided",
            Self::Delivered => "delivered",
            Self::Deferred => "deferred",
            Self::Bounced => "bounced",
            Self::Complained => "complained",
            Self::Suppressed => "suppressed",
            Self::Held => "held",
            Self::Released => "released",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Reported => "reported",
            Self::PolicyLoaded => "policy-loaded",
            Self::Operator => "operator",
            Self::PurposeAdded => "purpose-added",
            Self::PurposeTopics => "purpose-topics",
            Self::PurposeClosed => "purpose-closed",
            Self::ImportBegun => "import-begun",
            Self::EntriesListed => "entries-listed",
            Self::Reviewed => "reviewed",
        }
    }

    /// Of its word for people.
    pub fn text_id(self) -> &'static str {
        match self {
            Self::Decided => "fate-decided",
            Self::Delivered => "fate-delivered",
            Self::Deferred => "fate-deferred",
            Self::Bounced => "fate-bounced",
            Self::Complained => "fate-complained",
            Self::Suppressed => "fate-suppressed",
            Self::Held => "fate-held",
            Self::Released => "fate-released",
            Self::Rejected => "fate-rejected",
            Self::Expired => "fate-expired",
            Self::Reported => "fate-reported",
            Self::PolicyLoaded => "fate-policy-loaded",
            Self::Operator => "fate-operator",
            Self::PurposeAdded => "fate-purpose-added",
            Self::PurposeTopics => "fate-purpose-topics",
            Self::PurposeClosed => "fate-purpose-closed",
            Self::ImportBegun => "fate-import-begun",
            Self::EntriesListed => "fate-entries-listed",
            Self::Reviewed => "fate-reviewed",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}
