//! Compares the database with the checkpoints in it: a chain that somebody wrote anew from its
//! beginning is whole, and is not the one that was signed.

use super::{
    LABEL,
    checkpoint::{Checkpoint, NONE_BEFORE},
    merkle::{Hash, Tree},
    store::{Chain, chains},
};
use crate::{
    db::{Conn, Db, Error},
    seal::{PublicKey, Secret},
};

/// What the look at all checkpoints found.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Audit {
    pub checkpoints: u64,
    /// Lines that they cover.
    pub lines: u64,
    /// The first fault of each chain, in words.
    pub faults: Vec<String>,
}

/// Lines that no checkpoint covers yet are the business of the chains' own `verify`.
pub async fn audit(db: &Db, secret: &Secret) -> Result<Audit, Error> {
    let key = secret.signing_key(LABEL).public();
    let mut conn = db.read().await?;
    let mut audit = Audit::default();
    for chain in chains(&mut conn).await? {
        let (mut seq, mut previous) = (0, NONE_BEFORE);
        'chain: loop {
            let page = chain.checkpoints(&mut conn, seq, PAGE).await?;
            if page.is_empty() {
                break;
            }
            for one in page {
                let fault = fault(&mut conn, &chain, &one, (seq, previous), &key).await?;
                if let Some(fault) = fault {
                    let (name, from, upto) = (&chain.name, one.from, one.upto);
                    audit.faults.push(format!("chain `{name}`: lines {from} to {upto}: {fault}"));
                    break 'chain;
                }
                audit.checkpoints += 1;
                audit.lines += u64::try_from(one.upto - one.from + 1).unwrap_or(0);
                (seq, previous) = (one.upto, one.hash());
            }
        }
    }
    Ok(audit)
}

async fn fault(
    conn: &mut Conn<'_>,
    chain: &Chain,
    one: &Checkpoint,
    (seq, previous): (i64, Hash),
    key: &PublicKey,
) -> Result<Option<&'static str>, Error> {
    if !one.is_signed_by(key) {
        return Ok(Some("the checkpoint is not signed by this installation, or was changed"));
    }
    if one.from != seq + 1 || one.previous.0 != previous {
        return Ok(Some("the checkpoint before is gone"));
    }
    let hashes = match chain.hashes(conn, seq, one.upto).await {
        Err(Error::Bug(_)) => return Ok(Some(NOT_THOSE)),
        hashes => hashes?,
    };
    let mut tree = Tree::default();
    hashes.iter().for_each(|hash| tree.push(hash));
    let is_same = tree.root() == one.root.0 && hashes.last() == Some(&one.head.0);
    Ok((!is_same).then_some(NOT_THOSE))
}

const NOT_THOSE: &str = "they are not those that were signed";
const PAGE: i64 = 500;
