//! What was rewritten reads the same to parsers that nobody here wrote: Python's email package and
//! postal-mime. What no edit touched reads as before, what was edited reads as we read it.

#![expect(clippy::print_stdout, reason = "a test that skips says so")]

mod odd;

use std::{
    env, fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use bytes::Bytes;
use policy::{Edit, LinkKind, Message, PartKind, render};
use serde_json::Value;

const IDENTITY: &str = "Žluťoučký kůň s.r.o., IČO 27082440";
const LINK: &str = "https://relay.example/u/AbC-_123";

struct Sample {
    name: String,
    before: Message,
    after: Message,
    /// One of `odd`: nobody may read it otherwise.
    odd: bool,
}

fn link(_: &LinkKind) -> String {
    LINK.to_owned()
}

fn edits() -> Vec<Edit> {
    vec![
        Edit::LabelSubject { label: "Obchodní sdělení:".to_owned() },
        Edit::AddIdentity { text: IDENTITY.to_owned() },
        Edit::AddUnsubscribe { text: "Odhlášení".to_owned() },
        Edit::AddListUnsubscribe,
        Edit::FillLinks,
    ]
}

/// The project's own messages and, where it is at hand, the shared corpus; as they come over SMTP.
fn samples() -> Vec<Sample> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = match env::var_os("SOUHLAS_CORPUS") {
        Some(named) => PathBuf::from(named),
        None => here.join("../../shared/corpus"),
    };
    if !corpus.is_dir() {
        println!("skipped: no corpus at ../shared/corpus nor at $SOUHLAS_CORPUS");
    }
    let mut files = Vec::new();
    for root in [here.join("../policy/tests/mails"), corpus] {
        walk(&root, &mut files);
    }
    files.sort();
    let mut samples = Vec::new();
    for file in files {
        let Ok(bytes) = fs::read(&file) else { continue };
        if bytes.len() > BYTES_MAX {
            continue;
        }
        let before = Message::parse(Bytes::from(with_crlf(&bytes)));
        let Ok(out) = render(&before, &edits(), &link) else { continue };
        if before.parts().iter().any(|part| is_read_apart(&before, part)) {
            continue;
        }
        let name = file.to_string_lossy().into_owned();
        samples.push(Sample { name, before, after: Message::parse(out), odd: false });
    }
    assert!(!samples.is_empty(), "the project's own messages are missing");
    for (name, text) in odd::samples() {
        let before = Message::parse(Bytes::from(text));
        let out = render(&before, &edits(), &link);
        let out = out.unwrap_or_else(|why| panic!("{name}: {why}"));
        let name = name.to_owned();
        samples.push(Sample { name, before, after: Message::parse(out), odd: true });
    }
    samples
}

/// On what these say of themselves readers do not agree, whoever wrote them.
fn is_read_apart(message: &Message, part: &policy::Part) -> bool {
    let encoding = part.headers.iter().find(|header| header.is("Content-Transfer-Encoding"));
    encoding.is_some_and(|header| message.raw(header.value.clone()).contains(&b';'))
        || (part.parent.is_none() && part.attachment)
}

/// Larger ones hold attachments, no other structures.
const BYTES_MAX: usize = 2_000_000;

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, files);
        } else if matches!(path.extension().and_then(|kind| kind.to_str()), Some("eml" | "msg")) {
            files.push(path);
        }
    }
}

fn with_crlf(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 40);
    let mut last = 0;
    for byte in bytes {
        if *byte == b'\n' && last != b'\r' {
            out.push(b'\r');
        }
        out.push(*byte);
        last = *byte;
    }
    out
}

/// What a program makes of the messages: those before, then those after.
fn outlines(program: &str, script: &str, samples: &[Sample]) -> (Vec<Value>, Vec<Value>) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools").join(script);
    let mut child = Command::new(program)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|_| panic!("{program} is missing: run tests/run"));
    let before = samples.iter().map(|sample| &sample.before);
    let after = samples.iter().map(|sample| &sample.after);
    let all: Vec<String> = before.chain(after).map(|message| base64(message.bytes())).collect();
    let asked = serde_json::to_vec(&all).unwrap();
    let mut input = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(&asked));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{program} failed: run tests/run");
    let mut before: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let after = before.split_off(samples.len());
    (before, after)
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len() / 3 * 4 + 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - group.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
            out.push(if place > group.len() { '=' } else { char::from(letter) });
        }
    }
    out
}

