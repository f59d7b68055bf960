//! How sessions with recipient domains went, for their reports (RFC 8460 §4), counted in memory until
//! somebody takes the counts away.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    outcome::Problem,
    sts::{self, Mode, Policy},
};
use crate::{
    http,
    seal::hex,
    smtp::client::Why,
    tls::{FaultKind, dane::Tlsa},
};

/// Counts; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Tally(Option<Arc<Mutex<BTreeMap<Session, u64>>>>);

/// Sessions that went the same way.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Session {
    /// Days since 1970-01-01, in UTC.
    pub day: i64,
    /// The recipient's.
    pub domain: String,
    pub policy: Shown,
    /// `None`: it was as the policy asks.
    pub failure: Option<Failure>,
}

/// The policy that counted, as reports show it (RFC 8460 §4.3).
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Shown {
    /// `tlsa`, `sts` or `no-policy-found`.
    pub kind: String,
    /// Its lines, or its records.
    pub text: Vec<String>,
    pub hosts: Vec<String>,
}

/// What went wrong, and where.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Failure {
    /// RFC 8460 §4.3.
    pub result: String,
    pub host: String,
    /// Empty where nobody was asked.
    pub ip: String,
    /// Ours, as the host saw it; empty where nobody was asked, or a proxy stands between.
    // Counts of a relay that did not note it yet are read too.
    #[serde(default)]
    pub from: String,
    /// In words; may be empty.
    pub reason: String,
}

/// Between which ends it went wrong.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place<'a> {
    pub host: &'a str,
    pub ip: Option<IpAddr>,
    pub from: Option<IpAddr>,
}

/// The result types of RFC 8460 §4.3, and one of ours that is told as a failure to validate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Failed {
    NoStartTls,
    OtherName,
    Expired,
    NotTrusted,
    Invalid,
    TlsaInvalid,
    StsFetch,
    StsInvalid,
    StsCertificate,
    /// The host is none that the policy names.
    NotListed,
}

/// Ways that sessions went, until they are taken: with more, what is new is not counted.
const WAYS_MAX: usize = 20_000;
const SECONDS_A_DAY: i64 = 86_400;

/// The day of a moment.
pub fn day(at: Timestamp) -> i64 {
    at.as_second().div_euclid(SECONDS_A_DAY)
}

impl Tally {
    /// Only where somebody will take the counts away.
    pub fn counting() -> Self {
        Self(Some(Arc::default()))
    }

    pub fn count(&self, session: Session) {
        let Some(counts) = &self.0 else { return };
        // INVARIANT: no code that can panic runs under the lock.
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() < WAYS_MAX || counts.contains_key(&session) {
            *counts.entry(session).or_default() += 1;
        }
    }

    /// What was taken and could not be kept.
    pub fn put_back(&self, taken: BTreeMap<Session, u64>) {
        let Some(counts) = &self.0 else { return };
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        for (session, count) in taken {
            if counts.len() < WAYS_MAX || counts.contains_key(&session) {
                *counts.entry(session).or_default() += count;
            }
        }
    }

    /// What was counted since the last time.
    pub fn take(&self) -> BTreeMap<Session, u64> {
        let Some(counts) = &self.0 else { return BTreeMap::new() };
        std::mem::take(&mut *counts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shown {
    pub(super) fn nothing() -> Self {
        Self { kind: "no-policy-found".to_owned(), text: Vec::new(), hosts: Vec::new() }
    }

    pub(super) fn sts(policy: &Policy) -> Self {
        let mode = match policy.mode {
            Mode::Enforce => "enforce",
            Mode::Testing => "testing",
            Mode::None => "none",
        };
        let head = ["version: STSv1".to_owned(), format!("mode: {mode}")];
        let age = format!("max_age: {}", policy.max_age_seconds);
        let hosts = policy.mx.iter().map(|mx| format!("mx: {mx}"));
        Self {
            kind: "sts".to_owned(),
            text: head.into_iter().chain([age]).chain(hosts).collect(),
            hosts: policy.mx.clone(),
        }
    }

    /// One that is announced and could not be had.
    pub(super) fn sts_unknown() -> Self {
        Self { kind: "sts".to_owned(), text: Vec::new(), hosts: Vec::new() }
    }

    pub(super) fn tlsa(host: &str, records: &[Tlsa]) -> Self {
        let text = |one: &Tlsa| {
            format!("{} {} {} {}", one.usage, one.selector, one.matching, hex(&one.data))
        };
        Self {
            kind: "tlsa".to_owned(),
            text: records.iter().map(text).collect(),
            hosts: vec![host.to_owned()],
        }
    }
}

impl Failed {
    /// What a report says of a connection that did not come about; `None`: TLS is not why.
    pub(super) fn of(problem: &Problem) -> Option<Self> {
        match problem {
            Problem::Handshake(fault) => Some(match fault.kind {
                FaultKind::Expired => Self::Expired,
                FaultKind::OtherName => Self::OtherName,
                FaultKind::NotTrusted => Self::NotTrusted,
                FaultKind::Other => Self::Invalid,
            }),
            Problem::Closed(Why::NotOffered(_)) => Some(Self::NoStartTls),
            Problem::Closed(_)
            | Problem::NoDomain
            | Problem::NullMx
            | Problem::NoHost
            | Problem::Loop
            | Problem::Dns(_)
            | Problem::Connect(_)
            | Problem::Policy(_)
            | Problem::RequireTls(_) => None,
        }
    }

    pub(super) fn of_fetch(fault: sts::Fault) -> Self {
        match fault {
            sts::Fault::Fetch(http::NO_TLS) => Self::StsCertificate,
            sts::Fault::Fetch(_) => Self::StsFetch,
            sts::Fault::Invalid(_) => Self::StsInvalid,
        }
    }

    pub(super) fn at(self, place: &Place<'_>) -> Failure {
        let result = match self {
            Self::NoStartTls => "starttls-not-supported",
            Self::OtherName => "certificate-host-mismatch",
            Self::Expired => "certificate-expired",
            Self::NotTrusted => "certificate-not-trusted",
            Self::Invalid | Self::NotListed => "validation-failure",
            Self::TlsaInvalid => "tlsa-invalid",
            Self::StsFetch => "sts-policy-fetch-error",
            Self::StsInvalid => "sts-policy-invalid",
            Self::StsCertificate => "sts-webpki-invalid",
        };
        let reason =
            if self == Self::NotListed { "the policy does not name this host" } else { "" };
        Failure {
            result: result.to_owned(),
            host: place.host.to_owned(),
            ip: place.ip.map(|ip| ip.to_string()).unwrap_or_default(),
            from: place.from.map(|ip| ip.to_string()).unwrap_or_default(),
            reason: reason.to_owned(),
        }
    }
}
