//! The ledger at size: imports by speed and memory, one standing by time, `may-i-send` by addresses
//! a second; each beside a bare SELECT by primary key on the same database in the same run.

#![expect(clippy::print_stderr, reason = "a benchmark says what it is doing")]

use std::{
    error::Error,
    fs,
    io::{self, Write},
    path::Path,
    time::{Duration, Instant},
};

use policy::Address;
use relay::{
    consent::Consent,
    db::{Db, key},
    seal::{AddressKey, Secret},
};
use serde_json::json;

use super::{latency::percentile_ms, process};
use crate::{
    api::Client,
    postgres::Cluster,
    souhlas::{Setup, Souhlas},
};

/// What was measured on one database.
#[derive(Clone, Debug)]
pub struct Figures {
    pub database: &'static str,
    pub grants: usize,
    pub lines_per_second: f64,
    /// Peak memory of an import of a tenth of the lines, and of all.
    pub import_bytes: [u64; 2],
    /// A bare SELECT by primary key and a whole standing: p50 and p99.
    pub select_ms: [f64; 2],
    pub standing_ms: [f64; 2],
    pub selects_per_second: f64,
    /// Addresses that `/v1/may-i-send/batch` answers, 10,000 at once.
    pub asked_per_second: f64,
}

/// Each of `contacts` people with a grant of each of [`PURPOSES`].
pub fn measure(database: &'static str, contacts: usize) -> Result<Figures, Box<dyn Error>> {
    let cluster = (database == "postgres").then(Cluster::start);
    let url = cluster.as_ref().map(|cluster| cluster.create("ledger"));
    let setup = Setup {
        database: url.clone().unwrap_or_else(|| Setup::default().database),
        ..Setup::default()
    };
    let relay = Souhlas::start(&setup)?;
    relay.add_purpose();
    for purpose in PURPOSES.iter().skip(1) {
        let why = ["--controller", "kavarna", "--name", purpose, "--basis", "consent"];
        relay.must(&[&["purpose", "add", purpose][..], &why, &["--duration", "3 years"]].concat());
    }
    let (few, all) = (relay.path("few.csv"), relay.path("all.csv"));
    lines(&few, "warm", contacts / 10)?;
    lines(&all, "user", contacts)?;
    let (_, small) = import(&relay, &few, "novinky")?;
    let (mut took, mut whole) = (Duration::ZERO, 0);
    for purpose in PURPOSES {
        let (time, bytes) = import(&relay, &all, purpose)?;
        eprintln!("{database}: {contacts} lines for {purpose} in {:.0} s", time.as_secs_f64());
        took += time;
        whole = whole.max(bytes);
    }
    let grants = contacts * PURPOSES.len();
    let url = url.unwrap_or_else(|| format!("sqlite:{}", relay.path("data/souhlas.db").display()));
    let (secret, _) = Secret::open_or_create(&relay.path("data/secret.key"))?;
    let run = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let (select_ms, standing_ms, selects_per_second) =
        run.block_on(ask(&url, &secret, contacts))?;
    Ok(Figures {
        database,
        grants,
        lines_per_second: grants as f64 / took.as_secs_f64(),
        import_bytes: [small, whole],
        select_ms,
        standing_ms,
        selects_per_second,
        asked_per_second: asked(&relay, contacts),
    })
}

fn lines(file: &Path, name: &str, count: usize) -> io::Result<()> {
    let mut csv = io::BufWriter::new(fs::File::create(file)?);
    writeln!(csv, "email,granted_at")?;
    for number in 0..count {
        writeln!(csv, "{number}{name}@example.net,2026-01-15T08:00:00Z")?;
    }
    csv.flush()
}

/// How long it took, and its peak memory.
fn import(relay: &Souhlas, file: &Path, purpose: &str) -> io::Result<(Duration, u64)> {
    let file = file.display().to_string();
    let started = Instant::now();
    let mut child = relay.spawn(&[
        "import",
        &file,
        "--purpose",
        purpose,
        "--origin",
        "own",
        "--source",
        "made up",
        "--attested-by",
        "the benchmark",
    ])?;
    let mut peak = 0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        peak = peak.max(process::memory_bytes(child.id()));
        std::thread::sleep(Duration::from_millis(50));
    };
    if !status.success() {
        return Err(io::Error::other(format!("the import ended with {status}")));
    }
    Ok((started.elapsed(), peak))
}

