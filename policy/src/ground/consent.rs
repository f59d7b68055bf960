//! What a grant is worth at one moment under one pack, and which rule says so.

use jiff::Timestamp;

use super::{Asked, Lack, LackKind, missing};
use crate::{
    Basis, Channel, Class, Ended, EvidenceField, Fault, Grant, Method, Pack, Reason, Source,
};

/// The milder the fault, the later it stands.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum State {
    OtherBasis,
    OtherChannel(Channel),
    NotYet,
    Preticked,
    Source,
    Ended(Ended),
    /// Without this in its evidence.
    Unproven(EvidenceField),
    Unconfirmed,
    AgeUndeclared,
    Spent,
    Expired,
    Valid,
}

pub(super) fn state_under(pack: &Pack, asked: &Asked<'_>, grant: &Grant) -> State {
    let terms = &pack.terms.consent;
    let unproven = terms.evidence_fields.iter().find(|field| !grant.evidence.contains(field));
    let too_old = terms.max_age.is_some_and(|age| age.after(grant.from, asked.zone) <= asked.now);
    if grant.basis != Basis::Consent {
        State::OtherBasis
    } else if grant.channel != Channel::Email {
        State::OtherChannel(grant.channel)
    } else if grant.method == Method::Preticked {
        State::Preticked
    } else if is_forbidden(grant.source) {
        State::Source
    } else if grant.withdrawn_at.is_some() {
        State::Ended(grant.ended)
    } else if grant.from > asked.now {
        State::NotYet
    } else if grant.until <= asked.now || too_old {
        State::Expired
    } else if grant.requires.once && is_spent(asked, grant) {
        State::Spent
    } else if (terms.double_opt_in || grant.requires.double_opt_in) && grant.confirmed_at.is_none()
    {
        State::Unconfirmed
    } else if (pack.terms.minors.declaration || grant.requires.age_declared) && !grant.age_declared
    {
        State::AgeUndeclared
    } else if let Some(field) = unproven {
        State::Unproven(*field)
    } else {
        State::Valid
    }
}

/// Under every pack that applies.
pub(super) fn is_valid(asked: &Asked<'_>, grant: &Grant) -> bool {
    let valid = |pack: &&Pack| state_under(pack, asked, grant) == State::Valid;
    !asked.packs.is_empty() && asked.packs.iter().all(valid)
}

/// When the person last took a consent back: not what the controller ended.
pub(super) fn withdrawn_last<'a>(grants: impl Iterator<Item = &'a Grant>) -> Option<Timestamp> {
    grants
        .filter(|grant| grant.basis == Basis::Consent && grant.ended == Ended::Withdrawn)
        .filter_map(|grant| grant.withdrawn_at)
        .max()
}

/// Collected from the person's own act, not carried over by somebody else.
pub(super) fn by_the_person(method: Method) -> bool {
    match method {
        Method::Form | Method::DoubleOptIn | Method::RenewalClick | Method::Chat => true,
        Method::Import | Method::Api | Method::Manual | Method::Order | Method::Preticked => false,
    }
}

fn is_forbidden(source: Source) -> bool {
    match source {
        Source::Own => false,
        Source::Purchased | Source::Public | Source::Scraped => true,
    }
}

/// A commercial message for the purpose went since it was given. The request to confirm it is
/// none.
fn is_spent(asked: &Asked<'_>, grant: &Grant) -> bool {
    asked.standing.sent.iter().any(|sent| {
        sent.purpose == grant.purpose
            && sent.class.is_commercial()
            && sent.at >= grant.from
            && sent.at <= asked.now
    })
}

/// What is wrong with the best grant, where that says more than that there is none.
pub(super) fn lack(pack: &Pack, class: Class, state: State) -> Option<Lack> {
    let (kind, fault) = match state {
        State::Valid | State::NotYet | State::OtherBasis => return None,
        State::Expired if class == Class::ReconsentRequest => (
            LackKind::Expired,
            Fault::new("consent-expired-renewal").under(pack, "consent.request-by-email"),
        ),
        State::Expired => {
            (LackKind::Expired, Fault::new("consent-expired").under(pack, "consent.required"))
        }
        State::Spent => {
            (LackKind::Spent, Fault::new("consent-spent").under(pack, "consent.required"))
        }
        State::Unconfirmed => (
            LackKind::Unconfirmed,
            Fault::new("consent-unconfirmed").under(pack, "consent.double-opt-in"),
        ),
        State::AgeUndeclared => (
            LackKind::AgeUndeclared,
            Fault::new(Reason::new("age-undeclared").number("age", pack.terms.minors.age))
                .under(pack, "minors.age"),
        ),
        State::Unproven(field) => (
            LackKind::Unproven,
            Fault::new(Reason::new("consent-unproven").word("lacks", evidence_word(field)))
                .under(pack, "consent.evidence-fields"),
        ),
        State::Source => {
            (LackKind::Source, Fault::new("source-forbidden").under(pack, "consent.required"))
        }
        State::Ended(how) => return Some(missing(pack, ended(how))),
        State::OtherChannel(channel) => return Some(missing(pack, other_channel(channel))),
        State::Preticked => {
            return Some(missing(pack, "consent-preticked"));
        }
    };
    Some(Lack::new(kind, fault))
}

fn ended(how: Ended) -> &'static str {
    match how {
        Ended::Withdrawn => "consent-withdrawn",
        Ended::Revoked => "consent-revoked",
        Ended::Terminated => "consent-purpose-closed",
        Ended::Invalidated => "consent-void",
    }
}

fn other_channel(channel: Channel) -> Reason {
    Reason::new("consent-other-channel").word(
        "channel",
        match channel {
            Channel::Email => "channel-email",
            Channel::Sms => "channel-sms",
            Channel::Phone => "channel-phone",
            Channel::Post => "channel-post",
            Channel::Social => "channel-social",
        },
    )
}

fn evidence_word(field: EvidenceField) -> &'static str {
    match field {
        EvidenceField::GrantedAt => "evidence-granted-at",
        EvidenceField::Method => "evidence-method",
        EvidenceField::Source => "evidence-source",
        EvidenceField::Record => "evidence-record",
        EvidenceField::Wording => "evidence-wording",
    }
}
