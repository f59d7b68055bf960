//! Checks a case file by itself: no database, no configuration, no secret.
//!
//! It says what it proved, what nobody can prove from the file alone, and everything that is wrong.

use std::collections::BTreeSet;

use super::{
    archive::{self, Files},
    case::{Case, EvidenceIs, FORMAT, PolicyText, Proven, SentIs, Statement},
    checkpoint::Checkpoint,
    decision::Decision,
    deposit::Deposit,
    page,
    sent::{came, left},
};
use crate::{
    config::Business,
    journal::{chain::Hashed, hex::Digest, policies::PROGRAM},
    seal::{self, PublicKey},
    words::Words,
};

/// What came of the check.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Report {
    /// Of the key in the archive, where there is one.
    pub fingerprint: Option<String>,
    pub proved: Vec<String>,
    pub unproved: Vec<String>,
    /// Empty where the file is whole.
    pub faults: Vec<String>,
}

/// `key`: the fingerprint that was deposited; `deposit`: the checkpoints that were.
pub fn check(bytes: &[u8], key: Option<&str>, deposit: Option<&Deposit>) -> Report {
    let mut report = Report::default();
    match archive::read(bytes) {
        Err(error) => report.faults.push(format!("the archive: {error:#}")),
        Ok(files) => {
            let key = report.signed(&files, key);
            let case = report.read(&files);
            report.frame(bytes, &files, case.as_ref().map_or(PROGRAM, |case| &case.program));
            if let (Some(key), Some(case)) = (key, case) {
                report.case(&case, &files, &key);
                if let Some(deposit) = deposit {
                    deposit.against(&case, &mut report);
                }
            }
        }
    }
    report
}

impl Report {
    fn fault(&mut self, what: impl Into<String>) {
        self.faults.push(what.into());
    }

    /// What holds the files together.
    fn frame(&mut self, bytes: &[u8], files: &Files, program: &str) {
        match archive::strange(bytes, files) {
            Ok(None) => {}
            Ok(Some(at)) if program == PROGRAM => self.fault(format!(
                "the archive was changed at byte {at}, outside of its files: it is not as it was made"
            )),
            Ok(Some(_)) => self.unproved.push(format!(
                "that what stands between the files is as release {program} wrote it"
            )),
            Err(error) => self.fault(format!("the archive: {error:#}")),
        }
    }

    /// Signature, sums, nothing added and nothing taken away. The key, where one can be read.
    fn signed(&mut self, files: &Files, deposited: Option<&str>) -> Option<PublicKey> {
        let key = text(files, KEY).and_then(PublicKey::from_pem);
        let Some(key) = key else {
            self.fault(format!("`{KEY}` is not there, or is no key as it is written here"));
            return None;
        };
        let fingerprint = key.fingerprint();
        match deposited {
            Some(wanted) if wanted.eq_ignore_ascii_case(&fingerprint) => {
                self.proved.push("the key is the one whose fingerprint you named".to_owned());
            }
            Some(_) => self.fault(format!(
                "the key is another than the one that you named: its fingerprint is {fingerprint}"
            )),
            None => self.unproved.push(format!(
                "whose key it is: compare its fingerprint {fingerprint} with the one deposited \
                 (--key)"
            )),
        }
        self.fingerprint = Some(fingerprint);
        let (said, signature) = (text(files, SUMS), files.get(SIGNATURE));
        let is_signed = |said: &str| signature.is_some_and(|by| key.verify(said.as_bytes(), by));
        match said {
            Some(said) if is_signed(said) => {}
            Some(_) => self.fault(format!("`{SIGNATURE}` is not the key's signature of `{SUMS}`")),
            None => self.fault(format!("`{SUMS}` is not there, or is no text")),
        }
        self.listed(files, said.unwrap_or_default());
        if self.faults.is_empty() {
            let count = files.len().saturating_sub(2);
            self.proved.push(format!("{count} files are those that were signed, to the byte"));
        }
        Some(key)
    }

