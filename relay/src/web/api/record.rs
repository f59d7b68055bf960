//! What is on record, as the API writes it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    topics::TopicId,
    values::{Basis, Channel, ContactKey, Ended, Method, Moment, RelationKind, Source, Subscriber},
};
use crate::consent::{self, Brief, Past, Record, State, filter::Listed, state};

/// One contact and what holds for it now.
#[derive(Serialize, ToSchema)]
pub(super) struct Contact {
    contact: ContactKey,
    /// Null where only its key is known, and where it was erased.
    #[schema(example = "jana@example.cz")]
    address: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "CZ")]
    country: Option<String>,
    subscriber: Subscriber,
    /// The subscriber itself published it as its business contact.
    #[schema(example = false)]
    published: bool,
    created_at: Moment,
    last_activity: Option<Moment>,
    #[schema(example = json!(null))]
    erased_at: Option<Moment>,
    /// Past ones, too: each says how long it counts and how it ended.
    grants: Vec<Granted>,
    refusals: Vec<Refused>,
    relations: Vec<Related>,
    preferences: Vec<Preferred>,
}

/// A grant on record.
#[derive(Serialize, ToSchema)]
struct Granted {
    #[schema(example = "newsletter")]
    purpose: String,
    /// Of the purpose, in the words of the W3C Data Privacy Vocabulary.
    #[schema(value_type = String, example = "ConsentGiven")]
    state: State,
    basis: Basis,
    channel: Channel,
    from: Moment,
    until: Moment,
    method: Method,
    source: Source,
    #[schema(example = json!(null))]
    confirmed_at: Option<Moment>,
    of_age: bool,
    /// When it ended before its time.
    #[schema(example = json!(null))]
    ended_at: Option<Moment>,
    /// How it did.
    #[schema(example = json!(null))]
    ended: Option<Ended>,
    #[schema(example = "c1-42")]
    event: String,
}

/// A refusal on record.
#[derive(Serialize, ToSchema)]
struct Refused {
    /// Null: everything commercial of the controller.
    #[schema(example = "birthday")]
    purpose: Option<String>,
    /// Of everything: the purposes that the person agreed to since.
    #[schema(example = json!([]))]
    except: Vec<String>,
    since: Moment,
    #[schema(example = "c1-43")]
    event: String,
    /// The suppression list that it comes from; null where the person said it.
    list: Option<List>,
}

/// A list of those who get nothing.
#[derive(Serialize, ToSchema)]
struct List {
    /// The import that took it in.
    #[schema(value_type = String, format = "uuid", example = "01a0e5a4-5b80-7000-8000-000000000001")]
    import: Uuid,
    #[schema(example = "suppressed.txt")]
    file: String,
    #[schema(example = 17)]
    line: i64,
    /// Where it comes from, in the words of who attested that.
    #[schema(example = "list of the trade association")]
    source: String,
    #[schema(example = "Alena")]
    attested_by: String,
    /// When it was taken in.
    at: Moment,
}

/// A purchase, a contract, an enquiry or a contest on record.
#[derive(Serialize, ToSchema)]
struct Related {
    kind: RelationKind,
    at: Moment,
    ended_at: Option<Moment>,
    #[schema(example = json!(["coffee"]))]
    categories: Vec<String>,
    wide_assortment: bool,
    objection_offered: bool,
    #[schema(example = "c1-44")]
    event: String,
}

/// What a person asked for: how often, and about what.
#[derive(Serialize, ToSchema)]
struct Preferred {
    #[schema(example = "newsletter")]
    purpose: Option<String>,
    #[schema(example = "2 in 30 days")]
    at_most: Option<String>,
    #[schema(example = json!(null))]
    paused_until: Option<Moment>,
    /// Of the purpose's topics these alone; null where the person did not pick.
    topics: Option<Vec<TopicId>>,
}

impl Contact {
    pub(super) fn of(
        now: Timestamp,
        brief: Brief,
        record: Record,
        lists: &BTreeMap<String, consent::List>,
    ) -> Self {
        let standing = record.standing;
        let states: Vec<State> =
            standing.grants.iter().map(|one| state(now, &one.purpose, &standing)).collect();
        let grants = standing.grants.into_iter().zip(states);
        Self {
            contact: ContactKey(brief.key),
            address: brief.address,
            country: brief.country,
            subscriber: brief.subscriber.into(),
            published: brief.published,
            created_at: brief.created_at.into(),
            last_activity: brief.last_activity.map(Moment),
            erased_at: brief.erased_at.map(Moment),
            grants: grants.map(|(own, state)| Granted::of(own, state)).collect(),
            refusals: standing.refusals.into_iter().map(|own| Refused::of(own, lists)).collect(),
            relations: standing.relations.into_iter().map(Related::from).collect(),
            preferences: standing.preferences.into_iter().map(Preferred::from).collect(),
        }
    }
}

