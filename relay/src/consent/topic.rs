//! What messages of a purpose may be about, and how that changes (S55). What persons pick is in
//! `prefer`.
//!
//! A topic divides a purpose and widens nothing: to come, a message still needs the purpose's grant.
//! So this alone of a purpose may change after grants rest on it. What is kept of a person is what was
//! picked, not what was left out: a topic that is new was picked by nobody, and who once narrowed
//! a consent gets no more than they named (GDPR Art. 25(2)). Who did not pick has not narrowed it,
//! and gets the new topic, too.

use jiff::Timestamp;
use policy::{Purpose, Stream, Topic};
use serde_json::{Map, json};

use super::{
    Consent, PurposeFault,
    register::{self, Entry},
};
use crate::db::{Error, text};

/// Whose topics are set, and by whom.
#[derive(Clone, Debug)]
pub struct Topics<'a> {
    pub controller: &'a str,
    pub purpose: &'a str,
    /// All that it has from now on.
    pub topics: &'a [Topic],
    pub actor: &'a str,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Set {
    New,
    /// They were so already.
    Already,
    NoPurpose,
    /// The purpose is closed.
    Closed,
}

impl Consent {
    /// Puts a purpose's topics in place of those that it has.
    ///
    /// # Errors
    ///
    /// [`PurposeFault::Topics`], and the store's.
    pub async fn purpose_topics(
        &self,
        now: Timestamp,
        what: &Topics<'_>,
    ) -> Result<Set, PurposeFault> {
        let column = column(what.topics).ok_or(PurposeFault::Topics)?;
        self.set_topics(now, what, column).await.map_err(PurposeFault::Store)
    }

    async fn set_topics(
        &self,
        now: Timestamp,
        what: &Topics<'_>,
        column: String,
    ) -> Result<Set, Error> {
        let mut tx = self.db.begin().await?;
        let Some(found) = super::purpose::find(&mut tx, what.controller, what.purpose).await?
        else {
            return Ok(Set::NoPurpose);
        };
        if found.closed_at.is_some() {
            return Ok(Set::Closed);
        }
        let sql = "UPDATE purpose SET topics = $1, edition = edition + 1 \
                   WHERE controller = $2 AND id = $3 AND closed_at IS NULL AND topics <> $1";
        let args = vec![text(column), text(what.controller), text(what.purpose)];
        if tx.run(sql, args).await? == 0 {
            return Ok(Set::Already);
        }
        let entry = Entry::PurposeTopics { controller: what.controller, id: what.purpose };
        let more = Map::from_iter([("by".to_owned(), json!(what.actor))]);
        register::note(&mut tx, self, now, entry, more).await?;
        tx.commit().await?;
        Ok(Set::New)
    }
}

/// The streams whose topic no purpose has: who did not pick gets their messages, who picked does not.
pub fn strays<'s>(
    streams: impl Iterator<Item = &'s Stream>,
    purposes: &[Purpose],
) -> impl Iterator<Item = &'s Stream> {
    streams.filter(move |stream| {
        let Some(topic) = &stream.topic else { return false };
        let is_own = |one: &&Purpose| {
            one.controller == stream.controller.id && stream.purpose.as_ref() == Some(&one.id)
        };
        let mut own = purposes.iter().filter(is_own);
        !own.any(|one| one.topics.iter().any(|known| known.id == *topic))
    })
}

/// As the column holds them; `None` where they cannot be ones.
pub(super) fn column(topics: &[Topic]) -> Option<String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    let is_one = |(at, topic): (usize, &Topic)| {
        let (id, name) = (&topic.id, &topic.name);
        (1..=ID_MAX).contains(&id.len())
            && id.chars().all(plain)
            && (1..=NAME_MAX).contains(&name.chars().count())
            && !name.contains(|c: char| c.is_control() && !"\n\r\t".contains(c))
            && !topics.iter().take(at).any(|other| other.id == *id || other.name == *name)
    };
    let all = topics.len() <= TOPICS_MAX && topics.iter().enumerate().all(is_one);
    all.then(|| json!(topics).to_string())
}

pub(super) fn read(column: &str) -> Result<Vec<Topic>, Error> {
    serde_json::from_str(column).map_err(|error| Error::Bug(format!("a purpose's topics: {error}")))
}

/// More than a person looks through on a page, and each is a box there.
pub(super) const TOPICS_MAX: usize = 20;
/// Of the id, and of the name in letters.
const ID_MAX: usize = 64;
const NAME_MAX: usize = 100;
