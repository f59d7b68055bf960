//! One purpose assigned to many: to those that a filter finds, or to a list of addresses (S21, S24,
//! S28). In bounded batches, going on where it was after a stop; never over a refusal.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::{Timestamp, tz::TimeZone};
use policy::{Activity, Address, Method, Purpose, Source};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Consent, Start, Watch, Who,
    customer::Clocks,
    event::{Events, Kind, New, Said},
    filter::Filter,
    page,
    record::{self, GRANT_COLUMNS},
    store::{find_or_make, find_or_revive, parse_word},
    suppress,
};
use crate::{
    db::{Arg, Error, Keys, Row, Tx, int, moment, text, uuid, word},
    job,
    seal::{self, Secret},
};

/// What is assigned, and what shows that it may be.
#[derive(Clone, Debug)]
pub struct Assignment {
    pub controller: String,
    pub purpose: String,
    pub start: Start,
    /// `None`: by the purpose's duration.
    pub until: Option<Timestamp>,
    pub method: Method,
    pub source: Source,
    /// When a click in a message confirmed all of them.
    pub confirmed_at: Option<Timestamp>,
    /// All of them declared to be of age.
    pub of_age: bool,
    /// Kept with each grant.
    pub evidence: Value,
    pub actor: String,
    /// Count everything, write nothing.
    pub dry_run: bool,
}

