//! One batch of an import, one transaction.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;
use policy::{Ended, Purpose, Scope, Source};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Counts, Fault, Plan,
    known::{CONTACT_COLUMNS, Known, locate, make_contacts},
    read::Batch,
    row::{More, Row, Says, Yes},
    state::{State, Stepped},
};
use crate::{
    consent::{
        Consent, Proof, Recorded, Who,
        event::{Events, Kind, New, Said, name},
        record::{self, Desk, GRANT_COLUMNS, REFUSAL_COLUMNS},
        store::{find, word},
    },
    db::{Arg, Error, Tx, int, text, uuid},
    seal::AddressKey,
};

pub(super) struct Writer<'a> {
    consent: &'a Consent,
    now: Timestamp,
    plan: &'a Plan,
    purposes: &'a [Purpose],
    /// What a dry run would have written in earlier batches, as short hashes. A run of more than
    /// that counts an address that comes twice, far apart, as two.
    seen: BTreeSet<u64>,
}

/// What a batch writes beside its events.
#[derive(Default)]
struct Made<'a> {
    grants: Vec<Arg<'a>>,
    refusals: Vec<Arg<'a>>,
    ended: Vec<Ending>,
    /// Whose grants a refusal ends.
    refused: Vec<(Uuid, Option<usize>, Timestamp)>,
    fresh: Vec<u64>,
}

/// Of a grant that came with its end.
struct Ending {
    contact: Uuid,
    purpose: usize,
    from: Timestamp,
    at: Timestamp,
    how: Ended,
}

impl<'a> Writer<'a> {
    pub(super) fn new(
        consent: &'a Consent,
        now: Timestamp,
        plan: &'a Plan,
        purposes: &'a [Purpose],
    ) -> Self {
        Self { consent, now, plan, purposes, seen: BTreeSet::new() }
    }

    /// Writes the rows, counts what came of them, and notes how far the import is.
    pub(super) async fn batch(
        &mut self,
        batch: &Batch,
        rejects_bytes: u64,
        state: &mut State,
    ) -> Result<(), Fault> {
        for _ in 0..TRIES {
            match self.write(batch, rejects_bytes, state).await {
                // Somebody else made one of the contacts just now: look again.
                Err(Fault::Store(Error::Taken(_))) => {}
                Err(fault) => return Err(fault),
                Ok(stepped) => {
                    state.take(stepped);
                    // A relay that waits for the write lock gets it between two batches.
                    tokio::time::sleep(BREATH).await;
                    return Ok(());
                }
            }
        }
        Err(Error::Taken("the contacts of an import".into()).into())
    }

    async fn write(
        &mut self,
        batch: &Batch,
        rejects_bytes: u64,
        state: &State,
    ) -> Result<Stepped, Fault> {
        let rows = &batch.rows;
        let mut counts = state.counts();
        counts.lines += batch.lines;
        counts.left_out += batch.left_out;
        counts.rejected += batch.rejected.len() as u64;
        let mut tx = self.consent.db.begin().await?;
        let controller = &self.plan.controller;
        let (mut contacts, mut known) =
            Known::of(&mut tx, self.consent, controller, self.purposes, rows, self.now).await?;
        let new = make_contacts(&mut contacts, rows, self.now, self.consent, controller);
        counts.new_contacts += (new.len() / CONTACT_COLUMNS.len()) as u64;
        let mut events = Events::begin(&mut tx, &self.consent.chain).await?;
        let mut made = Made::default();
        for row in rows {
            let Some((id, salt)) = contacts.get(&row.key) else { continue };
            let who = (*id, salt.as_slice());
            self.state(row, who, &mut known, &mut events, &mut made, &mut counts);
        }
        tx.insert("contact", CONTACT_COLUMNS, new, "").await?;
        events.write(&mut tx).await?;
        tx.insert("grant_now", GRANT_COLUMNS, made.grants, "").await?;
        tx.insert("refusal_now", REFUSAL_COLUMNS, made.refusals, record::REFUSED_ANEW).await?;
        locate(&mut tx, &contacts, std::mem::take(&mut known.nowhere), rows).await?;
        for ending in &made.ended {
            self.end(&mut tx, ending).await?;
        }
        for (id, purpose, at) in made.refused {
            let purpose = purpose.and_then(|at| self.purposes.get(at)).map(|own| own.id.as_str());
            record::end_grants(&mut tx, id, purpose, Ended::Withdrawn, at).await?;
            if purpose.is_none() {
                record::unlift(&mut tx, id).await?;
            }
        }
        for row in rows {
            let Says::More(more) = &row.says else { continue };
            let id = contacts.get(&row.key).map(|(id, _)| *id).unwrap_or_default();
            if known.forgot(id, row.at) {
                counts.refusal_stands += 1;
                continue;
            }
            let new = matches!(self.more(&mut tx, row, more).await?, Recorded::New(_));
            let count = if new { &mut counts.others } else { &mut counts.already };
            *count += 1;
        }
        let stepped = state.step(&mut tx, batch.place, rejects_bytes, counts).await?;
        if self.plan.dry_run {
            let room = SEEN_MAX.saturating_sub(self.seen.len());
            self.seen.extend(made.fresh.into_iter().take(room));
        } else {
            tx.commit().await?;
        }
        Ok(stepped)
    }

