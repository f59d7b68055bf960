//! `/held`: what waits for a person, the oldest first: by campaign and rule, or each by itself.

use std::{borrow::Borrow, collections::BTreeMap};

use askama::Template;
use axum::http::StatusCode;
use uuid::Uuid;

use super::{
    Answer, Frame, Visit,
    audit_list::Names,
    held_filter::{AGES, Choices, FILTERS, NO_RULE, filter},
    paging::{BEFORE, PAGE, Paging},
    problem::Problem,
    query::Query,
};
use crate::{
    decisions::{self, Told, campaign},
    review::{Count, Filter, Group, Held, State},
    staff::Action,
    web::html::html,
};

#[derive(Template)]
#[template(path = "console/held_list.html")]
struct Page {
    frame: Frame,
    query: Query,
    choices: Choices,
    count: Count,
    shown: Shown,
    campaigns: BTreeMap<i64, Told>,
    names: Names,
    is_filtered: bool,
    may_decide: bool,
}

enum Shown {
    Groups(Vec<Group>),
    Each { rows: Vec<Held>, to: BTreeMap<Uuid, String>, paging: Paging },
}

pub(super) async fn page(visit: Visit) -> Answer {
    let console = &visit.shared.console;
    let asked = filter(&visit).await?;
    let narrow = ["to", "message", "campaign", "who", "state", "id"];
    let is_each = visit.query.is("view", "each")
        || visit.query.get("view").is_none() && visit.query.has_any(&narrow);
    let (shown, ids) = if is_each {
        each(&visit, &asked).await?
    } else {
        let groups = console.review.groups(visit.now, &asked, GROUPS_MAX).await?;
        let ids: Vec<i64> = groups.iter().map(|one| one.campaign).collect();
        (Shown::Groups(groups), ids)
    };
    let page = Page {
        frame: visit.frame(),
        choices: Choices::read(&visit).await?,
        count: console.review.count(visit.now, &asked).await?,
        shown,
        campaigns: told(&visit, ids).await?,
        names: Names::read(&visit).await?,
        is_filtered: visit.query.has_any(&FILTERS),
        may_decide: visit.may(Action::Decide),
        query: visit.query.clone(),
    };
    Ok(html(StatusCode::OK, &page))
}

async fn each(visit: &Visit, asked: &Filter) -> Result<(Shown, Vec<i64>), Problem> {
    let console = &visit.shared.console;
    let after = visit.query.get(BEFORE).and_then(|after| after.parse().ok());
    let mut rows = console.review.list(visit.now, asked, after, PAGE + 1).await?;
    let paging = Paging::of("/held", &visit.query, &mut rows, |last| last.id.to_string());
    let to = console.spool.mailboxes(rows.iter().map(|row| row.id).collect()).await?;
    let campaigns = rows.iter().map(|row| row.campaign).collect();
    Ok((Shown::Each { rows, to, paging }, campaigns))
}

/// What the messages of these campaigns share.
pub(super) async fn told(
    visit: &Visit,
    ids: impl IntoIterator<Item = i64>,
) -> Result<BTreeMap<i64, Told>, Problem> {
    let console = &visit.shared.console;
    let mut ids: Vec<i64> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    let found = decisions::campaigns(&console.db, &console.secret, ids).await?;
    Ok(found.into_iter().map(|one| (one.id, one.told)).collect())
}

impl Page {
    fn is_each(&self) -> bool {
        matches!(self.shown, Shown::Each { .. })
    }

    fn campaign(&self, id: &i64) -> Option<&Told> {
        self.campaigns.get(id)
    }

    /// How many in each state, and its filter.
    fn sums(&self) -> [(State, u64); 3] {
        let Count { new, in_review, awaiting_second } = self.count;
        [(State::New, new), (State::InReview, in_review), (State::AwaitingSecond, awaiting_second)]
    }

    /// All that is shown, and what comes after it.
    fn link_of_all(&self) -> String {
        let all = (!self.is_filtered).then_some("yes");
        let gone = [("all", all), ("view", None), (BEFORE, None), ("done", None)];
        self.query.url("/held/bulk", &gone)
    }

    fn tick(&self, to: &BTreeMap<Uuid, String>, row: &Held) -> String {
        let to = to.get(&row.id).map_or("–", String::as_str);
        self.frame.with("console-bulk-tick", &[("to", to.into())])
    }

    /// The single ones of a group.
    fn link_of(&self, group: &Group) -> String {
        let rule = if group.rule.is_empty() { NO_RULE } else { &group.rule };
        let campaign = campaign::hex(group.campaign);
        let changes = [
            ("view", Some("each")),
            ("campaign", Some(campaign.as_str())),
            ("rule", Some(rule)),
            ("stream", Some(&group.stream)),
            ("login", Some(&group.login)),
            ("class", Some(&group.class)),
            (BEFORE, None),
            ("done", None),
        ];
        self.query.url("/held", &changes)
    }
}

/// What templates of held messages say alike.
impl Frame {
    pub(super) fn days(&self, days: &str) -> String {
        let days: i64 = days.parse().unwrap_or_default();
        self.with("console-held-days", &[("count", days.into())])
    }

    /// How a state looks beside its word.
    pub(super) fn state_look(&self, state: impl Borrow<State>) -> &'static str {
        match state.borrow() {
            State::New => "",
            State::InReview => "go",
            State::AwaitingSecond => "wait",
        }
    }
}

/// The oldest ones; a narrower filter shows the others.
const GROUPS_MAX: usize = 200;
