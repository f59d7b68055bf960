//! Takes connections, as many as there are seats for, and finds out who is there.

use std::{
    io,
    net::{IpAddr, Ipv4Addr},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::Duration,
};

use futures_util::FutureExt as _;
use tokio::{
    io::AsyncReadExt as _,
    net::{TcpStream, UnixStream},
    sync::watch,
    task::JoinSet,
    time::timeout,
};

use super::{
    Shared, Terms,
    connection::Connection,
    door::{Caller, Door},
    milter::{self, Server},
    seats::{Full, Seat},
    stream::{Socket, Stream},
};
use crate::{
    config::Mode,
    intake::Learned,
    smtp::{
        proxy::{self, Header},
        reply::Reply,
        session::Session,
        settings::Arrival,
    },
};

/// A proxy sends its header at once.
const HEADER_MAX: Duration = Duration::from_secs(10);
/// Out of file handles, say: others must close first.
const PAUSE: Duration = Duration::from_millis(100);
/// What is said to somebody without a seat must not keep the next one waiting.
const REFUSAL_MAX: Duration = Duration::from_millis(50);

/// Until `stop`; then until every connection has ended.
pub(super) async fn run(
    door: Door,
    shared: Arc<Shared>,
    terms: Arc<Terms>,
    mut stop: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            stopped = stop.wait_for(|stop| *stop) => {
                drop(stopped);
                break;
            }
            Some(_) = connections.join_next() => continue,
            accepted = door.accept() => accepted,
        };
        let caller = match accepted {
            Ok(caller) => caller,
            Err(error) => {
                tracing::warn!(kind = ?error.kind(), "cannot accept connections");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        metrics::counter!("souhlas_connections_total", "listener" => terms.name.clone())
            .increment(1);
        let (tcp, peer) = match caller {
            Caller::Net(tcp, peer) => (tcp, peer),
            Caller::Unix(stream) => {
                let open = open_file(stream, shared.clone(), terms.clone(), stop.clone());
                connections.spawn(contained(open));
                continue;
            }
        };
        match seat(&shared, &terms, peer) {
            Ok(seat) => {
                let open = open(tcp, peer, seat, shared.clone(), terms.clone(), stop.clone());
                connections.spawn(contained(open));
            }
            Err(full) => refuse(tcp, &terms, full).await,
        }
    }
    drop(door);
    while connections.join_next().await.is_some() {}
}

/// A fault of ours ends one connection and is counted; all others go on.
async fn contained(connection: impl Future<Output = io::Result<()>>) {
    metrics::gauge!("souhlas_connections").increment(1);
    let ended = AssertUnwindSafe(connection).catch_unwind().await;
    metrics::gauge!("souhlas_connections").decrement(1);
    match ended {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(kind = ?error.kind(), "a connection broke"),
        Err(_) => {
            metrics::counter!("souhlas_connections_panicked_total").increment(1);
            tracing::error!("a connection ended by a fault of the relay: please report it");
        }
    }
}

fn seat(shared: &Shared, terms: &Terms, peer: IpAddr) -> Result<Seat, Full> {
    let mut seat = shared.seats.take()?;
    // A proxy's connections are counted for whom it speaks for, once it has said so.
    if !terms.is_proxy(peer) {
        seat.belongs_to(peer)?;
    }
    Ok(seat)
}

