//! What the operator set: `relay.toml` (the machine) and `policy.toml` (the business), resolved.
//!
//! Nothing here is optional where a default exists, and nothing here was guessed: a file with any
//! fault yields all its complaints and no settings. relay.toml is read once; policy.toml whenever
//! it changes, whole or not at all.

mod address;
mod business;
mod changed;
mod console;
mod delivery;
mod document;
mod exception;
mod form;
mod hook;
mod listener;
mod machine;
mod network;
pub(crate) mod openid;
mod pace;
mod policy_file;
mod rebind;
mod replies;
mod review;
pub mod schema;
mod secret;
#[cfg(test)]
mod shipped;
mod times;
mod warnings;
mod webhook;
mod words;

pub use address::Address;
pub use business::{Business, Keeping, Mapping, Signs, sender_matches};
pub use changed::sections_changed;
pub use console::Console;
pub use delivery::{Delivery, DnssecUse, Limit, NextHop, Reports, Route, Smarthost, TlsUse, Waits};
pub use document::Complaint;
pub use exception::with_exception;
pub use form::{Form, Offer};
pub use hook::{Hook, HookKind, Mapping as HookMapping, Signature, SignatureForm};
pub use listener::{Admits, BareLineEnds, Listener, Mixed, Mode, Refusals, Trusted};
pub use machine::{Api, Config, Limits, Log, LogFormat, Logins, Samples, Tls, Web};
pub use network::Network;
pub use openid::OpenId;
pub use pace::{Each, Pace, Source, Via, WarmUp};
pub use rebind::{CHOSEN, OTHERWISE};
pub use replies::{Replies, ReplyClass};
pub use review::{Alerts, Complained, Review};
pub use secret::Secret;
pub use times::Times;
pub use warnings::no_links;
pub use webhook::Webhook;
pub use words::meant;

use std::net::{IpAddr, SocketAddr};

use document::Section;

/// `127.0.0.1:2525` or `[::1]:2525`.
fn address(section: &Section<'_, '_>, key: &'static str, default: &str) -> SocketAddr {
    let text = section.text(key, default);
    address_of(section, key, &text)
}

fn address_of(section: &Section<'_, '_>, key: &'static str, text: &str) -> SocketAddr {
    text.parse().unwrap_or_else(|_| {
        section.complain(
            key,
            format!(
                "`{text}` is not an address with a port: write `127.0.0.1:2525` or `[::1]:2525`"
            ),
        );
        SocketAddr::from(([127, 0, 0, 1], 0))
    })
}

/// IP addresses with a port, or without where there is a usual one.
fn addresses(section: &Section<'_, '_>, key: &'static str, port: u16) -> Vec<SocketAddr> {
    let mut found = Vec::new();
    for text in section.texts(key) {
        let plain = text.value.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, port));
        match text.value.parse::<SocketAddr>().or(plain) {
            Ok(address) => found.push(address),
            Err(_) => section.complain_at(
                text.at,
                format!("`{}` is not an IP address: write `192.0.2.53`", text.value),
            ),
        }
    }
    found
}

fn networks(section: &Section<'_, '_>, key: &'static str) -> Vec<Network> {
    let mut found = Vec::new();
    for text in section.texts(key) {
        match Network::parse(&text.value) {
            Ok(network) => found.push(network),
            Err(fault) => section.complain_at(text.at, format!("`{}` is {fault}", text.value)),
        }
    }
    found
}

/// Domains in lower case, `*.` in front for all below.
fn domains(section: &Section<'_, '_>, key: &'static str) -> Vec<String> {
    let texts = section.texts(key);
    for text in &texts {
        if !is_domain(text.value.strip_prefix("*.").unwrap_or(&text.value)) {
            section.complain_at(
                text.at,
                format!("`{}` is not a domain: write `example.cz` or `*.example.cz`", text.value),
            );
        }
    }
    texts.into_iter().map(|text| text.value.to_lowercase()).collect()
}

/// Letters, digits and hyphens in labels of 1 to 63, 253 in all (RFC 1123 §2.1, RFC 5890); letters
/// of other scripts are taken, as U-labels.
fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

/// A host name or address that means this machine.
fn is_loopback_name(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
