//! The wiring: the only place that knows all parts. It starts them in order and stops them in the
//! opposite one.

mod again;
mod clock;
mod drafting;
mod reload;
mod reporting;
mod returns;
mod reviewing;
mod staffed;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use arc_swap::ArcSwap;
use jiff::Timestamp;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use self::staffed::Staffed;
use crate::{
    at_rest, complaints,
    config::{self, Address, Business, Config, Mode, Replies, no_links},
    consent::{Consent, Lookup, link::Maker},
    db::Db,
    decisions::{Campaigns, Indexer},
    delivery::{self, AtOnce, Reporter, Schedules, Settler, dns::Resolver},
    drafts::Drafts,
    evidence::Clerk,
    intake::{Intake, Parts},
    listener::{self, Certificates, Listening},
    login::{Logins, Seen},
    mistake::Mistakes,
    news, owned,
    reach::Follower,
    returns::Senders,
    review::Review,
    sample::Samples,
    seal::Secret,
    sign::{Sealer, Signer},
    spool::{self, Handover, Spool},
    staff::Staff,
    web::{
        self, Post,
        api::{self, Api},
        hooks::{self, Hooks},
        ops::{self, Ops},
        public::{self, Desk, Public, Refusals},
    },
    webhook::Webhooks,
};

/// A relay at work.
pub struct Relay {
    pub consent: Consent,
    pub db: Db,
    pub secret: Secret,
    pub smtp: Vec<(String, SocketAddr)>,
    /// Where mail servers ask.
    pub milters: Vec<(String, Address)>,
    pub web: SocketAddr,
    pub ops: SocketAddr,
    pub api: SocketAddr,
    pub console: SocketAddr,
    /// Where the first account is made, as long as there is none.
    pub first_account: Option<String>,
    /// What the operator should know: what was made on this first start.
    pub notes: Vec<String>,
    business: Arc<ArcSwap<Business>>,
    signer: Arc<Signer>,
    folder: PathBuf,
    spool: Spool,
    logins: Logins,
    review: Review,
    webhooks: Webhooks,
    listening: Listening,
    tasks: Vec<JoinHandle<()>>,
    stop: watch::Sender<bool>,
}

/// Starts everything. `folder` is where policy.toml stands, for reading it again.
///
/// Whatever cannot be opened is an error that says what to do; nothing is left running then.
pub async fn start(config: Config, business: Business, folder: PathBuf) -> anyhow::Result<Relay> {
    let metrics = metrics_handle();
    let mut notes = Vec::new();
    let (secret, db) = open(&config, &mut notes).await?;
    let consent = Consent::new(db.clone(), secret.clone(), &config.hostname);
    let webhooks = webhooks(&config, &db, &secret, &consent)?;
    let now = Timestamp::now();
    let spool = Spool::open(db.clone(), &secret, &config.hostname, now).await?;
    let signer = Arc::new(Signer::load(&config.keys)?);
    begin(&folder, &config, &business, (&db, &spool, &consent), now).await?;
    let business = Arc::new(ArcSwap::from_pointee(business));
    let settings = delivery::Settings::of(&config.hostname, &config.delivery);
    let (handover, room, jobs) =
        spool::handover(settings.in_flight_max, settings.in_flight_bytes_max);
    let lookup = consent.lookup(LOOKUP_PATIENCE);
    let reporter = Reporter::new(&config.hostname, secret.clone());
    let desk =
        desk(&config, &settings, (lookup.clone(), &business, &signer), (&db, &secret, &spool))?;
    let settler = settler(&spool, reporter.clone(), &settings, (&business, &config.replies));
    let samples = Samples::new(&secret, config.samples.keep_for);
    let review = review((&db, &secret, &spool), &desk, &reporter, samples);
    let (stop, stopping) = watch::channel(false);
    let parts = (settings, desk, settler, (room, jobs));
    let (at_once, work) = reporting::work(&config, (&db, &secret, &spool), parts, &stopping)?;
    at_once.begin().await?;
    let ways = (handover, at_once, reporter);
    let intake = intake(&config, (lookup, &business, &signer), (&db, &secret, &spool), ways);
    let (pages, watched, tools) = listeners(&config.web).await?;
    let staffed = Staffed::open(&config, &db, &secret, now).await?;
    let logins = Logins::new(db.clone(), &secret, config.logins);
    let certificates = certificates(&config, &mut notes)?;
    let inbound = returns::inbound(&config, &business, (&db, &secret, &consent, &spool));
    let listening = listener::start(&config, intake, inbound, logins.clone(), certificates)?;
    let mut relay = Relay {
        consent,
        db,
        secret,
        smtp: listening.addresses().to_vec(),
        milters: listening.milters().to_vec(),
        web: pages.local_addr()?,
        ops: watched.local_addr()?,
        api: tools.local_addr()?,
        console: staffed.settings.address,
        first_account: staffed.first_account.clone(),
        notes,
        business,
        signer,
        folder,
        spool,
        logins,
        review,
        webhooks,
        listening,
        tasks: Vec::new(),
        stop,
    };
    relay.tasks.push(tokio::spawn(work));
    relay.serve_http(&config, (pages, watched, tools, staffed), metrics, &stopping);
    Ok(relay)
}

