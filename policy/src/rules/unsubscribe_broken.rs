//! A way to unsubscribe that leads nowhere is none. See the page.

use crate::{Evidence, Facts, Fault, LinkTarget, OnBroken, Outcome, Rule, law, unsubscribe};

pub(super) static RULE: Rule = Rule {
    id: "unsubscribe-broken",
    since: "0.1",
    law: &[
        &law::CZ_480_7_4_C,
        &law::CZ_480_11,
        &law::SK_452_116_REF,
        &law::EU_EPRIVACY_13_4,
        &law::EU_GDPR_7_3,
        &law::RFC_2369,
        &law::RFC_8058,
        &law::DE_UWG_7_2_3,
        &law::AT_TKG_174_5,
        &law::UK_PECR_23,
        &law::US_7704_A_3,
        &law::US_316_5,
        &law::CA_CASL_6_6,
        &law::CA_CASL_11,
        &law::CA_CRTC_3,
        &law::AU_SPAM_18,
        &law::AU_REGS,
    ],
    effect: OnBroken::Repair,
    unrepaired: OnBroken::Hold,
    about_recipient: false,
    waivable: true,
    doc: include_str!("unsubscribe_broken.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    let packs = match super::bound(facts, |terms| terms.unsubscribe.on_transactional) {
        Ok(packs) if packs.clone().next().is_none() => return Outcome::Outside,
        Ok(packs) => packs,
        Err(outcome) => return outcome,
    };
    let message = &facts.reading.message;
    let cite = |fault: Fault| {
        packs.clone().fold(fault, |fault, pack| {
            let fault = fault.under(pack, "unsubscribe.in-body");
            super::cite_for_others(fault, facts, pack, "unsubscribe.on-transactional")
        })
    };
    if let Some((because, evidence)) = in_body(facts) {
        // A second link beside it would leave the dead one for the reader to press.
        return Outcome::Broken(cite(Fault::new(because)).shown_by([evidence]));
    }
    let offered = unsubscribe::offered(message);
    if let Some(fault) = offered.fault {
        return Outcome::Broken(
            cite(Fault::new(fault))
                .shown_by(message.evidence_of("List-Unsubscribe"))
                .repaired_by(unsubscribe::header_edits()),
        );
    }
    Outcome::Kept
}

fn in_body(facts: &Facts<'_>) -> Option<(&'static str, Evidence)> {
    let views = facts.reading.views.iter();
    let mut links = views.flat_map(|view| unsubscribe::links(view).map(move |link| (view, link)));
    links.find_map(|(view, link)| {
        let because = match &link.target {
            LinkTarget::Https(_) => return None,
            LinkTarget::Mailto(address) if address.contains('@') => return None,
            LinkTarget::Mailto(_) => "link-mailto-empty",
            LinkTarget::Http(_) => "link-http",
            LinkTarget::Nowhere => "link-nowhere",
            LinkTarget::Unexpanded => "link-tag",
            LinkTarget::Other => "link-other",
        };
        Some((because, view.evidence(&facts.reading.message, link.at.clone())))
    })
}
