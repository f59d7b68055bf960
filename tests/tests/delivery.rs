//! The delivery worker on a real spool, against a scripted server: what arrives, what is written
//! down, and what becomes of it when the server misbehaves.

use jiff::Timestamp;
use outside::{
    sink::{Does, PATIENCE, Script, Sink},
    souhlas::POLICY,
    worker::{Running, settings, to_sink},
};
use policy::{Address, Scope};
use relay::{
    consent::{Proof, Who},
    db::Db,
    delivery::{NextHop, Settings},
    journal::{self, Filter, Kind, Line},
    smtp::envelope::Notify,
    spool::{Counts, State},
};

const PLAIN: &str = "From: a@shop.test\r\nSubject: x\r\n\r\n.body\r\n";

async fn lines(db: &Db) -> Vec<Line> {
    journal::list(db, &Filter::default(), 1_000).await.unwrap()
}

async fn kinds(db: &Db) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = lines(db).await.into_iter().map(|line| line.event.kind).collect();
    kinds.reverse();
    kinds
}

#[tokio::test]
async fn many_messages_share_few_connections() {
    for offers in [&["PIPELINING"][..], &["PIPELINING", "CHUNKING", "8BITMIME", "SIZE 100000"], &[]]
    {
        let sink = Sink::start(Script::offering(offers)).await;
        let running = Running::start(to_sink(&sink), POLICY).await;
        for number in 0..150 {
            running.send(PLAIN, &[&format!("c{number}@shop.test")]).await;
        }
        let taken = sink.messages(150).await;
        // How many lines it takes depends on how busy the machine is; not one for each message.
        assert!(sink.connections() <= 15, "{}", sink.connections());
        let expected = format!("Received: by relay.test\r\n{PLAIN}");
        assert!(taken.iter().all(|one| one.bytes == expected.as_bytes()));
        let mut to: Vec<String> = taken.into_iter().flat_map(|one| one.rcpts).collect();
        to.sort_unstable();
        to.dedup();
        assert_eq!(to.len(), 150);
        let fresh = running.stop().await;
        let delivered = kinds(&fresh.db).await;
        assert_eq!(delivered, [Kind::Delivered; 150], "{offers:?}");
        let line = lines(&fresh.db).await.remove(0).event;
        assert_eq!(line.detail.value()["sha256"].as_str().unwrap().len(), 64);
        assert_eq!(line.detail.value()["reply"], "250 2.0.0 taken");
    }
}

#[tokio::test]
async fn recipients_of_the_same_bytes_share_a_transaction_and_each_has_its_own_fate() {
    let script = Script::modern()
        .reply("RCPT TO:<no@", "550 5.1.1 <no@shop.test> unknown")
        .reply("RCPT TO:<later@", "451 4.7.1 grey");
    let sink = Sink::start(script).await;
    let running = Running::start(to_sink(&sink), POLICY).await;
    running.send(PLAIN, &["yes@shop.test", "no@shop.test", "later@shop.test"]).await;
    let taken = sink.messages(2).await;
    assert_eq!(taken[0].rcpts.len(), 1, "one transaction: {:?}", taken[0]);
    // The DSN for the refused one comes back to the sender over the same next hop.
    assert!(taken[1].mail.starts_with("MAIL FROM:<>"), "{}", taken[1].mail);
    assert!(taken[1].rcpts[0].starts_with("RCPT TO:<a@shop.test>"), "{:?}", taken[1].rcpts);
    let report = String::from_utf8(taken[1].bytes.clone()).unwrap();
    for part in [
        "multipart/report; report-type=delivery-status",
        "Reporting-MTA: dns; relay.test\r\n",
        "Final-Recipient: rfc822; no@shop.test\r\n",
        "Action: failed\r\n",
        "Status: 5.1.1\r\n",
        "Remote-MTA: dns; 127.0.0.1\r\n",
        "Diagnostic-Code: smtp; 550 5.1.1 <no@shop.test> unknown\r\n",
        "X-Souhlas-Reason: hard\r\n",
        "Content-Type: message/rfc822\r\n",
        PLAIN,
    ] {
        assert!(report.contains(part), "{part:?} is missing in\n{report}");
    }
    let fresh = running.stop().await;
    let written = kinds(&fresh.db).await;
    for kind in [Kind::Delivered, Kind::Bounced, Kind::Deferred, Kind::Reported] {
        assert!(written.contains(&kind), "{written:?}");
    }
    let all: Vec<String> =
        lines(&fresh.db).await.iter().map(|line| line.event.detail.value().to_string()).collect();
    assert!(!all.concat().contains('@'), "the journal holds no address: {all:?}");
}