/// `ways`: where what it takes goes.
fn intake(
    config: &Config,
    (lookup, business, signer): (Lookup, &Arc<ArcSwap<Business>>, &Arc<Signer>),
    (db, secret, spool): (&Db, &Secret, &Spool),
    ways: (Handover, AtOnce, Reporter),
) -> Intake {
    let (handover, at_once, reporter) = ways;
    Intake::new(Parts {
        business: Arc::clone(business),
        lookup,
        spool: spool.clone(),
        campaigns: Campaigns::new(secret),
        seen: Seen::new(db.clone(), secret),
        samples: Samples::new(secret, config.samples.keep_for),
        handover,
        secret: secret.clone(),
        signer: Arc::clone(signer),
        schedules: at_once.schedules(),
        reporter,
        at_once,
        hostname: config.hostname.clone(),
        links: config.web.url.is_some(),
    })
}

fn webhooks(
    config: &Config,
    db: &Db,
    secret: &Secret,
    consent: &Consent,
) -> anyhow::Result<Webhooks> {
    Webhooks::new(db.clone(), secret.clone(), consent.clone(), config.webhook.clone())
}

/// Notes the policy that comes into force, and warns of what is valid and gets messages refused.
async fn begin(
    folder: &Path,
    config: &Config,
    business: &Business,
    (db, spool, consent): (&Db, &Spool, &Consent),
    now: Timestamp,
) -> anyhow::Result<()> {
    reload::announce(db, spool, now, business).await?;
    reload::warn(&no_links(folder, config, business));
    reload::warn(&business.warnings(folder, now));
    Ok(reload::warn_of_lacks(business, consent).await?)
}

fn desk(
    config: &Config,
    settings: &delivery::Settings,
    (lookup, business, signer): (Lookup, &Arc<ArcSwap<Business>>, &Arc<Signer>),
    (db, secret, spool): (&Db, &Secret, &Spool),
) -> anyhow::Result<delivery::Desk> {
    Ok(delivery::Desk {
        lookup,
        business: Arc::clone(business),
        signer: Arc::clone(signer),
        chains: chains(config, signer)?,
        links: config.web.url.as_deref().map(|url| Maker::new(url, secret.clone())),
        back: returns::back(config, db, secret),
        recipients_max: settings.recipients_max,
        turns: spool.turns(),
    })
}

/// Who seals with ARC, where somebody is to.
fn chains(config: &Config, signer: &Signer) -> anyhow::Result<Option<delivery::Chains>> {
    let Some(domain) = config.arc.clone() else { return Ok(None) };
    if !signer.has(&domain) {
        tracing::warn!(
            domain,
            "nothing is sealed with ARC: the domain has no key, `souhlas keys dkim new` makes one"
        );
    }
    let who = Sealer { domain, authserv_id: config.hostname.clone() };
    Ok(Some(delivery::Chains { who, resolver: Resolver::plain(&config.delivery.dns)? }))
}

fn review(
    (db, secret, spool): (&Db, &Secret, &Spool),
    desk: &delivery::Desk,
    reporter: &Reporter,
    samples: Samples,
) -> Review {
    Review {
        db: db.clone(),
        secret: secret.clone(),
        spool: spool.clone(),
        lookup: desk.lookup.clone(),
        business: Arc::clone(&desk.business),
        signer: Arc::clone(&desk.signer),
        links: desk.links.is_some(),
        reporter: reporter.clone(),
        mistakes: Mistakes { db: db.clone(), samples },
    }
}

fn settler(
    spool: &Spool,
    reporter: Reporter,
    settings: &delivery::Settings,
    (business, replies): (&Arc<ArcSwap<Business>>, &Replies),
) -> Settler {
    Settler {
        spool: spool.clone(),
        reporter,
        schedules: Schedules::new(settings, business),
        replies: Arc::new(replies.clone()),
        business: Arc::clone(business),
        wake: Arc::default(),
    }
}

