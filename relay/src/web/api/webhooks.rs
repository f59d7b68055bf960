//! `/v1/webhooks`: who is told of what happens, and what became of it.

use std::collections::BTreeSet;

use axum::{
    extract::{FromRequestParts, Path, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Shared,
    body::{Body, Params, json},
    cursor::{self, Page, Paged},
    gate::Caller,
    once::Instead,
    problem::{Problem, TOO_MANY_WEBHOOKS, URL_WRONG, WEBHOOK_UNKNOWN},
    values::{Moment, text, unique},
};
use crate::webhook::{self, AddFault, Event, NewWebhook, UrlFault};

pub(super) fn reading() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show, remove))
        .routes(routes!(deliveries))
}

pub(super) fn writing() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(add))
        .routes(routes!(rotate))
        .routes(routes!(test))
        .routes(routes!(resume))
}

/// What a webhook may be told of.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, ToSchema)]
#[schema(
    value_type = String,
    pattern = "^(granted|confirmed|renewed|expiring|expired|refused|ended|inactive|reactivated\
        |erased|accepted|blocked|held|released|rejected|delivered|deferred|bounced|suppressed\
        |complained)$",
    example = "refused"
)]
struct EventName(Event);

impl<'de> Deserialize<'de> for EventName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let word = String::deserialize(from)?;
        Event::parse(&word).map(Self).ok_or_else(|| {
            let known: Vec<&str> = Event::all().iter().map(|event| event.as_str()).collect();
            D::Error::custom(format_args!("not an event: write one of {}", known.join(", ")))
        })
    }
}

impl Serialize for EventName {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.as_str())
    }
}

/// Where to send what.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "url": "https://shop.example/souhlas", "events": ["refused", "erased"],
}))]
struct AddingWebhook {
    /// https, at an address that is nobody's own network.
    #[serde(deserialize_with = "text::<1, 2000, _>")]
    #[schema(format = "uri", min_length = 1, max_length = 2000)]
    url: String,
    /// All of them where none is named.
    #[serde(default, deserialize_with = "unique")]
    #[schema(max_items = 10)]
    events: BTreeSet<EventName>,
    /// Whether it is told the address, and not the contact's key alone.
    #[serde(default = "yes")]
    #[schema(default = true)]
    with_address: bool,
}

fn yes() -> bool {
    true
}

/// One that is told.
#[derive(Clone, Serialize, ToSchema)]
struct Webhook {
    #[schema(value_type = String, format = "uuid",
        example = "0192d3c4-7a10-7cc3-98f1-d2b6c5a4e3f2")]
    id: Uuid,
    #[schema(example = "https://shop.example/souhlas")]
    url: String,
    events: Vec<EventName>,
    with_address: bool,
    created_at: Moment,
    /// Attempts in a row that failed.
    #[schema(example = 0)]
    failures: i64,
    #[schema(example = json!(null))]
    failing_since: Option<Moment>,
    /// From then on it is told nothing, until it is resumed.
    #[schema(example = json!(null))]
    off_at: Option<Moment>,
    #[schema(example = json!(null))]
    off_because: Option<String>,
}

impl From<webhook::Webhook> for Webhook {
    fn from(own: webhook::Webhook) -> Self {
        let (off_at, off_because) = own.off.unzip();
        Self {
            id: own.id,
            url: own.url,
            events: own.events.into_iter().map(EventName).collect(),
            with_address: own.with_address,
            created_at: own.created_at.into(),
            failures: own.failures,
            failing_since: own.failing_since.map(Moment),
            off_at: off_at.map(Moment),
            off_because,
        }
    }
}

/// A new one, with what it signs with.
#[derive(Serialize, ToSchema)]
struct Issued {
    webhook: Webhook,
    /// The key of the signatures; it is shown this once, and null in an answer given again.
    #[schema(example = "souhlas_hook_3p0Qb5hJm2c9k0d8l7WQyJ6tVx1Zr4uE")]
    secret: Option<String>,
}

/// What it signs with from now on.
#[derive(Serialize, ToSchema)]
struct Rotated {
    /// Shown this once, and null in an answer given again. Requests are signed with the former one,
    /// too, for a day.
    #[schema(example = "souhlas_hook_3p0Qb5hJm2c9k0d8l7WQyJ6tVx1Zr4uE")]
    secret: Option<String>,
}

/// What will be sent.
#[derive(Serialize, ToSchema)]
struct Testing {
    /// `id` in its body.
    #[schema(value_type = String, format = "uuid",
        example = "0192d3c4-7a10-7cc3-98f1-d2b6c5a4e3f2")]
    delivery: Uuid,
}

