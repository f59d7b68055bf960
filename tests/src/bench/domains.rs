//! Many recipient domains beside one, and slow destinations beside fast ones: the delivery worker alone, on
//! a spool that holds everything before it starts. What counts are the ratios within one run.

use std::{error::Error, net::Ipv4Addr, sync::Arc, time::Instant};

use relay::{
    delivery::{NextHop, Settings, Tls, pace::Limit},
    spool::State,
};

use crate::{
    dns::Dns,
    sink::{Does, Script, Sink},
    souhlas::POLICY,
    store::Fresh,
    worker::{Running, route, settings, to_sink},
};

/// Messages per second.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    pub messages: usize,
    /// All to one domain.
    pub one: f64,
    /// Each to a domain of its own.
    pub many: f64,
    /// The same, with a tenth as many before them to a host that says nothing.
    pub beside: f64,
}

/// On SQLite or PostgreSQL.
pub fn measure(database: &str, messages: usize) -> Result<Figures, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let one = run(database, (messages, 1), 0).await?;
        let many = run(database, (messages, messages), 0).await?;
        let beside = run(database, (messages, messages), messages / 10).await?;
        Ok(Figures { messages, one, many, beside })
    })
}

pub fn text(database: &str, figures: &Figures) -> String {
    let Figures { messages, one, many, beside } = figures;
    let share = |part: &f64| 100.0 * part / one;
    format!(
        "{database}: {messages} messages to one domain {one:.0}/s; to as many domains {many:.0}/s \
         ({:.0} %); the same behind a tenth as many to a silent host {beside:.0}/s ({:.0} %)",
        share(many),
        share(beside)
    )
}

async fn run(
    database: &str,
    (messages, domains): (usize, usize),
    slow: usize,
) -> Result<f64, Box<dyn Error>> {
    let fast = Sink::start(Script::modern()).await;
    let silent = Sink::start(Script::modern().on("CONNECT", Does::Wait)).await;
    let dns = Dns::start().await;
    for number in 0..domains {
        dns.add_mx(
            &domain(number),
            10,
            &format!("mx.{}", domain(number)),
            Ipv4Addr::LOCALHOST.into(),
        );
    }
    let route = route(SILENT, to_sink(&silent).otherwise);
    let settings = Settings {
        routes: vec![route],
        otherwise: NextHop::Mx { port: fast.address.port(), tls: Tls::Off },
        limits: vec![open_max()],
        connections_max: 20,
        in_flight_max: 2_000,
        in_flight_bytes_max: 64 << 20,
        ..settings(Some(&dns))
    };
    let fresh = if database == "sqlite" { Fresh::sqlite().await } else { Fresh::postgres().await };
    // Nothing is due before everything is there.
    let running = Running::start_on(fresh, settings, POLICY).await;
    let due_at = jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_secs(20))?;
    let to = (0..slow).map(|_| SILENT.to_owned());
    for (number, domain) in to.chain((0..messages).map(|at| domain(at % domains))).enumerate() {
        let message = running.message("", "From: a@shop.test\r\nSubject: x\r\n\r\nKava.\r\n");
        let mut one = running.delivery(&message, &format!("c{number}@{domain}"), State::Ready);
        one.due_at = due_at;
        let spool = running.spool.clone();
        let keeping =
            tokio::spawn(async move { spool.keep(Arc::new(message), vec![one], vec![]).await });
        if number % 64 == 63 {
            keeping.await??;
        }
    }
    while fast.count() == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let (started, first) = (Instant::now(), fast.count());
    while fast.count() < messages {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let rate = (messages - first) as f64 / started.elapsed().as_secs_f64();
    silent.release();
    drop(running);
    Ok(rate)
}

/// As shipped: each connection is two open files of this one process.
fn open_max() -> Limit {
    Limit { name: "all".into(), connections: Some(2_000), is_own: true, ..Limit::default() }
}

fn domain(number: usize) -> String {
    format!("d{number}.test")
}

const SILENT: &str = "silent.test";
