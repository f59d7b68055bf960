//! `souhlas purpose`: why addresses may be used.

use std::process::ExitCode;

use anyhow::{anyhow, bail};
use clap::{Args, Subcommand};
use jiff::{Span, Timestamp};
use policy::{Activity, Basis, Channel, Purpose, Requires, Topic, Validity};

use super::{
    arguments::{span, topic, word},
    listing,
    open::Place,
    remark, rights, say,
    table::Table,
    whose::Whose,
};
use crate::{
    config::Business,
    consent::{Closing, Topics, TopicsSet, lint, strays},
    judge::as_word,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a purpose
    Add(Box<Add>),
    /// List all purposes
    List,
    /// Print what a privacy policy has to say of them, to put into the controller's own
    Notice(rights::Notice),
    /// Set what the person may pick within a purpose, in place of the topics that it has
    ///
    /// What people picked stands: a topic that is new comes to those who did not pick.
    Topics(SetTopics),
    /// Assign a purpose to all that a filter finds, or to a list of addresses; never over a refusal
    Assign(Box<listing::Assign>),
    /// Close a purpose: its grants end, with an event for each contact, and none is made any more
    Close(Close),
}

#[derive(Args, Debug)]
pub(super) struct Close {
    id: String,
    #[command(flatten)]
    whose: Whose,
    /// Why, without personal data
    #[arg(long)]
    reason: String,
}

#[derive(Args, Debug)]
pub(super) struct Add {
    /// Short and stable: `newsletter`
    id: String,
    #[command(flatten)]
    whose: Whose,
    /// What the person reads on the pages
    #[arg(long)]
    name: String,
    /// consent, contract, legal-obligation, vital-interest, public-interest or
    /// legitimate-interest
    #[arg(long, value_parser = word::<Basis>)]
    basis: Basis,
    /// How long a grant counts: `3 years`
    #[arg(long, value_parser = span)]
    duration: Span,
    /// Count the duration from the last activity and not from the grant, of any kind or of some:
    /// `--since-activity=purchase,click`
    #[arg(
        long,
        value_parser = word::<Activity>,
        value_name = "KINDS",
        num_args = 0..=1,
        require_equals = true,
        value_delimiter = ',',
        default_missing_value = "purchase,open,click,login"
    )]
    since_activity: Option<Vec<Activity>>,
    /// By what way the person is addressed: email, sms, phone, post or social
    #[arg(long, value_parser = word::<Channel>, default_value = "email")]
    channel: Channel,
    /// A grant counts only where a click in a message confirmed it
    #[arg(long)]
    double_opt_in: bool,
    /// A grant is spent by one message
    #[arg(long)]
    once: bool,
    /// A grant counts only where the person declared to be of age
    #[arg(long)]
    of_age: bool,
    /// To be on the list says something delicate about the person; needs --double-opt-in
    #[arg(long)]
    sensitive: bool,
    /// Say so this many days before a grant ends; 0: never
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    expiring_days: u16,
    /// What the person may pick within it, once for each: `seeds=Seeds and herbs`
    #[arg(long, value_parser = topic, value_name = "ID=NAME")]
    topic: Vec<Topic>,
    /// For people; nothing is decided by it
    #[arg(long, default_value = "")]
    note: String,
}

#[derive(Args, Debug)]
pub(super) struct SetTopics {
    /// Of the purpose
    id: String,
    #[command(flatten)]
    whose: Whose,
    /// Id and what the person reads, once for each: `seeds=Seeds and herbs`
    #[arg(long, value_parser = topic, value_name = "ID=NAME", required_unless_present = "none")]
    topic: Vec<Topic>,
    /// It has none from now on
    #[arg(long, conflicts_with = "topic")]
    none: bool,
}

