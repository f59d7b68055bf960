//! Verdicts counted: by campaign and rule for the list of what was blocked, by kind for sums, by hour
//! for charts.
//!
//! The counts are kept with the index; a verdict's hour is the whole one of UTC. Whole hours count, and
//! a filter by person or message is not heard.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    campaign::{self, Campaign},
    index::HOUR_MS,
    kind::Kind,
    search::Search,
};
use crate::db::{Error, int};

/// Verdicts of one campaign that are alike.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Group {
    /// Of the campaign; 0 where there was no message yet.
    pub id: i64,
    pub campaign: Option<Campaign>,
    pub kind: Kind,
    pub count: u64,
    /// Begin of the first and of the last hour with one.
    pub first: Timestamp,
    pub last: Timestamp,
}

/// Verdicts of one kind in one hour.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hour {
    /// Its begin.
    pub at: Timestamp,
    pub kind: Kind,
    pub count: u64,
}

impl Search {
    /// The latest ones first.
    pub async fn groups(&self, limit: usize) -> Result<Vec<Group>, Error> {
        let order = format!(
            "GROUP BY campaign, kind ORDER BY MAX(hour) DESC, campaign, kind LIMIT {limit}"
        );
        let rows = self.counted(|kind| self.filter.takes(kind), &order).await?;
        let ids: BTreeSet<i64> = rows.iter().map(|row| row.campaign).collect();
        let mut conn = self.db.read().await?;
        let campaigns = campaign::named(&mut conn, &self.secret, ids).await?;
        let groups = rows.into_iter().filter_map(|row| {
            Some(Group {
                id: row.campaign,
                campaign: campaigns.iter().find(|one| one.id == row.campaign).cloned(),
                kind: self.kinds.get(row.kind)?.clone(),
                count: row.count,
                first: hour(row.first)?,
                last: hour(row.last)?,
            })
        });
        Ok(groups.collect())
    }

    /// How many there are of each kind, whatever came of them: what is not asked for is not forgotten.
    pub async fn sums(&self) -> Result<Vec<(&Kind, u64)>, Error> {
        let rows = self.counted(|kind| self.filter.takes_any(kind), "GROUP BY kind").await?;
        Ok(rows.iter().filter_map(|row| Some((self.kinds.get(row.kind)?, row.count))).collect())
    }

    /// Hour by hour.
    pub async fn hours(&self) -> Result<Vec<Hour>, Error> {
        let order = "GROUP BY kind, hour ORDER BY hour, kind";
        let rows = self.counted(|kind| self.filter.takes(kind), order).await?;
        let hours = rows.into_iter().filter_map(|row| {
            let kind = self.kinds.get(row.kind)?.clone();
            Some(Hour { at: hour(row.first)?, kind, count: row.count })
        });
        Ok(hours.collect())
    }

    async fn counted(
        &self,
        takes: impl Fn(&Kind) -> bool,
        order: &str,
    ) -> Result<Vec<Counted>, Error> {
        let Some(sought) = self.sought(takes) else { return Ok(Vec::new()) };
        let hour = |at: Timestamp| at.as_millisecond().div_euclid(HOUR_MS);
        let up =
            |at: Timestamp| at.as_millisecond().saturating_add(HOUR_MS - 1).div_euclid(HOUR_MS);
        let from = self.filter.from.map_or(i64::MIN, hour);
        let until = self.filter.until.map_or(i64::MAX, up);
        let mut args = vec![int(from), int(until)];
        let sql = format!(
            "SELECT MIN(campaign), MIN(kind), CAST(SUM(count) AS BIGINT), MIN(hour), MAX(hour) \
             FROM decision_count WHERE hour >= $1 AND hour < $2{} {order}",
            sought.condition(&mut args, "")
        );
        let rows = self.db.read().await?.rows(&sql, args).await?;
        rows.iter()
            .map(|row| {
                Ok(Counted {
                    campaign: row.int(0)?,
                    kind: row.int(1)?,
                    count: u64::try_from(row.int(2)?).unwrap_or_default(),
                    first: row.int(3)?,
                    last: row.int(4)?,
                })
            })
            .collect()
    }
}

struct Counted {
    campaign: i64,
    kind: i64,
    count: u64,
    first: i64,
    last: i64,
}

fn hour(number: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(number.checked_mul(HOUR_MS)?).ok()
}
