//! `/v1/grants` and `/v1/refusals`: what the person allowed, and what not.

use axum::{extract::State, response::Response};
use jiff::Timestamp;
use policy::Scope;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Shared,
    body::Body,
    gate::Caller,
    problem::{CONTRADICTION, EXISTS, GRANT_UNKNOWN, Problem},
    statement::{Done, Evidence, answer, known, past, proof, subject},
    values::{ContactKey, Ended, Event, Mailbox, Method, Moment, PurposeId, Source, Start},
};
use crate::consent::{Corrected, Correction, NewGrant, Recorded, Start as From};

pub(super) fn writing() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(grant))
        .routes(routes!(correct))
        .routes(routes!(end))
        .routes(routes!(refuse))
}

/// One purpose assigned to one address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "address": "jana@example.cz", "purpose": "newsletter", "method": "form", "of_age": true,
    "evidence": { "wording": "I want news from the café by e-mail.", "ip": "192.0.2.7" },
}))]
struct Grant {
    address: Option<Mailbox>,
    contact: Option<ContactKey>,
    purpose: PurposeId,
    /// From when it counts, in words; now where nothing is said.
    start: Option<Start>,
    /// From when it counts, instead of `start`.
    from: Option<Moment>,
    /// Until when; by the purpose's duration where nothing is said.
    until: Option<Moment>,
    #[serde(default = "by_api")]
    #[schema(default = "api")]
    method: Method,
    #[serde(default = "own")]
    #[schema(default = "own")]
    source: Source,
    /// When a click in a message confirmed it; `double-opt-in` and `renewal-click` need it.
    confirmed_at: Option<Moment>,
    /// The person declared to be of age.
    #[serde(default)]
    of_age: bool,
    /// The person said yes knowing of an earlier no, which ends for this purpose.
    #[serde(default)]
    lifts_refusal: bool,
    /// When the person said it; `from` where that is past, else now.
    at: Option<Moment>,
    #[serde(default)]
    evidence: Evidence,
}

fn by_api() -> Method {
    Method::Api
}

/// Of addresses, where nothing is said.
pub(super) fn own() -> Source {
    Source::Own
}

/// Grant a purpose
///
/// Writes down that the person gave a consent, or that another basis allows to use the address. It
/// never goes over a refusal, unless the person took that back (`lifts_refusal`).
#[utoipa::path(
    post,
    path = "/v1/grants",
    operation_id = "addGrant",
    tag = "Grants",
    request_body = Grant,
    responses(
        (status = 201, description = "It is on record", body = Done),
        (status = 200, description = "It was on record already", body = Done),
        (status = 404, description = ""),
        (status = 409, description = "The address refused, or the purpose is closed"),
    ),
    security(("key" = ["contacts:write"])),
)]
async fn grant(
    State(shared): State<Shared>,
    caller: Caller,
    Body(new): Body<Grant>,
) -> Result<Response, Problem> {
    let who = subject(&shared, &caller, new.address, new.contact).await?;
    let start = counts_from(new.start, new.from)?;
    let from = shared.api.consent.start(caller.now, &who, start).await?;
    if new.until.is_some_and(|until| until.0 <= from) {
        return Err(Problem::ends_too_early("/until"));
    }
    let confirmed_at = clicked(&caller, new.method, new.confirmed_at)?;
    let said = new.at.or(Some(Moment(from.min(caller.now))));
    let proof = proof(&caller, said, &new.evidence)?;
    let grant = NewGrant {
        purpose: new.purpose.0,
        from,
        until: new.until.map(|until| until.0),
        method: new.method.into(),
        source: new.source.into(),
        confirmed_at,
        age_declared: new.of_age,
        lifts_refusal: new.lifts_refusal,
    };
    let zone = &caller.controller().time_zone;
    let recorded = shared.api.consent.grant(caller.now, zone, &who, &grant, &proof).await?;
    answer(&shared, &who, recorded)
}

/// From when a grant counts, in words or as a moment.
pub(super) fn counts_from(start: Option<Start>, from: Option<Moment>) -> Result<From, Problem> {
    match (start, from) {
        (Some(_), Some(_)) => Err(Problem::both("start", "from")),
        (None, Some(from)) => Ok(From::At(from.0)),
        (Some(Start::Added), None) => Ok(From::Added),
        (Some(Start::Now) | None, None) => Ok(From::Now),
    }
}

/// When the click was that a method names.
pub(super) fn clicked(
    caller: &Caller,
    method: Method,
    at: Option<Moment>,
) -> Result<Option<Timestamp>, Problem> {
    if policy::Method::from(method).is_click() && at.is_none() {
        let why = "`method` is a click in a message, and `confirmed_at` does not say when it was";
        return Err(Problem::new(CONTRADICTION, why)
            .at("/confirmed_at")
            .advice("send the time of the click, or the method by which it was given"));
    }
    past(caller, at, "/confirmed_at")
}

/// What is to be put right about a grant; what is not sent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "address": "jana@example.cz", "event": "c1-42", "until": "2027-11-02T00:00:00+01:00",
    "evidence": { "note": "The form said one year." },
}))]
struct GrantCorrection {
    address: Option<Mailbox>,
    contact: Option<ContactKey>,
    /// The event that made the grant.
    event: Event,
    from: Option<Moment>,
    until: Option<Moment>,
    method: Option<Method>,
    source: Option<Source>,
    /// When it was found out; now where nothing is said.
    at: Option<Moment>,
    #[serde(default)]
    evidence: Evidence,
}

