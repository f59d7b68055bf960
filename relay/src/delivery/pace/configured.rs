//! The limits as relay.toml says them.

use jiff::SignedDuration;

use super::{By, Limit, Pace, Rate, WarmUp};
use crate::{
    config,
    delivery::{settings::Credentials, source::Source, via::Via},
};

/// All that hold: those for everybody, those that the operator wrote, those of each source's first
/// days.
pub(in crate::delivery) fn limits(config: &config::Delivery) -> Vec<Limit> {
    // Names that nobody can write.
    let all = Limit {
        name: "all connections".to_owned(),
        connections: Some(u32::try_from(config.limit.open_max).unwrap_or(u32::MAX)),
        is_own: true,
        ..Limit::default()
    };
    let everybody = Limit {
        name: "each provider".to_owned(),
        each: vec![By::Provider, By::Source],
        connections: Some(u32::try_from(config.limit.connections_max).unwrap_or(u32::MAX)),
        messages_per_connection: Some(config.limit.messages_per_connection_max),
        is_own: true,
        ..Limit::default()
    };
    let written = config.paces.iter().map(of);
    let warm_ups = config.sources.iter().filter_map(|source| {
        let plan = source.warm_up.as_ref()?;
        let plan = WarmUp { from: plan.from, days: plan.days.clone() };
        Some(Source::warm_up(&source.name, plan))
    });
    [all, everybody].into_iter().chain(written).chain(warm_ups).collect()
}

fn of(own: &config::Pace) -> Limit {
    Limit {
        name: own.name.clone(),
        hosts: own.hosts.clone(),
        domains: own.domains.clone(),
        sources: own.sources.clone(),
        controllers: own.controllers.clone(),
        streams: own.streams.clone(),
        each: own.each.iter().copied().map(by).collect(),
        connections: own.connections_max,
        messages_per_connection: own.messages_per_connection_max,
        at_once: own.at_once_max,
        rate: own.rate.map(|(count, per)| {
            let per = SignedDuration::try_from(per).unwrap_or(SignedDuration::MAX);
            Pace::Steady(Rate { count, per })
        }),
        is_own: false,
    }
}

fn by(each: config::Each) -> By {
    match each {
        config::Each::Provider => By::Provider,
        config::Each::Domain => By::Domain,
        config::Each::Source => By::Source,
        config::Each::Controller => By::Controller,
        config::Each::Stream => By::Stream,
    }
}

impl Source {
    pub(in crate::delivery) fn of(config: &config::Source) -> Self {
        Self {
            name: config.name.clone(),
            four: config.four,
            six: config.six,
            hello: config.hello.clone(),
            weight: config.weight,
            via: match &config.via {
                config::Via::Nobody => Via::Nobody,
                config::Via::Socks { at, login } => {
                    Via::Socks { at: *at, login: login.as_ref().map(Credentials::of) }
                }
                config::Via::Proxy(at) => Via::Proxy(*at),
            },
        }
    }
}
