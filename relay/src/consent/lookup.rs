//! "What is the standing of these addresses?", answered from the latest committed state.
//!
//! On PostgreSQL questions that arrive together share one query; SQLite answers each on the spot.
//! Nothing is remembered: a refusal counts from the moment it is on disk.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use policy::{
    Address, Channel, Country, Ended, EvidenceField, Grant, Refusal, Relation, Requires, Scope,
    Standing,
};
use tokio::sync::{mpsc, oneshot};

use super::{
    event, prefer, sent,
    store::{parse_word, subscriber},
    suppress,
};
use crate::{
    db::{Conn, Db, Error, Keys, Row, Unavailable},
    seal::{AddressKey, Secret},
};

/// Asks; cheap to clone.
#[derive(Clone, Debug)]
pub struct Lookup {
    db: Db,
    secret: Secret,
    patience: Duration,
    counter: Counter,
}

/// Where questions are answered.
#[derive(Clone, Debug)]
enum Counter {
    /// SQLite: here and now.
    Here,
    /// PostgreSQL: by one task for all that ask.
    Task(mpsc::Sender<Question>),
}

/// What is on record for one address.
#[derive(Clone, Debug, Default)]
pub struct Record {
    pub standing: Standing,
    /// From the contact's record.
    pub country: Option<Country>,
}

#[derive(Debug)]
struct Question {
    keys: Vec<AddressKey>,
    counted: bool,
    answer: oneshot::Sender<Result<Answer, Unavailable>>,
}

/// What is on record for some keys.
#[derive(Debug)]
pub struct Answer {
    /// In the order of the keys.
    pub records: Vec<Record>,
    /// Controllers with suppression lists: who is not on record may stand on one, which
    /// [`Lookup::listed`] tells.
    pub lists: BTreeSet<String>,
}

/// What one query found.
#[derive(Default)]
struct Found {
    records: BTreeMap<AddressKey, Record>,
    /// One address was asked for more than once.
    shared: bool,
    lists: BTreeSet<String>,
}

impl Record {
    /// With one refusal more.
    pub fn refuse(&mut self, refusal: Refusal) {
        self.standing.refusals.push(refusal);
        sort(&mut self.standing);
    }
}

impl Lookup {
    pub(super) fn start(db: Db, secret: Secret, patience: Duration) -> Self {
        let counter = if db.is_sqlite() {
            Counter::Here
        } else {
            let (questions, asked) = mpsc::channel(QUESTIONS_MAX);
            tokio::spawn(run(db.clone(), patience, asked));
            Counter::Task(questions)
        };
        Self { db, secret, patience, counter }
    }

    /// One record per address, in order; an unknown address has an empty one. `counted`: with what
    /// was sent of late, also to those whose own record does not ask for a count.
    pub async fn records(
        &self,
        controller: &str,
        addresses: &[Address],
        counted: bool,
    ) -> Result<Vec<Record>, Unavailable> {
        let keys = addresses.iter().map(|one| self.key(controller, one)).collect();
        let Answer { mut records, lists } = self.answer(keys, counted).await?;
        if lists.contains(controller) {
            for (at, refusal) in self.listed(controller, addresses).await? {
                if let Some(record) = records.get_mut(at) {
                    record.refuse(refusal);
                }
            }
        }
        Ok(records)
    }

    /// The refusals of those who stand on a list of the controller's, by their places among the
    /// addresses. Contacts on record were refused when the list came in; this is for everybody
    /// else, and asked only where there are lists.
    pub async fn listed(
        &self,
        controller: &str,
        addresses: &[Address],
    ) -> Result<BTreeMap<usize, Refusal>, Unavailable> {
        let asked = async {
            let mut conn = self.db.read_briefly().await?;
            suppress::found(&mut conn, &self.secret, controller, addresses).await
        };
        let late = |_| Unavailable("the consent store did not answer in time".into());
        let found = tokio::time::timeout(self.patience, asked).await.map_err(late)??;
        Ok(found.into_iter().map(|(at, entry)| (at, entry.refusal())).collect())
    }

    /// The key under which the controller finds the address.
    pub fn key(&self, controller: &str, address: &Address) -> AddressKey {
        self.secret.address_key(controller, address)
    }

    /// The same, where only the keys are at hand: without what a list says of who is not on record.
    pub async fn records_of(
        &self,
        keys: Vec<AddressKey>,
        counted: bool,
    ) -> Result<Vec<Record>, Unavailable> {
        Ok(self.answer(keys, counted).await?.records)
    }

