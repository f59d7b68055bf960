//! `souhlas contact`: what is on record for an address, facts about it, and what the person wants
//! short of a refusal.

use std::{collections::BTreeSet, process::ExitCode};

use clap::{Args, Subcommand};
use jiff::Timestamp;
use policy::{Address, Country, Frequency, Preference, Subscriber};

use super::{
    arguments::{address, country, frequency, moment, word},
    contact::{proof, told},
    held, listing,
    open::Place,
    rights, say,
    table::{Table, maybe_seconds, seconds},
    whose::Whose,
};
use crate::{
    consent::{About, Brief, Contact, Who},
    judge::as_word,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show everything on record for an address, oldest first
    Show {
        #[arg(value_parser = address)]
        address: Address,
        #[command(flatten)]
        whose: Whose,
    },
    /// Set what is known of the contact itself
    Set(Set),
    /// Write down how often the person wants to hear and of which topics; it takes the place of what was
    /// asked before
    ///
    /// Without --at-most, --paused-until and --topics nothing is asked for any more.
    Prefer(Prefer),
    /// List the contacts of a controller, all or those that a filter finds
    List(listing::List),
    /// Show what there is to look over once a year, and sign that it was done
    Review(listing::Look),
    /// End the grants of one purpose; they stay on record with their evidence
    End(held::End),
    /// Write down that the person was told of the processing of their data
    Inform(held::Inform),
    /// Everything on record about one person, for the person: GDPR art. 15 and 20
    Export(rights::Export),
    /// Erase one person's data: GDPR art. 17; says what stays, until when and by which law
    Erase(rights::Erase),
    /// Put right what was written down wrong about one grant; the old value stays in the past
    Correct(held::Correct),
}

#[derive(Args, Debug)]
pub(super) struct Set {
    #[arg(value_parser = address)]
    address: Address,
    #[command(flatten)]
    whose: Whose,
    /// Where the person is, as in CZ
    #[arg(long, value_parser = country, value_name = "CC")]
    country: Option<Country>,
    /// Who stands behind the address: individual, sole-trader, corporate or unknown
    #[arg(long, value_parser = word::<Subscriber>)]
    subscriber: Option<Subscriber>,
    /// The subscriber itself published the address as its business contact (`--published=false`:
    /// it did not)
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    published: Option<bool>,
    /// How it is known
    #[arg(long, default_value = "")]
    evidence: String,
}

#[derive(Args, Debug)]
pub(super) struct Prefer {
    #[arg(value_parser = address)]
    address: Address,
    #[command(flatten)]
    whose: Whose,
    /// This purpose only; everything commercial of the controller where nothing is said
    #[arg(long)]
    purpose: Option<String>,
    /// How many commercial messages at most: `2 in 30 days`
    #[arg(long, value_parser = frequency, value_name = "FREQUENCY")]
    at_most: Option<Frequency>,
    /// Nothing commercial before this moment
    #[arg(long, value_parser = moment, value_name = "TIME")]
    paused_until: Option<Timestamp>,
    /// Of the purpose's topics these alone: `--topics=seeds,tools`; none with `--topics=`
    #[arg(
        long,
        value_name = "IDS",
        requires = "purpose",
        require_equals = true,
        value_parser = topics
    )]
    topics: Option<Picked>,
    /// How the person said it
    #[arg(long, default_value = "")]
    evidence: String,
}

/// An own type: clap takes an option of a list for many options.
#[derive(Clone, Debug)]
struct Picked(BTreeSet<String>);

fn topics(text: &str) -> Result<Picked, String> {
    let ids = text.split(',').map(str::trim).filter(|id| !id.is_empty());
    Ok(Picked(ids.map(str::to_owned).collect()))
}

pub(super) async fn run(place: &Place, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Show { address, whose } => show(place, address, &whose).await,
        Command::Set(ask) => set(place, ask).await,
        Command::Prefer(ask) => prefer(place, ask).await,
        Command::List(ask) => listing::list(place, ask).await,
        Command::Review(ask) => listing::review(place, ask).await,
        Command::Export(ask) => rights::export(place, ask).await,
        Command::Erase(ask) => rights::erase(place, ask).await,
        Command::End(ask) => held::end(place, ask).await,
        Command::Inform(ask) => held::inform(place, ask).await,
        Command::Correct(ask) => held::correct(place, ask).await,
    }
}

