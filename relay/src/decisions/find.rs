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
    kind::{Fate, Kind, Kinds},
};
use crate::{
    db::{Arg, Conn, Db, Error, Keys, Row, int, key, places, uuid},
    seal::{AddressKey, Secret},
};

/// What to find; everything asked for must hold.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Filter {
    /// `None`: whatever there is.
    pub scope: Option<Scope>,
    pub controller: Option<String>,
    pub login: Option<String>,
    pub stream: Option<String>,
    pub purpose: Option<String>,
    pub class: Option<String>,
    /// Any of these; empty: whatever came of it.
    pub fates: Vec<Fate>,
    /// Any of these; empty: whichever.
    pub rules: Vec<String>,
    pub campaign: Option<i64>,
    /// In the subject, the sender or the tool's name of the campaign.
    pub words: Option<String>,
    /// Any of these; empty: whoever.
    pub recipients: Vec<AddressKey>,
    pub message: Option<Uuid>,
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

/// What somebody may see: all of these controllers, and whatever came by one of these logins.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Scope {
    pub controllers: Vec<String>,
    pub logins: Vec<String>,
}

impl Scope {
    pub fn holds(&self, kind: &Kind) -> bool {
        self.controllers.contains(&kind.controller) || self.logins.contains(&kind.login)
    }
}

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

/// The next page before the cursor.
pub async fn find(
    db: &Db,
    secret: &Secret,
    filter: &Filter,
    before: Option<Cursor>,
    limit: usize,
) -> Result<Page, Error> {
    let mut conn = db.read().await?;
    let kinds = Kinds::read(&mut conn).await?;
    let Some(sought) = Sought::of(&mut conn, secret, &kinds, filter).await? else {
        return Ok(Page::default());
    };
    let mut found = sought.rows(&mut conn, filter, before, limit + 1).await?;
    found.sort_unstable_by_key(|one| Reverse(one.0));
    let more = found.len() > limit;
    found.truncate(limit);
    let ids: BTreeSet<i64> = found.iter().map(|(_, _, campaign)| *campaign).collect();
    let campaigns = campaign::named(&mut conn, secret, ids).await?;
    let lines = lines(&mut conn, &found).await?;
    let next = found.last().filter(|_| more).map(|(cursor, ..)| *cursor);
    let decisions = found.into_iter().filter_map(|(cursor, kind, campaign)| {
        let (message, recipient) = lines.get(&cursor.id).copied()?;
        Some(Decision {
            at: Timestamp::from_millisecond(cursor.at).ok()?,
            id: cursor.id,
            kind: kinds.get(kind)?.clone(),
            campaign: campaigns.iter().find(|one| one.id == campaign).cloned(),
            message,
            recipient,
        })
    });
    Ok(Page { decisions: decisions.collect(), next })
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

impl Filter {
    /// Whether a kind is asked for.
    fn takes(&self, kind: &Kind) -> bool {
        let is = |wanted: &Option<String>, has: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == has)
        };
        self.scope.as_ref().is_none_or(|scope| scope.holds(kind))
            && is(&self.controller, &kind.controller)
            && is(&self.login, &kind.login)
            && is(&self.stream, &kind.stream)
            && is(&self.purpose, &kind.purpose)
            && is(&self.class, &kind.class)
            && (self.fates.is_empty() || self.fates.contains(&kind.fate))
            && (self.rules.is_empty() || self.rules.contains(&kind.rule))
    }
}

/// A filter, looked up.
pub(super) struct Sought {
    /// `None`: all there are.
    pub kinds: Option<Vec<i64>>,
    /// `None`: all there are.
    pub campaigns: Option<Vec<i64>>,
}

/// Where it stands, its kind, its campaign.
type Found = (Cursor, i64, i64);

impl Sought {
    /// `None` where nothing can match.
    pub(super) async fn of(
        conn: &mut Conn<'_>,
        secret: &Secret,
        kinds: &Kinds,
        filter: &Filter,
    ) -> Result<Option<Self>, Error> {
        let taken = kinds.iter().filter(|(_, kind)| filter.takes(kind));
        let taken: Vec<i64> = taken.map(|(id, _)| id).collect();
        // Of a kind that comes up meanwhile nothing is shown to whoever may not see everything.
        let all = filter.scope.is_none() && taken.len() == kinds.iter().count();
        let mut campaigns = filter.campaign.map(|one| vec![one]);
        if let Some(words) = &filter.words {
            let said = campaign::saying(conn, secret, words, CAMPAIGNS_MAX).await?;
            campaigns = Some(match campaigns {
                Some(asked) => asked.into_iter().filter(|one| said.contains(one)).collect(),
                None => said,
            });
        }
        let nothing = taken.is_empty() || campaigns.as_ref().is_some_and(Vec::is_empty);
        Ok((!nothing).then_some(Self { kinds: (!all).then_some(taken), campaigns }))
    }

