//! `/decisions`: what was decided, newest first: by campaign and rule, or each by itself.

use std::{borrow::Cow, collections::BTreeMap};

use askama::Template;
use axum::http::StatusCode;
use policy::{Class, rules};

use super::{
    Answer, Frame, Visit,
    decision_filter::{Choices, FILTERS, filter, scope},
    paging::{BEFORE, PAGE, Paging},
    query::Query,
};
use crate::{
    decisions::{self, Cursor, Decision, Fate, Filter, Group, Kind, campaign},
    seal::AddressKey,
    web::html::html,
};

#[derive(Template)]
#[template(path = "console/decision_list.html")]
struct Page {
    frame: Frame,
    query: Query,
    choices: Choices,
    /// How many of each, where they can be counted at once.
    sums: Vec<(Fate, u64)>,
    shown: Shown,
    is_filtered: bool,
}

enum Shown {
    Groups(Vec<Group>),
    Each { rows: Vec<Decision>, names: BTreeMap<AddressKey, String>, paging: Paging },
}

pub(super) async fn page(visit: Visit) -> Answer {
    let console = &visit.shared.console;
    let asked = filter(&visit);
    let countable = asked.recipients.is_empty() && asked.message.is_none();
    let is_each = visit.query.is("view", "each") || !countable;
    let shown = if is_each {
        each(&visit, &asked).await?
    } else {
        Shown::Groups(decisions::groups(&console.db, &console.secret, &asked, GROUPS_MAX).await?)
    };
    let kinds = decisions::kinds(&console.db).await?;
    let page = Page {
        frame: visit.frame(),
        choices: Choices::of(&kinds, scope(&visit).as_ref()),
        sums: if countable { sums(&visit, &asked).await? } else { Vec::new() },
        shown,
        is_filtered: visit.query.has_any(&FILTERS),
        query: visit.query.clone(),
    };
    Ok(html(StatusCode::OK, &page))
}

async fn each(visit: &Visit, asked: &Filter) -> Result<Shown, super::problem::Problem> {
    let console = &visit.shared.console;
    let before = visit.query.get(BEFORE).and_then(cursor);
    let found = decisions::find(&console.db, &console.secret, asked, before, PAGE + 1).await?;
    let mut rows = found.decisions;
    let paging = Paging::of("/decisions", &visit.query, &mut rows, |last| {
        format!("{}.{}", last.at.as_millisecond(), last.id)
    });
    let keys = rows.iter().filter_map(|row| row.recipient);
    let names = console.consent.addresses(keys).await?;
    Ok(Shown::Each { rows, names, paging })
}

/// Over all fates, so that what is not shown is not forgotten.
async fn sums(visit: &Visit, asked: &Filter) -> Result<Vec<(Fate, u64)>, super::problem::Problem> {
    let console = &visit.shared.console;
    let all = Filter { fates: Vec::new(), ..asked.clone() };
    let hours = decisions::hours(&console.db, &console.secret, &all).await?;
    let sum = |fate| hours.iter().filter(|one| one.kind.fate == fate).map(|one| one.count).sum();
    Ok(Fate::ALL.into_iter().map(|fate| (fate, sum(fate))).collect())
}

fn cursor(word: &str) -> Option<Cursor> {
    let (at, id) = word.split_once('.')?;
    Some(Cursor { at: at.parse().ok()?, id: id.parse().ok()? })
}

impl Page {
    fn is_each(&self) -> bool {
        matches!(self.shown, Shown::Each { .. })
    }

    /// `what` as the form shows it: without a word it is what was blocked.
    fn is_what(&self, word: &str) -> bool {
        match self.query.get("what") {
            Some(chosen) => chosen == word,
            None if self.query.has_any(&["campaign", "message", "to"]) => word == "any",
            None => word == "blocked",
        }
    }

    /// The single ones of a group.
    fn link_of(&self, group: &Group) -> String {
        let Kind { login, stream, purpose, class, fate, rule, .. } = &group.kind;
        let value = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let some = [
            ("campaign", Some(campaign::hex(group.id))),
            ("login", value(login)),
            ("stream", value(stream)),
            ("purpose", value(purpose)),
            ("class", value(class)),
            ("rule", value(rule)),
        ];
        let mut changes =
            vec![("view", Some("each")), ("what", Some(fate.as_str())), (BEFORE, None)];
        changes.extend(some.iter().map(|(name, value)| (*name, value.as_deref())));
        self.query.url("/decisions", &changes)
    }
}

/// What templates of decisions say alike.
impl Frame {
    /// The duty that the rule holds.
    pub(super) fn duty(&self, rule: &str) -> Cow<'static, str> {
        let found = rules::find(rule);
        found.map_or_else(|| rule.to_owned().into(), |rule| rule.summary(self.words.language))
    }

    pub(super) fn fate(&self, fate: &Fate) -> Cow<'static, str> {
        self.say(fate.text_id())
    }

    /// That another recipient's verdict decided.
    pub(super) fn together(&self, kind: &Kind) -> Option<Cow<'static, str>> {
        kind.is_together().then(|| match kind.fate {
            Fate::Deferred => self.say("console-decision-together-deferred"),
            Fate::Sent | Fate::Repaired | Fate::Held | Fate::Refused | Fate::Stopped => {
                self.say("console-decision-together-refused")
            }
        })
    }

    /// How it looks beside its word.
    pub(super) fn look(&self, fate: &Fate) -> &'static str {
        match fate {
            Fate::Sent | Fate::Repaired => "go",
            Fate::Held | Fate::Deferred => "wait",
            Fate::Refused | Fate::Stopped => "stop",
        }
    }

    pub(super) fn class(&self, class: &str) -> String {
        let known = class.parse().map(|class: Class| self.say(class_text(class)).into_owned());
        known.unwrap_or_else(|()| class.to_owned())
    }
}

fn class_text(class: Class) -> &'static str {
    match class {
        Class::Commercial => "console-class-commercial",
        Class::Greeting => "console-class-greeting",
        Class::ReviewRequest => "console-class-review-request",
        Class::ReconsentRequest => "console-class-reconsent-request",
        Class::OptInConfirmation => "console-class-opt-in-confirmation",
        Class::TechnicalNotice => "console-class-technical-notice",
        Class::Transactional => "console-class-transactional",
        Class::SolicitedReply => "console-class-solicited-reply",
        Class::NonBusiness => "console-class-non-business",
        Class::Mixed => "console-class-mixed",
    }
}

/// The newest ones; a narrower filter shows the others.
const GROUPS_MAX: usize = 100;
