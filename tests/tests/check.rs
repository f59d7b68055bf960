//! `souhlas check` through the real binary: schemas, and what a changed policy would decide
//! differently, on sample messages and on what the journal has.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
};

use outside::{
    postgres::Database,
    souhlas::{POLICY, RECEIPTS, Setup, Souhlas, wait},
    submit::submit,
};
use serde_json::Value;

const NEWS_FROM: &str = "novinky@kavarna.example";
const ORDERS_FROM: &str = "objednavky@kavarna.example";
const TILL_FROM: &str = "pokladna@kavarna.example";

/// With receipts, whose recipients may have agreed to offers too.
fn policy() -> String {
    format!("{POLICY}{RECEIPTS}")
}

fn message(from: &str, to: &str, subject: &str, body: &str) -> String {
    format!(
        "From: Kavarna <{from}>\r\nTo: {to}\r\nSubject: {subject}\r\n\
         Date: Mon, 02 Nov 2026 08:00:00 +0100\r\nMessage-ID: <zprava@kavarna.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n"
    )
}

fn news(to: &str) -> String {
    message(NEWS_FROM, to, "Kava z Etiopie", "Dobrý den, máme novou kávu z Etiopie.")
}

fn order(to: &str) -> String {
    message(ORDERS_FROM, to, "Objednavka 117", "Dobrý den, objednávku č. 117 odešleme zítra.")
}

/// Relays on either database, with one recipient who agreed.
fn on_both(test: impl Fn(&Souhlas)) {
    let database = Database::create();
    for url in [Setup::default().database, database.url.clone()] {
        let setup = Setup { database: url, policy: policy(), ..Setup::default() };
        let relay = Souhlas::start(&setup).unwrap();
        relay.add_purpose();
        let how = ["--purpose", "novinky", "--evidence", "formulář"];
        relay.must(&[&["grant", "jana@posta.example"][..], &how].concat());
        test(&relay);
    }
}

/// A second folder with the same relay.toml and another policy.toml.
fn next(relay: &Souhlas, policy: &str) {
    let folder = relay.path("next");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(relay.path("config/relay.toml"), folder.join("relay.toml")).unwrap();
    fs::write(folder.join("policy.toml"), policy).unwrap();
}

fn against(relay: &Souhlas, folder: &str, more: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } =
        relay.command(&[&["--config", folder, "check", "--against"][..], more].concat());
    let said = [stdout, stderr].concat();
    (status.code(), String::from_utf8(said).unwrap())
}

#[test]
fn the_schema_of_either_file_is_printed_for_editors() {
    for (file, path) in
        [("relay", "/properties/hostname/description"), ("policy", "/properties/stream")]
    {
        let output = outside::binary::run(&["check", "--schema", file]);
        assert!(output.status.success());
        let schema: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(schema["title"], format!("{file}.toml"));
        assert_eq!(schema["additionalProperties"], false);
        assert!(schema.pointer(path).is_some(), "{path}: {schema}");
    }
    let output = outside::binary::run(&["check", "--schema", "policie"]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("possible values: relay, policy"), "{error}");
}

