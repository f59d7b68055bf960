//! Messages on their way, and their state: the only mutable truth.
//!
//! Keep, claim, settle, rescue. What is kept is on disk when the call returns; messages that
//! arrive together share one commit.

mod handover;

use bytes::Bytes;
use jiff::Timestamp;
use policy::{Action, Class, Edit};
use uuid::Uuid;

use crate::{
    db::Unavailable,
    journal::Event,
    seal::AddressKey,
    smtp::envelope::{MailParams, Path, Recipient},
};

pub use handover::{Handover, Job, Room, Slot, handover};

/// A message as it came, once, with all that its deliveries share.
#[derive(Clone, Debug)]
pub struct Message {
    pub id: Uuid,
    pub received_at: Timestamp,
    /// The login's name.
    pub login: String,
    pub from: Option<Path>,
    pub params: MailParams,
    /// As received, below the trace header that the relay puts on top when it sends.
    pub bytes: Bytes,
    /// The `Received:` field to put on top, with its line end.
    pub trace: String,
    /// Id of the stream; empty for the relay's own DSNs, on which nothing is decided.
    pub stream: String,
    pub declared: Option<Class>,
    pub class: Class,
    pub policy_version: String,
    /// Count of recipients in the envelope as it came.
    pub recipients: usize,
}

/// One message to one recipient.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub id: Uuid,
    pub message: Uuid,
    pub recipient: Recipient,
    pub key: AddressKey,
    pub state: State,
    /// The action of the verdict in force and the edits it asks for.
    pub action: Action,
    pub edits: Vec<Edit>,
    /// The first rule that asked for a hold, for lists.
    pub rule: Option<String>,
    pub waiver: Option<policy::Waiver>,
    pub attempts: u32,
    pub due_at: Timestamp,
    pub expires_at: Timestamp,
    /// The last reply or fault, in the journal's words.
    pub last: Option<String>,
}

/// Where a delivery stands. Final ones leave the spool; the journal keeps them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    Ready,
    /// A worker has it until its lease ends.
    Claimed,
    Held,
}

/// What comes of an attempt or of a person's decision.
#[derive(Clone, Debug)]
pub enum Settle {
    /// It left the spool: delivered, bounced, suppressed, rejected, expired. The event says which.
    Done,
    /// Not before `due_at`; `last` is the reply or fault.
    Later { due_at: Timestamp, last: String },
    /// Fresh facts ask for a person.
    Hold { rule: String },
    /// Back to ready: a person released it, with a waiver where rules were in the way.
    Ready { waiver: Option<policy::Waiver>, edits: Vec<Edit>, due_at: Timestamp },
}

/// One change of one delivery, with its journal lines and what it brings forth (a DSN), in one
/// transaction. Applies only where the delivery is still the caller's (`Claimed` by this node, or
/// `Held` for a person's decision).
#[derive(Clone, Debug)]
pub struct Settlement {
    pub delivery: Uuid,
    pub settle: Settle,
    pub events: Vec<Event>,
    pub brings: Option<(Message, Vec<Delivery>)>,
}

/// Handle to the spool; cheap to clone.
#[derive(Clone, Debug)]
pub struct Spool {}

impl Spool {
    /// Durable when it returns. Deliveries given as `Claimed` are already this node's (the worker
    /// gets them from memory); `Ready` ones wait to be claimed.
    pub async fn keep(
        &self,
        _message: Message,
        _deliveries: Vec<Delivery>,
        _events: Vec<Event>,
    ) -> Result<(), Unavailable> {
        Err(Unavailable(String::new()))
    }

    /// Journal lines without a message (a refused transaction), durable when it returns.
    pub async fn note(&self, _events: Vec<Event>) -> Result<(), Unavailable> {
        Err(Unavailable(String::new()))
    }

    /// Takes up to `limit` due deliveries for this node until `now` + lease, oldest first, with
    /// their messages; deliveries of one message come together.
    pub async fn claim(
        &self,
        _now: Timestamp,
        _limit: usize,
    ) -> Result<Vec<(std::sync::Arc<Message>, Vec<Delivery>)>, Unavailable> {
        Err(Unavailable(String::new()))
    }

    /// Group-committed. `Ok(false)` where the delivery was no longer the caller's.
    pub async fn settle(&self, _settlement: Settlement) -> Result<bool, Unavailable> {
        Err(Unavailable(String::new()))
    }

    /// Makes ready what is claimed past its lease (a node died). Returns how many.
    pub async fn rescue(&self, _now: Timestamp) -> Result<u64, Unavailable> {
        Err(Unavailable(String::new()))
    }
}
