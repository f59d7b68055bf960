//! What a session may be in: its states, and what each of them owns.
//!
//! Nothing moves here; the moves are in `session` and in the files beside this one.

use std::sync::Arc;

use crate::smtp::{
    auth::{Exchange, Waiting},
    chunk::{Chunk, Chunks},
    dot::Decoder,
    envelope::{Envelope, Recipient},
    reply::Reply,
};

#[derive(Debug)]
pub(super) enum State {
    /// Between two commands.
    Line(Stage),
    Data(Arc<Envelope>, Box<Decoder>),
    /// Inside a chunk; `left` counts what it lacks.
    Chunk {
        envelope: Arc<Envelope>,
        chunks: Box<Chunks>,
        chunk: Chunk,
        left: u64,
    },
    /// A chunk that nobody wants is read over, or it would be taken for commands.
    Skip {
        left: u64,
        reply: Reply,
        stage: Stage,
    },
    Auth(Exchange),
    Paused(Question),
    Closed,
}

/// How far the client is; a stage owns only what it needs.
#[derive(Debug)]
pub(super) enum Stage {
    /// Waiting for EHLO.
    Fresh,
    /// Greeted, between messages.
    Ready,
    /// MAIL was accepted. `asked`: some RCPT was answered, if only to refuse it.
    Envelope { envelope: Arc<Envelope>, asked: bool },
    /// Between two chunks of a message.
    Chunks(Arc<Envelope>, Box<Chunks>),
}

/// What the listener has not answered yet.
#[derive(Debug)]
pub(super) enum Question {
    Tls,
    Login(Waiting),
    Sender(Arc<Envelope>),
    Recipients(Arc<Envelope>, Arc<Vec<Recipient>>),
    Message { prdr: Option<usize> },
    Xclient { login: bool },
}

impl Stage {
    /// What a command out of its order is told.
    pub(super) fn next(&self) -> &'static str {
        match self {
            Self::Fresh => "say EHLO first",
            Self::Ready => "say MAIL first",
            Self::Envelope { .. } => "inside a transaction: say RCPT, DATA or RSET",
            Self::Chunks(..) => "inside BDAT: say BDAT or RSET",
        }
    }
}