/// What Taplo, which editors ask, says of both files in a folder.
fn taplo(folder: &Path) -> (bool, String) {
    let cli = concat!(env!("CARGO_MANIFEST_DIR"), "/tools/node_modules/@taplo/cli/dist/cli.js");
    assert!(Path::new(cli).is_file(), "Taplo is missing: run tests/run");
    let mut node = Command::new("node");
    node.args([cli, "lint", "--colors", "never", "relay.toml", "policy.toml"]);
    let output = node.current_dir(folder).output().unwrap();
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn an_editor_takes_the_shipped_files_and_marks_each_slip() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config");
    let write = |file: &str, slips: &[(&str, &str, &str)]| {
        let text = fs::read_to_string(config.join(format!("{file}.toml"))).unwrap();
        let mut text = format!("#:schema ./{file}.schema.json\n{text}");
        for (right, wrong, _) in slips {
            assert!(text.contains(right), "{right}");
            text = text.replacen(right, wrong, 1);
        }
        fs::write(folder.join(format!("{file}.toml")), text).unwrap();
    };
    for file in ["relay", "policy"] {
        let schema = outside::binary::run(&["check", "--schema", file]).stdout;
        fs::write(folder.join(format!("{file}.schema.json")), schema).unwrap();
        write(file, &[]);
    }
    let (valid, said) = taplo(folder);
    assert!(valid, "{said}");
    let of_relay = [
        ("\nhostname =", "\nhostnam =", "'hostnam' was unexpected"),
        ("mode = \"loopback\"", "mode = \"loop\"", "\"loop\" is not"),
        ("next-hop = \"capture\"", "next-hop = 3", "3 is not"),
    ];
    let of_policy = [
        ("\nseat =", "\nseet =", "'seet' was unexpected"),
        ("\nlanguage = \"cs\"", "\nlanguage = \"czech\"", "\"czech\" is not"),
        ("\nnon-business = true", "\nnon-business = \"yes\"", "\"yes\" is not"),
    ];
    write("relay", &of_relay);
    write("policy", &of_policy);
    let (valid, said) = taplo(folder);
    assert!(!valid, "{said}");
    for (_, wrong, told) in of_relay.iter().chain(&of_policy) {
        assert!(said.contains(told), "{wrong}: {said}");
    }
}

#[test]
fn what_gets_messages_refused_is_warned_of_and_no_error() {
    let relay = Souhlas::start(&Setup { policy: policy(), ..Setup::default() }).unwrap();
    let warning = "config/policy.toml:2:13: warning: `contact`: not written: messages to \
                   recipients in AU, CA, EU, PL are refused";
    let Output { status, stderr, .. } = relay.command(&["check"]);
    let said = String::from_utf8(stderr).unwrap();
    assert!(status.success() && said.contains(warning), "{said}");
    assert!(relay.said().contains(warning), "the log: {}", relay.said());
    let policy = policy().replace("domains =", "contact = \"info@kavarna.example\"\ndomains =");
    fs::write(
        relay.path("config/policy.toml"),
        policy.replace("@kavarna.example\"]", "@x.example\"]"),
    )
    .unwrap();
    let other =
        "warning: `match.from`: `novinky@x.example` is in no domain of controller `kavarna`";
    wait(|| relay.said().contains(other).then_some(()))
        .unwrap_or_else(|| panic!("it is said on reload: {}", relay.said()));
    fs::write(relay.path("config/policy.toml"), policy).unwrap();
    let Output { status, stderr, .. } = relay.command(&["check"]);
    assert!(status.success() && stderr.is_empty(), "{}", String::from_utf8_lossy(&stderr));
}

#[test]
fn sample_messages_show_what_a_changed_policy_would_do() {
    on_both(|relay| {
        fs::create_dir_all(relay.path("vzorky/jine")).unwrap();
        for (file, text) in [
            ("news.eml", news("jana@posta.example")),
            ("nikdo.eml", news("nikdo@posta.example")),
            ("jine/order.eml", order("jana@posta.example").replace("\r\n", "\n")),
            ("jine/nobody.eml", order("undisclosed-recipients:;")),
        ] {
            fs::write(relay.path("vzorky").join(file), text).unwrap();
        }
        let (code, said) = against(relay, "config", &["vzorky"]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("4 message(s) to 3 recipient(s): 0 decided differently"), "{said}");
        assert!(said.contains("jine/nobody.eml: its To names nobody"), "{said}");

        next(relay, &format!("{}\n[rules]\nidentity-missing = \"reject\"\n", policy()));
        let (code, said) = against(relay, "next", &["vzorky"]);
        assert_eq!(code, Some(10), "{said}");
        // Who never agreed gets it under neither.
        let line = "news.eml to jana@posta.example: send-edited -> reject: \
                    identity-missing broken (repair) -> broken (reject)\n";
        assert!(said.contains(line), "{said}");
        assert!(said.contains("4 message(s) to 3 recipient(s): 1 decided differently"), "{said}");

        next(relay, &format!("# Other words, the same meaning.\n{}", policy()));
        let (code, said) = against(relay, "next", &["vzorky", "--to", "petr@posta.example"]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("4 message(s) to 4 recipient(s): 0 decided differently"), "{said}");
        next(relay, &policy().replace("objednavky@kavarna.example", "jine@kavarna.example"));
        let (code, said) = against(relay, "next", &["vzorky"]);
        assert_eq!(code, Some(10), "{said}");
        assert!(said.contains("order.eml to jana@posta.example: send -> reject: no stream"));
        let (code, said) = against(relay, "next", &["vzorky", "--than", "next/policy.toml"]);
        assert_eq!(code, Some(0), "{said}");
        let (code, said) = against(relay, "next", &["neni"]);
        assert_eq!(code, Some(1), "{said}");
    });
}

