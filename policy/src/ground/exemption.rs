//! When a purchase, a contract or an enquiry lets offers go without consent, and why it does not.

use jiff::Timestamp;

use super::{Lack, LackKind, is_over};
use crate::{
    Class, Facts, Fault, Pack, Reason, Relation, RelationKind, RequestByEmail, Standing, Term,
};

/// Bought something or has a contract, not longer ago than every pack counts customers.
pub(crate) fn is_customer(facts: &Facts<'_>, standing: &Standing) -> bool {
    let counts = |relation: &Relation| {
        let end = ended(relation);
        // Of who was erased since, only a contract that runs on counts.
        let forgotten = standing.forgotten_at.is_some_and(|at| relation.at <= at);
        let kept = !forgotten || end.is_none_or(|end| end > facts.now);
        kept && facts.packs.iter().all(|pack| {
            let term = pack.terms.technical_notice.customers_for;
            let own = own_term(facts, relation);
            end.is_none_or(|end| {
                !is_over(facts, term, end) && !own.is_some_and(|own| is_over(facts, own, end))
            })
        })
    };
    !facts.packs.is_empty()
        && standing
            .relations
            .iter()
            .any(|relation| is_sale(relation) && relation.at <= facts.now && counts(relation))
}

pub(super) fn any_sale(facts: &Facts<'_>, standing: &Standing) -> bool {
    standing.relations.iter().any(|relation| is_sale(relation) && relation.at <= facts.now)
}

/// Asked about something and bought nothing, where the law counts sales alone.
pub(super) fn only_enquiry(facts: &Facts<'_>, standing: &Standing) -> bool {
    has(facts, standing, RelationKind::Enquiry) && !any_sale(facts, standing)
}

/// S115: who took part in a contest is not a customer.
pub(super) fn only_contest(facts: &Facts<'_>, standing: &Standing) -> bool {
    has(facts, standing, RelationKind::Contest)
        && !has(facts, standing, RelationKind::Enquiry)
        && !any_sale(facts, standing)
}

