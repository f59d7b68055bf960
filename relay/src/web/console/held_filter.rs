//! What the URL of a list of held messages asks for, and what its form offers to choose from.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use policy::Address;
use uuid::Uuid;

use super::{decision_filter::scope, guest::Visit, problem::Problem};
use crate::{
    decisions::{self, campaign},
    review::{Filter, State},
    seal::AddressKey,
};

/// What narrows the list.
pub(super) const FILTERS: [&str; 13] = [
    "q",
    "state",
    "rule",
    "stream",
    "login",
    "class",
    "controller",
    "who",
    "to",
    "campaign",
    "message",
    "age",
    "id",
];

/// Days that something is held for at least.
pub(super) const AGES: [&str; 4] = ["1", "3", "7", "10"];

/// What cannot be read narrows nothing; where one person, message or campaign is named so, nothing is
/// found.
pub(super) async fn filter(visit: &Visit) -> Result<Filter, Problem> {
    let query = &visit.query;
    let console = &visit.shared.console;
    let text = |name| query.get(name).map(str::to_owned);
    let mut campaigns = query
        .get("campaign")
        .map(|word| campaign::from_hex(word).into_iter().collect::<Vec<i64>>());
    if let Some(words) = query.get("q") {
        let said = decisions::saying(&console.db, &console.secret, words).await?;
        campaigns = Some(match campaigns {
            Some(asked) => asked.into_iter().filter(|one| said.contains(one)).collect(),
            None => said,
        });
    }
    let days = query.get("age").filter(|age| AGES.contains(age)).and_then(|age| age.parse().ok());
    let until = days.and_then(|days: i64| {
        visit.now.checked_sub(SignedDuration::from_hours(days.saturating_mul(24))).ok()
    });
    Ok(Filter {
        scope: scope(visit),
        ids: query.all("id").filter_map(|id| id.parse().ok()).take(IDS_MAX).collect(),
        rule: query.get("rule").map(|rule| if rule == NO_RULE { "" } else { rule }.to_owned()),
        stream: text("stream"),
        controller: text("controller"),
        login: text("login"),
        class: text("class"),
        campaigns,
        state: query.get("state").and_then(State::parse),
        locked_by: text("who"),
        recipients: query.get("to").map(|to| keys(visit, to)),
        message: query.get("message").map(|id| id.parse().unwrap_or(Uuid::nil())),
        until,
    })
}

/// Of an address, for every controller.
fn keys(visit: &Visit, to: &str) -> Vec<AddressKey> {
    let console = &visit.shared.console;
    let Ok(address) = Address::parse(to) else { return Vec::new() };
    let business = console.business.load();
    let each = business.controllers.iter();
    each.map(|own| console.secret.address_key(&own.id, &address)).collect()
}

/// What there is to choose, of what may be seen.
pub(super) struct Choices {
    pub rules: Vec<String>,
    pub streams: Vec<String>,
    pub logins: Vec<String>,
    pub classes: Vec<String>,
    pub controllers: Vec<String>,
}

impl Choices {
    pub(super) async fn read(visit: &Visit) -> Result<Self, Problem> {
        let console = &visit.shared.console;
        let seen = Filter { scope: scope(visit), ..Filter::default() };
        let groups = console.review.groups(visit.now, &seen, GROUPS_MAX).await?;
        let distinct = |all: BTreeSet<&str>| -> Vec<String> {
            all.into_iter().filter(|one| !one.is_empty()).map(str::to_owned).collect()
        };
        let business = console.business.load();
        let owner = |stream: &str| {
            business.stream(stream).map_or("", |stream| stream.controller.id.as_str())
        };
        Ok(Self {
            rules: distinct(groups.iter().map(|one| one.rule.as_str()).collect()),
            streams: distinct(groups.iter().map(|one| one.stream.as_str()).collect()),
            logins: distinct(groups.iter().map(|one| one.login.as_str()).collect()),
            classes: distinct(groups.iter().map(|one| one.class.as_str()).collect()),
            controllers: distinct(groups.iter().map(|one| owner(&one.stream)).collect()),
        })
    }
}

/// In a URL: held because its edits cannot be made.
pub(super) const NO_RULE: &str = "-";
/// Ticked on one page.
const IDS_MAX: usize = 200;
/// Of which choices are made.
const GROUPS_MAX: usize = 2_000;
