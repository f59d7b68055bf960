//! Signing in: the name and the password, then the second factor.
//!
//! Whoever fails learns nothing: an unknown name, one that is disabled and one that has no password
//! yet cost the same time and get the same words as a wrong password.

use jiff::Timestamp;
use serde_json::json;

use super::{
    Act, By, Entry, From, How, Session, Staff, Token, account::normal, session, subject, totp,
};
use crate::{
    at_rest::{self, Column, Part},
    db::{Error, Tx, Unavailable, int, text, uuid},
    login::password::NOBODY,
};

/// What came of an attempt.
#[derive(Clone, Debug)]
pub enum SignIn {
    /// How far the session lets is its stage's to say.
    Opened(Token),
    Wrong,
    /// Nothing was checked: too many failures lately.
    Locked {
        until: Timestamp,
    },
}

impl Staff {
    pub async fn sign_in(
        &self,
        now: Timestamp,
        from: &From,
        name: &str,
        password: &str,
    ) -> Result<SignIn, Unavailable> {
        let name = normal(name);
        let trial = self.trial(&name, from.ip);
        if let Some(until) = trial.begin(self.db(), now).await? {
            return Ok(SignIn::Locked { until });
        }
        let sql = "SELECT id, hash, disabled_at FROM account WHERE name = $1";
        let rows = self.db().read().await?.rows(sql, vec![text(&name)]).await?;
        let found = match rows.first() {
            Some(row) => Some((row.uuid(0)?, row.opt_text(1)?, row.opt_int(2)?.is_some())),
            None => None,
        };
        let hash = found.as_ref().and_then(|(_, hash, _)| hash.as_deref()).unwrap_or(NOBODY);
        let is_right = self.matches(hash, password).await?;
        let mut tx = self.db().begin().await?;
        let account = match found {
            Some((id, Some(_), false)) if is_right => id,
            other => {
                let known = other.map(|(id, ..)| subject(id)).unwrap_or_default();
                self.failed(&mut tx, now, from, known, "password").await?;
                tx.commit().await?;
                return Ok(SignIn::Wrong);
            }
        };
        let token = self.open_in(&mut tx, now, account, How::Password, from).await?;
        trial.half_done(&mut tx).await?;
        tx.commit().await?;
        Ok(SignIn::Opened(token))
    }

    /// A code of the app or a recovery code, for a session that waits for one: it is over then, and
    /// another is opened.
    pub async fn sign_in_with_factor(
        &self,
        now: Timestamp,
        from: &From,
        half: &Session,
        typed: &str,
    ) -> Result<SignIn, Unavailable> {
        let account = half.account.id;
        let trial = self.trial(&half.account.name, from.ip);
        if let Some(until) = trial.begin(self.db(), now).await? {
            return Ok(SignIn::Locked { until });
        }
        let mut tx = self.db().begin().await?;
        let how = if self.use_totp(&mut tx, now, half, typed).await? {
            How::Totp
        } else if self.use_code(&mut tx, account, typed).await? {
            How::Code
        } else {
            self.failed(&mut tx, now, from, subject(account), "factor").await?;
            tx.commit().await?;
            return Ok(SignIn::Wrong);
        };
        session::end(&mut tx, half.id).await?;
        trial.succeeded(&mut tx).await?;
        let token = self.open_in(&mut tx, now, account, how, from).await?;
        tx.commit().await?;
        Ok(SignIn::Opened(token))
    }

    /// Whether this is the account's password, as it is asked for again before something grave.
    pub async fn is_password(
        &self,
        now: Timestamp,
        from: &From,
        session: &Session,
        password: &str,
    ) -> Result<bool, Unavailable> {
        let account = &session.account;
        let trial = self.trial(&account.name, from.ip);
        if trial.begin(self.db(), now).await?.is_some() {
            return Ok(false);
        }
        let sql = "SELECT hash FROM account WHERE id = $1";
        let rows = self.db().read().await?.rows(sql, vec![uuid(account.id)]).await?;
        let hash = rows.first().map(|row| row.opt_text(0)).transpose()?.flatten();
        let is_right = self.matches(hash.as_deref().unwrap_or(NOBODY), password).await?;
        let mut tx = self.db().begin().await?;
        if is_right && hash.is_some() {
            trial.half_done(&mut tx).await?;
        } else {
            self.failed(&mut tx, now, from, subject(account.id), "password").await?;
        }
        tx.commit().await?;
        Ok(is_right && hash.is_some())
    }

    /// A step counts once, also where two come at the same time.
    async fn use_totp(
        &self,
        tx: &mut Tx<'_>,
        now: Timestamp,
        half: &Session,
        typed: &str,
    ) -> Result<bool, Error> {
        let id = half.account.id;
        let sql = "SELECT totp, totp_step FROM account WHERE id = $1";
        let rows = tx.rows(sql, vec![uuid(id)]).await?;
        let Some(row) = rows.first() else { return Ok(false) };
        let Some(sealed) = row.opt_bytes(0)? else { return Ok(false) };
        let key = at_rest::open(self.secret(), Column::AccountTotp, &[Part::Uuid(id)], sealed)?;
        let Some(step) = totp::accepted(&key, typed, now, row.int(1)?) else { return Ok(false) };
        let sql = "UPDATE account SET totp_step = $2 WHERE id = $1 AND totp_step < $2";
        Ok(tx.run(sql, vec![uuid(id), int(step)]).await? == 1)
    }

    async fn failed(
        &self,
        tx: &mut Tx<'_>,
        now: Timestamp,
        from: &From,
        subject: String,
        what: &str,
    ) -> Result<(), Error> {
        let entry = Entry::new(Act::SignInFailed, subject).with(json!({ "wrong": what }));
        self.note_in(tx, now, &By::nobody(from.ip), &entry).await
    }
}
