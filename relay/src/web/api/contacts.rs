//! `/v1/contacts`: what is on record for an address, and what is known of the contact itself.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use jiff::Timestamp;
use policy::{Country, Subscriber as Known};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Shared,
    body::{Body, Params, json},
    cursor::{self, Page, Paged},
    gate::Caller,
    problem::{PARAMETER_WRONG, Problem},
    record::{Contact, PastEvent},
    statement::{Done, Evidence, answer, proof, subject},
    topics::TopicId,
    values::{AtMost, ContactKey, CountryCode, Mailbox, Moment, PurposeId, Subscriber, some_list},
};
use crate::{
    consent::{About, Brief, Mark, Past, Who},
    seal::AddressKey,
};

pub(super) fn reading() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(find))
        .routes(routes!(show))
        .routes(routes!(events))
}

pub(super) fn writing() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(describe)).routes(routes!(prefer))
}

/// List contacts
///
/// All of the key's controller with what holds now, oldest first.
#[utoipa::path(
    get,
    path = "/v1/contacts",
    operation_id = "listContacts",
    tag = "Contacts",
    params(Paged),
    responses((status = 200, description = "A page of them", body = Page<Contact>)),
    security(("key" = ["contacts:read"])),
)]
async fn list(
    State(shared): State<Shared>,
    caller: Caller,
    Params(paged): Params<Paged>,
) -> Result<Response, Problem> {
    let limit = paged.limit()?;
    let list = format!("contacts of {}", caller.id());
    let after = paged.after(&shared.api.secret, &list)?;
    let rows = shared.api.consent.briefs(caller.id(), after, limit + 1).await?;
    let keys: Vec<AddressKey> = rows.iter().take(limit).map(|brief| brief.key).collect();
    let lists = shared.api.consent.lists(&keys).await?;
    let mut records = shared.lookup.records_of(keys, true).await?.into_iter();
    let cursor = |last: &Brief| cursor::seal(&shared.api.secret, &list, &last.id);
    let page = Page::of(rows, limit, cursor, |brief| {
        Contact::of(caller.now, brief, records.next().unwrap_or_default(), &lists)
    });
    Ok(json(StatusCode::OK, &page))
}

/// An address to look for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "address": "jana@example.cz" }))]
struct Asked {
    address: Mailbox,
}

/// Find a contact by its address
///
/// A POST, so that the address is in no log on the way.
#[utoipa::path(
    post,
    path = "/v1/contacts/find",
    operation_id = "findContact",
    tag = "Contacts",
    request_body = Asked,
    responses(
        (status = 200, description = "What holds now", body = Contact),
        (status = 404, description = ""),
    ),
    security(("key" = ["contacts:read"])),
)]
async fn find(
    State(shared): State<Shared>,
    caller: Caller,
    Body(asked): Body<Asked>,
) -> Result<Response, Problem> {
    let who = Who::address(caller.id(), asked.address.0);
    let contact = contact(&shared, caller.now, &who).await?;
    Ok(json(StatusCode::OK, &contact.ok_or_else(|| Problem::no_contact("/address"))?))
}

async fn contact(shared: &Shared, now: Timestamp, who: &Who) -> Result<Option<Contact>, Problem> {
    let Some(brief) = shared.api.consent.brief(who).await? else { return Ok(None) };
    let records = shared.lookup.records_of(vec![brief.key], true).await?;
    let record = records.into_iter().next().unwrap_or_default();
    let lists = shared.api.consent.lists(&[brief.key]).await?;
    Ok(Some(Contact::of(now, brief, record, &lists)))
}

/// Show a contact
#[utoipa::path(
    get,
    path = "/v1/contacts/{contact}",
    operation_id = "getContact",
    tag = "Contacts",
    params(("contact" = ContactKey, Path, description = "Its key, as answers have it")),
    responses(
        (status = 200, description = "What holds now", body = Contact),
        (status = 404, description = ""),
    ),
    security(("key" = ["contacts:read"])),
)]
async fn show(
    State(shared): State<Shared>,
    caller: Caller,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    let who = by_key(&caller, &key)?;
    let contact = contact(&shared, caller.now, &who).await?;
    let contact = contact.ok_or_else(|| Problem::no_contact("").parameter("contact"))?;
    Ok(json(StatusCode::OK, &contact))
}

pub(super) fn by_key(caller: &Caller, key: &str) -> Result<Who, Problem> {
    let key = ContactKey::parse(key).ok_or_else(|| {
        Problem::new(PARAMETER_WRONG, "a contact's key has 64 hex digits").parameter("contact")
    })?;
    Ok(Who::key(caller.id(), key.0))
}

