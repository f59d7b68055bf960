//! The server's side of one connection, as a state machine.
//!
//! Call [`Session::receive`] or one of the answers, then take [`Session::poll`] until it is
//! `None`, then do the next one thing. While a question is open, bytes are kept, not read. The
//! same bytes cut differently get the same replies.
//!
//! Everything that moves the state is here and in the files beside it: `transaction` and `login`
//! hold the moves that do not fit, and are entered from the one match below. What the commands
//! look like is in `command`, where a message ends in `dot` and `chunk`; who may do what is
//! asked of the listener.

mod login;
mod state;
mod transaction;

use std::{collections::VecDeque, mem, sync::Arc};

use bytes::Bytes;

use state::{Question, Stage, State};

use super::{
    auth::{Credentials, LoginAnswer},
    chunk,
    command::Command,
    dot::Taken,
    envelope::{Envelope, Recipient},
    lines::{self, Line},
    reply::Reply,
    settings::{Arrival, Settings},
    xclient, xforward,
};

/// One connection.
#[derive(Debug)]
pub struct Session {
    settings: Arc<Settings>,
    arrival: Arrival,
    state: State,
    tls: bool,
    logged_in: bool,
    helo: String,
    /// Of the next message, or of the one that is coming in. In a box: few sessions have it.
    forwarded: Option<Box<xforward::Attributes>>,
    unread: Vec<u8>,
    /// The line being read is too long already: only its end is looked for.
    overlong: bool,
    outputs: VecDeque<Output>,
    errors: u32,
    idle_commands: u32,
    messages: u32,
    /// `Close` was said.
    closed: bool,
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
    Xclient(xclient::Attributes),
    /// Write what was sent so far, then close the connection.
    Close,
}

impl Session {
    /// The greeting is the first output.
    pub fn new(settings: Arc<Settings>, arrival: Arrival) -> Self {
        let mut session = Self {
            settings,
            arrival,
            state: State::Line(Stage::Fresh),
            tls: arrival.tls,
            logged_in: false,
            helo: String::new(),
            forwarded: None,
            unread: Vec::new(),
            overlong: false,
            outputs: VecDeque::new(),
            errors: 0,
            idle_commands: 0,
            messages: 0,
            closed: false,
        };
        session.greet();
        session
    }

    /// Bytes from the client, cut anywhere.
    pub fn receive(&mut self, bytes: &[u8]) {
        if self.unread.is_empty() {
            // The usual case: nothing waits, and a message is decoded from where it was read.
            let left = self.read(bytes);
            self.unread.extend_from_slice(left);
        } else {
            self.unread.extend_from_slice(bytes);
            self.resume();
        }
        if self.unread.len() > UNREAD_OCTETS_MAX {
            self.close(421, "4.7.0", "too much sent ahead of the replies");
        }
    }

    /// The handshake is over. What came before it is thrown away (RFC 3207 §4.2,
    /// CVE-2011-0411): EHLO and AUTH are due again.
    pub fn tls_is_up(&mut self) {
        if matches!(self.state, State::Paused(Question::Tls)) {
            self.unread = Vec::new();
            self.tls = true;
            self.logged_in = false;
            self.helo.clear();
            self.forwarded = None;
            self.state = State::Line(Stage::Fresh);
        }
    }

    /// Answers `CheckSender`, `CheckRecipients`, `Decide` or `Xclient`. A reply that is missing
    /// is made up as `451 4.3.0`; one with 421 is the last and closes the connection.
    pub fn answer(&mut self, mut replies: Vec<Reply>) {
        let closing = replies.iter().position(|reply| reply.code == 421);
        if let Some(at) = closing {
            replies.truncate(at + 1);
        }
        self.state = match mem::replace(&mut self.state, State::Closed) {
            State::Paused(Question::Sender(envelope)) => self.sender_answered(envelope, replies),
            State::Paused(Question::Recipients(envelope, asked)) => {
                self.recipients_answered(envelope, asked, replies)
            }
            State::Paused(Question::Message { prdr }) => self.message_answered(prdr, replies),
            State::Paused(Question::Xclient { login }) => self.xclient_answered(login, replies),
            // No such question is open.
            state @ (State::Paused(Question::Login(_) | Question::Tls)
            | State::Line(_)
            | State::Data(..)
            | State::Chunk { .. }
            | State::Skip { .. }
            | State::Auth(_)
            | State::Closed) => {
                self.state = state;
                return;
            }
        };
        if closing.is_some() {
            self.shut();
        }
        self.resume();
    }

