//! `/contacts/export`: the contacts that are shown, and all that come after them, as a file: what
//! `souhlas export` and the API write.

use super::{
    Answer, Visit,
    audit_export::attached,
    contact_list::Asked,
    problem::{FAULT, TOO_MUCH},
};
use crate::{
    consent::export::{Export, Whole, table},
    staff::{Act, Action, Entry},
};

pub(super) async fn file(visit: Visit) -> Answer {
    let asked = Asked::read(&visit, Action::Export).await?;
    let owner = asked.owners.chosen.id.clone();
    let narrowed = asked.filter.clone().map(|filter| (filter, asked.clocks.clone()));
    let mut export = Export::new(&visit.shared.console.consent, &owner, narrowed, None);
    let mut all: Vec<Whole> = Vec::new();
    while let Some(page) = export.next(visit.now).await? {
        all.extend(page);
        if all.len() > CONTACTS_MAX {
            return Err(TOO_MUCH);
        }
    }
    // Before it leaves.
    let detail = serde_json::json!({ "filter": asked.filter, "contacts": all.len() });
    visit.note(&Entry::new(Act::ContactsExported, "").of(owner).with(detail)).await?;
    if visit.query.is("format", "json") {
        let lines: Result<Vec<String>, _> = all.iter().map(serde_json::to_string).collect();
        let mut text = lines.map_err(|_| FAULT)?.join("\n");
        text.push('\n');
        return Ok(attached("contacts.jsonl", "application/x-ndjson", text));
    }
    let text = all.iter().fold(table::header(), |text, whole| text + &table::lines(whole));
    Ok(attached("contacts.csv", "text/csv; charset=utf-8; header=present", text))
}

/// Held in memory; who has more exports it page by page on the command line or by the API.
const CONTACTS_MAX: usize = 20_000;