pub(super) async fn run(place: &Place, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Add(ask) => add(place, *ask).await?,
        Command::Topics(ask) => topics(place, ask).await?,
        Command::List => list(place).await?,
        Command::Notice(ask) => return rights::notice(place, ask).await,
        Command::Assign(ask) => return listing::assign(place, *ask).await,
        Command::Close(ask) => close(place, ask).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn add(place: &Place, ask: Add) -> anyhow::Result<()> {
    let (business, consent) = (place.business()?, place.consent().await?);
    let span = ask.duration;
    let validity = match ask.since_activity {
        None => Validity::Fixed(span),
        Some(kinds) => Validity::SinceActivity { span, kinds },
    };
    let purpose = Purpose {
        id: ask.id,
        controller: ask.whose.find(&business)?.id.clone(),
        name: ask.name,
        basis: ask.basis,
        validity,
        requires: Requires {
            double_opt_in: ask.double_opt_in,
            age_declared: ask.of_age,
            once: ask.once,
        },
        channel: ask.channel,
        sensitive: ask.sensitive,
        expiring_days: ask.expiring_days,
        note: ask.note,
        topics: ask.topic,
        closed_at: None,
    };
    consent
        .purpose_add(Timestamp::now(), &purpose, &actor())
        .await
        .map_err(|fault| anyhow!("purpose `{}`: {fault}", purpose.id))?;
    say(format!("purpose `{}` is added", purpose.id))?;
    doubts(&purpose);
    Ok(())
}

async fn topics(place: &Place, ask: SetTopics) -> anyhow::Result<()> {
    let (business, consent) = (place.business()?, place.consent().await?);
    let (purpose, owner) = ask.whose.purpose(&business, &consent, &ask.id).await?;
    let id = &purpose.id;
    let what = Topics { controller: &owner.id, purpose: id, topics: &ask.topic, actor: &actor() };
    let set = consent.purpose_topics(Timestamp::now(), &what).await;
    match set.map_err(|fault| anyhow!("purpose `{id}`: {fault}"))? {
        TopicsSet::New => say(format!("the topics of purpose `{id}` are set"))?,
        TopicsSet::Already => say(format!("the topics of purpose `{id}` were so already"))?,
        TopicsSet::NoPurpose => bail!("there is no purpose `{id}`: nothing was written"),
        TopicsSet::Closed => bail!("purpose `{id}` is closed and stays as it is"),
    }
    unknown_topics(&business, &consent.purposes().await?);
    Ok(())
}

/// Nothing forbids these either.
fn unknown_topics(business: &Business, purposes: &[Purpose]) {
    let streams = business.streams.iter().map(|mapping| &*mapping.stream);
    for stream in strays(streams, purposes) {
        let topic = stream.topic.as_deref().unwrap_or_default();
        let purpose = stream.purpose.as_deref().unwrap_or_default();
        remark(format!(
            "stream `{}`: purpose `{purpose}` has no topic `{topic}`, so nobody can pick it: \
             `souhlas purpose topics`",
            stream.id
        ));
    }
}

/// As the journal names who is at the keyboard.
fn actor() -> String {
    format!("cli/{}", super::queue::user())
}

/// Nothing of it forbids the purpose.
fn doubts(purpose: &Purpose) {
    for lint in lint(purpose) {
        remark(format!("purpose `{}`: {}", purpose.id, lint.words()));
    }
}

/// Stopped on its way, it goes on when it is run again.
async fn close(place: &Place, ask: Close) -> anyhow::Result<()> {
    let (business, consent) = (place.business()?, place.consent().await?);
    let (purpose, owner) = ask.whose.purpose(&business, &consent, &ask.id).await?;
    let now = Timestamp::now();
    let actor = actor();
    let what =
        Closing { controller: &owner.id, purpose: &purpose.id, actor: &actor, why: &ask.reason };
    let fresh = consent.purpose_close(now, &what).await?;
    let ended = consent.terminate(now, &what, |_| ()).await?;
    let state = if fresh { "is closed" } else { "was closed before" };
    say(format!("purpose `{}` {state}: ended the grants of {ended} contacts", purpose.id))
}

async fn list(place: &Place) -> anyhow::Result<()> {
    let config = place.config()?;
    let consent = place.store(&config).await?.consent();
    let head = ["ID", "CONTROLLER", "BASIS", "DURATION", "ASKS", "TOPICS", "NAME"];
    let mut table = Table::new(&head);
    let purposes = consent.purposes().await?;
    for purpose in &purposes {
        let duration = lasts(&purpose.validity);
        let basis = as_word(&purpose.basis);
        let asks = asks(purpose);
        let topics = ids(purpose);
        let (id, owner, name) = (&purpose.id, &purpose.controller, &purpose.name);
        table.row([id, owner, &basis, &duration, &asks, &topics, name]);
    }
    if table.is_empty() {
        remark("there is no purpose: add one with `souhlas purpose add`");
    } else {
        say(table)?;
    }
    purposes.iter().for_each(doubts);
    // A list of purposes is shown whatever is wrong with policy.toml.
    if let Ok(business) = place.business() {
        unknown_topics(&business, &purposes);
    }
    Ok(())
}

fn ids(purpose: &Purpose) -> String {
    let ids: Vec<&str> = purpose.topics.iter().map(|topic| topic.id.as_str()).collect();
    if ids.is_empty() { "-".to_owned() } else { ids.join(", ") }
}

fn lasts(validity: &Validity) -> String {
    match validity {
        Validity::Fixed(span) => format!("{span:#}"),
        Validity::SinceActivity { span, kinds } if kinds.len() == Activity::ALL.len() => {
            format!("{span:#} since activity")
        }
        Validity::SinceActivity { span, kinds } => {
            let kinds: Vec<String> = kinds.iter().map(as_word).collect();
            format!("{span:#} since {}", kinds.join(" or "))
        }
    }
}

/// All that sets it apart from a plain one.
fn asks(purpose: &Purpose) -> String {
    let Requires { double_opt_in, age_declared, once } = purpose.requires;
    let mut asks: Vec<String> = [
        (double_opt_in, "double-opt-in"),
        (once, "once"),
        (age_declared, "of-age"),
        (purpose.sensitive, "sensitive"),
        (purpose.closed_at.is_some(), "closed"),
    ]
    .into_iter()
    .filter(|(asked, _)| *asked)
    .map(|(_, word)| word.to_owned())
    .collect();
    if purpose.channel != Channel::Email {
        asks.push(as_word(&purpose.channel));
    }
    if asks.is_empty() { "-".to_owned() } else { asks.join(", ") }
}
