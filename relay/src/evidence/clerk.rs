//! Writes checkpoints: over the lines since the last one, bounded in number, read in pages. What is
//! broken is not signed.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{
    LABEL,
    checkpoint::{Checkpoint, NONE_BEFORE},
    merkle::Tree,
    store::{Chain, chains},
};
use crate::{
    db::{Db, Error},
    job,
    journal::{
        Broken, Walk,
        chain::Head,
        hex::{Bytes, Digest},
    },
    seal::{Secret, SigningKey},
};

#[derive(Clone, Debug)]
pub struct Clerk {
    db: Db,
    key: Arc<SigningKey>,
    /// One of its own for each process.
    holder: String,
}

/// What one step did.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Ticked {
    /// There is more to do now: call again.
    pub more: bool,
    /// The lines that one checkpoint put under a signature.
    pub lines: u64,
    /// Chains that are not signed on, because a line was changed.
    pub broken: Vec<Broken>,
}

impl Clerk {
    pub fn new(db: Db, secret: &Secret, holder: &str) -> Self {
        Self { db, key: Arc::new(secret.signing_key(LABEL)), holder: holder.to_owned() }
    }

    /// At most one checkpoint, where it is time for it and no other relay is at it.
    pub async fn tick(&self, now: Timestamp) -> Result<Ticked, Error> {
        let done = job::done_at(&mut self.db.read().await?, JOB).await?;
        let hour = i64::try_from(EVERY.as_millis()).unwrap_or(i64::MAX);
        let is_due = done.is_none_or(|at| at.saturating_add(hour) <= now.as_millisecond());
        if !is_due || !job::claim(&self.db, now, JOB, &self.holder, LEASE).await? {
            return Ok(Ticked::default());
        }
        let mut ticked = self.next(now).await?;
        if ticked.lines == 0 {
            job::finish(&self.db, now, JOB, &self.holder).await?;
        } else {
            ticked.more = true;
        }
        Ok(ticked)
    }

    /// Puts all that stands now under a signature; the chains where that cannot be.
    pub(super) async fn cover(&self, now: Timestamp) -> Result<Vec<Broken>, Error> {
        loop {
            let ticked = self.next(now).await?;
            if ticked.lines == 0 {
                return Ok(ticked.broken);
            }
        }
    }

    /// One checkpoint of the first whole chain that has new lines.
    async fn next(&self, now: Timestamp) -> Result<Ticked, Error> {
        let mut ticked = Ticked::default();
        let all = chains(&mut self.db.read().await?).await?;
        for chain in all {
            let last = chain.last(&mut self.db.read().await?).await?;
            if last.as_ref().map_or(0, |last| last.upto) >= chain.head.seq {
                continue;
            }
            match self.sign(now, &chain, last.as_ref()).await? {
                Ok(one) => {
                    // Where another one was faster there is something new to look at.
                    chain.keep(&self.db, &one).await?;
                    ticked.lines = u64::try_from(one.upto - one.from + 1).unwrap_or(0);
                    return Ok(ticked);
                }
                Err(broken) => ticked.broken.push(broken),
            }
        }
        Ok(ticked)
    }

    async fn sign(
        &self,
        now: Timestamp,
        chain: &Chain,
        last: Option<&Checkpoint>,
    ) -> Result<Result<Checkpoint, Broken>, Error> {
        let start = Head::start(chain.head.chain, &chain.name);
        let before = last.map_or(start, |last| Head {
            chain: chain.head.chain,
            seq: last.upto,
            hash: last.head.0,
        });
        let upto = chain.head.seq.min(before.seq.saturating_add(LINES_MAX));
        let mut walk = Walk::after(&chain.name, before, chain.head);
        let mut tree = Tree::default();
        let mut conn = self.db.read().await?;
        chain.walk(&mut conn, &mut walk, upto, |hash| tree.push(hash)).await?;
        if upto == chain.head.seq {
            walk.close();
        }
        if let Some(broken) = walk.broken {
            return Ok(Err(broken));
        }
        let one = Checkpoint {
            chain: chain.name.clone(),
            from: before.seq + 1,
            upto,
            head: Digest(walk.at.hash),
            root: Digest(tree.root()),
            previous: Digest(last.map_or(NONE_BEFORE, Checkpoint::hash)),
            at: now.as_millisecond(),
            key: String::new(),
            signature: Bytes(Vec::new()),
        };
        Ok(Ok(one.signed(&self.key)))
    }
}

const JOB: &str = "evidence/checkpoint";
/// How long a change could go unnoticed by whoever has the last checkpoint.
const EVERY: SignedDuration = SignedDuration::from_hours(1);
/// Longer than any step takes; another relay takes over then.
const LEASE: SignedDuration = SignedDuration::from_mins(5);
/// Of one checkpoint: to prove one line all their hashes are read.
const LINES_MAX: i64 = 16_384;
