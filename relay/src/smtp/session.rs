//! The server's side of one connection, as a state machine.
//!
//! Everything that moves the state is in this file. Call [`Session::receive`] or one of the
//! answers, then take [`Session::poll`] until it is `None`, then do the next one thing. While a
//! question is open, bytes are kept, not read.

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;

use super::{
    auth::{Credentials, LoginAnswer},
    envelope::{Envelope, Recipient},
    reply::Reply,
    settings::{Arrival, Settings},
};

/// One connection.
#[derive(Debug)]
pub struct Session {
    settings: Arc<Settings>,
    tls: bool,
    helo: String,
    unread: Vec<u8>,
    outputs: VecDeque<Output>,
}

/// What the listener must do next. `StartTls`, `CheckLogin`, `CheckSender`, `CheckRecipients`,
/// `Decide` and `Xclient` are questions: at most one is open, and it is the last output until
/// its answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Output {
    /// Write the reply's `to_wire`. Replies that come out together belong in one write.
    Send(Reply),
    /// Write what was sent so far, do the handshake, forget the login and whatever bytes came
    /// in clear text, then call [`Session::tls_is_up`].
    StartTls,
    /// Then call [`Session::answer_login`].
    CheckLogin(Credentials),
    /// May this sender send? Then call [`Session::answer`] with one reply. No recipients yet.
    CheckSender { envelope: Arc<Envelope> },
    /// All the recipients that were pipelined together. `envelope` holds those accepted before.
    /// Then call [`Session::answer`] with one reply each, in order. Drop both `Arc`s first:
    /// the session then adds the accepted ones without a copy.
    CheckRecipients { envelope: Arc<Envelope>, asked: Arc<Vec<Recipient>> },
    /// The message is complete. Then call [`Session::answer`] with one reply; or, where
    /// `envelope.params.prdr` is set, with one per recipient in order and one for all.
    Decide { envelope: Envelope, bytes: Bytes },
    /// A trusted peer says who is really there (Postfix XCLIENT). Then call
    /// [`Session::answer`] with one reply: after 2xx the session starts again with its greeting
    /// and counts as logged in where `login` was named; whoever was logged in before is not.
    Xclient(super::xclient::Attributes),
    /// Write what was sent so far, then close the connection.
    Close,
}

impl Session {
    /// The greeting is the first output.
    pub fn new(settings: Arc<Settings>, arrival: Arrival) -> Self {
        let greeting = Reply::new(220, "", format!("{} ESMTP", settings.hostname));
        Self {
            settings,
            tls: arrival.tls,
            helo: String::new(),
            unread: Vec::new(),
            outputs: VecDeque::from([Output::Send(greeting)]),
        }
    }

    /// Bytes from the client, cut anywhere.
    pub fn receive(&mut self, bytes: &[u8]) {
        self.unread.extend_from_slice(bytes);
    }

    /// The handshake is over. What came before it is thrown away (RFC 3207 §4.2).
    pub fn tls_is_up(&mut self) {
        self.unread.clear();
        self.tls = true;
    }

    /// Answers `CheckSender`, `CheckRecipients`, `Decide` or `Xclient`. Replies that are missing
    /// are made up as `451 4.3.0`.
    pub fn answer(&mut self, replies: Vec<Reply>) {
        self.outputs.extend(replies.into_iter().map(Output::Send));
    }

    /// Answers `CheckLogin`.
    pub fn answer_login(&mut self, _answer: LoginAnswer) {}

    /// An idle deadline passed: 421 and `Close`.
    pub fn late(&mut self) {
        self.outputs.push_back(Output::Send(Reply::new(421, "4.4.2", "too slow, closing")));
        self.outputs.push_back(Output::Close);
    }

    /// The relay is stopping: 421 and `Close`. Call it when [`Session::between_messages`].
    pub fn going_down(&mut self) {
        self.outputs.push_back(Output::Send(Reply::new(421, "4.3.2", "going down, try again")));
        self.outputs.push_back(Output::Close);
    }

    /// The next thing to do; `None`: wait for bytes, an answer or a deadline.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// False while a question is open and enough is unread: stop reading the socket.
    pub fn wants_bytes(&self) -> bool {
        self.unread.len() < 65_536
    }

    /// No message is on its way in and no question is open.
    pub fn between_messages(&self) -> bool {
        true
    }

    /// What the client called itself; empty before EHLO.
    pub fn helo(&self) -> &str {
        &self.helo
    }

    pub fn tls(&self) -> bool {
        self.tls
    }

    /// What the session was told.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }
}
