//! Scripts of `tests/tools`, run by Node.js.

use std::{
    io::Write as _,
    process::{Child, Command, Stdio},
};

use serde_json::Value;

/// Runs on, and is written to and read from.
pub fn start(script: &str) -> Child {
    Command::new("node")
        .arg(script)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tools"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Node.js is there: tests/run installs it")
}

/// What it says to the one thing it is asked, without the last line's end.
///
/// # Panics
/// Where it fails: with what it said until then.
pub fn ask(script: &str, question: &Value) -> String {
    let mut child = start(script);
    child.stdin.take().unwrap().write_all(question.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    said.trim_end().to_owned()
}
