//! When messages leave that say when: not before a moment, not after one, and before others.

use outside::{
    postgres::Database,
    sink::{Script, Sink},
    souhlas::{Setup, Souhlas, wait},
    submit::{submit, submit_asking},
};

const ORDERS: &str = "objednavky@kavarna.example";
const NEWS: &str = "novinky@kavarna.example";
const TO: &str = "jana@posta.example";

fn letter(from: &str) -> String {
    format!(
        "From: Kavarna Pod Lipou s.r.o. <{from}>\r\nTo: <{TO}>\r\nSubject: Objednavka 1\r\n\
         Date: Mon, 02 Nov 2026 08:00:00 +0100\r\nMessage-ID: <1@kavarna.example>\r\n\r\nDik.\r\n"
    )
}

async fn relay(database: Option<&Database>, script: Script) -> (Souhlas, Sink) {
    let sink = Sink::start(script).await;
    let mut setup = Setup::towards(sink.address.port());
    if let Some(database) = database {
        setup.database = database.url.clone();
    }
    setup.more = "[[delivery.route]]\nname = \"reports\"\ndomains = [\"kavarna.example\"]\n\
                  next-hop = \"capture\"\nfolder = \"data/captured\"\n"
        .to_owned();
    (Souhlas::start(&setup).unwrap(), sink)
}

