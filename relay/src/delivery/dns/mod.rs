//! Which hosts take a domain's mail, and at which addresses (RFC 5321 §5.1, RFC 7505), and what their
//! zones say of their certificates (RFC 7672 §2).
//!
//! The only module that names hickory-resolver. What DNSSEC must vouch for is validated here, up to
//! the root's key, and not taken from the word of a server.

mod answer;
mod checked;
mod host;
mod records;
mod turns;

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use hickory_resolver::{
    ResolverBuilder, TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts},
    net::runtime::TokioRuntimeProvider,
    proto::rr::{RData, RecordType},
};

use self::{answer::Looked, checked::Checked, turns::Turns};
use super::{
    outcome::Problem,
    settings::{Dnssec, Settings},
};

pub use self::{host::Host, records::Answer};

/// Asks DNS; answers are remembered as long as they are valid. Cheap to clone.
#[derive(Clone)]
pub struct Resolver(Arc<Both>);

struct Both {
    plain: TokioResolver,
    /// The same servers, and what they say is validated. `None`: it is not to be.
    checked: Option<Checked>,
    turns: Turns,
}

/// Hosts that take a domain's mail.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hosts {
    /// Best first.
    pub names: Vec<String>,
    /// DNSSEC vouches for all of them.
    pub secure: bool,
}

/// Records looked at in one answer: a hostile zone may hold thousands.
const RECORDS_MAX: usize = 64;
const TIMEOUT: Duration = Duration::from_secs(5);

impl Resolver {
    /// Asks the servers of the settings; none: the system's (`/etc/resolv.conf`).
    pub fn new(settings: &Settings) -> anyhow::Result<Self> {
        let servers = &settings.resolvers;
        let plain = builder(servers)?.build().context("setting up dns")?;
        let checked = match &settings.dnssec {
            Dnssec::Off => None,
            asked @ (Dnssec::Auto { .. } | Dnssec::Required { .. }) => {
                Some(Checked::new(builder(servers)?, asked)?)
            }
        };
        Ok(Self(Arc::new(Both { plain, checked, turns: Turns::default() })))
    }

    /// Asks these servers, and validates nothing.
    pub fn plain(servers: &[SocketAddr]) -> anyhow::Result<Self> {
        let plain = builder(servers)?.build().context("setting up dns")?;
        Ok(Self(Arc::new(Both { plain, checked: None, turns: Turns::default() })))
    }

    /// Names of the hosts to try, best first, equal ones in an order that `seed` decides. `own` is
    /// this relay's name: where it stands among them, it and what is worse is left out.
    pub async fn mail_hosts(
        &self,
        domain: &str,
        own: &str,
        seed: u64,
    ) -> Result<Vec<String>, Problem> {
        let hosts = self.0.turns.take(mail_hosts(&self.0.plain, domain, own, seed)).await?;
        Ok(hosts.names)
    }

    /// The same, validated where that can be.
    pub async fn checked_mail_hosts(
        &self,
        domain: &str,
        own: &str,
        seed: u64,
    ) -> Result<Hosts, Problem> {
        match self.validating().await? {
            Some(resolver) => self.0.turns.take(mail_hosts(resolver, domain, own, seed)).await,
            None => {
                let names = self.mail_hosts(domain, own, seed).await?;
                Ok(Hosts { names, secure: false })
            }
        }
    }

    /// Addresses of a host, an address literal, or a bare address. `Problem::NoHost` where it has
    /// none.
    pub async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, Problem> {
        let found = self.0.turns.take(host::addresses(&self.0.plain, host)).await?;
        Ok(found.addresses)
    }

    /// Addresses of a mail exchanger that DNSSEC vouches for, and what its zone says of its certificate
    /// on that port.
    pub async fn checked_host(&self, host: &str, port: u16) -> Result<Host, Problem> {
        match self.validating().await? {
            Some(resolver) => self.0.turns.take(host::find(resolver, host, port)).await,
            None => self.0.turns.take(host::addresses(&self.0.plain, host)).await,
        }
    }

    /// Whether DNSSEC is validated at all: it is asked for, and the servers pass it on.
    pub async fn validates(&self) -> Result<bool, Problem> {
        Ok(self.validating().await?.is_some())
    }

    async fn validating(&self) -> Result<Option<&TokioResolver>, Problem> {
        match &self.0.checked {
            Some(checked) => checked.resolver().await,
            None => Ok(None),
        }
    }
}

async fn mail_hosts(
    resolver: &TokioResolver,
    domain: &str,
    own: &str,
    seed: u64,
) -> Result<Hosts, Problem> {
    if domain.starts_with('[') {
        return Ok(Hosts { names: vec![domain.to_owned()], secure: false });
    }
    let asked = answer::records(resolver, domain, RecordType::MX, |data| {
        let RData::MX(mx) = data else { return None };
        let name = mx.exchange.to_ascii().to_ascii_lowercase();
        Some((mx.preference, name.trim_end_matches('.').to_owned()))
    });
    match asked.await {
        Looked::Found(found) => {
            let secure = found.secure;
            sorted(found.records, own, seed).map(|names| Hosts { names, secure })
        }
        // That there is none was validated, or the zone is not signed, and then its addresses are not
        // either.
        Looked::Nothing => Ok(Hosts { names: vec![domain.to_owned()], secure: true }),
        Looked::NoName => Err(Problem::NoDomain),
        Looked::Failed(why) => Err(Problem::Dns(why)),
    }
}

