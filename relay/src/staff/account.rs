//! The accounts: who there is, what each may do, and what an admin changes.

use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::{Act, Action, By, Entry, Held, Rights, Role, Staff, change, code, session, subject};
use crate::{
    at_rest::{self, Column, Part},
    db::{Arg, Conn, Error, Row, Tx, Unavailable, int, text, uuid},
    login::check_name,
};

/// One account, without its secrets.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Account {
    pub id: Uuid,
    pub name: String,
    pub email: Option<String>,
    /// Its owner followed a link that was sent there.
    pub email_confirmed: bool,
    /// `cs`.
    pub language: String,
    pub rights: Rights,
    /// It has followed its link.
    pub has_password: bool,
    pub has_factor: bool,
    pub created_at: Timestamp,
    pub disabled_at: Option<Timestamp>,
    pub last_sign_in_at: Option<Timestamp>,
}

/// An account that is to be.
#[derive(Clone, Debug)]
pub struct New {
    pub name: String,
    pub email: Option<String>,
    pub language: String,
    pub rights: Rights,
}

/// What a change can come to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Changed {
    Done,
    /// There is no such account.
    Unknown,
    /// The name is taken.
    Taken,
    /// 1 to 64 of `a-z 0-9 . _ + - @`.
    NameWrong,
    /// Nobody would be left who may change accounts.
    LastAdmin,
}

impl Staff {
    /// Whether there is no account yet.
    pub async fn is_empty(&self) -> Result<bool, Unavailable> {
        Ok(is_empty(&mut self.db().read().await?).await?)
    }

    /// By name.
    pub async fn accounts(&self) -> Result<Vec<Account>, Unavailable> {
        let mut conn = self.db().read().await?;
        Ok(self.read_accounts(&mut conn, "ORDER BY name", vec![]).await?)
    }

    pub async fn account(&self, id: Uuid) -> Result<Option<Account>, Unavailable> {
        let mut conn = self.db().read().await?;
        let mut found = self.read_accounts(&mut conn, "WHERE id = $1", vec![uuid(id)]).await?;
        Ok(found.pop())
    }

    pub async fn account_named(&self, name: &str) -> Result<Option<Account>, Unavailable> {
        let mut conn = self.db().read().await?;
        let by_name = vec![text(normal(name))];
        Ok(self.read_accounts(&mut conn, "WHERE name = $1", by_name).await?.pop())
    }

    /// Adds one that has no password yet: its owner chooses it by a link.
    pub async fn add_account(
        &self,
        now: Timestamp,
        by: &By,
        new: &New,
    ) -> Result<Result<Uuid, Changed>, Unavailable> {
        let mut tx = self.db().begin().await?;
        let added = self.insert_account(&mut tx, now, by, new).await?;
        if added.is_ok() {
            tx.commit().await?;
        }
        Ok(added)
    }

    pub(super) async fn insert_account(
        &self,
        tx: &mut Tx<'_>,
        now: Timestamp,
        by: &By,
        new: &New,
    ) -> Result<Result<Uuid, Changed>, Error> {
        let name = normal(&new.name);
        if check_name(&name).is_err() {
            return Ok(Err(Changed::NameWrong));
        }
        let id = Uuid::now_v7();
        let email = new.email.as_ref().map(|email| {
            let row = [Part::Uuid(id)];
            at_rest::seal(self.secret(), Column::AccountEmail, &row, email.as_bytes()).into()
        });
        let row = vec![
            uuid(id),
            text(name),
            Arg::Bytes(email),
            text(&new.language),
            int(now.as_millisecond()),
        ];
        let columns = ["id", "name", "email", "language", "created_at"];
        let twice = "ON CONFLICT (name) DO NOTHING";
        if tx.insert("account", &columns, row, twice).await? == 0 {
            return Ok(Err(Changed::Taken));
        }
        write_rights(tx, id, &new.rights).await?;
        let entry = Entry::new(Act::AccountAdded, subject(id)).with(told(&new.rights));
        self.note_in(tx, now, by, &entry).await?;
        Ok(Ok(id))
    }