    /// The same, with who has lists.
    pub async fn answer(
        &self,
        keys: Vec<AddressKey>,
        counted: bool,
    ) -> Result<Answer, Unavailable> {
        let questions = match &self.counter {
            Counter::Here => return at_once(&self.db, &keys, counted).await,
            Counter::Task(questions) => questions,
        };
        let (answer, answered) = oneshot::channel();
        let question = Question { keys, counted, answer };
        let asked = async {
            questions.send(question).await.map_err(|_| gone())?;
            answered.await.map_err(|_| gone())?
        };
        let late = |_| Unavailable("the consent store did not answer in time".into());
        tokio::time::timeout(self.patience, asked).await.map_err(late)?
    }
}

/// What is on record, asked here and now.
pub(super) async fn answer(
    db: &Db,
    keys: &[AddressKey],
    counted: bool,
) -> Result<Vec<Record>, Unavailable> {
    Ok(at_once(db, keys, counted).await?.records)
}

/// What holds for one contact in its caller's transaction.
pub(super) async fn standing(conn: &mut Conn<'_>, key: AddressKey) -> Result<Standing, Error> {
    let mut found = query(conn, vec![&key], true).await?;
    Ok(found.records.remove(&key).unwrap_or_default().standing)
}

async fn at_once(db: &Db, keys: &[AddressKey], counted: bool) -> Result<Answer, Unavailable> {
    let mut conn = db.read_briefly().await?;
    Ok(query(&mut conn, keys.iter().collect(), counted).await?.answer(keys))
}

impl Found {
    fn answer(&mut self, keys: &[AddressKey]) -> Answer {
        let each = keys.iter().map(|key| {
            let record = match self.shared {
                true => self.records.get(key).cloned(),
                false => self.records.remove(key),
            };
            record.unwrap_or_default()
        });
        Answer { records: each.collect(), lists: self.lists.clone() }
    }
}

fn gone() -> Unavailable {
    Unavailable("the consent store's reader has stopped".into())
}

async fn run(db: Db, patience: Duration, mut asked: mpsc::Receiver<Question>) {
    let mut held: Option<Conn<'static>> = None;
    let mut group: Vec<Question> = Vec::new();
    while let Some(first) = asked.recv().await {
        let mut keys = first.keys.len();
        group.push(first);
        while keys < KEYS_MAX {
            let Ok(next) = asked.try_recv() else { break };
            keys += next.keys.len();
            group.push(next);
        }
        // Who gave up waiting needs no answer.
        group.retain(|question| !question.answer.is_closed());
        let late = Err(Error::Away(Unavailable("the consent store did not answer".into())));
        let found =
            tokio::time::timeout(patience, find(&db, &mut held, &group)).await.unwrap_or(late);
        match found {
            Ok(mut found) => {
                for question in group.drain(..) {
                    let answer = found.answer(&question.keys);
                    let _ = question.answer.send(Ok(answer));
                }
            }
            Err(error) => {
                held = None;
                let away = Unavailable::from(error);
                for question in group.drain(..) {
                    let _ = question.answer.send(Err(away.clone()));
                }
            }
        }
    }
}

/// Asks on the connection at hand; where that broke meanwhile, once more on a fresh one.
async fn find(
    db: &Db,
    held: &mut Option<Conn<'static>>,
    group: &[Question],
) -> Result<Found, Error> {
    let keys = || group.iter().flat_map(|question| &question.keys).collect();
    let counted = group.iter().any(|question| question.counted);
    if let Some(conn) = held {
        match query(conn, keys(), counted).await {
            Err(Error::Away(_)) => *held = None,
            answer => return answer,
        }
    }
    query(held.insert(db.read().await?), keys(), counted).await
}

