//! The milter's side of one connection, as a state machine: the same verbs as `smtp::session`.
//!
//! Call [`Session::receive`] or [`Session::answer`], then take [`Session::poll`] until it is `None`.
//! While a question is open, bytes are kept, not read. What is wrong with a message is said at its end,
//! for most servers do not listen before.

use std::{collections::VecDeque, mem, net::IpAddr, sync::Arc};

use bytes::Bytes;

use super::{
    packet::{self, Packet},
    word::{self, Word},
};
use crate::smtp::{
    envelope::{Envelope, MailParams, Path, Recipient},
    params, path,
    reply::Reply,
};

/// One connection of a mail server.
#[derive(Debug)]
pub struct Session {
    limits: Limits,
    state: State,
    /// Of what the server offered, what it leaves out now.
    steps: u32,
    client: Client,
    unread: Vec<u8>,
    outputs: VecDeque<Output>,
}

/// Whom the server has as its client.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Client {
    /// `None`: a program on the server itself, or nobody knows.
    pub address: Option<IpAddr>,
    pub helo: String,
    /// The name that it logged in with there, `{auth_authen}`.
    pub login: Option<String>,
}

/// The most that a server may hand over at a time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    pub recipients_max: usize,
    pub message_octets_max: u64,
}

/// What the listener must do next. All but `Send` and `Close` are questions for
/// [`Session::answer`]: one is open at most, and it is the last output until then.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Output {
    Send(Vec<u8>),
    CheckSender {
        client: Client,
        envelope: Arc<Envelope>,
    },
    /// `envelope` holds those accepted before.
    CheckRecipient {
        client: Client,
        envelope: Arc<Envelope>,
        asked: Recipient,
    },
    /// `paths`: the recipients as the server named them, in the envelope's order.
    Decide {
        client: Client,
        envelope: Envelope,
        paths: Vec<String>,
        bytes: Bytes,
    },
    /// Write what was sent so far, then close: the server does with its messages what its own settings
    /// say for a milter that is not there.
    Close,
}

#[derive(Debug)]
enum State {
    /// The negotiation is due.
    Fresh,
    /// Between messages.
    Ready,
    Envelope(Box<Transaction>),
    /// A question is open.
    Paused(Question),
    Closed,
}

#[derive(Debug)]
enum Question {
    Sender(Box<Transaction>),
    Recipient(Box<Transaction>, String, Recipient),
    Message,
}

/// A message on its way.
#[derive(Debug, Default)]
struct Transaction {
    envelope: Arc<Envelope>,
    paths: Vec<String>,
    bytes: Vec<u8>,
    fields: usize,
    in_body: bool,
    /// Why it can only be refused; its bytes are dropped.
    fault: Option<Fault>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    TooLarge,
    TooManyFields,
    Malformed,
    NoRecipient,
}

/// The version that is spoken (Sendmail 8.14, Postfix 2.6).
const VERSION: u32 = 6;
/// Add and change fields, replace the body, drop recipients, quarantine.
const ACTIONS: u32 = 0x01 | 0x02 | 0x08 | 0x10 | 0x20;
/// No answer is waited for: fields, connection, HELO, DATA, unknown commands, end of header, body.
const NO_ANSWER: u32 =
    STEP_FIELD | STEP_CONNECT | STEP_HELO | STEP_DATA | STEP_UNKNOWN | STEP_END | STEP_BODY;
const STEP_FIELD: u32 = 0x80;
const STEP_CONNECT: u32 = 0x1000;
const STEP_HELO: u32 = 0x2000;
const STEP_DATA: u32 = 0x1_0000;
const STEP_UNKNOWN: u32 = 0x2_0000;
const STEP_END: u32 = 0x4_0000;
const STEP_BODY: u32 = 0x8_0000;
/// Values are said with the space behind the colon.
const SPACED: u32 = 0x10_0000;
/// A message with more header fields is no tool's.
const FIELDS_MAX: usize = 1_000;
/// While a question is open the listener stops reading at this many octets.
const UNREAD_OCTETS_ENOUGH: usize = packet::OCTETS_MAX;