    /// Answers `CheckLogin`.
    pub fn answer_login(&mut self, answer: LoginAnswer) {
        self.state = match (mem::replace(&mut self.state, State::Closed), answer) {
            (State::Paused(Question::Login(_)), LoginAnswer::Refused(reply)) => {
                let closing = reply.code == 421;
                let state = self.wrong_reply(Stage::Ready, reply);
                if closing {
                    self.shut();
                    return;
                }
                state
            }
            (State::Paused(Question::Login(waiting)), answer) => match waiting.go_on(answer) {
                Some(step) => self.auth_step(step),
                None => self.say(Stage::Ready, 454, "4.7.0", "cannot log in now, try again"),
            },
            (state, _) => state,
        };
        self.resume();
    }

    /// An idle deadline passed: 421 and `Close`. Not while a question is open: then it is not
    /// the client who is late.
    pub fn late(&mut self) {
        self.close(421, "4.4.2", "nothing heard for too long, closing");
    }

    /// The relay is stopping: 421 and `Close`. Wait for [`Session::between_messages`] first.
    pub fn going_down(&mut self) {
        self.close(421, "4.3.2", "going down, try again soon");
    }

    /// The next thing to do; `None`: wait for bytes, an answer or a deadline.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// False while a question is open and enough is unread: stop reading the socket.
    pub fn wants_bytes(&self) -> bool {
        match self.state {
            State::Closed => false,
            State::Paused(_) => self.unread.len() < UNREAD_OCTETS_ENOUGH,
            State::Line(_)
            | State::Data(..)
            | State::Chunk { .. }
            | State::Skip { .. }
            | State::Auth(_) => true,
        }
    }

    /// No message is on its way in and no question is open.
    pub fn between_messages(&self) -> bool {
        matches!(self.state, State::Line(Stage::Fresh | Stage::Ready) | State::Closed)
    }

    /// What the client called itself; empty before EHLO.
    pub fn helo(&self) -> &str {
        &self.helo
    }

    /// Whose message it is, where a trusted mail server has said so (XFORWARD).
    pub fn forwarded(&self) -> Option<&xforward::Attributes> {
        self.forwarded.as_deref()
    }

    pub fn tls(&self) -> bool {
        self.tls
    }

