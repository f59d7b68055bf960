//! Leads each line of a case to the checkpoint that covers it.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};

use super::{
    case::Proven,
    checkpoint::Checkpoint,
    deposit::Deposit,
    merkle::{Hash, Levels},
    store::{Chain, chains},
};
use crate::{
    db::Db,
    journal::{
        Broken,
        chain::{Hashed, Head, Stands},
        hex::Digest,
    },
};

pub(super) struct Prover<'a> {
    db: &'a Db,
    chains: BTreeMap<i64, Chain>,
    /// Chains that could not be signed to their end.
    broken: Vec<Broken>,
    /// Those that were needed, in the order in which they were.
    pub checkpoints: Vec<Checkpoint>,
    /// Of each chain the one needed last: lines come in their order.
    open: BTreeMap<i64, Covered>,
}

/// What one checkpoint covers.
struct Covered {
    /// Its number.
    at: usize,
    /// Hash of the line before the first.
    before: Hash,
    hashes: Vec<Hash>,
    levels: Levels,
}

impl<'a> Prover<'a> {
    pub(super) async fn new(db: &'a Db, broken: Vec<Broken>) -> anyhow::Result<Self> {
        let all = chains(&mut db.read().await?).await?;
        let chains = all.into_iter().map(|chain| (chain.head.chain, chain)).collect();
        Ok(Self { db, chains, broken, checkpoints: Vec::new(), open: BTreeMap::new() })
    }

    /// The error names the line that stands in the way.
    pub(super) async fn proven<T: Hashed>(
        &mut self,
        stands: Stands<T>,
    ) -> anyhow::Result<Proven<T>> {
        let Stands { chain, seq, hash, written: says } = stands;
        let at = self.covering(chain, seq).await?;
        let (Some(one), Some(covered)) = (self.checkpoints.get(at), self.open.get(&chain)) else {
            bail!("a checkpoint is gone");
        };
        let index = usize::try_from(seq - one.from).context("a line before its checkpoint")?;
        let previous = match index.checked_sub(1) {
            None => Some(&covered.before),
            Some(before) => covered.hashes.get(before),
        };
        let previous = *previous.context("a line without the one before")?;
        let path: Vec<Hash> = covered.levels.path(index);
        let proven = Proven {
            chain: one.chain.clone(),
            seq,
            previous: Digest(previous),
            says,
            hash: Digest(hash),
            checkpoint: at,
            path: path.iter().copied().map(Digest).collect(),
        };
        if !proven.is_hashed() || !one.covers(seq, &hash, &path) {
            bail!("chain `{}`: line {seq} was changed: `souhlas journal verify`", one.chain);
        }
        Ok(proven)
    }

    /// Adds the checkpoints between those that were needed and the deposited ones.
    pub(super) async fn lead_to(&mut self, deposit: &Deposit) -> anyhow::Result<()> {
        let mut conn = self.db.read().await?;
        let mut links = Vec::new();
        for chain in self.chains.values() {
            let own = |one: &&Checkpoint| one.chain == chain.name;
            let first = self.checkpoints.iter().filter(own).map(|one| one.upto).min();
            let last = deposit.checkpoints.iter().filter(own).map(|one| one.from).max();
            let (Some(first), Some(last)) = (first, last) else { continue };
            links.extend(chain.between(&mut conn, first, last).await?);
        }
        links.retain(|one| !self.checkpoints.contains(one));
        self.checkpoints.append(&mut links);
        Ok(())
    }

    /// Opens the checkpoint that covers a line; its number.
    async fn covering(&mut self, id: i64, seq: i64) -> anyhow::Result<usize> {
        let chain = self.chains.get(&id).context("a line hangs on no chain")?;
        let covers =
            |one: &Checkpoint| one.chain == chain.name && (one.from..=one.upto).contains(&seq);
        let known = self.checkpoints.iter().position(covers);
        if let Some(at) = known.filter(|at| self.open.get(&id).is_some_and(|one| one.at == *at)) {
            return Ok(at);
        }
        let mut conn = self.db.read().await?;
        let found = match known.and_then(|at| self.checkpoints.get(at)) {
            Some(one) => Some(one.clone()),
            None => chain.covering(&mut conn, seq).await?,
        };
        let Some(one) = found else {
            match self.broken.iter().find(|broken| broken.chain == chain.name) {
                Some(broken) => bail!("cannot be proved: {broken}"),
                None => bail!("chain `{}`: nothing is signed up to line {seq}", chain.name),
            }
        };
        let before = match one.from - 1 {
            0 => Head::start(id, &chain.name).hash,
            last => *chain
                .hashes(&mut conn, last - 1, last)
                .await?
                .first()
                .with_context(|| format!("chain `{}`: line {last} is gone", chain.name))?,
        };
        let hashes = chain.hashes(&mut conn, one.from - 1, one.upto).await?;
        let levels = Levels::new(&hashes);
        let at = known.unwrap_or(self.checkpoints.len());
        if known.is_none() {
            self.checkpoints.push(one);
        }
        self.open.insert(id, Covered { at, before, hashes, levels });
        Ok(at)
    }
}
