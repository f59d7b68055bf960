//! What the operator says about sending on, in the form the worker wants: next hops that can be
//! compared, limits, times. Not the file's syntax and not its defaults: those are `config`'s.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use crate::{
    config::{self, DnssecUse, Network, TlsUse},
    delivery::{
        pace::{Limit, limits},
        route::{Route, named},
        schedule::Schedule,
        source::Source,
    },
};

/// All that delivery needs to know of the config.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The relay's name in EHLO, in `Reporting-MTA` and in the address its reports come from.
    pub hostname: String,
    /// The first that matches wins.
    pub routes: Vec<Route>,
    /// Where everything else goes.
    pub otherwise: NextHop,
    pub otherwise_sources: Vec<Arc<Source>>,
    /// Where there are none.
    pub no_source: Arc<Source>,
    /// All that hold, those of every source's first days among them.
    pub limits: Vec<Limit>,
    /// Open connections of one queue.
    pub connections_max: usize,
    /// Messages over one connection.
    pub messages_per_connection_max: u32,
    /// Recipients of one transaction.
    pub recipients_max: usize,
    /// How long an unused connection is kept.
    pub idle: Duration,
    pub timeouts: Timeouts,
    /// Where a route or a stream has none of its own.
    pub schedule: Schedule,
    /// DNS servers to ask; empty: the system's.
    pub resolvers: Vec<SocketAddr>,
    pub dnssec: Dnssec,
    /// Networks of one's own that a domain's policy may be fetched from.
    pub private_networks: Vec<Network>,
    /// Mail exchangers tried for one attempt.
    pub hosts_max: usize,
    /// PEM roots that may sign a next hop's certificate, besides the system's.
    pub ca_file: Option<PathBuf>,
    /// What the worker holds in memory: messages, and their octets.
    pub in_flight_max: usize,
    pub in_flight_bytes_max: usize,
}

/// Where messages are handed over. Comparable: it is the key of a queue.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum NextHop {
    /// At least one.
    Smarthosts(Arc<Vec<Smarthost>>),
    /// The same, asked while the client waits.
    Proxy(Arc<Vec<Smarthost>>),
    /// The recipient domain's own mail exchangers.
    Mx { port: u16, tls: Tls },
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
    pub credentials: Option<Credentials>,
    /// Lower ones are tried first.
    pub order: u32,
    /// Its share among those of the same order.
    pub weight: u32,
}

/// How far a connection is to be protected.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Tls {
    Off,
    /// Where offered, without checking the name: better than clear text (RFC 7435).
    Opportunistic,
    /// As the recipient's domain says, by DANE or MTA-STS; where it says nothing, where offered.
    Policy,
    /// STARTTLS with a certificate that is valid for the host's name, or nothing is sent.
    Required,
    /// A host that DANE vouches for (RFC 7672), or nothing is sent.
    Dane,
    /// A host of the domain's MTA-STS policy (RFC 8461) with a valid certificate, or nothing is sent.
    MtaSts,
    /// The same from the first byte (RFC 8314).
    Implicit,
}

/// Whether DNSSEC is validated; without it there is no DANE.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Dnssec {
    Off,
    /// Where the servers pass it on. `anchor`: a file of DNSKEY records in the place of the root's own.
    Auto {
        anchor: Option<PathBuf>,
    },
    /// Or nothing is sent to mail exchangers.
    Required {
        anchor: Option<PathBuf>,
    },
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

/// How long a peer is waited for (RFC 5321 §4.5.3.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Timeouts {
    pub connect: Duration,
    pub greeting: Duration,
    /// The reply to any command, and the handshake.
    pub command: Duration,
    /// A piece of the message to be taken.
    pub data: Duration,
    /// The reply to the message's end.
    pub end: Duration,
    /// All of it, where a client waits meanwhile.
    pub proxy: Duration,
}

