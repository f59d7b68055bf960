//! The console's list of decisions at size: how long a page takes over HTTP, signed in, by what is
//! asked for.
//!
//! What it lists are lines of the journal, written by the spool and indexed by the indexer as a relay
//! does it; only that no message came with them.

#![expect(clippy::print_stderr, reason = "a benchmark says what it is doing")]

use std::{error::Error, time::Instant};

use jiff::{SignedDuration, Timestamp};
use policy::Address;
use relay::{
    db::Db,
    decisions::{Campaigns, Indexer, Told, campaign},
    journal::{Event, Kind},
    seal::Secret,
    spool::Spool,
};
use serde_json::json;
use uuid::Uuid;

use super::pages::{self, Figures, Filled, Page};
use crate::console::Browser;

/// A list of so many.
pub fn measure(database: &'static str, decisions: usize) -> Result<Figures, Box<dyn Error>> {
    let fill = async |url: &str, secret: &Secret| fill(url, secret, decisions).await;
    let mut filled = pages::filled(database, fill)?;
    let Filled { browser, made, .. } = &mut filled;
    let mut pages: Vec<Page> = ASKED.iter().map(|asks| timed(browser, asks, made)).collect();
    pages.push(deep(browser));
    let memory_bytes = filled.memory_bytes();
    Ok(Figures { database, listed: decisions, pages, memory_bytes })
}

/// What pages can ask for.
struct Made {
    campaigns: Vec<String>,
    people: usize,
}

async fn fill(url: &str, secret: &Secret, decisions: usize) -> Result<Made, Box<dyn Error>> {
    let db = Db::open(url).await?;
    let now = Timestamp::now();
    let spool = Spool::open(db.clone(), secret, "bench", now).await?;
    let started = Instant::now();
    let people = (decisions / 10).max(1);
    let all = Campaigns::new(secret);
    let mut campaigns = vec![String::new(); CAMPAIGNS.min(decisions)];
    let year = SignedDuration::from_hours(365 * 24);
    let step = year / i32::try_from(decisions.max(1))?;
    let mut lines = Vec::new();
    for number in 0..decisions {
        let at = now - year + step * i32::try_from(number)?;
        // Sendings last: those that began together go on together.
        let sending = number * campaigns.len() / decisions;
        let sending = sending.saturating_sub(number % 7);
        let case = &CASES[number % CASES.len()];
        let login = LOGINS[sending % LOGINS.len()];
        let told = Told::new("novinky@kavarna.example", &subject(sending), None);
        let (id, fresh) = all.of(at, ("kavarna", login, case.stream), &told);
        if let Some(fresh) = fresh {
            spool.name(fresh);
        }
        if let Some(known) = campaigns.get_mut(sending) {
            *known = campaign::hex(id);
        }
        lines.push(line(secret, at, number % people, (login, &campaign::hex(id)), case)?);
        if lines.len() == LINES {
            spool.note(std::mem::take(&mut lines)).await?;
        }
    }
    spool.note(lines).await?;
    let indexer = Indexer::new(db, "bench");
    // The relay that made the database may hold the job for a while yet.
    let (later, mut indexed) = (Timestamp::now() + SignedDuration::from_hours(1), 0);
    loop {
        let step = indexer.tick(later).await?;
        indexed += step.lines;
        if !step.more {
            break;
        }
    }
    assert_eq!(indexed, decisions, "all of them can be found");
    let took = started.elapsed().as_secs_f64();
    eprintln!("{decisions} decisions written and indexed in {took:.0} s");
    Ok(Made { campaigns, people })
}

/// Of letters alone: figures are no part of a campaign.
fn subject(number: usize) -> String {
    let word = |number: usize| WORDS[number % WORDS.len()];
    let (rest, last) = (number / WORDS.len(), number / WORDS.len() / WORDS.len());
    format!("{} {} {}", word(number), word(rest), word(last))
}

fn line(
    secret: &Secret,
    at: Timestamp,
    person: usize,
    (login, campaign): (&str, &str),
    case: &Case,
) -> Result<Event, Box<dyn Error>> {
    let address: Address = person_of(person).parse()?;
    let detail = json!({
        "policy": "bench", "at": at.as_millisecond(), "action": case.action, "rule": case.rule,
        "facts": {
            "class": case.class, "stream": case.stream, "controller": "kavarna",
            "purpose": "novinky", "packs": ["cz 2023-03-23"],
            "standing": { "grants": [], "refusals": [], "relations": [] },
        },
        "outcomes": { "kept": KEPT, "outside": [], "broken": [], "undecided": [] },
        "login": login, "campaign": campaign, "fate": case.fate,
    });
    Ok(Event {
        id: Uuid::now_v7(),
        at,
        kind: Kind::Decided,
        message: Some(Uuid::now_v7()),
        delivery: None,
        recipient: Some(secret.address_key("kavarna", &address)),
        detail: detail.into(),
    })
}

