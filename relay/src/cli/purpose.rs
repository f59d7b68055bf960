//! `souhlas purpose`: why addresses may be used.

use std::process::ExitCode;

use anyhow::{anyhow, bail};
use clap::Subcommand;
use jiff::{Span, Timestamp};
use policy::{Basis, Purpose, Validity};

use super::{
    arguments::{as_word, span, word},
    open::Place,
    remark, say,
    table::Table,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a purpose
    Add {
        /// Short and stable: `newsletter`
        id: String,
        /// Id of the controller in policy.toml
        #[arg(long)]
        controller: String,
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
        /// Count the duration from the last activity and not from the grant
        #[arg(long)]
        since_activity: bool,
        /// For people; nothing is decided by it
        #[arg(long, default_value = "")]
        note: String,
    },
    /// List all purposes
    List,
}

pub(super) async fn run(place: &Place, command: Command) -> anyhow::Result<ExitCode> {
    let config = place.config()?;
    let consent = place.store(&config).await?.consent();
    match command {
        Command::Add { id, controller, name, basis, duration, since_activity, note } => {
            let business = place.business()?;
            if business.controller(&controller).is_none() {
                let known: Vec<&str> =
                    business.controllers.iter().map(|known| known.id.as_str()).collect();
                bail!(
                    "there is no controller `{controller}` in policy.toml: it has {}",
                    known.join(", ")
                );
            }
            let validity = if since_activity {
                Validity::SinceActivity(duration)
            } else {
                Validity::Fixed(duration)
            };
            let purpose = Purpose { id: id.clone(), controller, name, basis, validity, note };
            consent
                .purpose_add(Timestamp::now(), &purpose)
                .await
                .map_err(|fault| anyhow!("purpose `{id}`: {fault}"))?;
            say(format!("purpose `{id}` is added"))?;
        }
        Command::List => {
            let mut table = Table::new(&["ID", "CONTROLLER", "BASIS", "DURATION", "NAME"]);
            for purpose in consent.purposes().await? {
                let duration = match &purpose.validity {
                    Validity::Fixed(span) => format!("{span:#}"),
                    Validity::SinceActivity(span) => format!("{span:#} since activity"),
                };
                let basis = as_word(&purpose.basis);
                table.row([&purpose.id, &purpose.controller, &basis, &duration, &purpose.name]);
            }
            if table.is_empty() {
                remark("there is no purpose: add one with `souhlas purpose add`");
            } else {
                say(table)?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
