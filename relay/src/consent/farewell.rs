//! Whom an erasure was of, for the webhooks that are told of it: kept until the last of them was
//! told, and only where there is one.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Consent, store::open_address};
use crate::{
    at_rest::{self, Column, Part},
    db::{Arg, Conn, Error, Tx, int, key, text, uuid},
    seal::{AddressKey, Secret},
};

/// A contact as it is before its erasure.
pub(super) struct Leaving<'a> {
    pub id: Uuid,
    pub key: &'a AddressKey,
    pub controller: &'a str,
}

/// In the erasure's transaction, before the address goes. `place` is the erasure's event.
pub(super) async fn keep(
    tx: &mut Tx<'_>,
    secret: &Secret,
    now: Timestamp,
    who: &Leaving<'_>,
    place: (i64, i64),
) -> Result<(), Error> {
    let Some(with_address) = listened(tx, who.controller).await? else { return Ok(()) };
    let address = if with_address { address(tx, secret, who).await? } else { None };
    let row = [Part::Uuid(who.id)];
    let seal = |plain: String| {
        Arg::bytes(at_rest::seal(secret, Column::FarewellAddress, &row, plain.as_bytes()))
    };
    let row = vec![
        uuid(who.id),
        key(&who.key.0),
        address.map_or(Arg::Bytes(None), seal),
        int(now.as_millisecond()),
        int(place.0),
        int(place.1),
    ];
    // Erased twice: the first one's address is not yet told, and gone from the contact.
    let twice = "ON CONFLICT (contact) DO UPDATE SET key = excluded.key, \
                 address = COALESCE(excluded.address, farewell.address), at = excluded.at, \
                 chain = excluded.chain, seq = excluded.seq";
    let columns = &["contact", "key", "address", "at", "chain", "seq"];
    tx.insert("farewell", columns, row, twice).await.map(drop)
}

/// Whether a webhook is told of erasures, and whether one of them is told addresses.
async fn listened(conn: &mut Conn<'_>, controller: &str) -> Result<Option<bool>, Error> {
    let sql = format!("SELECT w.address FROM webhook w WHERE w.controller = $1 AND {LISTENS}");
    let rows = conn.rows(&sql, vec![text(controller)]).await?;
    let mut with_address = None;
    for row in rows {
        with_address = Some(with_address.unwrap_or(false) || row.int(0)? == 1);
    }
    Ok(with_address)
}

async fn address(
    conn: &mut Conn<'_>,
    secret: &Secret,
    who: &Leaving<'_>,
) -> Result<Option<String>, Error> {
    let rows = conn.rows("SELECT address FROM contact WHERE id = $1", vec![uuid(who.id)]).await?;
    let sealed = rows.first().map_or(Ok(None), |row| row.opt_bytes(0))?;
    readable(open_address(secret, who.key, sealed))
}

/// The address of a row of this table.
pub(super) fn open(
    secret: &Secret,
    contact: Uuid,
    sealed: Option<Vec<u8>>,
) -> Result<Option<String>, Error> {
    let row = [Part::Uuid(contact)];
    let open = |sealed| at_rest::open_text(secret, Column::FarewellAddress, &row, sealed);
    readable(sealed.map(open).transpose())
}

/// What was changed on the disk stops no erasure, and nobody from being told of it.
fn readable(opened: Result<Option<String>, Error>) -> Result<Option<String>, Error> {
    match opened {
        Err(Error::Bug(fault)) => {
            tracing::error!(fault, "a webhook is told of an erasure without the address");
            Ok(None)
        }
        other => other,
    }
}

impl Consent {
    /// Lets go of those of whom every webhook was told, or gave up being told; one that is switched
    /// off is waited for until an erasure from before `patience` is over. How many went.
    pub async fn part(&self, patience: Timestamp) -> Result<u64, Error> {
        // Nobody is behind the erasure's event or still waits for it.
        let sql = format!(
            "SELECT f.contact FROM farewell f WHERE NOT EXISTS ({WAITS} AND {LISTENS} \
             AND (w.off_at IS NULL OR f.at >= $1))"
        );
        let args = || vec![int(patience.as_millisecond())];
        // Hardly ever is there one: no transaction for nothing.
        if self.db.read_briefly().await?.rows(&sql, args()).await?.is_empty() {
            return Ok(0);
        }
        let sql = format!("DELETE FROM farewell WHERE contact IN ({sql})");
        let mut tx = self.db.begin().await?;
        let gone = tx.run(&sql, args()).await?;
        tx.commit().await?;
        Ok(gone)
    }
}

const LISTENS: &str = "' ' || w.events || ' ' LIKE '% erased %'";
/// A webhook that is behind the erasure's event, or waits to be told.
const WAITS: &str = "\
    SELECT 1 FROM contact c JOIN webhook w ON w.controller = c.controller \
    LEFT JOIN webhook_seen s ON s.webhook = w.id AND s.chain = f.chain \
    WHERE c.id = f.contact AND (COALESCE(s.seq, 0) < f.seq \
        OR EXISTS (SELECT 1 FROM webhook_delivery d WHERE d.webhook = w.id \
            AND d.chain = f.chain AND d.seq = f.seq AND d.state = 'waiting'))";
