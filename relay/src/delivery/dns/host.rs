//! One mail exchanger: where it is, and what its zone says of its certificate.

use std::net::IpAddr;

use hickory_resolver::{
    TokioResolver,
    proto::rr::{RData, RecordType},
};

use super::{
    answer::{self, Found, Looked},
    literal,
};
use crate::{delivery::outcome::Problem, tls::dane::Tlsa};

/// Where a host is, and how it is to be known.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Host {
    pub addresses: Vec<IpAddr>,
    /// DNSSEC vouches for them.
    pub secure: bool,
    /// The name that its records stand at, where that is not the one asked for.
    pub alias_of: Option<String>,
    /// Its TLSA records, validated, and the name that they stand at; `None`: it has none.
    pub tlsa: Option<(String, Vec<Tlsa>)>,
}

/// Addresses of one host that are tried.
const ADDRESSES_MAX: usize = 8;

/// Addresses, and TLSA records where the addresses are secure (RFC 7672 §2.2.2: nobody else is asked
/// for them, and servers that cannot answer do no harm).
pub(super) async fn find(resolver: &TokioResolver, host: &str, port: u16) -> Result<Host, Problem> {
    let mut found = addresses(resolver, host).await?;
    if !found.secure {
        return Ok(found);
    }
    // Behind the alias first, then at the name that the domain gave (RFC 7672 §2.2.3).
    for base in found.alias_of.clone().into_iter().chain([host.to_owned()]) {
        if let Some(records) = tlsa(resolver, &base, port).await? {
            found.tlsa = Some((base, records));
            break;
        }
    }
    Ok(found)
}

/// Validated ones alone; that they cannot be had keeps the host from being used (RFC 7672 §2.1).
async fn tlsa(
    resolver: &TokioResolver,
    base: &str,
    port: u16,
) -> Result<Option<Vec<Tlsa>>, Problem> {
    let name = format!("_{port}._tcp.{base}");
    let asked = answer::records(resolver, &name, RecordType::TLSA, |data| {
        let RData::TLSA(tlsa) = data else { return None };
        Some(Tlsa {
            usage: tlsa.cert_usage.into(),
            selector: tlsa.selector.into(),
            matching: tlsa.matching.into(),
            data: tlsa.cert_data.clone(),
        })
    });
    match asked.await {
        Looked::Found(found) => Ok(found.secure.then_some(found.records)),
        Looked::Nothing | Looked::NoName => Ok(None),
        Looked::Failed(why) => Err(Problem::Dns(why)),
    }
}

pub(super) async fn addresses(resolver: &TokioResolver, host: &str) -> Result<Host, Problem> {
    if let Some(address) = literal(host) {
        let addresses = vec![address.ok_or(Problem::NoHost)?];
        return Ok(Host { addresses, ..Host::default() });
    }
    let (four, six) = tokio::join!(
        answer::records(resolver, host, RecordType::A, |data| {
            if let RData::A(a) = data { Some(IpAddr::V4(a.0)) } else { None }
        }),
        answer::records(resolver, host, RecordType::AAAA, |data| {
            if let RData::AAAA(aaaa) = data { Some(IpAddr::V6(aaaa.0)) } else { None }
        })
    );
    let mut found = Host { secure: true, ..Host::default() };
    let mut failed = None;
    for answer in [four, six] {
        match answer {
            Looked::Found(Found { records, secure, name }) => {
                found.secure &= secure;
                found.alias_of = Some(name).filter(|name| name != host);
                found.addresses.extend(records.into_iter().take(ADDRESSES_MAX));
            }
            Looked::Failed(why) => failed = Some(why),
            Looked::Nothing | Looked::NoName => {}
        }
    }
    match failed {
        Some(why) if found.addresses.is_empty() => Err(Problem::Dns(why)),
        None if found.addresses.is_empty() => Err(Problem::NoHost),
        Some(_) | None => Ok(found),
    }
}
