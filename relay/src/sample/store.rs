//! The samples' SQL.

use bytes::Bytes;
use jiff::Timestamp;
use uuid::Uuid;

use super::{COLUMN, Fresh};
use crate::{
    at_rest::{self, Part},
    db::{Arg, Db, Error, Row, Tx, int, key, text, uuid},
    seal::{AddressKey, BodyKey, Secret},
};

/// One that is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sample {
    /// Of the message.
    pub id: Uuid,
    pub at: Timestamp,
    pub until: Timestamp,
    pub controller: String,
    pub login: String,
}

/// Those that another relay was not faster with.
pub(crate) async fn write(tx: &mut Tx<'_>, fresh: &[&Fresh]) -> Result<(), Error> {
    for one in fresh {
        let row = one.row.iter().map(Arg::by_ref).collect();
        if tx.insert("sample", COLUMNS, row, "ON CONFLICT DO NOTHING").await? == 0 {
            continue;
        }
        let mut keys = one.recipients.clone();
        keys.sort_unstable_by_key(|one| one.0);
        keys.dedup();
        let rows = keys.iter().flat_map(|own| [key(&own.0), uuid(one.id)]).collect();
        tx.insert("sample_recipient", &["recipient", "sample"], rows, "").await?;
    }
    Ok(())
}

/// The message, while it is kept.
pub async fn find(
    db: &Db,
    secret: &Secret,
    now: Timestamp,
    id: Uuid,
) -> Result<Option<(Sample, Bytes)>, Error> {
    let sql = format!("SELECT {SAMPLE}, key, bytes FROM sample WHERE id = $1 AND expires_at > $2");
    let args = vec![uuid(id), int(now.as_millisecond())];
    let rows = db.read().await?.rows(&sql, args).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let sample = sample(row)?;
    let own = at_rest::open(secret, COLUMN, &[Part::Uuid(id)], row.bytes(5)?)?;
    let own = <[u8; 32]>::try_from(own).ok().map(BodyKey::from_bytes);
    let bytes = own.and_then(|own| Some(own.open(row.bytes(6).ok()?)));
    let changed = || Error::Bug(format!("sample {id}: its bytes are not what was written"));
    let bytes = bytes.flatten().ok_or_else(changed)?;
    Ok(Some((sample, bytes.into())))
}

/// Whether the message is.
pub async fn is_kept(db: &Db, now: Timestamp, id: Uuid) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM sample WHERE id = $1 AND expires_at > $2";
    let args = vec![uuid(id), int(now.as_millisecond())];
    Ok(!db.read().await?.rows(sql, args).await?.is_empty())
}

/// The newest one of a campaign that the rule refused.
pub async fn newest(
    db: &Db,
    now: Timestamp,
    campaign: i64,
    rule: &str,
) -> Result<Option<Sample>, Error> {
    let sql = format!(
        "SELECT {SAMPLE} FROM sample WHERE campaign = $1 AND rule = $2 AND expires_at > $3 \
         ORDER BY day DESC LIMIT 1"
    );
    let args = vec![int(campaign), text(rule.to_owned()), int(now.as_millisecond())];
    db.read().await?.rows(&sql, args).await?.first().map(sample).transpose()
}

/// Takes away those whose time is over; how many.
pub async fn forget(db: &Db, now: Timestamp) -> Result<u64, Error> {
    let mut tx = db.begin().await?;
    let over = "SELECT id FROM sample WHERE expires_at <= $1";
    let gone = drop_those(&mut tx, over, int(now.as_millisecond())).await?;
    tx.commit().await?;
    Ok(gone)
}

/// Takes away those that were for the person; how many.
pub async fn erase(db: &Db, who: AddressKey) -> Result<u64, Error> {
    let mut tx = db.begin().await?;
    let own = "SELECT sample FROM sample_recipient WHERE recipient = $1";
    let gone = drop_those(&mut tx, own, key(&who.0)).await?;
    tx.commit().await?;
    Ok(gone)
}

async fn drop_those(tx: &mut Tx<'_>, those: &str, arg: Arg<'_>) -> Result<u64, Error> {
    let ids = tx.rows(those, vec![arg]).await?;
    for row in &ids {
        let id = row.uuid(0)?;
        tx.run("DELETE FROM sample_recipient WHERE sample = $1", vec![uuid(id)]).await?;
        tx.run("DELETE FROM sample WHERE id = $1", vec![uuid(id)]).await?;
    }
    Ok(u64::try_from(ids.len()).unwrap_or(u64::MAX))
}

fn sample(row: &Row) -> Result<Sample, Error> {
    Ok(Sample {
        id: row.uuid(0)?,
        at: row.time(1)?,
        until: row.time(2)?,
        controller: row.text(3)?,
        login: row.text(4)?,
    })
}

const SAMPLE: &str = "id, at, expires_at, controller, login";
const COLUMNS: &[&str] =
    &["id", "campaign", "rule", "day", "at", "expires_at", "controller", "login", "key", "bytes"];
