//! What the relay signs, dkimpy verifies: real messages, edited and signed with both algorithms.

#![expect(clippy::print_stdout, reason = "a test that skips says so")]

use std::{
    collections::BTreeMap,
    env, fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use bytes::Bytes;
use policy::{Edit, Message, render};
use relay::{
    seal,
    sign::{self, Algorithm, Signer},
};

const DOMAIN: &str = "obchod.cz";

struct Keys {
    _folder: tempfile::TempDir,
    signer: Signer,
    records: BTreeMap<String, String>,
}

fn now() -> jiff::Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

fn keys(algorithms: &[Algorithm]) -> Keys {
    let folder = tempfile::tempdir().unwrap();
    let mut records = BTreeMap::new();
    for algorithm in algorithms {
        let record = sign::create(folder.path(), DOMAIN, *algorithm, None, now()).unwrap();
        records.insert(record.name, record.value);
    }
    let signer = Signer::load(folder.path()).unwrap();
    Keys { _folder: folder, signer, records }
}

/// One process verifies all: for each message, one answer for each signature.
fn verified(
    records: &BTreeMap<String, String>,
    messages: &[Vec<u8>],
) -> Vec<Vec<serde_json::Value>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/dkim_verify.py");
    // Debian's, which has Debian's packages; another may come first in the path.
    let mut child = Command::new("/usr/bin/python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("/usr/bin/python3 is missing: run tests/run");
    let encoded: Vec<String> = messages
        .iter()
        .map(|message| {
            // Every message ends in a line end once it went through DATA.
            let end: &[u8] = if message.ends_with(b"\r\n") { b"" } else { b"\r\n" };
            seal::base64(&[message, end].concat())
        })
        .collect();
    let asked = serde_json::json!({ "records": records, "messages": encoded }).to_string();
    child.stdin.take().unwrap().write_all(asked.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "dkim_verify.py failed: is python3-dkim installed?");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn signed(signer: &Signer, message: &[u8]) -> Vec<u8> {
    let mut out = signer.sign(message, DOMAIN, now()).unwrap();
    out.extend_from_slice(message);
    out
}

fn crlf(bytes: &[u8]) -> Vec<u8> {
    let text: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != b'\r').collect();
    let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    lines.join(&b"\r\n"[..])
}

fn corpus() -> Vec<Vec<u8>> {
    let root = env::var("SOUHLAS_CORPUS").map_or_else(
        |_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus"),
        PathBuf::from,
    );
    let mut found = Vec::new();
    for folder in ["commercial", "charset", "mime", "transactional"] {
        collect(&root.join(folder), &mut found);
    }
    if found.is_empty() {
        println!("skipped: no corpus at {}", root.display());
    }
    found
}

fn collect(folder: &Path, found: &mut Vec<Vec<u8>>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, found);
            continue;
        }
        let message = crlf(&fs::read(&path).unwrap());
        let parsed = Message::parse(Bytes::from(message.clone()));
        let is_one = parsed.mailboxes("From").len() == 1 && !parsed.is_malformed();
        if is_one && message.len() < 100_000 && parsed.header("DKIM-Signature").is_none() {
            found.push(message);
        }
    }
}

fn edits() -> Vec<Edit> {
    vec![
        Edit::LabelSubject { label: "[OS]".to_owned() },
        Edit::AddIdentity { text: "Žluťoučký kůň s.r.o., IČO 27082440".to_owned() },
        Edit::AddUnsubscribe { text: "Odhlásit se".to_owned() },
        Edit::AddListUnsubscribe,
        Edit::AddListUnsubscribePost,
    ]
}

/// Messages whose ends and lines have tripped signers.
fn odd() -> Vec<Vec<u8>> {
    let head = "From: Obchod <info@obchod.cz>\r\nTo: jan@example.com\r\nSubject: Sleva\r\n";
    let long = format!("{head}References: {}\r\n", "<a@b.cz>\r\n ".repeat(200).trim_end());
    let eight =
        "From: \"Žluťoučký\" <info@obchod.cz>\r\nSubject:   Příliš \t mnoho \r\n\t mezer \r\n";
    let mut odd = Vec::new();
    for body in [
        "",
        "\r\n",
        "\r\n\r\n\r\n",
        "x",
        "x\r\n",
        "x\r\n\r\n\r\n",
        "x\r\n \r\n\t\r\n  \t \r\n",
        "x\r\n ",
        " \r\n",
        "x  y\t z \r\n  \r\n y\r\n",
        "Příliš žluťoučký kůň\r\n",
        ".\r\n..\r\nx\r\n",
    ] {
        for head in [head, long.as_str(), eight] {
            odd.push(format!("{head}\r\n{body}").into_bytes());
        }
    }
    odd.push(head.as_bytes().to_vec());
    odd
}

