//! `souhlas demo --once`: every kind of verdict over real SMTP, and nothing left behind.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
};

use outside::binary;

/// What each message of the demo is there to show: start of its line, verdict, rule named first,
/// and what stands in the last column.
const SHOWN: &[(&str, &str, &str, &str)] = &[
    ("newsletter, all in order", "send (250)", "-", "-"),
    ("newsletter without a label", "send-edited (250)", "label-missing", "label"),
    (
        "offer without identity and link",
        "send-edited (250)",
        "identity-missing +3",
        "identity, link, headers",
    ),
    (
        "Slovak offer, nothing in it",
        "send-edited (250)",
        "identity-missing +4",
        "label, identity, link, headers",
    ),
    ("order confirmation after a refusal", "send (250)", "-", "-"),
    ("new terms, customer who refused", "send (250)", "-", "-"),
    ("association to its members", "send (250)", "-", "-"),
    ("newsletter after a refusal", "reject (550)", "refused", "-"),
    ("newsletter to a stranger", "reject (550)", "consent-missing", "-"),
    ("newsletter, consent ran out", "reject (550)", "consent-expired", "-"),
    ("newsletter to a bought address", "reject (550)", "source-forbidden", "-"),
    ("customer of other goods", "reject (550)", "exemption-not-similar", "-"),
    ("Slovak customer, too long ago", "reject (550)", "exemption-too-old", "-"),
    ("recipients see each other", "reject (550)", "recipients-exposed", "-"),
    (
        "PGP signed, edit needed",
        "reject (550)",
        "identity-missing +4",
        "no: the text is signed or encrypted",
    ),
    ("parcel notice that advertises", "hold (250)", "class-mismatch", "-"),
    ("template tag left in", "hold (250)", "placeholder-left", "-"),
    ("foreign sender address", "hold (250)", "sender-hidden", "-"),
    ("consent store does not answer", "defer (451)", "storage-unavailable", "the tool tries again"),
];

#[test]
fn every_message_of_the_demo_gets_its_verdict() {
    let output = binary::run(&["demo", "--once"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}\n{said}", String::from_utf8_lossy(&output.stderr));
    let table: Vec<&str> = said.lines().take_while(|line| !line.is_empty()).collect();
    assert_eq!(table.len(), SHOWN.len() + 1, "{said}");
    let is_like = |cell: &str, wanted: &str| {
        cell == wanted || cell.strip_prefix(wanted).is_some_and(|more| more.starts_with(" +"))
    };
    for (line, (about, verdict, rule, edited)) in table[1..].iter().zip(SHOWN) {
        let cells: Vec<&str> =
            line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        assert!(cells.len() == 6 && cells[0] == *about, "{about}: {line}");
        assert_eq!(cells[2], *verdict, "{line}");
        assert!(is_like(cells[3], rule), "{rule}: {line}");
        assert_eq!(cells[4] == "-", *rule == "-" || verdict.starts_with("defer"), "{line}");
        assert_eq!(cells[5], *edited, "{line}");
    }
    let widest = table.iter().map(|line| line.chars().count()).max();
    assert!(widest <= Some(160), "the table is {widest:?} columns wide");
    assert!(said.contains("\n7 messages were sent on"), "{said}");
}

#[test]
fn the_demo_serves_until_it_is_told_to_stop_and_leaves_nothing() {
    let mut demo = Command::new(binary::path())
        .arg("demo")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap());
    let (mut folder, mut links) = (String::new(), Vec::new());
    for line in lines.by_ref().lines().map_while(Result::ok) {
        if let Some((_, named)) = line.split_once("were sent on: see ") {
            folder = named.to_owned();
        }
        links.extend(line.split_whitespace().filter_map(address_of));
        if line.starts_with("stop with Ctrl-C") {
            break;
        }
    }
    assert!(std::path::Path::new(&folder).is_dir(), "{folder}");
    assert!(links.len() >= 2, "{links:?}");
    for at in &links {
        assert!(std::net::TcpStream::connect(at).is_ok(), "{at} listens");
    }
    let signal = Command::new("kill").args(["-TERM", &demo.id().to_string()]).status().unwrap();
    assert!(signal.success() && demo.wait().unwrap().success());
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    assert!(!std::path::Path::new(&folder).exists(), "{folder} is gone");
    for at in &links {
        assert!(std::net::TcpStream::connect(at).is_err(), "{at} listens no more");
    }
}

/// `127.0.0.1:4711` of a URL.
fn address_of(word: &str) -> Option<String> {
    let rest = word.strip_prefix("http://")?;
    rest.split('/').next().map(str::to_owned)
}