    /// What one row adds to the batch.
    fn state<'r>(
        &'r self,
        row: &'r Row,
        (id, salt): (Uuid, &'r [u8]),
        known: &mut Known,
        events: &mut Events<'r>,
        made: &mut Made<'r>,
        counts: &mut Counts,
    ) {
        if self.plan.dry_run {
            self.recall(row, id, known);
        }
        match &row.says {
            Says::Yes(yes) => {
                let name = hashed(&row.key, yes.purpose as u64 + 1, row.at);
                let grant = (id, yes.purpose, row.at.as_millisecond());
                let stands = known.refuses(id, yes.purpose) || known.suppressed.contains(&row.key);
                if known.forgot(id, row.at) || (stands && yes.ended.is_none()) {
                    counts.refusal_stands += 1;
                } else if self.seen.contains(&name) || !known.granted.insert(grant) {
                    counts.already += 1;
                } else {
                    counts.granted += 1;
                    made.fresh.push(name);
                    self.granted(row, yes, (id, salt), events, made);
                }
            }
            Says::No(purpose) => {
                if known.refuse(id, *purpose) {
                    counts.refused += 1;
                    made.fresh.push(refusal(&row.key, *purpose));
                    self.refused(row, *purpose, (id, salt), events, made);
                } else {
                    counts.already += 1;
                }
            }
            Says::More(_) => {}
        }
    }

    fn granted<'r>(
        &'r self,
        row: &'r Row,
        yes: &'r Yes,
        (id, salt): (Uuid, &'r [u8]),
        events: &mut Events<'r>,
        made: &mut Made<'r>,
    ) {
        let purpose = self.purposes.get(yes.purpose);
        let detail = json!({
            "from": row.at.to_string(),
            "until": yes.until.to_string(),
            "method": yes.method,
            "source": Source::Own,
            "basis": purpose.map(|own| own.basis),
            "confirmed_at": yes.confirmed_at.map(|at| at.to_string()),
            "of_age": yes.of_age,
            "evidence": said(yes),
        });
        let what = (Kind::Granted, purpose.map(|own| own.id.as_str()), row.at);
        let seq = events.push(self.event(row, id, salt, what, detail));
        made.grants.extend(self.grant(row, id, yes, (events.chain(), seq)));
        if let Some((at, how)) = yes.ended {
            let ending = Ending { contact: id, purpose: yes.purpose, from: row.at, at, how };
            events.push(self.ending(row, &ending, salt, &name(events.chain(), seq)));
            made.ended.push(ending);
        }
    }

    fn refused<'r>(
        &'r self,
        row: &'r Row,
        purpose: Option<usize>,
        (id, salt): (Uuid, &'r [u8]),
        events: &mut Events<'r>,
        made: &mut Made<'r>,
    ) {
        let own = purpose.and_then(|at| self.purposes.get(at)).map(|own| own.id.as_str());
        let scope = own.map_or(Scope::Everything, |id| Scope::Purpose(id.to_owned()));
        let what = (Kind::Refused, own, row.at);
        let detail = json!({ "scope": scope, "imported": true });
        let seq = events.push(self.event(row, id, salt, what, detail));
        made.refusals.extend([
            uuid(id),
            text(own.unwrap_or_default()),
            int(row.at.as_millisecond()),
            int(events.chain()),
            int(seq),
        ]);
        made.refused.push((id, purpose, row.at));
    }

    /// What earlier batches of a dry run would have refused.
    fn recall(&self, row: &Row, id: Uuid, known: &mut Known) {
        let purpose = match &row.says {
            Says::Yes(yes) => Some(yes.purpose),
            Says::No(purpose) => *purpose,
            Says::More(_) => return,
        };
        for scope in [None, purpose] {
            if self.seen.contains(&refusal(&row.key, scope)) {
                known.refused.insert((id, scope));
            }
        }
    }

