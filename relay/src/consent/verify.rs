//! Walks the chains of consent's events, and compares evidence with its commitment.

use super::written;
use crate::{
    db::{Db, Error},
    journal::{self, Verified, Walk, Why},
    seal::Secret,
};

/// As the journal's `verify`; evidence that was erased is no fault, evidence that was changed is.
pub async fn verify(db: &Db, secret: &Secret) -> Result<Verified, Error> {
    let mut conn = db.read().await?;
    let mut found = Verified::default();
    for (name, end) in journal::heads(&mut conn, "consent_event").await? {
        found.chains += 1;
        let mut walk = Walk::new(&name, end);
        loop {
            let upto = end.seq.min(walk.at.seq + PAGE);
            let steps =
                written::steps(&mut conn, Some(secret), (end.chain, walk.at.seq, upto)).await?;
            if steps.is_empty() {
                break;
            }
            for step in &steps {
                found.lines += 1;
                walk.step(step);
            }
            if walk.broken.is_some() {
                break;
            }
        }
        walk.close();
        if let Some(seq) = journal::beyond(&mut conn, "consent_event", end).await? {
            walk.note(seq, Why::Added);
        }
        found.broken.extend(walk.broken);
    }
    Ok(found)
}

const PAGE: i64 = 1000;
