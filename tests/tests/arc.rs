//! ARC: what the relay says of a chain is what dkimpy and mailauth say of it, and the set that it
//! adds holds for both.

use std::{collections::BTreeMap, fs, path::Path};

use outside::{
    dns::{Dns, Record},
    souhlas::{Setup, Souhlas, wait},
    submit::submit,
    verifiers::{self, Records},
};
use relay::sign::{self, Algorithm, Chain, Sealer, Signer};

const OURS: &str = "kavarna.cz";
/// A mailing list that seals before the relay does.
const LISTS: &str = "seznam.cz";

struct Keys {
    folder: tempfile::TempDir,
    signer: Signer,
    records: Records,
}

impl Keys {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let records = [OURS, LISTS].into_iter().map(|domain| {
            let made = sign::create(folder.path(), domain, Algorithm::Rsa, Some("s1"), now());
            let record = made.unwrap();
            (record.name, record.value)
        });
        let records = records.collect();
        let signer = Signer::load(folder.path()).unwrap();
        Self { folder, signer, records }
    }

    /// As the relay does: DKIM first, then the set, both on top.
    fn sealed(&self, message: &[u8], chain: Chain) -> Vec<u8> {
        let who = Sealer { domain: OURS.to_owned(), authserv_id: "relay.kavarna.cz".to_owned() };
        let signatures = self.signer.sign(message, OURS, now()).unwrap();
        let set = self.signer.seal(&who, chain, &signatures, message, now()).unwrap();
        [set, signatures, message.to_vec()].concat()
    }

    fn sealed_by_list(&self, message: &[u8], cv: &str) -> Vec<u8> {
        let key = key_text(&self.folder.path().join(format!("{LISTS}/s1.key")));
        verifiers::sealed_elsewhere(&[message.to_vec()], &key, (LISTS, "s1"), cv).remove(0)
    }

    fn chain(&self, message: &[u8]) -> Chain {
        let found: BTreeMap<String, Vec<String>> =
            self.records.iter().map(|(name, text)| (name.clone(), vec![text.clone()])).collect();
        assert!(sign::chain_keys(message).iter().all(|name| found.contains_key(name)));
        sign::chain(message, &found)
    }
}

fn now() -> jiff::Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

fn key_text(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    text[text.find("-----BEGIN").unwrap()..].to_owned()
}

fn message(body: &str) -> Vec<u8> {
    format!(
        "From: Kavarna <objednavky@kavarna.cz>\r\nTo: jana@posta.cz\r\n\
         Subject:  Potvrzeni \t objednavky\r\n\tc. 117\r\nMessage-ID: <1@kavarna.cz>\r\n\r\n{body}"
    )
    .into_bytes()
}

fn both_say(keys: &Keys, messages: &[Vec<u8>], status: &str) {
    for (at, said) in verifiers::dkimpy_arc(&keys.records, messages).iter().enumerate() {
        assert_eq!(said, status, "dkimpy: {}", String::from_utf8_lossy(&messages[at]));
    }
    for (at, said) in verifiers::mailauth(&keys.records, messages).iter().enumerate() {
        assert_eq!(said.arc, status, "mailauth: {}", String::from_utf8_lossy(&messages[at]));
    }
}

#[test]
fn a_first_set_and_one_on_a_chain_that_holds_are_taken_by_both_verifiers() {
    let keys = Keys::new();
    let mut sealed = Vec::new();
    for body in ["", "x\r\n", "x  y\t \r\n\r\n \r\n", "a\r\n\r\n\r\n"] {
        let message = message(body);
        assert_eq!(keys.chain(&message), Chain::Absent);
        let first = keys.sealed(&message, Chain::Absent);
        assert_eq!(keys.chain(&first), Chain::Pass(1));
        let by_list = keys.sealed_by_list(&message, "none");
        assert_eq!(keys.chain(&by_list), Chain::Pass(1));
        let by_both = keys.sealed_by_list(&first, "pass");
        assert_eq!(keys.chain(&by_both), Chain::Pass(2));
        // The relay edits, after it looked and before it seals.
        let edited = String::from_utf8(by_both.clone())
            .unwrap()
            .replace("\r\nSubject: ", "\r\nSubject: [k]");
        sealed.extend([first.clone(), keys.sealed(&by_list, Chain::Pass(1))]);
        sealed.push(keys.sealed(edited.as_bytes(), Chain::Pass(2)));
    }
    both_say(&keys, &sealed, "pass");
    for one in &sealed {
        assert!(matches!(keys.chain(one), Chain::Pass(1..=3)));
    }
}

