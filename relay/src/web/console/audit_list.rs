//! `/audit`: what staff did, saw and exported, newest first.

use std::collections::BTreeMap;

use askama::Template;
use axum::http::StatusCode;
use serde_json::Value;

use super::{
    Answer, Frame, Visit,
    guest::Guest,
    paging::{BEFORE, PAGE, Paging},
    query::Query,
};
use crate::{
    db::Unavailable,
    staff::{
        Act,
        audit::{Filter, Noted},
    },
    web::html::html,
};

#[derive(Template)]
#[template(path = "console/audit_list.html")]
struct Page {
    frame: Frame,
    query: Query,
    names: Names,
    rows: Vec<Noted>,
    paging: Paging,
    is_filtered: bool,
}

pub(super) async fn page(visit: Visit) -> Answer {
    let mut rows = visit.shared.console.staff.trail(&filter(&visit), PAGE + 1).await?;
    let paging = Paging::of("/audit", &visit.query, &mut rows, |last| last.seq.to_string());
    let page = Page {
        frame: visit.frame(),
        names: Names::read(&visit).await?,
        is_filtered: visit.query.has_any(&FILTERS),
        query: visit.query.clone(),
        rows,
        paging,
    };
    Ok(html(StatusCode::OK, &page))
}

/// What the URL asks for; what cannot be read narrows nothing.
pub(super) fn filter(guest: &Guest) -> Filter {
    let (query, zone) = (&guest.query, guest.zone());
    let text = |name| query.get(name).map(str::to_owned);
    Filter {
        actor: text("actor"),
        act: query.get("act").and_then(Act::parse),
        subject: text("subject"),
        controller: text("controller"),
        from: query.day("from", &zone),
        until: query.day_after("until", &zone),
        before: query.get(BEFORE).and_then(|before| before.parse().ok()),
    }
}

/// Accounts by what the trail calls them.
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    pub(super) async fn read(guest: &Guest) -> Result<Self, Unavailable> {
        let accounts = guest.shared.console.staff.accounts().await?;
        let named = accounts.into_iter().map(|one| (format!("staff/{}", one.id), one.name));
        Ok(Self(named.collect()))
    }

    /// Who it was.
    pub(super) fn of<'n>(&'n self, actor: &'n str) -> &'n str {
        self.0.get(actor).map_or(actor, String::as_str)
    }

    /// To what it was done.
    pub(super) fn subject<'n>(&'n self, subject: &'n str) -> &'n str {
        let account = subject.strip_prefix("account/");
        let named = account.and_then(|id| self.0.get(&format!("staff/{id}")));
        named.map_or(subject, String::as_str)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(actor, name)| (actor.as_str(), name.as_str()))
    }
}

impl Page {
    fn act(&self, word: &str) -> String {
        Act::parse(word).map_or(word.to_owned(), |act| self.frame.say(act.text_id()).into_owned())
    }

    /// The page of what it was done to.
    fn link(&self, subject: &str) -> Option<String> {
        let (kind, id) = subject.split_once('/')?;
        let list = match kind {
            "account" => "accounts",
            "contact" => "contacts",
            "decision" => "decisions",
            "draft" => "policy/drafts",
            "purpose" => "purposes",
            _ => return None,
        };
        Some(format!("/{list}/{id}"))
    }

    /// What else it says, as lines of name and value.
    fn detail(&self, detail: &Value) -> Vec<(String, String)> {
        match detail {
            Value::Object(fields) => {
                fields.iter().map(|(name, value)| (name.clone(), bare(value))).collect()
            }
            Value::Null => Vec::new(),
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                vec![(String::new(), bare(detail))]
            }
        }
    }
}

/// As a person writes it down.
fn bare(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "–".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(all) if all.is_empty() => "–".to_owned(),
        Value::Array(all) => all.iter().map(bare).collect::<Vec<String>>().join(", "),
        Value::Object(fields) => {
            let each = fields.iter().map(|(name, value)| format!("{name}: {}", bare(value)));
            each.collect::<Vec<String>>().join("; ")
        }
    }
}

/// What narrows the list.
const FILTERS: [&str; 6] = ["actor", "act", "subject", "controller", "from", "until"];
