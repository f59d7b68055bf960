//! How much staff did within a time, by the trail.

use jiff::Timestamp;

use super::Staff;
use crate::db::{Error, Unavailable, int, text};

/// What one account did of one kind.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Work {
    /// `staff/<account>`.
    pub actor: String,
    /// The trail's word.
    pub act: String,
    pub count: u64,
    pub last_at: Timestamp,
}

impl Staff {
    /// Of one controller, or of all.
    pub async fn work(
        &self,
        controller: Option<&str>,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Work>, Unavailable> {
        let sql = "SELECT actor, act, COUNT(*), MAX(at) FROM audit WHERE at >= $1 AND at <= $2 \
                   AND actor LIKE 'staff/%' AND ($3 = '' OR controller = $3) \
                   GROUP BY actor, act ORDER BY actor, act";
        let args = vec![
            int(from.as_millisecond()),
            int(until.as_millisecond()),
            text(controller.unwrap_or_default()),
        ];
        let rows = self.db().read().await?.rows(sql, args).await?;
        let work = rows.iter().map(|row| {
            Ok(Work {
                actor: row.text(0)?,
                act: row.text(1)?,
                count: row.count(2)?,
                last_at: row.time(3)?,
            })
        });
        Ok(work.collect::<Result<_, Error>>()?)
    }
}
