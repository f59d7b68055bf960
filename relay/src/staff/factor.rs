//! The second factor of an account: offered, then kept once a code of it was typed back.
//!
//! What is offered is kept nowhere: the page carries it sealed, bound to its session.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{Act, By, Entry, From, How, Session, Staff, Token, code, session, subject, totp};
use crate::{
    at_rest::{self, Column, Part},
    db::{Arg, Error, Tx, Unavailable, int, uuid},
    seal,
};

/// A secret that may become the second factor.
pub struct Offer {
    key: totp::Key,
}

/// It is the account's now.
#[derive(Debug)]
pub struct Enrolled {
    /// To be shown this once.
    pub codes: Vec<String>,
    /// In place of a session that was waiting for it.
    pub token: Option<Token>,
}

impl Offer {
    pub fn generate() -> Self {
        Self { key: seal::random() }
    }

    /// As it is typed into an app.
    pub fn base32(&self) -> String {
        seal::base32(&self.key)
    }

    /// As an app reads it from a picture.
    pub fn url(&self, issuer: &str, account: &str) -> String {
        totp::url(&self.key, issuer, account)
    }

    /// For the page, and for that session alone.
    pub fn seal(&self, staff: &Staff, now: Timestamp, session: Uuid) -> String {
        let mut plain = vec![FORM];
        plain.extend(session.as_bytes());
        plain.extend(now.as_millisecond().to_be_bytes());
        plain.extend(self.key);
        staff.secret().seal_token(&plain)
    }

    /// `None` where it was another session's, or is old.
    pub fn open(staff: &Staff, now: Timestamp, session: Uuid, sealed: &str) -> Option<Self> {
        let plain = staff.secret().open_token(sealed)?;
        let (form, rest) = plain.split_first()?;
        let (owner, rest) = rest.split_first_chunk::<16>()?;
        let (at, key) = rest.split_first_chunk::<8>()?;
        let at = Timestamp::from_millisecond(i64::from_be_bytes(*at)).ok()?;
        let is_ours = *form == FORM && owner == session.as_bytes();
        let is_fresh = now.duration_since(at) <= OFFERED;
        let key = key.try_into().ok()?;
        (is_ours && is_fresh).then_some(Self { key })
    }
}

impl Staff {
    /// Makes it the account's second factor, where the code is one of it; `None` where it is not. All
    /// other sessions are over.
    pub async fn enrol(
        &self,
        now: Timestamp,
        from: &From,
        session: &Session,
        offer: &Offer,
        typed: &str,
    ) -> Result<Option<Enrolled>, Unavailable> {
        let account = session.account.id;
        let Some(step) = totp::accepted(&offer.key, typed, now, 0) else { return Ok(None) };
        let row = [Part::Uuid(account)];
        let sealed = at_rest::seal(self.secret(), Column::AccountTotp, &row, &offer.key);
        let mut tx = self.db().begin().await?;
        let sql = "UPDATE account SET totp = $2, totp_step = $3 WHERE id = $1";
        tx.run(sql, vec![uuid(account), Arg::bytes(sealed), int(step)]).await?;
        let codes = self.new_codes(&mut tx, account).await?;
        session::end_all(&mut tx, account, Some(session.id)).await?;
        let by = By::staff(account, from.ip);
        let entry = Entry::new(Act::FactorEnrolled, subject(account));
        self.note_in(&mut tx, now, &by, &entry).await?;
        let token = match session.how {
            How::Password | How::Link => {
                session::end(&mut tx, session.id).await?;
                Some(self.open_in(&mut tx, now, account, How::Totp, from).await?)
            }
            How::Totp | How::Code | How::Provider => None,
        };
        tx.commit().await?;
        Ok(Some(Enrolled { codes, token }))
    }

    /// New recovery codes in place of all old ones, to be shown this once.
    pub async fn renew_codes(
        &self,
        now: Timestamp,
        by: &By,
        account: Uuid,
    ) -> Result<Vec<String>, Unavailable> {
        let mut tx = self.db().begin().await?;
        let codes = self.new_codes(&mut tx, account).await?;
        self.note_in(&mut tx, now, by, &Entry::new(Act::CodesMade, subject(account))).await?;
        tx.commit().await?;
        Ok(codes)
    }
}

pub(super) async fn forget(tx: &mut Tx<'_>, account: Uuid) -> Result<(), Error> {
    code::forget_codes(tx, account).await?;
    let sql = "UPDATE account SET totp = NULL, totp_step = 0 WHERE id = $1";
    tx.run(sql, vec![uuid(account)]).await.map(drop)
}

/// Cursors and links in messages begin with others.
const FORM: u8 = 0xF2;
const OFFERED: SignedDuration = SignedDuration::from_mins(15);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Console, db::Db, seal::Secret};

    #[tokio::test]
    async fn an_offer_is_for_its_own_session_and_for_a_while() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("x.db").display());
        let db = Db::open(&url).await.unwrap();
        let staff = Staff::new(db, Secret::from_bytes([1; 32]), Console::default());
        let (ours, theirs) = (Uuid::now_v7(), Uuid::now_v7());
        let at = |minutes| Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes);
        let offer = Offer::generate();
        let sealed = offer.seal(&staff, at(0), ours);
        let open = |minutes, session| {
            Offer::open(&staff, at(minutes), session, &sealed).map(|offer| offer.base32())
        };
        assert_eq!(open(15, ours), Some(offer.base32()));
        assert_eq!(open(16, ours), None);
        assert_eq!(open(0, theirs), None);
        assert!(Offer::open(&staff, at(0), ours, "abc").is_none());
    }
}
