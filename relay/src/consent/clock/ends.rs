//! Grants that end soon, and those that ended: each is said once, for the purpose and not for a
//! grant that another one carries on (S14, S16, S32).

use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::{ACTOR, LOOKS, Step, Ticked, WINDOW, end_kind};
use crate::{
    consent::event::{self, Events, New, Said},
    db::{Error, Row, Tx, int, moment, text, uuid},
};

/// One grant whose end is near or past.
struct Due {
    contact: Uuid,
    salt: Vec<u8>,
    controller: String,
    purpose: String,
    from: i64,
    until: i64,
    told: i64,
    event: String,
    /// Another grant of the purpose reaches further.
    carried_on: bool,
}

/// Whether the job came to its end.
pub(super) async fn step(step: &Step<'_>, ticked: &mut Ticked) -> Result<bool, Error> {
    let mut from = step.from.after.unwrap_or_default();
    for _ in 0..LOOKS {
        let Some(end) = step.window(from, WINDOW).await? else { return Ok(true) };
        let now = step.now.as_millisecond();
        let mut conn = step.consent().db.read().await?;
        let rows = conn.rows(DUE, vec![uuid(from), uuid(end), int(now), int(DAY_MS)]).await?;
        drop(conn);
        from = end;
        if !rows.is_empty() {
            let due: Vec<Due> = rows.iter().map(read).collect::<Result<_, _>>()?;
            write(step, &due, end, ticked).await?;
            return Ok(false);
        }
    }
    let mut tx = step.consent().db.begin().await?;
    if step.advance(&mut tx, Some(from)).await? {
        tx.commit().await?;
    }
    Ok(false)
}

async fn write(step: &Step<'_>, due: &[Due], end: Uuid, ticked: &mut Ticked) -> Result<(), Error> {
    let mut tx = step.consent().db.begin().await?;
    // Before the grants, as everybody takes them: who refuses one of them meanwhile waits here.
    let mut events = Events::begin(&mut tx, &step.consent().chain).await?;
    let mut said = Vec::new();
    for one in due {
        let over = one.until <= step.now.as_millisecond();
        // What somebody ended or moved meanwhile is theirs to say.
        if mark(&mut tx, one, over).await? && !one.carried_on {
            said.push((one, over));
        }
    }
    for (one, over) in &said {
        let until = moment(one.until)?;
        events.push(New {
            contact: one.contact,
            salt: &one.salt,
            kind: end_kind(*over),
            controller: &one.controller,
            purpose: Some(&one.purpose),
            recorded_at: step.now,
            said: Said { actor: ACTOR, at: happened(step.now, until, *over), evidence: None },
            detail: json!({ "grant": one.event, "until": until.to_string() }),
        });
    }
    if !said.is_empty() {
        events.write(&mut tx).await?;
    }
    if !step.advance(&mut tx, Some(end)).await? {
        return Ok(());
    }
    tx.commit().await?;
    let over = said.iter().filter(|(_, over)| *over).count() as u64;
    ticked.expired += over;
    ticked.expiring += said.len() as u64 - over;
    Ok(())
}

/// An end is when it was, even where the relay was down; an announcement is made now.
fn happened(now: Timestamp, until: Timestamp, over: bool) -> Timestamp {
    if over { until } else { now }
}

async fn mark(tx: &mut Tx<'_>, one: &Due, over: bool) -> Result<bool, Error> {
    let sql = "UPDATE grant_now SET told = $4 WHERE contact = $1 AND purpose = $2 \
               AND valid_from = $3 AND told = $5 AND valid_until = $6 AND withdrawn_at IS NULL";
    let told = if over || one.carried_on { 2 } else { 1 };
    let args = vec![
        uuid(one.contact),
        text(one.purpose.clone()),
        int(one.from),
        int(told),
        int(one.told),
        int(one.until),
    ];
    Ok(tx.run(sql, args).await? == 1)
}

fn read(row: &Row) -> Result<Due, Error> {
    let (contact, salt) = super::person(row)?;
    Ok(Due {
        contact,
        salt,
        controller: row.text(2)?,
        purpose: row.text(3)?,
        from: row.int(4)?,
        until: row.int(5)?,
        told: row.int(6)?,
        event: event::name(row.int(7)?, row.int(8)?),
        carried_on: row.int(9)? == 1,
    })
}

const DUE: &str = "\
    SELECT c.id, c.salt, c.controller, g.purpose, g.valid_from, g.valid_until, g.told, \
        g.chain, g.seq, CASE WHEN EXISTS (SELECT 1 FROM grant_now h WHERE h.contact = g.contact \
            AND h.purpose = g.purpose AND h.withdrawn_at IS NULL \
            AND h.valid_from <= g.valid_until AND h.valid_until > g.valid_until) \
            THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END \
    FROM grant_now g CROSS JOIN contact c CROSS JOIN purpose p \
    WHERE g.contact > $1 AND g.contact <= $2 AND g.told < 2 AND g.withdrawn_at IS NULL \
        AND c.id = g.contact AND p.controller = c.controller AND p.id = g.purpose \
        AND p.closed_at IS NULL AND (g.valid_until <= $3 OR (g.told = 0 \
            AND p.expiring_days > 0 AND g.valid_until <= $3 + p.expiring_days * $4))";
const DAY_MS: i64 = 86_400_000;