fn person_of(number: usize) -> String {
    format!("{number}user@example.net")
}

/// Each time for another login, campaign or person.
fn timed(browser: &mut Browser, asks: &str, made: &Made) -> Page {
    let paths = (0..PAGES).map(|at| {
        let number = at.wrapping_mul(STRIDE);
        let campaign = made.campaigns.get(number % made.campaigns.len()).cloned();
        asks.replace("LOGIN", LOGINS[number % LOGINS.len()])
            .replace("WORD", WORDS[number % WORDS.len()])
            .replace("RULE", RULES[number % RULES.len()])
            .replace("CAMPAIGN", &campaign.unwrap_or_default())
            .replace("PERSON", &person_of(number % made.people).replace('@', "%40"))
    });
    pages::timed(browser, asks, paths)
}

/// Each page after the one before, from the middle of the year.
fn deep(browser: &mut Browser) -> Page {
    let middle = Timestamp::now() - SignedDuration::from_hours(180 * 24);
    let mut path = format!(
        "/decisions?view=each&what=blocked&before={}.{}",
        middle.as_millisecond(),
        Uuid::nil()
    );
    let mut took = Vec::with_capacity(PAGES);
    for _ in 0..PAGES {
        let (time, text) = pages::page(browser, &path);
        took.push(time);
        let next = text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let next = next.filter(|url| url.contains("before=")).last();
        path = next.map(|url| url.replace("&amp;", "&").replace("&#38;", "&")).unwrap_or(path);
    }
    Page::told("page after page from the middle", took)
}

/// A verdict and what came of it.
struct Case {
    stream: &'static str,
    class: &'static str,
    action: &'static str,
    rule: Option<&'static str>,
    fate: &'static str,
}

const fn case(
    (stream, class): (&'static str, &'static str),
    action: &'static str,
    rule: Option<&'static str>,
    fate: &'static str,
) -> Case {
    Case { stream, class, action, rule, fate }
}

const NEWS: (&str, &str) = ("novinky", "commercial");
const ORDERS: (&str, &str) = ("objednavky", "transactional");
/// One in four is kept from its recipient.
const CASES: [Case; 12] = [
    case(NEWS, "send-edited", None, "kept"),
    case(NEWS, "send-edited", None, "kept"),
    case(NEWS, "reject", Some("consent-missing"), "refused"),
    case(ORDERS, "send", None, "kept"),
    case(ORDERS, "send", None, "kept"),
    case(NEWS, "send-edited", None, "kept"),
    case(NEWS, "hold", Some("label-missing"), "held"),
    case(ORDERS, "send", None, "kept"),
    case(NEWS, "reject", Some("refused"), "refused"),
    case(NEWS, "send-edited", None, "kept"),
    case(ORDERS, "send", None, "kept"),
    case(NEWS, "send", None, "kept"),
];
const RULES: [&str; 3] = ["consent-missing", "label-missing", "refused"];
const LOGINS: [&str; 5] = ["shop", "newsletter", "crm", "app", "local"];
const WORDS: [&str; 13] = [
    "kava", "sleva", "jaro", "leto", "podzim", "zima", "darek", "akce", "novinka", "klub", "caj",
    "kolac", "vikend",
];
const KEPT: [&str; 12] = [
    "adult-label-missing",
    "consent-expired",
    "consent-spent",
    "frequency-exceeded",
    "header-unsound",
    "identity-incomplete",
    "identity-missing",
    "list-id-missing",
    "message-malformed",
    "placeholder-left",
    "sender-hidden",
    "unsubscribe-missing",
];
const ASKED: [&str; 11] = [
    "/decisions",
    "/decisions?what=any",
    "/decisions?login=LOGIN&what=any",
    "/decisions?view=each",
    "/decisions?view=each&what=any",
    "/decisions?view=each&what=held",
    "/decisions?view=each&rule=RULE",
    "/decisions?view=each&login=LOGIN&what=sent",
    "/decisions?view=each&campaign=CAMPAIGN",
    "/decisions?view=each&q=WORD",
    "/decisions?view=each&to=PERSON",
];
const CAMPAIGNS: usize = 2_000;
const PAGES: usize = 100;
/// Of one transaction.
const LINES: usize = 1_000;
/// Prime, so that it meets everybody.
const STRIDE: usize = 7_919;
