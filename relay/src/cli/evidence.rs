//! `souhlas evidence`: case files for an authority, checkpoints for a third party, and their check.

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

use super::{
    arguments::{address, language},
    open::{Place, Store},
    remark, say,
    table::Table,
    whose::Whose,
};
use crate::{
    evidence::{self, Deposit, Report, Which},
    owned,
    seal::{digest, hex},
    spool::Spool,
    words::Words,
};

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
    /// The message as it left or as it came, where you have kept it: the relay keeps the digests
    /// of both, and of what still waits in the spool the message itself
    #[arg(long, value_name = "FILE", requires = "message")]
    original: Option<PathBuf>,
    /// Of the page: cs, sk, en, de or pl; the controller's where nothing is said
    #[arg(long, value_parser = language)]
    language: Option<policy::Language>,
    /// Lead from the case to the checkpoints in this file, which was deposited
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Where the archive goes
    #[arg(long, value_name = "FILE", required = true)]
    out: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check a case file by itself: neither database nor configuration is asked. Without one, check
    /// the database against checkpoints that were deposited
    ///
    /// Exit code: 0 whole, 1 something is wrong.
    Verify {
        #[arg(required_unless_present = "checkpoint")]
        file: Option<PathBuf>,
        /// The fingerprint of the key that was deposited
        #[arg(long, value_name = "FINGERPRINT", requires = "file")]
        key: Option<String>,
        /// Checkpoints that were deposited: they show what was written anew and signed again
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
    },
    /// What puts the chains under a signature, every hour
    #[command(subcommand)]
    Checkpoints(Checkpoints),
    /// Print the public key that case files are signed with, and its fingerprint, to deposit them
    Key,
}

#[derive(Debug, Subcommand)]
pub(super) enum Checkpoints {
    /// The last one of each chain
    List {
        /// Every one
        #[arg(long)]
        all: bool,
    },
    /// Sign what stands now and print the last checkpoint of each chain, for somebody else to keep:
    /// a notary, a lawyer, a mailbox. No personal data is in it
    ///
    /// Exit code: 1 where a chain is broken and cannot be signed on; the rest is printed.
    Deposit {
        /// Every one: then each line has its own, also where no case file leads from one to the next
        #[arg(long)]
        all: bool,
        /// Into this file
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

pub(super) async fn run(place: &Place, ask: Ask) -> anyhow::Result<ExitCode> {
    match ask.command {
        Some(Command::Verify { file, key, checkpoint }) => {
            let deposit = checkpoint.as_deref().map(deposited).transpose()?;
            if let Some(file) = file {
                let report = evidence::check(&read(&file)?, key.as_deref(), deposit.as_ref());
                return told(&report, "the case file is");
            }
            let Some(deposit) = deposit else { bail!("check what? Name a case file") };
            let store = place.store(&place.config()?).await?;
            told(&deposit.compare(&store.db, &store.secret).await?, "what was deposited is")
        }
        Some(Command::Checkpoints(command)) => checkpoints(place, command).await,
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
    let deposit = ask.checkpoint.as_deref().map(deposited).transpose()?;
    let about = evidence::Ask {
        controller: owner,
        message: ask.message,
        address: ask.to.as_ref(),
        original,
        words: Words::of(ask.language.unwrap_or(owner.language)),
        deposit: deposit.as_ref(),
    };
    let consent = store.consent();
    let spool = Spool::visit(store.db.clone(), &store.secret, "cli")?;
    let Store { db, secret } = &store;
    let stores = evidence::Stores { db, secret, consent: &consent, spool: &spool };
    let archive = evidence::make(Timestamp::now(), stores, &about).await?;
    owned::write(out, &archive).with_context(|| format!("cannot write `{}`", out.display()))?;
    say(format!("written: {}", out.display()))?;
    say(format!("fingerprint {}", evidence::public_key(&store.secret).fingerprint()))?;
    Ok(ExitCode::SUCCESS)
}

async fn checkpoints(place: &Place, command: Checkpoints) -> anyhow::Result<ExitCode> {
    let store = place.store(&place.config()?).await?;
    let which = |all| if all { Which::All } else { Which::Last };
    match command {
        Checkpoints::List { all } => {
            let mut table = Table::new(&["CHAIN", "LINES", "SIGNED", "HASH"]);
            for one in evidence::checkpoints(&store.db, which(all)).await? {
                let at = Timestamp::from_millisecond(one.at)?.to_string();
                let lines = format!("{} to {}", one.from, one.upto);
                table.row([one.chain.clone(), lines, at, hex(&one.hash())]);
            }
            say(table)?;
            Ok(ExitCode::SUCCESS)
        }
        Checkpoints::Deposit { all, out } => {
            let made =
                Deposit::make(Timestamp::now(), &store.db, &store.secret, which(all)).await?;
            let (deposit, broken) = made;
            let text = deposit.text()?;
            match out {
                None => say(text.trim_end())?,
                Some(file) => {
                    fs::write(&file, &text)
                        .with_context(|| format!("cannot write `{}`", file.display()))?;
                    say(format!("written: {}", file.display()))?;
                    say(format!("SHA-256 {}", hex(&digest(text.as_bytes()))))?;
                    let key = evidence::public_key(&store.secret);
                    say(format!("fingerprint {}", key.fingerprint()))?;
                }
            }
            for one in &broken {
                remark(format!("not signed on: {one}: see `souhlas journal verify`"));
            }
            Ok(if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}

fn deposited(file: &Path) -> anyhow::Result<Deposit> {
    Deposit::read(&read(file)?).with_context(|| format!("`{}`", file.display()))
}

/// `what` begins the last line: the case file is.
fn told(report: &Report, what: &str) -> anyhow::Result<ExitCode> {
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
        say(format!("{what} whole"))?;
        return Ok(ExitCode::SUCCESS);
    }
    say(format!("{what} NOT whole"))?;
    Ok(ExitCode::FAILURE)
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("cannot read `{}`", file.display()))
}