    async fn rows(
        &self,
        conn: &mut Conn<'_>,
        filter: &Filter,
        before: Option<Cursor>,
        limit: usize,
    ) -> Result<Vec<Found>, Error> {
        if !filter.recipients.is_empty() || filter.message.is_some() {
            return self.of_journal(conn, filter, before, limit).await;
        }
        let branches = self.branches(conn).await?;
        let mut found: Vec<Found> = Vec::new();
        for some in branches.chunks(BRANCHES_MAX) {
            let mut args = vec![int(i64::try_from(limit).unwrap_or(i64::MAX))];
            let bounds = bounds(&mut args, "", filter, before);
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
    ) -> Result<Vec<(Option<i64>, Option<i64>)>, Error> {
        let Some(campaigns) = &self.campaigns else {
            return Ok(match &self.kinds {
                None => vec![(None, None)],
                Some(kinds) => kinds.iter().map(|kind| (None, Some(*kind))).collect(),
            });
        };
        let mut args = Vec::new();
        let listed = places(&mut args, campaigns.iter().map(|one| int(*one)));
        let sql = format!(
            "SELECT DISTINCT campaign, kind FROM decision_count WHERE campaign IN ({listed})"
        );
        let mut branches = Vec::new();
        for row in conn.rows(&sql, args).await? {
            let (campaign, kind) = (row.int(0)?, row.int(1)?);
            if self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&kind)) {
                branches.push((Some(campaign), Some(kind)));
            }
        }
        Ok(branches)
    }

    /// Those of one person or message are few: the journal has indexes for them.
    async fn of_journal(
        &self,
        conn: &mut Conn<'_>,
        filter: &Filter,
        before: Option<Cursor>,
        limit: usize,
    ) -> Result<Vec<Found>, Error> {
        let mut args = vec![int(i64::try_from(limit).unwrap_or(i64::MAX))];
        let mut sql = String::from(
            "SELECT d.at, d.id, d.kind, d.campaign FROM journal j \
             JOIN decision d ON d.at = j.at AND d.id = j.id WHERE ",
        );
        sql.push_str(&bounds(&mut args, "d.", filter, before));
        if let Some(message) = filter.message {
            args.push(uuid(message));
            sql.push_str(&format!(" AND j.message = ${}", args.len()));
        }
        if !filter.recipients.is_empty() {
            let keys = places(&mut args, filter.recipients.iter().map(|one| key(&one.0)));
            sql.push_str(&format!(
                " AND j.recipient IN ({keys}) AND (j.kind = 'decided' OR j.message IN (SELECT \
                 message FROM journal WHERE recipient IN ({keys}) AND kind = 'decided'))"
            ));
        }
        for (column, some) in [("kind", &self.kinds), ("campaign", &self.campaigns)] {
            if let Some(some) = some {
                let listed = places(&mut args, some.iter().map(|one| int(*one)));
                sql.push_str(&format!(" AND d.{column} IN ({listed})"));
            }
        }
        sql.push_str(" ORDER BY d.at DESC, d.id DESC LIMIT $1");
        conn.rows(&sql, args).await?.iter().map(read).collect()
    }
}

/// A condition on where a verdict stands.
fn bounds(args: &mut Vec<Arg<'_>>, table: &str, filter: &Filter, before: Option<Cursor>) -> String {
    let from = filter.from.map_or(i64::MIN, Timestamp::as_millisecond);
    let until = filter.until.map_or(i64::MAX, Timestamp::as_millisecond);
    let Cursor { at, id } = before.unwrap_or(Cursor { at: i64::MAX, id: Uuid::max() });
    let cursor = if at < until { Cursor { at, id } } else { Cursor { at: until, id: Uuid::nil() } };
    args.extend([int(from), int(cursor.at), uuid(cursor.id)]);
    let last = args.len();
    format!("{table}at >= ${} AND ({table}at, {table}id) < (${}, ${last})", last - 2, last - 1)
}

fn read(row: &Row) -> Result<Found, Error> {
    Ok((Cursor { at: row.int(0)?, id: row.uuid(1)? }, row.int(2)?, row.int(3)?))
}

/// SQLite takes 500 of them in one statement, and names 32,766 values.
const BRANCHES_MAX: usize = 200;
/// Of one search.
const CAMPAIGNS_MAX: usize = 1_000;
