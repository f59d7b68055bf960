//! Other people's verifiers of signatures, each asked about many messages at once and given the
//! public keys: dkimpy, OpenDKIM, mailauth. None of them asks the DNS.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use relay::seal;
use serde_json::{Value, json};

/// Records by their names.
pub type Records = BTreeMap<String, String>;

/// What mailauth says of one message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Said {
    /// Of each signature, the top one first: `pass`.
    pub dkim: Vec<String>,
    /// Of the ARC chain: `none`.
    pub arc: String,
}

/// dkimpy: for each message, one answer for each signature, `true` where it holds.
pub fn dkimpy(records: &Records, messages: &[Vec<u8>]) -> Vec<Vec<Value>> {
    let answer = asked("dkim_verify.py", question(records, messages));
    serde_json::from_value(answer).expect("a list of lists")
}

/// dkimpy: the status of each message's ARC chain.
pub fn dkimpy_arc(records: &Records, messages: &[Vec<u8>]) -> Vec<String> {
    let answer = asked("arc_verify.py", question(records, messages));
    serde_json::from_value(answer).expect("a list of words")
}

/// mailauth: its results by their names.
pub fn mailauth(records: &Records, messages: &[Vec<u8>]) -> Vec<Said> {
    // It reads no header that no empty line ends; with one the message is the same to DKIM.
    let ended = |message: &Vec<u8>| match message.windows(4).any(|four| four == b"\r\n\r\n") {
        true => message.clone(),
        false => [whole(message), b"\r\n".to_vec()].concat(),
    };
    let messages: Vec<Vec<u8>> = messages.iter().map(ended).collect();
    let answer = asked("verify_mailauth.mjs", question(records, &messages));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let said = |one: &Value| Said {
        dkim: one["dkim"].as_array().expect("a list").iter().map(text).collect(),
        arc: text(&one["arc"]),
    };
    answer.as_array().expect("a list").iter().map(said).collect()
}

/// One ARC set more on each message, as a mailing list adds it: by mailauth, with `key` (PEM).
pub fn sealed_elsewhere(
    messages: &[Vec<u8>],
    key: &str,
    (domain, selector): (&str, &str),
    cv: &str,
) -> Vec<Vec<u8>> {
    let mut question = question(&Records::new(), messages);
    for (name, value) in [("key", key), ("domain", domain), ("selector", selector), ("cv", cv)] {
        question[name] = json!(value);
    }
    let answer = asked("seal_mailauth.mjs", question);
    let bytes = |one: &Value| seal::from_base64(one.as_str()?);
    let sealed: Option<Vec<_>> = answer.as_array().expect("a list").iter().map(bytes).collect();
    sealed.expect("messages in base64")
}

/// OpenDKIM in its test mode: whether the RSA signature of each message holds, for it knows no
/// Ed25519. `None` where it does not judge a message: it reads none with a header line that has no
/// colon, or with NUL.
pub fn opendkim(records: &Records, messages: &[Vec<u8>]) -> Vec<Option<bool>> {
    let folder = tempfile::tempdir().expect("a folder");
    let (keys, settings) = (folder.path().join("keys"), folder.path().join("opendkim.conf"));
    let mut text = String::new();
    for (name, value) in records {
        writeln!(text, "{name} {value}").expect("a text takes it");
    }
    fs::write(&keys, text).expect("it is written");
    fs::write(&settings, format!("Mode v\nTestPublicKeys {}\n", keys.display())).expect("written");
    let files: Vec<String> = (0..messages.len())
        .map(|at| folder.path().join(format!("{at}.eml")).display().to_string())
        .collect();
    for (file, message) in files.iter().zip(messages) {
        fs::write(file, whole(message)).expect("it is written");
    }
    let judge = |some: &[String]| {
        let output = Command::new("/usr/sbin/opendkim")
            .arg("-x")
            .arg(&settings)
            .args(["-t", &some.join(",")])
            .output()
            .expect("/usr/sbin/opendkim is missing: run tests/run");
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    };
    let verdict = |said: &str, file: &String| {
        let about = format!("opendkim: {file}: verification (");
        let line = said.lines().find(|line| line.starts_with(&about));
        line.map(|line| line.ends_with(" succeeded"))
    };
    let mut verdicts = Vec::with_capacity(files.len());
    for some in files.chunks(20) {
        let said = judge(some);
        for file in some {
            // It gives up at the first that it cannot read: those behind it are asked about alone.
            let alone = || verdict(&judge(std::slice::from_ref(file)), file);
            verdicts.push(verdict(&said, file).or_else(alone));
        }
    }
    let is_text = |message: &Vec<u8>| !message.contains(&0);
    verdicts.iter().zip(messages).map(|(one, message)| one.filter(|_| is_text(message))).collect()
}

fn question(records: &Records, messages: &[Vec<u8>]) -> Value {
    let messages: Vec<String> = messages.iter().map(|one| seal::base64(&whole(one))).collect();
    json!({ "records": records, "messages": messages })
}

/// Every message ends in a line end once it went through DATA.
fn whole(message: &[u8]) -> Vec<u8> {
    let end: &[u8] = if message.ends_with(b"\r\n") { b"" } else { b"\r\n" };
    [message, end].concat()
}

fn asked(tool: &str, question: Value) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools").join(tool);
    // Debian's, which has Debian's packages; another may come first in the path.
    let program = if tool.ends_with(".py") { "/usr/bin/python3" } else { "node" };
    let mut child = Command::new(program)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|_| panic!("{program} is missing: run tests/run"));
    let mut input = child.stdin.take().expect("it is piped");
    input.write_all(question.to_string().as_bytes()).expect("it reads");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{tool} failed: run tests/run to install what it needs");
    serde_json::from_slice(&output.stdout).expect("JSON")
}
