//! `souhlas journal`: what was decided and done, and whether anybody changed it since.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use policy::Address;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    arguments::{address, moment},
    open::{Place, Store},
    remark, say,
    table::{Table, seconds},
    whose,
};
use crate::{
    consent::{self, Compared},
    evidence::{self, Audit},
    journal::{self, Filter, Kind, Line, Verified},
    staff,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List lines, newest first
    List(List),
    /// Show one line with every rule's outcome
    Show {
        /// Id as in a reply (`550 5.7.1 ...`) or in the list
        id: Uuid,
    },
    /// Walk every hash chain, of the journal, of consent and of what staff did, compare them with their signed
    /// checkpoints and with what decisions are made from, and name whatever does not hold
    Verify,
}

#[derive(Args, Debug)]
pub(super) struct List {
    /// Of this message
    #[arg(long)]
    message: Option<Uuid>,
    /// Of this delivery
    #[arg(long)]
    delivery: Option<Uuid>,
    /// Of this recipient
    #[arg(long, value_parser = address, value_name = "ADDRESS")]
    recipient: Option<Address>,
    /// Of this kind: decided, delivered, deferred, bounced, suppressed, held, released ...
    #[arg(long, value_parser = kind)]
    kind: Option<Kind>,
    #[arg(long, value_parser = moment)]
    from: Option<Timestamp>,
    #[arg(long, value_parser = moment)]
    until: Option<Timestamp>,
    /// The last id of the page before
    #[arg(long)]
    before: Option<Uuid>,
    #[arg(long, default_value_t = 50)]
    limit: usize,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(place: &Place, command: Command) -> anyhow::Result<ExitCode> {
    let store = place.store(&place.config()?).await?;
    match command {
        Command::List(ask) => list(place, &store, ask).await,
        Command::Show { id } => {
            let line = journal::show(&store.db, id).await?;
            let line = line.with_context(|| format!("the journal has no line `{id}`"))?;
            say(serde_json::to_string_pretty(&as_json(&line))?)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Verify => verify(&store).await,
    }
}

async fn list(place: &Place, store: &Store, ask: List) -> anyhow::Result<ExitCode> {
    let filter = Filter {
        message: ask.message,
        delivery: ask.delivery,
        kind: ask.kind,
        recipients: match &ask.recipient {
            Some(address) => whose::keys(&place.business()?, &store.secret, address),
            None => Vec::new(),
        },
        from: ask.from,
        until: ask.until,
        before: ask.before,
    };
    let lines = journal::list(&store.db, &filter, ask.limit).await?;
    if ask.json {
        for line in &lines {
            say(as_json(line))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = Table::new(&["AT", "WHAT", "ACTION", "RULE", "MESSAGE", "ID"]);
    for line in &lines {
        let event = &line.event;
        let said = event.detail.value();
        let detail = |key: &str| {
            let text = said.get(key).and_then(Value::as_str);
            text.unwrap_or("-").to_owned()
        };
        table.row([
            seconds(event.at),
            event.kind.as_str().to_owned(),
            detail("action"),
            rule(&said),
            event.message.map_or_else(|| "-".to_owned(), |id| id.to_string()),
            event.id.to_string(),
        ]);
    }
    if table.is_empty() {
        remark("no line matches");
    } else {
        say(table)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The rule named by the line, else the first that was broken.
fn rule(said: &Value) -> String {
    let named = said.get("rule").and_then(Value::as_str);
    let broken = said.pointer("/outcomes/broken/0/rule").and_then(Value::as_str);
    named.or(broken).unwrap_or("-").to_owned()
}

async fn verify(store: &Store) -> anyhow::Result<ExitCode> {
    let found = [
        ("journal", journal::verify(&store.db).await?),
        ("consent", consent::verify(&store.db, &store.secret).await?),
        ("audit", staff::audit::verify(&store.db).await?),
    ];
    let mut is_whole = true;
    for (name, Verified { chains, lines, broken }) in &found {
        for link in broken {
            is_whole = false;
            say(format!("broken: {link}"))?;
        }
        let state = if broken.is_empty() { "whole" } else { "BROKEN" };
        say(format!("{name}: {state}, {lines} line(s) in {chains} chain(s)"))?;
    }
    let compared = consent::compare(&store.db).await?;
    for one in &compared.differences {
        say(format!("broken: {one}"))?;
    }
    if compared.more > 0 {
        say(format!("broken: and {} more", compared.more))?;
    }
    let same = compared.differences.is_empty();
    is_whole &= same;
    let Compared { contacts, records, .. } = compared;
    let state = if same { "whole" } else { "BROKEN" };
    say(format!("present: {state}, {contacts} contact(s), {records} other record(s)"))?;
    let Audit { checkpoints, lines, faults } = evidence::audit(&store.db, &store.secret).await?;
    for fault in &faults {
        is_whole = false;
        say(format!("broken: {fault}"))?;
    }
    let state = if faults.is_empty() { "whole" } else { "BROKEN" };
    say(format!("checkpoints: {state}, {checkpoints} over {lines} line(s)"))?;
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn as_json(line: &Line) -> Value {
    let event = &line.event;
    json!({
        "id": event.id,
        "at": event.at,
        "kind": event.kind.as_str(),
        "message": event.message,
        "delivery": event.delivery,
        "recipient": event.recipient.map(|key| key.hex()),
        "detail": event.detail.value(),
        "chain": line.chain,
        "seq": line.seq,
        "hash": crate::seal::hex(&line.hash),
    })
}

fn kind(text: &str) -> Result<Kind, String> {
    Kind::parse(text).ok_or_else(|| {
        let known: Vec<&str> = Kind::ALL.into_iter().map(Kind::as_str).collect();
        format!("write one of {}", known.join(", "))
    })
}
