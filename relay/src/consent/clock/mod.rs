//! What time itself does to consent: ends are announced and noted, the silent are asked and then
//! left alone, evidence is let go of, reviews fall due.
//!
//! The relay calls [`Clock::tick`] again and again; each call does one bounded step of one job and
//! commits it with how far the job came. So it runs once for all relays on a database, goes on
//! after a stop, and never holds the write lock for long. What time it is, the caller says.

mod ends;
mod evidence;
mod review;
mod silence;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use policy::Term;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use review::{Figures, Review};

use super::{Consent, Proven, event::Kind};
use crate::{
    db::{Error, Row, int, uuid},
    job,
};

/// What the clocks go by for one controller: its pack and its own settings.
#[derive(Clone, Debug)]
pub struct Terms {
    pub controller: String,
    pub zone: TimeZone,
    /// Who is silent for longer is inactive.
    pub max_inactive: Term,
    /// How long the silent have to give a sign before they are unsubscribed; `None`: nobody is.
    pub reactivate_within: Option<Term>,
    /// How long evidence is kept after what it proves ended.
    pub evidence_for: Term,
    /// Whether it goes then; otherwise it stays for ever, save after an erasure.
    pub purge_evidence: bool,
    /// How often the contacts are looked over.
    pub review_every: Term,
}

/// One relay's clock.
#[derive(Clone, Debug)]
pub struct Clock {
    consent: Consent,
    /// One of its own for each process.
    holder: String,
}

/// What one step did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Ticked {
    /// There is more to do now: call again.
    pub more: bool,
    pub expiring: u64,
    pub expired: u64,
    /// Asked for a last sign of life.
    pub inactive: u64,
    pub reactivated: u64,
    /// Unsubscribed because none came.
    pub unsubscribed: u64,
    /// Events that lost their evidence.
    pub evidence: u64,
    /// Erasures that nothing outlives any more.
    pub erased: u64,
    /// Subscriptions that nobody confirmed, deleted.
    pub unconfirmed: u64,
}

/// The jobs in the order in which they run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Job {
    Ends,
    Silence,
    Evidence,
    Erasures,
    Pending,
}

impl Job {
    const ALL: [Self; 5] =
        [Self::Ends, Self::Silence, Self::Evidence, Self::Erasures, Self::Pending];

    fn name(self) -> &'static str {
        match self {
            Self::Ends => "clock/ends",
            Self::Silence => "clock/silence",
            Self::Evidence => "clock/evidence",
            Self::Erasures => "clock/erasures",
            Self::Pending => "clock/pending",
        }
    }

    /// How long after its end it begins again.
    fn every(self) -> SignedDuration {
        match self {
            Self::Ends | Self::Pending => SignedDuration::from_mins(15),
            Self::Silence | Self::Evidence | Self::Erasures => SignedDuration::from_hours(24),
        }
    }
}

/// How far a job came.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Progress {
    /// The contact behind which it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<Uuid>,
}

impl Clock {
    pub fn new(consent: Consent, holder: &str) -> Self {
        Self { consent, holder: holder.to_owned() }
    }

