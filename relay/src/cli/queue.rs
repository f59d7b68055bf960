//! `souhlas queue`: messages on their way, and a person's word on those that are held.

use std::{process::ExitCode, sync::Arc, time::Duration};

use anyhow::anyhow;
use arc_swap::ArcSwap;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use policy::Address;
use uuid::Uuid;

use super::{
    arguments::address,
    open::{Place, Store},
    order, remark, say,
    table::{Table, seconds},
    whose,
};
use crate::{
    delivery::{Reporter, Settings},
    mistake::Mistakes,
    review::{self, Code, Done, Refused, Review, Way},
    sample::Samples,
    sign::Signer,
    spool::{self, Delivery, Filter, Message, Spool, State},
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
    /// What waits for each domain, the most first
    Domains {
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// Providers that asked for a slower pace
    Slowed,
    /// Orders that are under way: pauses, retries, rebinds, bounces
    Orders,
    /// Try nothing of these until it is ended: what waits, and what comes
    Pause(order::Pause),
    /// End an order before it is over
    Resume { order: Uuid },
    /// Try waiting deliveries at once
    Retry(order::Retry),
    /// Send waiting deliveries by another route of relay.toml, at once
    Rebind(order::Rebind),
    /// Give waiting deliveries up, and tell their senders
    Bounce(order::Give),
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
    /// To this domain
    #[arg(long)]
    domain: Option<String>,
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
    /// The kind of reason, by which reports count
    #[arg(long, value_parser = code, default_value = "other", value_name = "CODE")]
    code: Code,
    /// Who says so
    #[arg(long, default_value_t = user())]
    by: String,
}

pub(super) async fn run(place: &Place, command: Command) -> anyhow::Result<ExitCode> {
    let store = place.store(&place.config()?).await?;
    let spool = Spool::visit(store.db.clone(), &store.secret, "cli/queue")?;
    let now = Timestamp::now();
    let desk = order::Desk { place, store: &store, spool: &spool, now };
    match command {
        Command::List(ask) => list(place, &store, &spool, ask).await?,
        Command::Show { id, message } => show(place, &spool, id, message).await?,
        Command::Release(word) => release(place, &store, &spool, &word, now).await?,
        Command::Reject(word) => reject(place, &store, &spool, &word, now).await?,
        Command::Domains { limit } => desk.domains(limit).await?,
        Command::Slowed => slowed(&spool).await?,
        Command::Orders => desk.orders().await?,
        Command::Pause(ask) => desk.pause(ask).await?,
        Command::Resume { order } => desk.resume(order).await?,
        Command::Retry(ask) => desk.retry(ask).await?,
        Command::Rebind(ask) => desk.rebind(ask).await?,
        Command::Bounce(ask) => desk.bounce(ask).await?,
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
        domain: ask.domain,
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

async fn slowed(spool: &Spool) -> anyhow::Result<()> {
    let mut table = Table::new(&["PROVIDER", "SOURCE", "SLOWER", "NOTHING BEFORE", "SINCE"]);
    for one in spool.slowed().await? {
        let slower = format!("{} times", one.times());
        table.row([
            one.provider,
            if one.source.is_empty() { "-".to_owned() } else { one.source },
            slower,
            seconds(one.until),
            seconds(one.at),
        ]);
    }
    if table.is_empty() {
        remark("no provider asked for a slower pace");
        return Ok(());
    }
    say(table)
}

async fn show(place: &Place, spool: &Spool, id: Uuid, with_bytes: bool) -> anyhow::Result<()> {
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
        ("route", route(place, &message, &delivery)?),
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

/// By which it goes, and whether a person ordered that.
fn route(place: &Place, message: &Message, delivery: &Delivery) -> anyhow::Result<String> {
    let config = place.config()?;
    let settings = Settings::of(&config.hostname, &config.delivery);
    let domain = spool::domain(&delivery.recipient.path);
    let ordered = delivery.route.as_deref();
    let name = settings.way(ordered, &message.stream, &domain).name.to_owned();
    Ok(match ordered {
        None => name,
        Some(ordered) if settings.has_route(ordered) => format!("{name}, by order"),
        Some(ordered) => format!("{name}; ordered to `{ordered}`, which relay.toml has not"),
    })
}

/// Waives what holds it and decides again: what no person may waive still stands in the way.
async fn release(
    place: &Place,
    store: &Store,
    spool: &Spool,
    word: &Word,
    now: Timestamp,
) -> anyhow::Result<()> {
    let review = review(place, store, spool)?;
    match review.release(now, word.id, Way::AsIs, &word.spoken()).await {
        Ok(Done::Released(waived)) if !waived.rules.is_empty() => {
            say(format!("released; waived: {}", waived.rules.join(", ")))
        }
        Ok(_) => say("released; waived: nothing"),
        Err(refused) => Err(told(word.id, refused)),
    }
}

/// Drops it, with a report to the sender where one is wanted.
async fn reject(
    place: &Place,
    store: &Store,
    spool: &Spool,
    word: &Word,
    now: Timestamp,
) -> anyhow::Result<()> {
    let review = review(place, store, spool)?;
    match review.reject(now, word.id, true, &word.spoken()).await {
        Ok(Done::Rejected { is_told: true }) => say("rejected; its sender gets a report"),
        Ok(_) => say("rejected; nobody is told"),
        Err(refused) => Err(told(word.id, refused)),
    }
}

fn review(place: &Place, store: &Store, spool: &Spool) -> anyhow::Result<Review> {
    let config = place.config()?;
    Ok(Review {
        db: store.db.clone(),
        secret: store.secret.clone(),
        spool: spool.clone(),
        lookup: store.consent().lookup(PATIENCE),
        business: Arc::new(ArcSwap::from_pointee(place.business()?)),
        signer: Arc::new(Signer::load(&config.keys)?),
        links: config.web.url.is_some(),
        reporter: Reporter::new(&config.hostname, store.secret.clone()),
        mistakes: Mistakes {
            db: store.db.clone(),
            samples: Samples::new(&store.secret, config.samples.keep_for),
        },
    })
}

/// What to do now.
fn told(id: Uuid, refused: Refused) -> anyhow::Error {
    match refused {
        Refused::Away(away) => away.into(),
        Refused::Gone => gone(id),
        Refused::NotHeld => {
            anyhow!("it is not held: it is on its way, see `souhlas queue show {id}`")
        }
        Refused::Locked(by) => {
            anyhow!("`{by}` looks at it in the console: wait, or take it over there")
        }
        Refused::Stands(explanation) => {
            remark(explanation.to_text().trim_end());
            anyhow!("it cannot be released: what stands in the way is not a person's to waive")
        }
        Refused::NeedsTwo => {
            anyhow!("`[review]` of policy.toml wants two people: release it in the console")
        }
        Refused::NoProposal | Refused::Own => {
            anyhow!("nothing is proposed that could be agreed to")
        }
        Refused::NoStream(stream) => anyhow!("policy.toml has no stream `{stream}`"),
        Refused::NoAddress => anyhow!("its recipient's address cannot be read: reject it"),
    }
}

impl Word {
    fn spoken(&self) -> review::Word {
        let (by, reason) = (self.by.clone(), self.reason.clone());
        review::Word { by, code: self.code, reason, second: None, bulk: None }
    }
}

fn code(word: &str) -> Result<Code, String> {
    let known: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    Code::parse(word).ok_or_else(|| format!("it is one of {}", known.join(", ")))
}

async fn find(spool: &Spool, id: Uuid) -> anyhow::Result<(Message, Delivery)> {
    spool.show(id).await?.ok_or_else(|| gone(id))
}

fn gone(id: Uuid) -> anyhow::Error {
    anyhow!(
        "the queue has no delivery `{id}`: what left it is in `souhlas journal list --delivery {id}`"
    )
}

fn mailbox(delivery: &Delivery) -> String {
    delivery.recipient.path.to_mailbox_string()
}

/// Who is at the keyboard.
pub(super) fn user() -> String {
    std::env::var("USER").ok().filter(|user| !user.is_empty()).unwrap_or_else(|| "operator".into())
}

/// A store that is silent for so long is away.
const PATIENCE: Duration = Duration::from_secs(10);
