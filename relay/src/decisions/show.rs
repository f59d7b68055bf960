//! One verdict, by its line of the journal.

use super::{
    campaign,
    find::Decision,
    kind::{self, Kind},
};
use crate::{
    db::{Db, Error, int, uuid},
    journal::Line,
    seal::Secret,
};

/// `None` where the line holds none, or is not in the index yet.
pub async fn show(db: &Db, secret: &Secret, line: &Line) -> Result<Option<Decision>, Error> {
    let mut conn = db.read().await?;
    let event = &line.event;
    let sql = format!(
        "SELECT k.id, {}, d.campaign FROM decision d JOIN decision_kind k ON k.id = d.kind \
         WHERE d.at = $1 AND d.id = $2",
        kind::COLUMNS.join(", ")
    );
    let rows = conn.rows(&sql, vec![int(event.at.as_millisecond()), uuid(event.id)]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let (_, kind) = Kind::read(row)?;
    let campaign = row.int(1 + kind::COLUMNS.len())?;
    Ok(Some(Decision {
        at: event.at,
        id: event.id,
        kind,
        campaign: campaign::named(&mut conn, secret, [campaign]).await?.pop(),
        message: event.message,
        recipient: event.recipient,
    }))
}