impl Session {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            state: State::Fresh,
            steps: 0,
            client: Client::default(),
            unread: Vec::new(),
            outputs: VecDeque::new(),
        }
    }

    /// Bytes from the server, cut anywhere.
    pub fn receive(&mut self, bytes: &[u8]) {
        if !matches!(self.state, State::Closed) {
            self.unread.extend_from_slice(bytes);
            self.resume();
        }
    }

    /// Answers the open question. To a sender or a recipient a reply of 2xx is [`Word::Go`] too.
    pub fn answer(&mut self, word: Word) {
        let word = match word {
            Word::Reply(reply) if reply.is_positive() => Word::Go(Vec::new()),
            word @ (Word::Go(_) | Word::Quarantine { .. } | Word::Discard | Word::Reply(_)) => word,
        };
        let goes = !matches!(word, Word::Reply(_));
        self.state = match mem::replace(&mut self.state, State::Closed) {
            State::Paused(Question::Sender(transaction)) if goes => State::Envelope(transaction),
            State::Paused(Question::Recipient(mut transaction, path, recipient)) => {
                if goes {
                    transaction.paths.push(path);
                    Arc::make_mut(&mut transaction.envelope).recipients.push(recipient);
                }
                State::Envelope(transaction)
            }
            State::Paused(Question::Sender(_) | Question::Message) => State::Ready,
            // No such question is open.
            state @ (State::Fresh | State::Ready | State::Envelope(_) | State::Closed) => {
                self.state = state;
                return;
            }
        };
        self.say(&word);
        self.resume();
    }

    /// The next thing to do; `None`: wait for bytes or an answer.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// False while a question is open and enough is unread: stop reading the socket.
    pub fn wants_bytes(&self) -> bool {
        match self.state {
            State::Closed => false,
            State::Paused(_) => self.unread.len() < UNREAD_OCTETS_ENOUGH,
            State::Fresh | State::Ready | State::Envelope(_) => true,
        }
    }

    /// No message is on its way.
    pub fn between_messages(&self) -> bool {
        matches!(self.state, State::Fresh | State::Ready | State::Closed)
    }

    /// Values of header fields are said with the space behind the colon, both ways.
    pub fn spaced(&self) -> bool {
        self.steps & SPACED != 0
    }

    fn resume(&mut self) {
        while !matches!(self.state, State::Paused(_) | State::Closed) {
            match packet::take(&mut self.unread) {
                Ok(Some(packet)) => self.step(packet),
                Ok(None) => break,
                Err(_) => self.close(),
            }
        }
        if self.unread.is_empty() {
            // An idle connection owns no buffer.
            self.unread = Vec::new();
        }
    }

    /// The whole protocol: what each packet means in each state.
    fn step(&mut self, packet: Packet) {
        let state = mem::replace(&mut self.state, State::Closed);
        self.state = match (packet, state) {
            (Packet::Quit, _) => return self.close(),
            (Packet::Negotiate { version, actions, steps }, State::Fresh) => {
                if version < VERSION || actions & ACTIONS != ACTIONS {
                    return self.close();
                }
                self.steps = steps & (NO_ANSWER | SPACED);
                let mut out = Vec::new();
                word::negotiated(&mut out, VERSION, ACTIONS, self.steps);
                self.outputs.push_back(Output::Send(out));
                State::Ready
            }
            (_, State::Fresh) | (Packet::Negotiate { .. }, _) => return self.close(),
            (Packet::Macros { of, pairs }, state) => {
                if of == b'M' {
                    let named = pairs.into_iter().find(|(name, _)| name == "{auth_authen}");
                    self.client.login =
                        named.map(|(_, value)| value).filter(|value| !value.is_empty());
                }
                state
            }
            (Packet::Connect(address), State::Ready) => {
                self.client = Client { address, ..Client::default() };
                self.go_on(STEP_CONNECT, State::Ready)
            }
            (Packet::Helo(helo), state) => {
                self.client.helo = helo;
                self.go_on(STEP_HELO, state)
            }
            (Packet::NextClient, _) => {
                self.client = Client::default();
                State::Ready
            }
            (Packet::Abort, _) => {
                self.client.login = None;
                State::Ready
            }
            (Packet::Unknown, state) => self.go_on(STEP_UNKNOWN, state),
            (Packet::Mail(words), State::Ready) => self.mail(&words),
            (Packet::Rcpt(words), State::Envelope(transaction)) => self.rcpt(transaction, &words),
            (Packet::Data, state @ State::Envelope(_)) => self.go_on(STEP_DATA, state),
            (Packet::Header { name, value }, State::Envelope(mut transaction)) => {
                transaction.field(&name, &value, self.spaced(), &self.limits);
                self.go_on(STEP_FIELD, State::Envelope(transaction))
            }
            (Packet::EndOfHeader, State::Envelope(mut transaction)) => {
                transaction.end_of_header(&self.limits);
                self.go_on(STEP_END, State::Envelope(transaction))
            }
            (Packet::Body(bytes), State::Envelope(mut transaction)) => {
                transaction.body(&bytes, &self.limits);
                self.go_on(STEP_BODY, State::Envelope(transaction))
            }
            (Packet::EndOfBody(bytes), State::Envelope(mut transaction)) => {
                transaction.body(&bytes, &self.limits);
                self.message(*transaction)
            }
            (
                Packet::Connect(_)
                | Packet::Mail(_)
                | Packet::Rcpt(_)
                | Packet::Data
                | Packet::Header { .. }
                | Packet::EndOfHeader
                | Packet::Body(_)
                | Packet::EndOfBody(_),
                _,
            ) => return self.close(),
        };
    }

    fn mail(&mut self, words: &[String]) -> State {
        let params = params::mail(&params_of(words, |word| params::mail(word).is_ok()));
        let (Some((from, _)), Ok(params)) = (path_of(words), params) else {
            return self.refuse(State::Ready, 501, "5.1.7", "the sender's path cannot be read");
        };
        // One answer is for all recipients, whatever the server's client asked for.
        let params = MailParams { prdr: false, ..params };
        let envelope = Arc::new(Envelope { from, params, recipients: Vec::new() });
        let transaction = Transaction { envelope: Arc::clone(&envelope), ..Transaction::default() };
        let client = self.client.clone();
        self.outputs.push_back(Output::CheckSender { client, envelope });
        State::Paused(Question::Sender(Box::new(transaction)))
    }

    fn rcpt(&mut self, transaction: Box<Transaction>, words: &[String]) -> State {
        let params = params::rcpt(&params_of(words, |word| params::rcpt(word).is_ok()));
        let (Some((Some(path), _)), Ok(params)) = (path_of(words), params) else {
            let text = "the recipient's path cannot be read";
            return self.refuse(State::Envelope(transaction), 501, "5.1.3", text);
        };
        if transaction.envelope.recipients.len() >= self.limits.recipients_max {
            let text = format!("too many recipients: {} at most", self.limits.recipients_max);
            return self.refuse(State::Envelope(transaction), 452, "4.5.3", &text);
        }
        let asked = Recipient { path, notify: params.notify, orcpt: params.orcpt };
        self.outputs.push_back(Output::CheckRecipient {
            client: self.client.clone(),
            envelope: Arc::clone(&transaction.envelope),
            asked: asked.clone(),
        });
        let named = words.first().cloned().unwrap_or_default();
        State::Paused(Question::Recipient(transaction, named, asked))
    }

    fn message(&mut self, transaction: Transaction) -> State {
        let Transaction { envelope, paths, bytes, fault, .. } = transaction;
        let fault = fault.or(paths.is_empty().then_some(Fault::NoRecipient));
        if let Some(fault) = fault {
            let (code, enhanced, text) = fault.told(&self.limits);
            return self.refuse(State::Ready, code, enhanced, &text);
        }
        self.outputs.push_back(Output::Decide {
            client: self.client.clone(),
            envelope: Arc::unwrap_or_clone(envelope),
            paths,
            bytes: bytes.into(),
        });
        State::Paused(Question::Message)
    }

    /// Answers a step, unless the server waits for none.
    fn go_on(&mut self, step: u32, state: State) -> State {
        if self.steps & step == 0 {
            self.say(&Word::Go(Vec::new()));
        }
        state
    }

    fn refuse(&mut self, state: State, code: u16, enhanced: &'static str, text: &str) -> State {
        self.say(&Word::Reply(Reply::new(code, enhanced, text)));
        state
    }

    fn say(&mut self, word: &Word) {
        let mut out = Vec::new();
        word.write(&mut out);
        self.outputs.push_back(Output::Send(out));
    }

    fn close(&mut self) {
        self.state = State::Closed;
        self.unread = Vec::new();
        self.outputs.push_back(Output::Close);
    }
}

