//! What one host must show before it gets a message: from the operator's word, the recipient domain's
//! policies and the sender's wish. Pure.
//!
//! DANE counts before MTA-STS (RFC 8461 §2): whoever signs the zone knows its hosts best.

use std::sync::Arc;

use super::{
    dns::Host,
    outcome::Problem,
    settings::Tls as Protection,
    sts::{Mode, Policy},
    tally::{Failed, Shown},
};
use crate::{
    journal::reason::Cause,
    smtp::client::StartTls,
    tls::{Dane, Trust},
};

/// What is known of a host.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known<'a> {
    /// Whose mail it takes.
    pub domain: &'a str,
    /// As the domain names it.
    pub host: &'a str,
    pub found: &'a Host,
    /// DNSSEC vouches for its being one of the domain's.
    pub secure: bool,
    /// The domain's, by MTA-STS.
    pub policy: Option<&'a Policy>,
}

/// How a connection is to be protected.
#[derive(Clone, Debug)]
pub(super) struct Demand {
    pub start: StartTls,
    /// TLS from the first byte.
    pub implicit: bool,
    pub trust: Trust,
    /// In whose name, for the domain's report; `None`: it is in none.
    pub shown: Option<Shown>,
    /// What is wrong already, though the message goes.
    pub noted: Option<Failed>,
}

/// Why a host gets nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Refused {
    /// DANE is asked for by the operator, and not published.
    NoDane,
    /// The same of MTA-STS.
    NoSts,
    /// The domain's policy does not name it.
    NotListed,
    /// REQUIRETLS is asked for by the sender, and nothing proves who it is.
    Unproven,
}

impl Refused {
    pub(super) fn problem(self) -> Problem {
        match self {
            Self::NoDane => Problem::Policy(Cause::DaneMissing),
            Self::NoSts => Problem::Policy(Cause::StsMissing),
            Self::NotListed => Problem::Policy(Cause::StsNotListed),
            Self::Unproven => Problem::RequireTls(Cause::RequireTlsUnproven),
        }
    }
}

/// The domain's own word about a host.
enum Published {
    Dane(Arc<Dane>),
    /// There are TLSA records, and none of them can be used.
    Unusable,
    Sts {
        listed: bool,
        enforced: bool,
    },
    Nothing,
}