    fn listed(&mut self, files: &Files, said: &str) {
        let mut left: BTreeSet<&str> = files.keys().map(String::as_str).collect();
        left.remove(SUMS);
        left.remove(SIGNATURE);
        for line in said.lines() {
            let Some((sum, name)) = line.split_once("  ") else {
                self.fault(format!("`{SUMS}` has a line that is none"));
                continue;
            };
            match files.get(name) {
                Some(bytes) if left.remove(name) => {
                    if seal::hex(&seal::digest(bytes)) != sum {
                        self.fault(format!("`{name}` was changed: it is not what was signed"));
                    }
                }
                Some(_) | None => self.fault(format!("`{name}` is gone, or is listed twice")),
            }
        }
        for name in left {
            self.fault(format!("`{name}` was added: it is not among what was signed"));
        }
    }

    fn read(&mut self, files: &Files) -> Option<Case> {
        let read = files.get(CASE).map(|bytes| serde_json::from_slice::<Case>(bytes));
        match read {
            Some(Ok(case)) if case.format == FORMAT => return Some(case),
            Some(Ok(_)) => self.fault(format!("`{CASE}` has a form that is not known here")),
            Some(Err(error)) => self.fault(format!("`{CASE}` cannot be read: {error}")),
            None => self.fault(format!("`{CASE}` is not there")),
        }
        None
    }

    fn case(&mut self, case: &Case, files: &Files, key: &PublicKey) {
        if case.key != key.fingerprint() {
            self.fault(format!("`{CASE}` names another key than `{KEY}`"));
        }
        self.checkpoints(case, key);
        let faults = self.faults.len();
        for line in &case.lines {
            self.proven(case, line, "line");
        }
        for one in &case.statements {
            self.proven(case, &one.event, "event");
        }
        if self.faults.len() == faults {
            let (lines, events) = (case.lines.len(), case.statements.len());
            self.proved.push(format!(
                "{lines} lines of the journal and {events} events stand in their chains as they \
                 were when {} checkpoints were signed",
                case.checkpoints.len()
            ));
        }
        self.evidence(case);
        self.message(case, files);
        // What was changed is told; what it was before nobody can read.
        if self.faults.is_empty() {
            self.words(case, files);
            for one in &case.policies {
                self.policy(one, files);
            }
        }
        self.unproved.extend(ALWAYS.map(str::to_owned));
    }

    fn checkpoints(&mut self, case: &Case, key: &PublicKey) {
        let mut newest = None;
        for (at, one) in case.checkpoints.iter().enumerate() {
            if !one.is_signed_by(key) {
                self.fault(format!("checkpoint {at} (chain `{}`) is not signed so", one.chain));
            }
            newest = newest.max(Some(one.at));
        }
        if let Some(at) = newest {
            self.unproved.push(format!(
                "that the checkpoints are as old as they say ({} at the latest): a clock is \
                 believed, unless one was deposited",
                page::moment(at)
            ));
        }
    }

    fn proven<T: Hashed>(&mut self, case: &Case, one: &Proven<T>, what: &str) {
        let Proven { chain, seq, .. } = one;
        if !one.is_hashed() {
            self.fault(format!("{what} {seq} of chain `{chain}` was changed: its hash is another"));
        }
        let path: Vec<[u8; 32]> = one.path.iter().map(|step| step.0).collect();
        let by = case.checkpoints.get(one.checkpoint);
        let covers = |by: &Checkpoint| by.chain == *chain && by.covers(*seq, &one.hash.0, &path);
        if !by.is_some_and(covers) {
            self.fault(format!("{what} {seq} of chain `{chain}`: no checkpoint covers it"));
        }
    }

    /// Every evidence against its commitment.
    fn evidence(&mut self, case: &Case) {
        let (mut opened, faults) = (0, self.faults.len());
        for one in &case.statements {
            let Proven { chain, seq, says, .. } = &one.event;
            let person = case.contacts.iter().find(|one| one.contact == Some(says.contact));
            let salt = person.and_then(|one| one.salt.as_ref());
            match opens(one, salt.map(|salt| salt.0.as_slice())) {
                Opens::Yes => opened += 1,
                Opens::Nothing => {}
                Opens::Erased => self.unproved.push(format!(
                    "what the evidence of event {seq} of chain `{chain}` was: it was erased, as \
                     the law asks for"
                )),
                Opens::No => self.fault(format!(
                    "the evidence of event {seq} of chain `{chain}` is not what was committed to"
                )),
            }
        }
        if opened > 0 && self.faults.len() == faults {
            self.proved.push(format!("{opened} pieces of evidence are those given at the time"));
        }
    }

