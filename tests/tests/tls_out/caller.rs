//! A dialer on a database, and how its calls ended.

use std::sync::Arc;

use jiff::Timestamp;
use outside::{sink::Sink, store::Fresh};
use relay::{
    delivery::{
        Destination, Settings, Tls,
        dialer::Dialer,
        outcome::{Fate, Outcome},
        source::Source,
        tally::{Session, Tally},
    },
    seal::Secret,
};

pub(crate) struct Caller {
    dialer: Dialer,
    tally: Tally,
    pub(crate) now: Timestamp,
}

impl Caller {
    pub(crate) fn new(settings: Settings, fresh: &Fresh) -> Self {
        let place = (fresh.db.clone(), Secret::from_bytes([7; 32]));
        let tally = Tally::counting();
        let dialer = Dialer::new(Arc::new(settings), place, tally.clone()).unwrap();
        Self { dialer, tally, now: Timestamp::now() }
    }

    pub(crate) async fn call(&self, domain: &str, sink: &Sink) -> String {
        self.call_as(domain, sink, Tls::Policy, false).await
    }

    /// `clear`, `tls`, `authenticated`, or what becomes of the message.
    pub(crate) async fn call_as(
        &self,
        domain: &str,
        sink: &Sink,
        tls: Tls,
        require_tls: bool,
    ) -> String {
        let port = sink.address.port();
        let to = Destination::Mx { domain: domain.to_owned(), port, tls, require_tls };
        let dialed = async {
            let found = self.dialer.find(self.now, &to, 1).await?;
            self.dialer.reach(self.now, &to, &Source::system(), &found).await
        };
        match dialed.await {
            Ok(connection) => {
                let told = match (connection.is_tls(), connection.is_authenticated()) {
                    (false, _) => "clear",
                    (true, false) => "tls",
                    (true, true) => "authenticated",
                };
                connection.quit().await;
                told.to_owned()
            }
            Err(problem) => {
                let outcome = Outcome::of_problem(&problem);
                let fate = match outcome.fate {
                    Fate::Later => "later",
                    Fate::Bounce => "never",
                    Fate::Delivered | Fate::Again => "?",
                };
                format!("{fate} {}", outcome.status_text())
            }
        }
    }

    /// `policy result` of each session since the last time, with their numbers.
    pub(crate) fn told(&self) -> Vec<String> {
        let shown = |session: &Session| {
            session.failure.as_ref().map_or("success".to_owned(), |failure| failure.result.clone())
        };
        let counts = self.tally.take();
        for failure in counts.keys().filter_map(|session| session.failure.as_ref()) {
            let both = [&failure.ip, &failure.from].map(|ip| ip.starts_with("127."));
            assert_eq!(both[0], both[1], "{failure:?}");
        }
        counts
            .iter()
            .map(|(session, count)| format!("{} {} {count}", session.policy.kind, shown(session)))
            .collect()
    }
}
