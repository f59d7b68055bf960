//! Looks at pages in Chromium, by `tests/tools/look_at_pages.mjs`.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

/// What was found; screenshots are in `target/screenshots`.
pub fn look(base: &str, groups: &[Vec<Value>]) -> String {
    let shots = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/screenshots");
    let ask = json!({ "base": base, "shots": shots, "groups": groups }).to_string();
    let mut node = Command::new("node")
        .arg("look_at_pages.mjs")
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tools"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Node.js is there: tests/run installs it");
    node.stdin.take().unwrap().write_all(ask.as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    said.trim_end().to_owned()
}
