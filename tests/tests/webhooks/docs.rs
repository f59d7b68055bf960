//! The code of docs/webhooks.md tells a right signature from a wrong one.

use std::{fs, path::Path, process::Command};

use outside::{
    receiver::{Answers, Receiver},
    souhlas::{Setup, Souhlas},
};

#[test]
fn the_pages_code_checks_what_the_relay_signs() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/webhooks.md");
    let page = fs::read_to_string(page).unwrap();
    let code = page.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    let more = "[webhook]\nprivate-networks = [\"127.0.0.0/8\"]\n".to_owned();
    let relay = Souhlas::start(&Setup { more, ..Setup::default() }).unwrap();
    let receiver = Receiver::start(vec![Answers::Status(200)]);
    let said = relay.must(&["webhook", "add", &receiver.url()]);
    let id = said.lines().find_map(|line| line.strip_prefix("webhook: ")).unwrap();
    let key = said.lines().find_map(|line| line.strip_prefix("key: ")).unwrap();
    relay.must(&["webhook", "test", id]);
    let request = receiver.wait_for(1).pop().unwrap();
    let signature = request.header("souhlas-signature");
    let changed = request.body.replace("test", "tost");
    for (signature, body, key, right) in [
        (signature, request.body.as_str(), key, "True"),
        (signature, changed.as_str(), key, "False"),
        (signature, request.body.as_str(), "another", "False"),
        ("t=1,v1=00", request.body.as_str(), key, "False"),
    ] {
        let script = format!(
            "{code}\nimport sys\nprint(is_ours(sys.argv[1], sys.argv[2].encode(), sys.argv[3]))"
        );
        let output =
            Command::new("python3").args(["-c", &script, signature, body, key]).output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert_eq!(told.trim(), right, "{}", String::from_utf8_lossy(&output.stderr));
    }
}
