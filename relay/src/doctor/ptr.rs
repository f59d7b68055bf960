//! The names of the addresses that messages leave from, and whether they lead back (RFC 1912 §2.1).

use std::net::IpAddr;

use super::{Finding, Subject, World};
use crate::delivery::dns::Answer;

const CHECK: &str = "ptr";

pub(super) async fn look(subject: &Subject, world: &World) -> Vec<Finding> {
    let mut found = Vec::new();
    if subject.addresses.is_empty() {
        let what = format!(
            "from which addresses messages leave is not known: {} has none",
            subject.hostname
        );
        found.push(Finding::warn(CHECK, what, "name them: --ip ADDRESS"));
    }
    for address in &subject.addresses {
        found.push(one(*address, subject, world).await);
    }
    found
}

async fn one(address: IpAddr, subject: &Subject, world: &World) -> Finding {
    let hostname = &subject.hostname;
    let advice = format!(
        "have whoever gave you the address set its PTR to {hostname}, and {hostname} lead to {address}"
    );
    let names = match world.dns.names(address).await {
        Answer::Found(names) => names,
        Answer::Nothing | Answer::NoName => {
            return Finding::fail(CHECK, format!("{address} has no name"), advice);
        }
        Answer::Failed(why) => {
            return Finding::silent(CHECK, &format!("the name of {address}"), &why);
        }
    };
    let mut back = Vec::new();
    for name in names.iter().take(NAMES_MAX) {
        match world.dns.addresses_like(name, address).await {
            Answer::Found(found) if found.contains(&address) => back.push(name),
            Answer::Found(_) | Answer::Nothing | Answer::NoName => {}
            Answer::Failed(why) => return Finding::silent(CHECK, name, &why),
        }
    }
    match back.first() {
        None => {
            let found = format!("{address} is {}, which does not lead back", names.join(", "));
            Finding::fail(CHECK, found, advice)
        }
        Some(_) if back.contains(&hostname) => {
            Finding::ok(CHECK, format!("{address} is {hostname}, and back"))
        }
        Some(name) => {
            let found = format!("{address} is {name}, and back; the relay calls itself {hostname}");
            Finding::warn(
                CHECK,
                found,
                format!("best the same: `hostname = \"{name}\"` in relay.toml"),
            )
        }
    }
}

const NAMES_MAX: usize = 10;
