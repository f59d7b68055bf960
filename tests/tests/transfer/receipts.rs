//! Consent receipts, read by a JSON-LD processor that nobody here wrote.

use std::{path::Path, process::Command};

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
