//! Gathers a case from the database, proves every line of it, and makes the archive.

use std::collections::BTreeSet;

use anyhow::{Context as _, bail, ensure};
use jiff::Timestamp;
use policy::{Address, Controller};
use serde_json::Value;
use uuid::Uuid;

use super::{
    LABEL, archive,
    case::{About, Business, Case, EvidenceIs, FORMAT, Person, PolicyText, Proven, Statement},
    check::{self, CASE, KEY, SIGNATURE, SUMS},
    clerk::Clerk,
    decision::Decision,
    deposit::Deposit,
    page,
    prove::Prover,
    sent::sent,
};
use crate::{
    consent::{self, Consent, Who, written::Opening},
    db::Db,
    journal::{
        self,
        chain::Stands,
        hex::{Bytes, Digest},
        policies,
        written::Written,
    },
    seal::{AddressKey, Secret},
    spool::Spool,
    words::Words,
};

/// What the case is about: a message, an address, or both: that message to that address.
#[derive(Clone, Debug)]
pub struct Ask<'a> {
    pub controller: &'a Controller,
    pub message: Option<Uuid>,
    pub address: Option<&'a Address>,
    /// The message as it was sent, from whoever kept it: the relay does not.
    pub original: Option<Vec<u8>>,
    /// Of the page and of the decisions in words.
    pub words: &'static Words,
    /// What was deposited: the case shall lead to it.
    pub deposit: Option<&'a Deposit>,
}

/// What it is gathered from.
#[derive(Clone, Copy, Debug)]
pub struct Stores<'a> {
    pub db: &'a Db,
    pub secret: &'a Secret,
    pub consent: &'a Consent,
    pub spool: &'a Spool,
}

/// An event with what opens its commitment.
type Said = (Stands<consent::written::Written>, Opening);

/// The archive. What no checkpoint covered yet is put under one first.
pub async fn make(now: Timestamp, stores: Stores<'_>, ask: &Ask<'_>) -> anyhow::Result<Vec<u8>> {
    let Stores { db, secret, consent, spool } = stores;
    let who = ask.address.map(|to| secret.address_key(&ask.controller.id, to));
    let mut conn = db.read().await?;
    let stands = match (ask.message, who) {
        (Some(id), who) => journal::written::of_message(&mut conn, id, who, LINES_MAX).await?,
        (None, Some(who)) => journal::written::of_recipient(&mut conn, who, LINES_MAX).await?,
        (None, None) => bail!("a case is about a message or an address"),
    };
    ensure!((stands.len() as i64) < LINES_MAX, "more than {LINES_MAX} lines belong to it");
    if let Some(id) = ask.message {
        ensure!(!stands.is_empty(), "the journal has nothing about message {id}");
    }
    belongs(&stands, &ask.controller.id)?;
    let keys: BTreeSet<[u8; 32]> = match who {
        Some(who) => [who.0].into(),
        None => stands.iter().filter_map(|line| Some(line.written.recipient?.0)).collect(),
    };
    ensure!(
        keys.len() <= PEOPLE_MAX,
        "the message went to more than {PEOPLE_MAX} people: name one with --to"
    );
    let mut events = Vec::new();
    for key in &keys {
        let key = AddressKey(*key);
        events.extend(consent::written::of_contact(&mut conn, secret, key, LINES_MAX).await?);
    }
    drop(conn);
    ensure!(!(stands.is_empty() && events.is_empty()), "nothing is on record for the address");
    let clerk = Clerk::new(db.clone(), secret, "case");
    let broken = clerk.cover(now).await?;
    let mut prover = Prover::new(db, broken).await?;
    let contacts = people(consent, &ask.controller.id, &keys, &events).await?;
    let statements = proven_events(&mut prover, events).await?;
    let lines = proven_lines(&mut prover, stands).await?;
    let mut files = archive::Files::new();
    let policies = policies(db, &lines, &mut files).await?;
    let message = sent(ask, spool, &lines, &mut files).await?;
    if let Some(deposit) = ask.deposit {
        prover.lead_to(deposit).await?;
    }
    let case = Case {
        format: FORMAT.to_owned(),
        language: ask.words.lang.to_owned(),
        made_at: page::moment(now.as_millisecond()),
        program: policies::PROGRAM.to_owned(),
        key: secret.signing_key(LABEL).public().fingerprint(),
        about: about(ask),
        message,
        decisions: lines.iter().filter_map(|line| Decision::of(line, ask.words.language)).collect(),
        contacts,
        lines,
        statements,
        policies,
        checkpoints: prover.checkpoints,
    };
    let (secret, words) = (secret.clone(), ask.words);
    // The paper of a long case takes its time.
    tokio::task::spawn_blocking(move || sealed(&secret, words, &case, files)).await?
}

