//! The record of an import: who attested it, how far it is, what came of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use uuid::Uuid;

use super::{Counts, Fault, Plan, attest::STATEMENT, dialect::Sniffed};
use crate::{
    consent::{
        Consent,
        register::{self, Entry},
    },
    db::{Error, Row, Tx, int, text, uuid},
    seal::{self, Secret},
};

/// An import that began, as people see it.
#[derive(Clone, Debug)]
pub struct Past {
    pub id: Uuid,
    pub at: Timestamp,
    pub file: String,
    pub format: String,
    pub source: String,
    pub attested_by: String,
    /// SHA-256 of the statement that was signed, in hex.
    pub statement: String,
    pub counts: Counts,
    /// `None`: it was stopped on its way.
    pub done_at: Option<Timestamp>,
}

/// How far it is. Of a dry run nothing is kept.
pub(super) struct State {
    id: Option<Uuid>,
    /// As the database has it.
    stored: String,
    far: Far,
    went_on: bool,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Far {
    bytes: u64,
    line: u64,
    rejects_bytes: u64,
    counts: Counts,
}

/// Goes on with the same import, or begins it.
pub(super) async fn begin(
    consent: &Consent,
    now: Timestamp,
    plan: &Plan,
    format: &str,
    file: &Sniffed,
) -> Result<State, Fault> {
    let mut state = State {
        id: None,
        stored: json!(Far::default()).to_string(),
        far: Far::default(),
        went_on: false,
    };
    if plan.dry_run {
        return Ok(state);
    }
    let asked = asked(&consent.secret, plan, format, &file.sha256);
    let mut tx = consent.db.begin().await?;
    let sql = "SELECT id, state FROM import WHERE asked = $1 AND done_at IS NULL";
    let known = tx.rows(sql, vec![text(asked.clone())]).await?;
    if let Some(row) = known.first() {
        state.id = Some(row.uuid(0)?);
        state.stored = row.text(1)?;
        state.far = serde_json::from_str(&state.stored).unwrap_or_default();
        state.went_on = state.far.bytes > 0;
        return Ok(state);
    }
    let id = Uuid::now_v7();
    let row = vec![
        uuid(id),
        text(asked),
        text(plan.controller.clone()),
        int(now.as_millisecond()),
        text(file.name.as_str()),
        text(format.to_owned()),
        text(plan.origin.word()),
        text(plan.source.clone()),
        text(plan.attested_by.clone()),
        text(seal::hex(&seal::digest(STATEMENT.as_bytes()))),
        text(state.stored.clone()),
    ];
    tx.insert("import", COLUMNS, row, "").await?;
    let by = Map::from_iter([("by".to_owned(), json!(plan.actor))]);
    register::note(&mut tx, consent, now, Entry::ImportBegun(id), by).await?;
    tx.commit().await?;
    state.id = Some(id);
    Ok(state)
}

/// The same file taken in the same way has the same name. A keyed hash, as a file of one address
/// could be guessed.
fn asked(secret: &Secret, plan: &Plan, format: &str, sha256: &[u8; 32]) -> String {
    let mut digest = seal::Digest::new();
    let from = plan.from.map(|from| from.to_string());
    let parts = [
        seal::hex(sha256),
        plan.controller.clone(),
        format.to_owned(),
        plan.purposes.text(),
        format!("{from:?} {:?} {:?}", plan.status, plan.only),
        plan.source.clone(),
        plan.attested_by.clone(),
    ];
    for part in parts {
        digest.update(&(part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    seal::hex(&secret.mac_key("import").sign(&digest.finish()))
}

impl State {
    pub(super) fn id(&self) -> Option<Uuid> {
        self.id
    }

    pub(super) fn went_on(&self) -> bool {
        self.went_on
    }

    /// Where in the file it goes on.
    pub(super) fn place(&self) -> Option<(u64, u64)> {
        self.went_on.then_some((self.far.bytes, self.far.line))
    }

    pub(super) fn rejects_bytes(&self) -> u64 {
        self.far.rejects_bytes
    }

    pub(super) fn counts(&self) -> Counts {
        self.far.counts
    }

    /// How far into the file it is.
    pub(super) fn reached(&self) -> (u64, u64) {
        (self.far.bytes, self.far.line)
    }

    /// Puts right what was counted; noted with the end.
    pub(super) fn count(&mut self, counts: Counts) {
        self.far.counts = counts;
    }

    /// In the transaction of the batch: both or none. Whoever finds the state changed has lost to
    /// somebody who goes on with the same import.
    pub(super) async fn step(
        &self,
        tx: &mut Tx<'_>,
        place: (u64, u64),
        rejects_bytes: u64,
        counts: Counts,
    ) -> Result<Stepped, Fault> {
        let far = Far { bytes: place.0, line: place.1, rejects_bytes, counts };
        let stored = json!(far).to_string();
        if let Some(id) = self.id {
            let sql = "UPDATE import SET state = $3 WHERE id = $1 AND state = $2";
            let args = vec![uuid(id), text(self.stored.clone()), text(stored.clone())];
            if tx.run(sql, args).await? == 0 {
                return Err(Fault::Busy);
            }
        }
        Ok(Stepped { far, stored })
    }

    /// After the commit.
    pub(super) fn take(&mut self, stepped: Stepped) {
        (self.far, self.stored) = (stepped.far, stepped.stored);
    }

    pub(super) async fn finish(&self, consent: &Consent, now: Timestamp) -> Result<(), Fault> {
        let Some(id) = self.id else { return Ok(()) };
        let mut tx = consent.db.begin().await?;
        let sql = "UPDATE import SET done_at = $2, state = $3 WHERE id = $1";
        let far = json!(self.far).to_string();
        tx.run(sql, vec![uuid(id), int(now.as_millisecond()), text(far)]).await?;
        Ok(tx.commit().await?)
    }
}

/// The state that a batch leads to.
pub(super) struct Stepped {
    far: Far,
    stored: String,
}

pub(super) async fn past(consent: &Consent, controller: &str) -> Result<Vec<Past>, Error> {
    let sql = "SELECT id, at, file, format, source, attested_by, statement, state, done_at \
               FROM import WHERE controller = $1 ORDER BY id DESC";
    let rows = consent.db.read().await?.rows(sql, vec![text(controller)]).await?;
    let read = |row: &Row| {
        let far: Far = serde_json::from_str(&row.text(7)?).unwrap_or_default();
        Ok(Past {
            id: row.uuid(0)?,
            at: row.time(1)?,
            file: row.text(2)?,
            format: row.text(3)?,
            source: row.text(4)?,
            attested_by: row.text(5)?,
            statement: row.text(6)?,
            counts: far.counts,
            done_at: row.opt_time(8)?,
        })
    };
    rows.iter().map(read).collect()
}

const COLUMNS: &[&str] = &[
    "id",
    "asked",
    "controller",
    "at",
    "file",
    "format",
    "origin",
    "source",
    "attested_by",
    "statement",
    "state",
];
