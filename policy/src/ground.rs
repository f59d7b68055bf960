//! On what ground a message may go to an address: where its class meets the standing.
//!
//! One analysis that the rules about consent share, so that exactly one of them names the
//! cause. It does not look into the message: that is the content rules' part.

use jiff::Timestamp;

use crate::{
    Basis, Class, Facts, Fault, Grant, Known, Method, Pack, Refusal, Relation, RelationKind,
    RequestByEmail, Scope, Source, Standing,
};

/// What lets a message go, or what it lacks.
pub(crate) enum Ground<'a> {
    /// The class needs none.
    NotNeeded,
    /// A fact is missing; it says which.
    Unknown(&'static str),
    Refused(&'a Refusal),
    Consent,
    /// The customer exemption.
    Exemption,
    Lacking(Lack),
}

/// The one obvious reason why there is no ground; each belongs to one rule.
pub(crate) struct Lack {
    pub(crate) kind: LackKind,
    pub(crate) fault: Fault,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LackKind {
    Missing,
    Expired,
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
    if let Some(refusal) = refusal_in_force(facts, standing) {
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
        None => Ground::Unknown("no pack is in force for the controller"),
        Some(Carries::Nothing) => Ground::NotNeeded,
        Some(Carries::Consent) => Ground::Consent,
        Some(Carries::Exemption) => Ground::Exemption,
    }
}

/// What a message rests on under one pack, the weakest last.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
enum Carries {
    /// The pack asks for no consent.
    Nothing,
    Consent,
    Exemption,
}

/// Bought something or has a contract, not longer ago than every pack counts customers.
pub(crate) fn is_customer(facts: &Facts<'_>, standing: &Standing) -> bool {
    let counts = |relation: &Relation| {
        facts.packs.iter().all(|pack| {
            let term = pack.terms.technical_notice.customers_for;
            ended(relation)
                .is_none_or(|end| facts.now < term.after(end, &facts.controller().time_zone))
        })
    };
    !facts.packs.is_empty()
        && standing
            .relations
            .iter()
            .any(|relation| is_sale(relation) && relation.at <= facts.now && counts(relation))
}

fn is_sale(relation: &Relation) -> bool {
    match relation.kind {
        RelationKind::Purchase | RelationKind::Contract => true,
        RelationKind::Enquiry | RelationKind::Contest => false,
    }
}

/// When the term of the exemption begins; `None`: the contract still runs.
fn ended(relation: &Relation) -> Option<Timestamp> {
    match relation.kind {
        RelationKind::Contract => relation.ended_at,
        RelationKind::Purchase | RelationKind::Enquiry | RelationKind::Contest => {
            Some(relation.ended_at.unwrap_or(relation.at))
        }
    }
}

/// The newest refusal that nothing the person did later has lifted.
fn refusal_in_force<'a>(facts: &Facts<'_>, standing: &'a Standing) -> Option<&'a Refusal> {
    let purpose = facts.stream.purpose.as_deref();
    let concerns = |refusal: &&Refusal| match &refusal.scope {
        Scope::Everything => true,
        Scope::Purpose(refused) => purpose == Some(refused.as_str()),
    };
    let newest = standing.refusals.iter().filter(concerns).max_by_key(|refusal| refusal.since)?;
    let lifted = standing.grants.iter().any(|grant| {
        purpose == Some(grant.purpose.as_str())
            && grant.from > newest.since
            && by_the_person(grant.method)
            && state(grant, facts.now) == State::Valid
    });
    (!lifted).then_some(newest)
}

/// Collected from the person's own act, not carried over by somebody else.
fn by_the_person(method: Method) -> bool {
    match method {
        Method::Form | Method::DoubleOptIn | Method::RenewalClick | Method::Chat => true,
        Method::Import | Method::Api | Method::Manual | Method::Order | Method::Preticked => false,
    }
}

/// What one grant is worth at one moment; the milder the fault, the later it stands.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum State {
    OtherBasis,
    NotYet,
    Preticked,
    Source,
    Unconfirmed,
    Withdrawn,
    Expired,
    Valid,
}

fn state(grant: &Grant, now: Timestamp) -> State {
    if grant.basis != Basis::Consent {
        State::OtherBasis
    } else if grant.method == Method::Preticked {
        State::Preticked
    } else if is_forbidden(grant.source) {
        State::Source
    } else if grant.withdrawn_at.is_some() {
        State::Withdrawn
    } else if grant.from > now {
        State::NotYet
    } else if grant.until <= now {
        State::Expired
    } else {
        State::Valid
    }
}

fn state_under(pack: &Pack, facts: &Facts<'_>, grant: &Grant) -> State {
    let terms = &pack.terms.consent;
    let state = state(grant, facts.now);
    if state != State::Valid {
        return state;
    }
    let confirmed = matches!(grant.method, Method::DoubleOptIn | Method::RenewalClick);
    if terms.double_opt_in && !confirmed {
        return State::Unconfirmed;
    }
    let zone = &facts.controller().time_zone;
    match terms.max_age {
        Some(age) if age.after(grant.from, zone) <= facts.now => State::Expired,
        Some(_) | None => State::Valid,
    }
}

fn is_forbidden(source: Source) -> bool {
    match source {
        Source::Own => false,
        Source::Purchased | Source::Public | Source::Scraped => true,
    }
}

fn under(pack: &Pack, facts: &Facts<'_>, standing: &Standing) -> Result<Carries, Lack> {
    if !pack.terms.consent.required {
        return Ok(Carries::Nothing);
    }
    let Some(purpose) = facts.stream.purpose.as_deref() else {
        let because = "the stream names no purpose, so no consent can cover it";
        return Err(missing(pack, because));
    };
    let grants = || standing.grants.iter().filter(|grant| grant.purpose == purpose);
    let best = grants().map(|grant| state_under(pack, facts, grant)).max();
    if best == Some(State::Valid) {
        return Ok(Carries::Consent);
    }
    let withdrawn = grants()
        .filter(|grant| grant.basis == Basis::Consent)
        .filter_map(|grant| grant.withdrawn_at)
        .max();
    let exemption = exemption(pack, facts, standing, withdrawn);
    if exemption.is_ok() && exemption_covers(pack, facts.class) {
        return Ok(Carries::Exemption);
    }
    Err(match (best, exemption) {
        (Some(State::Expired), _) => expired(pack, facts.class),
        (Some(State::Source), _) => Lack {
            kind: LackKind::Source,
            fault: Fault::new("the address was bought, published or collected by a robot")
                .under(pack, "consent.required"),
        },
        (Some(State::Withdrawn), _) => missing(pack, "the consent was withdrawn"),
        (Some(State::Unconfirmed), _) => {
            let because = "the consent was never confirmed by a click";
            let fault = Fault::new(because).under(pack, "consent.double-opt-in");
            Lack { kind: LackKind::Missing, fault }
        }
        (Some(State::Preticked), _) => {
            missing(pack, "the only consent is a box that was ticked beforehand")
        }
        (_, Ok(())) => not_covered(pack, facts.class),
        (_, Err(Some(lack))) => lack,
        (Some(State::NotYet), Err(None)) => missing(pack, "the consent begins later"),
        (Some(State::OtherBasis), Err(None)) => missing(
            pack,
            "the purpose rests on another basis than consent, and no purchase is on record",
        ),
        (None | Some(State::Valid), Err(None)) => no_consent(pack, facts.class),
    })
}

/// Whether the exemption of this pack stretches to messages of the class.
fn exemption_covers(pack: &Pack, class: Class) -> bool {
    match class {
        Class::Greeting => pack.terms.exemption.greetings,
        Class::ReconsentRequest => {
            pack.terms.consent.request_by_email < RequestByEmail::WithConsent
        }
        Class::Commercial
        | Class::ReviewRequest
        | Class::Mixed
        | Class::OptInConfirmation
        | Class::TechnicalNotice
        | Class::Transactional
        | Class::SolicitedReply
        | Class::NonBusiness => true,
    }
}

/// Whether the customer exemption stands; else why not, or nothing where nobody ever bought.
fn exemption(
    pack: &Pack,
    facts: &Facts<'_>,
    standing: &Standing,
    withdrawn: Option<Timestamp>,
) -> Result<(), Option<Lack>> {
    if !pack.terms.exemption.enabled {
        return Err(None);
    }
    let mut worst = None;
    for relation in standing.relations.iter().filter(|relation| is_sale(relation)) {
        // Who bought, agreed and then withdrew has said no after the purchase.
        if relation.at > facts.now || withdrawn.is_some_and(|no| relation.at <= no) {
            continue;
        }
        match fails(pack, facts, relation) {
            None => return Ok(()),
            Some(failure) => worst = worst.max(Some(failure)),
        }
    }
    Err(worst.map(|failure| failure.lack(pack)))
}

/// Why a sale does not carry the message; the nearest to doing so is the last.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
enum Failure {
    NoObjection,
    NotSimilar,
    TooOld,
}

fn fails(pack: &Pack, facts: &Facts<'_>, relation: &Relation) -> Option<Failure> {
    let terms = &pack.terms.exemption;
    // A request to review a purchase concerns what was bought and nothing else.
    let similar = relation.wide_assortment
        || facts.class == Class::ReviewRequest
        || facts.stream.categories.iter().any(|offered| relation.categories.contains(offered));
    let zone = &facts.controller().time_zone;
    let too_old = terms
        .max_age
        .zip(ended(relation))
        .is_some_and(|(age, end)| age.after(end, zone) <= facts.now);
    if terms.similar_only && !similar {
        Some(Failure::NotSimilar)
    } else if too_old {
        Some(Failure::TooOld)
    } else if terms.objection_at_collection && !relation.objection_offered {
        Some(Failure::NoObjection)
    } else {
        None
    }
}

impl Failure {
    fn lack(self, pack: &Pack) -> Lack {
        let (kind, because, parameter) = match self {
            Self::NotSimilar => (
                LackKind::NotSimilar,
                "what is offered is not similar to what the customer bought".to_owned(),
                "exemption.similar-only",
            ),
            Self::TooOld => (
                LackKind::TooOld,
                match pack.terms.exemption.max_age {
                    Some(age) => format!(
                        "the purchase or the end of the contract lies back more than the {age} \
                         that {} allows",
                        pack.law_name()
                    ),
                    None => "the purchase lies back too long".to_owned(),
                },
                "exemption.max-age",
            ),
            Self::NoObjection => (
                LackKind::Missing,
                "a purchase is on record, but the customer was not offered to object when the \
                 address was collected"
                    .to_owned(),
                "exemption.objection-at-collection",
            ),
        };
        Lack { kind, fault: Fault::new(because).under(pack, parameter) }
    }
}

fn missing(pack: &Pack, because: &'static str) -> Lack {
    Lack { kind: LackKind::Missing, fault: Fault::new(because).under(pack, "consent.required") }
}

fn expired(pack: &Pack, class: Class) -> Lack {
    let fault = if class == Class::ReconsentRequest {
        Fault::new("the consent has expired: a request to renew it had to go before")
            .under(pack, "consent.request-by-email")
    } else {
        Fault::new("the consent has expired").under(pack, "consent.required")
    };
    Lack { kind: LackKind::Expired, fault }
}

/// The exemption would stand, were it not for the class.
fn not_covered(pack: &Pack, class: Class) -> Lack {
    let fault = if class == Class::ReconsentRequest {
        Fault::new(format!(
            "{} forbids to ask for consent by e-mail, even a customer",
            pack.law_name()
        ))
        .under(pack, "consent.request-by-email")
    } else {
        Fault::new(
            "a greeting needs consent: the customer exemption covers offers of similar goods",
        )
        .under(pack, "exemption.greetings")
    };
    Lack { kind: LackKind::Missing, fault }
}

fn no_consent(pack: &Pack, class: Class) -> Lack {
    if class == Class::ReconsentRequest {
        let because = "a request for consent is itself commercial, and no consent is on record";
        let fault = Fault::new(because).under(pack, "consent.request-by-email");
        return Lack { kind: LackKind::Missing, fault };
    }
    missing(pack, "no consent for the purpose is on record")
}
