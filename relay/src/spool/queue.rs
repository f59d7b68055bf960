//! What people see and do: lists, counts, one delivery in full, trying again at once.
//!
//! Releasing and rejecting are settlements like the worker's (`Spool::settle_held`): whoever asks
//! for them decides and writes the journal's lines.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::{Delivery, Message, Spool, State, store};
use crate::{
    db::{Conditions, Error, Keys, int, key, size, text, uuid},
    seal::AddressKey,
};

/// What to list; everything asked for must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub state: Option<State>,
    pub message: Option<Uuid>,
    /// Any of these; empty: whoever.
    pub recipients: Vec<AddressKey>,
    pub rule: Option<String>,
    pub domain: Option<String>,
    /// Deliveries after this one: the last of the page before.
    pub after: Option<Uuid>,
}

/// Deliveries in one state.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Standing {
    pub state: State,
    pub count: u64,
    /// When the message of the oldest one came.
    pub oldest: Timestamp,
}

/// How many deliveries are in each state.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    pub ready: u64,
    pub claimed: u64,
    pub held: u64,
}

impl Spool {
    /// Oldest first.
    pub async fn list(&self, filter: &Filter, limit: usize) -> Result<Vec<Delivery>, Error> {
        let limit = size(limit);
        let mut asked = Conditions::new(vec![limit]);
        if let Some(state) = filter.state {
            asked.also(&is(state));
        }
        asked.ask("message = $", filter.message.map(uuid));
        asked.ask("rule = $", filter.rule.as_deref().map(text));
        asked.ask("domain = $", filter.domain.as_deref().map(|name| int(self.domains.named(name))));
        asked.ask("id > $", filter.after.map(uuid));
        asked.among("key {in}", filter.recipients.iter().map(|one| key(&one.0)));
        let (asked, args) = asked.finish();
        let sql =
            format!("SELECT {} FROM delivery WHERE {asked} ORDER BY id LIMIT $1", store::DELIVERY);
        let rows = self.db.read().await?.rows(&sql, args).await?;
        rows.iter().map(|row| store::delivery(&self.secret, row)).collect()
    }

    /// To whom these go, by the delivery.
    pub async fn mailboxes(&self, ids: Vec<Uuid>) -> Result<BTreeMap<Uuid, String>, Error> {
        let sql = format!("SELECT {} FROM delivery WHERE id {{in}}", store::DELIVERY);
        let rows = self.db.read().await?.rows_in(&sql, &[], Keys::Uuids(ids)).await?;
        rows.iter()
            .map(|row| {
                let found = store::delivery(&self.secret, row)?;
                Ok((found.id, found.recipient.path.to_mailbox_string()))
            })
            .collect()
    }

    pub async fn counts(&self) -> Result<Counts, Error> {
        let sql = format!(
            "SELECT (SELECT COUNT(*) FROM delivery WHERE {}), \
             (SELECT COUNT(*) FROM delivery WHERE {}), (SELECT COUNT(*) FROM delivery)",
            is(State::Ready),
            is(State::Held)
        );
        let rows = self.db.read().await?.rows(&sql, vec![]).await?;
        let count = |at| match rows.first() {
            Some(row) => Ok(row.count(at)?),
            None => Ok::<_, Error>(0),
        };
        let (ready, held) = (count(0)?, count(1)?);
        Ok(Counts { ready, claimed: count(2)?.saturating_sub(ready + held), held })
    }

    /// How many are in each state, and how old; of all streams, or of these.
    pub async fn standing(&self, streams: Option<&[String]>) -> Result<Vec<Standing>, Error> {
        let mut asked = Conditions::new(Vec::new());
        of_streams(&mut asked, streams);
        let (asked, args) = asked.finish();
        let sql = format!(
            "SELECT d.state, COUNT(*), MIN(m.received_at) FROM delivery d \
             JOIN message m ON m.id = d.message WHERE {asked} GROUP BY d.state ORDER BY d.state"
        );
        let rows = self.db.read().await?.rows(&sql, args).await?;
        rows.iter()
            .map(|row| {
                Ok(Standing {
                    state: State::parse(row.str(0)?)?,
                    count: row.count(1)?,
                    oldest: row.time(2)?,
                })
            })
            .collect()
    }

    /// One delivery with its message, bytes and all.
    pub async fn show(&self, delivery: Uuid) -> Result<Option<(Message, Delivery)>, Error> {
        let mut conn = self.db.read().await?;
        let sql = format!("SELECT {} FROM delivery WHERE id = $1", store::DELIVERY);
        let rows = conn.rows(&sql, vec![uuid(delivery)]).await?;
        let Some(found) = rows.first().map(|row| store::delivery(&self.secret, row)).transpose()?
        else {
            return Ok(None);
        };
        let message = self.load(&mut conn, vec![found.message]).await?.pop().transpose()?;
        Ok(message.map(|message| (message, found)))
    }

    /// A message that is on its way or held, bytes and all.
    pub async fn message(&self, id: Uuid) -> Result<Option<Message>, Error> {
        let mut conn = self.db.read().await?;
        self.load(&mut conn, vec![id]).await?.pop().transpose()
    }
}

/// Whose message `m` is of one of these.
fn of_streams<'a>(asked: &mut Conditions<'a>, streams: Option<&'a [String]>) {
    match streams {
        None => {}
        Some([]) => asked.also("1 = 0"),
        Some(streams) => asked.among("m.stream {in}", streams.iter().map(text)),
    }
}

/// In the statement's text: the indexes of these states are for no other.
fn is(state: State) -> String {
    format!("state = '{}'", state.as_str())
}

impl State {
    /// The database's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Claimed => "claimed",
            Self::Held => "held",
        }
    }

    /// Of its word for people.
    pub fn text_id(self) -> &'static str {
        match self {
            Self::Ready => "console-queue-ready",
            Self::Claimed => "console-queue-claimed",
            Self::Held => "console-queue-held",
        }
    }

    pub(super) fn parse(word: &str) -> Result<Self, Error> {
        [Self::Ready, Self::Claimed, Self::Held]
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or_else(|| Error::Bug(format!("spool: state `{word}`")))
    }
}
