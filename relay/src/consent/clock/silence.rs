//! Contacts silent for longer than the pack waits are asked for a last sign of life, and
//! unsubscribed where none comes (S42, S43, S51, S52). Only where the controller asks for it.
//!
//! Who is asked is an `inactive` event: the tool that hears of it by a webhook, or asks by the filter
//! `reactivating`, sends its last campaign.

use std::collections::BTreeMap;

use jiff::Timestamp;
use policy::{Ended, Scope, Term};
use serde_json::json;
use uuid::Uuid;

use super::{ACTOR, LOOKS, Step, Terms, Ticked, WINDOW};
use crate::{
    consent::{
        customer::back,
        event::{Events, Kind, New, Said},
        record::{end_grants, say_no},
    },
    db::{Error, Row, Tx, int, text, uuid},
};

/// Whether the job came to its end.
pub(super) async fn step(
    step: &Step<'_>,
    terms: &[Terms],
    ticked: &mut Ticked,
) -> Result<bool, Error> {
    let wanted: BTreeMap<&str, (&Terms, Term)> = terms
        .iter()
        .filter_map(|one| Some((one.controller.as_str(), (one, one.reactivate_within?))))
        .collect();
    if wanted.is_empty() {
        return Ok(true);
    }
    let mut from = step.from.after.unwrap_or_default();
    for _ in 0..LOOKS {
        let Some(end) = step.window(from, WINDOW).await? else { return Ok(true) };
        let mut asked = Vec::new();
        let mut answered = Vec::new();
        for (terms, within) in wanted.values() {
            asked.extend(silent(step, terms, *within, (from, end)).await?);
            answered.extend(pending(step, &terms.controller, (from, end)).await?);
        }
        from = end;
        if !asked.is_empty() || !answered.is_empty() {
            write(step, &asked, &answered, end, ticked).await?;
            return Ok(false);
        }
    }
    let mut tx = step.consent().db.begin().await?;
    if step.advance(&mut tx, Some(from)).await? {
        tx.commit().await?;
    }
    Ok(false)
}

/// A contact to be asked.
struct Silent {
    contact: Uuid,
    salt: Vec<u8>,
    controller: String,
    until: Timestamp,
}

/// A contact that was asked: and gave a sign, or let the time go by.
struct Answered {
    contact: Uuid,
    salt: Vec<u8>,
    controller: String,
    lives: bool,
}

async fn silent(
    step: &Step<'_>,
    terms: &Terms,
    within: Term,
    (from, end): (Uuid, Uuid),
) -> Result<Vec<Silent>, Error> {
    let since = back(step.now, terms.max_inactive, &terms.zone);
    let args = vec![
        text(terms.controller.clone()),
        uuid(from),
        uuid(end),
        int(since.as_millisecond()),
        int(step.now.as_millisecond()),
    ];
    let rows = step.consent().db.read().await?.rows(SILENT, args).await?;
    let until = within.after(step.now, &terms.zone);
    let read = |row: &Row| {
        let (contact, salt) = super::person(row)?;
        Ok(Silent { contact, salt, controller: terms.controller.clone(), until })
    };
    rows.iter().map(read).collect()
}

async fn pending(
    step: &Step<'_>,
    controller: &str,
    (from, end): (Uuid, Uuid),
) -> Result<Vec<Answered>, Error> {
    let now = int(step.now.as_millisecond());
    let args = vec![text(controller.to_owned()), uuid(from), uuid(end), now];
    let rows = step.consent().db.read().await?.rows(PENDING, args).await?;
    let read = |row: &Row| {
        let (contact, salt) = super::person(row)?;
        let (since, controller) = (row.int(2)?, controller.to_owned());
        let lives = row.opt_int(3)?.is_some_and(|at| at >= since) || row.int(4)? == 1;
        Ok(Answered { contact, salt, controller, lives })
    };
    rows.iter().map(read).collect()
}