impl Transaction {
    /// Written as a message has it: CRLF, and lines that go on begin with a space.
    fn field(&mut self, name: &[u8], value: &[u8], spaced: bool, limits: &Limits) {
        let plain = |octet: &u8| octet.is_ascii_graphic() && *octet != b':';
        let folded = value.split(|octet| *octet == b'\n').skip(1);
        let mut goes_on = folded.map(|line| matches!(line.first(), Some(b' ' | b'\t')));
        if name.is_empty() || !name.iter().all(plain) || !goes_on.all(|good| good) || self.in_body {
            return self.spoil(Fault::Malformed);
        }
        self.fields += 1;
        if self.fields > FIELDS_MAX {
            return self.spoil(Fault::TooManyFields);
        }
        let gap: &[u8] = if spaced || value.is_empty() { b":" } else { b": " };
        self.put(&[name, gap], limits);
        for (number, line) in value.split(|octet| *octet == b'\n').enumerate() {
            let fold: &[u8] = if number == 0 { b"" } else { b"\r\n" };
            self.put(&[fold, line.strip_suffix(b"\r").unwrap_or(line)], limits);
        }
        self.put(&[b"\r\n"], limits);
    }

    fn end_of_header(&mut self, limits: &Limits) {
        if !mem::replace(&mut self.in_body, true) {
            self.put(&[b"\r\n"], limits);
        }
    }

