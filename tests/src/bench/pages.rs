//! Pages of the console at size: how long one takes over HTTP, signed in, by what is asked for.

#![expect(clippy::print_stderr, reason = "a benchmark says what it is doing")]

use std::{
    error::Error,
    time::{Duration, Instant},
};

use relay::seal::Secret;

use super::{latency::percentile_ms, process};
use crate::{
    console::{Browser, WITHOUT_FACTOR},
    postgres::Cluster,
    souhlas::{Setup, Souhlas},
};

/// What was measured on one database.
#[derive(Clone, Debug)]
pub struct Figures {
    pub database: &'static str,
    /// How many are listed.
    pub listed: usize,
    pub pages: Vec<Page>,
    /// What the relay held after all that.
    pub memory_bytes: u64,
}

/// One kind of page, or of work.
#[derive(Clone, Debug)]
pub struct Page {
    pub asks: String,
    pub p50_ms: f64,
    pub p99_ms: f64,
}

impl Page {
    pub fn told(asks: impl Into<String>, mut took: Vec<Duration>) -> Self {
        took.sort();
        let [p50_ms, p99_ms] = [0.5, 0.99].map(|share| percentile_ms(&took, share));
        Self { asks: asks.into(), p50_ms, p99_ms }
    }
}

/// A relay whose database was filled while it did not run, and somebody signed in to it.
pub struct Filled<M> {
    pub browser: Browser,
    pub made: M,
    relay: Souhlas,
    _cluster: Option<Cluster>,
}

impl<M> Filled<M> {
    /// The relay's own, without its database's.
    pub fn memory_bytes(&self) -> u64 {
        process::memory_bytes(self.relay.pid())
    }
}

/// `fill` gets the database's URL and the installation's secret.
pub fn filled<M>(
    database: &str,
    fill: impl AsyncFnOnce(&str, &Secret) -> Result<M, Box<dyn Error>>,
) -> Result<Filled<M>, Box<dyn Error>> {
    let cluster = (database == "postgres").then(Cluster::start);
    let url = cluster.as_ref().map(|cluster| cluster.create("bench"));
    let setup = Setup {
        database: url.clone().unwrap_or_else(|| Setup::default().database),
        web: WITHOUT_FACTOR.into(),
        ..Setup::default()
    };
    let mut relay = Souhlas::start(&setup)?;
    relay.stop()?;
    let url = url.unwrap_or_else(|| format!("sqlite:{}", relay.path("data/souhlas.db").display()));
    let (secret, _) = Secret::open_or_create(&relay.path("data/secret.key"))?;
    let run = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let made = run.block_on(fill(&url, &secret))?;
    drop(run);
    relay.restart()?;
    let browser = Browser::first(&relay);
    Ok(Filled { browser, made, relay, _cluster: cluster })
}

/// Each of them once, told as one.
pub fn timed(browser: &mut Browser, asks: &str, paths: impl Iterator<Item = String>) -> Page {
    eprintln!("asking for {asks}");
    Page::told(asks, paths.map(|path| page(browser, &path).0).collect())
}

/// How long it took, and what it says.
pub fn page(browser: &mut Browser, path: &str) -> (Duration, String) {
    let started = Instant::now();
    let answer = browser.get(path);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    (started.elapsed(), answer.text)
}

/// As lines of a table.
pub fn text(figures: &Figures) -> String {
    let mut text = String::from("database      listed    p50 ms    p99 ms\n");
    for Page { asks, p50_ms, p99_ms } in &figures.pages {
        text.push_str(&format!(
            "{:<9} {:>10} {p50_ms:>9.1} {p99_ms:>9.1}  {asks}\n",
            figures.database, figures.listed
        ));
    }
    let mib = figures.memory_bytes / 1_048_576;
    text.push_str(&format!("{}: {mib} MiB in the relay's memory\n", figures.database));
    text
}