async fn write(
    step: &Step<'_>,
    asked: &[Silent],
    answered: &[Answered],
    end: Uuid,
    ticked: &mut Ticked,
) -> Result<(), Error> {
    let mut tx = step.consent().db.begin().await?;
    let mut counted = *ticked;
    let mut events = Events::begin(&mut tx, &step.consent().chain).await?;
    for one in asked {
        let row = vec![
            uuid(one.contact),
            int(step.now.as_millisecond()),
            int(one.until.as_millisecond()),
        ];
        let twice = "ON CONFLICT (contact) DO NOTHING";
        let columns = &["contact", "since", "until"];
        if tx.insert("reactivation_now", columns, row, twice).await? == 1 {
            let detail = json!({ "until": one.until.to_string() });
            events.push(event(
                step,
                one.contact,
                &one.salt,
                &one.controller,
                Kind::Inactive,
                detail,
            ));
            counted.inactive += 1;
        }
    }
    for one in answered {
        let sql = "DELETE FROM reactivation_now WHERE contact = $1";
        if tx.run(sql, vec![uuid(one.contact)]).await? == 0 {
            continue;
        }
        if one.lives {
            let kind = Kind::Reactivated;
            events.push(event(step, one.contact, &one.salt, &one.controller, kind, json!({})));
            counted.reactivated += 1;
        } else if unsubscribe(step, &mut tx, one, &mut events).await? {
            counted.unsubscribed += 1;
        }
    }
    events.write(&mut tx).await?;
    if step.advance(&mut tx, Some(end)).await? {
        tx.commit().await?;
        *ticked = counted;
    }
    Ok(())
}

/// As a refusal of everything; whether there was none yet.
async fn unsubscribe<'a>(
    step: &'a Step<'_>,
    tx: &mut Tx<'_>,
    one: &'a Answered,
    events: &mut Events<'a>,
) -> Result<bool, Error> {
    let said = (events.chain(), events.next());
    if !say_no(tx, one.contact, None, step.now, said).await? {
        return Ok(false);
    }
    let detail = json!({ "scope": Scope::Everything, "why": "silent" });
    events.push(event(step, one.contact, &one.salt, &one.controller, Kind::Refused, detail));
    end_grants(tx, one.contact, None, Ended::Revoked, step.now).await?;
    Ok(true)
}

fn event<'a>(
    step: &Step<'_>,
    contact: Uuid,
    salt: &'a [u8],
    controller: &'a str,
    kind: Kind,
    detail: serde_json::Value,
) -> New<'a> {
    New {
        contact,
        salt,
        kind,
        controller,
        purpose: None,
        recorded_at: step.now,
        said: Said { actor: ACTOR, at: step.now, evidence: None },
        detail,
    }
}

/// Whoever may still be written to, and gave no sign since: no activity, no new grant, no sale, no
/// contract that runs.
const SILENT: &str = "\
    SELECT c.id, c.salt FROM contact c WHERE c.controller = $1 AND c.id > $2 AND c.id <= $3 \
    AND c.erased_at IS NULL AND (c.last_activity IS NULL OR c.last_activity < $4) \
    AND NOT EXISTS (SELECT 1 FROM grant_now g WHERE g.contact = c.id \
        AND (g.valid_from >= $4 OR g.confirmed_at >= $4)) \
    AND NOT EXISTS (SELECT 1 FROM relation_now l WHERE l.contact = c.id AND (l.at >= $4 \
        OR l.ended_at >= $4 OR (l.kind = 'contract' AND l.ended_at IS NULL))) \
    AND (NOT EXISTS (SELECT 1 FROM refusal_now r WHERE r.contact = c.id AND r.scope = '') \
        OR EXISTS (SELECT 1 FROM refusal_now r WHERE r.contact = c.id AND r.lifted = 1)) \
    AND NOT EXISTS (SELECT 1 FROM reactivation_now a WHERE a.contact = c.id) \
    AND (EXISTS (SELECT 1 FROM grant_now g WHERE g.contact = c.id AND g.withdrawn_at IS NULL \
        AND g.valid_until > $5) OR EXISTS (SELECT 1 FROM relation_now l \
        WHERE l.contact = c.id AND (l.kind = 'purchase' OR l.kind = 'contract')))";
/// Those who gave a sign, and those whose time is over.
const PENDING: &str = "\
    SELECT c.id, c.salt, a.since, c.last_activity, CASE WHEN EXISTS (SELECT 1 FROM grant_now g \
        WHERE g.contact = c.id AND g.valid_from >= a.since) \
        OR EXISTS (SELECT 1 FROM relation_now l WHERE l.contact = c.id AND l.at >= a.since) \
        THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END \
    FROM reactivation_now a CROSS JOIN contact c WHERE c.id = a.contact AND c.controller = $1 \
    AND a.contact > $2 AND a.contact <= $3 AND (a.until <= $4 OR c.last_activity >= a.since \
        OR EXISTS (SELECT 1 FROM grant_now g WHERE g.contact = c.id \
            AND g.valid_from >= a.since) \
        OR EXISTS (SELECT 1 FROM relation_now l WHERE l.contact = c.id AND l.at >= a.since))";
