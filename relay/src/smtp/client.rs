//! The client's side of one connection, as a state machine (RFC 5321, 2920, 3030, 3207, 3461, 4954).
//!
//! The same shape as the session: one mutation, then [`Client::poll`] to `None`, then wait. No
//! sockets, no clock: what a delay means is [`Client::wait`], and [`Client::late`] ends it. Which
//! messages go where, and what becomes of an answer, is delivery's business.

mod peer;
mod wire;

use std::collections::VecDeque;

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use bytes::Bytes;

use peer::{BadReply, Reader};
pub use peer::{Capabilities, PeerReply};
use wire::Body;
pub use wire::mailbox;
pub(crate) use wire::xtext;

use super::envelope::{BodyType, MailParams, Path, Recipient};

/// Transactions on the wire at a time: one whose end is awaited, one that is being opened.
const FLIGHTS: usize = 2;
/// Larger messages go by DATA even where BDAT is offered: they are not sent before the recipients
/// are known to be accepted.
const BDAT_LIMIT: usize = 256 * 1024;

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
    /// Do the handshake, then call [`Client::tls_is_up`].
    StartTls,
    /// Greeted, protected and logged in: [`Client::capabilities`] are final.
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
    NotOffered(&'static str),
    /// The server hung up without a word.
    Hung,
    Late,
    Protocol(&'static str),
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

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    Greeting,
    Ehlo,
    Helo,
    StartTls,
    Handshake,
    AuthPlain,
    /// How many answers were given: none, the user, the password.
    AuthLogin(u8),
    Ready,
    Quitting,
    Closed,
}

/// A reply that is due.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Due {
    Rset,
    Mail,
    Rcpt(usize),
    Data,
    End,
}

/// The next command of a flight.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Step {
    Rset,
    Mail,
    Rcpt(usize),
    Data,
    /// 354 is awaited, or the end.
    Wait,
    Over,
}

#[derive(Debug)]
struct Flight {
    id: u64,
    transaction: Transaction,
    step: Step,
    bdat: bool,
    /// Replies that are due for it.
    due: usize,
    body: Sent,
    answers: Vec<Option<Answer>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Sent {
    None,
    Part,
    All,
}

/// One connection.
#[derive(Debug)]
pub struct Client {
    hello: Hello,
    phase: Phase,
    tls: bool,
    offered: Capabilities,
    reader: Reader,
    queued: VecDeque<(u64, Transaction)>,
    flights: VecDeque<Flight>,
    due: VecDeque<Due>,
    /// The message of the last flight, while it is being written.
    body: Option<Body>,
    /// The last transaction may still be open at the server.
    unclean: bool,
    out: Vec<u8>,
    outputs: VecDeque<Output>,
}

impl Client {
    /// Waits for the server's greeting.
    pub fn new(hello: Hello) -> Self {
        let tls = hello.secured;
        Self {
            hello,
            phase: Phase::Greeting,
            tls,
            offered: Capabilities::default(),
            reader: Reader::default(),
            queued: VecDeque::new(),
            flights: VecDeque::new(),
            due: VecDeque::new(),
            body: None,
            unclean: false,
            out: Vec::new(),
            outputs: VecDeque::new(),
        }
    }

    pub fn capabilities(&self) -> &Capabilities {
        &self.offered
    }

    pub fn is_tls(&self) -> bool {
        self.tls
    }

    /// Whether another transaction would be begun at once, or as soon as the one on the wire allows.
    pub fn has_room(&self) -> bool {
        self.phase == Phase::Ready && self.queued.is_empty() && self.flights.len() < FLIGHTS
    }

    /// Nothing is on the wire and nothing is queued.
    pub fn is_idle(&self) -> bool {
        self.phase == Phase::Ready && self.queued.is_empty() && self.flights.is_empty()
    }

    pub fn wait(&self) -> Wait {
        match self.phase {
            Phase::Greeting => Wait::Greeting,
            Phase::Ready if self.body.is_some() => Wait::Data,
            Phase::Ready => match self.due.front() {
                None => Wait::Idle,
                Some(Due::End) => Wait::End,
                Some(Due::Rset | Due::Mail | Due::Rcpt(_) | Due::Data) => Wait::Command,
            },
            Phase::Ehlo
            | Phase::Helo
            | Phase::StartTls
            | Phase::Handshake
            | Phase::AuthPlain
            | Phase::AuthLogin(_)
            | Phase::Quitting
            | Phase::Closed => Wait::Command,
        }
    }

    /// Queues a transaction; `id` comes back with its answers. Never without recipients.
    pub fn transact(&mut self, id: u64, transaction: Transaction) {
        if self.phase == Phase::Closed || self.phase == Phase::Quitting {
            let answers = vec![Answer::Unsent; transaction.recipients.len()];
            self.outputs.push_back(Output::Done { id, answers });
            return;
        }
        self.queued.push_back((id, transaction));
        self.pump();
    }

