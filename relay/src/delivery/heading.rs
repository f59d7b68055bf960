//! What one queue is for: where to, from where, and for whom, as far as limits tell that apart.

use std::sync::Arc;

use super::{
    destination::Office,
    pace::{Lane, provider},
    route::{Destination, Wish},
    source::{Source, pick},
};
use crate::{
    smtp::envelope::Path,
    spool::{Delivery, Message, domain},
};

/// The key of a queue.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Heading {
    pub(super) destination: Destination,
    pub(super) source: Arc<Source>,
    /// Empty where no limit looks at it.
    pub(super) controller: String,
    /// The same.
    pub(super) stream: String,
}

impl Office {
    /// Of one delivery.
    pub(super) fn heading(&self, message: &Message, delivery: &Delivery, wish: Wish) -> Heading {
        let so_far = (delivery.route.as_deref(), delivery.attempts);
        self.heading_to(message, &delivery.recipient.path, so_far, wish)
    }

    /// Of one recipient; with the route that a person ordered, and the attempts so far.
    pub(super) fn heading_to(
        &self,
        message: &Message,
        to: &Path,
        (ordered, attempts): (Option<&str>, u32),
        wish: Wish,
    ) -> Heading {
        let domain = domain(to);
        let way = self.settings.way(ordered, &message.stream, &domain);
        let destination = way.destination(&domain, wish);
        let (streams, controllers) = self.pacer.tells_apart();
        let controller = || {
            let business = self.desk.business.load();
            let stream = business.stream(&message.stream);
            stream.map(|stream| stream.controller.id.clone()).unwrap_or_default()
        };
        Heading {
            source: self.source(&destination, message, attempts, way.sources),
            destination,
            controller: if controllers { controller() } else { String::new() },
            stream: if streams { message.stream.clone() } else { String::new() },
        }
    }

    fn source(
        &self,
        destination: &Destination,
        message: &Message,
        attempts: u32,
        sources: &[Arc<Source>],
    ) -> Arc<Source> {
        if matches!(destination, Destination::Capture(_)) {
            return self.settings.no_source.clone();
        }
        // All recipients of a message together; at another attempt perhaps another.
        let seed = message.id.as_u64_pair().1 ^ u64::from(attempts);
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