async fn open(
    tcp: TcpStream,
    peer: IpAddr,
    mut seat: Seat,
    shared: Arc<Shared>,
    terms: Arc<Terms>,
    stop: watch::Receiver<bool>,
) -> io::Result<()> {
    // A reply is one write: waiting for more would only delay it.
    tcp.set_nodelay(true)?;
    if terms.milter {
        let Some(login) = terms.trusted(peer) else {
            metrics::counter!("souhlas_connections_refused_total", "reason" => "untrusted")
                .increment(1);
            return Ok(());
        };
        let server = Server { address: peer, login };
        return Box::pin(milter::run(tcp, (server, seat), (shared, terms), stop)).await;
    }
    let mut tcp = tcp;
    let mut address = peer;
    let mut ahead = Vec::new();
    if terms.is_proxy(peer) {
        let read = timeout(HEADER_MAX, header(&mut tcp)).await;
        let (source, rest) = read.map_err(|_| io::ErrorKind::TimedOut)??;
        address = source.unwrap_or(peer);
        ahead = rest;
        if source.is_some()
            && let Err(full) = seat.belongs_to(address)
        {
            refuse(tcp, &terms, full).await;
            return Ok(());
        }
    }
    let socket = Socket::new(tcp, ahead);
    let stream = match terms.mode {
        Mode::ImplicitTls => Box::pin(shared.handshake(socket)).await?,
        Mode::Loopback | Mode::StartTls => Stream::Plain(socket),
    };
    let login = terms.trusted(address);
    let settings = if login.is_some() { &terms.trusted_session } else { &terms.session };
    let arrival = Arrival {
        tls: matches!(stream, Stream::Tls(_)),
        xclient: terms.may_xclient(address),
        xforward: terms.may_xforward(address),
    };
    let session = Session::new(settings.clone(), arrival);
    let learned = Learned::default();
    let connection = Connection { shared, session, seat, address, login, learned, terms, stop };
    connection.run(stream).await
}

/// Whoever came by a socket file: the system let them open it.
async fn open_file(
    stream: UnixStream,
    shared: Arc<Shared>,
    terms: Arc<Terms>,
    stop: watch::Receiver<bool>,
) -> io::Result<()> {
    // A mail server that asks would not read a reply.
    let (Ok(seat), Some(login)) = (shared.seats.take(), terms.trusted_by_file()) else {
        metrics::counter!("souhlas_connections_refused_total", "reason" => "total").increment(1);
        return Ok(());
    };
    let server = Server { address: Ipv4Addr::LOCALHOST.into(), login };
    Box::pin(milter::run(stream, (server, seat), (shared, terms), stop)).await
}

/// The PROXY header: whom it names, and what was read beyond it.
async fn header(tcp: &mut TcpStream) -> io::Result<(Option<IpAddr>, Vec<u8>)> {
    let mut bytes = Vec::with_capacity(256);
    loop {
        if tcp.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match proxy::header(&bytes) {
            Header::Partial => {}
            Header::Done { octets, source } => {
                let rest = bytes.get(octets..).unwrap_or_default().to_vec();
                return Ok((source.map(|source| source.ip()), rest));
            }
            Header::Broken => {
                metrics::counter!("souhlas_connections_refused_total", "reason" => "proxy-header")
                    .increment(1);
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
    }
}

/// Says why, where the client can hear it, and hangs up.
async fn refuse(tcp: TcpStream, terms: &Terms, full: Full) {
    let (reason, reply) = match full {
        Full::Total => ("total", Reply::new(421, "4.3.2", "too many connections, try again later")),
        Full::Address => {
            ("address", Reply::new(421, "4.7.0", "too many connections from this address"))
        }
    };
    metrics::counter!("souhlas_connections_refused_total", "reason" => reason).increment(1);
    // Inside TLS nobody could read it without a handshake, which a flood must not get; a mail server
    // that asks would not read it as a reply.
    if terms.mode != Mode::ImplicitTls
        && !terms.milter
        && let Ok(Ok(())) = timeout(REFUSAL_MAX, tcp.writable()).await
    {
        tcp.try_write(reply.to_wire().as_bytes()).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_ends_one_connection_and_nothing_else() {
        let mut connections = JoinSet::new();
        connections.spawn(contained(async { panic!("provoked") }));
        connections.spawn(contained(async { Err(io::ErrorKind::TimedOut.into()) }));
        while let Some(ended) = connections.join_next().await {
            assert!(ended.is_ok());
        }
    }
}
