//! "What is the standing of these addresses?", answered from the latest committed state.
//!
//! On PostgreSQL questions that arrive together share one query; SQLite answers each on the spot.
//! Nothing is remembered: a refusal counts from the moment it is on disk.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use policy::{
    Address, Country, EvidenceField, Grant, Preference, Refusal, Relation, Requires, Scope, Sent,
    Standing, Subscriber,
};
use tokio::sync::{mpsc, oneshot};

use super::{
    event, prefer, sent,
    store::{parse_word, subscriber, time},
};
use crate::{
    db::{Conn, Db, Error, Keys, Row, Unavailable},
    seal::{AddressKey, Secret},
};

/// Asks; cheap to clone.
#[derive(Clone, Debug)]
pub struct Lookup {
    secret: Secret,
    patience: Duration,
    counter: Counter,
}

/// Where questions are answered.
#[derive(Clone, Debug)]
enum Counter {
    /// SQLite: here and now.
    Here(Db),
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
    controller: String,
    keys: Vec<AddressKey>,
    counted: bool,
    answer: oneshot::Sender<Result<Vec<Record>, Unavailable>>,
}

impl Lookup {
    pub(super) fn start(db: Db, secret: Secret, patience: Duration) -> Self {
        let counter = if db.is_sqlite() {
            Counter::Here(db)
        } else {
            let (questions, asked) = mpsc::channel(QUESTIONS_MAX);
            tokio::spawn(run(db, patience, asked));
            Counter::Task(questions)
        };
        Self { secret, patience, counter }
    }

    /// One record per address, in order; an unknown address has an empty one. `counted`: with what
    /// was sent of late, also to those whose own record does not ask for a count.
    pub async fn records(
        &self,
        controller: &str,
        addresses: &[Address],
        counted: bool,
    ) -> Result<Vec<Record>, Unavailable> {
        let keys: Vec<_> = addresses.iter().map(|one| self.secret.address_key(one)).collect();
        self.records_of(controller, keys, counted).await
    }

    /// The same, where only the keys are at hand.
    pub async fn records_of(
        &self,
        controller: &str,
        keys: Vec<AddressKey>,
        counted: bool,
    ) -> Result<Vec<Record>, Unavailable> {
        let questions = match &self.counter {
            Counter::Here(db) => return answer(db, controller, &keys, counted).await,
            Counter::Task(questions) => questions,
        };
        let (answer, answered) = oneshot::channel();
        let question = Question { controller: controller.to_owned(), keys, counted, answer };
        let asked = async {
            questions.send(question).await.map_err(|_| gone())?;
            answered.await.map_err(|_| gone())?
        };
        let late = |_| Unavailable("the consent store did not answer in time".into());
        tokio::time::timeout(self.patience, asked).await.map_err(late)?
    }
}

async fn answer(
    db: &Db,
    controller: &str,
    keys: &[AddressKey],
    counted: bool,
) -> Result<Vec<Record>, Unavailable> {
    let mut conn = db.read_briefly().await?;
    let found = query(&mut conn, keys.iter().collect(), counted).await?;
    Ok(records(&found, controller, keys))
}

