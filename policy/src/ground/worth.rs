//! What each grant on record was worth for one message: the same judgement that its verdict rests on,
//! grant by grant, for people.

use jiff::{Timestamp, tz::TimeZone};

use super::{
    consent::{self, State},
    refusal_in_force,
};
use crate::{Channel, Ended, EvidenceField, Facts, Grant, Pack, Standing};

/// What a grant is looked at by.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// All that apply; the strictest counts.
    pub packs: &'a [&'a Pack],
    pub standing: &'a Standing,
    /// The stream's.
    pub purpose: Option<&'a str>,
    /// In which terms are counted: the controller's.
    pub zone: &'a TimeZone,
    pub now: Timestamp,
}

/// Whether a grant carries a message, or why it does not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Worth {
    Carries,
    OtherPurpose,
    /// It rests on something else than consent.
    OtherBasis,
    OtherChannel(Channel),
    NotYet,
    /// A box that was ticked beforehand.
    Preticked,
    /// The address was bought, published or collected by a robot.
    ForbiddenSource,
    Ended(Ended),
    /// Without this in its evidence.
    Unproven(EvidenceField),
    Unconfirmed,
    AgeUndeclared,
    /// Good for one message, which went.
    Spent,
    Expired,
    /// It would carry it, and the person said no.
    Refused,
    /// None of the laws that applied is known here any more.
    Unknown,
}

impl<'a> Asked<'a> {
    /// As the verdict on these facts looks at it.
    pub fn of(facts: &Facts<'a>, standing: &'a Standing) -> Self {
        Self {
            packs: facts.packs,
            standing,
            purpose: facts.stream.purpose.as_deref(),
            zone: &facts.controller().time_zone,
            now: facts.now,
        }
    }
}

/// Under the strictest of the packs.
pub fn worth(asked: &Asked<'_>, grant: &Grant) -> Worth {
    if asked.purpose != Some(grant.purpose.as_str()) {
        return Worth::OtherPurpose;
    }
    let states = asked.packs.iter().map(|pack| consent::state_under(pack, asked, grant));
    match states.min() {
        None => Worth::Unknown,
        Some(State::Valid) if refusal_in_force(asked).is_some() => Worth::Refused,
        Some(State::Valid) => Worth::Carries,
        Some(State::OtherBasis) => Worth::OtherBasis,
        Some(State::OtherChannel(channel)) => Worth::OtherChannel(channel),
        Some(State::NotYet) => Worth::NotYet,
        Some(State::Preticked) => Worth::Preticked,
        Some(State::Source) => Worth::ForbiddenSource,
        Some(State::Ended(how)) => Worth::Ended(how),
        Some(State::Unproven(field)) => Worth::Unproven(field),
        Some(State::Unconfirmed) => Worth::Unconfirmed,
        Some(State::AgeUndeclared) => Worth::AgeUndeclared,
        Some(State::Spent) => Worth::Spent,
        Some(State::Expired) => Worth::Expired,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Basis, Method, Refusal, Scope, Source};

    #[test]
    fn each_grant_says_for_itself_why_it_does_not_carry() {
        let packs = Pack::builtin();
        let pack = packs.iter().find(|pack| pack.id == "cz").unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let good = Grant {
            purpose: "news".into(),
            basis: Basis::Consent,
            from: at("2026-01-01T00:00:00Z"),
            until: at("2029-01-01T00:00:00Z"),
            method: Method::Form,
            source: Source::Own,
            withdrawn_at: None,
            ended: Ended::default(),
            confirmed_at: None,
            age_declared: true,
            evidence: pack.terms.consent.evidence_fields.clone(),
            requires: crate::Requires::default(),
            channel: Channel::Email,
            event: String::new(),
        };
        let refused = Refusal {
            scope: Scope::Everything,
            except: Vec::new(),
            since: at("2026-06-01T00:00:00Z"),
            event: String::new(),
        };
        type Change = fn(&mut Grant);
        let changes: [(Change, Worth); 9] = [
            (|_| (), Worth::Carries),
            (|one| one.purpose = "other".into(), Worth::OtherPurpose),
            (|one| one.basis = Basis::Contract, Worth::OtherBasis),
            (|one| one.channel = Channel::Sms, Worth::OtherChannel(Channel::Sms)),
            (|one| one.source = Source::Purchased, Worth::ForbiddenSource),
            (|one| one.until = one.from, Worth::Expired),
            (|one| one.withdrawn_at = Some(one.from), Worth::Ended(Ended::Withdrawn)),
            (|one| one.requires.double_opt_in = true, Worth::Unconfirmed),
            (
                |one| (one.age_declared, one.requires.age_declared) = (false, true),
                Worth::AgeUndeclared,
            ),
        ];
        let mut standing = Standing::default();
        for (change, _) in &changes {
            let mut grant = good.clone();
            change(&mut grant);
            standing.grants.push(grant);
        }
        let told = |standing: &Standing, packs: &[&Pack], now: &str| -> Vec<Worth> {
            let (purpose, zone) = (Some("news"), &TimeZone::UTC);
            let asked = Asked { packs, standing, purpose, zone, now: at(now) };
            standing.grants.iter().map(|grant| worth(&asked, grant)).collect()
        };
        let said = told(&standing, &[pack], "2026-11-22T00:00:00Z");
        assert_eq!(said, changes.map(|(_, worth)| worth));
        assert_eq!(told(&standing, &[pack], "2025-11-22T00:00:00Z")[0], Worth::NotYet);
        assert_eq!(told(&standing, &[], "2026-11-22T00:00:00Z")[0], Worth::Unknown);
        standing.refusals.push(refused);
        assert_eq!(told(&standing, &[pack], "2026-11-22T00:00:00Z")[0], Worth::Refused);
    }
}
