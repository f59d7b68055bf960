//! `souhlas webhook`: who is told over HTTP of what the ledger wrote down.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    open::{Place, Store},
    remark, say,
    table::Table,
    whose::Whose,
};
use crate::{
    config::Config,
    webhook::{AddFault, Answer, Event, NewWebhook, Webhook, Webhooks},
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a webhook and print the key of its signatures, which is shown this once
    Add {
        /// Where to send: `https://shop.cz/souhlas`
        url: String,
        #[command(flatten)]
        whose: Whose,
        /// What it is told of: granted, confirmed, renewed, expiring, expired, refused, ended,
        /// erased; may be repeated; all of them where none is named
        #[arg(long = "event", value_parser = event, value_name = "EVENT")]
        events: Vec<Event>,
        /// It is told the contact's key alone
        #[arg(long)]
        without_address: bool,
    },
    /// List all webhooks
    List,
    /// Remove a webhook with its log and what still waits
    Remove { id: Uuid },
    /// Show what a webhook was told, the latest last
    Log {
        id: Uuid,
        /// How many events
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
        limit: u16,
    },
    /// Send a webhook something that says nothing, and tell what it answers
    Test { id: Uuid },
    /// Make a new key and print it; the former one counts beside it for a while
    Rotate { id: Uuid },
    /// Switch a webhook on again: it goes on where it stopped
    Resume { id: Uuid },
}

pub(super) async fn run(place: &Place, command: Command) -> anyhow::Result<ExitCode> {
    let config = place.config()?;
    let store = place.store(&config).await?;
    let hooks = open(&store, &config)?;
    let now = Timestamp::now();
    let mut code = ExitCode::SUCCESS;
    match command {
        Command::Add { url, whose, mut events, without_address } => {
            events.sort_unstable();
            events.dedup();
            let new = NewWebhook {
                controller: whose.find(&place.business()?)?.id.clone(),
                url,
                events: if events.is_empty() { Event::usual() } else { events },
                with_address: !without_address,
            };
            add(&hooks, now, &new).await?;
        }
        Command::List => list(&hooks.list(None).await?)?,
        Command::Remove { id } => {
            if !hooks.remove(id).await? {
                bail!(none(id));
            }
            say(format!("webhook `{id}` is removed"))?;
        }
        Command::Log { id, limit } => {
            find(&hooks, id).await?;
            log(&hooks, id, limit.into()).await?;
        }
        Command::Test { id } => {
            let hook = find(&hooks, id).await?;
            let answer = hooks.test_now(now, &hook).await?;
            say(told(&answer))?;
            if answer.error.is_some() {
                code = ExitCode::FAILURE;
            }
        }
        Command::Rotate { id } => {
            let key = hooks.rotate(now, id).await?.with_context(|| none(id))?;
            say(format!("key: {}", key.reveal()))?;
            remark("requests are signed with both keys for as long as `both-keys` says");
        }
        Command::Resume { id } => {
            if !hooks.resume(now, id).await? {
                bail!(none(id));
            }
            say(format!("webhook `{id}` goes on where it stopped"))?;
        }
    }
    store.db.close().await;
    Ok(code)
}

fn open(store: &Store, config: &Config) -> anyhow::Result<Webhooks> {
    let consent = store.consent();
    Webhooks::new(store.db.clone(), store.secret.clone(), consent, config.webhook.clone())
}

async fn add(hooks: &Webhooks, now: Timestamp, new: &NewWebhook) -> anyhow::Result<()> {
    match hooks.add(now, new).await {
        Ok((added, key)) => {
            say(format!("webhook: {}", added.id))?;
            say(format!("key: {}", key.reveal()))?;
            remark("the key is never shown again; docs/webhooks.md says how a request is checked");
            Ok(())
        }
        Err(AddFault::Url(fault)) => bail!("`{}`: {fault}", new.url),
        Err(AddFault::TooMany) => {
            bail!("`{}` has as many as it may have: remove one that is not needed", new.controller)
        }
        Err(AddFault::Store(error)) => Err(error.into()),
    }
}

async fn find(hooks: &Webhooks, id: Uuid) -> anyhow::Result<Webhook> {
    hooks.find(id).await?.with_context(|| none(id))
}

fn none(id: Uuid) -> String {
    format!("there is no webhook `{id}`: see `souhlas webhook list`")
}

fn list(all: &[Webhook]) -> anyhow::Result<()> {
    let mut table = Table::new(&["ID", "CONTROLLER", "URL", "EVENTS", "STATE"]);
    for hook in all {
        let words: Vec<&str> = hook.events.iter().map(|event| event.as_str()).collect();
        let events = if hook.events == Event::usual() { "usual".into() } else { words.join(" ") };
        let state = match (&hook.off, hook.failing_since) {
            (Some((_, why)), _) => format!("off: {why}"),
            (None, Some(since)) => format!("failing since {}", since.strftime("%F %H:%MZ")),
            (None, None) => "on".to_owned(),
        };
        table.row([&hook.id.to_string(), &hook.controller, &hook.url, &events, &state]);
    }
    if table.is_empty() {
        remark("there is no webhook: add one with `souhlas webhook add URL`");
        return Ok(());
    }
    say(table)
}

async fn log(hooks: &Webhooks, id: Uuid, limit: usize) -> anyhow::Result<()> {
    let mut table = Table::new(&["MADE", "EVENT", "LEDGER", "STATE", "ATTEMPTS", "LAST ANSWER"]);
    for one in hooks.log(id, None, limit).await?.into_iter().rev() {
        let last = one.attempts.last().map(|attempt| {
            let status = attempt.status.map(|status| status.to_string());
            let error = attempt.error.as_deref().unwrap_or("taken");
            format!("{} {error}, {} ms", status.unwrap_or("-".into()), attempt.ms)
        });
        table.row([
            &one.created_at.strftime("%F %T").to_string(),
            &one.event,
            one.ledger_event.as_deref().unwrap_or("-"),
            one.state.as_str(),
            &one.attempts.len().to_string(),
            last.as_deref().unwrap_or("-"),
        ]);
    }
    if table.is_empty() {
        remark("it was told nothing yet: try `souhlas webhook test`");
        return Ok(());
    }
    say(table)
}

fn told(answer: &Answer) -> String {
    let status = answer.status.map_or("no answer".to_owned(), |status| format!("answer {status}"));
    let what = answer.error.unwrap_or("taken");
    format!("{status} after {} ms: {what}", answer.ms)
}

fn event(word: &str) -> Result<Event, String> {
    Event::parse(word).ok_or_else(|| {
        let known: Vec<&str> = Event::all().iter().map(|event| event.as_str()).collect();
        format!("write one of {}", known.join(", "))
    })
}
