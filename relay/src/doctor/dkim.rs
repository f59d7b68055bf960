//! The keys that sign for a domain: whether there are any, and whether each is published.

use super::{Finding, Subject, World};
use crate::{
    delivery::dns::Answer,
    sign::{Algorithm, KeyInfo, Published, State},
};

const CHECK: &str = "dkim";

pub(super) async fn look(subject: &Subject, world: &World) -> Vec<Finding> {
    let signing: Vec<&KeyInfo> = subject.keys.iter().filter(|key| key.signs()).collect();
    let mut found = Vec::new();
    if signing.is_empty() {
        let make = format!("make one: souhlas keys dkim new {}", subject.domain);
        found.push(Finding::fail(CHECK, "no key signs for this domain", make));
    } else if !signing.iter().any(|key| key.algorithm == Algorithm::Rsa) {
        let make =
            format!("make one beside it: souhlas keys dkim new {} --algorithm rsa", subject.domain);
        found.push(Finding::warn(CHECK, "no RSA key, and not every receiver knows Ed25519", make));
    }
    for key in subject.keys.iter().filter(|key| key.state != State::Retired) {
        found.push(published(key, world).await);
    }
    found
}

async fn published(key: &KeyInfo, world: &World) -> Finding {
    let name = &key.record.name;
    let publish = || format!("publish: {}", key.record.zone_line());
    let not = |found: String| match key.state {
        // Nothing is signed with it yet.
        State::Waits => Finding::warn(CHECK, found, publish()),
        State::Signs | State::Retired => Finding::fail(CHECK, found, publish()),
    };
    match world.dns.texts(name).await {
        Answer::Found(texts) => match key.record.published(&texts) {
            Published::Same => Finding::ok(CHECK, format!("{name} is published")),
            Published::Missing => not(format!("nothing at {name}")),
            Published::Other(text) => not(format!("another key at {name}: {text}")),
        },
        Answer::Nothing | Answer::NoName => not(format!("nothing at {name}")),
        Answer::Failed(why) => Finding::silent(CHECK, name, &why),
    }
}
