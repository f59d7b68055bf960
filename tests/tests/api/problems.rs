//! What is wrong is said with its place and what to do, and nothing that was sent is repeated.

use outside::api::{Client, ask};
use serde_json::{Value, json};

use crate::keys::relay;

fn purpose() -> Value {
    json!({ "id": "novinky", "name": "Novinky", "basis": "consent", "duration": "P3Y" })
}

#[test]
fn a_wrong_body_is_told_with_its_place_and_the_nearest_right_word() {
    let relay = relay();
    let client = Client::all(&relay, "kavarna");
    let with = |name: &str, value: Value| {
        let mut body = purpose();
        body[name] = value;
        body
    };
    let mut lacking = purpose();
    lacking.as_object_mut().unwrap().remove("basis");
    for (body, code, pointer, advice) in [
        (with("double_optin", json!(true)), "field-unknown", "/double_optin", "`double_opt_in`"),
        (with("basis", json!("konsent")), "value-wrong", "/basis", "`consent`"),
        (with("once", json!("jana@example.cz")), "value-wrong", "/once", "a boolean"),
        (with("duration", json!("3 years")), "value-wrong", "/duration", "P3Y"),
        (with("id", json!("Novinky 2")), "value-wrong", "/id", "a-z"),
        (with("jana@example.cz", json!(1)), "field-unknown", "", "known are"),
        (lacking, "field-missing", "", "add it"),
        (json!([]), "value-wrong", "", "send"),
    ] {
        let answer = client.post("/v1/purposes", &body);
        let told = answer.json();
        assert_eq!((answer.status, answer.code().as_str()), (422, code), "{}", answer.text);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert_eq!(told["pointer"], pointer, "{}", answer.text);
        assert!(told["advice"].as_str().unwrap().contains(advice), "{}", answer.text);
        assert!(!answer.text.contains("jana"), "{}", answer.text);
    }
}

#[test]
fn every_fault_has_its_problem() {
    let relay = relay();
    let client = Client::all(&relay, "kavarna");
    let json = [("content-type", "application/json")];
    let post =
        |headers: &[(&str, &str)], body: &str| client.ask("POST", "/v1/purposes", headers, body);
    let large = format!("{{\"note\": \"{}\"}}", "x".repeat(70_000));
    for (answer, status, code) in [
        (post(&json, "{"), 400, "not-json"),
        (post(&json, "{} x"), 422, "field-missing"),
        (post(&[], "{}"), 415, "media-type"),
        (post(&json, &large), 413, "too-large"),
        (client.get("/v2/purposes"), 404, "path-unknown"),
        (client.get("/v1/purposes/none"), 404, "purpose-unknown"),
        (client.ask("DELETE", "/v1/purposes", &[], ""), 405, "method-wrong"),
        (client.get("/v1/purposes?limit=0"), 422, "parameter-wrong"),
        (client.get("/v1/purposes?limt=1"), 422, "parameter-wrong"),
        (client.get("/v1/purposes?cursor=x"), 422, "cursor-unknown"),
    ] {
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{}", answer.text);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert!(answer.header("content-security-policy").is_some());
        let told = answer.json();
        for field in ["type", "title", "detail", "advice"] {
            assert!(told[field].as_str().is_some_and(|text| !text.is_empty()), "{}", answer.text);
        }
        assert_eq!(told["status"], status);
    }
    let answer = client.ask("DELETE", "/v1/purposes", &[], "");
    let allow = answer.header("allow").expect("what it takes");
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
}

#[test]
fn a_request_that_comes_twice_is_done_once() {
    let relay = relay();
    let client = Client::all(&relay, "kavarna");
    let first = client.post_once("/v1/purposes", "a", &purpose());
    assert_eq!(first.status, 201, "{}", first.text);
    let again = client.post_once("/v1/purposes", "a", &purpose());
    assert_eq!((again.status, &again.text), (201, &first.text));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let mut other = purpose();
    other["name"] = json!("Jiné");
    let answer = client.post_once("/v1/purposes", "a", &other);
    assert_eq!((answer.status, answer.code().as_str()), (422, "idempotency-key-reused"));
    let answer = client.post_once("/v1/purposes", "b", &purpose());
    assert_eq!((answer.status, answer.code().as_str()), (409, "exists"));
    // Another key's names are its own.
    let second = Client::all(&relay, "kavarna");
    let answer = second.post_once("/v1/purposes", "a", &purpose());
    assert_eq!((answer.status, answer.code().as_str()), (409, "exists"));
}

#[test]
fn a_webhook_that_is_added_twice_is_one_and_its_key_is_shown_once() {
    let relay = relay();
    let client = Client::all(&relay, "kavarna");
    let new = json!({ "url": "https://localhost/souhlas" });
    let first = client.post_once("/v1/webhooks", "a", &new);
    assert_eq!(first.status, 201, "{}", first.text);
    let again = client.post_once("/v1/webhooks", "a", &new);
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, Some("true")));
    let (first, again) = (first.json(), again.json());
    assert!(first["secret"].is_string() && again["secret"].is_null(), "{again}");
    assert_eq!(first["webhook"], again["webhook"]);
    assert_eq!(client.get("/v1/webhooks").json()["items"].as_array().unwrap().len(), 1);
    let id = first["webhook"]["id"].as_str().unwrap();
    let rotate = |name| client.post_once(&format!("/v1/webhooks/{id}/secret"), name, &json!({}));
    let newer = rotate("b").json();
    assert!(newer["secret"].is_string() && newer["secret"] != first["secret"]);
    assert!(rotate("b").json()["secret"].is_null());
    let test = |name| client.post_once(&format!("/v1/webhooks/{id}/test"), name, &json!({}));
    assert_eq!(test("c").json(), test("c").json(), "one delivery");
    assert_ne!(test("c").json(), test("d").json());
}

#[test]
fn the_document_and_its_page_are_for_everybody() {
    let relay = relay();
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/openapi.json", "application/json"),
        ("/api.css", "text/css; charset=utf-8"),
    ] {
        let answer = ask(relay.api, "GET", path, &[], "");
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)), "{path}");
        assert!(!answer.text.contains("<script"), "{path}");
    }
}