#[test]
fn dkimpy_verifies_what_is_signed() {
    let keys = keys(&[Algorithm::Rsa, Algorithm::Ed25519]);
    let mut messages = Vec::new();
    for message in [odd(), corpus()].concat() {
        messages.push(signed(&keys.signer, &message));
        let parsed = Message::parse(Bytes::from(message));
        if let Ok(edited) = render(&parsed, &edits(), &|_| "https://relay.example/u/1".to_owned()) {
            messages.push(signed(&keys.signer, &edited));
        }
    }
    let answers = verified(&keys.records, &messages);
    for (answer, message) in answers.iter().zip(&messages) {
        let text = String::from_utf8_lossy(message);
        assert_eq!(
            answer.as_slice(),
            [true, true],
            "{}",
            text.chars().take(3000).collect::<String>()
        );
    }
    println!("{} messages verified", messages.len());
}

#[test]
fn a_changed_message_does_not_verify() {
    let keys = keys(&[Algorithm::Rsa, Algorithm::Ed25519]);
    let message = b"From: <info@obchod.cz>\r\nSubject: Sleva\r\n\
        List-Unsubscribe: <https://relay.example/u/1>\r\n\r\nx\r\n";
    let whole = String::from_utf8(signed(&keys.signer, message)).unwrap();
    let changed: Vec<Vec<u8>> = [
        ("Subject: Sleva", "Subject: sleva"),
        ("\r\n\r\nx", "\r\n\r\ny"),
        ("/u/1", "/u/2"),
        // One more of a field that is signed once more than it occurs.
        ("Subject: Sleva", "Subject: Sleva\r\nFrom: <x@obchod.cz>"),
        ("Subject: Sleva", "Subject: Sleva\r\nReply-To: <x@example.com>"),
        ("Subject: Sleva", "Subject: Sleva\r\nList-Unsubscribe-Post: x"),
    ]
    .iter()
    .map(|(from, to)| {
        assert!(whole.contains(from));
        whole.replacen(from, to, 1).into_bytes()
    })
    .collect();
    for (index, answer) in verified(&keys.records, &changed).iter().enumerate() {
        assert!(answer.iter().all(|answer| answer != true), "change {index}");
    }
}

/// A tool's own signature over one message, before and after each set of edits: what the relay
/// keeps must verify and what it removes must not.
#[test]
fn a_tools_own_signature_is_kept_exactly_while_it_holds() {
    let keys = keys(&[Algorithm::Ed25519]);
    let mut messages = Vec::new();
    let mut kept = Vec::new();
    for message in [odd(), corpus().into_iter().step_by(7).collect()].concat() {
        let tool = signed(&keys.signer, &message);
        let parsed = Message::parse(Bytes::from(tool.clone()));
        let sets = [
            vec![Edit::RemoveHeader { name: "X-Mailer".to_owned() }],
            vec![Edit::LabelSubject { label: "[OS]".to_owned() }],
            vec![Edit::AddListUnsubscribe],
            vec![Edit::AddIdentity { text: "Firma".to_owned() }],
        ];
        for edits in sets {
            let Ok(edited) = render(&parsed, &edits, &|_| "https://a.example/".to_owned()) else {
                continue;
            };
            let broken = sign::broken_by(&tool, &edited);
            kept.push(broken.is_empty());
            messages.push(edited.to_vec());
            let all: Vec<Edit> = edits.into_iter().chain(broken.clone()).collect();
            let clean = render(&parsed, &all, &|_| "https://a.example/".to_owned()).unwrap();
            assert_eq!(sign::existing(&clean).is_empty(), !broken.is_empty());
        }
    }
    let answers = verified(&keys.records, &messages);
    for ((answer, kept), message) in answers.iter().zip(&kept).zip(&messages) {
        assert_eq!(answer[0] == true, *kept, "{answer:?} {}", String::from_utf8_lossy(message));
    }
    assert!(kept.contains(&true) && kept.contains(&false));
}
