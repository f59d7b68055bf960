//! Starts a throwaway PostgreSQL, runs the command given with its URL in `SOUHLAS_TEST_POSTGRES`,
//! stops it again: so that tests, each a process of its own, share one cluster.

use std::process::{Command, ExitCode};

use outside::postgres::{Cluster, SERVER};

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let command = words.next().expect("a command to run: with-postgres cargo nextest run");
    let cluster = Cluster::start();
    let status = Command::new(&command)
        .args(words)
        .env(SERVER, cluster.url("postgres"))
        .status()
        .unwrap_or_else(|error| panic!("{}: {error}", command.display()));
    if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