/// Times of single questions, in an order that no cache foresees: p50 and p99 of SELECTs and of
/// standings, and SELECTs a second.
async fn ask(
    url: &str,
    secret: &Secret,
    contacts: usize,
) -> Result<([f64; 2], [f64; 2], f64), Box<dyn Error>> {
    let db = Db::open(url).await?;
    let lookup = Consent::new(db.clone(), secret.clone(), "bench").lookup(Duration::from_secs(10));
    let person = |at: usize| -> AddressKey {
        let number = at.wrapping_mul(STRIDE) % contacts;
        let address: Address = format!("{number}user@example.net").parse().expect("an address");
        secret.address_key("kavarna", &address)
    };
    let mut conn = db.read().await?;
    let (mut selects, mut standings) = (Vec::new(), Vec::new());
    // In turns, so that both see the same machine.
    for at in 0..QUESTIONS {
        let own = person(at * 2);
        let started = Instant::now();
        let rows = conn.rows("SELECT created_at FROM contact WHERE key = $1", vec![key(&own.0)]);
        assert_eq!(rows.await?.len(), 1, "everybody is on record");
        selects.push(started.elapsed());
        let own = person(at * 2 + 1);
        let started = Instant::now();
        let found = lookup.records_of(vec![own], false).await?;
        standings.push(started.elapsed());
        assert!(found.iter().all(|record| record.standing.grants.len() == PURPOSES.len()));
    }
    let total: Duration = selects.iter().sum();
    selects.sort();
    standings.sort();
    let both = |sorted: &[Duration]| [percentile_ms(sorted, 0.5), percentile_ms(sorted, 0.99)];
    let rate = QUESTIONS as f64 / total.as_secs_f64();
    Ok((both(&selects), both(&standings), rate))
}

fn asked(relay: &Souhlas, contacts: usize) -> f64 {
    let client = Client::of(relay, "kavarna", &["decide"]);
    let mut took = Duration::ZERO;
    for round in 0..ROUNDS {
        let number = |at: usize| (round * BATCH + at).wrapping_mul(STRIDE) % contacts;
        let addresses: Vec<String> =
            (0..BATCH).map(|at| format!("{}user@example.net", number(at))).collect();
        let body = json!({ "addresses": addresses, "purpose": "novinky" });
        let started = Instant::now();
        let answer = client.post("/v1/may-i-send/batch", &body);
        took += started.elapsed();
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    (ROUNDS * BATCH) as f64 / took.as_secs_f64()
}

/// As lines of a table.
pub fn text(all: &[Figures]) -> String {
    let mut text = String::from(
        "database   grants   import lines/s  import MiB (1/10, all)  SELECT p50 p99 us  standing p50 p99 us  \
         p99 ratio  SELECT/s  may-i-send/s  time ratio\n",
    );
    for one in all {
        let us = |ms: f64| ms * 1_000.0;
        let [few, whole] = one.import_bytes.map(|bytes| bytes / 1_048_576);
        text.push_str(&format!(
            "{:<9} {:>8} {:>15.0} {few:>12} {whole:>10} {:>10.0} {:>8.0} {:>11.0} {:>8.0} {:>10.1} {:>9.0} {:>13.0} {:>11.1}\n",
            one.database,
            one.grants,
            one.lines_per_second,
            us(one.select_ms[0]),
            us(one.select_ms[1]),
            us(one.standing_ms[0]),
            us(one.standing_ms[1]),
            one.standing_ms[1] / one.select_ms[1],
            one.selects_per_second,
            one.asked_per_second,
            one.selects_per_second / one.asked_per_second,
        ));
    }
    text
}

pub const PURPOSES: [&str; 3] = ["novinky", "akce", "klub"];
const QUESTIONS: usize = 20_000;
const BATCH: usize = 10_000;
const ROUNDS: usize = 10;
/// Prime, so that it meets everybody.
const STRIDE: usize = 7_919;
