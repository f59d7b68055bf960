//! One relay, a next hop for each case, and a good one beside them.

use std::{fmt::Write as _, net::Ipv4Addr};

use outside::{
    authority::Authority,
    dns::{Dns, Record},
    sink::{Script, Sink},
    souhlas::{Setup, Souhlas},
};
use tempfile::TempDir;
use tokio::task::block_in_place;

use crate::cases::{Case, Way};

/// Short, so that all is over soon; the longest of a faulty peer's replies takes a third of it.
const WAIT: &str = "3s";

pub(crate) struct Scene {
    pub(crate) relay: Souhlas,
    pub(crate) sinks: Vec<Sink>,
    pub(crate) good: Sink,
    /// Certificate of the authority and the password.
    _folder: TempDir,
    _dns: Dns,
}

/// Of the case with that number; each is a provider of its own.
pub(crate) fn domain(number: usize) -> String {
    format!("c{number}.test")
}

impl Scene {
    /// `keys`: more lines of `[delivery]`.
    pub(crate) async fn new(database: &str, cases: &[Case], keys: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new();
        let in_folder = |name: &str, text: &str| {
            let file = folder.path().join(name);
            std::fs::write(&file, text).unwrap();
            file.display().to_string()
        };
        let ca_file = in_folder("ca.pem", &authority.pem());
        let password = in_folder("password", "velmi-tajne\n");
        let dns = Dns::start().await;
        let mut more = format!(
            "[delivery]\nretry = [\"1s\"]\ndns = [\"{}\"]\ndnssec = \"off\"\nca-file = \"{ca_file}\"\n{keys}\n\
             [delivery.waits]\nconnect = \"{WAIT}\"\ngreeting = \"{WAIT}\"\ncommand = \"{WAIT}\"\n\
             data = \"{WAIT}\"\nend = \"{WAIT}\"\nidle = \"1s\"\n\
             [delivery.limit]\nconnections-max = 1\n",
            dns.address
        );
        let mut sinks = Vec::new();
        for (number, case) in cases.iter().enumerate() {
            let host = format!("mx.{}", domain(number));
            let sink = match case.way {
                Way::Clear => Sink::start(case.script()).await,
                Way::Hoped | Way::Guarded => {
                    let own = authority.certify(&[&host]);
                    Sink::start_tls(case.script(), own.config).await
                }
            };
            let keys = match case.way {
                Way::Clear => "tls = \"off\"".to_owned(),
                Way::Hoped => "tls = \"opportunistic\"".to_owned(),
                Way::Guarded => {
                    format!("tls = \"required\"\nlogin = \"shop\"\npassword-file = \"{password}\"")
                }
            };
            route(&mut more, &domain(number), &sink, &keys);
            dns.add(&host, Record::Address(Ipv4Addr::LOCALHOST.into()));
            sinks.push(sink);
        }
        let good = Sink::start(Script::modern()).await;
        route(&mut more, "dobry.test", &good, "tls = \"off\"");
        dns.add("mx.dobry.test", Record::Address(Ipv4Addr::LOCALHOST.into()));
        let setup = Setup { database: database.to_owned(), more, ..Setup::default() };
        let relay = block_in_place(|| Souhlas::start(&setup)).unwrap();
        Self { relay, sinks, good, _folder: folder, _dns: dns }
    }
}

fn route(more: &mut String, domain: &str, sink: &Sink, keys: &str) {
    let port = sink.address.port();
    write!(
        more,
        "[[delivery.route]]\nname = \"{domain}\"\ndomains = [\"{domain}\"]\n\
         next-hop = \"smarthost\"\nhost = \"mx.{domain}\"\nport = {port}\n{keys}\n"
    )
    .unwrap();
}
