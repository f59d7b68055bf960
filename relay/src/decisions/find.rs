//! Verdicts that match, newest first, a page at a time.
//!
//! Every filter becomes a set of kinds and of campaigns, both small; then an index is read from where
//! the last page ended. So a page takes the same time among a thousand verdicts and ten millions.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    campaign::{self, Campaign},
    filter::Filter,
    index::HOUR_MS,
    kind::Kind,
    search::{Search, Sought},
};
use crate::{
    db::{Arg, Conn, Error, Keys, Row, int, key, places, size, uuid},
    seal::AddressKey,
};

/// One verdict.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decision {
    pub at: Timestamp,
    /// Of the journal's line.
    pub id: Uuid,
    pub kind: Kind,
    pub campaign: Option<Campaign>,
    pub message: Option<Uuid>,
    /// The contact's key.
    pub recipient: Option<AddressKey>,
}

/// Where a page ended.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Cursor {
    /// Unix milliseconds.
    pub at: i64,
    pub id: Uuid,
}

#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Page {
    pub decisions: Vec<Decision>,
    /// There are more behind it.
    pub next: Option<Cursor>,
}

impl Search {
    /// The next page before the cursor.
    pub async fn page(&self, before: Option<Cursor>, limit: usize) -> Result<Page, Error> {
        let Some(sought) = self.sought(|kind| self.filter.takes(kind)) else {
            return Ok(Page::default());
        };
        let mut conn = self.db.read().await?;
        let mut found = sought.rows(&mut conn, &self.filter, before, limit + 1).await?;
        found.sort_unstable_by_key(|one| Reverse(one.0));
        let more = found.len() > limit;
        found.truncate(limit);
        let ids: BTreeSet<i64> = found.iter().map(|(_, _, campaign)| *campaign).collect();
        let campaigns = campaign::named(&mut conn, &self.secret, ids).await?;
        let lines = lines(&mut conn, &found).await?;
        let next = found.last().filter(|_| more).map(|(cursor, ..)| *cursor);
        let decisions = found.into_iter().filter_map(|(cursor, kind, campaign)| {
            let (message, recipient) = lines.get(&cursor.id).copied()?;
            Some(Decision {
                at: Timestamp::from_millisecond(cursor.at).ok()?,
                id: cursor.id,
                kind: self.kinds.get(kind)?.clone(),
                campaign: campaigns.iter().find(|one| one.id == campaign).cloned(),
                message,
                recipient,
            })
        });
        Ok(Page { decisions: decisions.collect(), next })
    }
}

/// What the journal says of each beside its verdict: the message, and to whom.
async fn lines(
    conn: &mut Conn<'_>,
    found: &[Found],
) -> Result<BTreeMap<Uuid, (Option<Uuid>, Option<AddressKey>)>, Error> {
    let ids = found.iter().map(|(cursor, ..)| cursor.id).collect();
    let sql = "SELECT id, message, recipient FROM journal WHERE id {in}";
    let rows = conn.rows_in(sql, &[], Keys::Uuids(ids)).await?;
    rows.iter()
        .map(|row| Ok((row.uuid(0)?, (row.opt_uuid(1)?, row.opt_key(2)?.map(AddressKey)))))
        .collect()
}

/// Where it stands, its kind, its campaign.
type Found = (Cursor, i64, i64);

