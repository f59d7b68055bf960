//! Statements of one person, one transaction each: the event and the state it makes.
//!
//! Files of many are `import`'s.

use jiff::{Timestamp, tz::TimeZone};
use policy::{Activity, Ended, Preference, Purpose, Scope, Validity};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    About, Consent, NewGrant, Notice, Proof, Recorded, Who, activity,
    event::{Events, Kind, New, name},
    purpose,
    store::{Found, bring, find_or_make, find_or_revive},
    suppress,
};
use crate::{
    db::{Arg, Conn, Error, Tx, int, places, text, uuid, word},
    seal::Secret,
};

/// Who says what of whom, and when it is written down.
pub(super) struct Desk<'a> {
    pub now: Timestamp,
    pub zone: &'a TimeZone,
    pub who: &'a Who,
    pub contact: &'a Found,
    pub proof: &'a Proof,
}

/// What may be said of one person.
pub(super) enum Statement<'a> {
    Grant(&'a NewGrant),
    Refuse(&'a Scope),
    Object,
    Complain,
    /// The grants of this purpose end.
    End(&'a str, Ended),
    Inform(&'a Notice),
    Live(Activity),
    Prefer(&'a Preference),
    Describe(&'a About),
}

pub(super) async fn say(
    consent: &Consent,
    (now, zone): (Timestamp, &TimeZone),
    who: &Who,
    statement: Statement<'_>,
    proof: &Proof,
) -> Result<Recorded, Error> {
    let mut tx = consent.db.begin().await?;
    let contact = match statement {
        Statement::Grant(_) | Statement::Inform(_) => {
            find_or_revive(&mut tx, consent, who, (now, proof.at)).await?
        }
        Statement::Refuse(Scope::Everything) | Statement::Object | Statement::Complain => {
            bring(&mut tx, consent, who, now).await?
        }
        Statement::Refuse(Scope::Purpose(_))
        | Statement::End(..)
        | Statement::Live(_)
        | Statement::Prefer(_)
        | Statement::Describe(_) => find_or_make(&mut tx, consent, who, now).await?,
    };
    let mut events = Events::begin(&mut tx, &consent.chain).await?;
    let desk = Desk { now, zone, who, contact: &contact, proof };
    let (on, to) = (&mut tx, &mut events);
    let recorded = match statement {
        Statement::Grant(grant) => desk.grant(on, &consent.secret, to, grant).await?,
        Statement::Refuse(scope) => desk.refuse(on, to, scope).await?,
        Statement::Object => desk.object(on, to).await?,
        Statement::Complain => desk.complain(on, to).await?,
        Statement::End(purpose, how) => desk.end(on, to, purpose, how).await?,
        Statement::Inform(notice) => desk.inform(on, to, notice).await?,
        Statement::Live(kind) => desk.live(on, to, kind).await?,
        Statement::Prefer(preference) => desk.prefer(on, to, preference).await?,
        Statement::Describe(about) => desk.describe(on, to, about).await?,
    };
    close(tx, events).await?;
    Ok(recorded)
}

/// A grant in its caller's transaction, which goes on only where something was written.
pub(super) async fn grant_in(
    tx: &mut Tx<'_>,
    consent: &Consent,
    now: Timestamp,
    zone: &TimeZone,
    who: &Who,
    grant: &NewGrant,
    proof: &Proof,
) -> Result<Recorded, Error> {
    let contact = find_or_revive(tx, consent, who, (now, proof.at)).await?;
    let mut events = Events::begin(tx, &consent.chain).await?;
    let desk = Desk { now, zone, who, contact: &contact, proof };
    let recorded = desk.grant(tx, &consent.secret, &mut events, grant).await?;
    if !events.is_empty() {
        events.write(tx).await?;
    }
    Ok(recorded)
}

/// What was said is durable when it returns; where nothing was, there is no trace.
pub(super) async fn close(mut tx: Tx<'_>, events: Events<'_>) -> Result<(), Error> {
    if events.is_empty() {
        return Ok(());
    }
    events.write(&mut tx).await?;
    tx.commit().await
}

impl<'a> Desk<'a> {
    /// An event only where the grant is new; the same for each of the others.
    pub(super) async fn grant(
        &self,
        tx: &mut Tx<'_>,
        secret: &Secret,
        events: &mut Events<'a>,
        grant: &'a NewGrant,
    ) -> Result<Recorded, Error> {
        let Some(purpose) = purpose::find(tx, &self.who.controller, &grant.purpose).await? else {
            return Ok(Recorded::NoPurpose);
        };
        if purpose.closed_at.is_some() {
            return Ok(Recorded::Closed);
        }
        // What was agreed to before an erasure went with it.
        if self.contact.forgot(self.proof.at) {
            return Ok(Recorded::RefusalStands);
        }
        // Nobody's word lifts a list: it is taken off the list itself.
        if purpose.basis.is_by_will()
            && suppress::applies(tx, secret, self.who, self.contact.id).await?
        {
            return Ok(Recorded::RefusalStands);
        }
        let refused = refused(tx, self.contact, &purpose).await?;
        if refused && !grant.lifts_refusal && purpose.basis.is_by_will() {
            return Ok(Recorded::RefusalStands);
        }
        let until = match grant.until {
            Some(until) => until,
            None => {
                let active = activity::last(tx, self.contact.id, &purpose.validity).await?;
                until(&purpose.validity, grant.from, active, self.zone)?
            }
        };
        let of_age = grant.age_declared
            || (grant.method.is_click()
                && grant.confirmed_at.is_some()
                && was_of_age(tx, self.contact, &purpose).await?);
        let row = vec![
            uuid(self.contact.id),
            text(purpose.id.as_str()),
            int(grant.from.as_millisecond()),
            int(until.as_millisecond()),
            text(word(&grant.method)),
            text(word(&grant.source)),
            Arg::Int(grant.confirmed_at.map(Timestamp::as_millisecond)),
            int(of_age.into()),
            text(evidence(&self.proof.evidence)),
            int(events.chain()),
            int(events.next()),
        ];
        let twice = "ON CONFLICT (contact, purpose, valid_from) DO NOTHING";
        if tx.insert("grant_now", GRANT_COLUMNS, row, twice).await? == 0 {
            return Ok(Recorded::Already);
        }
        if refused && grant.lifts_refusal {
            let event = (events.chain(), events.next());
            lift(tx, self.contact, &purpose, self.proof.at, event).await?;
        }
        let detail = json!({
            "from": grant.from.to_string(),
            "until": until.to_string(),
            "method": grant.method,
            "source": grant.source,
            "basis": purpose.basis,
            "lifts_refusal": grant.lifts_refusal,
            "confirmed_at": grant.confirmed_at.map(|at| at.to_string()),
            "of_age": of_age,
            "evidence": evidence(&self.proof.evidence),
        });
        Ok(self.push(events, Kind::Granted, Some(&grant.purpose), detail))
    }

    /// Ends every grant that it concerns.
    pub(super) async fn refuse(
        &self,
        tx: &mut Tx<'_>,
        events: &mut Events<'a>,
        scope: &'a Scope,
    ) -> Result<Recorded, Error> {
        let purpose = match scope {
            Scope::Everything => None,
            Scope::Purpose(id) => Some(id.as_str()),
        };
        let event = (events.chain(), events.next());
        if !say_no(tx, self.contact.id, purpose, self.proof.at, event).await? {
            return Ok(Recorded::Already);
        }
        end_refused(tx, self.contact.id, (purpose, &[]), self.proof.at).await?;
        Ok(self.push(events, Kind::Refused, purpose, json!({ "scope": scope })))
    }

    /// A refusal of everything that says why; also of whoever refused everything before.
    pub(super) async fn object(
        &self,
        tx: &mut Tx<'_>,
        events: &mut Events<'a>,
    ) -> Result<Recorded, Error> {
        let before = "SELECT e.detail FROM refusal_now r JOIN consent_event e \
                      ON e.chain = r.chain AND e.seq = r.seq \
                      WHERE r.contact = $1 AND r.scope = ''";
        let lifted = unlift(tx, self.contact.id).await?;
        for row in tx.rows(before, vec![uuid(self.contact.id)]).await? {
            let detail: Value = serde_json::from_str(&row.text(0)?).unwrap_or_default();
            if !lifted && detail.get("objection").and_then(Value::as_bool) == Some(true) {
                return Ok(Recorded::Already);
            }
        }
        // `since` stays: who refused everything before goes on to have done so since then.
        let twice = "ON CONFLICT (contact, scope) DO UPDATE SET chain = excluded.chain, \
                     seq = excluded.seq";
        let event = (events.chain(), events.next());
        let row = refusal(self.contact.id, None, self.proof.at, event);
        tx.insert("refusal_now", REFUSAL_COLUMNS, row, twice).await?;
        end_grants(tx, self.contact.id, None, Ended::Withdrawn, self.proof.at).await?;
        let detail = json!({ "scope": Scope::Everything, "objection": true });
        Ok(self.push(events, Kind::Refused, None, detail))
    }

    /// One more event of this person's.
    pub(super) fn push(
        &self,
        events: &mut Events<'a>,
        kind: Kind,
        purpose: Option<&'a str>,
        detail: Value,
    ) -> Recorded {
        let seq = events.push(New {
            contact: self.contact.id,
            salt: &self.contact.salt,
            kind,
            controller: &self.who.controller,
            purpose,
            recorded_at: self.now,
            said: self.proof.into(),
            detail,
        });
        Recorded::New(name(events.chain(), seq))
    }
}

/// What the evidence holds beside date, method and source, in the column's word.
pub(super) fn evidence(evidence: &Value) -> &'static str {
    let worded = evidence.get("wording").and_then(Value::as_str);
    match worded {
        Some(wording) if !wording.trim().is_empty() => "wording",
        Some(_) | None if evidence.is_null() => "none",
        Some(_) | None => "record",
    }
}

async fn was_of_age(conn: &mut Conn<'_>, who: &Found, purpose: &Purpose) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM grant_now WHERE contact = $1 AND purpose = $2 AND of_age = 1 LIMIT 1";
    let rows = conn.rows(sql, vec![uuid(who.id), text(purpose.id.as_str())]).await?;
    Ok(!rows.is_empty())
}

/// First moment at which a grant no longer counts, in the controller's calendar.
pub(super) fn until(
    validity: &Validity,
    from: Timestamp,
    last_activity: Option<Timestamp>,
    zone: &TimeZone,
) -> Result<Timestamp, Error> {
    let (start, span) = match validity {
        Validity::Fixed(span) => (from, span),
        Validity::SinceActivity { span, .. } => {
            (last_activity.map_or(from, |seen| seen.max(from)), span)
        }
    };
    // A span past the end of the calendar lasts to its end.
    let end = start.to_zoned(zone.clone()).checked_add(*span);
    Ok(end.map_or(Timestamp::MAX, |end| end.timestamp()))
}

pub(super) async fn refused(
    conn: &mut Conn<'_>,
    who: &Found,
    purpose: &Purpose,
) -> Result<bool, Error> {
    let sql = format!("SELECT 1 WHERE {}", is_refused("$1", "$2", ""));
    let rows = conn.rows(&sql, vec![uuid(who.id), text(purpose.id.as_str())]).await?;
    Ok(!rows.is_empty())
}

/// SQL: the contact refuses the purpose by itself, or everything without leaving it out. `and` says
/// more of the refusal `r`.
pub(super) fn is_refused(contact: &str, purpose: &str, and: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM refusal_now r WHERE r.contact = {contact} AND r.lifted = 0 \
         AND (r.scope = '' OR r.scope = {purpose}){and} AND NOT EXISTS (SELECT 1 \
         FROM refusal_now x WHERE x.contact = {contact} AND x.scope = {purpose} AND x.lifted = 1))"
    )
}

/// Refuses one purpose, or everything; whether anything was not refused before. `event` says it.
pub(super) async fn say_no(
    tx: &mut Tx<'_>,
    contact: Uuid,
    purpose: Option<&str>,
    at: Timestamp,
    event: (i64, i64),
) -> Result<bool, Error> {
    let row = refusal(contact, purpose.map(str::to_owned), at, event);
    let new = tx.insert("refusal_now", REFUSAL_COLUMNS, row, REFUSED_ANEW).await? > 0;
    Ok(match purpose {
        None => unlift(tx, contact).await? || new,
        Some(_) => new,
    })
}

fn refusal(
    contact: Uuid,
    purpose: Option<String>,
    at: Timestamp,
    (chain, seq): (i64, i64),
) -> Vec<Arg<'static>> {
    let scope = text(purpose.unwrap_or_default());
    vec![uuid(contact), scope, int(at.as_millisecond()), int(chain), int(seq)]
}

/// A refusal of everything leaves nothing out any more; whether it did.
pub(super) async fn unlift(tx: &mut Tx<'_>, contact: Uuid) -> Result<bool, Error> {
    let sql = "DELETE FROM refusal_now WHERE contact = $1 AND lifted = 1";
    Ok(tx.run(sql, vec![uuid(contact)]).await? > 0)
}

/// The refusal of the purpose ends; one of everything, and so an objection, goes on for all the
/// rest, and for what there is not yet.
async fn lift(
    tx: &mut Tx<'_>,
    who: &Found,
    purpose: &Purpose,
    at: Timestamp,
    (chain, seq): (i64, i64),
) -> Result<(), Error> {
    let mut args = vec![uuid(who.id), text(purpose.id.clone())];
    let own = "DELETE FROM refusal_now WHERE contact = $1 AND scope = $2";
    tx.run(own, args.clone()).await?;
    args.extend([int(at.as_millisecond()), int(chain), int(seq)]);
    let except = "INSERT INTO refusal_now (contact, scope, since, chain, seq, lifted) \
                  SELECT contact, CAST($2 AS TEXT), CAST($3 AS BIGINT), CAST($4 AS BIGINT), \
                  CAST($5 AS BIGINT), 1 FROM refusal_now WHERE contact = $1 AND scope = ''";
    tx.run(except, args).await.map(drop)
}

/// Ends what the person refuses, one purpose or everything `but` some, as far as their word ends it:
/// a contract and a duty go on.
pub(super) async fn end_refused(
    tx: &mut Tx<'_>,
    who: Uuid,
    (purpose, but): (Option<&str>, &[&str]),
    at: Timestamp,
) -> Result<u64, Error> {
    let mut args = vec![int(at.as_millisecond()), text(word(&Ended::Withdrawn)), uuid(who)];
    let named =
        |args: &mut Vec<_>, ids: &[&str]| places(args, ids.iter().map(|id| text(id.to_string())));
    let which = match purpose {
        Some(id) => format!(" AND purpose = {}", named(&mut args, &[id])),
        None if but.is_empty() => String::new(),
        None => format!(" AND purpose NOT IN ({})", named(&mut args, but)),
    };
    tx.run(&format!("{END} AND {BY_WILL}{which}"), args).await
}

/// What a refusal of everything leaves out, save what is refused by itself.
pub(super) async fn leave_out(
    tx: &mut Tx<'_>,
    who: Uuid,
    purposes: &[&str],
    at: Timestamp,
    event: (i64, i64),
) -> Result<(), Error> {
    for purpose in purposes {
        let mut row = refusal(who, Some((*purpose).to_owned()), at, event);
        row.push(int(1));
        let columns = [REFUSAL_COLUMNS, &["lifted"]].concat();
        tx.insert("refusal_now", &columns, row, "ON CONFLICT (contact, scope) DO NOTHING").await?;
    }
    Ok(())
}

/// Ends what is still granted: of one purpose, or of all that rest on the will of the person.
pub(super) async fn end_grants(
    tx: &mut Tx<'_>,
    who: Uuid,
    purpose: Option<&str>,
    how: Ended,
    at: Timestamp,
) -> Result<u64, Error> {
    let mut args = vec![int(at.as_millisecond()), text(word(&how)), uuid(who)];
    match purpose {
        // Whatever needs no will of the person goes on: invoices, a contract that runs.
        None => tx.run(&format!("{END} AND {BY_WILL}"), args).await,
        Some(id) => {
            args.push(text(id));
            tx.run(&format!("{END} AND purpose = $4"), args).await
        }
    }
}

/// What began later than the no was said never ran: it ends as it begins.
const END: &str = "UPDATE grant_now SET ended = $2, \
                   withdrawn_at = CASE WHEN valid_from > $1 THEN valid_from ELSE $1 END \
                   WHERE contact = $3 AND withdrawn_at IS NULL";
const BY_WILL: &str = "EXISTS (SELECT 1 FROM purpose p JOIN contact c ON c.controller = p.controller \
                       WHERE c.id = grant_now.contact AND p.id = grant_now.purpose \
                       AND (p.basis = 'consent' OR p.basis = 'legitimate-interest'))";
pub(super) const GRANT_COLUMNS: &[&str] = &[
    "contact",
    "purpose",
    "valid_from",
    "valid_until",
    "method",
    "source",
    "confirmed_at",
    "of_age",
    "evidence",
    "chain",
    "seq",
];
pub(super) const REFUSAL_COLUMNS: &[&str] = &["contact", "scope", "since", "chain", "seq"];
/// Of what stood there only a purpose that was left out is refused now.
pub(super) const REFUSED_ANEW: &str = "\
    ON CONFLICT (contact, scope) DO UPDATE SET since = excluded.since, chain = excluded.chain, \
    seq = excluded.seq, lifted = 0 WHERE refusal_now.lifted = 1";
