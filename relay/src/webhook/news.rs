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
    let detail = line.event.detail.value();
    let Some(message) = line.event.message else { return Ok(None) };
    let text = |name: &str| detail.get(name).and_then(Value::as_str).map(str::to_owned);
    let own = decisions::verdict(line);
    let event = match line.event.kind {
        journal::Kind::Decided if own.as_ref().is_some_and(|(kind, _)| kind.fate == Fate::Held) => {
            Event::Held
        }
        // One that says neither was held before.
        journal::Kind::Held if own.is_some() || text("because").is_some() => Event::Held,
        journal::Kind::Released => Event::Released,
        journal::Kind::Rejected => Event::Rejected,
        journal::Kind::Expired if detail.get("told").is_some() => Event::Rejected,
        _ => return Ok(None),
    };
    let came = match (line.event.kind, own.clone()) {
        (journal::Kind::Decided, came) => came,
        (_, _) => {
            if !firsts.contains_key(&message) {
                let first = store::decided(conn, message).await?;
                firsts.insert(message, first.as_ref().and_then(decisions::verdict));
            }
            firsts.get(&message).cloned().flatten()
        }
    };
    let Some((mut kind, campaign)) = came else { return Ok(None) };
    let waived = detail.pointer("/rules/0").and_then(Value::as_str).map(str::to_owned);
    let held_by = own.map(|(own, _)| own.rule).or_else(|| text("rule")).or(waived);
    kind.rule = held_by.unwrap_or(kind.rule);
    kind.fate = Fate::Held;
    let code = match line.event.kind {
        journal::Kind::Expired => Some("expired".to_owned()),
        _ => text("code"),
    };
    Ok(Some(News {
        event,
        first: line.seq,
        last,
        at: line.event.at,
        kind,
        campaign,
        code,
        count: 1,
        messages: vec![message],
    }))
}

/// As many as a receiver can look at.
const MESSAGES_MAX: usize = 100;
