//! What became of messages, told to who listens and written into the log of events: the same events
//! with the same reasons, and after a kill none is missing.

use std::{collections::BTreeSet, fs};

use outside::{
    port,
    postgres::Database,
    receiver::{Answers, Receiver, Request},
    sink::{Script, Sink},
    souhlas::{Setup, Souhlas, wait},
    submit::submit,
};
use serde_json::Value;

const ORDERS: &str = "objednavky@kavarna.example";
const NEWS: &str = "novinky@kavarna.example";

fn letter(from: &str) -> String {
    format!(
        "From: <{from}>\r\nTo: <nekdo@posta.example>\r\nSubject: Objednavka 1\r\n\
         Date: Mon, 02 Nov 2026 08:00:00 +0100\r\nMessage-ID: <1@kavarna.example>\r\n\r\nDik.\r\n"
    )
}

/// A relay with a log of events, before a server that likes neither Nobody nor Full.
async fn relay(database: Option<&Database>) -> (Souhlas, Sink) {
    let script = Script::modern()
        .reply("RCPT TO:<nikdo@", "550 5.1.1 <nikdo@posta.example> no such user")
        .reply("RCPT TO:<plno@", "452 4.2.2 mailbox full");
    let sink = Sink::start(script).await;
    let mut setup = Setup::towards(sink.address.port());
    if let Some(database) = database {
        setup.database = database.url.clone();
    }
    // Nobody is at `nikde.example`.
    setup.more = format!(
        "[webhook]\nprivate-networks = [\"127.0.0.0/8\"]\n\n\
         [log]\nevents = \"data/events.jsonl\"\n\
         [[delivery.route]]\nname = \"away\"\ndomains = [\"nikde.example\"]\n\
         next-hop = \"smarthost\"\nhost = \"127.0.0.1\"\nport = {}\ntls = \"off\"\n",
        port::free().unwrap()
    );
    (Souhlas::start(&setup).unwrap(), sink)
}

/// The lines of the log: event, reason, status.
fn log(relay: &Souhlas) -> Vec<(String, String, String)> {
    let text = fs::read_to_string(relay.path("data/events.jsonl")).unwrap_or_default();
    let read = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        let says = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        (says("event"), says("reason"), says("status"))
    };
    let mut all: Vec<_> = text.lines().map(read).collect();
    all.sort();
    all
}

/// The same of what a webhook was told.
fn told(receiver: &Receiver) -> Vec<(String, String, String)> {
    let mut all = Vec::new();
    for body in receiver.seen().iter().map(Request::json) {
        let says = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
        let event = says(&body, "event");
        for one in body["data"]["recipients"].as_array().unwrap() {
            all.push((event.clone(), says(&body["data"], "reason"), says(one, "status")));
        }
    }
    all.sort();
    all
}

const EXPECTED: [(&str, &str, &str); 9] = [
    ("accepted", "", ""),
    ("accepted", "", ""),
    ("accepted", "", ""),
    ("accepted", "", ""),
    ("blocked", "consent-missing", ""),
    ("bounced", "hard", "5.1.1"),
    ("deferred", "full", "4.2.2"),
    ("deferred", "unreachable", "4.4.1"),
    ("delivered", "", "2.0.0"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_became_of_messages_is_told_and_logged_in_the_same_words() {
    for database in [None, Some(Database::create())] {
        let (relay, _sink) = relay(database.as_ref()).await;
        tokio::task::block_in_place(|| {
            relay.add_purpose();
            let receiver = Receiver::start(vec![Answers::Status(200)]);
            let mut add = vec!["webhook".to_owned(), "add".to_owned(), receiver.url()];
            for event in ["accepted", "blocked", "bounced", "deferred", "delivered"] {
                add.extend(["--event".to_owned(), event.to_owned()]);
            }
            relay.must(&add.iter().map(String::as_str).collect::<Vec<_>>());
            // Its first look remembers where it begins.
            wait(|| relay.path("data/events.jsonl.mark").exists().then_some(())).unwrap();
            let at = ["jana@posta", "nikdo@posta", "plno@posta", "jana@nikde"];
            for to in at.map(|to| format!("{to}.example")) {
                let said = submit(relay.smtp, ORDERS, &to, &letter(ORDERS));
                assert!(said.starts_with("250"), "{said}");
            }
            let said = submit(relay.smtp, NEWS, "jana@posta.example", &letter(NEWS));
            assert!(said.starts_with("550 5.7.1 consent-missing"), "{said}");
            let expected =
                EXPECTED.map(|(event, why, status)| (event.into(), why.into(), status.into()));
            wait(|| (log(&relay).len() >= 9).then_some(()));
            assert_eq!(log(&relay), expected);
            wait(|| (told(&receiver).len() >= 9).then_some(()));
            assert_eq!(told(&receiver), expected);
            let bodies: Vec<Value> = receiver.seen().iter().map(Request::json).collect();
            let bounced = bodies.iter().find(|body| body["event"] == "bounced").unwrap();
            let one = &bounced["data"]["recipients"][0];
            assert_eq!(bounced["data"]["stream"], "objednavky");
            assert_eq!(one["reply"], "550 5.1.1 <address> no such user");
            assert!(one["contact"].as_str().is_some_and(|key| key.len() == 64), "{one}");
            let text = fs::read_to_string(relay.path("data/events.jsonl")).unwrap();
            assert!(!text.contains("posta.example") && !text.contains("Dik"), "{text}");
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_misses_nothing_that_was_written_while_the_relay_was_down() {
    let (mut relay, _sink) = relay(None).await;
    tokio::task::block_in_place(|| {
        wait(|| relay.path("data/events.jsonl.mark").exists().then_some(())).unwrap();
        let mark = fs::read(relay.path("data/events.jsonl.mark")).unwrap();
        for _ in 0..3 {
            submit(relay.smtp, ORDERS, "jana@posta.example", &letter(ORDERS));
        }
        wait(|| (log(&relay).len() >= 6).then_some(())).unwrap();
        relay.kill().unwrap();
        // As after a power cut between the lines and the mark; and the file was moved away meanwhile.
        fs::write(relay.path("data/events.jsonl.mark"), mark).unwrap();
        fs::rename(relay.path("data/events.jsonl"), relay.path("data/events.1")).unwrap();
        relay.restart().unwrap();
        wait(|| (log(&relay).len() >= 6).then_some(())).unwrap();
        let ids = |name: &str| -> BTreeSet<String> {
            let text = fs::read_to_string(relay.path(name)).unwrap();
            let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["id"].to_string();
            text.lines().map(id).collect()
        };
        assert_eq!(ids("data/events.jsonl"), ids("data/events.1"), "the same lines, by their ids");
    });
}