    /// Says QUIT; only while idle.
    pub fn quit(&mut self) {
        if self.is_idle() {
            self.out.extend_from_slice(b"QUIT\r\n");
            self.phase = Phase::Quitting;
        }
    }

    pub fn receive(&mut self, bytes: &[u8]) {
        if self.phase == Phase::Closed {
            return;
        }
        if self.phase == Phase::Handshake {
            // Clear text after our STARTTLS was accepted can only be someone else's.
            return self.close(Why::Protocol("clear text after STARTTLS"));
        }
        self.reader.push(bytes);
        while self.phase != Phase::Closed {
            match self.reader.next() {
                None => break,
                Some(Ok(reply)) => self.heard(reply),
                Some(Err(BadReply(what))) => self.close(Why::Protocol(what)),
            }
        }
        self.pump();
    }

    /// What the server said in clear text is forgotten (RFC 3207 §4.2).
    pub fn tls_is_up(&mut self) {
        self.tls = true;
        self.reader = Reader::default();
        self.offered = Capabilities::default();
        self.greet();
    }

    /// A deadline passed.
    pub fn late(&mut self) {
        self.close(Why::Late);
    }

    /// The server closed the connection, or it broke.
    pub fn hung_up(&mut self) {
        let why = if self.phase == Phase::Quitting { Why::Finished } else { Why::Hung };
        self.close(why);
    }

    pub fn poll(&mut self) -> Option<Output> {
        loop {
            if let Some(output) = self.outputs.pop_front() {
                return Some(output);
            }
            if self.out.len() < wire::PIECE
                && let Some(body) = &mut self.body
            {
                let all = body.write(&mut self.out);
                if let Some(flight) = self.flights.back_mut() {
                    flight.body = if all { Sent::All } else { Sent::Part };
                }
                if all {
                    self.body = None;
                    self.pump();
                }
                continue;
            }
            if self.out.is_empty() {
                return None;
            }
            return Some(Output::Send(std::mem::take(&mut self.out)));
        }
    }

    /// What each reply means in each phase.
    fn heard(&mut self, reply: PeerReply) {
        if reply.code == 421 {
            return self.refused(reply);
        }
        match self.phase {
            Phase::Greeting if reply.code == 220 => self.greet(),
            Phase::Ehlo if reply.is_positive() => {
                self.offered = Capabilities::of(&reply.text);
                self.protect();
            }
            // A server that has never heard of EHLO says so with 500 or 502.
            Phase::Ehlo if matches!(reply.code, 500 | 501 | 502 | 504 | 550) => {
                self.say(Phase::Helo, &format!("HELO {}\r\n", self.hello.name));
            }
            Phase::Helo if reply.is_positive() => self.protect(),
            Phase::StartTls if reply.code == 220 => {
                if !self.reader.is_empty() {
                    return self.close(Why::Protocol("clear text after STARTTLS"));
                }
                self.phase = Phase::Handshake;
                self.outputs.push_back(Output::StartTls);
            }
            Phase::StartTls if self.hello.start_tls == StartTls::IfOffered => self.log_in(),
            Phase::AuthPlain | Phase::AuthLogin(_) => self.logging_in(reply),
            Phase::Ready => self.answered(reply),
            Phase::Quitting => self.close(Why::Finished),
            Phase::Greeting | Phase::Ehlo | Phase::Helo | Phase::StartTls => self.refused(reply),
            Phase::Handshake | Phase::Closed => {}
        }
    }

    fn greet(&mut self) {
        self.say(Phase::Ehlo, &format!("EHLO {}\r\n", self.hello.name));
    }

    fn protect(&mut self) {
        if self.tls || self.hello.start_tls == StartTls::Never {
            self.log_in();
        } else if self.offered.start_tls {
            self.say(Phase::StartTls, "STARTTLS\r\n");
        } else if self.hello.start_tls == StartTls::Must {
            self.close(Why::NotOffered("the server offers no STARTTLS"));
        } else {
            self.log_in();
        }
    }

    fn log_in(&mut self) {
        let Some((user, password)) = &self.hello.credentials else { return self.ready() };
        // Where TLS was hoped for, its absence may be someone's doing: no password then.
        if !self.tls && self.hello.start_tls != StartTls::Never {
            return self.close(Why::NotOffered("no TLS to send credentials in"));
        }
        if self.offered.auth_plain {
            let secret = BASE64.encode(format!("\0{user}\0{password}"));
            self.say(Phase::AuthPlain, &format!("AUTH PLAIN {secret}\r\n"));
        } else if self.offered.auth_login {
            self.say(Phase::AuthLogin(0), "AUTH LOGIN\r\n");
        } else {
            self.close(Why::NotOffered("the server offers neither AUTH PLAIN nor LOGIN"));
        }
    }

