//! A contact with all that holds for it, as one line of JSON. An import takes it back.

use std::collections::BTreeMap;

use jiff::Timestamp;
use policy::{
    Activity, Basis, Channel, Ended, Method, Preference, Refusal, Relation, Scope, Source,
    Standing, Subscriber,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::consent::{Brief, List, Notice, State, state};

/// The shape of a line; what is not there was not known.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Whole {
    /// The key by which the controller finds the address.
    pub contact: String,
    /// `None`: only its key is known, or it was erased.
    pub address: Option<String>,
    #[serde(default)]
    pub country: Option<String>,
    #[serde(default)]
    pub subscriber: Subscriber,
    #[serde(default)]
    pub published: bool,
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    #[serde(default)]
    pub last_activity: Option<Timestamp>,
    #[serde(default)]
    pub erased_at: Option<Timestamp>,
    #[serde(default)]
    pub grants: Vec<Granted>,
    #[serde(default)]
    pub refusals: Vec<Refused>,
    #[serde(default)]
    pub relations: Vec<Relation>,
    #[serde(default)]
    pub preferences: Vec<Preference>,
    #[serde(default)]
    pub activity: Vec<Active>,
    /// What the person was last told of the processing.
    #[serde(default)]
    pub notice: Option<Told>,
}

/// A grant, also one that is over.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Granted {
    pub purpose: String,
    #[serde(default)]
    pub basis: Option<Basis>,
    #[serde(default)]
    pub channel: Channel,
    /// Of the purpose, in the words of the W3C Data Privacy Vocabulary.
    #[serde(default)]
    pub state: Option<State>,
    pub from: Timestamp,
    pub until: Timestamp,
    pub method: Method,
    pub source: Source,
    #[serde(default)]
    pub confirmed_at: Option<Timestamp>,
    #[serde(default)]
    pub of_age: bool,
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
    #[serde(default)]
    pub ended: Option<Ended>,
    #[serde(default)]
    pub event: String,
    /// What proves it; `None` after an erasure.
    #[serde(default)]
    pub evidence: Option<Value>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Refused {
    /// `None`: everything of the controller.
    pub purpose: Option<String>,
    /// Of everything: the purposes that the person agreed to since.
    #[serde(default)]
    pub except: Vec<String>,
    pub since: Timestamp,
    #[serde(default)]
    pub event: String,
    /// The suppression list that it comes from.
    #[serde(default)]
    pub list: Option<List>,
}

/// The newest sign of life of one kind.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Active {
    pub kind: Activity,
    pub at: Timestamp,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Told {
    pub notice: Notice,
    pub at: Timestamp,
}

impl Whole {
    pub(super) fn of(
        now: Timestamp,
        brief: Brief,
        standing: Standing,
        (activity, notice): (Vec<Active>, Option<Told>),
        (evidence, lists): (&mut BTreeMap<String, Value>, &mut BTreeMap<String, List>),
    ) -> Self {
        let states: Vec<State> =
            standing.grants.iter().map(|grant| state(now, &grant.purpose, &standing)).collect();
        let grants = standing.grants.into_iter().zip(states);
        let granted = |(grant, state): (policy::Grant, State)| Granted {
            evidence: evidence.remove(&grant.event),
            purpose: grant.purpose,
            basis: Some(grant.basis),
            channel: grant.channel,
            state: Some(state),
            from: grant.from,
            until: grant.until,
            method: grant.method,
            source: grant.source,
            confirmed_at: grant.confirmed_at,
            of_age: grant.age_declared,
            ended_at: grant.withdrawn_at,
            ended: grant.withdrawn_at.map(|_| grant.ended),
            event: grant.event,
        };
        Self {
            contact: brief.key.hex(),
            address: brief.address,
            country: brief.country,
            subscriber: brief.subscriber,
            published: brief.published,
            created_at: Some(brief.created_at),
            last_activity: brief.last_activity,
            erased_at: brief.erased_at,
            grants: grants.map(granted).collect(),
            refusals: standing.refusals.into_iter().map(|own| Refused::of(own, lists)).collect(),
            relations: standing.relations,
            preferences: standing.preferences,
            activity,
            notice,
        }
    }
}

impl Whole {
    /// Keeps what concerns one purpose; whether that is anything.
    pub(super) fn narrow(&mut self, purpose: &str) -> bool {
        self.grants.retain(|own| own.purpose == purpose);
        self.refusals.retain(|own| own.purpose.as_deref().is_none_or(|id| id == purpose));
        self.refusals.iter_mut().for_each(|own| own.except.retain(|id| id == purpose));
        self.preferences.retain(|own| own.purpose.as_deref().is_none_or(|id| id == purpose));
        let own = self.refusals.iter().any(|own| own.purpose.is_some());
        own || !self.grants.is_empty()
    }
}

impl Refused {
    fn of(refusal: Refusal, lists: &mut BTreeMap<String, List>) -> Self {
        let purpose = match refusal.scope.clone() {
            Scope::Everything => None,
            Scope::Purpose(id) => Some(id),
        };
        let Refusal { except, since, event, .. } = refusal;
        let list = lists.remove(&event);
        Self { purpose, except, since, event, list }
    }
}
