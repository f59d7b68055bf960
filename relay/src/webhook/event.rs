//! What a webhook is told: which events have a name out there, and the body made of one.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::group::Group;
use crate::{consent::Fed, news::What};

/// The name of an event; for programs, and never changed.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Event {
    /// A first grant of the purpose.
    Granted,
    /// One that the person confirmed by a click in a letter.
    Confirmed,
    /// A grant of a purpose that had been granted before.
    Renewed,
    /// It ends in so many days.
    Expiring,
    Expired,
    Refused,
    /// Withdrawn, revoked, terminated with its purpose, or found void.
    Ended,
    /// Silent for long: to be sent a last campaign, and unsubscribed where it stays silent.
    Inactive,
    /// It gave a sign of life.
    Reactivated,
    /// The contact's data is erased.
    Erased,
    /// Something became of messages: the journal has it, and not the ledger.
    Of(What),
    /// Sent when somebody asks for it.
    Test,
}

impl Event {
    /// What the ledger tells.
    const LEDGER: [Self; 10] = [
        Self::Granted,
        Self::Confirmed,
        Self::Renewed,
        Self::Expiring,
        Self::Expired,
        Self::Refused,
        Self::Ended,
        Self::Inactive,
        Self::Reactivated,
        Self::Erased,
    ];

    /// All that can be subscribed to.
    pub fn all() -> Vec<Self> {
        Self::LEDGER.into_iter().chain(What::ALL.map(Self::Of)).collect()
    }

    /// What one is told that names none: of each message only what somebody has to decide on.
    pub fn usual() -> Vec<Self> {
        let staff = [What::Held, What::Released, What::Rejected];
        Self::LEDGER.into_iter().chain(staff.map(Self::Of)).collect()
    }

    /// Of what is done with messages.
    pub fn is_of_journal(self) -> bool {
        matches!(self, Self::Of(_))
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Confirmed => "confirmed",
            Self::Renewed => "renewed",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::Refused => "refused",
            Self::Ended => "ended",
            Self::Inactive => "inactive",
            Self::Reactivated => "reactivated",
            Self::Erased => "erased",
            Self::Of(what) => what.as_str(),
            Self::Test => "test",
        }
    }

    /// One that can be subscribed to.
    pub fn parse(word: &str) -> Option<Self> {
        Self::all().into_iter().find(|event| event.as_str() == word)
    }

    /// Of the ledger's; `None` for what nobody is told.
    pub fn of(fed: &Fed) -> Option<Self> {
        let has = |field: &str, word: &str| fed.detail.get(field).is_some_and(|own| own == word);
        let lifts = fed.detail.get("lifts_refusal") == Some(&Value::Bool(true));
        match fed.kind.as_str() {
            "granted" if has("method", "renewal-click") => Some(Self::Renewed),
            "granted" if has("method", "double-opt-in") => Some(Self::Confirmed),
            "granted" if fed.again && !lifts => Some(Self::Renewed),
            "granted" => Some(Self::Granted),
            "expiring" => Some(Self::Expiring),
            "expired" => Some(Self::Expired),
            "refused" => Some(Self::Refused),
            "withdrawn" | "revoked" | "terminated" | "invalidated" => Some(Self::Ended),
            "inactive" => Some(Self::Inactive),
            "reactivated" => Some(Self::Reactivated),
            // Evidence that was let go of is no erasure of the person.
            "erased" if !has("what", "evidence") => Some(Self::Erased),
            _ => None,
        }
    }
}

/// What the body says beside the event itself.
pub(super) struct Head<'a> {
    pub delivery: Uuid,
    pub event: Event,
    pub controller: &'a str,
    /// Where the webhook is told them, and they are on record: the contact's, or those of each
    /// recipient.
    pub addresses: Vec<Option<String>>,
    pub created_at: Timestamp,
}

/// Of what is told.
pub(super) enum Told {
    /// One of the ledger's events.
    Fed(Box<Fed>),
    Group(Box<Group>),
    /// Of a test; or of what is not there any more.
    Nothing,
}

