//! Proxy mode: the next hop is asked while the client waits, its reply is the client's, and the
//! verdict is enforced and in the journal all the same.

use outside::{
    postgres::Database,
    sink::{Does, Script, Sink},
    souhlas::{POLICY, RECEIPTS, Setup, Souhlas, wait},
    submit::{submit, submit_asking, submit_to_all},
};
use serde_json::Value;
use tokio::task::block_in_place;

const ORDERS: &str = "objednavky@kavarna.example";
const NEWS: &str = "novinky@kavarna.example";
const TILL: &str = "pokladna@kavarna.example";
const JANA: &str = "jana@posta.example";
const PETR: &str = "petr@posta.example";

fn message(from: &str, body: &str) -> String {
    format!(
        "From: Kavarna <{from}>\r\nTo: nekdo@posta.example\r\nSubject: Objednavka 117\r\n\
         Date: Mon, 02 Nov 2026 08:00:00 +0100\r\nMessage-ID: <zprava@kavarna.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n"
    )
}

fn order() -> String {
    message(ORDERS, "Dobrý den, objednávku č. 117 odešleme zítra.")
}

fn news() -> String {
    message(NEWS, "Dobrý den, máme novou kávu z Etiopie.")
}

/// A relay that asks `sink` while its client waits; reports go into files.
fn relay(sink: &Sink) -> Souhlas {
    relay_at(sink.address.port())
}

fn relay_at(port: u16) -> Souhlas {
    relay_with(port, &format!("{POLICY}{RECEIPTS}"), Setup::default().database)
}

fn relay_with(port: u16, policy: &str, database: String) -> Souhlas {
    relay_paced(port, "", policy, database)
}

/// `pace`: of relay.toml, besides.
fn relay_paced(port: u16, pace: &str, policy: &str, database: String) -> Souhlas {
    let otherwise =
        format!("next-hop = \"proxy\"\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"off\"");
    let more = "[delivery.waits]\nproxy = \"3s\"\n[[delivery.route]]\nname = \"reports\"\n\
                domains = [\"kavarna.example\"]\nnext-hop = \"capture\"\nfolder = \"data/captured\"";
    let (more, policy) = (format!("{more}\n{pace}"), policy.to_owned());
    let setup = Setup { otherwise, more, policy, database, ..Setup::default() };
    let relay = Souhlas::start(&setup).unwrap();
    relay.add_purpose();
    relay
}

/// The journal's lines of messages, oldest first.
fn journal(relay: &Souhlas) -> Vec<Value> {
    let lines = relay.must(&["journal", "list", "--json"]);
    let lines = lines.lines().map(|line| serde_json::from_str(line).unwrap());
    let mut lines: Vec<Value> = lines.filter(|line: &Value| line["message"].is_string()).collect();
    lines.reverse();
    lines
}

fn kinds(relay: &Souhlas) -> Vec<String> {
    journal(relay).iter().map(|line| line["kind"].as_str().unwrap().to_owned()).collect()
}

