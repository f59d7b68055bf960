//! Where clients connect: sockets, TLS, limits, and the loop that drives a session.
//!
//! The protocol is `smtp::session`'s, what is accepted is `intake`'s. Here are the clock, the
//! deadlines and the counts.

mod accept;
mod connection;
mod seats;
mod stream;
mod tls;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, bail};
use tokio::{sync::watch, task::JoinSet};

pub use self::tls::{Certificates, Looked};
use self::{accept::bind, seats::Seats};
use crate::{
    config::{Admits, BareLineEnds, Config, Limits, Listener, Mode, Network},
    intake::Intake,
    login::{Login, Logins},
    smtp::settings::{self, AuthOffer, BareLf, Settings},
};

/// What all listeners share.
struct Shared {
    intake: Intake,
    logins: Logins,
    certificates: Option<Arc<Certificates>>,
    limits: Limits,
    seats: Seats,
}

/// What holds at one listener.
struct Terms {
    name: String,
    mode: Mode,
    /// For clients that must authenticate, and for those that are known by their address.
    session: Arc<Settings>,
    trusted_session: Arc<Settings>,
    trusted: Option<(Vec<Network>, Arc<Login>)>,
    proxy_from: Vec<Network>,
    xclient_from: Vec<Network>,
}

/// Listeners at work.
pub struct Listening {
    addresses: Vec<(String, SocketAddr)>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

/// Binds every listener and takes connections from then on.
///
/// Refuses where a listener would be an open relay, where TLS is asked for without a certificate,
/// and where an address cannot be bound; then none is bound.
pub fn start(
    config: &Config,
    intake: Intake,
    logins: Logins,
    certificates: Option<Arc<Certificates>>,
) -> anyhow::Result<Listening> {
    let limits = config.limits;
    let seats = Seats::new(
        limits.connections_max,
        limits.connections_per_address_max,
        limits.held_bytes_max,
    );
    let mut bound = Vec::new();
    for listener in &config.listeners {
        if let Some(fault) = fault(listener) {
            bail!("listener `{}`: {fault}", listener.name);
        }
        if listener.mode != Mode::Loopback && certificates.is_none() {
            bail!("listener `{}` needs a certificate: set `tls` in relay.toml", listener.name);
        }
        let socket = bind(listener.address).with_context(|| {
            format!("listener `{}` cannot listen on `{}`", listener.name, listener.address)
        })?;
        bound.push((socket, Arc::new(Terms::new(listener, config, certificates.is_some()))));
    }
    let shared = Arc::new(Shared { intake, logins, certificates, limits, seats });
    let (stop, _) = watch::channel(false);
    let mut tasks = JoinSet::new();
    if let Some(certificates) = &shared.certificates {
        tasks.spawn(certificates.clone().watch(stop.subscribe()));
    }
    let mut addresses = Vec::new();
    for (socket, terms) in bound {
        addresses.push((terms.name.clone(), socket.local_addr()?));
        tasks.spawn(accept::run(socket, shared.clone(), terms, stop.subscribe()));
    }
    Ok(Listening { addresses, stop, tasks })
}

impl Listening {
    /// Name and address of each; the real port where the configuration says 0.
    pub fn addresses(&self) -> &[(String, SocketAddr)] {
        &self.addresses
    }

    /// No new connections; messages on their way in are taken to their end, then `421`. Whoever
    /// is not done after `grace` is cut off: nothing that was answered is lost by it.
    pub async fn stop(mut self, grace: Duration) {
        self.stop.send_replace(true);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(grace, all).await.is_err() {
            tracing::warn!("connections were cut off: their messages were not accepted yet");
            self.tasks.shutdown().await;
        }
    }
}

/// Why a listener must not be opened (never an open relay); `None`: it may.
pub fn fault(listener: &Listener) -> Option<&'static str> {
    if listener.address.ip().to_canonical().is_loopback() {
        return None;
    }
    if listener.mode == Mode::Loopback {
        return Some(
            "only a loopback address may do without TLS: use `starttls` or `implicit-tls`",
        );
    }
    if listener.plaintext_auth {
        return Some("passwords in clear text are for loopback addresses only");
    }
    match &listener.admits {
        Admits::Logins => None,
        Admits::Trusted { networks, .. } => networks.iter().any(is_everybody).then_some(
            "it would relay for everybody: name the networks it trusts, or ask for a login",
        ),
    }
}

/// Whether a network holds all of IPv4 or all of IPv6.
fn is_everybody(network: &Network) -> bool {
    let ends = |first: IpAddr, last: IpAddr| network.contains(first) && network.contains(last);
    ends([0; 4].into(), [255; 4].into()) || ends([0_u16; 8].into(), [0xffff_u16; 8].into())
}

impl Terms {
    fn new(listener: &Listener, config: &Config, certificate: bool) -> Self {
        let limits = &config.limits;
        let session = Settings {
            hostname: config.hostname.clone(),
            limits: settings::Limits {
                command_octets_max: limits.command_bytes_max,
                recipients_max: limits.recipients_max,
                message_octets_max: u64::try_from(limits.message_bytes_max).unwrap_or(u64::MAX),
                message_line_octets_max: limits.line_bytes_max,
                errors_max: limits.errors_max,
                idle_commands_max: limits.idle_commands_max,
                messages_max: limits.messages_per_connection_max,
                ..settings::Limits::default()
            },
            bare_lf: match listener.bare_line_ends {
                BareLineEnds::Reject => BareLf::Reject,
                BareLineEnds::Normalize => BareLf::Normalize,
            },
            starttls: certificate && listener.mode == Mode::StartTls,
            auth: if listener.plaintext_auth { AuthOffer::InClear } else { AuthOffer::InsideTls },
            auth_required: true,
        };
        let trusted_session = Settings { auth_required: false, ..session.clone() };
        Self {
            name: listener.name.clone(),
            mode: listener.mode,
            session: Arc::new(session),
            trusted_session: Arc::new(trusted_session),
            trusted: match &listener.admits {
                Admits::Logins => None,
                Admits::Trusted { networks, login } => {
                    Some((networks.clone(), Arc::new(Login::from(login))))
                }
            },
            proxy_from: listener.proxy_from.clone(),
            xclient_from: listener.xclient_from.clone(),
        }
    }

    /// The login of an address that needs no password.
    fn trusted(&self, address: IpAddr) -> Option<Arc<Login>> {
        let (networks, login) = self.trusted.as_ref()?;
        contains(networks, address).then(|| login.clone())
    }

    fn is_proxy(&self, peer: IpAddr) -> bool {
        contains(&self.proxy_from, peer)
    }

    fn may_xclient(&self, address: IpAddr) -> bool {
        contains(&self.xclient_from, address)
    }
}

fn contains(networks: &[Network], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(address))
}

#[cfg(test)]
mod tests;
