//! Walks the chains of consent's events, and compares evidence with its commitment.

use super::{
    event::{Fields, commitment, line},
    store::{open_evidence, open_salt},
};
use crate::{
    db::{Db, Error, int},
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
            let rows = conn.rows(SQL, vec![int(end.chain), int(walk.at.seq), int(upto)]).await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                found.lines += 1;
                let (seq, kept) = (row.int(0)?, row.key(9)?);
                let (controller, purpose, actor) = (row.text(3)?, row.opt_text(4)?, row.text(7)?);
                let fields = Fields {
                    contact: row.uuid(1)?,
                    kind: &row.text(2)?,
                    controller: &controller,
                    purpose: purpose.as_deref(),
                    at: row.int(5)?,
                    recorded_at: row.int(6)?,
                    actor: &actor,
                    detail: &row.text(8)?,
                    commitment: &kept,
                };
                walk.step(seq, row.key(10)?, &line(&fields));
                let sealed = (row.opt_bytes(11)?, row.opt_bytes(12)?);
                if let Some(why) = fault(secret, (end.chain, seq), sealed, &kept) {
                    walk.note(seq, why);
                }
            }
            if walk.broken.is_some() {
                break;
            }
        }
        if let Some(seq) = journal::beyond(&mut conn, "consent_event", end).await? {
            walk.note(seq, Why::Added);
        }
        found.broken.extend(walk.end());
    }
    Ok(found)
}

/// Why evidence, where there is some, is not what was committed to, or cannot be told.
fn fault(
    secret: &Secret,
    place: (i64, i64),
    (evidence, salt): (Option<Vec<u8>>, Option<Vec<u8>>),
    kept: &[u8; 32],
) -> Option<Why> {
    let salt = salt.filter(|_| evidence.is_some())?;
    match (open_evidence(secret, place, evidence), open_salt(secret, &salt)) {
        (Ok(evidence), Ok(salt)) if commitment(&salt, evidence.as_deref()) == *kept => None,
        (Err(Error::Away(_)), _) | (_, Err(Error::Away(_))) => Some(Why::NoKey),
        (Ok(_) | Err(_), Ok(_) | Err(_)) => Some(Why::Evidence),
    }
}

const SQL: &str = "SELECT e.seq, e.contact, e.kind, e.controller, e.purpose, e.at, e.recorded_at, \
                   e.actor, e.detail, e.commitment, e.hash, e.evidence, c.salt \
                   FROM consent_event e JOIN contact c ON c.id = e.contact \
                   WHERE e.chain = $1 AND e.seq > $2 AND e.seq <= $3 ORDER BY e.seq";
const PAGE: i64 = 1000;
