//! `/senders`: the logins of mailing tools: what each may do, when and from where it sent last, and
//! what became of it.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::http::StatusCode;
use jiff::Timestamp;

use super::{Answer, Frame, Visit, problem::Problem};
use crate::{
    decisions::{Filter, Hour, Search},
    figures::{Days, Decided, Sum},
    login::{Seen, Stored, Told, store},
    web::html::html,
};

#[derive(Template)]
#[template(path = "console/sender_list.html")]
struct Page {
    frame: Frame,
    senders: Vec<Sender>,
}

/// One login, on record or known by its network address.
pub(super) struct Sender {
    pub name: String,
    /// `None`: relay.toml trusts its network, or it was removed.
    pub stored: Option<Stored>,
    pub seen: Option<(Timestamp, Told)>,
    /// Controllers and their streams that it wrote for within the longer time.
    pub wrote_for: BTreeSet<(String, String)>,
    pub week: Sum,
    pub month: Sum,
}

impl Sender {
    /// Of its state: text, look.
    pub(super) fn state(&self) -> (&'static str, &'static str) {
        match &self.stored {
            None => ("console-sender-by-address", "wait"),
            Some(stored) if stored.disabled => ("console-sender-suspended", "stop"),
            Some(_) => ("console-sender-active", "go"),
        }
    }

    pub(super) fn last(&self) -> Option<Timestamp> {
        let used = self.stored.as_ref().and_then(|stored| stored.last_used_at);
        self.seen.as_ref().map(|(at, _)| *at).max(used)
    }
}

pub(super) async fn page(visit: Visit) -> Answer {
    let page = Page { frame: visit.frame(), senders: senders(&visit).await? };
    Ok(html(StatusCode::OK, &page))
}

/// All that are on record or sent something of late, by name.
pub(super) async fn senders(visit: &Visit) -> Result<Vec<Sender>, Problem> {
    let console = &visit.shared.console;
    let month = Days::of(visit.now, visit.zone(), 30);
    let filter = Filter { from: Some(month.span.from), ..Filter::default() };
    let hours = Search::open(&console.db, &console.secret, filter).await?.hours().await?;
    let week = sums(&hours, &Days::of(visit.now, visit.zone(), 7));
    let month = sums(&hours, &month);
    let mut seen = Seen::all(&console.db, &console.secret).await?;
    let stored = store::list(&console.db).await?;
    let mut stored: BTreeMap<String, Stored> =
        stored.into_iter().map(|one| (one.login.name.clone(), one)).collect();
    let names: BTreeSet<String> =
        stored.keys().chain(seen.keys()).chain(month.keys()).cloned().collect();
    let of = |sums: &BTreeMap<String, Sum>, name: &str| sums.get(name).copied().unwrap_or_default();
    let told = names.into_iter().filter(|name| !name.is_empty()).map(|name| Sender {
        stored: stored.remove(&name),
        seen: seen.remove(&name),
        wrote_for: hours
            .iter()
            .filter(|hour| hour.kind.login == name)
            .map(|hour| (hour.kind.controller.clone(), hour.kind.stream.clone()))
            .collect(),
        week: of(&week, &name),
        month: of(&month, &name),
        name,
    });
    Ok(told.collect())
}

fn sums(hours: &[Hour], days: &Days) -> BTreeMap<String, Sum> {
    Decided::of(hours, days.first, days.last, &days.zone).logins.into_iter().collect()
}
