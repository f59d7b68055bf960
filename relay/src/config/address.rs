//! Where a listener listens: an address of the network, or a socket file of this machine.

use std::{fmt, net::SocketAddr, path::PathBuf};

use super::document::Section;

/// Shown as it is written in relay.toml.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Address {
    Net(SocketAddr),
    /// Whom the system lets open the file is let in.
    Unix(PathBuf),
}

/// In front of a path.
const UNIX: &str = "unix:";
/// Of a path: what the system takes (`sun_path`), without its NUL.
const PATH_OCTETS_MAX: usize = 107;

impl Address {
    pub(super) fn read(section: &Section<'_, '_>, key: &'static str, default: &str) -> Self {
        let text = section.text(key, default);
        let Some(path) = text.strip_prefix(UNIX) else {
            return Self::Net(super::address_of(section, key, &text));
        };
        if path.is_empty() || path.len() > PATH_OCTETS_MAX {
            section.complain(
                key,
                format!(
                    "`{text}` is no socket: write `unix:/run/souhlas/milter.sock`, \
                    {PATH_OCTETS_MAX} octets at most"
                ),
            );
        }
        Self::Unix(path.into())
    }

    /// Only who is on this machine gets there.
    pub fn is_local(&self) -> bool {
        match self {
            Self::Net(address) => address.ip().to_canonical().is_loopback(),
            Self::Unix(_) => true,
        }
    }

    /// The system chooses the port, so two that are the same are not.
    pub(super) fn is_any(&self) -> bool {
        matches!(self, Self::Net(address) if address.port() == 0)
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Self::Net(address)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Net(address) => address.fmt(out),
            Self::Unix(path) => write!(out, "{UNIX}{}", path.display()),
        }
    }
}
