//! The table `login`: what is kept about each credential. No password is checked here.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Credential, Login, Mixed, Refusals, scram};
use crate::db::{Conn, Db, Error, Row, Unavailable, int, text};

/// One login as the database has it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Stored {
    pub login: Arc<Login>,
    pub credential: Credential,
    /// Kept, and refused like a wrong password.
    pub disabled: bool,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
    /// To the hour.
    pub last_used_at: Option<Timestamp>,
}

/// What a change can come to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Changed {
    Done,
    /// `add`: the name is taken. The others: no login has this name.
    Not,
}

/// The name must have passed [`super::check_name`], each sender come from
/// [`super::sender_pattern`].
pub async fn add(
    db: &Db,
    now: Timestamp,
    login: &Login,
    credential: &Credential,
) -> Result<Changed, Unavailable> {
    let mut tx = db.begin().await?;
    let added = tx
        .run(
            "INSERT INTO login (name, senders, refusals, mixed, hash, scram, disabled, created_at, \
             changed_at) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $7) ON CONFLICT (name) DO NOTHING",
            vec![
                text(&login.name),
                text(senders_column(login)),
                text(refusals_column(login.refusals)),
                text(mixed_column(login.mixed)),
                text(&credential.hash),
                text(credential.scram.to_column()),
                int(now.as_millisecond()),
            ],
        )
        .await?;
    tx.commit().await?;
    Ok(changed(added))
}

/// Replaces the password: connections that are open stay, new ones need the new one.
pub async fn set_password(
    db: &Db,
    now: Timestamp,
    name: &str,
    credential: &Credential,
) -> Result<Changed, Unavailable> {
    let mut tx = db.begin().await?;
    let set = tx
        .run(
            "UPDATE login SET hash = $2, scram = $3, changed_at = $4 WHERE name = $1",
            vec![
                text(name),
                text(&credential.hash),
                text(credential.scram.to_column()),
                int(now.as_millisecond()),
            ],
        )
        .await?;
    tx.commit().await?;
    Ok(changed(set))
}

/// Replaces what the login named so may do.
pub async fn set_rights(db: &Db, now: Timestamp, login: &Login) -> Result<Changed, Unavailable> {
    let mut tx = db.begin().await?;
    let set = tx
        .run(
            "UPDATE login SET senders = $2, refusals = $3, mixed = $4, changed_at = $5 \
             WHERE name = $1",
            vec![
                text(&login.name),
                text(senders_column(login)),
                text(refusals_column(login.refusals)),
                text(mixed_column(login.mixed)),
                int(now.as_millisecond()),
            ],
        )
        .await?;
    tx.commit().await?;
    Ok(changed(set))
}

pub async fn set_disabled(
    db: &Db,
    now: Timestamp,
    name: &str,
    disabled: bool,
) -> Result<Changed, Unavailable> {
    let mut tx = db.begin().await?;
    let set = tx
        .run(
            "UPDATE login SET disabled = $2, changed_at = $3 WHERE name = $1",
            vec![text(name), int(i64::from(disabled)), int(now.as_millisecond())],
        )
        .await?;
    tx.commit().await?;
    Ok(changed(set))
}

pub async fn remove(db: &Db, name: &str) -> Result<Changed, Unavailable> {
    let mut tx = db.begin().await?;
    let gone = tx.run("DELETE FROM login WHERE name = $1", vec![text(name)]).await?;
    tx.commit().await?;
    Ok(changed(gone))
}

/// Evidence of use for whoever tidies up old logins; nothing is decided by it.
pub async fn note_used(db: &Db, now: Timestamp, name: &str) -> Result<(), Unavailable> {
    let mut tx = db.begin().await?;
    tx.run(
        "UPDATE login SET last_used_at = $2 WHERE name = $1",
        vec![text(name), int(now.as_millisecond())],
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

pub async fn find(db: &Db, name: &str) -> Result<Option<Stored>, Unavailable> {
    let mut conn = db.read().await?;
    let rows = rows(&mut conn, "WHERE name = $1", vec![text(name)]).await?;
    Ok(rows.into_iter().next())
}

/// All, by name.
pub async fn list(db: &Db) -> Result<Vec<Stored>, Unavailable> {
    let mut conn = db.read().await?;
    Ok(rows(&mut conn, "ORDER BY name", vec![]).await?)
}

async fn rows(
    conn: &mut Conn<'_>,
    which: &str,
    args: Vec<crate::db::Arg<'_>>,
) -> Result<Vec<Stored>, Error> {
    let sql = format!(
        "SELECT name, senders, refusals, mixed, hash, scram, disabled, created_at, changed_at, \
         last_used_at FROM login {which}"
    );
    conn.rows(&sql, args).await?.iter().map(stored).collect()
}

fn stored(row: &Row) -> Result<Stored, Error> {
    let bug = |what: &str| Error::Bug(format!("table `login`: {what}"));
    let senders = serde_json::from_str(&row.text(1)?).map_err(|_| bug("senders"))?;
    let scram = scram::Keys::from_column(&row.text(5)?).ok_or_else(|| bug("scram"))?;
    Ok(Stored {
        login: Arc::new(Login {
            name: row.text(0)?,
            senders,
            refusals: match row.text(2)?.as_str() {
                "suppress" => Refusals::Suppress,
                _ => Refusals::Reply,
            },
            mixed: match row.text(3)?.as_str() {
                "refuse" => Mixed::Refuse,
                _ => Mixed::Split,
            },
        }),
        credential: Credential { hash: row.text(4)?, scram },
        disabled: row.int(6)? != 0,
        created_at: row.time(7)?,
        changed_at: row.time(8)?,
        last_used_at: row.opt_time(9)?,
    })
}

fn senders_column(login: &Login) -> String {
    serde_json::Value::from(login.senders.clone()).to_string()
}

fn refusals_column(refusals: Refusals) -> &'static str {
    match refusals {
        Refusals::Reply => "reply",
        Refusals::Suppress => "suppress",
    }
}

fn mixed_column(mixed: Mixed) -> &'static str {
    match mixed {
        Mixed::Split => "split",
        Mixed::Refuse => "refuse",
    }
}

fn changed(rows: u64) -> Changed {
    if rows == 0 { Changed::Not } else { Changed::Done }
}
