//! Work in many steps that survives a stop: each step commits together with how far it came.
//!
//! Two that work on the same are told apart by the state itself: whoever finds it changed has
//! lost, and its step leaves no trace. What the work is, others know.

use jiff::{SignedDuration, Timestamp};

use crate::db::{Arg, Conn, Db, Error, Tx, int, text};

/// How far it came, as it was left; `None`: it has not begun.
pub(crate) async fn read(conn: &mut Conn<'_>, name: &str) -> Result<Option<String>, Error> {
    let sql = "SELECT state FROM job WHERE name = $1";
    let rows = conn.rows(sql, vec![text(name.to_owned())]).await?;
    rows.first().map(|row| row.text(0)).transpose()
}

/// Puts `new` in the place of `old`; whether nobody else did. Without `new` the job goes.
pub(crate) async fn swap(
    tx: &mut Tx<'_>,
    name: &str,
    old: Option<&str>,
    new: Option<&str>,
) -> Result<bool, Error> {
    let named = || text(name.to_owned());
    let put = |state: &str| text(state.to_owned());
    let changed = match (old, new) {
        (None, None) => return Ok(true),
        (None, Some(new)) => {
            let row = vec![named(), text(""), int(0), put(new)];
            let columns = &["name", "holder", "lease_until", "state"];
            tx.insert("job", columns, row, "ON CONFLICT (name) DO NOTHING").await?
        }
        (Some(old), Some(new)) => {
            let sql = "UPDATE job SET state = $3 WHERE name = $1 AND state = $2";
            tx.run(sql, vec![named(), put(old), put(new)]).await?
        }
        (Some(old), None) => {
            let sql = "DELETE FROM job WHERE name = $1 AND state = $2";
            tx.run(sql, vec![named(), put(old)]).await?
        }
    };
    Ok(changed == 1)
}

/// Takes or keeps the job for a while; whether it is the holder's.
pub(crate) async fn claim(
    db: &Db,
    now: Timestamp,
    name: &str,
    holder: &str,
    lease: SignedDuration,
) -> Result<bool, Error> {
    let until = now.checked_add(lease).unwrap_or(now).as_millisecond();
    let args = || -> Vec<Arg<'static>> {
        vec![text(name.to_owned()), text(holder.to_owned()), int(until)]
    };
    let mut tx = db.begin().await?;
    let mut row = args();
    row.push(text("{}"));
    let columns = &["name", "holder", "lease_until", "state"];
    let mut mine = tx.insert("job", columns, row, "ON CONFLICT (name) DO NOTHING").await?;
    if mine == 0 {
        let sql = "UPDATE job SET holder = $2, lease_until = $3 \
                   WHERE name = $1 AND (holder = $2 OR lease_until <= $4)";
        let mut bound = args();
        bound.push(int(now.as_millisecond()));
        mine = tx.run(sql, bound).await?;
    }
    tx.commit().await?;
    Ok(mine == 1)
}

/// When it last came to its end.
pub(crate) async fn done_at(conn: &mut Conn<'_>, name: &str) -> Result<Option<i64>, Error> {
    let sql = "SELECT done_at FROM job WHERE name = $1";
    let rows = conn.rows(sql, vec![text(name.to_owned())]).await?;
    rows.first().map_or(Ok(None), |row| row.opt_int(0))
}

/// It came to its end, and others may begin it again.
pub(crate) async fn finish(db: &Db, now: Timestamp, name: &str, holder: &str) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    let sql = "UPDATE job SET done_at = $3, lease_until = 0, state = '{}' \
               WHERE name = $1 AND holder = $2";
    let args = vec![text(name.to_owned()), text(holder.to_owned()), int(now.as_millisecond())];
    tx.run(sql, args).await?;
    tx.commit().await
}

/// One that is on record.
#[derive(Clone, Debug)]
pub struct Listed {
    pub name: String,
    /// Who has it, and until when, where anybody does.
    pub holder: Option<String>,
    pub lease_until: Option<Timestamp>,
    /// When it last came to its end, where it has one.
    pub done_at: Option<Timestamp>,
}

/// All of them, for people.
pub(crate) async fn all(conn: &mut Conn<'_>) -> Result<Vec<Listed>, Error> {
    let sql = "SELECT name, holder, lease_until, done_at FROM job ORDER BY name";
    let rows = conn.rows(sql, vec![]).await?;
    let moment = |at: Option<i64>| {
        let at = at.filter(|at| *at > 0).map(Timestamp::from_millisecond).transpose();
        at.map_err(|error| Error::Bug(format!("job: {error}")))
    };
    rows.iter()
        .map(|row| {
            Ok(Listed {
                name: row.text(0)?,
                holder: Some(row.text(1)?).filter(|holder| !holder.is_empty()),
                lease_until: moment(row.opt_int(2)?)?,
                done_at: moment(row.opt_int(3)?)?,
            })
        })
        .collect()
}
