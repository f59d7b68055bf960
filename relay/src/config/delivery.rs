//! Where messages go on, how often and for how long it is tried.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    Network, OTHERWISE, Pace, Secret, Source, Times, document::Section, times::check_waits,
};

/// Settings of the delivery worker.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The first that matches is taken.
    pub routes: Vec<Route>,
    /// Where everything else goes.
    pub otherwise: NextHop,
    /// Names of sources; empty: any.
    pub otherwise_sources: Vec<String>,
    pub paces: Vec<Pace>,
    pub sources: Vec<Source>,
    pub waits: Waits,
    pub limit: Limit,
    /// Waits between attempts; the last one repeats until `expires_after`.
    pub retry: Vec<Duration>,
    /// After this long without success a message bounces.
    pub expires_after: Duration,
    /// The same for commercial messages, which are stale sooner.
    pub commercial_expires_after: Duration,
    /// After this long a DSN tells a sender who asked for it (NOTIFY=DELAY).
    pub delayed_after: Duration,
    /// PEM certificates that may sign a next hop's, besides the system's.
    pub ca_file: Option<PathBuf>,
    /// DNS servers; empty: those of the system.
    pub dns: Vec<SocketAddr>,
    pub dnssec: DnssecUse,
    /// DNSKEY records to trust in the place of the root's.
    pub dnssec_anchor: Option<PathBuf>,
    /// Networks of one's own where a domain's policy, or whoever wants its report, may be.
    pub private_networks: Vec<Network>,
    /// `None`: no reports about TLS are sent.
    pub reports: Option<Reports>,
}

/// Who sends reports about TLS (RFC 8460).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reports {
    pub organization: String,
    /// A mailbox: from it they come, and there questions about them go.
    pub contact: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DnssecUse {
    Off,
    /// Where the DNS servers pass it on.
    Auto,
    Required,
}

/// Which messages go which way.
#[derive(Clone, Debug)]
pub struct Route {
    pub name: String,
    /// Ids of streams; empty: any.
    pub streams: Vec<String>,
    /// Recipient domains in A-label form, `*.` in front for all below; empty: any.
    pub domains: Vec<String>,
    /// Names of sources; empty: any.
    pub sources: Vec<String>,
    pub next_hop: NextHop,
    pub times: Times,
}