/// What the person asked for and what was sent are asked for where there is somebody to ask for:
/// hardly ever.
async fn query(
    conn: &mut Conn<'_>,
    mut keys: Vec<&AddressKey>,
    counted: bool,
) -> Result<Found, Error> {
    let asked = keys.len();
    keys.sort_unstable();
    keys.dedup();
    let shared = keys.len() < asked;
    let each = || keys.iter().map(|key| key.0.as_slice()).collect();
    let (mut found, mut lists) = (BTreeMap::<_, Record>::new(), BTreeSet::new());
    let (mut prefer, mut lifted) = (Vec::new(), Vec::new());
    for row in conn.rows_in(SQL, &[], Keys::Bytes(each())).await? {
        if row.int(0)? == LISTS {
            lists.insert(row.text(2)?);
            continue;
        }
        let key = AddressKey(row.key(1)?);
        if row.int(0)? == REFUSAL && row.int(13)? == LIFTED {
            lifted.push((key, row.text(3)?));
            continue;
        }
        if take(found.entry(key).or_default(), &row)? {
            prefer.push(key);
        }
    }
    for row in conn.rows_in(prefer::SELECT, &[], bytes(&prefer)).await? {
        let key = AddressKey(row.key(4)?);
        found.entry(key).or_default().standing.preferences.push(prefer::read(&row)?);
    }
    let some = found.iter().filter(|(_, one)| counts(&one.standing)).map(|(key, _)| *key);
    let some: Vec<AddressKey> = some.collect();
    let asked = if counted { Keys::Bytes(each()) } else { bytes(&some) };
    for row in conn.rows_in(sent::SELECT, &[], asked).await? {
        // Also to an address that nothing else is known of.
        let key = AddressKey(row.key(0)?);
        found.entry(key).or_default().standing.sent.push(sent::read(&row)?);
    }
    for (key, purpose) in lifted {
        let standing = found.get_mut(&key).map(|one| &mut one.standing);
        standing.into_iter().for_each(|standing| except(standing, purpose.clone()));
    }
    found.values_mut().for_each(|one| sort(&mut one.standing));
    Ok(Found { records: found, shared, lists })
}

fn bytes(keys: &[AddressKey]) -> Keys<'_> {
    Keys::Bytes(keys.iter().map(|key| key.0.as_slice()).collect())
}

fn country(column: Option<String>) -> Option<Country> {
    column.and_then(|code| code.into_bytes().try_into().ok()).map(Country)
}

/// What is on record asks for a count of what was sent.
fn counts(standing: &Standing) -> bool {
    standing.grants.iter().any(|one| one.requires.once)
        || standing.preferences.iter().any(|one| one.at_most.is_some())
}

/// Puts one row in its place; whether it says that there are preferences to ask for.
fn take(record: &mut Record, row: &Row) -> Result<bool, Error> {
    let standing = &mut record.standing;
    if row.int(0)? == CONTACT {
        record.country = country(row.opt_text(2)?);
        standing.subscriber = subscriber(row.str(3)?)?;
        standing.published = row.int(7)? == 1;
        standing.last_activity = row.opt_time(8)?;
        standing.forgotten_at = row.opt_time(9)?;
        standing.undeliverable_since = row.opt_time(12)?;
        return Ok(row.int(10)? == 1);
    }
    let event = event::name(row.int(10)?, row.int(11)?);
    match row.int(0)? {
        GRANT => standing.grants.push(Grant {
            purpose: row.text(3)?,
            basis: parse_word(row.str(4)?)?,
            method: parse_word(row.str(5)?)?,
            source: parse_word(row.str(6)?)?,
            from: row.time(7)?,
            until: row.time(8)?,
            withdrawn_at: row.opt_time(9)?,
            ended: ended(row.int(13)?),
            confirmed_at: row.opt_time(12)?,
            age_declared: row.int(13)? & OF_AGE != 0,
            evidence: evidence(row.str(14)?),
            requires: requires(row.int(13)?),
            channel: channel(row.int(13)?),
            event,
        }),
        REFUSAL => {
            standing.refusals.push(Refusal {
                scope: scope(row.text(3)?),
                except: Vec::new(),
                since: row.time(7)?,
                event,
            });
        }
        _ => standing.relations.push(Relation {
            kind: parse_word(row.str(3)?)?,
            categories: serde_json::from_str(row.str(4)?)
                .map_err(|error| Error::Bug(error.to_string()))?,
            wide_assortment: row.str(5)? == "1",
            objection_offered: row.str(6)? == "1",
            at: row.time(7)?,
            ended_at: row.opt_time(8)?,
            event,
        }),
    }
    Ok(false)
}

/// What was agreed to after a refusal of everything is left out of it.
fn except(standing: &mut Standing, purpose: String) {
    let all = standing.refusals.iter_mut().find(|one| one.scope == Scope::Everything);
    if let Some(all) = all {
        all.except.push(purpose);
        all.except.sort_unstable();
    }
}

/// The same facts have one order, whatever order the rows came in: a verdict can be replayed.
fn sort(standing: &mut Standing) {
    standing.grants.sort_by(|a, b| (&a.purpose, a.from).cmp(&(&b.purpose, b.from)));
    standing.refusals.sort_by(|a, b| (a.since, &a.event).cmp(&(b.since, &b.event)));
    standing.relations.sort_by(|a, b| (a.at, &a.event).cmp(&(b.at, &b.event)));
    standing.preferences.sort_by(|a, b| a.purpose.cmp(&b.purpose));
    standing.sent.sort_by(|a, b| (b.at, &b.purpose).cmp(&(a.at, &a.purpose)));
}

