//! `/import`: many contacts from a file, tried first and then written down by the word of who brings
//! it (S150). What was imported before stands below.

use std::{sync::Arc, time::Duration};

use askama::Template;
use jiff::Timestamp;
use policy::Purpose;
use serde_json::json;

use super::{
    Answer, Frame, Visit,
    audit_export::attached,
    guest::{Posted, redirect},
    owner::Owners,
    problem::{FAULT, Problem},
    query::Query,
    statement::{moment, text},
};
use crate::{
    consent::import::{
        Done, Fault, Format, Mapping, Origin, Past, Plan, STATEMENT, Status, Upload, import, law,
    },
    seal::{digest, hex},
    staff::{Act, Action, Entry},
    web::html::form,
};

#[derive(Template)]
#[template(path = "console/import_make.html")]
struct Page {
    frame: Frame,
    said: Query,
    owners: Owners,
    purposes: Vec<Purpose>,
    /// Newest first.
    past: Vec<Past>,
    statement: Vec<String>,
    /// Who is signed in, and so signs.
    who: String,
    /// What a try found.
    tried: Option<Tried>,
    fault: Option<String>,
}

struct Tried {
    done: Done,
    file: String,
    /// Of the file, so that the same one is imported.
    digest: String,
    /// Its first lines as they stand there.
    first: Vec<String>,
}

pub(super) async fn page(visit: Visit) -> Answer {
    let said = visit.query.clone();
    show(&visit, said, None, None).await
}

async fn show(visit: &Visit, said: Query, tried: Option<Tried>, fault: Option<String>) -> Answer {
    let owners = Owners::of(visit, Action::Import, said.get("controller"))?;
    let consent = &visit.shared.console.consent;
    let mut purposes = consent.purposes_of(&owners.chosen.id).await?;
    purposes.retain(|own| own.closed_at.is_none());
    let mut past = consent.imports(&owners.chosen.id).await?;
    past.truncate(PAST_MAX);
    let is_wrong = fault.is_some();
    let page = Page {
        frame: visit.frame(),
        statement: paragraphs(STATEMENT),
        who: visit.account().name.clone(),
        said,
        owners,
        purposes,
        past,
        tried,
        fault,
    };
    Ok(form(is_wrong, &page))
}

pub(super) async fn act(visit: Visit, posted: Posted) -> Answer {
    let said = posted.said();
    let owners = Owners::of(&visit, Action::Import, said.get("controller"))?;
    let say = |id| Some(visit.words.say(id).into_owned());
    let (is_real, asks_rejected) = (said.is("step", "write"), said.is("step", "rejected"));
    let Some(file) = posted.file("file") else {
        return show(&visit, said, None, say("console-import-file-missing")).await;
    };
    let sent = hex(&digest(&file.bytes));
    if is_real && !said.is("digest", &sent) {
        return show(&visit, said, None, say("console-import-file-other")).await;
    }
    if is_real && !said.is("attest", "yes") {
        return show(&visit, said, None, say("console-import-unattested")).await;
    }
    let mut plan = match plan(&visit, &owners, &said, !is_real) {
        Ok(plan) => plan,
        Err(fault) => return show(&visit, said, None, Some(fault)).await,
    };
    let act = if is_real { Act::Imported } else { Act::ImportTried };
    let entry = Entry::new(act, "").of(&*owners.chosen.id);
    visit.note(&entry.with(json!({ "digest": sent }))).await?;
    let upload = Upload::keep(&file.name, &file.bytes).map_err(|fault| {
        tracing::error!(%fault, "a file to be imported could not be kept");
        FAULT
    })?;
    let (upload, name) = (Arc::new(upload), file.name.clone());
    plan.rejects = asks_rejected.then(|| upload.beside());
    let done = match run(&visit, Arc::clone(&upload), plan).await? {
        Ran::Done(done) => done,
        Ran::GoesOn => return Ok(redirect(&list(&owners, "importing"))),
        Ran::Fault(fault) => {
            let told = told(&visit, &owners, &fault);
            return show(&visit, said, None, Some(told)).await;
        }
    };
    if asks_rejected {
        // Without a rejected line there is no file.
        let text = std::fs::read_to_string(upload.beside()).unwrap_or_default();
        return Ok(attached("rejected.csv", "text/csv; charset=utf-8", text));
    }
    if is_real && done.counts.rejected == 0 {
        return Ok(redirect(&list(&owners, "imported")));
    }
    let first = first_lines(&file.bytes);
    let tried =
        Tried { done, file: name, digest: if is_real { String::new() } else { sent }, first };
    show(&visit, said, Some(tried), None).await
}

fn list(owners: &Owners, done: &str) -> String {
    let changes = [("controller", Some(owners.chosen.id.as_str())), ("done", Some(done))];
    Query::default().url("/import", &changes)
}

enum Ran {
    Done(Done),
    /// It takes longer than a page may, and goes on by itself.
    GoesOn,
    Fault(Fault),
}

async fn run(visit: &Visit, upload: Arc<Upload>, plan: Plan) -> Result<Ran, Problem> {
    let consent = visit.shared.console.consent.clone();
    let is_dry = plan.dry_run;
    let task = tokio::spawn(async move {
        let done = import(&consent, &Timestamp::now, upload.path(), &plan, |_| {}).await;
        if let Err(fault) = &done {
            tracing::warn!(%fault, "an import from the console did not end");
        }
        done
    });
    match tokio::time::timeout(PATIENCE, task).await {
        Ok(Ok(Ok(done))) => Ok(Ran::Done(done)),
        Ok(Ok(Err(fault))) => Ok(Ran::Fault(fault)),
        Ok(Err(_)) => Err(FAULT),
        Err(_) if is_dry => Err(super::problem::LARGE),
        Err(_) => Ok(Ran::GoesOn),
    }
}

