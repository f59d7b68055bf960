//! What the law recommends to say of the sender is said. A note, never a fault. See the page.

use super::identity_missing;
use crate::{
    Facts, Fault, OnBroken, Outcome, Reason, Rule, identity, identity::Searched, law, shown,
};

pub(super) static RULE: Rule = Rule {
    id: "identity-incomplete",
    since: "0.1",
    law: &[&law::CZ_GUIDE, &law::SK_513_3A, &law::EU_ECOMMERCE_5],
    effect: OnBroken::Report,
    unrepaired: OnBroken::Report,
    about_recipient: false,
    waivable: true,
    doc: include_str!("identity_incomplete.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    if let Some(outcome) = super::unless_commercial(facts) {
        return outcome;
    }
    let controller = facts.controller();
    let asked = facts.commercial_packs().flat_map(|pack| {
        let fields = pack.terms.identity.recommended.iter();
        fields.filter_map(move |field| Some((pack, *field, identity::wanted(controller, *field)?)))
    });
    let mut asked = asked.peekable();
    // Where the rest is missing too, the footer that is added says everything.
    if asked.peek().is_none() || identity_missing::check(facts) != Outcome::Kept {
        return Outcome::Outside;
    }
    let alternatives = shown::alternatives(facts.reading);
    let searched: Vec<Searched<'_>> =
        alternatives.iter().map(|shown| Searched::of(&shown.views)).collect();
    for (pack, field, wanted) in asked {
        let needle = controller.needles.of(field, wanted);
        let missing = searched.iter().zip(&alternatives).find(|(text, _)| !text.names(&needle));
        if let Some((_, shown)) = missing {
            let because = Reason::new("identity-missing").word("text", shown.word());
            let because = because.words("lacks", &[identity::word(field)]);
            return Outcome::Broken(Fault::new(because).under(pack, "identity.recommended"));
        }
    }
    Outcome::Kept
}