fn ended(number: i64) -> Ended {
    match (number >> ENDED_AT) & 3 {
        0 => Ended::Withdrawn,
        1 => Ended::Revoked,
        2 => Ended::Terminated,
        _ => Ended::Invalidated,
    }
}

fn channel(number: i64) -> Channel {
    match number >> CHANNEL_AT {
        0 => Channel::Email,
        1 => Channel::Sms,
        2 => Channel::Phone,
        3 => Channel::Post,
        _ => Channel::Social,
    }
}

fn requires(number: i64) -> Requires {
    Requires {
        age_declared: number & ASKS_AGE != 0,
        double_opt_in: number & ASKS_DOUBLE_OPT_IN != 0,
        once: number & ASKS_ONCE != 0,
    }
}

/// Date, method and source every grant has.
fn evidence(column: &str) -> Vec<EvidenceField> {
    let mut fields = Vec::with_capacity(5);
    fields.extend([EvidenceField::GrantedAt, EvidenceField::Method, EvidenceField::Source]);
    if column != "none" {
        fields.push(EvidenceField::Record);
    }
    if column == "wording" {
        fields.push(EvidenceField::Wording);
    }
    fields
}

pub(super) fn scope(column: String) -> Scope {
    if column.is_empty() { Scope::Everything } else { Scope::Purpose(column) }
}

const CONTACT: i64 = 0;
const GRANT: i64 = 1;
const REFUSAL: i64 = 2;
/// No row of a contact: the controller has suppression lists.
const LISTS: i64 = 4;
/// One statement, which sees one moment. It finds the contact once for each table: both databases
/// do that sooner than they remember it.
const SQL: &str = "\
    SELECT 0, key, country, COALESCE(subscriber, ''), '', '', '', published, last_activity, \
        forgotten_at, prefers, CAST(0 AS BIGINT), undeliverable_since, \
        CAST(0 AS BIGINT), '' FROM contact WHERE key {in} \
    UNION ALL SELECT 1, c.key, NULL, g.purpose, p.basis, g.method, g.source, \
        g.valid_from, g.valid_until, COALESCE(g.withdrawn_at, p.closed_at), g.chain, g.seq, \
        g.confirmed_at, g.of_age + 2 * p.of_age + 4 * p.double_opt_in + 8 * p.once + \
        CASE WHEN g.withdrawn_at IS NULL AND p.closed_at IS NULL THEN 0 \
            ELSE CASE COALESCE(g.ended, 'terminated') WHEN 'withdrawn' THEN 0 \
            WHEN 'revoked' THEN 16 WHEN 'terminated' THEN 32 ELSE 48 END END + \
        CASE p.channel WHEN 'email' THEN 0 WHEN 'sms' THEN 64 WHEN 'phone' THEN 128 \
            WHEN 'post' THEN 192 ELSE 256 END, g.evidence \
        FROM contact c CROSS JOIN grant_now g CROSS JOIN purpose p \
        WHERE c.key {in} AND g.contact = c.id AND p.controller = c.controller AND p.id = g.purpose \
    UNION ALL SELECT 2, c.key, NULL, r.scope, '', '', '', r.since, NULL, NULL, r.chain, \
        r.seq, NULL, r.lifted, '' FROM contact c CROSS JOIN refusal_now r \
        WHERE c.key {in} AND r.contact = c.id \
    UNION ALL SELECT 3, c.key, NULL, l.kind, l.categories, \
        CAST(l.wide_assortment AS TEXT), CAST(l.objection_offered AS TEXT), l.at, l.ended_at, \
        NULL, l.chain, l.seq, NULL, 0, '' FROM contact c CROSS JOIN relation_now l \
        WHERE c.key {in} AND l.contact = c.id \
    UNION ALL SELECT 4, NULL, controller, '', '', '', '', 0, NULL, NULL, 0, 0, NULL, 0, '' \
        FROM suppressor";
/// What a refusal's one number says where it is none: a purpose left out of that of everything.
const LIFTED: i64 = 1;
/// What a grant's one number says.
const OF_AGE: i64 = 1;
const ASKS_AGE: i64 = 2;
const ASKS_DOUBLE_OPT_IN: i64 = 4;
const ASKS_ONCE: i64 = 8;
/// Where, in bits: two for how it ended, the rest for its channel.
const ENDED_AT: i64 = 4;
const CHANNEL_AT: i64 = 6;
/// Keys of one query, and questions that may wait before their askers do.
const KEYS_MAX: usize = 256;
const QUESTIONS_MAX: usize = 1024;