fn has(facts: &Facts<'_>, standing: &Standing, kind: RelationKind) -> bool {
    standing.relations.iter().any(|relation| relation.kind == kind && relation.at <= facts.now)
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

/// Whether the exemption of this pack stretches to messages of the class.
pub(super) fn covers(pack: &Pack, class: Class) -> bool {
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
pub(super) fn stands(
    pack: &Pack,
    facts: &Facts<'_>,
    standing: &Standing,
    withdrawn: Option<Timestamp>,
) -> Result<(), Option<Lack>> {
    if !pack.terms.exemption.enabled {
        return Err(None);
    }
    let mut worst = None;
    // Who bought, agreed and then withdrew has said no after the purchase; so has who was erased.
    let no = withdrawn.max(standing.forgotten_at);
    for relation in &standing.relations {
        let Some(lasts) = lasts(pack, facts, relation) else { continue };
        if relation.at > facts.now || no.is_some_and(|no| relation.at <= no) {
            continue;
        }
        match fails(pack, facts, relation, lasts) {
            None => return Ok(()),
            Some(failure) => {
                let nearer = |before: &Failure| before.rank() > failure.rank();
                worst = worst.filter(nearer).or(Some(failure));
            }
        }
    }
    Err(worst.map(|failure| failure.lack(pack, facts)))
}

/// For how long a relation carries; within: without end. `None`: never.
fn lasts(pack: &Pack, facts: &Facts<'_>, relation: &Relation) -> Option<Option<Term>> {
    let terms = &pack.terms.exemption;
    let appeal = facts.is_appeal();
    if appeal {
        let day = relation.at.to_zoned(pack.time_zone.clone()).date();
        // No day is before none.
        if !terms.charities || Some(day) < terms.charities_since {
            return None;
        }
    }
    match relation.kind {
        RelationKind::Purchase | RelationKind::Contract => Some(terms.max_age),
        // Interest in a charity's aims is what its exemption rests on.
        RelationKind::Enquiry if appeal => Some(terms.max_age),
        RelationKind::Enquiry => terms.enquiries.map(Some),
        RelationKind::Contest => None,
    }
}

/// Why a sale does not carry the message.
#[derive(Clone, Copy)]
enum Failure {
    NoObjection,
    NotSimilar,
    /// And how old it may be.
    TooOld(Asked, Term),
    /// By the controller's own term for such goods.
    TooOldFor(Term),
}

/// What was long ago.
#[derive(Clone, Copy)]
enum Asked {
    Enquiry,
    Sale,
}

fn fails(
    pack: &Pack,
    facts: &Facts<'_>,
    relation: &Relation,
    lasts: Option<Term>,
) -> Option<Failure> {
    let terms = &pack.terms.exemption;
    // A request to review a purchase concerns what was bought and nothing else.
    let similar = relation.wide_assortment
        || facts.class == Class::ReviewRequest
        || facts.is_appeal()
        || facts.stream.categories.iter().any(|offered| relation.categories.contains(offered));
    let over = |term: &Term| ended(relation).is_some_and(|end| is_over(facts, *term, end));
    let too_old = lasts.filter(over);
    if terms.similar_only && !similar {
        Some(Failure::NotSimilar)
    } else if let Some(age) = too_old {
        let sale = is_sale(relation);
        Some(Failure::TooOld(if sale { Asked::Sale } else { Asked::Enquiry }, age))
    } else if let Some(own) = own_term(facts, relation).filter(over) {
        Some(Failure::TooOldFor(own))
    } else if terms.objection_at_collection && !relation.objection_offered {
        Some(Failure::NoObjection)
    } else {
        None
    }
}

/// For how long the controller itself counts whoever bought such goods: the longest of the terms of
/// the goods' categories. `None`: it says nothing of them.
fn own_term(facts: &Facts<'_>, relation: &Relation) -> Option<Term> {
    let terms = &facts.controller().customer_for;
    let bought = relation.categories.iter().filter(|_| is_sale(relation));
    let own = bought.filter_map(|category| terms.get(category));
    own.copied().max_by_key(|term| term.about_days())
}

impl Failure {
    /// The nearer to carrying it, the higher.
    fn rank(self) -> u8 {
        match self {
            Self::NoObjection => 0,
            Self::NotSimilar => 1,
            Self::TooOld(Asked::Enquiry, _) => 2,
            Self::TooOld(Asked::Sale, _) => 3,
            Self::TooOldFor(_) => 4,
        }
    }

    fn lack(self, pack: &Pack, facts: &Facts<'_>) -> Lack {
        let (kind, because, parameter) = match self {
            Self::NotSimilar => {
                (LackKind::NotSimilar, Reason::new("not-similar"), "exemption.similar-only")
            }
            Self::TooOld(Asked::Enquiry, age) if !facts.is_appeal() => {
                let parameter = "exemption.enquiries";
                let because = too_old("enquiry-too-old", age, pack, parameter);
                (LackKind::TooOld, because, parameter)
            }
            Self::TooOld(_, age) => {
                let parameter = "exemption.max-age";
                let because = too_old("purchase-too-old", age, pack, parameter);
                (LackKind::TooOld, because, parameter)
            }
            Self::TooOldFor(own) => {
                let because = Reason::new("purchase-too-old-here").term("age", own);
                return Lack::new(LackKind::TooOld, Fault::new(because));
            }
            Self::NoObjection => (
                LackKind::Missing,
                Reason::new("objection-not-offered"),
                "exemption.objection-at-collection",
            ),
        };
        Lack::new(kind, Fault::new(because).under(pack, parameter))
    }
}

/// Not the law but the pack, where the number is nobody's but ours.
fn too_old(id: &'static str, age: Term, pack: &Pack, parameter: &str) -> Reason {
    Reason::new(id).term("age", age).word("law", pack.asker_word(parameter))
}

/// The exemption would stand, were it not for the class.
pub(super) fn not_covered(pack: &Pack, class: Class) -> Lack {
    let fault = if class == Class::ReconsentRequest {
        Fault::new(Reason::new("request-forbidden").word("law", pack.law_word()))
            .under(pack, "consent.request-by-email")
    } else {
        Fault::new("greeting-not-covered").under(pack, "exemption.greetings")
    };
    Lack::new(LackKind::Missing, fault)
}
