//! `souhlas keys`: the DKIM keys of the controllers' domains.

use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};
use jiff::Timestamp;

use super::{open::Place, remark, say, table::Table};
use crate::sign::{self, Algorithm};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Keys for DKIM signatures
    #[command(subcommand)]
    Dkim(Dkim),
}

#[derive(Debug, Subcommand)]
pub(super) enum Dkim {
    /// Make a key for a domain and print the DNS record to publish
    New {
        /// The domain in header From, with A-labels
        domain: String,
        /// Selector; made of date and algorithm where none is given
        #[arg(long)]
        selector: Option<String>,
        #[arg(long, value_enum, default_value_t = AlgorithmArg::Rsa)]
        algorithm: AlgorithmArg,
    },
    /// List all keys and their DNS records
    List,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum AlgorithmArg {
    /// RSA with 2048 bits: every receiver verifies it
    Rsa,
    /// Ed25519: faster and shorter, not verified by every receiver; use it beside RSA
    Ed25519,
}

pub(super) fn run(place: &Place, command: Command) -> anyhow::Result<ExitCode> {
    let config = place.config()?;
    let Command::Dkim(command) = command;
    match command {
        Dkim::New { domain, selector, algorithm } => {
            let algorithm = match algorithm {
                AlgorithmArg::Rsa => Algorithm::Rsa,
                AlgorithmArg::Ed25519 => Algorithm::Ed25519,
            };
            let now = Timestamp::now();
            let record = sign::create(&config.keys, &domain, algorithm, selector.as_deref(), now)?;
            say(record.zone_line())?;
            remark(
                "publish this TXT record; a running relay uses the key after SIGHUP or a restart",
            );
        }
        Dkim::List => {
            let keys = sign::list(&config.keys)?;
            let mut table = Table::new(&["DOMAIN", "SELECTOR", "ALGORITHM", "SIGNS", "FILE"]);
            for key in &keys {
                let signs = if key.signs { "yes" } else { "no" };
                let file = key.file.display().to_string();
                table.row([&key.domain, &key.selector, key.algorithm.name(), signs, &file]);
            }
            if keys.is_empty() {
                remark("there is no key: make one with `souhlas keys dkim new DOMAIN`");
                return Ok(ExitCode::SUCCESS);
            }
            say(table)?;
            say("")?;
            for key in &keys {
                say(key.record.zone_line())?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
