//! What other systems report, in the forms in which they do, and what becomes of it in the ledger.

use std::{fs, path::PathBuf};

use outside::{
    api::{Answer, Client, ask},
    postgres::Database,
    souhlas::{POLICY, Setup, Souhlas},
};
use relay::seal;
use serde_json::{Value, json};

const SECRET: &str = "sdílené tajemství";
const JSON: [(&str, &str); 1] = [("content-type", "application/json")];
const FORM: [(&str, &str); 1] = [("content-type", "application/x-www-form-urlencoded")];

fn hooks(secret: &str) -> String {
    format!(
        r#"
[hook.chat]
controller = "kavarna"
kind = "smartsupp"
purpose = "novinky"
grants = true
agreed = "/data/contact/gdpr"
secret-file = "{secret}"
[hook.ecomail]
controller = "kavarna"
kind = "ecomail"
lists = ["3: novinky"]
unsubscribe = "purpose"
grants = true
[hook.mailchimp]
controller = "kavarna"
kind = "mailchimp"
purpose = "novinky"
[hook.listmonk]
controller = "kavarna"
kind = "listmonk"
[hook.shop]
controller = "kavarna"
kind = "json"
purpose = "novinky"
grants = true
secret-file = "{secret}"
signature-header = "X-Shop-Signature"
signature = "hmac-sha256-base64"
address = "/customer/mail"
event = "/what"
time = "/when"
subscribed = ["newsletter-on"]
unsubscribed = ["newsletter-off"]
[hook.till]
controller = "kavarna"
kind = "json"
purpose = "novinky"
grants = true
address = "/mail"
event = "/newsletter"
subscribed = ["true", "1"]
unsubscribed = ["false"]
[hook.crm]
controller = "kavarna"
kind = "json"
purpose = "novinky"
grants = true
agreed = "/agreed"
address = "/mail"
event = "/what"
time = "/when"
subscribed = ["changed"]
"#
    )
}

/// A relay with all of them, and the file that holds their secret.
fn started(database: String) -> (Souhlas, PathBuf) {
    let file = std::env::temp_dir().join(format!("souhlas-hook-{}", uuid::Uuid::now_v7()));
    fs::write(&file, format!("{SECRET}\n")).unwrap();
    let policy = format!("{POLICY}{}", hooks(file.to_str().unwrap()));
    let relay = Souhlas::start(&Setup { policy, database, ..Setup::default() }).unwrap();
    relay.add_purpose();
    (relay, file)
}

fn on_both(test: impl Fn(&Souhlas)) {
    let database = Database::create();
    for database in [Setup::default().database, database.url.clone()] {
        let (relay, file) = started(database);
        test(&relay);
        fs::remove_file(file).unwrap();
    }
}

fn post(relay: &Souhlas, hook: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    ask(relay.web, "POST", &relay.hook_path(hook), headers, body)
}

fn done(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["done"].as_str().unwrap().to_owned()
}

/// Everything on record, by kind.
fn past(client: &Client, address: &str) -> Vec<(String, Value)> {
    let found = client.post("/v1/contacts/find", &json!({ "address": address }));
    if found.status == 404 {
        return Vec::new();
    }
    let key = found.json()["contact"].as_str().unwrap().to_owned();
    let events = client.get(&format!("/v1/contacts/{key}/events")).json();
    let read = |one: &Value| (one["kind"].as_str().unwrap().to_owned(), one.clone());
    events["items"].as_array().unwrap().iter().map(read).collect()
}

fn kinds(client: &Client, address: &str) -> Vec<String> {
    past(client, address).into_iter().map(|(kind, _)| kind).collect()
}