#[test]
fn the_journal_shows_what_a_changed_policy_would_have_done() {
    on_both(|relay| {
        let sent = submit(relay.smtp, NEWS_FROM, "jana@posta.example", &news("jana@posta.example"));
        assert!(sent.starts_with("250 "), "{sent}");
        let held = message(TILL_FROM, "jana@posta.example", "=?utf-8?Q?V=C3=BDprodej?=", SALE);
        let held = submit(relay.smtp, TILL_FROM, "jana@posta.example", &held);
        assert!(held.contains("held for review"), "{held}");
        let refused =
            submit(relay.smtp, NEWS_FROM, "nikdo@posta.example", &news("nikdo@posta.example"));
        assert!(refused.starts_with("550 5.7.1 "), "{refused}");
        relay.wait_for_captured(1);
        wait(|| {
            let listed = relay.must(&["queue", "list"]);
            (!listed.contains("ready") && !listed.contains("claimed")).then_some(())
        })
        .expect("what left has left");
        let (code, said) = against(relay, "config", &["journal"]);
        assert_eq!(code, Some(0), "{said}");
        let tally = "3 decision(s), 1 anew in full, 2 by the outcomes in their journal lines: \
                     0 would fall otherwise, 0 might";
        assert!(said.contains(tally), "{said}");

        let quiet = policy()
            .replace("class = \"commercial\"", "class = \"commercial\"\nreport-only = true");
        next(relay, &quiet.replace("Lipová 12", "Lipová 13"));
        let (code, said) = against(relay, "next", &["journal"]);
        assert_eq!(code, Some(10), "{said}");
        assert!(said.contains("send-edited -> send: "), "{said}");
        assert!(said.contains("identity-missing broken (repair) -> broken (report)"), "{said}");
        assert!(said.contains("1 would fall otherwise, 0 might"), "{said}");
        assert!(
            said.contains("not seen without the message, in 2 decision(s): controller.kavarna"),
            "{said}"
        );

        next(relay, &format!("{}\n[rules]\nclass-mismatch = \"report\"\n", policy()));
        let (code, said) = against(relay, "next", &["journal"]);
        assert_eq!(code, Some(10), "{said}");
        assert!(said.contains("class-mismatch broken (hold) -> broken (report)"), "{said}");
        let (code, said) =
            against(relay, "next", &["journal", "--since", "2026-01-01", "--limit", "1"]);
        assert_eq!(code, Some(0), "the newest alone is a refusal: {said}");
        let (code, said) = against(relay, "next", &["journal", "--to", "a@b.cz"]);
        assert_eq!(code, Some(1), "{said}");
    });
}

const SALE: &str = "VÝPRODEJ, slevy až 50 %! Jen do neděle: kupte dva pytle kávy a třetí máte \
    zdarma.\r\nDoprava zdarma, slevový kód KAVA50, poslední kusy za akční ceny. Ušetřete!\r\n\
    Nakoupit: https://www.kavarna.example/vyprodej?utm_source=mail&utm_campaign=jaro";

