//! `tests/bench`: measures the relays beside each other and prints one table. Figures only;
//! nothing here passes or fails.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its output is the table")]

use std::{
    env,
    error::Error,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use outside::{
    bench::{
        Run, decisions, domains, idle, latency, ledger,
        load::{self, Sink},
        message, pages, process, queue,
        relay::{self, Ceiling, Measured, Relay},
        table,
    },
    port,
};
use tempfile::TempDir;

const HELP: &str = "\
tests/bench [--quick] [--only RELAY] [--contacts N] [--json FILE]
tests/bench --ledger [--contacts N]
tests/bench --decisions [--only RELAY] [--lines N]
tests/bench --queue [--only RELAY] [--lines N]
tests/bench --domains [--only RELAY] [--lines N]

  --ledger      imports, standings and may-i-send instead of messages
  --decisions   pages of the console's list of decisions instead of messages
  --queue       claims, and pages of the queue and of a tenth as many held messages

  --domains     as many recipient domains as messages beside one, and a silent host before them

  --quick       only the rows with 10 sessions; under five minutes
  --only RELAY  ceiling, postfix, souhlas-sqlite, souhlas-sqlite-dkim or souhlas-postgres; may be given
                again
  --contacts N  contacts on record (default 1000000)
  --lines N     decisions, or deliveries that wait (default 1000000), or messages (10000)
  --json FILE   also writes the figures there";

const FROM: &str = "novinky@kavarna.example";
const RELAYS: [&str; 5] =
    ["ceiling", "postfix", "souhlas-sqlite", "souhlas-sqlite-dkim", "souhlas-postgres"];
const SIZES: [usize; 2] = [4_096, 51_200];
/// Connections held open for the last figure.
const OPEN: usize = 1_000;

struct Options {
    quick: bool,
    only: Vec<String>,
    contacts: usize,
    json: Option<PathBuf>,
    ledger: bool,
    decisions: bool,
    queue: bool,
    domains: bool,
    lines: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let Some(options) = options()? else {
        println!("{HELP}");
        return Ok(());
    };
    if options.ledger {
        let mut all = Vec::new();
        for database in ["sqlite", "postgres"] {
            all.push(ledger::measure(database, options.contacts)?);
        }
        println!("{}", ledger::text(&all));
        return Ok(());
    }
    if options.domains {
        return many_domains(&options);
    }
    if options.decisions || options.queue {
        let measure = if options.queue { queue::measure } else { decisions::measure };
        let is_asked = |database: &&str| {
            options.only.is_empty() || options.only.contains(&format!("souhlas-{database}"))
        };
        for database in ["sqlite", "postgres"].into_iter().filter(is_asked) {
            println!("{}", pages::text(&measure(database, options.lines)?));
        }
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let sink_at = SocketAddr::from(([127, 0, 0, 1], port::free()?));
    let sink = Sink::start(sink_at)?;
    println!("fsync probe: {:.2} ms (median of 50 appends of 4 KiB)", fsync_probe(&folder)?);
    let mut runs = Vec::new();
    let mut open = Vec::new();
    for name in RELAYS {
        if !options.only.is_empty() && !options.only.iter().any(|only| only == name) {
            continue;
        }
        let relay: Box<dyn Relay> = match name {
            "ceiling" => Box::new(Ceiling(sink_at)),
            "postfix" => Box::new(relay::postfix(sink_at)?),
            other => Box::new(Measured::start(other, sink_at, options.contacts)?),
        };
        for size in SIZES {
            let sessions: &[usize] = if options.quick { &[10] } else { &[1, 10, 50] };
            for sessions in sessions {
                let run = measure(&*relay, &sink, size, *sessions, &folder)?;
                eprintln!(
                    "{name}: {size} bytes, {sessions} sessions: {:.0}/s",
                    run.messages_per_second
                );
                runs.push(run);
            }
        }
        if name.starts_with("souhlas") {
            open.push((name, idle::memory_bytes(&*relay, OPEN)?));
        }
    }
    println!("{}", table::text(&runs));
    for (name, bytes) in open {
        let (contacts, mib) = (options.contacts, bytes / 1_048_576);
        println!("{name}: {mib} MiB with {contacts} contacts and {OPEN} connections open");
    }
    if let Some(file) = options.json {
        fs::write(file, serde_json::to_string_pretty(&table::json(&runs))?)?;
    }
    Ok(())
}

fn many_domains(options: &Options) -> Result<(), Box<dyn Error>> {
    for database in ["sqlite", "postgres"] {
        if options.only.is_empty() || options.only.contains(&format!("souhlas-{database}")) {
            let figures = domains::measure(database, options.lines.min(10_000))?;
            println!("{}", domains::text(database, &figures));
        }
    }
    Ok(())
}

/// Throughput first, under full load; then how long one submission takes with as many sessions.
fn measure(
    relay: &dyn Relay,
    sink: &Sink,
    size: usize,
    sessions: usize,
    folder: &TempDir,
) -> Result<Run, Box<dyn Error>> {
    let text = message::newsletter(size);
    let file = folder.path().join(format!("message-{size}.eml"));
    fs::write(&file, &text)?;
    // A second of warm-up finds how many messages make about six seconds.
    let warm = 200 * sessions.min(10);
    let took = load::run(relay.address(), sink, sessions, warm, FROM, &file)?;
    let rate = warm as f64 / took.as_secs_f64();
    let messages = ((rate * 6.0) as usize).clamp(500, 60_000);

    let cpu_before: f64 = relay.roots().into_iter().map(process::cpu_seconds).sum();
    let (took, peak) = watching_memory(relay, || {
        load::run(relay.address(), sink, sessions, messages, FROM, &file)
    });
    let took = took?;
    let cpu: f64 = relay.roots().into_iter().map(process::cpu_seconds).sum::<f64>() - cpu_before;

    let each = (messages / sessions / 4).clamp(20, 2_000);
    let durations = latency::measure(relay.address(), sessions, each, FROM, &text)?;
    Ok(Run {
        relay: relay.name(),
        size_bytes: size,
        sessions,
        messages,
        messages_per_second: messages as f64 / took.as_secs_f64(),
        cpu_seconds_per_1000: cpu * 1_000.0 / messages as f64,
        peak_memory_bytes: peak,
        p50_ms: latency::percentile_ms(&durations, 0.50),
        p99_ms: latency::percentile_ms(&durations, 0.99),
    })
}

/// Runs `work` and samples the relay's memory meanwhile.
fn watching_memory<T>(relay: &dyn Relay, work: impl FnOnce() -> T) -> (T, u64) {
    let roots = relay.roots();
    let done = AtomicBool::new(false);
    let peak = AtomicU64::new(0);
    let result = thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let now = roots.iter().copied().map(process::memory_bytes).sum();
                peak.fetch_max(now, Ordering::Relaxed);
                thread::sleep(Duration::from_millis(200));
            }
        });
        let result = work();
        done.store(true, Ordering::Relaxed);
        result
    });
    (result, peak.into_inner())
}

