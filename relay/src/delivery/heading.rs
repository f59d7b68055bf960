//! What one queue is for: where to, from where, and for whom, as far as limits tell that apart.

use std::sync::Arc;

use super::{
    destination::Office,
    pace::{Lane, provider},
    route::{Destination, Wish},
    source::{Source, pick},
};
use crate::spool::{Delivery, Message, domain};

/// The key of a queue.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Heading {
    pub destination: Destination,
    pub source: Arc<Source>,
    /// Empty where no limit looks at it.
    pub controller: String,
    /// The same.
    pub stream: String,
}

impl Office {
    /// Of one delivery.
    pub(super) fn heading(&self, message: &Message, delivery: &Delivery, wish: Wish) -> Heading {
        let domain = domain(&delivery.recipient.path);
        let way = self.settings.way(delivery.route.as_deref(), &message.stream, &domain);
        let destination = way.destination(&domain, wish);
        let (streams, controllers) = self.pacer.tells_apart();
        let controller = || {
            let business = self.desk.business.load();
            let stream = business.stream(&message.stream);
            stream.map(|stream| stream.controller.id.clone()).unwrap_or_default()
        };
        Heading {
            source: self.source(&destination, message, delivery, way.sources),
            destination,
            controller: if controllers { controller() } else { String::new() },
            stream: if streams { message.stream.clone() } else { String::new() },
        }
    }

    fn source(
        &self,
        destination: &Destination,
        message: &Message,
        delivery: &Delivery,
        sources: &[Arc<Source>],
    ) -> Arc<Source> {
        if matches!(destination, Destination::Capture(_)) {
            return self.settings.no_source.clone();
        }
        // All recipients of a message together; at another attempt perhaps another.
        let seed = message.id.as_u64_pair().1 ^ u64::from(delivery.attempts);
        let now = jiff::Timestamp::now();
        let found = pick(sources, seed, |source| self.pacer.is_spent(now, &source.name));
        found.unwrap_or(&self.settings.no_source).clone()
    }
}

impl Heading {
    /// Before its hosts are known.
    pub(super) fn unseen(&self) -> Lane {
        match &self.destination {
            Destination::Mx { domain, .. } => self.lane(domain),
            Destination::Smarthosts(hosts) => {
                self.lane(hosts.first().map(|host| host.host.as_str()).unwrap_or_default())
            }
            Destination::Capture(_) => self.lane(""),
        }
    }

    /// For the limits; `host` is the best mail exchanger, or the smarthost.
    pub(super) fn lane(&self, host: &str) -> Lane {
        let domain = match &self.destination {
            Destination::Mx { domain, .. } => domain.clone(),
            Destination::Smarthosts(_) | Destination::Capture(_) => String::new(),
        };
        Lane {
            provider: provider(host).to_owned(),
            host: host.to_owned(),
            domain,
            source: self.source.name.clone(),
            controller: self.controller.clone(),
            stream: self.stream.clone(),
        }
    }
}
