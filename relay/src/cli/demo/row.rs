//! One line of the demo's table, from what the journal keeps and what the client was told.
//!
//! It is shorter than `souhlas explain`: the rule that the verdict names, and how many others.

use anyhow::Context as _;
use policy::{CannotEdit, Language};
use serde::Deserialize as _;
use serde_json::Value;

use super::{super::whose, sample::Sample};
use crate::{
    config::Business,
    journal::{self, Filter, Kind},
    serve::Relay,
    words::Words,
};

/// The cells after message and recipient.
pub(super) struct Row {
    pub verdict: String,
    pub rule: String,
    pub law: String,
    pub edited: String,
}

/// Verdict, rule, law and edits of the message just submitted.
pub(super) async fn of(
    relay: &Relay,
    business: &Business,
    sample: &Sample,
    reply: &str,
) -> anyhow::Result<Row> {
    if reply.starts_with('4') {
        // Nothing was kept: the client has the rule from the reply.
        return Ok(Row {
            verdict: "defer (451)".to_owned(),
            rule: reply.split([' ', ':']).nth(2).unwrap_or(NONE).to_owned(),
            law: NONE.to_owned(),
            edited: "the tool tries again".to_owned(),
        });
    }
    let address = policy::Address::parse(sample.to).map_err(|fault| anyhow::anyhow!("{fault}"))?;
    let filter = Filter {
        kind: Some(Kind::Decided),
        recipients: whose::keys(business, &relay.secret, &address),
        ..Filter::default()
    };
    let lines = journal::list(&relay.db, &filter, 1).await?;
    let detail = &lines.first().context("the journal has the verdict")?.event.detail;
    let code = reply.split(' ').next().unwrap_or_default();
    Ok(told(&detail.value(), code))
}

fn told(detail: &Value, code: &str) -> Row {
    let action = detail.get("action").and_then(Value::as_str).unwrap_or(NONE);
    let broken: Vec<&Value> = detail
        .pointer("/outcomes/broken")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .collect();
    let named = detail.get("rule").and_then(Value::as_str);
    let first = broken.iter().find(|one| one.get("rule").and_then(Value::as_str) == named);
    let rule = match (named, broken.len()) {
        (None, _) => NONE.to_owned(),
        (Some(named), 0 | 1) => named.to_owned(),
        (Some(named), many) => format!("{named} +{}", many - 1),
    };
    let cited = first.and_then(|one| one.pointer("/law/0")).and_then(Value::as_str);
    // Where the pack names no citation, the rule's own stand.
    let own = || Some(policy::rules::find(named?)?.law.first()?.id);
    Row {
        verdict: format!("{action} ({code})"),
        rule,
        law: cited.or_else(own).map_or_else(|| NONE.to_owned(), law),
        edited: edited(detail, first.copied()),
    }
}

/// `480/2004 Sb. § 7(2)`, `GDPR art. 5(1)(f)`.
fn law(id: &str) -> String {
    let found = policy::law::find(id);
    let Some(citation) = found else { return id.to_owned() };
    let at = citation.at.split([',', ';']).next().unwrap_or(citation.at);
    let act = match citation.act {
        "Regulation (EU) 2016/679" => "GDPR",
        act => act.strip_prefix("Act ").unwrap_or(act),
    };
    format!("{act} {at}")
}

/// What was written into the message, or why it could not be.
fn edited(detail: &Value, named: Option<&Value>) -> String {
    let edits = detail.get("edits").and_then(Value::as_array);
    let mut words: Vec<&str> = Vec::new();
    for edit in edits.into_iter().flatten() {
        let word = match edit.get("edit").and_then(Value::as_str).unwrap_or_default() {
            "label-subject" | "label-sender" => "label",
            "add-identity" => "identity",
            "add-notice" => "notice",
            "add-unsubscribe" => "link",
            "add-list-unsubscribe" | "add-list-unsubscribe-post" | "add-list-id" => "headers",
            "remove-header" => continue,
            other => other,
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    if !words.is_empty() {
        return words.join(", ");
    }
    let why = named.and_then(|one| one.pointer("/because/no_edit"));
    let why = why.and_then(|why| CannotEdit::deserialize(why).ok());
    let english = Words::of(Language::English);
    why.map_or_else(|| NONE.to_owned(), |why| format!("no: {}", english.no_edit(why)))
}

const NONE: &str = "-";
