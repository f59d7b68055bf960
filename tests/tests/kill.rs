//! kill -9 at each step of intake and delivery, under load: every 250 is accounted for, on SQLite
//! and on PostgreSQL. And PostgreSQL itself stopped in mid-load: 451s, nothing lost, recovery
//! without a restart.

use std::{collections::BTreeSet, thread, time::Duration};

use outside::{
    load::{Heard, Load},
    postgres::{Cluster, Database},
    sink::{Does, Script, Sink},
    souhlas::{Setup, Souhlas, wait},
};
use tokio::runtime::Runtime;

const FROM: &str = "objednavky@kavarna.example";
const TO: &str = "zakaznik@example.net";
const CLIENTS: usize = 6;

/// Where the next hop stops answering, so that a kill finds deliveries in that step. Intake is in
/// every step at once: six clients never pause.
const STEPS: [&str; 5] = ["CONNECT", "EHLO", "MAIL", "DATA", "."];

#[test]
fn every_250_is_accounted_for_on_sqlite() {
    let _ = kill_at_each_step("sqlite:data/souhlas.db");
}

#[test]
fn every_250_is_accounted_for_on_postgresql() {
    let database = Database::create();
    let _ = kill_at_each_step(&database.url);
}

#[test]
fn postgresql_stopped_in_mid_load_costs_451s_and_nothing_else() {
    let cluster = Cluster::start();
    let scene = Scene::start(&cluster.create("relay"));
    let load = Load::start(scene.relay.smtp, CLIENTS, FROM, TO);
    until("messages are accepted", || load.heard().accepted.len() >= 50);
    cluster.stop();
    until("the clients hear 451", || load.heard().deferred >= 10);
    let before = load.heard().accepted.len();
    cluster.go();
    until("messages are accepted again", || load.heard().accepted.len() >= before + 50);
    let heard = load.stop();
    scene.all_arrive(&heard);
    let verified = scene.relay.command(&["journal", "verify"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

fn kill_at_each_step(database: &str) -> Heard {
    let mut scene = Scene::start(database);
    let load = Load::start(scene.relay.smtp, CLIENTS, FROM, TO);
    for step in STEPS {
        let before = load.heard().accepted.len();
        scene.sink.rewrite(Script::modern().on(step, Does::Wait));
        until("messages are accepted", || load.heard().accepted.len() >= before + 20);
        // Long enough for deliveries to reach the step, at a moment that intake does not choose.
        thread::sleep(Duration::from_millis(50));
        scene.relay.kill().unwrap();
        scene.sink.rewrite(Script::modern());
        scene.sink.release();
        scene.relay.restart().unwrap();
    }
    // And while everything flows.
    for pause in [5, 40, 90, 150, 220] {
        let before = load.heard().accepted.len();
        until("messages are accepted", || load.heard().accepted.len() > before);
        thread::sleep(Duration::from_millis(pause));
        scene.relay.kill_and_restart().unwrap();
    }
    let heard = load.stop();
    scene.all_arrive(&heard);
    let verified = scene.relay.command(&["journal", "verify"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    heard
}

struct Scene {
    relay: Souhlas,
    sink: Sink,
    // The sink's tasks run on it.
    _runtime: Runtime,
}

impl Scene {
    fn start(database: &str) -> Self {
        let runtime = Runtime::new().unwrap();
        let sink = runtime.block_on(Sink::start(Script::modern()));
        let setup = Setup {
            database: database.to_owned(),
            // A delivery that found the next hop silent is tried again at once.
            more: "[delivery]\nretry = [\"1s\"]".into(),
            ..Setup::towards(sink.address.port())
        };
        Self { relay: Souhlas::start(&setup).unwrap(), sink, _runtime: runtime }
    }

    /// Each accepted message has reached the sink, at least once; nothing else happened to any.
    fn all_arrive(&self, heard: &Heard) {
        assert!(heard.strange.is_empty(), "{:?}", heard.strange.first());
        assert!(heard.accepted.len() > 100, "only {} were accepted", heard.accepted.len());
        let missing = || -> BTreeSet<String> {
            let arrived: BTreeSet<String> =
                self.sink.taken().iter().filter_map(|taken| message_id(&taken.bytes)).collect();
            heard.accepted.difference(&arrived).cloned().collect()
        };
        if wait(|| missing().is_empty().then_some(())).is_none() {
            let missing = missing();
            panic!(
                "{} of {} accepted messages never arrived, such as {:?}\n{}",
                missing.len(),
                heard.accepted.len(),
                missing.first(),
                self.relay.said()
            );
        }
        until("the queue is empty", || self.relay.must(&["queue", "list"]).trim().is_empty());
    }
}

fn message_id(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().find_map(|line| line.strip_prefix("Message-ID: "))?;
    Some(line.trim().to_owned())
}

fn until(what: &str, holds: impl Fn() -> bool) {
    assert!(wait(|| holds().then_some(())).is_some(), "it did not happen in time: {what}");
}