impl Settings {
    /// From the resolved config.
    pub fn of(hostname: &str, config: &config::Delivery) -> Self {
        let (limit, schedule) = (&config.limit, Schedule::of(config));
        let sources: Vec<Arc<Source>> =
            config.sources.iter().map(|own| Arc::new(Source::of(own))).collect();
        Self {
            hostname: hostname.to_owned(),
            routes: config.routes.iter().map(|own| Route::of(own, &sources, &schedule)).collect(),
            otherwise: NextHop::of(&config.otherwise),
            otherwise_sources: named(&sources, &config.otherwise_sources),
            no_source: Arc::new(Source::system()),
            limits: limits(config),
            connections_max: limit.connections_max.max(1),
            messages_per_connection_max: limit.messages_per_connection_max.max(1),
            recipients_max: limit.recipients_max.max(1),
            idle: config.waits.idle,
            timeouts: Timeouts {
                connect: config.waits.connect,
                greeting: config.waits.greeting,
                command: config.waits.command,
                data: config.waits.data,
                end: config.waits.end,
                proxy: config.waits.proxy,
            },
            schedule,
            resolvers: config.dns.clone(),
            dnssec: Dnssec::of(config),
            private_networks: config.private_networks.clone(),
            hosts_max: limit.hosts_max.max(1),
            ca_file: config.ca_file.clone(),
            in_flight_max: limit.in_flight_max.max(1),
            in_flight_bytes_max: limit.in_flight_bytes_max.max(1),
        }
    }
}

impl Settings {
    /// How mail exchangers are reached: their port, and from where. By the first way there is to them;
    /// the port is 25 where there is none.
    pub fn exchangers(&self) -> (u16, &Source) {
        let ways = self.routes.iter().map(|route| (&route.next_hop, &route.sources));
        let mut ways = ways.chain([(&self.otherwise, &self.otherwise_sources)]);
        let found = ways.find_map(|(hop, sources)| match hop {
            NextHop::Mx { port, .. } => Some((*port, sources.first().unwrap_or(&self.no_source))),
            NextHop::Smarthosts(_) | NextHop::Proxy(_) | NextHop::Capture(_) => None,
        });
        let (port, source) = found.unwrap_or((SMTP, &self.no_source));
        (port, source.as_ref())
    }
}

/// RFC 5321 §4.5.4.2.
const SMTP: u16 = 25;

impl Dnssec {
    fn of(config: &config::Delivery) -> Self {
        let anchor = config.dnssec_anchor.clone();
        match config.dnssec {
            DnssecUse::Off => Self::Off,
            DnssecUse::Auto => Self::Auto { anchor },
            DnssecUse::Required => Self::Required { anchor },
        }
    }
}

impl NextHop {
    pub(super) fn of(config: &config::NextHop) -> Self {
        match config {
            config::NextHop::Smarthosts(hosts) => {
                Self::Smarthosts(Arc::new(hosts.iter().map(Smarthost::of).collect()))
            }
            config::NextHop::Proxy(hosts) => {
                Self::Proxy(Arc::new(hosts.iter().map(Smarthost::of).collect()))
            }
            config::NextHop::Mx { port, tls } => Self::Mx { port: *port, tls: Tls::of(*tls) },
            config::NextHop::Capture { folder } => Self::Capture(folder.clone()),
        }
    }
}

impl Smarthost {
    fn of(config: &config::Smarthost) -> Self {
        Self {
            host: config.host.clone(),
            port: config.port,
            tls: Tls::of(config.tls),
            credentials: config.login.as_ref().map(Credentials::of),
            order: config.order,
            weight: config.weight,
        }
    }
}

impl Credentials {
    pub(super) fn of((user, password): &(String, config::Secret<String>)) -> Self {
        Self { user: user.clone(), password: password.reveal().clone() }
    }
}

impl Tls {
    /// What the recipient's domain publishes is looked up.
    pub(super) fn asks_domain(self) -> bool {
        match self {
            Self::Policy | Self::Dane | Self::MtaSts => true,
            Self::Off | Self::Opportunistic | Self::Required | Self::Implicit => false,
        }
    }

    fn of(config: TlsUse) -> Self {
        match config {
            TlsUse::Off => Self::Off,
            TlsUse::Opportunistic => Self::Opportunistic,
            TlsUse::Policy => Self::Policy,
            TlsUse::Required => Self::Required,
            TlsUse::Dane => Self::Dane,
            TlsUse::MtaSts => Self::MtaSts,
            TlsUse::Implicit => Self::Implicit,
        }
    }
}
