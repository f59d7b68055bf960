//! relay.toml: listeners, limits, TLS, database, delivery, web.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    Admits, Complaint, Console, Delivery, Listener, Network, NextHop, OpenId, Replies, Secret,
    Webhook,
    document::{Section, Sink},
};

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
    /// Whose DKIM key seals into a message's ARC chain; `None`: nothing is sealed.
    pub arc: Option<String>,
    pub listeners: Vec<Listener>,
    /// The domain of the addresses that reports, complaints and unsubscribe mails come back to;
    /// `None`: they go to the senders' own.
    pub returns: Vec<String>,
    pub limits: Limits,
    pub tls: Tls,
    pub delivery: Delivery,
    /// What the replies of other servers mean.
    pub replies: Replies,
    pub web: Web,
    pub webhook: Webhook,
    /// `None`: staff sign in with passwords alone.
    pub openid: Option<OpenId>,
    pub logins: Logins,
    pub samples: Samples,
    pub log: Log,
}

/// What one client may cost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    pub message_bytes_max: usize,
    pub recipients_max: usize,
    /// `None`: as many as they like.
    pub messages_per_connection_max: Option<u32>,
    pub command_bytes_max: usize,
    /// A line of the message, without its line end.
    pub line_bytes_max: usize,
    /// Wrong commands before the connection is closed.
    pub errors_max: u32,
    /// Commands between two messages that bring none nearer.
    pub idle_commands_max: u32,
    pub connections_max: usize,
    pub connections_per_address_max: usize,
    /// Octets of messages held by open transactions, all connections together.
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
    pub proxy_from: Vec<Network>,
    /// Metrics and health.
    pub ops_address: SocketAddr,
    pub api: Api,
    pub console: Console,
}

/// The JSON API.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Api {
    pub address: SocketAddr,
    /// What one key may ask for.
    pub requests_per_minute: u32,
    /// How many of them at once.
    pub burst: u32,
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

/// What is kept of messages that were refused, for staff to look at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Samples {
    /// Zero: nothing.
    pub keep_for: Duration,
}

#[derive(Clone, Debug)]
pub struct Log {
    /// `info`, or per module `relay::delivery=debug`.
    pub filter: String,
    pub format: LogFormat,
    /// The file that gets a line for each event; `None`: there is none.
    pub events: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LogFormat {
    Text,
    Json,
}

impl Config {
    /// Reads `relay.toml` in `folder`, and `replies.toml` where there is one.
    ///
    /// # Errors
    ///
    /// Every complaint at once, in the order of the file.
    pub fn load(folder: &Path) -> Result<Self, Vec<Complaint>> {
        let (name, text) = super::document::load(&folder.join("relay.toml"))?;
        let config = Self::read(&name, &text);
        match (config, Replies::load(folder)) {
            (Ok(config), Ok(replies)) => Ok(Self { replies, ..config }),
            (Ok(_), Err(complaints)) | (Err(complaints), Ok(_)) => Err(complaints),
            (Err(mut complaints), Err(more)) => {
                complaints.extend(more);
                Err(complaints)
            }
        }
    }

    /// The settings in `text`, with the shipped replies; `name` is what complaints call the file.
    pub fn read(name: &str, text: &str) -> Result<Self, Vec<Complaint>> {
        let sink = Sink::new(name, text);
        let config = Self::from_sink(&sink);
        let complaints = sink.into_complaints();
        if complaints.is_empty() { Ok(config) } else { Err(complaints) }
    }

    pub(super) fn from_sink(sink: &Sink<'_>) -> Self {
        let table = sink.parse();
        let root = Section::root(sink, table.get_ref());
        let data = PathBuf::from(root.text("data", "data"));
        let inside = |key, file: &str| match root.text_if_any(key) {
            Some(path) => PathBuf::from(path),
            None => data.join(file),
        };
        let secret_file = inside("secret-file", "secret.key");
        let keys = inside("keys", "keys");
        let config = Self {
            hostname: hostname(&root),
            database: database(&root, &data),
            secret_file,
            keys,
            arc: arc(&root),
            listeners: listeners(&root),
            returns: returns(&root.section("returns")),
            limits: Limits::read(&root.section("limits")),
            tls: Tls::read(&root.section("tls"), &data),
            delivery: Delivery::read(&root.section("delivery"), &data),
            replies: Replies::shipped(),
            web: Web::read(&root.section("web")),
            webhook: Webhook::read(&root.section("webhook")),
            openid: OpenId::read(&root.section("openid")),
            logins: Logins::read(&root.section("logins")),
            samples: Samples::read(&root.section("samples")),
            log: Log::read(&root.section("log")),
            data,
        };
        config.check_whole(&root);
        config.check_returns(&root);
        config
    }

