//! The events of some contacts, each contact's in the order in which they were written.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    consent::event::{Kind, name},
    db::{Conn, Error, Keys, Row},
};

/// One event, as far as the present is made of it.
pub(super) struct Event {
    pub chain: i64,
    pub seq: i64,
    pub kind: Kind,
    pub controller: String,
    pub purpose: Option<String>,
    pub at: i64,
    pub recorded_at: i64,
    detail: Value,
}

impl Event {
    pub(super) fn name(&self) -> String {
        name(self.chain, self.seq)
    }

    pub(super) fn get(&self, field: &str) -> Option<&Value> {
        self.detail.get(field).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.get(field).and_then(Value::as_str)
    }

    pub(super) fn flag(&self, field: &str) -> bool {
        self.get(field).and_then(Value::as_bool).unwrap_or_default()
    }

    /// Of a list.
    pub(super) fn words(&self, field: &str) -> Vec<String> {
        let all = self.get(field).and_then(Value::as_array).into_iter().flatten();
        all.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Of a moment: unix milliseconds, as a column has it.
    pub(super) fn moment(&self, field: &str) -> Option<i64> {
        self.get(field).and_then(moment)
    }
}

pub(super) fn moment(value: &Value) -> Option<i64> {
    Some(value.as_str()?.parse::<Timestamp>().ok()?.as_millisecond())
}

pub(super) async fn of(
    conn: &mut Conn<'_>,
    contacts: Vec<Uuid>,
) -> Result<BTreeMap<Uuid, Vec<Event>>, Error> {
    let sql = "SELECT contact, chain, seq, kind, controller, purpose, at, recorded_at, detail \
               FROM consent_event WHERE contact {in}";
    let mut all: BTreeMap<Uuid, Vec<Event>> = BTreeMap::new();
    for row in conn.rows_in(sql, &[], Keys::Uuids(contacts)).await? {
        // What nobody can read is a broken link, and the walk over the chain names it.
        if let Ok(Some(event)) = read(&row) {
            all.entry(row.uuid(0)?).or_default().push(event);
        }
    }
    Ok(all.into_iter().map(|(id, events)| (id, in_order(events))).collect())
}

fn read(row: &Row) -> Result<Option<Event>, Error> {
    let Some(kind) = Kind::parse(&row.text(3)?) else { return Ok(None) };
    Ok(Some(Event {
        chain: row.int(1)?,
        seq: row.int(2)?,
        kind,
        controller: row.text(4)?,
        purpose: row.opt_text(5)?,
        at: row.int(6)?,
        recorded_at: row.int(7)?,
        detail: serde_json::from_str(&row.text(8)?).unwrap_or_default(),
    }))
}

/// Within a chain by number, whatever the clock said; between chains by when they were written.
fn in_order(events: Vec<Event>) -> Vec<Event> {
    let mut chains: BTreeMap<i64, BTreeMap<i64, Event>> = BTreeMap::new();
    for event in events {
        chains.entry(event.chain).or_default().insert(event.seq, event);
    }
    let mut sorted = Vec::new();
    loop {
        let first = chains.iter().filter_map(|(chain, events)| {
            events.first_key_value().map(|(_, event)| (event.recorded_at, *chain))
        });
        let Some((_, chain)) = first.min() else { return sorted };
        sorted.extend(chains.get_mut(&chain).and_then(BTreeMap::pop_first).map(|(_, event)| event));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_is_in_its_own_order_and_chains_in_that_of_time() {
        let event = |(chain, seq, recorded_at)| Event {
            chain,
            seq,
            kind: Kind::Refused,
            controller: String::new(),
            purpose: None,
            at: 0,
            recorded_at,
            detail: Value::Null,
        };
        let all = [(2, 1, 5), (1, 3, 4), (1, 2, 9), (2, 7, 20), (1, 9, 20)];
        let sorted = in_order(all.into_iter().map(event).collect());
        let places: Vec<_> = sorted.iter().map(|one| (one.chain, one.seq)).collect();
        assert_eq!(places, [(2, 1), (1, 2), (1, 3), (1, 9), (2, 7)]);
    }
}
