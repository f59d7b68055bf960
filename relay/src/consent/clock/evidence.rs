//! Evidence is let go of when what it proves has been over for as long as the law wants it kept
//! (Slovak law: four years). The events stay, and so does the chain over them.

use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::{ACTOR, LOOKS, Step, Terms, Ticked, WINDOW};
use crate::{
    consent::{
        customer::back,
        erase::LEARNED,
        event::{Events, Kind, New, Said},
    },
    db::{Error, Row, int, text, uuid},
};

/// Whether the job came to its end.
pub(super) async fn step(
    step: &Step<'_>,
    terms: &[Terms],
    ticked: &mut Ticked,
) -> Result<bool, Error> {
    let mut wanted = Vec::new();
    for one in terms {
        if one.purge_evidence {
            wanted.push((one.controller.as_str(), back(step.now, one.evidence_for, &one.zone)));
        }
    }
    if wanted.is_empty() {
        return Ok(true);
    }
    let mut from = step.from.after.unwrap_or_default();
    for _ in 0..LOOKS {
        let Some(end) = step.window(from, WINDOW).await? else { return Ok(true) };
        let mut found = Vec::new();
        for (controller, before) in &wanted {
            found.extend(over(step, controller, *before, (from, end)).await?);
        }
        from = end;
        if !found.is_empty() {
            write(step, &found, end, ticked).await?;
            return Ok(false);
        }
    }
    let mut tx = step.consent().db.begin().await?;
    if step.advance(&mut tx, Some(from)).await? {
        tx.commit().await?;
    }
    Ok(false)
}

/// An event whose evidence may go.
struct Old {
    contact: Uuid,
    salt: Vec<u8>,
    controller: String,
    chain: i64,
    seq: i64,
}

async fn over(
    step: &Step<'_>,
    controller: &str,
    before: Timestamp,
    (from, end): (Uuid, Uuid),
) -> Result<Vec<Old>, Error> {
    let args =
        vec![text(controller.to_owned()), uuid(from), uuid(end), int(before.as_millisecond())];
    let sql = OVER.replace("{learned}", LEARNED);
    let rows = step.consent().db.read().await?.rows(&sql, args).await?;
    let read = |row: &Row| {
        let (contact, salt) = super::person(row)?;
        let controller = controller.to_owned();
        Ok(Old { contact, salt, controller, chain: row.int(2)?, seq: row.int(3)? })
    };
    rows.iter().map(read).collect()
}

async fn write(
    step: &Step<'_>,
    found: &[Old],
    end: Uuid,
    ticked: &mut Ticked,
) -> Result<(), Error> {
    let mut tx = step.consent().db.begin().await?;
    let mut count = 0;
    for one in found {
        let sql = "UPDATE consent_event SET evidence = NULL \
                   WHERE chain = $1 AND seq = $2 AND evidence IS NOT NULL";
        count += tx.run(sql, vec![int(one.chain), int(one.seq)]).await?;
    }
    let mut events = Events::begin(&mut tx, &step.consent().chain).await?;
    // One for each contact: its events stand together.
    for group in found.chunk_by(|a, b| a.contact == b.contact) {
        let Some(one) = group.first() else { continue };
        events.push(New {
            contact: one.contact,
            salt: &one.salt,
            kind: Kind::Erased,
            controller: &one.controller,
            purpose: None,
            recorded_at: step.now,
            said: Said { actor: ACTOR, at: step.now, evidence: None },
            detail: json!({ "what": "evidence", "events": group.len(), "why": "kept long enough" }),
        });
    }
    events.write(&mut tx).await?;
    if step.advance(&mut tx, Some(end)).await? {
        tx.commit().await?;
        ticked.evidence += count;
    }
    Ok(())
}

/// Of a grant: since it ended. Of a no: since it was written down. Of everything else that was said:
/// since then, unless a contract runs.
const OVER: &str = "\
    SELECT c.id, c.salt, e.chain, e.seq FROM contact c CROSS JOIN consent_event e \
    WHERE c.controller = $1 AND c.id > $2 AND c.id <= $3 AND e.contact = c.id \
    AND e.evidence IS NOT NULL AND e.at < $4 \
    AND NOT ((e.kind = 'refused' OR e.kind = 'withdrawn') AND e.recorded_at >= $4) \
    AND NOT EXISTS (SELECT 1 FROM grant_now g WHERE g.contact = c.id \
        AND g.chain = e.chain AND g.seq = e.seq AND (COALESCE(g.withdrawn_at, g.valid_until) >= $4 \
            OR (g.withdrawn_at IS NOT NULL AND {learned} >= $4))) \
    AND NOT EXISTS (SELECT 1 FROM relation_now l WHERE l.contact = c.id \
        AND l.chain = e.chain AND l.seq = e.seq \
        AND (l.ended_at >= $4 OR (l.kind = 'contract' AND l.ended_at IS NULL))) \
    ORDER BY c.id, e.chain, e.seq";
