//! `check_host` of RFC 7208 §4: what a domain's record says of an address, within the limits that
//! receivers keep. Without an address nothing matches and the whole record is walked.

use std::{fmt, net::IpAddr, pin::Pin};

use super::macros;
use crate::{
    config::Network,
    delivery::dns::{Answer, Resolver},
};

/// §2.6.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    Pass,
    Fail,
    SoftFail,
    Neutral,
    /// There is no record.
    Absent,
    /// Receivers take the record for an error.
    Wrong(String),
    /// DNS did not answer.
    Silent(String),
}

/// One walk through a record and those that it includes.
pub(super) struct Evaluation<'d> {
    dns: &'d Resolver,
    address: Option<IpAddr>,
    /// Terms so far that ask the DNS.
    pub lookups: u32,
    /// Of them those that found nothing.
    voids: u32,
}

/// A mechanism (§5): its name, and what stands behind `:`, or what begins with `/`.
struct Mechanism<'t> {
    name: String,
    value: &'t str,
    masks: &'t str,
}

/// Goes on, or ends with a verdict.
type Step<T> = Result<T, Verdict>;

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::SoftFail => "softfail",
            Self::Neutral => "neutral",
            Self::Absent => "no record",
            Self::Wrong(why) | Self::Silent(why) => why,
        })
    }
}

/// The one record of a domain (§4.5).
pub(super) async fn record(dns: &Resolver, domain: &str) -> Step<Option<String>> {
    let mut texts = match dns.texts(domain).await {
        Answer::Found(texts) => texts,
        Answer::Nothing | Answer::NoName => return Ok(None),
        Answer::Failed(why) => return Err(Verdict::Silent(why)),
    };
    let is_spf = |text: &str| {
        text.split(' ').next().is_some_and(|first| first.eq_ignore_ascii_case("v=spf1"))
    };
    texts.retain(|text| is_spf(text));
    let record = texts.pop();
    if texts.is_empty() { Ok(record) } else { wrong("more than one SPF record") }
}

impl<'d> Evaluation<'d> {
    pub(super) fn new(dns: &'d Resolver, address: Option<IpAddr>) -> Self {
        Self { dns, address, lookups: 0, voids: 0 }
    }

