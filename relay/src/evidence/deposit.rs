//! Checkpoints for whoever keeps them elsewhere, and what they show later: that a chain, or a case,
//! is not one that somebody wrote anew from its beginning and signed again.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, ensure};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    LABEL, Report,
    case::Case,
    checkpoint::Checkpoint,
    clerk::Clerk,
    merkle::{Hash, Tree},
    page,
    store::{Chain, chains},
};
use crate::{
    db::{Conn, Db, Error},
    journal::{Broken, Walk, policies::PROGRAM},
    seal::{PublicKey, Secret},
};

/// One file: it holds hashes and no personal data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deposit {
    /// `souhlas checkpoints 1`.
    pub format: String,
    /// RFC 3339.
    pub made_at: String,
    /// The release that made it.
    pub program: String,
    /// The public key, as PEM.
    pub key: String,
    /// By chain, in order.
    pub checkpoints: Vec<Checkpoint>,
}

/// Which checkpoints of each chain.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Which {
    /// It leads to all before it.
    Last,
    All,
}

/// By chain, in order.
pub async fn checkpoints(db: &Db, which: Which) -> Result<Vec<Checkpoint>, Error> {
    let mut conn = db.read().await?;
    let mut all = Vec::new();
    for chain in chains(&mut conn).await? {
        match which {
            Which::Last => all.extend(chain.last(&mut conn).await?),
            Which::All => all.extend(chain.between(&mut conn, 0, i64::MAX).await?),
        }
    }
    Ok(all)
}

impl Deposit {
    /// Of all that stands now, and the chains that cannot be signed on.
    pub async fn make(
        now: Timestamp,
        db: &Db,
        secret: &Secret,
        which: Which,
    ) -> Result<(Self, Vec<Broken>), Error> {
        let broken = Clerk::new(db.clone(), secret, "deposit").cover(now).await?;
        let deposit = Self {
            format: FORMAT.to_owned(),
            made_at: page::moment(now.as_millisecond()),
            program: PROGRAM.to_owned(),
            key: secret.signing_key(LABEL).public().pem(),
            checkpoints: checkpoints(db, which).await?,
        };
        Ok((deposit, broken))
    }

    pub fn text(&self) -> anyhow::Result<String> {
        Ok(format!("{}\n", serde_json::to_string_pretty(self)?))
    }

    /// Only what is signed as a whole is believed.
    pub fn read(bytes: &[u8]) -> anyhow::Result<Self> {
        let read: Self = serde_json::from_slice(bytes)
            .context("it is no file of `souhlas evidence checkpoints deposit`")?;
        ensure!(
            read.format == FORMAT,
            "it has a form that is not known here: take a newer release"
        );
        let key = read.public_key().context("its `key` is no public key")?;
        for one in &read.checkpoints {
            let Checkpoint { chain, from, upto, .. } = one;
            ensure!(
                one.is_signed_by(&key),
                "its checkpoint of chain `{chain}`, lines {from} to {upto}, is not signed so: it \
                 was changed"
            );
        }
        Ok(read)
    }

    fn public_key(&self) -> Option<PublicKey> {
        PublicKey::from_pem(&self.key)
    }

    /// Against the database: every line up to the last deposited one.
    pub async fn compare(&self, db: &Db, secret: &Secret) -> Result<Report, Error> {
        let key = secret.signing_key(LABEL).public();
        let mut report = Report { fingerprint: Some(key.fingerprint()), ..Report::default() };
        if self.public_key() != Some(key) {
            report.faults.push("the installation has another key than the one deposited".into());
        }
        let mut deposited: BTreeMap<&str, Vec<&Checkpoint>> = BTreeMap::new();
        for one in &self.checkpoints {
            deposited.entry(&one.chain).or_default().push(one);
        }
        let mut conn = db.read().await?;
        let known = chains(&mut conn).await?;
        for (name, mut those) in deposited {
            those.sort_by_key(|one| one.from);
            let upto = those.last().map_or(0, |one| one.upto);
            let Some(chain) = known.iter().find(|chain| chain.name == name) else {
                report.faults.push(format!("chain `{name}` is gone: {upto} lines were signed"));
                continue;
            };
            match follow(&mut conn, chain, &those).await? {
                Some(fault) => report.faults.push(fault),
                None => report.proved.push(format!(
                    "chain `{name}`: lines 1 to {upto} are those that stood there when the \
                     checkpoint was deposited"
                )),
            }
            if chain.head.seq > upto {
                let (from, end) = (upto + 1, chain.head.seq);
                let newer = format!("chain `{name}`: lines {from} to {end} are newer");
                report.unproved.push(newer);
            }
        }
        Ok(report)
    }