#[derive(Clone, Debug)]
pub enum NextHop {
    /// At least one.
    Smarthosts(Vec<Smarthost>),
    /// The same, asked while the client waits: its reply is the client's, and nothing is queued.
    Proxy(Vec<Smarthost>),
    /// The recipient domain's MX hosts (RFC 5321 §5.1).
    Mx {
        /// 25 everywhere but in a test.
        port: u16,
        tls: TlsUse,
    },
    /// Writes one .eml file each, for trying out.
    Capture { folder: PathBuf },
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
    /// Lower ones are tried first.
    pub order: u32,
    /// Its share among those of the same order.
    pub weight: u32,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TlsUse {
    Off,
    /// STARTTLS where offered, any certificate.
    Opportunistic,
    /// As the recipient's domain says by DANE or MTA-STS; where it says nothing, where offered.
    Policy,
    /// STARTTLS with a valid certificate, or the message waits.
    Required,
    /// A host that DANE vouches for, or the message waits.
    Dane,
    /// A host of the domain's MTA-STS policy, or the message waits.
    MtaSts,
    /// TLS from the first byte with a valid certificate (port 465).
    Implicit,
}

/// How long a peer is waited for (RFC 5321 §4.5.3.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Waits {
    pub connect: Duration,
    pub greeting: Duration,
    /// For the reply to each command, and for the TLS handshake.
    pub command: Duration,
    /// For a block of the message to be taken.
    pub data: Duration,
    /// For the reply to the end of the message.
    pub end: Duration,
    /// An unused connection is closed after this long.
    pub idle: Duration,
    /// For all of it, where a client waits meanwhile (`Proxy`).
    pub proxy: Duration,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limit {
    /// Connections to all providers together.
    pub open_max: usize,
    /// Connections to one next hop: a smarthost, or the MX hosts of one domain.
    pub connections_max: usize,
    pub messages_per_connection_max: u32,
    /// Recipients of the same bytes in one transaction.
    pub recipients_max: usize,
    /// MX hosts tried in one attempt.
    pub hosts_max: usize,
    /// Messages the worker holds in memory.
    pub in_flight_max: usize,
    /// Their octets.
    pub in_flight_bytes_max: usize,
}

impl Delivery {
    pub(super) fn read(section: &Section<'_, '_>, data: &Path) -> Self {
        let otherwise = section.section("otherwise");
        let delivery = Self {
            routes: section
                .sections("route")
                .iter()
                .map(|route| Route::read(route, data))
                .collect(),
            otherwise: NextHop::read(&otherwise, data),
            otherwise_sources: sources(&otherwise),
            paces: section.sections("pace").iter().map(Pace::read).collect(),
            sources: section.sections("source").iter().map(Source::read).collect(),
            waits: Waits::read(&section.section("waits")),
            limit: Limit::read(&section.section("limit")),
            retry: section.times("retry", &["1m", "5m", "15m", "30m", "1h", "2h", "4h"]),
            expires_after: section.time("expires-after", "5d"),
            commercial_expires_after: section.time("commercial-expires-after", "3d"),
            delayed_after: section.time("delayed-after", "4h"),
            ca_file: section.text_if_any("ca-file").map(PathBuf::from),
            dns: super::addresses(section, "dns", 53),
            dnssec: section.choice(
                "dnssec",
                &[
                    ("auto", DnssecUse::Auto),
                    ("required", DnssecUse::Required),
                    ("off", DnssecUse::Off),
                ],
                DnssecUse::Auto,
            ),
            dnssec_anchor: section.text_if_any("dnssec-anchor").map(PathBuf::from),
            private_networks: super::networks(section, "private-networks"),
            reports: Reports::read(&section.section("reports")),
        };
        check_waits(section, delivery.retry.iter());
        delivery.check_names(section);
        let routes =
            delivery.routes.iter().map(|route| (route.name.clone(), route.sources.clone()));
        let otherwise = (OTHERWISE.to_owned(), delivery.otherwise_sources.clone());
        let pools: Vec<_> = routes.chain([otherwise]).collect();
        super::pace::check(section, (&delivery.paces, &delivery.sources), &pools);
        delivery
    }
}

/// Names of sources.
fn sources(section: &Section<'_, '_>) -> Vec<String> {
    section.texts("sources").into_iter().map(|text| text.value).collect()
}

impl Reports {
    fn read(section: &Section<'_, '_>) -> Option<Self> {
        let organization = section.text_if_any("organization");
        let contact = section.text_if_any("contact");
        if organization.is_some() != contact.is_some() {
            let key = if organization.is_some() { "organization" } else { "contact" };
            section.complain(key, "`organization` and `contact` go together: write both or none");
        }
        let (organization, contact) = (organization?, contact?);
        let is_mailbox = policy::Address::parse(&contact).is_ok_and(|_| contact.is_ascii());
        if !is_mailbox {
            let why = format!("`{contact}` is no mailbox: write one as in `postmaster@shop.cz`");
            section.complain("contact", why);
        }
        if organization.trim().is_empty() || organization.len() > 200 {
            section.complain("organization", "a name of 200 octets at most is needed");
        }
        Some(Self { organization, contact })
    }
}

impl Route {
    fn read(section: &Section<'_, '_>, data: &Path) -> Self {
        let name = section.text_needed("name", "it stands in logs and in `souhlas queue show`");
        let streams = section.texts("streams").into_iter().map(|text| text.value).collect();
        let domains = super::domains(section, "domains");
        let next_hop = NextHop::read(section, data);
        let (sources, times) = (sources(section), Times::of_route(section));
        Self { name, streams, domains, sources, next_hop, times }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Smarthost,
    Proxy,
    Mx,
    Capture,
}

impl Kind {
    /// Keys that say nothing about it.
    fn idle(self) -> &'static [&'static str] {
        match self {
            Self::Smarthost | Self::Proxy => &["folder"],
            Self::Mx => {
                &["folder", "host", "login", "password-file", "order", "weight", "smarthost"]
            }
            Self::Capture => {
                &["host", "port", "tls", "login", "password-file", "order", "weight", "smarthost"]
            }
        }
    }
}

impl NextHop {
    fn read(section: &Section<'_, '_>, data: &Path) -> Self {
        let kind = section.choice(
            "next-hop",
            &[
                ("smarthost", Kind::Smarthost),
                ("mx", Kind::Mx),
                ("capture", Kind::Capture),
                ("proxy", Kind::Proxy),
            ],
            Kind::Capture,
        );
        let (first_port, first_tls) = match kind {
            Kind::Mx => (25, TlsUse::Policy),
            Kind::Smarthost | Kind::Proxy | Kind::Capture => (587, TlsUse::Required),
        };
        let port = port(section, first_port);
        let tls = section.choice(
            "tls",
            &[
                ("off", TlsUse::Off),
                ("opportunistic", TlsUse::Opportunistic),
                ("policy", TlsUse::Policy),
                ("required", TlsUse::Required),
                ("dane", TlsUse::Dane),
                ("mta-sts", TlsUse::MtaSts),
                ("implicit", TlsUse::Implicit),
            ],
            first_tls,
        );
        let folder =
            section.text_if_any("folder").map_or_else(|| data.join("captured"), PathBuf::from);
        let host = section.text_if_any("host");
        let login = credentials(section, ("login", "password-file"));
        let (order, weight) = place(section);
        let others: Vec<Smarthost> =
            section.sections("smarthost").iter().map(Smarthost::read).collect();
        for key in kind.idle().iter().filter(|key| section.has(key)) {
            section
                .complain(key, "means nothing to this `next-hop`: remove it or change `next-hop`");
        }
        match kind {
            Kind::Capture => Self::Capture { folder },
            Kind::Mx => {
                if tls == TlsUse::Implicit {
                    section.complain(
                        "tls",
                        "mail exchangers do not speak `implicit`: write `required`",
                    );
                }
                Self::Mx { port, tls }
            }
            Kind::Smarthost | Kind::Proxy => {
                if matches!(tls, TlsUse::Policy | TlsUse::Dane | TlsUse::MtaSts) {
                    section.complain(
                        "tls",
                        "`policy`, `dane` and `mta-sts` are about mail exchangers: write `required`",
                    );
                }
                let host = host_name(section, host);
                let first = Smarthost { host, port, tls, login, order, weight };
                let all = std::iter::once(first).chain(others).collect();
                if matches!(kind, Kind::Proxy) { Self::Proxy(all) } else { Self::Smarthosts(all) }
            }
        }
    }
}

impl Smarthost {
    /// One more beside the route's own.
    fn read(section: &Section<'_, '_>) -> Self {
        let (order, weight) = place(section);
        Self {
            host: host_name(section, section.text_if_any("host")),
            port: port(section, 587),
            tls: section.choice(
                "tls",
                &[
                    ("off", TlsUse::Off),
                    ("opportunistic", TlsUse::Opportunistic),
                    ("required", TlsUse::Required),
                    ("implicit", TlsUse::Implicit),
                ],
                TlsUse::Required,
            ),
            login: credentials(section, ("login", "password-file")),
            order,
            weight,
        }
    }
}

fn host_name(section: &Section<'_, '_>, host: Option<String>) -> String {
    let host = host.unwrap_or_default();
    if host.parse::<std::net::IpAddr>().is_err() && !super::is_domain(&host) {
        section.complain("host", "a smarthost needs its name or IP address, without a port");
    }
    host
}

fn port(section: &Section<'_, '_>, usual: u64) -> u16 {
    u16::try_from(section.number("port", usual, 1..65_536)).unwrap_or(587)
}

/// Which smarthosts come before it, and its share among those beside it.
fn place(section: &Section<'_, '_>) -> (u32, u32) {
    let number = |key, first| u32::try_from(section.number(key, 1, first..1_001)).unwrap_or(1);
    (number("order", 1), number("weight", 1))
}

/// A user name, and the password from its file.
pub(super) fn credentials(
    section: &Section<'_, '_>,
    (user_key, file_key): (&'static str, &'static str),
) -> Option<(String, Secret<String>)> {
    let login = section.text_if_any(user_key);
    let file = section.text_if_any(file_key);
    match (login, file) {
        (None, None) => None,
        (Some(login), Some(file)) => match std::fs::read_to_string(&file) {
            Ok(text) => Some((login, Secret::new(text.trim_end_matches(['\r', '\n']).to_owned()))),
            Err(error) => {
                section.complain(file_key, format!("`{file}` cannot be read: {error}"));
                None
            }
        },
        (Some(_), None) | (None, Some(_)) => {
            let key = if section.has(user_key) { user_key } else { file_key };
            let why = format!("`{user_key}` and `{file_key}` go together: write both or none");
            section.complain(key, why);
            None
        }
    }
}

impl Waits {
    fn read(section: &Section<'_, '_>) -> Self {
        Self {
            connect: section.time("connect", "30s"),
            greeting: section.time("greeting", "5m"),
            command: section.time("command", "5m"),
            data: section.time("data", "3m"),
            end: section.time("end", "10m"),
            idle: section.time("idle", "20s"),
            proxy: section.time("proxy", "80s"),
        }
    }
}

impl Limit {
    fn read(section: &Section<'_, '_>) -> Self {
        let count = |key, default, most: u64| {
            usize::try_from(section.number(key, default, 1..most + 1)).unwrap_or(usize::MAX)
        };
        let each = section.number("messages-per-connection-max", 1_000, 1..1_000_001);
        Self {
            open_max: count("open-max", 2_000, 1_000_000),
            connections_max: count("connections-max", 20, 1_000),
            messages_per_connection_max: u32::try_from(each).unwrap_or(1_000),
            recipients_max: count("recipients-max", 100, 10_000),
            hosts_max: count("hosts-max", 8, 100),
            in_flight_max: count("in-flight-max", 2_000, 1_000_000),
            in_flight_bytes_max: section.size("in-flight-bytes-max", "64MiB"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn read(delivery: &str) -> Result<Delivery, String> {
        let listener = "[[listener]]\nname = \"a\"\nmode = \"loopback\"\nplaintext-auth = true";
        let text = format!("{listener}\n{delivery}");
        let found = Config::read("relay.toml", &text).map(|config| config.delivery);
        found.map_err(|complaints| complaints.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn mail_exchangers_are_met_as_their_domains_ask_and_smarthosts_are_not_asked() {
        let web = "[web]\nurl = \"https://mail.shop.cz\"\n";
        let to = |hop: &str| read(&format!("{web}[delivery.otherwise]\nnext-hop = {hop}"));
        let found = to("\"mx\"").unwrap().otherwise;
        assert!(matches!(found, NextHop::Mx { port: 25, tls: TlsUse::Policy }), "{found:?}");
        let found = to("\"mx\"\ntls = \"mta-sts\"").unwrap().otherwise;
        assert!(matches!(found, NextHop::Mx { tls: TlsUse::MtaSts, .. }), "{found:?}");
        let fault = to("\"smarthost\"\nhost = \"a.cz\"\ntls = \"dane\"").unwrap_err();
        assert!(fault.contains("relay.toml:10:") && fault.contains("are about mail"), "{fault}");
    }

    #[test]
    fn reports_have_somebody_behind_them_or_are_not_sent() {
        assert_eq!(read("").unwrap().reports, None);
        let whole = |contact: &str| {
            format!("[delivery.reports]\norganization = \"Shop\"\ncontact = \"{contact}\"")
        };
        let found = read(&whole("postmaster@shop.cz")).unwrap().reports.unwrap();
        assert_eq!(found.contact, "postmaster@shop.cz");
        for (text, why) in [
            (whole("shop.cz"), "is no mailbox"),
            (whole("správce@shop.cz"), "is no mailbox"),
            ("[delivery.reports]\norganization = \"Shop\"".into(), "go together"),
            (whole("a@shop.cz").replace("Shop", ""), "a name of 200 octets"),
        ] {
            let fault = read(&text).unwrap_err();
            assert!(fault.contains(why), "{text}: {fault}");
        }
    }
}
