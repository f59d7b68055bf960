//! Who has been silent for years is not written to without a second look. See the page.

use jiff::Timestamp;

use crate::{Facts, Fault, OnBroken, Outcome, Reason, Rule, Standing, ground, law};

pub(super) static RULE: Rule = Rule {
    id: "contact-inactive",
    since: "0.1",
    law: &[&law::EU_GDPR_5_1_E, &law::CZ_GUIDE, &law::UK_GDPR_5],
    effect: OnBroken::Report,
    unrepaired: OnBroken::Report,
    about_recipient: true,
    waivable: true,
    doc: include_str!("contact_inactive.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    let standing = match ground::carried(facts) {
        Ok(standing) => standing,
        Err(outcome) => return outcome,
    };
    let Some(last) = last_sign(facts, standing) else { return Outcome::Outside };
    let zone = &facts.controller().time_zone;
    let silent = facts
        .packs
        .iter()
        .find(|pack| pack.terms.retention.max_inactive.after(last, zone) <= facts.now);
    match silent {
        None => Outcome::Kept,
        Some(pack) => {
            let because =
                Reason::new("contact-inactive").term("term", pack.terms.retention.max_inactive);
            Outcome::Broken(Fault::new(because).under(pack, "retention.max-inactive"))
        }
    }
}

/// The last activity on record; agreeing, asking and buying are some too, and a contract that runs.
fn last_sign(facts: &Facts<'_>, standing: &Standing) -> Option<Timestamp> {
    let grants = standing.grants.iter().map(|grant| grant.confirmed_at.unwrap_or(grant.from));
    let relations =
        standing.relations.iter().map(|relation| relation.ended_at.unwrap_or(facts.now));
    let signs = standing.last_activity.into_iter().chain(grants).chain(relations);
    signs.filter(|at| *at <= facts.now).max()
}
