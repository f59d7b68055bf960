//! What became of what was sent, counted by the hour: handed over, bounced, given up, called spam.
//!
//! Behind the journal, as the index is. Of lines without a stream nothing is counted: the relay's own
//! messages, and what was sent before lines said it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::index::HOUR_MS;
use crate::{
    db::{Db, Error, Tx, int, text},
    journal::{Kind, Line},
};

/// Messages of one stream and login in one time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Outcome {
    pub stream: String,
    pub login: String,
    pub kind: Kind,
    pub count: u64,
}

/// In whole hours of UTC.
pub async fn outcomes(db: &Db, from: Timestamp, until: Timestamp) -> Result<Vec<Outcome>, Error> {
    let sql = "SELECT stream, login, kind, CAST(SUM(count) AS BIGINT) FROM outcome_count \
               WHERE hour >= $1 AND hour <= $2 GROUP BY stream, login, kind \
               ORDER BY stream, login, kind";
    let hour = |at: Timestamp| int(at.as_millisecond().div_euclid(HOUR_MS));
    let rows = db.read().await?.rows(sql, vec![hour(from), hour(until)]).await?;
    rows.iter()
        .map(|row| {
            let word = row.text(2)?;
            let kind = KINDS.into_iter().find(|kind| kind.as_str() == word);
            Ok(Outcome {
                stream: row.text(0)?,
                login: row.text(1)?,
                kind: kind.ok_or_else(|| Error::Bug(format!("outcome_count: `{word}`")))?,
                count: row.count(3)?,
            })
        })
        .collect()
}

pub(super) async fn put(tx: &mut Tx<'_>, lines: &[Line]) -> Result<(), Error> {
    let mut counts: BTreeMap<(i64, String, String, &str), i64> = BTreeMap::new();
    for line in lines {
        let event = &line.event;
        if !KINDS.contains(&event.kind) {
            continue;
        }
        let detail = event.detail.value();
        let says = |name| detail.get(name).and_then(serde_json::Value::as_str);
        if let (Some(stream), Some(login)) = (says("stream"), says("login")) {
            let hour = event.at.as_millisecond().div_euclid(HOUR_MS);
            let place = (hour, stream.to_owned(), login.to_owned(), event.kind.as_str());
            *counts.entry(place).or_default() += 1;
        }
    }
    let rows = counts.into_iter().flat_map(|((hour, stream, login, kind), count)| {
        [int(hour), text(stream), text(login), text(kind), int(count)]
    });
    let columns = &["hour", "stream", "login", "kind", "count"];
    let conflict = "ON CONFLICT (hour, stream, login, kind) \
                    DO UPDATE SET count = outcome_count.count + excluded.count";
    tx.insert("outcome_count", columns, rows.collect(), conflict).await?;
    Ok(())
}

const KINDS: [Kind; 4] = [Kind::Delivered, Kind::Bounced, Kind::Expired, Kind::Complained];
