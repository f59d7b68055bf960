//! `souhlas keys`: those that sign are `dkim_keys`'s, those that seal `data_keys`'s.

use std::process::ExitCode;

use clap::Subcommand;

use super::{data_keys, dkim_keys, open::Place};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Keys for DKIM signatures
    #[command(subcommand)]
    Dkim(dkim_keys::Command),
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

pub(super) async fn run(place: &Place, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Dkim(command) => dkim_keys::run(place, command).await,
        Command::Rotate => data_keys::rotate(place).await,
        Command::List => data_keys::list(place).await,
        Command::Drop { id } => data_keys::drop_key(place, id).await,
    }
}