/// Line ends, and blanks before them, are no part of what is compared.
fn plain(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    lines
        .trim_start_matches('\u{feff}')
        .split('\n')
        .map(str::trim_end)
        .collect::<Vec<_>>()
        .join("\n")
        .trim_end()
        .to_owned()
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn python_reads_what_was_rewritten_as_we_do() {
    let samples = samples();
    let (before, after) = outlines("/usr/bin/python3", "outline_email.py", &samples);
    let (mut same, mut edited, mut wrong, mut other) = (0, 0, Vec::new(), Vec::new());
    for (sample, (before, after)) in samples.iter().zip(before.iter().zip(&after)) {
        let parts = |outline: &Value| outline["parts"].as_array().unwrap().clone();
        let (before_parts, after_parts) = (parts(before), parts(after));
        let leaves: Vec<_> = sample
            .before
            .parts()
            .iter()
            .zip(sample.after.parts())
            .filter(|(part, _)| part.kind != PartKind::Multipart)
            .collect();
        // Where the two read the message itself in different ways, the edit is not to blame.
        if before_parts.len() != leaves.len() {
            assert!(!sample.odd, "{}: {before}", sample.name);
            other.push(&sample.name);
            continue;
        }
        if after_parts.len() != leaves.len() {
            wrong.push(format!("{}: another number of parts", sample.name));
            continue;
        }
        for ((old, new), (was, is)) in leaves.iter().zip(before_parts.iter().zip(&after_parts)) {
            let raw = |message: &Message, range| message.raw(range).to_vec();
            if raw(&sample.before, old.body.clone()) == raw(&sample.after, new.body.clone()) {
                same += 1;
                if was != is {
                    wrong.push(format!(
                        "{}: part {} was not touched: {was} {is}",
                        sample.name, old.path
                    ));
                }
                continue;
            }
            edited += 1;
            let ours = sample.after.text(new).unwrap_or_default();
            let theirs = is["text"].as_str().unwrap_or_default();
            if plain(theirs) != plain(&ours) || was["type"] != is["type"] {
                // Text that was not in its own charset before is none of ours.
                if was["text"].is_null()
                    || plain(was["text"].as_str().unwrap())
                        != plain(&sample.before.text(old).unwrap_or_default())
                {
                    assert!(!sample.odd, "{}: {was}", sample.name);
                    other.push(&sample.name);
                } else {
                    wrong.push(format!(
                        "{} part {}: {theirs:?} is not {ours:?}",
                        sample.name, old.path
                    ));
                }
            }
        }
        if let Some(subject) = after["subject"].as_str()
            && before["subject"]
                .as_str()
                .is_some_and(|subject| squeezed(subject) == squeezed(sample.before.subject()))
            && squeezed(subject) != squeezed(sample.after.subject())
        {
            wrong.push(format!("{}: subject {subject:?}", sample.name));
        }
    }
    println!(
        "{} messages: {edited} parts edited, {same} not, {} read otherwise before",
        samples.len(),
        other.len()
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(edited >= samples.len() / 2 && other.len() * 5 <= samples.len() + 5, "{other:#?}");
}

#[test]
fn postal_mime_reads_what_was_rewritten_as_we_do() {
    let samples = samples();
    let (before, after) = outlines("node", "outline_postal.mjs", &samples);
    let (mut seen, mut wrong) = (0, Vec::new());
    for (sample, (before, after)) in samples.iter().zip(before.iter().zip(&after)) {
        if !before["error"].is_null() {
            assert!(!sample.odd, "{}: {before}", sample.name);
            continue;
        }
        if !after["error"].is_null() || before["attachments"] != after["attachments"] {
            wrong.push(format!("{}: attachments or an error {}", sample.name, after["error"]));
            continue;
        }
        for (kind, field) in [(PartKind::Text, "text"), (PartKind::Html, "html")] {
            let edited =
                sample.before.parts().iter().zip(sample.after.parts()).any(|(old, new)| {
                    old.kind == kind
                        && sample.before.raw(old.body.clone()) != sample.after.raw(new.body.clone())
                        && sample.after.text(new).is_some_and(|text| text.contains(LINK))
                });
            if !edited {
                continue;
            }
            let theirs = after[field].as_str().unwrap_or_default();
            let named = kind == PartKind::Html || squeezed(theirs).contains(&squeezed(IDENTITY));
            if theirs.contains(LINK) && named {
                seen += 1;
            } else {
                wrong.push(format!("{}: no footer in {field}: {theirs}", sample.name));
            }
        }
        let subject = |outline: &Value| squeezed(outline["subject"].as_str().unwrap_or_default());
        if subject(before) == squeezed(sample.before.subject())
            && subject(after) != squeezed(sample.after.subject())
        {
            wrong.push(format!("{}: subject {}", sample.name, after["subject"]));
        }
    }
    println!("{} messages, {seen} footers seen", samples.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen >= samples.len() / 2, "{seen}");
}
