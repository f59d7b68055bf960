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
        let script = Script::modern().reply("RCPT", "451 4.3.2 not now");
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
