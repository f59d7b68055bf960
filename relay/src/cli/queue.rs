//! `souhlas queue`: messages on their way, and a person's word on those that are held.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use policy::{Action, Address, Decider, Edit, Known, Reading, Waiver};
use serde_json::json;
use uuid::Uuid;

use super::{
    arguments::address,
    open::{Place, Store},
    remark, say,
    table::Table,
    whose,
};
use crate::{
    delivery::bounce::{self, About, Reporter},
    facts::Case,
    journal::{Event, Kind},
    sign::Signer,
    spool::{Delivery, Filter, Message, Settle, Settlement, Spool, State},
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List deliveries, oldest first
    List(List),
    /// Show one delivery; with --message its bytes as they came
    Show {
        id: Uuid,
        #[arg(long)]
        message: bool,
    },
    /// Let a held delivery go: its rules are waived, and everything is decided again
    Release(Word),
    /// Drop a held delivery
    Reject(Word),
    /// Try waiting deliveries at once: one, or with --all every one
    Retry {
        #[arg(required_unless_present = "all")]
        id: Option<Uuid>,
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
}

#[derive(Args, Debug)]
pub(super) struct List {
    /// Only those that wait for a person
    #[arg(long)]
    held: bool,
    #[arg(long)]
    message: Option<Uuid>,
    #[arg(long, value_parser = address, value_name = "ADDRESS")]
    recipient: Option<Address>,
    /// Held by this rule
    #[arg(long)]
    rule: Option<String>,
    #[arg(long, default_value_t = 100)]
    limit: usize,
}

/// A person's word, which the journal keeps.
#[derive(Args, Debug)]
pub(super) struct Word {
    id: Uuid,
    /// Why
    #[arg(long)]
    reason: String,
    /// Who says so
    #[arg(long, default_value_t = user())]
    by: String,
}

pub(super) async fn run(place: &Place, command: Command) -> anyhow::Result<ExitCode> {
    let store = place.store(&place.config()?).await?;
    let spool = Spool::visit(store.db.clone(), &store.secret, "cli/queue")?;
    let now = Timestamp::now();
    match command {
        Command::List(ask) => list(place, &store, &spool, ask).await?,
        Command::Show { id, message } => show(&spool, id, message).await?,
        Command::Release(word) => release(place, &store, &spool, &word, now).await?,
        Command::Reject(word) => reject(place, &store, &spool, &word, now).await?,
        Command::Retry { id, .. } => match spool.retry(id, now).await? {
            0 => bail!("nothing waits there: held deliveries want `souhlas queue release`"),
            count => say(format!("{count} due now"))?,
        },
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(place: &Place, store: &Store, spool: &Spool, ask: List) -> anyhow::Result<()> {
    let filter = Filter {
        state: ask.held.then_some(State::Held),
        message: ask.message,
        recipients: match &ask.recipient {
            Some(address) => whose::keys(&place.business()?, &store.secret, address),
            None => Vec::new(),
        },
        rule: ask.rule,
        after: None,
    };
    let mut table = Table::new(&["ID", "STATE", "RECIPIENT", "RULE", "ATTEMPTS", "DUE", "LAST"]);
    for delivery in spool.list(&filter, ask.limit).await? {
        table.row([
            delivery.id.to_string(),
            delivery.state.as_str().to_owned(),
            mailbox(&delivery),
            delivery.rule.clone().unwrap_or_else(|| "-".to_owned()),
            delivery.attempts.to_string(),
            seconds(delivery.due_at),
            delivery.last.clone().unwrap_or_else(|| "-".to_owned()),
        ]);
    }
    let counts = spool.counts().await?;
    if !table.is_empty() {
        say(table)?;
    }
    let total = format!("{} ready, {} claimed, {} held", counts.ready, counts.claimed, counts.held);
    remark(total);
    Ok(())
}

async fn show(spool: &Spool, id: Uuid, with_bytes: bool) -> anyhow::Result<()> {
    let (message, delivery) = find(spool, id).await?;
    if with_bytes {
        return Ok(std::io::Write::write_all(&mut std::io::stdout(), &message.bytes)?);
    }
    let from = message.from.as_ref().map_or_else(|| "<>".to_owned(), ToString::to_string);
    for (what, value) in [
        ("delivery", delivery.id.to_string()),
        ("message", message.id.to_string()),
        ("state", delivery.state.as_str().to_owned()),
        ("received", seconds(message.received_at)),
        ("login", message.login.clone()),
        ("from", from),
        ("to", mailbox(&delivery)),
        ("stream", message.stream.clone()),
        ("class", message.class.words().to_owned()),
        ("rule", delivery.rule.clone().unwrap_or_else(|| "-".to_owned())),
        ("edits", serde_json::to_string(&delivery.edits)?),
        ("waiver", serde_json::to_string(&delivery.waiver)?),
        ("attempts", delivery.attempts.to_string()),
        ("due", seconds(delivery.due_at)),
        ("expires", seconds(delivery.expires_at)),
        ("last", delivery.last.clone().unwrap_or_else(|| "-".to_owned())),
        ("policy", message.policy_version.clone()),
        ("octets", message.bytes.len().to_string()),
    ] {
        say(format!("{what:<10}{value}"))?;
    }
    Ok(())
}

/// Waives what holds it and decides again: what no person may waive still stands in the way.
async fn release(
    place: &Place,
    store: &Store,
    spool: &Spool,
    word: &Word,
    now: Timestamp,
) -> anyhow::Result<()> {
    let (message, delivery) = find(spool, word.id).await?;
    held(&delivery)?;
    let (rules, edits) = waived(place, store, &message, &delivery, word, now).await?;
    let waiver = (!rules.is_empty()).then(|| Waiver {
        rules: rules.clone(),
        by: word.by.clone(),
        reason: word.reason.clone(),
        at: now,
    });
    let settle = Settle::Ready { waiver, edits, due_at: now };
    let detail = json!({ "by": word.by, "reason": word.reason, "rules": rules });
    let events = vec![event(&delivery, Kind::Released, detail, now)];
    let (delivery, message) = (delivery.id, delivery.message);
    settled(spool, Settlement { events, ..Settlement::bare(delivery, message, settle) }).await?;
    say(format!(
        "released; waived: {}",
        if rules.is_empty() { "nothing".into() } else { rules.join(", ") }
    ))
}

/// The rules to waive, and the edits that remain to be made.
async fn waived(
    place: &Place,
    store: &Store,
    message: &Message,
    delivery: &Delivery,
    word: &Word,
    now: Timestamp,
) -> anyhow::Result<(Vec<String>, Vec<Edit>)> {
    let config = place.config()?;
    let business = place.business()?;
    let stream = business.stream(&message.stream);
    let stream =
        stream.with_context(|| format!("policy.toml has no stream `{}`", message.stream))?;
    let reading = Reading::of(message.bytes.clone());
    let from = reading.message.mailboxes("From").into_iter().next();
    let from = from.and_then(|from| Address::parse(&from.address).ok());
    let signer = Signer::load(&config.keys)?;
    let signs = from.is_some_and(|from| signer.has(from.domain()));
    let case = Case::new(&business, stream, &reading, message.declared, message.recipients)
        .with(signs, config.web.url.is_some());
    let recipient =
        Address::parse(&mailbox(delivery)).map_err(|fault| anyhow::anyhow!("{fault}"))?;
    let lookup = store.consent().lookup(std::time::Duration::from_secs(10));
    let (controller, counted) = (&stream.controller.id, case.counts_for_all());
    let records = lookup.records(controller, std::slice::from_ref(&recipient), counted).await?;
    let record = records.first().context("the consent store gave no answer")?;
    let packs = case.packs(now, &recipient, Some(record));
    let decide = |waiver: Option<&Waiver>| {
        let facts = case.facts(now, &recipient, Known::Is(record), &packs, waiver);
        let verdict = Decider::default().verdict(&business.policy, &facts);
        let explanation = policy::explain(&business.policy.version, &facts, &verdict);
        (verdict, explanation)
    };
    let (verdict, _) = decide(None);
    if verdict.action <= Action::SendEdited {
        return Ok((Vec::new(), verdict.edits));
    }
    let findings = verdict.repaired.as_ref().unwrap_or(&verdict.findings);
    let broken = |finding: &&policy::Finding| {
        matches!(finding.outcome, policy::Outcome::Broken(_)) && finding.rule.waivable
    };
    let rules = findings.iter().filter(broken).map(|finding| finding.rule.id.to_owned()).collect();
    let waiver = Waiver { rules, by: word.by.clone(), reason: word.reason.clone(), at: now };
    let (verdict, explanation) = decide(Some(&waiver));
    if verdict.action > Action::SendEdited {
        remark(explanation.to_text().trim_end());
        bail!("it cannot be released: what stands in the way is not a person's to waive");
    }
    Ok((waiver.rules, verdict.edits))
}

/// Drops it, with a report to the sender in the same transaction where one is wanted.
async fn reject(
    place: &Place,
    store: &Store,
    spool: &Spool,
    word: &Word,
    now: Timestamp,
) -> anyhow::Result<()> {
    let (message, delivery) = find(spool, word.id).await?;
    held(&delivery)?;
    let config = place.config()?;
    let business = place.business()?;
    let language = business
        .stream(&message.stream)
        .map_or(policy::Language::English, |stream| stream.controller.language);
    let about = About {
        recipient: &delivery.recipient,
        action: bounce::Action::Failed,
        status: "5.7.1".to_owned(),
        text: format!(
            "rejected by a person; held by {}",
            delivery.rule.as_deref().or(delivery.last.as_deref()).unwrap_or("policy")
        ),
        remote: None,
        until: None,
    };
    let reporter = Reporter::new(&config.hostname, store.secret.clone());
    let brings = reporter.report(now, &message, &[about], language);
    let is_told = brings.is_some();
    let detail = json!({ "by": word.by, "reason": word.reason, "rule": delivery.rule });
    let event = event(&delivery, Kind::Rejected, detail, now);
    settled(
        spool,
        Settlement {
            events: vec![event],
            brings,
            ..Settlement::bare(delivery.id, delivery.message, Settle::Done)
        },
    )
    .await?;
    say(if is_told { "rejected; its sender gets a report" } else { "rejected; nobody is told" })
}

fn event(delivery: &Delivery, kind: Kind, detail: serde_json::Value, now: Timestamp) -> Event {
    Event {
        id: Uuid::now_v7(),
        at: now,
        kind,
        message: Some(delivery.message),
        delivery: Some(delivery.id),
        recipient: Some(delivery.key),
        detail: detail.into(),
    }
}

async fn settled(spool: &Spool, settlement: Settlement) -> anyhow::Result<()> {
    let id = settlement.delivery;
    if !spool.settle_held(settlement).await? {
        bail!("it is not held any more: see `souhlas queue show {id}`");
    }
    Ok(())
}

async fn find(spool: &Spool, id: Uuid) -> anyhow::Result<(Message, Delivery)> {
    let found = spool.show(id).await?;
    found.with_context(|| {
        format!("the queue has no delivery `{id}`: what left it is in `souhlas journal list --delivery {id}`")
    })
}

fn held(delivery: &Delivery) -> anyhow::Result<()> {
    match delivery.state {
        State::Held => Ok(()),
        State::Ready | State::Claimed => bail!("it is not held: it is on its way"),
    }
}

fn mailbox(delivery: &Delivery) -> String {
    delivery.recipient.path.to_mailbox_string()
}

fn seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// Who is at the keyboard.
pub(super) fn user() -> String {
    std::env::var("USER").ok().filter(|user| !user.is_empty()).unwrap_or_else(|| "operator".into())
}
