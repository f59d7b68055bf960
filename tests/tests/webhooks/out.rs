//! What is told, to whom, and what a kill in the middle changes about it: nothing.

use std::process::{Command, Stdio};

use outside::{
    api::Client,
    postgres::Database,
    receiver::{Answers, Receiver, Request},
    souhlas::{POLICY, RECEIPTS, Setup, Souhlas, wait},
    submit::submit,
};
use serde_json::{Value, json};

const OWN: &str = "[webhook]\nprivate-networks = [\"127.0.0.0/8\"]\n";

fn on_both(test: impl Fn(&mut Souhlas)) {
    let database = Database::create();
    for database in [Setup::default().database, database.url.clone()] {
        let more = OWN.to_owned();
        let mut relay = Souhlas::start(&Setup { database, more, ..Setup::default() }).unwrap();
        relay.add_purpose();
        test(&mut relay);
    }
}

/// Id and key of a new one.
fn add(relay: &Souhlas, url: &str, more: &[&str]) -> (String, String) {
    let said = relay.must(&[&["webhook", "add", url][..], more].concat());
    let line = |name: &str| {
        let found = said.lines().find_map(|line| line.strip_prefix(name));
        found.unwrap_or_else(|| panic!("no {name}: {said}")).to_owned()
    };
    (line("webhook: "), line("key: "))
}

fn grant(client: &Client, address: &str) {
    let body = json!({
        "address": address, "purpose": "novinky", "evidence": { "reference": "objednávka 7" },
    });
    assert_eq!(client.post("/v1/grants", &body).status, 201);
}

/// Whether the `v1` at this place is the one that Python makes of the body.
fn is_signed(request: &Request, key: &str, place: usize) -> bool {
    let signature = request.header("souhlas-signature");
    let mut parts = signature.split(',');
    let t = parts.next().and_then(|t| t.strip_prefix("t=")).expect("t=");
    let theirs = parts.nth(place).and_then(|v1| v1.strip_prefix("v1=")).expect("v1=");
    let script = "import hmac,sys; b=sys.stdin.buffer.read(); \
                  print(hmac.new(sys.argv[1].encode(), sys.argv[2].encode()+b'.'+b, 'sha256').hexdigest())";
    let mut python = Command::new("python3")
        .args(["-c", script, key, t])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut python.stdin.take().unwrap(), request.body.as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim() == theirs
}

#[test]
fn who_listens_is_told_what_happened_and_can_tell_from_whom() {
    on_both(|relay| {
        let receiver = Receiver::start(vec![Answers::Status(204)]);
        let only_refused = Receiver::start(vec![Answers::Status(200)]);
        let client = Client::all(relay, "kavarna");
        grant(&client, "drive@example.cz");
        let (id, key) = add(relay, &receiver.url(), &[]);
        add(relay, &only_refused.url(), &["--event", "refused", "--without-address"]);
        grant(&client, "jana@example.cz");
        let refusal = json!({ "address": "jana@example.cz", "purpose": "novinky" });
        assert_eq!(client.post("/v1/refusals", &refusal).status, 201);
        let mut seen = receiver.wait_for(2);
        seen.sort_by_key(|request| request.json()["ledger_event"].to_string());
        let bodies: Vec<Value> = seen.iter().map(Request::json).collect();
        assert_eq!(
            (&bodies[0]["event"], &bodies[1]["event"]),
            (&json!("granted"), &json!("refused"))
        );
        assert_eq!(bodies[0]["address"], "jana@example.cz");
        assert_eq!(bodies[0]["purpose"], "novinky");
        assert_eq!(bodies[0]["data"]["method"], "api");
        assert_eq!(seen[0].path, "/hook?from=relay");
        assert_eq!(seen[0].header("souhlas-event"), "granted");
        assert_eq!(seen[0].header("souhlas-delivery"), bodies[0]["id"].as_str().unwrap());
        assert!(seen.iter().all(|request| is_signed(request, &key, 0)));
        assert!(!is_signed(&seen[0], "another key", 0));
        let told = only_refused.wait_for(1);
        assert_eq!(told[0].json()["address"], Value::Null);
        assert_eq!(told[0].json()["contact"], bodies[0]["contact"]);
        // Both keys sign for a while.
        let said = relay.must(&["webhook", "rotate", &id]);
        let newer = said.trim().strip_prefix("key: ").unwrap();
        grant(&client, "petr@example.cz");
        let third = receiver.wait_for(3).pop().unwrap();
        assert!(is_signed(&third, newer, 0) && is_signed(&third, &key, 1));
        // What was told is in the log, without a word of whom it was about.
        let log = wait(|| {
            let log = client.get(&format!("/v1/webhooks/{id}/deliveries"));
            let all = log.json()["items"].as_array().unwrap().clone();
            all.iter().all(|one| one["state"] == "taken").then_some(log)
        });
        let log = log.unwrap();
        assert_eq!(log.json()["items"].as_array().unwrap().len(), 3, "{}", log.text);
        assert_eq!(log.json()["items"][0]["attempts"][0]["status"], 204);
        assert!(!log.text.contains("example.cz") && !relay.said().contains("jana@"));
        assert!(relay.must(&["webhook", "log", &id]).contains("taken"));
        relay.must(&["webhook", "remove", &id]);
        assert_eq!(client.get(&format!("/v1/webhooks/{id}")).code(), "webhook-unknown");
    });
}

