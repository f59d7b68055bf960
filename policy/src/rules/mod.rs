//! One file per rule, one page beside each, one line here.

mod address_undeliverable;
mod adult_label_missing;
mod age_undeclared;
mod class_mismatch;
mod consent_expired;
mod consent_missing;
mod consent_spent;
mod consent_unconfirmed;
mod consent_unproven;
mod contact_inactive;
mod exemption_not_similar;
mod exemption_too_old;
mod frequency_exceeded;
mod header_unsound;
mod identity_incomplete;
mod identity_missing;
mod label_missing;
mod list_id_missing;
mod message_malformed;
mod objection_unstated;
mod one_click_unsigned;
mod origin_unstated;
mod placeholder_left;
mod privacy_link_missing;
mod recipients_exposed;
mod reconsent_incomplete;
mod reconsent_repeated;
mod refused;
mod sender_hidden;
mod sender_unauthenticated;
mod source_forbidden;
mod subject_misleading;
mod topic_not_chosen;
mod unsubscribe_broken;
mod unsubscribe_header_missing;
mod unsubscribe_missing;

use crate::{Class, Facts, Fault, Known, Outcome, Pack, Rule, Terms};

/// Every rule, sorted by id.
pub static ALL: &[&Rule] = &[
    &address_undeliverable::RULE,
    &adult_label_missing::RULE,
    &age_undeclared::RULE,
    &class_mismatch::RULE,
    &consent_expired::RULE,
    &consent_missing::RULE,
    &consent_spent::RULE,
    &consent_unconfirmed::RULE,
    &consent_unproven::RULE,
    &contact_inactive::RULE,
    &exemption_not_similar::RULE,
    &exemption_too_old::RULE,
    &frequency_exceeded::RULE,
    &header_unsound::RULE,
    &identity_incomplete::RULE,
    &identity_missing::RULE,
    &label_missing::RULE,
    &list_id_missing::RULE,
    &message_malformed::RULE,
    &objection_unstated::RULE,
    &one_click_unsigned::RULE,
    &origin_unstated::RULE,
    &placeholder_left::RULE,
    &privacy_link_missing::RULE,
    &recipients_exposed::RULE,
    &reconsent_incomplete::RULE,
    &reconsent_repeated::RULE,
    &refused::RULE,
    &sender_hidden::RULE,
    &sender_unauthenticated::RULE,
    &source_forbidden::RULE,
    &subject_misleading::RULE,
    &topic_not_chosen::RULE,
    &unsubscribe_broken::RULE,
    &unsubscribe_header_missing::RULE,
    &unsubscribe_missing::RULE,
];

/// The rule of that id.
pub fn find(id: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.id == id)
}

/// For rules about commercial messages: the outcome where the message is none, or nobody knows.
fn unless_commercial(facts: &Facts<'_>) -> Option<Outcome> {
    if facts.packs.is_empty() {
        return Some(Outcome::Undecided { missing: "pack-missing" });
    }
    match facts.commercial() {
        Known::Is(true) => None,
        Known::Is(false) => Some(Outcome::Outside),
        Known::Not(missing) => Some(Outcome::Undecided { missing }),
    }
}

/// The packs whose duty binds the message: every one where it is commercial, else those whose law
/// puts it on other messages too (`also`). An answer to a question bears none of it.
fn bound<'f, 'a>(
    facts: &'f Facts<'a>,
    also: fn(&Terms) -> bool,
) -> Result<impl Iterator<Item = &'a Pack> + Clone + use<'f, 'a>, Outcome> {
    if facts.class == Class::SolicitedReply {
        return Err(Outcome::Outside);
    }
    let commercial = match unless_commercial(facts) {
        None => true,
        Some(Outcome::Outside) => false,
        Some(undecided) => return Err(undecided),
    };
    let packs = facts.packs.iter().copied();
    Ok(packs.filter(move |pack| commercial && facts.is_business_under(pack) || also(&pack.terms)))
}

/// Cites also what puts the duty on messages that are not commercial, where this is one.
fn cite_for_others(fault: Fault, facts: &Facts<'_>, pack: &Pack, parameter: &'static str) -> Fault {
    match facts.commercial() {
        Known::Is(true) => fault,
        Known::Is(false) | Known::Not(_) => fault.under(pack, parameter),
    }
}

/// A domain of the controller, or one below it. In A-label form, lower case.
fn is_own_domain(facts: &Facts<'_>, domain: &str) -> bool {
    facts.controller().domains.iter().any(|own| {
        domain == own || domain.strip_suffix(own.as_str()).is_some_and(|below| below.ends_with('.'))
    })
}
