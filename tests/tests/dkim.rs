//! What the relay signs, dkimpy, OpenDKIM and mailauth verify: real messages, edited and signed with
//! both algorithms. OpenDKIM knows no Ed25519: it verifies the RSA signature beside it.

#![expect(clippy::print_stdout, reason = "a test that skips says so")]

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use outside::verifiers::{self, Records};
use policy::{Address, Edit, Message, render};
use relay::sign::{self, Algorithm, Signer};

const DOMAIN: &str = "obchod.cz";

struct Keys {
    _folder: tempfile::TempDir,
    signer: Signer,
    records: Records,
}

fn now() -> jiff::Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

fn keys(algorithms: &[Algorithm]) -> Keys {
    let folder = tempfile::tempdir().unwrap();
    let mut records = Records::new();
    for algorithm in algorithms {
        let record = sign::create(folder.path(), DOMAIN, *algorithm, None, now()).unwrap();
        records.insert(record.name, record.value);
    }
    let signer = Signer::load(folder.path()).unwrap();
    Keys { _folder: folder, signer, records }
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
        // Without an address in From there is no domain to sign for.
        let senders = parsed.senders();
        let is_one = senders.len() == 1
            && Address::parse(&senders[0].address).is_ok()
            && !parsed.is_malformed();
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
fn three_verifiers_take_what_is_signed() {
    let keys = keys(&[Algorithm::Rsa, Algorithm::Ed25519]);
    let mut messages = Vec::new();
    for message in [odd(), corpus()].concat() {
        messages.push(signed(&keys.signer, &message));
        let parsed = Message::parse(Bytes::from(message));
        if let Ok(edited) = render(&parsed, &edits(), &|_| "https://relay.example/u/1".to_owned()) {
            messages.push(signed(&keys.signer, &edited));
        }
    }
    let dkimpy = verifiers::dkimpy(&keys.records, &messages);
    let opendkim = verifiers::opendkim(&keys.records, &messages);
    let mailauth = verifiers::mailauth(&keys.records, &messages);
    let mut faults = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        let text: String = String::from_utf8_lossy(message).chars().take(3000).collect();
        if dkimpy[at].as_slice() != [true, true] {
            faults.push(format!("dkimpy {:?}: {text}", dkimpy[at]));
        }
        if opendkim[at] == Some(false) {
            faults.push(format!("OpenDKIM: {text}"));
        }
        if mailauth[at].dkim != ["pass", "pass"] {
            faults.push(format!("mailauth {:?}: {text}", mailauth[at].dkim));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    let judged = opendkim.iter().flatten().count();
    assert!(judged * 10 >= messages.len() * 9, "OpenDKIM judged {judged} of {}", messages.len());
    println!("{} messages verified, {judged} of them by OpenDKIM", messages.len());
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
        ("Subject: Sleva", "Subject: Sleva\r\nFeedback-ID: x"),
        ("Subject: Sleva", "Subject: Sleva\r\nCFBL-Address: x@example.com; report=arf"),
        ("Subject: Sleva", "Subject: Sleva\r\nCFBL-Feedback-ID: x"),
        ("Subject: Sleva", "Subject: Sleva\r\nContent-Transfer-Encoding: base64"),
    ]
    .iter()
    .map(|(from, to)| {
        assert!(whole.contains(from));
        whole.replacen(from, to, 1).into_bytes()
    })
    .collect();
    for (index, answer) in verifiers::dkimpy(&keys.records, &changed).iter().enumerate() {
        assert!(answer.iter().all(|answer| answer != true), "change {index}");
    }
    for (index, said) in verifiers::mailauth(&keys.records, &changed).iter().enumerate() {
        assert!(said.dkim.iter().all(|result| result != "pass"), "change {index}");
    }
    let opendkim = verifiers::opendkim(&keys.records, &changed);
    // Of two From fields it says nothing at all.
    let refused = opendkim.iter().filter(|verdict| **verdict == Some(false)).count();
    assert!(!opendkim.contains(&Some(true)) && refused + 1 >= changed.len(), "{opendkim:?}");
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
    let answers = verifiers::dkimpy(&keys.records, &messages);
    for ((answer, kept), message) in answers.iter().zip(&kept).zip(&messages) {
        assert_eq!(answer[0] == true, *kept, "{answer:?} {}", String::from_utf8_lossy(message));
    }
    assert!(kept.contains(&true) && kept.contains(&false));
}
