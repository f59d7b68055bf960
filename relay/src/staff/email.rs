//! Where an account's letters go: nothing but a link is sent to an address before its owner, signed in,
//! has followed that link. One that was typed wrong gets no figures of anybody's.

use jiff::{SignedDuration, Timestamp};
use policy::Address;
use uuid::Uuid;

use super::{Act, By, Entry, Staff, Token, subject};
use crate::{
    at_rest::{self, Column, Part},
    db::{Arg, Error, Tx, Unavailable, int, key, uuid},
};

/// What came of a wish for another address.
#[derive(Clone, Debug)]
pub enum Sent {
    /// The link has to be sent there.
    Link(Token),
    /// There is nothing to do: it is confirmed, or its link was sent a moment ago.
    Nothing,
    /// It is no address.
    Wrong,
}

impl Staff {
    /// In place of the former one. To the same address another link is made, not before a minute is
    /// over: nobody's mailbox is filled by a button.
    pub async fn set_email(
        &self,
        now: Timestamp,
        by: &By,
        id: Uuid,
        email: &str,
    ) -> Result<Sent, Unavailable> {
        let email = email.trim();
        if email.len() > EMAIL_MAX || Address::parse(email).is_err() {
            return Ok(Sent::Wrong);
        }
        let mut tx = self.db().begin().await?;
        let Some(before) = self.find_in(&mut tx, id).await? else { return Ok(Sent::Nothing) };
        let is_new = before.email.as_deref() != Some(email);
        if !is_new && (before.email_confirmed || was_sent(&mut tx, now, id).await?) {
            return Ok(Sent::Nothing);
        }
        if is_new {
            let row = [Part::Uuid(id)];
            at_rest::follow(&mut tx, self.secret()).await?;
            let sealed = at_rest::seal(self.secret(), Column::AccountEmail, &row, email.as_bytes());
            let sql = "UPDATE account SET email = $2, email_confirmed_at = NULL WHERE id = $1";
            tx.run(sql, vec![uuid(id), Arg::bytes(sealed)]).await?;
            self.note_in(&mut tx, now, by, &Entry::new(Act::EmailChanged, subject(id))).await?;
        }
        let token = Token::generate();
        let hash = token.hash();
        take_link(&mut tx, id).await?;
        let row = vec![uuid(id), key(&hash), int(now.as_millisecond())];
        tx.insert("account_email_link", &["account", "token", "made_at"], row, "").await?;
        tx.commit().await?;
        Ok(Sent::Link(token))
    }

    /// Without an address there are no letters.
    pub async fn forget_email(&self, now: Timestamp, by: &By, id: Uuid) -> Result<(), Unavailable> {
        let mut tx = self.db().begin().await?;
        take_link(&mut tx, id).await?;
        let sql = "UPDATE account SET email = NULL, email_confirmed_at = NULL \
                   WHERE id = $1 AND email IS NOT NULL";
        if tx.run(sql, vec![uuid(id)]).await? == 1 {
            self.note_in(&mut tx, now, by, &Entry::new(Act::EmailChanged, subject(id))).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Whether the link is the account's and still counts; looking uses nothing up.
    pub async fn may_confirm(
        &self,
        now: Timestamp,
        id: Uuid,
        token: &Token,
    ) -> Result<bool, Unavailable> {
        let mut conn = self.db().read().await?;
        let sql = "SELECT 1 FROM account_email_link WHERE account = $1 AND token = $2 \
                   AND made_at > $3";
        let hash = token.hash();
        let since = before(now, LASTS);
        Ok(!conn.rows(sql, vec![uuid(id), key(&hash), int(since)]).await?.is_empty())
    }

    /// Uses the link up; whether it counted.
    pub async fn confirm_email(
        &self,
        now: Timestamp,
        by: &By,
        id: Uuid,
        token: &Token,
    ) -> Result<bool, Unavailable> {
        let mut tx = self.db().begin().await?;
        let sql = "DELETE FROM account_email_link WHERE account = $1 AND token = $2 \
                   AND made_at > $3";
        let hash = token.hash();
        let args = vec![uuid(id), key(&hash), int(before(now, LASTS))];
        if tx.run(sql, args).await? != 1 {
            return Ok(false);
        }
        let sql = "UPDATE account SET email_confirmed_at = $2 WHERE id = $1";
        tx.run(sql, vec![uuid(id), int(now.as_millisecond())]).await?;
        self.note_in(&mut tx, now, by, &Entry::new(Act::EmailConfirmed, subject(id))).await?;
        tx.commit().await?;
        Ok(true)
    }
}

async fn was_sent(tx: &mut Tx<'_>, now: Timestamp, id: Uuid) -> Result<bool, Error> {
    let sql = "SELECT made_at FROM account_email_link WHERE account = $1";
    let rows = tx.rows(sql, vec![uuid(id)]).await?;
    let made_at = rows.first().map(|row| row.time(0)).transpose()?;
    Ok(made_at.is_some_and(|at| at.as_millisecond() > before(now, AGAIN)))
}

async fn take_link(tx: &mut Tx<'_>, id: Uuid) -> Result<(), Error> {
    let sql = "DELETE FROM account_email_link WHERE account = $1";
    tx.run(sql, vec![uuid(id)]).await.map(drop)
}

fn before(now: Timestamp, time: SignedDuration) -> i64 {
    now.checked_sub(time).unwrap_or(Timestamp::MIN).as_millisecond()
}

/// RFC 5321 §4.5.3.1.3, without the angle brackets.
const EMAIL_MAX: usize = 254;
/// As long as the other one-time links of the console.
const LASTS: SignedDuration = SignedDuration::from_hours(24);
const AGAIN: SignedDuration = SignedDuration::from_mins(1);
