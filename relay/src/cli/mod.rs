//! The command line: one file for each noun.
//!
//! Commands read the same files and the same database as the running relay and may be used beside
//! it. Output goes to stdout as plain text in aligned columns; what is wrong goes to stderr, in one
//! line.

mod account;
mod api_key;
mod arguments;
mod check;
mod contact;
mod data_keys;
mod demo;
mod dkim_keys;
mod doctor;
mod evidence;
mod explain;
mod export;
mod form;
mod held;
mod hook;
mod import;
mod journal;
mod judge;
mod keys;
mod listing;
mod login;
mod open;
mod order;
mod person;
mod policy;
mod purpose;
mod queue;
mod rights;
mod serve;
mod system;
mod table;
mod terms;
mod webhook;
mod whose;

use std::{io::Write, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use self::open::Place;

/// An outbound SMTP relay that sends what consent and the law allow, and keeps the proof.
#[derive(Debug, Parser)]
#[command(name = "souhlas", version, arg_required_else_help = true)]
struct Cli {
    /// The folder of relay.toml and policy.toml
    #[arg(long, global = true, default_value = "config", value_name = "DIR")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the relay until SIGTERM; SIGHUP reads policy.toml and the keys again
    Serve,
    /// The same for a mail server that asks about messages and sends them itself: no SMTP is spoken
    ///
    /// Opens the listeners with `takes = "milter"` in relay.toml, the pages, the API and the console.
    Milter,
    /// Try it out: a relay with invented contacts and one message of each kind; nothing leaves
    Demo(demo::Demo),
    /// Check both configuration files and say everything that is wrong with them
    ///
    /// With --against: exit code 0 where nothing would be decided differently, 10 where something
    /// would or might, 1 error.
    Check(Box<check::Ask>),
    /// Say what would become of a message and why, by every rule, without sending it
    ///
    /// Exit code: 0 send, 10 send with edits, 20 defer, 30 hold, 40 reject, 2 wrong usage, 1 error.
    Explain {
        #[command(flatten)]
        ask: explain::Ask,
        #[command(flatten)]
        told: explain::Told,
    },
    /// Print a message as it would leave; exit codes as with `explain`
    Rewrite(explain::Ask),
    /// Add and list purposes: why addresses may be used
    #[command(subcommand)]
    Purpose(purpose::Command),
    /// List the forms that people subscribe by, and print one for a page of your own
    #[command(subcommand)]
    Form(form::Command),
    /// Write down that an address gave its consent to a purpose
    Grant(contact::Grant),
    /// Write down that an address said no: from that moment it gets nothing commercial
    Refuse(contact::Refuse),
    /// Write down a purchase, a contract, an enquiry or a contest
    #[command(subcommand)]
    Relation(contact::RelationCommand),
    /// Show what is on record for an address, and set what is known of it
    #[command(subcommand)]
    Contact(person::Command),
    /// Take many consents from a CSV or JSON file; never over a refusal
    Import(Box<import::Import>),
    /// Write a controller's contacts and all that is on record for them
    Export(export::Export),
    /// List messages on their way; release or reject held ones; pause, retry or give up many
    #[command(subcommand)]
    Queue(queue::Command),
    /// Ask the DNS and the web about a domain, and say what to publish
    ///
    /// Exit code: 0 nothing fails, 1 something does, or an error.
    Doctor(doctor::Ask),
    /// Nodes, jobs, keys, database, disk, listeners, certificate
    System,
    /// Show what was decided and done, and verify that nobody changed it
    #[command(subcommand)]
    Journal(journal::Command),
    /// Make a case file for an authority: a message or an address, with all that proves it
    Evidence(Box<evidence::Ask>),
    /// Add, list and remove the logins of mailing tools
    #[command(subcommand)]
    Login(login::Command),
    /// Add, list and disable the accounts of the console, and reset their passwords
    #[command(subcommand)]
    Account(account::Command),
    /// Add, list and revoke the keys of the JSON API
    #[command(subcommand)]
    ApiKey(api_key::Command),
    /// Add, list and remove those who are told over HTTP of what happens
    #[command(subcommand)]
    Webhook(webhook::Command),
    /// List where other systems report subscriptions and refusals
    #[command(subcommand)]
    Hook(hook::Command),
    /// Measure how well the class of messages is found
    #[command(subcommand)]
    Policy(policy::Command),
    /// Keys: those that messages are signed with, and those that personal data is sealed with
    #[command(subcommand)]
    Keys(keys::Command),
}

/// Runs what the arguments ask for. 0 is success, 1 an error, 2 wrong usage.
pub fn main() -> ExitCode {
    // Before anything opens a connection: with two providers linked, rustls would have to guess.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let cli = Cli::parse();
    let place = Place::new(cli.config);
    match run(&place, cli.command) {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "souhlas: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(place: &Place, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve => wait(serve::run(place)),
        Command::Milter => wait(serve::run_milter(place)),
        Command::Demo(ask) => wait(demo::run(ask)),
        Command::Check(ask) => wait(check::run(place, *ask)),
        Command::Explain { ask, told } => wait(explain::explain(place, ask, told)),
        Command::Rewrite(ask) => wait(explain::rewrite(place, ask)),
        Command::Purpose(command) => wait(purpose::run(place, command)),
        Command::Form(command) => wait(form::run(place, command)),
        Command::Grant(ask) => wait(contact::grant(place, ask)),
        Command::Refuse(ask) => wait(contact::refuse(place, ask)),
        Command::Relation(command) => wait(contact::relate(place, command)),
        Command::Contact(command) => wait(person::run(place, command)),
        Command::Import(ask) => wait(import::run(place, *ask)),
        Command::Export(ask) => wait(export::run(place, ask)),
        Command::Queue(command) => wait(queue::run(place, command)),
        Command::Doctor(ask) => wait(doctor::run(place, ask)),
        Command::System => wait(system::run(place)),
        Command::Journal(command) => wait(journal::run(place, command)),
        Command::Evidence(ask) => wait(evidence::run(place, *ask)),
        Command::Login(command) => wait(login::run(place, command)),
        Command::Account(command) => wait(account::run(place, command)),
        Command::ApiKey(command) => wait(api_key::run(place, command)),
        Command::Webhook(command) => wait(webhook::run(place, command)),
        Command::Hook(command) => wait(hook::run(place, command)),
        Command::Policy(command) => policy::run(&command),
        Command::Keys(command) => wait(keys::run(place, command)),
    }
}

/// Runs an asynchronous command to its end.
fn wait<T>(command: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(command)
}

/// Writes one line to stdout.
fn say(line: impl std::fmt::Display) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

/// Writes one line to stderr: a note that is no result.
fn remark(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr(), "souhlas: {line}");
}

/// `souhlas queue list | head` is no error.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kind = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    kind == Some(std::io::ErrorKind::BrokenPipe)
}
