//! Verdicts counted: by campaign and rule for the list of what was blocked, by kind for sums, by hour
//! for charts.
//!
//! The counts are kept with the index; a verdict's hour is the whole one of UTC. Whole hours count, and
//! a filter by person or message is not heard.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    campaign::{self, Campaign},
    index::HOUR_MS,
    kind::Kind,
    search::{Search, Sought},
};
use crate::db::{Error, int, places};

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
        let newest = self.newest(limit).await?;
        if newest.is_empty() {
            return Ok(Vec::new());
        }
        let ids: BTreeSet<i64> = newest.iter().map(|(campaign, _)| *campaign).collect();
        let mut rows: BTreeMap<(i64, i64), Counted> = BTreeMap::new();
        if let Some(mut sought) = self.sought(|kind| self.filter.takes(kind)) {
            let ids: Vec<i64> = ids.iter().copied().collect();
            sought.campaigns = Some(&ids);
            let found = self.counted(&sought, "campaign", "GROUP BY campaign, kind").await?;
            rows.extend(found.into_iter().map(|row| ((row.campaign, row.kind), row)));
        }
        let mut conn = self.db.read().await?;
        let campaigns = campaign::named(&mut conn, &self.secret, ids).await?;
        let groups = newest.into_iter().filter_map(|group| {
            let row = rows.remove(&group)?;
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
        let Some(sought) = self.sought(|kind| self.filter.takes_any(kind)) else {
            return Ok(Vec::new());
        };
        let rows = self.counted(&sought, "CAST(0 AS BIGINT)", "GROUP BY kind").await?;
        Ok(rows.iter().filter_map(|row| Some((self.kinds.get(row.kind)?, row.count))).collect())
    }

    /// Hour by hour.
    pub async fn hours(&self) -> Result<Vec<Hour>, Error> {
        let order = "GROUP BY kind, hour ORDER BY hour, kind";
        let Some(sought) = self.sought(|kind| self.filter.takes(kind)) else {
            return Ok(Vec::new());
        };
        let rows = self.counted(&sought, "CAST(0 AS BIGINT)", order).await?;
        let hours = rows.into_iter().filter_map(|row| {
            let kind = self.kinds.get(row.kind)?.clone();
            Some(Hour { at: hour(row.first)?, kind, count: row.count })
        });
        Ok(hours.collect())
    }

    /// Campaign and kind of so many groups, from the latest hour back. The same group comes once for
    /// each of its hours: how far one has to look is found out.
    async fn newest(&self, limit: usize) -> Result<Vec<(i64, i64)>, Error> {
        let Some(sought) = self.sought(|kind| self.filter.takes(kind)) else {
            return Ok(Vec::new());
        };
        let mut rows_max = limit.saturating_mul(ROWS_OF_GROUP);
        loop {
            let mut args = Vec::new();
            let condition = sought.condition(&mut args, "");
            let sql = format!(
                "SELECT campaign, kind FROM decision_count WHERE {}{condition} \
                 ORDER BY hour DESC, kind DESC, campaign DESC LIMIT {rows_max}",
                self.span()
            );
            let rows = self.db.read().await?.rows(&sql, args).await?;
            let (mut newest, mut seen) = (Vec::new(), BTreeSet::new());
            for row in &rows {
                let group = (row.int(0)?, row.int(1)?);
                if newest.len() < limit && seen.insert(group) {
                    newest.push(group);
                }
            }
            if newest.len() == limit || rows.len() < rows_max {
                return Ok(newest);
            }
            rows_max = rows_max.saturating_mul(FURTHER);
        }
    }

    /// A condition on the hour, its numbers written out: of a span whose ends come as values PostgreSQL
    /// assumes that hardly anything lies in it, and reads the wrong index.
    fn span(&self) -> String {
        let (from, until) = (self.filter.from, self.filter.until);
        let first = from.map(|at| at.as_millisecond().div_euclid(HOUR_MS));
        let behind =
            until.map(|at| at.as_millisecond().saturating_add(HOUR_MS - 1).div_euclid(HOUR_MS));
        match (first, behind) {
            (Some(first), Some(behind)) => format!("hour >= {first} AND hour < {behind}"),
            (Some(first), None) => format!("hour >= {first}"),
            (None, Some(behind)) => format!("hour < {behind}"),
            (None, None) => "1 = 1".to_owned(),
        }
    }

    /// `campaign`: the column, or a number in its place.
    async fn counted(
        &self,
        sought: &Sought<'_>,
        campaign: &str,
        order: &str,
    ) -> Result<Vec<Counted>, Error> {
        let mut args = Vec::new();
        let mut condition = sought.condition(&mut args, "");
        if sought.kinds.is_none() {
            // All are named: by kind and hour an index has all that is counted.
            let all = places(&mut args, self.kinds.iter().map(|(id, _)| int(id)));
            condition.push_str(&format!(" AND kind IN ({all})"));
        }
        let sql = format!(
            "SELECT {campaign}, MIN(kind), CAST(SUM(count) AS BIGINT), MIN(hour), MAX(hour) \
             FROM decision_count WHERE {}{condition} {order}",
            self.span()
        );
        let rows = self.db.read().await?.rows(&sql, args).await?;
        rows.iter()
            .map(|row| {
                Ok(Counted {
                    campaign: row.int(0)?,
                    kind: row.int(1)?,
                    count: row.count(2)?,
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

/// A group has a few hours, most of them next to each other.
const ROWS_OF_GROUP: usize = 40;
const FURTHER: usize = 16;
