//! `souhlas serve`: runs the relay until it is told to stop.

use std::{path::Path, process::ExitCode, time::Duration};

use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};

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
    let signals = Signals::listen()?;
    for (name, address) in &relay.smtp {
        say(format!("smtp {name:<12} {address}"))?;
    }
    say(format!("pages             http://{}", relay.web))?;
    say(format!("api               http://{}", relay.api))?;
    if let Some(url) = web_url {
        say(format!("links begin with  {url}"))?;
    }
    say(format!("metrics, health   http://{}/metrics", relay.ops))?;
    relay.notes.iter().for_each(remark);
    signals.until_stopped(&relay, &place.folder).await;
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

/// Signals that come from now on wait until they are asked for, and do not kill.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    /// Before anything says that the relay runs.
    pub(super) fn listen() -> anyhow::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?,
            interrupt: signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?,
            hang_up: signal(SignalKind::hangup()).context("cannot listen for SIGHUP")?,
        })
    }

    /// Waits for SIGTERM or SIGINT; reloads on SIGHUP and when policy.toml changes.
    pub(super) async fn until_stopped(mut self, relay: &Relay, folder: &Path) {
        let file = folder.join("policy.toml");
        let mut seen = stamp(&file);
        loop {
            let asked = tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                _ = self.hang_up.recv() => true,
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
