//! Links that are followed once, by which an account's owner chooses a password: the first account of
//! an installation, one that an admin made, one whose owner forgot.
//!
//! To look at the page uses nothing up, because scanners follow links.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

use super::{
    Account, Act, By, Changed, Entry, From, How, New, Staff, Token, account, factor, identity,
    session, subject,
};
use crate::{
    db::{Arg, Error, Row, Tx, Unavailable, int, key, text, uuid},
    login::password::PasswordFault,
};

/// What a link is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Purpose {
    /// The first account, which may do everything.
    First,
    /// The password of an account.
    Password,
    /// And its second factor is forgotten: app and codes are lost.
    PasswordAndFactor,
}

/// A link that still counts.
#[derive(Clone, Debug)]
pub struct Link {
    pub purpose: Purpose,
    /// Whose password; `None` for the first account.
    pub account: Option<Account>,
}

/// What came of following one.
#[derive(Clone, Debug)]
pub enum Followed {
    Opened(Token),
    /// It was used, or its time is over.
    Gone,
    Weak(PasswordFault),
    /// The first account cannot be called so.
    Name(Changed),
}

impl Staff {
    /// The link to the first account, in place of those before; `None` once there is an account.
    pub async fn first_link(&self, now: Timestamp) -> Result<Option<Token>, Unavailable> {
        let mut tx = self.db().begin().await?;
        if !account::is_empty(&mut tx).await? {
            return Ok(None);
        }
        tx.run("DELETE FROM staff_link WHERE purpose = 'first'", vec![]).await?;
        let token = insert(&mut tx, now, Purpose::First, None).await?;
        tx.commit().await?;
        Ok(Some(token))
    }

    /// A new one in place of an account's former ones; `None` where there is no such account, or it
    /// is disabled.
    pub async fn make_link(
        &self,
        now: Timestamp,
        by: &By,
        id: Uuid,
        purpose: Purpose,
    ) -> Result<Option<Token>, Unavailable> {
        let mut tx = self.db().begin().await?;
        let found = self.find_in(&mut tx, id).await?;
        if found.is_none_or(|account| account.disabled_at.is_some()) {
            return Ok(None);
        }
        tx.run("DELETE FROM staff_link WHERE account = $1", vec![uuid(id)]).await?;
        let token = insert(&mut tx, now, purpose, Some(id)).await?;
        let detail = json!({ "purpose": purpose.as_str() });
        let entry = Entry::new(Act::LinkMade, subject(id)).with(detail);
        self.note_in(&mut tx, now, by, &entry).await?;
        tx.commit().await?;
        Ok(Some(token))
    }

    /// What a link is for, as long as it counts.
    pub async fn link(&self, now: Timestamp, token: &Token) -> Result<Option<Link>, Unavailable> {
        let mut conn = self.db().read().await?;
        let sql = "SELECT purpose, account FROM staff_link WHERE token = $1 AND ends_at > $2";
        let hash = token.hash();
        let rows = conn.rows(sql, vec![key(&hash), int(now.as_millisecond())]).await?;
        drop(conn);
        let Some(row) = rows.first() else { return Ok(None) };
        let (purpose, id) = read(row)?;
        let account = match id {
            Some(id) => self.account(id).await?,
            None => None,
        };
        if purpose == Purpose::First && !self.is_empty().await? {
            return Ok(None);
        }
        Ok(Some(Link { purpose, account }))
    }

    /// Makes the first account, and signs its owner in.
    pub async fn follow_first(
        &self,
        now: Timestamp,
        from: &From,
        token: &Token,
        (new, password): (&New, &str),
    ) -> Result<Followed, Unavailable> {
        let hash = match self.hashed(password).await? {
            Ok(hash) => hash,
            Err(fault) => return Ok(Followed::Weak(fault)),
        };
        let mut tx = self.db().begin().await?;
        let used = take(&mut tx, now, token).await?;
        if used != Some((Purpose::First, None)) || !account::is_empty(&mut tx).await? {
            return Ok(Followed::Gone);
        }
        let by = By::nobody(from.ip);
        let id = match self.insert_account(&mut tx, now, &by, new).await? {
            Ok(id) => id,
            Err(fault) => return Ok(Followed::Name(fault)),
        };
        let token = self.settle(&mut tx, now, from, id, &hash).await?;
        tx.commit().await?;
        Ok(Followed::Opened(token))
    }

