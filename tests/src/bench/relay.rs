//! The relays that are compared: how each is started, where it listens, what it runs as.

use std::{io, net::SocketAddr};

use crate::postfix::{self, Postfix};

/// Something that takes messages and passes them to the sink.
pub trait Relay {
    fn name(&self) -> &'static str;
    fn address(&self) -> SocketAddr;
    /// Every process whose time and memory count; empty for the bare sink.
    fn roots(&self) -> Vec<u32>;
}

/// The source straight into the sink: what the machine allows.
pub struct Ceiling(pub SocketAddr);

impl Relay for Ceiling {
    fn name(&self) -> &'static str {
        "ceiling"
    }

    fn address(&self) -> SocketAddr {
        self.0
    }

    fn roots(&self) -> Vec<u32> {
        Vec::new()
    }
}

/// Postfix as its package sets it up, with its queue, as a relay to the sink.
pub fn postfix(sink: SocketAddr) -> io::Result<Postfix> {
    Postfix::start(&postfix::Settings {
        relayhost: Some(format!("[{}]:{}", sink.ip(), sink.port())),
        ..postfix::Settings::default()
    })
}

impl Relay for Postfix {
    fn name(&self) -> &'static str {
        "postfix"
    }

    fn address(&self) -> SocketAddr {
        self.address
    }

    fn roots(&self) -> Vec<u32> {
        self.pid().into_iter().collect()
    }
}

/// Souhlas with every rule on; `name` says on which database.
pub fn souhlas(name: &str, sink: SocketAddr, contacts: usize) -> io::Result<Ceiling> {
    Err(io::Error::other(format!("{name} to {sink} with {contacts} contacts cannot be started")))
}