    fn logging_in(&mut self, reply: PeerReply) {
        let (user, password) = self.hello.credentials.clone().unwrap_or_default();
        match (self.phase, reply.code) {
            (_, 235) => self.ready(),
            (Phase::AuthLogin(0), 334) => {
                self.say(Phase::AuthLogin(1), &format!("{}\r\n", BASE64.encode(user)));
            }
            (Phase::AuthLogin(1), 334) => {
                self.say(Phase::AuthLogin(2), &format!("{}\r\n", BASE64.encode(password)));
            }
            _ => self.close(Why::Login(reply)),
        }
    }

    fn ready(&mut self) {
        self.phase = Phase::Ready;
        self.outputs.push_back(Output::Ready);
    }

    fn say(&mut self, phase: Phase, line: &str) {
        self.out.extend_from_slice(line.as_bytes());
        self.phase = phase;
    }

    /// A reply to something of the oldest flight.
    fn answered(&mut self, reply: PeerReply) {
        let (Some(due), Some(flight)) = (self.due.pop_front(), self.flights.front_mut()) else {
            return self.close(Why::Protocol("a reply that nothing asked for"));
        };
        flight.due = flight.due.saturating_sub(1);
        match due {
            Due::Rset => {}
            Due::Mail => {
                if !reply.is_positive() {
                    flight.answer_all(&Answer::Said(reply));
                    if flight.step != Step::Wait {
                        flight.step = Step::Over;
                    }
                }
            }
            Due::Rcpt(which) => {
                if !reply.is_positive() {
                    flight.answer(which, Answer::Said(reply));
                }
            }
            Due::Data if reply.code == 354 => return self.go_ahead(),
            Due::Data => {
                self.unclean = true;
                flight.answer_all(&Answer::Said(disagreement(reply)));
                flight.step = Step::Over;
            }
            Due::End => {
                // An end that comes early means that the server has given up reading.
                let early = flight.body != Sent::All;
                self.unclean |= flight.bdat && !reply.is_positive();
                let positive = reply.is_positive();
                let said = Answer::Said(disagreement_at_end(reply));
                flight.answer_all(if early && positive {
                    &Answer::Lost { maybe: false }
                } else {
                    &said
                });
                flight.step = Step::Over;
                if early {
                    return self.close(Why::Protocol("a reply before the end of the message"));
                }
            }
        }
        self.land();
    }

    /// 354: the message, or nothing where nobody may get it (RFC 2920 §3.1).
    fn go_ahead(&mut self) {
        let Some(flight) = self.flights.front_mut() else { return };
        flight.due += 1;
        self.due.push_back(Due::End);
        let transaction = &flight.transaction;
        if flight.answers.iter().all(Option::is_some) {
            flight.body = Sent::All;
            self.out.extend_from_slice(b".\r\n");
        } else {
            self.body = Some(Body::new(transaction.head.clone(), transaction.body.clone(), true));
        }
    }

    /// Hands out the oldest flight when all its replies are in.
    fn land(&mut self) {
        while let Some(flight) = self.flights.front() {
            let refused =
                matches!(flight.step, Step::Data) && flight.answers.iter().all(Option::is_some);
            let over = flight.step == Step::Over || refused;
            if !over || flight.due > 0 {
                return;
            }
            // MAIL or every RCPT was refused and nothing was sent: the transaction is still open.
            self.unclean |= flight.body == Sent::None;
            let Some(flight) = self.flights.pop_front() else { return };
            self.outputs.push_back(flight.done(&Answer::Unsent));
        }
    }

    /// Writes what may be written now.
    fn pump(&mut self) {
        while self.phase == Phase::Ready && self.body.is_none() {
            let may_follow = self.offered.pipelining || self.due.is_empty();
            let open = self.flights.back().is_some_and(Flight::is_open);
            if open && may_follow {
                self.command();
            } else if !open && may_follow && self.flights.len() < FLIGHTS {
                // Behind a message on its way, but not behind a 354 that is still awaited.
                if self.flights.back().is_some_and(|last| last.body != Sent::All) {
                    return;
                }
                let Some((id, transaction)) = self.queued.pop_front() else { return };
                self.take_off(id, transaction);
            } else {
                return;
            }
        }
    }

