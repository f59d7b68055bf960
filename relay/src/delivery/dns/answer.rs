//! What one question brought, told apart as far as delivery cares.

use hickory_resolver::{
    TokioResolver,
    net::{DnsError, NetError},
    proto::{
        dnssec::Proof,
        op::ResponseCode,
        rr::{RData, Record, RecordType},
    },
};

use super::RECORDS_MAX;

pub(super) enum Looked<T> {
    Found(Found<T>),
    /// The name exists, but has no such record.
    Nothing,
    NoName,
    Failed(String),
}

pub(super) struct Found<T> {
    pub records: Vec<T>,
    /// DNSSEC vouches for all of it, aliases too. Never where the resolver does not validate.
    pub secure: bool,
    /// The name that the records stand at, behind all aliases.
    pub name: String,
}

/// Asks for the records of a name that `read` can read.
pub(super) async fn records<T>(
    resolver: &TokioResolver,
    name: &str,
    kind: RecordType,
    read: impl Fn(&RData) -> Option<T>,
) -> Looked<T> {
    // With the dot at the end: never a name of the search list.
    let full = format!("{}.", name.trim_end_matches('.'));
    match resolver.lookup(full, kind).await {
        Ok(lookup) => found(lookup.answers(), kind, read),
        Err(NetError::Dns(DnsError::NoRecordsFound(none))) => missing(none.response_code),
        // It was not proven, and need not be: that the zone is not signed was.
        Err(NetError::Dns(DnsError::Nsec { response, .. })) => missing(response.response_code),
        Err(NetError::Dns(DnsError::DnssecBogus)) => {
            Looked::Failed("the answer does not hold by dnssec".to_owned())
        }
        Err(NetError::Dns(DnsError::ResponseCode(code))) => Looked::Failed(format!("{code}")),
        // The text may name the question, and that is personal data.
        Err(NetError::Timeout) => Looked::Failed("timeout".to_owned()),
        // A name that cannot be asked for does not exist.
        Err(NetError::Proto(_)) if !askable(name) => Looked::NoName,
        Err(_) => Looked::Failed("the servers cannot be reached".to_owned()),
    }
}

fn found<T>(answers: &[Record], kind: RecordType, read: impl Fn(&RData) -> Option<T>) -> Looked<T> {
    let mut found = Found { records: Vec::new(), secure: true, name: String::new() };
    for record in answers.iter().filter(|record| !record.record_type().is_rrsig()) {
        match record.proof {
            Proof::Secure => {}
            Proof::Insecure | Proof::Indeterminate => found.secure = false,
            Proof::Bogus => {
                return Looked::Failed("the answer does not hold by dnssec".to_owned());
            }
        }
        if found.records.len() < RECORDS_MAX
            && record.record_type() == kind
            && let Some(read) = read(&record.data)
        {
            found.records.push(read);
            let name = record.name.to_ascii().to_ascii_lowercase();
            name.trim_end_matches('.').clone_into(&mut found.name);
        }
    }
    // An alias that leads nowhere answers without the record asked for.
    if found.records.is_empty() { Looked::Nothing } else { Looked::Found(found) }
}

fn missing<T>(code: ResponseCode) -> Looked<T> {
    if code == ResponseCode::NXDomain {
        Looked::NoName
    } else if code == ResponseCode::NoError {
        Looked::Nothing
    } else {
        Looked::Failed(format!("{code}"))
    }
}

/// Labels of 1 to 63 octets, 253 in all (RFC 1035 §2.3.4).
fn askable(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(|label| (1..=63).contains(&label.len()))
}
