//! `/mistakes/export`: mistakes as JSON lines, with the messages that are still kept, for whoever tunes
//! rules and signs.

use serde_json::json;

use super::{Answer, Visit, audit_export::attached, owner::own_of, problem::TOO_MUCH};
use crate::{
    decisions::campaign,
    mistake::Mistake,
    sample, seal,
    staff::{Act, Action, Entry},
};

pub(super) async fn file(visit: Visit) -> Answer {
    let mistakes = &visit.shared.console.review.mistakes;
    let theirs = own_of(&visit, Action::Export);
    let rule = visit.query.get("rule");
    let rows = mistakes.list(theirs.as_deref(), rule, None, ROWS_MAX + 1).await?;
    if rows.len() > ROWS_MAX {
        return Err(TOO_MUCH);
    }
    let (mut text, mut kept) = (String::new(), 0);
    for row in &rows {
        let source = source(&visit, row).await?;
        kept += usize::from(source.is_some());
        text.push_str(&line(row, source).to_string());
        text.push('\n');
        if text.len() > BYTES_MAX {
            return Err(TOO_MUCH);
        }
    }
    let detail = json!({ "lines": rows.len(), "messages": kept, "rule": rule });
    visit.note(&Entry::new(Act::MistakesExported, "").with(detail)).await?;
    Ok(attached("mistakes.jsonl", "application/x-ndjson", text))
}

fn line(row: &Mistake, source: Option<String>) -> serde_json::Value {
    let wrong = &row.wrong;
    json!({
        "at": row.at,
        "message": wrong.message,
        "rule": wrong.rule,
        "controller": wrong.controller,
        "stream": wrong.stream,
        "login": wrong.login,
        "campaign": campaign::hex(wrong.campaign),
        "took": wrong.took,
        "is": wrong.is,
        "signs": row.signs,
        "source": source,
    })
}

/// The message in Base64, or another one of its campaign that the rule spoke of; `None` where none is
/// kept any more.
async fn source(visit: &Visit, row: &Mistake) -> Result<Option<String>, crate::db::Error> {
    let (db, secret, now) = (&visit.shared.console.db, &visit.shared.console.secret, visit.now);
    let own = sample::find(db, secret, now, row.wrong.message).await?;
    let found = match own {
        Some(found) => Some(found),
        None => match sample::newest(db, now, row.wrong.campaign, &row.wrong.rule).await? {
            Some(near) => sample::find(db, secret, now, near.id).await?,
            None => None,
        },
    };
    let found = found.filter(|(sample, _)| sample.controller == row.wrong.controller);
    Ok(found.map(|(_, bytes)| seal::base64(&bytes)))
}

const ROWS_MAX: usize = 10_000;
/// Held in memory.
const BYTES_MAX: usize = 64 << 20;
