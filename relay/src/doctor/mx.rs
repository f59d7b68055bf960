//! Who takes the domain's own mail: bounces, replies and reports come there.

use super::{Finding, Subject, World};
use crate::delivery::{dns::Answer, outcome::Problem};

/// The hosts by preference, and what is found about them.
pub(super) async fn look(subject: &Subject, world: &World) -> (Vec<String>, Vec<Finding>) {
    takers("mx", &subject.domain, subject, world).await
}

/// The same of the domain in MAIL FROM, where that is one to which reports come back to the relay.
pub(super) async fn returns(subject: &Subject, world: &World) -> Vec<Finding> {
    if !subject.returns {
        return Vec::new();
    }
    takers("returns", &subject.mail_from, subject, world).await.1
}

async fn takers(
    check: &'static str,
    domain: &str,
    subject: &Subject,
    world: &World,
) -> (Vec<String>, Vec<Finding>) {
    let publish = || format!("publish: {domain}. IN MX 10 {}.", subject.hostname);
    let none = |finding| (Vec::new(), vec![finding]);
    let records = match world.dns.exchangers(domain).await {
        Answer::Found(records) => records,
        Answer::Nothing | Answer::NoName => {
            return none(Finding::fail(check, "no MX: replies and reports cannot come", publish()));
        }
        Answer::Failed(why) => return none(Finding::silent(check, domain, &why)),
    };
    let hosts: Vec<String> =
        records.into_iter().map(|(_, host)| host).filter(|host| !host.is_empty()).collect();
    if hosts.is_empty() {
        let found = "the null MX: the domain takes no mail, so replies and reports cannot come";
        return none(Finding::fail(check, found, publish()));
    }
    let mut found = Vec::new();
    for host in hosts.iter().take(HOSTS_MAX) {
        found.push(match world.dns.addresses(host).await {
            Ok(_) => Finding::ok(check, host.clone()),
            Err(Problem::Dns(why)) => Finding::silent(check, host, &why),
            Err(_) => Finding::fail(
                check,
                format!("{host} has no address"),
                format!("give {host} an A or AAAA record, or take it out of the MX records"),
            ),
        });
    }
    (hosts, found)
}

/// Hosts that are looked at.
pub(super) const HOSTS_MAX: usize = 10;
