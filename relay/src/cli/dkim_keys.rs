//! `souhlas keys dkim`: the keys that messages are signed with, their records, and from one key to
//! the next.

use std::process::ExitCode;

use anyhow::bail;
use clap::{Subcommand, ValueEnum};
use jiff::Timestamp;

use super::{open::Place, remark, say, table::Table};
use crate::{
    config::Config,
    delivery::dns::{Answer, Resolver},
    sign::{self, Algorithm, KeyInfo, Published, State, rotation},
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make the keys of a domain, RSA and Ed25519, and print the DNS records to publish
    New {
        /// The domain in header From, with A-labels
        domain: String,
        /// Selector, with `-rsa` and `-ed25519` behind it where both are made; none: today's date
        #[arg(long)]
        selector: Option<String>,
        /// One of them alone
        #[arg(long, value_enum)]
        algorithm: Option<AlgorithmArg>,
    },
    /// Make the keys that come next; once their records are published, --finish puts them to work
    ///
    /// Until then the keys at work sign. Exit code of --finish: 0 done, 1 a record is not there.
    Rotate {
        domain: String,
        /// Ask the DNS for the new keys, and where all are there let them sign instead
        #[arg(long)]
        finish: bool,
    },
    /// Print each key's record and ask the DNS whether it is published
    ///
    /// Exit code: 0 where all keys that sign or wait are published, 1 where one is not.
    Dns {
        /// Of this domain alone
        domain: Option<String>,
    },
    /// List all keys and their DNS records
    List,
    /// Remove a retired key, for ever; its record may go with it
    Remove { domain: String, selector: String },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum AlgorithmArg {
    /// RSA with 2048 bits: every receiver verifies it
    Rsa,
    /// Ed25519: faster and shorter, not verified by every receiver; use it beside RSA
    Ed25519,
}

pub(super) async fn run(place: &Place, command: Command) -> anyhow::Result<ExitCode> {
    let config = place.config()?;
    match command {
        Command::New { domain, selector, algorithm } => {
            new(&config, &domain, selector.as_deref(), algorithm)?;
        }
        Command::Rotate { domain, finish: false } => begin(&config, &domain)?,
        Command::Rotate { domain, finish: true } => return finish(&config, &domain).await,
        Command::Dns { domain } => return dns(&config, domain.as_deref()).await,
        Command::List => list(&config)?,
        Command::Remove { domain, selector } => {
            let record = rotation::remove(&config.keys, &domain, &selector)?;
            say(format!("removed; its record may be taken out of the DNS: {}", record.name))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn new(
    config: &Config,
    domain: &str,
    selector: Option<&str>,
    algorithm: Option<AlgorithmArg>,
) -> anyhow::Result<()> {
    let algorithms = match algorithm {
        Some(AlgorithmArg::Rsa) => vec![Algorithm::Rsa],
        Some(AlgorithmArg::Ed25519) => vec![Algorithm::Ed25519],
        None => vec![Algorithm::Rsa, Algorithm::Ed25519],
    };
    let now = Timestamp::now();
    let is_one = algorithms.len() == 1;
    for algorithm in algorithms {
        let own = selector.map(|own| match is_one {
            true => own.to_owned(),
            false => format!("{own}-{}", algorithm.name()),
        });
        let record = sign::create(&config.keys, domain, algorithm, own.as_deref(), now)?;
        say(record.zone_line())?;
    }
    remark(
        "publish each as a TXT record and see it with `souhlas keys dkim dns`; \
        a running relay uses new keys after SIGHUP or a restart",
    );
    Ok(())
}

fn begin(config: &Config, domain: &str) -> anyhow::Result<()> {
    for key in rotation::begin(&config.keys, domain, Timestamp::now())? {
        say(key.record.zone_line())?;
    }
    remark(format!(
        "publish each as a TXT record; the keys at work sign until \
        `souhlas keys dkim rotate {domain} --finish` finds it there"
    ));
    Ok(())
}

async fn finish(config: &Config, domain: &str) -> anyhow::Result<ExitCode> {
    let waiting = rotation::waiting(&config.keys, domain)?;
    if waiting.is_empty() {
        bail!(
            "no key of `{domain}` waits: `souhlas keys dkim rotate {domain}` makes the next ones"
        );
    }
    if !told(config, &waiting).await? {
        remark("nothing was changed: the keys at work go on signing");
        return Ok(ExitCode::FAILURE);
    }
    for key in rotation::finish(&config.keys, domain)? {
        say(format!("retired {}", key.record.name))?;
    }
    remark(
        "a running relay signs with the new keys after SIGHUP or a restart; leave the records of \
        retired keys for a week, messages on their way need them, then `souhlas keys dkim remove`",
    );
    Ok(ExitCode::SUCCESS)
}

async fn dns(config: &Config, domain: Option<&str>) -> anyhow::Result<ExitCode> {
    let mut keys = sign::list(&config.keys)?;
    if let Some(domain) = domain {
        keys.retain(|key| key.domain.eq_ignore_ascii_case(domain.trim_end_matches('.')));
    }
    if keys.is_empty() {
        bail!("there is no key: make one with `souhlas keys dkim new DOMAIN`");
    }
    for key in &keys {
        say(key.record.zone_line())?;
    }
    say("")?;
    Ok(if told(config, &keys).await? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Says of each key what the DNS has; whether all that sign or are to sign are published.
async fn told(config: &Config, keys: &[KeyInfo]) -> anyhow::Result<bool> {
    let resolver = Resolver::plain(&config.delivery.dns)?;
    let mut table = Table::new(&["DOMAIN", "SELECTOR", "ALGORITHM", "STATE", "DNS"]);
    let mut all = true;
    for key in keys {
        let (is_there, found) = match resolver.texts(&key.record.name).await {
            Answer::Found(texts) => match key.record.published(&texts) {
                Published::Same => (true, "published".to_owned()),
                Published::Missing => (false, "missing".to_owned()),
                Published::Other(text) => (false, format!("another key there: {text}")),
            },
            Answer::Nothing | Answer::NoName => (false, "missing".to_owned()),
            Answer::Failed(why) => (false, format!("DNS did not answer: {why}")),
        };
        all &= is_there || key.state == State::Retired;
        let (algorithm, state) = (key.algorithm.name(), key.state.name());
        table.row([&key.domain, &key.selector, algorithm, state, &found]);
    }
    say(table)?;
    Ok(all)
}

fn list(config: &Config) -> anyhow::Result<()> {
    let keys = sign::list(&config.keys)?;
    if keys.is_empty() {
        remark("there is no key: make one with `souhlas keys dkim new DOMAIN`");
        return Ok(());
    }
    let mut table = Table::new(&["DOMAIN", "SELECTOR", "ALGORITHM", "STATE", "FILE"]);
    for key in &keys {
        let file = key.file.display().to_string();
        let (algorithm, state) = (key.algorithm.name(), key.state.name());
        table.row([&key.domain, &key.selector, algorithm, state, &file]);
    }
    say(table)?;
    say("")?;
    for key in &keys {
        say(key.record.zone_line())?;
    }
    Ok(())
}
