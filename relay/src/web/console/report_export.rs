//! `/reports`: a table of the overview as a file.

use serde_json::{Map, Value, json};

use super::{
    Answer, Visit,
    audit_export::attached,
    audit_list::Names,
    home_figures::{asked, decided, reports},
    problem::{FAULT, MISSING},
};
use crate::{
    consent::export::record,
    figures::{Decided, Owner, Reports, Sum},
    staff::{Act, Entry},
};

/// Names of columns, and a value for each of them in each row.
struct Table {
    columns: Vec<&'static str>,
    rows: Vec<Vec<Value>>,
}

pub(super) async fn file(visit: Visit) -> Answer {
    let days = asked(&visit);
    let name = visit.query.get("table").unwrap_or_default();
    let table = match name {
        "days" | "rules" | "lacked" | "streams" | "logins" => {
            of_decided(name, &decided(&visit, &days).await?.0)
        }
        "consent" | "refusals" | "outcomes" | "queue" | "work" => {
            let names = Names::read(&visit).await?;
            of_reports(name, &reports(&visit, &days).await?, &names)
        }
        _ => return Err(MISSING),
    };
    let detail = json!({ "table": name, "days": days.count, "lines": table.rows.len() });
    visit.note(&Entry::new(Act::ReportExported, "").with(detail)).await?;
    if visit.query.is("format", "json") {
        let lines: Vec<Value> =
            table.rows.into_iter().map(|row| line(&table.columns, row)).collect();
        let text = serde_json::to_string_pretty(&lines).map_err(|_| FAULT)?;
        return Ok(attached(&format!("{name}.json"), "application/json", text));
    }
    let mut text = record(table.columns);
    for row in &table.rows {
        let cells: Vec<String> = row.iter().map(cell).collect();
        text.push_str(&record(cells.iter().map(String::as_str)));
    }
    Ok(attached(&format!("{name}.csv"), "text/csv; charset=utf-8; header=present", text))
}

fn line(columns: &[&'static str], row: Vec<Value>) -> Value {
    let fields = columns.iter().map(|name| (*name).to_owned()).zip(row);
    Value::Object(fields.collect::<Map<String, Value>>())
}

fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

fn of_decided(name: &str, decided: &Decided) -> Table {
    let sums = |first: &'static str, all: Vec<(String, &Sum)>| Table {
        columns: [&[first][..], &SUMS].concat(),
        rows: all.into_iter().map(|(name, sum)| sum_row(name, sum)).collect(),
    };
    let named = |all: &'_ [(String, Sum)]| -> Vec<(String, Sum)> { all.to_vec() };
    let of = |first, all: &[(String, Sum)]| {
        let all = named(all);
        sums(first, all.iter().map(|(name, sum)| (name.clone(), sum)).collect())
    };
    match name {
        "rules" => of("rule", &decided.rules),
        "streams" => of("stream", &decided.streams),
        "logins" => of("login", &decided.logins),
        "lacked" => Table {
            columns: vec!["rule", "repaired"],
            rows: decided
                .lacked
                .iter()
                .map(|(rule, count)| vec![json!(rule), json!(count)])
                .collect(),
        },
        _ => {
            let days = decided.days.iter();
            sums("day", days.map(|day| (day.date.to_string(), &day.sum)).collect())
        }
    }
}

fn sum_row(name: String, sum: &Sum) -> Vec<Value> {
    let Sum { all, repaired, held, refused, stopped, deferred } = *sum;
    let counts = [all, sum.blocked(), refused, held, stopped, repaired, deferred];
    std::iter::once(json!(name)).chain(counts.map(|count| json!(count))).collect()
}

fn of_reports(name: &str, reports: &Reports, names: &Names) -> Table {
    match name {
        "consent" => Table {
            columns: vec![
                "controller",
                "purpose",
                "contacts",
                "valid",
                "ends_7",
                "ends_30",
                "ends_90",
            ],
            rows: reports.owners.iter().flat_map(consent).collect(),
        },
        "refusals" => Table {
            columns: vec!["controller", "refusals", "median_seconds", "longest_seconds"],
            rows: reports.owners.iter().map(refusals).collect(),
        },
        "outcomes" => {
            let rates = reports.outcomes;
            let counts = [rates.delivered, rates.bounced, rates.expired, reports.complaints()];
            Table {
                columns: vec!["delivered", "bounced", "expired", "complaints"],
                rows: vec![counts.map(|count| json!(count)).into()],
            }
        }
        "queue" => Table {
            columns: vec!["state", "deliveries", "oldest"],
            rows: reports
                .standing
                .iter()
                .map(|one| vec![json!(one.state.as_str()), json!(one.count), json!(one.oldest)])
                .collect(),
        },
        _ => Table {
            columns: vec!["account", "decided", "seen", "other", "last_at"],
            rows: reports
                .work
                .iter()
                .map(|one| {
                    let name = json!(names.of(&one.actor));
                    let counts = [one.decided, one.seen, one.other].map(|count| json!(count));
                    let [decided, seen, other] = counts;
                    vec![name, decided, seen, other, json!(one.last_at)]
                })
                .collect(),
        },
    }
}

/// All together in a line without a purpose, then each purpose.
fn consent(owner: &Owner) -> Vec<Vec<Value>> {
    let id = &owner.controller.id;
    let coverage = &owner.covered.coverage;
    let (all, covered) = (json!(coverage.contacts), json!(coverage.covered));
    let whole =
        vec![json!(id), Value::Null, all.clone(), covered, Value::Null, Value::Null, Value::Null];
    let each = owner.purposes.iter().map(|(purpose, held)| {
        let [week, month, quarter] = held.ends.map(|count| json!(count));
        vec![json!(id), json!(purpose.id), all.clone(), json!(held.now), week, month, quarter]
    });
    std::iter::once(whole).chain(each).collect()
}

fn refusals(owner: &Owner) -> Vec<Value> {
    let honoured = &owner.honoured;
    let seconds = [honoured.median, honoured.longest].map(|time| json!(time.as_secs()));
    let [median, longest] = seconds;
    vec![json!(owner.controller.id), json!(honoured.count), median, longest]
}

const SUMS: [&str; 7] =
    ["decided", "blocked", "refused", "held", "stopped", "repaired", "deferred"];
