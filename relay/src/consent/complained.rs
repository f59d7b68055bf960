//! Complaints: somebody told their mailbox provider that a message is spam (RFC 5965). Nothing says no more
//! plainly: it refuses everything of the controller, and is counted.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Consent, Recorded, Scope,
    event::{Events, Kind},
    record::{Desk, end_refused, say_no},
};
use crate::db::{Error, Tx, int, text, uuid};

impl Consent {
    /// Complaints about one controller that were written down within a time.
    pub async fn complaints(
        &self,
        controller: &str,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<u64, Error> {
        let sql = "SELECT COUNT(*) FROM consent_event WHERE kind = 'refused' \
                   AND controller = $1 AND recorded_at >= $2 AND recorded_at <= $3 \
                   AND detail LIKE '%\"complaint\":true%'";
        let [from, until] = [from, until].map(|at| int(at.as_millisecond()));
        let rows = self.db.read().await?.rows(sql, vec![text(controller), from, until]).await?;
        rows.first().map_or(Ok(0), |row| row.count(0))
    }
}

impl<'a> Desk<'a> {
    /// Also of whoever refused everything before; once for as long as that refusal stands.
    pub(super) async fn complain(
        &self,
        tx: &mut Tx<'_>,
        events: &mut Events<'a>,
    ) -> Result<Recorded, Error> {
        let event = (events.chain(), events.next());
        let is_new = say_no(tx, self.contact.id, None, self.proof.at, event).await?;
        if !is_new && self.complained(tx).await? {
            return Ok(Recorded::Already);
        }
        end_refused(tx, self.contact.id, (None, &[]), self.proof.at).await?;
        let detail = json!({ "scope": Scope::Everything, "complaint": true });
        Ok(self.push(events, Kind::Refused, None, detail))
    }

    async fn complained(&self, tx: &mut Tx<'_>) -> Result<bool, Error> {
        let sql = "SELECT e.detail FROM consent_event e JOIN refusal_now r \
                   ON r.contact = e.contact AND r.scope = '' \
                   WHERE e.contact = $1 AND e.kind = 'refused' AND e.at >= r.since";
        let rows = tx.rows(sql, vec![uuid(self.contact.id)]).await?;
        let mut found = false;
        for row in &rows {
            let detail: Value = serde_json::from_str(row.str(0)?).unwrap_or_default();
            found |= detail.get("complaint").and_then(Value::as_bool) == Some(true);
        }
        Ok(found)
    }
}
