//! How fast messages leave, and from which addresses: `[[delivery.pace]]` and `[[delivery.source]]`.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use jiff::civil::Date;

use super::{
    Secret,
    document::{Section, Text},
    words::duration,
};

/// A limit: on what matches, for each of what it tells apart.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pace {
    pub name: String,
    /// Mail exchangers or smarthosts, `*.` in front for all below; empty: any.
    pub hosts: Vec<String>,
    /// Recipient domains, the same way.
    pub domains: Vec<String>,
    pub sources: Vec<String>,
    pub controllers: Vec<String>,
    pub streams: Vec<String>,
    pub each: Vec<Each>,
    pub connections_max: Option<u32>,
    pub messages_per_connection_max: Option<u32>,
    /// Messages on their way at the same time.
    pub at_once_max: Option<u32>,
    /// So many in so long.
    pub rate: Option<(u32, Duration)>,
}

/// What a limit counts apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Each {
    /// All domains whose mail one provider takes.
    Provider,
    Domain,
    Source,
    Controller,
    Stream,
}

/// Addresses that messages leave from.
#[derive(Clone, Debug)]
pub struct Source {
    pub name: String,
    pub four: Option<Ipv4Addr>,
    pub six: Option<Ipv6Addr>,
    /// Its name in EHLO.
    pub hello: Option<String>,
    pub weight: u32,
    pub warm_up: Option<WarmUp>,
    pub via: Via,
}

/// What stands between a source and the hosts.
#[derive(Clone, Debug)]
pub enum Via {
    Nobody,
    Socks {
        at: SocketAddr,
        login: Option<(String, Secret<String>)>,
    },
    /// Told by a PROXY header.
    Proxy(SocketAddr),
}

/// How many messages leave in the first days.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WarmUp {
    /// In UTC.
    pub from: Date,
    pub days: Vec<u32>,
}

impl Pace {
    pub(super) fn read(section: &Section<'_, '_>) -> Self {
        let names = |key| section.texts(key).into_iter().map(|text| text.value).collect();
        let count = |key, most| {
            section.number_if_any(key, 1..most).and_then(|count| u32::try_from(count).ok())
        };
        let pace = Self {
            name: section.text_needed("name", "it tells one limit from the others"),
            hosts: super::domains(section, "hosts"),
            domains: super::domains(section, "domains"),
            sources: names("sources"),
            controllers: names("controllers"),
            streams: names("streams"),
            each: section
                .texts("each")
                .iter()
                .filter_map(|text| Each::read(section, text))
                .collect(),
            connections_max: count("connections-max", 10_001),
            messages_per_connection_max: count("messages-per-connection-max", 1_000_001),
            at_once_max: count("at-once-max", 10_001),
            rate: section.text_if_any("rate").and_then(|text| rate(section, &text)),
        };
        if pace.name.contains(char::is_control) {
            section.complain("name", "one line is enough");
        }
        let keys = ["connections-max", "messages-per-connection-max", "at-once-max", "rate"];
        if section.is_written() && !keys.iter().any(|key| section.has(key)) {
            let name = &pace.name;
            let keys = keys.join("`, `");
            section.complain_here(format!("`{name}` limits nothing: write one of `{keys}`"));
        }
        pace
    }
}

impl Each {
    const ALL: [(&str, Self); 5] = [
        ("provider", Self::Provider),
        ("domain", Self::Domain),
        ("source", Self::Source),
        ("controller", Self::Controller),
        ("stream", Self::Stream),
    ];

    fn read(section: &Section<'_, '_>, text: &Text) -> Option<Self> {
        let found = Self::ALL.iter().find(|(word, _)| *word == text.value);
        if found.is_none() {
            let known: Vec<&str> = Self::ALL.iter().map(|(word, _)| *word).collect();
            section.complain_at(text.at, super::words::not_one_of(&text.value, &known));
        }
        found.map(|(_, each)| *each)
    }
}

fn rate(section: &Section<'_, '_>, text: &str) -> Option<(u32, Duration)> {
    let read = || {
        let (count, per) = text.split_once('/')?;
        let per = per.trim();
        // `100/min` is `100/1min`.
        let per = if per.starts_with(|first: char| first.is_ascii_digit()) {
            duration(per)?
        } else {
            duration(&format!("1{per}"))?
        };
        let count = count.trim().parse::<u32>().ok()?;
        (count > 0 && !per.is_zero()).then_some((count, per))
    };
    let found = read();
    if found.is_none() {
        let why =
            format!("`{text}` is no rate: write \"10/s\", \"100/min\", \"600/h\" or \"5000/d\"");
        section.complain("rate", why);
    }
    found
}

