//! Who a provider vouches for: which account is theirs.
//!
//! The first time by its name; from then on by the provider's own name for them, so that nobody who
//! takes the name over there gets the account.

use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::{Act, By, Entry, From, How, Staff, Token, account::normal, subject};
use crate::db::{Error, Tx, Unavailable, int, key, text, uuid};

/// What came of it.
#[derive(Clone, Debug)]
pub enum Provided {
    Opened(Token),
    /// No account is called so, or it is disabled.
    Unknown,
    /// The account of that name is another person's there.
    Others,
}

impl Staff {
    /// `issuer` vouches for `person`, whom it calls `name`.
    pub async fn sign_in_provided(
        &self,
        now: Timestamp,
        from: &From,
        (issuer, person): (&str, &str),
        name: Option<&str>,
    ) -> Result<Provided, Unavailable> {
        let mac = self.secret().mac_key("staff identity");
        let identity = mac.sign_parts(&[issuer.as_bytes(), b"\0", person.as_bytes()]);
        let mut tx = self.db().begin().await?;
        let account = match bound(&mut tx, &identity).await? {
            Some(account) => account,
            None => match self.bind(&mut tx, now, from, &identity, name).await? {
                Ok(account) => account,
                Err(fault) => {
                    let entry = Entry::new(Act::SignInFailed, "").with(json!({ "at": "provider" }));
                    self.note_in(&mut tx, now, &By::nobody(from.ip), &entry).await?;
                    tx.commit().await?;
                    return Ok(fault);
                }
            },
        };
        let found = self.find_in(&mut tx, account).await?;
        if found.is_none_or(|account| account.disabled_at.is_some()) {
            let entry = Entry::new(Act::SignInFailed, subject(account));
            let entry = entry.with(json!({ "at": "provider" }));
            self.note_in(&mut tx, now, &By::nobody(from.ip), &entry).await?;
            tx.commit().await?;
            return Ok(Provided::Unknown);
        }
        let token = self.open_in(&mut tx, now, account, How::Provider, from).await?;
        tx.commit().await?;
        Ok(Provided::Opened(token))
    }

    /// For the first time.
    async fn bind(
        &self,
        tx: &mut Tx<'_>,
        now: Timestamp,
        from: &From,
        identity: &[u8; 32],
        name: Option<&str>,
    ) -> Result<Result<Uuid, Provided>, Error> {
        let Some(name) = name else { return Ok(Err(Provided::Unknown)) };
        let sql = "SELECT id FROM account WHERE name = $1 AND disabled_at IS NULL";
        let rows = tx.rows(sql, vec![text(normal(name))]).await?;
        let Some(account) = rows.first().map(|row| row.uuid(0)).transpose()? else {
            return Ok(Err(Provided::Unknown));
        };
        let row = vec![uuid(account), key(identity), int(now.as_millisecond())];
        let columns = ["account", "identity", "bound_at"];
        let twice = "ON CONFLICT DO NOTHING";
        if tx.insert("account_identity", &columns, row, twice).await? == 0 {
            return Ok(Err(Provided::Others));
        }
        let by = By::staff(account, from.ip);
        self.note_in(tx, now, &by, &Entry::new(Act::IdentityBound, subject(account))).await?;
        Ok(Ok(account))
    }
}

async fn bound(tx: &mut Tx<'_>, identity: &[u8; 32]) -> Result<Option<Uuid>, Error> {
    let sql = "SELECT account FROM account_identity WHERE identity = $1";
    let rows = tx.rows(sql, vec![key(identity)]).await?;
    rows.first().map(|row| row.uuid(0)).transpose()
}

/// The next who signs in by the account's name at the provider is its owner.
pub(super) async fn forget(tx: &mut Tx<'_>, account: Uuid) -> Result<(), Error> {
    let sql = "DELETE FROM account_identity WHERE account = $1";
    tx.run(sql, vec![uuid(account)]).await.map(drop)
}
