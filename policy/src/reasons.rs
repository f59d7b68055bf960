//! What a verdict against a message rests on, in one line a rule: for replies and reports that a
//! sender reads. All of it is [`crate::explain()`]'s.

use crate::{
    Action, Citation, Facts, Finding, Outcome, Verdict,
    decide::{asks, asks_still},
};

/// The rules that asked for the verdict's action, in their order, each with the law that it stands
/// on here: `consent-missing (Act 480/2004 Sb. § 7(2))`. Empty where the message is sent.
pub fn reasons(facts: &Facts<'_>, verdict: &Verdict) -> Vec<String> {
    if verdict.action <= Action::SendEdited {
        return Vec::new();
    }
    let (findings, asks): (_, fn(&Finding, &Facts<'_>) -> Action) = match &verdict.repaired {
        Some(repaired) => (repaired, asks_still),
        None => (&verdict.findings, asks),
    };
    let asked = findings.iter().filter(|finding| asks(finding, facts) == verdict.action);
    asked.map(|finding| reason(facts, finding)).collect()
}

fn reason(facts: &Facts<'_>, finding: &Finding) -> String {
    let mut law: Vec<String> = law(facts, finding).into_iter().map(Citation::to_string).collect();
    law.dedup();
    if law.is_empty() {
        return finding.rule.id.to_owned();
    }
    format!("{} ({})", finding.rule.id, law.join(", "))
}

/// What the fault itself cites, else all of its rule's law that binds under the packs.
pub(crate) fn law(facts: &Facts<'_>, finding: &Finding) -> Vec<&'static Citation> {
    match &finding.outcome {
        Outcome::Broken(fault) if !fault.law.is_empty() => fault.law.clone(),
        Outcome::Broken(_) | Outcome::Outside | Outcome::Kept | Outcome::Undecided { .. } => {
            finding.rule.law_under(facts.packs)
        }
    }
}
