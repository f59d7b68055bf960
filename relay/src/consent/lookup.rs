//! "What is the standing of these addresses?", answered from the latest committed state.
//!
//! On PostgreSQL questions that arrive together share one query; SQLite answers each on the spot.
//! Nothing is remembered: a refusal counts from the moment it is on disk.

use std::{collections::BTreeMap, time::Duration};

use policy::{
    Address, Country, EvidenceField, Grant, Refusal, Relation, Requires, Scope, Standing,
};
use tokio::sync::{mpsc, oneshot};

use super::{
    event,
    store::{parse_word, time},
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

    /// One record per address, in order; an unknown address has an empty one.
    pub async fn records(
        &self,
        controller: &str,
        addresses: &[Address],
    ) -> Result<Vec<Record>, Unavailable> {
        let keys: Vec<_> = addresses.iter().map(|one| self.secret.address_key(one)).collect();
        self.records_of(controller, keys).await
    }

    /// The same, where only the keys are at hand.
    pub async fn records_of(
        &self,
        controller: &str,
        keys: Vec<AddressKey>,
    ) -> Result<Vec<Record>, Unavailable> {
        let questions = match &self.counter {
            Counter::Here(db) => return answer(db, controller, &keys).await,
            Counter::Task(questions) => questions,
        };
        let (answer, answered) = oneshot::channel();
        let question = Question { controller: controller.to_owned(), keys, answer };
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
) -> Result<Vec<Record>, Unavailable> {
    let mut conn = db.read_briefly().await?;
    let found = query(&mut conn, keys.iter().collect()).await?;
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
    if let Some(conn) = held {
        match query(conn, keys()).await {
            Err(Error::Away(_)) => *held = None,
            answer => return answer,
        }
    }
    query(held.insert(db.read().await?), keys()).await
}

async fn query(
    conn: &mut Conn<'_>,
    mut keys: Vec<&AddressKey>,
) -> Result<BTreeMap<AddressKey, Found>, Error> {
    keys.sort_unstable();
    keys.dedup();
    let keys = keys.into_iter().map(|key| key.0.as_slice()).collect();
    let mut found: BTreeMap<AddressKey, Found> = BTreeMap::new();
    for row in conn.rows_in(SQL, &[], Keys::Bytes(keys)).await? {
        found.entry(AddressKey(row.key(1)?)).or_default().take(&row)?;
    }
    found.values_mut().for_each(Found::sort);
    Ok(found)
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
}

impl Found {
    fn take(&mut self, row: &Row) -> Result<(), Error> {
        if row.int(0)? == CONTACT {
            self.country = country(row.opt_text(2)?);
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
                    confirmed_at: None,
                    age_declared: false,
                    // Each event on record holds these.
                    evidence: vec![
                        EvidenceField::GrantedAt,
                        EvidenceField::Method,
                        EvidenceField::Source,
                        EvidenceField::Record,
                    ],
                    requires: Requires::default(),
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
    }

    fn of(&self, controller: &str) -> Record {
        Record {
            standing: Standing {
                grants: of(&self.grants, controller),
                refusals: of(&self.refusals, controller),
                relations: of(&self.relations, controller),
                ..Standing::default()
            },
            country: self.country,
        }
    }
}

fn of<T: Clone>(all: &[(String, T)], controller: &str) -> Vec<T> {
    all.iter().filter(|(whose, _)| whose == controller).map(|(_, one)| one.clone()).collect()
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
    SELECT 0, key, country, '', '', '', '', CAST(0 AS BIGINT), CAST(NULL AS BIGINT), \
        CAST(NULL AS BIGINT), CAST(0 AS BIGINT), CAST(0 AS BIGINT) FROM contact WHERE key {in} \
    UNION ALL SELECT 1, c.key, p.controller, g.purpose, p.basis, g.method, g.source, \
        g.valid_from, g.valid_until, g.withdrawn_at, g.chain, g.seq \
        FROM contact c CROSS JOIN grant_now g CROSS JOIN purpose p \
        WHERE c.key {in} AND g.contact = c.id AND p.id = g.purpose \
    UNION ALL SELECT 2, c.key, r.controller, r.scope, '', '', '', r.since, NULL, NULL, r.chain, \
        r.seq FROM contact c CROSS JOIN refusal_now r WHERE c.key {in} AND r.contact = c.id \
    UNION ALL SELECT 3, c.key, l.controller, l.kind, l.categories, \
        CAST(l.wide_assortment AS TEXT), CAST(l.objection_offered AS TEXT), l.at, l.ended_at, \
        NULL, l.chain, l.seq FROM contact c CROSS JOIN relation_now l \
        WHERE c.key {in} AND l.contact = c.id";
/// Keys of one query, and questions that may wait before their askers do.
const KEYS_MAX: usize = 256;
const QUESTIONS_MAX: usize = 1024;
