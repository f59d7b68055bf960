//! The client's side of one connection, as a state machine (RFC 5321, 2920, 3030, 3207, 3461, 4954, and
//! PRDR: draft-hall-prdr).
//!
//! The same shape as the session: one mutation, then [`Client::poll`] to `None`, then wait. No
//! sockets, no clock: what a delay means is [`Client::wait`], and [`Client::late`] ends it. Which
//! messages go where, and what becomes of an answer, is delivery's business.

mod flight;
mod greeting;
mod peer;
mod said;
mod wire;

use std::collections::VecDeque;

use flight::{Due, Flight, Sent, Step};
use peer::{BadReply, Reader};
pub use peer::{Capabilities, PeerReply};
pub use said::{Answer, Hello, Lack, Output, StartTls, Transaction, Wait, Why};
use wire::Body;
pub use wire::mailbox;

use super::envelope::BodyType;

/// Transactions on the wire at a time: one whose end is awaited, one that is being opened.
const FLIGHTS: usize = 2;
/// Larger ones go by DATA: not before the recipients are known to be accepted.
const BDAT_LIMIT: usize = 256 * 1024;

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
    /// Whole replies, so far.
    replies: u64,
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
            replies: 0,
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

    /// Only answers are left to be taken by [`Client::poll`].
    pub fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }

    /// Whole replies that the server has given so far: each of the next ones is waited for anew.
    pub fn replies(&self) -> u64 {
        self.replies
    }

    pub fn wait(&self) -> Wait {
        match self.phase {
            Phase::Greeting => Wait::Greeting,
            Phase::Ready if self.body.is_some() => Wait::Data,
            Phase::Ready => match self.due.front() {
                None => Wait::Idle,
                Some(Due::End | Due::Each(_) | Due::Whole) => Wait::End,
                Some(Due::Rset | Due::Forward | Due::Mail | Due::Rcpt(_) | Due::Data) => {
                    Wait::Command
                }
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
        self.replies += 1;
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
            Due::Rset | Due::Forward => {}
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
            Due::End if reply.code == 353 && flight.prdr && flight.body == Sent::All => {
                return self.replies_follow();
            }
            Due::Each(which) => {
                if !reply.is_positive() {
                    flight.answer(which, Answer::Said(disagreement(reply)));
                }
            }
            Due::End | Due::Whole => {
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

    /// 353: one for each recipient who was accepted, in their order, and one for the message.
    fn replies_follow(&mut self) {
        let Some(flight) = self.flights.front_mut() else { return };
        let open = flight.answers.iter().enumerate().filter(|(_, answer)| answer.is_none());
        let follow: Vec<Due> =
            open.map(|(which, _)| Due::Each(which)).chain([Due::Whole]).collect();
        flight.due += follow.len();
        for due in follow.into_iter().rev() {
            self.due.push_front(due);
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
        let step = if self.unclean || behind_bdat { Step::Rset } else { Step::Forward(0) };
        let forward = transaction.forward.as_ref();
        let forward = forward.map_or_else(Vec::new, |said| said.commands(&offered.xforward));
        self.unclean = false;
        let answers = vec![None; transaction.recipients.len()];
        let prdr = offered.prdr && answers.len() > 1;
        let body = Sent::None;
        let due = 0;
        let flight = Flight { id, transaction, forward, step, bdat, prdr, due, body, answers };
        self.flights.push_back(flight);
    }

    /// Writes the next command of the last flight.
    fn command(&mut self) {
        let Some(flight) = self.flights.back_mut() else { return };
        let transaction = &flight.transaction;
        let (due, next) = match flight.step {
            Step::Rset => {
                self.out.extend_from_slice(b"RSET\r\n");
                (Due::Rset, Step::Forward(0))
            }
            Step::Forward(which) => {
                let Some(command) = flight.forward.get(which) else {
                    flight.step = Step::Mail;
                    return;
                };
                self.out.extend_from_slice(command.as_bytes());
                (Due::Forward, Step::Forward(which + 1))
            }
            Step::Mail => {
                wire::mail(&mut self.out, transaction, (&self.offered, flight.prdr));
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
                Due::End | Due::Each(_) | Due::Whole | Due::Data => {
                    flight.answer_all(&Answer::Said(reply.clone()));
                }
                Due::Rset | Due::Forward | Due::Mail | Due::Rcpt(_) => {}
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;

    use super::*;
    use crate::smtp::{
        envelope::{MailParams, Notify, Path, Recipient, Ret},
        when::{By, Otherwise},
        xforward::Attributes,
    };

    fn path(text: &str) -> Path {
        let (local, domain) = text.split_once('@').unwrap();
        Path { local: local.to_owned(), domain: domain.to_owned() }
    }

    fn message(to: &[&str], body: &'static str) -> Transaction {
        let recipient =
            |to: &&str| Recipient { path: path(to), notify: Notify::default(), orcpt: None };
        Transaction {
            from: Some(path("a@x.cz")),
            params: MailParams::default(),
            recipients: to.iter().map(recipient).collect(),
            head: Bytes::from_static(b"Received: x\r\n"),
            body: Bytes::from_static(body.as_bytes()),
            forward: None,
        }
    }

    fn hello() -> Hello {
        Hello { name: "us".into(), start_tls: StartTls::Never, secured: false, credentials: None }
    }

    /// Takes everything that is to be done: what was written, and the rest in words.
    fn taken(client: &mut Client) -> String {
        let mut text = String::new();
        while let Some(output) = client.poll() {
            match output {
                Output::Send(bytes) => text.push_str(&String::from_utf8(bytes).unwrap()),
                Output::StartTls => text.push_str("<starttls>"),
                Output::Ready => text.push_str("<ready>"),
                Output::Closed(why) => text.push_str(&format!("<closed {}>", word(&why))),
                Output::Done { id, answers } => {
                    let answers: Vec<String> = answers.iter().map(answer).collect();
                    text.push_str(&format!("<done {id} {}>", answers.join(",")));
                }
            }
        }
        text.replace("\r\n", "|")
    }

    fn answer(answer: &Answer) -> String {
        match answer {
            Answer::Said(reply) => reply.code.to_string(),
            Answer::Unsent => "unsent".into(),
            Answer::Lost { maybe } => if *maybe { "maybe" } else { "lost" }.into(),
        }
    }

    fn word(why: &Why) -> String {
        match why {
            Why::Finished => "finished".into(),
            Why::Refused(reply) => format!("refused {}", reply.code),
            Why::Login(reply) => format!("login {}", reply.code),
            Why::NotOffered(lack) => format!("without {lack:?}"),
            Why::Protocol(what) => (*what).to_owned(),
            Why::Hung => "hung".into(),
            Why::Late => "late".into(),
        }
    }

    fn greeted(offer: &str) -> Client {
        let mut client = Client::new(hello());
        client.receive(b"220 mx\r\n");
        assert_eq!(taken(&mut client), "EHLO us|");
        client.receive(format!("250-mx\r\n{offer}250 OK\r\n").as_bytes());
        assert_eq!(taken(&mut client), "<ready>");
        client
    }

    /// Each line: what the server says, and what comes of it.
    fn play(client: &mut Client, lines: &[(&str, &str)]) {
        for (says, does) in lines {
            client.receive(says.replace('|', "\r\n").as_bytes());
            assert_eq!(taken(client), *does, "after {says:?}");
        }
    }

    #[test]
    fn the_next_envelope_leaves_with_the_last_message() {
        let mut client = greeted("250-PIPELINING\r\n");
        client.transact(1, message(&["b@y.cz"], "one\r\n"));
        assert!(client.has_room());
        client.transact(2, message(&["c@y.cz"], ".two"));
        assert!(!client.has_room());
        assert_eq!(taken(&mut client), "MAIL FROM:<a@x.cz>|RCPT TO:<b@y.cz>|DATA|");
        play(
            &mut client,
            &[
                ("250 ok|250 ok|", ""),
                ("354 go|", "Received: x|one|.|MAIL FROM:<a@x.cz>|RCPT TO:<c@y.cz>|DATA|"),
                ("250 taken|", "<done 1 250>"),
                ("250 ok|250 ok|354 go|", "Received: x|..two|.|"),
                ("451 later|", "<done 2 451>"),
            ],
        );
        assert!(client.is_idle());
        client.quit();
        assert_eq!(taken(&mut client), "QUIT|");
        play(&mut client, &[("221 bye|", "<closed finished>")]);
    }

    #[test]
    fn with_chunking_everything_leaves_in_one_write() {
        let mut client = greeted("250-PIPELINING\r\n250-CHUNKING\r\n250-SIZE\r\n");
        client.transact(1, message(&["b@y.cz"], ".one"));
        let all = "MAIL FROM:<a@x.cz> SIZE=17|RCPT TO:<b@y.cz>|BDAT 17 LAST|Received: x|.one";
        assert_eq!(taken(&mut client), all);
        client.transact(2, message(&["c@y.cz", "d@y.cz"], "two"));
        let all = "RSET|MAIL FROM:<a@x.cz> SIZE=16|RCPT TO:<c@y.cz>|RCPT TO:<d@y.cz>|BDAT 16 LAST|Received: x|two";
        assert_eq!(taken(&mut client), all, "behind a BDAT a RSET makes sure");
        play(
            &mut client,
            &[
                ("250 ok|550 no|503 nobody|", "<done 1 550>"),
                ("250 ok|250 ok|250 ok|450 busy|250 taken|", "<done 2 250,450>"),
            ],
        );
    }

    #[test]
    fn without_pipelining_each_reply_is_waited_for() {
        let mut client = greeted("");
        client.transact(1, message(&["b@y.cz", "c@y.cz"], "one\r\n"));
        client.transact(2, message(&["d@y.cz"], "two\r\n"));
        assert_eq!(taken(&mut client), "MAIL FROM:<a@x.cz>|");
        play(
            &mut client,
            &[
                ("250 ok|", "RCPT TO:<b@y.cz>|"),
                ("550 5.1.1 no|", "RCPT TO:<c@y.cz>|"),
                ("550 5.1.1 no|", "<done 1 550,550>RSET|"),
                ("250 ok|", "MAIL FROM:<a@x.cz>|"),
                ("250 ok|", "RCPT TO:<d@y.cz>|"),
                ("250 ok|", "DATA|"),
                ("354 go|", "Received: x|two|.|"),
                ("250 ok|", "<done 2 250>"),
            ],
        );
    }

    #[test]
    fn each_refusal_reaches_those_it_is_for() {
        let two = &["b@y.cz", "c@y.cz"];
        for (replies, does) in [
            ("550 no|503 x|503 x|503 x|", "<done 1 550,550>"),
            ("550 no|503 x|503 x|354 go|", ".|"),
            ("250 ok|550 no|250 ok|354 go|", "Received: x|one|.|"),
            ("250 ok|550 no|450 no|554 nobody|", "<done 1 550,450>"),
            ("250 ok|550 no|450 no|354 go|", ".|"),
            ("250 ok|250 ok|550 no|451 not now|", "<done 1 451,550>"),
            ("250 ok|250 ok|250 ok|250 what|", "<done 1 451,451>"),
        ] {
            let mut client = greeted("250-PIPELINING\r\n");
            client.transact(1, message(two, "one\r\n"));
            taken(&mut client);
            play(&mut client, &[(replies, does)]);
            if does == ".|" {
                client.receive(b"554 nobody\r\n");
                assert!(taken(&mut client).starts_with("<done 1 5"));
            } else if does.starts_with("<done") {
                client.transact(2, message(&["d@y.cz"], "two"));
                assert!(taken(&mut client).starts_with("RSET|MAIL"), "it may still be open");
            }
        }
    }

    /// PRDR: a reply for each recipient who was accepted, then one for the message.
    #[test]
    fn each_recipient_may_have_a_reply_to_the_message_itself() {
        let to = &["b@y.cz", "c@y.cz", "d@y.cz"];
        for (replies, does) in [
            ("353 follow|250 b|550 c|450 d|250 taken|", "<done 1 250,550,450>"),
            ("353 follow|250 b|250 c|250 d|451 after all|", "<done 1 451,451,451>"),
            ("353 follow|550 b|550 c|550 d|550 nobody|", "<done 1 550,550,550>"),
            ("353 follow|250 b|354 what|250 d|250 taken|", "<done 1 250,451,250>"),
            ("250 taken|", "<done 1 250,250,250>"),
            ("550 no|", "<done 1 550,550,550>"),
            ("353 follow|550 b|421 bye|", "<done 1 550,421,421><closed refused 421>"),
        ] {
            let mut client = greeted("250-PIPELINING\r\n250-PRDR\r\n");
            client.transact(1, message(to, "one\r\n"));
            assert!(taken(&mut client).starts_with("MAIL FROM:<a@x.cz> PRDR|"));
            client.receive(b"250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n");
            taken(&mut client);
            play(&mut client, &[(replies, does)]);
        }
        let mut client = greeted("250-PIPELINING\r\n250-PRDR\r\n");
        client.transact(1, message(to, "one\r\n"));
        client.receive(b"250 ok\r\n250 ok\r\n550 c\r\n250 ok\r\n354 go\r\n");
        taken(&mut client);
        client.transact(2, message(&["e@y.cz"], "two\r\n"));
        assert_eq!(taken(&mut client), "MAIL FROM:<a@x.cz>|RCPT TO:<e@y.cz>|DATA|");
        let replies = [
            ("353 follow|450 b|250 d|", ""),
            ("250 taken|250 ok|", "<done 1 450,550,250>"),
            ("250 ok|354 go|", "Received: x|two|.|"),
        ];
        play(&mut client, &replies);
        client.hung_up();
        assert_eq!(taken(&mut client), "<done 2 maybe><closed hung>");
    }

    #[test]
    fn a_connection_may_end_anywhere() {
        let steps: &[(&str, &str)] = &[
            ("", "<done 1 unsent><done 2 unsent>"),
            ("250 ok|", "<done 1 unsent><done 2 unsent>"),
            ("550 no|", "<done 1 550><done 2 unsent>"),
            ("250 ok|250 ok|", "<done 1 unsent><done 2 unsent>"),
            ("250 ok|250 ok|354 go|", "<done 1 maybe><done 2 unsent>"),
            ("250 ok|250 ok|354 go|250 ok|", "<done 2 unsent>"),
            ("250 ok|250 ok|354 go|250 ok|250 ok|250 ok|354 go|", "<done 2 maybe>"),
            ("250 ok|250 ok|354 go|250 ok|250 ok|250 ok|354 go|250 ok|", ""),
        ];
        for (replies, answers) in steps {
            for (end, how) in [("hung", "hung"), ("late", "late"), ("421 bye|", "refused 421")] {
                let mut client = greeted("250-PIPELINING\r\n");
                client.transact(1, message(&["b@y.cz"], "one\r\n"));
                client.transact(2, message(&["c@y.cz"], "two\r\n"));
                taken(&mut client);
                for line in replies.split_terminator('|') {
                    client.receive(format!("{line}\r\n").as_bytes());
                    taken(&mut client);
                }
                match end {
                    "hung" => client.hung_up(),
                    "late" => client.late(),
                    reply => client.receive(reply.replace('|', "\r\n").as_bytes()),
                }
                let mut answers = answers.to_string();
                let asked = *replies == "550 no|" || answers.is_empty();
                if how == "refused 421" && !asked {
                    // The end of a message has been answered after all.
                    answers = answers.replace("maybe", "421");
                    // DATA is what 421 came for, so the sender gets to read it.
                    if *replies == "250 ok|250 ok|" {
                        answers = answers.replace("1 unsent", "1 421");
                    }
                }
                assert_eq!(
                    taken(&mut client),
                    format!("{answers}<closed {how}>"),
                    "{replies} {end}"
                );
                client.receive(b"250 too late\r\n");
                assert_eq!(taken(&mut client), "");
            }
        }
    }

    #[test]
    fn nothing_said_before_the_handshake_survives() {
        let mut hello = hello();
        hello.start_tls = StartTls::IfOffered;
        let mut client = Client::new(hello.clone());
        play(
            &mut client,
            &[
                ("220 mx|", "EHLO us|"),
                ("250-mx|250-PIPELINING|250 STARTTLS|", "STARTTLS|"),
                ("220 go|", "<starttls>"),
            ],
        );
        client.tls_is_up();
        assert_eq!(taken(&mut client), "EHLO us|");
        play(&mut client, &[("250-mx|250 STARTTLS|", "<ready>")]);
        assert!(!client.capabilities().pipelining);

        for (first, then) in
            [("220 go|250 injected|", ""), ("220 go|", "250 injected|"), ("220 go|2", "")]
        {
            let mut client = Client::new(hello.clone());
            client.receive(b"220 mx\r\n250-mx\r\n250 STARTTLS\r\n");
            taken(&mut client);
            client.receive(first.replace('|', "\r\n").as_bytes());
            client.receive(then.replace('|', "\r\n").as_bytes());
            let end = taken(&mut client);
            assert!(
                end.ends_with("<closed clear text after STARTTLS>"),
                "{first:?} {then:?} {end}"
            );
        }
    }

    #[test]
    fn protection_and_login_are_as_strict_as_asked() {
        let credentials = Some(("u".to_owned(), "p".to_owned()));
        let tls = "250-mx|250 STARTTLS|";
        let auth = "250-mx|250 AUTH PLAIN LOGIN|";
        for (start_tls, credentials, lines) in [
            (StartTls::Must, None, vec![("250 mx|", "<closed without StartTls>")]),
            (StartTls::Must, None, vec![(tls, "STARTTLS|"), ("454 no|", "<closed refused 454>")]),
            (StartTls::IfOffered, None, vec![(tls, "STARTTLS|"), ("454 no|", "<ready>")]),
            (StartTls::IfOffered, None, vec![("250 mx|", "<ready>")]),
            (StartTls::Never, None, vec![(tls, "<ready>")]),
            (StartTls::Never, None, vec![("500 what|", "HELO us|"), ("250 mx|", "<ready>")]),
            (StartTls::Never, None, vec![("450 busy|", "<closed refused 450>")]),
            (
                StartTls::IfOffered,
                credentials.clone(),
                vec![(auth, "<closed without TlsForLogin>")],
            ),
            (
                StartTls::Never,
                credentials.clone(),
                vec![(auth, "AUTH PLAIN AHUAcA==|"), ("235 ok|", "<ready>")],
            ),
            (
                StartTls::Never,
                credentials.clone(),
                vec![(auth, "AUTH PLAIN AHUAcA==|"), ("535 no|", "<closed login 535>")],
            ),
            (
                StartTls::Never,
                credentials.clone(),
                vec![
                    ("250-mx|250 AUTH=LOGIN|", "AUTH LOGIN|"),
                    ("334 VXNlcm5hbWU6|", "dQ==|"),
                    ("334 UGFzc3dvcmQ6|", "cA==|"),
                    ("235 ok|", "<ready>"),
                ],
            ),
            (StartTls::Never, credentials, vec![("250 mx|", "<closed without Login>")]),
        ] {
            let mut client = Client::new(Hello { start_tls, credentials, ..hello() });
            play(&mut client, &[("220 mx|", "EHLO us|")]);
            play(&mut client, &lines);
        }
    }

    #[test]
    fn a_hostile_server_ends_the_connection_and_nothing_else() {
        for (says, how) in [
            ("250 not a greeting|", "refused 250"),
            ("554 go away|", "refused 554"),
            ("HTTP/1.1 400|", "a line does not start with a reply code"),
            ("220-a|250 b|", "the lines of a reply have different codes"),
            ("220 mx|250 mx|250 unasked|", "a reply that nothing asked for"),
            ("220 mx|250 mx|354 unasked|", "a reply that nothing asked for"),
        ] {
            let mut client = Client::new(hello());
            client.receive(says.replace('|', "\r\n").as_bytes());
            let end = taken(&mut client);
            assert!(end.ends_with(&format!("<closed {how}>")), "{says:?}: {end}");
        }
    }

    #[test]
    fn a_reply_before_the_end_of_a_large_message_ends_the_connection() {
        for (reply, answer) in [("552 too much|", "552"), ("250 taken|", "lost")] {
            let mut client = greeted("250-PIPELINING\r\n");
            let mut large = message(&["b@y.cz"], "");
            large.body = Bytes::from(vec![b'x'; 1_000_000]);
            client.transact(1, large);
            taken(&mut client);
            client.receive(b"250 ok\r\n250 ok\r\n354 go\r\n");
            let Some(Output::Send(piece)) = client.poll() else { panic!("nothing sent") };
            assert!(piece.len() <= 2 * wire::PIECE, "{}", piece.len());
            assert_eq!(client.wait(), Wait::Data);
            client.receive(reply.replace('|', "\r\n").as_bytes());
            let end = format!("<done 1 {answer}><closed a reply before the end of the message>");
            assert_eq!(taken(&mut client), end);
        }
    }

    #[test]
    fn parameters_go_only_to_those_who_offered_them() {
        let mut transaction = message(&["b@y.cz"], "x");
        transaction.params = MailParams {
            size: Some(1),
            body: BodyType::EightBitMime,
            smtputf8: true,
            ret: Some(Ret::Headers),
            envid: Some("a b".into()),
            require_tls: true,
            prdr: true,
            priority: Some(-4),
            by: Some(By { seconds: 60, otherwise: Otherwise::Notify, trace: true }),
            ..MailParams::default()
        };
        transaction.recipients[0].notify = Notify { success: true, failure: true, delay: false };
        transaction.recipients[0].orcpt = Some("rfc822;b+x@y.cz".into());
        let all = "250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n250-REQUIRETLS\r\n\
                   250-MT-PRIORITY MIXER\r\n250-DELIVERBY 30\r\n";
        let mut client = greeted(all);
        client.transact(1, transaction.clone());
        assert_eq!(
            taken(&mut client),
            "MAIL FROM:<a@x.cz> BODY=8BITMIME SMTPUTF8 REQUIRETLS MT-PRIORITY=-4 BY=60;NT RET=HDRS \
             ENVID=a+20b|\
             RCPT TO:<b@y.cz> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;b+2Bx@y.cz|DATA|"
        );
        let mut client = greeted("250-PIPELINING\r\n");
        client.transact(1, transaction);
        assert_eq!(taken(&mut client), "MAIL FROM:<a@x.cz>|RCPT TO:<b@y.cz>|DATA|");
    }

    #[test]
    fn who_asks_is_told_whose_message_it_is_before_each() {
        let said = Attributes { helo: Some("tool".into()), ..Attributes::default() };
        let forward = Some(Arc::new(said));
        let transaction = Transaction { forward, ..message(&["b@y.cz"], "x") };
        let mut client = greeted("250-PIPELINING\r\n250-XFORWARD HELO IDENT\r\n");
        client.transact(1, transaction.clone());
        let told =
            "XFORWARD HELO=tool IDENT=[UNAVAILABLE]|MAIL FROM:<a@x.cz>|RCPT TO:<b@y.cz>|DATA|";
        assert_eq!(taken(&mut client), told);
        // Its answer is about a log.
        let replies =
            [("550 no|250 ok|250 ok|354 go|", "Received: x|x|.|"), ("250 ok|", "<done 1 250>")];
        play(&mut client, &replies);
        client.transact(2, transaction.clone());
        assert_eq!(taken(&mut client), told);
        // Without pipelining one after another; and nothing where nobody asks.
        let mut client = greeted("250-XFORWARD HELO\r\n");
        client.transact(1, transaction.clone());
        play(&mut client, &[("", "XFORWARD HELO=tool|"), ("250 ok|", "MAIL FROM:<a@x.cz>|")]);
        let mut client = greeted("250-PIPELINING\r\n");
        client.transact(1, transaction);
        assert_eq!(taken(&mut client), "MAIL FROM:<a@x.cz>|RCPT TO:<b@y.cz>|DATA|");
    }

    #[test]
    fn any_cut_gives_the_same_result() {
        let script = "220 mx\r\n250-mx\r\n250-PIPELINING\r\n250 SIZE\r\n250 ok\r\n250 ok\r\n450 no\r\n354 go\r\n\
            250-taken\r\n250 really\r\n250 ok\r\n250 ok\r\n354 go\r\n550 5.7.1 no\r\n";
        let run = |cuts: &[usize]| {
            let mut client = Client::new(hello());
            client.transact(1, message(&["b@y.cz", "c@y.cz"], "one\r\n"));
            client.transact(2, message(&["d@y.cz"], "two\r\n"));
            let mut all = String::new();
            let mut from = 0;
            for cut in cuts.iter().copied().chain([script.len()]) {
                client.receive(&script.as_bytes()[from..cut]);
                all.push_str(&taken(&mut client));
                from = cut;
            }
            all
        };
        // The server here talks ahead of the client, so only what is written is compared.
        let whole: Vec<usize> = (1..script.len()).collect();
        let byte_by_byte = run(&whole);
        assert!(byte_by_byte.contains("<done 1 250,450>"), "{byte_by_byte}");
        assert!(byte_by_byte.ends_with("<done 2 550>"), "{byte_by_byte}");
        for cut in 1..script.len() {
            assert_eq!(run(&[cut]).matches("<done").count(), 2, "cut at {cut}");
        }
    }
}