    fn body(&mut self, bytes: &[u8], limits: &Limits) {
        self.end_of_header(limits);
        self.put(&[bytes], limits);
    }

    fn put(&mut self, parts: &[&[u8]], limits: &Limits) {
        let more: usize = parts.iter().map(|part| part.len()).sum();
        let octets = u64::try_from(self.bytes.len().saturating_add(more)).unwrap_or(u64::MAX);
        if self.fault.is_some() || octets > limits.message_octets_max {
            return self.spoil(Fault::TooLarge);
        }
        parts.iter().for_each(|part| self.bytes.extend_from_slice(part));
    }

    fn spoil(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
        self.bytes = Vec::new();
    }
}

impl Fault {
    fn told(self, limits: &Limits) -> (u16, &'static str, String) {
        match self {
            Self::TooLarge => {
                (552, "5.3.4", format!("too large: {} octets at most", limits.message_octets_max))
            }
            Self::TooManyFields => {
                (554, "5.6.0", format!("more than {FIELDS_MAX} header fields: send fewer"))
            }
            Self::Malformed => (554, "5.6.0", "a header field is malformed: mend it".to_owned()),
            Self::NoRecipient => (554, "5.5.1", "no recipient was accepted".to_owned()),
        }
    }
}

fn path_of(words: &[String]) -> Option<(Option<Path>, &str)> {
    let named = words.first().map(String::as_str).unwrap_or_default();
    path::path_at(named).ok().filter(|(_, rest)| rest.is_empty())
}