    fn message(&mut self, case: &Case, files: &Files) {
        let Some(sent) = &case.message else { return };
        let left = left(&case.lines);
        if sent.sha256.iter().copied().collect::<BTreeSet<_>>() != left {
            self.fault("the message's digests are not those of the journal");
        }
        let bytes = sent.file.as_ref().and_then(|name| files.get(name));
        match (sent.is, bytes) {
            (SentIs::Left, Some(bytes)) if left.contains(&Digest(seal::digest(bytes))) => {
                self.proved.push("the message is the one that left".to_owned());
            }
            (SentIs::Left, _) => self.fault("the message in the archive is not the one that left"),
            (SentIs::Received, Some(bytes))
                if came(&case.lines).contains(&Digest(seal::digest(bytes))) =>
            {
                self.proved.push("the message is the one that came".to_owned());
            }
            (SentIs::NotKept, None) if !left.is_empty() => self.unproved.push(
                "what the message said: the relay kept its digest alone; a copy of it can be \
                 compared with that"
                    .to_owned(),
            ),
            (SentIs::NeverLeft, None) if left.is_empty() => {}
            (SentIs::Received, Some(_)) => {
                self.fault("the message in the archive is not the one that came");
            }
            (SentIs::Received | SentIs::NotKept | SentIs::NeverLeft, _) => {
                self.fault("what is said of the message is not so");
            }
        }
    }

    /// What is there for people against what is there for machines.
    fn words(&mut self, case: &Case, files: &Files) {
        if case.program != PROGRAM {
            self.unproved.push(format!(
                "that the page and the decisions in words say what the lines say: check it with \
                 the release that made them, {}",
                case.program
            ));
            return;
        }
        let Some(words) = Words::named(&case.language) else {
            return self.fault(format!("`{CASE}` names a language that is none"));
        };
        let json = files.get(CASE).map(Vec::as_slice).unwrap_or_default();
        match page::files(words, case, json) {
            Ok(made) => {
                for (name, _) in made.iter().filter(|(name, own)| files.get(*name) != Some(own)) {
                    self.fault(format!("`{name}` does not say what `{CASE}` says"));
                }
            }
            Err(error) => self.fault(format!("the page cannot be made of `{CASE}`: {error:#}")),
        }
        let made = case.lines.iter().filter_map(|line| Decision::of(line, words.language));
        if made.eq(case.decisions.iter().cloned()) {
            let count = case.decisions.len();
            self.proved.push(format!("{count} decisions in words are those of their lines"));
        } else {
            self.fault("the decisions in words are not those of their lines");
        }
    }

    fn policy(&mut self, one: &PolicyText, files: &Files) {
        let PolicyText { version, file, program } = one;
        let said = file.as_ref().and_then(|name| text(files, name));
        match said {
            None => self.unproved.push(format!("what policy {version} said: it is not here")),
            Some(said) if program.as_deref() == Some(PROGRAM) => {
                let read = Business::read("policy.toml", said);
                if read.is_ok_and(|read| read.policy.version == *version) {
                    self.proved.push(format!("the policy is version {version}, by its digest"));
                } else {
                    self.fault(format!("the text of policy {version} is another version's"));
                }
            }
            Some(_) => self.unproved.push(format!(
                "that the text is policy {version}'s: its digest is made by release {}",
                program.as_deref().unwrap_or("that is not known")
            )),
        }
    }
}

enum Opens {
    Yes,
    No,
    /// There never was any.
    Nothing,
    Erased,
}

fn opens(one: &Statement, salt: Option<&[u8]>) -> Opens {
    let written = &one.event.says;
    match (one.evidence_is, &one.evidence, salt) {
        (EvidenceIs::Here, Some(evidence), Some(salt)) if written.is_opened_by(salt, evidence) => {
            Opens::Yes
        }
        (EvidenceIs::None, None, _) if !written.has_evidence() => Opens::Nothing,
        (EvidenceIs::Erased, None, _) if written.has_evidence() => Opens::Erased,
        (EvidenceIs::Here | EvidenceIs::None | EvidenceIs::Erased, _, _) => Opens::No,
    }
}

/// As `sha256sum` writes and reads them.
pub(super) fn sums(files: &Files) -> String {
    let line = |(name, bytes): (&String, &Vec<u8>)| {
        format!("{}  {name}\n", seal::hex(&seal::digest(bytes)))
    };
    files.iter().map(line).collect()
}

