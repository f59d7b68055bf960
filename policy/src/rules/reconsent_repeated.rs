//! Nobody is asked for consent over and over. See the page.

use crate::{Class, Facts, Fault, OnBroken, Outcome, Pack, Reason, Rule, Standing, ground, law};

pub(super) static RULE: Rule = Rule {
    id: "reconsent-repeated",
    since: "0.1",
    law: &[&law::CZ_GUIDE, &law::EU_GDPR_7_1],
    effect: OnBroken::Reject,
    unrepaired: OnBroken::Reject,
    about_recipient: true,
    waivable: true,
    doc: include_str!("reconsent_repeated.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    if facts.class != Class::ReconsentRequest {
        return Outcome::Outside;
    }
    let standing = match ground::carried(facts) {
        Ok(standing) => standing,
        Err(outcome) => return outcome,
    };
    match facts.packs.iter().find(|pack| is_over(facts, pack, standing)) {
        None => Outcome::Kept,
        Some(pack) => {
            let terms = &pack.terms.reconsent;
            let because = Reason::new("reconsent-repeated")
                .number("times", terms.repeats_max)
                .term("within", terms.within);
            Outcome::Broken(Fault::new(because).under(pack, "reconsent.repeats-max"))
        }
    }
}

fn is_over(facts: &Facts<'_>, pack: &Pack, standing: &Standing) -> bool {
    let terms = &pack.terms.reconsent;
    let zone = &facts.controller().time_zone;
    let purpose = facts.stream.purpose.as_deref();
    let asked = standing.sent.iter().filter(|sent| {
        sent.class == Class::ReconsentRequest
            && purpose == Some(sent.purpose.as_str())
            && sent.at <= facts.now
            && terms.within.after(sent.at, zone) > facts.now
    });
    asked.count() >= usize::from(terms.repeats_max)
}
