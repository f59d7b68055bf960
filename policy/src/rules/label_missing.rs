//! A commercial message is recognisable as one before it is opened. See the page.

use super::adult_label_missing;
use crate::{
    Edit, Facts, Fault, Known, LabelPlace, LabelTerms, OnBroken, Outcome, Pack, Rule, ground,
    label, law, shown,
};

pub(super) static RULE: Rule = Rule {
    id: "label-missing",
    since: "0.1",
    law: &[
        &law::CZ_480_7_4_A,
        &law::CZ_480_11,
        &law::CZ_UOOU_2019,
        &law::CZ_GUIDE,
        &law::SK_22_4,
        &law::EU_ECOMMERCE_6,
        &law::EU_ECOMMERCE_7,
        &law::DE_DDG_6_1,
        &law::DE_DDG_6_2,
        &law::AT_ECG_6,
        &law::AT_ECG_7_1,
        &law::PL_USUDE_9_1,
        &law::UK_ECR_2,
        &law::UK_ECR_7,
        &law::UK_ECR_8,
        &law::US_7704_A_5,
    ],
    effect: OnBroken::Repair,
    unrepaired: OnBroken::Reject,
    about_recipient: false,
    waivable: true,
    doc: include_str!("label_missing.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    if let Some(outcome) = super::unless_commercial(facts) {
        return outcome;
    }
    let pack = match lacking(facts) {
        Err(missing) => return Outcome::Undecided { missing },
        Ok(None) if asking(facts).next().is_some() => return Outcome::Kept,
        Ok(None) => return Outcome::Outside,
        Ok(Some(pack)) => pack,
    };
    let because = if pack.terms.label.places.contains(&LabelPlace::Text) {
        "label-missing-in-text"
    } else {
        "label-missing"
    };
    let prefix = &pack.terms.label.prefix;
    let edit = match adult_label_missing::lacking(facts) {
        Some((_, adult)) => Edit::LabelSubject { label: [adult, prefix].concat() },
        None if in_name(facts) => Edit::LabelSender { label: prefix.clone() },
        None => Edit::LabelSubject { label: prefix.clone() },
    };
    Outcome::Broken(
        Fault::new(because)
            .under(pack, "label.required")
            .shown_by(facts.reading.message.evidence_of("Subject"))
            .repaired_by([edit]),
    )
}

/// The first pack that asks for a label which is not there; the error is what nobody knows.
pub(super) fn lacking<'a>(facts: &Facts<'a>) -> Result<Option<&'a Pack>, &'static str> {
    for pack in asking(facts) {
        let terms = &pack.terms.label;
        if is_labelled(facts, terms) {
            continue;
        }
        match terms.unless_consent.then(|| ground::consented(facts, pack)) {
            Some(Known::Is(true)) => {}
            Some(Known::Not(missing)) => return Err(missing),
            Some(Known::Is(false)) | None => return Ok(Some(pack)),
        }
    }
    Ok(None)
}

/// What has to be marked is a communication for somebody's business: an association's appeal is none,
/// where a law asks for consent to it too.
fn asking<'a>(facts: &Facts<'a>) -> impl Iterator<Item = &'a Pack> {
    let packs = facts.packs.iter().copied().filter(|_| !facts.is_appeal());
    packs.filter(|pack| pack.terms.label.required)
}

/// The stream wants the label in the sender's name, and every law that asks for one takes it there.
fn in_name(facts: &Facts<'_>) -> bool {
    let place = LabelPlace::FromName;
    facts.stream.label_in == place
        && asking(facts).all(|pack| pack.terms.label.places.contains(&place))
}

fn is_labelled(facts: &Facts<'_>, terms: &LabelTerms) -> bool {
    let found = |text: &str| label::find(text, terms.level, &terms.extra_words).is_some();
    let message = &facts.reading.message;
    terms.places.iter().any(|place| match place {
        LabelPlace::Subject => found(message.subject()),
        LabelPlace::FromName => message.senders().iter().any(|from| found(&from.name)),
        LabelPlace::Text => in_text(facts, terms),
    })
}

/// Words of advertising stand in every offer; what it is, only the plainest of them say.
fn in_text(facts: &Facts<'_>, terms: &LabelTerms) -> bool {
    let says = |line: &str| label::find(line, PLAINEST, &terms.extra_words).is_some();
    let alternatives = shown::alternatives(facts.reading);
    !alternatives.is_empty()
        && alternatives
            .iter()
            .all(|shown| shown.views.iter().any(|view| view.text.lines().any(says)))
}

const PLAINEST: u8 = 1;
