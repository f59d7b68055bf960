//! `/queue`: what waits, by the recipient's domain, and the orders about it.

use askama::Template;
use axum::http::StatusCode;

use super::{
    Answer, Frame, Visit,
    audit_list::Names,
    paging::{BEFORE, PAGE, Paging},
    query::Query,
    queue_filter::{Choices, FILTERS, asked},
};
use crate::{
    complaints,
    config::OTHERWISE,
    spool::{Group, Order, Slowed, Stand, Sums, What, Which},
    staff::Action,
    web::html::html,
};

#[derive(Template)]
#[template(path = "console/queue_list.html")]
struct Page {
    frame: Frame,
    query: Query,
    choices: Choices,
    sums: Sums,
    groups: Vec<Group>,
    paging: Paging,
    orders: Vec<Order>,
    past: Vec<Order>,
    slowed: Vec<Slowed>,
    names: Names,
    is_filtered: bool,
    may_change: bool,
}

pub(super) async fn page(visit: Visit) -> Answer {
    let spool = &visit.shared.console.spool;
    let asked = asked(&visit);
    let after = visit.query.get(BEFORE).and_then(place);
    let (sums, mut groups) = spool.groups(visit.now, &asked, after, PAGE + 1).await?;
    let paging = Paging::of("/queue", &visit.query, &mut groups, |last| {
        let (count, domain) = last.place;
        format!("{count}_{domain}")
    });
    // Orders are the installation's: they name domains and reasons of all controllers.
    let sees_all = asked.scope.is_none();
    let page = Page {
        frame: visit.frame(),
        choices: Choices::read(&visit).await?,
        sums,
        groups,
        paging,
        orders: if sees_all { spool.orders().await? } else { Vec::new() },
        past: if sees_all { spool.past_orders(PAST_MAX).await? } else { Vec::new() },
        slowed: if sees_all { spool.slowed().await? } else { Vec::new() },
        names: Names::read(&visit).await?,
        is_filtered: visit.query.has_any(&FILTERS),
        may_change: visit.may(Action::ChangeQueue),
        query: visit.query.clone(),
    };
    Ok(html(StatusCode::OK, &page))
}

/// Behind which a page begins.
fn place(text: &str) -> Option<(u64, i64)> {
    let (count, domain) = text.split_once('_')?;
    Some((count.parse().ok()?, domain.parse().ok()?))
}

impl Page {
    /// The single ones of a domain; in one state, where one is named.
    fn link_of(&self, group: &Group, stand: Option<&Stand>) -> String {
        let mut changes = vec![("domain", group.domain.as_deref()), (BEFORE, None), ("done", None)];
        changes.extend(stand.map(|stand| ("state", Some(stand.as_str()))));
        self.query.url("/queue/each", &changes)
    }

    /// How many are where, of those that are there.
    fn counts(&self, group: &Group) -> Vec<(Stand, u64)> {
        let all = Stand::ALL.map(|stand| (stand, group.sums.of(stand)));
        all.into_iter().filter(|(_, count)| *count > 0).collect()
    }

    fn order_about(&self, group: &Group) -> String {
        let changes = [("domain", group.domain.as_deref()), (BEFORE, None), ("done", None)];
        self.query.url("/queue/order", &changes)
    }

    /// In its person's words, or the relay's own.
    fn why(&self, order: &Order) -> String {
        if order.by == complaints::BY { self.frame.line(&order.why) } else { order.why.clone() }
    }

    fn order_about_all(&self) -> String {
        let all = (!self.is_filtered).then_some("yes");
        self.query.url("/queue/order", &[("all", all), (BEFORE, None), ("done", None)])
    }
}

/// What templates of the queue say alike.
impl Frame {
    /// How a state looks beside its word.
    pub(super) fn stand_look(&self, stand: &Stand) -> &'static str {
        match stand {
            Stand::Due | Stand::Claimed => "go",
            Stand::Waiting => "",
            Stand::Paused => "stop",
            Stand::Held => "wait",
        }
    }

    pub(super) fn attempts<N: Copy + Into<u64>>(&self, count: &N) -> String {
        self.with("console-queue-attempts", &[("count", (*count).into().into())])
    }

    /// What an order is about, in words.
    pub(super) fn which(&self, which: &Which) -> String {
        let delivery = which.delivery.map(|id| id.to_string());
        let parts = [
            ("console-queue-domain", &which.domain),
            ("console-decision-stream", &which.stream),
            ("console-decision-login", &which.login),
            ("console-queue-delivery", &delivery),
        ];
        let said = parts
            .iter()
            .filter_map(|(id, value)| Some(format!("{}: {}", self.say(id), value.as_ref()?)));
        let said: Vec<String> = said.collect();
        if said.is_empty() { self.say("console-queue-everything").into() } else { said.join(", ") }
    }

    /// Which way a rebind sends.
    pub(super) fn way(&self, route: Option<&str>) -> String {
        match route {
            None => self.say("console-order-to-chosen").into(),
            Some(OTHERWISE) => self.say("console-order-to-otherwise").into(),
            Some(name) => name.to_owned(),
        }
    }

    /// What an order does; of a rebind also where to.
    pub(super) fn what_of(&self, order: &Order) -> String {
        let what = self.say(order.what.text_id());
        match order.what {
            What::Rebind => format!("{what}: {}", self.way(order.how.route.as_deref())),
            What::Pause | What::Retry | What::Bounce => what.into(),
        }
    }

    /// Of an order: text of its button that ends it.
    pub(super) fn end_of(&self, what: &What) -> &'static str {
        match what {
            What::Pause => "console-order-resume",
            What::Retry | What::Rebind | What::Bounce => "console-order-cancel",
        }
    }
}

const PAST_MAX: usize = 10;