impl Demand {
    /// What it proves of the host where it is met; for the journal.
    pub(super) fn proof(&self) -> Option<&'static str> {
        let by_policy = self.shown.as_ref().is_some_and(|shown| shown.kind == "sts");
        match self.trust {
            Trust::Anyone => None,
            Trust::Dane(_) => Some("dane"),
            Trust::Roots if by_policy => Some("mta-sts"),
            Trust::Roots => Some("certificate"),
        }
    }

    /// For one that the operator names: no policy is asked.
    pub(super) fn plain(protection: Protection) -> Self {
        let demand = |start, trust| Self {
            start,
            implicit: protection == Protection::Implicit,
            trust,
            shown: None,
            noted: None,
        };
        match protection {
            Protection::Off => demand(StartTls::Never, Trust::Anyone),
            Protection::Opportunistic | Protection::Policy => {
                demand(StartTls::IfOffered, Trust::Anyone)
            }
            Protection::Required | Protection::Dane | Protection::MtaSts => {
                demand(StartTls::Must, Trust::Roots)
            }
            Protection::Implicit => demand(StartTls::Never, Trust::Roots),
        }
    }

    /// For a mail exchanger.
    ///
    /// # Errors
    ///
    /// Why nothing may be sent to it.
    pub(super) fn of(
        protection: Protection,
        known: Known<'_>,
        require_tls: bool,
    ) -> Result<Self, Refused> {
        let demand = match protection {
            Protection::Policy => Self::by_policy(known)?,
            Protection::Dane => match known.published() {
                Published::Dane(dane) => Self::by_dane(known, dane),
                Published::Unusable | Published::Sts { .. } | Published::Nothing => {
                    return Err(Refused::NoDane);
                }
            },
            Protection::MtaSts => match known.sts() {
                Some((policy, true)) => Self::by_sts(policy, StartTls::Must),
                Some((_, false)) => return Err(Refused::NotListed),
                None => return Err(Refused::NoSts),
            },
            Protection::Off
            | Protection::Opportunistic
            | Protection::Required
            | Protection::Implicit => Self::plain(protection),
        };
        if !require_tls || demand.authenticates() {
            return Ok(demand);
        }
        // RFC 8689 §4.2.1: the host's name is known from DNSSEC or MTA-STS, its certificate is valid.
        match known.sts() {
            Some((policy, true)) => Ok(Self::by_sts(policy, StartTls::Must)),
            _ if known.secure && known.found.secure => Ok(Self::plain(Protection::Required)),
            _ => Err(Refused::Unproven),
        }
    }

    fn by_policy(known: Known<'_>) -> Result<Self, Refused> {
        let any = || Self::plain(Protection::Opportunistic);
        Ok(match known.published() {
            Published::Dane(dane) => Self::by_dane(known, dane),
            Published::Unusable => Self {
                start: StartTls::Must,
                shown: Some(known.shown_tlsa()),
                noted: Some(Failed::TlsaInvalid),
                ..any()
            },
            Published::Sts { listed, enforced } => match (known.policy, listed, enforced) {
                (Some(policy), true, true) => Self::by_sts(policy, StartTls::Must),
                (Some(policy), true, false) => Self::by_sts(policy, StartTls::IfOffered),
                (Some(_), false, true) => return Err(Refused::NotListed),
                (Some(policy), false, false) => Self {
                    shown: Some(Shown::sts(policy)),
                    noted: Some(Failed::NotListed),
                    ..any()
                },
                (None, _, _) => any(),
            },
            Published::Nothing => Self { shown: Some(Shown::nothing()), ..any() },
        })
    }

    fn by_dane(known: Known<'_>, dane: Arc<Dane>) -> Self {
        Self {
            trust: Trust::Dane(dane),
            shown: Some(known.shown_tlsa()),
            ..Self::plain(Protection::Required)
        }
    }

    fn by_sts(policy: &Policy, start: StartTls) -> Self {
        let shown = Some(Shown::sts(policy));
        Self { start, shown, ..Self::plain(Protection::Required) }
    }

    /// Whoever answers has shown who it is, or there is no connection.
    fn authenticates(&self) -> bool {
        (self.implicit || self.start == StartTls::Must) && self.trust != Trust::Anyone
    }

    /// What is tried where the handshake fails; `None`: nothing is.
    pub(super) fn looser(&self) -> Option<Self> {
        if self.implicit || self.start != StartTls::IfOffered {
            return None;
        }
        // Better in clear text than not at all: that is what opportunistic means.
        let next =
            if self.trust == Trust::Anyone { Protection::Off } else { Protection::Opportunistic };
        Some(Self::plain(next))
    }
}

