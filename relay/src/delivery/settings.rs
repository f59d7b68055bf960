//! What the operator says about sending on: next hops, limits, time. Resolved; nothing is optional
//! that the worker needs. Not the file's syntax: that is `config`.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use crate::delivery::schedule::Schedule;

/// All that delivery needs to know of the config.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The relay's name in EHLO, in `Reporting-MTA` and in the address its reports come from.
    pub hostname: String,
    /// The first that matches wins.
    pub routes: Vec<Route>,
    /// Where everything else goes.
    pub default: NextHop,
    /// Open connections to one next hop at most.
    pub connections_max: usize,
    /// Messages over one connection at most.
    pub messages_per_connection_max: u32,
    /// How long an unused connection is kept.
    pub idle: Duration,
    /// Recipients of one transaction at most (RFC 5321 §4.5.3.1.8 promises 100).
    pub recipients_max: usize,
    pub timeouts: Timeouts,
    pub schedule: Schedule,
    /// DNS servers to ask; empty: the system's.
    pub resolvers: Vec<SocketAddr>,
    /// Port of mail exchangers; 25 outside tests.
    pub mx_port: u16,
    /// TLS towards mail exchangers.
    pub mx_tls: Tls,
    /// Mail exchangers tried for one attempt at most.
    pub hosts_max: usize,
    /// Extra roots (PEM) that may sign a verified smarthost, besides the system's.
    pub roots_pem: Option<PathBuf>,
    /// How much a worker holds in memory at most: messages and their octets.
    pub in_flight_max: usize,
    pub in_flight_bytes_max: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            hostname: "localhost".to_owned(),
            routes: Vec::new(),
            default: NextHop::Mx,
            connections_max: 20,
            messages_per_connection_max: 1_000,
            idle: Duration::from_secs(20),
            recipients_max: 100,
            timeouts: Timeouts::default(),
            schedule: Schedule::default(),
            resolvers: Vec::new(),
            mx_port: 25,
            mx_tls: Tls::Opportunistic,
            hosts_max: 8,
            roots_pem: None,
            in_flight_max: 2_000,
            in_flight_bytes_max: 64 << 20,
        }
    }
}

/// Which recipients go to which next hop; both conditions must hold, `None` always does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Route {
    /// Id of a stream.
    pub stream: Option<String>,
    /// Lower-case domain of the recipient; `.example.cz` also takes its subdomains.
    pub domain: Option<String>,
    pub next_hop: NextHop,
}

/// Where messages are handed over.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum NextHop {
    Smarthost(Arc<Smarthost>),
    /// The recipient domain's own mail exchangers.
    Mx,
    /// Written into a folder, for trying out.
    Capture(PathBuf),
}

/// One server that takes everything.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Smarthost {
    /// Name, or an IP address without brackets.
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    /// TLS from the first byte (465 style) instead of STARTTLS.
    pub implicit_tls: bool,
    pub credentials: Option<Credentials>,
}

/// How far a connection is to be protected.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Tls {
    Off,
    /// Where offered, without checking the name: better than clear text (RFC 7435).
    Opportunistic,
    /// Or nothing is sent; the certificate must be valid for the host's name.
    Required,
}

/// A user name and password for AUTH.
#[derive(Clone, Eq, Ord, PartialEq, PartialOrd)]
pub struct Credentials {
    pub user: String,
    pub password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(hidden)")
    }
}

/// How long a peer is waited for; the defaults are those of RFC 5321 §4.5.3.2.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Timeouts {
    pub connect: Duration,
    pub greeting: Duration,
    /// Any command up to DATA, and the handshake.
    pub command: Duration,
    /// One block of the message to be taken.
    pub data: Duration,
    /// The reply to the message's end.
    pub end: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            greeting: Duration::from_secs(300),
            command: Duration::from_secs(300),
            data: Duration::from_secs(180),
            end: Duration::from_secs(600),
        }
    }
}
