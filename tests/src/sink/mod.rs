//! An SMTP server that takes messages and does as it is told: offers what the script offers,
//! refuses what it refuses, hangs up where it says so, and remembers all it was given.
//!
//! It is written apart from the product's own session on purpose, so that both cannot be wrong in
//! the same way. Loopback only.

mod script;
mod talk;

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{net::TcpSocket, sync::Notify, time::timeout};
use tokio_rustls::TlsAcceptor;

pub use self::script::{Does, Manner, Rule, Script};
use self::talk::serve;

/// How long a test waits for something to happen before it fails.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// One message that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Which connection, from 0.
    pub connection: usize,
    /// The whole command lines.
    pub mail: String,
    pub rcpts: Vec<String>,
    /// Dots undone.
    pub bytes: Vec<u8>,
    pub tls: bool,
    /// Where the connection came from, and how it called itself.
    pub from: IpAddr,
    pub hello: String,
    /// Said by AUTH, decoded: `\0user\0password`, or `user\0password`.
    pub login: Option<String>,
}

/// A running server. It stops when it is dropped.
#[derive(Debug)]
pub struct Sink {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    script: Mutex<Script>,
    taken: Mutex<Vec<Taken>>,
    /// Every line of every connection, in order.
    lines: Mutex<Vec<String>>,
    connections: Mutex<usize>,
    /// Open now, and at most so far.
    open: Mutex<(usize, usize)>,
    changed: Notify,
    released: Notify,
}

impl Sink {
    pub async fn start(script: Script) -> Self {
        Self::start_with(script, None).await
    }

    /// Also answers STARTTLS, with this certificate and key.
    pub async fn start_tls(script: Script, tls: Arc<rustls::ServerConfig>) -> Self {
        Self::start_with(script, Some(TlsAcceptor::from(tls))).await
    }

    async fn start_with(script: Script, tls: Option<TlsAcceptor>) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(([127, 0, 0, 1], 0).into()).expect("loopback has a free port");
        // Thousands may come at once, and who is not let in tries again after a second.
        let listener = socket.listen(4_096).expect("a bound socket listens");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared { script: Mutex::new(script), ..Shared::default() });
        let own = shared.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, from)) = listener.accept().await {
                let number = {
                    let mut connections = own.connections.lock().unwrap();
                    *connections += 1;
                    *connections - 1
                };
                own.changed.notify_waiters();
                let (own, tls) = (own.clone(), tls.clone());
                tokio::spawn(async move {
                    {
                        let mut open = own.open.lock().unwrap();
                        *open = (open.0 + 1, open.1.max(open.0 + 1));
                    }
                    serve(own.clone(), tls, (stream, from.ip()), number).await;
                    own.open.lock().unwrap().0 -= 1;
                });
            }
        });
        Self { address, shared, task }
    }

    /// From now on.
    pub fn rewrite(&self, script: Script) {
        *self.shared.script.lock().unwrap() = script;
    }

    /// Connections that wait go on.
    pub fn release(&self) {
        self.shared.released.notify_waiters();
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.shared.taken.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.shared.taken.lock().unwrap().len()
    }

    /// How many connections were opened so far.
    pub fn connections(&self) -> usize {
        *self.shared.connections.lock().unwrap()
    }

    /// How many of them were open at the same time at most.
    pub fn open_max(&self) -> usize {
        self.shared.open.lock().unwrap().1
    }

    /// Every line that was said to it.
    pub fn lines(&self) -> Vec<String> {
        self.shared.lines.lock().unwrap().clone()
    }

    /// Waits until it holds; fails the test where it never does.
    pub async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let waiting = async {
            loop {
                let changed = self.shared.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if holds(self) {
                    return;
                }
                changed.await;
            }
        };
        assert!(timeout(PATIENCE, waiting).await.is_ok(), "never happened: {what}");
    }

    /// Waits for so many messages, and gives them.
    pub async fn messages(&self, count: usize) -> Vec<Taken> {
        self.until(&format!("{count} messages"), |sink| sink.count() >= count).await;
        self.taken()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.task.abort();
    }
}