    fn take_off(&mut self, id: u64, transaction: Transaction) {
        let offered = &self.offered;
        let small = transaction.octets() <= BDAT_LIMIT && offered.pipelining;
        let binary = transaction.params.body == BodyType::BinaryMime && offered.binary;
        let bdat = offered.chunking && (small || binary);
        // Behind a BDAT whose fate is unknown the server may still hold the transaction open.
        let behind_bdat = self.flights.back().is_some_and(|last| last.bdat);
        let step = if self.unclean || behind_bdat { Step::Rset } else { Step::Mail };
        self.unclean = false;
        let answers = vec![None; transaction.recipients.len()];
        let body = Sent::None;
        self.flights.push_back(Flight { id, transaction, step, bdat, due: 0, body, answers });
    }

    /// Writes the next command of the last flight.
    fn command(&mut self) {
        let Some(flight) = self.flights.back_mut() else { return };
        let transaction = &flight.transaction;
        let (due, next) = match flight.step {
            Step::Rset => {
                self.out.extend_from_slice(b"RSET\r\n");
                (Due::Rset, Step::Mail)
            }
            Step::Mail => {
                wire::mail(&mut self.out, transaction, &self.offered);
                (Due::Mail, Step::Rcpt(0))
            }
            Step::Rcpt(which) => {
                let Some(recipient) = transaction.recipients.get(which) else {
                    flight.step = Step::Data;
                    return self.land();
                };
                let utf8 = transaction.params.smtputf8 && self.offered.smtputf8;
                wire::rcpt(&mut self.out, recipient, utf8, self.offered.dsn);
                (Due::Rcpt(which), Step::Rcpt(which + 1))
            }
            Step::Data if flight.bdat => {
                let size = transaction.octets();
                self.out.extend_from_slice(format!("BDAT {size} LAST\r\n").as_bytes());
                let (head, body) = (transaction.head.clone(), transaction.body.clone());
                self.body = Some(Body::new(head, body, false));
                (Due::End, Step::Wait)
            }
            Step::Data => {
                self.out.extend_from_slice(b"DATA\r\n");
                (Due::Data, Step::Wait)
            }
            Step::Wait | Step::Over => return,
        };
        flight.step = next;
        flight.due += 1;
        self.due.push_back(due);
    }

    /// 421, or a no before anything was asked.
    fn refused(&mut self, reply: PeerReply) {
        // It answers the command it came for; the rest of the connection is unanswered.
        if let (Some(due), Some(flight)) = (self.due.front(), self.flights.front_mut()) {
            match due {
                Due::End | Due::Data => flight.answer_all(&Answer::Said(reply.clone())),
                Due::Rset | Due::Mail | Due::Rcpt(_) => {}
            }
        }
        self.close(Why::Refused(reply));
    }

    /// The one way out: everything unanswered is answered.
    fn close(&mut self, why: Why) {
        if self.phase == Phase::Closed {
            return;
        }
        self.phase = Phase::Closed;
        self.out.clear();
        self.body = None;
        self.due.clear();
        for flight in self.flights.drain(..) {
            let left = match flight.body {
                Sent::None => Answer::Unsent,
                Sent::Part => Answer::Lost { maybe: false },
                Sent::All => Answer::Lost { maybe: true },
            };
            self.outputs.push_back(flight.done(&left));
        }
        for (id, transaction) in self.queued.drain(..) {
            let answers = vec![Answer::Unsent; transaction.recipients.len()];
            self.outputs.push_back(Output::Done { id, answers });
        }
        self.outputs.push_back(Output::Closed(why));
    }
}

impl Flight {
    /// It has commands to write.
    fn is_open(&self) -> bool {
        match self.step {
            Step::Rset | Step::Mail | Step::Rcpt(_) | Step::Data => true,
            Step::Wait | Step::Over => false,
        }
    }

    fn answer(&mut self, which: usize, answer: Answer) {
        if let Some(empty @ None) = self.answers.get_mut(which) {
            *empty = Some(answer);
        }
    }

    /// For all that have no answer yet.
    fn answer_all(&mut self, answer: &Answer) {
        for empty in self.answers.iter_mut().filter(|old| old.is_none()) {
            *empty = Some(answer.clone());
        }
    }

    fn done(self, left: &Answer) -> Output {
        let answers = self.answers.into_iter().map(|answer| answer.unwrap_or_else(|| left.clone()));
        Output::Done { id: self.id, answers: answers.collect() }
    }
}

/// A 2xx or 3xx where a refusal was due takes nothing: it is asked again later.
fn disagreement(reply: PeerReply) -> PeerReply {
    if reply.code >= 400 {
        return reply;
    }
    PeerReply {
        code: 451,
        enhanced: Some([4, 5, 0]),
        text: format!("unexpected reply: {}", reply.line()),
    }
}

fn disagreement_at_end(reply: PeerReply) -> PeerReply {
    if reply.is_positive() { reply } else { disagreement(reply) }
}
