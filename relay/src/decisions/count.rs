//! Verdicts counted: by campaign and rule for the list of what was blocked, by hour for figures.
//!
//! The counts are kept with the index; a verdict's hour is the whole one of UTC.

use std::{cmp::Reverse, collections::BTreeSet};

use jiff::Timestamp;

use super::{
    campaign::{self, Campaign},
    find::{Filter, Sought},
    index::HOUR_MS,
    kind::{Kind, Kinds},
};
use crate::{
    db::{Conn, Db, Error, int, places},
    seal::Secret,
};

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

/// The latest ones first. Whole hours count; a filter by person or message is not heard.
pub async fn groups(
    db: &Db,
    secret: &Secret,
    filter: &Filter,
    limit: usize,
) -> Result<Vec<Group>, Error> {
    let mut conn = db.read().await?;
    let kinds = Kinds::read(&mut conn).await?;
    let mut rows = counted(&mut conn, secret, &kinds, filter, "campaign, kind").await?;
    rows.sort_by_key(|row| (Reverse(row.last), row.campaign, row.kind));
    rows.truncate(limit);
    let ids: BTreeSet<i64> = rows.iter().map(|row| row.campaign).collect();
    let campaigns = campaign::named(&mut conn, secret, ids).await?;
    let groups = rows.into_iter().filter_map(|row| {
        Some(Group {
            id: row.campaign,
            campaign: campaigns.iter().find(|one| one.id == row.campaign).cloned(),
            kind: kinds.get(row.kind)?.clone(),
            count: row.count,
            first: hour(row.first)?,
            last: hour(row.last)?,
        })
    });
    Ok(groups.collect())
}

/// Hour by hour, for charts and sums.
pub async fn hours(db: &Db, secret: &Secret, filter: &Filter) -> Result<Vec<Hour>, Error> {
    let mut conn = db.read().await?;
    let kinds = Kinds::read(&mut conn).await?;
    let rows = counted(&mut conn, secret, &kinds, filter, "kind, hour").await?;
    let hours = rows.into_iter().filter_map(|row| {
        Some(Hour { at: hour(row.first)?, kind: kinds.get(row.kind)?.clone(), count: row.count })
    });
    Ok(hours.collect())
}

struct Counted {
    campaign: i64,
    kind: i64,
    count: u64,
    first: i64,
    last: i64,
}

async fn counted(
    conn: &mut Conn<'_>,
    secret: &Secret,
    kinds: &Kinds,
    filter: &Filter,
    by: &str,
) -> Result<Vec<Counted>, Error> {
    let Some(sought) = Sought::of(conn, secret, kinds, filter).await? else {
        return Ok(Vec::new());
    };
    let hour = |at: Timestamp| at.as_millisecond().div_euclid(HOUR_MS);
    let from = filter.from.map_or(i64::MIN, hour);
    let until = filter
        .until
        .map_or(i64::MAX, |at| at.as_millisecond().saturating_add(HOUR_MS - 1).div_euclid(HOUR_MS));
    let mut args = vec![int(from), int(until)];
    let mut sql = String::from(
        "SELECT MIN(campaign), MIN(kind), CAST(SUM(count) AS BIGINT), MIN(hour), MAX(hour) \
         FROM decision_count WHERE hour >= $1 AND hour < $2",
    );
    for (column, some) in [("kind", &sought.kinds), ("campaign", &sought.campaigns)] {
        if let Some(some) = some {
            let listed = places(&mut args, some.iter().map(|one| int(*one)));
            sql.push_str(&format!(" AND {column} IN ({listed})"));
        }
    }
    sql.push_str(&format!(" GROUP BY {by} ORDER BY {by}"));
    let rows = conn.rows(&sql, args).await?;
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

fn hour(number: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(number.checked_mul(HOUR_MS)?).ok()
}
