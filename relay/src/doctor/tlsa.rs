//! DANE for mail that comes in (RFC 7672): whether what is published is what each MX host presents, and
//! what to publish where it is not.

use std::{collections::BTreeSet, net::IpAddr};

use futures_util::future::join_all;

use super::{Finding, Subject, World, mx::HOSTS_MAX};
use crate::{
    delivery::{
        dns::{Answer, Host},
        outcome::Problem,
        presented::{Absent, presented},
    },
    tls::{Chain, Dane, dane::Tlsa},
};

const CHECK: &str = "tlsa";
/// Addresses of a host that are connected to.
const ADDRESSES_MAX: usize = 4;

/// Whether DNSSEC vouches for a host and its records: nobody else's are looked at by senders.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Vouched {
    Yes,
    No,
    /// These DNS servers do not tell.
    Unknown,
}

/// What DNS says of a host.
struct Published {
    host: String,
    /// Where its records stand, or belong.
    name: String,
    addresses: Vec<IpAddr>,
    records: Vec<Tlsa>,
    /// What a certificate under a trust anchor may be for.
    names: Vec<String>,
    vouched: Vouched,
}

pub(super) async fn look(subject: &Subject, world: &World, hosts: &[String]) -> Vec<Finding> {
    if hosts.is_empty() {
        return Vec::new();
    }
    let vouched = match vouched(subject, world).await {
        Ok(vouched) => vouched,
        Err(why) => return vec![Finding::silent(CHECK, &subject.domain, &why)],
    };
    let each = hosts.iter().take(HOSTS_MAX).map(|host| of_host(subject, world, host, vouched));
    join_all(each).await.concat()
}

/// Of the domain's MX records.
async fn vouched(subject: &Subject, world: &World) -> Result<Vouched, String> {
    let why = |problem| {
        let Problem::Dns(why) = problem else {
            return "its mail servers are not to be found".to_owned();
        };
        why
    };
    if !world.dns.validates().await.map_err(why)? {
        return Ok(Vouched::Unknown);
    }
    let hosts = world.dns.checked_mail_hosts(&subject.domain, "", 0).await.map_err(why)?;
    Ok(if hosts.secure { Vouched::Yes } else { Vouched::No })
}

async fn of_host(subject: &Subject, world: &World, host: &str, vouched: Vouched) -> Vec<Finding> {
    let published = match Published::find(subject, world, host, vouched).await {
        Ok(published) => published,
        Err(finding) => return vec![finding],
    };
    let (settings, tls) = (&world.settings, &world.tls);
    let asked = published.addresses.iter().map(|at| presented(settings, tls, host, *at));
    let shown = join_all(asked).await;
    let keys: BTreeSet<String> =
        shown.iter().flatten().filter_map(|chain| chain.key_digest()).collect();
    let dane = Dane::new(published.records.clone(), published.names.clone());
    let mut found = Vec::new();
    if dane.is_none() {
        found.push(published.without(&keys));
    }
    for (address, shown) in published.addresses.iter().zip(shown) {
        let at = format!("{host} [{address}]");
        found.extend(match (shown, &dane) {
            (Err(absent), _) => Some(unseen(&at, world.settings.exchangers().0, absent)),
            (Ok(chain), Some(dane)) => Some(published.compared(world, dane, &chain, &at)),
            (Ok(_), None) => None,
        });
    }
    found
}