    /// Boxed, for a record may include others.
    pub(super) fn check(
        &mut self,
        domain: String,
    ) -> Pin<Box<dyn Future<Output = Verdict> + Send + '_>> {
        Box::pin(async move {
            match self.walk(&domain).await {
                Ok(verdict) | Err(verdict) => verdict,
            }
        })
    }

    async fn walk(&mut self, domain: &str) -> Step<Verdict> {
        let Some(text) = record(self.dns, domain).await? else { return Ok(Verdict::Absent) };
        let mut redirect = None;
        for term in text.split(' ').skip(1).filter(|term| !term.is_empty()) {
            if let Some((name, value)) = modifier(term) {
                if name.eq_ignore_ascii_case("redirect") {
                    redirect = Some(value);
                }
                continue;
            }
            let (verdict, rest) = qualifier(term);
            if self.matches(&Mechanism::parse(rest), domain).await? {
                return Ok(verdict);
            }
        }
        let Some(value) = redirect else { return Ok(Verdict::Neutral) };
        self.count()?;
        let to = self.expanded(value, domain)?;
        match self.check(to.clone()).await {
            Verdict::Absent => wrong(format!("redirect to {to}, which has no record")),
            verdict @ (Verdict::Pass
            | Verdict::Fail
            | Verdict::SoftFail
            | Verdict::Neutral
            | Verdict::Wrong(_)
            | Verdict::Silent(_)) => Ok(verdict),
        }
    }

    async fn matches(&mut self, term: &Mechanism<'_>, domain: &str) -> Step<bool> {
        let own = || if term.value.is_empty() { domain } else { term.value };
        match term.name.as_str() {
            "all" => Ok(true),
            "ip4" | "ip6" => self.is_in(&format!("{}{}", term.value, term.masks)),
            "include" => {
                self.count()?;
                let name = self.expanded(term.value, domain)?;
                match self.check(name.clone()).await {
                    // Walking all of it, whom an included record lets pass is nothing to stop at.
                    Verdict::Pass => Ok(self.address.is_some()),
                    Verdict::Fail | Verdict::SoftFail | Verdict::Neutral => Ok(false),
                    Verdict::Absent => wrong(format!("include:{name} has no record")),
                    verdict @ (Verdict::Wrong(_) | Verdict::Silent(_)) => Err(verdict),
                }
            }
            "a" => {
                self.count()?;
                let name = self.expanded(own(), domain)?;
                self.is_at(&name, term.masks).await
            }
            "mx" => {
                self.count()?;
                let name = self.expanded(own(), domain)?;
                self.is_exchanger(&name, term.masks).await
            }
            "exists" => {
                self.count()?;
                let name = self.expanded(term.value, domain)?;
                let Some(_) = self.address else { return Ok(false) };
                let four = IpAddr::from([127, 0, 0, 1]);
                Ok(!self.found(self.dns.addresses_like(&name, four).await)?.is_empty())
            }
            // §5.5: not to be used, and slow; that it is never matched is on the safe side.
            "ptr" => self.count().map(|()| false),
            other => wrong(format!("`{other}` is no mechanism")),
        }
    }

    fn is_in(&self, network: &str) -> Step<bool> {
        let Ok(network) = Network::parse(network) else {
            return wrong(format!("`{network}` is no network"));
        };
        Ok(self.address.is_some_and(|address| network.contains(address)))
    }

    async fn is_at(&mut self, name: &str, masks: &str) -> Step<bool> {
        let Some(address) = self.address else { return Ok(false) };
        let found = self.dns.addresses_like(name, address).await;
        let mask = mask(masks, address)?;
        for host in self.found(found)? {
            if self.is_in(&format!("{host}{mask}"))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn is_exchanger(&mut self, name: &str, masks: &str) -> Step<bool> {
        if self.address.is_none() {
            return Ok(false);
        }
        let found = self.dns.exchangers(name).await;
        let hosts = self.found(found)?;
        if hosts.len() > HOSTS_MAX {
            return wrong(format!("mx of {name} has more than {HOSTS_MAX} hosts"));
        }
        for (_, host) in hosts.iter().filter(|(_, host)| !host.is_empty()) {
            if self.is_at(host, masks).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// §4.6.4.
    fn count(&mut self) -> Step<()> {
        self.lookups += 1;
        if self.lookups > LOOKUPS_MAX {
            return wrong(format!("more than {LOOKUPS_MAX} look-ups"));
        }
        Ok(())
    }

    fn found<T>(&mut self, answer: Answer<Vec<T>>) -> Step<Vec<T>> {
        match answer {
            Answer::Found(found) => Ok(found),
            Answer::Nothing | Answer::NoName => {
                self.voids += 1;
                if self.voids > VOIDS_MAX {
                    return wrong(format!("more than {VOIDS_MAX} look-ups find nothing"));
                }
                Ok(Vec::new())
            }
            Answer::Failed(why) => Err(Verdict::Silent(why)),
        }
    }

    fn expanded(&self, spec: &str, domain: &str) -> Step<String> {
        let address = self.address.unwrap_or(IpAddr::from([192, 0, 2, 1]));
        match macros::expanded(spec, domain, address) {
            Some(name) if !name.is_empty() => Ok(name),
            Some(_) | None => wrong(format!("`{spec}` is no domain")),
        }
    }
}

impl<'t> Mechanism<'t> {
    fn parse(term: &'t str) -> Self {
        let end = term.find([':', '/']).unwrap_or(term.len());
        let (name, rest) = term.split_at_checked(end).unwrap_or((term, ""));
        let name = name.to_ascii_lowercase();
        let Some(rest) = rest.strip_prefix(':') else {
            return Self { name, value: "", masks: rest };
        };
        let slash = rest.find('/').unwrap_or(rest.len());
        let (value, masks) = rest.split_at_checked(slash).unwrap_or((rest, ""));
        Self { name, value, masks }
    }
}

/// `name=value`, where no mechanism begins before the `=` (§4.6.1).
fn modifier(term: &str) -> Option<(&str, &str)> {
    let (name, value) = term.split_once('=')?;
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)).then_some(())?;
    Some((name, value))
}

fn qualifier(term: &str) -> (Verdict, &str) {
    for (sign, verdict) in [
        ('+', Verdict::Pass),
        ('-', Verdict::Fail),
        ('~', Verdict::SoftFail),
        ('?', Verdict::Neutral),
    ] {
        if let Some(rest) = term.strip_prefix(sign) {
            return (verdict, rest);
        }
    }
    (Verdict::Pass, term)
}

/// Of `/24//64` the one for this kind of address, with its slash (§5.6).
fn mask(masks: &str, address: IpAddr) -> Step<String> {
    let (four, six) = masks.split_once("//").unwrap_or((masks, ""));
    let bits = if address.is_ipv4() { four.trim_start_matches('/') } else { six };
    if bits.is_empty() {
        return Ok(String::new());
    }
    match bits.parse::<u8>() {
        Ok(bits) => Ok(format!("/{bits}")),
        Err(_) => wrong(format!("`{masks}` is no mask")),
    }
}

fn wrong<T>(why: impl Into<String>) -> Step<T> {
    Err(Verdict::Wrong(why.into()))
}

/// §4.6.4.
const LOOKUPS_MAX: u32 = 10;
const VOIDS_MAX: u32 = 2;
const HOSTS_MAX: usize = 10;
