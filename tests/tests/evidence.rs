//! A case file from end to end: a real message through the relay, the archive, and its check, which
//! finds every changed byte.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use outside::{
    browser::look,
    port,
    souhlas::{Setup, Souhlas, wait},
    submit::submit,
};
use relay::evidence::check;
use serde_json::{Value, json};

const FROM: &str = "novinky@kavarna.example";
const TO: &str = "jana@posta.example";
const NEWS: &str = "From: Kavarna <novinky@kavarna.example>\r\nTo: nekdo@posta.example\r\n\
    Subject: Nova kava\r\nDate: Mon, 02 Nov 2026 08:00:00 +0100\r\n\
    Message-ID: <kava@kavarna.example>\r\nMIME-Version: 1.0\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\r\nMame novou kavu z Etiopie.\r\n";

/// One message delivered to Jana, who agreed to it; the message's id and what left.
fn delivered() -> (Souhlas, String, Vec<u8>) {
    let relay = Souhlas::start(&Setup::default()).unwrap();
    relay.add_purpose();
    let words = ["--wording", "Ano, chci <b>novinky</b> & slevy.", "--evidence", "formulář 7"];
    relay.must(&[&["grant", TO, "--purpose", "novinky"][..], &words].concat());
    let reply = submit(relay.smtp, FROM, TO, NEWS);
    assert!(reply.starts_with("250 "), "{reply}");
    let left = relay.wait_for_captured(1).remove(0);
    let list = || relay.must(&["journal", "list", "--json", "--kind", "delivered"]);
    let line = wait(|| list().lines().next().map(str::to_owned)).expect("it is delivered");
    let line: Value = serde_json::from_str(&line).unwrap();
    (relay, line["message"].as_str().unwrap().to_owned(), left)
}

fn made(relay: &Souhlas, ask: &[&str]) -> Vec<u8> {
    relay.must(&[&["evidence", "--out", "case.zip"][..], ask].concat());
    fs::read(relay.path("case.zip")).unwrap()
}

/// What `unzip` makes of it.
fn unpacked(relay: &Souhlas) -> PathBuf {
    let to = relay.path("unpacked");
    fs::remove_dir_all(&to).ok();
    let script = "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])";
    let mut python = Command::new("python3");
    let done = python.args(["-c", script]).arg(relay.path("case.zip")).arg(&to).status().unwrap();
    assert!(done.success());
    to
}

#[test]
fn a_case_file_shows_and_proves_a_delivered_message() {
    let (relay, message, left) = delivered();
    fs::write(relay.path("left.eml"), &left).unwrap();
    fs::write(relay.path("came.eml"), NEWS).unwrap();
    fs::write(relay.path("other.eml"), NEWS.replace("Nova kava", "Jina kava")).unwrap();
    let ask = ["--message", &message, "--original"];
    let refused =
        relay.command(&[&["evidence", "--out", "x.zip"][..], &ask, &["other.eml"]].concat());
    assert!(!refused.status.success());
    made(&relay, &[&ask[..], &["came.eml"]].concat());
    let said = relay.must(&["evidence", "verify", "case.zip"]);
    assert!(said.contains("proved: the message is the one that came"), "{said}");
    made(&relay, &[&ask[..], &["left.eml"]].concat());
    let key = relay.must(&["evidence", "key"]);
    let fingerprint = key.lines().last().unwrap().strip_prefix("fingerprint ").unwrap();
    let said = relay.must(&["evidence", "verify", "case.zip", "--key", fingerprint]);
    for proved in [
        "proved: the key is the one whose fingerprint you named",
        "proved: 6 files are those that were signed",
        "events stand in their chains",
        "proved: 1 pieces of evidence are those given at the time",
        "proved: the message is the one that left",
        "decisions in words are those of their lines",
        "proved: the policy is version",
        "the case file is whole",
    ] {
        assert!(said.contains(proved), "{proved}:\n{said}");
    }
    let wrong = relay.command(&["evidence", "verify", "case.zip", "--key", &"0".repeat(64)]);
    assert_eq!(wrong.status.code(), Some(1));
    let folder = unpacked(&relay);
    assert_eq!(fs::read(folder.join("message.eml")).unwrap(), left);
    let page = fs::read_to_string(folder.join("case.html")).unwrap();
    let shown = ["Ano, chci &#60;b&#62;novinky&#60;/b&#62; &#38; slevy.", TO, "consent-missing"];
    for word in shown.iter().chain(&["480/2004", "formulář 7", "Kavárna Pod Lípou"]) {
        assert!(page.contains(word), "{word}:\n{page}");
    }
    assert!(!page.contains("<script") && !page.contains("src="), "{page}");
    let case: Value = serde_json::from_slice(&fs::read(folder.join("case.json")).unwrap()).unwrap();
    assert_eq!(case["contacts"][0]["address"], TO);
    assert_eq!(case["decisions"][0]["action"], "send-edited");
    let all = case["decisions"][0]["outcomes"].as_array().unwrap().len();
    assert_eq!(all, policy::rules::ALL.len(), "every rule's outcome");
    without_souhlas(&relay, &folder, fingerprint);
}

