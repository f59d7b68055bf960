//! The queue as people look at it: by the recipient's domain, and one by one.
//!
//! Answered from indexes alone: a list of groups reads no message, and of deliveries those only that
//! it shows.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Delivery, Spool, State,
    domain::domain,
    order::{What, Which},
    store,
};
use crate::db::{Arg, Conditions, Conn, Error, Row, int, size, text, uuid};

/// Where a delivery stands, to people.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Stand {
    /// Due: it goes as soon as there is room.
    Due,
    /// For a later attempt.
    Waiting,
    Paused,
    /// On its way just now.
    Claimed,
    /// For a person.
    Held,
}

/// What to list; everything asked for must hold.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub which: Which,
    pub stand: Option<Stand>,
    /// Those on one of these streams or by one of these logins alone.
    pub scope: Option<(Vec<String>, Vec<String>)>,
}

/// How many are where.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Sums(BTreeMap<Stand, u64>);

/// What waits for one domain.
#[derive(Clone, Debug)]
pub struct Group {
    /// `None`: it cannot be read, or not yet.
    pub domain: Option<String>,
    pub sums: Sums,
    /// When the message of the oldest one came.
    pub oldest: Option<Timestamp>,
    /// The next attempt of those that wait.
    pub next: Option<Timestamp>,
    /// The most that one of them had.
    pub attempts: u64,
    /// What was said or went wrong last, and when.
    pub last: Option<(Timestamp, String)>,
    /// Behind which the next page begins.
    pub place: (u64, i64),
}

/// One delivery with what its message says of it.
#[derive(Clone, Debug)]
pub struct Each {
    pub delivery: Delivery,
    pub stand: Stand,
    pub stream: String,
    pub login: String,
    pub received_at: Timestamp,
    pub tried_at: Option<Timestamp>,
}

impl Stand {
    pub const ALL: [Self; 5] = [Self::Due, Self::Waiting, Self::Paused, Self::Claimed, Self::Held];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Waiting => "waiting",
            Self::Paused => "paused",
            Self::Claimed => "claimed",
            Self::Held => "held",
        }
    }

    /// Of its word for people.
    pub fn text_id(self) -> &'static str {
        match self {
            Self::Due => "console-queue-due",
            Self::Waiting => "console-queue-waiting",
            Self::Paused => "console-queue-paused",
            Self::Claimed => "console-queue-claimed",
            Self::Held => "console-queue-held",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stand| stand.as_str() == word)
    }

    /// Of a delivery, with `$1` as now.
    fn condition(self) -> &'static str {
        match self {
            Self::Due => "state = 'ready' AND pause IS NULL AND due_at <= $1",
            Self::Waiting => "state = 'ready' AND pause IS NULL AND due_at > $1",
            Self::Paused => "state = 'ready' AND pause IS NOT NULL",
            Self::Claimed => "state = 'claimed'",
            Self::Held => "state = 'held'",
        }
    }
}

impl Sums {
    pub fn of(&self, stand: Stand) -> u64 {
        self.0.get(&stand).copied().unwrap_or_default()
    }

    /// How many an order would be about at once.
    pub fn waiting_for(&self, what: What) -> u64 {
        let waits = self.of(Stand::Due) + self.of(Stand::Waiting);
        match what {
            What::Pause | What::Retry => waits,
            What::Bounce | What::Rebind => waits + self.of(Stand::Paused),
        }
    }

    pub fn all(&self) -> u64 {
        self.0.values().sum()
    }

    /// From five columns in the order of [`Stand::ALL`].
    fn read(row: &Row, first: usize) -> Result<Self, Error> {
        let counted = Stand::ALL.into_iter().enumerate().map(|(at, stand)| {
            let count = row.opt_int(first + at)?.unwrap_or_default();
            Ok((stand, u64::try_from(count).unwrap_or_default()))
        });
        Ok(Self(counted.collect::<Result<_, Error>>()?))
    }
}

impl Spool {
    /// How many are where.
    pub async fn sums(&self, now: Timestamp, asked: &Asked) -> Result<Sums, Error> {
        let (inner, args) = self.counted(now, asked);
        let sql = format!("SELECT {SUMS} FROM ({inner}) AS g");
        let rows = self.db.read().await?.rows(&sql, args).await?;
        rows.first().map_or(Ok(Sums::default()), |row| Sums::read(row, 0))
    }

