//! What was decided and done: append-only, hash-chained; nothing reads it to decide.

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::seal::AddressKey;

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
    pub detail: Value,
}

/// What happened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A verdict was taken at intake: sent on, edited, held or refused.
    Decided,
    /// The verdict was taken again before an attempt and had changed.
    DecidedAgain,
    Delivered,
    Deferred,
    Bounced,
    /// Dropped without bounce: a refusal that arrived meanwhile, or `refusals = "suppress"`.
    Suppressed,
    Held,
    Released,
    Rejected,
    Expired,
    /// A DSN was queued.
    Reported,
    PolicyLoaded,
    Operator,
}
