//! The whole flow on one screen: parse, gather facts, decide for each recipient, keep, reply.

use bytes::Bytes;
use jiff::Timestamp;

use crate::{
    login::Login,
    smtp::{
        envelope::{Envelope, Path, Recipient},
        reply::Reply,
    },
};

/// Takes messages in; cheap to clone.
#[derive(Clone, Debug)]
pub struct Intake {}

/// Who is on the other end, for the trace header and the verdict.
#[derive(Clone, Debug)]
pub struct Peer {
    pub address: std::net::IpAddr,
    pub helo: String,
    pub tls: bool,
    /// `None` until AUTH, or on a listener that trusts its addresses.
    pub login: std::sync::Arc<Login>,
}

impl Intake {
    /// MAIL FROM: may this login use this sender?
    pub fn sender(&self, _peer: &Peer, _from: Option<&Path>) -> Reply {
        Reply::new(451, "4.3.0", "")
    }

    /// RCPT TO, all that were pipelined together: one reply each.
    pub async fn recipients(
        &self,
        _now: Timestamp,
        _peer: &Peer,
        _envelope: &Envelope,
        _asked: &[Recipient],
    ) -> Vec<Reply> {
        Vec::new()
    }

    /// The end of the message: one reply; with PRDR one per recipient and one for all.
    pub async fn message(
        &self,
        _now: Timestamp,
        _peer: &Peer,
        _envelope: Envelope,
        _bytes: Bytes,
    ) -> Vec<Reply> {
        Vec::new()
    }
}
