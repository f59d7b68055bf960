//! What limits there are, on which lanes, and what they count together. Pure.

use super::rate::{Even, Rate, WarmUp};
use crate::delivery::route::covers;
use jiff::Timestamp;

/// Where and for whom messages go: what a limit can look at.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Lane {
    /// Who runs the mail exchangers, by [`provider`]; a smarthost's name.
    pub provider: String,
    /// The best of them.
    pub host: String,
    /// The recipients'; empty for a smarthost, which has those of all.
    pub domain: String,
    pub source: String,
    /// Empty where no limit looks at it.
    pub controller: String,
    /// The same.
    pub stream: String,
}

/// One limit: on what matches, for each of what it tells apart.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Limit {
    pub name: String,
    /// Names of mail exchangers or smarthosts, `*.` in front for all below; empty: any.
    pub hosts: Vec<String>,
    /// Recipient domains in the same form; empty: any.
    pub domains: Vec<String>,
    pub sources: Vec<String>,
    pub controllers: Vec<String>,
    pub streams: Vec<String>,
    /// Empty: all that matches is counted together.
    pub each: Vec<By>,
    /// Open at the same time.
    pub connections: Option<u32>,
    pub messages_per_connection: Option<u32>,
    /// Messages on their way at the same time.
    pub at_once: Option<u32>,
    pub rate: Option<Pace>,
    /// This relay's own: others on the database count for themselves.
    pub is_own: bool,
}

/// How many messages in which time; one to several recipients counts for each of them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Pace {
    Steady(Rate),
    WarmUp(WarmUp),
}

/// What is counted apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum By {
    Provider,
    Domain,
    Source,
    Controller,
    Stream,
}

/// What one limit says of one lane.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Term {
    /// What is counted together.
    pub key: String,
    pub connections: Option<u32>,
    pub messages_per_connection: Option<u32>,
    pub at_once: Option<u32>,
    pub rate: Option<Pace>,
    pub is_own: bool,
    /// Of several providers together: what one of them asks for makes it no smaller.
    pub is_wide: bool,
}

impl Limit {
    /// `None`: it is not about this lane.
    pub fn term(&self, lane: &Lane) -> Option<Term> {
        let named = |list: &[String], own: &str| list.is_empty() || list.iter().any(|it| it == own);
        let below =
            |list: &[String], own: &str| list.is_empty() || list.iter().any(|it| covers(it, own));
        let is_about = below(&self.hosts, &lane.host)
            && below(&self.domains, &lane.domain)
            && named(&self.sources, &lane.source)
            && named(&self.controllers, &lane.controller)
            && named(&self.streams, &lane.stream);
        is_about.then(|| Term {
            key: self.key(lane),
            connections: self.connections,
            messages_per_connection: self.messages_per_connection,
            at_once: self.at_once,
            rate: self.rate.clone(),
            is_own: self.is_own,
            is_wide: self.is_wide(),
        })
    }

    fn is_wide(&self) -> bool {
        let names = !self.hosts.is_empty() || !self.domains.is_empty();
        !names && !self.each.iter().any(|by| matches!(by, By::Provider | By::Domain))
    }

    /// Whether it tells streams apart in any way.
    pub fn looks_at_streams(&self) -> bool {
        !self.streams.is_empty() || self.each.contains(&By::Stream)
    }

    pub fn looks_at_controllers(&self) -> bool {
        !self.controllers.is_empty() || self.each.contains(&By::Controller)
    }

    fn key(&self, lane: &Lane) -> String {
        // No name of a host, domain or setting holds a line end.
        let parts = self.each.iter().map(|by| match by {
            By::Provider => &lane.provider,
            By::Domain => &lane.domain,
            By::Source => &lane.source,
            By::Controller => &lane.controller,
            By::Stream => &lane.stream,
        });
        std::iter::once(&self.name).chain(parts).map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}

impl Pace {
    /// `None`: nothing holds it back then.
    pub fn at(&self, now: Timestamp) -> Option<Even> {
        match self {
            Self::Steady(rate) => Some(rate.even()),
            Self::WarmUp(plan) => plan.at(now),
        }
    }
}

/// Who runs a mail exchanger: the domain that its name is registered under, so that all domains
/// whose mail goes there count together.
///
/// Told by the name's shape and not by the Public Suffix List: a list in a binary ages, and a wrong
/// guess only counts two providers as one, or one as two. Limits that name `hosts` do not depend on
/// it.
pub fn provider(host: &str) -> &str {
    if host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok() {
        return host;
    }
    let ends: Vec<usize> = host.rmatch_indices('.').map(|(at, _)| at).collect();
    let label = |from: usize, to: usize| host.get(from..to).unwrap_or_default();
    let (Some(last), Some(second)) = (ends.first(), ends.get(1)) else { return host };
    let is_country = host.len() - last - 1 == 2;
    let shared = is_country && SHARED.contains(&label(second + 1, *last));
    let cut = if shared { ends.get(2) } else { Some(second) };
    cut.and_then(|at| host.get(at + 1..)).unwrap_or(host)
}

/// Under which countries register: `co.uk`, `com.au`.
const SHARED: [&str; 9] = ["ac", "co", "com", "edu", "gov", "ne", "net", "or", "org"];

#[cfg(test)]
mod tests {
    use super::*;

    fn lane() -> Lane {
        Lane {
            provider: "google.com".into(),
            host: "aspmx.l.google.com".into(),
            domain: "kavarna.cz".into(),
            source: "one".into(),
            controller: "kavarna".into(),
            stream: "novinky".into(),
        }
    }

    #[test]
    fn domains_at_one_provider_count_together() {
        for (host, expected) in [
            ("aspmx.l.google.com", "google.com"),
            ("kavarna-cz.mail.protection.outlook.com", "outlook.com"),
            ("mx1.seznam.cz", "seznam.cz"),
            ("mx.bt.co.uk", "bt.co.uk"),
            ("co.uk", "co.uk"),
            ("mx.example", "mx.example"),
            ("localhost", "localhost"),
            ("[127.0.0.1]", "[127.0.0.1]"),
            ("192.0.2.1", "192.0.2.1"),
        ] {
            assert_eq!(provider(host), expected, "{host}");
        }
    }

    #[test]
    fn a_limit_is_about_what_it_names_and_counts_apart_what_it_says() {
        let hosts = Limit {
            name: "google".into(),
            hosts: vec!["*.google.com".into()],
            each: vec![By::Source, By::Stream],
            ..Limit::default()
        };
        assert_eq!(hosts.term(&lane()).unwrap().key, "google\none\nnovinky");
        let other = Lane { host: "mx1.seznam.cz".into(), ..lane() };
        assert_eq!(hosts.term(&other), None);
        let all = Limit { name: "all".into(), ..Limit::default() };
        assert_eq!(all.term(&other).unwrap().key, all.term(&lane()).unwrap().key);
        for (limit, expected) in [
            (Limit { domains: vec!["*.cz".into()], ..Limit::default() }, true),
            (Limit { domains: vec!["cz".into()], ..Limit::default() }, false),
            (Limit { sources: vec!["two".into()], ..Limit::default() }, false),
            (Limit { controllers: vec!["kavarna".into()], ..Limit::default() }, true),
            (Limit { streams: vec!["ucty".into(), "novinky".into()], ..Limit::default() }, true),
            (Limit { streams: vec!["ucty".into()], ..Limit::default() }, false),
        ] {
            assert_eq!(limit.term(&lane()).is_some(), expected, "{limit:?}");
        }
    }
}
