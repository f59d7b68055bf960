//! Where SMTP clients may connect, and on what terms.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::Network;

/// One SMTP listener.
#[derive(Clone, Debug)]
pub struct Listener {
    /// In logs and metrics: `submission`.
    pub name: String,
    pub address: SocketAddr,
    pub mode: Mode,
    pub admits: Admits,
    /// AUTH is offered outside TLS; only ever true on a loopback address.
    pub plaintext_auth: bool,
    pub bare_line_ends: BareLineEnds,
    /// Proxies whose PROXY v1 or v2 header is believed, and from whom it is required.
    pub proxy_from: Vec<Network>,
    /// Hosts that may use XCLIENT.
    pub xclient_from: Vec<Network>,
}

/// How a connection is protected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// No TLS; the address is a loopback one.
    Loopback,
    /// Plain, then STARTTLS (RFC 3207, port 587); nothing is taken before it.
    StartTls,
    /// TLS from the first byte (RFC 8314, port 465).
    ImplicitTls,
}

/// Who may submit.
#[derive(Clone, Debug)]
pub enum Admits {
    /// Whoever authenticates.
    Logins,
    /// Whoever connects from one of the networks, as one login without a password; others must
    /// authenticate.
    Trusted { networks: Vec<Network>, login: Trusted },
}

/// The login of clients that are known by their address alone.
#[derive(Clone, Debug)]
pub struct Trusted {
    pub name: String,
    /// `@shop.cz`, `@*.shop.cz`, `news@shop.cz`.
    pub senders: Vec<String>,
    pub refusals: Refusals,
    pub mixed: Mixed,
}

/// What the client sees when a recipient may not get the message (architecture 7).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusals {
    /// 550 at RCPT, or after DATA.
    #[default]
    Reply,
    /// 250; not sent; a DSN and an event.
    Suppress,
}

/// After DATA, when only some recipients may get the message.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mixed {
    /// The lawful get it; a DSN names the others.
    #[default]
    Split,
    /// All or nothing.
    Refuse,
}

/// What becomes of a CR or LF that stands alone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BareLineEnds {
    /// 550 for the message.
    Reject,
    /// Each becomes CRLF before anything else sees the message.
    Normalize,
}