fn plan(visit: &Visit, owners: &Owners, said: &Query, dry_run: bool) -> Result<Plan, String> {
    let say = |id: &str| visit.words.say(id).into_owned();
    let mut purposes = Mapping::default();
    if let Some(purpose) = said.get("purpose") {
        purposes.add(purpose)?;
    }
    for line in said.shown("lists").lines().map(str::trim).filter(|line| !line.is_empty()) {
        if !line.contains('=') {
            return Err(say("console-import-lists-wrong"));
        }
        purposes.add(line)?;
    }
    let origin = Origin::ALL.into_iter().find(|origin| said.is("origin", origin.word()));
    let origin = origin.ok_or_else(|| say("console-import-origin-missing"))?;
    let source = text(said, "source", 500).map_err(say)?.unwrap_or_default();
    if source.is_empty() && !dry_run {
        return Err(say("console-import-source-missing"));
    }
    let zone = owners.chosen.time_zone.clone();
    let only = said.get("only").map(|text| match text.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
        None => (text.to_owned(), None),
    });
    Ok(Plan {
        controller: owners.chosen.id.clone(),
        format: Format::ALL.into_iter().find(|format| said.is("format", format.word())),
        purposes,
        origin,
        source,
        attested_by: if dry_run { String::new() } else { visit.account().name.clone() },
        from: moment(said, "since", &zone).map_err(say)?,
        status: said.get("status").and_then(|word| Status::parse(word).ok()),
        only,
        zone,
        actor: visit.by().actor,
        rejects: None,
        dry_run,
    })
}

/// With the law of the controller's own country.
fn told(visit: &Visit, owners: &Owners, fault: &Fault) -> String {
    let say = |id: &str| visit.words.say(id).into_owned();
    match fault {
        Fault::Forbidden(origin) => {
            let business = visit.shared.console.business.load_full();
            let pack = business.pack_of(&owners.chosen, visit.now);
            let law = law(*origin, pack.as_slice()).join("; ");
            visit.words.with("console-import-forbidden", &[("law", law.into())])
        }
        Fault::Purposeless => say("console-import-purposeless"),
        Fault::Unattested => say("console-import-unattested"),
        Fault::NoPurpose(_) | Fault::Closed(_) => say("console-purpose-unknown"),
        Fault::Busy => say("console-import-busy"),
        Fault::NotText => say("console-import-not-text"),
        Fault::NoAddressColumn(found) => {
            let columns = found.join(", ");
            visit.words.with("console-import-no-address", &[("columns", columns.into())])
        }
        Fault::NoColumn(name) => {
            visit.words.with("console-import-no-column", &[("column", name.into())])
        }
        Fault::Json { line, .. } => {
            let line = line.to_string();
            visit.words.with("console-import-json", &[("line", line.into())])
        }
        Fault::File(_) | Fault::Rejects(_) | Fault::Store(_) => {
            tracing::error!(%fault, "an import from the console failed");
            say("console-import-failed")
        }
    }
}

fn first_lines(bytes: &[u8]) -> Vec<String> {
    let head = bytes.get(..HEAD_BYTES).unwrap_or(bytes);
    let text = String::from_utf8_lossy(head);
    text.lines().take(LINES).map(|line| line.chars().take(LETTERS).collect()).collect()
}

/// Lines that belong together, in one.
fn paragraphs(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        match all.last_mut() {
            Some(last) if line.starts_with(' ') || all_begins(last, line) => {
                last.push(' ');
                last.push_str(line.trim());
            }
            _ => all.push(line.trim().to_owned()),
        }
    }
    all
}

/// The first sentence goes on until a number begins.
fn all_begins(last: &str, line: &str) -> bool {
    !last.ends_with([':', '.']) && !line.starts_with(|letter: char| letter.is_ascii_digit())
}

impl Page {
    fn counts(&self, of: &Tried) -> [(&'static str, u64); 9] {
        let counts = &of.done.counts;
        [
            ("console-import-lines", counts.lines),
            ("console-import-granted", counts.granted),
            ("console-import-already", counts.already),
            ("console-import-refusal-stands", counts.refusal_stands),
            ("console-import-refused", counts.refused),
            ("console-import-others", counts.others),
            ("console-import-left-out", counts.left_out),
            ("console-import-rejected", counts.rejected),
            ("console-import-new", counts.new_contacts),
        ]
    }

    fn more(&self, of: &Tried) -> u64 {
        of.done.counts.rejected.saturating_sub(of.done.first_rejected.len() as u64)
    }
}

const ORIGINS: [(&str, &str); 7] = [
    ("own", "console-source-own"),
    ("purchased", "console-source-purchased"),
    ("public", "console-source-public"),
    ("scraped", "console-source-scraped"),
    ("prospects", "console-import-prospects"),
    ("contest", "console-import-contest"),
    ("other-purpose", "console-import-other-purpose"),
];
const STATUSES: [(&str, &str); 5] = [
    ("subscribed", "console-import-subscribed"),
    ("unsubscribed", "console-import-unsubscribed"),
    ("unconfirmed", "console-import-unconfirmed"),
    ("bounced", "console-import-bounced"),
    ("removed", "console-import-removed"),
];
const PAST_MAX: usize = 50;
const LINES: usize = 4;
const LETTERS: usize = 300;
const HEAD_BYTES: usize = 8 << 10;
/// A page has an answer before its browser gives up.
const PATIENCE: Duration = Duration::from_secs(20);