impl Granted {
    fn of(own: policy::Grant, state: State) -> Self {
        Self {
            purpose: own.purpose,
            state,
            basis: own.basis.into(),
            channel: own.channel.into(),
            from: own.from.into(),
            until: own.until.into(),
            method: own.method.into(),
            source: own.source.into(),
            confirmed_at: own.confirmed_at.map(Moment),
            of_age: own.age_declared,
            ended_at: own.withdrawn_at.map(Moment),
            ended: own.withdrawn_at.map(|_| own.ended.into()),
            event: own.event,
        }
    }
}

impl Refused {
    fn of(own: policy::Refusal, lists: &BTreeMap<String, consent::List>) -> Self {
        let purpose = match own.scope {
            policy::Scope::Everything => None,
            policy::Scope::Purpose(id) => Some(id),
        };
        let list = lists.get(&own.event).cloned().map(List::from);
        Self { purpose, except: own.except, since: own.since.into(), event: own.event, list }
    }
}

impl From<consent::List> for List {
    fn from(own: consent::List) -> Self {
        let consent::List { import, file, line, source, attested_by, at } = own;
        Self { import, file, line, source, attested_by, at: at.into() }
    }
}

impl From<policy::Relation> for Related {
    fn from(own: policy::Relation) -> Self {
        Self {
            kind: own.kind.into(),
            at: own.at.into(),
            ended_at: own.ended_at.map(Moment),
            categories: own.categories,
            wide_assortment: own.wide_assortment,
            objection_offered: own.objection_offered,
            event: own.event,
        }
    }
}

impl From<policy::Preference> for Preferred {
    fn from(own: policy::Preference) -> Self {
        Self {
            purpose: own.purpose,
            at_most: own.at_most.map(|most| most.to_string()),
            paused_until: own.paused_until.map(Moment),
            topics: own.topics.map(|own| own.into_iter().map(TopicId).collect()),
        }
    }
}

/// One event of a contact's past.
#[derive(Serialize, ToSchema)]
pub(super) struct PastEvent {
    #[schema(example = "c1-42")]
    event: String,
    /// `granted`, `refused`, `withdrawn` and so on.
    #[schema(example = "granted")]
    kind: String,
    #[schema(example = "newsletter")]
    purpose: Option<String>,
    /// When it was said.
    at: Moment,
    /// When it was written down.
    recorded_at: Moment,
    /// Who wrote it down: `api/` and the key's id, `page`, `cli`, `import`.
    #[schema(example = "api/k7h2qv9x3mfb")]
    actor: String,
    /// What holds by it; depends on `kind`.
    #[schema(value_type = Object, example = json!({ "method": "form", "source": "own" }))]
    detail: Value,
    /// What proves it; null where nothing does, and after an erasure.
    #[schema(value_type = Option<Object>, example = json!({ "ip": "192.0.2.7" }))]
    evidence: Option<Value>,
}

impl From<Past> for PastEvent {
    fn from(past: Past) -> Self {
        // What somebody broke is no object any more; it is shown all the same.
        let object = |value: Value| if value.is_object() { value } else { json!({ "is": value }) };
        Self {
            event: past.event,
            kind: past.kind,
            purpose: past.purpose,
            at: past.at.into(),
            recorded_at: past.recorded_at.into(),
            actor: past.actor,
            detail: object(past.detail),
            evidence: past.evidence.map(object),
        }
    }
}

/// A contact that a filter found.
#[derive(Serialize, ToSchema)]
pub(super) struct Selected {
    contact: ContactKey,
    /// Null where only its key is known.
    #[schema(example = "jana@example.cz")]
    address: Option<String>,
    #[schema(example = "CZ")]
    country: Option<String>,
    created_at: Moment,
    last_activity: Option<Moment>,
}

impl From<Listed> for Selected {
    fn from(own: Listed) -> Self {
        Self {
            contact: ContactKey(own.key),
            address: own.address,
            country: own.country,
            created_at: own.created_at.into(),
            last_activity: own.last_activity.map(Moment),
        }
    }
}
