//! `souhlas keys`: the DKIM keys of the controllers' domains. Data keys are `data_keys`'s.

use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};
use jiff::Timestamp;

use super::{data_keys, open::Place, remark, say, table::Table};
use crate::sign::{self, Algorithm};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Keys for DKIM signatures
    #[command(subcommand)]
    Dkim(Dkim),
    /// Make a new key for personal data at rest and for links, and seal everything anew with it
    ///
    /// Runs beside relays at work. Stopped, it goes on where it was when it is run again.
    Rotate,
    /// List the keys for personal data: since when, and how many values each of them seals
    List,
    /// Remove such a key from the key file, for ever, where nothing is sealed with it any more
    Drop {
        /// Id as in the list
        id: u8,
    },
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

pub(super) async fn run(place: &Place, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Dkim(command) => dkim(place, command),
        Command::Rotate => data_keys::rotate(place).await,
        Command::List => data_keys::list(place).await,
        Command::Drop { id } => data_keys::drop_key(place, id).await,
    }
}

fn dkim(place: &Place, command: Dkim) -> anyhow::Result<ExitCode> {
    let config = place.config()?;
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
