//! Grants, refusals and relations of one address at one moment.
//!
//! Everything on record is here, spent and withdrawn grants too: a rule that says "no" says why
//! each of them does not count. What is as it is for almost everybody is not written out: the
//! journal keeps a standing with every verdict.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Basis, Channel, Class, Frequency};

/// All that the consent store holds on one address for one controller.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    pub grants: Vec<Grant>,
    pub refusals: Vec<Refusal>,
    pub relations: Vec<Relation>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub subscriber: Subscriber,
    /// Published by the subscriber itself as its business contact.
    #[serde(default, skip_serializing_if = "is_default")]
    pub published: bool,
    /// The last sign of life on record: a purchase, a login, an open, a click.
    #[serde(default, skip_serializing_if = "is_default")]
    pub last_activity: Option<Timestamp>,
    /// Since when the address returns what is sent to it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub undeliverable_since: Option<Timestamp>,
    /// When the person was erased last: nothing that was before carries a message.
    #[serde(default, skip_serializing_if = "is_default")]
    pub forgotten_at: Option<Timestamp>,
    /// What the person asked for short of a refusal: how often, and about what.
    #[serde(default, skip_serializing_if = "is_default")]
    pub preferences: Vec<Preference>,
    /// What the controller sent of late where somebody counts it, newest first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub sent: Vec<Sent>,
}

/// Who stands behind an address; some laws protect companies less.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subscriber {
    /// Protected like an individual.
    #[default]
    Unknown,
    Individual,
    SoleTrader,
    Corporate,
}

/// What a person asked for in the preference centre.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preference {
    /// The purpose that it is about; `None`: every commercial message.
    pub purpose: Option<String>,
    pub at_most: Option<Frequency>,
    /// Nothing before this moment.
    pub paused_until: Option<Timestamp>,
    /// Of the topics of the purpose these alone (by id), none where it is empty; `None`: whatever
    /// the purpose has.
    #[serde(default, skip_serializing_if = "is_default")]
    pub topics: Option<BTreeSet<String>>,
}

impl Preference {
    /// Nothing is asked for yet.
    pub fn about(purpose: Option<&str>) -> Self {
        Self {
            purpose: purpose.map(str::to_owned),
            at_most: None,
            paused_until: None,
            topics: None,
        }
    }

    /// The person narrowed the purpose to other topics than this one.
    pub fn leaves_out(&self, purpose: &str, topic: &str) -> bool {
        let chosen = self.topics.as_ref().filter(|_| self.purpose.as_deref() == Some(purpose));
        chosen.is_some_and(|chosen| !chosen.contains(topic))
    }
}

/// One message that left for the address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sent {
    pub purpose: String,
    pub class: Class,
    pub at: Timestamp,
}

/// One purpose assigned to the address. Grants never merge and never stand in for each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grant {
    pub purpose: String,
    pub basis: Basis,
    pub from: Timestamp,
    /// First moment at which it no longer counts; resolved from the purpose's duration (and the
    /// last activity where that is what it counts from) when the standing was read.
    pub until: Timestamp,
    pub method: Method,
    pub source: Source,
    /// When it ended before its time.
    pub withdrawn_at: Option<Timestamp>,
    /// How it ended, where it did.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ended: Ended,
    /// When a click in a message confirmed it (double opt-in), where that is on record.
    #[serde(default, skip_serializing_if = "is_default")]
    pub confirmed_at: Option<Timestamp>,
    /// The person declared to be of age.
    #[serde(default, skip_serializing_if = "is_default")]
    pub age_declared: bool,
    /// What the evidence on record holds.
    #[serde(default)]
    pub evidence: Vec<EvidenceField>,
    /// What the purpose asks of each of its grants.
    #[serde(default, skip_serializing_if = "is_default")]
    pub requires: Requires,
    /// By what way the purpose addresses the person.
    #[serde(default, skip_serializing_if = "is_default")]
    pub channel: Channel,
    /// The consent event that holds the evidence.
    pub event: String,
}

/// How a grant ended before its time.
#[derive(
    Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// By the person.
    #[default]
    Withdrawn,
    /// By the controller.
    Revoked,
    /// The purpose was closed.
    Terminated,
    /// It was found to be void, from its beginning.
    Invalidated,
}

/// What a purpose asks of its grants beyond the law.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Requires {
    /// Confirmed by a click.
    pub double_opt_in: bool,
    /// A declaration to be of age.
    pub age_declared: bool,
    /// Spent after one message.
    pub once: bool,
}

/// One thing that the evidence of a grant may hold.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceField {
    GrantedAt,
    Method,
    Source,
    /// A record of the act: a form's entry, a line of an imported file, a recording.
    Record,
    /// The words that the person agreed to.
    Wording,
}

/// How consent was collected (compliance.md 4.2). `Preticked` proves nothing (S72).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    Form,
    DoubleOptIn,
    Import,
    Api,
    Manual,
    Chat,
    Order,
    RenewalClick,
    Preticked,
}

impl Method {
    /// Whether the person said it by a click in a message, which the owner of the address alone can
    /// do. It has a moment: without one the word confirms nothing.
    pub fn is_click(self) -> bool {
        match self {
            Self::DoubleOptIn | Self::RenewalClick => true,
            Self::Form
            | Self::Import
            | Self::Api
            | Self::Manual
            | Self::Chat
            | Self::Order
            | Self::Preticked => false,
        }
    }
}

/// Where the address came from. The last three never justify a message (S113).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    Own,
    Purchased,
    Public,
    Scraped,
}

/// The address said no.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refusal {
    pub scope: Scope,
    /// Of everything: the purposes that the person agreed to since, knowing of it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub except: Vec<String>,
    pub since: Timestamp,
    pub event: String,
}

impl Refusal {
    /// Whether it is a no to messages for the purpose, or for none.
    pub fn concerns(&self, purpose: Option<&str>) -> bool {
        match &self.scope {
            Scope::Everything => !self.except.iter().any(|own| Some(own.as_str()) == purpose),
            Scope::Purpose(refused) => Some(refused.as_str()) == purpose,
        }
    }
}

#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Every commercial message of the controller.
    Everything,
    Purpose(String),
}

/// A fact about the business between controller and address (S4, S40).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Relation {
    pub kind: RelationKind,
    /// Purchase, start of the contract, or enquiry.
    pub at: Timestamp,
    /// End of the contract; for a purchase the same as `at`. `None`: still running.
    pub ended_at: Option<Timestamp>,
    /// Categories bought or asked about.
    pub categories: Vec<String>,
    /// The whole assortment at the time of purchase may be offered (S108).
    pub wide_assortment: bool,
    /// The box "I do not want commercial messages" was offered when the address was collected (S74).
    pub objection_offered: bool,
    pub event: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RelationKind {
    Purchase,
    Contract,
    Enquiry,
    /// Took part in a contest: no customer (S115).
    Contest,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
