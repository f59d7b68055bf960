//! `/decisions/export`: the decisions that are shown, and all that come after them, as a file. It holds
//! them all or is not made: a list that was cut off somewhere proves nothing.

use serde_json::{Value, json};

use super::{
    Answer, Visit,
    audit_export::attached,
    decision_filter::filter,
    problem::{FAULT, TOO_MUCH},
};
use crate::{
    consent::export::record,
    decisions::{Decision, Search, campaign},
    staff::{Act, Entry},
};

pub(super) async fn file(visit: Visit) -> Answer {
    let console = &visit.shared.console;
    let search = Search::open(&console.db, &console.secret, filter(&visit)).await?;
    let (mut rows, mut next): (Vec<Decision>, _) = (Vec::new(), None);
    loop {
        let page = search.page(next, PAGE).await?;
        rows.extend(page.decisions);
        next = page.next;
        if rows.len() > ROWS_MAX || next.is_some() && rows.len() == ROWS_MAX {
            return Err(TOO_MUCH);
        }
        if next.is_none() {
            break;
        }
    }
    // Before it leaves.
    let detail = json!({ "lines": rows.len() });
    visit.note(&Entry::new(Act::DecisionsExported, "").with(detail)).await?;
    if visit.query.is("format", "json") {
        let lines: Vec<Value> = rows.iter().map(as_json).collect();
        let text = serde_json::to_string_pretty(&lines).map_err(|_| FAULT)?;
        return Ok(attached("decisions.json", "application/json", text));
    }
    let mut text = record(COLUMNS);
    for row in &rows {
        let line = as_json(row);
        let cell = |name: &&str| {
            let value = line.get(*name).and_then(Value::as_str);
            value.unwrap_or_default().to_owned()
        };
        let cells: Vec<String> = COLUMNS.iter().map(cell).collect();
        text.push_str(&record(cells.iter().map(String::as_str)));
    }
    Ok(attached("decisions.csv", "text/csv; charset=utf-8; header=present", text))
}

/// No address: whose it is, the key says.
fn as_json(row: &Decision) -> Value {
    let told = row.campaign.as_ref().map(|one| &one.told);
    json!({
        "id": row.id,
        "at": row.at,
        "what": row.kind.fate.as_str(),
        "rule": row.kind.rule,
        "controller": row.kind.controller,
        "login": row.kind.login,
        "stream": row.kind.stream,
        "purpose": row.kind.purpose,
        "class": row.kind.class,
        "campaign": row.campaign.as_ref().map(|one| campaign::hex(one.id)),
        "from": told.map(|told| &told.from),
        "subject": told.map(|told| &told.subject),
        "message": row.message,
        "recipient": row.recipient.map(|key| key.hex()),
    })
}

const COLUMNS: [&str; 14] = [
    "id",
    "at",
    "what",
    "rule",
    "controller",
    "login",
    "stream",
    "purpose",
    "class",
    "campaign",
    "from",
    "subject",
    "message",
    "recipient",
];
const PAGE: usize = 1_000;
/// Held in memory.
pub(super) const ROWS_MAX: usize = 50_000;
