//! What the URL of a list of decisions asks for, and what its form offers to choose from.

use std::collections::BTreeSet;

use policy::{Address, law, rules};
use uuid::Uuid;

use super::{guest::Visit, query::Query};
use crate::{
    decisions::{Fate, Filter, Kinds, Scope, campaign},
    figures,
};

/// What narrows the list.
pub(super) const FILTERS: [&str; 14] = [
    "q",
    "what",
    "rule",
    "law",
    "stream",
    "purpose",
    "class",
    "login",
    "controller",
    "to",
    "message",
    "campaign",
    "from",
    "until",
];

/// What the role lets see.
pub(super) fn scope(visit: &Visit) -> Option<Scope> {
    figures::scope(&visit.account().rights)
}

/// What cannot be read narrows nothing; where one person, message or campaign is named so, nothing is
/// found.
pub(super) fn filter(visit: &Visit) -> Filter {
    let (query, zone) = (&visit.query, visit.zone());
    let text = |name| query.get(name).map(str::to_owned);
    let mut asked = Filter {
        scope: scope(visit),
        controller: text("controller"),
        login: text("login"),
        stream: text("stream"),
        purpose: text("purpose"),
        class: text("class"),
        fates: fates(query),
        rules: text("rule").into_iter().collect(),
        campaign: query.get("campaign").and_then(campaign::from_hex),
        words: text("q"),
        recipients: Vec::new(),
        message: query.get("message").map(|id| id.parse().unwrap_or_default()),
        from: query.day("from", &zone),
        until: query.day_after("until", &zone),
    };
    if let Some(law) = query.get("law") {
        let under = under(law);
        asked.rules = match asked.rules.pop() {
            Some(rule) if !under.contains(&rule) => vec![String::from(NO_RULE)],
            Some(rule) => vec![rule],
            None => under,
        };
    }
    if let Some(to) = query.get("to") {
        let business = visit.shared.console.business.load();
        let secret = &visit.shared.console.secret;
        let address = Address::parse(to).ok();
        let keys = business
            .controllers
            .iter()
            .filter_map(|own| Some(secret.address_key(&own.id, address.as_ref()?)));
        asked.recipients = keys.collect();
    }
    let unread = query.get("to").is_some() && asked.recipients.is_empty()
        || query.get("campaign").is_some() && asked.campaign.is_none();
    if unread {
        asked.message = Some(Uuid::nil());
    }
    asked
}

/// Without a word: what was kept from its recipients.
fn fates(query: &Query) -> Vec<Fate> {
    match query.get("what") {
        None if query.has_any(&["campaign", "message", "to"]) => Vec::new(),
        None | Some("blocked") => Fate::ALL.into_iter().filter(|fate| fate.is_blocked()).collect(),
        Some(word) => Fate::parse(word).into_iter().collect(),
    }
}

/// The rules that a country's law stands behind.
fn under(prefix: &str) -> Vec<String> {
    let own =
        rules::ALL.iter().filter(|rule| rule.law.iter().any(|one| one.id.starts_with(prefix)));
    let mut under: Vec<String> = own.map(|rule| rule.id.to_owned()).collect();
    if under.is_empty() {
        under.push(NO_RULE.to_owned());
    }
    under
}

/// What there is to choose, of what may be seen.
pub(super) struct Choices {
    pub rules: Vec<String>,
    /// Prefix of the ids and name.
    pub laws: Vec<(&'static str, &'static str)>,
    pub streams: Vec<String>,
    pub purposes: Vec<String>,
    pub classes: Vec<String>,
    pub logins: Vec<String>,
    pub controllers: Vec<String>,
}

impl Choices {
    pub(super) fn of(kinds: &Kinds, scope: Option<&Scope>) -> Self {
        let seen = || {
            let all = kinds.iter().map(|(_, kind)| kind);
            all.filter(|kind| scope.is_none_or(|scope| scope.holds(kind)))
        };
        let distinct = |all: BTreeSet<&String>| -> Vec<String> {
            all.into_iter().filter(|one| !one.is_empty()).cloned().collect()
        };
        let rules = distinct(seen().map(|kind| &kind.rule).collect());
        let stands_behind = |prefix: &str| {
            let laws = rules.iter().filter_map(|id| rules::find(id)).flat_map(|rule| rule.law);
            laws.into_iter().any(|one| one.id.starts_with(prefix))
        };
        let laws = law::LAWS.iter().filter(|one| stands_behind(one.prefix));
        Self {
            laws: laws.map(|one| (one.prefix, one.name)).collect(),
            streams: distinct(seen().map(|kind| &kind.stream).collect()),
            purposes: distinct(seen().map(|kind| &kind.purpose).collect()),
            classes: distinct(seen().map(|kind| &kind.class).collect()),
            logins: distinct(seen().map(|kind| &kind.login).collect()),
            controllers: distinct(seen().map(|kind| &kind.controller).collect()),
            rules,
        }
    }
}

/// Matches nothing.
const NO_RULE: &str = "-";
