//! `may-i-send` answers as the relay does, and a refusal through the API stops what waits.

use std::time::Instant;

use outside::{
    api::Client,
    sink::{Script, Sink, Taken},
    souhlas::{Setup, Souhlas, wait},
    submit::submit,
};
use serde_json::json;

const FROM: &str = "novinky@kavarna.example";
const NEWS: &str = "From: Kavarna <novinky@kavarna.example>\r\nTo: nekdo@posta.example\r\n\
    Subject: Nova kava\r\nDate: Mon, 02 Nov 2026 08:00:00 +0100\r\n\
    Message-ID: <kava@kavarna.example>\r\nMIME-Version: 1.0\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\r\nMame novou kavu z Etiopie.\r\n";

fn granted(client: &Client, who: &str) {
    let evidence = json!({ "wording": "Chci novinky." });
    let grant =
        json!({ "address": who, "purpose": "novinky", "method": "form", "evidence": evidence });
    let answer = client.post("/v1/grants", &grant);
    assert_eq!(answer.status, 201, "{}", answer.text);
}

#[test]
fn a_yes_and_a_no_are_those_of_the_relay() {
    let relay = Souhlas::start(&Setup::default()).unwrap();
    relay.add_purpose();
    let client = Client::all(&relay, "kavarna");
    granted(&client, "jana@posta.example");
    let refusal = json!({ "address": "petr@posta.example" });
    assert_eq!(client.post("/v1/refusals", &refusal).status, 201);
    for (who, action, rule) in [
        ("jana@posta.example", "send", None),
        ("petr@posta.example", "reject", Some("refused")),
        ("nikdo@posta.example", "reject", Some("consent-missing")),
    ] {
        for by in [json!({ "stream": "novinky" }), json!({ "purpose": "novinky" })] {
            let mut asked = by.clone();
            asked["address"] = json!(who);
            let answer = client.post("/v1/may-i-send", &asked);
            let told = answer.json();
            assert_eq!(told["action"], action, "{who} {by}: {}", answer.text);
            assert_eq!(told["rule"].as_str(), rule, "{who} {by}: {}", answer.text);
            assert_eq!(told["law"].as_array().unwrap().is_empty(), rule.is_none());
            assert!(!answer.text.contains("posta.example"), "{}", answer.text);
        }
        let reply = submit(relay.smtp, FROM, who, NEWS);
        assert_eq!(reply.starts_with("250 "), rule.is_none(), "{who}: {reply}");
        assert!(rule.is_none_or(|rule| reply.contains(rule)), "{who}: {reply}");
    }
    let class = json!({ "address": "petr@posta.example", "class": "transactional" });
    assert_eq!(client.post("/v1/may-i-send", &class).json()["action"], "send");
    for (body, code) in [
        (json!({ "address": "a@b.cz", "stream": "jiny" }), "stream-unknown"),
        (json!({ "address": "a@b.cz", "purpose": "jiny" }), "purpose-unknown"),
        (
            json!({ "address": "a@b.cz", "purpose": "novinky", "stream": "novinky" }),
            "contradiction",
        ),
    ] {
        assert_eq!(client.post("/v1/may-i-send", &body).code(), code);
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "an order of magnitude for whoever reads the log")]
fn ten_thousand_are_answered_at_once() {
    let relay = Souhlas::start(&Setup::default()).unwrap();
    relay.add_purpose();
    let client = Client::all(&relay, "kavarna");
    granted(&client, "a7@posta.example");
    let mut addresses: Vec<String> = (0..10_000).map(|at| format!("a{at}@posta.example")).collect();
    addresses[9] = "a9".into();
    let asked = json!({ "addresses": addresses, "stream": "novinky" });
    let from = Instant::now();
    let answer = client.post("/v1/may-i-send/batch", &asked);
    println!("10,000 in {:?}", from.elapsed());
    let told = answer.json();
    assert_eq!((&told["send"], &told["not"]), (&json!(1), &json!(9_999)), "{}", answer.status);
    let results = told["results"].as_array().unwrap();
    assert_eq!(results.len(), 10_000);
    assert_eq!(results[7]["action"], "send");
    assert_eq!(results[8]["rule"], "consent-missing");
    assert_eq!((&results[9]["action"], &results[9]["rule"]), (&json!("reject"), &json!(null)));
    addresses.push("one@too.many".into());
    let answer = client.post("/v1/may-i-send/batch", &json!({ "addresses": addresses }));
    assert_eq!(answer.code(), "value-wrong");
}

#[test]
fn a_refusal_through_the_api_stops_what_waits_in_the_queue() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sink = runtime.block_on(Sink::start(Script::closed()));
    let relay = Souhlas::start(&Setup {
        // Nothing is tried by itself meanwhile: an attempt under way would have asked before.
        more: "[delivery]\nretry = [\"1h\"]\n[log]\nfilter = \"debug\"".into(),
        ..Setup::towards(sink.address.port())
    })
    .unwrap();
    relay.add_purpose();
    let client = Client::all(&relay, "kavarna");
    let (jana, petr) = ("jana-tajemna@posta.example", "petr-tajemny@posta.example");
    for who in [jana, petr] {
        granted(&client, who);
        let reply = submit(relay.smtp, FROM, who, NEWS);
        assert!(reply.starts_with("250 "), "{reply}");
    }
    let kind = |kind: &str| relay.must(&["journal", "list", "--kind", kind, "--recipient", jana]);
    let deferred = || relay.must(&["journal", "list", "--kind", "deferred", "--json"]);
    wait(|| (deferred().lines().count() == 2).then_some(())).expect("the next hop is away");
    assert_eq!(client.post("/v1/refusals", &json!({ "address": jana })).status, 201);
    sink.rewrite(Script::modern());
    relay.must(&["queue", "retry", "--all"]);
    wait(|| kind("suppressed").contains("suppressed").then_some(())).expect("it is stopped");
    let is_for_petr = |taken: &Taken| taken.rcpts.iter().any(|rcpt| rcpt.contains("petr-"));
    wait(|| sink.taken().iter().any(is_for_petr).then_some(())).expect("the other is sent");
    for taken in sink.taken() {
        assert!(!taken.rcpts.iter().any(|rcpt| rcpt.contains("jana-")), "{:?}", taken.rcpts);
    }
    assert!(!relay.said().to_lowercase().contains("tajemn"), "{}", relay.said());
}
