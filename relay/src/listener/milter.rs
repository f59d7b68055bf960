//! A mail server that asks about messages it keeps: its connection, driven. The protocol is
//! `milter::session`'s, what is decided is `intake`'s.

use std::{
    io,
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use jiff::Timestamp;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    sync::watch,
    time::{sleep_until, timeout},
};

use super::{
    Shared, Terms,
    seats::{Room, Seat},
};
use crate::{
    intake::{Bidding, Learned, Peer},
    login::Login,
    milter::{
        change::{Change, changes},
        session::{Client, Limits, Output, Session},
        word::Word,
    },
    smtp::{envelope::Envelope, reply::Reply},
};

/// A server keeps its connection for as long as its own client is there, silent or not. libmilter
/// waits as long.
const IDLE_MAX: Duration = Duration::from_secs(7_200);
/// One read.
const READ_OCTETS: usize = 64 * 1024;
/// How often a server that has to wait for room is looked after again.
const ROOM_EVERY: Duration = Duration::from_millis(100);

/// Who asks.
pub(super) struct Server {
    /// Its own; 127.0.0.1 where it came by a socket file.
    pub(super) address: IpAddr,
    /// Of all its clients, unless they have their own.
    pub(super) login: Arc<Login>,
}

struct Connection {
    shared: Arc<Shared>,
    terms: Arc<Terms>,
    seat: Seat,
    server: Server,
    session: Session,
    learned: Learned,
}

/// Until either side has had enough. An error is the network's and tells nothing new.
pub(super) async fn run(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    (server, seat): (Server, Seat),
    (shared, terms): (Arc<Shared>, Arc<Terms>),
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let limits = Limits {
        recipients_max: shared.limits.recipients_max,
        message_octets_max: u64::try_from(shared.limits.message_bytes_max).unwrap_or(u64::MAX),
    };
    let session = Session::new(limits);
    let learned = Learned::default();
    let mut connection = Connection { shared, terms, seat, server, session, learned };
    let mut bytes = vec![0; READ_OCTETS];
    loop {
        let (wire, close) = connection.drain().await;
        let write = stream.write_all(&wire);
        timeout(connection.shared.limits.idle, write)
            .await
            .map_err(|_| io::ErrorKind::TimedOut)??;
        let between = connection.session.between_messages();
        if close || (between && *stop.borrow()) {
            return stream.shutdown().await;
        }
        if between {
            connection.seat.let_go();
        }
        match connection.seat.room() {
            Room::Enough => {}
            Room::Little if !between => {}
            Room::Little | Room::None if between => {
                tokio::time::sleep(ROOM_EVERY).await;
                continue;
            }
            // Its own settings say what becomes of the message: `tempfail` unless they are changed.
            Room::Little | Room::None => return Err(io::ErrorKind::OutOfMemory.into()),
        }
        let waits = if between { IDLE_MAX } else { connection.shared.limits.message_time };
        let count = tokio::select! {
            read = stream.read(&mut bytes) => read?,
            () = sleep_until((Instant::now() + waits).into()) => return Err(io::ErrorKind::TimedOut.into()),
            _ = stop.changed() => continue,
        };
        if count == 0 {
            return Ok(());
        }
        connection.session.receive(bytes.get(..count).unwrap_or_default());
        if !connection.session.between_messages() {
            connection.seat.hold(count);
        }
    }
}

impl Connection {
    /// Does what the session asks until it has nothing more to say. What is to be written, and whether
    /// that is all.
    async fn drain(&mut self) -> (Vec<u8>, bool) {
        let mut wire = Vec::new();
        while let Some(output) = self.session.poll() {
            let word = match output {
                Output::Send(bytes) => {
                    wire.extend(bytes);
                    continue;
                }
                Output::Close => return (wire, true),
                Output::CheckSender { client, envelope } => {
                    self.learned = Learned::default();
                    match self.peer(client).await {
                        Ok(peer) => {
                            Word::Reply(self.shared.intake.sender(&peer, envelope.from.as_ref()))
                        }
                        Err(refusal) => Word::Reply(refusal),
                    }
                }
                Output::CheckRecipient { client, envelope, asked } => {
                    match self.peer(client).await {
                        Ok(peer) => {
                            let intake = &self.shared.intake;
                            let (now, learned) = (Timestamp::now(), &mut self.learned);
                            let asked = [asked];
                            let said = intake.recipients(now, &peer, &envelope, &asked, learned);
                            Word::Reply(said.await.pop().unwrap_or_else(unavailable))
                        }
                        Err(refusal) => Word::Reply(refusal),
                    }
                }
                Output::Decide { client, envelope, paths, bytes } => {
                    Box::pin(self.decide(client, envelope, &paths, bytes)).await
                }
            };
            self.session.answer(word);
        }
        (wire, false)
    }

    async fn decide(
        &mut self,
        client: Client,
        envelope: Envelope,
        paths: &[String],
        bytes: Bytes,
    ) -> Word {
        let peer = match self.peer(client).await {
            Ok(peer) => peer,
            Err(refusal) => return Word::Reply(refusal),
        };
        let started = Instant::now();
        metrics::counter!("souhlas_messages_in_total").increment(1);
        metrics::counter!("souhlas_message_bytes_in_total")
            .increment(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        let (now, learned) = (Timestamp::now(), std::mem::take(&mut self.learned));
        let intake = &self.shared.intake;
        let bidding = intake.asked(now, &peer, envelope, bytes.clone(), learned).await;
        metrics::histogram!("souhlas_intake_seconds").record(started.elapsed());
        let drop = |dropped: Vec<usize>| {
            let paths = dropped.into_iter().filter_map(|at| paths.get(at).cloned());
            paths.map(Change::DropRecipient).collect::<Vec<_>>()
        };
        match bidding {
            Bidding::Go { bytes: None, dropped } => Word::Go(drop(dropped)),
            Bidding::Go { bytes: Some(after), dropped } => {
                let mut all = drop(dropped);
                all.extend(changes(&bytes, &after, self.session.spaced()));
                Word::Go(all)
            }
            Bidding::Quarantine { rule, dropped } => {
                Word::Quarantine { reason: rule, changes: drop(dropped) }
            }
            Bidding::Discard => Word::Discard,
            Bidding::Reply(reply) => Word::Reply(reply),
        }
    }

    /// Whose message it is: the listener's login, or that of the name which the server's client logged
    /// in with.
    async fn peer(&self, client: Client) -> Result<Peer, Reply> {
        let login = match client.login.filter(|_| self.terms.auth_is_login) {
            Some(name) => self.named(&name).await?,
            None => Arc::clone(&self.server.login),
        };
        let address = client.address.unwrap_or(self.server.address);
        Ok(Peer { address, helo: client.helo, tls: false, login, forwarded: None })
    }

    async fn named(&self, name: &str) -> Result<Arc<Login>, Reply> {
        let (now, logins) = (Timestamp::now(), &self.shared.logins);
        match logins.named(now, name).await {
            Ok(Some(login)) => logins.may_go_on(now, &login).await.map(|()| login),
            Ok(None) => Err(Reply::new(550, "5.7.8", "no such login")),
            Err(_) => Err(unavailable()),
        }
    }
}

fn unavailable() -> Reply {
    Reply::new(451, "4.3.0", "cannot say now, try again")
}
