//! What became of messages, in words for programs: each line of the journal that tells of it, with its
//! reason. The words are the same in webhooks, in the log of events, and in reports to senders.

mod log;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

pub use log::{Log, Mark};

use crate::{
    db::{Conn, Error},
    decisions::{self, Fate, Kind, campaign},
    journal::{self, Line, reason::Cause, store},
    seal::AddressKey,
};

/// What happened to a message; for programs, and never changed.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum What {
    /// Taken in, to be sent.
    Accepted,
    /// A verdict kept it out: the tool was told so, or its sender by a report.
    Blocked,
    /// It waits for a person.
    Held,
    /// A person let it go.
    Released,
    /// A person kept it from its recipient, or nobody decided in time.
    Rejected,
    /// The next server took it over.
    Delivered,
    /// Not now: it is tried again, or the tool was asked to come again.
    Deferred,
    /// It came back, at once or later; or it was given up.
    Bounced,
    /// Stopped before it left: the person had said no meanwhile.
    Suppressed,
    /// The recipient called it spam.
    Complained,
}

/// One line of the journal that tells of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct News {
    pub what: What,
    /// The line's.
    pub id: Uuid,
    pub seq: i64,
    pub at: Timestamp,
    /// Of the verdict with which the message came.
    pub kind: Kind,
    pub campaign: i64,
    /// `None`: it was refused before there was one.
    pub message: Option<Uuid>,
    pub delivery: Option<Uuid>,
    pub recipient: Option<AddressKey>,
    /// Why: a rule, a class of replies, or a [`Cause`]. Empty where it went
    /// well.
    pub reason: String,
    /// RFC 3463.
    pub status: Option<String>,
    /// What the other server said, without addresses.
    pub reply: Option<String>,
    /// Which reason a person chose.
    pub code: Option<String>,
}

impl What {
    pub const ALL: [Self; 10] = [
        Self::Accepted,
        Self::Blocked,
        Self::Held,
        Self::Released,
        Self::Rejected,
        Self::Delivered,
        Self::Deferred,
        Self::Bounced,
        Self::Suppressed,
        Self::Complained,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Blocked => "blocked",
            Self::Held => "held",
            Self::Released => "released",
            Self::Rejected => "rejected",
            Self::Delivered => "delivered",
            Self::Deferred => "deferred",
            Self::Bounced => "bounced",
            Self::Suppressed => "suppressed",
            Self::Complained => "complained",
        }
    }

    /// Of a line with a verdict, or of one without.
    fn of(kind: journal::Kind, own: Option<Fate>, detail: &Value) -> Option<Self> {
        use journal::Kind as Line;
        let says = |name: &str| detail.get(name).is_some();
        match kind {
            Line::Decided => match own? {
                Fate::Sent | Fate::Repaired => Some(Self::Accepted),
                Fate::Refused => Some(Self::Blocked),
                Fate::Held => Some(Self::Held),
                Fate::Deferred => Some(Self::Deferred),
                Fate::Stopped => Some(Self::Suppressed),
            },
            // One that says neither was held before.
            Line::Held => (own.is_some() || says("because")).then_some(Self::Held),
            Line::Released => Some(Self::Released),
            Line::Rejected => Some(Self::Rejected),
            // A hold that nobody ended in time says who was told.
            Line::Expired if says("told") => Some(Self::Rejected),
            Line::Bounced | Line::Expired => Some(Self::Bounced),
            Line::Delivered => Some(Self::Delivered),
            Line::Deferred => Some(Self::Deferred),
            Line::Suppressed => Some(Self::Suppressed),
            Line::Complained => Some(Self::Complained),
            Line::Reported
            | Line::PolicyLoaded
            | Line::Operator
            | Line::PurposeAdded
            | Line::PurposeTopics
            | Line::PurposeClosed
            | Line::ImportBegun
            | Line::EntriesListed
            | Line::Reviewed => None,
        }
    }
}