fn text<'f>(files: &'f Files, name: &str) -> Option<&'f str> {
    std::str::from_utf8(files.get(name)?).ok()
}

pub(super) const CASE: &str = "case.json";
pub(super) const KEY: &str = "key.pem";
pub(super) const SUMS: &str = "SHA256SUMS";
pub(super) const SIGNATURE: &str = "SHA256SUMS.sig";
/// What no file can show of itself.
const ALWAYS: [&str; 3] = [
    "that what was written down was true when it was",
    "that the addresses belong to the keys in the lines: only the installation's secret shows that",
    "that nothing else is on record: a case holds what was asked for",
];

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        consent,
        evidence::{
            LABEL,
            case::{About, Business as Owner, Person},
            checkpoint::NONE_BEFORE,
            gather::sealed,
            merkle::Tree,
        },
        journal::{chain::Head, hex::Bytes, written::Written},
        seal::Secret,
    };

    fn secret() -> Secret {
        Secret::from_bytes([3; 32])
    }

    /// The only line of its chain, and the checkpoint over it.
    fn alone<T: Hashed>(chain: &str, at: usize, says: T) -> (Proven<T>, Checkpoint) {
        let mut head = Head::start(0, chain);
        let previous = Digest(head.hash);
        head.append(&says.line());
        let mut tree = Tree::default();
        tree.push(&head.hash);
        let hash = Digest(head.hash);
        let key = secret().signing_key(LABEL);
        let one = Checkpoint {
            chain: chain.into(),
            from: 1,
            upto: 1,
            head: hash,
            root: Digest(tree.root()),
            previous: Digest(NONE_BEFORE),
            at: 5,
            key: String::new(),
            signature: Bytes(vec![]),
        };
        let (chain, path) = (chain.to_owned(), vec![]);
        let line = Proven { chain, seq: 1, previous, says, hash, checkpoint: at, path };
        (line, one.signed(&key))
    }

    fn small() -> Case {
        let (salt, evidence, contact) = (vec![7; 16], r#"{"ip":"192.0.2.7"}"#, Uuid::nil());
        let mut digest = seal::Digest::new();
        digest.update(&(salt.len() as u64).to_be_bytes());
        digest.update(&salt);
        digest.update(evidence.as_bytes());
        let (line, first) = alone(
            "relay/a",
            0,
            Written {
                id: Uuid::nil(),
                at: 1,
                kind: "delivered".into(),
                message: Some(Uuid::nil()),
                delivery: None,
                recipient: Some(Digest([5; 32])),
                detail: format!(r#"{{"sha256":"{}"}}"#, "ab".repeat(32)),
            },
        );
        let (event, second) = alone(
            "consent/a",
            1,
            consent::written::Written {
                contact,
                kind: "granted".into(),
                controller: "shop".into(),
                purpose: Some("news".into()),
                at: 2,
                recorded_at: 3,
                actor: "cli".into(),
                detail: "{}".into(),
                commitment: Digest(digest.finish()),
            },
        );
        let (evidence, evidence_is) = (Some(evidence.to_owned()), EvidenceIs::Here);
        let controller = Owner {
            id: "shop".into(),
            name: "Shop".into(),
            company_id: None,
            seat: None,
            register: None,
        };
        Case {
            format: FORMAT.into(),
            language: "cs".into(),
            made_at: page::moment(6),
            program: PROGRAM.into(),
            key: first.key.clone(),
            about: About { controller, message: None, address: Some("a@b.cz".into()) },
            message: None,
            decisions: vec![],
            contacts: vec![Person {
                key: Digest([5; 32]),
                contact: Some(contact),
                address: Some("a@b.cz".into()),
                created_at: None,
                erased_at: None,
                salt: Some(Bytes(salt)),
            }],
            lines: vec![line],
            statements: vec![Statement { event, evidence, evidence_is }],
            policies: vec![],
            checkpoints: vec![first, second],
        }
    }

    #[test]
    fn every_changed_byte_of_an_archive_is_found() {
        let bytes =
            sealed(&secret(), Words::of(policy::Language::Czech), &small(), Files::new()).unwrap();
        let whole = check(&bytes, None, None);
        assert_eq!(whole.faults, Vec::<String>::new());
        let key = whole.fingerprint.unwrap();
        assert_eq!(check(&bytes, Some(&key), None).faults, Vec::<String>::new());
        assert!(!check(&bytes, Some(&"0".repeat(64)), None).faults.is_empty());
        let mut changed = bytes.clone();
        for at in 0..bytes.len() {
            changed[at] ^= 1 << (at % 8);
            assert!(!check(&changed, Some(&key), None).faults.is_empty(), "byte {at}");
            changed[at] = bytes[at];
        }
    }

    /// Neither what is read on a screen nor what is printed.
    #[test]
    fn a_page_that_was_exchanged_and_sealed_again_does_not_say_what_the_case_says() {
        let czech = Words::of(policy::Language::Czech);
        let bytes = sealed(&secret(), czech, &small(), Files::new()).unwrap();
        let mut other = small();
        other.about.controller.name = "Krám".into();
        let other =
            archive::read(&sealed(&secret(), czech, &other, Files::new()).unwrap()).unwrap();
        for name in ["case.html", "case.pdf"] {
            let mut files = archive::read(&bytes).unwrap();
            files.insert(name.to_owned(), other[name].clone());
            files.remove(SUMS);
            files.remove(SIGNATURE);
            let sums = sums(&files);
            let signature = secret().signing_key(LABEL).sign(sums.as_bytes()).to_vec();
            files.insert(SUMS.to_owned(), sums.into_bytes());
            files.insert(SIGNATURE.to_owned(), signature);
            let found = check(&archive::write(&files).unwrap(), None, None).faults;
            assert_eq!(found, [format!("`{name}` does not say what `case.json` says")]);
        }
    }

    /// Whoever has the key can seal another archive, and still cannot change what was signed before.
    #[test]
    fn a_case_that_was_changed_and_sealed_again_names_what_is_wrong() {
        type Change = fn(&mut Case);
        let cases: [(Change, &str); 12] = [
            (|case| case.lines[0].says.at += 1, "line 1 of chain `relay/a` was changed"),
            (|case| case.lines[0].says.detail.push(' '), "line 1 of chain `relay/a` was changed"),
            (|case| case.lines[0].says.recipient = None, "line 1 of chain `relay/a` was changed"),
            (|case| case.lines[0].hash.0[0] ^= 1, "line 1 of chain `relay/a`"),
            (|case| case.lines[0].previous.0[0] ^= 1, "line 1 of chain `relay/a` was changed"),
            (|case| case.lines[0].path.push(Digest([0; 32])), "no checkpoint covers it"),
            (|case| case.lines[0].checkpoint = 1, "no checkpoint covers it"),
            (|case| case.lines[0].seq = 2, "line 2 of chain `relay/a` was changed"),
            (
                |case| case.statements[0].event.says.purpose = None,
                "event 1 of chain `consent/a` was changed",
            ),
            (
                |case| case.statements[0].evidence = Some("{}".into()),
                "the evidence of event 1 of chain `consent/a`",
            ),
            (|case| case.contacts[0].salt = None, "the evidence of event 1 of chain `consent/a`"),
            (|case| case.checkpoints[1].at += 1, "checkpoint 1 (chain `consent/a`)"),
        ];
        for (change, wrong) in cases {
            let mut case = small();
            change(&mut case);
            let found = check(
                &sealed(&secret(), Words::of(policy::Language::Czech), &case, Files::new())
                    .unwrap(),
                None,
                None,
            )
            .faults;
            assert!(found.iter().any(|fault| fault.contains(wrong)), "{wrong}: {found:?}");
        }
        let mut files = Files::new();
        files.insert("more.txt".to_owned(), vec![]);
        let bytes =
            sealed(&secret(), Words::of(policy::Language::Czech), &small(), files.clone()).unwrap();
        assert_eq!(check(&bytes, None, None).faults, Vec::<String>::new());
        let mut without = archive::read(&bytes).unwrap();
        without.remove("more.txt");
        let found = check(&archive::write(&without).unwrap(), None, None).faults;
        assert_eq!(found, ["`more.txt` is gone, or is listed twice"]);
        let mut with = archive::read(&bytes).unwrap();
        with.insert("note.txt".to_owned(), vec![]);
        let found = check(&archive::write(&with).unwrap(), None, None).faults;
        assert_eq!(found, ["`note.txt` was added: it is not among what was signed"]);
    }
}
