//! Slows down whoever guesses passwords and codes: by the name that was tried, whether it is there or
//! not, and by network address. Counted in the database, so that a restart forgives nobody and all
//! relays count together.
//!
//! An attempt counts before it is checked, so that many at once are no way round; one that succeeds
//! is taken back.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use super::Staff;
use crate::db::{Db, Error, Tx, int, key};

/// Who tries: keyed hashes of the name and of the address.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    name: [u8; 32],
    address: [u8; 32],
}

impl Staff {
    pub(super) fn trial(&self, name: &str, ip: IpAddr) -> Trial {
        let mac = self.secret().mac_key("staff lock");
        let network = match ip.to_canonical() {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            // Whoever has one IPv6 address has 2^64 of them.
            IpAddr::V6(ip) => ip.octets().into_iter().take(8).collect(),
        };
        Trial {
            name: mac.sign_parts(&[b"name ", name.as_bytes()]),
            address: mac.sign_parts(&[b"address ", &network]),
        }
    }

    /// Until when nothing is checked for this name; `None`: it is.
    pub async fn locked_until(
        &self,
        now: Timestamp,
        name: &str,
    ) -> Result<Option<Timestamp>, Error> {
        let who = self.trial(name, IpAddr::from([0, 0, 0, 0])).name;
        let mut conn = self.db().read().await?;
        let sql = "SELECT locked_until FROM staff_failure WHERE who = $1";
        let rows = conn.rows(sql, vec![key(&who)]).await?;
        let until = rows.first().map(|row| row.int(0)).transpose()?;
        let until = until.and_then(|until| Timestamp::from_millisecond(until).ok());
        Ok(until.filter(|until| *until > now))
    }

    /// Forgives a name all that was tried with it.
    pub(super) async fn unlock(&self, tx: &mut Tx<'_>, name: &str) -> Result<(), Error> {
        let who = self.trial(name, IpAddr::from([0, 0, 0, 0])).name;
        tx.run("DELETE FROM staff_failure WHERE who = $1", vec![key(&who)]).await.map(drop)
    }
}

impl Trial {
    /// Counts one; until when nothing may be tried, where it was too many already.
    pub(super) async fn begin(&self, db: &Db, now: Timestamp) -> Result<Option<Timestamp>, Error> {
        let mut tx = db.begin().await?;
        let sql = "DELETE FROM staff_failure WHERE forgotten_at <= $1";
        tx.run(sql, vec![int(now.as_millisecond())]).await?;
        let all = [(&self.name, NAME_FREE), (&self.address, ADDRESS_FREE)];
        let mut locked = None;
        for (who, free) in all {
            locked = locked.max(count(&mut tx, now, who, free).await?);
        }
        if locked.is_some() {
            // What is not checked does not count: it would make the lock last for ever.
            return Ok(locked);
        }
        tx.commit().await?;
        Ok(None)
    }

    /// It was them.
    pub(super) async fn succeeded(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        tx.run("DELETE FROM staff_failure WHERE who = $1", vec![key(&self.name)]).await?;
        self.take_back(tx, &self.address).await
    }

    /// Half of it was right: neither a failure nor a reason to forget those before.
    pub(super) async fn half_done(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        self.take_back(tx, &self.name).await?;
        self.take_back(tx, &self.address).await
    }

    async fn take_back(&self, tx: &mut Tx<'_>, who: &[u8; 32]) -> Result<(), Error> {
        let sql = "UPDATE staff_failure SET failures = failures - 1, locked_until = 0 \
                   WHERE who = $1 AND failures > 0";
        tx.run(sql, vec![key(who)]).await.map(drop)
    }
}

/// One more of this one, which is locked where it was the last free one; until when it is locked
/// already.
async fn count(
    tx: &mut Tx<'_>,
    now: Timestamp,
    who: &[u8; 32],
    free: i64,
) -> Result<Option<Timestamp>, Error> {
    let new = vec![key(who), int(now.as_millisecond())];
    tx.run(
        "INSERT INTO staff_failure (who, failures, locked_until, forgotten_at) \
         VALUES ($1, 0, 0, $2) ON CONFLICT (who) DO NOTHING",
        new,
    )
    .await?;
    // The row is this transaction's from here on.
    let sql = "UPDATE staff_failure SET failures = failures + 1 WHERE who = $1 \
               RETURNING failures, locked_until";
    let rows = tx.rows(sql, vec![key(who)]).await?;
    let (failures, until) = match rows.first() {
        Some(row) => (row.int(0)?, row.int(1)?),
        None => (1, 0),
    };
    if let Ok(until) = Timestamp::from_millisecond(until)
        && until > now
    {
        return Ok(Some(until));
    }
    let wait = match u32::try_from(failures.saturating_sub(free)) {
        Ok(over) => LOCKED.saturating_mul(1 << over.min(DOUBLINGS_MAX)),
        Err(_) => SignedDuration::ZERO,
    };
    let until = now.saturating_add(wait).unwrap_or(now);
    let forgotten = until.saturating_add(FORGOTTEN_AFTER).unwrap_or(until);
    tx.run(
        "UPDATE staff_failure SET locked_until = $2, forgotten_at = $3 WHERE who = $1",
        vec![key(who), int(until.as_millisecond()), int(forgotten.as_millisecond())],
    )
    .await?;
    Ok(None)
}

/// Failures of one name before it is locked; the last of them locks it.
const NAME_FREE: i64 = 10;
/// Of one address, behind which many may sit.
const ADDRESS_FREE: i64 = 30;
/// Twice as long with each failure after that.
const LOCKED: SignedDuration = SignedDuration::from_mins(15);
/// 16 hours.
const DOUBLINGS_MAX: u32 = 6;
/// Behind the lock.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(1);
