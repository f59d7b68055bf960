//! docs/webhooks.md: its code tells a right signature from a wrong one, and it has every reason that
//! there is.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use outside::{
    receiver::{Answers, Receiver},
    souhlas::{Setup, Souhlas},
};
use policy::Language;
use relay::{config::ReplyClass, journal::reason::Cause, words::Words};

fn reasons() -> BTreeSet<&'static str> {
    Cause::all().map(Cause::as_str).chain(ReplyClass::all().map(ReplyClass::word)).collect()
}

#[test]
fn the_page_has_every_reason_and_no_other() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/webhooks.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, tables) = page.split_once("`reason` is one word").unwrap();
    let (tables, _) = tables.split_once("A request is a POST").unwrap();
    let rows = tables.lines().filter_map(|line| line.strip_prefix("| `")?.split_once(" | "));
    let words: Vec<&str> =
        rows.flat_map(|(words, _)| words.split(", ")).map(|word| word.trim_matches('`')).collect();
    let each: BTreeSet<&str> = words.iter().copied().collect();
    assert_eq!(each, reasons());
    assert_eq!(words.len(), each.len(), "each stands in one row");
}

#[test]
fn every_reason_is_said_in_each_language_of_the_staff() {
    for language in [Language::Czech, Language::Slovak, Language::English] {
        let words = Words::of(language);
        let said = reasons().into_iter().map(|reason| (reason, words.cause(reason, "x")));
        for (reason, said) in said {
            let said = said.unwrap_or_else(|| panic!("{reason}: not said in {language:?}"));
            assert!(said.ends_with(" (x)") && said.len() > 8, "{reason}: {said}");
        }
    }
    assert_eq!(Words::of(Language::Polish).cause("hard", ""), None);
}

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
