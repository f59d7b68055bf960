//! Topics through the API: set, picked, shown, and asked about.

use outside::{
    api::Client,
    souhlas::{POLICY, Setup, Souhlas},
};
use serde_json::{Value, json};

const JANA: &str = "jana@example.cz";
const COURSES: &str = r#"
[stream.kurzy]
controller = "kavarna"
purpose = "novinky"
topic = "kurzy"
class = "commercial"
[stream.kurzy.match]
from = ["kurzy@kavarna.example"]
"#;

fn started() -> (Souhlas, Client) {
    let policy = format!("{POLICY}{COURSES}");
    let relay = Souhlas::start(&Setup { policy, ..Setup::default() }).unwrap();
    let client = Client::all(&relay, "kavarna");
    let new = json!({
        "id": "novinky", "name": "Novinky", "basis": "consent", "duration": "P3Y",
        "topics": [{ "id": "kurzy", "name": "Kurzy" }, { "id": "zrnka", "name": "Zrnka" }],
    });
    let answer = client.post("/v1/purposes", &new);
    assert_eq!((answer.status, &answer.json()["topics"]), (201, &new["topics"]));
    (relay, client)
}

#[test]
fn the_topics_of_a_purpose_are_set_anew() {
    let (_relay, client) = started();
    let path = "/v1/purposes/novinky/topics";
    let one = json!({ "topics": [{ "id": "zrnka", "name": "Zrnková káva" }] });
    for _ in 0..2 {
        let answer = client.post(path, &one);
        assert_eq!((answer.status, &answer.json()["topics"]), (200, &one["topics"]));
    }
    assert_eq!(client.get("/v1/purposes/novinky").json()["topics"], one["topics"]);
    for (topics, code) in [
        (json!([{ "id": "a", "name": "One" }, { "id": "a", "name": "Other" }]), "contradiction"),
        (json!([{ "id": "a", "name": "One" }, { "id": "b", "name": "One" }]), "contradiction"),
        (json!([{ "id": "A", "name": "One" }]), "value-wrong"),
        (json!([{ "id": "a", "name": "" }]), "value-wrong"),
        (json!([{ "id": "a", "nam": "One" }]), "field-unknown"),
    ] {
        let answer = client.post(path, &json!({ "topics": topics }));
        assert_eq!(answer.code(), code, "{topics}: {}", answer.text);
    }
    let many: Vec<Value> =
        (0..21).map(|n| json!({ "id": format!("t{n}"), "name": format!("T{n}") })).collect();
    assert_eq!(client.post(path, &json!({ "topics": many })).code(), "value-wrong");
    assert_eq!(client.post("/v1/purposes/jiny/topics", &one).code(), "purpose-unknown");
    let none = json!({ "topics": [] });
    assert_eq!(client.post(path, &none).json()["topics"], json!([]));
    client.post("/v1/purposes/novinky/close", &json!({}));
    assert_eq!(client.post(path, &one).code(), "purpose-closed");
}

#[test]
fn who_picked_is_asked_about_by_topic() {
    let (_relay, client) = started();
    let grant = json!({
        "address": JANA, "purpose": "novinky", "evidence": { "wording": "Chci novinky." },
    });
    assert_eq!(client.post("/v1/grants", &grant).status, 201);
    let may = |more: Value| {
        let mut asked = json!({ "address": JANA });
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = client.post("/v1/may-i-send", &asked);
        let told = answer.json();
        told["rule"].as_str().or(told["code"].as_str()).unwrap_or("yes").to_owned()
    };
    let of = |topic: &str| json!({ "purpose": "novinky", "topic": topic });
    for topic in ["kurzy", "zrnka"] {
        assert_eq!(may(of(topic)), "yes", "all until she picks");
    }
    let wish = |topics: Value| json!({ "address": JANA, "purpose": "novinky", "topics": topics });
    assert_eq!(client.post("/v1/preferences", &wish(json!(["zrnka"]))).status, 201);
    assert_eq!(client.post("/v1/preferences", &wish(json!(["zrnka", "zrnka"]))).status, 200);
    let shown = client.post("/v1/contacts/find", &json!({ "address": JANA })).json();
    assert_eq!(shown["preferences"][0]["topics"], json!(["zrnka"]));
    for (asked, told) in [
        (of("kurzy"), "topic-not-chosen"),
        (json!({ "stream": "kurzy" }), "topic-not-chosen"),
        (of("zrnka"), "yes"),
        (json!({ "purpose": "novinky" }), "yes"),
        (json!({ "stream": "novinky" }), "yes"),
        (of("x"), "topic-unknown"),
        (json!({ "stream": "kurzy", "topic": "kurzy" }), "contradiction"),
        (json!({ "topic": "kurzy" }), "contradiction"),
    ] {
        assert_eq!(may(asked.clone()), told, "{asked}");
    }
    let many = json!({ "addresses": [JANA], "purpose": "novinky", "topic": "kurzy" });
    let told = client.post("/v1/may-i-send/batch", &many).json();
    assert_eq!(told["results"][0]["rule"], "topic-not-chosen");
    assert_eq!(client.post("/v1/preferences", &wish(json!(["x"]))).code(), "topic-unknown");
    let nowhere = json!({ "address": JANA, "topics": ["zrnka"] });
    assert_eq!(client.post("/v1/preferences", &nowhere).code(), "topic-unknown");
    assert_eq!(client.post("/v1/preferences", &wish(json!([]))).status, 201);
    assert_eq!(may(of("zrnka")), "topic-not-chosen");
    assert_eq!(client.post("/v1/preferences", &wish(json!(null))).status, 201);
    assert_eq!(may(of("kurzy")), "yes");
}
