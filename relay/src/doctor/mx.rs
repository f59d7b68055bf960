//! Who takes the domain's own mail: bounces, replies and reports come there; and what is said about
//! TLS with them.

use super::{Finding, Subject, World};
use crate::{
    delivery::{dns::Answer, outcome::Problem},
    tls::dane::Tlsa,
};

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

/// DANE for mail that comes in (RFC 7672).
pub(super) async fn tlsa(world: &World, hosts: &[String]) -> Vec<Finding> {
    const CHECK: &str = "tlsa";
    let mut found = Vec::new();
    for host in hosts.iter().take(HOSTS_MAX) {
        let name = format!("_25._tcp.{host}");
        let publish = format!(
            "in a zone with DNSSEC publish: {name}. IN TLSA 3 1 1 DIGEST, the SHA-256 of the host's \
            public key: openssl x509 -in cert.pem -noout -pubkey | openssl pkey -pubin -outform DER \
            | openssl dgst -sha256"
        );
        found.push(match world.dns.tlsa(host, 25).await {
            Answer::Found(records) if records.iter().any(is_usable) => {
                Finding::ok(CHECK, format!("{name} has {} records", records.len()))
            }
            Answer::Found(_) => {
                Finding::fail(CHECK, format!("{name} has no record that senders can use"), publish)
            }
            Answer::Nothing | Answer::NoName => {
                Finding::warn(CHECK, format!("nothing at {name}"), publish)
            }
            Answer::Failed(why) => Finding::silent(CHECK, &name, &why),
        });
    }
    found
}

/// RFC 7672 §3.1: of the usages DANE-TA and DANE-EE alone; and a digest that is whole.
fn is_usable(record: &Tlsa) -> bool {
    let whole = match record.matching {
        0 => !record.data.is_empty(),
        1 => record.data.len() == 32,
        2 => record.data.len() == 64,
        _ => false,
    };
    matches!(record.usage, 2 | 3) && matches!(record.selector, 0 | 1) && whole
}

const HOSTS_MAX: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_usable_with_a_whole_digest_of_the_right_usage() {
        for (usage, selector, matching, length, usable) in [
            (3, 1, 1, 32, true),
            (2, 0, 2, 64, true),
            (3, 1, 0, 200, true),
            (1, 1, 1, 32, false),
            (3, 2, 1, 32, false),
            (3, 1, 1, 31, false),
            (3, 1, 3, 32, false),
        ] {
            let record = Tlsa { usage, selector, matching, data: vec![0; length] };
            assert_eq!(is_usable(&record), usable, "{record:?}");
        }
    }
}
