//! `/law`: every section that a rule stands on, with who read it where, what a breach may cost, and
//! which rules ask for it. Reasons on other pages lead to their section here.

use std::borrow::Cow;

use askama::Template;
use axum::http::StatusCode;
use policy::{
    Citation, Pack, PenaltyTerms, Rule,
    law::{LAWS, Law},
    rules,
};

use super::{Answer, Frame, Visit};
use crate::web::html::html;

#[derive(Template)]
#[template(path = "console/law_list.html")]
struct Page {
    frame: Frame,
    laws: Vec<Shown>,
}

/// One country's.
struct Shown {
    law: &'static Law,
    /// As the packs of today have it.
    penalties: Vec<PenaltyTerms>,
}

pub(super) async fn page(visit: Visit) -> Answer {
    let business = visit.shared.console.business.load();
    let now = visit.now;
    let shown = |law: &&'static Law| {
        let own = |pack: &&Pack| format!("{}-", pack.id) == law.prefix;
        let mut ids: Vec<&str> =
            business.policy.packs.iter().filter(own).map(|pack| pack.id.as_str()).collect();
        ids.dedup();
        let packs =
            ids.into_iter().filter_map(|id| Pack::in_force(&business.policy.packs, id, now));
        Shown { law, penalties: packs.map(|pack| pack.terms.penalty.clone()).collect() }
    };
    let page = Page { frame: visit.frame(), laws: LAWS.iter().map(shown).collect() };
    Ok(html(StatusCode::OK, &page))
}

impl Page {
    /// Of which country, in the staff member's language.
    fn country(&self, law: &Law) -> Cow<'static, str> {
        self.frame.say(match law.prefix {
            "eu-" => "console-law-eu",
            "cz-" => "console-law-cz",
            "sk-" => "console-law-sk",
            "de-" => "console-law-de",
            "at-" => "console-law-at",
            "pl-" => "console-law-pl",
            "uk-" => "console-law-uk",
            "us-" => "console-law-us",
            "ca-" => "console-law-ca",
            "au-" => "console-law-au",
            "" => "console-law-technical",
            _ => return law.name.into(),
        })
    }

    /// The rules that ask for it.
    fn rules(&self, citation: &Citation) -> Vec<&'static Rule> {
        let asks = |rule: &&&'static Rule| rule.law.iter().any(|own| own.id == citation.id);
        rules::ALL.iter().filter(asks).copied().collect()
    }

    fn not_covered(&self, law: &Law, citation: &Citation) -> Option<&'static str> {
        law.not_covered.iter().find(|(id, _)| *id == citation.id).map(|(_, why)| *why)
    }
}
