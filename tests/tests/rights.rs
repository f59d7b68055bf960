//! A person asks what is on record and wants it gone: the real binary on both databases, with
//! messages really sent and refused.

use std::os::unix::fs::PermissionsExt as _;

use outside::{
    api::Client,
    postgres::Database,
    souhlas::{Setup, Souhlas, wait},
    submit::submit,
};
use serde_json::{Value, json};

const JANA: &str = "jana@posta.example";
const PETR: &str = "petr@posta.example";

fn on_both(test: impl Fn(&Souhlas)) {
    let database = Database::create();
    for url in [Setup::default().database, database.url.clone()] {
        let relay = Souhlas::start(&Setup { database: url, ..Setup::default() }).unwrap();
        relay.add_purpose();
        test(&relay);
    }
}

fn agree(relay: &Souhlas, who: &str) {
    let wording = "Ano, <b>chci</b> novinky & \"slevy\"";
    let proof = ["--evidence", "=formulář 117", "--wording", wording];
    relay.must(&[&["grant", who, "--purpose", "novinky"][..], &proof].concat());
}

fn news(relay: &Souhlas, to: &str) {
    submit(relay.smtp, "novinky@kavarna.example", to, &message(to));
}

fn message(to: &str) -> String {
    format!(
        "From: Kavarna <novinky@kavarna.example>\r\nTo: {to}\r\nSubject: Kava z Etiopie\r\n\
         Date: Mon, 02 Nov 2026 08:00:00 +0100\r\nMessage-ID: <1@kavarna.example>\r\n\r\n\
         Nova kava je tady.\r\n"
    )
}

