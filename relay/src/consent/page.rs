//! Contacts and their past, page by page: by the last row seen and never by a count of rows, so
//! that what is added meanwhile moves nothing.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Consent, Past, Who,
    contact::{self, BRIEF, Brief, read_brief},
};
use crate::{
    db::{Conn, Error, Keys, Row, int, key, text, uuid},
    seal::{AddressKey, Secret},
};

/// An event's place among those of one contact, oldest first.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub struct Mark {
    recorded_at: i64,
    chain: i64,
    seq: i64,
}

impl Consent {
    /// Whether the controller has the contact on record: a key of another's is none of its own.
    pub async fn knows(&self, who: &Who) -> Result<bool, Error> {
        Ok(self.brief(who).await?.is_some())
    }

    pub async fn brief(&self, who: &Who) -> Result<Option<Brief>, Error> {
        let own = self.key(who);
        let sql = format!("{BRIEF} WHERE key = $1 AND controller = $2");
        let args = vec![key(&own.0), text(who.controller.as_str())];
        self.db
            .read_briefly()
            .await?
            .rows(&sql, args)
            .await?
            .first()
            .map(|row| read_brief(&self.secret, row))
            .transpose()
    }

    /// A contact by its id, with the controller whose it is.
    pub async fn by_id(&self, id: Uuid) -> Result<Option<(String, Brief)>, Error> {
        let mut conn = self.db.read_briefly().await?;
        let sql = "SELECT controller FROM contact WHERE id = $1";
        let rows = conn.rows(sql, vec![uuid(id)]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let controller = row.text(0)?;
        let found = by_id(&mut conn, &self.secret, vec![id]).await?;
        Ok(found.into_iter().next().map(|brief| (controller, brief)))
    }

    /// Those of one controller, by id, so many from after one on.
    pub async fn briefs(
        &self,
        controller: &str,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<Brief>, Error> {
        let sql = format!("{BRIEF} WHERE id > $1 AND controller = $2 ORDER BY id LIMIT $3");
        let args = vec![uuid(after.unwrap_or(Uuid::nil())), text(controller), int(most(limit))];
        let rows = self.db.read().await?.rows(&sql, args).await?;
        rows.iter().map(|row| read_brief(&self.secret, row)).collect()
    }

    /// The events of one contact, oldest first, so many from after one on.
    pub async fn past(
        &self,
        who: &Who,
        after: Option<Mark>,
        limit: usize,
    ) -> Result<Vec<(Mark, Past)>, Error> {
        let Some(brief) = self.brief(who).await? else { return Ok(Vec::new()) };
        let after = after.unwrap_or_default();
        let sql = format!(
            "SELECT {} FROM consent_event WHERE contact = $1 \
             AND (recorded_at, chain, seq) > ($2, $3, $4) \
             ORDER BY recorded_at, chain, seq LIMIT $5",
            contact::PAST
        );
        let args = vec![
            uuid(brief.id),
            int(after.recorded_at),
            int(after.chain),
            int(after.seq),
            int(most(limit)),
        ];
        let rows = self.db.read().await?.rows(&sql, args).await?;
        rows.iter().map(|row| Ok((mark(row)?, contact::read(&self.secret, row)?))).collect()
    }

    /// The events of all contacts of one controller with their contacts' keys, in the order of the
    /// chains, so many from after one on.
    pub async fn past_of_all(
        &self,
        controller: &str,
        after: Option<(i64, i64)>,
        limit: usize,
    ) -> Result<Vec<((i64, i64), AddressKey, Past)>, Error> {
        let (chain, seq) = after.unwrap_or_default();
        let columns: Vec<String> =
            contact::PAST.split(", ").map(|column| format!("e.{column}")).collect();
        let sql = format!(
            "SELECT {}, c.key FROM consent_event e JOIN contact c ON c.id = e.contact \
             WHERE (e.chain, e.seq) > ($1, $2) AND e.controller = $3 \
             ORDER BY e.chain, e.seq LIMIT $4",
            columns.join(", ")
        );
        let args = vec![int(chain), int(seq), text(controller), int(most(limit))];
        let rows = self.db.read().await?.rows(&sql, args).await?;
        let whole = |row: &Row| {
            let key = AddressKey(row.key(columns.len())?);
            Ok(((row.int(0)?, row.int(1)?), key, contact::read(&self.secret, row)?))
        };
        rows.iter().map(whole).collect()
    }
}

/// Those of the ids that are on record, in no order.
pub(super) async fn by_id(
    conn: &mut Conn<'_>,
    secret: &Secret,
    ids: Vec<Uuid>,
) -> Result<Vec<Brief>, Error> {
    let rows = conn.rows_in(&format!("{BRIEF} WHERE id {{in}}"), &[], Keys::Uuids(ids)).await?;
    rows.iter().map(|row| read_brief(secret, row)).collect()
}

fn mark(row: &Row) -> Result<Mark, Error> {
    Ok(Mark { recorded_at: row.int(5)?, chain: row.int(0)?, seq: row.int(1)? })
}

fn most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
