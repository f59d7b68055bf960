//! Finds, opens and protects a connection: the first host that may be used and greets us.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use jiff::Timestamp;
use tokio::{net::TcpStream, time::timeout};

use super::{
    attempt::Connection,
    demand::{Demand, Known, Refused},
    dns::{Host, Hosts, Resolver},
    outcome::Problem,
    route::Destination,
    settings::{Credentials, Settings, Smarthost, Tls as Protection},
    source::Source,
    standby::Down,
    sts::{self, Sts},
    tally::{self, Failed, Place, Session, Shown, Tally},
    via::{connect, seen},
};
use crate::{
    db::Db,
    http,
    journal::reason::Cause,
    seal::Secret,
    smtp::client::{Client, Hello, Output, Why},
    tls::{Stream, Tls, TlsStream, Trust},
};

/// Opens connections; cheap to clone.
#[derive(Clone, Debug)]
pub struct Dialer {
    pub settings: Arc<Settings>,
    pub resolver: Resolver,
    pub tls: Tls,
    sts: Sts,
    tally: Tally,
    down: Down,
}

/// One server to try.
#[derive(Clone, Copy)]
struct Target<'a> {
    host: &'a str,
    port: u16,
    credentials: Option<&'a Credentials>,
    /// The recipient's, where there is one.
    domain: &'a str,
    now: Timestamp,
    /// Another host may take REQUIRETLS where this one does not.
    require_tls: bool,
    source: &'a Source,
}

/// Where a destination is, before anybody connects.
#[derive(Debug)]
pub struct Found {
    hosts: Hosts,
    sts: sts::Found,
    /// In the order to try them, where they are no mail exchangers.
    smarthosts: Vec<Smarthost>,
}

/// A domain's mail exchangers, and what it asks for.
struct Exchangers<'a> {
    found: &'a Found,
    source: &'a Source,
    domain: &'a str,
    port: u16,
    protection: Protection,
    require_tls: bool,
    /// Whether policies are looked up at all.
    asks: bool,
}

impl Dialer {
    /// `db` is where the domains' policies are kept.
    pub fn new(
        settings: Arc<Settings>,
        (db, secret): (Db, Secret),
        tally: Tally,
    ) -> anyhow::Result<Self> {
        let resolver = Resolver::new(&settings)?;
        let tls = Tls::new(settings.ca_file.as_deref())?;
        let client = http::Client::new(tls.clone(), settings.private_networks.clone().into());
        let sts = Sts::new(db, secret, resolver.clone(), client);
        Ok(Self { settings, resolver, tls, sts, tally, down: Down::default() })
    }

    /// Which hosts may be tried. `seed` orders equal mail exchangers.
    pub async fn find(
        &self,
        now: Timestamp,
        destination: &Destination,
        seed: u64,
    ) -> Result<Found, Problem> {
        match destination {
            Destination::Smarthosts(hosts) => {
                let smarthosts = self.down.sorted(now, hosts, seed);
                let names = smarthosts.iter().map(|host| host.host.clone()).collect();
                let hosts = Hosts { names, secure: false };
                Ok(Found { hosts, sts: sts::Found::default(), smarthosts })
            }
            Destination::Mx { domain, tls, require_tls, .. } => {
                let asks = *require_tls || tls.asks_domain();
                let (hosts, sts) = self.exchangers(now, domain, seed, asks).await?;
                Ok(Found { hosts, sts, smarthosts: Vec::new() })
            }
            Destination::Capture(_) => Err(Problem::Connect("a folder".to_owned())),
        }
    }

    /// The first host that greets us.
    pub async fn reach(
        &self,
        now: Timestamp,
        destination: &Destination,
        source: &Source,
        found: &Found,
    ) -> Result<Connection, Problem> {
        match destination {
            Destination::Smarthosts(_) => {
                let mut last = Problem::Connect("no smarthost".to_owned());
                for host in &found.smarthosts {
                    match self.dial_smarthost(now, host, source).await {
                        Ok(connection) => return Ok(connection),
                        Err(problem) => last = problem,
                    }
                    self.down.note(now, host);
                }
                Err(last)
            }
            Destination::Mx { domain, port, tls, require_tls } => {
                let asks = *require_tls || tls.asks_domain();
                let exchangers = Exchangers {
                    found,
                    source,
                    domain,
                    port: *port,
                    protection: *tls,
                    require_tls: *require_tls,
                    asks,
                };
                self.dial_exchangers(now, &exchangers).await
            }
            Destination::Capture(_) => Err(Problem::Connect("a folder".to_owned())),
        }
    }

    async fn dial_smarthost(
        &self,
        now: Timestamp,
        host: &Smarthost,
        source: &Source,
    ) -> Result<Connection, Problem> {
        let target = Target {
            host: &host.host,
            port: host.port,
            credentials: host.credentials.as_ref(),
            domain: "",
            now,
            require_tls: false,
            source,
        };
        let mut left = self.settings.hosts_max;
        let addresses = self.resolver.addresses(&host.host).await.map_err(|problem| {
            // The operator's own host: its absence is no fault of the message's.
            if problem == Problem::NoHost {
                Problem::Dns("the next hop has no address".to_owned())
            } else {
                problem
            }
        })?;
        self.dial_host(&target, &addresses, &Demand::plain(host.tls), &mut left).await
    }

