//! What the stores cost: messages kept and settled per second, microseconds per looked-up address,
//! lines imported per second, and the CPU time of each (of this process: PostgreSQL's own comes on
//! top). SQLite in a temporary folder, or `SOUHLAS_BENCH_DATABASE`.
//!
//! `cargo bench -p souhlas --bench store [CONTACTS [ROUNDS]]`; figures of one machine compare with its own only.

#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]

use std::{
    fmt::Write,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use jiff::{Span, Timestamp, tz::TimeZone};
use policy::{Action, Address, Basis, Class, Purpose, Validity};
use relay::{
    consent::{
        Consent,
        import::{Mapping, Origin, Plan, import},
    },
    db::Db,
    journal::{Event, Kind},
    seal::{AddressKey, Secret},
    smtp::envelope::{MailParams, Notify, Path, Recipient},
    spool::{Delivery, Message, Settle, Settlement, Spool, State},
};
use uuid::Uuid;

#[tokio::main]
async fn main() {
    let mut numbers = std::env::args().filter_map(|word| word.parse().ok());
    let (contacts, rounds) = (numbers.next().unwrap_or(100_000), numbers.next().unwrap_or(ROUNDS));
    let folder = tempfile::tempdir().unwrap();
    let url = std::env::var("SOUHLAS_BENCH_DATABASE")
        .unwrap_or_else(|_| format!("sqlite:{}", folder.path().join("bench.db").display()));
    let db = Db::open(&url).await.unwrap();
    let now = Timestamp::now();
    contacts_and_lookups(&db, folder.path(), now, contacts, rounds).await;
    let spool = Spool::open(db, &Secret::from_bytes([1; 32]), "bench", now).await.unwrap();
    for (size, sessions) in [(4096, 1), (4096, 10), (4096, 50), (51_200, 10)] {
        keeps(&spool, now, size, sessions, rounds).await;
    }
}

async fn contacts_and_lookups(
    db: &Db,
    folder: &std::path::Path,
    now: Timestamp,
    contacts: u32,
    rounds: u32,
) {
    let consent = Consent::new(db.clone(), Secret::from_bytes([1; 32]), "bench");
    let validity = Validity::Fixed(Span::new().years(3));
    let purpose = Purpose::new("shop", "news", "News", Basis::Consent, validity);
    consent.purpose_add(now, &purpose, "test").await.unwrap();
    let mut csv = String::from("email,granted_at,name\n");
    for n in 0..contacts {
        writeln!(csv, "user{n}@example{}.cz,2026-01-02 10:00:00,Jan Novák {n}", n % 100).unwrap();
    }
    let file = folder.join("contacts.csv");
    std::fs::write(&file, csv).unwrap();
    let plan = Plan {
        controller: "shop".into(),
        format: None,
        purposes: Mapping::all("news"),
        origin: Origin::Own,
        source: "made up".into(),
        attested_by: "the benchmark".into(),
        from: None,
        status: None,
        only: None,
        zone: TimeZone::UTC,
        actor: "import".into(),
        rejects: None,
        dry_run: false,
    };
    let (started, cpu) = (Instant::now(), cpu_us());
    let counts = import(&consent, &|| now, &file, &plan, |_| {}).await.unwrap().counts;
    let seconds = started.elapsed().as_secs_f64();
    let (rate, cpu) = (f64::from(contacts) / seconds, (cpu_us() - cpu) / f64::from(contacts));
    println!("import: {} lines, {rate:.0} lines/s, {cpu:.0} us CPU a line", counts.granted);

    let asked_all = 4 * rounds;
    let lookup = consent.lookup(Duration::from_secs(5));
    for (at_once, askers) in [(1, 1), (1, 10), (1, 50), (50, 1)] {
        let (started, cpu) = (Instant::now(), cpu_us());
        let asked = asked_all / askers;
        let tasks: Vec<_> = (0..askers)
            .map(|asker| {
                let lookup = lookup.clone();
                tokio::spawn(async move {
                    for n in 0..asked / at_once {
                        let addresses: Vec<Address> = (0..at_once)
                            .map(|one| {
                                let n = (asker * 7919 + n * 104_729 + one * 31) % contacts;
                                format!("user{n}@example{}.cz", n % 100).parse().unwrap()
                            })
                            .collect();
                        let found = lookup.records("shop", &addresses, false).await.unwrap();
                        assert_eq!(found[0].standing.grants.len(), 1);
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let each = started.elapsed().as_secs_f64() * 1e6 / f64::from(asked_all);
        let cpu = (cpu_us() - cpu) / f64::from(asked_all);
        println!(
            "lookup: {at_once:>2} at once, {askers:>2} askers: {each:.1} us an address, {cpu:.1} us CPU"
        );
    }
}

async fn keeps(spool: &Spool, now: Timestamp, size: usize, sessions: u32, rounds: u32) {
    let bytes = Bytes::from(vec![b'x'; size]);
    let (started, cpu) = (Instant::now(), cpu_us());
    let count = if size > 10_000 { rounds / 2 } else { rounds };
    let tasks: Vec<_> = (0..sessions)
        .map(|_| {
            let (spool, bytes) = (spool.clone(), bytes.clone());
            tokio::spawn(async move {
                for _ in 0..count / sessions {
                    let message = message(now, bytes.clone());
                    let list = vec![delivery(&message, now)];
                    let decided = vec![event(Kind::Decided, &list[0], now)];
                    let list = spool.keep(message, list, decided).await.unwrap();
                    // The worker settles meanwhile; its jobs ride in the same groups.
                    let settlement = Settlement {
                        delivery: list[0].id,
                        message: list[0].message,
                        settle: Settle::Done,
                        events: vec![event(Kind::Delivered, &list[0], now)],
                        brings: None,
                        left: None,
                    };
                    spool.settle(settlement, |applied| assert!(applied));
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let rate = f64::from(count) / started.elapsed().as_secs_f64();
    let cpu = (cpu_us() - cpu) / f64::from(count);
    println!(
        "keep and settle: {size:>5} B, {sessions:>2} sessions: {rate:.0} messages/s, \
         {cpu:.0} us CPU a message"
    );
}

/// CPU time of this process so far, all threads, in the kernel's ticks of 10 ms.
fn cpu_us() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks = |at| after.split_whitespace().nth(at).and_then(|field| field.parse::<f64>().ok());
    (ticks(11).unwrap_or_default() + ticks(12).unwrap_or_default()) * 10_000.0
}

fn message(now: Timestamp, bytes: Bytes) -> Arc<Message> {
    Arc::new(Message {
        id: Uuid::now_v7(),
        received_at: now,
        login: "shop".into(),
        from: Some(Path { local: "news".into(), domain: "shop.cz".into() }),
        params: MailParams::default(),
        bytes,
        trace: "Received: from shop.cz by relay.example with ESMTPSA id 1; date\r\n".into(),
        stream: "news".into(),
        declared: None,
        class: Class::Commercial,
        policy_version: "0123456789abcdef".into(),
        recipients: 1,
        campaign: 0,
    })
}

fn delivery(message: &Message, now: Timestamp) -> Delivery {
    Delivery {
        id: Uuid::now_v7(),
        message: message.id,
        recipient: Recipient {
            path: Path { local: "jan.novak".into(), domain: "example.cz".into() },
            notify: Notify::default(),
            orcpt: None,
        },
        key: AddressKey(relay::seal::random()),
        state: State::Claimed,
        action: Action::Send,
        edits: Vec::new(),
        rule: None,
        waiver: None,
        attempts: 0,
        due_at: now,
        expires_at: now,
        last: None,
        route: None,
        counted: None,
    }
}

fn event(kind: Kind, delivery: &Delivery, now: Timestamp) -> Event {
    let outcomes: Vec<_> = (0..16)
        .map(|n| serde_json::json!({ "rule": format!("some-rule-{n}"), "outcome": "kept" }))
        .collect();
    Event {
        id: Uuid::now_v7(),
        at: now,
        kind,
        message: Some(delivery.message),
        delivery: Some(delivery.id),
        recipient: Some(delivery.key),
        detail: serde_json::json!({ "class": "commercial", "outcomes": outcomes }).into(),
    }
}

const ROUNDS: u32 = 5_000;