/// One event on its way to a webhook.
#[derive(Serialize, ToSchema)]
struct Delivery {
    #[schema(value_type = String, format = "uuid",
        example = "0192d3c4-7a10-7cc3-98f1-d2b6c5a4e3f2")]
    id: Uuid,
    #[schema(example = "refused")]
    event: String,
    #[schema(example = "c1-42")]
    ledger_event: Option<String>,
    created_at: Moment,
    /// `waiting`, `taken` or `given-up`.
    #[schema(example = "taken")]
    state: String,
    /// Where it waits: the next attempt is not before.
    #[schema(example = json!(null))]
    next_at: Option<Moment>,
    attempts: Vec<Attempt>,
}

/// One request.
#[derive(Serialize, ToSchema)]
struct Attempt {
    at: Moment,
    /// Null: no answer came.
    #[schema(example = 204)]
    status: Option<u16>,
    #[schema(example = 38)]
    ms: i64,
    /// Why it failed.
    #[schema(example = json!(null))]
    error: Option<String>,
}

impl From<webhook::Delivery> for Delivery {
    fn from(own: webhook::Delivery) -> Self {
        let waits = own.state == webhook::State::Waiting;
        let attempt = |one: webhook::Attempt| Attempt {
            at: one.at.into(),
            status: one.status,
            ms: one.ms,
            error: one.error,
        };
        Self {
            id: own.id,
            event: own.event,
            ledger_event: own.ledger_event,
            created_at: own.created_at.into(),
            state: own.state.as_str().to_owned(),
            next_at: waits.then(|| own.next_at.into()),
            attempts: own.attempts.into_iter().map(attempt).collect(),
        }
    }
}

/// List webhooks
///
/// All of the key's controller, the oldest first.
#[utoipa::path(
    get,
    path = "/v1/webhooks",
    operation_id = "listWebhooks",
    tag = "Webhooks",
    params(Paged),
    responses((status = 200, description = "A page of them", body = Page<Webhook>)),
    security(("key" = ["webhooks"])),
)]
async fn list(
    State(shared): State<Shared>,
    caller: Caller,
    Params(paged): Params<Paged>,
) -> Result<Response, Problem> {
    let list = format!("webhooks of {}", caller.id());
    let rows = shared.api.webhooks.list(Some(caller.id())).await?;
    let place = |hook: &webhook::Webhook| hook.id;
    let page = Page::of_whole((&paged, &shared.api.secret, &list), rows, place, Webhook::from)?;
    Ok(json(StatusCode::OK, &page))
}

/// Add a webhook
///
/// It is told of what is written down from now on. What is sent is described under `webhooks`.
#[utoipa::path(
    post,
    path = "/v1/webhooks",
    operation_id = "addWebhook",
    tag = "Webhooks",
    request_body = AddingWebhook,
    responses(
        (status = 201, description = "It is added", body = Issued),
        (status = 409, description = "The controller has as many as it may have"),
    ),
    security(("key" = ["webhooks"])),
)]
async fn add(
    State(shared): State<Shared>,
    caller: Caller,
    Body(new): Body<AddingWebhook>,
) -> Result<Response, Problem> {
    let events: Vec<Event> = new.events.into_iter().map(|event| event.0).collect();
    let new = NewWebhook {
        controller: caller.id().to_owned(),
        url: new.url,
        events: if events.is_empty() { Event::usual() } else { events },
        with_address: new.with_address,
    };
    let (added, key) = shared.api.webhooks.add(caller.now, &new).await.map_err(fault)?;
    let webhook = Webhook::from(added);
    let issued = |secret| Issued { webhook: webhook.clone(), secret };
    Ok(shown_once(StatusCode::CREATED, &key, issued))
}

/// Show a webhook
#[utoipa::path(
    get,
    path = "/v1/webhooks/{webhook}",
    operation_id = "getWebhook",
    tag = "Webhooks",
    params(Id),
    responses(
        (status = 200, description = "The webhook", body = Webhook),
        (status = 404, description = "There is none of this id"),
    ),
    security(("key" = ["webhooks"])),
)]
async fn show(Own(hook): Own) -> Response {
    json(StatusCode::OK, &Webhook::from(hook))
}

/// Remove a webhook
///
/// With its log and with what still waited.
#[utoipa::path(
    delete,
    path = "/v1/webhooks/{webhook}",
    operation_id = "removeWebhook",
    tag = "Webhooks",
    params(Id),
    responses(
        (status = 204, description = "It is removed"),
        (status = 404, description = "There is none of this id"),
    ),
    security(("key" = ["webhooks"])),
)]
async fn remove(State(shared): State<Shared>, Own(hook): Own) -> Result<Response, Problem> {
    shared.api.webhooks.remove(hook.id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Change a webhook's secret
///
/// Both count for a day: a request has two `v1` then.
#[utoipa::path(
    post,
    path = "/v1/webhooks/{webhook}/secret",
    operation_id = "rotateWebhook",
    tag = "Webhooks",
    params(Id),
    responses(
        (status = 200, description = "The new one", body = Rotated),
        (status = 404, description = "There is none of this id"),
    ),
    security(("key" = ["webhooks"])),
)]
async fn rotate(
    State(shared): State<Shared>,
    caller: Caller,
    Own(hook): Own,
) -> Result<Response, Problem> {
    let key = shared.api.webhooks.rotate(caller.now, hook.id).await?.ok_or_else(none)?;
    Ok(shown_once(StatusCode::OK, &key, |secret| Rotated { secret }))
}

