//! What webhooks hear of held messages: lines of the journal that are alike, told together with their
//! number, so that a campaign held for ten thousand people is a few requests.
//!
//! Ids, rules and counts, never a recipient: whoever may know more asks the console.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Event;
use crate::{
    db::{Conn, Error},
    decisions::{self, Fate, Kind, campaign},
    journal::{self, Line, store},
};

/// Lines of one chain that are alike.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct News {
    pub event: Event,
    /// The numbers of the first one and of the last one that were read together.
    pub first: i64,
    pub last: i64,
    pub at: Timestamp,
    pub kind: Kind,
    campaign: i64,
    /// Why a person said so, where one did; `expired`: nobody did in time.
    code: Option<String>,
    count: u64,
    /// The first few of them.
    messages: Vec<Uuid>,
}

impl News {
    pub(super) fn data(&self) -> Map<String, Value> {
        let Kind { rule, stream, login, class, .. } = &self.kind;
        let told = [
            ("rule", json!(rule)),
            ("stream", json!(stream)),
            ("login", json!(login)),
            ("class", json!(class)),
            ("campaign", json!(campaign::hex(self.campaign))),
            ("count", json!(self.count)),
            ("messages", json!(self.messages)),
        ];
        let code = self.code.as_ref().map(|code| ("code", json!(code)));
        told.into_iter().chain(code).map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// Of a controller, from one chain of the journal: of the lines behind `after`, up to and with number
/// `last`.
pub(super) async fn read(
    conn: &mut Conn<'_>,
    controller: &str,
    (chain, after, last): (i64, i64, i64),
) -> Result<Vec<News>, Error> {
    let lines = store::after(conn, (chain, after), last.saturating_sub(after)).await?;
    let mut firsts = BTreeMap::new();
    let mut all: Vec<News> = Vec::new();
    for line in lines.iter().take_while(|line| line.seq <= last) {
        let Some(one) = one(conn, &mut firsts, line, last).await? else { continue };
        if one.kind.controller != controller {
            continue;
        }
        let is_like = |own: &&mut News| {
            (own.event, &own.kind, own.campaign, &own.code)
                == (one.event, &one.kind, one.campaign, &one.code)
        };
        match all.iter_mut().find(is_like) {
            Some(own) => {
                own.count += 1;
                for message in one.messages {
                    if own.messages.len() < MESSAGES_MAX && !own.messages.contains(&message) {
                        own.messages.push(message);
                    }
                }
            }
            None => all.push(one),
        }
    }
    Ok(all)
}

/// With which verdict, and in which campaign, messages came in.
type Firsts = BTreeMap<Uuid, Option<(Kind, i64)>>;

/// `None` for a line that says nothing of the kind.
async fn one(
    conn: &mut Conn<'_>,
    firsts: &mut Firsts,
    line: &Line,
    last: i64,
) -> Result<Option<News>, Error> {
    let (kind, detail) = (line.event.kind, line.event.detail.value());
    let own = decisions::verdict(line);
    let event = event(kind, own.as_ref().map(|(own, _)| own), &detail);
    let Some((event, message)) = event.zip(line.event.message) else { return Ok(None) };
    let came = match &own {
        Some(own) if kind == journal::Kind::Decided => Some(own.clone()),
        Some(_) | None => first(conn, firsts, message).await?,
    };
    let Some((mut about, campaign)) = came else { return Ok(None) };
    let text = |at: &str| detail.pointer(at).and_then(Value::as_str).map(str::to_owned);
    let held_by = own.map(|(own, _)| own.rule).or_else(|| text("/rule"));
    about.rule = held_by.or_else(|| text("/rules/0")).unwrap_or(about.rule);
    about.fate = Fate::Held;
    let expired = (kind == journal::Kind::Expired).then(|| "expired".to_owned());
    Ok(Some(News {
        event,
        first: line.seq,
        last,
        at: line.event.at,
        kind: about,
        campaign,
        code: expired.or_else(|| text("/code")),
        count: 1,
        messages: vec![message],
    }))
}

fn event(kind: journal::Kind, own: Option<&Kind>, detail: &Value) -> Option<Event> {
    let says = |name: &str| detail.get(name).is_some();
    let is_held = own.is_some_and(|own| own.fate == Fate::Held);
    let all = [
        (journal::Kind::Decided, is_held, Event::Held),
        // One that says neither was held before.
        (journal::Kind::Held, own.is_some() || says("because"), Event::Held),
        (journal::Kind::Released, true, Event::Released),
        (journal::Kind::Rejected, true, Event::Rejected),
        // Not of one that could not be delivered.
        (journal::Kind::Expired, says("told"), Event::Rejected),
    ];
    let found = all.into_iter().find(|(own, holds, _)| *own == kind && *holds);
    found.map(|(_, _, event)| event)
}

async fn first(
    conn: &mut Conn<'_>,
    firsts: &mut Firsts,
    message: Uuid,
) -> Result<Option<(Kind, i64)>, Error> {
    if let Some(known) = firsts.get(&message) {
        return Ok(known.clone());
    }
    let line = store::decided(conn, message).await?;
    let found = line.as_ref().and_then(decisions::verdict);
    firsts.insert(message, found.clone());
    Ok(found)
}

/// As many as a receiver can look at.
const MESSAGES_MAX: usize = 100;