/// As docs/evidence.md says it.
fn without_souhlas(relay: &Souhlas, folder: &Path, fingerprint: &str) {
    let script = "openssl pkey -pubin -in key.pem -outform DER | sha256sum && \
                  openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in SHA256SUMS \
                  -sigfile SHA256SUMS.sig && sha256sum -c SHA256SUMS";
    let done = Command::new("sh").args(["-c", script]).current_dir(folder).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{said}{}", String::from_utf8_lossy(&done.stderr));
    assert!(said.starts_with(fingerprint), "{said}");
    let case = relay.path("case.zip");
    let python = |script: &str, more: &[&str]| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(script);
        let done = Command::new("python3").arg(script).arg(&case).args(more).output().unwrap();
        let said = |bytes| String::from_utf8(bytes).unwrap();
        (done.status.code(), said(done.stdout) + &said(done.stderr))
    };
    let (code, said) = python("docs/check_case.py", &[fingerprint]);
    assert!(code == Some(0) && said.ends_with("the case file is whole\n"), "{said}");
    let (code, said) = python("docs/check_case.py", &[&"0".repeat(64)]);
    assert!(code == Some(1) && said.contains("the key is another"), "{said}");
    // Wherever it is: bytes of the archive, and values that somebody signed anew.
    let (code, said) = python("tests/tools/change_case.py", &[]);
    let tried = said.trim().strip_prefix("found ").and_then(|count| count.parse::<u32>().ok());
    assert!(code == Some(0) && tried.is_some_and(|tried| tried > 500), "{said}");
}

/// Nobody listens where it shall go.
#[test]
fn a_message_that_waits_is_in_the_case_by_itself() {
    let nowhere = port::free().unwrap();
    let relay = Souhlas::start(&Setup::towards(nowhere)).unwrap();
    relay.add_purpose();
    let words = ["--wording", "Ano, chci.", "--evidence", "formulář 7"];
    relay.must(&[&["grant", TO, "--purpose", "novinky"][..], &words].concat());
    let reply = submit(relay.smtp, FROM, TO, NEWS);
    assert!(reply.starts_with("250 "), "{reply}");
    let listed = relay.must(&["journal", "list", "--json", "--kind", "decided"]);
    let line: Value = serde_json::from_str(listed.lines().next().unwrap()).unwrap();
    let bytes = made(&relay, &["--message", line["message"].as_str().unwrap()]);
    let report = check(&bytes, None, None);
    assert_eq!(report.faults, Vec::<String>::new());
    assert!(report.proved.iter().any(|one| one.contains("the one that came")), "{report:?}");
    let folder = unpacked(&relay);
    assert_eq!(fs::read(folder.join("received.eml")).unwrap(), NEWS.as_bytes());
    let case: Value = serde_json::from_slice(&fs::read(folder.join("case.json")).unwrap()).unwrap();
    assert_eq!(case["message"]["is"], "received");
    let page = fs::read_to_string(folder.join("case.html")).unwrap();
    assert!(page.contains("tak, jak přišla od odesílatele"), "{page}");
}

