//! What forms about a person share: whom they are about, when it was said, on which terms, what proves
//! it, and what came of it.

use std::sync::Arc;

use axum::response::Response;
use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use policy::{Address, Controller, Method, Source};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    frame::Frame,
    guest::{Visit, redirect},
    owner::{Owners, Person},
    problem::{CONFLICT, Problem},
    query::Query,
};
use crate::{
    consent::{Proof, Recorded, Start, Who},
    staff::{Act, Action, Entry},
};

/// Why it cannot be written down: the id of the text that says so.
pub(super) type Fault = &'static str;

/// Somebody on record, or an address that the form names.
pub(super) struct Subject {
    pub owner: Arc<Controller>,
    pub person: Option<Person>,
}

impl Subject {
    /// To whom `action` may be done.
    pub(super) async fn find(
        visit: &Visit,
        action: Action,
        id: Option<Uuid>,
        said: &Query,
    ) -> Result<Self, Problem> {
        let Some(id) = id else {
            let owners = Owners::of(visit, action, said.get("controller"))?;
            return Ok(Self { owner: owners.chosen, person: None });
        };
        let person = Person::find(visit, action, id).await?;
        Ok(Self { owner: Arc::clone(&person.owner), person: Some(person) })
    }

    pub(super) fn who(&self, said: &Query) -> Result<Who, Fault> {
        match &self.person {
            // Whoever wants to hear again says so with the address.
            Some(person) if person.brief.erased_at.is_some() => Err("console-contact-is-erased"),
            Some(person) => Ok(person.who()),
            None => match Address::parse(said.shown("address")) {
                Ok(address) => Ok(Who::address(&self.owner.id, address)),
                Err(_) => Err("console-address-wrong"),
            },
        }
    }

    /// Where the form is sent: `grant` below the person, or beside all of them.
    pub(super) fn path(&self, verb: &str, new: &str) -> String {
        match &self.person {
            Some(person) => format!("{}/{verb}", person.path()),
            None => new.to_owned(),
        }
    }

    /// Where one comes from.
    pub(super) fn back(&self) -> String {
        let list = || format!("/contacts?controller={}", self.owner.id);
        self.person.as_ref().map_or_else(list, Person::path)
    }

    /// Notes what was written down, and leads to the person.
    pub(super) async fn written(
        &self,
        visit: &Visit,
        who: &Who,
        (act, done): (Act, &str),
        (recorded, mut detail): (Recorded, Map<String, Value>),
    ) -> Result<Response, Problem> {
        let brief = visit.shared.console.consent.brief(who).await?.ok_or(CONFLICT)?;
        let mut word = "already";
        if let Recorded::New(event) = recorded {
            detail.insert("event".to_owned(), Value::String(event));
            let entry = Entry::new(act, format!("contact/{}", brief.id));
            visit.note(&entry.of(&*self.owner.id).with(Value::Object(detail))).await?;
            word = done;
        }
        Ok(redirect(&format!("/contacts/{}?done={word}", brief.id)))
    }
}

/// Why nothing was written; `None`: it is on record, now or since before.
pub(super) fn fault(recorded: &Recorded) -> Option<Fault> {
    match recorded {
        Recorded::New(_) | Recorded::Already => None,
        Recorded::RefusalStands => Some("console-refusal-stands"),
        Recorded::Closed => Some("console-purpose-is-closed"),
        Recorded::NoPurpose | Recorded::NoTopic | Recorded::WrongBasis => {
            Some("console-purpose-unknown")
        }
    }
}

/// `at`: when it was said, where the form does not say.
pub(super) fn proof(visit: &Visit, said: &Query, at: Timestamp) -> Result<Proof, Fault> {
    let evidence = evidence(said)?;
    let at = past(visit, said, "at")?.unwrap_or(at);
    Ok(Proof { actor: visit.by().actor, at, evidence })
}

/// In words of whoever writes it down; without them nothing is written.
pub(super) fn evidence(said: &Query) -> Result<Value, Fault> {
    let note = text(said, "evidence", 4_000)?.ok_or("console-evidence-missing")?;
    let mut evidence = Map::from_iter([("note".to_owned(), json!(note))]);
    for (name, letters_max) in [("wording", 4_000), ("wording_version", 200)] {
        if let Some(own) = text(said, name, letters_max)? {
            evidence.insert(name.to_owned(), json!(own));
        }
    }
    Ok(Value::Object(evidence))
}

