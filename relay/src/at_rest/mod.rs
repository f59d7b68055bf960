//! Personal data as it lies in the database: which columns are sealed, and how a value goes in and
//! comes out.
//!
//! Sealed are addresses, what shows a consent, envelopes and answers. Keys and digests of addresses
//! stay as they are: they are looked up, and say nothing without the installation's secret. The
//! bytes of messages are sealed with keys of their own, which their envelopes hold, so that a
//! rotation never writes them again. How keys are changed is `rotation`'s.

mod column;

use jiff::Timestamp;

use crate::{
    db::{Conn, Db, Error, Tx, Unavailable, text},
    seal::{Secret, Unopened},
};

pub use column::{Column, Kind, Part};

/// The value as the database has it. `row` is what the column's table calls its key.
pub fn seal(secret: &Secret, column: Column, row: &[Part<'_>], plain: &[u8]) -> Vec<u8> {
    secret.seal(&about(column, row), plain)
}

/// The plain value; an error where its key is missing (it heals when the key file is put back), or
/// where the bytes are not those that were sealed for this row.
pub fn open(
    secret: &Secret,
    column: Column,
    row: &[Part<'_>],
    sealed: Vec<u8>,
) -> Result<Vec<u8>, Error> {
    secret.open(&about(column, row), sealed).map_err(|why| fault(column, &why))
}

/// The same for a text.
pub fn open_text(
    secret: &Secret,
    column: Column,
    row: &[Part<'_>],
    sealed: Vec<u8>,
) -> Result<String, Error> {
    let plain = open(secret, column, row, sealed)?;
    String::from_utf8(plain).map_err(|_| Error::Bug(format!("{}: no text", column.label())))
}

fn fault(column: Column, why: &Unopened) -> Error {
    let told = format!("{} is {why}", column.label());
    match why {
        Unopened::NoKey(_) => Error::Away(Unavailable(told)),
        Unopened::Changed(_) | Unopened::Short => Error::Bug(told),
    }
}

/// What a value is sealed about: nothing of it is kept with the value.
fn about(column: Column, row: &[Part<'_>]) -> Vec<u8> {
    let mut about = Vec::with_capacity(96);
    about.extend_from_slice(column.label().as_bytes());
    for part in row {
        about.push(0);
        match part {
            Part::Bytes(bytes) => about.extend_from_slice(bytes),
            Part::Uuid(id) => about.extend_from_slice(id.as_bytes()),
            Part::Int(number) => about.extend_from_slice(&number.to_be_bytes()),
        }
    }
    about
}

/// Binds database and key file to each other: with another secret no refusal on record would be
/// found. From then on the data key that the database names seals.
pub async fn bind(db: &Db, secret: &Secret) -> anyhow::Result<()> {
    db.bind_secret(secret.fingerprint()).await?;
    let mut conn = db.read().await?;
    Ok(follow(&mut conn, secret).await?)
}

/// Seals with the data key that the database names; an error where the key file does not have it.
pub async fn follow(conn: &mut Conn<'_>, secret: &Secret) -> Result<(), Error> {
    let id = current(conn).await?;
    secret.seal_with(id).map_err(|_| {
        Error::Away(Unavailable(format!(
            "data key {id} is in use, and the key file does not have it: put back the key file that \
             has it"
        )))
    })
}

/// Id of the data key that seals.
pub async fn current(conn: &mut Conn<'_>) -> Result<u8, Error> {
    let number = number(conn, CURRENT).await?.unwrap_or_default();
    u8::try_from(number).map_err(|_| Error::Bug("meta: there is no such data key".into()))
}

/// Since when; `None` for the first one.
pub async fn current_since(conn: &mut Conn<'_>) -> Result<Option<Timestamp>, Error> {
    let since = number(conn, SINCE).await?;
    Ok(since.and_then(|since| Timestamp::from_millisecond(since).ok()))
}

/// From this transaction on another one seals.
pub async fn put_to_use(tx: &mut Tx<'_>, now: Timestamp, id: u8) -> Result<(), Error> {
    for (name, number) in [(CURRENT, i64::from(id)), (SINCE, now.as_millisecond())] {
        let sql = "INSERT INTO meta (name, value) VALUES ($1, $2) \
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        tx.run(sql, vec![text(name), text(number.to_string())]).await?;
    }
    Ok(())
}

async fn number(conn: &mut Conn<'_>, name: &str) -> Result<Option<i64>, Error> {
    let rows = conn.rows("SELECT value FROM meta WHERE name = $1", vec![text(name)]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let number = row.text(0)?.parse();
    number.map(Some).map_err(|_| Error::Bug(format!("meta: `{name}` is no number")))
}

const CURRENT: &str = "data-key";
const SINCE: &str = "data-key-since";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_opens_in_its_own_row_and_column_alone() {
        let secret = Secret::from_bytes([1; 32]);
        let row = [Part::Int(1), Part::Int(2)];
        let sealed = seal(&secret, Column::EventEvidence, &row, "důkaz".as_bytes());
        let open = |secret, column, row: &[Part<'_>]| {
            open_text(secret, column, row, sealed.clone()).map_err(|error| error.to_string())
        };
        assert_eq!(open(&secret, Column::EventEvidence, &row).unwrap(), "důkaz");
        let moved = open(&secret, Column::EventEvidence, &[Part::Int(2), Part::Int(1)]);
        assert!(moved.unwrap_err().contains("consent_event.evidence"));
        assert!(open(&secret, Column::ContactAddress, &row).is_err());
        assert!(open(&Secret::from_bytes([2; 32]), Column::EventEvidence, &row).is_err());
    }

    #[test]
    fn a_missing_key_heals_and_a_changed_value_does_not() {
        let away = fault(Column::ContactAddress, &Unopened::NoKey(7));
        assert!(matches!(&away, Error::Away(_)));
        assert!(away.to_string().contains("data key 7"), "{away}");
        assert!(matches!(fault(Column::ContactAddress, &Unopened::Changed(7)), Error::Bug(_)));
    }
}
