//! Mail to the relay's own return addresses, and to nothing else: reports of delivery, complaints,
//! unsubscribe mails, replies. What each means, or that a person has to read it, is on record before its
//! 250; everything else is 550.
//!
//! Nothing here sends: no report is ever answered (RFC 3834 §2, no backscatter).

mod came;
mod fields;
mod meaning;
mod reply;
mod take;

use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use jiff::Timestamp;

use crate::{
    config::{Business, Replies},
    consent::Consent,
    db::Db,
    returns::{Mark, Returns, Senders},
    seal::Secret,
    smtp::{
        envelope::{Envelope, Recipient},
        reply::Reply,
    },
    spool::Spool,
    wish::Wishes,
};

/// Takes in what comes back; cheap to clone.
#[derive(Clone)]
pub struct Inbound(Arc<Parts>);

/// What it works with.
pub struct Parts {
    pub returns: Returns,
    pub senders: Senders,
    pub business: Arc<ArcSwap<Business>>,
    pub replies: Arc<Replies>,
    pub db: Db,
    pub secret: Secret,
    pub consent: Consent,
    pub spool: Spool,
    pub wishes: Wishes,
}

impl Inbound {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// RCPT TO: whether it is an address that the relay made.
    pub fn recipient(&self, recipient: &Recipient) -> Reply {
        match self.0.returns.read(&recipient.path) {
            Some(_) => reply::recipient_ok(),
            None => reply::no_such_address(),
        }
    }

    /// The end of the message. Durable when the reply is positive.
    pub async fn message(&self, now: Timestamp, envelope: &Envelope, bytes: Bytes) -> Reply {
        let marks: Vec<Mark> = envelope
            .recipients
            .iter()
            .filter_map(|recipient| self.0.returns.read(&recipient.path))
            .collect();
        let message = policy::Message::parse(bytes);
        if message.is_malformed() {
            return reply::malformed();
        }
        let came = came::Came::of(&message, envelope.from.is_none());
        let mut last = reply::no_such_address();
        for mark in marks {
            match self.take(now, &mark, &came, &message).await {
                Ok(said) => last = said,
                Err(fault) => {
                    tracing::warn!(%fault, "what came back could not be stored");
                    return reply::unavailable();
                }
            }
        }
        last
    }
}