fn queued(relay: &Souhlas) -> usize {
    relay.must(&["queue", "list"]).lines().filter(|line| line.contains('@')).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_hops_own_reply_is_the_clients_and_nothing_is_queued() {
    let sink = Sink::start(Script::modern()).await;
    let relay = block_in_place(|| relay(&sink));
    let said = block_in_place(|| submit(relay.smtp, ORDERS, JANA, &order()));
    assert_eq!(said, "250 2.0.0 taken");
    let taken = sink.taken();
    let bytes = String::from_utf8(taken[0].bytes.clone()).unwrap();
    assert!(
        bytes.starts_with("Received: from tool.example") && bytes.ends_with(&order()),
        "{bytes}"
    );
    for (script, expected) in [
        ("550 5.1.1 nobody of that name", "550 5.1.1 nobody of that name"),
        ("452 4.2.2 full", "452 4.2.2 full"),
    ] {
        sink.rewrite(Script::modern().reply(".", script));
        let said = block_in_place(|| submit(relay.smtp, ORDERS, JANA, &order()));
        assert_eq!(said, expected);
        sink.rewrite(Script::modern().reply("RCPT", script));
        let said = block_in_place(|| submit(relay.smtp, ORDERS, JANA, &order()));
        assert_eq!(said, expected);
    }
    sink.rewrite(Script::modern().reply(".", "421 4.3.2 closing"));
    let said = block_in_place(|| submit(relay.smtp, ORDERS, JANA, &order()));
    assert_eq!(said, "451 4.3.2 closing", "it is about the relay's own connection");
    let said = block_in_place(|| submit(relay.smtp, ORDERS, JANA, &order()));
    assert!(said.starts_with("451 4.4.5 slowed-down: nothing was kept"), "a sign: {said}");
    block_in_place(|| {
        assert_eq!(queued(&relay), 0);
        let lines = journal(&relay);
        assert_eq!(lines[0]["kind"], "decided");
        assert_eq!(lines[0]["detail"]["fate"], "passed");
        assert_eq!(lines[1]["kind"], "delivered");
        assert_eq!(lines[1]["detail"]["reply"], "250 2.0.0 taken");
        assert_eq!(lines[1]["detail"]["class"], Value::Null);
        assert_eq!(lines[3]["kind"], "bounced");
        assert_eq!(lines[3]["detail"]["class"], "hard");
        assert_eq!(lines[1]["delivery"], lines[0]["delivery"]);
        assert!(relay.captured().is_empty(), "the client heard it: nobody is told by mail");
        assert!(relay.must(&["journal", "verify"]).contains("journal: whole"));
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_time_is_passed_on_to_who_knows_it_and_refused_for_who_does_not() {
    let mut script = Script::modern();
    script.offers.push("DELIVERBY".into());
    let sink = Sink::start(script).await;
    let relay = block_in_place(|| relay(&sink));
    let said = block_in_place(|| submit_asking(relay.smtp, ORDERS, "BY=600;R", JANA, &order()));
    assert_eq!(said, "250 2.0.0 taken");
    let mail = &sink.taken()[0].mail;
    assert!(mail.contains(" BY=5") || mail.contains(" BY=600;R"), "{mail}");
    let sink = Sink::start(Script::modern()).await;
    let relay = block_in_place(|| self::relay(&sink));
    let said = block_in_place(|| submit_asking(relay.smtp, ORDERS, "BY=600;R", JANA, &order()));
    assert!(said.starts_with("550 5.4.7 expired: "), "{said}");
    assert_eq!(sink.count(), 0);
    assert_eq!(block_in_place(|| queued(&relay)), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_next_hop_does_not_answer_the_client_comes_again() {
    let nobody = outside::port::free().unwrap();
    let relay = block_in_place(|| relay_at(nobody));
    let said = block_in_place(|| submit(relay.smtp, ORDERS, JANA, &order()));
    assert!(said.starts_with("451 4.4.1 unreachable: "), "{said}");
    let sink = Sink::start(Script::modern().on(".", Does::Wait)).await;
    let silent = block_in_place(|| self::relay(&sink));
    let said = block_in_place(|| submit(silent.smtp, ORDERS, JANA, &order()));
    assert!(said.starts_with("451 4.4.2 not-answered: "), "{said}");
    block_in_place(|| {
        for relay in [&relay, &silent] {
            assert_eq!(
                (queued(relay), kinds(relay)),
                (0, vec!["decided".into(), "deferred".into()])
            );
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_verdict_stands_before_the_next_hop() {
    let sink = Sink::start(Script::modern()).await;
    let relay = block_in_place(|| relay(&sink));
    block_in_place(|| {
        let said = submit(relay.smtp, NEWS, JANA, &news());
        assert!(said.starts_with("550 5.7.1 consent-missing: "), "{said}");
        assert_eq!(sink.connections(), 0, "nobody was asked");
        relay.must(&["grant", PETR, "--purpose", "novinky", "--evidence", "formulář"]);
        let said = submit(relay.smtp, NEWS, PETR, &news());
        assert!(said.starts_with("250 "), "{said}");
    });
    let taken = sink.taken();
    let bytes = String::from_utf8(taken[0].bytes.clone()).unwrap();
    assert!(bytes.contains("List-Unsubscribe: <https://odhlasit.kavarna.cz/"), "{bytes}");
    block_in_place(|| {
        relay.must(&["grant", JANA, "--purpose", "novinky", "--evidence", "formulář"]);
        let body = "VÝPRODEJ, slevy až 50 %! Jen do neděle: kupte dva pytle kávy a třetí máte \
            zdarma.\r\nDoprava zdarma, slevový kód KAVA50, poslední kusy za akční ceny.\r\n\
            Nakoupit: https://www.kavarna.example/vyprodej?utm_source=mail&utm_campaign=jaro";
        let held = message(TILL, body).replace("Objednavka 117", "VYPRODEJ: slevy az 50 %");
        let said = submit(relay.smtp, TILL, JANA, &held);
        assert!(said.starts_with("250 ") && said.ends_with("held for review"), "{said}");
        let list = relay.must(&["queue", "list", "--held"]);
        let id = list.lines().find(|line| line.contains(JANA)).expect("it is held");
        let id = id.split_whitespace().next().unwrap().to_owned();
        assert_eq!(sink.count(), 1, "{list}");
        relay.must(&["queue", "release", &id, "--reason", "je to v poradku", "--by", "Alena"]);
    });
    // Nobody waits for the reply any more: it goes through the queue, to the same next hop.
    sink.messages(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_reply_for_several_recipients_neither_loses_nor_doubles() {
    let both = [JANA, PETR];
    let sink = Sink::start(Script::modern()).await;
    let relay = block_in_place(|| relay(&sink));
    let send = || submit_to_all(relay.smtp, ORDERS, &both, &order(), || ());
    // Nobody has it: for both the client comes again.
    sink.rewrite(
        Script::modern()
            .reply("RCPT TO:<jana", "450 4.2.1 later")
            .reply("RCPT TO:<petr", "550 5.1.1 no"),
    );
    assert_eq!(block_in_place(send), "450 4.2.1 later");
    assert_eq!(block_in_place(|| (queued(&relay), relay.captured().len())), (0, 0));
    // One has it: the client is told so, and the other one's sender by mail.
    sink.rewrite(Script::modern().reply("RCPT TO:<petr", "550 5.1.1 no"));
    assert!(block_in_place(send).starts_with("250 "));
    let report = block_in_place(|| relay.wait_for_captured(1).remove(0));
    let report = String::from_utf8(report).unwrap();
    assert!(report.contains("petr@posta.example") && report.contains("5.1.1"), "{report}");
    assert_eq!(sink.count(), 1);
    // One has it: the other one waits in the queue, and gets it alone.
    sink.rewrite(Script::modern().once("RCPT TO:<petr", Does::Reply("450 4.2.1 later".into())));
    assert!(block_in_place(send).starts_with("250 "));
    block_in_place(|| {
        assert_eq!(queued(&relay), 1);
        relay.must(&["queue", "retry", "--domain", "posta.example", "--reason", "ted"]);
    });
    let taken = sink.messages(3).await;
    assert_eq!(taken[2].rcpts.len(), 1);
    assert!(taken[2].rcpts[0].contains("petr@"), "{:?}", taken[2].rcpts);
    block_in_place(|| wait(|| (queued(&relay) == 0).then_some(()))).expect("nothing is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_handed_on_is_counted() {
    let sink = Sink::start(Script::modern()).await;
    let policy = POLICY.replace("categories", "at-most = \"1 in 30 days\"\ncategories");
    block_in_place(|| {
        let database = Database::create();
        for database in [Setup::default().database, database.url.clone()] {
            let relay = relay_with(sink.address.port(), &policy, database);
            relay.must(&["grant", JANA, "--purpose", "novinky", "--evidence", "formulář"]);
            sink.rewrite(Script::modern().once(".", Does::Reply("451 4.3.0 later".into())));
            let said = submit(relay.smtp, NEWS, JANA, &news());
            assert_eq!(said, "451 4.3.0 later", "what did not leave is not counted");
            let said = submit(relay.smtp, NEWS, JANA, &news());
            assert_eq!(said, "250 2.0.0 taken");
            let said = submit(relay.smtp, NEWS, JANA, &news());
            assert!(said.starts_with("550 5.7.1 frequency-exceeded: "), "{said}");
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_serves_one_client_after_another() {
    let sink = Sink::start(Script::modern()).await;
    let relay = block_in_place(|| relay(&sink));
    let send = || submit(relay.smtp, ORDERS, JANA, &order());
    for _ in 0..5 {
        assert_eq!(block_in_place(send), "250 2.0.0 taken");
    }
    assert_eq!(sink.connections(), 1);
    // The next hop ends it when it hears of the next one: that one goes over a new connection.
    sink.rewrite(Script::modern().once("MAIL", Does::HangUp));
    assert_eq!(block_in_place(send), "250 2.0.0 taken");
    assert_eq!((sink.connections(), sink.count()), (2, 6));
    // But what a new one does not answer is the client's to try again.
    sink.rewrite(Script::modern().on("MAIL", Does::HangUp));
    let said = block_in_place(send);
    assert!(said.starts_with("451 4.4.2 connection-lost: "), "{said}");
    assert_eq!((sink.connections(), sink.count()), (3, 6));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_hold_for_what_is_not_queued() {
    let sink = Sink::start(Script::modern()).await;
    let database = Database::create();
    for database in [Setup::default().database, database.url.clone()] {
        let before = (sink.count(), sink.connections());
        let pace = "[[delivery.pace]]\nname = \"shop\"\nrate = \"2/h\"\n\
                    messages-per-connection-max = 1";
        let policy = format!("{POLICY}{RECEIPTS}");
        let relay = block_in_place(|| relay_paced(sink.address.port(), pace, &policy, database));
        // Evenly: one now, and one in half an hour.
        let send = || submit_to_all(relay.smtp, ORDERS, &[JANA, PETR], &order(), || ());
        assert!(block_in_place(send).starts_with("250 "));
        assert_eq!(sink.count(), before.0 + 1);
        assert_eq!(block_in_place(|| queued(&relay)), 1, "the other one, whom nobody can come for");
        let said = block_in_place(send);
        assert!(said.starts_with("451 4.4.5 rate-reached: nothing was kept, try again"), "{said}");
        assert_eq!(block_in_place(|| queued(&relay)), 1);
        assert_eq!((sink.count(), sink.connections()), (before.0 + 1, before.1 + 1));
        let lines = block_in_place(|| journal(&relay));
        let last = lines.last().unwrap();
        assert_eq!(
            (&last["kind"], &last["detail"]["status"]),
            (&"deferred".into(), &"4.4.5".into())
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_next_hop_that_asks_is_told_whose_message_it_is() {
    let mut script = Script::modern();
    script.offers.push("XFORWARD NAME ADDR HELO".into());
    let sink = Sink::start(script).await;
    let relay = block_in_place(|| relay(&sink));
    for _ in 0..2 {
        assert_eq!(
            block_in_place(|| submit(relay.smtp, ORDERS, JANA, &order())),
            "250 2.0.0 taken"
        );
    }
    let said = sink.lines().into_iter().filter(|line| line.starts_with("XFORWARD"));
    let expected = "XFORWARD NAME=[UNAVAILABLE] ADDR=127.0.0.1 HELO=tool.example";
    assert_eq!(said.collect::<Vec<_>>(), [expected; 2]);
    assert_eq!(sink.connections(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_paused_waits_in_the_queue() {
    let sink = Sink::start(Script::modern()).await;
    let relay = block_in_place(|| relay(&sink));
    block_in_place(|| {
        relay.must(&["queue", "pause", "--domain", "posta.example", "--reason", "stižnosti"]);
        // It holds within a second.
        wait(|| {
            submit(relay.smtp, ORDERS, JANA, &order());
            (queued(&relay) > 0).then_some(())
        })
        .expect("it is paused");
    });
    let before = sink.count();
    let said = block_in_place(|| submit(relay.smtp, ORDERS, JANA, &order()));
    assert!(said.starts_with("250 "), "{said}");
    assert_eq!((block_in_place(|| queued(&relay)), sink.count()), (2, before));
    block_in_place(|| {
        let orders = relay.must(&["queue", "orders"]);
        let id = orders.split_whitespace().find(|word| word.len() == 36).expect("an order");
        relay.must(&["queue", "resume", id]);
    });
    sink.messages(before + 2).await;
}
