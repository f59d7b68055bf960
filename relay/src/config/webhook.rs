//! `[webhook]` of relay.toml: where webhooks may go, and how long they are tried.

use std::{path::PathBuf, time::Duration};

use super::{Network, document::Section};

/// What webhooks out are held to.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Networks of one's own that they may go to, also without TLS.
    pub private_networks: Vec<Network>,
    /// Who may sign a receiver's certificate beside those whom the system trusts.
    pub ca_file: Option<PathBuf>,
    /// An event that nobody took by then is given up.
    pub give_up_after: Duration,
    /// A webhook that takes nothing for so long is switched off.
    pub off_after: Duration,
    /// What was taken or given up is forgotten after this.
    pub log_kept: Duration,
    /// How long the former key counts beside a new one.
    pub both_keys: Duration,
}

impl Webhook {
    pub(super) fn read(section: &Section<'_, '_>) -> Self {
        let private_networks = super::networks(section, "private-networks");
        if private_networks.iter().any(Network::is_everything) {
            section.complain("private-networks", "is everything: name the networks that you mean");
        }
        Self {
            private_networks,
            ca_file: section.text_if_any("ca-file").map(PathBuf::from),
            give_up_after: section.time("give-up-after", "3d"),
            off_after: section.time("off-after", "5d"),
            log_kept: section.time("log-kept", "30d"),
            both_keys: section.time("both-keys", "1d"),
        }
    }
}
