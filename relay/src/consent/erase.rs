//! The data of one contact go (GDPR art. 17): at once, save what a duty still needs or a law wants
//! kept, and that when its time is over. The events stay without their evidence, and a refusal
//! outlives the data under the key.

use jiff::{Timestamp, tz::TimeZone};
use policy::{Basis, Ended, Term};
use serde_json::json;
use uuid::Uuid;

use super::{
    Consent, Proof, Who,
    event::{Events, Kind, New, name},
    farewell::{self, Leaving},
    record::end_grants,
    store::parse_word,
};
use crate::{
    db::{Arg, Conn, Error, Tx, int, key, moment, text, uuid},
    seal::{self, AddressKey},
};

/// What goes beside address and evidence (S135).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Erasure {
    /// What was granted, bought and done, too.
    Delete,
    /// That stays for statistics, of somebody unknown (S136).
    Anonymise,
}

/// How long the proof of a consent outlives its end, and so an erasure; `None`: not at all.
#[derive(Clone, Debug)]
pub struct Proven {
    pub zone: TimeZone,
    pub kept_for: Option<Term>,
}

/// What an erasure leaves, and until when.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Kept {
    /// The key of the address, because it refused.
    Refusal,
    /// Address and grant of a purpose that needs them whatever the person wants.
    Duty { purpose: String, basis: Basis, until: Timestamp },
    /// The address, while a contract runs; `None`: until somebody writes down its end.
    Contract { until: Option<Timestamp> },
    /// What proves that the person agreed, and that it said no later. `until`: of the last of them.
    Evidence { events: u64, until: Timestamp },
}

/// What came of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Erased {
    pub event: String,
    /// How many events lost their evidence.
    pub events: u64,
    pub kept: Vec<Kept>,
}

impl Erasure {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Anonymise => "anonymise",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        [Self::Delete, Self::Anonymise].into_iter().find(|one| one.as_str() == word)
    }
}

impl Consent {
    /// Erases a contact; `None`: there is none. It says nothing of a refusal: whoever is not to be
    /// written to again refuses first. The proof's evidence would be personal data and is not kept.
    pub async fn erase(
        &self,
        now: Timestamp,
        who: &Who,
        how: Erasure,
        proven: &Proven,
        proof: &Proof,
    ) -> Result<Option<Erased>, Error> {
        let mut tx = self.db.begin().await?;
        let own = self.key(who);
        let sql = "SELECT id FROM contact WHERE key = $1 AND controller = $2";
        let args = || vec![key(&own.0), text(who.controller.as_str())];
        let Some(row) = tx.rows(sql, args()).await?.pop() else { return Ok(None) };
        let contact = Marked { id: row.uuid(0)?, key: own, controller: &who.controller, how };
        tx.run(
            "UPDATE contact SET erased_at = COALESCE(erased_at, $1), erasure = $2, \
             forgotten_at = $1 WHERE id = $3",
            vec![int(now.as_millisecond()), text(how.as_str()), uuid(contact.id)],
        )
        .await?;
        // What only proves something goes on to do that, and carries no message any more.
        let ended = end_grants(&mut tx, contact.id, None, Ended::Terminated, now).await?;
        let mut events = Events::begin(&mut tx, &self.chain).await?;
        let who = Leaving { id: contact.id, key: &contact.key, controller: contact.controller };
        let place = (events.chain(), events.next());
        farewell::keep(&mut tx, &self.secret, now, &who, place).await?;
        let Left { events: gone, kept } = clear(&mut tx, &contact, proven, now).await?;
        let seq = events.push(New {
            contact: contact.id,
            salt: &[],
            kind: Kind::Erased,
            controller: contact.controller,
            purpose: None,
            recorded_at: now,
            said: super::event::Said { actor: &proof.actor, at: proof.at, evidence: None },
            detail: json!({
                "what": "contact",
                "how": how.as_str(),
                "events": gone,
                "grants": ended,
            }),
        });
        let event = name(events.chain(), seq);
        events.write(&mut tx).await?;
        tx.commit().await?;
        Ok(Some(Erased { event, events: gone, kept }))
    }

    /// Takes away what erasures had to leave and nothing needs any more, of some contacts behind
    /// `after`. `proven` knows each controller's terms. How many contacts were seen to the end, and
    /// where the next call goes on; `None`: that was all.
    pub(super) async fn erase_rest(
        &self,
        now: Timestamp,
        after: Uuid,
        proven: impl Fn(&str) -> Option<Proven>,
    ) -> Result<(u64, Option<Uuid>), Error> {
        let sql = "SELECT id, key, controller, erasure FROM contact \
                   WHERE erased_at IS NOT NULL AND salt IS NOT NULL AND id > $1 \
                   ORDER BY id LIMIT $2";
        let rows = self.db.read().await?.rows(sql, vec![uuid(after), int(BATCH)]).await?;
        let (mut done, mut last) = (0, None);
        for row in &rows {
            let (id, controller) = (row.uuid(0)?, row.text(2)?);
            last = Some(id);
            let how = row.opt_text(3)?.as_deref().and_then(Erasure::parse);
            let (Some(how), Some(proven)) = (how, proven(&controller)) else { continue };
            let contact = Marked { id, key: AddressKey(row.key(1)?), controller: &controller, how };
            let mut tx = self.db.begin().await?;
            let left = clear(&mut tx, &contact, &proven, now).await?;
            tx.commit().await?;
            let over = |one: &Kept| *one == Kept::Refusal;
            done += u64::from(left.kept.iter().all(over));
        }
        let more = i64::try_from(rows.len()).unwrap_or(BATCH) == BATCH;
        Ok((done, last.filter(|_| more)))
    }
}

