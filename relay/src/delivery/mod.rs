//! Sends on what the spool holds: decide again, render, sign, hand over, settle.
//!
//! `worker` takes jobs in, `route` says where each goes, `destination` keeps the connections, `dialer`
//! opens them as `demand` says and as fast as `pace` allows, `prepare` decides again right before the bytes leave, `attempt` drives
//! one connection. `at_once` hands on what is never queued, while somebody waits.

mod at_once;
pub mod attempt;
pub mod bounce;
mod capture;
pub mod convert;
mod demand;
mod destination;
pub mod dialer;
pub mod dns;
mod encode;
mod heading;
mod letter;
mod line;
mod noted;
mod ordered;
pub mod outcome;
mod own;
pub mod pace;
mod paused;
pub mod prepare;
pub mod presented;
mod render;
mod return_path;
pub mod route;
pub mod schedule;
mod schedules;
pub mod settings;
pub mod settle;
mod signed;
pub mod source;
mod standby;
pub mod sts;
pub mod tally;
mod tls_required;
mod turns;
pub mod via;
mod worker;

pub use at_once::{AtOnce, Became, Handed, Passed, Rendered};
pub use bounce::{Refusal, Reporter};
pub(crate) use bounce::{clean, date};
pub(crate) use encode::{base64_lines, encoded_words};
pub use heading::Heading;
pub use letter::Letter;
pub(crate) use own::Own;
pub use own::pass_on;
pub use prepare::Desk;
pub use return_path::Back;
pub use route::{Destination, Route, Way, Wish};
pub use schedules::Schedules;
pub use settings::{Credentials, Dnssec, NextHop, Settings, Smarthost, Timeouts, Tls};
pub use settle::Settler;
pub use signed::Chains;
pub use worker::Worker;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Short times, no routes.
    pub(super) fn settings() -> Settings {
        Settings {
            hostname: "relay.test".to_owned(),
            routes: Vec::new(),
            otherwise: NextHop::Capture("else".into()),
            otherwise_sources: Vec::new(),
            no_source: source::Source::system().into(),
            limits: Vec::new(),
            connections_max: 4,
            messages_per_connection_max: 100,
            recipients_max: 100,
            idle: Duration::from_secs(2),
            timeouts: Timeouts {
                connect: Duration::from_secs(5),
                greeting: Duration::from_secs(5),
                command: Duration::from_secs(5),
                data: Duration::from_secs(5),
                end: Duration::from_secs(5),
                proxy: Duration::from_secs(5),
            },
            schedule: schedule::Schedule::default(),
            resolvers: Vec::new(),
            dnssec: Dnssec::Off,
            private_networks: Vec::new(),
            hosts_max: 8,
            ca_file: None,
            in_flight_max: 100,
            in_flight_bytes_max: 10 << 20,
        }
    }
}