/// To whom.
#[derive(Clone, Debug)]
pub enum Target {
    Filter(Filter),
    Addresses(Vec<Address>),
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Assigned {
    /// Contacts looked at.
    pub seen: u64,
    pub granted: u64,
    /// A grant that reaches as far was on record.
    pub already: u64,
    /// The address refused: not granted.
    pub refusal_stands: u64,
    /// It would end before it begins.
    pub empty: u64,
}

/// Why nothing is assigned, or not everything.
#[derive(Debug)]
pub enum AssignFault {
    NoPurpose,
    Closed,
    /// Somebody else goes on with the very same assignment.
    Busy,
    Store(Error),
}

impl std::fmt::Display for AssignFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoPurpose => f.write_str("there is no such purpose"),
            Self::Closed => f.write_str("the purpose is closed"),
            Self::Busy => f.write_str("the same is being assigned by somebody else: wait for it"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for AssignFault {}

impl From<Error> for AssignFault {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

/// How far it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Progress {
    /// The moment that it is done for: it goes on as of then.
    as_of: i64,
    /// The contact last looked at, of a filter's.
    after: Option<Uuid>,
    /// How many of the list are done.
    done: usize,
    counts: Assigned,
}

impl Consent {
    /// Assigns; `told` hears the counts after each batch. Stopped, it goes on where it was when the
    /// very same is asked for again.
    pub async fn assign(
        &self,
        watch: Watch<'_>,
        zone: &TimeZone,
        clocks: &Clocks,
        what: &Assignment,
        target: &Target,
        mut told: impl FnMut(Assigned),
    ) -> Result<Assigned, AssignFault> {
        let purpose = self.purpose(&what.controller, &what.purpose).await?;
        let purpose = purpose.ok_or(AssignFault::NoPurpose)?;
        if purpose.closed_at.is_some() {
            return Err(AssignFault::Closed);
        }
        let name = name(&self.secret, what, target);
        let mut old = match what.dry_run {
            true => None,
            false => job::read(&mut self.db.read().await?, &name).await?,
        };
        let fresh = Progress {
            as_of: clocks.now.as_millisecond(),
            after: None,
            done: 0,
            counts: Assigned::default(),
        };
        let known = old.as_deref().and_then(|state| serde_json::from_str(state).ok());
        let mut progress: Progress = known.unwrap_or(fresh);
        let batch = Batch { consent: self, watch, zone, what, purpose: &purpose };
        loop {
            let more = batch.run(clocks, target, &name, &mut old, &mut progress).await?;
            told(progress.counts);
            if !more {
                return Ok(progress.counts);
            }
            // A relay that waits for the write lock gets it between two batches.
            tokio::time::sleep(BREATH).await;
        }
    }
}

/// The same assignment has the same name, whoever asks for it. A keyed hash, as a list of one
/// address could be guessed.
fn name(secret: &Secret, what: &Assignment, target: &Target) -> String {
    let mut digest = seal::Digest::new();
    let mut add = |text: &str| {
        digest.update(&(text.len() as u64).to_be_bytes());
        digest.update(text.as_bytes());
    };
    add(&what.controller);
    add(&what.purpose);
    add(&format!("{:?} {:?} {:?} {:?}", what.start, what.until, what.method, what.source));
    add(&format!("{:?} {}", what.confirmed_at, what.of_age));
    add(&what.evidence.to_string());
    match target {
        Target::Filter(filter) => add(&json!(filter).to_string()),
        Target::Addresses(all) => all.iter().for_each(|one| add(one.as_str())),
    }
    format!("assign/{}", seal::hex(&secret.mac_key("job").sign(&digest.finish())))
}

struct Batch<'a> {
    consent: &'a Consent,
    watch: Watch<'a>,
    zone: &'a TimeZone,
    what: &'a Assignment,
    purpose: &'a Purpose,
}

/// A contact to be granted the purpose.
struct One {
    id: Uuid,
    salt: Vec<u8>,
    added: Timestamp,
    /// As the list has it; of those whom a filter found it is not asked for.
    address: Option<Address>,
    erased: bool,
    forgotten_at: Option<Timestamp>,
}

impl One {
    /// Erased after that was said, or with nobody there to bring them back.
    fn is_gone(&self, from: Timestamp) -> bool {
        self.forgotten_at.is_some_and(|at| from < at) || (self.erased && self.address.is_none())
    }
}

/// What is known of a batch's contacts.
#[derive(Default)]
struct Known {
    refused: BTreeSet<Uuid>,
    /// From when until when.
    held: BTreeMap<Uuid, Vec<(i64, i64, bool)>>,
    active: BTreeMap<Uuid, Timestamp>,
}

impl Batch<'_> {
    /// One batch; whether there is more.
    async fn run(
        &self,
        clocks: &Clocks,
        target: &Target,
        name: &str,
        old: &mut Option<String>,
        progress: &mut Progress,
    ) -> Result<bool, AssignFault> {
        let controller = &self.what.controller;
        let mut next = progress.clone();
        let (mut tx, people, more) = match target {
            Target::Filter(filter) => {
                let page =
                    self.consent.list(controller, filter, clocks, progress.after, BATCH).await?;
                next.after = page.contacts.last().map(|one| one.id).or(progress.after);
                let ids = page.contacts.iter().map(|one| one.id).collect();
                let mut tx = self.consent.db.begin().await?;
                let people = found(&mut tx, ids, &mut BTreeMap::new()).await?;
                (tx, people, page.next.is_some())
            }
            Target::Addresses(all) => {
                let some: Vec<&Address> = all.iter().skip(progress.done).take(BATCH).collect();
                next.done += some.len();
                let mut tx = self.consent.db.begin().await?;
                let mut made = self.made(&mut tx, &some, clocks.now).await?;
                let people = found(&mut tx, made.keys().copied().collect(), &mut made).await?;
                (tx, people, next.done < all.len())
            }
        };
        let as_of = moment(progress.as_of)?;
        self.grant(&mut tx, as_of, people, &mut next.counts).await?;
        if self.what.dry_run {
            *progress = next;
            return Ok(more);
        }
        let state = more.then(|| json!(next).to_string());
        if !job::swap(&mut tx, name, old.as_deref(), state.as_deref()).await? {
            return Err(AssignFault::Busy);
        }
        tx.commit().await?;
        *old = state;
        *progress = next;
        Ok(more)
    }