    pub async fn set_rights(
        &self,
        now: Timestamp,
        by: &By,
        id: Uuid,
        rights: &Rights,
    ) -> Result<Changed, Unavailable> {
        let mut tx = self.db().begin().await?;
        lock_admins(&mut tx).await?;
        let Some(before) = self.find_in(&mut tx, id).await? else { return Ok(Changed::Unknown) };
        if before.rights == *rights {
            return Ok(Changed::Done);
        }
        write_rights(&mut tx, id, rights).await?;
        if !has_admin(&mut tx).await? {
            return Ok(Changed::LastAdmin);
        }
        let entry = Entry::new(Act::RightsChanged, subject(id))
            .with(change(told(&before.rights), told(rights)));
        self.note_in(&mut tx, now, by, &entry).await?;
        tx.commit().await?;
        Ok(Changed::Done)
    }

    /// One that is disabled cannot sign in, and its sessions are over.
    pub async fn set_disabled(
        &self,
        now: Timestamp,
        by: &By,
        id: Uuid,
        disabled: bool,
    ) -> Result<Changed, Unavailable> {
        let mut tx = self.db().begin().await?;
        lock_admins(&mut tx).await?;
        let Some(before) = self.find_in(&mut tx, id).await? else { return Ok(Changed::Unknown) };
        if before.disabled_at.is_some() == disabled {
            return Ok(Changed::Done);
        }
        let at = disabled.then(|| now.as_millisecond());
        let sql = "UPDATE account SET disabled_at = $2 WHERE id = $1";
        tx.run(sql, vec![uuid(id), Arg::Int(at)]).await?;
        let act = if disabled {
            if !has_admin(&mut tx).await? {
                return Ok(Changed::LastAdmin);
            }
            session::end_all(&mut tx, id, None).await?;
            for table in ["staff_link", "account_email_link"] {
                let sql = format!("DELETE FROM {table} WHERE account = $1");
                tx.run(&sql, vec![uuid(id)]).await?;
            }
            Act::AccountDisabled
        } else {
            self.unlock(&mut tx, &before.name).await?;
            Act::AccountEnabled
        };
        self.note_in(&mut tx, now, by, &Entry::new(act, subject(id))).await?;
        tx.commit().await?;
        Ok(Changed::Done)
    }

    /// Of the console's pages.
    pub async fn set_language(&self, id: Uuid, language: &str) -> Result<(), Unavailable> {
        let mut tx = self.db().begin().await?;
        let sql = "UPDATE account SET language = $2 WHERE id = $1";
        tx.run(sql, vec![uuid(id), text(language)]).await?;
        Ok(tx.commit().await?)
    }

    /// How many of its recovery codes are left.
    pub async fn codes_left(&self, id: Uuid) -> Result<i64, Unavailable> {
        Ok(code::codes_left(&mut self.db().read().await?, id).await?)
    }

    pub(super) async fn find_in(
        &self,
        tx: &mut Tx<'_>,
        id: Uuid,
    ) -> Result<Option<Account>, Error> {
        Ok(self.read_accounts(tx, "WHERE id = $1", vec![uuid(id)]).await?.pop())
    }

    async fn read_accounts(
        &self,
        conn: &mut Conn<'_>,
        which: &str,
        args: Vec<Arg<'_>>,
    ) -> Result<Vec<Account>, Error> {
        let sql = format!(
            "SELECT id, name, email, language, hash, totp, created_at, disabled_at, \
             last_sign_in_at, email_confirmed_at FROM account {which}"
        );
        let rows = conn.rows(&sql, args).await?;
        let mut all = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut account = self.read(row)?;
            account.rights = rights(conn, account.id).await?;
            all.push(account);
        }
        Ok(all)
    }

    fn read(&self, row: &Row) -> Result<Account, Error> {
        let id = row.uuid(0)?;
        let open = |email| {
            at_rest::open_text(self.secret(), Column::AccountEmail, &[Part::Uuid(id)], email)
        };
        Ok(Account {
            id,
            name: row.text(1)?,
            email: row.opt_bytes(2)?.map(open).transpose()?,
            email_confirmed: row.opt_int(9)?.is_some(),
            language: row.text(3)?,
            rights: Rights::default(),
            has_password: row.opt_text(4)?.is_some(),
            has_factor: row.opt_bytes(5)?.is_some(),
            created_at: row.time(6)?,
            disabled_at: row.opt_time(7)?,
            last_sign_in_at: row.opt_time(8)?,
        })
    }
}

