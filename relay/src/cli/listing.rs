//! `souhlas contact list`, `souhlas contact review`, `souhlas purpose assign`: many contacts at once.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context as _, anyhow, bail};
use clap::Args;
use jiff::Timestamp;
use policy::{Address, Controller};
use serde_json::json;

use super::{open::Place, remark, say, table::Table, terms::Terms, whose::Whose};
use crate::{
    config::Business,
    consent::{
        Assigned, Assignment, Clocks, Filter, Target,
        clock::{Figures, Review},
    },
};

#[derive(Args, Debug)]
pub(super) struct List {
    #[command(flatten)]
    whose: Whose,
    /// Which ones, as JSON or a file of it: `{"and":[{"holds":"news"},{"customer":"former"}]}`
    #[arg(long, value_name = "JSON|FILE")]
    filter: Option<String>,
    /// Say how many, and no more
    #[arg(long)]
    count: bool,
    /// At most so many; 0: all
    #[arg(long, default_value_t = 100)]
    limit: usize,
}

#[derive(Args, Debug)]
pub(super) struct Assign {
    /// Id of the purpose
    id: String,
    #[command(flatten)]
    whose: Whose,
    /// To whom a filter finds, as JSON or a file of it
    #[arg(long, value_name = "JSON|FILE", required_unless_present = "addresses")]
    filter: Option<String>,
    /// To the addresses in a file, one on each line
    #[arg(long, value_name = "FILE", conflicts_with = "filter")]
    addresses: Option<PathBuf>,
    #[command(flatten)]
    terms: Terms,
    /// Count everything, write nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Args, Debug)]
pub(super) struct Look {
    #[command(flatten)]
    whose: Whose,
    /// Sign that you looked them over: your name
    #[arg(long, value_name = "NAME")]
    sign: Option<String>,
    /// What was found and done
    #[arg(long, default_value = "", requires = "sign")]
    note: String,
}

pub(super) async fn list(place: &Place, ask: List) -> anyhow::Result<ExitCode> {
    let (business, consent) = (place.business()?, place.consent().await?);
    let owner = ask.whose.find(&business)?;
    let clocks = clocks(&business, owner, Timestamp::now())?;
    let filter = ask.filter.as_deref().map_or_else(|| Ok(Filter::everybody()), filter)?;
    if ask.count {
        say(consent.count(&owner.id, &filter, &clocks).await?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let most = if ask.limit == 0 { usize::MAX } else { ask.limit };
    let (mut shown, mut after) = (0, None);
    loop {
        let page = consent.list(&owner.id, &filter, &clocks, after, PAGE.min(most - shown)).await?;
        let mut table = Table::new(&["ADDRESS", "SINCE", "ACTIVE", "COUNTRY", "CONTACT"]);
        for one in &page.contacts {
            let day = |at: Timestamp| at.strftime("%Y-%m-%d").to_string();
            table.row([
                one.address.clone().unwrap_or_else(|| "not kept".to_owned()),
                day(one.created_at),
                one.last_activity.map_or_else(|| "-".to_owned(), day),
                one.country.clone().unwrap_or_else(|| "-".to_owned()),
                one.id.to_string(),
            ]);
        }
        shown += page.contacts.len();
        if !table.is_empty() {
            say(table)?;
        }
        after = page.next;
        if after.is_none() || shown >= most {
            break;
        }
    }
    if after.is_some() {
        remark(format!("the first {shown}: there may be more (`--limit 0` for all)"));
    } else if shown == 0 {
        remark("no contact is like that");
    }
    Ok(ExitCode::SUCCESS)
}

/// Stopped on its way, it goes on where it was when the same is asked for again.
pub(super) async fn assign(place: &Place, ask: Assign) -> anyhow::Result<ExitCode> {
    let (business, consent) = (place.business()?, place.consent().await?);
    let (purpose, owner) = ask.whose.purpose(&business, &consent, &ask.id).await?;
    let clocks = clocks(&business, owner, Timestamp::now())?;
    let target = match (&ask.filter, &ask.addresses) {
        (Some(text), _) => Target::Filter(filter(text)?),
        (None, Some(file)) => Target::Addresses(addresses(file)?),
        (None, None) => bail!("to whom? --filter or --addresses"),
    };
    let terms = ask.terms;
    terms.check()?;
    let what = Assignment {
        controller: owner.id.clone(),
        purpose: purpose.id,
        start: terms.from,
        until: terms.until,
        method: terms.method,
        source: terms.source,
        confirmed_at: terms.confirmed_at,
        of_age: terms.of_age,
        evidence: json!({ "note": terms.evidence }),
        actor: "cli".to_owned(),
        dry_run: ask.dry_run,
    };
    let assigned =
        consent.assign(&Timestamp::now, &owner.time_zone, &clocks, &what, &target, |_| ()).await;
    let Assigned { seen, granted, already, refusal_stands, empty } =
        assigned.map_err(|fault| anyhow!("purpose `{}`: {fault}", ask.id))?;
    let would = if ask.dry_run { "would be granted" } else { "granted" };
    say(format!("{seen} contacts"))?;
    say(format!("{granted} {would}"))?;
    say(format!("{already} had it already"))?;
    say(format!("{refusal_stands} refused: not granted"))?;
    if empty > 0 {
        say(format!("{empty} would have ended before they began: not granted"))?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn review(place: &Place, ask: Look) -> anyhow::Result<ExitCode> {
    let (business, consent) = (place.business()?, place.consent().await?);
    let owner = ask.whose.find(&business)?;
    let now = Timestamp::now();
    let clocks = clocks(&business, owner, now)?;
    let figures = consent.review_figures(&owner.id, &clocks).await?;
    show(&figures)?;
    match ask.sign {
        Some(actor) => {
            let review = Review { at: now, actor, note: ask.note, figures };
            consent.review_sign(&owner.id, &review).await?;
            say("signed")?;
        }
        None => {
            let mut table = Table::new(&["SIGNED", "BY", "CONTACTS", "NOTE"]);
            for one in consent.reviews(&owner.id).await? {
                let day = one.at.strftime("%Y-%m-%d").to_string();
                table.row([day, one.actor, one.figures.contacts.to_string(), one.note]);
            }
            if table.is_empty() {
                remark("nobody has signed yet: look them over and `--sign NAME`");
            } else {
                say(table)?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(figures: &Figures) -> anyhow::Result<()> {
    for (count, what) in [
        (figures.contacts, "contacts"),
        (figures.holding_nothing, "hold no valid purpose"),
        (figures.refused_everything, "refused everything"),
        (figures.active_customers, "are active customers"),
        (figures.former_customers, "were customers and show signs of life"),
        (figures.inactive_customers, "were customers and are silent"),
        (figures.never_customers, "never bought: consent alone carries"),
        (figures.silent, "are silent for longer than the law's clocks wait"),
    ] {
        say(format!("{count:>9}  {what}"))?;
    }
    Ok(())
}

/// JSON begins with a bracket; everything else is a file.
pub(super) fn filter(text: &str) -> anyhow::Result<Filter> {
    let json = if text.trim_start().starts_with('{') {
        text.to_owned()
    } else {
        std::fs::read_to_string(text).with_context(|| format!("cannot read the filter `{text}`"))?
    };
    Ok(Filter::parse(&json)?)
}

fn addresses(file: &std::path::Path) -> anyhow::Result<Vec<Address>> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read the file `{}`", file.display()))?;
    let mut all = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let address = Address::parse(line).map_err(|fault| anyhow!("line {number}: {fault}"))?;
        all.push(address);
    }
    Ok(all)
}

pub(super) fn clocks(
    business: &Business,
    owner: &Controller,
    now: Timestamp,
) -> anyhow::Result<Clocks> {
    let pack = business.pack_of(owner, now).context("no pack is in force for the controller")?;
    Ok(Clocks::new(now, pack, &owner.time_zone, &owner.customer_for))
}

/// What is shown at a time.
const PAGE: usize = 500;
