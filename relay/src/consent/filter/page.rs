//! The contacts that a filter finds: page by page, or counted. A query looks at a bounded number of
//! contacts, however few it finds.

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Filter,
    sql::{self, Condition},
};
use crate::{
    consent::{Consent, customer::Clocks, store::open_address},
    db::{Arg, Error, Row, int, text, uuid},
    seal::{AddressKey, Secret},
};

/// One contact that was found.
#[derive(Clone, Debug)]
pub struct Listed {
    pub id: Uuid,
    pub key: AddressKey,
    /// `None`: only its key is known.
    pub address: Option<String>,
    pub country: Option<String>,
    pub created_at: Timestamp,
    pub last_activity: Option<Timestamp>,
}

/// Some of them, in the order in which they came on record.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub contacts: Vec<Listed>,
    /// Where the next page begins; `None`: there is none.
    pub next: Option<Uuid>,
}

impl Consent {
    /// At most `limit` contacts of the controller behind `after`.
    pub async fn list(
        &self,
        controller: &str,
        filter: &Filter,
        clocks: &Clocks,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Page, Error> {
        let Condition { sql, args } = sql::condition(filter, clocks, 5);
        let sql = format!(
            "SELECT c.id, c.key, c.address, c.country, c.created_at, c.last_activity \
             FROM contact c WHERE c.controller = $1 AND c.id > $2 AND c.id <= $3 \
             AND c.erased_at IS NULL AND {sql} ORDER BY c.id LIMIT $4"
        );
        let mut page = Page { contacts: Vec::new(), next: after };
        let limit = limit.max(1);
        loop {
            let from = page.next.unwrap_or_default();
            let Some(end) = self.window(from).await? else {
                page.next = None;
                return Ok(page);
            };
            let left = i64::try_from(limit - page.contacts.len()).unwrap_or(i64::MAX);
            let mut bound = vec![text(controller.to_owned()), uuid(from), uuid(end), int(left)];
            bound.extend(args.iter().cloned());
            let rows = self.db.read().await?.rows(&sql, bound).await?;
            for row in &rows {
                page.contacts.push(listed(&self.secret, row)?);
            }
            let full = page.contacts.len() >= limit;
            page.next = if full { page.contacts.last().map(|one| one.id) } else { Some(end) };
            if full {
                return Ok(page);
            }
        }
    }

    /// How many contacts of the controller it finds.
    pub async fn count(
        &self,
        controller: &str,
        filter: &Filter,
        clocks: &Clocks,
    ) -> Result<u64, Error> {
        let Condition { sql, args } = sql::condition(filter, clocks, 4);
        let sql = format!(
            "SELECT COUNT(*) FROM contact c WHERE c.controller = $1 AND c.id > $2 AND c.id <= $3 \
             AND c.erased_at IS NULL AND {sql}"
        );
        let (mut total, mut from) = (0, Uuid::nil());
        while let Some(end) = self.window(from).await? {
            let mut bound = vec![text(controller.to_owned()), uuid(from), uuid(end)];
            bound.extend(args.iter().cloned());
            let rows = self.db.read().await?.rows(&sql, bound).await?;
            let counted = rows.first().map_or(Ok(0), |row| row.int(0))?;
            total += u64::try_from(counted).unwrap_or_default();
            from = end;
        }
        Ok(total)
    }

    /// The last contact that one query looks at, of whichever controller.
    pub(super) async fn window(&self, from: Uuid) -> Result<Option<Uuid>, Error> {
        let sql = "SELECT id FROM contact WHERE id > $1 ORDER BY id LIMIT 1 OFFSET $2";
        let args = |offset| -> Vec<Arg<'static>> { vec![uuid(from), int(offset)] };
        let mut conn = self.db.read().await?;
        let end = conn.rows(sql, args(WINDOW - 1)).await?;
        let end = match end.first() {
            Some(row) => return row.uuid(0).map(Some),
            None => {
                let sql = "SELECT id FROM contact WHERE id > $1 ORDER BY id DESC LIMIT 1";
                conn.rows(sql, vec![uuid(from)]).await?
            }
        };
        end.first().map(|row| row.uuid(0)).transpose()
    }
}

fn listed(secret: &Secret, row: &Row) -> Result<Listed, Error> {
    let key = AddressKey(row.key(1)?);
    Ok(Listed {
        id: row.uuid(0)?,
        key,
        address: open_address(secret, &key, row.opt_bytes(2)?)?,
        country: row.opt_text(3)?,
        created_at: row.time(4)?,
        last_activity: row.opt_time(5)?,
    })
}

/// A few milliseconds of work.
const WINDOW: i64 = 2_000;
