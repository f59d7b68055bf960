//! relay.toml: listeners, limits, TLS, database, delivery, web.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use super::{Delivery, Listener, Secret};

/// All of relay.toml, resolved; paths are relative to the working folder.
#[derive(Clone, Debug)]
pub struct Config {
    /// The relay's own name: greeting, EHLO, trace headers, DSNs.
    pub hostname: String,
    /// Folder of everything the relay writes.
    pub data: PathBuf,
    /// `sqlite:data/souhlas.db` or `postgres://user:password@host/name`.
    pub database: Secret<String>,
    /// The installation's secret; made on first start.
    pub secret_file: PathBuf,
    /// The folder of DKIM keys, one file per domain.
    pub keys: PathBuf,
    pub listeners: Vec<Listener>,
    pub limits: Limits,
    pub tls: Tls,
    pub delivery: Delivery,
    pub web: Web,
    pub logins: Logins,
    pub log: Log,
}

/// What one client may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub message_bytes_max: usize,
    pub recipients_max: usize,
    pub messages_per_connection_max: u32,
    pub command_line_bytes_max: usize,
    /// A line of the message, without its line end.
    pub text_line_bytes_max: usize,
    /// Replies 4xx or 5xx before the connection is closed.
    pub errors_max: u32,
    /// Commands between two messages before the connection is closed.
    pub commands_without_mail_max: u32,
    pub connections_max: usize,
    pub connections_per_address_max: usize,
    /// Of message bytes held by open transactions, all connections together.
    pub held_bytes_max: usize,
    /// Without a byte from the client.
    pub idle: Duration,
    /// From DATA to the end of the message.
    pub message_time: Duration,
}

/// The certificate shown to clients; read again when the files change.
#[derive(Clone, Debug)]
pub struct Tls {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// The pages and the operator's endpoints.
#[derive(Clone, Debug)]
pub struct Web {
    /// Where the unsubscribe pages are served, behind a proxy that speaks TLS.
    pub address: SocketAddr,
    /// The base of every link, `https://…`, without a slash at the end; `None`: no links are made.
    pub url: Option<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub proxy_from: Vec<super::Network>,
    /// Metrics and health.
    pub ops_address: SocketAddr,
}

/// How passwords are checked.
#[derive(Clone, Copy, Debug)]
pub struct Logins {
    /// A password once verified is remembered this long.
    pub remembered: Duration,
    /// Passwords hashed at the same time.
    pub checks_at_once: usize,
    /// Failures from one address before it is slowed.
    pub failures_max: u32,
    /// How long an address that failed too often waits.
    pub slowed: Duration,
}

#[derive(Clone, Debug)]
pub struct Log {
    /// `info`, or per module `relay::delivery=debug`.
    pub filter: String,
    pub format: LogFormat,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LogFormat {
    Text,
    Json,
}