impl Published {
    /// A finding where DNS does not answer, or knows no address.
    async fn find(
        subject: &Subject,
        world: &World,
        host: &str,
        domain: Vouched,
    ) -> Result<Self, Finding> {
        let port = world.settings.exchangers().0;
        let of = |base: &str| format!("_{port}._tcp.{base}");
        let silent = |why: &str| Finding::silent(CHECK, &of(host), why);
        let found = match world.dns.checked_host(host, port).await {
            Ok(found) => found,
            Err(Problem::Dns(why)) => return Err(silent(&why)),
            Err(_) => {
                let found = format!("{host} has no address, so there is nobody to ask");
                return Err(Finding::warn(CHECK, found, "put that right first"));
            }
        };
        let Host { mut addresses, secure, alias_of: _, tlsa } = found;
        addresses.truncate(ADDRESSES_MAX);
        let vouched = if domain == Vouched::Yes && !secure { Vouched::No } else { domain };
        let (base, records) = match (vouched, tlsa) {
            (Vouched::Yes, Some(found)) => found,
            // What stands there and is not validated is nothing to senders.
            (Vouched::Yes, None) => (host.to_owned(), Vec::new()),
            (Vouched::No | Vouched::Unknown, _) => match world.dns.tlsa(host, port).await {
                Answer::Found(records) => (host.to_owned(), records),
                Answer::Nothing | Answer::NoName => (host.to_owned(), Vec::new()),
                Answer::Failed(why) => return Err(silent(&why)),
            },
        };
        Ok(Self {
            name: of(&base),
            names: vec![base, host.to_owned(), subject.domain.clone()],
            host: host.to_owned(),
            addresses,
            records,
            vouched,
        })
    }

    /// There is no record that senders can use. `keys`: digests of those that are presented.
    fn without(&self, keys: &BTreeSet<String>) -> Finding {
        let publish = self.publish(keys);
        if !self.records.is_empty() {
            let found = format!("{} has no record that senders can use", self.name);
            return Finding::fail(CHECK, found, publish);
        }
        let signed = if self.vouched == Vouched::Yes { ", and its zone is signed" } else { "" };
        Finding::warn(CHECK, format!("nothing at {}{signed}", self.name), publish)
    }

    fn publish(&self, keys: &BTreeSet<String>) -> String {
        let signed = match self.vouched {
            Vouched::Yes => "",
            Vouched::No | Vouched::Unknown => "in a zone with DNSSEC ",
        };
        if keys.is_empty() {
            return format!(
                "{signed}publish: {}. IN TLSA 3 1 1 DIGEST, the SHA-256 of the host's public key: openssl \
                 x509 -in cert.pem -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst \
                 -sha256",
                self.name
            );
        }
        let lines: Vec<String> =
            keys.iter().map(|key| format!("{}. IN TLSA 3 1 1 {key}", self.name)).collect();
        format!("{signed}publish: {}", lines.join(" and "))
    }

    /// `at` presented this.
    fn compared(&self, world: &World, dane: &Dane, chain: &Chain, at: &str) -> Finding {
        let Self { host, name, .. } = self;
        if let Err(fault) = world.tls.vouches(dane, chain, world.now) {
            let found = format!("{name} does not match what {at} presents: {fault}");
            let publish = self.publish(&chain.key_digest().into_iter().collect());
            let advice = format!("senders that do DANE deliver nothing to it; {publish}");
            return Finding::fail(CHECK, found, advice);
        }
        let found = format!("{name} matches what {at} presents");
        match self.vouched {
            Vouched::Yes => Finding::ok(CHECK, found),
            Vouched::No => {
                let advice = format!(
                    "sign the zones of the domain and of {host}: until then senders do not look at it"
                );
                Finding::warn(CHECK, format!("{found}, but DNSSEC does not vouch for it"), advice)
            }
            Vouched::Unknown => Finding::warn(
                CHECK,
                format!("{found}; the DNS servers here do not tell whether DNSSEC vouches for it"),
                "ask others (`dns` in [delivery]), as in unbound on this machine",
            ),
        }
    }
}

/// Nothing was presented.
fn unseen(at: &str, port: u16, absent: Absent) -> Finding {
    match absent {
        Absent::Unreachable(why) => Finding::warn(
            CHECK,
            format!("{at} does not answer on port {port}, so its certificate was not seen: {why}"),
            "ask from a network that lets port 25 out, and look whether the host runs",
        ),
        Absent::NoStartTls => Finding::fail(
            CHECK,
            format!("{at} offers no STARTTLS: mail to it is read by everybody on the way"),
            "give it a certificate and switch STARTTLS on; with TLSA records senders that do DANE deliver \
             nothing to it until then",
        ),
        Absent::Broken(why) => Finding::fail(
            CHECK,
            format!("{at} offers STARTTLS, and no TLS comes of it: {why}"),
            "look into its log; with TLSA records senders that do DANE deliver nothing to it until then",
        ),
    }
}