/// What one durable append costs right now, in milliseconds.
fn fsync_probe(folder: &TempDir) -> std::io::Result<f64> {
    use std::io::Write;
    let path: &Path = folder.path();
    let mut file = fs::File::create(path.join("probe"))?;
    let mut all = Vec::new();
    for _ in 0..50 {
        file.write_all(&[0; 4_096])?;
        let started = Instant::now();
        file.sync_data()?;
        all.push(started.elapsed());
    }
    all.sort();
    Ok(latency::percentile_ms(&all, 0.5))
}

fn options() -> Result<Option<Options>, Box<dyn Error>> {
    let mut options = Options {
        quick: false,
        only: vec![],
        contacts: 1_000_000,
        json: None,
        ledger: false,
        decisions: false,
        queue: false,
        domains: false,
        lines: 1_000_000,
    };
    let mut words = env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a value\n\n{HELP}"));
        match word.as_str() {
            "--quick" => options.quick = true,
            "--ledger" => options.ledger = true,
            "--decisions" => options.decisions = true,
            "--queue" => options.queue = true,
            "--domains" => options.domains = true,
            "--lines" => options.lines = value()?.parse()?,
            "--only" => options.only.push(value()?),
            "--contacts" => options.contacts = value()?.parse()?,
            "--json" => options.json = Some(value()?.into()),
            "--help" | "-h" => return Ok(None),
            other => return Err(format!("`{other}` is no option\n\n{HELP}").into()),
        }
    }
    Ok(Some(options))
}
