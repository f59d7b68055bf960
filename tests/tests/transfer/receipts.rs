//! Consent receipts, read by a JSON-LD processor that nobody here wrote.

use std::{path::Path, process::Command};

use outside::api::Client;
use serde_json::{Value, json};

use crate::scene::on_both;

#[test]
fn receipts_are_json_ld_with_every_mandatory_field() {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools");
    let python = tools.join("venv/bin/python");
    assert!(python.exists(), "tests/run installs {}", python.display());
    on_both(1, |relay| {
        let own = ["--controller", "k0"];
        let grant = |who: &str, more: &[&str]| {
            let grant = ["grant", who, "--purpose", "novinky", "--evidence", "formulář"];
            relay.must(&[&grant[..], &own, more].concat());
        };
        grant("jana@posta.example", &["--from", "2025-03-01", "--wording", "Chci novinky"]);
        grant("petr@posta.example", &["--from", "2025-04-01"]);
        relay.must(&[&["refuse", "petr@posta.example"][..], &own].concat());
        grant("eva@posta.example", &["--from", "2015-03-01", "--until", "2018-03-01"]);
        let to = ["--format", "receipts", "--to", "receipts.jsonld"];
        relay.must(&[&["export"][..], &own, &to].concat());
        let output = Command::new(&python)
            .arg(tools.join("receipts.py"))
            .arg(relay.path("receipts.jsonld"))
            .output()
            .expect("python starts");
        let said = String::from_utf8_lossy(&output.stdout);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}{error}");
        let mut lines: Vec<&str> = said.lines().collect();
        lines.sort_unstable();
        assert_eq!(
            lines,
            [
                "ConsentExpired: ConsentGiven ConsentExpired",
                "ConsentGiven: ConsentGiven",
                "ConsentRefused: ConsentRefused",
                "ConsentWithdrawn: ConsentGiven ConsentWithdrawn",
            ]
        );
    });
}

const JANA: &str = "jana@posta.example";

/// Each field says what is on record (ISO/IEC TS 27560, 6.2 to 6.4), and not only that it is there.
#[test]
fn each_field_of_a_receipt_has_its_value() {
    on_both(1, |relay| {
        let client = Client::all(relay, "k0");
        let grant = json!({
            "address": JANA, "purpose": "akce", "method": "double-opt-in",
            "from": "2026-03-01T08:00:00Z", "until": "2028-03-01T08:00:00Z",
            "confirmed_at": "2026-03-01T08:05:00Z", "evidence": {
                "wording": "Chci akce a slevy.", "wording_version": "v7", "language": "sk",
                "policy_url": "https://k0.example/zasady",
            },
        });
        let given = client.post("/v1/grants", &grant).json();
        let no = json!({ "address": JANA, "purpose": "novinky", "at": "2026-04-01T10:00:00Z" });
        let refused = client.post("/v1/refusals", &no).json();
        let to = ["--format", "receipts", "--stored-in", "DE"];
        let said = relay.must(&[&["export", "--controller", "k0"][..], &to].concat());
        let all: Vec<Value> =
            said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let [yes, no] = all.as_slice() else { panic!("{said}") };
        let until = json!({
            "@type": "dpv:UntilTimeDuration", "rdf:value": time("2028-03-01T08:00:00Z"),
        });
        let notice = json!({
            "@type": ["dpv:ConsentNotice", "dpv:PrivacyNotice"],
            "dct:language": "sk",
            "dct:description": "Chci akce a slevy.",
            "dct:hasVersion": "v7",
            "schema:url": "https://k0.example/zasady",
        });
        let event = json!([{
            "@type": ["dpv:ConsentGiven", "dpv:ExpressedConsent"],
            "dpv:isIndicatedBy": { "@id": "dpv:DataSubject" },
            "dpv:isIndicatedAtTime": time("2026-03-01T08:00:00Z"),
            "dpv:hasIndicationMethod": "double-opt-in",
            "dpv:hasDuration": until,
        }]);
        let purpose = ("akce", "Akce a slevy");
        is(yes, (&given, purpose), (&until, &notice, &event), "dpv:ConsentGiven");
        let kept = json!({
            "@type": "dpv:UntilEventDuration",
            "rdf:value": "for as long as the refusal has to be kept to",
        });
        let notice = json!({
            "@type": "dpv:PrivacyNotice",
            "dct:language": "cs",
            "schema:url": "https://k0.example/soukromi",
        });
        let event = json!([{
            "@type": "dpv:ConsentRefused",
            "dpv:isIndicatedBy": { "@id": "dpv:DataSubject" },
            "dpv:isIndicatedAtTime": time("2026-04-01T10:00:00Z"),
            "dpv:hasDuration": { "@type": "dpv:EndlessDuration" },
        }]);
        let purpose = ("novinky", "Novinky");
        is(no, (&refused, purpose), (&kept, &notice, &event), "dpv:ConsentRefused");
    });
}