/// Test a webhook
///
/// Sends it an event `test`; what became of it is in its log.
#[utoipa::path(
    post,
    path = "/v1/webhooks/{webhook}/test",
    operation_id = "testWebhook",
    tag = "Webhooks",
    params(Id),
    responses(
        (status = 202, description = "It will be sent", body = Testing),
        (status = 404, description = "There is none of this id"),
    ),
    security(("key" = ["webhooks"])),
)]
async fn test(
    State(shared): State<Shared>,
    caller: Caller,
    Own(hook): Own,
) -> Result<Response, Problem> {
    let delivery = shared.api.webhooks.test(caller.now, &hook).await?;
    Ok(json(StatusCode::ACCEPTED, &Testing { delivery }))
}

/// Resume a webhook
///
/// It goes on where it was switched off: nothing of what happened since is left out.
#[utoipa::path(
    post,
    path = "/v1/webhooks/{webhook}/resume",
    operation_id = "resumeWebhook",
    tag = "Webhooks",
    params(Id),
    responses(
        (status = 200, description = "The webhook", body = Webhook),
        (status = 404, description = "There is none of this id"),
    ),
    security(("key" = ["webhooks"])),
)]
async fn resume(
    State(shared): State<Shared>,
    caller: Caller,
    Own(hook): Own,
) -> Result<Response, Problem> {
    shared.api.webhooks.resume(caller.now, hook.id).await?;
    Ok(json(StatusCode::OK, &Webhook::from(found(&shared, &caller, hook.id).await?)))
}

/// List what a webhook was told
///
/// The latest first, with each attempt. What was taken or given up is forgotten after 30 days, or
/// what the relay's settings say.
#[utoipa::path(
    get,
    path = "/v1/webhooks/{webhook}/deliveries",
    operation_id = "listDeliveries",
    tag = "Webhooks",
    params(Id, Paged),
    responses(
        (status = 200, description = "A page of them", body = Page<Delivery>),
        (status = 404, description = "There is none of this id"),
    ),
    security(("key" = ["webhooks"])),
)]
async fn deliveries(
    State(shared): State<Shared>,
    Own(hook): Own,
    Params(paged): Params<Paged>,
) -> Result<Response, Problem> {
    let limit = paged.limit()?;
    let list = format!("deliveries to {}", hook.id);
    let before: Option<Uuid> = paged.after(&shared.api.secret, &list)?;
    let rows = shared.api.webhooks.log(hook.id, before, limit + 1).await?;
    let cursor = |last: &webhook::Delivery| cursor::seal(&shared.api.secret, &list, &last.id);
    Ok(json(StatusCode::OK, &Page::of(rows, limit, cursor, Delivery::from)))
}

/// An answer with the key, which is kept without it for whoever asks again under the same name.
fn shown_once<T: Serialize>(
    status: StatusCode,
    key: &webhook::Key,
    of: impl Fn(Option<String>) -> T,
) -> Response {
    let mut response = json(status, &of(Some(key.reveal().to_owned())));
    let without = serde_json::to_vec(&of(None)).unwrap_or_default();
    response.extensions_mut().insert(Instead(without));
    response
}

/// What every path about one has.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
struct Id {
    /// Its id
    #[param(format = "uuid", example = "0192d3c4-7a10-7cc3-98f1-d2b6c5a4e3f2")]
    webhook: String,
}

/// The webhook that the path names.
struct Own(webhook::Webhook);

impl FromRequestParts<Shared> for Own {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, shared).await?;
        let path = Path::<Id>::from_request_parts(parts, shared).await;
        let id = path.ok().and_then(|Path(id)| id.webhook.parse().ok()).ok_or_else(none)?;
        found(shared, &caller, id).await.map(Self)
    }
}

/// Another controller's is none.
async fn found(shared: &Shared, caller: &Caller, id: Uuid) -> Result<webhook::Webhook, Problem> {
    let found = shared.api.webhooks.find(id).await?;
    found.filter(|hook| hook.controller == caller.id()).ok_or_else(none)
}

fn none() -> Problem {
    Problem::new(WEBHOOK_UNKNOWN, "the controller has no webhook of this id").parameter("webhook")
}

fn fault(fault: AddFault) -> Problem {
    match fault {
        AddFault::Url(fault) => url(fault),
        AddFault::TooMany => {
            Problem::new(TOO_MANY_WEBHOOKS, "the controller has as many as it may have")
        }
        AddFault::Store(error) => error.into(),
    }
}

fn url(fault: UrlFault) -> Problem {
    let told = fault.to_string();
    let (what, advice) = told.split_once(": ").unwrap_or((&told, ""));
    Problem::new(URL_WRONG, what.to_owned()).advice(advice.to_owned()).at("/url")
}
