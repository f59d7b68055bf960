//! One connection: does what the session's outputs say, with the socket, the clock and the limits.
//!
//! It holds no SMTP of its own but two replies to clients that nobody has vouched for.

use std::{
    future::poll_fn,
    io,
    mem::MaybeUninit,
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::ready,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use tokio::{
    io::{AsyncRead as _, AsyncReadExt as _, AsyncWriteExt as _, ReadBuf},
    sync::watch,
    time::{sleep_until, timeout},
};

use super::{
    Shared,
    seats::{Room, Seat},
    stream::Stream,
};
use crate::{
    intake::{Learned, Peer},
    login::Login,
    smtp::{
        envelope::Envelope,
        reply::Reply,
        session::{Output, Session},
        when,
        xclient::Attributes,
    },
};

/// One read; on the stack while it happens, so that an idle connection holds none.
const READ_OCTETS: usize = 32 * 1024;
/// A handshake takes a few round trips.
const HANDSHAKE_MAX: Duration = Duration::from_secs(30);
/// How long a client that was told goodbye may go on talking before the connection is cut.
const FAREWELL_MAX: Duration = Duration::from_secs(1);
/// How often a client that has to wait for room looks again.
const ROOM_EVERY: Duration = Duration::from_millis(100);

/// All that one connection knows.
pub(super) struct Connection {
    pub(super) shared: Arc<Shared>,
    pub(super) session: Session,
    pub(super) seat: Seat,
    /// After PROXY and XCLIENT: who is really there.
    pub(super) address: IpAddr,
    pub(super) login: Option<Arc<Login>>,
    pub(super) learned: Learned,
    /// Which addresses need no password here.
    pub(super) terms: Arc<super::Terms>,
    pub(super) stop: watch::Receiver<bool>,
}

enum Next {
    Wait,
    Close,
}

impl Connection {
    /// Until either side has had enough. An error is the network's and tells nothing new.
    pub(super) async fn run(mut self, mut stream: Stream) -> io::Result<()> {
        let mut wire = String::new();
        let mut heard = Instant::now();
        let mut begun: Option<Instant> = None;
        loop {
            let before = wire.len();
            let (next, same) = self.drain(stream, &mut wire).await?;
            stream = same;
            if wire.len() > before || matches!(next, Next::Close) {
                self.send(&mut stream, &mut wire).await?;
                heard = Instant::now();
            }
            if matches!(next, Next::Close) {
                return farewell(self, stream).await;
            }
            if self.session.between_messages() {
                begun = None;
                self.seat.let_go();
                if *self.stop.borrow() {
                    self.session.going_down();
                    continue;
                }
            } else if begun.is_none() {
                begun = Some(Instant::now());
            }
            self.wait(&mut stream, &mut heard, begun).await?;
        }
    }

    /// Waits for the one next thing: bytes, a deadline, or that the relay stops.
    async fn wait(
        &mut self,
        stream: &mut Stream,
        heard: &mut Instant,
        begun: Option<Instant>,
    ) -> io::Result<()> {
        let limits = &self.shared.limits;
        let mut deadline = *heard + limits.idle;
        if let Some(begun) = begun {
            deadline = deadline.min(begun + limits.message_time);
        }
        match (self.seat.room(), begun) {
            (Room::Enough, _) | (Room::Little, Some(_)) => {}
            (Room::Little | Room::None, None) if Instant::now() < deadline => {
                // The client's bytes wait in its own buffers.
                tokio::time::sleep(ROOM_EVERY).await;
                return Ok(());
            }
            (Room::Little | Room::None, _) => {
                metrics::counter!("souhlas_connections_refused_total", "reason" => "memory")
                    .increment(1);
                self.session.going_down();
                return Ok(());
            }
        }
        let session = &mut self.session;
        tokio::select! {
            read = read(stream, session) => {
                let length = read?;
                if length == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                // A client that sends a command byte by byte is idle; one that sends a message
                // slowly is not, until its time is up.
                if begun.is_some() {
                    *heard = Instant::now();
                }
                if !session.between_messages() {
                    self.seat.hold(length);
                }
            }
            () = sleep_until(deadline.into()) => session.late(),
            _ = self.stop.changed() => {}
        }
        Ok(())
    }

    /// Does what the session asks until it has nothing more to say; its replies are gathered.
    async fn drain(&mut self, mut stream: Stream, wire: &mut String) -> io::Result<(Next, Stream)> {
        while let Some(output) = self.session.poll() {
            match output {
                Output::Send(reply) => reply.write(wire),
                Output::StartTls => {
                    self.send(&mut stream, wire).await?;
                    // In a box, as are logins: an idle connection holds no room for either.
                    stream = Box::pin(self.upgrade(stream)).await?;
                    self.session.tls_is_up();
                }
                Output::CheckLogin(said) => {
                    let logins = &self.shared.logins;
                    let checking = logins.check(Timestamp::now(), self.address, &said);
                    let outcome = Box::pin(checking).await;
                    let (answer, login) = outcome.into_answer();
                    if login.is_some() {
                        self.login = login;
                    }
                    self.session.answer_login(answer);
                }
                Output::CheckSender { envelope } => {
                    self.learned = Learned::default();
                    let reply = match self.peer() {
                        // Whoever it is: what comes back comes from anywhere.
                        _ if self.terms.returns => Reply::new(250, "2.1.0", "sender ok"),
                        Some(peer) => match self.goes_on(&peer.login).await {
                            Ok(()) => self.begins(&peer, &envelope),
                            Err(refusal) => refusal,
                        },
                        None => unknown(),
                    };
                    drop(envelope);
                    self.session.answer(vec![reply]);
                }
                Output::CheckRecipients { envelope, asked } => {
                    let replies = match self.peer() {
                        _ if self.terms.returns => self.returned_to(&asked),
                        Some(peer) => {
                            let now = Timestamp::now();
                            let learned = &mut self.learned;
                            let intake = &self.shared.intake;
                            intake.recipients(now, &peer, &envelope, &asked, learned).await
                        }
                        None => vec![unknown(); asked.len()],
                    };
                    drop((envelope, asked));
                    self.session.answer(replies);
                }
                Output::Decide { envelope, bytes } => {
                    let replies = match self.peer() {
                        _ if self.terms.returns => self.returned(&envelope, bytes).await,
                        Some(peer) => self.decide(&peer, envelope, bytes).await,
                        None => vec![unknown()],
                    };
                    self.session.answer(replies);
                }
                Output::Xclient(said) => {
                    let reply = self.believe(said).await;
                    self.session.answer(vec![reply]);
                }
                Output::Close => return Ok((Next::Close, stream)),
            }
        }
        Ok((Next::Wait, stream))
    }

    async fn decide(&mut self, peer: &Peer, envelope: Envelope, bytes: bytes::Bytes) -> Vec<Reply> {
        let started = Instant::now();
        metrics::counter!("souhlas_messages_in_total").increment(1);
        metrics::counter!("souhlas_message_bytes_in_total")
            .increment(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        let learned = std::mem::take(&mut self.learned);
        let intake = &self.shared.intake;
        let replies = intake.message(Timestamp::now(), peer, envelope, bytes, learned).await;
        metrics::histogram!("souhlas_intake_seconds").record(started.elapsed());
        replies
    }

    /// A trusted proxy says who is there. What it does not say stays, but for the login.
    async fn believe(&mut self, said: Attributes) -> Reply {
        let address = said.address.unwrap_or(self.address);
        if said.address.is_some() && self.seat.belongs_to(address).is_err() {
            return Reply::new(421, "4.7.0", "too many connections from this address");
        }
        let login = match said.login {
            None => self.terms.trusted(address),
            Some(name) => match self.shared.logins.named(Timestamp::now(), &name).await {
                Ok(Some(login)) => Some(login),
                Ok(None) => return Reply::new(550, "5.7.8", "no such login"),
                Err(_) => return Reply::new(451, "4.3.0", "cannot check logins now"),
            },
        };
        self.address = address;
        self.login = login;
        Reply::new(220, "", "")
    }

    /// Whether this sender may be used, and the message leave when it is to.
    fn begins(&self, peer: &Peer, envelope: &Envelope) -> Reply {
        let params = &envelope.params;
        match when::check(Timestamp::now(), params.hold, params.by) {
            Ok(()) => self.shared.intake.sender(peer, envelope.from.as_ref()),
            Err(refusal) => refusal,
        }
    }

    /// A login may be suspended while it is connected. One that comes with the address is relay.toml's.
    async fn goes_on(&self, login: &Arc<Login>) -> Result<(), Reply> {
        let trusted = self.terms.trusted(self.address);
        if trusted.is_some_and(|trusted| Arc::ptr_eq(&trusted, login)) {
            return Ok(());
        }
        Box::pin(self.shared.logins.may_go_on(Timestamp::now(), login)).await
    }

    fn peer(&self) -> Option<Peer> {
        let login = self.login.clone()?;
        let forwarded = self.session.forwarded();
        let helo = forwarded.and_then(|said| said.helo.as_deref());
        Some(Peer {
            address: forwarded.and_then(|said| said.address).unwrap_or(self.address),
            helo: helo.unwrap_or_else(|| self.session.helo()).to_owned(),
            tls: self.session.tls(),
            login,
            forwarded: forwarded.map(|said| Arc::new(said.clone())),
        })
    }

    /// What the client said before TLS may have come from anybody (RFC 3207 §4.2): forgotten.
    async fn upgrade(&mut self, stream: Stream) -> io::Result<Stream> {
        self.login = self.terms.trusted(self.address);
        match stream {
            Stream::Plain(socket) => self.shared.handshake(socket).await,
            Stream::Tls(_) => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    async fn send(&self, stream: &mut Stream, wire: &mut String) -> io::Result<()> {
        if wire.is_empty() {
            return Ok(());
        }
        let write = async {
            stream.write_all(wire.as_bytes()).await?;
            stream.flush().await
        };
        timeout(self.shared.limits.idle, write).await.map_err(|_| io::ErrorKind::TimedOut)??;
        wire.clear();
        // A long EHLO or a thousand RCPT replies are not kept for an idle connection.
        wire.shrink_to(1024);
        Ok(())
    }
}

impl Shared {
    pub(super) async fn handshake(&self, socket: super::stream::Socket) -> io::Result<Stream> {
        let Some(certificates) = &self.certificates else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        let limit = HANDSHAKE_MAX.min(self.limits.idle);
        let done = timeout(limit, certificates.accept(socket)).await;
        done.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
            .map(|stream| Stream::Tls(Box::new(stream)))
            .inspect_err(|error| {
                metrics::counter!("souhlas_tls_handshakes_failed_total").increment(1);
                tracing::debug!(kind = ?error.kind(), "no TLS handshake");
            })
    }
}

/// Closes so that the last reply arrives: bytes still on their way in would make it a reset.
async fn farewell(connection: Connection, mut stream: Stream) -> io::Result<()> {
    drop(connection);
    let wait = async {
        stream.shutdown().await?;
        let mut rest = [0; 1024];
        while stream.read(&mut rest).await? > 0 {}
        Ok(())
    };
    timeout(FAREWELL_MAX, wait).await.unwrap_or(Ok(()))
}

async fn read(stream: &mut Stream, session: &mut Session) -> io::Result<usize> {
    poll_fn(|cx| {
        let mut space = [MaybeUninit::<u8>::uninit(); READ_OCTETS];
        let mut into = ReadBuf::uninit(&mut space);
        ready!(Pin::new(&mut *stream).poll_read(cx, &mut into))?;
        let bytes = into.filled();
        if !bytes.is_empty() {
            session.receive(bytes);
        }
        std::task::Poll::Ready(Ok(bytes.len()))
    })
    .await
}

/// The session asks for a login first; this is for what it cannot know (after XCLIENT).
fn unknown() -> Reply {
    Reply::new(530, "5.7.0", "authentication required")
}