fn time(at: &str) -> Value {
    json!({ "@type": "xsd:dateTime", "@value": at })
}

/// `done`: what the API said of the statement.
fn is(
    receipt: &Value,
    (done, (purpose, name)): (&Value, (&str, &str)),
    (kept, notice, event): (&Value, &Value, &Value),
    state: &str,
) {
    let mut receipt = receipt.clone();
    let all = receipt.as_object_mut().unwrap();
    let own = all.remove("dct:identifier").unwrap();
    let made: jiff::Timestamp =
        all["dct:created"]["@value"].as_str().unwrap().parse().expect("a moment");
    assert!(jiff::Timestamp::now().duration_since(made).as_secs() < 60);
    all.remove("dct:created");
    let prefixes: Vec<String> =
        all.remove("@context").unwrap().as_object().unwrap().keys().cloned().collect();
    assert_eq!(prefixes, ["dct", "dpv", "eu-gdpr", "loc", "pd", "rdf", "schema", "skos", "xsd"]);
    let record = all["dpv:hasRecordOfActivity"].as_object_mut().unwrap();
    let id = record.remove("dct:identifier").unwrap();
    assert_eq!(record.remove("@id").unwrap(), format!("urn:uuid:{}", id.as_str().unwrap()));
    assert_ne!(id, own, "of the record, and of the receipt");
    let contact = &done["contact"];
    let person = format!("urn:souhlas:contact:{}", contact.as_str().unwrap());
    assert_eq!(
        receipt,
        json!({
            "@id": format!("urn:uuid:{}", own.as_str().unwrap()),
            "@type": "dpv:ConsentReceipt",
            "dct:conformsTo": term("https://w3id.org/dpv/schema/dpv-27560#receipt"),
            "dct:publisher": term("urn:souhlas:controller:k0"),
            "dpv:hasRecordOfActivity": {
                "@type": "dpv:ConsentRecord",
                "dct:source": done["event"],
                "dct:conformsTo": term("https://w3id.org/dpv/schema/dpv-27560#record"),
                "dpv:hasDataSubject": {
                    "@id": person, "@type": "dpv:DataSubject", "dct:identifier": contact,
                },
                "dpv:hasDataController": {
                    "@id": "urn:souhlas:controller:k0",
                    "@type": ["dpv:DataController", "dpv:LegalEntity"],
                    "dct:identifier": "99900017",
                    "dpv:hasName": "Kavárna č. 0 s.r.o.",
                    "dpv:hasAddress": "Lipová 12, 602 00 Brno",
                    "dpv:hasContact": "noreply@k0.example",
                },
                "dpv:hasJurisdiction": term("loc:CZ"),
                "dpv:hasApplicableLaw": term("eu-gdpr:GDPR"),
                "dpv:hasProcess": process(purpose, name, kept),
                "dpv:hasNotice": notice,
                "dpv:hasConsentControl": {
                    "@type": "dpv:WithdrawConsent",
                    "dpv:isExercisedAt":
                        "the link to unsubscribe in every message, or noreply@k0.example",
                },
                "dpv:hasConsentStatus": event,
                "dpv:hasStatus": term(state),
            },
        })
    );
}

fn process(purpose: &str, name: &str, kept: &Value) -> Value {
    json!({
        "@type": "dpv:Process",
        "dpv:hasPurpose": {
            "@id": format!("urn:souhlas:purpose:k0:{purpose}"),
            "@type": "dpv:Purpose",
            "skos:broader": term("dpv:DirectMarketing"),
            "dct:identifier": purpose,
            "dct:title": name,
        },
        "dpv:hasLegalBasis": term("eu-gdpr:A6-1-a"),
        "dpv:hasPersonalData": {
            "@type": "dpv:PersonalData",
            "skos:broader": term("pd:EmailAddress"),
            "rdf:value": JANA,
            "dpv:hasDataSource": term("dpv:DataSubjectDataSource"),
        },
        "dpv:hasProcessing": [term("dpv:Collect"), term("dpv:Store"), term("dpv:Use")],
        "dpv:hasRecipient": term("urn:souhlas:controller:k0"),
        "dpv:hasStorageCondition": [
            { "@type": "dpv:StorageLocation", "dpv:hasLocation": term("loc:DE") },
            { "@type": "dpv:StorageDuration", "dpv:hasDuration": kept },
        ],
    })
}

fn term(name: &str) -> Value {
    json!({ "@id": name })
}