impl Sought<'_> {
    async fn rows(
        &self,
        conn: &mut Conn<'_>,
        filter: &Filter,
        before: Option<Cursor>,
        limit: usize,
    ) -> Result<Vec<Found>, Error> {
        let within = Within::of(filter, before);
        if !filter.recipients.is_empty() || filter.message.is_some() {
            return self.of_journal(conn, filter, within, limit).await;
        }
        let branches = self.branches(conn, within, limit).await?;
        let mut found: Vec<Found> = Vec::new();
        for some in branches.chunks(BRANCHES_MAX) {
            let mut args = vec![size(limit)];
            let bounds = within.condition(&mut args, "");
            let mut sql = String::new();
            for (at, (campaign, kind)) in some.iter().enumerate() {
                if at > 0 {
                    sql.push_str(" UNION ALL ");
                }
                sql.push_str("SELECT * FROM (SELECT at, id, kind, campaign FROM decision WHERE ");
                sql.push_str(&bounds);
                for (column, value) in [("campaign", campaign), ("kind", kind)] {
                    if let Some(value) = value {
                        args.push(int(*value));
                        sql.push_str(&format!(" AND {column} = ${}", args.len()));
                    }
                }
                sql.push_str(&format!(" ORDER BY at DESC, id DESC LIMIT $1) b{at}"));
            }
            let rows = conn.rows(&sql, args).await?;
            found.extend(rows.iter().map(read).collect::<Result<Vec<_>, _>>()?);
            found.sort_unstable_by_key(|one| Reverse(one.0));
            found.truncate(limit);
        }
        Ok(found)
    }

    /// Each of them one index reads in order: campaign and kind, either, or neither.
    async fn branches(
        &self,
        conn: &mut Conn<'_>,
        within: Within,
        limit: usize,
    ) -> Result<Vec<(Option<i64>, Option<i64>)>, Error> {
        if self.campaigns.is_none() {
            return Ok(match &self.kinds {
                None => vec![(None, None)],
                Some(kinds) => kinds.iter().map(|kind| (None, Some(*kind))).collect(),
            });
        }
        let mut args = Vec::new();
        let taken = self.condition(&mut args, "");
        let (first, last) = (hour(within.from), hour(within.before.at));
        // Each count stands for one verdict at least, so that many words are a few campaigns. Those of
        // the cursor's own hour may be behind it.
        let sql = format!(
            "SELECT hour FROM decision_count WHERE hour >= {first} AND hour < {last}{taken} \
             ORDER BY hour DESC LIMIT 1 OFFSET {limit}"
        );
        let rows = conn.rows(&sql, args.iter().map(Arg::by_ref).collect()).await?;
        let first = rows.first().map_or(Ok(first), |row| row.int(0))?;
        let sql = format!(
            "SELECT DISTINCT campaign, kind FROM decision_count \
             WHERE hour >= {first} AND hour <= {last}{taken}"
        );
        let rows = conn.rows(&sql, args).await?;
        rows.iter().map(|row| Ok((Some(row.int(0)?), Some(row.int(1)?)))).collect()
    }

    /// Those of one person or message are few: the journal has indexes for them.
    async fn of_journal(
        &self,
        conn: &mut Conn<'_>,
        filter: &Filter,
        within: Within,
        limit: usize,
    ) -> Result<Vec<Found>, Error> {
        let mut args = vec![size(limit)];
        let mut asked = String::new();
        if let Some(message) = filter.message {
            args.push(uuid(message));
            asked.push_str(&format!(" AND message = ${}", args.len()));
        }
        let lines = if filter.recipients.is_empty() {
            format!("SELECT at, id FROM journal WHERE 1 = 1{asked}")
        } else {
            let keys = places(&mut args, filter.recipients.iter().map(|one| key(&one.0)));
            let theirs = format!("journal WHERE recipient IN ({keys})");
            format!(
                "SELECT at, id FROM {theirs} AND kind = 'decided'{asked} \
                 UNION SELECT at, id FROM {theirs}{asked} AND message IN \
                 (SELECT message FROM {theirs} AND kind = 'decided')"
            )
        };
        let bounds = within.condition(&mut args, "d.");
        let taken = self.condition(&mut args, "d.");
        let sql = format!(
            "SELECT d.at, d.id, d.kind, d.campaign FROM ({lines}) j \
             JOIN decision d ON d.at = j.at AND d.id = j.id WHERE {bounds}{taken} \
             ORDER BY d.at DESC, d.id DESC LIMIT $1"
        );
        conn.rows(&sql, args).await?.iter().map(read).collect()
    }
}

/// Where verdicts of a page can stand.
#[derive(Clone, Copy, Debug)]
struct Within {
    /// Unix milliseconds.
    from: i64,
    before: Cursor,
}

impl Within {
    fn of(filter: &Filter, before: Option<Cursor>) -> Self {
        let from = filter.from.map_or(i64::MIN, Timestamp::as_millisecond);
        let until = filter.until.map_or(i64::MAX, Timestamp::as_millisecond);
        let Cursor { at, id } = before.unwrap_or(Cursor { at: i64::MAX, id: Uuid::max() });
        let before =
            if at < until { Cursor { at, id } } else { Cursor { at: until, id: Uuid::nil() } };
        Self { from, before }
    }

    fn condition(self, args: &mut Vec<Arg<'_>>, table: &str) -> String {
        args.extend([int(self.from), int(self.before.at), uuid(self.before.id)]);
        let last = args.len();
        format!("{table}at >= ${} AND ({table}at, {table}id) < (${}, ${last})", last - 2, last - 1)
    }
}

fn hour(at: i64) -> i64 {
    at.div_euclid(HOUR_MS)
}

fn read(row: &Row) -> Result<Found, Error> {
    Ok((Cursor { at: row.int(0)?, id: row.uuid(1)? }, row.int(2)?, row.int(3)?))
}

/// SQLite takes 500 of them in one statement, and names 32,766 values.
const BRANCHES_MAX: usize = 200;
