//! A message that asks to renew consent says who asks, for what, and how to answer. See the page.

use std::borrow::Cow;

use crate::{
    Address, Class, Edit, Facts, Fault, IdentityField, Link, LinkTarget, OnBroken, Outcome, Pack,
    Reason, ReconsentPart, Rule, View, identity, identity::Searched, law, notice, own_link, shown,
    shown::Shown, unsubscribe,
};

pub(super) static RULE: Rule = Rule {
    id: "reconsent-incomplete",
    since: "0.1",
    law: &[&law::CZ_GUIDE, &law::EU_GDPR_7_1, &law::EU_GDPR_13, &law::CA_CASL_10],
    effect: OnBroken::Repair,
    unrepaired: OnBroken::Hold,
    about_recipient: false,
    waivable: true,
    doc: include_str!("reconsent_incomplete.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    if facts.class != Class::ReconsentRequest {
        return Outcome::Outside;
    }
    if facts.packs.is_empty() {
        return Outcome::Undecided { missing: "pack-missing" };
    }
    let alternatives = shown::alternatives(facts.reading);
    let mut outcome = Outcome::Outside;
    for pack in facts.packs.iter().filter(|pack| !pack.terms.reconsent.parts.is_empty()) {
        if alternatives.is_empty() {
            let fault = Fault::new("text-missing-for-request");
            return Outcome::Broken(fault.under(pack, "reconsent.parts"));
        }
        for shown in &alternatives {
            if let Some(fault) = fault(facts, pack, shown) {
                return Outcome::Broken(fault);
            }
        }
        outcome = Outcome::Kept;
    }
    outcome
}

fn fault(facts: &Facts<'_>, pack: &Pack, shown: &Shown<'_>) -> Option<Fault> {
    let parts = pack.terms.reconsent.parts.iter().copied();
    let missing: Vec<ReconsentPart> =
        parts.filter(|part| !has(facts, &shown.views, *part)).collect();
    if missing.is_empty() {
        return None;
    }
    let words: Vec<&str> = missing.iter().map(|part| word(*part)).collect();
    let because = Reason::new("reconsent-incomplete").word("text", shown.word());
    let because = because.words("lacks", &words);
    let fault = Fault::new(because).under(pack, "reconsent.parts");
    // Only where every part can be added: what there is to gain, the sender alone can say.
    let edits: Option<Vec<Edit>> = missing.iter().map(|part| repair(facts, *part)).collect();
    Some(fault.repaired_by(edits.unwrap_or_default()))
}

/// What the relay can write of a part: what policy.toml knows.
fn repair(facts: &Facts<'_>, part: ReconsentPart) -> Option<Edit> {
    let controller = facts.controller();
    match part {
        ReconsentPart::Identity => {
            Some(Edit::AddIdentity { text: identity::footer(controller, facts.packs) })
        }
        ReconsentPart::PrivacyLink => notice::privacy(controller),
        ReconsentPart::Contact => notice::contact(controller),
        ReconsentPart::Benefits | ReconsentPart::Choice => None,
    }
}

fn has(facts: &Facts<'_>, views: &[&View], part: ReconsentPart) -> bool {
    let says = |phrases| views.iter().any(|view| notice::says(view.folded().as_str(), phrases));
    let controller = facts.controller();
    match part {
        ReconsentPart::Identity => {
            let name = controller.needles.of(IdentityField::Name, &controller.name);
            Searched::of(views).names(&name)
        }
        ReconsentPart::Benefits => says(BENEFITS),
        ReconsentPart::PrivacyLink => notice::links_privacy(views, controller),
        ReconsentPart::Choice => {
            views.iter().any(|view| unsubscribe::links(view).next().is_some()) && offers_yes(views)
        }
        ReconsentPart::Contact => {
            let own = identity::wanted(controller, IdentityField::Contact)
                .map(|contact| controller.needles.of(IdentityField::Contact, contact));
            own.is_some_and(|own: Cow<'_, _>| Searched::of(views).names(&own))
                || views.iter().any(|view| gives_contact(view))
        }
    }
}

/// A visible link that says it agrees, or one of the relay's own to renew.
fn offers_yes(views: &[&View]) -> bool {
    let is_yes = |view: &View, link: &Link| {
        let is_ours = |url: &str| own_link::is(url, &["renew"]);
        link.target.web().is_some_and(|url| is_ours(url) || notice::link_says(view, link, YES))
    };
    views.iter().any(|view| view.links.iter().any(|link| link.visible && is_yes(view, link)))
}

/// An e-mail address or a telephone number stands in the text.
fn gives_contact(view: &View) -> bool {
    let is_mail = |link: &Link| matches!(&link.target, LinkTarget::Mailto(to) if to.contains('@'));
    Address::written_in(&view.text).any(|word| Address::parse(word).is_ok())
        || view.text.lines().any(gives_number)
        || view.links.iter().any(|link| link.visible && is_mail(link))
}

/// `+420 777 123 456`, `tel.: 02/1234 5678`.
fn gives_number(line: &str) -> bool {
    let Some(at) = line.find('+').or_else(|| line.to_lowercase().find("tel")) else { return false };
    let rest = line.get(at..).unwrap_or_default();
    rest.bytes().filter(u8::is_ascii_digit).count() >= DIGITS_MIN
}

const DIGITS_MIN: usize = 8;

/// The id of the word for it.
fn word(part: ReconsentPart) -> &'static str {
    match part {
        ReconsentPart::Identity => "request-identity",
        ReconsentPart::Benefits => "request-benefits",
        ReconsentPart::PrivacyLink => "request-privacy-link",
        ReconsentPart::Choice => "request-choice",
        ReconsentPart::Contact => "request-contact",
    }
}

/// Folded, as [`notice::says`] takes them.
static YES: &[&str] = &[
    "souhlas",
    "suhlas",
    "ano ",
    "potvr",
    "obnov",
    "prodlouz",
    "predlz",
    "zustat",
    "zostat",
    "chci dal",
    "chcem dal",
    "yes",
    "agree",
    "confirm",
    "renew",
    "keep me",
    "stay subscribed",
    "stay in",
    "ja ",
    "zustimm",
    "einwillig",
    "bestatig",
    "erneuer",
    "tak ",
    "zgadzam",
    "wyrazam zgod",
    "potwierdz",
    "odnow",
    "przedluz",
];

static BENEFITS: &[&str] = &[
    "vyhod",
    "slev",
    "zlav",
    "nabid",
    "ponuk",
    "novin",
    "tipy",
    "tipov",
    "inspirac",
    "darek",
    "darcek",
    "ziskat",
    "dostanete",
    "dostavat",
    "akce",
    "akci",
    "benefit",
    "advantage",
    "offers",
    "discount",
    "news",
    "tips",
    "you will get",
    "you get",
    "first to know",
    "vorteil",
    "angebot",
    "rabatt",
    "neuigkeit",
    "tipps",
    "korzysc",
    "ofert",
    "rabat",
    "znizk",
    "nowosc",
    "porad",
];
