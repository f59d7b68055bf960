//! Where a request may go: https to the world; into private networks, and there without TLS, only where
//! they are named. What is checked is the address that is connected to.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::LazyLock,
};

use hyper::Uri;

use crate::{config::Network, delivery::dns::Resolver};

/// A URL that may be asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Target {
    /// Without brackets.
    pub host: String,
    /// As the header `Host` has it.
    pub authority: String,
    pub port: u16,
    pub tls: bool,
    /// Path and query.
    pub path: String,
}

/// Why a URL is not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UrlFault {
    Unreadable,
    /// `http` where no private network is named.
    Clear,
    /// An address that relay.toml does not name.
    Private,
    /// A name that only a network of one's own may know.
    Name,
}

impl fmt::Display for UrlFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreadable => "not a URL: write `https://`, a host and a path",
            Self::Clear => {
                "not https: only the networks under `private-networks` in relay.toml get http"
            }
            Self::Private => {
                "the address is private: name its network under `private-networks` in relay.toml"
            }
            Self::Name => "the host has no domain: write its whole name",
        })
    }
}

impl Target {
    pub(super) fn parse(url: &str, networks: &[Network]) -> Result<Self, UrlFault> {
        if url.len() > URL_MAX || url.contains('#') {
            return Err(UrlFault::Unreadable);
        }
        let uri: Uri = url.parse().map_err(|_| UrlFault::Unreadable)?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if !networks.is_empty() => false,
            Some("http") => return Err(UrlFault::Clear),
            Some(_) | None => return Err(UrlFault::Unreadable),
        };
        let authority = uri.authority().ok_or(UrlFault::Unreadable)?;
        // What stands before an `@` is a password, or a trick.
        if authority.as_str().contains('@') || authority.as_str().ends_with(':') {
            return Err(UrlFault::Unreadable);
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let port = match authority.port() {
            Some(port) => port.as_u16(),
            None if tls => 443,
            None => 80,
        };
        let target = Self { host, authority: authority.to_string(), port, tls, path };
        match target.host.parse::<IpAddr>() {
            Ok(ip) if !target.may(ip, networks) => Err(UrlFault::Private),
            Ok(_) => Ok(target),
            Err(_) if target.host == LOCALHOST => Ok(target),
            Err(_) if !is_name(&target.host) => Err(UrlFault::Name),
            Err(_) => Ok(target),
        }
    }

    /// Where to connect to: the first of its addresses that may be. Names are the system's to
    /// resolve where there is no other.
    pub(super) async fn resolve(
        &self,
        networks: &[Network],
        dns: Option<&Resolver>,
    ) -> Result<SocketAddr, &'static str> {
        let found: Vec<IpAddr> = match self.host.parse::<IpAddr>() {
            Ok(ip) => vec![ip],
            // Nobody else is to say where that is (RFC 6761 §6.3).
            Err(_) if self.host == LOCALHOST => vec![[127, 0, 0, 1].into()],
            Err(_) if NOWHERE.iter().any(|last| self.host.ends_with(last)) => Vec::new(),
            Err(_) if let Some(dns) = dns => {
                dns.addresses(&self.host).await.map_err(|_| NO_HOST)?
            }
            Err(_) => {
                let found = tokio::net::lookup_host((self.host.as_str(), self.port)).await;
                found.map_err(|_| NO_HOST)?.map(|at| at.ip()).collect()
            }
        };
        if found.is_empty() {
            return Err(NO_HOST);
        }
        let may = found.into_iter().find(|ip| self.may(*ip, networks));
        may.map(|ip| SocketAddr::new(ip, self.port)).ok_or("the host's address is private")
    }

    fn may(&self, ip: IpAddr, networks: &[Network]) -> bool {
        networks.iter().any(|own| own.contains(ip)) || (self.tls && is_public(ip))
    }
}

/// Two labels at least, of letters that a host name has.
fn is_name(host: &str) -> bool {
    let fits = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    host.len() <= 253 && host.contains('.') && host.split('.').all(fits)
}

/// Neither this machine, nor a network of somebody's own, nor a way to one.
fn is_public(ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    !PRIVATE.iter().any(|network| network.contains(ip))
}

/// IANA's special-purpose registries (RFC 6890), and what leads from IPv6 into IPv4.
static PRIVATE: LazyLock<Vec<Network>> = LazyLock::new(|| {
    let all = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/9",
        "ff00::/8",
    ];
    all.into_iter().filter_map(|text| Network::parse(text).ok()).collect()
});

const LOCALHOST: &str = "localhost";
const NO_HOST: &str = "the host is not found";
/// Names that nobody has (RFC 6761, RFC 2606).
const NOWHERE: [&str; 3] = [".example", ".invalid", ".test"];
const URL_MAX: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> Vec<Network> {
        vec![Network::parse("127.0.0.0/8").unwrap()]
    }

    #[test]
    fn only_https_to_the_world_is_taken_where_nothing_else_is_said() {
        for (url, fault) in [
            ("https://shop.cz/hook?x=1", None),
            ("https://shop.cz:8443", None),
            ("https://93.184.216.34/", None),
            ("http://shop.cz/", Some(UrlFault::Clear)),
            ("ftp://shop.cz/", Some(UrlFault::Unreadable)),
            ("/hook", Some(UrlFault::Unreadable)),
            ("https://user:pw@shop.cz/", Some(UrlFault::Unreadable)),
            ("https://shop.cz/#x", Some(UrlFault::Unreadable)),
            ("https://intranet/", Some(UrlFault::Name)),
            ("https://2130706433/", Some(UrlFault::Name)),
            ("https://127.0.0.1/", Some(UrlFault::Private)),
            ("https://10.1.2.3/", Some(UrlFault::Private)),
            ("https://169.254.169.254/latest", Some(UrlFault::Private)),
            ("https://[::1]/", Some(UrlFault::Private)),
            ("https://[::ffff:10.0.0.1]/", Some(UrlFault::Private)),
            ("https://[64:ff9b::a00:1]/", Some(UrlFault::Private)),
            ("https://[fd00::1]/", Some(UrlFault::Private)),
        ] {
            assert_eq!(Target::parse(url, &[]).err(), fault, "{url}");
        }
    }

    #[test]
    fn a_network_that_is_named_may_be_reached_and_without_tls() {
        for url in ["http://127.0.0.1:80/", "https://127.0.0.1/", "http://localhost:9/x"] {
            assert!(Target::parse(url, &own()).is_ok(), "{url}");
        }
        assert_eq!(Target::parse("http://10.0.0.1/", &own()).err(), Some(UrlFault::Private));
    }

    #[tokio::test]
    async fn the_address_is_looked_at_once_more_when_it_is_known() {
        let target = |url| Target::parse(url, &own()).unwrap();
        let local = target("https://localhost/");
        assert_eq!(local.resolve(&[], None).await, Err("the host's address is private"));
        assert_eq!(local.resolve(&own(), None).await, Ok(([127, 0, 0, 1], 443).into()));
        assert_eq!(target("https://shop.example/").resolve(&own(), None).await, Err(NO_HOST));
    }

    #[test]
    fn every_network_of_the_list_is_one() {
        assert_eq!(PRIVATE.len(), 26);
        assert!(is_public("93.184.216.34".parse().unwrap()));
        assert!(is_public("2606:2800:220:1::1".parse().unwrap()));
    }
}