    /// Against a case that is whole in itself.
    pub(super) fn against(&self, case: &Case, report: &mut Report) {
        let fingerprint = self.public_key().map(|key| key.fingerprint());
        if fingerprint.as_ref() != Some(&case.key) {
            report.faults.push("the deposited checkpoints are signed with another key".into());
        }
        for one in &case.checkpoints {
            if self.checkpoints.iter().any(|deposited| clash(one, deposited)) {
                let Checkpoint { chain, from, upto, .. } = one;
                report.faults.push(format!(
                    "chain `{chain}`, lines {from} to {upto}: another checkpoint was deposited: \
                     the chain was written anew since"
                ));
            }
        }
        let old = self.led_to(case);
        let (mut count, mut newer) = (0, Vec::new());
        for one in case.checkpoints.iter() {
            if old.contains(&one.hash()) {
                count += 1;
            } else {
                let Checkpoint { chain, from, upto, .. } = one;
                newer.push(format!(
                    "chain `{chain}`, lines {from} to {upto}: that they are as old as the \
                     deposited checkpoints: none of these leads to them"
                ));
            }
        }
        report.unproved.extend(newer);
        if count > 0 && report.faults.is_empty() {
            report.proved.push(format!(
                "{count} checkpoints were deposited, or a deposited one leads to them: their lines \
                 are as old as it"
            ));
        }
    }

    /// Hashes of the deposited ones and of all that were before them.
    fn led_to(&self, case: &Case) -> BTreeSet<Hash> {
        let all = case.checkpoints.iter().chain(&self.checkpoints);
        let before: BTreeMap<Hash, Hash> = all.map(|one| (one.hash(), one.previous.0)).collect();
        let mut led = BTreeSet::new();
        for one in &self.checkpoints {
            let mut at = Some(one.hash());
            while let Some(hash) = at.filter(|hash| led.insert(*hash)) {
                at = before.get(&hash).copied();
            }
        }
        led
    }
}

/// Two of which one chain can have only one.
fn clash(one: &Checkpoint, other: &Checkpoint) -> bool {
    let meet = one.from <= other.upto && other.from <= one.upto;
    let follows = |a: &Checkpoint, b: &Checkpoint| a.upto + 1 == b.from && b.previous.0 != a.hash();
    one.chain == other.chain && (meet && one != other || follows(one, other) || follows(other, one))
}

/// Whether the chain is, from its first line, the one under the checkpoints; else what is wrong.
async fn follow(
    conn: &mut Conn<'_>,
    chain: &Chain,
    deposited: &[&Checkpoint],
) -> Result<Option<String>, Error> {
    let mut walk = Walk::new(&chain.name, chain.head);
    for one in deposited {
        chain.walk(conn, &mut walk, one.from - 1, |_| {}).await?;
        let mut tree = Tree::default();
        chain.walk(conn, &mut walk, one.upto, |hash| tree.push(hash)).await?;
        if let Some(broken) = walk.broken {
            return Ok(Some(broken.to_string()));
        }
        if tree.root() != one.root.0 || walk.at.hash != one.head.0 {
            let (name, Checkpoint { from, upto, .. }) = (&chain.name, one);
            return Ok(Some(format!(
                "chain `{name}`: lines {from} to {upto} are not those of the deposited checkpoint: \
                 they, or lines before them, were written anew"
            )));
        }
    }
    Ok(None)
}

const FORMAT: &str = "souhlas checkpoints 1";
