//! One statement of one address, ready to be written, or why a line is none; and what the readers of
//! all formats make them with.

use std::fmt;

use jiff::Timestamp;
use policy::{Activity, Address, AddressFault, Ended, Method, Preference, Purpose, Relation};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Plan, date, format::Format, mapping::Mapped};
use crate::{
    consent::{About, Notice, record, suppress::Entry},
    seal::{AddressKey, Secret},
};

#[derive(Debug)]
pub(super) struct Row {
    pub key: AddressKey,
    pub address: Address,
    pub country: Option<String>,
    pub at: Timestamp,
    pub says: Says,
    /// JSON.
    pub evidence: String,
}

/// Purposes are positions in the reader's list of them.
#[derive(Debug)]
pub(super) enum Says {
    Yes(Yes),
    /// To one purpose, or to everything of the controller but some.
    No {
        purpose: Option<usize>,
        except: Vec<usize>,
    },
    /// To everything, by a suppression list.
    Listed(Entry),
    /// What else a contact's record holds; no line of a foreign file comes to one of these.
    More(Box<More>),
}

#[derive(Debug)]
pub(super) struct Yes {
    pub purpose: usize,
    pub until: Timestamp,
    pub method: Method,
    pub confirmed_at: Option<Timestamp>,
    pub of_age: bool,
    /// The line holds the words agreed to.
    pub worded: bool,
    /// It is over, and how it ended.
    pub ended: Option<(Timestamp, Ended)>,
}

#[derive(Debug)]
pub(super) enum More {
    Relation(Relation),
    Preference(Preference),
    Activity(Activity),
    Notice(Notice),
    About(About),
}

/// Why a line is not taken.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Why {
    Columns {
        found: usize,
        expected: usize,
    },
    NoAddress,
    Address(AddressFault),
    NoDate,
    Date(String),
    Future,
    Ends,
    /// A state, and why it is no yes.
    Status(String, &'static str),
    /// No purpose of ours stands for its lists.
    Unmapped(Vec<String>),
    NoPurpose(String),
    /// Of a purpose.
    NoTopic(String, String),
    Closed(String),
    Source(&'static str),
    Json(String),
    Field(&'static str),
    Until,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Columns { found, expected } => {
                write!(f, "{found} fields where the header has {expected}")
            }
            Self::NoAddress => f.write_str("no address"),
            Self::Address(fault) => fault.fmt(f),
            Self::NoDate => f.write_str(
                "no date of consent: fill in the column, or give one date for all such lines",
            ),
            Self::Date(text) => write!(f, "`{text}` is no date: write `2026-03-01 14:30`"),
            Self::Future => f.write_str("the date of consent lies in the future"),
            Self::Ends => f.write_str("the consent ends before it begins"),
            Self::Status(status, why) => write!(f, "the state is `{status}`: {why}"),
            Self::Unmapped(lists) if lists.is_empty() => {
                f.write_str("nothing says for which purpose")
            }
            Self::Unmapped(lists) => write!(
                f,
                "no purpose stands for `{}`: say which with `--purpose LIST=PURPOSE`",
                lists.join("`, `")
            ),
            Self::NoPurpose(id) => write!(f, "there is no purpose `{id}`: add it or map it"),
            Self::NoTopic(id, topic) => write!(
                f,
                "the purpose `{id}` has no topic `{topic}`, of which the person said something: \
                 `souhlas purpose topics`"
            ),
            Self::Closed(id) => write!(f, "the purpose `{id}` is closed"),
            Self::Source(word) => write!(f, "the source is `{word}`: nothing of that is imported"),
            Self::Json(fault) => write!(f, "no record that can be read: {fault}"),
            Self::Field(name) => write!(f, "`{name}` cannot be read"),
            Self::Until => f.write_str("the end of the consent cannot be counted"),
        }
    }
}

/// What a line came to: any number of statements, and why others were not made.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub rows: Vec<Row>,
    pub rejected: Vec<Why>,
    /// Asked to be left out.
    pub left_out: bool,
}

/// Reads records of one file.
pub(super) struct Reader {
    pub secret: Secret,
    pub plan: Plan,
    pub format: Format,
    /// All of the controller.
    pub purposes: Vec<Purpose>,
    pub now: Timestamp,
    pub file: String,
    /// Names the import in the evidence.
    pub import: Option<Uuid>,
}

/// Whom a record is about.
pub(super) struct Person {
    pub key: AddressKey,
    pub address: Address,
    pub country: Option<String>,
    /// JSON; the record itself, whole, and where it stood.
    pub evidence: String,
}

/// A yes as a file has it.
#[derive(Default)]
pub(super) struct Agreed {
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
    pub confirmed_at: Option<Timestamp>,
    pub of_age: bool,
    pub worded: bool,
}

