//! Verdicts on mail that nobody here wrote: none panics, and no repair fails unseen.
//!
//! The messages are no part of the repository; where they are absent the tests say so and pass.

use std::sync::Arc;

use bytes::Bytes;
use policy::{Action, Address, Controller, Outcome, ReasonValue, decide, rules};

use crate::{
    corpus_files,
    fixture::{Fixture, policy},
};

#[test]
fn a_repair_of_real_mail_is_enough() {
    let messages = corpus_files::all();
    if messages.is_empty() {
        return;
    }
    let (mut edited, mut wrong) = (0, Vec::new());
    for (name, bytes) in messages {
        if bytes.len() > BYTES_MAX {
            continue;
        }
        let mut fixture = Fixture::of("signs consent=valid", Bytes::from(bytes));
        fixture.stream.controller = Arc::new(Controller {
            domains: senders(&fixture),
            ..(*fixture.stream.controller).clone()
        });
        let verdict = fixture.with_facts(|facts| decide(&policy(), facts));
        if verdict.repaired.is_none() {
            continue;
        }
        edited += 1;
        if verdict.action != Action::SendEdited {
            let repaired = verdict.repaired.unwrap();
            let broken = repaired.iter().filter(|one| matches!(one.outcome, Outcome::Broken(_)));
            let ids: Vec<&str> = broken.map(|one| one.rule.id).collect();
            wrong.push(format!("{name}: {ids:?} still broken"));
        }
    }
    assert!(edited > 100, "only {edited} messages were repaired");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Lines from real footers: country, company id, kind, text.
#[test]
fn real_footers_give_company_id_and_register_entry() {
    let Some(lines) = corpus_files::text("czsk/register_lines.tsv") else { return };
    let rule = rules::find("identity-missing").unwrap();
    for line in lines.lines().filter(|line| !line.starts_with('#')) {
        let mut columns = line.split('\t').skip(1);
        let (id, text) = (columns.next().unwrap(), columns.nth(1).unwrap());
        let mut fixture =
            Fixture::new("commercial", &format!("Subject: Newsletter\n\nNové knihy.\n\n{text}"));
        let entry =
            ["vložka číslo ", "vložka č. ", "vložka ", "Vložka číslo ", "sp. zn. C ", "značka C "]
                .iter()
                .find_map(|before| text.split_once(before))
                .map(|(_, after)| after.split([' ', '/', '.']).next().unwrap().to_owned());
        let has_entry = entry.is_some();
        fixture.stream.controller = Arc::new(Controller {
            company_id: Some(id.to_owned()),
            register: Some(format!("vložka {}", entry.unwrap_or("1".into()))),
            ..(*fixture.stream.controller).clone()
        });
        let Outcome::Broken(fault) = fixture.with_facts(|facts| (rule.check)(facts)) else {
            panic!("the name is another, so it is broken: {text}")
        };
        let ReasonValue::Words(lacks) = &fault.because.values["lacks"] else { panic!("{fault:?}") };
        let lacks = |word: &str| lacks.iter().any(|one| one == word);
        assert!(!lacks("identity-company-id"), "{fault:?}: {text}");
        assert_eq!(lacks("identity-register"), !has_entry, "{text}");
    }
}

/// Messages this large belong to other tests; here every rule runs twice on each.
const BYTES_MAX: usize = 100_000;

fn senders(fixture: &Fixture) -> Vec<String> {
    let message = &fixture.reading.message;
    let mailboxes = ["From", "Sender", "Reply-To"].into_iter().flat_map(|f| message.mailboxes(f));
    let addresses = mailboxes.filter_map(|mailbox| Address::parse(&mailbox.address).ok());
    addresses.map(|address| address.domain().to_owned()).collect()
}