/// Those that we know: the server may offer its clients others.
fn params_of(words: &[String], known: impl Fn(&str) -> bool) -> String {
    let each = words.iter().skip(1).map(|word| format!(" {word}"));
    each.filter(|word| known(word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(packets: &[(u8, &[u8])]) -> Vec<u8> {
        let one = |(kind, rest): &(u8, &[u8])| {
            let length = u32::try_from(rest.len() + 1).unwrap().to_be_bytes();
            [&length[..], &[*kind], rest].concat()
        };
        packets.iter().flat_map(one).collect()
    }

    const OPTIONS: (u8, &[u8]) = (b'O', b"\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff");
    /// Without anything that may be left out.
    const OLD_OPTIONS: (u8, &[u8]) = (b'O', b"\0\0\0\x06\0\0\0\x3f\0\0\0\0");

    fn session(limit: u64) -> Session {
        Session::new(Limits { recipients_max: 2, message_octets_max: limit })
    }

    fn drain(session: &mut Session) -> Vec<Output> {
        std::iter::from_fn(|| session.poll()).collect()
    }

    fn go() -> Word {
        Word::Go(Vec::new())
    }

    /// With one accepted recipient.
    fn begun(options: (u8, &[u8]), limit: u64) -> Session {
        let mut session = session(limit);
        session.receive(&packed(&[
            options,
            (b'D', b"C"),
            (b'C', b"tool.example\x004\x12\x34192.0.2.7\0"),
            (b'H', b"tool.example\0"),
            (b'D', b"M{auth_authen}\0shop\0{auth_type}\0PLAIN\0"),
            (b'M', b"<a@x.cz>\0SIZE=5\0"),
        ]));
        session.answer(go());
        session.receive(&packed(&[(b'R', b"<b@x.cz>\0ORCPT=rfc822;b@x.cz\0")]));
        session.answer(go());
        drain(&mut session);
        session
    }

    const MESSAGE: [(u8, &[u8]); 6] = [
        (b'T', b""),
        (b'L', b"From\0 a@x.cz\0"),
        (b'L', b"Subject\0 a\n\tb\0"),
        (b'N', b""),
        (b'B', b"one\r\n"),
        (b'E', b"two\r\n"),
    ];

    #[test]
    fn a_message_is_put_together_as_it_was() {
        let mut session = begun(OPTIONS, 1_000);
        session.receive(&packed(&MESSAGE));
        let outputs = drain(&mut session);
        let [Output::Decide { client, envelope, paths, bytes }] = &outputs[..] else {
            panic!("{outputs:?}")
        };
        assert_eq!(bytes, &b"From: a@x.cz\r\nSubject: a\r\n\tb\r\n\r\none\r\ntwo\r\n"[..]);
        assert_eq!(client.login.as_deref(), Some("shop"));
        assert_eq!(
            (client.address, client.helo.as_str()),
            ("192.0.2.7".parse().ok(), "tool.example")
        );
        assert_eq!(envelope.params.size, Some(5));
        assert_eq!(envelope.recipients[0].orcpt.as_deref(), Some("rfc822;b@x.cz"));
        assert_eq!(paths, &["<b@x.cz>"]);
        session.answer(go());
        assert_eq!(drain(&mut session), [Output::Send(b"\0\0\0\x01c".to_vec())]);
        assert!(session.between_messages());
    }

    #[test]
    fn the_same_bytes_cut_differently_are_the_same() {
        let said = packed(&[OPTIONS, (b'H', b"a\0"), (b'M', b"<a@x.cz>\0"), (b'Q', b"")]);
        let mut whole = session(100);
        whole.receive(&said);
        let whole = drain(&mut whole);
        for size in 1..said.len() {
            let mut cut = session(100);
            said.chunks(size).for_each(|chunk| cut.receive(chunk));
            assert_eq!(drain(&mut cut), whole, "{size}");
        }
    }

    #[test]
    fn a_server_that_leaves_nothing_out_is_answered_at_each_step() {
        let mut session = begun(OLD_OPTIONS, 1_000);
        session.receive(&packed(&[
            (b'T', b""),
            (b'L', b"From\0a@x.cz\0"),
            (b'N', b""),
            (b'B', b"one\r\n"),
            (b'E', b""),
        ]));
        let outputs = drain(&mut session);
        assert_eq!(outputs.len(), 5, "{outputs:?}");
        let Some(Output::Decide { bytes, .. }) = outputs.last() else { panic!("{outputs:?}") };
        assert_eq!(bytes, &b"From: a@x.cz\r\n\r\none\r\n"[..]);
    }

    #[test]
    fn what_is_wrong_with_a_message_is_said_at_its_end() {
        let two = (b'L', &b"From\0 a@x.cz\0"[..]);
        for (limit, fields, code) in [
            (20, vec![two, (b'B', b"more than that")], "552 5.3.4"),
            (1_000, vec![(b'L', &b"Subject\0 a\nBcc: b\0"[..])], "554 5.6.0"),
            (1_000, vec![(b'L', &b"Sub ject\0 a\0"[..])], "554 5.6.0"),
            (1_000, vec![(b'N', &b""[..]), two], "554 5.6.0"),
            (100_000, vec![two; FIELDS_MAX + 1], "554 5.6.0"),
        ] {
            let mut session = begun(OPTIONS, limit);
            session.receive(&packed(&fields));
            assert_eq!(drain(&mut session), [], "{code}");
            session.receive(&packed(&[(b'E', b"")]));
            let outputs = drain(&mut session);
            let [Output::Send(bytes)] = &outputs[..] else { panic!("{outputs:?}") };
            let text = String::from_utf8_lossy(bytes);
            assert!(text.contains(&format!("y{code}")), "{text}");
            assert!(session.between_messages());
        }
    }

    #[test]
    fn a_refused_recipient_is_not_in_the_envelope_and_without_any_nothing_is_decided() {
        let mut session = session(1_000);
        session.receive(&packed(&[OPTIONS, (b'M', b"<>\0")]));
        session.answer(go());
        for path in [&b"<n@x.cz>\0"[..], b"<>\0", b"n@x.cz\0"] {
            session.receive(&packed(&[(b'R', path)]));
            session.answer(Word::Reply(Reply::new(550, "5.7.1", "no")));
        }
        drain(&mut session);
        session.receive(&packed(&MESSAGE));
        let outputs = drain(&mut session);
        assert!(matches!(&outputs[..], [Output::Send(bytes)] if bytes.starts_with(b"\0\0\0")));
    }

    #[test]
    fn whoever_speaks_otherwise_is_left() {
        for said in [
            packed(&[(b'M', b"<a@x.cz>\0")]),
            packed(&[(b'O', b"\0\0\0\x02\0\0\x01\xff\0\x1f\xff\xff")]),
            packed(&[(b'O', b"\0\0\0\x06\0\0\0\x01\0\x1f\xff\xff")]),
            packed(&[OPTIONS, (b'B', b"x")]),
            packed(&[OPTIONS, OPTIONS]),
            packed(&[OPTIONS, (b'z', b"")]),
            b"EHLO tool.example\r\n".to_vec(),
        ] {
            let mut session = session(1_000);
            session.receive(&said);
            assert_eq!(drain(&mut session).last(), Some(&Output::Close), "{}", said.escape_ascii());
            session.receive(&packed(&[OPTIONS]));
            assert_eq!(session.poll(), None);
        }
    }

    #[test]
    fn bytes_wait_while_a_question_is_open_and_an_abort_ends_the_message() {
        let mut session = session(1_000);
        session.receive(&packed(&[
            OPTIONS,
            (b'M', b"<a@x.cz>\0"),
            (b'A', b""),
            (b'M', b"<b@x.cz>\0"),
        ]));
        assert_eq!(drain(&mut session).len(), 2);
        session.answer(Word::Reply(Reply::new(451, "4.3.0", "later")));
        let outputs = drain(&mut session);
        let Some(Output::CheckSender { envelope, .. }) = outputs.last() else {
            panic!("{outputs:?}")
        };
        assert_eq!(envelope.from.as_ref().unwrap().local, "b");
    }
}
