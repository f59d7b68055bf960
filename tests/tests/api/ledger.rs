//! Statements through the API, and what is on record afterwards.

use outside::{
    api::{Answer, Client},
    souhlas::Souhlas,
};
use serde_json::{Value, json};

use crate::keys::relay;

const JANA: &str = "jana@example.cz";

fn purpose(client: &Client, id: &str, more: &Value) {
    let mut new = json!({ "id": id, "name": id, "basis": "consent", "duration": "P3Y" });
    new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let answer = client.post("/v1/purposes", &new);
    assert_eq!(answer.status, 201, "{}", answer.text);
}

fn started() -> (Souhlas, Client) {
    let relay = relay();
    let client = Client::all(&relay, "kavarna");
    purpose(&client, "novinky", &json!({}));
    (relay, client)
}

fn is(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{}", answer.text);
    answer.json()
}

#[test]
fn a_vendors_notice_is_taken_and_warned_of() {
    let (relay, client) = started();
    for (kind, warned) in [("own", false), ("vendor-generic", true)] {
        let body = json!({ "address": "jana@example.cz", "version": kind, "kind": kind });
        let answer = client.post("/v1/notices", &body);
        assert_eq!(answer.status, 201, "{}", answer.text);
        assert_eq!(answer.json()["warning"].is_string(), warned, "{}", answer.text);
        let inform = ["contact", "inform", "petr@example.cz", "--notice", kind, "--kind", kind];
        let output = relay.command(&inform);
        assert!(output.status.success());
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(told.contains("a vendor's general text"), warned, "{told}");
    }
}

