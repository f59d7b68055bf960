//! What the messages of one sending share: sender, subject, the tool's name for it.
//!
//! Figures are taken out of subjects, so that ten thousand order confirmations are one campaign
//! and no order's number is kept. The id is a keyed hash: it says nothing without the secret.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use policy::Reading;
use serde::{Deserialize, Serialize};

use super::index::HOUR_MS;
use crate::{
    at_rest::{self, Column, Part},
    db::{Arg, Conn, Error, Row, Tx, int, text},
    seal::{MacKey, Secret},
};

/// What is shown of a campaign.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// Address in the first From field.
    pub from: String,
    /// Each row of digits is one `#`.
    pub subject: String,
    /// What the tool calls it.
    pub name: Option<String>,
}

/// One that verdicts name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Campaign {
    pub id: i64,
    pub first_at: Timestamp,
    pub told: Told,
}

/// Knows which campaigns are on record already; cheap to clone.
#[derive(Clone)]
pub struct Campaigns {
    secret: Secret,
    key: Arc<MacKey>,
    known: Arc<Mutex<HashSet<i64>>>,
}

/// One that is not on record yet: its row.
#[derive(Debug)]
pub struct Fresh(Vec<Arg<'static>>);

impl Told {
    pub fn of(reading: &Reading) -> Self {
        let message = &reading.message;
        let named = NAMES.iter().find_map(|name| {
            let value = message.decoded(message.header(name)?);
            let value: String = value.trim().chars().take(TEXT_MAX).collect();
            (!value.is_empty()).then_some(value)
        });
        let sender = message.senders().first().map_or("", |one| one.address.as_str());
        Self::new(sender, message.subject(), named)
    }

    pub fn new(from: &str, subject: &str, name: Option<String>) -> Self {
        Self { from: from.to_lowercase(), subject: without_figures(subject), name }
    }
}

impl Campaigns {
    pub fn new(secret: &Secret) -> Self {
        let key = Arc::new(secret.mac_key("campaign"));
        Self { secret: secret.clone(), key, known: Arc::default() }
    }

    /// The campaign's id, and its row where this process has not written it yet. One that has a
    /// name is the same under another subject.
    pub fn of(
        &self,
        now: Timestamp,
        (controller, login, stream): (&str, &str, &str),
        told: &Told,
    ) -> (i64, Option<Fresh>) {
        let same = told.name.as_ref().unwrap_or(&told.subject);
        let mark = if told.name.is_some() { "name" } else { "subject" };
        let parts = [controller, login, stream, &told.from, mark, same];
        let tag = self.key.sign_parts(&parts.map(str::as_bytes));
        let id = tag.first_chunk().map_or(1, |bytes| i64::from_be_bytes(*bytes));
        {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.contains(&id) {
                return (id, None);
            }
            if known.len() >= KNOWN_MAX {
                known.clear();
            }
            known.insert(id);
        }
        // INVARIANT: three strings are always JSON.
        let plain = serde_json::to_vec(told).unwrap_or_default();
        let told = at_rest::seal(&self.secret, COLUMN, &[Part::Int(id)], &plain);
        let at = int(now.as_millisecond());
        (id, Some(Fresh(vec![int(id), at, text(controller.to_owned()), Arg::bytes(told)])))
    }
}

/// As the journal's lines name it.
pub fn hex(id: i64) -> String {
    crate::seal::hex(&id.to_be_bytes())
}

/// The id out of it.
pub fn from_hex(word: &str) -> Option<i64> {
    let bytes = crate::seal::from_hex(word)?;
    Some(i64::from_be_bytes(<[u8; 8]>::try_from(bytes).ok()?))
}

pub(crate) async fn write(tx: &mut Tx<'_>, fresh: &[&Fresh]) -> Result<(), Error> {
    let rows = fresh.iter().flat_map(|one| one.0.iter().map(Arg::by_ref)).collect();
    let columns = &["id", "first_at", "controller", "told"];
    tx.insert("campaign", columns, rows, "ON CONFLICT (id) DO NOTHING").await?;
    Ok(())
}

/// Those with one of the ids.
pub(super) async fn named(
    conn: &mut Conn<'_>,
    secret: &Secret,
    ids: impl IntoIterator<Item = i64>,
) -> Result<Vec<Campaign>, Error> {
    let mut args = Vec::new();
    let places = crate::db::places(&mut args, ids.into_iter().map(int));
    if args.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT id, first_at, told FROM campaign WHERE id IN ({places})");
    conn.rows(&sql, args).await?.iter().map(|row| read(secret, row)).collect()
}

/// The newest ones that say all the words, of the newest 50,000. Case, accents and figures make no
/// difference.
pub(super) async fn saying(
    conn: &mut Conn<'_>,
    secret: &Secret,
    words: &str,
    most: usize,
) -> Result<Vec<i64>, Error> {
    let wanted = policy::text::fold(words);
    let wanted: Vec<&str> =
        wanted.split(|one: char| one.is_numeric() || one.is_whitespace()).collect();
    let sql = "SELECT id, first_at, told FROM campaign ORDER BY first_at DESC LIMIT $1";
    let mut found = Vec::new();
    for row in conn.rows(sql, vec![int(SEARCHED_MAX)]).await? {
        let one = read(secret, &row)?;
        let Told { from, subject, name } = &one.told;
        let text = format!("{from} {subject} {}", name.as_deref().unwrap_or_default());
        let text = policy::text::fold(&text);
        if wanted.iter().all(|word| text.contains(word)) {
            found.push(one.id);
            if found.len() == most {
                break;
            }
        }
    }
    Ok(found)
}

/// Takes away those of which nothing was decided for [`KEPT`]; how many.
pub(super) async fn forget(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, Error> {
    let last = now.checked_sub(KEPT).unwrap_or(now).as_millisecond();
    let sql = "DELETE FROM campaign WHERE first_at < $1 AND NOT EXISTS \
               (SELECT 1 FROM decision_count c WHERE c.campaign = campaign.id AND c.hour >= $2)";
    tx.run(sql, vec![int(last), int(last.div_euclid(HOUR_MS))]).await
}

fn read(secret: &Secret, row: &Row) -> Result<Campaign, Error> {
    let id = row.int(0)?;
    let told = at_rest::open(secret, COLUMN, &[Part::Int(id)], row.bytes(2)?)?;
    let fault = |error: &dyn std::fmt::Display| Error::Bug(format!("campaign: {error}"));
    Ok(Campaign {
        id,
        first_at: row.time(1)?,
        told: serde_json::from_slice(&told).map_err(|error| fault(&error))?,
    })
}

fn without_figures(subject: &str) -> String {
    let mut told = String::new();
    let mut in_figure = false;
    for one in subject.trim().chars().take(TEXT_MAX) {
        let is_figure = one.is_numeric();
        if !is_figure {
            told.push(one);
        } else if !in_figure {
            told.push('#');
        }
        in_figure = is_figure;
    }
    told
}

/// Fields by which tools name a sending, the first that is there counts.
const NAMES: [&str; 4] = ["Souhlas-Campaign", "X-Campaign-Id", "X-Campaign", "Feedback-ID"];
const COLUMN: Column = Column::CampaignTold;
/// A year, and time to look back on it.
const KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);
const TEXT_MAX: usize = 250;
/// In memory; forgotten ones are written again, to no effect.
const KNOWN_MAX: usize = 20_000;
const SEARCHED_MAX: i64 = 50_000;