fn records(
    found: &BTreeMap<AddressKey, Found>,
    controller: &str,
    keys: &[AddressKey],
) -> Vec<Record> {
    let of = |key| found.get(key).map_or_else(Record::default, |one| one.of(controller));
    keys.iter().map(of).collect()
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
            Ok(found) => {
                for question in group.drain(..) {
                    let records = records(&found, &question.controller, &question.keys);
                    let _ = question.answer.send(Ok(records));
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
) -> Result<BTreeMap<AddressKey, Found>, Error> {
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
) -> Result<BTreeMap<AddressKey, Found>, Error> {
    keys.sort_unstable();
    keys.dedup();
    let each = || keys.iter().map(|key| key.0.as_slice()).collect();
    let mut found: BTreeMap<AddressKey, Found> = BTreeMap::new();
    for row in conn.rows_in(SQL, &[], Keys::Bytes(each())).await? {
        found.entry(AddressKey(row.key(1)?)).or_default().take(&row)?;
    }
    let some = keys_where(&found, |one| one.prefers);
    for row in conn.rows_in(prefer::SELECT, &[], bytes(&some)).await? {
        found.entry(AddressKey(row.key(4)?)).or_default().preferences.push(prefer::read(&row)?);
    }
    let some = keys_where(&found, Found::counts);
    let asked = if counted { Keys::Bytes(each()) } else { bytes(&some) };
    for row in conn.rows_in(sent::SELECT, &[], asked).await? {
        // Also to an address that nothing else is known of.
        found.entry(AddressKey(row.key(0)?)).or_default().sent.push(sent::read(&row)?);
    }
    found.values_mut().for_each(Found::sort);
    Ok(found)
}

fn keys_where(
    found: &BTreeMap<AddressKey, Found>,
    wanted: impl Fn(&Found) -> bool,
) -> Vec<AddressKey> {
    found.iter().filter(|(_, one)| wanted(one)).map(|(key, _)| *key).collect()
}

fn bytes(keys: &[AddressKey]) -> Keys<'_> {
    Keys::Bytes(keys.iter().map(|key| key.0.as_slice()).collect())
}

fn country(column: Option<String>) -> Option<Country> {
    column.and_then(|code| code.into_bytes().try_into().ok()).map(Country)
}

/// All that one contact has, of every controller.
#[derive(Debug, Default)]
struct Found {
    country: Option<Country>,
    grants: Vec<(String, Grant)>,
    refusals: Vec<(String, Refusal)>,
    relations: Vec<(String, Relation)>,
    subscriber: Subscriber,
    published: bool,
    last_activity: Option<Timestamp>,
    /// It has preferences.
    prefers: bool,
    preferences: Vec<(String, Preference)>,
    sent: Vec<(String, Sent)>,
}

impl Found {
    /// What is on record asks for a count of what was sent.
    fn counts(&self) -> bool {
        self.grants.iter().any(|(_, one)| one.requires.once)
            || self.preferences.iter().any(|(_, one)| one.at_most.is_some())
    }

    fn take(&mut self, row: &Row) -> Result<(), Error> {
        if row.int(0)? == CONTACT {
            self.country = country(row.opt_text(2)?);
            self.subscriber = subscriber(&row.text(3)?)?;
            self.published = row.int(7)? == 1;
            self.last_activity = row.opt_int(8)?.map(time).transpose()?;
            self.prefers = row.int(10)? == 1;
            return Ok(());
        }
        let controller = row.text(2)?;
        let first = row.text(3)?;
        let event = event::name(row.int(10)?, row.int(11)?);
        match row.int(0)? {
            GRANT => self.grants.push((
                controller,
                Grant {
                    purpose: first,
                    basis: parse_word(&row.text(4)?)?,
                    method: parse_word(&row.text(5)?)?,
                    source: parse_word(&row.text(6)?)?,
                    from: time(row.int(7)?)?,
                    until: time(row.int(8)?)?,
                    withdrawn_at: row.opt_int(9)?.map(time).transpose()?,
                    confirmed_at: row.opt_int(12)?.map(time).transpose()?,
                    age_declared: row.int(13)? & OF_AGE != 0,
                    evidence: evidence(&row.text(14)?),
                    requires: requires(row.int(13)?),
                    event,
                },
            )),
            REFUSAL => self.refusals.push((
                controller,
                Refusal { scope: scope(first), since: time(row.int(7)?)?, event },
            )),
            _ => self.relations.push((
                controller,
                Relation {
                    kind: parse_word(&first)?,
                    categories: serde_json::from_str(&row.text(4)?)
                        .map_err(|error| Error::Bug(error.to_string()))?,
                    wide_assortment: row.text(5)? == "1",
                    objection_offered: row.text(6)? == "1",
                    at: time(row.int(7)?)?,
                    ended_at: row.opt_int(8)?.map(time).transpose()?,
                    event,
                },
            )),
        }
        Ok(())
    }

    /// The same facts have one order, whatever order the rows came in: a verdict can be replayed.
    fn sort(&mut self) {
        self.grants.sort_by(|(_, a), (_, b)| (&a.purpose, a.from).cmp(&(&b.purpose, b.from)));
        self.refusals.sort_by(|(_, a), (_, b)| (a.since, &a.event).cmp(&(b.since, &b.event)));
        self.relations.sort_by(|(_, a), (_, b)| (a.at, &a.event).cmp(&(b.at, &b.event)));
        self.preferences.sort_by(|(_, a), (_, b)| a.purpose.cmp(&b.purpose));
        self.sent.sort_by(|(_, a), (_, b)| (b.at, &b.purpose).cmp(&(a.at, &a.purpose)));
    }

    fn of(&self, controller: &str) -> Record {
        Record {
            standing: Standing {
                grants: of(&self.grants, controller),
                refusals: of(&self.refusals, controller),
                relations: of(&self.relations, controller),
                subscriber: self.subscriber,
                published: self.published,
                last_activity: self.last_activity,
                preferences: of(&self.preferences, controller),
                sent: of(&self.sent, controller),
            },
            country: self.country,
        }
    }
}

fn of<T: Clone>(all: &[(String, T)], controller: &str) -> Vec<T> {
    all.iter().filter(|(whose, _)| whose == controller).map(|(_, one)| one.clone()).collect()
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
/// One statement, which sees one moment. It finds the contact once for each table: both databases
/// do that sooner than they remember it.
const SQL: &str = "\
    SELECT 0, key, country, COALESCE(subscriber, ''), '', '', '', published, last_activity, \
        CAST(NULL AS BIGINT), prefers, CAST(0 AS BIGINT), CAST(NULL AS BIGINT), \
        CAST(0 AS BIGINT), '' FROM contact WHERE key {in} \
    UNION ALL SELECT 1, c.key, p.controller, g.purpose, p.basis, g.method, g.source, \
        g.valid_from, g.valid_until, g.withdrawn_at, g.chain, g.seq, g.confirmed_at, \
        g.of_age + 2 * p.of_age + 4 * p.double_opt_in + 8 * p.once, g.evidence \
        FROM contact c CROSS JOIN grant_now g CROSS JOIN purpose p \
        WHERE c.key {in} AND g.contact = c.id AND p.id = g.purpose \
    UNION ALL SELECT 2, c.key, r.controller, r.scope, '', '', '', r.since, NULL, NULL, r.chain, \
        r.seq, NULL, 0, '' FROM contact c CROSS JOIN refusal_now r \
        WHERE c.key {in} AND r.contact = c.id \
    UNION ALL SELECT 3, c.key, l.controller, l.kind, l.categories, \
        CAST(l.wide_assortment AS TEXT), CAST(l.objection_offered AS TEXT), l.at, l.ended_at, \
        NULL, l.chain, l.seq, NULL, 0, '' FROM contact c CROSS JOIN relation_now l \
        WHERE c.key {in} AND l.contact = c.id";
/// What a grant's one number says.
const OF_AGE: i64 = 1;
const ASKS_AGE: i64 = 2;
const ASKS_DOUBLE_OPT_IN: i64 = 4;
const ASKS_ONCE: i64 = 8;
/// Keys of one query, and questions that may wait before their askers do.
const KEYS_MAX: usize = 256;
const QUESTIONS_MAX: usize = 1024;
