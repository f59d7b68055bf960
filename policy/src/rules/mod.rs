//! One file per rule, one page beside each, one line here.

mod age_undeclared;
mod class_mismatch;
mod consent_expired;
mod consent_missing;
mod consent_spent;
mod consent_unconfirmed;
mod consent_unproven;
mod exemption_not_similar;
mod exemption_too_old;
mod identity_missing;
mod label_missing;
mod list_id_missing;
mod message_malformed;
mod placeholder_left;
mod recipients_exposed;
mod refused;
mod sender_hidden;
mod source_forbidden;
mod unsubscribe_broken;
mod unsubscribe_header_missing;
mod unsubscribe_missing;

use crate::{Facts, Known, Outcome, Rule};

/// Every rule, sorted by id.
pub static ALL: &[&Rule] = &[
    &age_undeclared::RULE,
    &class_mismatch::RULE,
    &consent_expired::RULE,
    &consent_missing::RULE,
    &consent_spent::RULE,
    &consent_unconfirmed::RULE,
    &consent_unproven::RULE,
    &exemption_not_similar::RULE,
    &exemption_too_old::RULE,
    &identity_missing::RULE,
    &label_missing::RULE,
    &list_id_missing::RULE,
    &message_malformed::RULE,
    &placeholder_left::RULE,
    &recipients_exposed::RULE,
    &refused::RULE,
    &sender_hidden::RULE,
    &source_forbidden::RULE,
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
        return Some(Outcome::Undecided { missing: "no pack is in force for the controller" });
    }
    match facts.commercial() {
        Known::Is(true) => None,
        Known::Is(false) => Some(Outcome::Outside),
        Known::Not(missing) => Some(Outcome::Undecided { missing }),
    }
}

/// A domain of the controller, or one below it. In A-label form, lower case.
fn is_own_domain(facts: &Facts<'_>, domain: &str) -> bool {
    facts.controller().domains.iter().any(|own| {
        domain == own || domain.strip_suffix(own.as_str()).is_some_and(|below| below.ends_with('.'))
    })
}
