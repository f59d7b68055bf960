//! Purposes: why addresses may be used (S2, S17). Once made, a purpose is closed and not changed:
//! grants rest on it as it is. Its topics alone change: they only divide what was agreed to.

use jiff::{Span, Timestamp};
use policy::{Activity, Basis, Purpose, Requires, Validity};
use serde_json::{Map, json};

use super::{
    Consent,
    register::{self, Entry},
    store::parse_word,
    topic,
};
use crate::db::{Arg, Conn, Error, Row, int, text, word};

/// Why a purpose is not added.
#[derive(Debug)]
pub enum PurposeFault {
    /// The controller has one of this id; grants rest on it as it is.
    Exists,
    /// Id, controller or name is empty, or the id has other characters than `a-z 0-9 - _`.
    Name,
    /// The duration is empty or not positive: none lasts for ever (S30).
    Duration,
    /// It counts from activity and names no kind, or one twice.
    Activity,
    /// Delicate, and a grant needs no click: anybody could put anybody on the list (S89).
    Unconfirmed,
    /// Too many topics, one twice, or one whose id or name cannot be one.
    Topics,
    Store(Error),
}

impl std::fmt::Display for PurposeFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exists => f.write_str("a purpose of this id exists: choose another id"),
            Self::Name => f.write_str(
                "a purpose needs an id of `a-z`, `0-9`, `-` and `_`, a controller and a name",
            ),
            Self::Duration => f.write_str("a duration has to be longer than nothing: write `P3Y`"),
            Self::Activity => {
                f.write_str("a duration counts from activity of some kind: name each of them once")
            }
            Self::Unconfirmed => f.write_str(
                "a sensitive purpose needs double opt-in: else anybody could subscribe anybody",
            ),
            Self::Topics => write!(
                f,
                "a topic needs an id of `a-z`, `0-9`, `-` and `_`, its own, and a name: {} of them at \
                 most",
                topic::TOPICS_MAX
            ),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for PurposeFault {}

impl From<Error> for PurposeFault {
    fn from(error: Error) -> Self {
        match error {
            Error::Taken(_) => Self::Exists,
            Error::Away(_) | Error::Bug(_) => Self::Store(error),
        }
    }
}

impl Consent {
    /// `actor` names who adds it, without personal data.
    pub async fn purpose_add(
        &self,
        now: Timestamp,
        new: &Purpose,
        actor: &str,
    ) -> Result<(), PurposeFault> {
        let plain =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        let named = [&new.id, &new.controller, &new.name].iter().all(|text| !text.is_empty());
        if !named || !new.id.chars().all(plain) {
            return Err(PurposeFault::Name);
        }
        let (counts_from, span) = (counts_from(&new.validity)?, new.validity.span());
        if !span.is_positive() {
            return Err(PurposeFault::Duration);
        }
        if new.sensitive && new.basis == Basis::Consent && !new.requires.double_opt_in {
            return Err(PurposeFault::Unconfirmed);
        }
        let topics = topic::column(&new.topics).ok_or(PurposeFault::Topics)?;
        let mut tx = self.db.begin().await?;
        tx.run(
            "INSERT INTO purpose (id, controller, name, basis, counts_from, duration, note, \
             created_at, double_opt_in, once, of_age, channel, sensitive, expiring_days, \
             closed_at, topics, edition) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 1)",
            vec![
                text(new.id.as_str()),
                text(new.controller.as_str()),
                text(new.name.as_str()),
                text(word(&new.basis)),
                text(counts_from),
                text(span.to_string()),
                text(new.note.as_str()),
                int(now.as_millisecond()),
                int(new.requires.double_opt_in.into()),
                int(new.requires.once.into()),
                int(new.requires.age_declared.into()),
                text(word(&new.channel)),
                int(new.sensitive.into()),
                int(new.expiring_days.into()),
                Arg::Int(new.closed_at.map(Timestamp::as_millisecond)),
                text(topics),
            ],
        )
        .await?;
        let entry = Entry::PurposeAdded { controller: &new.controller, id: &new.id };
        let by = Map::from_iter([("by".to_owned(), json!(actor))]);
        register::note(&mut tx, self, now, entry, by).await.map_err(PurposeFault::Store)?;
        tx.commit().await?;
        Ok(())
    }

    /// All of every controller, by controller and id.
    pub async fn purposes(&self) -> Result<Vec<Purpose>, Error> {
        let sql = format!("{SELECT} ORDER BY controller, id");
        self.db.read().await?.rows(&sql, vec![]).await?.iter().map(read).collect()
    }

    /// All of one controller, by id.
    pub async fn purposes_of(&self, controller: &str) -> Result<Vec<Purpose>, Error> {
        let sql = format!("{SELECT} WHERE controller = $1 ORDER BY id");
        let rows = self.db.read().await?.rows(&sql, vec![text(controller)]).await?;
        rows.iter().map(read).collect()
    }

    pub async fn purpose(&self, controller: &str, id: &str) -> Result<Option<Purpose>, Error> {
        find(&mut self.db.read().await?, controller, id).await
    }
}

pub(super) async fn find(
    conn: &mut Conn<'_>,
    controller: &str,
    id: &str,
) -> Result<Option<Purpose>, Error> {
    let sql = format!("{SELECT} WHERE controller = $1 AND id = $2");
    conn.rows(&sql, vec![text(controller), text(id)]).await?.first().map(read).transpose()
}

fn read(row: &Row) -> Result<Purpose, Error> {
    let basis: Basis = parse_word(row.str(3)?)?;
    let span: Span = row
        .text(5)?
        .parse()
        .map_err(|error| Error::Bug(format!("a purpose's duration: {error}")))?;
    let validity = match row.text(4)?.as_str() {
        GRANT => Validity::Fixed(span),
        kinds => Validity::SinceActivity {
            span,
            kinds: kinds.split(' ').map(parse_word).collect::<Result<_, _>>()?,
        },
    };
    Ok(Purpose {
        id: row.text(0)?,
        controller: row.text(1)?,
        name: row.text(2)?,
        basis,
        validity,
        requires: requires(row, 7)?,
        channel: parse_word(row.str(10)?)?,
        sensitive: row.int(11)? == 1,
        expiring_days: u16::try_from(row.int(12)?).unwrap_or(u16::MAX),
        note: row.text(6)?,
        topics: topic::read(row.str(14)?)?,
        closed_at: row.opt_time(13)?,
    })
}

/// The column's word.
fn counts_from(validity: &Validity) -> Result<String, PurposeFault> {
    match validity {
        Validity::Fixed(_) => Ok(GRANT.to_owned()),
        Validity::SinceActivity { kinds, .. } => {
            let known: Vec<String> =
                Activity::ALL.iter().filter(|kind| kinds.contains(kind)).map(word).collect();
            if known.is_empty() || known.len() != kinds.len() {
                return Err(PurposeFault::Activity);
            }
            Ok(known.join(" "))
        }
    }
}

/// In three columns from `at` on: double opt-in, once, of age.
pub(super) fn requires(row: &Row, at: usize) -> Result<Requires, Error> {
    Ok(Requires {
        double_opt_in: row.int(at)? == 1,
        once: row.int(at + 1)? == 1,
        age_declared: row.int(at + 2)? == 1,
    })
}

const SELECT: &str = "SELECT id, controller, name, basis, counts_from, duration, note, \
                      double_opt_in, once, of_age, channel, sensitive, expiring_days, \
                      closed_at, topics FROM purpose";
const GRANT: &str = "grant";
