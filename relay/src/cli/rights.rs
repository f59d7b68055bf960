//! `souhlas contact export` and `erase`: a person asks what is on record, or wants it gone; and
//! `souhlas purpose notice`: what people are told before they ask.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use policy::{Address, Controller};

use super::{
    arguments::{address, language},
    open::{Place, Store},
    remark, say,
    table::Table,
    whose::Whose,
};
use crate::{
    config::Business,
    consent::{Consent, Erasure, Who},
    owned,
    rights::{self, Dossier, Stays, Stores, Wish},
    spool::Spool,
    web::paper,
    words::Words,
};

#[derive(Args, Debug)]
pub(super) struct Export {
    #[arg(value_parser = address)]
    address: Address,
    #[command(flatten)]
    whose: Whose,
    /// json for machines, csv for tables, html for the person to read
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// Of the page: cs, sk, en, de or pl; the controller's where nothing is said
    #[arg(long, value_parser = language)]
    language: Option<policy::Language>,
    /// Write it to this file, for its owner's eyes alone
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Json,
    Csv,
    Html,
}

#[derive(Args, Debug)]
pub(super) struct Erase {
    #[arg(value_parser = address)]
    address: Address,
    #[command(flatten)]
    whose: Whose,
    /// delete: grants, purchases and activity go, too; anonymise: they stay, of somebody unknown
    #[arg(long, value_enum)]
    how: How,
    /// The person did not ask for it: write down no refusal, so that a tool may bring it back
    #[arg(long)]
    without_refusal: bool,
    /// Take the proof of consents away, too, where no law fixes for how long it is kept
    #[arg(long)]
    proof_too: bool,
}

#[derive(Args, Debug)]
pub(super) struct Notice {
    #[command(flatten)]
    whose: Whose,
    /// cs, sk, en, de or pl; the controller's where nothing is said
    #[arg(long, value_parser = language)]
    language: Option<policy::Language>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum How {
    Delete,
    Anonymise,
}

pub(super) async fn export(place: &Place, ask: Export) -> anyhow::Result<ExitCode> {
    let (business, open) = (place.business()?, Open::of(place).await?);
    let owner = one(&business, &open.consent, &ask.whose, &ask.address).await?;
    let who = Who::address(&owner.id, ask.address);
    let found = Dossier::of(open.stores(), owner, &who, Timestamp::now()).await?;
    let dossier = found.context("nothing is on record for this address")?;
    let text = match ask.format {
        Format::Json => format!("{}\n", serde_json::to_string_pretty(&dossier)?),
        Format::Csv => dossier.csv(),
        Format::Html => {
            let words = Words::of(ask.language.unwrap_or(owner.language));
            paper::dossier(words, &owner.time_zone, &dossier)
                .context("the page cannot be written")?
        }
    };
    match ask.out {
        None => say(text.trim_end())?,
        Some(file) => {
            owned::write(&file, text.as_bytes())
                .with_context(|| format!("cannot write `{}`", file.display()))?;
            remark(format!("written to `{}`: it holds personal data", file.display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn notice(place: &Place, ask: Notice) -> anyhow::Result<ExitCode> {
    let (business, consent) = (place.business()?, place.consent().await?);
    let owner = ask.whose.find(&business)?;
    let now = Timestamp::now();
    let language = ask.language.unwrap_or(owner.language);
    let mut purposes = consent.purposes().await?;
    purposes.retain(|one| one.controller == owner.id && one.closed_at.is_none());
    anyhow::ensure!(
        !purposes.is_empty(),
        "there is no purpose to tell of: add one with `souhlas purpose add`"
    );
    let terms = business.pack_of(owner, now).map(|pack| &pack.terms);
    say(rights::notice(language, owner, &purposes, terms).trim_end())?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn erase(place: &Place, ask: Erase) -> anyhow::Result<ExitCode> {
    let (business, open) = (place.business()?, Open::of(place).await?);
    let owner = one(&business, &open.consent, &ask.whose, &ask.address).await?;
    let wish = Wish {
        how: match ask.how {
            How::Delete => Erasure::Delete,
            How::Anonymise => Erasure::Anonymise,
        },
        refuses: !ask.without_refusal,
        proof_too: ask.proof_too,
        actor: "cli".to_owned(),
    };
    let now = Timestamp::now();
    let pack = business.pack_of(owner, now);
    let who = Who::address(&owner.id, ask.address);
    let done = rights::erase(open.stores(), (owner, pack), &who, now, &wish).await?;
    let done = done.context("nothing is on record for this address")?;
    say(format!("erased: event {}, evidence of {} statement(s)", done.event, done.statements))?;
    if done.stays.is_empty() {
        say("nothing stays")?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = Table::new(&["STAYS", "UNTIL", "WHY", "LAW"]);
    for Stays { what, until, why, law } in done.stays {
        let day = |at: Timestamp| at.to_zoned(owner.time_zone.clone()).date().to_string();
        table.row([what, until.map_or_else(|| "-".to_owned(), day), why, law]);
    }
    say("")?;
    say(table)?;
    Ok(ExitCode::SUCCESS)
}

/// What both read.
struct Open {
    store: Store,
    consent: Consent,
    spool: Spool,
}

impl Open {
    async fn of(place: &Place) -> anyhow::Result<Self> {
        let store = place.store(&place.config()?).await?;
        let spool = Spool::visit(store.db.clone(), &store.secret, "cli")?;
        Ok(Self { consent: store.consent(), store, spool })
    }

    fn stores(&self) -> Stores<'_> {
        let Store { db, secret, .. } = &self.store;
        Stores { db, secret, consent: &self.consent, spool: &self.spool }
    }
}

/// The controller that knows the address; each of several answers for itself.
async fn one<'b>(
    business: &'b Business,
    consent: &Consent,
    whose: &Whose,
    address: &Address,
) -> anyhow::Result<&'b Controller> {
    let mut known: Vec<&Controller> = Vec::new();
    let asked = whose.some(business)?;
    for owner in asked.iter().copied() {
        if consent.knows(&Who::address(&owner.id, address.clone())).await? {
            known.push(owner);
        }
    }
    match known.as_slice() {
        [] if asked.len() != 1 => bail!("nothing is on record for this address"),
        // Whoever was only written to has a sample to lose.
        [] => {
            let only = asked.first().map(|owner| (*owner).as_ref());
            only.context("there is no controller")
        }
        [only] => Ok(only),
        several => {
            let ids: Vec<&str> = several.iter().map(|owner| owner.id.as_str()).collect();
            bail!(
                "several know this address, and each answers for itself: name one with --controller: {}",
                ids.join(", ")
            )
        }
    }
}
