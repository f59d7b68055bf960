//! `souhlas serve`: runs the relay until it is told to stop.

use std::{path::Path, process::ExitCode, time::Duration};

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};

use super::{open::Place, remark, say};
use crate::{
    config::{Config, LogFormat},
    log,
    serve::{self, Relay},
};

pub(super) async fn run(place: &Place) -> anyhow::Result<ExitCode> {
    let config = place.config()?;
    let business = place.business()?;
    start_log(&config)?;
    let web_url = config.web.url.clone();
    let relay = serve::start(config, business, place.folder.clone()).await?;
    for (name, address) in &relay.smtp {
        say(format!("smtp {name:<12} {address}"))?;
    }
    say(format!("pages             http://{}", relay.web))?;
    if let Some(url) = web_url {
        say(format!("links begin with  {url}"))?;
    }
    say(format!("metrics, health   http://{}/metrics", relay.ops))?;
    relay.notes.iter().for_each(remark);
    until_stopped(&relay, &place.folder).await?;
    remark("stopping: no new messages, those under way are finished");
    relay.stop(GRACE).await;
    Ok(ExitCode::SUCCESS)
}

fn start_log(config: &Config) -> anyhow::Result<()> {
    let form = match config.log.format {
        LogFormat::Text => log::Form::Text,
        LogFormat::Json => log::Form::Json,
    };
    log::start(&config.log.filter, form)
}

/// Waits for SIGTERM or SIGINT; reloads on SIGHUP and when policy.toml changes.
pub(super) async fn until_stopped(relay: &Relay, folder: &Path) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    let mut hang_up = signal(SignalKind::hangup()).context("cannot listen for SIGHUP")?;
    let file = folder.join("policy.toml");
    let mut seen = stamp(&file);
    loop {
        let asked = tokio::select! {
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
            _ = hang_up.recv() => true,
            () = tokio::time::sleep(LOOK) => false,
        };
        let now = stamp(&file);
        if asked || now != seen {
            seen = now;
            match relay.reload().await {
                Ok(version) => remark(format!("policy {version} is in force")),
                Err(complaints) => {
                    complaints.iter().for_each(remark);
                    remark("the policy in force stays as it was");
                }
            }
        }
    }
}

/// Changes when the file does.
fn stamp(file: &Path) -> Option<(std::time::SystemTime, u64)> {
    let about = std::fs::metadata(file).ok()?;
    Some((about.modified().ok()?, about.len()))
}

/// How long messages under way may take after the signal.
const GRACE: Duration = Duration::from_secs(30);
/// How often policy.toml is looked at.
const LOOK: Duration = Duration::from_secs(2);
