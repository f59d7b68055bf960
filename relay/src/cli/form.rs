//! `souhlas form`: what people subscribe by, and how it gets into a page of one's own.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Subcommand;

use super::{arguments::language, open::Place, remark, say, table::Table};
use crate::{
    web::public::{lacking, snippet},
    words::Words,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the forms of policy.toml, with what is wrong with their purposes
    List,
    /// Print the HTML of one for a page of your own, and where its own page is
    Show {
        /// `[form.NAME]` of policy.toml
        name: String,
        /// The language, if not the controller's: cs, sk, en, de or pl
        #[arg(long, value_parser = language)]
        lang: Option<policy::Language>,
    },
}

pub(super) async fn run(place: &Place, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::List => list(place).await?,
        Command::Show { name, lang } => show(place, &name, lang).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(place: &Place) -> anyhow::Result<()> {
    let (business, consent) = (place.business()?, place.consent().await?);
    let mut table = Table::new(&["NAME", "CONTROLLER", "PURPOSES"]);
    for form in &business.forms {
        let offered: Vec<&str> = form.offers.iter().map(|offer| offer.purpose.as_str()).collect();
        table.row([&form.id, &form.controller.id, &offered.join(", ")]);
    }
    if table.is_empty() {
        remark("there is no form: write a `[form.NAME]` into policy.toml");
    } else {
        say(table)?;
    }
    for lack in lacking(&business, &consent).await? {
        remark(format!(
            "form `{}`: purpose `{}` is not there or closed, so nobody is asked for it: \
             `souhlas purpose add`",
            lack.form, lack.purpose
        ));
    }
    Ok(())
}

async fn show(place: &Place, name: &str, lang: Option<policy::Language>) -> anyhow::Result<()> {
    let config = place.config()?;
    let business = place.business()?;
    let Some(form) = business.form(name) else {
        bail!("there is no form `{name}`: `souhlas form list` names all");
    };
    let base = config.web.url.as_deref();
    let base = base.context("relay.toml has no `url` under `[web]`: nobody could reach a form")?;
    let consent = place.store(&config).await?.consent();
    let words = Words::of(lang.unwrap_or(form.controller.language));
    let found = snippet(&business, form, consent, base.trim_end_matches('/'), words).await?;
    say(format!("<!-- The form's own page: {} -->", found.url))?;
    say(found.form)?;
    if let Some(frame) = found.frame {
        say(format!("<!-- Or in a frame: -->\n{frame}"))?;
    }
    Ok(())
}