    /// One step of the first job that is due and that no other relay is at.
    pub async fn tick(&self, now: Timestamp, terms: &[Terms]) -> Result<Ticked, Error> {
        for job in Job::ALL {
            let mut conn = self.consent.db.read().await?;
            let done = job::done_at(&mut conn, job.name()).await?;
            let progress = job::read(&mut conn, job.name()).await?;
            drop(conn);
            let due = done.is_none_or(|at| {
                at.saturating_add(i64::try_from(job.every().as_millis()).unwrap_or(i64::MAX))
                    <= now.as_millisecond()
            });
            let begun = progress.as_deref().is_some_and(|state| state != NOTHING);
            if !(due || begun)
                || !job::claim(&self.consent.db, now, job.name(), &self.holder, LEASE).await?
            {
                continue;
            }
            let mut ticked = Ticked { more: true, ..Ticked::default() };
            let state = progress.unwrap_or_else(|| NOTHING.to_owned());
            let from = serde_json::from_str(&state).unwrap_or_default();
            let step = Step { clock: self, now, job, state, from };
            let ended = match job {
                Job::Ends => ends::step(&step, &mut ticked).await?,
                Job::Silence => silence::step(&step, terms, &mut ticked).await?,
                Job::Evidence => evidence::step(&step, terms, &mut ticked).await?,
                Job::Erasures => erasures(&step, terms, &mut ticked).await?,
                Job::Pending => {
                    ticked.unconfirmed = self.consent.purge_pending(now).await?;
                    true
                }
            };
            if ended {
                job::finish(&self.consent.db, now, job.name(), &self.holder).await?;
            }
            return Ok(ticked);
        }
        Ok(Ticked::default())
    }
}

/// One step of one job.
struct Step<'a> {
    clock: &'a Clock,
    now: Timestamp,
    job: Job,
    /// As it is on record.
    state: String,
    from: Progress,
}

impl Step<'_> {
    fn consent(&self) -> &Consent {
        &self.clock.consent
    }

    /// Writes down in the step's own transaction how far it came; whether it is still this relay's.
    async fn advance(
        &self,
        tx: &mut crate::db::Tx<'_>,
        after: Option<Uuid>,
    ) -> Result<bool, Error> {
        let new = serde_json::to_string(&Progress { after }).unwrap_or_default();
        if new == self.state {
            return Ok(true);
        }
        job::swap(tx, self.job.name(), Some(&self.state), Some(&new)).await
    }

    /// The last of the next contacts to look at; `None`: there are none.
    async fn window(&self, from: Uuid, size: i64) -> Result<Option<Uuid>, Error> {
        let mut conn = self.consent().db.read().await?;
        let sql = "SELECT id FROM contact WHERE id > $1 ORDER BY id LIMIT 1 OFFSET $2";
        let row = conn.rows(sql, vec![uuid(from), int(size - 1)]).await?;
        if let Some(row) = row.first() {
            return row.uuid(0).map(Some);
        }
        let sql = "SELECT id FROM contact WHERE id > $1 ORDER BY id DESC LIMIT 1";
        let last = conn.rows(sql, vec![uuid(from)]).await?;
        last.first().map(|row| row.uuid(0)).transpose()
    }
}

/// What erasures had to leave; whether the job came to its end.
async fn erasures(step: &Step<'_>, terms: &[Terms], ticked: &mut Ticked) -> Result<bool, Error> {
    let proven = |controller: &str| {
        let own = terms.iter().find(|one| one.controller == controller)?;
        Some(Proven { zone: own.zone.clone(), kept_for: Some(own.evidence_for) })
    };
    let after = step.from.after.unwrap_or_default();
    let (done, next) = step.consent().erase_rest(step.now, after, proven).await?;
    ticked.erased = done;
    if next.is_some() {
        let mut tx = step.consent().db.begin().await?;
        if step.advance(&mut tx, next).await? {
            tx.commit().await?;
        }
    }
    Ok(next.is_none())
}

/// Id and salt in the first two columns.
fn person(row: &Row) -> Result<(Uuid, Vec<u8>), Error> {
    Ok((row.uuid(0)?, row.opt_bytes(1)?.unwrap_or_default()))
}

/// Who writes what the clock finds.
const ACTOR: &str = "clock";
/// The state of a job that is not under way.
const NOTHING: &str = "{}";
/// Longer than any step takes; another relay takes over then.
const LEASE: SignedDuration = SignedDuration::from_mins(5);
/// Contacts that one look takes in, and looks of one step that find nothing to do.
const WINDOW: i64 = 1_000;
const LOOKS: usize = 50;

/// Kinds of the clock's own events.
const fn end_kind(over: bool) -> Kind {
    if over { Kind::Expired } else { Kind::Expiring }
}