impl Source {
    pub(super) fn read(section: &Section<'_, '_>) -> Self {
        let source = Self {
            name: section.text_needed("name", "routes and limits name it, and metrics"),
            four: address(section, "ipv4", "192.0.2.7"),
            six: address(section, "ipv6", "2001:db8::7"),
            hello: section.text_if_any("ehlo"),
            weight: u32::try_from(section.number("weight", 1, 0..1_001)).unwrap_or(1),
            warm_up: WarmUp::read(section),
            via: Via::read(section),
        };
        if source.hello.as_deref().is_some_and(|name| !super::is_domain(name)) {
            section.complain("ehlo", "a host name is needed, the one that the address's PTR says");
        }
        if source.name.contains(char::is_control) {
            section.complain("name", "one line is enough");
        }
        source
    }
}

impl Via {
    fn read(section: &Section<'_, '_>) -> Self {
        let login = super::delivery::credentials(section, ("socks5-login", "socks5-password-file"));
        let socks = address(section, "socks5", "127.0.0.1:1080");
        let proxy = address(section, "proxy", "127.0.0.1:10025");
        match (socks, proxy) {
            (Some(at), None) => Self::Socks { at, login },
            (None, Some(at)) => Self::Proxy(at),
            (None, None) => Self::Nobody,
            (Some(_), Some(_)) => {
                section.complain("proxy", "one way is enough: `socks5` or `proxy`");
                Self::Nobody
            }
        }
    }
}

fn address<T: std::str::FromStr>(
    section: &Section<'_, '_>,
    key: &'static str,
    example: &str,
) -> Option<T> {
    let text = section.text_if_any(key)?;
    let found = text.parse().ok();
    if found.is_none() {
        section.complain(key, format!("`{text}` is no such address: write `{example}`"));
    }
    found
}

impl WarmUp {
    fn read(section: &Section<'_, '_>) -> Option<Self> {
        let from = section.text_if_any("warm-up-from");
        let days = section.text_if_any("warm-up-days");
        match (from, days) {
            (None, None) => return None,
            (Some(from), Some(days)) => {
                let date = from.parse();
                if date.is_err() {
                    let why = format!("`{from}` is no date: write \"2026-12-01\"");
                    section.complain("warm-up-from", why);
                }
                let counts: Option<Vec<u32>> = days.split_whitespace().map(count).collect();
                let counts = counts.filter(|counts| !counts.is_empty());
                if counts.is_none() {
                    let why = "messages of each day are needed, as in \"50 100 200 400\"";
                    section.complain("warm-up-days", why);
                }
                return Some(Self { from: date.ok()?, days: counts? });
            }
            (Some(_), None) | (None, Some(_)) => {}
        }
        let key = if section.has("warm-up-from") { "warm-up-from" } else { "warm-up-days" };
        section.complain(key, "`warm-up-from` and `warm-up-days` go together: write both or none");
        None
    }
}

fn count(text: &str) -> Option<u32> {
    text.parse().ok().filter(|count| *count > 0)
}