/// A contact that is being erased.
struct Marked<'a> {
    id: Uuid,
    key: AddressKey,
    controller: &'a str,
    how: Erasure,
}

/// What one step took and what it left.
struct Left {
    events: u64,
    kept: Vec<Kept>,
}

async fn clear(
    tx: &mut Tx<'_>,
    contact: &Marked<'_>,
    proven: &Proven,
    now: Timestamp,
) -> Result<Left, Error> {
    let mut kept = duties(tx, contact, now).await?;
    let bound = !kept.is_empty();
    let (events, proofs) = evidence(tx, contact, proven, now).await?;
    let proves = proofs.is_some();
    kept.extend(proofs);
    forget(tx, contact, now).await?;
    let refused = !tx
        .rows("SELECT 1 FROM refusal_now WHERE contact = $1 LIMIT 1", vec![uuid(contact.id)])
        .await?
        .is_empty();
    if refused {
        kept.push(Kept::Refusal);
    }
    if !bound {
        let sql = "UPDATE contact SET address = NULL WHERE id = $1";
        tx.run(sql, vec![uuid(contact.id)]).await?;
    }
    if !bound && !proves {
        let sql = "UPDATE contact SET salt = NULL WHERE id = $1";
        tx.run(sql, vec![uuid(contact.id)]).await?;
        if !refused {
            // From now on nobody finds it, not even who knows the address.
            let nobody: [u8; 32] = seal::random();
            let sql = "UPDATE contact SET key = $1 WHERE id = $2";
            tx.run(sql, vec![key(&nobody), uuid(contact.id)]).await?;
        }
    }
    Ok(Left { events, kept })
}

/// What binds the controller at this moment: GDPR art. 17(3)(b), and contracts that run.
async fn duties(
    conn: &mut Conn<'_>,
    contact: &Marked<'_>,
    now: Timestamp,
) -> Result<Vec<Kept>, Error> {
    let now = int(now.as_millisecond());
    let rows = conn.rows(DUTIES, vec![uuid(contact.id), now.by_ref()]).await?;
    let mut found = Vec::new();
    for row in &rows {
        let (purpose, basis) = (row.text(0)?, parse_word(row.str(1)?)?);
        found.push(Kept::Duty { purpose, basis, until: row.time(2)? });
    }
    let sql = "SELECT ended_at FROM relation_now WHERE contact = $1 AND kind = 'contract' \
               AND (ended_at IS NULL OR ended_at > $2) ORDER BY ended_at";
    for row in &conn.rows(sql, vec![uuid(contact.id), now.by_ref()]).await? {
        found.push(Kept::Contract { until: row.opt_time(0)? });
    }
    Ok(found)
}

/// Takes away the evidence that nothing wants; how much, and what stays.
async fn evidence(
    tx: &mut Tx<'_>,
    contact: &Marked<'_>,
    proven: &Proven,
    now: Timestamp,
) -> Result<(u64, Option<Kept>), Error> {
    let sql = EVIDENCE.replace("{learned}", LEARNED);
    let rows = tx.rows(&sql, vec![uuid(contact.id)]).await?;
    let (mut gone, mut stays, mut last) = (0, 0, now);
    for row in &rows {
        // Until it was learned of, an end held up no message.
        let (kind, at) = (row.text(2)?, moment(row.int(3)?.max(row.int(7)?))?);
        let (until, ended) = (row.opt_int(4)?, row.opt_int(5)?.max(row.opt_int(8)?));
        let basis = row.opt_text(6)?.as_deref().map(parse_word::<Basis>).transpose()?;
        let end = until.map(|until| ended.map_or(until, |ended| ended.min(until)));
        let end = end.map(moment).transpose()?;
        let till = match kind.as_str() {
            "granted" if basis.is_some_and(binds) => end,
            "granted" if basis == Some(Basis::Consent) => {
                proven.kept_for.map(|term| term.after(end.unwrap_or(at), &proven.zone))
            }
            "refused" | "withdrawn" => proven.kept_for.map(|term| term.after(at, &proven.zone)),
            _ => None,
        };
        if let Some(till) = till.filter(|till| *till > now) {
            stays += 1;
            last = last.max(till);
            continue;
        }
        let sql = "UPDATE consent_event SET evidence = NULL WHERE chain = $1 AND seq = $2";
        gone += tx.run(sql, vec![int(row.int(0)?), int(row.int(1)?)]).await?;
    }
    Ok((gone, (stays > 0).then_some(Kept::Evidence { events: stays, until: last })))
}

