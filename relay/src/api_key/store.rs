//! The tables `api_key` and `api_answer`.
//!
//! A key is read for each request, so that a revoked one counts no longer from that moment on.

use jiff::{SignedDuration, Timestamp};

use super::{Key, Scope, Token};
use crate::{
    at_rest::{self, Column, Part},
    db::{Arg, Db, Error, Row, Unavailable, int, key, text},
    seal::{self, Secret},
};

/// Keeps a new key, of which `token` is shown to the admin now and never again.
pub async fn add(db: &Db, new: &Key, token: &Token) -> Result<(), Unavailable> {
    let scopes: Vec<&str> = new.scopes.iter().map(|scope| scope.as_str()).collect();
    let mut tx = db.begin().await?;
    tx.run(
        "INSERT INTO api_key (id, controller, name, scopes, hash, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        vec![
            text(token.id.as_str()),
            text(new.controller.as_str()),
            text(new.name.as_str()),
            text(scopes.join(" ")),
            key(&token.hash()),
            int(new.created_at.as_millisecond()),
            Arg::Int(new.expires_at.map(Timestamp::as_millisecond)),
        ],
    )
    .await?;
    Ok(tx.commit().await?)
}

/// All, by controller and age.
pub async fn list(db: &Db) -> Result<Vec<Key>, Unavailable> {
    let sql = format!("{SELECT} ORDER BY controller, created_at, id");
    let rows = db.read().await?.rows(&sql, vec![]).await?;
    Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
}

/// Whether there was such a key, not revoked before.
pub async fn revoke(db: &Db, now: Timestamp, id: &str) -> Result<bool, Unavailable> {
    let mut tx = db.begin().await?;
    let sql = "UPDATE api_key SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    let revoked = tx.run(sql, vec![text(id), int(now.as_millisecond())]).await?;
    tx.commit().await?;
    Ok(revoked > 0)
}

/// The key that a token is of; `None` where there is none, where the secret is another, and where
/// it counts no longer: all three cost the same.
pub async fn find(db: &Db, now: Timestamp, token: &Token) -> Result<Option<Key>, Unavailable> {
    let sql = format!("{SELECT} WHERE id = $1");
    let rows = db.read_briefly().await?.rows(&sql, vec![text(token.id.as_str())]).await?;
    let kept = rows.first().map(|row| row.key(HASH)).transpose()?;
    let same = seal::same(&token.hash(), &kept.unwrap_or_default());
    let found = rows.first().map(read).transpose()?;
    let found = found.filter(|found| same && found.is_valid(now));
    if let Some(found) = &found {
        note_used(db, now, found).await?;
    }
    Ok(found)
}

/// Who uses which key is for tidying up; it is written once a minute at most.
async fn note_used(db: &Db, now: Timestamp, used: &Key) -> Result<(), Error> {
    let minute = SignedDuration::from_mins(1);
    if used.last_used_at.is_some_and(|last| now.duration_since(last) < minute) {
        return Ok(());
    }
    let mut tx = db.begin().await?;
    let sql = "UPDATE api_key SET last_used_at = $2 WHERE id = $1";
    tx.run(sql, vec![text(used.id.as_str()), int(now.as_millisecond())]).await?;
    tx.commit().await
}

/// An answer that was given before.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    pub status: u16,
    /// Its media type.
    pub kind: String,
    pub body: Vec<u8>,
}

/// One request that may come twice.
#[derive(Clone, Copy, Debug)]
pub struct Once<'a> {
    /// Id of the API key.
    pub key: &'a str,
    /// Keyed hashes of the client's name for it, and of the request itself.
    pub name: [u8; 32],
    pub request: [u8; 32],
}

impl Once<'_> {
    /// Its row, about which the answer is sealed.
    fn row(&self) -> [Part<'_>; 2] {
        [Part::Bytes(self.key.as_bytes()), Part::Bytes(&self.name)]
    }
}