pub(super) async fn is_empty(conn: &mut Conn<'_>) -> Result<bool, Error> {
    Ok(conn.rows("SELECT id FROM account LIMIT 1", vec![]).await?.is_empty())
}

async fn rights(conn: &mut Conn<'_>, account: Uuid) -> Result<Rights, Error> {
    let sql =
        "SELECT role, controller FROM account_role WHERE account = $1 ORDER BY role, controller";
    let rows = conn.rows(sql, vec![uuid(account)]).await?;
    let held = |row: &Row| {
        let word = row.text(0)?;
        let role = Role::parse(&word);
        let role = role.ok_or_else(|| Error::Bug(format!("account_role: `{word}`")))?;
        Ok(Held { role, controller: Some(row.text(1)?).filter(|id| !id.is_empty()) })
    };
    let held = rows.iter().map(held).collect::<Result<_, Error>>()?;
    let sql = "SELECT login FROM account_login WHERE account = $1 ORDER BY login";
    let rows = conn.rows(sql, vec![uuid(account)]).await?;
    Ok(Rights { held, logins: rows.iter().map(|row| row.text(0)).collect::<Result<_, _>>()? })
}

async fn write_rights(tx: &mut Tx<'_>, account: Uuid, rights: &Rights) -> Result<(), Error> {
    for table in ["account_role", "account_login"] {
        let sql = format!("DELETE FROM {table} WHERE account = $1");
        tx.run(&sql, vec![uuid(account)]).await?;
    }
    let roles = rights.held.iter().flat_map(|held| {
        let controller = held.controller.as_deref().unwrap_or_default();
        [uuid(account), text(held.role.as_str()), text(controller)]
    });
    let twice = "ON CONFLICT DO NOTHING";
    let columns = ["account", "role", "controller"];
    tx.insert("account_role", &columns, roles.collect(), twice).await?;
    let logins = rights.logins.iter().flat_map(|login| [uuid(account), text(login)]);
    tx.insert("account_login", &["account", "login"], logins.collect(), twice).await?;
    Ok(())
}

/// Whether somebody is left who may change accounts.
async fn has_admin(tx: &mut Tx<'_>) -> Result<bool, Error> {
    let sql = format!(
        "SELECT a.id FROM account a JOIN account_role r ON r.account = a.id \
         WHERE r.role IN ({}) AND r.controller = '' AND a.disabled_at IS NULL LIMIT 1",
        admins()
    );
    Ok(!tx.rows(&sql, vec![]).await?.is_empty())
}

/// Two of them who disable each other at the same moment come one after the other, and the second
/// finds that nobody would be left.
async fn lock_admins(tx: &mut Tx<'_>) -> Result<(), Error> {
    // SQLite's transactions that write come one after another anyway.
    if tx.is_sqlite() {
        return Ok(());
    }
    let sql = format!(
        "SELECT account FROM account_role WHERE role IN ({}) AND controller = '' \
         ORDER BY account, role FOR UPDATE",
        admins()
    );
    tx.rows(&sql, vec![]).await.map(drop)
}

/// The roles that may change accounts, as a list of a statement.
fn admins() -> String {
    let roles = Action::ChangeAccounts.roles();
    let roles: Vec<String> = roles.iter().map(|role| format!("'{}'", role.as_str())).collect();
    roles.join(", ")
}

fn told(rights: &Rights) -> serde_json::Value {
    let roles: Vec<String> = rights.held.iter().map(ToString::to_string).collect();
    json!({ "roles": roles, "logins": rights.logins })
}

/// Names are compared without regard to ASCII case.
pub(super) fn normal(name: &str) -> String {
    name.trim().to_ascii_lowercase()
}
