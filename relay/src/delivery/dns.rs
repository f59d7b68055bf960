//! Which hosts take a domain's mail, and at which addresses (RFC 5321 §5.1, RFC 7505).
//!
//! The only place that names hickory-resolver. No DNSSEC yet, so no DANE.

mod records;

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts},
    net::{DnsError, NetError, runtime::TokioRuntimeProvider},
    proto::{
        op::ResponseCode,
        rr::{RData, RecordType},
    },
};

pub use self::records::Tlsa;
use super::outcome::Problem;

/// Asks DNS; answers are remembered as long as they are valid. Cheap to clone.
#[derive(Clone)]
pub struct Resolver(Arc<TokioResolver>);

/// Records looked at in one answer: a hostile zone may hold thousands.
const RECORDS_MAX: usize = 64;
/// Of one host.
const ADDRESSES_MAX: usize = 8;
const TIMEOUT: Duration = Duration::from_secs(5);

/// What one question brought.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer<T> {
    Found(T),
    /// The name exists, but has no such record.
    Nothing,
    NoName,
    /// The servers did not say; in words.
    Failed(String),
}

impl Resolver {
    /// Asks these servers; none: the system's (`/etc/resolv.conf`).
    pub fn new(servers: &[SocketAddr]) -> anyhow::Result<Self> {
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
        Ok(Self(Arc::new(builder.build().context("setting up dns")?)))
    }

    /// Names of the hosts to try, best first, equal ones in an order that `seed` decides. `own` is
    /// this relay's name: where it stands among them, it and what is worse is left out.
    pub async fn mail_hosts(
        &self,
        domain: &str,
        own: &str,
        seed: u64,
    ) -> Result<Vec<String>, Problem> {
        if domain.starts_with('[') {
            return Ok(vec![domain.to_owned()]);
        }
        match self.mx(domain).await {
            Answer::Found(records) => sorted(records, own, seed),
            Answer::Nothing => Ok(vec![domain.to_owned()]),
            Answer::NoName => Err(Problem::NoDomain),
            Answer::Failed(why) => Err(Problem::Dns(why)),
        }
    }

    /// Addresses of a host, an address literal, or a bare address. `Problem::NoHost` where it has
    /// none.
    pub async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, Problem> {
        if let Some(address) = literal(host) {
            return address.map(|address| vec![address]).ok_or(Problem::NoHost);
        }
        let (four, six) = tokio::join!(
            self.records(host, RecordType::A, |data| {
                if let RData::A(a) = data { Some(IpAddr::V4(a.0)) } else { None }
            }),
            self.records(host, RecordType::AAAA, |data| {
                if let RData::AAAA(aaaa) = data { Some(IpAddr::V6(aaaa.0)) } else { None }
            })
        );
        let mut found = Vec::new();
        let mut failed = None;
        for answer in [four, six] {
            match answer {
                Answer::Found(addresses) => {
                    found.extend(addresses.into_iter().take(ADDRESSES_MAX));
                }
                Answer::Failed(why) => failed = Some(why),
                Answer::Nothing | Answer::NoName => {}
            }
        }
        match failed {
            Some(why) if found.is_empty() => Err(Problem::Dns(why)),
            None if found.is_empty() => Err(Problem::NoHost),
            Some(_) | None => Ok(found),
        }
    }

    async fn mx(&self, domain: &str) -> Answer<Vec<(u16, String)>> {
        self.records(domain, RecordType::MX, |data| {
            let RData::MX(mx) = data else { return None };
            let name = mx.exchange.to_ascii().to_ascii_lowercase();
            Some((mx.preference, name.trim_end_matches('.').to_owned()))
        })
        .await
    }

    async fn records<T>(
        &self,
        name: &str,
        kind: RecordType,
        read: impl Fn(&RData) -> Option<T>,
    ) -> Answer<Vec<T>> {
        // With the dot at the end: never a name of the search list.
        let full = format!("{}.", name.trim_end_matches('.'));
        match self.0.lookup(full, kind).await {
            Ok(lookup) => {
                let records = lookup.answers().iter().filter_map(|record| read(&record.data));
                let found: Vec<T> = records.take(RECORDS_MAX).collect();
                // An alias that leads nowhere answers without the record asked for.
                if found.is_empty() { Answer::Nothing } else { Answer::Found(found) }
            }
            Err(NetError::Dns(DnsError::NoRecordsFound(none))) => {
                let code = none.response_code;
                if code == ResponseCode::NXDomain {
                    Answer::NoName
                } else if code == ResponseCode::NoError {
                    Answer::Nothing
                } else {
                    Answer::Failed(format!("{code}"))
                }
            }
            Err(NetError::Dns(DnsError::ResponseCode(code))) => Answer::Failed(format!("{code}")),
            // The text may name the question, and that is personal data.
            Err(NetError::Timeout) => Answer::Failed("timeout".to_owned()),
            // A name that cannot be asked for does not exist.
            Err(NetError::Proto(_)) if !askable(name) => Answer::NoName,
            Err(_) => Answer::Failed("the servers cannot be reached".to_owned()),
        }
    }
}

impl std::fmt::Debug for Resolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Resolver")
    }
}

fn tune(options: &mut ResolverOpts) {
    options.timeout = TIMEOUT;
    options.attempts = 2;
    // A name that was missing a moment ago is asked for again soon enough to matter.
    options.negative_max_ttl = Some(Duration::from_secs(300));
    options.positive_max_ttl = Some(Duration::from_secs(3_600));
    options.try_tcp_on_error = true;
}

/// Labels of 1 to 63 octets, 253 in all (RFC 1035 §2.3.4).
fn askable(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(|label| (1..=63).contains(&label.len()))
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
