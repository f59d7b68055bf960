//! Each command of docs/api.md does what the page says.

use std::{fs, path::Path, process::Command};

use outside::api::Client;

use crate::keys::relay;

#[test]
fn every_command_of_the_page_works() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/api.md");
    let page = fs::read_to_string(page).unwrap();
    let blocks: Vec<&str> =
        page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(blocks.len() > 5);
    let relay = relay();
    let client = Client::all(&relay, "kavarna");
    let script = blocks
        .concat()
        .replace("http://127.0.0.1:8026", &format!("http://{}", client.at))
        .replace("souhlas_...", &client.token)
        .replace("curl -sS", "curl -sS --fail-with-body -w '\\n'");
    let output = Command::new("bash").args(["-euo", "pipefail", "-c", &script]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    for seen in
        ["\"refused\":false", "jana@seznam.cz", "\"rule\":\"refused\"", "\"kind\":\"refused\""]
    {
        assert!(said.contains(seen), "{seen}\n{said}");
    }
}
