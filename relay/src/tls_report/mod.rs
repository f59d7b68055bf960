//! Reports about TLS (RFC 8460): what delivery counted is added up over all relays, and when a UTC day
//! is over each domain that wants to know is told how its day went.

mod letter;
mod report;
mod rua;
mod store;

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::sync::watch;
use uuid::Uuid;

use self::{
    report::About,
    rua::Rua,
    store::{Day, Store},
};
use crate::{
    config::{self, Network},
    db::{Db, Error, Unavailable},
    delivery::{
        dns::Resolver,
        tally::{Session, Tally},
    },
    http::{self, Ask, Client},
    job,
    journal::{Event, Kind},
    seal::Secret,
    spool::Spool,
    tls::Tls,
};

/// Makes and sends reports.
#[derive(Debug)]
pub struct Reports {
    store: Store,
    db: Db,
    secret: Secret,
    spool: Spool,
    resolver: Resolver,
    client: Client,
    tally: Tally,
    settings: config::Reports,
    hostname: String,
    /// This relay, among those that share the database.
    holder: String,
    /// Reports that could not be handed in, and when that is tried again.
    later: Mutex<BTreeMap<Day, Timestamp>>,
}

/// What reports are made with.
#[derive(Debug)]
pub struct Parts {
    pub secret: Secret,
    pub spool: Spool,
    pub resolver: Resolver,
    pub tls: Tls,
    /// Of one's own, that may be reported to.
    pub networks: Vec<Network>,
    pub tally: Tally,
    pub settings: config::Reports,
    pub hostname: String,
    pub holder: String,
}

/// How often counts go into the database, and reports that are due leave.
const TICK: Duration = Duration::from_secs(60);
/// By then all relays have put into the database what they counted.
const GATHERED_SECONDS: i64 = 10 * 60;
const LEASE: SignedDuration = SignedDuration::from_mins(15);
const JOB: &str = "tls-reports";
/// Reports of one day leave spread over this (RFC 8460 §4.1).
const SPREAD_SECONDS: u64 = 4 * 60 * 60;
/// One that nobody took is tried again after this, for so long (RFC 8460 §5.5).
const PAUSE: SignedDuration = SignedDuration::from_mins(15);
const LIFE: SignedDuration = SignedDuration::from_hours(24);

impl Reports {
    pub fn new(db: Db, parts: Parts) -> Self {
        let Parts { secret, spool, resolver, tls, networks, tally, settings, hostname, holder } =
            parts;
        Self {
            store: Store::new(db.clone(), secret.clone()),
            client: Client::new(tls, networks.into()),
            db,
            secret,
            spool,
            resolver,
            tally,
            settings,
            hostname,
            holder,
            later: Mutex::default(),
        }
    }

