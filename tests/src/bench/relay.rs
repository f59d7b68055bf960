//! The relays that are compared: how each is started, where it listens, what it runs as.

#![expect(clippy::print_stderr, reason = "a benchmark says what it is doing")]

use std::{
    fs,
    io::{self, Write},
    net::SocketAddr,
    time::Instant,
};

use crate::{
    postfix::{self, Postfix},
    postgres::Cluster,
    souhlas::{Setup, Souhlas},
};

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

/// Souhlas with every rule on: a commercial stream whose every message needs every repair, and
/// `contacts` people who gave their consent. Where its name says so it signs, by RSA-2048 and Ed25519.
pub struct Measured {
    name: &'static str,
    relay: Souhlas,
    cluster: Option<Cluster>,
}

impl Measured {
    pub fn start(name: &'static str, sink: SocketAddr, contacts: usize) -> io::Result<Self> {
        let cluster = name.contains("postgres").then(Cluster::start);
        let setup = Setup {
            database: cluster
                .as_ref()
                .map_or_else(|| Setup::default().database, |cluster| cluster.create("bench")),
            ..Setup::towards(sink.port())
        };
        let relay = Souhlas::start(&setup)?;
        relay.add_purpose();
        let file = relay.path("contacts.csv");
        let mut csv = io::BufWriter::new(fs::File::create(&file)?);
        writeln!(csv, "email,granted_at")?;
        for number in 0..contacts {
            writeln!(csv, "{number}user@example.net,2026-01-15T08:00:00Z")?;
        }
        csv.flush()?;
        let started = Instant::now();
        let file = file.display().to_string();
        let from = ["--origin", "own", "--source", "made up", "--attested-by", "the benchmark"];
        relay.must(&[&["import", &file, "--purpose", "novinky"][..], &from].concat());
        let took = started.elapsed().as_secs_f64();
        let rate = contacts as f64 / took;
        eprintln!("{name}: imported {contacts} contacts in {took:.0} s, {rate:.0} lines/s");
        if name.ends_with("dkim") {
            relay.must(&["keys", "dkim", "new", "kavarna.example"]);
            relay.signal("HUP");
        }
        Ok(Self { name, relay, cluster })
    }
}

impl Relay for Measured {
    fn name(&self) -> &'static str {
        self.name
    }

    fn address(&self) -> SocketAddr {
        self.relay.smtp
    }

    fn roots(&self) -> Vec<u32> {
        let database = self.cluster.as_ref().and_then(Cluster::pid);
        std::iter::once(self.relay.pid()).chain(database).collect()
    }
}