/// The state that goes with the contact. What is counted later is counted of events.
async fn forget(tx: &mut Tx<'_>, contact: &Marked<'_>, now: Timestamp) -> Result<(), Error> {
    let id = || uuid(contact.id);
    tx.run("DELETE FROM preference_now WHERE contact = $1", vec![id()]).await?;
    tx.run("DELETE FROM reactivation_now WHERE contact = $1", vec![id()]).await?;
    tx.run("DELETE FROM notice_now WHERE contact = $1", vec![id()]).await?;
    tx.run("DELETE FROM sent WHERE key = $1", vec![key(&contact.key.0)]).await?;
    let sql = "DELETE FROM pending WHERE controller = $1 AND key = $2";
    tx.run(sql, vec![text(contact.controller), key(&contact.key.0)]).await?;
    if contact.how == Erasure::Anonymise {
        let sql = "UPDATE contact SET prefers = 0 WHERE id = $1";
        return tx.run(sql, vec![id()]).await.map(drop);
    }
    let now: Arg<'_> = int(now.as_millisecond());
    tx.run(FORGET_GRANTS, vec![id(), now.by_ref()]).await?;
    let sql = "DELETE FROM relation_now WHERE contact = $1 \
               AND NOT (kind = 'contract' AND (ended_at IS NULL OR ended_at > $2))";
    tx.run(sql, vec![id(), now.by_ref()]).await?;
    tx.run("DELETE FROM activity_now WHERE contact = $1", vec![id()]).await?;
    let sql = "UPDATE contact SET prefers = 0, country = NULL, subscriber = NULL, published = 0, \
               last_activity = NULL, undeliverable_since = NULL, soft_bounces = 0, \
               soft_since = NULL, soft_message = NULL WHERE id = $1";
    tx.run(sql, vec![id()]).await.map(drop)
}

/// Whether a basis holds whatever the person wants.
fn binds(basis: Basis) -> bool {
    match basis {
        Basis::Contract | Basis::LegalObligation | Basis::VitalInterest | Basis::PublicInterest => {
            true
        }
        Basis::Consent | Basis::LegitimateInterest => false,
    }
}

/// Contacts of one step.
const BATCH: i64 = 100;
const DUTIES: &str = "\
    SELECT g.purpose, p.basis, MAX(g.valid_until) FROM grant_now g \
    JOIN contact c ON c.id = g.contact \
    JOIN purpose p ON p.controller = c.controller AND p.id = g.purpose \
    WHERE g.contact = $1 AND g.withdrawn_at IS NULL AND g.valid_from <= $2 AND g.valid_until > $2 \
    AND p.closed_at IS NULL AND p.basis <> 'consent' AND p.basis <> 'legitimate-interest' \
    GROUP BY g.purpose, p.basis ORDER BY g.purpose";
const EVIDENCE: &str = "\
    SELECT e.chain, e.seq, e.kind, e.at, g.valid_until, g.withdrawn_at, p.basis, e.recorded_at, \
        CASE WHEN g.withdrawn_at IS NOT NULL THEN {learned} END \
    FROM consent_event e \
    LEFT JOIN grant_now g ON g.contact = e.contact AND g.chain = e.chain AND g.seq = e.seq \
    LEFT JOIN purpose p ON p.controller = e.controller AND p.id = e.purpose \
    WHERE e.contact = $1 AND e.evidence IS NOT NULL ORDER BY e.chain, e.seq";
/// When it was written down that the grant of event `e` ended: the first statement after it that ends
/// one of the purpose. `NULL` where it came on record together with its end.
pub(super) const LEARNED: &str = "\
    (SELECT MIN(x.recorded_at) FROM consent_event x WHERE x.contact = e.contact \
        AND x.recorded_at > e.recorded_at AND (x.purpose IS NULL OR x.purpose = e.purpose) \
        AND (x.kind = 'refused' OR x.kind = 'withdrawn' OR x.kind = 'revoked' \
            OR x.kind = 'terminated' OR x.kind = 'invalidated'))";
/// Of what is proven or binds, the grant stays beside its evidence.
const FORGET_GRANTS: &str = "\
    DELETE FROM grant_now WHERE contact = $1 AND NOT EXISTS (SELECT 1 FROM consent_event e \
        WHERE e.chain = grant_now.chain AND e.seq = grant_now.seq AND e.evidence IS NOT NULL) \
    AND NOT (withdrawn_at IS NULL AND valid_until > $2 AND EXISTS (SELECT 1 FROM purpose p \
        JOIN contact c ON c.controller = p.controller WHERE c.id = grant_now.contact \
        AND p.id = grant_now.purpose \
        AND p.basis <> 'consent' AND p.basis <> 'legitimate-interest'))";