/// JSON.
pub(super) fn body(head: &Head<'_>, told: &Told) -> String {
    let (fed, group) = match told {
        Told::Fed(fed) => (Some(&**fed), None),
        Told::Group(group) => (None, Some(&**group)),
        Told::Nothing => (None, None),
    };
    let happened = fed.map(|fed| fed.at).or(group.map(|group| group.at));
    let at = happened.unwrap_or(head.created_at);
    let recorded_at = fed.map(|fed| fed.recorded_at).unwrap_or(at);
    let purpose = fed.and_then(|fed| fed.purpose.as_deref());
    let of_stream = group.map(|group| group.kind.purpose.as_str()).filter(|own| !own.is_empty());
    let of_fed = fed.map(|fed| data(head.event, fed));
    let of_group = group.map(|group| group.data(&head.addresses));
    json!({
        "id": head.delivery.to_string(),
        "event": head.event.as_str(),
        "controller": head.controller,
        "contact": fed.map(|fed| fed.contact.hex()),
        "address": head.addresses.first().filter(|_| fed.is_some()),
        "purpose": purpose.or(of_stream),
        "at": at.to_string(),
        "recorded_at": recorded_at.to_string(),
        "ledger_event": fed.map(Fed::name),
        "data": of_fed.or(of_group).unwrap_or_default(),
    })
    .to_string()
}

fn data(event: Event, fed: &Fed) -> Map<String, Value> {
    let mut data = Map::new();
    let mut copy = |fields: &[&str]| {
        for field in fields {
            if let Some(value) = fed.detail.get(*field).filter(|value| !value.is_null()) {
                data.insert((*field).to_owned(), value.clone());
            }
        }
    };
    match event {
        Event::Granted | Event::Confirmed | Event::Renewed => {
            copy(&["from", "until", "basis", "method", "source", "confirmed_at"]);
        }
        Event::Expiring | Event::Expired => copy(&["until", "grant"]),
        Event::Refused => copy(&["scope", "objection", "complaint", "why"]),
        Event::Inactive => copy(&["until"]),
        Event::Erased => copy(&["how"]),
        Event::Ended | Event::Reactivated | Event::Of(_) | Event::Test => {}
    }
    match event {
        Event::Expiring => {
            let until = fed.detail.get("until").and_then(Value::as_str);
            let until = until.and_then(|until| until.parse::<Timestamp>().ok());
            if let Some(until) = until {
                let hours = until.duration_since(fed.at).as_hours();
                data.insert("days".into(), json!((hours + 23).max(0) / 24));
            }
        }
        Event::Ended => {
            data.insert("how".into(), json!(fed.kind));
        }
        Event::Granted
        | Event::Confirmed
        | Event::Renewed
        | Event::Expired
        | Event::Refused
        | Event::Inactive
        | Event::Reactivated
        | Event::Erased
        | Event::Of(_)
        | Event::Test => {}
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::AddressKey;

    fn fed(kind: &str, detail: Value, again: bool) -> Fed {
        let at = Timestamp::from_second(1_800_000_000).unwrap();
        Fed {
            chain: 1,
            seq: 42,
            kind: kind.into(),
            contact: AddressKey([0xab; 32]),
            purpose: Some("novinky".into()),
            at,
            recorded_at: at,
            detail,
            again,
            erased: None,
        }
    }

    #[test]
    fn each_event_has_one_name() {
        let none = json!({});
        for (kind, detail, again, name) in [
            ("granted", none.clone(), false, Some("granted")),
            ("granted", none.clone(), true, Some("renewed")),
            ("granted", json!({ "lifts_refusal": true }), true, Some("granted")),
            ("granted", json!({ "method": "double-opt-in" }), true, Some("confirmed")),
            ("granted", json!({ "method": "renewal-click" }), true, Some("renewed")),
            ("refused", none.clone(), false, Some("refused")),
            ("revoked", none.clone(), false, Some("ended")),
            ("expired", none.clone(), false, Some("expired")),
            ("erased", json!({ "what": "evidence" }), false, None),
            ("erased", json!({ "what": "contact" }), false, Some("erased")),
            ("inactive", none.clone(), false, Some("inactive")),
            ("reactivated", none.clone(), false, Some("reactivated")),
            ("activity", none.clone(), false, None),
        ] {
            let event = Event::of(&fed(kind, detail.clone(), again));
            assert_eq!(event.map(Event::as_str), name, "{kind} {detail}");
        }
        assert!(Event::all().into_iter().all(|event| Event::parse(event.as_str()) == Some(event)));
    }

    #[test]
    fn a_body_says_what_when_and_for_how_long_still() {
        let fed = fed("expiring", json!({ "until": "2027-02-01T08:00:00Z", "secret": 1 }), false);
        let head = Head {
            delivery: Uuid::nil(),
            event: Event::Expiring,
            controller: "kavarna",
            addresses: vec![Some("jana@example.cz".into())],
            created_at: fed.at,
        };
        let told = Told::Fed(Box::new(fed));
        let body: Value = serde_json::from_str(&body(&head, &told)).unwrap();
        assert_eq!(body["ledger_event"], "c1-42");
        assert_eq!(body["data"], json!({ "until": "2027-02-01T08:00:00Z", "days": 17 }));
        assert_eq!(body["contact"], "ab".repeat(32));
    }
}
