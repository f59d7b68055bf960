//! Follows the journal: each step takes its next lines and puts their verdicts into the index, in one
//! transaction with how far it came.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{
    campaign,
    kind::{Kind, Kinds},
    outcome,
};
use crate::{
    db::{Conn, Db, Error, Tx, int, uuid},
    job,
    journal::{self, chain::Table, store},
};

/// One for each process.
#[derive(Clone, Debug)]
pub struct Indexer {
    db: Db,
    holder: String,
}

/// What one step did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Indexed {
    /// There may be more: call again.
    pub more: bool,
    /// Lines of the journal that it has gone past.
    pub lines: usize,
}

/// Chain by chain, the last line that is in the index.
type Reached = BTreeMap<i64, i64>;

impl Indexer {
    pub fn new(db: Db, holder: &str) -> Self {
        Self { db, holder: holder.to_owned() }
    }

    /// Some lines of each chain that grew. Where nothing did, nothing is written.
    pub async fn tick(&self, now: Timestamp) -> Result<Indexed, Error> {
        let mut conn = self.db.read().await?;
        let heads = journal::heads(&mut conn, Table::Journal).await?;
        if ahead(&heads, &reached(job::read(&mut conn, JOB).await?.as_deref())).next().is_none() {
            return Ok(Indexed::default());
        }
        if !job::claim(&self.db, now, JOB, &self.holder, LEASE).await? {
            return Ok(Indexed::default());
        }
        let old = job::read(&mut conn, JOB).await?;
        let mut reached = reached(old.as_deref());
        let (mut lines, mut more) = (Vec::new(), false);
        for (chain, after, head) in ahead(&heads, &reached.clone()) {
            let page = store::after(&mut conn, (chain, after), PAGE).await?;
            let Some(last) = page.last() else { continue };
            more |= last.seq < head;
            reached.insert(chain, last.seq);
            lines.extend(page);
        }
        let verdicts = verdicts(&mut conn, &lines).await?;
        let mut tx = self.db.begin().await?;
        // INVARIANT: numbers by numbers are always JSON.
        let new = serde_json::to_string(&reached).unwrap_or_default();
        if !job::swap(&mut tx, JOB, old.as_deref(), Some(&new)).await? {
            return Ok(Indexed { more: true, lines: 0 });
        }
        put(&mut tx, &verdicts).await?;
        outcome::put(&mut tx, &lines).await?;
        tx.commit().await?;
        Ok(Indexed { more, lines: lines.len() })
    }

    /// Takes away what is shown of campaigns that are long over; how many.
    pub async fn forget(&self, now: Timestamp) -> Result<u64, Error> {
        let mut tx = self.db.begin().await?;
        let gone = campaign::forget(&mut tx, now).await?;
        tx.commit().await?;
        Ok(gone)
    }
}

fn reached(state: Option<&str>) -> Reached {
    state.and_then(|state| serde_json::from_str(state).ok()).unwrap_or_default()
}

/// Chains with lines that are not in the index: the last one that is, and the head.
fn ahead<'a>(
    heads: &'a [(String, journal::chain::Head)],
    reached: &'a Reached,
) -> impl Iterator<Item = (i64, i64, i64)> + 'a {
    heads.iter().filter_map(|(_, head)| {
        let after = reached.get(&head.chain).copied().unwrap_or(0);
        (head.seq > after).then_some((head.chain, after, head.seq))
    })
}

struct Verdict {
    at: i64,
    id: Uuid,
    kind: Kind,
    campaign: i64,
}

/// Of the lines that hold one. Who sent the message, and in which campaign, says the line of when it
/// came.
async fn verdicts(conn: &mut Conn<'_>, lines: &[journal::Line]) -> Result<Vec<Verdict>, Error> {
    let mut all = Vec::with_capacity(lines.len());
    for line in lines {
        let event = &line.event;
        let Some((mut kind, mut campaign)) = Kind::of(event.kind, &event.detail.value()) else {
            continue;
        };
        if event.kind != journal::Kind::Decided
            && let Some(message) = event.message
            && let Some(first) = store::decided(conn, message).await?
            && let Some((came, of)) = Kind::of(first.event.kind, &first.event.detail.value())
        {
            (kind.login, campaign) = (came.login, of);
        }
        all.push(Verdict { at: event.at.as_millisecond(), id: event.id, kind, campaign });
    }
    Ok(all)
}

async fn put(tx: &mut Tx<'_>, verdicts: &[Verdict]) -> Result<(), Error> {
    if verdicts.is_empty() {
        return Ok(());
    }
    let known = Kinds::read(tx).await?;
    let numbers = known.number(tx, verdicts.iter().map(|one| &one.kind)).await?;
    let mut counts: BTreeMap<(i64, i64, i64), i64> = BTreeMap::new();
    let mut rows = Vec::with_capacity(verdicts.len() * 4);
    for Verdict { at, id, kind, campaign } in verdicts {
        let number = numbers.get(kind).copied().unwrap_or_default();
        rows.extend([int(*at), uuid(*id), int(number), int(*campaign)]);
        *counts.entry((*campaign, number, at.div_euclid(HOUR_MS))).or_default() += 1;
    }
    let columns = &["at", "id", "kind", "campaign"];
    // A line comes once: a second one would count twice, and fails instead.
    tx.insert("decision", columns, rows, "").await?;
    let rows = counts
        .into_iter()
        .flat_map(|((campaign, kind, hour), count)| [campaign, kind, hour, count].map(int));
    let columns = &["campaign", "kind", "hour", "count"];
    let conflict = "ON CONFLICT (campaign, kind, hour) \
                    DO UPDATE SET count = decision_count.count + excluded.count";
    tx.insert("decision_count", columns, rows.collect(), conflict).await?;
    Ok(())
}

pub(super) const HOUR_MS: i64 = 3_600_000;
const JOB: &str = "decisions/index";
/// Another relay takes over when this one is gone for so long.
const LEASE: SignedDuration = SignedDuration::from_secs(30);
/// Lines of one chain in one transaction: others want to write, too.
const PAGE: i64 = 1_000;