/// Lines of another controller's message are not this one's to show.
fn belongs(stands: &[Stands<Written>], controller: &str) -> anyhow::Result<()> {
    for line in stands {
        let detail: Value = serde_json::from_str(&line.written.detail).unwrap_or_default();
        let owner = detail.pointer("/facts/controller").and_then(Value::as_str);
        if let Some(owner) = owner.filter(|owner| *owner != controller) {
            bail!("the message is one of controller `{owner}`: name it with --controller");
        }
    }
    Ok(())
}

fn about(ask: &Ask<'_>) -> About {
    let Controller { id, name, company_id, seat, register, .. } = ask.controller;
    About {
        controller: Business {
            id: id.clone(),
            name: name.clone(),
            company_id: company_id.clone(),
            seat: seat.clone(),
            register: register.clone(),
        },
        message: ask.message,
        address: ask.address.map(|to| to.as_str().to_owned()),
    }
}

async fn people(
    consent: &Consent,
    controller: &str,
    keys: &BTreeSet<[u8; 32]>,
    events: &[Said],
) -> anyhow::Result<Vec<Person>> {
    let mut people = Vec::new();
    for key in keys {
        let known = consent.brief(&Who::key(controller, AddressKey(*key))).await?;
        let id = known.as_ref().map(|known| known.id);
        let own = events.iter().filter(|(event, _)| Some(event.written.contact) == id);
        let time = |at: Timestamp| page::moment(at.as_millisecond());
        people.push(Person {
            key: Digest(*key),
            contact: id,
            created_at: known.as_ref().map(|known| time(known.created_at)),
            erased_at: known.as_ref().and_then(|known| known.erased_at).map(time),
            address: known.and_then(|known| known.address),
            salt: own.filter_map(|(_, opening)| opening.salt.clone()).next().map(Bytes),
        });
    }
    Ok(people)
}

async fn proven_lines(
    prover: &mut Prover<'_>,
    stands: Vec<Stands<Written>>,
) -> anyhow::Result<Vec<Proven<Written>>> {
    let mut lines = Vec::new();
    for line in stands {
        lines.push(prover.proven(line).await?);
    }
    Ok(lines)
}

async fn proven_events(
    prover: &mut Prover<'_>,
    stands: Vec<Said>,
) -> anyhow::Result<Vec<Statement>> {
    let mut statements = Vec::new();
    for (event, opening) in stands {
        let evidence_is = match &opening.evidence {
            Some(_) => EvidenceIs::Here,
            None if event.written.has_evidence() => EvidenceIs::Erased,
            None => EvidenceIs::None,
        };
        let (event, evidence) = (prover.proven(event).await?, opening.evidence);
        statements.push(Statement { event, evidence, evidence_is });
    }
    Ok(statements)
}

/// Every policy that a verdict names, as a file of its own.
async fn policies(
    db: &Db,
    lines: &[Proven<Written>],
    files: &mut archive::Files,
) -> anyhow::Result<Vec<PolicyText>> {
    let mut versions = BTreeSet::new();
    for line in lines {
        let detail: Value = serde_json::from_str(&line.says.detail).unwrap_or_default();
        for place in ["/policy", "/verdict/policy"] {
            versions.extend(detail.pointer(place).and_then(Value::as_str).map(str::to_owned));
        }
    }
    let mut all = Vec::new();
    for version in versions {
        let found = policies::find(db, &version).await?;
        let program = found.as_ref().map(|policy| policy.program.clone());
        let file = found.map(|policy| {
            let name = format!("policy/{version}.toml");
            files.insert(name.clone(), policy.text.into_bytes());
            name
        });
        all.push(PolicyText { version, file, program });
    }
    Ok(all)
}

/// With the sums of all files, and the signature over them.
pub(super) fn sealed(
    secret: &Secret,
    words: &'static Words,
    case: &Case,
    mut files: archive::Files,
) -> anyhow::Result<Vec<u8>> {
    let key = secret.signing_key(LABEL);
    let json = serde_json::to_string_pretty(case).context("cannot write the case")?;
    for (name, bytes) in page::files(words, case, json.as_bytes())? {
        files.insert(name.to_owned(), bytes);
    }
    files.insert(CASE.to_owned(), json.into_bytes());
    files.insert(KEY.to_owned(), key.public().pem().into_bytes());
    let sums = check::sums(&files);
    files.insert(SIGNATURE.to_owned(), key.sign(sums.as_bytes()).to_vec());
    files.insert(SUMS.to_owned(), sums.into_bytes());
    archive::write(&files)
}

const LINES_MAX: i64 = 20_000;
/// Of one message: a case shows no more people than it is about.
const PEOPLE_MAX: usize = 100;
