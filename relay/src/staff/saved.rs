//! Filters of lists that somebody gave a name, each account its own.
//!
//! What is looked for may tell of people, so name and filter lie sealed.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Staff;
use crate::{
    at_rest::{self, Column, Part},
    db::{Arg, Conn, Error, Row, Tx, Unavailable, text, uuid},
};

/// One of them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Saved {
    pub id: Uuid,
    /// The list's: `/decisions`.
    pub path: String,
    pub name: String,
    /// What stands behind the `?`.
    pub query: String,
}

/// What came of a change.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kept {
    Done,
    /// There is no such filter, or it is another's.
    Unknown,
    /// The account has [`SAVED_MAX`] already.
    Full,
    /// Empty, longer than 60 letters, or of another filter of the same list.
    NameWrong,
    /// Longer than a URL may be.
    TooLong,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    name: String,
    query: String,
}

impl Staff {
    /// All of an account, by name.
    pub async fn saved(&self, account: Uuid) -> Result<Vec<Saved>, Unavailable> {
        let mut conn = self.db().read().await?;
        Ok(self.read_saved(&mut conn, account).await?)
    }

    /// In place of what the list has under that name.
    pub async fn save_filter(
        &self,
        account: Uuid,
        path: &str,
        name: &str,
        query: &str,
    ) -> Result<Kept, Unavailable> {
        let Some(name) = checked(name) else { return Ok(Kept::NameWrong) };
        if query.len() > QUERY_MAX {
            return Ok(Kept::TooLong);
        }
        let mut tx = self.db().begin().await?;
        let all = self.read_saved(&mut tx, account).await?;
        let same = all.iter().find(|one| one.path == path && one.name == name);
        match same {
            Some(old) => remove(&mut tx, account, old.id).await?,
            None if all.len() >= SAVED_MAX => return Ok(Kept::Full),
            None => 0,
        };
        self.write_saved(&mut tx, account, path, &Told { name, query: query.to_owned() }).await?;
        tx.commit().await?;
        Ok(Kept::Done)
    }

    pub async fn rename_filter(
        &self,
        account: Uuid,
        id: Uuid,
        name: &str,
    ) -> Result<Kept, Unavailable> {
        let Some(name) = checked(name) else { return Ok(Kept::NameWrong) };
        let mut tx = self.db().begin().await?;
        let all = self.read_saved(&mut tx, account).await?;
        let Some(old) = all.iter().find(|one| one.id == id) else { return Ok(Kept::Unknown) };
        let is_taken = |one: &Saved| one.id != id && one.path == old.path && one.name == name;
        if all.iter().any(is_taken) {
            return Ok(Kept::NameWrong);
        }
        remove(&mut tx, account, id).await?;
        let told = Told { name, query: old.query.clone() };
        self.write_saved(&mut tx, account, &old.path, &told).await?;
        tx.commit().await?;
        Ok(Kept::Done)
    }

    pub async fn forget_filter(&self, account: Uuid, id: Uuid) -> Result<Kept, Unavailable> {
        let mut tx = self.db().begin().await?;
        let gone = remove(&mut tx, account, id).await?;
        tx.commit().await?;
        Ok(if gone == 0 { Kept::Unknown } else { Kept::Done })
    }

    async fn read_saved(&self, conn: &mut Conn<'_>, account: Uuid) -> Result<Vec<Saved>, Error> {
        let sql = "SELECT id, path, told FROM saved_filter WHERE account = $1";
        let rows = conn.rows(sql, vec![uuid(account)]).await?;
        let all: Result<Vec<Saved>, Error> = rows.iter().map(|row| self.read_one(row)).collect();
        let mut all = all?;
        all.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(all)
    }

    fn read_one(&self, row: &Row) -> Result<Saved, Error> {
        let id = row.uuid(0)?;
        let told = at_rest::open(self.secret(), COLUMN, &[Part::Uuid(id)], row.bytes(2)?)?;
        let told: Told = serde_json::from_slice(&told)
            .map_err(|error| Error::Bug(format!("saved_filter: {error}")))?;
        Ok(Saved { id, path: row.text(1)?, name: told.name, query: told.query })
    }

    async fn write_saved(
        &self,
        tx: &mut Tx<'_>,
        account: Uuid,
        path: &str,
        told: &Told,
    ) -> Result<(), Error> {
        let id = Uuid::now_v7();
        // INVARIANT: two strings are always JSON.
        let plain = serde_json::to_vec(told).unwrap_or_default();
        let sealed = at_rest::seal(self.secret(), COLUMN, &[Part::Uuid(id)], &plain);
        let row = vec![uuid(id), uuid(account), text(path), Arg::bytes(sealed)];
        tx.insert("saved_filter", &["id", "account", "path", "told"], row, "").await?;
        Ok(())
    }
}

async fn remove(tx: &mut Tx<'_>, account: Uuid, id: Uuid) -> Result<u64, Error> {
    let sql = "DELETE FROM saved_filter WHERE account = $1 AND id = $2";
    tx.run(sql, vec![uuid(account), uuid(id)]).await
}

fn checked(name: &str) -> Option<String> {
    let name = name.trim();
    let is_fine =
        !name.is_empty() && name.chars().count() <= NAME_MAX && !name.chars().any(char::is_control);
    is_fine.then(|| name.to_owned())
}

const COLUMN: Column = Column::SavedFilterTold;
pub const SAVED_MAX: usize = 50;
const NAME_MAX: usize = 60;
const QUERY_MAX: usize = 800;
