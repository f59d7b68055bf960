//! One connection to a peer: found, opened, protected, greeted, and driven. What is sent over it
//! and what becomes of the answers is `destination`'s business.

use std::{
    future::poll_fn,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{io::ReadBuf, net::TcpStream, time::timeout};

use super::{
    dns::Resolver,
    outcome::Problem,
    route::Destination,
    settings::{Credentials, Settings, Timeouts, Tls as Protection},
    tls::{Stream, Tls},
};
use crate::smtp::client::{Capabilities, Client, Hello, Output, StartTls, Transaction, Wait, Why};

/// Opens connections; cheap to clone.
#[derive(Clone, Debug)]
pub struct Dialer {
    pub settings: Arc<Settings>,
    pub resolver: Resolver,
    pub tls: Tls,
}

/// A greeted connection.
#[derive(Debug)]
pub struct Connection {
    client: Client,
    stream: Stream,
    timeouts: Timeouts,
    out: Vec<u8>,
    written: usize,
    /// TLS may hold some of it back.
    unflushed: bool,
    buffer: Vec<u8>,
    /// `mx.example.cz [192.0.2.1]`, for journal and DSN.
    pub peer: String,
    /// The name alone, for `Remote-MTA`.
    pub host: String,
}

/// What comes of driving a connection.
#[derive(Debug)]
pub enum Event {
    /// One answer per recipient of the transaction.
    Done { id: u64, answers: Vec<crate::smtp::client::Answer> },
    /// Nothing more comes.
    Closed(Why),
}

/// One server to try.
struct Target<'a> {
    host: &'a str,
    port: u16,
    protection: Protection,
    credentials: Option<&'a Credentials>,
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

impl Dialer {
    /// The first host that greets us. `seed` orders equal mail exchangers.
    pub async fn dial(&self, destination: &Destination, seed: u64) -> Result<Connection, Problem> {
        match destination {
            Destination::Smarthost(host) => {
                let target = Target {
                    host: &host.host,
                    port: host.port,
                    protection: host.tls,
                    credentials: host.credentials.as_ref(),
                };
                self.dial_all(std::slice::from_ref(&host.host), &target).await.map_err(|problem| {
                    // The operator's own host: its absence is no fault of the message's.
                    if problem == Problem::NoHost {
                        Problem::Dns("the next hop has no address".to_owned())
                    } else {
                        problem
                    }
                })
            }
            Destination::Mx { domain, port, tls } => {
                let own = self.settings.hostname.to_ascii_lowercase();
                let hosts = self.resolver.mail_hosts(domain, &own, seed).await?;
                let target =
                    Target { host: domain, port: *port, protection: *tls, credentials: None };
                self.dial_all(&hosts, &target).await
            }
            Destination::Capture(_) => Err(Problem::Connect("a folder".to_owned())),
        }
    }

    async fn dial_all(&self, hosts: &[String], target: &Target<'_>) -> Result<Connection, Problem> {
        let mut last = Problem::NoHost;
        let mut left = self.settings.hosts_max;
        for host in hosts {
            let addresses = match self.resolver.addresses(host).await {
                Ok(addresses) => addresses,
                // One host without an address must not make another one's trouble final.
                Err(Problem::NoHost) => continue,
                Err(problem) => {
                    last = problem;
                    continue;
                }
            };
            for address in addresses {
                if left == 0 {
                    return Err(last);
                }
                left -= 1;
                match self.dial_one(&Target { host, ..*target }, address).await {
                    Ok(connection) => return Ok(connection),
                    Err(problem @ Problem::Closed(Why::Login(_))) => return Err(problem),
                    Err(problem) => last = problem,
                }
            }
        }
        Err(last)
    }

    async fn dial_one(&self, target: &Target<'_>, address: IpAddr) -> Result<Connection, Problem> {
        match self.open(target, address, target.protection).await {
            // Better in clear text than not at all: that is what opportunistic means.
            Err(Problem::Handshake(_)) if target.protection == Protection::Opportunistic => {
                self.open(target, address, Protection::Off).await
            }
            other => other,
        }
    }

    async fn open(
        &self,
        target: &Target<'_>,
        address: IpAddr,
        protection: Protection,
    ) -> Result<Connection, Problem> {
        let timeouts = self.settings.timeouts;
        let address = SocketAddr::new(address, target.port);
        let stream = match timeout(timeouts.connect, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(fault)) => return Err(Problem::Connect(fault.kind().to_string())),
            Err(_) => return Err(Problem::Connect("timed out".to_owned())),
        };
        // Every write is a whole group of commands; waiting for more only costs time.
        let _ = stream.set_nodelay(true);
        let implicit = protection == Protection::Implicit;
        let stream = if implicit {
            Stream::Tls(Box::new(self.shake(stream, target.host, true).await?))
        } else {
            Stream::Plain(stream)
        };
        let hello = Hello {
            name: self.settings.hostname.clone(),
            start_tls: match protection {
                Protection::Off | Protection::Implicit => StartTls::Never,
                Protection::Opportunistic => StartTls::IfOffered,
                Protection::Required => StartTls::Must,
            },
            secured: implicit,
            credentials: target.credentials.map(|own| (own.user.clone(), own.password.clone())),
        };
        let mut connection = Connection {
            client: Client::new(hello),
            stream,
            timeouts,
            out: Vec::new(),
            written: 0,
            unflushed: false,
            buffer: vec![0; BUFFER],
            peer: format!("{} [{}]", target.host, address.ip()),
            host: target.host.to_owned(),
        };
        loop {
            match connection.turn_until_output().await {
                Output::Ready => return Ok(connection),
                Output::Closed(why) => return Err(Problem::Closed(why)),
                Output::StartTls => {
                    connection = self.protect(connection, target.host, protection).await?;
                }
                Output::Send(_) | Output::Done { .. } => {}
            }
        }
    }

    async fn protect(
        &self,
        mut connection: Connection,
        host: &str,
        protection: Protection,
    ) -> Result<Connection, Problem> {
        let Stream::Plain(stream) = connection.stream else {
            return Err(Problem::Closed(Why::Protocol("STARTTLS inside TLS")));
        };
        let stream = self.shake(stream, host, protection.is_verified()).await?;
        connection.stream = Stream::Tls(Box::new(stream));
        connection.client.tls_is_up();
        Ok(connection)
    }

    async fn shake(
        &self,
        stream: TcpStream,
        host: &str,
        verify: bool,
    ) -> Result<super::tls::TlsStream<TcpStream>, Problem> {
        match timeout(self.settings.timeouts.command, self.tls.connect(stream, host, verify)).await
        {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(fault)) => Err(Problem::Handshake(fault)),
            Err(_) => Err(Problem::Handshake("timed out".to_owned())),
        }
    }
}

impl Connection {
    pub fn capabilities(&self) -> &Capabilities {
        self.client.capabilities()
    }

    pub fn is_tls(&self) -> bool {
        self.client.is_tls()
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

    async fn turn_until_output(&mut self) -> Output {
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
                    }
                    Some(other) => return other,
                    None => {}
                }
            }
            let turn = match self.patience() {
                Some(patience) => timeout(patience, poll_fn(|cx| self.turn(cx))).await,
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

    fn patience(&self) -> Option<Duration> {
        match self.client.wait() {
            Wait::Greeting => Some(self.timeouts.greeting),
            Wait::Command => Some(self.timeouts.command),
            Wait::Data => Some(self.timeouts.data),
            Wait::End => Some(self.timeouts.end),
            Wait::Idle => None,
        }
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