async fn set(place: &Place, ask: Set) -> anyhow::Result<ExitCode> {
    let Set { address, whose, country, subscriber, published, evidence } = ask;
    anyhow::ensure!(
        country.is_some() || subscriber.is_some() || published.is_some(),
        "nothing to set: name --country, --subscriber or --published"
    );
    let now = Timestamp::now();
    let about = About { country, subscriber, published };
    let (business, consent) = (place.business()?, place.consent().await?);
    let who = Who::address(&whose.find(&business)?.id, address);
    told(consent.describe(now, &who, &about, &proof(now, &evidence)).await?, "set")
}

async fn prefer(place: &Place, ask: Prefer) -> anyhow::Result<ExitCode> {
    let (business, consent) = (place.business()?, place.consent().await?);
    let owner = match &ask.purpose {
        None => ask.whose.find(&business)?,
        Some(id) => ask.whose.purpose(&business, &consent, id).await?.1,
    };
    let Prefer { purpose, at_most, paused_until, topics, .. } = ask;
    let now = Timestamp::now();
    let topics = topics.map(|picked| picked.0);
    let preference = Preference { purpose, at_most, paused_until, topics };
    let who = Who::address(&owner.id, ask.address);
    let proof = proof(now, &ask.evidence);
    told(consent.prefer(now, &who, &preference, &proof).await?, "noted")
}

/// One controller's after the other's.
async fn show(place: &Place, address: Address, whose: &Whose) -> anyhow::Result<ExitCode> {
    let (business, consent) = (place.business()?, place.consent().await?);
    let mut known = 0;
    for owner in whose.some(&business)? {
        let who = Who::address(&owner.id, address.clone());
        let Some(contact) = consent.contact(&who).await? else { continue };
        if known > 0 {
            say("")?;
        }
        say(format!("controller  {}", owner.id))?;
        all(&contact)?;
        known += 1;
    }
    anyhow::ensure!(known > 0, "nothing is on record for this address");
    Ok(ExitCode::SUCCESS)
}

fn all(contact: &Contact) -> anyhow::Result<()> {
    head(&contact.brief)?;
    say("")?;
    wishes(contact)?;
    let mut table = Table::new(&["AT", "WHAT", "PURPOSE", "BY", "DETAIL", "EVIDENCE", "EVENT"]);
    for past in &contact.past {
        table.row([
            seconds(past.at),
            past.kind.clone(),
            past.purpose.clone().unwrap_or_else(|| "-".to_owned()),
            past.actor.clone(),
            past.detail.to_string(),
            past.evidence.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
            past.event.clone(),
        ]);
    }
    say(table)
}

fn head(contact: &Brief) -> anyhow::Result<()> {
    say(format!("contact     {}", contact.id))?;
    say(format!("key         {}", contact.key.hex()))?;
    say(format!("address     {}", contact.address.as_deref().unwrap_or("not kept")))?;
    say(format!("country     {}", contact.country.as_deref().unwrap_or("not known")))?;
    let published = if contact.published { ", published by itself" } else { "" };
    say(format!("subscriber  {}{published}", as_word(&contact.subscriber)))?;
    say(format!("since       {}", seconds(contact.created_at)))?;
    if let Some(at) = contact.last_activity {
        say(format!("active      {}", seconds(at)))?;
    }
    if let Some(at) = contact.erased_at {
        say(format!("erased      {}", seconds(at)))?;
    }
    Ok(())
}

/// What the person asked for, and what left of late where somebody counts it.
fn wishes(contact: &Contact) -> anyhow::Result<()> {
    let mut wishes = Table::new(&["WANTS ABOUT", "AT MOST", "PAUSED UNTIL", "TOPICS"]);
    for wish in &contact.preferences {
        wishes.row([
            wish.purpose.clone().unwrap_or_else(|| "everything".to_owned()),
            wish.at_most.map_or_else(|| "-".to_owned(), |most| most.to_string()),
            maybe_seconds(wish.paused_until),
            wish.topics.as_ref().map_or_else(|| "-".to_owned(), listed),
        ]);
    }
    let mut left = Table::new(&["GOT AT", "PURPOSE", "CLASS"]);
    for sent in &contact.sent {
        left.row([seconds(sent.at), sent.purpose.clone(), as_word(&sent.class)]);
    }
    for table in [wishes, left] {
        if !table.is_empty() {
            say(table)?;
            say("")?;
        }
    }
    Ok(())
}

/// No topic at all is not the same as no choice.
fn listed(topics: &BTreeSet<String>) -> String {
    let ids: Vec<&str> = topics.iter().map(String::as_str).collect();
    if ids.is_empty() { "none".to_owned() } else { ids.join(", ") }
}