    /// What the session was told.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    fn resume(&mut self) {
        let mut unread = mem::take(&mut self.unread);
        let left = self.read(&unread).len();
        if left == 0 {
            // An idle connection owns no buffer.
            return;
        }
        unread.drain(..unread.len() - left);
        self.unread = unread;
    }

    /// Reads as far as the state allows. Answers what must be kept.
    fn read<'a>(&mut self, mut input: &'a [u8]) -> &'a [u8] {
        loop {
            self.state = match mem::replace(&mut self.state, State::Closed) {
                State::Line(stage) => match self.line(&mut input, false) {
                    Line::Whole(line) => self.step(stage, line, &mut input),
                    Line::TooLong => self.wrong(stage, 500, "5.5.2", "line too long"),
                    Line::BareLf => self.wrong(stage, 500, "5.5.2", "end each line with CRLF"),
                    Line::Partial => {
                        self.state = State::Line(stage);
                        return input;
                    }
                },
                State::Auth(exchange) => match self.line(&mut input, true) {
                    Line::Whole(b"*") => {
                        self.wrong(Stage::Ready, 501, "5.0.0", "authentication cancelled")
                    }
                    Line::Whole(line) => self.auth_step(exchange.line(line)),
                    Line::TooLong => self.wrong(Stage::Ready, 500, "5.5.6", "line too long"),
                    Line::BareLf => {
                        self.wrong(Stage::Ready, 500, "5.5.2", "end each line with CRLF")
                    }
                    Line::Partial => {
                        self.state = State::Auth(exchange);
                        return input;
                    }
                },
                State::Data(envelope, mut decoder) => match decoder.take(input) {
                    Taken::Ended(used) => {
                        input = input.get(used..).unwrap_or_default();
                        self.message(envelope, decoder.finish())
                    }
                    Taken::All => {
                        self.state = State::Data(envelope, decoder);
                        return b"";
                    }
                },
                State::Chunk { envelope, mut chunks, chunk, mut left } => {
                    let used = chunks.take(&mut left, input);
                    input = input.get(used..).unwrap_or_default();
                    if left > 0 {
                        self.state = State::Chunk { envelope, chunks, chunk, left };
                        return b"";
                    }
                    self.chunk_ended(envelope, chunks, chunk)
                }
                State::Skip { mut left, reply, stage } => {
                    let (_, used) = chunk::counted(&mut left, input);
                    input = input.get(used..).unwrap_or_default();
                    if left > 0 {
                        self.state = State::Skip { left, reply, stage };
                        return b"";
                    }
                    self.outputs.push_back(Output::Send(reply));
                    State::Line(stage)
                }
                state @ (State::Closed | State::Paused(Question::Tls)) => {
                    self.state = state;
                    return b"";
                }
                state @ State::Paused(_) => {
                    self.state = state;
                    return input;
                }
            };
        }
    }

    fn line<'a>(&mut self, input: &mut &'a [u8], in_auth: bool) -> Line<'a> {
        let limits = &self.settings.limits;
        // RFC 4954 §4 has AUTH lines longer than all others.
        let verb = input.get(..5);
        let auth = in_auth || verb.is_some_and(|verb| verb.eq_ignore_ascii_case(b"AUTH "));
        let octets_max = if auth { limits.auth_octets_max } else { limits.command_octets_max };
        lines::take(input, octets_max, &mut self.overlong)
    }

    /// The whole protocol: what each command means in each stage.
    fn step(&mut self, stage: Stage, line: &[u8], input: &mut &[u8]) -> State {
        let command = match Command::parse(line) {
            Ok(command) => command,
            Err(reply) => return self.wrong_reply(stage, reply),
        };
        match (command, stage) {
            (Command::Quit, _) => self.close(221, "2.0.0", "bye"),
            (Command::Http, _) => self.close(421, "4.7.0", "this is SMTP, not HTTP"),
            (Command::BdatUnreadable, _) => {
                self.close(501, "5.5.4", "say BDAT octets [LAST]; closing, the chunk has no end")
            }
            (Command::Noop, stage) => self.idle(stage, 250, "2.0.0", "ok"),
            (Command::Help, stage) => self.idle(stage, 214, "2.0.0", HELP),
            (Command::Vrfy, stage) => self.idle(stage, 252, "2.5.2", "not verified: send to it"),
            (Command::Expn, stage) => self.wrong(stage, 502, "5.5.1", "no lists are expanded here"),
            (Command::Xforward(said), stage @ (Stage::Fresh | Stage::Ready)) => {
                self.xforward(stage, said)
            }
            (Command::Ehlo(name), _) => self.hello(name, true),
            (Command::Helo(name), _) => self.hello(name, false),
            (Command::Rset, Stage::Fresh) => self.idle(Stage::Fresh, 250, "2.0.0", "ok"),
            (Command::Rset, Stage::Ready | Stage::Envelope { .. } | Stage::Chunks(..)) => {
                self.forwarded = None;
                self.idle(Stage::Ready, 250, "2.0.0", "ok")
            }
            (Command::StartTls, Stage::Ready) => self.start_tls(),
            (Command::Auth { mechanism, initial }, Stage::Ready) => {
                self.start_auth(&mechanism, initial.as_deref())
            }
            (Command::Xclient(said), stage @ (Stage::Fresh | Stage::Ready)) => {
                self.xclient(stage, said)
            }
            // A second MAIL is a reset: pools of several tools rely on it.
            (
                Command::Mail { from, params },
                Stage::Ready | Stage::Envelope { .. } | Stage::Chunks(..),
            ) => self.mail(from, params),
            (Command::Rcpt(recipient), Stage::Envelope { envelope, .. }) => {
                self.recipients(envelope, recipient, input)
            }
            (Command::Data, Stage::Envelope { envelope, asked }) => self.data(envelope, asked),
            (Command::Bdat(chunk), Stage::Envelope { envelope, asked }) => {
                self.first_chunk(envelope, asked, chunk)
            }
            (Command::Bdat(chunk), Stage::Chunks(envelope, chunks)) => {
                State::Chunk { envelope, chunks, chunk, left: chunk.octets }
            }
            (Command::Bdat(chunk), stage @ (Stage::Fresh | Stage::Ready)) => {
                let reply = Reply::new(503, "5.5.1", stage.next());
                State::Skip { left: chunk.octets, reply, stage }
            }
            (
                Command::StartTls
                | Command::Auth { .. }
                | Command::Xclient(_)
                | Command::Xforward(_)
                | Command::Mail { .. }
                | Command::Rcpt(_)
                | Command::Data,
                stage,
            ) => {
                let next = stage.next();
                self.wrong(stage, 503, "5.5.1", next)
            }
        }
    }
    fn greet(&mut self) {
        let greeting = format!("{} ESMTP", self.settings.hostname);
        self.outputs.push_back(Output::Send(Reply::new(220, "", greeting)));
    }

    fn say(
        &mut self,
        stage: Stage,
        code: u16,
        enhanced: &'static str,
        text: impl Into<String>,
    ) -> State {
        self.outputs.push_back(Output::Send(Reply::new(code, enhanced, text)));
        State::Line(stage)
    }

    /// Answers what brings no message nearer; too many of these close the connection.
    fn idle(
        &mut self,
        stage: Stage,
        code: u16,
        enhanced: &'static str,
        text: impl Into<String>,
    ) -> State {
        self.idle_commands += 1;
        if self.idle_commands > self.settings.limits.idle_commands_max {
            return self.close(421, "4.7.0", "too many commands without a message, closing");
        }
        self.say(stage, code, enhanced, text)
    }

    /// Answers what the client did wrong; too much of it closes the connection.
    fn wrong(&mut self, stage: Stage, code: u16, enhanced: &'static str, text: &str) -> State {
        self.wrong_reply(stage, Reply::new(code, enhanced, text))
    }

    fn wrong_reply(&mut self, stage: Stage, reply: Reply) -> State {
        self.errors += 1;
        if self.errors > self.settings.limits.errors_max {
            return self.close(421, "4.7.0", "too many errors, closing");
        }
        self.outputs.push_back(Output::Send(reply));
        State::Line(stage)
    }

    /// The last words. Answers the state, for those that set it themselves.
    fn close(&mut self, code: u16, enhanced: &'static str, text: &str) -> State {
        if !self.closed {
            self.outputs.push_back(Output::Send(Reply::new(code, enhanced, text)));
            self.shut();
        }
        State::Closed
    }

    fn shut(&mut self) {
        if !mem::replace(&mut self.closed, true) {
            self.outputs.push_back(Output::Close);
        }
        self.unread = Vec::new();
        self.state = State::Closed;
    }
}

