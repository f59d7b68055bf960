//! Events as they stand in the columns, whatever that is, with their evidence: to prove them, or to
//! find what is wrong.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    event::{Fields, commitment, line},
    store::{open_evidence, open_salt},
};
use crate::{
    db::{Conn, Db, Error, Row, int, key},
    journal::{
        self, Step, Verified, Why,
        chain::{Hashed, Line, Stands, Table},
        hex::Digest,
    },
    seal::{AddressKey, Secret},
};

/// What an event's hash is made over.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    pub contact: Uuid,
    pub kind: String,
    pub controller: String,
    pub purpose: Option<String>,
    /// Unix milliseconds.
    pub at: i64,
    pub recorded_at: i64,
    pub actor: String,
    /// JSON, if nobody broke it.
    pub detail: String,
    pub commitment: Digest,
}

/// What opens a commitment: the contact's salt, and the JSON text. `None` for what is gone, was
/// never there, or cannot be told without the other.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Opening {
    pub salt: Option<Vec<u8>>,
    pub evidence: Option<String>,
}

impl Hashed for Written {
    fn line(&self) -> Line {
        line(&Fields {
            contact: self.contact,
            kind: &self.kind,
            controller: &self.controller,
            purpose: self.purpose.as_deref(),
            at: self.at,
            recorded_at: self.recorded_at,
            actor: &self.actor,
            detail: &self.detail,
            commitment: &self.commitment.0,
        })
    }
}

impl Written {
    /// Whether something was given as evidence when it was written down.
    pub fn has_evidence(&self) -> bool {
        self.commitment.0 != commitment(&[], None)
    }

    /// Whether this is what was committed to.
    pub fn is_opened_by(&self, salt: &[u8], evidence: &str) -> bool {
        self.commitment.0 == commitment(salt, Some(evidence))
    }
}

/// Of one contact, oldest first, each with what opens its commitment.
pub async fn of_contact(
    conn: &mut Conn<'_>,
    secret: &Secret,
    contact: AddressKey,
    limit: i64,
) -> Result<Vec<(Stands<Written>, Opening)>, Error> {
    let sql = format!("{SELECT} WHERE c.key = $2 ORDER BY e.recorded_at, e.chain, e.seq LIMIT $1");
    let rows = conn.rows(&sql, vec![int(limit), key(&contact.0)]).await?;
    rows.iter().map(|row| Ok((stands(row)?, opening(secret, row)?))).collect()
}

/// As the journal's `verify`; evidence that was erased is no fault, evidence that was changed is.
pub async fn verify(db: &Db, secret: &Secret) -> Result<Verified, Error> {
    let steps = async |conn: &mut Conn<'_>, range| steps(conn, Some(secret), range).await;
    journal::walk(db, Table::Consent, steps).await
}

/// For a walk: events of one chain after one number up to another, in order. Without the secret
/// nobody looks at their evidence.
pub(crate) async fn steps(
    conn: &mut Conn<'_>,
    secret: Option<&Secret>,
    (chain, seq, upto): (i64, i64, i64),
) -> Result<Vec<Step>, Error> {
    let sql = format!("{SELECT} WHERE e.chain = $1 AND e.seq > $2 AND e.seq <= $3 ORDER BY e.seq");
    let rows = conn.rows(&sql, vec![int(chain), int(seq), int(upto)]).await?;
    let mut steps = Vec::with_capacity(rows.len());
    for row in &rows {
        let stands = stands(row);
        let fault = secret.and_then(|secret| fault(stands.as_ref().ok()?, opening(secret, row)));
        steps.push(Step::of(row.int(1)?, stands, fault)?);
    }
    Ok(steps)
}

/// Why evidence, where there is some, is not what was committed to, or cannot be told.
fn fault(stands: &Stands<Written>, opening: Result<Opening, Error>) -> Option<Why> {
    match opening {
        Ok(Opening { salt: Some(salt), evidence: Some(evidence) }) => {
            (!stands.written.is_opened_by(&salt, &evidence)).then_some(Why::Evidence)
        }
        Ok(_) => None,
        Err(Error::Away(_)) => Some(Why::NoKey),
        Err(Error::Bug(_) | Error::Taken(_)) => Some(Why::Evidence),
    }
}

fn stands(row: &Row) -> Result<Stands<Written>, Error> {
    let written = Written {
        contact: row.uuid(2)?,
        kind: row.text(3)?,
        controller: row.text(4)?,
        purpose: row.opt_text(5)?,
        at: row.int(6)?,
        recorded_at: row.int(7)?,
        actor: row.text(8)?,
        detail: row.text(9)?,
        commitment: Digest(row.key(10)?),
    };
    Ok(Stands { chain: row.int(0)?, seq: row.int(1)?, hash: row.key(11)?, written })
}

fn opening(secret: &Secret, row: &Row) -> Result<Opening, Error> {
    let (evidence, salt) = (row.opt_bytes(12)?, row.opt_bytes(13)?);
    let Some(salt) = salt.filter(|_| evidence.is_some()) else {
        return Ok(Opening { salt: None, evidence: None });
    };
    Ok(Opening {
        evidence: open_evidence(secret, (row.int(0)?, row.int(1)?), evidence)?,
        salt: Some(open_salt(secret, &salt)?),
    })
}

/// An event whose contact is gone is still there.
const SELECT: &str = "SELECT e.chain, e.seq, e.contact, e.kind, e.controller, e.purpose, e.at, \
                      e.recorded_at, e.actor, e.detail, e.commitment, e.hash, e.evidence, c.salt \
                      FROM consent_event e LEFT JOIN contact c ON c.id = e.contact";