#[test]
fn a_copy_has_everything_and_an_erasure_leaves_what_it_says() {
    on_both(|relay| {
        agree(relay, JANA);
        let order =
            ["--at", "2026-05-01", "--category", "kava", "--objection-offered", "--evidence", "5"];
        relay.must(&[&["relation", "add", JANA][..], &order].concat());
        news(relay, JANA);
        relay.wait_for_captured(1);
        let export = |format: &str| relay.must(&["contact", "export", JANA, "--format", format]);
        let delivered = || {
            let copy: Value = serde_json::from_str(&export("json")).unwrap();
            let messages = copy["messages"].as_array().unwrap().clone();
            messages.iter().any(|one| one["what"] == "delivered").then_some(copy)
        };
        let copy = wait(delivered).expect("the copy says that it was delivered");
        assert_eq!(copy["address"], JANA);
        assert_eq!(copy["controller"]["company_id"], "99900017");
        assert_eq!(copy["purposes"][0]["state"], "ConsentGiven");
        assert_eq!(copy["relations"][0]["categories"][0], "kava");
        assert_eq!(copy["events"][0]["evidence"]["note"], "=formulář 117");
        let decided = copy["messages"].as_array().unwrap().last().unwrap();
        assert_eq!(
            (&decided["what"], &decided["stream"], &decided["class"]),
            (&"decided".into(), &"novinky".into(), &"commercial".into())
        );

        let csv = export("csv");
        assert!(csv.contains("\"events/1/evidence/note\",\"'=formulář 117\""), "{csv}");
        assert!(csv.contains("\"purposes/1/grants/1/method\",\"manual\""), "{csv}");

        let html = export("html");
        assert!(html.starts_with("<!doctype html>") && html.contains("lang=\"cs\""));
        let words = ["Osobní údaje, které o vás evidujeme", JANA, "souhlas, čl. 6", "IČO 99900017"];
        for part in words {
            assert!(html.contains(part), "{part}: {html}");
        }
        for part in ["<p>poznámka: =formulář 117</p>", "<p>znění: Ano, ", "<td>pracovník správce ("]
        {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(!html.contains("<b>chci") && !html.contains("<script"), "{html}");
        let other =
            relay.must(&["contact", "export", JANA, "--format", "html", "--language", "pl"]);
        assert!(other.contains("Dane osobowe zapisane"));
        let file = relay.path("jana.html");
        let path = file.to_str().unwrap();
        relay.must(&["contact", "export", JANA, "--format", "html", "--out", path]);
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

        let said = relay.must(&["contact", "erase", JANA, "--how", "delete"]);
        for part in
            ["evidence of 1 statement(s)", "the refusal", "GDPR art. 21(3)", "in the journal"]
        {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(said.contains("the proof of 1 statement(s)"), "{said}");
        let copy: Value = serde_json::from_str(&export("json")).unwrap();
        assert_eq!((&copy["address"], &copy["relations"]), (&Value::Null, &Value::Array(vec![])));
        assert!(copy["erased_at"].is_string());
        news(relay, JANA);
        let refused = wait(|| relay.must(&["journal", "list"]).contains("refused").then_some(()));
        assert!(refused.is_some(), "{}", relay.must(&["journal", "list"]));
        assert_eq!(relay.captured().len(), 1, "nothing more was sent");
        assert!(relay.must(&["journal", "verify"]).contains("consent: whole"));
    });
}

#[test]
fn without_a_refusal_and_without_proof_nothing_is_left_to_find() {
    on_both(|relay| {
        agree(relay, PETR);
        let how = ["--how", "anonymise", "--without-refusal", "--proof-too"];
        let said = relay.must(&[&["contact", "erase", PETR][..], &how].concat());
        assert!(said.contains("nothing stays"), "{said}");
        for command in ["export", "show"] {
            let output = relay.command(&["contact", command, PETR]);
            let error = String::from_utf8(output.stderr).unwrap();
            assert!(!output.status.success() && error.contains("nothing is on record"), "{error}");
        }
    });
}

/// The proof of the consent outlives the erasure, and carries no message.
#[test]
fn who_was_erased_gets_nothing_whether_they_refused_or_not() {
    on_both(|relay| {
        let client = Client::all(relay, "kavarna");
        for (who, how, refuses, rule) in [
            ("a@posta.example", "delete", false, "consent-missing"),
            ("b@posta.example", "anonymise", false, "consent-missing"),
            ("c@posta.example", "delete", true, "refused"),
            ("d@posta.example", "anonymise", true, "refused"),
        ] {
            agree(relay, who);
            let asked = json!({ "address": who, "stream": "novinky" });
            let may = || client.post("/v1/may-i-send", &asked).json();
            assert_eq!(may()["action"], "send", "{who}");
            let from = "novinky@kavarna.example";
            let reply = submit(relay.smtp, from, who, &message(who));
            assert!(reply.starts_with("250 "), "{who}: {reply}");
            let wish = json!({ "address": who, "how": how, "refuses": refuses });
            let erased = client.post("/v1/erasures", &wish);
            let proven = |one: &Value| one["what"].as_str().unwrap().starts_with("the proof of 1");
            let stays = erased.json()["stays"].as_array().unwrap().clone();
            assert!(stays.iter().any(proven), "{who}: {}", erased.text);
            let told = may();
            assert_eq!((&told["action"], &told["rule"]), (&json!("reject"), &json!(rule)), "{who}");
            let reply = submit(relay.smtp, from, who, &message(who));
            assert!(reply.starts_with(&format!("550 5.7.1 {rule}: ")), "{who}: {reply}");
        }
        assert_eq!(relay.wait_for_captured(4).len(), 4, "one to each, before");
    });
}

#[test]
fn a_tool_asks_for_a_copy_and_for_an_erasure_through_the_api() {
    let relay = Souhlas::start(&Setup::default()).unwrap();
    relay.add_purpose();
    agree(&relay, JANA);
    let client = Client::all(&relay, "kavarna");
    let found = client.post("/v1/contacts/find", &json!({ "address": JANA })).json();
    let path = format!("/v1/contacts/{}/copy", found["contact"].as_str().unwrap());
    assert_eq!(client.get(&path).json()["events"][0]["kind"], "granted");
    let csv = client.get(&format!("{path}?format=csv"));
    assert_eq!((csv.status, csv.header("content-type")), (200, Some("text/csv; charset=utf-8")));
    let page = client.get(&format!("{path}?format=html&language=de"));
    assert!(page.text.contains("Über Sie gespeicherte"), "{}", page.text);
    let erased = client.post("/v1/erasures", &json!({ "address": JANA, "how": "anonymise" }));
    assert_eq!(erased.status, 200, "{}", erased.text);
    let stays = erased.json()["stays"].as_array().unwrap().clone();
    assert_eq!(stays.len(), 2, "proof and refusal: {stays:?}");
    assert_eq!(client.get(&path).json()["address"], Value::Null);
    let none = client.post("/v1/erasures", &json!({ "address": PETR, "how": "delete" }));
    assert_eq!((none.status, none.code().as_str()), (404, "contact-unknown"));
    let reader = Client::of(&relay, "kavarna", &["contacts:read", "contacts:write"]);
    assert_eq!(reader.get(&path).status, 403);
    let asked = json!({ "address": JANA, "how": "delete" });
    assert_eq!(reader.post("/v1/erasures", &asked).status, 403);
}

#[test]
fn a_privacy_notice_names_each_processor_in_every_language() {
    let named = "processors = [\"Hosting s.r.o., Brno (servery)\", \" Zálohy a.s. \"]\ncountry";
    let policy = outside::souhlas::POLICY.replacen("country", named, 1);
    let relay = Souhlas::start(&Setup { policy, ..Setup::default() }).unwrap();
    relay.add_purpose();
    for (language, sentence) in [
        ("cs", "Pro nás je zpracovávají: Hosting s.r.o., Brno (servery); Zálohy a.s.\n"),
        ("sk", "Pre nás ich spracúvajú: Hosting s.r.o., Brno (servery); Zálohy a.s.\n"),
        ("en", "They are processed for us by: Hosting s.r.o., Brno (servery); Zálohy a.s.\n"),
        ("de", "Für uns verarbeiten sie: Hosting s.r.o., Brno (servery); Zálohy a.s.\n"),
        ("pl", "W naszym imieniu przetwarzają je: Hosting s.r.o., Brno (servery); Zálohy a.s.\n"),
    ] {
        let said = relay.must(&["purpose", "notice", "--language", language]);
        assert!(said.contains(&format!("\n\n{sentence}")), "{language}: {said}");
    }
    for (wrong, why) in [("\"\"", "empty or has a line end"), ("\"a\\nb\"", "has a line end")] {
        let text = outside::souhlas::POLICY.replacen(
            "country",
            &format!("processors = [{wrong}]\ncountry"),
            1,
        );
        std::fs::write(relay.path("config/policy.toml"), text).unwrap();
        let output = relay.command(&["check"]);
        let error = String::from_utf8_lossy(&output.stderr).into_owned()
            + &String::from_utf8_lossy(&output.stdout);
        assert!(!output.status.success() && error.contains(why), "{wrong}: {error}");
    }
}

#[test]
fn a_privacy_notice_tells_the_purposes_their_bases_and_times() {
    let relay = Souhlas::start(&Setup::default()).unwrap();
    relay.add_purpose();
    let interest = ["--basis", "legitimate-interest", "--duration", "1 year", "--since-activity"];
    let what =
        ["purpose", "add", "zakaznici", "--controller", "kavarna", "--name", "Podobné zboží"];
    relay.must(&[&what[..], &interest].concat());
    let said = relay.must(&["purpose", "notice"]);
    for part in [
        "Kavárna Pod Lípou s.r.o.",
        "- **Novinky z kavárny**: souhlas, čl. 6 odst. 1 písm. a) GDPR; 3 roky od chvíle",
        "- **Podobné zboží**: oprávněný zájem, čl. 6 odst. 1 písm. f) GDPR; 1 rok od vaší poslední",
        "4 roky od konce souhlasu",
        "Správcem údajů je Kavárna Pod Lípou s.r.o.\n",
        "Zpracováváme vaši e-mailovou adresu",
        "máte právo na přístup",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(relay.must(&["purpose", "notice", "--language", "de"]).contains("3 Jahre ab"));
}
