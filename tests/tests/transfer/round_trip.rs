//! What is exported is taken back: by another controller, as JSON and as CSV.

use outside::souhlas::{Setup, Souhlas};
use serde_json::{Value, json};

use crate::scene::{WORD, counts, exported, on_both};

const LIDA: &str = "lida@posta.example";

/// Contacts of every kind, one of them a formula.
fn fill(relay: &Souhlas) {
    let own = ["--controller", "k0"];
    let grant = |who: &str, purpose: &str, more: &[&str]| {
        let grant = ["grant", who, "--purpose", purpose, "--evidence", "formulář; \"ano\""];
        relay.must(&[&grant[..], &own, more].concat());
    };
    let sure = ["--confirmed-at", "2025-03-01", "--of-age", "--wording", "Chci novinky, prosím"];
    grant("jana@posta.example", "novinky", &[&sure[..], &["--from", "2025-03-01"]].concat());
    grant("jana@posta.example", "akce", &["--from", "2025-04-01"]);
    grant("=cmd@posta.example", "novinky", &["--from", "2025-04-01", "--wording", "=1+1"]);
    grant("petr@posta.example", "novinky", &["--from", "2025-04-01"]);
    relay.must(&[&["refuse", "petr@posta.example"][..], &own].concat());
    grant("eva@posta.example", "novinky", &["--from", "2025-04-01"]);
    relay.must(&[&["refuse", "eva@posta.example", "--purpose", "akce"][..], &own].concat());
    let end = ["contact", "end", "eva@posta.example", "--purpose", "novinky", "--how", "revoked"];
    relay.must(&[&end[..], &["--evidence", "překlep"], &own].concat());
    let set = ["contact", "set", "jana@posta.example", "--country", "CZ"];
    relay.must(&[&set[..], &["--subscriber", "sole-trader", "--published"], &own].concat());
    let bought = ["relation", "add", "jana@posta.example", "--at", "2026-03-01"];
    let more = ["--category", "kava", "--objection-offered", "--wide-assortment"];
    relay.must(&[&bought[..], &more, &own].concat());
    let contract = ["relation", "add", "petr@posta.example", "--kind", "contract"];
    let term = ["--at", "2025-03-01", "--ended", "2026-03-01"];
    relay.must(&[&contract[..], &term, &own].concat());
    let prefer = ["contact", "prefer", "jana@posta.example", "--at-most", "2 in 30 days"];
    relay.must(&[&prefer[..], &own].concat());
    let later = ["contact", "prefer", "jana@posta.example", "--purpose", "akce"];
    let how = ["--paused-until", "2030-01-01", "--topics=kurzy"];
    relay.must(&[&later[..], &how, &own].concat());
    // Everything refused, and one purpose agreed to since.
    grant(LIDA, "akce", &["--from", "2025-04-01"]);
    relay.must(&[&["refuse", LIDA][..], &own].concat());
    grant(LIDA, "novinky", &["--from", "2026-01-01", "--lifts-refusal"]);
    let told = ["contact", "inform", "jana@posta.example", "--notice", "2026-05"];
    relay.must(&[&told[..], &["--evidence", "v obchodě"], &own].concat());
    relay.must(&[&["contact", "set", "jen@posta.example", "--country", "SK"][..], &own].concat());
}

/// Without what is each controller's own, and what a table has no columns for.
fn comparable(mut contacts: Vec<Value>, format: &str) -> Vec<String> {
    for contact in &mut contacts {
        let fields = contact.as_object_mut().unwrap();
        for name in ["contact", "created_at"] {
            fields.remove(name);
        }
        if format == "csv" {
            for name in ["preferences", "activity", "notice", "last_activity"] {
                fields.remove(name);
            }
            fields.insert("relations".into(), Value::Array(vec![]));
        }
        for list in ["grants", "refusals", "relations"] {
            for one in fields[list].as_array_mut().unwrap() {
                let one = one.as_object_mut().unwrap();
                one.remove("event");
                let wording = one.get("evidence").and_then(|own| own.get("wording")).cloned();
                one.remove("evidence");
                one.insert("wording".into(), wording.unwrap_or_default());
            }
        }
    }
    let mut all: Vec<String> = contacts.iter().map(Value::to_string).collect();
    all.sort();
    all
}

