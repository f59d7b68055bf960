//! How many of a controller's contacts may be written to, purpose by purpose, and for how long still.
//! A grant counts as it does for the filters; a query looks at a bounded number of contacts.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::sql::{GRANTS, valid};
use crate::{
    consent::Consent,
    db::{Conn, Error, int, text, uuid},
};

/// Contacts of one controller.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Coverage {
    pub contacts: u64,
    /// Contacts with a valid grant of any purpose.
    pub covered: u64,
    /// By purpose; those that nobody holds are not in it.
    pub held: BTreeMap<String, Held>,
}

/// Contacts with a valid grant of one purpose.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Held {
    pub now: u64,
    /// Of these, how many hold none that lasts longer than [`ENDS_DAYS`].
    pub ends: [u64; 3],
}

/// Within which grants are said to end.
pub const ENDS_DAYS: [i64; 3] = [7, 30, 90];

impl Consent {
    pub async fn coverage(&self, controller: &str, now: Timestamp) -> Result<Coverage, Error> {
        let (mut whole, mut from) = (Coverage::default(), Uuid::nil());
        while let Some(end) = self.window(from).await? {
            let mut conn = self.db.read().await?;
            add(&mut conn, (controller, now), (from, end), &mut whole).await?;
            from = end;
        }
        Ok(whole)
    }
}

async fn add(
    conn: &mut Conn<'_>,
    (controller, now): (&str, Timestamp),
    (from, end): (Uuid, Uuid),
    whole: &mut Coverage,
) -> Result<(), Error> {
    let ours = "c.controller = $1 AND c.id > $2 AND c.id <= $3 AND c.erased_at IS NULL";
    let mut args = vec![text(controller), uuid(from), uuid(end), int(now.as_millisecond())];
    let valid = valid("$4", "$4");
    let sql = format!(
        "SELECT COUNT(*), COUNT(CASE WHEN EXISTS (SELECT 1 FROM {GRANTS} AND {valid}) THEN 1 END) \
         FROM contact c WHERE {ours}"
    );
    if let Some(row) = conn.rows(&sql, args.clone()).await?.first() {
        whole.contacts += row.count(0)?;
        whole.covered += row.count(1)?;
    }
    let ahead = |days: i64| now.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(now);
    args.extend(ENDS_DAYS.map(|days| int(ahead(days).as_millisecond())));
    // A list of tables, so that SQLite goes from the contacts to their grants.
    let sql = format!(
        "SELECT purpose, COUNT(*), COUNT(CASE WHEN last <= $5 THEN 1 END), \
         COUNT(CASE WHEN last <= $6 THEN 1 END), COUNT(CASE WHEN last <= $7 THEN 1 END) FROM \
         (SELECT g.purpose AS purpose, MAX(g.valid_until) AS last FROM contact c CROSS JOIN {GRANTS} \
         AND {ours} AND {valid} GROUP BY g.purpose, c.id) held GROUP BY purpose"
    );
    for row in &conn.rows(&sql, args).await? {
        let held = whole.held.entry(row.text(0)?).or_default();
        held.now += row.count(1)?;
        for (at, ends) in held.ends.iter_mut().enumerate() {
            *ends += row.count(at + 2)?;
        }
    }
    Ok(())
}