#[test]
fn a_kill_loses_nothing() {
    on_both(|relay| {
        let receiver = Receiver::start(vec![Answers::Silence]);
        let client = Client::all(relay, "kavarna");
        add(relay, &receiver.url(), &[]);
        grant(&client, "a@example.cz");
        let first = receiver.wait_for(1);
        relay.kill().unwrap();
        receiver.answer(vec![Answers::Status(200)]);
        // Written down while nobody was there to tell it.
        let grant = ["grant", "b@example.cz", "--purpose", "novinky", "--evidence", "papír"];
        relay.must(&grant);
        relay.restart().unwrap();
        let seen = receiver.wait_for(3);
        let of = |address: &str| -> Vec<String> {
            let about = seen.iter().map(Request::json).filter(|body| body["address"] == address);
            about.map(|body| body["id"].to_string()).collect()
        };
        assert_eq!(of("b@example.cz").len(), 1);
        let twice = of("a@example.cz");
        assert_eq!((twice.len(), &twice[0]), (2, &twice[1]), "the same delivery");
        assert_eq!(twice[0], first[0].json()["id"].to_string());
    });
}

#[test]
fn who_fails_is_asked_again_and_who_is_gone_is_left_alone() {
    on_both(|relay| {
        let elsewhere = Receiver::start(vec![Answers::Status(200)]);
        let receiver = Receiver::start(vec![
            Answers::Status(500),
            Answers::Redirect(elsewhere.url()),
            Answers::Status(410),
        ]);
        let client = Client::all(relay, "kavarna");
        let (id, _) = add(relay, &receiver.url(), &[]);
        grant(&client, "a@example.cz");
        let seen = receiver.wait_for(3);
        assert!(seen.windows(2).all(|two| two[0].json()["id"] == two[1].json()["id"]));
        let state = || client.get(&format!("/v1/webhooks/{id}")).json();
        let off = wait(|| Some(state()).filter(|state| !state["off_at"].is_null())).unwrap();
        assert!(off["off_because"].as_str().unwrap().contains("410"), "{off}");
        assert!(relay.must(&["webhook", "list"]).contains("off: "));
        assert!(elsewhere.seen().is_empty(), "a redirect was followed");
        let log = client.get(&format!("/v1/webhooks/{id}/deliveries")).json();
        let attempts = log["items"][0]["attempts"].as_array().unwrap().clone();
        let statuses: Vec<&Value> = attempts.iter().map(|one| &one["status"]).collect();
        assert_eq!(statuses, [500, 302, 410]);
        // What happens meanwhile waits for it.
        grant(&client, "b@example.cz");
        receiver.answer(vec![Answers::Status(200)]);
        relay.must(&["webhook", "resume", &id]);
        let seen = receiver.wait_for(5);
        assert_eq!(seen.len(), 5);
        assert_eq!(state()["off_at"], Value::Null);
        assert!(relay.must(&["webhook", "test", &id]).starts_with("answer 200"));
        assert_eq!(receiver.wait_for(6)[5].json()["event"], "test");
    });
}

