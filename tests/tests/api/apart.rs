//! Two controllers share nothing, at any path of the document; and the document leaves nothing out.

use std::collections::BTreeSet;

use outside::{
    api::{Client, ask},
    souhlas::{POLICY, Setup, Souhlas},
};
use serde_json::{Value, json};

const SECOND: &str = "
[controller.pekarna]
name = \"Pekárna U Mlýna s.r.o.\"
company-id = \"99900025\"
seat = \"Mlýnská 3, 602 00 Brno\"
country = \"CZ\"
domains = [\"pekarna.example\"]
";

fn two() -> (Souhlas, Client, Client) {
    let policy = format!("{POLICY}{SECOND}");
    let web = "api-burst = 5000".into();
    let relay = Souhlas::start(&Setup { policy, web, ..Setup::default() }).unwrap();
    let (one, other) = (Client::all(&relay, "kavarna"), Client::all(&relay, "pekarna"));
    (relay, one, other)
}

/// `(method, path, operation)` of all.
fn operations(relay: &Souhlas) -> Vec<(String, String, Value)> {
    let document = ask(relay.api, "GET", "/openapi.json", &[], "").json();
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            found.push((method.to_uppercase(), path.clone(), operation.clone()));
        }
    }
    assert!(found.len() > 10);
    found
}

/// With something in every place of the path.
fn filled(path: &str, contact: &str, webhook: &str) -> String {
    let places = [("{contact}", contact), ("{id}", "newsletter"), ("{webhook}", webhook)];
    let filled = places.iter().fold(path.to_owned(), |path, (place, own)| path.replace(place, own));
    assert!(!filled.contains('{'), "what stands in {path}?");
    filled
}

fn example(operation: &Value) -> String {
    let media = &operation["requestBody"]["content"]["application/json"];
    if media.is_null() { String::new() } else { media["example"].to_string() }
}

#[test]
fn another_controllers_key_finds_nothing_at_any_path() {
    let (relay, one, other) = two();
    let new = json!({ "id": "newsletter", "name": "Tajné", "basis": "consent", "duration": "P3Y" });
    assert_eq!(one.post("/v1/purposes", &new).status, 201);
    let grant = json!({
        "address": "jana@example.cz", "purpose": "newsletter", "evidence": { "note": "tajemství" },
    });
    let done = one.post("/v1/grants", &grant).json();
    let (contact, event) = (done["contact"].as_str().unwrap(), done["event"].as_str().unwrap());
    let url = "https://localhost/tajna";
    let webhook = one.post("/v1/webhooks", &json!({ "url": url })).json();
    let webhook = webhook["webhook"]["id"].as_str().unwrap();
    let shown = || one.get(&format!("/v1/webhooks/{webhook}")).json();
    let told = || one.get(&format!("/v1/webhooks/{webhook}/deliveries")).json();
    let before = (shown(), told());
    for (method, path, operation) in operations(&relay) {
        let path = filled(&path, contact, webhook);
        let body = example(&operation);
        let mut bodies = vec![body.clone()];
        // The same about the contact by its key, which is the other's.
        if let Ok(Value::Object(mut fields)) = serde_json::from_str(&body)
            && fields.remove("address").is_some()
            && operation["operationId"] != "findContact"
        {
            fields.insert("contact".into(), json!(contact));
            if fields.contains_key("event") {
                fields.insert("event".into(), json!(event));
            }
            bodies.push(Value::Object(fields).to_string());
        }
        for body in bodies {
            let answer = other.ask(&method, &path, &[("content-type", "application/json")], &body);
            let text = answer.text.to_lowercase();
            assert!(!text.contains("tajn") && !text.contains("tajems"), "{method} {path}: {text}");
            assert!(!text.contains(event), "{method} {path}: {text}");
            if path.contains(contact) || path.contains(webhook) || body.contains(contact) {
                let wrong = [404, 422].contains(&answer.status);
                assert!(wrong, "{method} {path} {body}: {} {text}", answer.status);
            }
        }
    }
    // Nothing that the other did is on record for the one.
    let past = one.get(&format!("/v1/contacts/{contact}/events")).json();
    assert_eq!(past["items"].as_array().unwrap().len(), 1, "{past}");
    assert_eq!((shown(), told()), before, "the webhook is as it was");
    let list = one.get("/v1/purposes").json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
    assert_eq!(list["items"][0]["name"], "Tajné");
}

#[test]
fn each_path_asks_for_a_key_and_for_its_scope() {
    let (relay, one, _) = two();
    let json = [("content-type", "application/json")];
    let all = [
        "contacts:read",
        "contacts:write",
        "purposes:read",
        "purposes:write",
        "decide",
        "export",
        "erase",
        "webhooks",
    ];
    for (method, path, operation) in operations(&relay) {
        let body = example(&operation);
        let path = filled(&path, &"0".repeat(64), &"0".repeat(32));
        let nobody = Client { token: String::new(), ..one.clone() };
        let answer = nobody.ask(&method, &path, &json, &body);
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (401, "key-missing"),
            "{method} {path}"
        );
        let scopes = operation["security"][0]["key"].as_array().expect("what it asks for");
        let scopes: BTreeSet<&str> = scopes.iter().filter_map(Value::as_str).collect();
        if scopes.is_empty() {
            assert_eq!(path, "/v1/address-check");
            continue;
        }
        let rest: Vec<&str> = all.into_iter().filter(|scope| !scopes.contains(scope)).collect();
        let lacking = Client::of(&relay, "kavarna", &rest);
        let answer = lacking.ask(&method, &path, &json, &body);
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (403, "scope-missing"),
            "{method} {path}"
        );
        if method == "GET" {
            let answer = lacking.ask("HEAD", &path, &[], "");
            assert_eq!(answer.status, 403, "HEAD {path}");
        }
        let scopes: Vec<&str> = scopes.into_iter().collect();
        let enough = Client::of(&relay, "kavarna", &scopes);
        let answer = enough.ask(&method, &path, &json, &body);
        assert!(![401, 403, 500].contains(&answer.status), "{method} {path}: {}", answer.text);
    }
}

#[test]
fn every_operation_says_all_that_there_is_to_say() {
    let (relay, ..) = two();
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(&relay) {
        let at = format!("{method} {path}");
        assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 5), "{at}");
        assert!(ids.insert(operation["operationId"].as_str().expect("an id").to_owned()), "{at}");
        assert!(operation["tags"][0].is_string(), "{at}");
        let content = &operation["requestBody"]["content"];
        let asks = method == "POST" && !operation["requestBody"].is_null();
        assert!(!asks || content["application/json"]["example"].is_object(), "{at}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{at}: {parameter}");
        }
        let answers = operation["responses"].as_object().unwrap();
        for status in ["401", "403", "429", "500", "503"] {
            assert!(answers.contains_key(status), "{at}: {status}");
        }
        for (status, answer) in answers {
            assert!(answer["description"].as_str().is_some_and(|text| !text.is_empty()), "{at}");
            if status == "204" {
                continue;
            }
            let (kind, media) = answer["content"].as_object().unwrap().iter().next().unwrap();
            let good = status.starts_with('2');
            assert_eq!(kind == "application/problem+json", !good, "{at}: {status}");
            assert!(!media["example"].is_null(), "{at}: {status}");
        }
    }
    let page = ask(relay.api, "GET", "/", &[], "").text;
    for id in ids {
        assert!(page.contains(&format!("id=\"{id}\"")), "{id} is not on the page");
    }
}