#[test]
fn a_mailing_tools_unsubscribe_is_a_refusal_at_once() {
    on_both(|relay| {
        let client = Client::all(relay, "kavarna");
        let ecomail = |status: &str| {
            json!({ "payload": { "email": "a@example.cz", "status": status, "listId": 3 } })
                .to_string()
        };
        let send = |status: &str| done(&post(relay, "ecomail", &JSON, &ecomail(status)));
        assert_eq!(send("SUBSCRIBED"), "granted");
        // The same body is the same event.
        assert_eq!(send("SUBSCRIBED"), "already");
        assert_eq!(send("HARD_BOUNCE"), "ignored");
        assert_eq!(send("UNSUBSCRIBED"), "refused");
        assert_eq!(send("UNSUBSCRIBED"), "already");
        assert_eq!(send("SUBSCRIBED"), "refusal-stands");
        let past = past(&client, "a@example.cz");
        let kinds: Vec<&str> = past.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(kinds, ["granted", "refused"]);
        let (_, refused) = &past[1];
        assert_eq!(
            (&refused["actor"], &refused["purpose"]),
            (&json!("hook/ecomail"), &json!("novinky"))
        );
        assert_eq!(refused["evidence"]["event"], ecomail("UNSUBSCRIBED"));
        let mailchimp = "type=unsubscribe&fired_at=2026-11-02+08%3A30%3A00&data%5Baction%5D=unsub\
                         &data%5Bemail%5D=b%40example.cz&data%5Blist_id%5D=a6b5da1054";
        assert_eq!(ask(relay.web, "GET", &relay.hook_path("mailchimp"), &[], "").status, 200);
        assert_eq!(done(&post(relay, "mailchimp", &FORM, "")), "nothing");
        assert_eq!(done(&post(relay, "mailchimp", &FORM, mailchimp)), "refused");
        let past = self::past(&client, "b@example.cz");
        assert_eq!(past[0].1["at"], "2026-11-02T08:30:00Z");
        // Where nothing says that it grants, a subscription does not.
        let subscribed = mailchimp.replace("unsubscribe", "subscribe").replace("b%40", "c%40");
        assert_eq!(done(&post(relay, "mailchimp", &FORM, &subscribed)), "ignored");
        assert!(self::kinds(&client, "c@example.cz").is_empty());
        let complaint = json!({ "email": "d@example.cz", "source": "api", "type": "complaint" });
        assert_eq!(done(&post(relay, "listmonk", &JSON, &complaint.to_string())), "refused");
        assert_eq!(self::kinds(&client, "d@example.cz"), ["refused"]);
        assert!(!relay.said().contains("@example.cz"));
    });
}

#[test]
fn a_chat_grants_where_the_visitor_agreed_and_it_is_signed() {
    on_both(|relay| {
        let client = Client::all(relay, "kavarna");
        let body = |agreed: bool| {
            json!({
                "event": "conversation.opened", "timestamp": "2026-11-02T08:30:00.825Z",
                "account_id": "1", "app_id": "2",
                "data": { "contact": { "email": "jana@example.cz", "gdpr": agreed } },
            })
            .to_string()
        };
        let hex = |body: &str| seal::hex(&seal::hmac(SECRET.as_bytes(), body.as_bytes()));
        let send = |body: &str, signature: &str| {
            let headers = [JSON[0], ("x-smartsupp-hmac", signature)];
            post(relay, "chat", &headers, body)
        };
        for signature in ["", "00", &hex("another body")] {
            let answer = send(&body(true), signature);
            assert_eq!((answer.status, answer.code().as_str()), (401, "signature-wrong"));
            assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        }
        assert_eq!(done(&send(&body(false), &hex(&body(false)))), "ignored");
        assert!(kinds(&client, "jana@example.cz").is_empty());
        assert_eq!(done(&send(&body(true), &hex(&body(true)))), "granted");
        assert_eq!(done(&send(&body(true), &hex(&body(true)))), "already");
        let past = past(&client, "jana@example.cz");
        assert_eq!(past.len(), 1);
        assert_eq!(past[0].1["detail"]["method"], "chat");
    });
}

#[test]
fn any_other_system_is_mapped() {
    on_both(|relay| {
        let client = Client::all(relay, "kavarna");
        let send = |what: &str| {
            let body = json!({
                "what": what, "when": 1_793_000_000, "customer": { "mail": "x@example.cz" },
            });
            let body = body.to_string();
            let tag = seal::base64(&seal::hmac(SECRET.as_bytes(), body.as_bytes()));
            post(relay, "shop", &[JSON[0], ("x-shop-signature", &tag)], &body)
        };
        assert_eq!(done(&send("newsletter-on")), "granted");
        assert_eq!(done(&send("bought")), "ignored");
        assert_eq!(done(&send("newsletter-off")), "refused");
        assert_eq!(kinds(&client, "x@example.cz"), ["granted", "refused"]);
    });
}

