//! The console on its way to being served.

use std::{net::SocketAddr, sync::Arc};

use jiff::Timestamp;
use tokio::net::TcpListener;

use super::{Relay, bound};
use crate::{
    config::{self, Address, Config},
    db::Db,
    drafts::Drafts,
    figures::{Coverages, Figures},
    judge::Judge,
    openid::Provider,
    seal::Secret,
    staff::Staff,
    system::Machine,
    web::{
        Router,
        console::{self, Console},
        digest::Digests,
    },
};

/// Its port is taken; nobody is answered yet.
pub(super) struct Staffed {
    pub listener: TcpListener,
    pub settings: config::Console,
    /// Where the first account is made, as long as there is none.
    pub first_account: Option<String>,
    staff: Staff,
    provider: Option<Provider>,
}

impl Staffed {
    pub(super) async fn open(
        config: &Config,
        db: &Db,
        secret: &Secret,
        now: Timestamp,
    ) -> anyhow::Result<Self> {
        let mut settings = config.web.console.clone();
        let listener = bound("web.console-address", settings.address).await?;
        // Links and forms name the port that was found.
        settings.address = listener.local_addr()?;
        let staff = Staff::new(db.clone(), secret.clone(), settings.clone());
        let first_account = console::first_link(&staff, &settings, now).await?;
        let provider = |openid: &config::OpenId| {
            Provider::new(openid.clone(), secret.clone(), &settings.base())
        };
        let provider = config.openid.as_ref().map(provider).transpose()?;
        Ok(Self { listener, settings, first_account, staff, provider })
    }

    /// To be shared: it remembers what takes long to count.
    pub(super) fn figures(&self, relay: &Relay) -> Figures {
        Figures {
            db: relay.db.clone(),
            secret: relay.secret.clone(),
            consent: relay.consent.clone(),
            coverages: Coverages::new(relay.consent.clone()),
            spool: relay.spool.clone(),
            staff: self.staff.clone(),
            business: Arc::clone(&relay.business),
        }
    }

    pub(super) fn digests(
        &self,
        relay: &Relay,
        config: &Config,
        (figures, holder): (Figures, &str),
    ) -> Digests {
        Digests {
            db: relay.db.clone(),
            secret: relay.secret.clone(),
            staff: self.staff.clone(),
            review: relay.review.clone(),
            business: Arc::clone(&relay.business),
            post: relay.post(config),
            figures,
            console: self.settings.base().into(),
            holder: holder.into(),
        }
    }

    pub(super) fn router(&self, relay: &Relay, config: &Config, figures: Figures) -> Router {
        console::router(Console {
            staff: self.staff.clone(),
            provider: self.provider.clone(),
            db: relay.db.clone(),
            secret: relay.secret.clone(),
            consent: relay.consent.clone(),
            figures,
            spool: relay.spool.clone(),
            review: relay.review.clone(),
            drafts: Drafts::new(relay.db.clone(), relay.secret.clone()),
            logins: relay.logins.clone(),
            webhooks: relay.webhooks.clone(),
            business: Arc::clone(&relay.business),
            judge: Judge::new(
                config,
                Arc::clone(&relay.signer),
                (&relay.db, &relay.secret),
                &relay.consent,
            ),
            machine: machine(relay, config),
            ways: config.delivery.ways().map(str::to_owned).collect(),
            post: relay.post(config),
            hostname: config.hostname.as_str().into(),
            proxy_from: config.web.proxy_from.clone().into(),
            settings: self.settings.clone(),
        })
    }
}

/// What there is to be read about this machine.
fn machine(relay: &Relay, config: &Config) -> Machine {
    let http =
        [("pages", relay.web), ("ops", relay.ops), ("api", relay.api), ("console", relay.console)];
    let http = http.map(|(name, address)| (name.to_owned(), address));
    let net = |(name, address): (String, SocketAddr)| (name, Address::from(address));
    let mut listeners: Vec<_> = relay.smtp.iter().cloned().map(net).collect();
    listeners.extend(relay.milters.iter().cloned());
    listeners.extend(http.map(net));
    Machine::of(config, listeners)
}
