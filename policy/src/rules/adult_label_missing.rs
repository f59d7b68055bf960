//! Offers for adults say so at the very start of the subject. See the page.

use super::label_missing;
use crate::{Edit, Facts, Fault, OnBroken, Outcome, Pack, Reason, Rule, law};

pub(super) static RULE: Rule = Rule {
    id: "adult-label-missing",
    since: "0.1",
    law: &[&law::US_7704_D, &law::US_316_4],
    effect: OnBroken::Repair,
    unrepaired: OnBroken::Reject,
    about_recipient: false,
    waivable: true,
    doc: include_str!("adult_label_missing.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    if let Some(outcome) = super::unless_commercial(facts) {
        return outcome;
    }
    if !facts.stream.adult || !facts.commercial_packs().any(|pack| prefix(pack).is_some()) {
        return Outcome::Outside;
    }
    let Some((pack, prefix)) = lacking(facts) else { return Outcome::Kept };
    let because = Reason::new("adult-label-missing").name("label", prefix.trim());
    let label = match label_missing::lacking(facts) {
        Ok(Some(other)) => [prefix, &other.terms.label.prefix].concat(),
        Ok(None) | Err(_) => prefix.to_owned(),
    };
    Outcome::Broken(
        Fault::new(because)
            .under(pack, "label.adult-prefix")
            .shown_by(facts.reading.message.evidence_of("Subject"))
            .repaired_by([Edit::LabelSubject { label }]),
    )
}

fn prefix(pack: &Pack) -> Option<&str> {
    pack.terms.label.adult_prefix.as_deref()
}

/// The pack whose words the subject should begin with, and does not.
pub(super) fn lacking<'a>(facts: &Facts<'a>) -> Option<(&'a Pack, &'a str)> {
    let subject = facts.reading.message.subject().trim_start();
    let packs = facts.commercial_packs().filter(|_| facts.stream.adult);
    let mut wanted = packs.filter_map(|pack| Some((pack, prefix(pack)?)));
    wanted.find(|(_, prefix)| !subject.starts_with(prefix.trim_end()))
}
