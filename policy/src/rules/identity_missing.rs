//! A commercial message says in whose favour it is sent. See the page.

use std::{borrow::Cow, cell::OnceCell};

use crate::{
    Edit, Facts, Fault, IdentityField, OnBroken, Outcome, Pack, Rule, identity,
    identity::{Needle, Searched},
    law,
    shown::{self, Shown},
};

pub(super) static RULE: Rule = Rule {
    id: "identity-missing",
    since: "0.1",
    law: &[
        &law::CZ_480_7_4_B,
        &law::CZ_480_11,
        &law::CZ_89_435,
        &law::CZ_UOOU_2019,
        &law::SK_22_4,
        &law::SK_513_3A,
        &law::SK_452_116_ID,
        &law::EU_EPRIVACY_13_4,
        &law::EU_ECOMMERCE_6,
        &law::EU_ECOMMERCE_5,
        &law::DE_UWG_7_2_3,
        &law::DE_DDG_5,
        &law::DE_GMBHG_35A,
        &law::DE_HGB_37A,
        &law::DE_IMPRESSUM,
        &law::AT_TKG_174_5,
        &law::AT_ECG_5,
        &law::AT_UGB_14,
        &law::PL_USUDE_9_2,
        &law::PL_KSH_206,
        &law::UK_PECR_23,
        &law::UK_NAMES_2015,
        &law::US_7704_A_5,
        &law::CA_CASL_6_2,
        &law::CA_CASL_6_6,
        &law::CA_CRTC_2,
        &law::AU_SPAM_17,
        &law::AU_SPAM_SCH_1,
    ],
    effect: OnBroken::Repair,
    unrepaired: OnBroken::Reject,
    about_recipient: false,
    waivable: true,
    doc: include_str!("identity_missing.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    if let Some(outcome) = super::unless_commercial(facts) {
        return outcome;
    }
    let alternatives: Vec<Alternative<'_>> = shown::alternatives(facts.reading)
        .into_iter()
        .map(|shown| Alternative { shown, searched: OnceCell::new() })
        .collect();
    let mut outcome = Outcome::Outside;
    for pack in facts.commercial_packs().filter(|pack| !pack.terms.identity.fields.is_empty()) {
        match (fault(facts, pack, &alternatives), &outcome) {
            // What no edit repairs is the stricter finding, whichever law asks for it.
            (Some(fault), _) if fault.edits.is_empty() => return Outcome::Broken(fault),
            (_, Outcome::Broken(_)) => {}
            (Some(fault), _) => outcome = Outcome::Broken(fault),
            (None, _) => outcome = Outcome::Kept,
        }
    }
    outcome
}

/// What one kind of mail program shows, made ready where something is looked for in it.
struct Alternative<'a> {
    shown: Shown<'a>,
    searched: OnceCell<Searched<'a>>,
}

fn fault(facts: &Facts<'_>, pack: &Pack, alternatives: &[Alternative<'_>]) -> Option<Fault> {
    let controller = facts.controller();
    let fields = &pack.terms.identity.fields;
    for field in fields {
        let name = identity::name(*field);
        let Some(wanted) = identity::wanted(controller, *field) else {
            if pack.country != controller.country && is_home_entry(*field) {
                continue;
            }
            let because = format!("the policy does not know {name} of the controller: add it");
            return Some(Fault::new(because).under(pack, "identity.fields"));
        };
        if *field == IdentityField::CompanyId && !identity::may_be_company_id(controller, wanted) {
            let because = "the controller's company id in the policy is not one: correct it";
            return Some(Fault::new(because).under(pack, "identity.fields"));
        }
    }
    let edit = || Edit::AddIdentity { text: identity::footer(controller, facts.packs) };
    if alternatives.is_empty() {
        let fault = Fault::new("there is no text in which the sender could be named");
        return Some(fault.under(pack, "identity.fields").repaired_by([edit()]));
    }
    let needle = |field: &IdentityField| {
        let wanted = identity::wanted(controller, *field)?;
        Some((*field, controller.needles.of(*field, wanted)))
    };
    let if_known = &pack.terms.identity.if_known;
    let needles: Vec<(IdentityField, Cow<'_, Needle>)> =
        fields.iter().chain(if_known).filter_map(needle).collect();
    for Alternative { shown, searched } in alternatives {
        let searched = searched.get_or_init(|| Searched::of(&shown.views));
        let missing: Vec<&str> = needles
            .iter()
            .filter(|(_, needle)| !searched.names(needle))
            .map(|(field, _)| identity::name(*field))
            .collect();
        if !missing.is_empty() {
            let because = [shown.name(), " does not give ", &listed(&missing)].concat();
            let fault = Fault::new(because).under(pack, "identity.fields");
            return Some(fault.repaired_by([edit()]));
        }
    }
    None
}

/// What a register of the controller's own country gave it; where that gives none, the recipient's
/// law cannot have it.
fn is_home_entry(field: IdentityField) -> bool {
    match field {
        IdentityField::CompanyId | IdentityField::Register | IdentityField::VatId => true,
        IdentityField::Name
        | IdentityField::Seat
        | IdentityField::Representative
        | IdentityField::Contact => false,
    }
}

fn listed(names: &[&str]) -> String {
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, first)) => [&first.join(", "), " and ", last].concat(),
        None => String::new(),
    }
}