#[test]
fn a_case_leads_to_a_checkpoint_that_was_deposited_and_so_does_the_database() {
    let (relay, message, _) = delivered();
    let deposit = |file: &str| {
        let said = relay.must(&["evidence", "checkpoints", "deposit", "--out", file]);
        assert!(said.contains("SHA-256 ") && said.contains("fingerprint "), "{said}");
        fs::read_to_string(relay.path(file)).unwrap()
    };
    let first = deposit("first.json");
    assert!(!first.contains(TO) && first.contains("souhlas checkpoints 1"), "{first}");
    for (count, file) in [(2, "between.json"), (3, "second.json")] {
        assert!(submit(relay.smtp, FROM, TO, NEWS).starts_with("250 "));
        relay.wait_for_captured(count);
        deposit(file);
    }
    let listed = relay.must(&["evidence", "checkpoints", "list", "--all"]);
    let last = relay.must(&["evidence", "checkpoints", "list"]);
    assert!(listed.lines().count() > last.lines().count(), "{listed}{last}");
    let verify = |file: &str| relay.must(&["evidence", "verify", "case.zip", "--checkpoint", file]);
    made(&relay, &["--message", &message]);
    let said = verify("first.json");
    assert!(said.contains("a deposited one leads to them"), "{said}");
    let said = verify("second.json");
    assert!(said.contains("none of these leads to them"), "{said}");
    made(&relay, &["--message", &message, "--checkpoint", "second.json"]);
    let said = verify("second.json");
    assert!(said.contains("a deposited one leads to them") && !said.contains("none of"), "{said}");
    let said = relay.must(&["evidence", "verify", "--checkpoint", "second.json"]);
    assert!(said.contains("are those that stood there"), "{said}");
    assert!(said.ends_with("what was deposited is whole\n"), "{said}");
    let changed = first.replacen("\"upto\": ", "\"upto\": 1", 1);
    fs::write(relay.path("changed.json"), changed).unwrap();
    let refused = relay.command(&["evidence", "verify", "--checkpoint", "changed.json"]);
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(refused.status.code() == Some(1) && error.contains("it was changed"), "{error}");
}

#[test]
fn the_pages_of_case_and_copy_are_good_to_look_at_in_every_language() {
    let (relay, message, _) = delivered();
    relay.must(&["refuse", TO, "--evidence", "dopis"]);
    assert!(submit(relay.smtp, FROM, TO, NEWS).starts_with("550 "));
    let folder = relay.path("pages");
    fs::create_dir(&folder).unwrap();
    let mut scenes = Vec::new();
    for (lang, title) in [
        ("cs", "Spis o zprávě"),
        ("sk", "Spis o správe"),
        ("en", "Case file"),
        ("de", "Beweisakte"),
        ("pl", "Akta sprawy"),
    ] {
        let language = ["--language", lang];
        let bytes = made(&relay, &[&["--message", &message, "--to", TO][..], &language].concat());
        assert_eq!(check(&bytes, None, None).faults, Vec::<String>::new());
        let page = fs::read_to_string(unpacked(&relay).join("case.html")).unwrap();
        let copy =
            relay.must(&[&["contact", "export", TO, "--format", "html"][..], &language].concat());
        assert!(
            page.contains(&format!("<html lang=\"{lang}\">")) && page.contains(title),
            "{page}"
        );
        // In English a word for people may be the machine's own.
        let is_told = |page: &str, raw: &str| lang == "en" || !page.contains(raw);
        for raw in ["Z: granted", "Z: send-edited", "<td>decided", ">kept</td>", "wording</dt>"] {
            assert!(is_told(&page, raw), "{lang}: {raw}");
        }
        for raw in
            [">manual<", "<td>granted", "<td>decided", ": reject", "<p>wording:", "<td>cli ("]
        {
            assert!(is_told(&copy, raw), "{lang}: {raw}");
        }
        for (kind, page) in [("case", page), ("copy", copy)] {
            let file = format!("{kind}-{lang}.html");
            fs::write(folder.join(&file), page).unwrap();
            let (name, steps) = (format!("paper-{kind}-{lang}"), json!([["open", file]]));
            scenes.push(json!({ "name": name, "all": lang == "cs", "steps": steps }));
        }
    }
    // Czech in four ways, the others in one.
    let said = look(&format!("file://{}/", folder.display()), &[scenes]);
    assert_eq!(said, "looked 16 times");
}