    /// Until told to stop. What was counted by then is kept.
    pub async fn run(self, mut stopping: watch::Receiver<bool>) {
        loop {
            let stop = tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => true,
                () = tokio::time::sleep(TICK) => false,
            };
            if let Err(fault) = self.gather().await {
                tracing::warn!(%fault, "counts for tls reports cannot be kept");
            }
            if stop {
                return;
            }
            if let Err(fault) = self.send(Timestamp::now()).await {
                tracing::warn!(%fault, "tls reports cannot be sent");
            }
        }
    }

    /// Adds what was counted to what is on record; of domains that want reports alone.
    pub async fn gather(&self) -> Result<(), Error> {
        let mut counts = self.tally.take();
        let mut domains: Vec<String> =
            counts.keys().map(|session| session.domain.clone()).collect();
        domains.dedup();
        let mut unasked = Vec::new();
        for domain in domains {
            // DNS that is silent now may say it by the end of the day.
            if matches!(self.places(&domain).await, Ok(places) if places.is_empty()) {
                unasked.push(domain);
            }
        }
        counts.retain(|session, _| unasked.binary_search(&session.domain).is_err());
        if counts.is_empty() {
            return Ok(());
        }
        let added = self.store.add(&counts).await;
        if added.is_err() {
            self.tally.put_back(counts);
        }
        added
    }

    /// Sends what is due at that time; how many reports.
    pub async fn send(&self, now: Timestamp) -> Result<u64, Error> {
        if !job::claim(&self.db, now, JOB, &self.holder, LEASE).await? {
            return Ok(0);
        }
        let mut sent = 0;
        for day in self.store.over(now).await? {
            let due = due_at(&day);
            let waits = now < due || self.later().get(&day).is_some_and(|at| now < *at);
            if waits {
                continue;
            }
            let over = now.duration_since(due) > LIFE;
            if over || self.report(now, &day, &mut sent).await? {
                self.store.forget(&day).await?;
                self.later().remove(&day);
            } else {
                self.later().insert(day, now.checked_add(PAUSE).unwrap_or(now));
            }
            // Others do not wait for whoever takes long.
            job::claim(&self.db, now, JOB, &self.holder, LEASE).await?;
        }
        job::finish(&self.db, now, JOB, &self.holder).await?;
        Ok(sent)
    }

    /// Whether nothing more is to be done about that day.
    async fn report(&self, now: Timestamp, day: &Day, sent: &mut u64) -> Result<bool, Error> {
        let sessions = self.store.sessions(day).await?;
        let Some((first, _)) = sessions.first() else { return Ok(true) };
        let domain = first.domain.clone();
        let Ok(places) = self.places(&domain).await else { return Ok(false) };
        let mut done = true;
        for place in &places {
            match self.hand_in(now, day, place, &sessions).await {
                Ok(new) => *sent += u64::from(new),
                Err(why) => {
                    done = false;
                    tracing::info!(why, "a tls report was not taken");
                }
            }
        }
        Ok(done)
    }

    /// Whether it was new: one that is on record as handed in is not sent twice.
    async fn hand_in(
        &self,
        now: Timestamp,
        day: &Day,
        place: &Rua,
        sessions: &[(Session, u64)],
    ) -> Result<bool, String> {
        let Some((first, _)) = sessions.first() else { return Ok(false) };
        let (Rua::Mailto(to) | Rua::Https(to)) = place;
        let id = self.id(day, to);
        let report_id = format!("{}@{}", id.simple(), self.hostname);
        let about = About {
            organization: &self.settings.organization,
            contact: &self.settings.contact,
            domain: &first.domain,
            id: &report_id,
            day: day.day,
        };
        if self.spool.is_in_journal(id).await.map_err(|fault| fault.to_string())? {
            return Ok(false);
        }
        let json = report::write(about, sessions).to_string();
        let squeezed = letter::squeeze(&json).map_err(|fault| fault.to_string())?;
        match place {
            Rua::Mailto(to) => {
                let expires = now.checked_add(LIFE).unwrap_or(now);
                let as_what = (id, &self.secret);
                let written = letter::write(now, as_what, about, to, &squeezed, expires);
                let Some((message, deliveries)) = written else { return Ok(false) };
                let event = self.event(now, id, deliveries.first().map(|one| (one.id, one.key)));
                let kept = self.spool.keep(message.into(), deliveries, vec![event]).await;
                kept.map_err(|fault: Unavailable| fault.to_string())?;
            }
            Rua::Https(url) => {
                self.post(url, squeezed).await?;
                let noted = self.spool.note(vec![self.event(now, id, None)]).await;
                noted.map_err(|fault| fault.to_string())?;
            }
        }
        metrics::counter!("souhlas_tls_reports_total").increment(1);
        Ok(true)
    }

    async fn post(&self, url: &str, squeezed: Vec<u8>) -> Result<(), String> {
        let ask = Ask {
            url,
            headers: &[("content-type", "application/tlsrpt+gzip".to_owned())],
            body: Some(squeezed.into()),
            answer_max: 0,
            at: self.addresses(url).await?,
            time: http::TIME,
        };
        let answer = self.client.ask(ask).await.map_err(str::to_owned)?;
        match answer.status {
            200..=299 => Ok(()),
            status => Err(format!("the answer is {status}")),
        }
    }

    /// By the resolver that delivery uses.
    async fn addresses(&self, url: &str) -> Result<Option<Vec<std::net::IpAddr>>, String> {
        let Some(host) = http::host(url) else { return Err("no URL to report to".to_owned()) };
        let found = self.resolver.addresses(&host).await;
        found.map(Some).map_err(|_| "the host to report to is not found".to_owned())
    }

    fn event(
        &self,
        now: Timestamp,
        id: Uuid,
        to: Option<(Uuid, crate::seal::AddressKey)>,
    ) -> Event {
        Event {
            id: Uuid::now_v7(),
            at: now,
            kind: Kind::Reported,
            message: Some(id),
            delivery: to.map(|(delivery, _)| delivery),
            recipient: to.map(|(_, key)| key),
            detail: json!({ "letter": "tls-report" }).into(),
        }
    }

    /// The same, whoever makes the report and how often.
    fn id(&self, day: &Day, to: &str) -> Uuid {
        let mac = self.secret.mac_key("tls report");
        let tag = mac.sign_parts(&[&day.day.to_be_bytes(), &day.domain, to.as_bytes()]);
        let bytes: [u8; 16] = tag.first_chunk().copied().unwrap_or_default();
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    async fn places(&self, domain: &str) -> Result<Vec<Rua>, crate::delivery::outcome::Problem> {
        Ok(rua::wanted(&self.resolver.texts(&format!("_smtp._tls.{domain}")).await.or_none()?))
    }

    fn later(&self) -> std::sync::MutexGuard<'_, BTreeMap<Day, Timestamp>> {
        // INVARIANT: no code that can panic runs under the lock.
        self.later.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// After the day's end, each domain at a time of its own.
fn due_at(day: &Day) -> Timestamp {
    let spread = day.domain.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
    let spread = i64::try_from(spread % SPREAD_SECONDS).unwrap_or_default();
    let (_, end) = report::span(day.day);
    Timestamp::from_second(end.saturating_add(GATHERED_SECONDS).saturating_add(spread))
        .unwrap_or(Timestamp::MAX)
}