/// Show a contact's past
///
/// Every event with its evidence, oldest first.
#[utoipa::path(
    get,
    path = "/v1/contacts/{contact}/events",
    operation_id = "listEvents",
    tag = "Contacts",
    params(("contact" = ContactKey, Path, description = "Its key, as answers have it"), Paged),
    responses(
        (status = 200, description = "A page of its events", body = Page<PastEvent>),
        (status = 404, description = ""),
    ),
    security(("key" = ["contacts:read"])),
)]
async fn events(
    State(shared): State<Shared>,
    caller: Caller,
    Path(key): Path<String>,
    Params(paged): Params<Paged>,
) -> Result<Response, Problem> {
    let who = by_key(&caller, &key)?;
    let limit = paged.limit()?;
    let list = format!("events of {} of {key}", caller.id());
    let after: Option<Mark> = paged.after(&shared.api.secret, &list)?;
    let consent = &shared.api.consent;
    if !consent.knows(&who).await? {
        return Err(Problem::no_contact("").parameter("contact"));
    }
    let rows = consent.past(&who, after, limit + 1).await?;
    let cursor = |last: &(Mark, Past)| cursor::seal(&shared.api.secret, &list, &last.0);
    let page = Page::of(rows, limit, cursor, |(_, past)| PastEvent::from(past));
    Ok(json(StatusCode::OK, &page))
}

/// What is to be set; what is not sent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "address": "jana@example.cz", "country": "CZ", "subscriber": "individual",
}))]
struct Description {
    address: Option<Mailbox>,
    contact: Option<ContactKey>,
    country: Option<CountryCode>,
    subscriber: Option<Subscriber>,
    /// The subscriber itself published it as its business contact.
    published: Option<bool>,
    /// When it was learned; now where nothing is said.
    at: Option<Moment>,
    #[serde(default)]
    evidence: Evidence,
}

/// Describe a contact
///
/// Facts about the contact itself, on which some laws turn. The contact comes on record where it
/// is not.
#[utoipa::path(
    post,
    path = "/v1/contacts",
    operation_id = "describeContact",
    tag = "Contacts",
    request_body = Description,
    responses(
        (status = 201, description = "It is on record", body = Done),
        (status = 200, description = "It was so already", body = Done),
        (status = 404, description = ""),
    ),
    security(("key" = ["contacts:write"])),
)]
async fn describe(
    State(shared): State<Shared>,
    caller: Caller,
    Body(new): Body<Description>,
) -> Result<Response, Problem> {
    let who = subject(&shared, &caller, new.address, new.contact).await?;
    let proof = proof(&caller, new.at, &new.evidence)?;
    let about = About {
        country: new.country.map(|country| Country(country.0)),
        subscriber: new.subscriber.map(Known::from),
        published: new.published,
    };
    let recorded = shared.api.consent.describe(caller.now, &who, &about, &proof).await?;
    answer(&shared, &who, recorded)
}

/// How often a person wants to hear, and about what: the whole wish. What is not sent is not asked for
/// any more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "address": "jana@example.cz", "purpose": "newsletter", "at_most": "2 in 30 days",
}))]
struct Preference {
    address: Option<Mailbox>,
    contact: Option<ContactKey>,
    /// About this purpose; about everything commercial where nothing is said.
    purpose: Option<PurposeId>,
    at_most: Option<AtMost>,
    /// Nothing before this moment.
    paused_until: Option<Moment>,
    /// Of the topics of `purpose` these alone, none where the list is empty; whatever the purpose has
    /// where nothing is said, or all of them.
    #[serde(default, deserialize_with = "some_list::<0, 20, _, _>")]
    #[schema(max_items = 20)]
    topics: Option<Vec<TopicId>>,
    /// When the person said it; now where nothing is said.
    at: Option<Moment>,
    #[serde(default)]
    evidence: Evidence,
}

/// Set a preference
///
/// In place of what was asked for before about the same purpose.
#[utoipa::path(
    post,
    path = "/v1/preferences",
    operation_id = "setPreference",
    tag = "Contacts",
    request_body = Preference,
    responses(
        (status = 201, description = "It is on record", body = Done),
        (status = 200, description = "It was so already", body = Done),
        (status = 404, description = ""),
    ),
    security(("key" = ["contacts:write"])),
)]
async fn prefer(
    State(shared): State<Shared>,
    caller: Caller,
    Body(new): Body<Preference>,
) -> Result<Response, Problem> {
    let who = subject(&shared, &caller, new.address, new.contact).await?;
    let proof = proof(&caller, new.at, &new.evidence)?;
    let preference = policy::Preference {
        purpose: new.purpose.map(|purpose| purpose.0),
        at_most: new.at_most.map(|most| most.0),
        paused_until: new.paused_until.map(|until| until.0),
        topics: new.topics.map(|own| own.into_iter().map(|topic| topic.0).collect()),
    };
    let recorded = shared.api.consent.prefer(caller.now, &who, &preference, &proof).await?;
    answer(&shared, &who, recorded)
}
