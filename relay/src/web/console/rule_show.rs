//! `/policy/rules/{id}`: one rule: what it asks, where that is written, what breaking it may cost, and
//! what becomes of a message that does; of one that only reports, what it would have done.

use std::{borrow::Cow, sync::Arc};

use askama::Template;
use axum::http::StatusCode;
use policy::{Citation, OnBroken, Pack, Rule, rules};

use super::{
    Answer, Frame, Visit,
    doc::{Paragraph, paragraphs},
    guest::Path,
    policy_try::{Span, compared},
    problem::{MISSING, Problem},
};
use crate::{
    config::Business,
    judge::Told,
    staff::{Action, Reach},
    web::html::html,
};

#[derive(Template)]
#[template(path = "console/rule_show.html")]
struct Page {
    frame: Frame,
    rule: &'static Rule,
    on_broken: OnBroken,
    streams: Vec<Stream>,
    packs: Vec<Bound>,
    /// Where it only reports.
    shadow: Option<Shadow>,
}

/// What would have been, had it acted.
struct Shadow {
    set: OnBroken,
    decided: usize,
    /// What would have become of messages that broke it, and of how many.
    would: Vec<(Told, u64)>,
}

/// What is asked for there.
struct Stream {
    id: String,
    controller: String,
    on_broken: OnBroken,
    /// It sets that itself.
    is_own: bool,
    /// `cz 2023-03-23`.
    packs: String,
}

/// A country's law, as far as it stands behind the rule.
struct Bound {
    pack: String,
    law: Vec<&'static Citation>,
    authority: String,
    penalty: String,
}

pub(super) async fn page(visit: Visit, Path(id): Path<String>) -> Answer {
    let rule = rules::find(&id).ok_or(MISSING)?;
    let business = visit.shared.console.business.load_full();
    let page = Page {
        frame: visit.frame(),
        rule,
        on_broken: business.policy.on_broken(rule),
        streams: streams(&visit, &business, rule),
        packs: bound(&visit, &business, rule),
        shadow: shadow(&visit, &business, rule).await?,
    };
    Ok(html(StatusCode::OK, &page))
}

fn streams(visit: &Visit, business: &Business, rule: &'static Rule) -> Vec<Stream> {
    let reach = visit.reach(Action::SeePolicy);
    let all = business.streams.iter().map(|mapping| &mapping.stream);
    let own = all.filter(|stream| reach.holds_controller(&stream.controller.id));
    own.map(|stream| {
        let country = stream.controller.country;
        let recipients = stream.controller.recipients;
        let packs = Pack::applying(&business.policy.packs, visit.now, country, recipients);
        let packs: Vec<String> = packs.into_iter().map(named).collect();
        let on_broken = business.policy.on_broken_in(stream, rule);
        Stream {
            id: stream.id.clone(),
            controller: stream.controller.id.clone(),
            on_broken,
            is_own: stream.sets(rule, on_broken),
            packs: packs.join(", "),
        }
    })
    .collect()
}

/// Other rules, and streams that only report or set it themselves, stay as they are.
async fn shadow(
    visit: &Visit,
    business: &Arc<Business>,
    rule: &'static Rule,
) -> Result<Option<Shadow>, Problem> {
    if business.policy.on_broken(rule) != OnBroken::Report {
        return Ok(None);
    }
    let set = match rule.effect {
        OnBroken::Report | OnBroken::Off => OnBroken::Hold,
        set @ (OnBroken::Repair | OnBroken::Hold | OnBroken::Reject) => set,
    };
    let mut acting = Business::clone(business);
    acting.policy.rules.insert(rule.id.to_owned(), set);
    let compared = compared(visit, &acting, Span::SHADOW).await?;
    let of_rule = compared.broken.iter().filter(|((id, _), _)| id == rule.id);
    let would = of_rule.map(|((_, would), count)| (*would, *count)).collect();
    Ok(Some(Shadow { set, decided: compared.decided, would }))
}

/// Of the controllers' own countries first, then of all others that are known.
fn bound(visit: &Visit, business: &Business, rule: &'static Rule) -> Vec<Bound> {
    let reach = visit.reach(Action::SeePolicy);
    let is_seen = |id: &str| reach == Reach::Everything || reach.holds_controller(id);
    let own = business.controllers.iter().filter(|one| is_seen(&one.id));
    let own: Vec<_> = own.map(|controller| controller.country).collect();
    let mut ids: Vec<&str> = business.policy.packs.iter().map(|pack| pack.id.as_str()).collect();
    ids.dedup();
    let in_force = |id: &str| Pack::in_force(&business.policy.packs, id, visit.now);
    let mut packs: Vec<&Pack> = ids.into_iter().filter_map(in_force).collect();
    packs.sort_by_key(|pack| !own.contains(&pack.country));
    let bound = packs.into_iter().map(|pack| Bound {
        pack: named(pack),
        law: rule.law_under(&[pack]),
        authority: pack.terms.penalty.authority.clone(),
        penalty: pack.terms.penalty.note.clone(),
    });
    bound.filter(|bound| !bound.law.is_empty()).collect()
}

fn named(pack: &Pack) -> String {
    format!("{} {}", pack.id, pack.version)
}

impl Page {
    fn duty(&self) -> Cow<'static, str> {
        self.rule.summary(self.frame.words.language)
    }

    fn counted(&self, shadow: &Shadow) -> String {
        let number = |count: u64| self.frame.count(&count);
        let decided = number(u64::try_from(shadow.decided).unwrap_or(u64::MAX));
        let broken = number(shadow.would.iter().map(|(_, count)| count).sum());
        let set = self.frame.on_broken(&shadow.set);
        let values = [
            ("decided", decided.into()),
            ("broken", broken.into()),
            ("set", set.into_owned().into()),
        ];
        self.frame.with("console-rule-shadow-counted", &values)
    }

    fn by_hand(&self) -> Vec<Paragraph<'static>> {
        paragraphs(self.rule.by_hand(self.frame.words.language))
    }

    /// What else stands on the rule's own page, in English.
    fn parts(&self) -> [(&'static str, Vec<Paragraph<'static>>); 2] {
        [("console-rule-duty", "## Duty"), ("console-rule-limits", "## Limits")]
            .map(|(text, heading)| (text, paragraphs(self.rule.part(heading))))
    }
}