    /// How many are where; and by domain, the most first, behind `after`, the [`Group::place`] of the
    /// last one shown.
    pub async fn groups(
        &self,
        now: Timestamp,
        asked: &Asked,
        after: Option<(u64, i64)>,
        limit: usize,
    ) -> Result<(Sums, Vec<Group>), Error> {
        let (inner, mut args) = self.counted(now, asked);
        let mut having = String::new();
        if let Some((count, domain)) = after {
            args.extend([size(count), int(domain)]);
            let (count, domain) = (args.len() - 1, args.len());
            having =
                format!("WHERE every < ${count} OR (every = ${count} AND domain > ${domain}) ");
        }
        args.push(size(limit));
        // The first row is that of all domains: what is counted is read twice, the indexes once.
        let sql = format!(
            "WITH counted AS ({inner}), \
             by_domain AS (SELECT domain, {SUMS}, CAST(SUM(every) AS BIGINT) AS every, \
             MIN(next) AS next, MAX(attempts) AS attempts, MAX(tried) AS tried FROM counted GROUP BY domain), \
             page AS (SELECT * FROM by_domain {having}ORDER BY every DESC, domain LIMIT ${}) \
             SELECT NULL AS domain, {SUMS}, NULL AS every, NULL, NULL, NULL FROM counted \
             UNION ALL SELECT * FROM page ORDER BY every DESC NULLS FIRST, domain",
            args.len()
        );
        let mut conn = self.db.read().await?;
        let rows = conn.rows(&sql, args).await?;
        let mut rows = rows.iter();
        let sums = rows.next().map_or(Ok(Sums::default()), |row| Sums::read(row, 1))?;
        let mut groups = Vec::new();
        for row in rows {
            groups.push(self.group(&mut conn, asked, row).await?);
        }
        Ok((sums, groups))
    }

