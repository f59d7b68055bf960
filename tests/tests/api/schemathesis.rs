//! Schemathesis tries the API against its own document: thousands of right and wrong requests, none
//! of which may fail, come in without a key, or be answered otherwise than the document says.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use outside::{
    api::Client,
    souhlas::{POLICY, Setup, Souhlas},
};
use serde_json::{Value, json};

#[test]
fn the_api_keeps_to_its_own_document() {
    let tool = tools().join("venv/bin/schemathesis");
    assert!(tool.exists(), "tests/run installs {}", tool.display());
    // What the examples of the document name.
    let stream = "\n[stream.newsletter]\ncontroller = \"kavarna\"\npurpose = \"newsletter\"\n\
                  class = \"commercial\"\n[stream.newsletter.match]\n\
                  from = [\"newsletter@kavarna.example\"]\n";
    let relay = Souhlas::start(&Setup {
        policy: format!("{POLICY}{stream}"),
        web: "api-requests-per-minute = 60000\napi-burst = 60000".into(),
        ..Setup::default()
    })
    .unwrap();
    let client = Client::all(&relay, "kavarna");
    for (id, basis) in [("newsletter", "consent"), ("customers", "legitimate-interest")] {
        let topics = json!([{ "id": "seeds", "name": "Seeds and seedlings" }]);
        let new = json!({
            "id": id, "name": id, "basis": basis, "duration": "P3Y", "topics": topics,
        });
        assert_eq!(client.post("/v1/purposes", &new).status, 201);
    }
    let output = Command::new(tool)
        // What it writes beside itself goes with the relay.
        .current_dir(relay.folder.path())
        .env("SCHEMATHESIS_HOOKS", tools().join("api_checks.py"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg("--config-file")
        .arg(tools().join("schemathesis.toml"))
        .args(["run", &format!("http://{}/openapi.json", relay.api)])
        .args(["--header", &format!("Authorization: Bearer {}", client.token)])
        .args(["--max-examples", "15", "--seed", "1", "--no-color"])
        .output()
        .expect("schemathesis starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", relay.said());
    assert!(!relay.said().contains("ERROR"), "{}", relay.said());
    // None of them was left out.
    let count = operations(&client);
    assert!(count > 20, "{count}");
    for told in [format!("Selected: {count}/{count}"), format!("Tested: {count}")] {
        assert!(said.lines().any(|line| line.trim() == told), "no `{told}`: {said}");
    }
}

fn operations(client: &Client) -> usize {
    let document: Value = serde_json::from_str(&client.get("/openapi.json").text).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let methods = paths.values().flat_map(|path| path.as_object().unwrap().values());
    methods.filter(|one| one.get("responses").is_some()).count()
}

fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tools")
}
