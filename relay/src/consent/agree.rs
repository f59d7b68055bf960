//! A consent by a link in a message: however often the link is pressed, it is one consent as long as
//! that counts.

use jiff::{Timestamp, tz::TimeZone};
use policy::Method;
use serde_json::Value;
use uuid::Uuid;

use super::{
    Consent, NewGrant, Proof, Recorded, Who, record,
    store::{find, find_or_make, open_evidence},
};
use crate::db::{Conn, Error, int, text, uuid, word};

impl Consent {
    /// One purpose by the link of `message`, which the evidence names; [`Recorded::Already`] where
    /// what the same link granted still counts.
    pub async fn agree(
        &self,
        now: Timestamp,
        zone: &TimeZone,
        who: &Who,
        grant: &NewGrant,
        message: Uuid,
        proof: &Proof,
    ) -> Result<Recorded, Error> {
        let mut tx = self.db.begin().await?;
        // Takes the contact's row: of two clicks at once the second one waits here.
        let contact = find_or_make(&mut tx, self, who, now).await?;
        let asked = Asked { purpose: &grant.purpose, method: grant.method, message };
        if asked.counts(&mut tx, self, contact.id, now).await? {
            return Ok(Recorded::Already);
        }
        let recorded = record::grant_in(&mut tx, self, now, zone, who, grant, proof).await?;
        if matches!(recorded, Recorded::New(_)) {
            tx.commit().await?;
        }
        Ok(recorded)
    }

    /// Whether the link was used and what it granted still counts.
    pub async fn has_agreed(
        &self,
        now: Timestamp,
        who: &Who,
        purpose: &str,
        method: Method,
        message: Uuid,
    ) -> Result<bool, Error> {
        let mut conn = self.db.read_briefly().await?;
        let Some(contact) = find(&mut conn, self.key(who)).await? else { return Ok(false) };
        Asked { purpose, method, message }.counts(&mut conn, self, contact.id, now).await
    }
}

/// One link of one message.
struct Asked<'a> {
    purpose: &'a str,
    method: Method,
    message: Uuid,
}

impl Asked<'_> {
    async fn counts(
        &self,
        conn: &mut Conn<'_>,
        consent: &Consent,
        contact: Uuid,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let args = vec![
            uuid(contact),
            text(self.purpose.to_owned()),
            text(word(&self.method)),
            int(now.as_millisecond()),
        ];
        let message = self.message.to_string();
        for row in conn.rows(RUNNING, args).await? {
            let place = (row.int(0)?, row.int(1)?);
            let evidence = open_evidence(&consent.secret, place, row.opt_bytes(2)?)?;
            let evidence: Value =
                evidence.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
            if evidence.get("message").and_then(Value::as_str) == Some(message.as_str()) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

const RUNNING: &str = "\
    SELECT e.chain, e.seq, e.evidence FROM grant_now g \
    JOIN consent_event e ON e.chain = g.chain AND e.seq = g.seq \
    WHERE g.contact = $1 AND g.purpose = $2 AND g.method = $3 AND g.withdrawn_at IS NULL \
    AND g.valid_until > $4";
