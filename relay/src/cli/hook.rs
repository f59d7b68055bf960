//! `souhlas hook`: where other systems report subscriptions and refusals.

use std::process::ExitCode;

use clap::Subcommand;

use super::{open::Place, remark, say, table::Table};
use crate::web::hooks;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the hooks of policy.toml and the URLs that others report to
    List,
}

pub(super) async fn run(place: &Place, command: Command) -> anyhow::Result<ExitCode> {
    let Command::List = command;
    let (config, business) = (place.config()?, place.business()?);
    let store = place.store(&config).await?;
    let base = config.web.url.clone().unwrap_or_default();
    let mut table = Table::new(&["NAME", "CONTROLLER", "GRANTS", "URL"]);
    for hook in &business.hooks {
        let url = format!("{base}{}", hooks::path(&store.secret, hook));
        let grants = if hook.grants { "yes" } else { "no" };
        table.row([hook.id.as_str(), &hook.controller.id, grants, &url]);
    }
    store.db.close().await;
    if table.is_empty() {
        remark("there is no hook: add one under `[hook.NAME]` in policy.toml");
        return Ok(ExitCode::SUCCESS);
    }
    remark("who knows a URL may report: keep them secret, as you keep passwords");
    say(table)?;
    Ok(ExitCode::SUCCESS)
}
