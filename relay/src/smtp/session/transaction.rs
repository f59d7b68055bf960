//! From MAIL to the reply for the message: the part of the session that holds an envelope.

use std::sync::Arc;

use bytes::Bytes;
use memchr::memchr;

use super::{
    Output, Session,
    state::{Question, Stage, State},
};
use crate::smtp::{
    body::{Body, Fault},
    chunk::{Chunk, Chunks},
    command::Command,
    dot::Decoder,
    envelope::{BodyType, Envelope, MailParams, Path, Recipient},
    reply::Reply,
};

impl Session {
    pub(super) fn mail(&mut self, from: Option<Path>, params: MailParams) -> State {
        let limits = &self.settings.limits;
        if self.settings.auth_required && !self.logged_in {
            return self.wrong(Stage::Ready, 530, "5.7.0", "log in first: AUTH");
        }
        if limits.messages_max.is_some_and(|most| self.messages >= most) {
            return self.close(421, "4.7.0", "enough messages on this connection: connect again");
        }
        if params.size.is_some_and(|size| size > limits.message_octets_max) {
            let text = format!("too large: {} octets at most", limits.message_octets_max);
            return self.say(Stage::Ready, 552, "5.3.4", text);
        }
        if params.require_tls && !self.tls {
            return self.wrong(Stage::Ready, 530, "5.7.10", "REQUIRETLS: say STARTTLS first");
        }
        if !params.smtputf8 && from.as_ref().is_some_and(|path| !path.is_ascii()) {
            return self.wrong(Stage::Ready, 553, "5.6.7", NEEDS_SMTPUTF8);
        }
        let envelope = Arc::new(Envelope { from, params, recipients: Vec::new() });
        self.outputs.push_back(Output::CheckSender { envelope: Arc::clone(&envelope) });
        State::Paused(Question::Sender(envelope))
    }

    pub(super) fn sender_answered(
        &mut self,
        envelope: Arc<Envelope>,
        replies: Vec<Reply>,
    ) -> State {
        let reply = replies.into_iter().next().unwrap_or_else(no_answer);
        let stage = if reply.is_positive() {
            self.messages += 1;
            self.idle_commands = 0;
            Stage::Envelope { envelope, asked: false }
        } else {
            Stage::Ready
        };
        self.outputs.push_back(Output::Send(reply));
        State::Line(stage)
    }

    /// Asks for this recipient and for all whose lines are here already. A line that would get
    /// its reply from us ends the run and is read after the answer, in its turn.
    pub(super) fn recipients(
        &mut self,
        envelope: Arc<Envelope>,
        first: Recipient,
        input: &mut &[u8],
    ) -> State {
        let smtputf8 = envelope.params.smtputf8;
        let most = self.settings.limits.recipients_max;
        let room = most.saturating_sub(envelope.recipients.len());
        let stage = |envelope| Stage::Envelope { envelope, asked: true };
        if room == 0 {
            let text = format!("too many recipients: {most} at most, send the rest again");
            return self.say(stage(envelope), 452, "4.5.3", text);
        }
        if !smtputf8 && !first.path.is_ascii() {
            return self.wrong(stage(envelope), 553, "5.6.7", NEEDS_SMTPUTF8);
        }
        let mut asked = vec![first];
        while asked.len() < room
            && let Some((recipient, rest)) = self.next_recipient(input, smtputf8)
        {
            asked.push(recipient);
            *input = rest;
        }
        let asked = Arc::new(asked);
        self.outputs.push_back(Output::CheckRecipients {
            envelope: Arc::clone(&envelope),
            asked: Arc::clone(&asked),
        });
        State::Paused(Question::Recipients(envelope, asked))
    }

