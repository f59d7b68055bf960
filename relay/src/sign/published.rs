//! A public key as the DNS has it (RFC 6376 §3.6.1), and whether it is the one that belongs there.

use super::{keys::DnsRecord, pair::Algorithm, tags::Tags};
use crate::seal;

/// What the DNS has under the name of a key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Published {
    /// This key, and receivers may use it.
    Same,
    /// Nothing that is a key.
    Missing,
    /// What stands there instead: another key, none any more (`p=`), or more than one.
    Other(String),
}

/// A public key that somebody published.
#[derive(Debug)]
pub(super) struct Public {
    algorithm: Algorithm,
    key: Vec<u8>,
}

impl DnsRecord {
    /// Compares with the texts of all TXT records under the name, each put together of its strings.
    pub fn published(&self, found: &[String]) -> Published {
        let keys: Vec<&String> =
            found.iter().filter(|text| Tags::parse(text).first("p").is_some()).collect();
        match keys.as_slice() {
            [] => Published::Missing,
            [one] => {
                let same = Public::read(one).zip(Public::read(&self.value));
                if same.is_some_and(|(there, own)| there.key == own.key) {
                    Published::Same
                } else {
                    Published::Other((*one).clone())
                }
            }
            // §3.6.2.2: of several nobody knows which is taken.
            [first, rest @ ..] => {
                Published::Other(format!("{} records, the first: {first}", rest.len() + 1))
            }
        }
    }
}

impl Public {
    /// `None` where there is no key, or none for SHA-256 signatures of messages.
    pub(super) fn read(record: &str) -> Option<Self> {
        let tags = Tags::parse(record);
        if tags.first("v").is_some() && !tags.begins_with("v", "DKIM1") {
            return None;
        }
        let among = |name: &str, wanted: &[&str]| {
            let listed = tags.unfolded(name);
            listed.is_none_or(|listed| listed.split(':').any(|one| wanted.contains(&one)))
        };
        if !among("h", &["sha256"]) || !among("s", &["*", "email"]) {
            return None;
        }
        let algorithm = match tags.first("k") {
            None | Some("rsa") => Algorithm::Rsa,
            Some("ed25519") => Algorithm::Ed25519,
            Some(_) => return None,
        };
        let key = seal::from_base64(&tags.unfolded("p")?)?;
        (!key.is_empty()).then_some(Self { algorithm, key })
    }

    /// Whether its owner signed that text by that algorithm.
    pub(super) fn verifies(&self, algorithm: Algorithm, text: &[u8], signature: &[u8]) -> bool {
        self.algorithm == algorithm && algorithm.verifies(&self.key, text, signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_published_where_the_same_key_stands_there() {
        let record = DnsRecord {
            name: "s1._domainkey.shop.cz".to_owned(),
            value: "v=DKIM1; k=rsa; p=AAEC".to_owned(),
        };
        let other = |text: &str| Published::Other(text.to_owned());
        for (found, published) in [
            (vec!["v=DKIM1; k=rsa; p=AAEC"], Published::Same),
            (vec!["k=rsa;p=AA EC ; n=note"], Published::Same),
            (vec!["p=AAEC"], Published::Same),
            (vec!["google-site-verification=x", "v=DKIM1; p=AAEC"], Published::Same),
            (vec![], Published::Missing),
            (vec!["v=spf1 -all"], Published::Missing),
            (vec!["v=DKIM1; p="], other("v=DKIM1; p=")),
            (vec!["v=DKIM1; p=AAED"], other("v=DKIM1; p=AAED")),
            (vec!["v=DKIM1; h=sha1; p=AAEC"], other("v=DKIM1; h=sha1; p=AAEC")),
            (vec!["v=DKIM1; s=tlsrpt; p=AAEC"], other("v=DKIM1; s=tlsrpt; p=AAEC")),
            (vec!["p=AAEC; v=DKIM1"], other("p=AAEC; v=DKIM1")),
            (vec!["p=AAEC", "p=AAED"], other("2 records, the first: p=AAEC")),
        ] {
            let found: Vec<String> = found.into_iter().map(str::to_owned).collect();
            assert_eq!(record.published(&found), published, "{found:?}");
        }
    }
}
