//! A delivery worker on a real spool, without the rest of the relay: messages go straight into the
//! spool or the hand-over, and out to whatever the settings say.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use policy::{Address, Class, Decider};
use relay::{
    config::Business,
    consent::{Consent, link::Maker},
    db::Db,
    delivery::{
        Desk, Dnssec, NextHop, Reporter, Route, Schedules, Settings, Settler, Smarthost, Timeouts,
        Tls, Worker, schedule::Schedule, source::Source, tally::Tally,
    },
    seal::Secret,
    sign::Signer,
    smtp::{
        client::mailbox,
        envelope::{MailParams, Notify, Path, Recipient},
    },
    spool::{Delivery, Handover, Job, Message, Spool, State, handover},
};
use tokio::{sync::watch, task::JoinHandle};
use uuid::Uuid;

use crate::{dns::Dns, sink::Sink, store::Fresh};

/// Ten seconds for everything, and the test's DNS.
pub fn settings(dns: Option<&Dns>) -> Settings {
    let seconds = Duration::from_secs(10);
    Settings {
        hostname: "relay.test".to_owned(),
        routes: Vec::new(),
        otherwise: NextHop::Mx { port: 25, tls: Tls::Off },
        otherwise_sources: Vec::new(),
        no_source: Source::system().into(),
        limits: Vec::new(),
        connections_max: 4,
        messages_per_connection_max: 100,
        recipients_max: 100,
        idle: seconds,
        timeouts: Timeouts {
            connect: seconds,
            greeting: seconds,
            command: seconds,
            data: seconds,
            end: seconds,
            proxy: seconds,
        },
        schedule: Schedule::default(),
        resolvers: dns.map(|dns| vec![dns.address]).unwrap_or_default(),
        dnssec: Dnssec::Off,
        private_networks: Vec::new(),
        hosts_max: 8,
        ca_file: None,
        in_flight_max: 1_000,
        in_flight_bytes_max: 10 << 20,
    }
}

/// One that takes a domain's messages.
pub fn route(domain: &str, next_hop: NextHop) -> Route {
    Route {
        name: domain.to_owned(),
        streams: vec![],
        domains: vec![domain.to_owned()],
        next_hop,
        sources: vec![],
        schedule: Schedule::default(),
    }
}

/// Everything to this sink, in clear text.
pub fn to_sink(sink: &Sink) -> Settings {
    let otherwise = NextHop::Smarthosts(Arc::new(vec![smarthost(sink)]));
    Settings { otherwise, ..settings(None) }
}

/// This sink as a smarthost.
pub fn smarthost(sink: &Sink) -> Smarthost {
    Smarthost {
        host: sink.address.ip().to_string(),
        port: sink.address.port(),
        tls: Tls::Off,
        credentials: None,
        order: 1,
        weight: 1,
    }
}

/// A running worker.
pub struct Running {
    pub fresh: Fresh,
    pub spool: Spool,
    pub handover: Handover,
    pub secret: Secret,
    pub consent: Consent,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Running {
    pub async fn start(settings: Settings, policy: &str) -> Self {
        Self::start_on(Fresh::sqlite().await, settings, policy).await
    }

    pub async fn start_on(fresh: Fresh, settings: Settings, policy: &str) -> Self {
        let db: Db = fresh.db.clone();
        let secret = Secret::from_bytes([7; 32]);
        let name = settings.hostname.clone();
        let spool = Spool::open(db.clone(), &secret, &name, Timestamp::now()).await.unwrap();
        let consent = Consent::new(db, secret.clone(), "test");
        let business = Business::read("policy.toml", policy).expect("a valid policy");
        let business = Arc::new(arc_swap::ArcSwap::from_pointee(business));
        let folder = std::path::Path::new("no-keys-here");
        let desk = Desk {
            turns: spool.turns(),
            lookup: consent.lookup(Duration::from_secs(5)),
            business: business.clone(),
            signer: Arc::new(Signer::load(folder).unwrap()),
            chains: None,
            links: Some(Maker::new("https://relay.test", secret.clone())),
            back: None,
            recipients_max: settings.recipients_max,
        };
        let settler = Settler {
            spool: spool.clone(),
            reporter: Reporter::new("relay.test", secret.clone()),
            schedules: Schedules::new(&settings, &business),
            replies: Arc::new(relay::config::Replies::shipped()),
            business,
            wake: Arc::default(),
        };
        let (handover, room, jobs) = handover(settings.in_flight_max, settings.in_flight_bytes_max);
        let (stop, stopping) = watch::channel(false);
        let uncounted = (stopping, Tally::default());
        let worker =
            Worker::new(settings, spool.clone(), desk, settler, (room, jobs), uncounted).unwrap();
        let task = tokio::spawn(worker.run());
        Self { fresh, spool, handover, secret, consent, stop, task }
    }

    /// A message from `a@shop.test` of a stream; empty: nothing is decided.
    pub fn message(&self, stream: &str, bytes: &str) -> Message {
        Message {
            id: Uuid::now_v7(),
            received_at: Timestamp::now(),
            login: "tool".to_owned(),
            from: Some(path("a@shop.test")),
            params: MailParams::default(),
            bytes: bytes::Bytes::copy_from_slice(bytes.as_bytes()),
            trace: "Received: by relay.test\r\n".to_owned(),
            stream: stream.to_owned(),
            declared: None,
            class: Class::Transactional,
            policy_version: String::new(),
            recipients: 1,
            campaign: 0,
        }
    }

    pub fn delivery(&self, message: &Message, to: &str, state: State) -> Delivery {
        let path = path(to);
        let address = Address::parse(&mailbox(&path)).unwrap();
        Delivery {
            id: Uuid::now_v7(),
            message: message.id,
            key: self.secret.address_key("kavarna", &address),
            recipient: Recipient { path, notify: Notify::default(), orcpt: None },
            state,
            action: policy::Action::Send,
            edits: Vec::new(),
            rule: None,
            waiver: None,
            attempts: 0,
            due_at: message.received_at,
            expires_at: message.received_at + SignedDuration::from_hours(24),
            last: None,
            route: None,
            counted: None,
        }
    }

    /// As intake does: kept as claimed, then handed over.
    pub async fn hand_over(&self, message: Message, deliveries: Vec<Delivery>) {
        let slot = self.handover.reserve(message.bytes.len()).expect("there is room");
        let message = Arc::new(message);
        let deliveries = self.spool.keep(message.clone(), deliveries, Vec::new()).await.unwrap();
        let decider = Decider::default();
        self.handover.send(Job { message, reading: None, decider, deliveries, slot });
    }

    pub async fn send(&self, bytes: &str, to: &[&str]) {
        let message = self.message("", bytes);
        let deliveries = to.iter().map(|to| self.delivery(&message, to, State::Claimed)).collect();
        self.hand_over(message, deliveries).await;
    }

    /// Stops it in order, and gives what must not go yet.
    pub async fn stop(self) -> Fresh {
        let _ = self.stop.send(true);
        self.task.await.expect("the worker does not panic");
        self.fresh
    }
}

pub fn path(address: &str) -> Path {
    let (local, domain) = address.rsplit_once('@').expect("an address");
    Path { local: local.to_owned(), domain: domain.to_owned() }
}
