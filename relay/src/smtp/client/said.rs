//! The words between a client and the owner of its socket: what is asked, what is answered.

use std::sync::Arc;

use bytes::Bytes;

use super::PeerReply;
use crate::smtp::{
    envelope::{MailParams, Path, Recipient},
    xforward::Attributes,
};

/// How to greet.
#[derive(Clone, Debug)]
pub struct Hello {
    pub name: String,
    pub start_tls: StartTls,
    /// TLS stands already (465 style).
    pub secured: bool,
    /// User and password.
    pub credentials: Option<(String, String)>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StartTls {
    Never,
    IfOffered,
    /// Or nothing is sent.
    Must,
}

/// One message to one or more recipients.
#[derive(Clone, Debug)]
pub struct Transaction {
    pub from: Option<Path>,
    /// Parameters that the server does not offer are left out; whether the message may go without
    /// them was decided before.
    pub params: MailParams,
    pub recipients: Vec<Recipient>,
    /// Header fields put on top, each with its CRLF.
    pub head: Bytes,
    pub body: Bytes,
    /// Whose message it is, for a server that asks (XFORWARD).
    pub forward: Option<Arc<Attributes>>,
}

impl Transaction {
    pub fn octets(&self) -> usize {
        self.head.len() + self.body.len()
    }
}

/// What the owner of the socket must do next.
#[derive(Debug, Eq, PartialEq)]
pub enum Output {
    Send(Vec<u8>),
    /// Do the handshake, then call [`Client::tls_is_up`](super::Client::tls_is_up).
    StartTls,
    /// Greeted, protected and logged in: [`Client::capabilities`](super::Client::capabilities) are final.
    Ready,
    /// One answer per recipient, in their order.
    Done {
        id: u64,
        answers: Vec<Answer>,
    },
    /// Nothing more can be done on this connection; every transaction was answered before.
    Closed(Why),
}

/// What became of one recipient.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    /// The server's word; positive only where it took the message.
    Said(PeerReply),
    /// The connection ended before the message was on its way: nobody has it.
    Unsent,
    /// It ended after the first octet of the message. `maybe`: after the last one too, so the server
    /// may have taken it.
    Lost { maybe: bool },
}

/// Why a connection ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Why {
    /// We said QUIT.
    Finished,
    /// The server did not want us: its greeting, EHLO, STARTTLS, or 421 at any time.
    Refused(PeerReply),
    /// AUTH failed.
    Login(PeerReply),
    /// Credentials or `Must`, and the server offers no way.
    NotOffered(Lack),
    /// The server hung up without a word.
    Hung,
    Late,
    Protocol(&'static str),
}

/// What a server does not offer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lack {
    StartTls,
    /// It wants credentials in clear text.
    TlsForLogin,
    /// A mechanism that we know.
    Login,
}

/// What is waited for; the owner says how long.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wait {
    Greeting,
    Command,
    /// The server to take octets of the message.
    Data,
    /// The reply to the message's end.
    End,
    /// Nothing: the connection is unused.
    Idle,
}