#[test]
fn a_flag_is_one_consent_until_it_is_taken_back() {
    on_both(|relay| {
        let client = Client::all(relay, "kavarna");
        let send = |mail: &str, agreed: bool, day: u8| {
            let body = json!({
                "event": "contact.updated", "timestamp": format!("2026-11-{day:02}T08:30:00Z"),
                "data": { "contact": { "email": mail, "gdpr": agreed } },
            });
            let body = body.to_string();
            let tag = seal::hex(&seal::hmac(SECRET.as_bytes(), body.as_bytes()));
            done(&post(relay, "chat", &[JSON[0], ("x-smartsupp-hmac", &tag)], &body))
        };
        let jana = "jana@example.cz";
        assert_eq!(send(jana, true, 2), "granted");
        assert_eq!(send(jana, true, 3), "already");
        assert_eq!(kinds(&client, jana), ["granted"], "a chat prolonged the consent");
        assert_eq!(send(jana, false, 6), "withdrawn");
        assert_eq!(send(jana, false, 7), "ignored");
        assert_eq!(send(jana, true, 5), "already", "it is from before the end");
        assert_eq!(kinds(&client, jana), ["granted", "withdrawn"]);
        assert_eq!(past(&client, jana)[1].1["at"], "2026-11-06T08:30:00Z");
        assert_eq!(send(jana, true, 8), "granted");
        // A box that nobody ever ticked takes nothing back, and stores nobody.
        let body = json!({
            "address": "petr@example.cz", "purpose": "novinky", "evidence": { "note": "papír" },
        });
        assert_eq!(client.post("/v1/grants", &body).status, 201);
        assert_eq!(send("petr@example.cz", false, 9), "ignored");
        assert_eq!(kinds(&client, "petr@example.cz"), ["granted"]);
        assert_eq!(send("nikdo@example.cz", false, 9), "ignored");
        assert!(kinds(&client, "nikdo@example.cz").is_empty());
    });
}

#[test]
fn a_yes_is_understood_as_a_boolean_a_number_or_a_word() {
    on_both(|relay| {
        let client = Client::all(relay, "kavarna");
        let till = |mail: &str, flag: Value| {
            let body = json!({ "mail": mail, "newsletter": flag }).to_string();
            done(&post(relay, "till", &JSON, &body))
        };
        assert_eq!(till("a@example.cz", json!(true)), "granted");
        assert_eq!(till("b@example.cz", json!(1)), "granted");
        assert_eq!(till("a@example.cz", json!(false)), "refused");
        let crm = |agreed: Value, when: i64| {
            let body = json!({
                "what": "changed", "mail": "c@example.cz", "agreed": agreed, "when": when,
            });
            done(&post(relay, "crm", &JSON, &body.to_string()))
        };
        for (at, (yes, no)) in
            [(json!("Yes"), json!("off")), (json!(1), json!(0)), (json!("true"), json!(false))]
                .into_iter()
                .enumerate()
        {
            let day = 1_793_000_000 + 86_400 * i64::try_from(at).unwrap();
            assert_eq!(crm(json!(null), day), "ignored");
            assert_eq!(crm(yes, day + 1), "granted");
            assert_eq!(crm(no, day + 2), "withdrawn");
        }
        assert_eq!(crm(json!("tajné"), 1_793_500_000), "ignored");
        assert_eq!(kinds(&client, "c@example.cz").len(), 6);
        let said = relay.said();
        assert!(said.contains("no yes and no no") && said.contains("crm"), "{said}");
        assert!(!said.contains("tajné") && !said.contains("@example.cz"));
    });
}

#[test]
fn a_hook_tells_strangers_nothing() {
    let (relay, file) = started(Setup::default().database);
    let right = relay.hook_path("ecomail");
    let wrong = format!("{}x", &right[..right.len() - 1]);
    for path in [wrong.as_str(), "/h/ecomail/", "/h/nobody/x", "/h/ecomail/x"] {
        let answer = ask(relay.web, "POST", path, &JSON, "{}");
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.text.contains("ecomail"), "{}", answer.text);
    }
    for (body, status, code) in [
        ("", 400, "not-json"),
        ("{}", 422, "form-unknown"),
        ("{\"payload\":{\"status\":\"UNSUBSCRIBED\"}}", 422, "address-missing"),
        ("{\"payload\":{\"status\":\"UNSUBSCRIBED\",\"email\":\"tajny\"}}", 422, "address-missing"),
    ] {
        let answer = post(&relay, "ecomail", &JSON, body);
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{body}");
        assert!(!answer.text.contains("tajny"));
    }
    let large = format!("{{\"x\":\"{}\"}}", "x".repeat(70_000));
    assert_eq!(post(&relay, "ecomail", &JSON, &large).code(), "too-large");
    for _ in 0..80 {
        if ask(relay.web, "POST", &wrong, &JSON, "{}").status == 429 {
            fs::remove_file(file).unwrap();
            return;
        }
    }
    panic!("guessing was never slowed");
}
