//! What the DNS, the web and its mail servers say about a domain that messages leave from, and what to
//! publish there.
//!
//! Asks the relay's own DNS servers, one check after the other; changes nothing. A check that could
//! not be made fails: not knowing is never "fine".

mod bimi;
mod dkim;
mod dmarc;
mod mx;
mod one_click;
mod ptr;
mod record;
mod spf;
mod sts;
mod tlsa;

use std::net::IpAddr;

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    delivery::{Settings, dns::Resolver},
    http::{self, Answer, Ask, Client},
    sign::KeyInfo,
    tls::Tls,
};

pub use one_click::OneClick;

/// What is asked about.
#[derive(Debug)]
pub struct Subject {
    /// The domain of header From, in A-labels and lower case.
    pub domain: String,
    /// That of MAIL FROM.
    pub mail_from: String,
    /// Whether what comes back to that comes to the relay.
    pub returns: bool,
    /// From where messages leave; none: not known.
    pub addresses: Vec<IpAddr>,
    /// The relay's own name, as in EHLO.
    pub hostname: String,
    pub keys: Vec<KeyInfo>,
    /// `None`: the relay has no public address.
    pub one_click: Option<OneClick>,
}

/// Who answers.
#[derive(Debug)]
pub struct World {
    pub dns: Resolver,
    pub http: Client,
    /// How mail exchangers are reached.
    pub settings: Settings,
    pub tls: Tls,
    pub now: Timestamp,
}

impl World {
    /// A page, at the address that these DNS servers say.
    async fn ask(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        body: Option<String>,
        answer_max: usize,
    ) -> Result<Answer, &'static str> {
        let at = match http::host(url).filter(|host| host.parse::<IpAddr>().is_err()) {
            Some(host) => Some(self.dns.addresses(&host).await.unwrap_or_default()),
            None => None,
        };
        let body = body.map(Into::into);
        self.http.ask(Ask { url, headers, body, answer_max, at, time: http::TIME }).await
    }
}

/// How a check came out.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Ok,
    /// It works without, and better with what is advised.
    Warn,
    /// Messages are refused, or end as spam, until this is done.
    Fail,
}

/// One line of the answer.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Finding {
    /// `spf`, `dkim`, ...
    pub check: &'static str,
    pub state: State,
    pub found: String,
    /// What to do, with the record to publish where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

impl Finding {
    fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, state: State::Ok, found: found.into(), advice: None }
    }

    fn warn(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, state: State::Warn, found: found.into(), advice: Some(advice.into()) }
    }

    fn fail(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, state: State::Fail, found: found.into(), advice: Some(advice.into()) }
    }

    /// The servers did not answer about that name.
    fn silent(check: &'static str, name: &str, why: &str) -> Self {
        Self::fail(check, format!("DNS did not answer about {name}: {why}"), "ask again later")
    }
}

/// All checks, in the order in which things are best put right.
pub async fn examine(subject: &Subject, world: &World) -> Vec<Finding> {
    let mut found = spf::look(subject, world).await;
    found.extend(dkim::look(subject, world).await);
    found.extend(dmarc::look(subject, world).await);
    found.extend(ptr::look(subject, world).await);
    let (hosts, about) = mx::look(subject, world).await;
    found.extend(about);
    found.extend(mx::returns(subject, world).await);
    found.push(sts::policy(subject, world, &hosts).await);
    found.extend(tlsa::look(subject, world, &hosts).await);
    found.push(sts::reports(subject, world).await);
    found.push(bimi::look(subject, world).await);
    found.extend(one_click::look(subject, world).await);
    found
}

/// A TXT record as a line of a zone file.
fn txt(name: &str, value: &str) -> String {
    format!("publish: {name}. IN TXT \"{value}\"")
}