impl Relay {
    fn serve_http(
        &mut self,
        config: &Config,
        (pages, watched, tools, staffed): (TcpListener, TcpListener, TcpListener, Staffed),
        metrics: PrometheusHandle,
        stopping: &watch::Receiver<bool>,
    ) {
        let public = Public {
            secret: self.secret.clone(),
            business: Arc::clone(&self.business),
            desk: Desk::new(self.consent.clone()),
            base: config.web.url.as_deref().map(Into::into),
            post: self.post(config),
            proxy_from: config.web.proxy_from.clone().into(),
        };
        let webhooks = self.webhooks.clone();
        self.tasks.push(tokio::spawn(webhooks.clone().run(stopping.clone())));
        let api = Api {
            webhooks,
            db: self.db.clone(),
            secret: self.secret.clone(),
            consent: self.consent.clone(),
            spool: self.spool.clone(),
            business: Arc::clone(&self.business),
            proxy_from: config.web.proxy_from.clone().into(),
            settings: config.web.api,
            pages: public.clone(),
        };
        let data = Arc::new(config.data.clone());
        let ops = Ops { metrics: metrics.clone(), db: self.db.clone(), data };
        let hooks = Hooks {
            db: self.db.clone(),
            secret: self.secret.clone(),
            consent: self.consent.clone(),
            business: Arc::clone(&self.business),
            proxy_from: config.web.proxy_from.clone().into(),
        };
        let holder = format!("{} {}", config.hostname, uuid::Uuid::now_v7());
        let refusals = Refusals::new(public.clone(), &holder);
        self.tasks.push(tokio::spawn(refusals.run(stopping.clone())));
        let pages_and_hooks = public::router(public).merge(hooks::router(hooks));
        self.tasks.push(served(pages, pages_and_hooks, stopping.clone()));
        self.tasks.push(served(watched, ops::router(ops), stopping.clone()));
        self.tasks.push(served(tools, api::router(api), stopping.clone()));
        let figures = staffed.figures(self);
        let digests = staffed.digests(self, config, (figures.clone(), &holder));
        self.tasks.push(tokio::spawn(digests.run(stopping.clone())));
        let console = staffed.router(self, config, figures);
        self.tasks.push(served(staffed.listener, console, stopping.clone()));
        self.tasks.push(tokio::spawn(again::tend(metrics, stopping.clone())));
        let taker = drafting::Taker {
            drafts: Drafts::new(self.db.clone(), self.secret.clone()),
            db: self.db.clone(),
            business: Arc::clone(&self.business),
            folder: self.folder.clone(),
            node: config.hostname.clone(),
            writes: config.web.console.activates_policy,
            written: None,
        };
        self.tasks.push(tokio::spawn(drafting::follow(taker, stopping.clone())));
        let tended = reviewing::tend(self.review.clone(), holder.clone(), stopping.clone());
        self.tasks.push(tokio::spawn(tended));
        self.follow(config, holder, stopping);
    }

    /// What goes on beside the messages: the journal is followed, the clock wound, the old forgotten.
    fn follow(&mut self, config: &Config, holder: String, stopping: &watch::Receiver<bool>) {
        if let Some(path) = &config.log.events {
            let log = news::Log::new(self.db.clone(), path);
            self.tasks.push(tokio::spawn(log.run(stopping.clone())));
        }
        let complaints = complaints::Watch::new(self.db.clone(), self.spool.clone(), &holder);
        let staff = Staff::new(self.db.clone(), self.secret.clone(), config.web.console.clone());
        let told = (staff, Arc::clone(&self.business));
        self.tasks.push(tokio::spawn(again::watch_complaints(complaints, told, stopping.clone())));
        let clerk = Clerk::new(self.db.clone(), &self.secret, &holder);
        let indexer = Indexer::new(self.db.clone(), &holder);
        self.tasks.push(tokio::spawn(again::follow_journal(indexer.clone(), stopping.clone())));
        let follower = Follower::new(self.db.clone(), self.consent.clone(), &holder);
        self.tasks.push(tokio::spawn(again::follow_returned(follower, stopping.clone())));
        self.tasks.push(tokio::spawn(clock::wind(
            self.consent.clone(),
            holder,
            clerk,
            Arc::clone(&self.business),
            stopping.clone(),
        )));
        let (db, spool) = (self.db.clone(), self.spool.clone());
        let known = (indexer, Senders::new(db.clone(), &self.secret));
        self.tasks.push(tokio::spawn(again::forget(db, spool, known, stopping.clone())));
        self.tasks.push(tokio::spawn(again::follow_keys(self.spool.clone(), stopping.clone())));
    }

