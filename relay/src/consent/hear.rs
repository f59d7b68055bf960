//! What another system says of a purpose, which says it often: only what is new is written down.
//!
//! A grant that stands is not prolonged by hearing of it again; a flag that stands open is one
//! statement, however many reports show it.

use jiff::{Timestamp, tz::TimeZone};

use super::{
    Consent, NewGrant, Proof, Recorded, Who, lookup,
    record::grant_in,
    state::state,
    store::{Found, find},
};
use crate::db::{Conn, Error, int, text, uuid};

/// How the other system says yes and no.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Said {
    /// By an event: the person just did it.
    Act,
    /// By a flag that whatever it reports repeats: the person did it at some time, once.
    Flag,
}

impl Consent {
    /// The person agreed, as another system says. Nothing new where a valid grant of the purpose
    /// stands, where one ended since, or where the flag stood already when it was heard of last.
    pub async fn hear_yes(
        &self,
        now: Timestamp,
        zone: &TimeZone,
        who: &Who,
        grant: &NewGrant,
        (said, proof): (Said, &Proof),
    ) -> Result<Recorded, Error> {
        let mut tx = self.db.begin().await?;
        // First, so that of two reports at the same moment one waits for the other.
        let recorded = grant_in(&mut tx, self, now, zone, who, grant, proof).await?;
        let Recorded::New(event) = &recorded else { return Ok(recorded) };
        let mut standing = lookup::standing(&mut tx, self.key(who)).await?;
        standing.grants.retain(|own| own.event != *event);
        let mine = standing.grants.iter().filter(|own| own.purpose == grant.purpose);
        let mut ends = mine.filter_map(|own| own.withdrawn_at);
        let told = match said {
            Said::Flag => match find(&mut tx, self.key(who)).await? {
                Some(contact) => {
                    stands(&mut tx, &contact, &grant.purpose, proof, Some(event)).await?
                }
                None => false,
            },
            Said::Act => false,
        };
        let valid = state(now, &grant.purpose, &standing).is_valid();
        if valid || told || ends.any(|end| end >= grant.from) {
            return Ok(Recorded::Already);
        }
        tx.commit().await?;
        Ok(recorded)
    }

    /// The flag stands no longer: what it granted is withdrawn, with whatever else was granted of
    /// the purpose. A flag that never stood says nothing, and leaves no trace.
    pub async fn hear_no(
        &self,
        now: Timestamp,
        who: &Who,
        purpose: &str,
        proof: &Proof,
    ) -> Result<Recorded, Error> {
        let mut conn = self.db.read().await?;
        let Some(contact) = find(&mut conn, self.key(who)).await? else {
            return Ok(Recorded::Already);
        };
        if !stands(&mut conn, &contact, purpose, proof, None).await? {
            return Ok(Recorded::Already);
        }
        drop(conn);
        self.withdraw(now, who, purpose, proof).await
    }
}

/// Whether the same reporter granted the purpose before, and nobody ended that; another grant than
/// that of the event `but`.
async fn stands(
    conn: &mut Conn<'_>,
    contact: &Found,
    purpose: &str,
    proof: &Proof,
    but: Option<&str>,
) -> Result<bool, Error> {
    let (chain, seq) = but.and_then(super::event::parse).unwrap_or_default();
    let args = vec![
        uuid(contact.id),
        text(purpose.to_owned()),
        int(proof.at.as_millisecond()),
        text(proof.actor.clone()),
        int(chain),
        int(seq),
    ];
    Ok(!conn.rows(STANDS, args).await?.is_empty())
}

const STANDS: &str = "\
    SELECT 1 FROM grant_now g JOIN consent_event e ON e.chain = g.chain AND e.seq = g.seq \
    WHERE g.contact = $1 AND g.purpose = $2 AND g.withdrawn_at IS NULL AND g.valid_from <= $3 \
    AND e.actor = $4 AND NOT (e.chain = $5 AND e.seq = $6) LIMIT 1";
