//! Who may come in, and that two controllers share nothing.

use outside::{
    api::Client,
    souhlas::{Setup, Souhlas},
};

pub(crate) fn relay() -> Souhlas {
    Souhlas::start(&Setup::default()).unwrap()
}

#[test]
fn a_key_is_shown_once_and_ends_when_it_is_revoked() {
    let relay = relay();
    let client = Client::of(&relay, "kavarna", &["purposes:read"]);
    assert_eq!(client.get("/v1/purposes").status, 200);
    let list = relay.must(&["api-key", "list"]);
    let id = client.token.split('_').nth(1).unwrap();
    let secret = client.token.splitn(3, '_').nth(2).unwrap();
    assert!(list.contains(id) && list.contains("purposes:read"), "{list}");
    assert!(!list.contains(secret) && !list.contains("never"), "{list}");
    assert!(!relay.said().contains(secret));
    relay.must(&["api-key", "revoke", id]);
    let answer = client.get("/v1/purposes");
    assert_eq!((answer.status, answer.code().as_str()), (401, "key-unknown"));
    assert!(!relay.command(&["api-key", "revoke", id]).status.success());
}

#[test]
fn without_a_key_or_with_a_guessed_one_nobody_comes_in() {
    let relay = relay();
    let client = Client::of(&relay, "kavarna", &["purposes:read"]);
    let with = |token: &str| Client { token: token.to_owned(), ..client.clone() };
    let answer = with("").get("/v1/purposes");
    assert_eq!((answer.status, answer.code().as_str()), (401, "key-missing"));
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    let mut wrong = client.token.clone();
    let last = if wrong.pop() == Some('A') { 'E' } else { 'A' };
    wrong.push(last);
    let none = format!("souhlas_aaaaaaaaaaaa_{}", "A".repeat(43));
    for token in [wrong.as_str(), &none, "souhlas_x", "x"] {
        let answer = with(token).get("/v1/purposes");
        assert_eq!((answer.status, answer.code().as_str()), (401, "key-unknown"), "{token}");
    }
    let slowed = (0..80).any(|_| with(&none).get("/v1/purposes").status == 429);
    assert!(slowed, "who guesses is slowed");
    assert_eq!(client.get("/v1/purposes").status, 200, "and a right key is not");
}

#[test]
fn a_key_that_asks_too_often_waits() {
    let web = "api-requests-per-minute = 60\napi-burst = 3".into();
    let relay = Souhlas::start(&Setup { web, ..Setup::default() }).unwrap();
    let client = Client::of(&relay, "kavarna", &["purposes:read"]);
    let answers: Vec<_> = (0..5).map(|_| client.get("/v1/purposes")).collect();
    assert_eq!(answers[0].status, 200);
    assert!(answers[0].header("ratelimit").unwrap().starts_with("\"key\";r=2;"));
    let over = answers.iter().find(|answer| answer.status == 429).expect("it waits");
    assert_eq!(over.code(), "too-many-requests");
    assert!(over.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
    let other = Client::of(&relay, "kavarna", &["purposes:read"]);
    assert_eq!(other.get("/v1/purposes").status, 200, "another key has its own share");
}

#[test]
fn an_address_that_others_reach_needs_a_proxy() {
    let relay = relay();
    let file = relay.path("config/relay.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let open =
        text.replace(&format!("api-address = \"{}\"", relay.api), "api-address = \"0.0.0.0:1\"");
    std::fs::write(&file, &open).unwrap();
    let said = String::from_utf8(relay.command(&["check"]).stderr).unwrap();
    assert!(said.contains("api-address") && said.contains("api-tls-by-proxy"), "{said}");
    let behind = open.replace("api-address", "api-tls-by-proxy = true\napi-address");
    std::fs::write(&file, behind).unwrap();
    let said = String::from_utf8(relay.command(&["check"]).stderr).unwrap();
    assert!(!said.contains("api-address"), "{said}");
}