/// Correct a grant
///
/// By a new event: what was written before stays in the contact's past.
#[utoipa::path(
    post,
    path = "/v1/grants/correct",
    operation_id = "correctGrant",
    tag = "Grants",
    request_body = GrantCorrection,
    responses(
        (status = 201, description = "It is corrected", body = Done),
        (status = 200, description = "It was so already", body = Done),
        (status = 404, description = "There is no such contact, or it has no grant by this event"),
        (status = 409, description = "Another grant of the purpose begins at that moment"),
    ),
    security(("key" = ["contacts:write"])),
)]
async fn correct(
    State(shared): State<Shared>,
    caller: Caller,
    Body(new): Body<GrantCorrection>,
) -> Result<Response, Problem> {
    let who = subject(&shared, &caller, new.address, new.contact).await?;
    let who = known(&shared, who, "").await?;
    let proof = proof(&caller, new.at, &new.evidence)?;
    let by = Correction {
        from: new.from.map(|at| at.0),
        until: new.until.map(|at| at.0),
        method: new.method.map(Into::into),
        source: new.source.map(Into::into),
    };
    let consent = &shared.api.consent;
    let recorded = match consent.correct(caller.now, &who, &new.event.0, &by, &proof).await? {
        Corrected::New(event) => Recorded::New(event),
        Corrected::Already => Recorded::Already,
        Corrected::NoGrant => {
            return Err(
                Problem::new(GRANT_UNKNOWN, "the contact has no grant by this event").at("/event")
            );
        }
        Corrected::Taken => {
            return Err(Problem::new(EXISTS, "another grant of the purpose begins at that moment")
                .at("/from")
                .advice("choose another moment"));
        }
        Corrected::Empty => {
            return Err(Problem::ends_too_early("/until"));
        }
        Corrected::NoClick => {
            return Err(Problem::new(CONTRADICTION, "no time of a click is on record for it")
                .at("/method")
                .advice("grant it anew with POST /v1/grants and its `confirmed_at`"));
        }
    };
    answer(&shared, &who, recorded)
}

/// Which grants end, and how.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "address": "jana@example.cz", "purpose": "newsletter", "how": "withdrawn",
    "evidence": { "note": "By telephone." },
}))]
struct GrantEnd {
    address: Option<Mailbox>,
    contact: Option<ContactKey>,
    purpose: PurposeId,
    how: Ended,
    /// When; now where nothing is said.
    at: Option<Moment>,
    #[serde(default)]
    evidence: Evidence,
}

/// End grants
///
/// Those of one purpose, which stay on record with their evidence. It is no refusal: the person
/// may be asked again.
#[utoipa::path(
    post,
    path = "/v1/grants/end",
    operation_id = "endGrants",
    tag = "Grants",
    request_body = GrantEnd,
    responses(
        (status = 201, description = "They ended", body = Done),
        (status = 200, description = "None was left to end", body = Done),
        (status = 404, description = ""),
    ),
    security(("key" = ["contacts:write"])),
)]
async fn end(
    State(shared): State<Shared>,
    caller: Caller,
    Body(new): Body<GrantEnd>,
) -> Result<Response, Problem> {
    let who = subject(&shared, &caller, new.address, new.contact).await?;
    let who = known(&shared, who, "").await?;
    let proof = proof(&caller, new.at, &new.evidence)?;
    let (consent, how) = (&shared.api.consent, new.how.into());
    let recorded = consent.end(caller.now, &who, &new.purpose.0, how, &proof).await?;
    answer(&shared, &who, recorded)
}

/// What the address said no to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "address": "jana@example.cz", "evidence": { "note": "Asked by telephone to get nothing more." },
}))]
struct Refusal {
    address: Option<Mailbox>,
    contact: Option<ContactKey>,
    /// This purpose alone; everything commercial of the controller where nothing is said.
    purpose: Option<PurposeId>,
    /// When the person said it; now where nothing is said.
    at: Option<Moment>,
    #[serde(default)]
    evidence: Evidence,
}

/// Write down a refusal
///
/// From this moment the address gets nothing of it, not even what waits in the queue. Every grant
/// that it concerns ends.
#[utoipa::path(
    post,
    path = "/v1/refusals",
    operation_id = "addRefusal",
    tag = "Refusals",
    request_body = Refusal,
    responses(
        (status = 201, description = "It is on record", body = Done),
        (status = 200, description = "It was on record already", body = Done),
        (status = 404, description = ""),
    ),
    security(("key" = ["contacts:write"])),
)]
async fn refuse(
    State(shared): State<Shared>,
    caller: Caller,
    Body(new): Body<Refusal>,
) -> Result<Response, Problem> {
    let who = subject(&shared, &caller, new.address, new.contact).await?;
    let proof = proof(&caller, new.at, &new.evidence)?;
    let consent = &shared.api.consent;
    let scope = match new.purpose {
        None => Scope::Everything,
        Some(id) if consent.purpose(caller.id(), &id.0).await?.is_some() => Scope::Purpose(id.0),
        Some(_) => return Err(Problem::no_purpose("/purpose")),
    };
    let recorded = consent.refuse(caller.now, &who, &scope, &proof).await?;
    answer(&shared, &who, recorded)
}
