//! Grants, refusals and relations of one address at one moment.
//!
//! Everything on record is here, spent and withdrawn grants too: a rule that says "no" says why
//! each of them does not count.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Basis;

/// All that the consent store holds on one address for one controller.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    pub grants: Vec<Grant>,
    pub refusals: Vec<Refusal>,
    pub relations: Vec<Relation>,
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
    pub withdrawn_at: Option<Timestamp>,
    /// The consent event that holds the evidence.
    pub event: String,
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
    pub since: Timestamp,
    pub event: String,
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
}