/// What a program of poppler says of it.
fn read_by(program: &str, options: &[&str], paper: &Path) -> String {
    let mut reader = Command::new(program);
    // `pdfinfo` writes to where it is told by itself, `pdftotext` has to be told.
    let to: &[&str] = if program == "pdftotext" { &["-"] } else { &[] };
    let done = reader.args(options).arg(paper).args(to).output().expect("poppler-utils");
    let error = String::from_utf8_lossy(&done.stderr).into_owned();
    // poppler 22.12 takes a boolean of the mark information for none.
    let error = error.replace("Syntax Error: Suspects object is wrong type (boolean)\n", "");
    assert!(done.status.success() && error.is_empty(), "{program}: {error}");
    String::from_utf8(done.stdout).unwrap()
}

/// Its texts, each as it is between two tags.
fn texts(page: &str) -> Vec<String> {
    let (_, main) = page.split_once("<main>").unwrap();
    let (main, _) = main.split_once("</main>").unwrap();
    let said = main.split('<').filter_map(|tag| Some(tag.split_once('>')?.1));
    let said = said.map(|text| {
        let signs =
            [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
        signs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    });
    said.filter(|text| !text.trim().is_empty()).collect()
}

fn without_spaces(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

#[test]
fn the_paper_of_a_case_says_all_that_its_page_says() {
    let (relay, message, _) = delivered();
    let short = pages_of(&relay, &["--message", &message], "cs");
    let names = "Žluťoučký kůň, Ľubomír Ďurčo, Zażółć gęślą jaźń, Größe, Øystein, Şükrü İnönü, \
                 Ștefan, Ħamrun, Ðorđe, Ђорђе, Київ, Ґудзь, Αθήνα, Ελπίδα Ό, „ano“ – 100 €";
    let link = format!("https://kavarna.example/{}", "dlouhá-cesta/".repeat(30));
    let words = ["--wording", names, "--evidence", &link];
    relay.must(&[&["grant", TO, "--purpose", "novinky"][..], &words].concat());
    for _ in 0..6 {
        assert!(submit(relay.smtp, FROM, TO, NEWS).starts_with("250 "));
    }
    let strange = "a\u{202e}b\u{7}c 🔥 שלום";
    let word = "w".repeat(100_000);
    relay.must(&["refuse", TO, "--evidence", &format!("{strange} {word}")]);
    assert!(submit(relay.smtp, FROM, TO, NEWS).starts_with("550 "));
    for lang in ["cs", "sk", "en"] {
        let long = pages_of(&relay, &["--to", TO], lang);
        assert!(long > short + 20, "{lang}: {short} pages, then {long}");
        let folder = relay.path("unpacked");
        let page = fs::read_to_string(folder.join("case.html")).unwrap();
        let paper = read_by("pdftotext", &["-raw"], &folder.join("case.pdf"));
        let foot = |line: &&str| !line.starts_with("case.json SHA-256 ");
        let paper = without_spaces(&paper.lines().filter(foot).collect::<String>());
        let texts = texts(&page);
        assert!(texts.len() > 100, "{}", texts.len());
        for text in texts.iter().filter(|text| !text.contains('🔥') && text.len() < 10_000) {
            assert!(paper.contains(&without_spaces(text)), "{lang}: `{text}` is not on the paper");
        }
        assert!(paper.contains(&without_spaces(names)), "{lang}: a letter is another");
        let strange = "a[U+202E]b[U+0007]c[U+1F525][U+05E9][U+05DC][U+05D5][U+05DD]";
        assert!(paper.contains(strange), "{lang}");
        assert!(paper.matches('w').count() >= word.len(), "{lang}: a long word is cut");
    }
}

/// How many; and each of them is A4, has its number and the case's digest, and is cut nowhere.
fn pages_of(relay: &Souhlas, ask: &[&str], lang: &str) -> usize {
    let bytes = made(relay, &[ask, &["--language", lang]].concat());
    assert_eq!(check(&bytes, None, None).faults, Vec::<String>::new());
    let folder = unpacked(relay);
    let paper = folder.join("case.pdf");
    let info = read_by("pdfinfo", &[], &paper);
    let said = |name: &str| {
        let line = info.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("{name}:\n{info}")).trim().to_owned()
    };
    assert_eq!(
        (said("Tagged:"), said("Page size:")),
        ("yes".into(), "595.276 x 841.89 pts (A4)".into())
    );
    assert!(said("Title:").ends_with(" · Kavárna Pod Lípou s.r.o."), "{info}");
    let count: usize = said("Pages:").parse().unwrap();
    let text = read_by("pdftotext", &["-raw"], &paper);
    let digest = fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
    let digest =
        digest.lines().find_map(|line| line.strip_suffix("  case.json")).unwrap().to_owned();
    let pages: Vec<&str> = text.trim_end_matches('\u{c}').split('\u{c}').collect();
    assert_eq!(pages.len(), count);
    for (at, page) in pages.iter().enumerate() {
        let foot = format!("case.json SHA-256 {digest} {} / {count}", at + 1);
        assert!(page.trim_end().ends_with(&foot), "page {}: {page}", at + 1);
    }
    for word in
        read_by("pdftotext", &["-bbox"], &paper).lines().filter(|line| line.contains("<word"))
    {
        let side = |name: &str| {
            let (_, from) = word.split_once(&format!("{name}=\"")).unwrap();
            from.split_once('"').unwrap().0.parse::<f64>().unwrap()
        };
        let is_inside = side("xMin") > 50.0 && side("xMax") < 545.0 && side("yMax") < 820.0;
        assert!(is_inside && side("yMin") > 40.0, "{word}");
    }
    count
}

#[test]
fn a_case_about_an_address_has_all_of_it_and_nothing_of_others() {
    let (relay, _, _) = delivered();
    let other = "petr@posta.example";
    let said = ["--evidence", "formulář", "--wording", "Chci."];
    relay.must(&[&["grant", other, "--purpose", "novinky"][..], &said].concat());
    assert!(submit(relay.smtp, FROM, other, NEWS).starts_with("250 "));
    relay.wait_for_captured(2);
    relay.must(&["refuse", TO, "--evidence", "dopis"]);
    assert!(submit(relay.smtp, FROM, TO, NEWS).starts_with("550 "));
    let bytes = made(&relay, &["--to", TO]);
    assert_eq!(check(&bytes, None, None).faults, Vec::<String>::new());
    let case = fs::read_to_string(unpacked(&relay).join("case.json")).unwrap();
    assert!(!case.contains("petr@"), "{case}");
    let case: Value = serde_json::from_str(&case).unwrap();
    let kinds: Vec<_> = case["statements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["event"]["says"]["kind"])
        .collect();
    assert_eq!(kinds, ["granted", "refused"]);
    let actions: Vec<_> =
        case["decisions"].as_array().unwrap().iter().map(|one| &one["action"]).collect();
    assert_eq!(actions.first().map(|one| one.as_str().unwrap()), Some("send-edited"));
    assert_eq!(actions.last().map(|one| one.as_str().unwrap()), Some("reject"));
    let nobody = relay.command(&["evidence", "--out", "x.zip", "--to", "nikdo@posta.example"]);
    assert!(!nobody.status.success());
}

/// All of a small one are tried beside the check itself.
#[test]
fn changed_bytes_of_a_case_file_are_found_wherever_they_are() {
    let (relay, message, _) = delivered();
    let bytes = made(&relay, &["--message", &message]);
    let whole = check(&bytes, None, None);
    assert_eq!(whole.faults, Vec::<String>::new());
    let key = whole.fingerprint.unwrap();
    let mut changed = bytes.clone();
    for at in (0..bytes.len()).step_by(bytes.len() / 500) {
        changed[at] ^= 1 << (at % 8);
        let found = check(&changed, Some(&key), None);
        assert!(!found.faults.is_empty(), "byte {at}");
        changed[at] = bytes[at];
    }
    for cut in [0, 1, 100, bytes.len() / 2, bytes.len() - 1] {
        assert!(!check(&bytes[..cut], None, None).faults.is_empty(), "cut at {cut}");
    }
}
