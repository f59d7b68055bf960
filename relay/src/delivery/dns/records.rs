//! Records that say something about a domain, and not where its mail goes.

use std::{fmt::Write as _, net::IpAddr};

use hickory_resolver::proto::rr::{RData, RecordType};

use super::{
    Resolver,
    answer::{self, Looked},
};
use crate::{delivery::outcome::Problem, tls::dane::Tlsa};

/// What one question brought.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer<T> {
    Found(T),
    /// The name exists, but has no such record.
    Nothing,
    NoName,
    /// The servers did not say; in words.
    Failed(String),
}

impl<T> Answer<Vec<T>> {
    /// None where there is no such name.
    pub fn or_none(self) -> Result<Vec<T>, Problem> {
        match self {
            Self::Found(found) => Ok(found),
            Self::Nothing | Self::NoName => Ok(Vec::new()),
            Self::Failed(why) => Err(Problem::Dns(why)),
        }
    }
}

impl Resolver {
    /// TXT records, each put together of its strings; octets that are no UTF-8 are replaced.
    pub async fn texts(&self, name: &str) -> Answer<Vec<String>> {
        self.records(name, RecordType::TXT, |data| {
            let RData::TXT(txt) = data else { return None };
            let whole: Vec<u8> =
                txt.txt_data.iter().flat_map(|part| part.iter().copied()).collect();
            Some(String::from_utf8_lossy(&whole).into_owned())
        })
        .await
    }

    /// The names of an address (RFC 1035 §3.5, RFC 3596 §2.5).
    pub async fn names(&self, address: IpAddr) -> Answer<Vec<String>> {
        self.records(&reverse(address), RecordType::PTR, |data| {
            let RData::PTR(name) = data else { return None };
            Some(name.0.to_ascii().to_ascii_lowercase().trim_end_matches('.').to_owned())
        })
        .await
    }

    /// MX records by preference; an empty name is the null MX (RFC 7505).
    pub async fn exchangers(&self, domain: &str) -> Answer<Vec<(u16, String)>> {
        let asked = self.records(domain, RecordType::MX, |data| {
            let RData::MX(mx) = data else { return None };
            let name = mx.exchange.to_ascii().to_ascii_lowercase();
            Some((mx.preference, name.trim_end_matches('.').to_owned()))
        });
        let mut answer = asked.await;
        if let Answer::Found(found) = &mut answer {
            found.sort();
        }
        answer
    }

    /// TLSA records of one port. Whether DNSSEC vouches for them is not looked at.
    pub async fn tlsa(&self, host: &str, port: u16) -> Answer<Vec<Tlsa>> {
        self.records(&format!("_{port}._tcp.{host}"), RecordType::TLSA, |data| {
            let RData::TLSA(tlsa) = data else { return None };
            Some(Tlsa {
                usage: tlsa.cert_usage.into(),
                selector: tlsa.selector.into(),
                matching: tlsa.matching.into(),
                data: tlsa.cert_data.clone(),
            })
        })
        .await
    }

    /// A or AAAA records, as the address asked about is IPv4 or IPv6.
    pub async fn addresses_like(&self, host: &str, like: IpAddr) -> Answer<Vec<IpAddr>> {
        let kind = if like.is_ipv4() { RecordType::A } else { RecordType::AAAA };
        self.records(host, kind, |data| {
            if let RData::A(a) = data {
                return Some(IpAddr::V4(a.0));
            }
            if let RData::AAAA(aaaa) = data { Some(IpAddr::V6(aaaa.0)) } else { None }
        })
        .await
    }

    async fn records<T>(
        &self,
        name: &str,
        kind: RecordType,
        read: impl Fn(&RData) -> Option<T>,
    ) -> Answer<Vec<T>> {
        match answer::records(&self.0.plain, name, kind, read).await {
            Looked::Found(found) => Answer::Found(found.records),
            Looked::Nothing => Answer::Nothing,
            Looked::NoName => Answer::NoName,
            Looked::Failed(why) => Answer::Failed(why),
        }
    }
}

fn reverse(address: IpAddr) -> String {
    let mut name = String::with_capacity(80);
    let zone = match address {
        IpAddr::V4(four) => {
            for octet in four.octets().iter().rev() {
                let _ = write!(name, "{octet}.");
            }
            "in-addr.arpa"
        }
        IpAddr::V6(six) => {
            for octet in six.octets().iter().rev() {
                let _ = write!(name, "{:x}.{:x}.", octet & 0xF, octet >> 4);
            }
            "ip6.arpa"
        }
    };
    name.push_str(zone);
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_asked_for_backwards() {
        for (address, name) in [
            ("192.0.2.7", "7.2.0.192.in-addr.arpa"),
            (
                "2001:db8::7",
                "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
            ),
        ] {
            assert_eq!(reverse(address.parse().unwrap()), name);
        }
    }
}