    async fn made(
        &self,
        tx: &mut Tx<'_>,
        some: &[&Address],
        now: Timestamp,
    ) -> Result<BTreeMap<Uuid, Address>, Error> {
        let mut made = BTreeMap::new();
        for address in some {
            let who = Who::address(&self.what.controller, (*address).clone());
            let contact = find_or_make(tx, self.consent, &who, now).await?;
            made.insert(contact.id, (*address).clone());
        }
        Ok(made)
    }

    /// Whoever was erased and is granted something is there again.
    async fn revive(
        &self,
        tx: &mut Tx<'_>,
        now: Timestamp,
        (one, from): (&mut One, Timestamp),
    ) -> Result<(), Error> {
        if let Some(address) = one.address.take().filter(|_| one.erased) {
            let who = Who::address(&self.what.controller, address);
            one.salt = find_or_revive(tx, self.consent, &who, (now, from)).await?.salt;
        }
        Ok(())
    }

    async fn grant(
        &self,
        tx: &mut Tx<'_>,
        as_of: Timestamp,
        people: Vec<One>,
        counts: &mut Assigned,
    ) -> Result<(), Error> {
        let mut known = self.known(tx, &people).await?;
        self.suppressed(tx, &people, &mut known).await?;
        // A contract and a duty go on, whatever the person wants.
        if !self.purpose.basis.is_by_will() {
            known.refused.clear();
        }
        let mut due = Vec::new();
        for one in people {
            counts.seen += 1;
            let from = match self.what.start {
                Start::Now => as_of,
                Start::Added => one.added,
                Start::At(at) => at,
            };
            let active = known.active.get(&one.id).copied();
            let until = match self.what.until {
                Some(until) => until,
                None => record::until(&self.purpose.validity, from, active, self.zone)?,
            };
            let (start, end) = (from.as_millisecond(), until.as_millisecond());
            let held = known.held.get(&one.id).map(Vec::as_slice).unwrap_or_default();
            let covers =
                |&(f, u, open): &(i64, i64, bool)| f == start || (open && f <= start && u >= end);
            if known.refused.contains(&one.id) || one.is_gone(from) {
                counts.refusal_stands += 1;
            } else if held.iter().any(covers) {
                counts.already += 1;
            } else if end <= start {
                counts.empty += 1;
            } else {
                counts.granted += 1;
                due.push((one, from, until));
            }
        }
        if due.is_empty() {
            return Ok(());
        }
        for (one, from, _) in &mut due {
            self.revive(tx, as_of, (one, *from)).await?;
        }
        let now = (self.watch)();
        let mut events = Events::begin(tx, &self.consent.chain).await?;
        let mut rows = Vec::with_capacity(due.len() * GRANT_COLUMNS.len());
        for (one, from, until) in &due {
            let (from, until) = (*from, *until);
            let (chain, seq) = (events.chain(), events.push(self.event(now, one, from, until)));
            rows.extend(self.row(one.id, from, until, (chain, seq)));
        }
        events.write(tx).await?;
        tx.insert("grant_now", GRANT_COLUMNS, rows, "").await.map(drop)
    }