    /// Hosts and policy, asked for at the same time.
    async fn exchangers(
        &self,
        now: Timestamp,
        domain: &str,
        seed: u64,
        asks: bool,
    ) -> Result<(Hosts, sts::Found), Problem> {
        let own = self.settings.hostname.to_ascii_lowercase();
        if !asks {
            let names = self.resolver.mail_hosts(domain, &own, seed).await?;
            return Ok((Hosts { names, secure: false }, sts::Found::default()));
        }
        let policy = async {
            // An address literal has no policy.
            if domain.starts_with('[') {
                return Ok(sts::Found::default());
            }
            self.sts.find(now, domain).await
        };
        let (hosts, found) =
            tokio::join!(self.resolver.checked_mail_hosts(domain, &own, seed), policy);
        let found = found?;
        if let Some(fault) = found.fault {
            let shown = found.policy.as_deref().map_or_else(Shown::sts_unknown, Shown::sts);
            let failed = Some(Failed::of_fetch(fault));
            self.note(now, domain, Some(&shown), (failed, Place::default()));
        }
        Ok((hosts?, found))
    }

    async fn dial_exchangers(
        &self,
        now: Timestamp,
        all: &Exchangers<'_>,
    ) -> Result<Connection, Problem> {
        let mut last = Problem::NoHost;
        let mut left = self.settings.hosts_max;
        for host in &all.found.hosts.names {
            let target = Target {
                host,
                port: all.port,
                credentials: None,
                domain: all.domain,
                now,
                require_tls: all.require_tls,
                source: all.source,
            };
            let dialed = async {
                let found = self.host(all, host).await?;
                let demand = self.demand(now, all, host, &found)?;
                self.dial_host(&target, &found.addresses, &demand, &mut left).await
            };
            match dialed.await {
                Ok(connection) => return Ok(connection),
                Err(problem @ Problem::Closed(Why::Login(_))) => return Err(problem),
                Err(problem) => last = last.or(problem),
            }
            if left == 0 {
                break;
            }
        }
        Err(last)
    }

    async fn host(&self, all: &Exchangers<'_>, host: &str) -> Result<Host, Problem> {
        // Where nobody vouches for the name, what is said of it is worth nothing.
        if all.asks && all.found.hosts.secure {
            return self.resolver.checked_host(host, all.port).await;
        }
        let addresses = self.resolver.addresses(host).await?;
        Ok(Host { addresses, ..Host::default() })
    }

    fn demand(
        &self,
        now: Timestamp,
        all: &Exchangers<'_>,
        host: &str,
        found: &Host,
    ) -> Result<Demand, Problem> {
        let known = Known {
            domain: all.domain,
            host,
            found,
            secure: all.found.hosts.secure,
            policy: all.found.sts.policy.as_deref(),
        };
        Demand::of(all.protection, known, all.require_tls).map_err(|refused| {
            if let (Refused::NotListed, Some(policy)) = (refused, known.policy) {
                let failed = (Some(Failed::NotListed), Place { host, ..Place::default() });
                self.note(now, all.domain, Some(&Shown::sts(policy)), failed);
            }
            refused.problem()
        })
    }

    async fn dial_host(
        &self,
        target: &Target<'_>,
        addresses: &[IpAddr],
        demand: &Demand,
        left: &mut usize,
    ) -> Result<Connection, Problem> {
        let mut last = Problem::NoHost;
        for address in addresses {
            if *left == 0 {
                return Err(last);
            }
            *left -= 1;
            match self.dial_one(target, *address, demand).await {
                Ok(connection) if target.require_tls && !connection.takes_require_tls() => {
                    connection.quit().await;
                    last = last.or(Problem::RequireTls(Cause::RequireTlsNotOffered));
                }
                Ok(connection) => return Ok(connection),
                Err(problem @ Problem::Closed(Why::Login(_))) => return Err(problem),
                Err(problem) => last = last.or(problem),
            }
        }
        Err(last)
    }

    async fn dial_one(
        &self,
        target: &Target<'_>,
        address: IpAddr,
        demand: &Demand,
    ) -> Result<Connection, Problem> {
        let stream = self.connect(target, address).await?;
        let from = seen(target.source, address, &stream);
        let opened = self.open(target, stream, (address, demand)).await;
        self.tell(target, (from, address), demand, &opened);
        let mut problem = match opened {
            Err(problem @ Problem::Handshake(_)) => problem,
            other => return other,
        };
        let mut next = demand.looser();
        while let Some(looser) = next {
            let stream = self.connect(target, address).await?;
            match self.open(target, stream, (address, &looser)).await {
                Err(again @ Problem::Handshake(_)) => problem = again,
                other => return other,
            }
            next = looser.looser();
        }
        Err(problem)
    }

