//! A refusal by a list is shown with the list wherever a refusal is shown.

use outside::api::Client;
use serde_json::{Value, json};

use crate::scene::{WORD, exported, on_both};

#[test]
fn who_comes_after_the_list_is_shown_as_refused_by_it() {
    on_both(1, |relay| {
        let own = ["--controller", "k0"];
        std::fs::write(relay.path("spolek.txt"), "jina@posta.example\npetr@posta.example\n")
            .unwrap();
        let attest = ["--origin", "own", "--source", "spolek", "--attested-by", "Alena"];
        relay.must(&[&["import", "--suppress", "spolek.txt"][..], &own, &attest].concat());
        let bought = ["relation", "add", "petr@posta.example", "--at", "2026-10-01"];
        relay.must(&[&bought[..], &own].concat());
        std::fs::write(relay.path("a.csv"), "email,granted_at\njina@posta.example,2025-01-01\n")
            .unwrap();
        relay.must(&[&["import", "a.csv", "--purpose", "novinky"][..], &own, &WORD].concat());
        let client = Client::all(relay, "k0");
        for (who, line) in [("petr@posta.example", 2), ("jina@posta.example", 1)] {
            let is_list = |refusals: &Value, part: &str| {
                let [one] = refusals.as_array().unwrap().as_slice() else { panic!("{refusals}") };
                assert_eq!(one["list"]["attested_by"], "Alena", "{who} {part}: {one}");
                assert_eq!(one["list"]["file"], "spolek.txt", "{who} {part}");
                assert_eq!(one["list"]["source"], "spolek", "{who} {part}");
                assert_eq!(one["list"]["line"], line, "{who} {part}");
                assert!(one["list"]["at"].is_string(), "{who} {part}");
            };
            let found = client.post("/v1/contacts/find", &json!({ "address": who })).json();
            is_list(&found["refusals"], "API");
            let all = client.get("/v1/contacts").json();
            let same = |one: &&Value| one["address"] == who;
            is_list(
                &all["items"].as_array().unwrap().iter().find(same).unwrap()["refusals"],
                "all",
            );
            let shown = relay.must(&[&["contact", "show", who][..], &own].concat());
            let words =
                ["refused", "spolek.txt", "\"attested_by\":\"Alena\"", "\"source\":\"spolek\""];
            assert!(words.iter().all(|word| shown.contains(word)), "{shown}");
            let copy = |format: &str| {
                relay.must(&[&["contact", "export", who, "--format", format][..], &own].concat())
            };
            let read: Value = serde_json::from_str(&copy("json")).unwrap();
            is_list(&read["refusals"], "copy");
            assert!(copy("csv").contains("\"refusals/1/list/attested_by\",\"Alena\""));
            let html = copy("html");
            assert!(html.contains("ze seznamu spolek.txt (spolek); doložil(a) Alena"), "{html}");
            let lines = exported(relay, "k0");
            is_list(&lines.iter().find(same).unwrap()["refusals"], "export");
            let table = relay.must(&[&["export", "--format", "csv"][..], &own].concat());
            let told = format!("spolek.txt line {line}: spolek, attested by Alena, ");
            let is_one = |row: &&str| row.starts_with(who) && row.contains(&told);
            assert_eq!(table.lines().filter(is_one).count(), 1, "{table}");
            let receipts = relay.must(&[&["export", "--format", "receipts"][..], &own].concat());
            assert!(receipts.contains("suppression list, spolek, attested by Alena"), "{receipts}");
        }
        let verified = relay.must(&["journal", "verify"]);
        assert!(verified.contains("consent: whole"), "{verified}");
    });
}