/// What names something that is not there, or names it twice.
pub(super) fn check(
    section: &Section<'_, '_>,
    (paces, sources): (&[Pace], &[Source]),
    pools: &[(String, Vec<String>)],
) {
    let known: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
    let lists = paces.iter().map(|pace| (pace.name.as_str(), &pace.sources));
    for (who, names) in lists.chain(pools.iter().map(|(who, names)| (who.as_str(), names))) {
        for name in names.iter().filter(|name| !known.contains(&name.as_str())) {
            let there = if known.is_empty() { "none".to_owned() } else { known.join("`, `") };
            let why = format!("`{who}` names the source `{name}`, and there is `{there}`");
            section.complain("source", why);
        }
    }
    let twice = |names: &[&str]| {
        let mut seen = std::collections::BTreeSet::new();
        names.iter().find(|name| !seen.insert(**name)).map(|name| (*name).to_owned())
    };
    let named: Vec<&str> = paces.iter().map(|pace| pace.name.as_str()).collect();
    for (key, name) in [("pace", twice(&named)), ("source", twice(&known))] {
        if let Some(name) = name {
            section.complain(key, format!("`{name}` is there twice: each needs a name of its own"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Delivery};

    fn read(delivery: &str) -> Result<Delivery, String> {
        let listener = "[[listener]]\nname = \"a\"\nmode = \"loopback\"\nplaintext-auth = true";
        let text = format!("{listener}\n{delivery}");
        let found = Config::read("relay.toml", &text).map(|config| config.delivery);
        found.map_err(|complaints| complaints.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_limit_says_on_what_and_how_much() {
        let found = read(
            "[[delivery.pace]]\nname = \"seznam\"\nhosts = [\"*.Seznam.cz\"]\neach = [\"source\"]\n\
             connections-max = 5\nrate = \"100/min\"\n[[delivery.pace]]\nname = \"slow\"\n\
             rate = \"3 / 10s\"",
        )
        .unwrap();
        let [seznam, slow] = &found.paces[..] else { panic!("{:?}", found.paces) };
        assert_eq!(seznam.hosts, ["*.seznam.cz"]);
        assert_eq!((seznam.connections_max, &seznam.each[..]), (Some(5), &[Each::Source][..]));
        assert_eq!(seznam.rate, Some((100, Duration::from_secs(60))));
        assert_eq!(slow.rate, Some((3, Duration::from_secs(10))));
    }

    #[test]
    fn a_source_may_have_a_plan() {
        let found = read(
            "[[delivery.source]]\nname = \"new\"\nipv4 = \"127.0.0.2\"\nehlo = \"m2.shop.cz\"\n\
             warm-up-from = \"2026-12-01\"\nwarm-up-days = \"50 100\"",
        )
        .unwrap();
        let plan = found.sources[0].warm_up.clone().unwrap();
        assert_eq!(
            (plan.from.to_string().as_str(), &plan.days[..]),
            ("2026-12-01", &[50, 100][..])
        );
    }

    #[test]
    fn the_guides_samples_are_taken() {
        let guide = include_str!("../../../docs/operator.md");
        let samples: Vec<&str> = guide
            .split("```toml\n")
            .skip(1)
            .filter_map(|rest| rest.split("```").next())
            .filter(|sample| sample.contains("[[delivery."))
            .collect();
        assert!(samples.len() >= 3);
        for sample in samples {
            let web = "[web]\nurl = \"https://mail.shop.cz\"\n";
            let found = read(&format!("{web}{sample}"));
            assert!(found.is_ok(), "{sample}\n{found:?}");
        }
    }

    #[test]
    fn smarthosts_have_their_order_and_their_share() {
        let found = read(
            "[delivery.otherwise]\nnext-hop = \"smarthost\"\nhost = \"localhost\"\nweight = 3\n\
             [[delivery.otherwise.smarthost]]\nhost = \"127.0.0.1\"\nport = 25\norder = 2",
        )
        .unwrap();
        let crate::config::NextHop::Smarthosts(hosts) = &found.otherwise else { panic!() };
        let told: Vec<_> =
            hosts.iter().map(|one| (one.host.as_str(), one.port, one.order, one.weight)).collect();
        assert_eq!(told, [("localhost", 587, 1, 3), ("127.0.0.1", 25, 2, 1)]);
        let fault = read("[[delivery.source]]\nname = \"s\"\nsocks5 = \"127.0.0.1\"").unwrap_err();
        assert!(fault.contains("no such address"), "{fault}");
        let both =
            "[[delivery.source]]\nname = \"s\"\nsocks5 = \"127.0.0.1:1\"\nproxy = \"127.0.0.1:2\"";
        assert!(read(both).unwrap_err().contains("one way is enough"));
        let more = "[[delivery.route]]\nname = \"r\"\nnext-hop = \"mx\"\n[[delivery.route.smarthost]]\nhost = \"a.cz\"";
        assert!(read(more).unwrap_err().contains("means nothing to this"));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let (pace, source) =
            ("[[delivery.pace]]\nname = \"p\"\n", "[[delivery.source]]\nname = \"s\"\n");
        for (text, why) in [
            (pace.to_owned(), "limits nothing"),
            (format!("{pace}rate = \"0/s\""), "is no rate"),
            (format!("{pace}rate = \"5/week\""), "is no rate"),
            (format!("{pace}rate = \"5/s\"\neach = [\"sorce\"]"), "did you mean `source`"),
            (format!("{pace}rate = \"5/s\"\nsources = [\"x\"]"), "names the source `x`"),
            (format!("{pace}rate = \"5/s\"\n{pace}rate = \"6/s\""), "is there twice"),
            (format!("{pace}rate = \"5/s\"\nhosts = [\"a b\"]"), "is not a domain"),
            (format!("{source}ipv4 = \"::1\""), "is no such address"),
            (format!("{source}ehlo = \"a b\""), "a host name is needed"),
            (format!("{source}warm-up-from = \"2026-12-01\""), "go together"),
            (format!("{source}warm-up-from = \"x\"\nwarm-up-days = \"1\""), "is no date"),
            (
                format!("{source}warm-up-from = \"2026-12-01\"\nwarm-up-days = \"0\""),
                "messages of each day",
            ),
        ] {
            let fault = read(&text).unwrap_err();
            assert!(fault.contains(why), "{text}: {fault}");
        }
    }
}
