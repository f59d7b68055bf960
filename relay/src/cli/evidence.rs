//! `souhlas evidence`: case files for an authority, and their check.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use policy::Address;
use uuid::Uuid;

use super::{arguments::address, open::Place, say, whose::Whose};
use crate::evidence::{self, Report};

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Ask {
    #[command(subcommand)]
    command: Option<Command>,
    /// About this message, by the id of the journal
    #[arg(long, value_name = "ID", required_unless_present = "to")]
    message: Option<Uuid>,
    /// About this address: all that is on record, or its part of the message
    #[arg(long, value_parser = address, value_name = "ADDRESS")]
    to: Option<Address>,
    #[command(flatten)]
    whose: Whose,
    /// The message as it was sent, where you have kept it: the relay keeps its digest alone
    #[arg(long, value_name = "FILE", requires = "message")]
    original: Option<PathBuf>,
    /// Where the archive goes
    #[arg(long, value_name = "FILE", required = true)]
    out: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check a case file by itself: neither database nor configuration is asked
    ///
    /// Exit code: 0 whole, 1 something is wrong with it.
    Verify {
        file: PathBuf,
        /// The fingerprint of the key that was deposited
        #[arg(long, value_name = "FINGERPRINT")]
        key: Option<String>,
    },
    /// Print the public key that case files are signed with, and its fingerprint, to deposit them
    Key,
}

pub(super) async fn run(place: &Place, ask: Ask) -> anyhow::Result<ExitCode> {
    match ask.command {
        Some(Command::Verify { file, key }) => {
            let bytes = read(&file)?;
            told(&evidence::check(&bytes, key.as_deref()))
        }
        Some(Command::Key) => {
            let store = place.store(&place.config()?).await?;
            let key = evidence::public_key(&store.secret);
            say(key.pem().trim_end())?;
            say(format!("fingerprint {}", key.fingerprint()))?;
            Ok(ExitCode::SUCCESS)
        }
        None => make(place, ask).await,
    }
}

async fn make(place: &Place, ask: Ask) -> anyhow::Result<ExitCode> {
    let Some(out) = &ask.out else { bail!("where to? Name a file with --out") };
    let business = place.business()?;
    let owner = ask.whose.find(&business)?;
    let store = place.store(&place.config()?).await?;
    let original = ask.original.as_deref().map(read).transpose()?;
    let about = evidence::Ask {
        controller: owner,
        message: ask.message,
        address: ask.to.as_ref(),
        original,
    };
    let consent = store.consent();
    let now = Timestamp::now();
    let archive = evidence::make(now, (&store.db, &store.secret, &consent), &about).await?;
    fs::write(out, archive).with_context(|| format!("cannot write `{}`", out.display()))?;
    say(format!("written: {}", out.display()))?;
    say(format!("fingerprint {}", evidence::public_key(&store.secret).fingerprint()))?;
    Ok(ExitCode::SUCCESS)
}

fn told(report: &Report) -> anyhow::Result<ExitCode> {
    let Report { fingerprint, proved, unproved, faults } = report;
    if let Some(fingerprint) = fingerprint {
        say(format!("fingerprint {fingerprint}"))?;
    }
    for (word, list) in [("proved", proved), ("not proved", unproved), ("WRONG", faults)] {
        for one in list {
            say(format!("{word}: {one}"))?;
        }
    }
    if faults.is_empty() {
        say("the case file is whole")?;
        return Ok(ExitCode::SUCCESS);
    }
    say("the case file is NOT whole")?;
    Ok(ExitCode::FAILURE)
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("cannot read `{}`", file.display()))
}
