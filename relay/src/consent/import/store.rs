//! One batch of an import, one transaction.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::Timestamp;
use policy::{Ended, Purpose, Scope, Source};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Counts, Fault, Plan,
    known::{CONTACT_COLUMNS, Contacts, Known, locate, make_contacts},
    read::Batch,
    row::{More, Row, Says, Yes},
    state::{State, Stepped},
};
use crate::{
    consent::{
        Consent, Proof, Recorded, Watch, Who,
        event::{Events, Kind, New, Said, name},
        record::{self, Desk, GRANT_COLUMNS, REFUSAL_COLUMNS},
        store::find,
    },
    db::{Arg, Error, Tx, int, text, uuid, word},
    seal::AddressKey,
};

pub(super) struct Writer<'a> {
    consent: &'a Consent,
    watch: Watch<'a>,
    /// When the batch at hand is written down.
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
    refused: Vec<Refused>,
    fresh: Vec<u64>,
    /// Countries that no event says yet.
    places: BTreeMap<Uuid, &'a str>,
}

/// A no, to one purpose or to everything but some.
struct Refused {
    contact: Uuid,
    purpose: Option<usize>,
    except: Vec<usize>,
    at: Timestamp,
    event: (i64, i64),
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
        watch: Watch<'a>,
        plan: &'a Plan,
        purposes: &'a [Purpose],
    ) -> Self {
        Self { consent, watch, now: watch(), plan, purposes, seen: BTreeSet::new() }
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
        self.now = (self.watch)();
        let controller = &self.plan.controller;
        let (mut contacts, mut known) =
            Known::of(&mut tx, self.consent, controller, self.purposes, rows, self.now).await?;
        let places = known.places(&contacts, rows);
        let made_of = (rows.as_slice(), &places);
        let new = make_contacts(&mut contacts, made_of, self.now, self.consent, controller);
        counts.new_contacts += (new.len() / CONTACT_COLUMNS.len()) as u64;
        let mut events = Events::begin(&mut tx, &self.consent.chain).await?;
        let mut made = Made::default();
        for (key, country) in &places {
            made.places.extend(contacts.get(key).map(|(id, _)| (*id, *country)));
        }
        for row in rows {
            let Some((id, salt)) = contacts.get(&row.key) else { continue };
            let who = (*id, salt.as_slice());
            self.state(row, who, &mut known, &mut events, &mut made, &mut counts);
        }
        self.rest(rows, &contacts, &mut known, &mut events, &mut made);
        tx.insert("contact", CONTACT_COLUMNS, new, "").await?;
        events.write(&mut tx).await?;
        tx.insert("grant_now", GRANT_COLUMNS, made.grants, "").await?;
        tx.insert("refusal_now", REFUSAL_COLUMNS, made.refusals, record::REFUSED_ANEW).await?;
        locate(&mut tx, &contacts, &known, &places).await?;
        for ending in &made.ended {
            self.end(&mut tx, ending).await?;
        }
        for refused in &made.refused {
            self.refuse(&mut tx, refused).await?;
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
                let stands = self.is_by_will(yes.purpose)
                    && (known.refuses(id, yes.purpose) || known.suppressed.contains_key(&row.key));
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
            Says::No { purpose, except } => match known.refuse(id, *purpose, except) {
                Some(but) => {
                    counts.refused += 1;
                    made.fresh.push(refusal(&row.key, *purpose));
                    made.fresh.extend(but.iter().map(|own| !refusal(&row.key, Some(*own))));
                    self.refused(row, (*purpose, but), (id, salt), events, made);
                }
                None => counts.already += 1,
            },
            Says::Listed(entry) => match known.refuse(id, None, &[]) {
                Some(_) => {
                    counts.refused += 1;
                    let event =
                        self.event(row, id, salt, (Kind::Refused, None, row.at), entry.detail());
                    made.no(id, (None, Vec::new()), row.at, events, event);
                }
                None => counts.already += 1,
            },
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
        let mut detail = json!({
            "from": row.at.to_string(),
            "until": yes.until.to_string(),
            "method": yes.method,
            "source": Source::Own,
            "basis": purpose.map(|own| own.basis),
            "confirmed_at": yes.confirmed_at.map(|at| at.to_string()),
            "of_age": yes.of_age,
            "evidence": said(yes),
        });
        made.tell_place(id, &mut detail);
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
        (purpose, but): (Option<usize>, Vec<usize>),
        (id, salt): (Uuid, &'r [u8]),
        events: &mut Events<'r>,
        made: &mut Made<'r>,
    ) {
        let own = purpose.and_then(|at| self.purposes.get(at)).map(|own| own.id.as_str());
        let scope = own.map_or(Scope::Everything, |id| Scope::Purpose(id.to_owned()));
        let what = (Kind::Refused, own, row.at);
        let mut detail = json!({ "scope": scope, "imported": true });
        if let (false, Some(fields)) = (but.is_empty(), detail.as_object_mut()) {
            fields.insert("except".to_owned(), json!(self.named(&but)));
        }
        made.tell_place(id, &mut detail);
        let event = self.event(row, id, salt, what, detail);
        made.no(id, (purpose, but), row.at, events, event);
    }

    /// What is on record of the batch's contacts and no row said: that one stands on a list, and in
    /// which country one is.
    fn rest<'r>(
        &'r self,
        rows: &'r [Row],
        contacts: &'r Contacts,
        known: &mut Known,
        events: &mut Events<'r>,
        made: &mut Made<'r>,
    ) {
        for row in rows {
            let Some((id, salt)) = contacts.get(&row.key) else { continue };
            let (id, salt) = (*id, salt.as_slice());
            let entry = known.suppressed.get(&row.key).filter(|_| !salt.is_empty()).cloned();
            if let Some(entry) = entry.filter(|_| known.refused.insert((id, None))) {
                let evidence = Some(entry.evidence().to_string());
                let what = (Kind::Refused, None, entry.at);
                let mut event = self.event(row, id, salt, what, entry.detail());
                event.said.evidence = evidence;
                made.no(id, (None, Vec::new()), entry.at, events, event);
            }
            if let Some(country) = made.places.remove(&id) {
                let detail = json!({ "country": country });
                events.push(self.event(row, id, salt, (Kind::Corrected, None, row.at), detail));
            }
        }
    }

    fn is_by_will(&self, purpose: usize) -> bool {
        self.purposes.get(purpose).is_none_or(|own| own.basis.is_by_will())
    }

    fn named(&self, purposes: &[usize]) -> Vec<&'a str> {
        purposes.iter().filter_map(|at| self.purposes.get(*at)).map(|own| own.id.as_str()).collect()
    }

    /// What a no ends, and what it leaves out.
    async fn refuse(&self, tx: &mut Tx<'_>, no: &Refused) -> Result<(), Error> {
        let (who, but) = (no.contact, self.named(&no.except));
        let purpose = no.purpose.and_then(|at| self.purposes.get(at)).map(|own| own.id.as_str());
        record::end_refused(tx, who, (purpose, &but), no.at).await?;
        if purpose.is_none() {
            record::unlift(tx, who).await?;
        }
        record::leave_out(tx, who, &but, no.at, no.event).await
    }

    /// What earlier batches of a dry run would have refused.
    fn recall(&self, row: &Row, id: Uuid, known: &mut Known) {
        let purpose = match &row.says {
            Says::Yes(yes) => Some(yes.purpose),
            Says::No { purpose, .. } => *purpose,
            Says::Listed(_) => None,
            Says::More(_) => return,
        };
        for scope in [None, purpose] {
            if self.seen.contains(&refusal(&row.key, scope)) {
                known.refused.insert((id, scope));
            }
        }
        if let Some(purpose) =
            purpose.filter(|own| self.seen.contains(&!refusal(&row.key, Some(*own))))
        {
            known.lifted.insert((id, purpose));
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

impl<'a> Made<'a> {
    /// A refusal and what follows from it.
    fn no(
        &mut self,
        contact: Uuid,
        (purpose, except): (Option<usize>, Vec<usize>),
        at: Timestamp,
        events: &mut Events<'a>,
        event: New<'a>,
    ) {
        let scope = event.purpose.unwrap_or_default();
        let seq = events.push(event);
        let place = (events.chain(), seq);
        self.refusals.extend([
            uuid(contact),
            text(scope),
            int(at.as_millisecond()),
            int(place.0),
            int(place.1),
        ]);
        self.refused.push(Refused { contact, purpose, except, at, event: place });
    }

    /// The first event of a contact whose country comes with it says that, too.
    fn tell_place(&mut self, contact: Uuid, detail: &mut Value) {
        if let (Some(country), Some(fields)) =
            (self.places.remove(&contact), detail.as_object_mut())
        {
            fields.insert("country".to_owned(), json!(country));
        }
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