    /// Sets the password, ends all sessions, and signs the owner in.
    pub async fn follow(
        &self,
        now: Timestamp,
        from: &From,
        token: &Token,
        password: &str,
    ) -> Result<Followed, Unavailable> {
        let hash = match self.hashed(password).await? {
            Ok(hash) => hash,
            Err(fault) => return Ok(Followed::Weak(fault)),
        };
        let mut tx = self.db().begin().await?;
        let Some((purpose, Some(id))) = take(&mut tx, now, token).await? else {
            return Ok(Followed::Gone);
        };
        if purpose == Purpose::PasswordAndFactor {
            factor::forget(&mut tx, id).await?;
            identity::forget(&mut tx, id).await?;
        }
        let token = self.settle(&mut tx, now, from, id, &hash).await?;
        tx.commit().await?;
        Ok(Followed::Opened(token))
    }

    /// A new password in place of the one that was just typed; all other sessions are over.
    pub async fn change_password(
        &self,
        now: Timestamp,
        by: &By,
        (id, session): (Uuid, Uuid),
        password: &str,
    ) -> Result<Result<(), PasswordFault>, Unavailable> {
        let hash = match self.hashed(password).await? {
            Ok(hash) => hash,
            Err(fault) => return Ok(Err(fault)),
        };
        let mut tx = self.db().begin().await?;
        set_password(&mut tx, id, &hash).await?;
        session::end_all(&mut tx, id, Some(session)).await?;
        self.note_in(&mut tx, now, by, &Entry::new(Act::PasswordChanged, subject(id))).await?;
        tx.commit().await?;
        Ok(Ok(()))
    }

    async fn settle(
        &self,
        tx: &mut Tx<'_>,
        now: Timestamp,
        from: &From,
        id: Uuid,
        hash: &str,
    ) -> Result<Token, Error> {
        set_password(tx, id, hash).await?;
        session::end_all(tx, id, None).await?;
        let by = By::staff(id, from.ip);
        self.note_in(tx, now, &by, &Entry::new(Act::PasswordChanged, subject(id))).await?;
        if let Some(account) = self.find_in(tx, id).await? {
            self.unlock(tx, &account.name).await?;
        }
        self.open_in(tx, now, id, How::Link, from).await
    }
}

async fn set_password(tx: &mut Tx<'_>, id: Uuid, hash: &str) -> Result<(), Error> {
    let sql = "UPDATE account SET hash = $2 WHERE id = $1";
    tx.run(sql, vec![uuid(id), text(hash)]).await.map(drop)
}

async fn insert(
    tx: &mut Tx<'_>,
    now: Timestamp,
    purpose: Purpose,
    account: Option<Uuid>,
) -> Result<Token, Error> {
    let over = "DELETE FROM staff_link WHERE ends_at <= $1";
    tx.run(over, vec![int(now.as_millisecond())]).await?;
    let token = Token::generate();
    let ends = now.saturating_add(LASTS).unwrap_or(now);
    let hash = token.hash();
    let row =
        vec![key(&hash), text(purpose.as_str()), Arg::Uuid(account), int(ends.as_millisecond())];
    tx.insert("staff_link", &["token", "purpose", "account", "ends_at"], row, "").await?;
    Ok(token)
}

/// Uses it up; nothing where it does not count.
async fn take(
    tx: &mut Tx<'_>,
    now: Timestamp,
    token: &Token,
) -> Result<Option<(Purpose, Option<Uuid>)>, Error> {
    let hash = token.hash();
    let sql = "SELECT purpose, account FROM staff_link WHERE token = $1 AND ends_at > $2";
    let rows = tx.rows(sql, vec![key(&hash), int(now.as_millisecond())]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    // Of two who follow it at the same time one finds it.
    let gone = tx.run("DELETE FROM staff_link WHERE token = $1", vec![key(&hash)]).await?;
    if gone == 1 { read(row).map(Some) } else { Ok(None) }
}

fn read(row: &Row) -> Result<(Purpose, Option<Uuid>), Error> {
    let word = row.text(0)?;
    let all = [Purpose::First, Purpose::Password, Purpose::PasswordAndFactor];
    let found = all.into_iter().find(|purpose| purpose.as_str() == word);
    let purpose = found.ok_or_else(|| Error::Bug(format!("staff_link: `{word}`")))?;
    Ok((purpose, row.opt_uuid(1)?))
}

impl Purpose {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Password => "password",
            Self::PasswordAndFactor => "password-and-factor",
        }
    }
}

/// Also of the first one: each start of the relay prints a new one.
const LASTS: SignedDuration = SignedDuration::from_hours(24);
