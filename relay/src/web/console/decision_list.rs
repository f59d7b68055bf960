//! `/decisions`: what was decided, newest first: by campaign and rule, or each by itself.

use std::{borrow::Cow, collections::BTreeMap};

use askama::Template;
use axum::http::StatusCode;
use policy::{Class, rules};

use super::{
    Answer, Frame, Visit,
    decision_export::ROWS_MAX,
    decision_filter::{Choices, FILTERS, filter, scope},
    filter_save,
    paging::{BEFORE, PAGE, Paging},
    problem::Problem,
    query::Query,
};
use crate::{
    decisions::{Cursor, Decision, Fate, Group, Kind, Search, campaign},
    seal::AddressKey,
    staff::Saved,
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
    /// More than a file may hold.
    is_too_much: bool,
    shown: Shown,
    is_filtered: bool,
    /// Its filters that have a name.
    saved: Vec<Saved>,
    path: &'static str,
}

enum Shown {
    Groups(Vec<Group>),
    Each { rows: Vec<Decision>, names: BTreeMap<AddressKey, String>, paging: Paging },
}

pub(super) async fn page(visit: Visit) -> Answer {
    let console = &visit.shared.console;
    let asked = filter(&visit);
    let fates = asked.fates.clone();
    let countable = asked.recipients.is_empty() && asked.message.is_none();
    let is_each = visit.query.is("view", "each") || !countable;
    let search = Search::open(&console.db, &console.secret, asked).await?;
    let shown = if is_each {
        each(&visit, &search).await?
    } else {
        Shown::Groups(search.groups(GROUPS_MAX).await?)
    };
    let sums = if countable { sums(&search).await? } else { Vec::new() };
    let is_asked = |fate: &Fate| fates.is_empty() || fates.contains(fate);
    let asked: u64 = sums.iter().filter(|(fate, _)| is_asked(fate)).map(|(_, count)| count).sum();
    let page = Page {
        frame: visit.frame(),
        choices: Choices::of(search.kinds(), scope(&visit).as_ref()),
        is_too_much: usize::try_from(asked).is_ok_and(|asked| asked > ROWS_MAX),
        sums,
        shown,
        is_filtered: visit.query.has_any(&FILTERS),
        saved: filter_save::of(&visit, PATH).await?,
        path: PATH,
        query: visit.query.clone(),
    };
    Ok(html(StatusCode::OK, &page))
}

async fn each(visit: &Visit, search: &Search) -> Result<Shown, Problem> {
    let before = visit.query.get(BEFORE).and_then(cursor);
    let mut rows = search.page(before, PAGE + 1).await?.decisions;
    let paging = Paging::of("/decisions", &visit.query, &mut rows, |last| {
        format!("{}.{}", last.at.as_millisecond(), last.id)
    });
    let keys = rows.iter().filter_map(|row| row.recipient);
    let names = visit.shared.console.consent.addresses(keys).await?;
    Ok(Shown::Each { rows, names, paging })
}

async fn sums(search: &Search) -> Result<Vec<(Fate, u64)>, Problem> {
    let kinds = search.sums().await?;
    let sum = |fate| kinds.iter().filter(|(one, _)| one.fate == fate).map(|(_, count)| count).sum();
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

pub(super) fn class_text(class: Class) -> &'static str {
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

const PATH: &str = "/decisions";
/// The newest ones; a narrower filter shows the others.
const GROUPS_MAX: usize = 100;
