//! Nothing commercial to an address that returned what was sent to it. See the page.

use jiff::Timestamp;

use crate::{Facts, Fault, OnBroken, Outcome, Rule, Standing, ground, law};

pub(super) static RULE: Rule = Rule {
    id: "address-undeliverable",
    since: "0.2",
    law: &[&law::EU_GDPR_5_1_D],
    effect: OnBroken::Reject,
    unrepaired: OnBroken::Reject,
    about_recipient: true,
    // A person who knows better records that the address is used.
    waivable: false,
    doc: include_str!("address_undeliverable.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    let standing = match ground::carried(facts) {
        Ok(standing) => standing,
        Err(outcome) => return outcome,
    };
    match standing.undeliverable_since {
        Some(since) if !used_after(standing, since, facts.now) => {
            Outcome::Broken(Fault::new("address-undeliverable"))
        }
        Some(_) | None => Outcome::Kept,
    }
}

/// Whoever agreed, asked, bought or clicked after that gave the address anew, or reads it.
fn used_after(standing: &Standing, since: Timestamp, now: Timestamp) -> bool {
    let grants = standing.grants.iter().map(|grant| grant.confirmed_at.unwrap_or(grant.from));
    let relations = standing.relations.iter().map(|relation| relation.at);
    let mut signs = standing.last_activity.into_iter().chain(grants).chain(relations);
    signs.any(|at| at > since && at <= now)
}
