//! One connection to a peer, driven: what is to be written is, what comes is read, in time. How it is
//! opened is `dialer`'s business; what is sent over it and what becomes of the answers, `line`'s.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::ReadBuf,
    time::{Instant, timeout, timeout_at},
};

use super::settings::Timeouts;
use crate::{
    smtp::client::{Capabilities, Client, Output, Transaction, Wait, Why},
    tls::Stream,
};

/// A greeted connection.
#[derive(Debug)]
pub struct Connection {
    pub(super) client: Client,
    pub(super) stream: Stream,
    timeouts: Timeouts,
    out: Vec<u8>,
    written: usize,
    /// TLS may hold some of it back.
    unflushed: bool,
    /// Times that something was to be written.
    writes: u64,
    /// What is waited for, and since when.
    waiting: ((Wait, u64, u64), Instant),
    buffer: Vec<u8>,
    /// `mx.example.cz [192.0.2.1]`, for journal and DSN.
    pub peer: String,
    /// The name alone, for `Remote-MTA`.
    pub host: String,
    /// What showed who the host is, as far as was asked: `dane`, `mta-sts` or `certificate`.
    pub(super) proof: Option<&'static str>,
}

/// What comes of driving a connection.
#[derive(Debug)]
pub enum Event {
    /// One answer per recipient of the transaction.
    Done { id: u64, answers: Vec<crate::smtp::client::Answer> },
    /// Nothing more comes.
    Closed(Why),
}

enum Turn {
    Written,
    Read(usize),
    Gone,
}

/// Bytes read at a time; replies are short.
const BUFFER: usize = 4_096;
/// How long a peer is given to answer QUIT.
const QUIT_PATIENCE: Duration = Duration::from_secs(2);

impl Connection {
    pub(super) fn new(
        client: Client,
        stream: Stream,
        timeouts: Timeouts,
        (peer, host): (String, String),
    ) -> Self {
        Self {
            client,
            stream,
            timeouts,
            out: Vec::new(),
            written: 0,
            unflushed: false,
            writes: 0,
            waiting: ((Wait::Idle, 0, 0), Instant::now()),
            buffer: vec![0; BUFFER],
            peer,
            host,
            proof: None,
        }
    }

    pub fn capabilities(&self) -> &Capabilities {
        self.client.capabilities()
    }

    pub fn is_tls(&self) -> bool {
        self.client.is_tls()
    }

    /// What showed who the host is.
    pub fn proof(&self) -> Option<&'static str> {
        self.proof.filter(|_| self.is_tls())
    }

    /// It has shown who it is, as far as policies and settings ask.
    pub fn is_authenticated(&self) -> bool {
        self.proof().is_some()
    }

    /// Whether a message that asks for REQUIRETLS may go over it (RFC 8689 §4.2.1).
    pub fn takes_require_tls(&self) -> bool {
        self.is_authenticated() && self.capabilities().require_tls
    }

    /// Another transaction would leave at once, or with the next write.
    pub fn has_room(&self) -> bool {
        self.client.has_room()
    }

    pub fn is_idle(&self) -> bool {
        self.client.is_idle()
    }

    pub fn transact(&mut self, id: u64, transaction: Transaction) {
        self.client.transact(id, transaction);
    }

    /// Reads and writes until something comes of it; never returns while idle and the peer says
    /// nothing. May be dropped and called again: nothing is lost.
    pub async fn next(&mut self) -> Event {
        loop {
            match self.turn_until_output().await {
                Output::Done { id, answers } => return Event::Done { id, answers },
                Output::Closed(why) => return Event::Closed(why),
                Output::Ready | Output::StartTls | Output::Send(_) => {}
            }
        }
    }

    /// Says goodbye, and does not insist on an answer.
    pub async fn quit(mut self) {
        self.client.quit();
        let _ = timeout(QUIT_PATIENCE, self.next()).await;
    }

    pub(super) async fn turn_until_output(&mut self) -> Output {
        loop {
            if self.client.is_closed() {
                // Nobody reads on: what is left unwritten must not keep the answers back.
                self.out.clear();
                self.written = 0;
                self.unflushed = false;
            }
            if self.written >= self.out.len() && !self.unflushed {
                match self.client.poll() {
                    Some(Output::Send(bytes)) => {
                        self.out = bytes;
                        self.written = 0;
                        self.writes += 1;
                    }
                    Some(other) => return other,
                    None => {}
                }
            }
            let turn = match self.deadline() {
                Some(deadline) => timeout_at(deadline, poll_fn(|cx| self.turn(cx))).await,
                None => Ok(poll_fn(|cx| self.turn(cx)).await),
            };
            match turn {
                Ok(Turn::Written) => {}
                Ok(Turn::Read(count)) => {
                    self.client.receive(self.buffer.get(..count).unwrap_or_default());
                }
                Ok(Turn::Gone) => self.client.hung_up(),
                Err(_) => self.client.late(),
            }
        }
    }

    /// Counts for a whole reply, or for a piece of the message to be taken: a peer that says an octet now
    /// and then gets no more time for it, nor does new work for the connection give it any.
    fn deadline(&mut self) -> Option<Instant> {
        let what = (self.client.wait(), self.client.replies(), self.writes);
        if self.waiting.0 != what {
            self.waiting = (what, Instant::now());
        }
        let patience = match self.client.wait() {
            Wait::Greeting => self.timeouts.greeting,
            Wait::Command => self.timeouts.command,
            Wait::Data => self.timeouts.data,
            Wait::End => self.timeouts.end,
            Wait::Idle => return None,
        };
        self.waiting.1.checked_add(patience)
    }

    /// Writes what there is, and reads what comes meanwhile: a peer that refuses a message in the
    /// middle says so without reading on.
    fn turn(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        let stream = self.stream.as_io();
        while let Some(rest) = self.out.get(self.written..).filter(|rest| !rest.is_empty()) {
            match Pin::new(&mut *stream).poll_write(cx, rest) {
                Poll::Ready(Ok(count)) if count > 0 => self.written += count,
                Poll::Ready(_) => return Poll::Ready(Turn::Gone),
                Poll::Pending => break,
            }
            self.unflushed = true;
        }
        if self.unflushed && self.written >= self.out.len() {
            match Pin::new(&mut *stream).poll_flush(cx) {
                Poll::Ready(Ok(())) => {
                    self.unflushed = false;
                    return Poll::Ready(Turn::Written);
                }
                Poll::Ready(Err(_)) => return Poll::Ready(Turn::Gone),
                Poll::Pending => {}
            }
        }
        let mut buffer = ReadBuf::new(&mut self.buffer);
        let read = ready!(Pin::new(stream).poll_read(cx, &mut buffer));
        match (read, buffer.filled().len()) {
            (Ok(()), count) if count > 0 => Poll::Ready(Turn::Read(count)),
            _ => Poll::Ready(Turn::Gone),
        }
    }
}