#[tokio::test]
async fn who_wants_no_report_gets_none() {
    let sink = Sink::start(Script::modern().reply("RCPT TO:<no@", "550 no")).await;
    let running = Running::start(to_sink(&sink), POLICY).await;
    for null_sender in [true, false] {
        let mut message = running.message("", PLAIN);
        let mut delivery = running.delivery(&message, "no@shop.test", State::Claimed);
        if null_sender {
            message.from = None;
        } else {
            delivery.recipient.notify = Notify { success: false, failure: false, delay: false };
        }
        running.hand_over(message, vec![delivery]).await;
    }
    running.send(PLAIN, &["last@shop.test"]).await;
    sink.messages(1).await;
    let fresh = running.stop().await;
    let mut written = kinds(&fresh.db).await;
    written.sort_unstable_by_key(|kind| *kind as u8);
    assert_eq!(written, [Kind::Delivered, Kind::Bounced, Kind::Bounced]);
    assert_eq!(sink.count(), 1);
}

#[tokio::test]
async fn what_is_captured_has_its_envelope_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let otherwise = NextHop::Capture(folder.path().join("captured"));
    let running = Running::start(Settings { otherwise, ..settings(None) }, POLICY).await;
    let bytes = "From: objednavky@kavarna.example\r\nSubject: Objednavka\r\n\r\n.Zitra.\r\n";
    let message = running.message("objednavky", bytes);
    let id = message.id.to_string();
    let to = ["b@shop.test", "\"c d\"@shop.test"];
    let both = ["b@shop.test", "c d@shop.test"]
        .map(|to| running.delivery(&message, to, State::Claimed))
        .to_vec();
    running.hand_over(message, both).await;
    let mut report = running.message("", PLAIN);
    report.from = None;
    let delivery = running.delivery(&report, "a@shop.test", State::Claimed);
    running.hand_over(report, vec![delivery]).await;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while running.spool.counts().await.unwrap() != Counts::default() {
        assert!(tokio::time::Instant::now() < deadline, "{:?}", kinds(&running.fresh.db).await);
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let fresh = running.stop().await;
    assert_eq!(kinds(&fresh.db).await, [Kind::Delivered; 3]);

    let mut files: Vec<_> = std::fs::read_dir(folder.path().join("captured"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let endings: Vec<_> = files.iter().map(|file| file.extension().unwrap()).collect();
    assert_eq!(endings, ["eml", "json", "eml", "json"], "and nothing half written");
    let mut envelopes = Vec::new();
    for pair in files.chunks(2) {
        assert_eq!(pair[0].file_stem(), pair[1].file_stem());
        let text = std::fs::read(&pair[1]).unwrap();
        envelopes.push(serde_json::from_slice::<serde_json::Value>(&text).unwrap());
        let captured = std::fs::read_to_string(&pair[0]).unwrap();
        assert!(captured.starts_with("Received: by relay.test\r\nFrom: "), "{captured}");
        assert!(captured.ends_with("\r\n\r\n.Zitra.\r\n") || captured.ends_with(PLAIN));
    }
    envelopes.sort_by_key(|envelope| envelope["stream"] == "");
    let expected = serde_json::json!({
        "message": id, "stream": "objednavky", "from": "a@shop.test", "to": to,
    });
    assert_eq!(envelopes[0], expected);
    assert_eq!(
        (&envelopes[1]["from"], &envelopes[1]["to"]),
        (&"".into(), &vec!["a@shop.test"].into())
    );
}

#[tokio::test]
async fn what_waits_in_the_spool_is_claimed() {
    let sink = Sink::start(Script::modern()).await;
    let running = Running::start(to_sink(&sink), POLICY).await;
    let message = running.message("", PLAIN);
    let delivery = running.delivery(&message, "b@shop.test", State::Ready);
    running.spool.keep(message.into(), vec![delivery], Vec::new()).await.unwrap();
    sink.messages(1).await;
    running.stop().await;
}

#[tokio::test]
async fn a_connection_that_ends_under_a_message_is_replaced_at_once() {
    for does in [Does::HangUp, Does::Reply("421 4.3.2 enough".to_owned())] {
        let sink = Sink::start(Script::modern().once("MAIL", does)).await;
        let running = Running::start(to_sink(&sink), POLICY).await;
        running.send(PLAIN, &["b@shop.test"]).await;
        sink.messages(1).await;
        let fresh = running.stop().await;
        assert_eq!(kinds(&fresh.db).await, [Kind::Delivered]);
    }
}

#[tokio::test]
async fn a_message_that_was_on_its_way_is_not_sent_twice_at_once() {
    let sink = Sink::start(Script::modern().once(".", Does::HangUp)).await;
    let running = Running::start(to_sink(&sink), POLICY).await;
    running.send(PLAIN, &["b@shop.test"]).await;
    running.send(PLAIN, &["c@shop.test"]).await;
    sink.messages(1).await;
    let fresh = running.stop().await;
    let mut written = kinds(&fresh.db).await;
    written.sort_unstable_by_key(|kind| *kind as u8);
    assert_eq!(written, [Kind::Delivered, Kind::Deferred]);
}

#[tokio::test]
async fn a_refusal_that_came_meanwhile_keeps_the_message_here() {
    let sink = Sink::start(Script::modern()).await;
    let running = Running::start(to_sink(&sink), POLICY).await;
    let proof =
        Proof { actor: "test".to_owned(), at: Timestamp::now(), evidence: serde_json::Value::Null };
    let scope = Scope::Everything;
    for who in ["b@shop.test", "c@shop.test"] {
        let who = Who::address("kavarna", Address::parse(who).unwrap());
        running.consent.refuse(Timestamp::now(), &who, &scope, &proof).await.unwrap();
    }
    let bytes = "From: novinky@kavarna.example\r\nSubject: Sleva\r\n\r\nSleva 50 %\r\n";
    let mut message = running.message("novinky", bytes);
    message.class = policy::Class::Commercial;
    let both = ["b@shop.test", "c@shop.test"]
        .map(|to| running.delivery(&message, to, State::Claimed))
        .to_vec();
    running.hand_over(message, both).await;
    // The sender hears of it, once; the recipients do not.
    let taken = sink.messages(1).await;
    assert!(taken[0].rcpts[0].starts_with("RCPT TO:<a@shop.test>"));
    let report = String::from_utf8(taken[0].bytes.clone()).unwrap();
    assert!(report.contains("Status: 5.7.1\r\n") && report.contains("refused"), "{report}");
    for who in ["b@shop.test", "c@shop.test"] {
        let line = format!("Final-Recipient: rfc822; {who}\r\n");
        assert!(report.contains(&line), "{line} is missing in\n{report}");
    }
    let fresh = running.stop().await;
    let written = kinds(&fresh.db).await;
    let count = |wanted| written.iter().filter(|kind| **kind == wanted).count();
    assert_eq!((count(Kind::Suppressed), count(Kind::Reported)), (2, 1), "{written:?}");
}

#[tokio::test]
async fn stopping_puts_back_what_is_not_begun() {
    let sink = Sink::start(Script::modern().on("CONNECT", Does::Wait)).await;
    let running = Running::start(to_sink(&sink), POLICY).await;
    running.send(PLAIN, &["b@shop.test"]).await;
    sink.until("a connection", |sink| sink.connections() > 0).await;
    let releasing = async {
        tokio::task::yield_now().await;
        sink.release();
    };
    let (fresh, ()) = tokio::join!(running.stop(), releasing);
    // The next run finds it.
    sink.rewrite(Script::modern());
    let running = Running::start_on(fresh, to_sink(&sink), POLICY).await;
    sink.messages(1).await;
    running.stop().await;
}
