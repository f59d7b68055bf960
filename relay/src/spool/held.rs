//! The list of deliveries that wait for a person: kept in the transaction that holds or settles one,
//! so that it never says more or less than the spool. What people do about them is `review`'s.

use jiff::Timestamp;
use uuid::Uuid;

use crate::db::{Arg, Error, Keys, Tx};

/// Puts held deliveries on it, since `at` or since their message came; one that is on it stays, with
/// the rule that holds it now.
pub(super) async fn put(
    tx: &mut Tx<'_>,
    at: Option<Timestamp>,
    ids: Vec<Uuid>,
) -> Result<(), Error> {
    if ids.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO held (id, message, at, stream, login, class, rule, campaign, key) \
               SELECT d.id, d.message, COALESCE($1, m.received_at), m.stream, m.login, m.class, \
               COALESCE(d.rule, ''), m.campaign, d.key \
               FROM delivery d JOIN message m ON m.id = d.message WHERE d.id {in} \
               ON CONFLICT (id) DO UPDATE SET rule = excluded.rule";
    tx.run_each(sql, &[Arg::Int(at.map(Timestamp::as_millisecond))], ids).await.map(drop)
}

/// Takes them off, with what was said about them.
pub(super) async fn take(tx: &mut Tx<'_>, ids: Vec<Uuid>) -> Result<(), Error> {
    for sql in ["DELETE FROM held WHERE id {in}", "DELETE FROM held_comment WHERE held {in}"] {
        tx.rows_in(sql, &[], Keys::Uuids(ids.clone())).await?;
    }
    Ok(())
}
