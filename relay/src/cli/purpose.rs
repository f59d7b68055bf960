//! `souhlas purpose`: why addresses may be used.

use std::process::ExitCode;

use anyhow::anyhow;
use clap::Subcommand;
use jiff::{Span, Timestamp};
use policy::{Basis, Purpose, Requires, Validity};

use super::{
    arguments::{as_word, span, word},
    open::Place,
    remark, say,
    table::Table,
    whose::Whose,
};
use crate::consent::Consent;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a purpose
    Add {
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
        /// Count the duration from the last activity and not from the grant
        #[arg(long)]
        since_activity: bool,
        /// A grant counts only where a click in a message confirmed it
        #[arg(long)]
        double_opt_in: bool,
        /// A grant is spent by one message
        #[arg(long)]
        once: bool,
        /// A grant counts only where the person declared to be of age
        #[arg(long)]
        of_age: bool,
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
        Command::Add {
            id,
            whose,
            name,
            basis,
            duration,
            since_activity,
            double_opt_in,
            once,
            of_age,
            note,
        } => {
            let business = place.business()?;
            let controller = whose.find(&business)?.id.clone();
            let validity = if since_activity {
                Validity::SinceActivity(duration)
            } else {
                Validity::Fixed(duration)
            };
            let requires = Requires { double_opt_in, age_declared: of_age, once };
            let purpose =
                Purpose { id: id.clone(), controller, name, basis, validity, requires, note };
            consent
                .purpose_add(Timestamp::now(), &purpose)
                .await
                .map_err(|fault| anyhow!("purpose `{id}`: {fault}"))?;
            say(format!("purpose `{id}` is added"))?;
        }
        Command::List => list(&consent).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(consent: &Consent) -> anyhow::Result<()> {
    let mut table = Table::new(&["ID", "CONTROLLER", "BASIS", "DURATION", "ASKS", "NAME"]);
    for purpose in consent.purposes().await? {
        let duration = match &purpose.validity {
            Validity::Fixed(span) => format!("{span:#}"),
            Validity::SinceActivity(span) => format!("{span:#} since activity"),
        };
        let basis = as_word(&purpose.basis);
        let Requires { double_opt_in, age_declared, once } = purpose.requires;
        let asks: Vec<&str> =
            [(double_opt_in, "double-opt-in"), (once, "once"), (age_declared, "of-age")]
                .into_iter()
                .filter_map(|(asked, word)| asked.then_some(word))
                .collect();
        let asks = if asks.is_empty() { "-".to_owned() } else { asks.join(", ") };
        table.row([&purpose.id, &purpose.controller, &basis, &duration, &asks, &purpose.name]);
    }
    if table.is_empty() {
        remark("there is no purpose: add one with `souhlas purpose add`");
    } else {
        say(table)?;
    }
    Ok(())
}
