//! On what ground a message may go to an address: where its class meets the standing.
//!
//! One analysis that the rules about consent share, so that exactly one of them names the
//! cause. It does not look into the message: that is the content rules' part.

mod consent;
mod exemption;
mod worth;

use jiff::Timestamp;

use crate::{
    Class, Facts, Fault, Grant, Known, Outcome, Pack, Reason, Refusal, Standing, Subscriber, Term,
};

use self::consent::State;
pub(crate) use self::exemption::is_customer;
pub use self::worth::{Asked, Worth, worth};

/// What lets a message go, or what it lacks.
pub(crate) enum Ground<'a> {
    /// The class needs none.
    NotNeeded,
    /// A fact is missing; it says which.
    Unknown(&'static str),
    Refused(&'a Refusal),
    /// No law that applies asks for consent here; a refusal would bind.
    OptOut,
    Consent,
    /// The customer exemption.
    Exemption,
    Lacking(Lack),
}

/// The one obvious reason why there is no ground; each belongs to one rule.
pub(crate) struct Lack {
    pub(crate) kind: LackKind,
    pub(crate) fault: Box<Fault>,
}

impl Lack {
    fn new(kind: LackKind, fault: Fault) -> Self {
        Self { kind, fault: Box::new(fault) }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LackKind {
    Missing,
    Expired,
    /// Good for one message, which went.
    Spent,
    Unconfirmed,
    /// The evidence on record does not hold all that it has to.
    Unproven,
    AgeUndeclared,
    Source,
    NotSimilar,
    TooOld,
}

/// The ground under the strictest of the packs that apply.
pub(crate) fn of<'a>(facts: &Facts<'a>) -> Ground<'a> {
    let opt_in = facts.class == Class::OptInConfirmation;
    match facts.commercial() {
        Known::Not(why) => return Ground::Unknown(why),
        Known::Is(false) if !opt_in => return Ground::NotNeeded,
        Known::Is(_) => {}
    }
    let standing = match facts.standing {
        Known::Is(standing) => standing,
        Known::Not(why) => return Ground::Unknown(why),
    };
    if let Some(refusal) = refusal_in_force(&Asked::of(facts, standing)) {
        return Ground::Refused(refusal);
    }
    if opt_in {
        return Ground::NotNeeded;
    }
    // The weakest ground that any of the packs rests on is what carries the message.
    let mut weakest = None;
    for pack in facts.packs {
        match under(pack, facts, standing) {
            Ok(carries) => weakest = weakest.max(Some(carries)),
            Err(lack) => return Ground::Lacking(lack),
        }
    }
    match weakest {
        None => Ground::Unknown("pack-missing"),
        Some(Carries::Nothing) => Ground::OptOut,
        Some(Carries::Consent) => Ground::Consent,
        Some(Carries::Exemption) => Ground::Exemption,
    }
}

/// Whether the person consented to messages for the purpose, whatever else would carry one.
pub(crate) fn consented(facts: &Facts<'_>, pack: &Pack) -> Known<bool> {
    let standing = match facts.standing {
        Known::Is(standing) => standing,
        Known::Not(why) => return Known::Not(why),
    };
    let for_it = |grant: &&Grant| Some(grant.purpose.as_str()) == facts.stream.purpose.as_deref();
    let mut grants = standing.grants.iter().filter(for_it);
    let asked = Asked::of(facts, standing);
    Known::Is(grants.any(|grant| consent::state_under(pack, &asked, grant) == State::Valid))
}

/// What is on record of who may get the message, for a rule that asks for more than a ground; or its
/// outcome, where one reason is enough: another rule names why there is no ground.
pub(crate) fn carried<'a>(facts: &Facts<'a>) -> Result<&'a Standing, Outcome> {
    match (of(facts), &facts.standing) {
        (Ground::Unknown(missing), _) => Err(Outcome::Undecided { missing }),
        (Ground::NotNeeded | Ground::Refused(_) | Ground::Lacking(_), _) => Err(Outcome::Outside),
        (_, Known::Not(missing)) => Err(Outcome::Undecided { missing }),
        (Ground::OptOut | Ground::Consent | Ground::Exemption, Known::Is(standing)) => Ok(standing),
    }
}

/// The outcome of a rule about a grant.
pub(crate) fn about_consent(facts: &Facts<'_>, own: LackKind) -> Outcome {
    about(facts, own, &[Carries::Consent])
}

/// The outcome of a rule about the customer exemption.
pub(crate) fn about_exemption(facts: &Facts<'_>, own: LackKind) -> Outcome {
    about(facts, own, &[Carries::Exemption])
}

