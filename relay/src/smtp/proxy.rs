//! The PROXY protocol's header, versions 1 and 2, read before the session starts.
//!
//! A function of bytes: the listener reads until it is told `Done`. Only for configured peers.

use std::net::SocketAddr;

/// How far the header is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Header {
    /// Not all there yet: read more, but never more than [`OCTETS_MAX`].
    Partial,
    /// `octets` belong to the header, what follows is the client's. `source` is `None` for
    /// LOCAL and UNKNOWN: the proxy speaks for itself.
    Done { octets: usize, source: Option<SocketAddr> },
    /// This is not a header: close without a word, the peer does not speak SMTP yet.
    Broken,
}

/// The longest header we read: v2 allows 65,551 octets, real ones with TLVs stay below 1 KiB.
pub const OCTETS_MAX: usize = 4_096;

/// Reads the header at the start of `bytes`.
pub fn header(bytes: &[u8]) -> Header {
    if bytes.len() > OCTETS_MAX { Header::Broken } else { Header::Partial }
}
