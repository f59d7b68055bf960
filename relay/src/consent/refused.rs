//! Refusals in the order in which they were written, for whoever tells people that theirs arrived
//! (Slovak Act 452/2021, § 116), once for all relays on a database.
//!
//! A round is a span of each chain, on record before anybody is told and closed afterwards: whoever
//! was stopped in the middle has the same round again, in the same order. Whether a law asks for it
//! and what is said, others know.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use policy::Country;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Consent, event, store::open_address};
use crate::{
    db::{Error, Row, int},
    job,
    seal::{AddressKey, Secret},
};

/// One refusal of somebody whose address is on record.
#[derive(Clone, Debug)]
pub struct Refused {
    pub event: String,
    pub controller: String,
    pub key: AddressKey,
    pub address: String,
    pub country: Option<Country>,
    /// Id and name; `None`: of everything.
    pub purpose: Option<(String, String)>,
    /// Nobody said it: the clock unsubscribed who was silent.
    pub silent: bool,
    pub at: Timestamp,
    pub recorded_at: Timestamp,
}

/// Refusals that are this relay's to tell of.
#[derive(Debug)]
pub struct Round {
    pub refused: Vec<Refused>,
    state: String,
    marks: Marks,
}

/// How far each chain is told of.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
struct Marks {
    #[serde(default)]
    told: BTreeMap<i64, i64>,
    /// The round that is open: up to and with which number.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    open: BTreeMap<i64, i64>,
}

impl Marks {
    fn after(&self, chain: i64) -> i64 {
        self.told.get(&chain).copied().unwrap_or(0)
    }

    fn closed(&self) -> Self {
        let told = self.told.iter().chain(&self.open).map(|(chain, seq)| (*chain, *seq));
        Self { told: told.collect(), open: BTreeMap::new() }
    }

    fn text(&self) -> Result<String, Error> {
        serde_json::to_string(self).map_err(|error| Error::Bug(error.to_string()))
    }
}

impl Consent {
    /// What is to be told now; `None` where there is nothing new, or another relay is at it.
    pub async fn refusals(&self, now: Timestamp, holder: &str) -> Result<Option<Round>, Error> {
        let mut conn = self.db.read_briefly().await?;
        let on_record = job::read(&mut conn, JOB).await?;
        let read = |text: &str| serde_json::from_str::<Marks>(text).unwrap_or_default();
        let known = on_record.as_deref().map(read).unwrap_or_default();
        let mut open = known.open.clone();
        if open.is_empty() {
            for row in conn.rows(HEADS, vec![]).await? {
                let (chain, head) = (row.int(0)?, row.int(1)?);
                let after = known.after(chain);
                if head > after {
                    let settled = now.checked_sub(SETTLE).unwrap_or(now).as_millisecond();
                    let args = vec![int(chain), int(after), int(after + WINDOW), int(settled)];
                    let rows = conn.rows(LAST, args).await?;
                    let Some(row) = rows.first() else { continue };
                    // Where nobody refused, nothing is written but once in so many events.
                    let passed = row.opt_int(1)?.filter(|seq| *seq == after + WINDOW);
                    open.extend(row.opt_int(0)?.or(passed).map(|seq| (chain, seq)));
                }
            }
        }
        drop(conn);
        if open.is_empty() || !job::claim(&self.db, now, JOB, holder, LEASE).await? {
            return Ok(None);
        }
        let old = on_record.unwrap_or_else(|| NOTHING.to_owned());
        let marks = Marks { told: known.told, open };
        let state = marks.text()?;
        let mut tx = self.db.begin().await?;
        if !job::swap(&mut tx, JOB, Some(&old), Some(&state)).await? {
            return Ok(None);
        }
        tx.commit().await?;
        let mut refused = Vec::new();
        let mut conn = self.db.read().await?;
        for (chain, last) in &marks.open {
            let args = vec![int(*chain), int(marks.after(*chain)), int(*last)];
            for row in conn.rows(REFUSED, args).await? {
                refused.extend(self::read(&self.secret, &row)?);
            }
        }
        Ok(Some(Round { refused, state, marks }))
    }

    /// All of the round are told.
    pub async fn refusals_told(&self, round: Round) -> Result<(), Error> {
        let new = round.marks.closed().text()?;
        let mut tx = self.db.begin().await?;
        if job::swap(&mut tx, JOB, Some(&round.state), Some(&new)).await? {
            tx.commit().await?;
        }
        Ok(())
    }
}

/// `None`: it was said long before it was written down, or came with a file. That is history, and
/// who kept it before had to confirm it.
fn read(secret: &Secret, row: &Row) -> Result<Option<Refused>, Error> {
    let (at, recorded_at) = (row.time(4)?, row.time(5)?);
    let detail: Value = serde_json::from_str(&row.text(6)?).unwrap_or_default();
    let imported = detail.get("imported").and_then(Value::as_bool) == Some(true);
    let key = AddressKey(row.key(7)?);
    let address = open_address(secret, &key, row.opt_bytes(8)?)?;
    let Some(address) = address.filter(|_| !imported && recorded_at.duration_since(at) <= HISTORY)
    else {
        return Ok(None);
    };
    let purpose = row.opt_text(3)?;
    let name = row.opt_text(10)?;
    Ok(Some(Refused {
        event: event::name(row.int(0)?, row.int(1)?),
        controller: row.text(2)?,
        key,
        address,
        country: row.opt_text(9)?.and_then(|code| code.into_bytes().try_into().ok()).map(Country),
        purpose: purpose.map(|id| (id.clone(), name.unwrap_or(id))),
        silent: detail.get("why").and_then(Value::as_str) == Some("silent"),
        at,
        recorded_at,
    }))
}

const HEADS: &str = "SELECT id, head_seq FROM chain WHERE name LIKE 'consent/%' ORDER BY id";
const LAST: &str = "SELECT MAX(CASE WHEN kind = 'refused' THEN seq END), MAX(seq) \
                    FROM consent_event WHERE chain = $1 AND seq > $2 AND seq <= $3 AND recorded_at <= $4";
const REFUSED: &str = "\
    SELECT e.chain, e.seq, e.controller, e.purpose, e.at, e.recorded_at, e.detail, c.key, \
        c.address, c.country, p.name \
    FROM consent_event e JOIN contact c ON c.id = e.contact \
    LEFT JOIN purpose p ON p.controller = e.controller AND p.id = e.purpose \
    WHERE e.chain = $1 AND e.seq > $2 AND e.seq <= $3 AND e.kind = 'refused' \
        AND c.address IS NOT NULL ORDER BY e.seq";
const JOB: &str = "refusals/tell";
/// The state of a job that has not begun.
const NOTHING: &str = "{}";
/// What one press of a button refuses is several events: they are told of together.
const SETTLE: SignedDuration = SignedDuration::from_secs(1);
const HISTORY: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Longer than a round takes; then another relay takes it over.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// Events of one chain that one round takes in.
const WINDOW: i64 = 1_000;
