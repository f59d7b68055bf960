//! Where a message goes next: by stream and recipient domain, as configured. Pure; looks up nothing.

use std::{path::PathBuf, sync::Arc};

use super::{
    schedule::Schedule,
    settings::{NextHop, Settings, Smarthost, Tls},
    source::Source,
};
use crate::config::{self, OTHERWISE};

/// Which recipients go to which next hop. Each list that is not empty must match.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Route {
    pub name: String,
    /// Ids of streams.
    pub streams: Vec<String>,
    /// Lower-case A-labels; `*.` in front for all below.
    pub domains: Vec<String>,
    pub next_hop: NextHop,
    /// Where they leave from.
    pub sources: Vec<Arc<Source>>,
    pub schedule: Schedule,
}

/// What one queue and its connections serve.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Destination {
    Smarthosts(Arc<Vec<Smarthost>>),
    Mx {
        /// Lower-case A-label, or an address literal with its brackets.
        domain: String,
        port: u16,
        tls: Tls,
        /// For messages that ask for REQUIRETLS (RFC 8689): hosts that cannot are passed over.
        require_tls: bool,
    },
    Capture(PathBuf),
}

/// What a message's sender wants of TLS, beyond what everybody gets (RFC 8689).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wish {
    Usual,
    /// REQUIRETLS: nothing less than an authenticated host, and the same from there on.
    Required,
    /// `TLS-Required: No`: rather delivered than protected.
    NotRequired,
}

impl Route {
    pub(super) fn of(config: &config::Route, sources: &[Arc<Source>], wide: &Schedule) -> Self {
        Self {
            name: config.name.clone(),
            streams: config.streams.clone(),
            domains: config.domains.iter().map(|domain| domain.to_ascii_lowercase()).collect(),
            next_hop: NextHop::of(&config.next_hop),
            sources: named(sources, &config.sources),
            schedule: wide.narrowed(&config.times),
        }
    }

    fn takes(&self, stream: &str, domain: &str) -> bool {
        (self.streams.is_empty() || self.streams.iter().any(|own| own == stream))
            && (self.domains.is_empty() || self.domains.iter().any(|own| covers(own, domain)))
    }
}

/// What holds for one recipient: a route, or what holds where none does.
#[derive(Clone, Copy, Debug)]
pub struct Way<'a> {
    pub name: &'a str,
    pub next_hop: &'a NextHop,
    /// Where messages may leave from.
    pub sources: &'a [Arc<Source>],
    /// Where the stream has none of its own.
    pub schedule: &'a Schedule,
}

impl Settings {
    /// By the route that a person ordered, where there is one of that name; else by the first that
    /// takes it. `domain` is a lower-case A-label or an address literal.
    pub fn way(&self, ordered: Option<&str>, stream: &str, domain: &str) -> Way<'_> {
        let named = |name: &str| self.routes.iter().find(|route| route.name == name);
        let route = match ordered {
            Some(OTHERWISE) => return self.otherwise(),
            Some(name) => named(name),
            None => None,
        };
        let route = route.or_else(|| self.routes.iter().find(|route| route.takes(stream, domain)));
        route.map_or_else(
            || self.otherwise(),
            |Route { name, next_hop, sources, schedule, .. }| Way {
                name,
                next_hop,
                sources,
                schedule,
            },
        )
    }

    fn otherwise(&self) -> Way<'_> {
        Way {
            name: OTHERWISE,
            next_hop: &self.otherwise,
            sources: &self.otherwise_sources,
            schedule: &self.schedule,
        }
    }

    /// Whether a person's order can name it.
    pub fn has_route(&self, name: &str) -> bool {
        name == OTHERWISE || self.routes.iter().any(|route| route.name == name)
    }
}

impl NextHop {
    /// Who is asked while the client waits; `None`: messages are queued.
    pub fn proxy(&self) -> Option<&Arc<Vec<Smarthost>>> {
        match self {
            Self::Proxy(hosts) => Some(hosts),
            Self::Smarthosts(_) | Self::Mx { .. } | Self::Capture(_) => None,
        }
    }
}

impl Way<'_> {
    /// Of one recipient of that domain.
    pub fn destination(&self, domain: &str, wish: Wish) -> Destination {
        match self.next_hop {
            // What is in the queue goes there like anything else: nobody waits for the reply.
            NextHop::Smarthosts(hosts) | NextHop::Proxy(hosts) => {
                Destination::Smarthosts(hosts.clone())
            }
            NextHop::Mx { port, tls } => {
                let (domain, port) = (domain.to_owned(), *port);
                // What the operator asks for is not the sender's to waive.
                let tls = match (tls, wish) {
                    (Tls::Policy, Wish::NotRequired) => Tls::Opportunistic,
                    (tls, _) => *tls,
                };
                Destination::Mx { domain, port, tls, require_tls: wish == Wish::Required }
            }
            NextHop::Capture(folder) => Destination::Capture(folder.clone()),
        }
    }
}