impl Reader {
    pub(super) fn person(
        &self,
        address: &str,
        country: Option<&str>,
        evidence: String,
    ) -> Result<Person, Why> {
        let address: Address = address.parse().map_err(Why::Address)?;
        let country = country
            .filter(|code| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic()))
            .map(str::to_ascii_uppercase);
        let key = self.secret.address_key(&self.plan.controller, &address);
        Ok(Person { key, address, country, evidence })
    }

    /// Where a record stood and what it said, as it is kept with every statement made of it.
    pub(super) fn evidence(&self, line: u64, row: Value, wording: Option<&str>) -> String {
        let mut evidence = json!({
            "file": self.file,
            "line": line,
            "source": self.plan.source,
            "attested_by": self.plan.attested_by,
            "row": row,
        });
        if let Some(fields) = evidence.as_object_mut() {
            if let Some(import) = self.import {
                fields.insert("import".to_owned(), Value::String(import.to_string()));
            }
            if let Some(wording) = wording {
                fields.insert("wording".to_owned(), Value::String(wording.to_owned()));
            }
        }
        evidence.to_string()
    }

    pub(super) fn yes(&self, person: &Person, purpose: usize, agreed: &Agreed) -> Result<Row, Why> {
        let from = agreed.from.or(agreed.confirmed_at).or(self.plan.from).ok_or(Why::NoDate)?;
        let confirmed = agreed.confirmed_at.is_some();
        let says = Says::Yes(Yes {
            purpose,
            until: self.until(purpose, from, agreed.until)?,
            method: if confirmed { Method::DoubleOptIn } else { Method::Import },
            confirmed_at: agreed.confirmed_at,
            of_age: agreed.of_age,
            worded: agreed.worded,
            ended: None,
        });
        Ok(self.row(person, from, says))
    }

    pub(super) fn no(&self, person: &Person, purpose: Option<usize>, at: Option<Timestamp>) -> Row {
        let says = Says::No { purpose, except: Vec::new() };
        self.row(person, at.unwrap_or(self.now), says)
    }

    pub(super) fn row(&self, person: &Person, at: Timestamp, says: Says) -> Row {
        Row {
            key: person.key,
            address: person.address.clone(),
            country: person.country.clone(),
            at,
            says,
            evidence: person.evidence.clone(),
        }
    }

    /// The open purpose of this id.
    pub(super) fn purpose(&self, id: &str) -> Result<usize, Why> {
        let at = self.purposes.iter().position(|own| own.id == id);
        let at = at.ok_or_else(|| Why::NoPurpose(id.to_owned()))?;
        match self.purposes.get(at) {
            Some(own) if own.closed_at.is_none() => Ok(at),
            Some(_) | None => Err(Why::Closed(id.to_owned())),
        }
    }

    /// The purpose that a list stands for; `None`: it is left out.
    pub(super) fn mapped(&self, names: &[&str]) -> Result<Option<usize>, Why> {
        match self.plan.purposes.of(names) {
            Mapped::To(id) => self.purpose(id).map(Some),
            Mapped::LeftOut => Ok(None),
            Mapped::Nothing => {
                let shown = names.last().map(|name| (*name).to_owned());
                Err(Why::Unmapped(shown.into_iter().collect()))
            }
        }
    }

    pub(super) fn until(
        &self,
        purpose: usize,
        from: Timestamp,
        until: Option<Timestamp>,
    ) -> Result<Timestamp, Why> {
        if from > self.now {
            return Err(Why::Future);
        }
        let validity = self.purposes.get(purpose).map(|own| &own.validity);
        let until = match (until, validity) {
            (Some(until), _) => until,
            (None, Some(validity)) => {
                record::until(validity, from, None, &self.plan.zone).map_err(|_| Why::Until)?
            }
            (None, None) => return Err(Why::Until),
        };
        if until <= from { Err(Why::Ends) } else { Ok(until) }
    }

    pub(super) fn date(&self, text: &str) -> Result<Timestamp, Why> {
        date::parse(text, &self.plan.zone).ok_or_else(|| Why::Date(text.to_owned()))
    }

    /// Whether a record is one of those that count as a yes (`--only COLUMN=VALUE`).
    pub(super) fn counts(&self, said: Option<&str>) -> bool {
        use super::columns::{is_yes, plain};
        match &self.plan.only {
            None => true,
            Some((_, None)) => said.is_some_and(is_yes),
            Some((_, Some(value))) => said.is_some_and(|said| plain(said) == plain(value)),
        }
    }
}

/// A JSON value as the text that a table would have.
pub(super) fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Bool(is) => Some(u8::from(*is).to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// One field of an object as text, by the first of its names that it has.
pub(super) fn field(object: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| object.get(*name).and_then(shown))
}
