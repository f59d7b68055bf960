//! What the operator set: `relay.toml` (the machine) and `policy.toml` (the business), resolved.
//!
//! Nothing here is optional where a default exists, and nothing here was guessed: a file with any
//! fault yields all its complaints and no settings. relay.toml is read once; policy.toml whenever
//! it changes, whole or not at all.

mod business;
mod delivery;
mod document;
mod listener;
mod machine;
mod network;
mod secret;

pub use business::{Business, Mapping, Signs, sender_matches};
pub use delivery::{Delivery, Limit, NextHop, Route, Smarthost, TlsUse, Waits};
pub use document::Complaint;
pub use listener::{Admits, BareLineEnds, Listener, Mixed, Mode, Refusals, Trusted};
pub use machine::{Config, Limits, Log, LogFormat, Logins, Tls, Web};
pub use network::Network;
pub use secret::Secret;
