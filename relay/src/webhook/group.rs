//! What webhooks hear of messages: news that are alike, told together with their number, so that a
//! campaign held for ten thousand people is a few requests.
//!
//! Of what waits for a person, ids, rules and counts alone: whoever may know more asks the console. Of
//! what became of a message each recipient, for the tool that sent it.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{
    db::{Conn, Error},
    decisions::{Kind, campaign},
    news::{self, News, What},
};

/// News of one chain that are alike.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    pub what: What,
    /// The numbers of the first line and of the last one that were read together.
    pub first: i64,
    pub last: i64,
    pub at: Timestamp,
    pub kind: Kind,
    campaign: i64,
    reason: String,
    code: Option<String>,
    count: u64,
    /// The first few of them.
    messages: Vec<Uuid>,
    /// Where each is told, of each.
    pub each: Vec<News>,
}

/// Of a controller, from one chain of the journal: of the lines behind `after`, up to and with number
/// `last`.
pub(super) async fn read(
    conn: &mut Conn<'_>,
    controller: &str,
    (chain, after, last): (i64, i64, i64),
) -> Result<Vec<Group>, Error> {
    let mut all: Vec<Group> = Vec::new();
    for one in news::read(conn, (chain, after, last)).await? {
        if one.kind.controller != controller {
            continue;
        }
        match all.iter_mut().find(|group| group.takes(&one)) {
            Some(group) => group.add(one),
            None => all.push(Group::of(one, last)),
        }
    }
    Ok(all)
}

impl Group {
    fn of(one: News, last: i64) -> Self {
        let mut group = Self {
            what: one.what,
            first: one.seq,
            last,
            at: one.at,
            kind: one.kind.clone(),
            campaign: one.campaign,
            reason: one.reason.clone(),
            code: one.code.clone(),
            count: 0,
            messages: Vec::new(),
            each: Vec::new(),
        };
        group.add(one);
        group
    }

    fn takes(&self, one: &News) -> bool {
        let own = &self.kind;
        let (what, campaign) = (self.what, self.campaign);
        (what, campaign, &self.reason, &self.code)
            == (one.what, one.campaign, &one.reason, &one.code)
            && (&own.stream, &own.login, &own.class)
                == (&one.kind.stream, &one.kind.login, &one.kind.class)
            && self.each.len() < EACH_MAX
    }

    fn add(&mut self, one: News) {
        self.count += 1;
        let new = one.message.filter(|id| !self.messages.contains(id));
        if self.messages.len() < EACH_MAX {
            self.messages.extend(new);
        }
        if is_for_a_person(self.what) {
            return;
        }
        self.each.push(one);
    }

    /// With the addresses of [`Group::each`], where they may be told.
    pub(super) fn data(&self, addresses: &[Option<String>]) -> Map<String, Value> {
        let Kind { stream, login, class, .. } = &self.kind;
        let why = if is_for_a_person(self.what) { "rule" } else { "reason" };
        let told = [
            (why, json!(self.reason)),
            ("stream", json!(stream)),
            ("login", json!(login)),
            ("class", json!(class)),
            ("campaign", json!(campaign::hex(self.campaign))),
            ("count", json!(self.count)),
            ("messages", json!(self.messages)),
        ];
        let code = self.code.as_ref().map(|code| ("code", json!(code)));
        let recipients: Vec<Value> =
            self.each.iter().zip(addresses).map(|(one, address)| recipient(one, address)).collect();
        let recipients =
            (!is_for_a_person(self.what)).then(|| ("recipients", Value::from(recipients)));
        let all = told.into_iter().chain(code).chain(recipients);
        all.map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

fn recipient(one: &News, address: &Option<String>) -> Value {
    json!({
        "message": one.message,
        "contact": one.recipient.as_ref().map(|key| key.hex()),
        "address": address,
        "at": one.at.to_string(),
        "status": one.status,
        "reply": one.reply,
    })
}

/// What staff decide on is told to those who call them.
fn is_for_a_person(what: What) -> bool {
    match what {
        What::Held | What::Released | What::Rejected => true,
        What::Accepted
        | What::Blocked
        | What::Delivered
        | What::Deferred
        | What::Bounced
        | What::Suppressed
        | What::Complained => false,
    }
}

/// As many as a receiver can look at.
const EACH_MAX: usize = 100;