    /// What only shows when parts are seen together.
    fn check_whole(&self, root: &Section<'_, '_>) {
        let leaves = |hop: &NextHop| match hop {
            NextHop::Capture { .. } => false,
            NextHop::Mx { .. } => true,
            NextHop::Smarthosts(hosts) | NextHop::Proxy(hosts) => {
                hosts.iter().any(|host| !super::is_loopback_name(&host.host))
            }
        };
        let routes = &self.delivery.routes;
        let real = leaves(&self.delivery.otherwise) || routes.iter().any(|at| leaves(&at.next_hop));
        let web = root.section("web");
        if let Some(url) = self.web.url.as_deref().filter(|url| real && is_only_for_trying(url)) {
            web.complain(
                "url",
                format!(
                    "`{url}` cannot be reached by those who get a link to it: \
                write the public address of the unsubscribe pages, or deliver to `capture` only"
                ),
            );
        }
        web.done();
    }
}

impl Config {
    /// An address that nobody listens for loses what comes back.
    fn check_returns(&self, root: &Section<'_, '_>) {
        let listens = self.listeners.iter().any(|one| matches!(one.admits, Admits::Returns));
        let section = root.section("returns");
        match (self.returns.first(), listens) {
            (Some(_), true) | (None, false) => {}
            (Some(domain), false) => section.complain(
                "domains",
                format!(
                    "mail to `{domain}` would be lost: add a `[[listener]]` with \
                    `takes = \"returns\"`, or remove the domain"
                ),
            ),
            (None, true) => root.complain_here(
                "a listener takes returns, and no address leads to it: write `domains` in \
                 `[returns]`",
            ),
        }
        section.done();
    }
}

/// Where the domains' MX records lead to the listener that takes returns.
fn returns(section: &Section<'_, '_>) -> Vec<String> {
    let mut domains = Vec::new();
    for text in section.texts("domains") {
        let domain = text.value.to_ascii_lowercase();
        if !super::is_domain(&domain) || !domain.is_ascii() {
            section.complain_at(
                text.at,
                format!(
                    "`{domain}` is not a domain: write one as in `returns.shop.cz`, in A-labels"
                ),
            );
        }
        domains.push(domain);
    }
    domains
}

fn hostname(root: &Section<'_, '_>) -> String {
    let name = root.text("hostname", "localhost");
    if !super::is_domain(&name) {
        root.complain(
            "hostname",
            format!("`{name}` is not a host name: write one as in `mail.shop.cz`"),
        );
    }
    name.to_ascii_lowercase()
}

fn arc(root: &Section<'_, '_>) -> Option<String> {
    let domain = root.text_if_any("arc")?.to_ascii_lowercase();
    if !super::is_domain(&domain) || !domain.contains('.') {
        root.complain("arc", format!("`{domain}` is not a domain: write one as in `shop.cz`"));
    }
    Some(domain)
}

fn database(root: &Section<'_, '_>, data: &Path) -> Secret<String> {
    let url = root
        .text_if_any("database")
        .unwrap_or_else(|| format!("sqlite:{}", data.join("souhlas.db").display()));
    let known =
        ["sqlite:", "postgres://", "postgresql://"].iter().any(|kind| url.starts_with(kind));
    if !known {
        // The URL may hold a password: it is not repeated.
        root.complain(
            "database",
            "not a database: write `sqlite:data/souhlas.db` or `postgres://user:password@host/name`",
        );
    }
    Secret::new(url)
}

fn listeners(root: &Section<'_, '_>) -> Vec<Listener> {
    let mut listeners: Vec<Listener> = Vec::new();
    let sections = root.sections("listener");
    for section in &sections {
        let Some(listener) = Listener::read(section) else { continue };
        for other in &listeners {
            if other.name == listener.name {
                section.complain(
                    "name",
                    format!("`{}` is the name of two listeners: choose another", other.name),
                );
            }
            if other.address == listener.address && !other.address.is_any() {
                section.complain(
                    "address",
                    format!(
                        "`{}` is taken by listener `{}`: choose another",
                        other.address, other.name
                    ),
                );
            }
        }
        listeners.push(listener);
    }
    if sections.is_empty() {
        root.complain_here(
            "there is no listener, so nobody could submit: add one under `[[listener]]`",
        );
    }
    listeners
}

impl Limits {
    fn read(section: &Section<'_, '_>) -> Self {
        let count = |key, default, most: u64| {
            usize::try_from(section.number(key, default, 1..most + 1)).unwrap_or(usize::MAX)
        };
        let small = |key, default, most: u64| {
            u32::try_from(section.number(key, default, 1..most + 1)).unwrap_or(u32::MAX)
        };
        let each = section.number("messages-per-connection-max", 0, 0..1_000_001);
        Self {
            message_bytes_max: section.size("message-bytes-max", "25MiB"),
            recipients_max: count("recipients-max", 1_000, 100_000),
            messages_per_connection_max: u32::try_from(each).ok().filter(|each| *each > 0),
            command_bytes_max: section.size("command-bytes-max", "4KiB").max(512),
            line_bytes_max: count("line-bytes-max", 8_000, 1_000_000),
            errors_max: small("errors-max", 20, 1_000),
            idle_commands_max: small("idle-commands-max", 100, 100_000),
            connections_max: count("connections-max", 4_000, 100_000),
            connections_per_address_max: count("connections-per-address-max", 2_000, 100_000),
            held_bytes_max: section.size("held-bytes-max", "256MiB"),
            idle: section.time("idle", "5m"),
            message_time: section.time("message-time", "30m"),
        }
    }
}

impl Tls {
    fn read(section: &Section<'_, '_>, data: &Path) -> Self {
        let file = |key, name: &str| match section.text_if_any(key) {
            Some(path) => PathBuf::from(path),
            None => data.join("tls").join(name),
        };
        if section.has("certificate") != section.has("key") {
            section.complain_here(
                "[tls] names only one of `certificate` and `key`: write both or none",
            );
        }
        Self { certificate: file("certificate", "cert.pem"), key: file("key", "key.pem") }
    }
}

impl Web {
    fn read(section: &Section<'_, '_>) -> Self {
        let url = section.text_if_any("url").map(|url| url.trim_end_matches('/').to_owned());
        if let Some(url) = &url
            && !is_https(url)
        {
            section.complain(
                "url",
                format!(
                    "`{url}` is not a base for links: write `https://` and the host, \
                as in `https://mail.shop.cz` (RFC 8058 asks for https)"
                ),
            );
        }
        Self {
            address: super::address(section, "address", "127.0.0.1:8025"),
            url,
            proxy_from: super::networks(section, "proxy-from"),
            ops_address: super::address(section, "ops-address", "127.0.0.1:9025"),
            api: Api::read(section),
            console: Console::read(section),
        }
    }
}

impl Api {
    fn read(section: &Section<'_, '_>) -> Self {
        let address = super::address(section, "api-address", "127.0.0.1:8026");
        if !section.flag("api-tls-by-proxy", false) && !address.ip().is_loopback() {
            section.complain(
                "api-address",
                format!(
                    "`{address}` can be reached from other machines, and the API's keys would \
                pass the network in clear: choose a loopback address behind a proxy that speaks \
                TLS, or write `api-tls-by-proxy = true` where one stands in front on another machine"
                ),
            );
        }
        let count = |key, default| {
            let count = section.number(key, default, 1..60_001);
            u32::try_from(count).unwrap_or(u32::MAX)
        };
        Self {
            address,
            requests_per_minute: count("api-requests-per-minute", 600),
            burst: count("api-burst", 100),
        }
    }
}

impl Logins {
    fn read(section: &Section<'_, '_>) -> Self {
        let checks = section.number("checks-at-once", 2, 1..65);
        let failures = section.number("failures-max", 5, 1..1_001);
        Self {
            remembered: section.time("remembered", "10m"),
            checks_at_once: usize::try_from(checks).unwrap_or(2),
            failures_max: u32::try_from(failures).unwrap_or(5),
            slowed: section.time("slowed", "1m"),
        }
    }
}

impl Samples {
    fn read(section: &Section<'_, '_>) -> Self {
        let keep_for = section.time("keep-for", "14d");
        if keep_for > SAMPLES_KEPT_MAX {
            section.complain(
                "keep-for",
                "samples are personal data and are kept for 30 days at most: write `30d` or less",
            );
        }
        Self { keep_for }
    }
}

impl Log {
    fn read(section: &Section<'_, '_>) -> Self {
        let formats = [("text", LogFormat::Text), ("json", LogFormat::Json)];
        Self {
            filter: section.text("filter", "info"),
            format: section.choice("format", &formats, LogFormat::Text),
            events: section.text_if_any("events").map(PathBuf::from),
        }
    }
}

/// As long as other systems keep what they hold back for review.
const SAMPLES_KEPT_MAX: Duration = Duration::from_hours(30 * 24);

/// `https://host` with an optional port and path, nothing else.
pub(super) fn is_https(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://") else { return false };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
    let clean = |letter: char| letter.is_ascii_alphanumeric() || "-._~/".contains(letter);
    super::is_domain(host) && port.parse::<u16>().is_ok() && path.chars().all(clean)
}

/// A host that only this machine, or nobody, can reach (RFC 2606, RFC 6761).
fn is_only_for_trying(url: &str) -> bool {
    let rest = url.strip_prefix("https://").unwrap_or(url);
    let host = rest.split(['/', ':']).next().unwrap_or("");
    let last = host.rsplit('.').next().unwrap_or("");
    ["localhost", "example", "invalid", "test"].contains(&last)
}