const HELP: &str = "EHLO HELO MAIL RCPT DATA BDAT RSET NOOP VRFY QUIT STARTTLS AUTH";

/// While a question is open the listener stops reading at this many octets...
const UNREAD_OCTETS_ENOUGH: usize = 64 * 1_024;
/// ...and where it does not, the connection ends at this many.
const UNREAD_OCTETS_MAX: usize = 1_024 * 1_024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smtp::settings::{AuthOffer, BareLf, Limits};

    fn settings() -> Settings {
        Settings {
            hostname: "mx.test".into(),
            limits: Limits::default(),
            bare_lf: BareLf::Reject,
            starttls: true,
            auth: AuthOffer::InsideTls,
            auth_required: false,
        }
    }

    fn session() -> Session {
        let mut session = Session::new(Arc::new(settings()), Arrival::default());
        drain(&mut session);
        session
    }

    fn drain(session: &mut Session) -> Vec<Output> {
        std::iter::from_fn(|| session.poll()).collect()
    }

    fn codes(outputs: &[Output]) -> Vec<u16> {
        let code = |output: &Output| match output {
            Output::Send(reply) => Some(reply.code),
            Output::StartTls
            | Output::CheckLogin(_)
            | Output::CheckSender { .. }
            | Output::CheckRecipients { .. }
            | Output::Decide { .. }
            | Output::Xclient(_)
            | Output::Close => None,
        };
        outputs.iter().filter_map(code).collect()
    }

    fn ok() -> Reply {
        Reply::new(250, "2.0.0", "ok")
    }

    /// A session with one accepted recipient, about to be told DATA or BDAT.
    fn with_recipient() -> Session {
        let mut session = session();
        session.receive(b"EHLO a\r\nMAIL FROM:<a@test>\r\nRCPT TO:<b@test>\r\n");
        session.answer(vec![ok()]);
        session.answer(vec![ok()]);
        drain(&mut session);
        session
    }

    /// CVE-2011-0411: a command sent in clear text must not run inside TLS.
    #[test]
    fn what_came_before_the_handshake_is_forgotten() {
        let mut session = session();
        session.receive(b"EHLO a\r\nSTARTTLS\r\nMAIL FROM:<evil@test>\r\n");
        assert_eq!(drain(&mut session).last(), Some(&Output::StartTls));
        session.receive(b"RCPT TO:<evil@test>\r\n");
        session.tls_is_up();
        assert_eq!(session.poll(), None);
        assert_eq!(session.helo(), "");
        session.receive(b"MAIL FROM:<a@test>\r\n");
        assert_eq!(codes(&drain(&mut session)), [503], "EHLO is due again");
    }

    #[test]
    fn recipients_that_came_together_are_one_question() {
        let mut session = session();
        session.receive(
            b"EHLO a\r\nMAIL FROM:<a@test>\r\nRCPT TO:<b@test>\r\nrcpt to:<c@test>\r\n\
              RCPT TO:<wrong>\r\nRCPT TO:<d@test>\r\nRCPT TO:<e",
        );
        drain(&mut session);
        let asked = |session: &mut Session| match drain(session).last() {
            Some(Output::CheckRecipients { asked, .. }) => asked.len(),
            other => panic!("{other:?}"),
        };
        session.answer(vec![ok()]);
        assert_eq!(asked(&mut session), 2);
        session.answer(vec![ok(), Reply::new(550, "5.7.1", "no")]);
        assert_eq!(asked(&mut session), 1, "the wrong line was answered in its turn");
        session.answer(vec![]);
        assert_eq!(codes(&drain(&mut session)), [451], "no answer is never permission");
        session.receive(b"@test>\r\nDATA\r\n.\r\n");
        session.answer(vec![ok()]);
        match drain(&mut session).last() {
            Some(Output::Decide { envelope, .. }) => {
                let names: Vec<&str> =
                    envelope.recipients.iter().map(|one| one.path.local.as_str()).collect();
                assert_eq!(names, ["b", "e"]);
            }
            other => panic!("{other:?}"),
        }
    }

    /// The whole table of ends that other servers fell for, in front of a smuggled message.
    #[test]
    fn no_false_end_starts_a_second_message() {
        let ends: [&[u8]; 12] = [
            b"\n.\n",
            b"\n.\r\n",
            b"\r.\r",
            b"\r.\r\n",
            b"\r\n.\n",
            b"\r\n.\r",
            b"\r\n.\r\r\n",
            b"\r\n\0.\r\n",
            b"\r\n.\0\r\n",
            b"\n\n.\r\n",
            b"\r\r\n.\r\r\n",
            b"\r\n .\r\n",
        ];
        for end in ends {
            for bare_lf in [BareLf::Reject, BareLf::Normalize] {
                let mut session = with_recipient();
                session.settings = Arc::new(Settings { bare_lf, ..settings() });
                let smuggled = b"MAIL FROM:<evil@test>\r\nRCPT TO:<x@test>\r\nDATA\r\nx";
                session.receive(&[b"DATA\r\nx", end, smuggled, b"\r\n.\r\n"].concat());
                let outputs = drain(&mut session);
                let shown = end.escape_ascii();
                assert!(
                    !outputs.iter().any(|output| matches!(output, Output::CheckSender { .. })),
                    "{shown}"
                );
                assert_eq!(outputs.len(), 2, "354 and one more thing: {shown}");
                if let Some(Output::Decide { bytes, .. }) = outputs.last() {
                    let text = String::from_utf8(bytes.to_vec()).unwrap().replace("\r\n", "");
                    assert!(!text.contains(['\r', '\n', '\0']), "{shown}");
                    assert!(text.contains("evil"), "{shown}");
                }
            }
        }
    }

    #[test]
    fn an_idle_session_owns_no_buffer() {
        let mut session = with_recipient();
        let message = [&b"DATA\r\n"[..], &b"a line of text\r\n".repeat(4_000), b".\r\n"].concat();
        for chunk in message.chunks(1_000) {
            session.receive(chunk);
        }
        session.answer(vec![ok()]);
        drain(&mut session);
        assert_eq!(session.unread.capacity(), 0);
        assert!(session.outputs.capacity() <= 16);
        assert!(size_of::<Session>() < 512, "{}", size_of::<Session>());
    }

    #[test]
    fn bytes_are_wanted_until_enough_wait_for_an_answer() {
        let mut session = session();
        session.receive(b"EHLO a\r\nMAIL FROM:<a@test>\r\n");
        assert!(session.wants_bytes());
        session.receive(&b"NOOP\r\n".repeat(UNREAD_OCTETS_ENOUGH / 6 + 1));
        assert!(!session.wants_bytes());
        session.receive(&vec![b'x'; UNREAD_OCTETS_MAX]);
        assert_eq!(drain(&mut session).last(), Some(&Output::Close));
        session.answer(vec![ok()]);
        assert_eq!(session.poll(), None);
    }

    #[test]
    fn a_deadline_closes_once() {
        let mut session = session();
        session.late();
        session.late();
        session.going_down();
        let outputs = drain(&mut session);
        assert_eq!(codes(&outputs), [421]);
        assert_eq!(outputs.len(), 2);
        session.receive(b"EHLO a\r\n");
        assert_eq!(session.poll(), None);
    }

    #[test]
    fn an_answer_with_421_closes() {
        let mut session = session();
        session.receive(b"EHLO a\r\nMAIL FROM:<a@test>\r\nNOOP\r\n");
        drain(&mut session);
        session.answer(vec![Reply::new(421, "4.3.2", "going down")]);
        let outputs = drain(&mut session);
        assert_eq!((codes(&outputs), outputs.last()), (vec![421], Some(&Output::Close)));
    }

    #[test]
    fn an_answer_nobody_asked_for_changes_nothing() {
        let mut session = session();
        session.answer(vec![ok()]);
        session.answer_login(LoginAnswer::Accepted { signature: None });
        session.tls_is_up();
        assert_eq!(session.poll(), None);
        assert!(!session.tls() && !session.logged_in);
        session.receive(b"EHLO a\r\n");
        assert_eq!(codes(&drain(&mut session)), [250]);
    }
}