    /// For the domain's report.
    fn tell(
        &self,
        target: &Target<'_>,
        (from, address): (Option<IpAddr>, IpAddr),
        demand: &Demand,
        opened: &Result<Connection, Problem>,
    ) {
        let failed = match opened {
            Ok(connection) if !connection.is_tls() => Some(Failed::NoStartTls),
            Ok(_) => demand.noted,
            Err(problem) => match Failed::of(problem) {
                None => return,
                failed => failed,
            },
        };
        let place = Place { host: target.host, ip: Some(address), from };
        self.note(target.now, target.domain, demand.shown.as_ref(), (failed, place));
    }

    fn note(
        &self,
        now: Timestamp,
        domain: &str,
        shown: Option<&Shown>,
        (failed, place): (Option<Failed>, Place<'_>),
    ) {
        let Some(policy) = shown.filter(|_| !domain.starts_with('[')).cloned() else { return };
        let failure = failed.map(|failed| failed.at(&place));
        let day = tally::day(now);
        self.tally.count(Session { day, domain: domain.to_owned(), policy, failure });
    }

    async fn connect(&self, target: &Target<'_>, address: IpAddr) -> Result<TcpStream, Problem> {
        let at = SocketAddr::new(address, target.port);
        match timeout(self.settings.timeouts.connect, connect(target.source, at)).await {
            Ok(Ok(stream)) => {
                // Every write is a whole group of commands; waiting for more only costs time.
                let _ = stream.set_nodelay(true);
                Ok(stream)
            }
            Ok(Err(fault)) => Err(Problem::Connect(told(&fault))),
            Err(_) => Err(Problem::Connect("timed out".to_owned())),
        }
    }

    async fn open(
        &self,
        target: &Target<'_>,
        stream: TcpStream,
        (address, demand): (IpAddr, &Demand),
    ) -> Result<Connection, Problem> {
        let timeouts = self.settings.timeouts;
        let stream = if demand.implicit {
            Stream::Tls(Box::new(self.shake(stream, target.host, &demand.trust).await?))
        } else {
            Stream::Plain(stream)
        };
        let login = target.credentials.map(|own| (own.user.clone(), own.password.clone()));
        let client = Client::new(Hello {
            name: target.source.hello.clone().unwrap_or_else(|| self.settings.hostname.clone()),
            start_tls: demand.start,
            secured: demand.implicit,
            credentials: login,
        });
        let names = (format!("{} [{address}]", target.host), target.host.to_owned());
        let mut connection = Connection::new(client, stream, timeouts, names);
        loop {
            match connection.turn_until_output().await {
                Output::Ready => {
                    connection.proof = demand.proof();
                    return Ok(connection);
                }
                Output::Closed(why) => return Err(Problem::Closed(why)),
                Output::StartTls => {
                    connection = self.protect(connection, target.host, &demand.trust).await?;
                }
                Output::Send(_) | Output::Done { .. } => {}
            }
        }
    }

    async fn protect(
        &self,
        mut connection: Connection,
        host: &str,
        trust: &Trust,
    ) -> Result<Connection, Problem> {
        let Stream::Plain(stream) = connection.stream else {
            return Err(Problem::Closed(Why::Protocol("STARTTLS inside TLS")));
        };
        let stream = self.shake(stream, host, trust).await?;
        connection.stream = Stream::Tls(Box::new(stream));
        connection.client.tls_is_up();
        Ok(connection)
    }

    async fn shake(
        &self,
        stream: TcpStream,
        host: &str,
        trust: &Trust,
    ) -> Result<TlsStream<TcpStream>, Problem> {
        let shaken = self.tls.connect(stream, host, trust);
        match timeout(self.settings.timeouts.command, shaken).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(fault)) => Err(Problem::Handshake(fault)),
            Err(_) => Err(Problem::Handshake(crate::tls::Fault::other("timed out"))),
        }
    }
}

impl Found {
    /// Each smarthost by itself, in the order to try them; a domain's mail exchangers together.
    pub fn apart(self) -> Vec<Self> {
        if self.smarthosts.is_empty() {
            return vec![self];
        }
        let alone = |host: Smarthost| Self {
            hosts: Hosts { names: vec![host.host.clone()], secure: false },
            sts: sts::Found::default(),
            smarthosts: vec![host],
        };
        self.smarthosts.into_iter().map(alone).collect()
    }

    /// The best host.
    pub fn best(&self) -> &str {
        self.hosts.names.first().map(String::as_str).unwrap_or_default()
    }
}

/// Never with an address in it: the journal has none.
fn told(fault: &io::Error) -> String {
    if fault.kind() == io::ErrorKind::AddrNotAvailable {
        return "the source has no address of the host's kind, or not here".to_owned();
    }
    fault.get_ref().map_or_else(|| fault.kind().to_string(), ToString::to_string)
}

impl Problem {
    /// The one that counts where a host failed after another: the last, but none that is final after
    /// one that may pass.
    fn or(self, later: Self) -> Self {
        match (&self, &later) {
            // One host without an address must not make another one's trouble final.
            (Self::NoHost, _) => later,
            (_, Self::NoHost) => self,
            (Self::RequireTls(_), _) => later,
            (_, Self::RequireTls(_)) => self,
            _ => later,
        }
    }
}