/// A modern server that offers this, too.
fn knowing(offer: &str) -> Script {
    let mut script = Script::modern();
    script.offers.push(offer.to_owned());
    script
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_kept_back_leaves_at_its_time_and_survives_a_kill() {
    for database in [None, Some(Database::create())] {
        let (mut relay, sink) = relay(database.as_ref(), Script::modern()).await;
        tokio::task::block_in_place(|| {
            let asked = |asked: &str| submit_asking(relay.smtp, ORDERS, asked, TO, &letter(ORDERS));
            assert!(asked("HOLDFOR=6").starts_with("250"));
            assert!(asked("HOLDUNTIL=2026-01-01T00:00:00Z").starts_with("501 5.5.4"));
            assert!(asked("HOLDFOR=60 BY=30;R").starts_with("501 5.5.4"));
            // What came later is not kept back by it.
            assert!(submit(relay.smtp, ORDERS, TO, &letter(ORDERS)).starts_with("250"));
            wait(|| (sink.count() == 1).then_some(())).unwrap();
            relay.kill_and_restart().unwrap();
            assert_eq!(sink.count(), 1, "it is not its time");
            wait(|| (sink.count() == 2).then_some(())).expect("it leaves");
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_no_counts_that_is_said_while_a_message_is_kept_back() {
    let (relay, sink) = relay(None, Script::modern()).await;
    tokio::task::block_in_place(|| {
        relay.add_purpose();
        relay.must(&["grant", TO, "--purpose", "novinky", "--evidence", "form"]);
        let said = submit_asking(relay.smtp, NEWS, "HOLDFOR=4", TO, &letter(NEWS));
        assert!(said.starts_with("250"), "{said}");
        relay.must(&["refuse", TO, "--controller", "kavarna"]);
        let report = String::from_utf8(relay.wait_for_captured(1).remove(0)).unwrap();
        assert!(report.contains("X-Souhlas-Reason: refused"), "{report}");
        assert_eq!(sink.count(), 0);
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_leave_in_time_goes_back() {
    for database in [None, Some(Database::create())] {
        let script = knowing("DELIVERBY").reply("RCPT", "451 4.3.2 not now");
        let (relay, sink) = relay(database.as_ref(), script).await;
        tokio::task::block_in_place(|| {
            let said = submit_asking(relay.smtp, ORDERS, "BY=3;R", TO, &letter(ORDERS));
            assert!(said.starts_with("250"), "{said}");
            let report = String::from_utf8(relay.wait_for_captured(1).remove(0)).unwrap();
            for expected in ["Action: failed", "Status: 5.4.7", "X-Souhlas-Reason: expired"] {
                assert!(report.contains(expected), "{expected}: {report}");
            }
            assert_eq!(sink.count(), 0);
        });
    }
}

/// The report to the sender, with a word on each thing that it has to say.
fn reported(relay: &Souhlas, said: &[&str]) {
    let report = String::from_utf8(relay.wait_for_captured(1).remove(0)).unwrap();
    for part in said {
        assert!(report.contains(part), "{part}: {report}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_server_hears_how_much_time_is_left() {
    for database in [None, Some(Database::create())] {
        let (relay, sink) = relay(database.as_ref(), knowing("DELIVERBY 10")).await;
        tokio::task::block_in_place(|| {
            for (asked, mode, most) in [("BY=600;R", ";R", 600), ("HOLDFOR=2 BY=-5;N", ";N", -7)] {
                let before = sink.count();
                let said = submit_asking(relay.smtp, ORDERS, asked, TO, &letter(ORDERS));
                assert!(said.starts_with("250"), "{said}");
                wait(|| (sink.count() > before).then_some(())).expect("it leaves");
                let mail = sink.taken().pop().unwrap().mail;
                let by = mail.split(" BY=").nth(1).expect("it is told");
                let (seconds, rest) = by.split_once(';').unwrap();
                let seconds: i32 = seconds.parse().unwrap();
                assert!(seconds <= most && seconds > most - 30, "{mail}");
                assert!(format!(";{rest}").starts_with(mode), "{mail}");
            }
            assert!(relay.captured().is_empty(), "who passes it on in time reports nothing");
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_to_come_back_in_time_goes_to_nobody_who_does_not_promise_it() {
    for offer in ["HELP", "DELIVERBY 3600"] {
        let (relay, sink) = relay(None, knowing(offer)).await;
        tokio::task::block_in_place(|| {
            let said = submit_asking(relay.smtp, ORDERS, "BY=600;R", TO, &letter(ORDERS));
            assert!(said.starts_with("250"), "{said}");
            reported(&relay, &["Action: failed", "Status: 5.4.7", "X-Souhlas-Reason: expired"]);
            assert_eq!(sink.count(), 0, "{offer}");
            let lines = relay.must(&["journal", "list", "--kind", "expired", "--json"]);
            assert_eq!(lines.lines().count(), 1, "{lines}");
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_for_notices_hears_that_the_next_server_makes_none() {
    let (relay, sink) = relay(None, Script::modern()).await;
    tokio::task::block_in_place(|| {
        let said = submit_asking(relay.smtp, ORDERS, "BY=600;N", TO, &letter(ORDERS));
        assert!(said.starts_with("250"), "{said}");
        reported(&relay, &["Action: relayed", "Status: 2.0.0"]);
        assert!(sink.count() == 1 && !sink.taken()[0].mail.contains("BY="));
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_for_a_trace_hears_of_each_server() {
    let (relay, sink) = relay(None, knowing("DELIVERBY")).await;
    tokio::task::block_in_place(|| {
        let said = submit_asking(relay.smtp, ORDERS, "BY=600;RT", TO, &letter(ORDERS));
        assert!(said.starts_with("250"), "{said}");
        reported(&relay, &["Action: relayed"]);
        assert!(sink.taken()[0].mail.contains(";RT"), "{:?}", sink.taken()[0].mail);
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_priority_is_told_to_the_next_server_that_knows_any() {
    let mut script = Script::modern();
    script.offers.push("MT-PRIORITY MIXER".into());
    let (relay, sink) = relay(None, script).await;
    tokio::task::block_in_place(|| {
        let said = submit_asking(relay.smtp, ORDERS, "MT-PRIORITY=6", TO, &letter(ORDERS));
        assert!(said.starts_with("250"), "{said}");
        wait(|| (sink.count() == 1).then_some(())).unwrap();
        assert!(sink.taken()[0].mail.contains(" MT-PRIORITY=6"), "{:?}", sink.taken()[0].mail);
    });
}