    fn next_recipient<'a>(&self, input: &'a [u8], smtputf8: bool) -> Option<(Recipient, &'a [u8])> {
        let (line, rest) = input.split_at_checked(memchr(b'\n', input)? + 1)?;
        if line.len() > self.settings.limits.command_octets_max
            || !line.get(..5)?.eq_ignore_ascii_case(b"RCPT ")
        {
            return None;
        }
        match Command::parse(line.strip_suffix(b"\r\n")?) {
            Ok(Command::Rcpt(recipient)) if smtputf8 || recipient.path.is_ascii() => {
                Some((recipient, rest))
            }
            _ => None,
        }
    }

    pub(super) fn recipients_answered(
        &mut self,
        mut envelope: Arc<Envelope>,
        asked: Arc<Vec<Recipient>>,
        replies: Vec<Reply>,
    ) -> State {
        let mut replies = replies.into_iter();
        let Envelope { params, recipients, .. } = Arc::make_mut(&mut envelope);
        for recipient in Arc::unwrap_or_clone(asked) {
            let reply = replies.next().unwrap_or_else(no_answer);
            let closing = reply.code == 421;
            // Named twice, sent once; PRDR owes a reply to each RCPT, so there both stay.
            let named = !params.prdr && recipients.iter().any(|one| one.path == recipient.path);
            if reply.is_positive() && !named {
                recipients.push(recipient);
            }
            self.outputs.push_back(Output::Send(reply));
            if closing {
                break;
            }
        }
        State::Line(Stage::Envelope { envelope, asked: true })
    }

    pub(super) fn data(&mut self, envelope: Arc<Envelope>, asked: bool) -> State {
        if envelope.recipients.is_empty() {
            let (code, text) = if asked { (554, NOBODY) } else { (503, "say RCPT first") };
            return self.say(Stage::Envelope { envelope, asked }, code, "5.5.1", text);
        }
        if envelope.params.body == BodyType::BinaryMime {
            let stage = Stage::Envelope { envelope, asked };
            return self.wrong(stage, 503, "5.5.1", "BODY=BINARYMIME needs BDAT");
        }
        self.outputs.push_back(Output::Send(Reply::new(354, "", "send it, end with a dot")));
        let decoder = Decoder::new(self.body(&envelope));
        State::Data(envelope, Box::new(decoder))
    }

    pub(super) fn first_chunk(
        &mut self,
        envelope: Arc<Envelope>,
        asked: bool,
        chunk: Chunk,
    ) -> State {
        if envelope.recipients.is_empty() {
            let (code, text) = if asked { (554, NOBODY) } else { (503, "say RCPT first") };
            let reply = Reply::new(code, "5.5.1", text);
            let stage = Stage::Envelope { envelope, asked };
            return State::Skip { left: chunk.octets, reply, stage };
        }
        let binary = envelope.params.body == BodyType::BinaryMime;
        let chunks = Box::new(Chunks::new(self.body(&envelope), binary));
        State::Chunk { envelope, chunks, chunk, left: chunk.octets }
    }

    pub(super) fn chunk_ended(
        &mut self,
        envelope: Arc<Envelope>,
        chunks: Box<Chunks>,
        chunk: Chunk,
    ) -> State {
        match chunks.fault() {
            // The chunks that follow find no MAIL, and are read over.
            Some(fault) => self.spoilt(fault),
            None if chunk.last => self.message(envelope, chunks.finish()),
            None => {
                let text = format!("{} octets received", chunk.octets);
                self.say(Stage::Chunks(envelope, chunks), 250, "2.0.0", text)
            }
        }
    }

    /// The message has come to its true end.
    pub(super) fn message(
        &mut self,
        envelope: Arc<Envelope>,
        message: Result<Bytes, Fault>,
    ) -> State {
        let bytes = match message {
            Ok(bytes) => bytes,
            Err(fault) => return self.spoilt(fault),
        };
        let envelope = Arc::unwrap_or_clone(envelope);
        let prdr = envelope.params.prdr.then_some(envelope.recipients.len());
        self.outputs.push_back(Output::Decide { envelope, bytes });
        State::Paused(Question::Message { prdr })
    }

    /// Says one reply; or with PRDR 353, one for each recipient, and one for all.
    pub(super) fn message_answered(
        &mut self,
        prdr: Option<usize>,
        mut replies: Vec<Reply>,
    ) -> State {
        if prdr.is_some_and(|recipients| replies.len() == recipients + 1) {
            let text = "a reply for each recipient, then one for all";
            self.outputs.push_back(Output::Send(Reply::new(353, "", text)));
        } else if replies.len() != 1 {
            replies = replies.pop().filter(|last| last.code == 421).into_iter().collect();
            if replies.is_empty() {
                replies.push(no_answer());
            }
        }
        self.outputs.extend(replies.into_iter().map(Output::Send));
        self.forwarded = None;
        State::Line(Stage::Ready)
    }

    fn body(&self, envelope: &Envelope) -> Body {
        Body::new(&self.settings.limits, self.settings.bare_lf, envelope.params.size)
    }

    fn spoilt(&mut self, fault: Fault) -> State {
        let limits = &self.settings.limits;
        let (code, enhanced, text) = match fault {
            Fault::TooLarge => {
                (552, "5.3.4", format!("too large: {} octets at most", limits.message_octets_max))
            }
            Fault::Nul => (554, "5.6.0", "NUL in the message: encode it".to_owned()),
            Fault::BareCrOrLf => {
                (554, "5.6.0", "bare CR or LF in the message: end each line with CRLF".to_owned())
            }
            Fault::LineTooLong => {
                let most = limits.message_line_octets_max;
                (554, "5.6.0", format!("line over {most} octets: encode the message"))
            }
        };
        self.forwarded = None;
        self.say(Stage::Ready, code, enhanced, text)
    }
}

fn no_answer() -> Reply {
    Reply::new(451, "4.3.0", "cannot say now, try again")
}

const NEEDS_SMTPUTF8: &str = "this address needs SMTPUTF8: add it to MAIL";
const NOBODY: &str = "no recipient was accepted";