    /// One by one, the oldest first.
    pub async fn each(
        &self,
        now: Timestamp,
        asked: &Asked,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<Each>, Error> {
        let mut conn = self.db.read().await?;
        let mut found = Vec::new();
        for state in [UNCLAIMED, CLAIMED] {
            let mut conditions = Conditions::new(vec![int(now.as_millisecond()), size(limit)]);
            self.ask(&mut conditions, asked);
            conditions.also(asked.stand.map_or("1 = 1", Stand::condition));
            conditions.also(state);
            conditions.ask("id > $", after.map(uuid));
            let (conditions, args) = conditions.finish();
            let sql = format!(
                "SELECT {}, stream, login, pause, tried_at, {RECEIVED}, \
                 CASE WHEN due_at <= $1 THEN 1 ELSE 0 END \
                 FROM delivery WHERE {conditions} ORDER BY id LIMIT $2",
                store::DELIVERY
            );
            for row in &conn.rows(&sql, args).await? {
                found.push(self.one(row)?);
            }
        }
        found.sort_by_key(|one| one.delivery.id);
        found.truncate(limit);
        Ok(found)
    }

    fn one(&self, row: &Row) -> Result<Each, Error> {
        let delivery = store::delivery(&self.secret, row)?;
        let at = store::DELIVERY.split(',').count();
        let is_due = row.int(at + 5)? == 1;
        let stand = match delivery.state {
            State::Held => Stand::Held,
            State::Claimed => Stand::Claimed,
            State::Ready if row.opt_uuid(at + 2)?.is_some() => Stand::Paused,
            State::Ready if is_due => Stand::Due,
            State::Ready => Stand::Waiting,
        };
        Ok(Each {
            stand,
            stream: row.text(at)?,
            login: row.text(at + 1)?,
            tried_at: row.opt_time(at + 3)?,
            received_at: row.time(at + 4)?,
            delivery,
        })
    }

    async fn group(&self, conn: &mut Conn<'_>, asked: &Asked, row: &Row) -> Result<Group, Error> {
        let key = row.int(0)?;
        let mut group = Group {
            domain: None,
            sums: Sums::read(row, 1)?,
            oldest: None,
            next: row.opt_time(7)?,
            attempts: u64::try_from(row.opt_int(8)?.unwrap_or_default()).unwrap_or_default(),
            last: None,
            place: (row.count(6)?, key),
        };
        // The first of each index is the oldest of it.
        for state in [UNCLAIMED, CLAIMED] {
            if let Some(found) = self.first(conn, asked, (key, state)).await? {
                let older = group.oldest.is_none_or(|oldest| found.1 < oldest);
                group.oldest = if older { Some(found.1) } else { group.oldest };
                group.domain = found.0.or(group.domain);
            }
        }
        if let Some(tried) = row.opt_time(9)? {
            group.last = self.last(conn, asked, (key, tried)).await?.map(|last| (tried, last));
        }
        Ok(group)
    }

    /// What came of the attempt at that moment.
    async fn last(
        &self,
        conn: &mut Conn<'_>,
        asked: &Asked,
        (key, tried): (i64, Timestamp),
    ) -> Result<Option<String>, Error> {
        let mut conditions = Conditions::new(Vec::new());
        conditions.also(UNCLAIMED);
        conditions.ask("domain = $", Some(int(key)));
        conditions.ask("tried_at = $", Some(int(tried.as_millisecond())));
        // Of what the caller may see.
        self.ask(&mut conditions, asked);
        let (conditions, args) = conditions.finish();
        let sql = format!("SELECT {} FROM delivery WHERE {conditions} LIMIT 1", store::DELIVERY);
        let rows = conn.rows(&sql, args).await?;
        let found = rows.first().and_then(|row| store::delivery(&self.secret, row).ok());
        Ok(found.and_then(|one| one.last))
    }

    /// The domain's name, as a recipient has it, and when that one's message came.
    async fn first(
        &self,
        conn: &mut Conn<'_>,
        asked: &Asked,
        (key, state): (i64, &str),
    ) -> Result<Option<(Option<String>, Timestamp)>, Error> {
        let mut conditions = Conditions::new(Vec::new());
        conditions.also(state);
        conditions.ask("domain = $", Some(int(key)));
        self.ask(&mut conditions, asked);
        let (conditions, args) = conditions.finish();
        let sql = format!(
            "SELECT {}, {RECEIVED} FROM delivery WHERE {conditions} ORDER BY id LIMIT 1",
            store::DELIVERY
        );
        let rows = conn.rows(&sql, args).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let named = store::delivery(&self.secret, row).ok().map(|one| domain(&one.recipient.path));
        let at = store::DELIVERY.split(',').count();
        Ok(Some((named, row.time(at)?)))
    }

    /// A row for each domain of what is claimed, and of what is not: each from its own index.
    fn counted<'a>(&self, now: Timestamp, asked: &'a Asked) -> (String, Vec<Arg<'a>>) {
        let mut conditions = Conditions::new(vec![int(now.as_millisecond())]);
        self.ask(&mut conditions, asked);
        conditions.also(asked.stand.map_or("1 = 1", Stand::condition));
        let (conditions, args) = conditions.finish();
        let mut columns = String::new();
        for stand in Stand::ALL {
            let (of, name) = (stand.condition(), stand.as_str());
            columns.push_str(&format!("SUM(CASE WHEN {of} THEN 1 ELSE 0 END) AS {name}, "));
        }
        let of = |state: &str| {
            format!(
                "SELECT domain, {columns} COUNT(*) AS every, MIN(CASE WHEN state = 'ready' AND \
                 pause IS NULL THEN due_at END) AS next, MAX(attempts) AS attempts, \
                 MAX(tried_at) AS tried FROM delivery WHERE {conditions} AND {state} \
                 GROUP BY domain"
            )
        };
        (format!("{} UNION ALL {}", of(UNCLAIMED), of(CLAIMED)), args)
    }

    fn ask<'a>(&self, conditions: &mut Conditions<'a>, asked: &'a Asked) {
        let Which { stream, login, delivery, .. } = &asked.which;
        conditions.ask("domain = $", self.domain_of(&asked.which).map(int));
        conditions.ask("stream = $", stream.as_deref().map(text));
        conditions.ask("login = $", login.as_deref().map(text));
        conditions.ask("id = $", delivery.map(uuid));
        if let Some((streams, logins)) = &asked.scope {
            let streams = conditions.one_of("stream", streams.iter().map(text));
            let logins = conditions.one_of("login", logins.iter().map(text));
            conditions.also(&format!("({streams} OR {logins})"));
        }
    }
}

/// Of the rows of [`Spool::counted`].
const SUMS: &str = "CAST(SUM(due) AS BIGINT) AS due, CAST(SUM(waiting) AS BIGINT) AS waiting, \
                    CAST(SUM(paused) AS BIGINT) AS paused, \
                    CAST(SUM(claimed) AS BIGINT) AS claimed, CAST(SUM(held) AS BIGINT) AS held";
/// In the statement's text: the indexes are for no other.
const UNCLAIMED: &str = "state <> 'claimed'";
const CLAIMED: &str = "state = 'claimed'";
const RECEIVED: &str = "(SELECT m.received_at FROM message m WHERE m.id = delivery.message)";
