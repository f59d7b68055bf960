//! What all statements share: whom they are about, when it was said, what proves it, what came of
//! it.

use axum::{http::StatusCode, response::Response};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    Shared,
    body::json,
    gate::Caller,
    problem::{CONTRADICTION, FIELD_MISSING, PURPOSE_CLOSED, Problem, REFUSAL_STANDS, TIME_WRONG},
    values::{ContactKey, Mailbox, Moment, some_text},
};
use crate::{
    consent::{KnownBy, Proof, Recorded, Who},
    seal::AddressKey,
};

/// What proves a statement. May hold personal data: it is kept beside the address and erased with
/// it.
#[derive(Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({
    "wording": "I want news from the café by e-mail.", "url": "https://shop.example/checkout",
    "ip": "192.0.2.7", "reference": "order 2026-1042",
}))]
pub(super) struct Evidence {
    /// The words that the person agreed to.
    #[serde(deserialize_with = "some_text::<4000, _>", skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 4000)]
    wording: Option<String>,
    /// Which version of them.
    #[serde(deserialize_with = "some_text::<200, _>", skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    wording_version: Option<String>,
    /// In which language.
    #[serde(deserialize_with = "some_text::<35, _>", skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 35)]
    language: Option<String>,
    /// The privacy policy that stood beside them.
    #[serde(deserialize_with = "some_text::<2000, _>", skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    policy_url: Option<String>,
    /// The page or form.
    #[serde(deserialize_with = "some_text::<2000, _>", skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    url: Option<String>,
    /// The person's IP address.
    #[serde(deserialize_with = "some_text::<45, _>", skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 45)]
    ip: Option<String>,
    /// The person's program.
    #[serde(deserialize_with = "some_text::<1000, _>", skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    user_agent: Option<String>,
    /// The order's number or the like.
    #[serde(deserialize_with = "some_text::<200, _>", skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    reference: Option<String>,
    /// Anything else.
    #[serde(deserialize_with = "some_text::<4000, _>", skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 4000)]
    note: Option<String>,
}

impl Evidence {
    /// Beside what the body itself says.
    pub(super) fn reference(mut self, reference: Option<String>) -> Self {
        self.reference = self.reference.or(reference);
        self
    }
}

/// What came of a statement.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "recorded": true, "event": "c1-42",
    "contact": "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
}))]
pub(super) struct Done {
    /// False where it was on record already.
    pub recorded: bool,
    /// The event that holds it; null where nothing was written.
    pub event: Option<String>,
    /// The contact's key, to ask for it without its address.
    pub contact: ContactKey,
}

/// Whom a body is about.
pub(super) async fn subject(
    shared: &Shared,
    caller: &Caller,
    address: Option<Mailbox>,
    contact: Option<ContactKey>,
) -> Result<Who, Problem> {
    match (address, contact) {
        (Some(address), None) => Ok(Who::address(caller.id(), address.0)),
        (None, Some(contact)) => {
            let who = Who::key(caller.id(), contact.0);
            known(shared, who, "/contact").await
        }
        (None, None) => {
            Err(Problem::new(FIELD_MISSING, "`address` or `contact` is missing").at(""))
        }
        (Some(_), Some(_)) => Err(Problem::both("address", "contact")),
    }
}

/// Only where something is on record for it.
pub(super) async fn known(shared: &Shared, who: Who, pointer: &str) -> Result<Who, Problem> {
    let known = shared.api.consent.knows(&who).await?;
    if known { Ok(who) } else { Err(Problem::no_contact(pointer)) }
}

/// The key under which the contact is found.
pub(super) fn key(shared: &Shared, who: &Who) -> AddressKey {
    match &who.known {
        KnownBy::Address(address) => shared.lookup.key(&who.controller, address),
        KnownBy::Key(key) => *key,
    }
}

/// `at`: when it was said, now where nothing is said.
pub(super) fn proof(
    caller: &Caller,
    at: Option<Moment>,
    evidence: &Evidence,
) -> Result<Proof, Problem> {
    let at = past(caller, at, "/at")?.unwrap_or(caller.now);
    Ok(Proof { actor: caller.actor(), at, evidence: self::evidence(evidence) })
}

/// As it is kept: null where there is none.
pub(super) fn evidence(evidence: &Evidence) -> serde_json::Value {
    let evidence = json!(evidence);
    let empty = evidence.as_object().is_some_and(serde_json::Map::is_empty);
    if empty { serde_json::Value::Null } else { evidence }
}

/// A moment that cannot lie ahead.
pub(super) fn past(
    caller: &Caller,
    at: Option<Moment>,
    pointer: &str,
) -> Result<Option<Timestamp>, Problem> {
    match at {
        Some(Moment(at)) if at.duration_since(caller.now) > CLOCKS_DIFFER => {
            Err(Problem::new(TIME_WRONG, "it lies in the future").at(pointer))
        }
        at => Ok(at.map(|at| at.0)),
    }
}

pub(super) fn done(
    shared: &Shared,
    who: &Who,
    recorded: Recorded,
) -> Result<(StatusCode, Done), Problem> {
    let contact = ContactKey(key(shared, who));
    match recorded {
        Recorded::New(event) => {
            Ok((StatusCode::CREATED, Done { recorded: true, event: Some(event), contact }))
        }
        Recorded::Already => Ok((StatusCode::OK, Done { recorded: false, event: None, contact })),
        Recorded::RefusalStands => {
            Err(Problem::new(REFUSAL_STANDS, "the address refused before, so nothing was written"))
        }
        Recorded::NoPurpose => Err(Problem::no_purpose("/purpose")),
        Recorded::NoTopic => Err(Problem::no_topic("/topics")),
        Recorded::Closed => {
            Err(Problem::new(PURPOSE_CLOSED, "the purpose is closed and grants nothing any more")
                .at("/purpose"))
        }
        Recorded::WrongBasis => {
            Err(Problem::new(CONTRADICTION, "an order grants no purpose on this basis")
                .at("/purpose")
                .advice("write down a consent with POST /v1/grants and its evidence"))
        }
    }
}

pub(super) fn answer(shared: &Shared, who: &Who, recorded: Recorded) -> Result<Response, Problem> {
    let (status, done) = done(shared, who, recorded)?;
    Ok(json(status, &done))
}

const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(5);
