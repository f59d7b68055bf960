//! Sessions: opened by whoever proved who they are, looked at with each request, ended by time, by
//! their owner or with the account.
//!
//! A session says what was proved. Whether that is enough is its stage: with a password alone one
//! gets no further than to the second factor. It is never raised; the next step opens another.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Account, Act, By, Entry, From, Staff, Token, span, subject};
use crate::{
    at_rest::{self, Column, Part},
    db::{Arg, Error, Row, Tx, Unavailable, int, key, text, uuid},
};

/// What was proved when a session was opened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum How {
    Password,
    /// A link, and a password chosen there.
    Link,
    /// A code of the second factor, after one of the first two.
    Totp,
    /// A recovery code, likewise.
    Code,
    /// An identity provider vouches for all of it.
    Provider,
}

/// How far a session lets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stage {
    /// To the question for the second factor.
    Factor,
    /// To the page where a second factor is made.
    Enrol,
    /// Everywhere that the roles let.
    Whole,
}

/// One session with whose it is.
#[derive(Clone, Debug)]
pub struct Session {
    pub id: Uuid,
    pub account: Account,
    pub how: How,
    pub opened_at: Timestamp,
    pub seen_at: Timestamp,
    pub ends_at: Timestamp,
}

/// One in the list of its owner.
#[derive(Clone, Debug)]
pub struct Listed {
    pub id: Uuid,
    pub how: How,
    pub opened_at: Timestamp,
    pub seen_at: Timestamp,
    pub ip: String,
    pub program: String,
}

impl Staff {
    /// For whoever has proved who they are in this way; the only way to a session. What is not enough
    /// lasts for a few minutes.
    pub async fn open_session(
        &self,
        now: Timestamp,
        account: Uuid,
        how: How,
        from: &From,
    ) -> Result<Token, Unavailable> {
        let mut tx = self.db().begin().await?;
        let token = self.open_in(&mut tx, now, account, how, from).await?;
        tx.commit().await?;
        Ok(token)
    }

    pub(super) async fn open_in(
        &self,
        tx: &mut Tx<'_>,
        now: Timestamp,
        account: Uuid,
        how: How,
        from: &From,
    ) -> Result<Token, Error> {
        let over = "DELETE FROM staff_session WHERE ends_at <= $1";
        tx.run(over, vec![int(now.as_millisecond())]).await?;
        let Some(found) = self.find_in(tx, account).await? else {
            return Err(Error::Bug("a session for no account".into()));
        };
        let is_whole = self.stage(&found, how) == Stage::Whole;
        let life = if is_whole { span(self.inner.settings.session) } else { HALF };
        let (token, id) = (Token::generate(), Uuid::now_v7());
        let client = json!({ "ip": from.ip, "program": from.program }).to_string();
        let row = [Part::Uuid(id)];
        let client = at_rest::seal(self.secret(), Column::SessionClient, &row, client.as_bytes());
        let ends = now.saturating_add(life).unwrap_or(now);
        let hash = token.hash();
        let args = vec![
            key(&hash),
            uuid(id),
            uuid(account),
            text(how.as_str()),
            int(now.as_millisecond()),
            int(now.as_millisecond()),
            int(ends.as_millisecond()),
            Arg::bytes(client),
        ];
        tx.insert("staff_session", COLUMNS, args, "").await?;
        if is_whole {
            let sql = "UPDATE account SET last_sign_in_at = $2 WHERE id = $1";
            tx.run(sql, vec![uuid(account), int(now.as_millisecond())]).await?;
            let detail = json!({ "how": how.as_str() });
            let entry = Entry::new(Act::SignedIn, subject(account)).with(detail);
            self.note_in(tx, now, &By::staff(account, from.ip), &entry).await?;
        }
        Ok(token)
    }

    /// The session that a token opens; `None` where it is over, was idle for too long, or its account
    /// is disabled.
    pub async fn session(
        &self,
        now: Timestamp,
        token: &Token,
    ) -> Result<Option<Session>, Unavailable> {
        let mut conn = self.db().read_briefly().await?;
        let sql = "SELECT id, account, how, opened_at, seen_at, ends_at FROM staff_session \
                   WHERE token = $1 AND ends_at > $2";
        let hash = token.hash();
        let args = vec![key(&hash), int(now.as_millisecond())];
        let rows = conn.rows(sql, args).await?;
        drop(conn);
        let Some(row) = rows.first() else { return Ok(None) };
        let Some(account) = self.account(row.uuid(1)?).await? else { return Ok(None) };
        let session = Session {
            id: row.uuid(0)?,
            how: How::read(row, 2)?,
            opened_at: row.time(3)?,
            seen_at: row.time(4)?,
            ends_at: row.time(5)?,
            account,
        };
        let idle = now.duration_since(session.seen_at);
        if session.account.disabled_at.is_some() || idle >= span(self.inner.settings.idle) {
            return Ok(None);
        }
        if idle >= SEEN_EVERY {
            let mut tx = self.db().begin().await?;
            let sql = "UPDATE staff_session SET seen_at = $2 WHERE id = $1";
            tx.run(sql, vec![uuid(session.id), int(now.as_millisecond())]).await?;
            tx.commit().await?;
        }
        Ok(Some(session))
    }