impl std::fmt::Debug for Resolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Resolver")
    }
}

fn builder(servers: &[SocketAddr]) -> anyhow::Result<ResolverBuilder<TokioRuntimeProvider>> {
    let mut builder = if servers.is_empty() {
        TokioResolver::builder_tokio().context("reading the system's dns settings")?
    } else {
        let servers = servers.iter().map(|server| {
            let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
            for connection in &mut connections {
                connection.port = server.port();
            }
            NameServerConfig::new(server.ip(), true, connections)
        });
        let config = ResolverConfig::from_parts(None, Vec::new(), servers.collect());
        TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
    };
    tune(builder.options_mut());
    Ok(builder)
}

fn tune(options: &mut ResolverOpts) {
    options.timeout = TIMEOUT;
    options.attempts = 2;
    // A name that was missing a moment ago is asked for again soon enough to matter.
    options.negative_max_ttl = Some(Duration::from_secs(300));
    options.positive_max_ttl = Some(Duration::from_secs(3_600));
    options.try_tcp_on_error = true;
}

/// By preference; a host named twice counts once.
fn sorted(
    mut records: Vec<(u16, String)>,
    own: &str,
    mut seed: u64,
) -> Result<Vec<String>, Problem> {
    let all = records.len();
    records.retain(|(_, name)| !name.is_empty());
    if records.is_empty() {
        return Err(if all > 0 { Problem::NullMx } else { Problem::NoHost });
    }
    if let Some(ours) = records.iter().filter(|(_, name)| name == own).map(|(p, _)| *p).min() {
        records.retain(|(preference, _)| *preference < ours);
        if records.is_empty() {
            return Err(Problem::Loop);
        }
    }
    let mut order: Vec<(u16, u64, String)> = Vec::new();
    for (preference, name) in records {
        if !order.iter().any(|(_, _, other)| *other == name) {
            // splitmix64: any spread will do, and the seed makes it testable.
            seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            order.push((preference, mixed ^ (mixed >> 27), name));
        }
    }
    order.sort_unstable();
    Ok(order.into_iter().map(|(_, _, name)| name).collect())
}

/// `[192.0.2.1]`, `[IPv6:2001:db8::1]` or a bare address; `Some(None)`: a literal that is none.
fn literal(host: &str) -> Option<Option<IpAddr>> {
    let Some(inner) = host.strip_prefix('[') else {
        return host.parse().ok().map(Some);
    };
    let Some(inner) = inner.strip_suffix(']') else { return Some(None) };
    if let Ok(four) = inner.parse::<Ipv4Addr>() {
        return Some(Some(IpAddr::V4(four)));
    }
    let six = inner.split_once(':').filter(|(tag, _)| tag.eq_ignore_ascii_case("ipv6"));
    Some(six.and_then(|(_, six)| six.parse::<Ipv6Addr>().ok()).map(IpAddr::V6))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mx(list: &[(u16, &str)]) -> Vec<(u16, String)> {
        list.iter().map(|(preference, name)| (*preference, name.to_string())).collect()
    }

    #[test]
    fn hosts_come_by_preference_and_never_ourselves() {
        for (records, expected) in [
            (mx(&[(20, "b"), (10, "a")]), Ok(vec!["a", "b"])),
            (mx(&[(10, "a"), (20, "a")]), Ok(vec!["a"])),
            (mx(&[(0, "")]), Err(Problem::NullMx)),
            (mx(&[(0, ""), (10, "a")]), Ok(vec!["a"])),
            (mx(&[(10, "a"), (20, "own"), (20, "b"), (30, "c")]), Ok(vec!["a"])),
            (mx(&[(10, "own"), (20, "b")]), Err(Problem::Loop)),
            (mx(&[]), Err(Problem::NoHost)),
        ] {
            let expected = expected.map(|names| names.into_iter().map(str::to_owned).collect());
            assert_eq!(sorted(records, "own", 7), expected);
        }
    }

    #[test]
    fn equal_hosts_take_turns() {
        let first = |seed| sorted(mx(&[(1, "a"), (1, "b"), (1, "c")]), "", seed).unwrap().remove(0);
        let mut seen: Vec<String> = (0..50).map(first).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, ["a", "b", "c"]);
    }

    #[test]
    fn address_literals_are_addresses() {
        for (host, expected) in [
            ("[127.0.0.1]", Some(Some("127.0.0.1"))),
            ("[IPv6:::1]", Some(Some("::1"))),
            ("[ipv6:2001:db8::1]", Some(Some("2001:db8::1"))),
            ("::1", Some(Some("::1"))),
            ("10.0.0.1", Some(Some("10.0.0.1"))),
            ("[::1]", Some(None)),
            ("[x]", Some(None)),
            ("[127.0.0.1", Some(None)),
            ("example.cz", None),
        ] {
            let expected = expected.map(|a| a.map(|a| a.parse::<IpAddr>().unwrap()));
            assert_eq!(literal(host), expected, "{host}");
        }
    }
}