#[test]
fn a_grant_is_on_record_with_its_evidence_and_is_corrected_and_ended() {
    let (_relay, client) = started();
    let grant = json!({
        "address": JANA, "purpose": "novinky", "method": "form", "from": "2026-01-01T00:00:00Z",
        "evidence": { "wording": "Chci novinky.", "ip": "192.0.2.7" },
    });
    let done = is(&client.post("/v1/grants", &grant), 201);
    assert_eq!(is(&client.post("/v1/grants", &grant), 200)["recorded"], false);
    let (contact, event) = (done["contact"].as_str().unwrap(), done["event"].as_str().unwrap());
    let shown = is(&client.get(&format!("/v1/contacts/{contact}")), 200);
    assert_eq!(
        shown,
        is(&client.post("/v1/contacts/find", &json!({ "address": "JANA@Example.CZ" })), 200)
    );
    assert_eq!(
        (&shown["address"], &shown["grants"][0]["purpose"]),
        (&json!(JANA), &json!("novinky"))
    );
    assert_eq!(shown["grants"][0]["until"], "2029-01-01T00:00:00Z");
    let by = json!({ "contact": contact, "event": event, "until": "2027-01-01T00:00:00Z" });
    is(&client.post("/v1/grants/correct", &by), 201);
    is(&client.post("/v1/grants/correct", &by), 200);
    let wrong = json!({ "contact": contact, "event": "c99-1", "until": "2027-01-01T00:00:00Z" });
    assert_eq!(client.post("/v1/grants/correct", &wrong).code(), "grant-unknown");
    let clicked = json!({ "contact": contact, "event": event, "method": "double-opt-in" });
    let told = client.post("/v1/grants/correct", &clicked);
    assert_eq!((told.status, told.code().as_str()), (422, "contradiction"), "{}", told.text);
    let end = json!({ "contact": contact, "purpose": "novinky", "how": "withdrawn" });
    is(&client.post("/v1/grants/end", &end), 201);
    let shown = is(&client.get(&format!("/v1/contacts/{contact}")), 200);
    assert_eq!(shown["grants"][0]["until"], "2027-01-01T00:00:00Z");
    assert_eq!(shown["grants"][0]["ended"], "withdrawn");
    let page = is(&client.get(&format!("/v1/contacts/{contact}/events?limit=2")), 200);
    let kinds = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap();
        items.iter().map(|item| item["kind"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(kinds(&page), ["granted", "corrected"]);
    assert_eq!(page["items"][0]["evidence"]["ip"], "192.0.2.7");
    let actor = page["items"][0]["actor"].as_str().unwrap();
    assert_eq!(actor, format!("api/{}", client.token.split('_').nth(1).unwrap()));
    let next = page["next"].as_str().unwrap();
    let page = is(&client.get(&format!("/v1/contacts/{contact}/events?cursor={next}")), 200);
    assert_eq!(kinds(&page), ["withdrawn"]);
}

#[test]
fn nothing_goes_over_a_refusal_but_the_person() {
    let (_relay, client) = started();
    let refusal = json!({ "address": JANA, "evidence": { "note": "telefonem" } });
    is(&client.post("/v1/refusals", &refusal), 201);
    is(&client.post("/v1/refusals", &refusal), 200);
    let mut grant = json!({ "address": JANA, "purpose": "novinky" });
    assert_eq!(client.post("/v1/grants", &grant).code(), "refusal-stands");
    grant["lifts_refusal"] = json!(true);
    is(&client.post("/v1/grants", &grant), 201);
    for (path, body, code) in [
        ("/v1/grants", json!({ "address": JANA, "purpose": "jiny" }), "purpose-unknown"),
        ("/v1/refusals", json!({ "address": JANA, "purpose": "jiny" }), "purpose-unknown"),
        (
            "/v1/grants",
            json!({ "address": JANA, "purpose": "novinky", "method": "double-opt-in" }),
            "contradiction",
        ),
        (
            "/v1/grants/batch",
            json!({
                "addresses": [JANA], "purpose": "novinky", "method": "renewal-click",
                "evidence": { "note": "n" },
            }),
            "contradiction",
        ),
        (
            "/v1/grants/end",
            json!({ "address": "x@y.cz", "purpose": "novinky", "how": "revoked" }),
            "contact-unknown",
        ),
        ("/v1/activity", json!({ "address": "x@y.cz", "kind": "open" }), "contact-unknown"),
        ("/v1/contacts/find", json!({ "address": "x@y.cz" }), "contact-unknown"),
        ("/v1/refusals", json!({ "at": "2026-01-01T00:00:00Z" }), "field-missing"),
        ("/v1/refusals", json!({ "address": JANA, "contact": "0".repeat(64) }), "contradiction"),
        ("/v1/refusals", json!({ "address": JANA, "at": "2126-01-01T00:00:00Z" }), "time-wrong"),
        ("/v1/refusals", json!({ "address": "jana" }), "value-wrong"),
    ] {
        let answer = client.post(path, &body);
        assert_eq!(answer.code(), code, "{path} {body}: {}", answer.text);
    }
}

#[test]
fn an_order_makes_a_customer_who_may_hear_of_similar_goods() {
    let (_relay, client) = started();
    purpose(&client, "zakaznici", &json!({ "basis": "legitimate-interest", "duration": "P1Y" }));
    let order = json!({
        "address": JANA, "order": "2026-1042", "at": "2026-11-01T00:00:00Z",
        "categories": ["kava"], "objection_offered": true, "purpose": "zakaznici",
    });
    let done = is(&client.post("/v1/orders", &order), 201);
    assert_eq!((&done["refused"], &done["grant"]["recorded"]), (&json!(false), &json!(true)));
    is(&client.post("/v1/orders", &order), 200);
    let shown = is(&client.post("/v1/contacts/find", &json!({ "address": JANA })), 200);
    assert_eq!(shown["relations"][0]["categories"], json!(["kava"]));
    assert_eq!(shown["grants"][0]["method"], "order");
    let mut wrong = order.clone();
    wrong["purpose"] = json!("novinky");
    assert_eq!(client.post("/v1/orders", &wrong).code(), "contradiction");
    let mut objected = order.clone();
    objected["at"] = json!("2026-11-02T00:00:00Z");
    objected["objected"] = json!(true);
    assert_eq!(is(&client.post("/v1/orders", &objected), 201)["refused"], true);
    let mut later = order;
    later["at"] = json!("2026-11-03T00:00:00Z");
    let done = is(&client.post("/v1/orders", &later), 201);
    assert_eq!((&done["refused"], &done["grant"]), (&json!(true), &Value::Null));
}

#[test]
fn a_contract_completed_becomes_legitimate_interest() {
    let (_relay, client) = started();
    purpose(&client, "zakaznici", &json!({ "basis": "legitimate-interest", "duration": "P1Y" }));
    purpose(&client, "najem", &json!({ "basis": "contract", "duration": "P5Y" }));
    let mut contract = json!({
        "address": JANA, "kind": "contract", "at": "2026-01-01T00:00:00Z",
        "objection_offered": true, "purpose": "najem",
    });
    let done = is(&client.post("/v1/relations", &contract), 201);
    assert_eq!((&done["grant"]["recorded"], &done["ended"]), (&json!(true), &json!(0)));
    contract["ended_at"] = json!("2026-10-31T00:00:00Z");
    contract["purpose"] = json!("zakaznici");
    contract["ends"] = json!("najem");
    let done = is(&client.post("/v1/relations", &contract), 201);
    assert_eq!((&done["grant"]["recorded"], &done["ended"]), (&json!(true), &json!(1)));
    is(&client.post("/v1/relations", &contract), 200);
    let notice = json!({ "address": JANA, "version": "2026-05" });
    is(&client.post("/v1/notices", &notice), 201);
    let shown = is(&client.post("/v1/contacts/find", &json!({ "address": JANA })), 200);
    assert_eq!(shown["relations"].as_array().unwrap().len(), 1);
    let grant = |at: usize| (&shown["grants"][at]["purpose"], &shown["grants"][at]["ended"]);
    assert_eq!(grant(0), (&json!("najem"), &json!("terminated")));
    assert_eq!(grant(1), (&json!("zakaznici"), &Value::Null));
}

#[test]
fn activity_moves_what_counts_from_it() {
    let (_relay, client) = started();
    purpose(&client, "klub", &json!({ "since_activity": ["login", "purchase"] }));
    let grant = json!({ "address": JANA, "purpose": "klub", "from": "2024-01-01T00:00:00Z" });
    is(&client.post("/v1/grants", &grant), 201);
    let item = |who: &str, kind: &str, at: &str| json!({ "address": who, "kind": kind, "at": at });
    let items = json!({ "items": [
        item(JANA, "login", "2025-01-01T00:00:00Z"),
        item(JANA, "open", "2026-01-01T00:00:00Z"),
        item(JANA, "login", "2024-06-01T00:00:00Z"),
        item("x@y.cz", "login", "2026-01-01T00:00:00Z"),
    ] });
    let done = is(&client.post("/v1/activity/batch", &items), 200);
    assert_eq!(done["items"], json!(["recorded", "recorded", "already", "unknown"]));
    let shown = is(&client.post("/v1/contacts/find", &json!({ "address": JANA })), 200);
    assert_eq!(shown["grants"][0]["until"], "2028-01-01T00:00:00Z");
    let wrong = json!({ "items": [{ "address": JANA, "kind": "opne" }] });
    let answer = client.post("/v1/activity/batch", &wrong);
    assert_eq!(answer.json()["pointer"], "/items/0/kind", "{}", answer.text);
    assert!(answer.text.contains("did you mean `open`?"), "{}", answer.text);
}

#[test]
fn all_that_is_on_record_is_exported_page_by_page() {
    let (_relay, client) = started();
    for at in 0..5 {
        let grant = json!({ "address": format!("a{at}@example.cz"), "purpose": "novinky" });
        is(&client.post("/v1/grants", &grant), 201);
    }
    for (path, name) in [("/v1/export/contacts", "address"), ("/v1/export/events", "kind")] {
        let (mut seen, mut next) = (Vec::new(), format!("{path}?limit=2"));
        for page in 1.. {
            let answer = client.get(&next);
            assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
            for line in answer.text.lines() {
                let line: Value = serde_json::from_str(line).unwrap();
                assert_eq!(line["contact"].as_str().unwrap().len(), 64);
                seen.push(line[name].as_str().unwrap().to_owned());
            }
            let Some(link) = answer.header("link") else {
                assert_eq!(page, 3);
                break;
            };
            next = link.strip_prefix('<').unwrap().split('>').next().unwrap().to_owned();
        }
        assert_eq!(seen.len(), 5, "{path}: {seen:?}");
        assert!(name == "kind" || seen[4] == "a4@example.cz", "{seen:?}");
    }
}

/// All pages of an export: the text of each, and what it says it is.
fn pages(client: &Client, first: &str) -> Vec<(String, String)> {
    let (mut pages, mut next) = (Vec::new(), Some(first.to_owned()));
    while let Some(path) = next {
        let answer = client.get(&path);
        assert_eq!(answer.status, 200, "{}", answer.text);
        let link = answer.header("link").map(str::to_owned);
        next = link.map(|link| link[1..].split('>').next().unwrap().to_owned());
        let media = answer.header("content-type").unwrap().to_owned();
        pages.push((answer.text, media));
    }
    pages
}

#[test]
fn an_export_is_what_the_command_writes_in_each_format() {
    let (relay, client) = started();
    for at in 0..5 {
        let grant = json!({ "address": format!("a{at}@example.cz"), "purpose": "novinky" });
        is(&client.post("/v1/grants", &grant), 201);
    }
    is(&client.post("/v1/refusals", &json!({ "address": "a3@example.cz" })), 201);
    let command = |format: &str| relay.must(&["export", "--format", format, "--stored-in", "sk"]);
    let csv = pages(&client, "/v1/export/contacts?format=csv&limit=2");
    let header = |at: usize| csv[at].1.rsplit("header=").next().unwrap();
    assert_eq!((csv.len(), header(0), header(1), header(2)), (3, "present", "absent", "absent"));
    let text: String = csv.into_iter().map(|(text, _)| text).collect();
    assert_eq!((text.lines().count(), text), (7, command("csv")));
    let lines = pages(&client, "/v1/export/contacts?format=json&limit=3");
    let text: String = lines.into_iter().map(|(text, _)| text).collect();
    assert_eq!(text, command("json"));
    let receipts = pages(&client, "/v1/export/contacts?format=receipts&stored_in=SK&limit=3");
    assert!(receipts.iter().all(|(_, media)| media == "application/ld+json"), "{receipts:?}");
    // The receipts are made anew each time; what they are about is the same.
    let about = |receipt: &Value| receipt["dpv:hasRecordOfActivity"].clone();
    let pages: Vec<Vec<Value>> =
        receipts.iter().map(|(text, _)| serde_json::from_str(text).unwrap()).collect();
    let all: Vec<Value> = pages.iter().flatten().map(about).collect();
    let commands = command("receipts");
    let commands: Vec<Value> =
        commands.lines().map(|line| about(&serde_json::from_str(line).unwrap())).collect();
    assert_eq!((pages.len(), all.len()), (2, 6));
    assert_eq!(all, commands);
    assert!(all[0].to_string().contains("loc:SK"), "{}", all[0]);
    for wrong in ["format=xml", "stored_in=cz", "format=csv&purpose=novinky"] {
        let answer = client.get(&format!("/v1/export/contacts?{wrong}"));
        assert_eq!(answer.code(), "parameter-wrong", "{wrong}: {}", answer.text);
    }
}

#[test]
fn a_closed_purpose_grants_nothing() {
    let (relay, client) = started();
    is(&client.post("/v1/grants", &json!({ "address": JANA, "purpose": "novinky" })), 201);
    let why = json!({ "why": "končí" });
    let closed = is(&client.post("/v1/purposes/novinky/close", &why), 200);
    assert!(closed["closed_at"].is_string());
    let grant = json!({ "address": "petr@example.cz", "purpose": "novinky" });
    assert_eq!(client.post("/v1/grants", &grant).code(), "purpose-closed");
    let ended = || {
        let shown = client.post("/v1/contacts/find", &json!({ "address": JANA })).json();
        (shown["grants"][0]["ended"] == "terminated").then_some(())
    };
    outside::souhlas::wait(ended).unwrap_or_else(|| panic!("{}", relay.said()));
    assert_eq!(client.post("/v1/purposes/jiny/close", &why).code(), "purpose-unknown");
}

#[test]
fn what_is_known_of_a_contact_and_what_it_wants_is_set() {
    let (_relay, client) = started();
    let about = json!({ "address": JANA, "country": "SK", "subscriber": "sole-trader" });
    is(&client.post("/v1/contacts", &about), 201);
    is(&client.post("/v1/contacts", &about), 200);
    let wish = json!({ "address": JANA, "purpose": "novinky", "at_most": "2 in 30 days" });
    is(&client.post("/v1/preferences", &wish), 201);
    let shown = is(&client.post("/v1/contacts/find", &json!({ "address": JANA })), 200);
    assert_eq!((&shown["country"], &shown["subscriber"]), (&json!("SK"), &json!("sole-trader")));
    assert_eq!(shown["preferences"][0]["at_most"], "2 in 30 days");
    let list = is(&client.get("/v1/contacts"), 200);
    assert_eq!(list["items"], json!([shown]));
    let checked =
        is(&client.post("/v1/address-check", &json!({ "address": "jana@semzam.cz" })), 200);
    assert_eq!(checked["suggestion"], "jana@seznam.cz");
}

#[test]
fn many_are_found_counted_and_granted_by_a_filter_or_a_list() {
    let (_relay, client) = started();
    purpose(&client, "klub", &json!({}));
    let all: Vec<String> = (0..5).map(|at| format!("a{at}@example.cz")).collect();
    let evidence = json!({ "reference": "papír 2026-10" });
    is(&client.post("/v1/refusals", &json!({ "address": all[4] })), 201);
    let mut list = json!({
        "purpose": "novinky", "addresses": all, "method": "manual", "evidence": evidence,
        "dry_run": true,
    });
    let tried = is(&client.post("/v1/grants/batch", &list), 200);
    assert_eq!((&tried["granted"], &tried["refusal_stands"]), (&json!(4), &json!(1)));
    let holds = json!({ "filter": { "holds": "novinky" } });
    assert_eq!(is(&client.post("/v1/contacts/count", &holds), 200)["count"], 0);
    list["dry_run"] = json!(false);
    is(&client.post("/v1/grants/batch", &list), 200);
    assert_eq!(is(&client.post("/v1/contacts/count", &holds), 200)["count"], 4);
    let by = json!({
        "purpose": "klub", "filter": { "holds": "novinky" }, "start": "added",
        "method": "manual", "evidence": evidence,
    });
    assert_eq!(is(&client.post("/v1/grants/batch", &by), 200)["granted"], 4);
    let mut asked = json!({
        "filter": { "and": [{ "holds": "klub" }, { "not": { "refused-everything": {} } }] },
        "limit": 3,
    });
    let page = is(&client.post("/v1/contacts/select", &asked), 200);
    assert_eq!(page["items"].as_array().unwrap().len(), 3);
    asked["cursor"] = page["next"].clone();
    let page = is(&client.post("/v1/contacts/select", &asked), 200);
    assert_eq!(page["items"][0]["address"], "a3@example.cz");
    assert_eq!((page["items"].as_array().unwrap().len(), &page["next"]), (1, &Value::Null));
    // A cursor is for its own filter.
    asked["filter"] = json!({ "holds": "novinky" });
    assert_eq!(client.post("/v1/contacts/select", &asked).code(), "cursor-unknown");
    let wrong = json!({ "filter": { "or": [{ "hold": "novinky" }] } });
    let answer = client.post("/v1/contacts/count", &wrong);
    assert!(answer.text.contains("did you mean `holds`?"), "{}", answer.text);
    // A list of its values is no object.
    let listed = json!({ "filter": { "added": [null, null] } });
    assert_eq!(client.post("/v1/contacts/count", &listed).code(), "value-wrong");
    assert_eq!(client.post("/v1/contacts/count", &json!([{ "holds": "novinky" }])).status, 422);
    let mut deep = json!({ "holds": "novinky" });
    (0..9).for_each(|_| deep = json!({ "not": deep.clone() }));
    assert_eq!(
        client.post("/v1/contacts/count", &json!({ "filter": deep })).code(),
        "filter-too-large"
    );
}