/// A text of up to so many letters, none of them a control character but line ends.
pub(super) fn text(said: &Query, name: &str, letters_max: usize) -> Result<Option<String>, Fault> {
    let Some(text) = said.get(name) else { return Ok(None) };
    let is_odd = |letter: char| letter.is_control() && !"\n\r\t".contains(letter);
    if text.contains(is_odd) {
        return Err("console-text-odd");
    }
    if text.chars().count() > letters_max {
        return Err("console-text-long");
    }
    Ok(Some(text.to_owned()))
}

/// As a field for a day or for a moment has it.
pub(super) fn moment(
    said: &Query,
    name: &str,
    zone: &TimeZone,
) -> Result<Option<Timestamp>, Fault> {
    let Some(text) = said.get(name) else { return Ok(None) };
    let midnight = |day: Date| day.to_datetime(jiff::civil::Time::midnight());
    let read = text.parse::<DateTime>().or_else(|_| text.parse().map(midnight));
    let read = read.and_then(|at| zone.to_zoned(at));
    read.map(|at| Some(at.timestamp())).map_err(|_| "console-moment-wrong")
}

/// One that cannot lie ahead.
pub(super) fn past(visit: &Visit, said: &Query, name: &str) -> Result<Option<Timestamp>, Fault> {
    match moment(said, name, &visit.zone())? {
        Some(at) if at.duration_since(visit.now) > CLOCKS_DIFFER => Err("console-moment-ahead"),
        at => Ok(at),
    }
}

/// A word of a closed list.
pub(super) fn word<T: DeserializeOwned>(said: &Query, name: &str) -> Result<Option<T>, Fault> {
    let Some(word) = said.get(name) else { return Ok(None) };
    serde_json::from_value(Value::from(word)).map(Some).map_err(|_| "console-word-wrong")
}

/// On what terms a purpose is granted, to one or to many.
pub(super) struct Terms {
    pub start: Start,
    pub until: Option<Timestamp>,
    pub method: Method,
    pub source: Source,
    pub confirmed_at: Option<Timestamp>,
    pub of_age: bool,
}

impl Terms {
    pub(super) fn read(visit: &Visit, said: &Query) -> Result<Self, Fault> {
        let zone = visit.zone();
        let start = match said.get("start") {
            Some("added") => Start::Added,
            Some("date") => {
                Start::At(moment(said, "begins", &zone)?.ok_or("console-grant-from-missing")?)
            }
            Some(_) | None => Start::Now,
        };
        let method = word(said, "method")?.unwrap_or(Method::Manual);
        let confirmed_at = past(visit, said, "confirmed_at")?;
        if method.is_click() && confirmed_at.is_none() {
            return Err("console-grant-click-missing");
        }
        Ok(Self {
            start,
            until: moment(said, "ends", &zone)?,
            method,
            source: word(said, "source")?.unwrap_or(Source::Own),
            confirmed_at,
            of_age: said.is("of_age", "yes"),
        })
    }
}

/// Choices of a form.
pub(super) const METHODS: [Method; 8] = [
    Method::Manual,
    Method::Form,
    Method::Chat,
    Method::Order,
    Method::DoubleOptIn,
    Method::RenewalClick,
    Method::Import,
    Method::Api,
];
pub(super) const SOURCES: [Source; 4] =
    [Source::Own, Source::Purchased, Source::Public, Source::Scraped];

impl Query {
    /// From when it counts, as the form shows it.
    pub(super) fn is_start(&self, word: &str) -> bool {
        self.get("start").unwrap_or("now") == word
    }

    /// Whether this value of a closed list was chosen.
    pub(super) fn is_one<T: DeserializeOwned + PartialEq>(&self, name: &str, value: &T) -> bool {
        word::<T>(self, name).is_ok_and(|chosen| chosen.as_ref() == Some(value))
    }
}

impl Frame {
    /// The word for a value of a closed list, as forms send it.
    pub(super) fn word<T: serde::Serialize>(&self, value: &T) -> String {
        let word = serde_json::to_value(value).ok();
        word.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(5);