/// What is known of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Begun {
    /// It is the first of its name: answer it, then [`finish`] or [`forget`].
    First,
    /// Another request has this name.
    Differs,
    /// It is being answered right now.
    Running,
    Before(Answer),
}

/// Takes the name for this request, where it is free. What is older than a day is forgotten, and
/// a request that is not answered after `STUCK` has died with its process.
pub async fn begin(
    db: &Db,
    secret: &Secret,
    now: Timestamp,
    once: &Once<'_>,
) -> Result<Begun, Unavailable> {
    let before =
        |age: SignedDuration| int(now.checked_sub(age).unwrap_or(Timestamp::MIN).as_millisecond());
    let mut tx = db.begin().await?;
    tx.run("DELETE FROM api_answer WHERE at < $1", vec![before(KEPT)]).await?;
    let args = || vec![text(once.key), key(&once.name)];
    let mut stuck = args();
    stuck.push(before(STUCK));
    let sql = "DELETE FROM api_answer WHERE api_key = $1 AND name = $2 AND status IS NULL \
               AND at < $3";
    tx.run(sql, stuck).await?;
    let row = vec![text(once.key), key(&once.name), key(&once.request), int(now.as_millisecond())];
    let columns = ["api_key", "name", "request", "at"];
    let twice = "ON CONFLICT (api_key, name) DO NOTHING";
    if tx.insert("api_answer", &columns, row, twice).await? == 1 {
        tx.commit().await?;
        return Ok(Begun::First);
    }
    let sql = "SELECT request, status, kind, body FROM api_answer \
               WHERE api_key = $1 AND name = $2";
    let rows = tx.rows(sql, args()).await?;
    tx.commit().await?;
    let Some(row) = rows.first() else { return Ok(Begun::Running) };
    if row.key(0)? != once.request {
        return Ok(Begun::Differs);
    }
    let Some(status) = row.opt_int(1)? else { return Ok(Begun::Running) };
    Ok(Begun::Before(Answer {
        status: u16::try_from(status).unwrap_or(200),
        kind: row.text(2)?,
        body: at_rest::open(secret, Column::AnswerBody, &once.row(), row.bytes(3)?)?,
    }))
}

/// Keeps the answer.
pub async fn finish(
    db: &Db,
    secret: &Secret,
    once: &Once<'_>,
    answer: &Answer,
) -> Result<(), Unavailable> {
    let body = at_rest::seal(secret, Column::AnswerBody, &once.row(), &answer.body);
    let mut tx = db.begin().await?;
    tx.run(
        "UPDATE api_answer SET status = $3, kind = $4, body = $5 WHERE api_key = $1 AND name = $2",
        vec![
            text(once.key),
            key(&once.name),
            int(answer.status.into()),
            text(answer.kind.as_str()),
            Arg::bytes(body),
        ],
    )
    .await?;
    Ok(tx.commit().await?)
}

/// Nothing came of it: it may be tried again under the same name.
pub async fn forget(db: &Db, once: &Once<'_>) -> Result<(), Unavailable> {
    let mut tx = db.begin().await?;
    let sql = "DELETE FROM api_answer WHERE api_key = $1 AND name = $2 AND status IS NULL";
    tx.run(sql, vec![text(once.key), key(&once.name)]).await?;
    Ok(tx.commit().await?)
}

fn read(row: &Row) -> Result<Key, Error> {
    Ok(Key {
        id: row.text(0)?,
        controller: row.text(1)?,
        name: row.text(2)?,
        // A word of a newer release allows nothing here.
        scopes: row.text(3)?.split(' ').filter_map(Scope::parse).collect(),
        created_at: row.time(4)?,
        expires_at: row.opt_time(5)?,
        revoked_at: row.opt_time(6)?,
        last_used_at: row.opt_time(7)?,
    })
}

const SELECT: &str = "SELECT id, controller, name, scopes, created_at, expires_at, revoked_at, \
                      last_used_at, hash FROM api_key";
const HASH: usize = 8;
/// How long an answer is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// Longer than any request may take.
const STUCK: SignedDuration = SignedDuration::from_mins(2);
