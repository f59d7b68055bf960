//! `/audit/export`: the lines that are shown, and all that come after them, as a file.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{
    Answer, Visit,
    audit_list::{Names, filter},
    problem::{FAULT, TOO_MUCH},
};
use crate::{
    consent::export::record,
    staff::{Act, Entry, audit::Noted},
};

pub(super) async fn file(visit: Visit) -> Answer {
    let mut wanted = filter(&visit);
    let staff = &visit.shared.console.staff;
    let names = Names::read(&visit).await?;
    let mut rows: Vec<Noted> = Vec::new();
    loop {
        let page = staff.trail(&wanted, PAGE).await?;
        let Some(last) = page.last() else { break };
        if rows.len() + page.len() > ROWS_MAX {
            return Err(TOO_MUCH);
        }
        wanted.before = Some(last.seq);
        rows.extend(page);
    }
    // Before it leaves.
    let detail = json!({ "lines": rows.len(), "asked": visit.query.url("/audit", &[]) });
    visit.note(&Entry::new(Act::TrailExported, "").with(detail)).await?;
    if visit.query.is("format", "json") {
        let lines: Vec<_> = rows.iter().map(|row| as_json(row, &names)).collect();
        let text = serde_json::to_string_pretty(&lines).map_err(|_| FAULT)?;
        return Ok(attached("audit.json", "application/json", text));
    }
    let head = ["number", "at", "actor", "name", "act", "subject", "controller", "detail", "ip"];
    let mut text = record(head);
    for row in &rows {
        let (seq, at, detail) = (row.seq.to_string(), row.at.to_string(), row.detail.to_string());
        let ip = row.ip.as_deref().unwrap_or_default();
        text.push_str(&record([
            seq.as_str(),
            &at,
            &row.actor,
            names.of(&row.actor),
            &row.act,
            &row.subject,
            &row.controller,
            &detail,
            ip,
        ]));
    }
    Ok(attached("audit.csv", "text/csv; charset=utf-8; header=present", text))
}

fn as_json(row: &Noted, names: &Names) -> serde_json::Value {
    json!({
        "number": row.seq,
        "at": row.at,
        "actor": row.actor,
        "name": names.of(&row.actor),
        "act": row.act,
        "subject": row.subject,
        "controller": row.controller,
        "detail": row.detail,
        "ip": row.ip,
    })
}

/// A file to keep.
pub(super) fn attached(name: &str, kind: &'static str, text: String) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers =
        [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    (headers, text).into_response()
}

const PAGE: usize = 1_000;
/// Held in memory.
const ROWS_MAX: usize = 50_000;