#[test]
fn no_webhook_leads_into_a_network_that_is_not_named() {
    let relay = Souhlas::start(&Setup::default()).unwrap();
    let client = Client::all(&relay, "kavarna");
    for url in ["http://127.0.0.1:1/", "https://127.0.0.1/", "https://10.0.0.1/", "ftp://x.cz/"] {
        assert_eq!(
            client.post("/v1/webhooks", &json!({ "url": url })).code(),
            "url-wrong",
            "{url}"
        );
        assert!(!relay.command(&["webhook", "add", url]).status.success(), "{url}");
    }
    // A name is looked up, and its address looked at, when something is sent.
    let new = client.post("/v1/webhooks", &json!({ "url": "https://localhost/" })).json();
    let id = new["webhook"]["id"].as_str().unwrap();
    let test = relay.command(&["webhook", "test", id]);
    assert!(!test.status.success());
    assert!(String::from_utf8_lossy(&test.stdout).contains("address is private"));
}

/// An order that sells: held for a person, told without a word of whom it is for.
#[test]
fn who_listens_hears_of_held_messages_and_what_became_of_them() {
    let database = Database::create();
    for database in [Setup::default().database, database.url.clone()] {
        let policy = format!("{POLICY}{RECEIPTS}");
        let setup = Setup { database, policy, more: OWN.to_owned(), ..Setup::default() };
        let relay = Souhlas::start(&setup).unwrap();
        relay.add_purpose();
        let to = ["jana@posta.example", "petr@posta.example"];
        for to in to {
            relay.must(&["grant", to, "--purpose", "novinky", "--evidence", "form"]);
        }
        let receiver = Receiver::start(vec![Answers::Status(200)]);
        let (id, _) = add(&relay, &receiver.url(), &["--event", "held", "--event", "released"]);
        let rejected = Receiver::start(vec![Answers::Status(200)]);
        add(&relay, &rejected.url(), &["--event", "rejected"]);
        for to in to {
            let said = submit(relay.smtp, "posta@kavarna.example", to, SHOUTS);
            assert!(said.contains("held for review"), "{said}");
        }
        let told = || {
            let all: Vec<Value> = receiver.wait_for(1).iter().map(Request::json).collect();
            let count = |one: &Value| one["data"]["count"].as_i64().unwrap();
            (all.iter().map(count).sum::<i64>() == 2).then_some(all)
        };
        let held = wait(told).expect("both are told of").remove(0);
        assert_eq!((&held["event"], &held["controller"]), (&json!("held"), &json!("kavarna")));
        assert_eq!(
            (&held["data"]["rule"], &held["data"]["stream"], &held["data"]["login"]),
            (&json!("class-mismatch"), &json!("pokladna"), &json!("local"))
        );
        let ids = |receiver: &Receiver, event: &str| {
            let all = receiver.wait_for(1).iter().map(Request::json).collect::<Vec<Value>>();
            let own = all.into_iter().filter(|one| one["event"] == event);
            own.flat_map(|one| one["data"]["messages"].as_array().unwrap().clone()).count()
        };
        assert_eq!(ids(&receiver, "held"), 2);
        let list = relay.must(&["queue", "list", "--held"]);
        let all: Vec<&str> = list.split_whitespace().filter(|word| word.len() == 36).collect();
        let word = ["--by", "jana", "--reason", "objednavka", "--code", "false-positive"];
        relay.must(&[&["queue", "release", all[0]][..], &word].concat());
        let word = ["--by", "jana", "--reason", "reklama", "--code", "not-lawful"];
        relay.must(&[&["queue", "reject", all[1]][..], &word].concat());
        wait(|| (ids(&receiver, "released") == 1).then_some(())).expect("it is told");
        let one = rejected.wait_for(1).remove(0).json();
        assert_eq!((&one["event"], &one["data"]["count"]), (&json!("rejected"), &json!(1)));
        let all: String = receiver.wait_for(2).iter().map(|one| one.body.clone()).collect();
        assert!(!all.contains("posta.example") && !all.contains("VYPRODEJ"), "{all}");
        assert!(relay.must(&["webhook", "log", &id]).contains("released"));
    }
}

const SHOUTS: &str = "From: Kavarna <pokladna@kavarna.example>\r\nTo: nekdo@posta.example\r\n\
    Subject: VYPRODEJ: slevy az 50 %\r\nDate: Mon, 02 Nov 2026 08:00:00 +0100\r\n\
    Message-ID: <kava@kavarna.example>\r\n\r\n\
    VYPRODEJ, slevy az 50 %! Jen do nedele: kupte dva pytle kavy a treti mate zdarma.\r\n\
    Doprava zdarma, slevovy kod KAVA50, posledni kusy za akcni ceny.\r\n";
