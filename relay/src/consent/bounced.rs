//! Addresses that return what is sent to them: at once where the mailbox does not exist, and after
//! several messages where it may have been a bad day.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

use super::{
    Consent, Proof, Recorded, Who,
    event::{Events, Kind},
    record::{Desk, close},
    store::find,
};
use crate::db::{Error, Tx, int, uuid};

/// What came back of one message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bounce<'a> {
    pub message: Uuid,
    /// There is no such mailbox.
    pub hard: bool,
    /// `5.1.1`.
    pub status: &'a str,
}

/// So many messages in so long a time make an address undeliverable, where nothing else was wrong
/// with them.
const SOFT_MAX: i64 = 3;
const SOFT_WITHIN: SignedDuration = SignedDuration::from_hours(90 * 24);

impl Consent {
    /// Nothing is noted of an address that is no contact: nothing commercial goes there anyhow.
    pub async fn bounce(
        &self,
        now: Timestamp,
        who: &Who,
        bounce: &Bounce<'_>,
        proof: &Proof,
    ) -> Result<Recorded, Error> {
        let mut tx = self.db.begin().await?;
        let Some(contact) = find(&mut tx, self.key(who)).await? else {
            return Ok(Recorded::Already);
        };
        if contact.erased || contact.forgot(proof.at) {
            return Ok(Recorded::Already);
        }
        let mut events = Events::begin(&mut tx, &self.chain).await?;
        let zone = jiff::tz::TimeZone::UTC;
        let desk = Desk { now, zone: &zone, who, contact: &contact, proof };
        let recorded = desk.bounce(&mut tx, &mut events, bounce).await?;
        close(tx, events).await?;
        Ok(recorded)
    }
}

impl<'a> Desk<'a> {
    async fn bounce(
        &self,
        tx: &mut Tx<'_>,
        events: &mut Events<'a>,
        bounce: &Bounce<'_>,
    ) -> Result<Recorded, Error> {
        let sql = "SELECT undeliverable_since, soft_bounces, soft_since, soft_message \
                   FROM contact WHERE id = $1";
        let rows = tx.rows(sql, vec![uuid(self.contact.id)]).await?;
        let Some(row) = rows.first() else { return Ok(Recorded::Already) };
        let (since, known) = (row.opt_time(0)?, row.opt_uuid(3)?);
        if known == Some(bounce.message) {
            return Ok(Recorded::Already);
        }
        let at = self.proof.at;
        let begun = row.opt_time(2)?.filter(|begun| at.duration_since(*begun) <= SOFT_WITHIN);
        let soft = if begun.is_some() { row.int(1)? + 1 } else { 1 };
        // Anew with each hard one: a sign of the person in between does not outlive it.
        let fails = bounce.hard || (since.is_none() && soft >= SOFT_MAX);
        let since = if fails { Some(at) } else { since };
        let begun = begun.unwrap_or(at);
        let sql = "UPDATE contact SET undeliverable_since = $2, soft_bounces = $3, \
                   soft_since = $4, soft_message = $5 WHERE id = $1";
        let args = vec![
            uuid(self.contact.id),
            crate::db::Arg::Int(since.map(Timestamp::as_millisecond)),
            int(soft),
            int(begun.as_millisecond()),
            uuid(bounce.message),
        ];
        tx.run(sql, args).await?;
        let detail = json!({
            "hard": bounce.hard,
            "status": bounce.status,
            "message": bounce.message,
            "undeliverable_since": since,
        });
        Ok(self.push(events, Kind::Bounced, None, detail))
    }
}
