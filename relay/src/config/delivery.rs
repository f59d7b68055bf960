//! Where messages go on, how often and for how long it is tried.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use super::Secret;

/// Settings of the delivery worker.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The first that matches is taken; the last matches everything.
    pub routes: Vec<Route>,
    pub waits: Waits,
    pub limit: Limit,
    /// Waits between attempts; the last one repeats until `expires_after`.
    pub retry: Vec<Duration>,
    /// After this long without success a message bounces.
    pub expires_after: Duration,
    /// After this long a DSN tells a sender who asked for it (NOTIFY=DELAY).
    pub delayed_after: Duration,
    /// DNS servers; empty: those of the system.
    pub dns: Vec<SocketAddr>,
}

/// Which messages go which way.
#[derive(Clone, Debug)]
pub struct Route {
    pub name: String,
    /// Ids of streams; empty: any.
    pub streams: Vec<String>,
    /// Recipient domains in A-label form, `*.` in front for all below; empty: any.
    pub domains: Vec<String>,
    pub next_hop: NextHop,
}

#[derive(Clone, Debug)]
pub enum NextHop {
    Smarthost(Smarthost),
    /// The recipient domain's MX hosts (RFC 5321 §5.1).
    Mx {
        /// 25 everywhere but in a test.
        port: u16,
        tls: TlsUse,
    },
    /// Writes one .eml file each, for trying out.
    Capture {
        folder: PathBuf,
    },
}

/// One host that takes everything.
#[derive(Clone, Debug)]
pub struct Smarthost {
    /// Name or IP address.
    pub host: String,
    pub port: u16,
    pub tls: TlsUse,
    /// User name and password for AUTH PLAIN or LOGIN.
    pub login: Option<(String, Secret<String>)>,
    /// PEM certificates that may sign the host's, besides the system's.
    pub ca_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TlsUse {
    Off,
    /// STARTTLS where offered, any certificate.
    Opportunistic,
    /// STARTTLS with a valid certificate, or the message waits.
    Required,
    /// TLS from the first byte with a valid certificate (port 465).
    Implicit,
}

/// How long the peer may take (RFC 5321 §4.5.3.2).
#[derive(Clone, Copy, Debug)]
pub struct Waits {
    pub connect: Duration,
    /// For the greeting and each reply but the last.
    pub reply: Duration,
    /// For the reply to the end of the message.
    pub end_of_message: Duration,
    /// An unused connection is closed after this long.
    pub idle: Duration,
}

#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Connections to all next hops together.
    pub connections: usize,
    /// Connections to one next hop (a smarthost, or one domain).
    pub connections_each: usize,
    /// Messages over one connection.
    pub messages_per_connection: u32,
    /// Recipients of the same bytes in one transaction.
    pub recipients_per_message: usize,
}
