//! Whole verdicts of whole messages, invented but real-looking.
//!
//! Beside `tests/mails/<class>/<name>.eml` stands `<name>.verdict`: for each `=== tags` what is decided
//! for such a recipient. `UPDATE=1 cargo test -p souhlas-policy` writes what follows the tags.
//! Messages whose names begin with a language are labelled only, for `labelled.rs`.

use std::{env, fs, path::PathBuf};

use bytes::Bytes;
use policy::{Action, Language, decide, explain, journal_detail, reasons};

use crate::{
    fixture::{Fixture, policy},
    said::Texts,
};

#[test]
fn every_message_gets_its_verdicts() {
    let mut wrong = Vec::new();
    let english = Texts::of(Language::English);
    for mail in mails() {
        let path = mail.with_extension("verdict");
        let on_disk = fs::read_to_string(&path).unwrap_or_default();
        let bytes = Bytes::from(fs::read(&mail).unwrap());
        assert!(on_disk.starts_with("=== "), "{} needs `=== tags`", path.display());
        let now: String = on_disk
            .lines()
            .filter_map(|line| line.strip_prefix("=== "))
            .map(|tags| format!("=== {tags}\n{}\n", verdict(tags, bytes.clone(), &english)))
            .collect();
        if env::var("UPDATE").is_ok() {
            fs::write(&path, &now).unwrap();
        } else if now != on_disk {
            wrong.push(format!("{}\n{}", path.display(), difference(&on_disk, &now)));
        }
    }
    let hint = "run UPDATE=1 cargo test -p souhlas-policy and read the difference";
    assert!(wrong.is_empty(), "{}\n{hint}", wrong.join("\n"));
}

#[test]
fn every_action_is_taken_by_some_message() {
    let mut seen = Vec::new();
    for mail in mails() {
        let bytes = Bytes::from(fs::read(&mail).unwrap());
        let text = fs::read_to_string(mail.with_extension("verdict")).unwrap();
        for tags in text.lines().filter_map(|line| line.strip_prefix("=== ")) {
            let fixture = Fixture::of(tags, bytes.clone());
            seen.push(fixture.with_facts(|facts| decide(&policy(), facts).action));
        }
    }
    for action in [Action::Send, Action::SendEdited, Action::Defer, Action::Hold, Action::Reject] {
        assert!(seen.contains(&action), "{action:?}");
    }
}

/// The journal outlives an erasure, so nothing in it may be an address or a piece of the text.
#[test]
fn the_journal_holds_no_personal_data() {
    for mail in mails() {
        let bytes = Bytes::from(fs::read(&mail).unwrap());
        let text = fs::read_to_string(mail.with_extension("verdict")).unwrap();
        for tags in text.lines().filter_map(|line| line.strip_prefix("=== ")) {
            let fixture = Fixture::of(tags, bytes.clone());
            let detail = fixture
                .with_facts(|facts| journal_detail("test", facts, &decide(&policy(), facts)));
            for personal in ["@posta", "jana", "Jana", "Novák", "petr@", "eva@", "Svoboda"] {
                assert!(!detail.contains(personal), "{}: {detail}", mail.display());
            }
            assert!(detail.len() < 4000, "{} {}", mail.display(), detail.len());
        }
    }
}

#[test]
fn the_explanation_names_what_programs_read() {
    let english = Texts::of(Language::English);
    let fixture = Fixture::new("commercial consent=valid", "Subject: Jaro\n\nNové knihy.");
    let value = fixture.with_facts(|facts| {
        serde_json::to_value(explain("test", facts, &decide(&policy(), facts), &|reason| {
            english.reason(reason)
        }))
        .unwrap()
    });
    assert_eq!(value["action"], "send-edited");
    assert_eq!(value["class"], "commercial");
    assert_eq!(value["controller"], "knihy");
    assert_eq!(value["purpose"], "newsletter");
    assert!(value["stream"].is_string());
    assert!(value["edits"].as_array().unwrap().len() >= 4);
    let outcomes = value["outcomes"].as_array().unwrap();
    let label = outcomes.iter().find(|one| one["rule"] == "label-missing").unwrap();
    assert_eq!(label["outcome"], "broken");
    assert_eq!(label["law"][0], "Act 480/2004 Sb. § 7(4)(a)");
    assert_eq!(label["evidence"][0]["place"]["header"], "Subject");
    assert_eq!(label["evidence"][0]["shown"], "Jaro");
    assert!(label["because"].as_str().unwrap().contains("commercial"));
}

#[test]
fn a_report_names_each_rule_that_keeps_the_message_with_its_law() {
    for (tags, expected) in [
        ("commercial consent=valid", &[][..]),
        (
            "commercial",
            &["consent-missing (Act 480/2004 Sb. § 7(2), Directive 2002/58/EC art. 13(1))"][..],
        ),
    ] {
        let fixture = Fixture::new(tags, "Subject: Jaro\n\nNové knihy.");
        let told = fixture.with_facts(|facts| reasons(facts, &decide(&policy(), facts)));
        assert_eq!(told, expected, "{tags}");
    }
}

fn verdict(tags: &str, bytes: Bytes, english: &Texts) -> String {
    let fixture = Fixture::of(tags, bytes);
    let text = fixture.with_facts(|facts| {
        explain("test", facts, &decide(&policy(), facts), &|reason| english.reason(reason))
            .to_text()
    });
    // Signs have tests of their own; their weights would make every snapshot move.
    text.lines().filter(|line| !line.starts_with("sign ")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn only_labelled_messages_are_without_a_verdict() {
    let without = crate::labelled::files().into_iter().filter(|path| {
        !crate::labelled::is_labelled_only(path) && !path.with_extension("verdict").is_file()
    });
    assert_eq!(without.collect::<Vec<_>>(), Vec::<PathBuf>::new());
}

fn mails() -> Vec<PathBuf> {
    let mut all = crate::labelled::files();
    all.retain(|path| path.with_extension("verdict").is_file());
    assert!(all.len() >= 24, "{} messages", all.len());
    all
}

/// The first line that differs, both ways.
fn difference(before: &str, now: &str) -> String {
    let mut tags = "";
    for (old, new) in before.lines().chain(std::iter::repeat("")).zip(now.lines()) {
        tags = old.strip_prefix("=== ").unwrap_or(tags);
        if old != new {
            return format!("  for {tags}\n  was {old}\n  now {new}");
        }
    }
    "  it is shorter now".to_owned()
}