impl Known<'_> {
    fn published(&self) -> Published {
        if let Some((base, records)) = self.found.tlsa.as_ref().filter(|_| self.secure) {
            let names = [base.as_str(), self.host, self.domain].map(str::to_owned).to_vec();
            let dane = Dane::new(records.iter().cloned(), names);
            return dane.map_or(Published::Unusable, |dane| Published::Dane(Arc::new(dane)));
        }
        match self.sts() {
            Some((policy, listed)) => {
                Published::Sts { listed, enforced: policy.mode == Mode::Enforce }
            }
            None => Published::Nothing,
        }
    }

    /// A policy that asks for something, and whether the host is in it.
    fn sts(&self) -> Option<(&Policy, bool)> {
        let policy = self.policy.filter(|policy| policy.mode != Mode::None)?;
        Some((policy, policy.names(self.host)))
    }

    fn shown_tlsa(&self) -> Shown {
        let records = self.found.tlsa.as_ref().map(|(_, records)| records.as_slice());
        Shown::tlsa(self.host, records.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::dane::Tlsa;

    fn tlsa(usage: u8) -> Tlsa {
        Tlsa { usage, selector: 1, matching: 1, data: vec![7; 32] }
    }

    fn host(secure: bool, tlsa: Option<Vec<Tlsa>>) -> Host {
        let tlsa = tlsa.map(|records| ("mx.a.cz".to_owned(), records));
        Host { secure, tlsa, ..Host::default() }
    }

    fn policy(mode: Mode, mx: &str) -> Policy {
        Policy { mode, max_age_seconds: 1, mx: vec![mx.to_owned()] }
    }

    /// `start trust`, or why not.
    fn asked(
        protection: Protection,
        found: &Host,
        policy: Option<&Policy>,
        require: bool,
    ) -> String {
        let secure = found.secure;
        let known = Known { domain: "a.cz", host: "mx.a.cz", found, secure, policy };
        match Demand::of(protection, known, require) {
            Ok(demand) => {
                let trust = match demand.trust {
                    Trust::Anyone => "anyone",
                    Trust::Roots => "roots",
                    Trust::Dane(_) => "dane",
                };
                format!("{:?} {trust}", demand.start)
            }
            Err(Refused::Unproven) => "bounces".to_owned(),
            Err(Refused::NoDane | Refused::NoSts | Refused::NotListed) => "waits".to_owned(),
        }
    }

    #[test]
    fn the_strictest_word_of_the_domain_counts_and_dane_before_mta_sts() {
        use Protection::{Dane, MtaSts, Opportunistic, Policy as Published, Required};
        let (plain, signed) = (host(false, None), host(true, None));
        let dane = host(true, Some(vec![tlsa(3)]));
        let useless = host(true, Some(vec![tlsa(1)]));
        let enforce = policy(Mode::Enforce, "mx.a.cz");
        let testing = policy(Mode::Testing, "mx.a.cz");
        let other = policy(Mode::Enforce, "mx.b.cz");
        let other_testing = policy(Mode::Testing, "mx.b.cz");
        let none = policy(Mode::None, "mx.a.cz");
        for (protection, found, policy, expected, with_require_tls) in [
            (Published, &plain, None, "IfOffered anyone", "bounces"),
            (Published, &signed, None, "IfOffered anyone", "Must roots"),
            (Published, &dane, None, "Must dane", "Must dane"),
            (Published, &dane, Some(&other), "Must dane", "Must dane"),
            (Published, &useless, None, "Must anyone", "Must roots"),
            (Published, &plain, Some(&enforce), "Must roots", "Must roots"),
            (Published, &plain, Some(&other), "waits", "waits"),
            (Published, &plain, Some(&testing), "IfOffered roots", "Must roots"),
            (Published, &plain, Some(&other_testing), "IfOffered anyone", "bounces"),
            (Published, &plain, Some(&none), "IfOffered anyone", "bounces"),
            (Opportunistic, &dane, Some(&enforce), "IfOffered anyone", "Must roots"),
            (Opportunistic, &plain, None, "IfOffered anyone", "bounces"),
            (Required, &plain, Some(&other), "Must roots", "Must roots"),
            (Dane, &dane, None, "Must dane", "Must dane"),
            (Dane, &useless, None, "waits", "waits"),
            (Dane, &plain, Some(&enforce), "waits", "waits"),
            (MtaSts, &dane, Some(&testing), "Must roots", "Must roots"),
            (MtaSts, &plain, Some(&other_testing), "waits", "waits"),
            (MtaSts, &plain, None, "waits", "waits"),
        ] {
            let told = format!("{protection:?} {found:?} {policy:?}");
            assert_eq!(asked(protection, found, policy, false), expected, "{told}");
            assert_eq!(asked(protection, found, policy, true), with_require_tls, "{told}");
        }
    }

    #[test]
    fn only_what_may_go_in_clear_is_tried_again_with_less() {
        let steps = |first: Demand| {
            let mut starts = vec![(first.start, first.trust.clone())];
            let mut at = first.looser();
            while let Some(next) = at {
                starts.push((next.start, next.trust.clone()));
                at = next.looser();
            }
            starts
        };
        let (any, clear) = ((StartTls::IfOffered, Trust::Anyone), (StartTls::Never, Trust::Anyone));
        let testing = Demand::by_sts(&policy(Mode::Testing, "mx.a.cz"), StartTls::IfOffered);
        assert_eq!(
            steps(testing),
            [(StartTls::IfOffered, Trust::Roots), any.clone(), clear.clone()]
        );
        assert_eq!(steps(Demand::plain(Protection::Opportunistic)), [any, clear.clone()]);
        assert_eq!(steps(Demand::plain(Protection::Off)), [clear]);
        for strict in [Protection::Required, Protection::Implicit, Protection::Dane] {
            assert_eq!(steps(Demand::plain(strict)).len(), 1);
        }
    }
}