#[test]
fn what_is_exported_is_taken_back() {
    on_both(3, |relay| {
        fill(relay);
        for (format, controller) in [("json", "k1"), ("csv", "k2")] {
            let file = format!("all.{format}");
            let export = ["export", "--controller", "k0", "--format", format, "--to", &file];
            relay.must(&export);
            let import = ["import", &file, "--controller", controller];
            let said = relay.must(&[&import[..], &WORD].concat());
            let counted = counts(&said);
            assert_eq!(&*counted["format"], "souhlas", "{said}");
            assert_eq!((&*counted["granted"], &*counted["rejected"]), ("7", "0"), "{said}");
            let before = comparable(exported(relay, "k0"), format);
            assert_eq!(comparable(exported(relay, controller), format), before, "{format}");
            let again = counts(&relay.must(&[&import[..], &WORD].concat()));
            for what in ["granted", "refused by the file", "other statements", "new contacts"] {
                assert_eq!(again[what], "0", "{format}: {what}");
            }
        }
        // Who narrowed a consent is not taken in with all of it.
        let bare = ["purpose", "topics", "akce", "--controller", "k1", "--none"];
        relay.must(&bare);
        let import = ["import", "all.json", "--controller", "k1", "--dry-run"];
        let output = relay.command(&[&import[..], &WORD].concat());
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("the purpose `akce` has no topic `kurzy`"), "{told}");
        let table = std::fs::read_to_string(relay.path("all.csv")).unwrap();
        assert!(
            table.starts_with("email,record,purpose,basis,state,valid_from,valid_to,doi_date,")
        );
        let formulas = |line: &str| line.starts_with(['=', '+', '-', '@']);
        assert!(!table.lines().any(formulas) && table.contains("\"'=cmd@posta.example\""));
        let some = ["export", "--controller", "k0", "--purpose", "akce"];
        assert_eq!(relay.must(&some).lines().count(), 3, "jana holds it, eva and lida refused it");
        let czech = ["export", "--controller", "k0", "--filter", "{\"country\":[\"CZ\"]}"];
        assert_eq!(relay.must(&czech).lines().count(), 1);
        let client = outside::api::Client::all(relay, "k0");
        let exported = |controller| exported(relay, controller);
        for controller in ["k0", "k1", "k2"] {
            let lida = exported(controller).into_iter().find(|one| one["address"] == LIDA).unwrap();
            let refused = &lida["refusals"][0];
            assert_eq!(
                (&refused["purpose"], &refused["except"]),
                (&json!(null), &json!(["novinky"]))
            );
            let open = |one: &&Value| one["ended_at"].is_null();
            let grants: Vec<&Value> =
                lida["grants"].as_array().unwrap().iter().filter(open).collect();
            assert_eq!((grants.len(), &grants[0]["purpose"]), (1, &json!("novinky")), "{lida}");
        }
        let answer = client.get("/v1/export/contacts").text;
        assert_eq!(answer, relay.must(&["export", "--controller", "k0"]), "the API's is the same");
    });
}

/// From one installation into another, over what that one knows already.
#[test]
fn what_is_exported_stands_in_another_installation() {
    on_both(1, |relay| {
        let other = Souhlas::start(&Setup::default()).unwrap();
        other.add_purpose();
        let why = ["purpose", "add", "akce", "--controller", "kavarna", "--name", "Akce a slevy"];
        let how = ["--basis", "consent", "--duration", "3 years"];
        let topics = ["--topic", "kava=Káva", "--topic", "kurzy=Kurzy"];
        other.must(&[&why[..], &how, &topics].concat());
        fill(relay);
        // There she said no to the very purpose, or to everything: her own word stays.
        for own in [&["--purpose", "novinky"][..], &[]] {
            other.must(&[&["refuse", LIDA][..], own].concat());
            for format in ["json", "csv"] {
                let file = format!("all.{format}");
                relay.must(&["export", "--controller", "k0", "--format", format, "--to", &file]);
                std::fs::copy(relay.path(&file), other.path(&file)).unwrap();
                other.must(&[&["import", &file][..], &WORD].concat());
                let lida = exported(&other, "kavarna");
                let lida = lida.iter().find(|one| one["address"] == LIDA).unwrap();
                let but = |one: &Value| one["except"].as_array().is_some_and(|all| !all.is_empty());
                assert!(!lida["refusals"].as_array().unwrap().iter().any(but), "{lida}");
                let open = |one: &Value| one["ended_at"].is_null();
                assert!(!lida["grants"].as_array().unwrap().iter().any(open), "{lida}");
            }
        }
        let mut before = comparable(exported(relay, "k0"), "json");
        let mut after = comparable(exported(&other, "kavarna"), "json");
        for all in [&mut before, &mut after] {
            all.retain(|one| !one.contains(LIDA));
        }
        assert_eq!(after, before);
        assert!(other.must(&["journal", "verify"]).contains("consent: whole"));
    });
}