#[test]
fn a_chain_that_does_not_hold_is_said_so_once_and_then_left_alone() {
    let keys = Keys::new();
    let broken = [keys.sealed_by_list(&message("x\r\n"), "none"), b"y\r\n".to_vec()].concat();
    assert_eq!(keys.chain(&broken), Chain::Fail(1));
    let told = keys.sealed(&broken, Chain::Fail(1));
    let text = String::from_utf8(told.clone()).unwrap();
    assert!(text.contains("ARC-Seal: i=2;") && text.contains("cv=fail"), "{text}");
    let by_mailauth = verifiers::mailauth(&keys.records, std::slice::from_ref(&told));
    assert_eq!(by_mailauth[0].arc, "fail");
    assert_eq!(keys.chain(&told), Chain::Ended);
    assert!(!String::from_utf8(keys.sealed(&told, Chain::Ended)).unwrap().contains("i=3"));
    assert!(!String::from_utf8(keys.sealed(&told, Chain::Pass(50))).unwrap().contains("i=51"));
}

#[test]
fn a_chain_is_worth_here_what_it_is_worth_to_dkimpy() {
    let keys = Keys::new();
    let whole = keys.sealed_by_list(&keys.sealed(&message("x\r\n"), Chain::Absent), "pass");
    let whole = String::from_utf8(whole).unwrap();
    let field = |name: &str, number: u8| {
        let begin = whole.find(&format!("{name}: i={number};")).unwrap();
        let rest = &whole[begin..];
        let end =
            rest.match_indices("\r\n").find(|(at, _)| !rest[at + 2..].starts_with(['\t', ' ']));
        rest[..end.unwrap().0 + 2].to_owned()
    };
    let (seal, results) = (field("ARC-Seal", 2), field("ARC-Authentication-Results", 1));
    let changed: Vec<Vec<u8>> = [
        ("\r\n\r\nx", "\r\n\r\ny"),
        ("To: jana", "To: hana"),
        ("X-None: ", ""),
        ("\r\nMessage-ID: ", "\r\nX-New: 1\r\nMessage-ID: "),
        (results.as_str(), ""),
        (seal.as_str(), ""),
        (results.as_str(), &format!("{results}{results}")),
        ("arc=none", "arc=pass"),
        ("i=1; a=", "i=3; a="),
        ("cv=none", "cv=pass"),
        ("cv=pass", "cv=fail"),
        ("; s=s1", "; s=s2"),
        ("a=rsa-sha256; t=", "a=ed25519-sha256; t="),
    ]
    .iter()
    .map(|(from, to)| whole.replacen(from, to, 1).into_bytes())
    .collect();
    let theirs = verifiers::dkimpy_arc(&keys.records, &changed);
    let found: BTreeMap<String, Vec<String>> =
        keys.records.iter().map(|(name, text)| (name.clone(), vec![text.clone()])).collect();
    let mut seen = [0, 0];
    for (message, said) in changed.iter().zip(&theirs) {
        let ours = sign::chain(message, &found);
        let text = String::from_utf8_lossy(message);
        let holds = matches!(ours, Chain::Pass(_));
        assert_eq!(holds, said == "pass", "{ours:?} {said}: {text}");
        seen[usize::from(holds)] += 1;
    }
    assert!(seen[0] > 8 && seen[1] > 1, "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_relay_looks_at_the_chain_that_comes_and_seals_what_leaves() {
    let dns = Dns::start().await;
    let more = format!("[delivery]\ndns = [\"{}\"]\n", dns.address);
    let keys = format!("arc = \"{OURS}\"");
    let relay = Souhlas::start(&Setup { keys, more, ..Setup::default() }).unwrap();
    relay.must(&["keys", "dkim", "new", OURS]);
    relay.signal("HUP");
    wait(|| relay.said().contains("is in force").then_some(())).expect("it reloads");
    let lists = Keys::new();
    let mut records = lists.records.clone();
    for key in sign::list(&relay.path("data/keys")).unwrap() {
        records.insert(key.record.name, key.record.value);
    }
    for (name, text) in &records {
        dns.add(name, Record::Txt(text.clone()));
    }
    let from = "objednavky@kavarna.example";
    let plain = String::from_utf8(message("Dobry den, objednavku odesleme zitra.\r\n")).unwrap();
    let plain = plain.replace("objednavky@kavarna.cz", from);
    let by_list = lists.sealed_by_list(plain.as_bytes(), "none");
    let by_list = String::from_utf8(by_list).unwrap();
    for text in [&plain, &by_list, &by_list.replace("zitra", "dnes")] {
        let reply = submit(relay.smtp, from, "jana@posta.example", text);
        assert!(reply.starts_with("250 "), "{reply}");
    }
    let captured = relay.wait_for_captured(3);
    let newest = |at: usize| {
        let text = String::from_utf8(captured[at].clone()).unwrap();
        text.lines().find(|line| line.starts_with("ARC-Seal: ")).expect("it is sealed").to_owned()
    };
    let mut seals = [newest(0), newest(1), newest(2)];
    seals.sort();
    for (seal, [number, cv]) in
        seals.iter().zip([["i=1;", "cv=none;"], ["i=2;", "cv=fail;"], ["i=2;", "cv=pass;"]])
    {
        assert!(seal.contains(number) && seal.contains(cv), "{seals:?}");
    }
    let mut said: Vec<String> =
        verifiers::mailauth(&records, &captured).into_iter().map(|one| one.arc).collect();
    said.sort();
    assert_eq!(said, ["fail", "pass", "pass"]);
}
