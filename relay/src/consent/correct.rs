//! What was written down wrong about one grant is put right by a new event; the old one stays in
//! the past (S26).

use jiff::Timestamp;
use policy::{Method, Source};
use serde_json::{Map, Value, json};

use super::{
    Consent, Proof, Who,
    event::{Events, Kind, New, name},
    record::close,
    store::{Found, find, parse_word},
};
use crate::db::{Conn, Error, int, text, uuid, word};

/// What is to be changed about one grant; what is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Correction {
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
    pub method: Option<Method>,
    pub source: Option<Source>,
}

/// What came of a correction.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Corrected {
    /// The event that holds the evidence.
    New(String),
    /// It was so already; nothing was written.
    Already,
    /// The contact has no grant by this event; nothing was written.
    NoGrant,
    /// Another grant for the purpose begins at that moment; nothing was written.
    Taken,
    /// It would end before it begins; nothing was written.
    Empty,
    /// It would be confirmed by a click of which no time is on record; nothing was written.
    NoClick,
}

/// A grant as far as it can be corrected.
#[derive(Clone, Debug, PartialEq)]
struct Terms {
    from: Timestamp,
    until: Timestamp,
    method: Method,
    source: Source,
}

impl Terms {
    fn changed(&self, by: &Correction) -> Self {
        Self {
            from: by.from.unwrap_or(self.from),
            until: by.until.unwrap_or(self.until),
            method: by.method.unwrap_or(self.method),
            source: by.source.unwrap_or(self.source),
        }
    }

    /// What differs from the other, in this one's words.
    fn but(&self, other: &Self) -> Value {
        let mut fields = Map::new();
        let mut put = |name: &str, differs: bool, value: Value| {
            if differs {
                fields.insert(name.to_owned(), value);
            }
        };
        put("from", self.from != other.from, json!(self.from.to_string()));
        put("until", self.until != other.until, json!(self.until.to_string()));
        put("method", self.method != other.method, json!(self.method));
        put("source", self.source != other.source, json!(self.source));
        Value::Object(fields)
    }
}

pub(super) async fn correct(
    consent: &Consent,
    now: Timestamp,
    who: &Who,
    event: &str,
    by: &Correction,
    proof: &Proof,
) -> Result<Corrected, Error> {
    let mut tx = consent.db.begin().await?;
    let Some((chain, number)) = super::event::parse(event) else { return Ok(Corrected::NoGrant) };
    let Some(contact) = find(&mut tx, consent.key(who)).await? else {
        return Ok(Corrected::NoGrant);
    };
    let Some((purpose, old, confirmed)) = terms(&mut tx, &contact, chain, number).await? else {
        return Ok(Corrected::NoGrant);
    };
    let new = old.changed(by);
    if new == old {
        return Ok(Corrected::Already);
    }
    if new.until <= new.from {
        return Ok(Corrected::Empty);
    }
    if new.method != old.method && new.method.is_click() && !confirmed {
        return Ok(Corrected::NoClick);
    }
    let key =
        |at: Timestamp| vec![uuid(contact.id), text(purpose.clone()), int(at.as_millisecond())];
    let same = "contact = $1 AND purpose = $2 AND valid_from = $3";
    if new.from != old.from {
        let sql = format!("SELECT 1 FROM grant_now WHERE {same}");
        if !tx.rows(&sql, key(new.from)).await?.is_empty() {
            return Ok(Corrected::Taken);
        }
    }
    let mut args = key(old.from);
    args.extend([
        int(new.from.as_millisecond()),
        int(new.until.as_millisecond()),
        text(word(&new.method)),
        text(word(&new.source)),
    ]);
    let sql = format!(
        "UPDATE grant_now SET valid_from = $4, valid_until = $5, method = $6, source = $7, \
         told = 0 \
         WHERE {same}"
    );
    tx.run(&sql, args).await?;
    let mut events = Events::begin(&mut tx, &consent.chain).await?;
    let seq = events.push(New {
        contact: contact.id,
        salt: &contact.salt,
        kind: Kind::Corrected,
        controller: &who.controller,
        purpose: Some(&purpose),
        recorded_at: now,
        said: proof.into(),
        detail: json!({ "grant": event, "before": old.but(&new), "after": new.but(&old) }),
    });
    let event = name(events.chain(), seq);
    close(tx, events).await?;
    Ok(Corrected::New(event))
}

/// With its purpose, and whether the time of a click is on record.
async fn terms(
    conn: &mut Conn<'_>,
    contact: &Found,
    chain: i64,
    seq: i64,
) -> Result<Option<(String, Terms, bool)>, Error> {
    let sql = "SELECT purpose, valid_from, valid_until, method, source, confirmed_at \
               FROM grant_now WHERE contact = $1 AND chain = $2 AND seq = $3";
    let rows = conn.rows(sql, vec![uuid(contact.id), int(chain), int(seq)]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let terms = Terms {
        from: row.time(1)?,
        until: row.time(2)?,
        method: parse_word(row.str(3)?)?,
        source: parse_word(row.str(4)?)?,
    };
    Ok(Some((row.text(0)?, terms, row.opt_int(5)?.is_some())))
}