    fn event<'r>(
        &'r self,
        now: Timestamp,
        one: &'r One,
        from: Timestamp,
        until: Timestamp,
    ) -> New<'r> {
        let what = self.what;
        New {
            contact: one.id,
            salt: &one.salt,
            kind: Kind::Granted,
            controller: &what.controller,
            purpose: Some(&self.purpose.id),
            recorded_at: now,
            said: Said {
                actor: &what.actor,
                at: from,
                evidence: (!what.evidence.is_null()).then(|| what.evidence.to_string()),
            },
            detail: json!({
                "from": from.to_string(),
                "until": until.to_string(),
                "method": what.method,
                "source": what.source,
                "basis": self.purpose.basis,
                "confirmed_at": what.confirmed_at.map(|at| at.to_string()),
                "of_age": what.of_age,
                "evidence": record::evidence(&what.evidence),
                "bulk": true,
            }),
        }
    }

    fn row(
        &self,
        contact: Uuid,
        from: Timestamp,
        until: Timestamp,
        (chain, seq): (i64, i64),
    ) -> [Arg<'static>; 11] {
        [
            uuid(contact),
            text(self.purpose.id.clone()),
            int(from.as_millisecond()),
            int(until.as_millisecond()),
            text(word(&self.what.method)),
            text(word(&self.what.source)),
            Arg::Int(self.what.confirmed_at.map(Timestamp::as_millisecond)),
            int(self.what.of_age.into()),
            text(record::evidence(&self.what.evidence)),
            int(chain),
            int(seq),
        ]
    }

    /// Who stands on a list of those who get nothing counts as who refused.
    async fn suppressed(
        &self,
        tx: &mut Tx<'_>,
        people: &[One],
        known: &mut Known,
    ) -> Result<(), Error> {
        if !suppress::has_lists(tx, &self.what.controller).await? {
            return Ok(());
        }
        let briefs =
            page::by_id(tx, &self.consent.secret, people.iter().map(|one| one.id).collect())
                .await?;
        let named = briefs
            .iter()
            .filter_map(|brief| Some((brief.id, Address::parse(brief.address.as_deref()?).ok()?)));
        let (ids, addresses): (Vec<Uuid>, Vec<Address>) = named.unzip();
        let found =
            suppress::found(tx, &self.consent.secret, &self.what.controller, &addresses).await?;
        known.refused.extend(found.keys().filter_map(|at| ids.get(*at)));
        Ok(())
    }

    async fn known(&self, tx: &mut Tx<'_>, people: &[One]) -> Result<Known, Error> {
        let ids = || Keys::Uuids(people.iter().map(|one| one.id).collect());
        let of = [text(self.purpose.id.clone())];
        let mut known = Known::default();
        let refused = record::is_refused("c.id", "$1", "");
        let sql = format!("SELECT c.id FROM contact c WHERE {refused} AND c.id {{in}}");
        for row in tx.rows_in(&sql, &of, ids()).await? {
            known.refused.insert(row.uuid(0)?);
        }
        let sql = "SELECT contact, valid_from, valid_until, withdrawn_at FROM grant_now \
                   WHERE purpose = $1 AND contact {in}";
        for row in tx.rows_in(sql, &of, ids()).await? {
            let term = (row.int(1)?, row.int(2)?, row.opt_int(3)?.is_none());
            known.held.entry(row.uuid(0)?).or_default().push(term);
        }
        if let policy::Validity::SinceActivity { kinds, .. } = &self.purpose.validity {
            let sql = "SELECT contact, kind, at FROM activity_now WHERE contact {in}";
            for row in tx.rows_in(sql, &[], ids()).await? {
                if kinds.contains(&parse_word::<Activity>(&row.text(1)?)?) {
                    let at = row.time(2)?;
                    let last = known.active.entry(row.uuid(0)?).or_insert(at);
                    *last = (*last).max(at);
                }
            }
        }
        Ok(known)
    }
}

/// The contacts, which nobody else changes meanwhile: a refusal waits, and is seen.
async fn found(
    tx: &mut Tx<'_>,
    ids: Vec<Uuid>,
    made: &mut BTreeMap<Uuid, Address>,
) -> Result<Vec<One>, Error> {
    let lock = if tx.is_sqlite() { "" } else { " ORDER BY id FOR UPDATE" };
    let sql = format!(
        "SELECT id, salt, created_at, erased_at, forgotten_at \
         FROM contact WHERE id {{in}}{lock}"
    );
    let rows = tx.rows_in(&sql, &[], Keys::Uuids(ids)).await?;
    let mut one = |row: &Row| {
        let (id, erased) = (row.uuid(0)?, row.opt_int(3)?.is_some());
        Ok(One {
            id,
            salt: row.opt_bytes(1)?.filter(|_| !erased).unwrap_or_default(),
            added: row.time(2)?,
            address: made.remove(&id),
            erased,
            forgotten_at: row.opt_time(4)?,
        })
    };
    rows.iter().map(&mut one).collect()
}

const BATCH: usize = 500;
const BREATH: Duration = Duration::from_millis(2);
