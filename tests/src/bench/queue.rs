//! The queue at size: how long its pages take, those of a tenth as many held messages, and one claim of
//! what is due. They are kept by the spool as a relay does it, ten deliveries to a message.

#![expect(clippy::print_stderr, reason = "a benchmark says what it is doing")]

use std::{
    error::Error,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use policy::{Action, Address, Class};
use relay::{
    db::Db,
    seal::Secret,
    smtp::envelope::{MailParams, Notify, Path, Recipient},
    spool::{Delivery, Message, Settle, Settlement, Spool, State},
};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::pages::{self, Figures, Page};

/// So many that wait, and a tenth of that held.
pub fn measure(database: &'static str, waiting: usize) -> Result<Figures, Box<dyn Error>> {
    let fill = async |url: &str, secret: &Secret| fill(url, secret, waiting).await;
    let mut filled = pages::filled(database, fill)?;
    let mut pages =
        vec![Page::told(format!("(a claim of {CLAIM})"), std::mem::take(&mut filled.made))];
    for asks in ASKED {
        let paths = (0..PAGES).map(|at| {
            let number = at.wrapping_mul(STRIDE);
            asks.replace("DOMAIN", &domain(number)).replace("LOGIN", LOGINS[number % LOGINS.len()])
        });
        pages.push(pages::timed(&mut filled.browser, asks, paths));
    }
    let memory_bytes = filled.memory_bytes();
    Ok(Figures { database, listed: waiting, pages, memory_bytes })
}

/// How long claims took.
async fn fill(url: &str, secret: &Secret, waiting: usize) -> Result<Vec<Duration>, Box<dyn Error>> {
    let (db, now) = (Db::open(url).await?, Timestamp::now());
    let spool = Spool::open(db, secret, "bench", now).await?;
    let started = Instant::now();
    let mut keeping = JoinSet::new();
    let messages = waiting / EACH;
    for number in 0..messages + messages / 10 {
        let state = if number < messages { State::Ready } else { State::Held };
        let (message, deliveries) = message(secret, now, number, state)?;
        let spool = spool.clone();
        keeping.spawn(async move { spool.keep(message, deliveries, vec![]).await.map(drop) });
        if keeping.len() >= AT_ONCE
            && let Some(kept) = keeping.join_next().await
        {
            kept??;
        }
    }
    while let Some(kept) = keeping.join_next().await {
        kept??;
    }
    eprintln!("{waiting} deliveries kept in {:.0} s", started.elapsed().as_secs_f64());
    claims(&spool, now).await
}

/// Each of what is due then; put off afterwards, so that the next one finds others.
async fn claims(spool: &Spool, now: Timestamp) -> Result<Vec<Duration>, Box<dyn Error>> {
    let mut took = Vec::with_capacity(PAGES);
    for _ in 0..PAGES {
        let started = Instant::now();
        let claimed = spool.claim(now + DUE_WITHIN * 2, CLAIM).await?;
        took.push(started.elapsed());
        for one in claimed.iter().flat_map(|(_, list)| list) {
            let later =
                Settle::Later { due_at: now + DUE_WITHIN * 3, last: "451 4.3.0 later".into() };
            spool.settle(Settlement::bare(one.id, one.message, later), drop);
        }
        spool.note(vec![]).await?;
    }
    Ok(took)
}

/// Due in an hour or two: nothing is sent while pages are measured.
fn message(
    secret: &Secret,
    now: Timestamp,
    number: usize,
    state: State,
) -> Result<(Arc<Message>, Vec<Delivery>), Box<dyn Error>> {
    let message = Message {
        id: Uuid::now_v7(),
        received_at: now,
        login: LOGINS[number % LOGINS.len()].to_owned(),
        from: Some(Path { local: "novinky".into(), domain: "kavarna.example".into() }),
        params: MailParams::default(),
        bytes: Bytes::from_static(b"Subject: Novinky\r\n\r\nKava.\r\n"),
        trace: "Received: from bench\r\n".into(),
        stream: "novinky".into(),
        declared: None,
        class: Class::Commercial,
        policy_version: "bench".into(),
        recipients: EACH,
        campaign: 1 + i64::try_from(number % CAMPAIGNS)?,
    };
    let mut deliveries = Vec::with_capacity(EACH);
    for at in 0..EACH {
        let place = number * EACH + at;
        let domain = domain(place.wrapping_mul(STRIDE));
        let address: Address = format!("{place}user@{domain}").parse()?;
        let later = SignedDuration::from_millis(i64::try_from(place % 3_600_000)?);
        deliveries.push(Delivery {
            id: Uuid::now_v7(),
            message: message.id,
            recipient: Recipient {
                path: Path { local: format!("{place}user"), domain },
                notify: Notify::default(),
                orcpt: None,
            },
            key: secret.address_key("kavarna", &address),
            state,
            action: Action::Send,
            edits: vec![],
            rule: (state == State::Held).then(|| "label-missing".into()),
            waiver: None,
            attempts: u32::try_from(place % 4)?,
            due_at: now + DUE_WITHIN + later,
            expires_at: now + SignedDuration::from_hours(120),
            last: None,
            route: None,
            counted: None,
        });
    }
    Ok((Arc::new(message), deliveries))
}

fn domain(number: usize) -> String {
    format!("d{}.example", number % DOMAINS)
}

const ASKED: [&str; 9] = [
    "/queue",
    "/queue?state=waiting",
    "/queue?domain=DOMAIN",
    "/queue/each",
    "/queue/each?domain=DOMAIN",
    "/queue/each?login=LOGIN",
    "/held",
    "/held?view=each",
    "/held?view=each&login=LOGIN",
];
const LOGINS: [&str; 5] = ["shop", "newsletter", "crm", "app", "local"];
const DOMAINS: usize = 500;
const CAMPAIGNS: usize = 40;
/// Deliveries of one message.
const EACH: usize = 10;
/// Of a claim.
const CLAIM: usize = 256;
const AT_ONCE: usize = 256;
const PAGES: usize = 100;
const DUE_WITHIN: SignedDuration = SignedDuration::from_hours(1);
/// Prime, so that it meets every domain.
const STRIDE: usize = 7_919;
