//! A commercial message says in whose favour it is sent. See the page.

use std::{borrow::Cow, cell::OnceCell};

use crate::{
    Controller, Edit, Facts, Fault, IdentityField, OnBroken, Outcome, Pack, Reason, Rule, identity,
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

pub(super) fn check(facts: &Facts<'_>) -> Outcome {
    let packs = match super::bound(facts, |terms| terms.identity.on_transactional) {
        Ok(packs) => packs,
        Err(outcome) => return outcome,
    };
    let mut packs = packs.filter(|pack| !pack.terms.identity.fields.is_empty()).peekable();
    if packs.peek().is_none() {
        return Outcome::Outside;
    }
    let alternatives: Vec<Alternative<'_>> = shown::alternatives(facts.reading)
        .into_iter()
        .map(|shown| Alternative { shown, searched: OnceCell::new() })
        .collect();
    let mut outcome = Outcome::Outside;
    for pack in packs {
        let fault = fault(facts, pack, &alternatives)
            .map(|fault| super::cite_for_others(fault, facts, pack, "identity.on-transactional"));
        match (fault, &outcome) {
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
    let terms = &pack.terms.identity;
    if terms.link_is_enough && is_linked(controller, alternatives) {
        return None;
    }
    for field in &terms.fields {
        if let Some(because) = unusable(controller, pack, *field) {
            return Some(Fault::new(because).under(pack, "identity.fields"));
        }
    }
    let edit = || Edit::AddIdentity { text: identity::footer(controller, facts.packs) };
    if alternatives.is_empty() {
        let fault = Fault::new("text-missing-for-identity");
        return Some(fault.under(pack, "identity.fields").repaired_by([edit()]));
    }
    let needle = |field: &IdentityField| {
        let wanted = identity::wanted(controller, *field)?;
        Some((*field, controller.needles.of(*field, wanted)))
    };
    let needles: Vec<(IdentityField, Cow<'_, Needle>)> =
        terms.fields.iter().chain(&terms.if_known).filter_map(needle).collect();
    for alternative in alternatives {
        let missing: Vec<&str> = needles
            .iter()
            .filter(|(_, needle)| !alternative.names(needle))
            .map(|(field, _)| identity::word(*field))
            .collect();
        if !missing.is_empty() {
            let because = Reason::new("identity-missing").word("text", alternative.shown.word());
            let fault = Fault::new(because.words("lacks", &missing)).under(pack, "identity.fields");
            return Some(fault.repaired_by([edit()]));
        }
    }
    None
}

/// Why the policy cannot say what the field should hold.
fn unusable(controller: &Controller, pack: &Pack, field: IdentityField) -> Option<Reason> {
    if identity::is_unknown(controller, pack, field) {
        return Some(Reason::new("identity-unknown").word("field", identity::word(field)));
    }
    let wanted = identity::wanted(controller, field)?;
    let is_number = field == IdentityField::CompanyId;
    (is_number && identity::company_id_fault(controller.country, wanted).is_some())
        .then(|| Reason::new("company-id-wrong"))
}

/// Every alternative names the controller and links to the rest.
fn is_linked(controller: &Controller, alternatives: &[Alternative<'_>]) -> bool {
    let name = controller.needles.of(IdentityField::Name, &controller.name);
    !alternatives.is_empty()
        && alternatives.iter().all(|one| identity::is_linked(&one.shown.views) && one.names(&name))
}

impl Alternative<'_> {
    fn names(&self, needle: &Needle) -> bool {
        self.searched.get_or_init(|| Searched::of(&self.shown.views)).names(needle)
    }
}
