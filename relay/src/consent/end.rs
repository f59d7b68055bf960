//! How grants end before their time: taken back by the person or the controller, void, or with
//! their purpose. What ended stays on record with its evidence (S27).

use std::time::Duration;

use jiff::Timestamp;
use policy::Ended;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    Consent, Recorded,
    event::{Events, Kind, New, Said},
    purpose,
    record::{Desk, end_grants},
    register::{self, Entry},
};
use crate::db::{Error, Row, Tx, int, text, uuid};

/// Who closes a purpose, and why.
#[derive(Clone, Debug)]
pub struct Closing<'a> {
    pub controller: &'a str,
    pub purpose: &'a str,
    pub actor: &'a str,
    /// Why, in words without personal data; empty: not said.
    pub why: &'a str,
}

impl<'a> Desk<'a> {
    /// Ends the grants of one purpose, without a word of the future.
    pub(super) async fn end(
        &self,
        tx: &mut Tx<'_>,
        events: &mut Events<'a>,
        purpose: &'a str,
        how: Ended,
    ) -> Result<Recorded, Error> {
        if purpose::find(tx, &self.who.controller, purpose).await?.is_none() {
            return Ok(Recorded::NoPurpose);
        }
        let ended = end_grants(tx, self.contact.id, Some(purpose), how, self.proof.at).await?;
        if ended == 0 {
            return Ok(Recorded::Already);
        }
        Ok(self.push(events, how.into(), Some(purpose), json!({ "grants": ended })))
    }
}

/// Closes the purpose at once; whether it was open.
pub(super) async fn shut(
    consent: &Consent,
    now: Timestamp,
    what: &Closing<'_>,
) -> Result<bool, Error> {
    let mut tx = consent.db.begin().await?;
    let sql = "UPDATE purpose SET closed_at = $1, edition = edition + 1 \
               WHERE controller = $2 AND id = $3 AND closed_at IS NULL";
    let args = vec![int(now.as_millisecond()), text(what.controller), text(what.purpose)];
    let changed = tx.run(sql, args).await?;
    if changed > 0 {
        let entry = Entry::PurposeClosed { controller: what.controller, id: what.purpose };
        let mut more = Map::from_iter([("by".to_owned(), json!(what.actor))]);
        if !what.why.is_empty() {
            more.insert("why".to_owned(), json!(what.why));
        }
        register::note(&mut tx, consent, now, entry, more).await?;
    }
    tx.commit().await?;
    Ok(changed > 0)
}

/// One batch of those whose grants the closed purpose ended, after the contact at `from`; where to
/// go on, `None` at the end. Each gets its event; what a batch did is not done again.
pub(super) async fn terminate(
    consent: &Consent,
    now: Timestamp,
    what: &Closing<'_>,
    from: Option<Uuid>,
) -> Result<(u64, Option<Uuid>), Error> {
    let Some(purpose) = consent.purpose(what.controller, what.purpose).await? else {
        return Ok((0, None));
    };
    let Some(closed_at) = purpose.closed_at else { return Ok((0, None)) };
    let rows = consent
        .db
        .read()
        .await?
        .rows(
            OPEN,
            vec![
                uuid(from.unwrap_or_default()),
                text(what.purpose),
                text(what.controller),
                int(closed_at.as_millisecond()),
                int(BATCH),
            ],
        )
        .await?;
    if rows.is_empty() {
        return Ok((0, None));
    }
    let detail = match what.why {
        "" => Value::Object(Map::new()),
        why => json!({ "why": why }),
    };
    let people: Vec<(Uuid, Vec<u8>)> = rows.iter().map(person).collect::<Result<_, _>>()?;
    let mut tx = consent.db.begin().await?;
    // Before the grants, as everybody takes them: who refuses one of them meanwhile waits here.
    let mut events = Events::begin(&mut tx, &consent.chain).await?;
    let mut ended = Vec::new();
    for (id, salt) in &people {
        // Whoever took it back meanwhile did so themselves.
        let how = Ended::Terminated;
        if end_grants(&mut tx, *id, Some(what.purpose), how, closed_at).await? > 0 {
            ended.push((*id, salt));
        }
    }
    for (id, salt) in &ended {
        events.push(New {
            contact: *id,
            salt,
            kind: Kind::Terminated,
            controller: what.controller,
            purpose: Some(what.purpose),
            recorded_at: now,
            said: Said { actor: what.actor, at: closed_at, evidence: None },
            detail: detail.clone(),
        });
    }
    let count = ended.len() as u64;
    if count > 0 {
        events.write(&mut tx).await?;
    }
    tx.commit().await?;
    // A relay that waits for the write lock gets it between two batches.
    tokio::time::sleep(BREATH).await;
    let last = people.last().map(|(id, _)| *id);
    Ok((count, last.filter(|_| people.len() as i64 == BATCH)))
}

fn person(row: &Row) -> Result<(Uuid, Vec<u8>), Error> {
    Ok((row.uuid(0)?, row.opt_bytes(1)?.unwrap_or_default()))
}

/// One row for each contact: grants of one stand together.
const OPEN: &str = "\
    SELECT c.id, c.salt FROM contact c WHERE c.id > $1 AND c.controller = $3 AND EXISTS \
    (SELECT 1 FROM grant_now g WHERE g.contact = c.id AND g.purpose = $2 \
    AND g.withdrawn_at IS NULL AND g.valid_until > $4) ORDER BY c.id LIMIT $5";
const BATCH: i64 = 500;
const BREATH: Duration = Duration::from_millis(2);