    /// What else a contact's record holds: rare, so one by one.
    async fn more(&self, tx: &mut Tx<'_>, row: &Row, more: &More) -> Result<Recorded, Error> {
        let who = Who::address(&self.plan.controller, row.address.clone());
        let Some(contact) = find(tx, row.key).await? else { return Ok(Recorded::Already) };
        let evidence = serde_json::from_str(&row.evidence).unwrap_or_default();
        let proof = Proof { actor: self.plan.actor.clone(), at: row.at, evidence };
        let zone = &self.plan.zone;
        let desk = Desk { now: self.now, zone, who: &who, contact: &contact, proof: &proof };
        let mut events = Events::begin(tx, &self.consent.chain).await?;
        let recorded = match more {
            More::Relation(relation) => desk.relate(tx, &mut events, relation).await?,
            More::Preference(preference) => desk.prefer(tx, &mut events, preference).await?,
            More::Activity(kind) => desk.live(tx, &mut events, *kind).await?,
            More::Notice(notice) => desk.inform(tx, &mut events, notice).await?,
            More::About(about) => desk.describe(tx, &mut events, about).await?,
        };
        if !events.is_empty() {
            events.write(tx).await?;
        }
        Ok(recorded)
    }

    /// How a grant ended that came with its end.
    fn ending<'r>(&'r self, row: &'r Row, ending: &Ending, salt: &'r [u8], grant: &str) -> New<'r> {
        let id = self.purposes.get(ending.purpose).map(|own| own.id.as_str());
        let what = (ending.how.into(), id, ending.at);
        self.event(row, ending.contact, salt, what, json!({ "grants": 1, "grant": grant }))
    }

    fn event<'r>(
        &'r self,
        row: &'r Row,
        contact: Uuid,
        salt: &'r [u8],
        (kind, purpose, at): (Kind, Option<&'r str>, Timestamp),
        detail: Value,
    ) -> New<'r> {
        // Of who was erased nothing is kept but the no.
        let evidence = (!salt.is_empty()).then(|| row.evidence.clone());
        New {
            contact,
            salt,
            kind,
            controller: &self.plan.controller,
            purpose,
            recorded_at: self.now,
            said: Said { actor: &self.plan.actor, at, evidence },
            detail,
        }
    }

    fn grant<'r>(
        &'r self,
        row: &Row,
        contact: Uuid,
        yes: &Yes,
        (chain, seq): (i64, i64),
    ) -> [Arg<'r>; 11] {
        let purpose = self.purposes.get(yes.purpose).map(|own| own.id.as_str());
        [
            uuid(contact),
            text(purpose.unwrap_or_default()),
            int(row.at.as_millisecond()),
            int(yes.until.as_millisecond()),
            text(word(&yes.method)),
            text(word(&Source::Own)),
            Arg::Int(yes.confirmed_at.map(Timestamp::as_millisecond)),
            int(yes.of_age.into()),
            text(said(yes)),
            int(chain),
            int(seq),
        ]
    }

    /// Of a grant that came with its end.
    async fn end(&self, tx: &mut Tx<'_>, ending: &Ending) -> Result<(), Error> {
        let purpose = self.purposes.get(ending.purpose).map(|own| own.id.as_str());
        let sql = "UPDATE grant_now SET withdrawn_at = $4, ended = $5 \
                   WHERE contact = $1 AND purpose = $2 AND valid_from = $3";
        let args = vec![
            uuid(ending.contact),
            text(purpose.unwrap_or_default()),
            int(ending.from.as_millisecond()),
            int(ending.at.as_millisecond()),
            text(word(&ending.how)),
        ];
        tx.run(sql, args).await.map(drop)
    }
}

/// What a line holds beside date and source.
fn said(yes: &Yes) -> &'static str {
    if yes.worded { "wording" } else { "record" }
}

/// Names a refusal of this run.
fn refusal(key: &AddressKey, purpose: Option<usize>) -> u64 {
    !hashed(key, purpose.map_or(0, |at| at as u64 + 1), Timestamp::UNIX_EPOCH)
}

/// Names a grant of this run.
fn hashed(key: &AddressKey, number: u64, at: Timestamp) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = key.0;
    let number = number.wrapping_mul(ODD).rotate_left(29);
    let at = at.as_millisecond().cast_unsigned().wrapping_mul(ODD);
    u64::from_be_bytes([a, b, c, d, e, f, g, h]) ^ number ^ at
}

const TRIES: u32 = 3;
const BREATH: Duration = Duration::from_millis(2);
const SEEN_MAX: usize = 1_000_000;
/// Spreads numbers over all 64 bits.
const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
