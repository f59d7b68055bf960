//! `souhlas serve`: runs the relay until it is told to stop.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, SystemTime},
};

use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{open::Place, remark, say};
use crate::{
    config::{Config, LogFormat},
    log,
    serve::{self, Relay},
};

pub(super) async fn run(place: &Place) -> anyhow::Result<ExitCode> {
    run_with(place, place.config()?).await
}

/// `souhlas milter`: the same for those who keep their mail server. Nobody submits here.
pub(super) async fn run_milter(place: &Place) -> anyhow::Result<ExitCode> {
    let mut config = place.config()?;
    config.listeners.retain(|listener| listener.milter.is_some());
    anyhow::ensure!(
        !config.listeners.is_empty(),
        "relay.toml has no listener where a mail server could ask: add a `[[listener]]` with \
        `takes = \"milter\"`"
    );
    run_with(place, config).await
}

async fn run_with(place: &Place, config: Config) -> anyhow::Result<ExitCode> {
    let policy = Watched::new(&place.folder);
    let business = place.business()?;
    start_log(&config)?;
    let web_url = config.web.url.clone();
    let mut signals = Signals::listen()?;
    let relay = tokio::select! {
        relay = serve::start(config, business, place.folder.clone()) => relay?,
        () = signals.stop() => return Ok(ExitCode::SUCCESS),
    };
    for (name, address) in &relay.smtp {
        say(format!("smtp {name:<12} {address}"))?;
    }
    for (name, address) in &relay.milters {
        say(format!("milter {name:<10} {address}"))?;
    }
    say(format!("pages             http://{}", relay.web))?;
    say(format!("api               http://{}", relay.api))?;
    say(format!("console           http://{}", relay.console))?;
    if let Some(link) = &relay.first_account {
        say(format!("first account     {link}"))?;
    }
    if let Some(url) = web_url {
        say(format!("links begin with  {url}"))?;
    }
    say(format!("metrics, health   http://{}/metrics", relay.ops))?;
    relay.notes.iter().for_each(remark);
    signals.until_stopped(&relay, policy).await;
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
    /// Before anything is answered: who sees that the relay runs may send one.
    pub(super) fn listen() -> anyhow::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?,
            interrupt: signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?,
            hang_up: signal(SignalKind::hangup()).context("cannot listen for SIGHUP")?,
        })
    }

    /// Waits for SIGTERM or SIGINT.
    async fn stop(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Waits for SIGTERM or SIGINT; reloads on SIGHUP and when policy.toml changes.
    pub(super) async fn until_stopped(mut self, relay: &Relay, mut policy: Watched) {
        loop {
            let asked = tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                _ = self.hang_up.recv() => true,
                () = tokio::time::sleep(LOOK) => false,
            };
            if policy.changed() || asked {
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

/// policy.toml as it was when it was last looked at.
pub(super) struct Watched {
    file: PathBuf,
    seen: Option<(SystemTime, u64)>,
}

impl Watched {
    /// Before it is read: what is written while the relay starts is a change.
    pub(super) fn new(folder: &Path) -> Self {
        let file = folder.join("policy.toml");
        let seen = Self::stamp(&file);
        Self { file, seen }
    }

    fn changed(&mut self) -> bool {
        let now = Self::stamp(&self.file);
        std::mem::replace(&mut self.seen, now) != now
    }

    fn stamp(file: &Path) -> Option<(SystemTime, u64)> {
        let about = std::fs::metadata(file).ok()?;
        Some((about.modified().ok()?, about.len()))
    }
}

/// How long messages under way may take after the signal.
const GRACE: Duration = Duration::from_secs(30);
/// How often policy.toml is looked at.
const LOOK: Duration = Duration::from_secs(2);