    /// Where the relay's own letters are handed in.
    fn post(&self, config: &Config) -> Post {
        Post { spool: self.spool.clone(), hostname: config.hostname.clone() }
    }

    /// Reads policy.toml, the DKIM keys and the key file again: each whole, or not at all. The
    /// complaints, if any.
    pub async fn reload(&self) -> Result<String, Vec<String>> {
        let followed = self.spool.follow_keys(Timestamp::now()).await;
        followed.map_err(|error| vec![format!("{error:#}")])?;
        let store = (&self.db, &self.spool);
        let version = reload::reload(&self.folder, &self.business, &self.signer, store).await?;
        let warned = reload::warn_of_lacks(&self.business.load_full(), &self.consent).await;
        warned.map_err(|fault| vec![fault.to_string()])?;
        Ok(version)
    }

    /// No new messages; what is under way is finished within `grace`.
    pub async fn stop(self, grace: Duration) {
        // The spool's writer and the lookups keep connections for as long as somebody may ask: closing
        // waits for those, so all that could ask goes first.
        let db = self.halt(grace).await;
        if tokio::time::timeout(grace, db.close()).await.is_err() {
            tracing::warn!("the database was left without a farewell: something still asks it");
        }
    }

    async fn halt(self, grace: Duration) -> Db {
        self.listening.stop(grace).await;
        self.stop.send_replace(true);
        for task in self.tasks {
            if tokio::time::timeout(grace, task).await.is_err() {
                tracing::warn!("a part did not stop in time");
            }
        }
        self.db
    }
}

async fn open(config: &Config, notes: &mut Vec<String>) -> anyhow::Result<(Secret, Db)> {
    owned::folder(&config.data)
        .with_context(|| format!("cannot make the folder `{}`", config.data.display()))?;
    let (secret, is_new) = Secret::open_or_create(&config.secret_file)?;
    if is_new {
        let file = config.secret_file.display();
        notes.push(format!("made the installation's secret `{file}`: keep a copy of it"));
    }
    let db = Db::open(config.database.reveal()).await.context("cannot open the database")?;
    at_rest::bind(&db, &secret).await?;
    Ok((secret, db))
}

/// Only where a listener speaks TLS.
fn certificates(
    config: &Config,
    notes: &mut Vec<String>,
) -> anyhow::Result<Option<Arc<Certificates>>> {
    if config.listeners.iter().all(|listener| listener.mode == Mode::Loopback) {
        return Ok(None);
    }
    let (certificates, is_new) = Certificates::open_or_create(&config.tls, &config.hostname)?;
    if is_new {
        let file = config.tls.certificate.display();
        notes.push(format!(
            "made a self-signed certificate `{file}`: clients that verify will not take it; put your \
             own there, it is read without a restart"
        ));
    }
    Ok(Some(certificates))
}

/// Before SMTP: where a port is taken, no client must have had a 250 yet.
async fn listeners(web: &config::Web) -> anyhow::Result<(TcpListener, TcpListener, TcpListener)> {
    let pages = bound("web.address", web.address).await?;
    let watched = bound("web.ops-address", web.ops_address).await?;
    let tools = bound("web.api-address", web.api.address).await?;
    Ok((pages, watched, tools))
}

async fn bound(key: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener.with_context(|| format!("cannot listen on `{address}`: choose another `{key}`"))
}

fn served(
    listener: TcpListener,
    router: web::Router,
    mut stopping: watch::Receiver<bool>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let stop = async move {
            let _ = stopping.wait_for(|stop| *stop).await;
        };
        if let Err(error) = web::serve(listener, router, stop).await {
            tracing::error!(%error, "http ended");
        }
    })
}

/// The one recorder of the process; a second relay in it (a test) shares it.
fn metrics_handle() -> PrometheusHandle {
    static HANDLE: std::sync::OnceLock<PrometheusHandle> = std::sync::OnceLock::new();
    HANDLE
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new().build_recorder();
            let handle = recorder.handle();
            let _ = metrics::set_global_recorder(recorder);
            handle
        })
        .clone()
}

/// Longer, and a mailing tool thinks that the relay hangs; then 451.
const LOOKUP_PATIENCE: Duration = Duration::from_secs(10);
