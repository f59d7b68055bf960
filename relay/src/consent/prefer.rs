//! What a person wants of a sender short of a refusal: how often, and which topics; and what is known
//! of the contact itself.

use jiff::Timestamp;
use policy::{Preference, Purpose, Subscriber};
use serde_json::{Map, Value, json};

use super::{
    About, Recorded,
    event::{Events, Kind},
    record::Desk,
};
use crate::db::{Arg, Error, Row, Tx, int, text, uuid, word};

impl<'a> Desk<'a> {
    /// In place of what was asked for before.
    pub(super) async fn prefer(
        &self,
        tx: &mut Tx<'_>,
        events: &mut Events<'a>,
        preference: &'a Preference,
    ) -> Result<Recorded, Error> {
        let found = match &preference.purpose {
            Some(id) => match super::purpose::find(tx, &self.who.controller, id).await? {
                None => return Ok(Recorded::NoPurpose),
                found => found,
            },
            None => None,
        };
        let Some(wish) = narrowed(preference, found.as_ref()) else {
            return Ok(Recorded::NoTopic);
        };
        let Preference { at_most, paused_until, topics, .. } = &wish;
        let purpose = &preference.purpose;
        let scope = purpose.as_deref().unwrap_or_default();
        let of = || vec![uuid(self.contact.id), text(scope.to_owned())];
        let sql = "SELECT purpose, at_most, paused_until, topics FROM preference_now \
                   WHERE contact = $1 AND purpose = $2";
        let known = tx.rows(sql, of()).await?.first().map(read).transpose()?;
        let asks = at_most.is_some() || paused_until.is_some() || topics.is_some();
        if known.as_ref() == Some(&wish) || (known.is_none() && !asks) {
            return Ok(Recorded::Already);
        }
        tx.run("DELETE FROM preference_now WHERE contact = $1 AND purpose = $2", of()).await?;
        if asks {
            let mut row = of();
            row.extend([
                Arg::Text(at_most.map(|most| most.to_string().into())),
                Arg::Int(paused_until.map(Timestamp::as_millisecond)),
                Arg::Text(topics.as_ref().map(|topics| json!(topics).to_string().into())),
                int(events.chain()),
                int(events.next()),
            ]);
            tx.insert("preference_now", COLUMNS, row, "").await?;
        }
        mark(tx, self.contact.id).await?;
        let detail = json!({
            "at_most": at_most,
            "paused_until": paused_until.map(|until| until.to_string()),
            "topics": topics,
        });
        Ok(self.push(events, Kind::Preference, purpose.as_deref(), detail))
    }

    /// Facts about the contact itself.
    pub(super) async fn describe(
        &self,
        tx: &mut Tx<'_>,
        events: &mut Events<'a>,
        about: &About,
    ) -> Result<Recorded, Error> {
        if self.contact.erased {
            return Ok(Recorded::Already);
        }
        let mut detail = Map::new();
        let mut set = |column: &str, value: Option<Value>| {
            if let Some(value) = value {
                detail.insert(column.to_owned(), value);
            }
        };
        let country = about.country.map(|country| country.0.escape_ascii().to_string());
        set("country", country.as_deref().map(Value::from));
        set("subscriber", about.subscriber.map(|subscriber| json!(subscriber)));
        set("published", about.published.map(Value::from));
        let subscriber = about.subscriber.filter(|known| *known != Subscriber::Unknown);
        let changed = tx
            .run(
                "UPDATE contact SET country = COALESCE($2, country), \
                 subscriber = CASE WHEN $3 = 1 THEN $4 ELSE subscriber END, \
                 published = COALESCE($5, published) WHERE id = $1 \
                 AND (country IS DISTINCT FROM COALESCE($2, country) \
                 OR ($3 = 1 AND subscriber IS DISTINCT FROM $4) \
                 OR published IS DISTINCT FROM COALESCE($5, published))",
                vec![
                    uuid(self.contact.id),
                    Arg::Text(country.map(Into::into)),
                    int(about.subscriber.is_some().into()),
                    Arg::Text(subscriber.map(|known| word(&known).into())),
                    Arg::Int(about.published.map(i64::from)),
                ],
            )
            .await?;
        if changed == 0 {
            return Ok(Recorded::Already);
        }
        Ok(self.push(events, Kind::Corrected, None, Value::Object(detail)))
    }
}

/// Whether the contact has to be asked for preferences at all.
async fn mark(tx: &mut Tx<'_>, contact: uuid::Uuid) -> Result<(), Error> {
    let sql = "UPDATE contact SET prefers = CASE WHEN EXISTS \
               (SELECT 1 FROM preference_now WHERE contact = $1) THEN 1 ELSE 0 END WHERE id = $1";
    tx.run(sql, vec![uuid(contact)]).await.map(drop)
}

/// The wish as it is kept: who picks every topic of the purpose narrows nothing. `None` where the
/// purpose lacks one that is picked.
fn narrowed(preference: &Preference, purpose: Option<&Purpose>) -> Option<Preference> {
    let Some(picked) = &preference.topics else { return Some(preference.clone()) };
    let topics = &purpose?.topics;
    let has = |id: &String| topics.iter().any(|topic| topic.id == *id);
    if !picked.iter().all(has) {
        return None;
    }
    // Each stands in either list once.
    let narrows = picked.len() != topics.len();
    let topics = preference.topics.clone().filter(|_| narrows);
    Some(Preference { topics, ..preference.clone() })
}

/// The first four columns of [`SELECT`].
pub(super) fn read(row: &Row) -> Result<Preference, Error> {
    let at_most = row.opt_text(1)?.map(|text| text.parse()).transpose();
    let topics = row.opt_text(3)?.map(|text| serde_json::from_str(&text));
    let purpose = row.text(0)?;
    Ok(Preference {
        purpose: (!purpose.is_empty()).then_some(purpose),
        at_most: at_most.map_err(Error::Bug)?,
        paused_until: row.opt_time(2)?,
        topics: topics.transpose().map_err(|error| Error::Bug(error.to_string()))?,
    })
}

pub(super) const SELECT: &str = "\
    SELECT p.purpose, p.at_most, p.paused_until, p.topics, c.key \
    FROM contact c CROSS JOIN preference_now p WHERE c.key {in} AND p.contact = c.id";
const COLUMNS: &[&str] =
    &["contact", "purpose", "at_most", "paused_until", "topics", "chain", "seq"];
