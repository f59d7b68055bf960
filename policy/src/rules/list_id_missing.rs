//! Messages of one stream carry one List-Id, so that they can be told apart. See the page.

use crate::{Edit, Facts, Fault, OnBroken, Outcome, Reason, Rule, law};

pub(super) static RULE: Rule = Rule {
    id: "list-id-missing",
    since: "0.1",
    law: &[&law::RFC_2919],
    effect: OnBroken::Repair,
    // A convenience of the recipient's mail program, not a duty: never a reason to stop a message.
    unrepaired: OnBroken::Report,
    about_recipient: false,
    waivable: true,
    doc: include_str!("list_id_missing.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    if let Some(outcome) = super::unless_commercial(facts) {
        return outcome;
    }
    let provider = facts.provider.filter(|provider| provider.list_id);
    let id = facts.stream.list_id.as_ref();
    if id.is_none() && provider.is_none() {
        return Outcome::Outside;
    }
    if facts.reading.message.header("List-Id").is_some() {
        return Outcome::Kept;
    }
    match (id, provider) {
        (Some(id), _) => {
            let fault = Fault::new("list-id-missing");
            Outcome::Broken(fault.repaired_by([Edit::AddListId { id: id.clone() }]))
        }
        (None, Some(provider)) => {
            let because = Reason::new("list-id-wanted").name("provider", &provider.name);
            Outcome::Broken(provider.cite(Fault::new(because), "list-id"))
        }
        (None, None) => Outcome::Outside,
    }
}