    /// What a session of this kind is enough for.
    pub fn stage(&self, account: &Account, how: How) -> Stage {
        match how {
            How::Totp | How::Code | How::Provider => Stage::Whole,
            How::Password | How::Link if account.has_factor => Stage::Factor,
            How::Password | How::Link if self.needs_factor() => Stage::Enrol,
            How::Password | How::Link => Stage::Whole,
        }
    }

    /// Of an account, the one seen last first.
    pub async fn sessions(
        &self,
        now: Timestamp,
        account: Uuid,
    ) -> Result<Vec<Listed>, Unavailable> {
        let quiet = now.saturating_sub(span(self.inner.settings.idle)).unwrap_or(now);
        let sql = "SELECT id, how, opened_at, seen_at, client FROM staff_session \
                   WHERE account = $1 AND ends_at > $2 AND seen_at > $3 ORDER BY seen_at DESC, id";
        let times = [now, quiet].map(|at| int(at.as_millisecond()));
        let args = [vec![uuid(account)], times.to_vec()].concat();
        let rows = self.db().read().await?.rows(sql, args).await?;
        let mut all = Vec::with_capacity(rows.len());
        for row in &rows {
            let id = row.uuid(0)?;
            let (place, client) = ([Part::Uuid(id)], row.bytes(4)?);
            let client = at_rest::open_text(self.secret(), Column::SessionClient, &place, client)?;
            let client: Value = serde_json::from_str(&client).unwrap_or_default();
            let part = |name| client.get(name).and_then(Value::as_str).unwrap_or_default();
            all.push(Listed {
                id,
                how: How::read(row, 1)?,
                opened_at: row.time(2)?,
                seen_at: row.time(3)?,
                ip: part("ip").to_owned(),
                program: part("program").to_owned(),
            });
        }
        Ok(all)
    }

    /// Whether the account had such a session.
    pub async fn end_session(
        &self,
        now: Timestamp,
        by: &By,
        (account, id): (Uuid, Uuid),
        act: Act,
    ) -> Result<bool, Unavailable> {
        let mut tx = self.db().begin().await?;
        let sql = "DELETE FROM staff_session WHERE id = $1 AND account = $2";
        let ended = tx.run(sql, vec![uuid(id), uuid(account)]).await? == 1;
        if ended {
            self.note_in(&mut tx, now, by, &Entry::new(act, subject(account))).await?;
        }
        tx.commit().await?;
        Ok(ended)
    }

    /// All of an account, or all but one.
    pub async fn end_sessions(
        &self,
        now: Timestamp,
        by: &By,
        account: Uuid,
        but: Option<Uuid>,
    ) -> Result<u64, Unavailable> {
        let mut tx = self.db().begin().await?;
        let count = end_all(&mut tx, account, but).await?;
        if count > 0 {
            let entry = Entry::new(Act::SessionEnded, subject(account));
            self.note_in(&mut tx, now, by, &entry.with(json!({ "count": count }))).await?;
        }
        tx.commit().await?;
        Ok(count)
    }
}

pub(super) async fn end(tx: &mut Tx<'_>, id: Uuid) -> Result<(), Error> {
    tx.run("DELETE FROM staff_session WHERE id = $1", vec![uuid(id)]).await.map(drop)
}

pub(super) async fn end_all(
    tx: &mut Tx<'_>,
    account: Uuid,
    but: Option<Uuid>,
) -> Result<u64, Error> {
    let sql = "DELETE FROM staff_session WHERE account = $1 AND id <> $2";
    tx.run(sql, vec![uuid(account), uuid(but.unwrap_or_default())]).await
}

impl How {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Link => "link",
            Self::Totp => "totp",
            Self::Code => "code",
            Self::Provider => "provider",
        }
    }

    /// Of its word for people.
    pub fn text_id(self) -> &'static str {
        match self {
            Self::Password => "console-how-password",
            Self::Link => "console-how-link",
            Self::Totp => "console-how-totp",
            Self::Code => "console-how-code",
            Self::Provider => "console-how-provider",
        }
    }

    fn read(row: &Row, at: usize) -> Result<Self, Error> {
        let word = row.text(at)?;
        let all = [Self::Password, Self::Link, Self::Totp, Self::Code, Self::Provider];
        let found = all.into_iter().find(|how| how.as_str() == word);
        found.ok_or_else(|| Error::Bug(format!("staff_session: `{word}`")))
    }
}

/// Of a session that is not enough yet.
const HALF: SignedDuration = SignedDuration::from_mins(10);
const SEEN_EVERY: SignedDuration = SignedDuration::from_mins(1);
const COLUMNS: &[&str] =
    &["token", "id", "account", "how", "opened_at", "seen_at", "ends_at", "client"];