impl News {
    /// A line of the log, without its end.
    pub fn json(&self) -> Value {
        let Kind { controller, stream, login, class, .. } = &self.kind;
        let told = [
            ("id", json!(self.id)),
            ("event", json!(self.what.as_str())),
            ("at", json!(self.at.to_string())),
            ("controller", json!(controller)),
            ("stream", json!(stream)),
            ("login", json!(login)),
            ("class", json!(class)),
            ("campaign", json!(campaign::hex(self.campaign))),
        ];
        let some = |text: &Option<String>| text.as_deref().map(Value::from);
        let perhaps = [
            ("message", self.message.map(|id| json!(id))),
            ("delivery", self.delivery.map(|id| json!(id))),
            ("contact", self.recipient.as_ref().map(|key| json!(key.hex()))),
            ("reason", (!self.reason.is_empty()).then(|| json!(self.reason))),
            ("status", some(&self.status)),
            ("reply", some(&self.reply)),
            ("code", some(&self.code)),
        ];
        let perhaps = perhaps.into_iter().filter_map(|(name, value)| Some((name, value?)));
        told.into_iter().chain(perhaps).map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// Of one chain of the journal, what the lines behind `after` tell of messages, up to and with number
/// `last`; in order.
pub async fn read(
    conn: &mut Conn<'_>,
    (chain, after, last): (i64, i64, i64),
) -> Result<Vec<News>, Error> {
    let lines = store::after(conn, (chain, after), last.saturating_sub(after)).await?;
    let mut firsts = BTreeMap::new();
    let mut all = Vec::new();
    for line in lines.iter().take_while(|line| line.seq <= last) {
        all.extend(one(conn, &mut firsts, line).await?);
    }
    Ok(all)
}

/// With which verdict, and in which campaign, messages came in.
type Firsts = BTreeMap<Uuid, Option<(Kind, i64)>>;

/// `None` for a line that tells of no message, or of one that no stream has: the relay's own.
async fn one(conn: &mut Conn<'_>, firsts: &mut Firsts, line: &Line) -> Result<Option<News>, Error> {
    let event = &line.event;
    let detail = event.detail.value();
    let own = decisions::verdict(line);
    let what = What::of(event.kind, own.as_ref().map(|(own, _)| own.fate), &detail);
    let Some(what) = what else { return Ok(None) };
    let came = match (&own, event.message) {
        (Some(own), _) if event.kind == journal::Kind::Decided => Some(own.clone()),
        (_, Some(message)) => first(conn, firsts, message).await?,
        (_, None) => None,
    };
    let Some((kind, campaign)) = came else { return Ok(None) };
    let text = |at: &str| detail.pointer(at).and_then(Value::as_str).map(str::to_owned);
    let some = |at: &str| text(at).filter(|text| !text.is_empty());
    let rule = own.map(|(own, _)| own.rule).or_else(|| some("/rule")).or_else(|| some("/rules/0"));
    let expired =
        (event.kind == journal::Kind::Expired).then(|| Cause::Expired.as_str().to_owned());
    // Lines of before they had words have none.
    let told = some("/reason").filter(|_| detail.get("by").is_none());
    let reason = match what {
        What::Accepted | What::Delivered => String::new(),
        What::Blocked | What::Held | What::Suppressed => rule.or(told).unwrap_or(kind.rule.clone()),
        // What had held it.
        What::Released | What::Rejected => rule.unwrap_or(kind.rule.clone()),
        What::Complained => Cause::Complaint.as_str().to_owned(),
        What::Bounced if detail.get("order").is_some() => Cause::GivenUp.as_str().to_owned(),
        What::Bounced => {
            let said = expired.clone().or(told).or_else(|| some("/class"));
            said.unwrap_or_else(|| "hard".to_owned())
        }
        What::Deferred => {
            let rule = rule.filter(|rule| !rule.is_empty());
            rule.or(told).or_else(|| some("/class")).unwrap_or_else(|| unsaid(&detail).to_owned())
        }
    };
    Ok(Some(News {
        what,
        id: event.id,
        seq: line.seq,
        at: event.at,
        kind,
        campaign,
        message: event.message,
        delivery: event.delivery,
        recipient: event.recipient,
        reason,
        status: some("/status"),
        reply: some("/reply"),
        code: expired.filter(|_| what == What::Rejected).or_else(|| text("/code")),
    }))
}

/// Why it is tried again where neither a rule nor a server said so.
fn unsaid(detail: &Value) -> &'static str {
    let tried = detail.get("attempt").is_some();
    if tried { Cause::Unreachable } else { Cause::FactMissing }.as_str()
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