#[test]
fn every_policy_that_came_into_force_is_kept_with_its_journal_line() {
    on_both(|relay| {
        let loaded = || -> Vec<String> {
            let lines = relay.must(&["journal", "list", "--kind", "policy-loaded", "--json"]);
            let version = |line: &str| -> String {
                let line: Value = serde_json::from_str(line).unwrap();
                line["detail"]["policy"].as_str().unwrap().to_owned()
            };
            lines.lines().map(version).collect()
        };
        let first = loaded();
        assert_eq!(first.len(), 1);
        let file = relay.path("config/policy.toml");
        fs::write(&file, policy().replace("categories", "categorys")).unwrap();
        relay.signal("HUP");
        wait(|| relay.said().contains("stays as it was").then_some(())).expect("it is refused");
        let said = relay.said();
        assert!(said.contains("policy.toml:") && said.contains("`categories`"), "{said}");
        assert_eq!(loaded(), first, "whole or not at all");
        let strict = format!("{}\n[rules]\nidentity-missing = \"hold\"\n", policy());
        fs::write(&file, strict).unwrap();
        relay.signal("HUP");
        wait(|| (loaded().len() == 2).then_some(())).expect("it is in force");
        fs::create_dir_all(relay.path("vzorky")).unwrap();
        fs::write(relay.path("vzorky/news.eml"), news("jana@posta.example")).unwrap();
        let (code, said) = against(relay, "config", &["vzorky"]);
        assert_eq!(code, Some(0), "the one in force is compared with: {said}");
        assert!(said.contains(&loaded()[0]), "{said}");
        next(relay, &policy());
        let (code, said) = against(relay, "next", &["vzorky"]);
        assert_eq!(code, Some(10), "{said}");
        assert!(said.contains("hold -> send-edited: identity-missing broken (hold) -> "), "{said}");
    });
}

/// Files and folders below that others than their owner may read.
fn open_to_others(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // The certificate that everybody is shown; its key beside it is looked at.
        let public = path.ends_with("tls") || path.ends_with("tls/cert.pem");
        if !public && fs::metadata(&path).unwrap().permissions().mode() & 0o077 != 0 {
            found.push(path.display().to_string());
        }
        if path.is_dir() {
            open_to_others(&path, found);
        }
    }
}

#[test]
fn what_the_relay_makes_is_its_owners_and_what_is_open_is_told() {
    let relay = Souhlas::start(&Setup { policy: policy(), ..Setup::default() }).unwrap();
    relay.add_purpose();
    relay.must(&["grant", "jana@posta.example", "--purpose", "novinky", "--evidence", "formulář"]);
    let large = format!("{}{}", news("jana@posta.example"), "Zrnko vedle zrnka.\r\n".repeat(3_000));
    for text in [news("jana@posta.example"), large] {
        let reply = submit(relay.smtp, NEWS_FROM, "jana@posta.example", &text);
        assert!(reply.starts_with("250 "), "{reply}");
    }
    relay.wait_for_captured(2);
    fs::write(relay.path("lide.csv"), "email\nnikdo\n").unwrap();
    let import = ["import", "lide.csv", "--purpose", "novinky", "--origin", "own"];
    let who = ["--source", "e-shop", "--attested-by", "sklad", "--rejects", "spatne.csv"];
    relay.must(&[&import[..], &who].concat());
    relay.must(&["evidence", "--to", "jana@posta.example", "--out", "spis.zip"]);
    relay.must(&["contact", "export", "jana@posta.example", "--out", "jana.json"]);
    for file in ["spatne.csv", "spis.zip", "jana.json", "data"] {
        let mode = fs::metadata(relay.path(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file}: {mode:o}");
    }
    let mut found = Vec::new();
    open_to_others(&relay.path("data"), &mut found);
    assert!(found.is_empty(), "{found:?}");
    let said = || {
        let output = relay.command(&["check"]);
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(!said().contains("chmod"), "{}", said());
    let set = |path: &str, mode: u32| {
        fs::set_permissions(relay.path(path), fs::Permissions::from_mode(mode)).unwrap();
    };
    set(".", 0o700);
    set("data", 0o755);
    assert!(!said().contains("chmod"), "the folder above is shut: {}", said());
    set(".", 0o755);
    set("data/captured", 0o755);
    let told = said();
    assert!(told.contains("chmod 700 data`"), "{told}");
    assert!(told.contains("chmod 700 data/captured`"), "{told}");
    assert!(!told.contains("souhlas.db"), "{told}");
    let mode = fs::metadata(relay.path("data")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755, "nobody changes it unasked");
}