/// Broken where the lack is the rule's own, kept where one of these carries the message.
pub(crate) fn about(facts: &Facts<'_>, own: LackKind, kept_by: &[Carries]) -> Outcome {
    let carries = match of(facts) {
        Ground::Unknown(missing) => return Outcome::Undecided { missing },
        Ground::Lacking(lack) if lack.kind == own => return Outcome::Broken(*lack.fault),
        Ground::Consent => Carries::Consent,
        Ground::Exemption => Carries::Exemption,
        Ground::NotNeeded | Ground::OptOut | Ground::Refused(_) | Ground::Lacking(_) => {
            return Outcome::Outside;
        }
    };
    if kept_by.contains(&carries) { Outcome::Kept } else { Outcome::Outside }
}

/// What a message rests on under one pack, the weakest last.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Carries {
    /// The pack asks for no consent.
    Nothing,
    Consent,
    Exemption,
}

/// The newest refusal that nothing the person did later has lifted.
fn refusal_in_force<'a>(asked: &Asked<'a>) -> Option<&'a Refusal> {
    let Asked { standing, purpose, .. } = *asked;
    let concerns = |refusal: &&Refusal| refusal.concerns(purpose);
    let newest = standing.refusals.iter().filter(concerns).max_by_key(|refusal| refusal.since)?;
    let lifted = standing.grants.iter().any(|grant| {
        purpose == Some(grant.purpose.as_str())
            && grant.from > newest.since
            && consent::by_the_person(grant.method)
            // Nobody lifts another's refusal by typing the address into a form.
            && consent::is_valid(asked, grant)
    });
    (!lifted).then_some(newest)
}

fn under(pack: &Pack, facts: &Facts<'_>, standing: &Standing) -> Result<Carries, Lack> {
    if !pack.terms.consent.required
        || !facts.is_business_under(pack)
        || is_unprotected(pack, standing)
    {
        return Ok(Carries::Nothing);
    }
    let Some(purpose) = facts.stream.purpose.as_deref() else {
        return Err(missing(pack, "purpose-unnamed"));
    };
    let grants = || standing.grants.iter().filter(|grant| grant.purpose == purpose);
    let asked = Asked::of(facts, standing);
    let best = grants().map(|grant| consent::state_under(pack, &asked, grant)).max();
    if best == Some(State::Valid) {
        return Ok(Carries::Consent);
    }
    let exemption = exemption::stands(pack, facts, standing, consent::withdrawn_last(grants()));
    if exemption.is_ok() && exemption::covers(pack, facts.class) {
        return Ok(Carries::Exemption);
    }
    Err(match (best.and_then(|state| consent::lack(pack, facts.class, state)), exemption) {
        (Some(lack), _) => lack,
        (None, Ok(())) => exemption::not_covered(pack, facts.class),
        (None, Err(Some(lack))) => lack,
        (None, Err(None)) => match best {
            Some(State::NotYet) => missing(pack, "consent-later"),
            Some(State::OtherBasis) => missing(pack, "consent-other-basis"),
            Some(_) | None => no_consent(pack, facts, standing),
        },
    })
}

/// Some laws let companies be written to, or whoever publishes an address for business.
fn is_unprotected(pack: &Pack, standing: &Standing) -> bool {
    let terms = &pack.terms.b2b;
    let business = match standing.subscriber {
        Subscriber::Corporate if terms.exempt_corporate => return true,
        Subscriber::Corporate | Subscriber::SoleTrader => true,
        Subscriber::Individual | Subscriber::Unknown => false,
    };
    terms.exempt_published_address && standing.published && business
}

fn missing(pack: &Pack, because: impl Into<Reason>) -> Lack {
    Lack::new(LackKind::Missing, Fault::new(because).under(pack, "consent.required"))
}

/// Nothing on record speaks for the message.
fn no_consent(pack: &Pack, facts: &Facts<'_>, standing: &Standing) -> Lack {
    let (because, parameter) = if facts.class == Class::ReconsentRequest {
        ("request-without-consent", "consent.request-by-email")
    } else if !pack.terms.exemption.enabled && exemption::any_sale(facts, standing) {
        let because = Reason::new("exemption-unknown").word("law", pack.law_word());
        return Lack::new(LackKind::Missing, Fault::new(because).under(pack, "exemption.enabled"));
    } else if exemption::only_contest(facts, standing) {
        ("contest-only", "consent.required")
    } else if exemption::only_enquiry(facts, standing) {
        ("enquiry-only", "exemption.enquiries")
    } else {
        ("consent-missing", "consent.required")
    };
    Lack::new(LackKind::Missing, Fault::new(because).under(pack, parameter))
}

/// Whether a term that began at `from` is over.
fn is_over(facts: &Facts<'_>, term: Term, from: Timestamp) -> bool {
    term.after(from, &facts.controller().time_zone) <= facts.now
}