impl Destination {
    /// For logs and metrics: the kind alone, never a recipient's domain.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Smarthosts(_) => "smarthost",
            Self::Mx { .. } => "mx",
            Self::Capture(_) => "capture",
        }
    }
}

/// Those of the names; all where none is named.
pub(super) fn named(sources: &[Arc<Source>], names: &[String]) -> Vec<Arc<Source>> {
    let is_named = |one: &&Arc<Source>| names.is_empty() || names.contains(&one.name);
    sources.iter().filter(is_named).cloned().collect()
}

/// Whether a name is that one, or below it where it begins with `*.`.
pub(super) fn covers(own: &str, domain: &str) -> bool {
    match own.strip_prefix("*.") {
        None => own == domain,
        Some(parent) => domain
            .strip_suffix(parent)
            .and_then(|rest| rest.strip_suffix('.'))
            .is_some_and(|rest| !rest.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::tests::settings;

    fn route(streams: &[&str], domains: &[&str], folder: &str) -> Route {
        Route {
            name: folder.to_owned(),
            streams: streams.iter().map(ToString::to_string).collect(),
            domains: domains.iter().map(ToString::to_string).collect(),
            next_hop: NextHop::Capture(folder.into()),
            sources: vec![],
            schedule: Schedule::default(),
        }
    }

    #[test]
    fn the_first_route_that_matches_wins() {
        let mut settings = settings();
        settings.routes = vec![
            route(&["news"], &["a.cz"], "1"),
            route(&[], &["*.a.cz"], "2"),
            route(&["news", "shop"], &[], "3"),
            route(&[], &["b.cz"], "4"),
        ];
        for (stream, domain, folder) in [
            ("news", "a.cz", "1"),
            ("other", "a.cz", "else"),
            ("news", "x.a.cz", "2"),
            ("news", "xa.cz", "3"),
            ("shop", "b.cz", "3"),
            ("", "b.cz", "4"),
            ("", "c.cz", "else"),
        ] {
            let expected = Destination::Capture(folder.into());
            let way = settings.way(None, stream, domain);
            assert_eq!(way.destination(domain, Wish::Usual), expected, "{stream} {domain}");
        }
    }

    #[test]
    fn an_ordered_route_is_taken_as_long_as_there_is_one() {
        let mut settings = settings();
        settings.routes = vec![route(&[], &["a.cz"], "1"), route(&["news"], &["b.cz"], "2")];
        for (ordered, name) in
            [(None, "1"), (Some("2"), "2"), (Some("otherwise"), "otherwise"), (Some("gone"), "1")]
        {
            assert_eq!(settings.way(ordered, "", "a.cz").name, name, "{ordered:?}");
        }
        assert!(settings.has_route("otherwise") && !settings.has_route("gone"));
    }

    #[test]
    fn each_domain_has_its_own_mail_exchangers() {
        let mut settings = settings();
        let next_hop = NextHop::Mx { port: 25, tls: Tls::Opportunistic };
        settings.routes = vec![Route { next_hop, ..route(&[], &[], "mx") }];
        let to =
            |stream, domain| settings.way(None, stream, domain).destination(domain, Wish::Usual);
        let (a, b) = (to("", "a.cz"), to("", "b.cz"));
        assert_ne!(a, b);
        assert_eq!(a, to("news", "a.cz"));
        assert_eq!(a.kind(), "mx");
    }

    #[test]
    fn a_sender_may_waive_the_domains_word_and_not_the_operators() {
        let mut settings = settings();
        for (own, wish, tls, require_tls) in [
            (Tls::Policy, Wish::Usual, Tls::Policy, false),
            (Tls::Policy, Wish::NotRequired, Tls::Opportunistic, false),
            (Tls::Policy, Wish::Required, Tls::Policy, true),
            (Tls::Dane, Wish::NotRequired, Tls::Dane, false),
            (Tls::Required, Wish::NotRequired, Tls::Required, false),
            (Tls::Off, Wish::Required, Tls::Off, true),
        ] {
            settings.otherwise = NextHop::Mx { port: 25, tls: own };
            let domain = "a.cz".to_owned();
            let expected = Destination::Mx { domain, port: 25, tls, require_tls };
            let way = settings.way(None, "", "a.cz");
            assert_eq!(way.destination("a.cz", wish), expected, "{own:?} {wish:?}");
        }
    }
}
