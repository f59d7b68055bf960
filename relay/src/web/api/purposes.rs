//! `/v1/purposes`: why addresses may be used (S2, S17 to S19).

use std::collections::BTreeSet;

use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use policy::{Requires, Validity};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Shared,
    body::{Body, Params, json},
    cursor::{Page, Paged},
    gate::Caller,
    problem::{CONTRADICTION, EXISTS, Problem, TIME_WRONG, VALUE_WRONG},
    topics::Topic,
    values::{
        Activity, Basis, Channel, Lasting, Moment, PurposeId, list as listed, number, text, unique,
    },
};
use crate::consent::{Closing, PurposeFault};

pub(super) fn reading() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show))
}

pub(super) fn writing() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(add)).routes(routes!(close))
}

/// A new reason for which addresses may be used.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "id": "newsletter", "name": "News from the café", "basis": "consent", "duration": "P3Y",
    "since_activity": ["purchase", "click"], "double_opt_in": true,
    "topics": [{ "id": "roasting", "name": "How we roast" }],
}))]
struct NewPurpose {
    id: PurposeId,
    /// What the person reads on the pages.
    #[serde(deserialize_with = "text::<1, 200, _>")]
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    basis: Basis,
    /// How long a grant counts.
    duration: Lasting,
    /// Counts the duration from the last activity of these kinds, and not from the grant.
    #[serde(default, deserialize_with = "unique")]
    #[schema(max_items = 4)]
    since_activity: BTreeSet<Activity>,
    /// A grant counts only where a click in a message confirmed it.
    #[serde(default)]
    double_opt_in: bool,
    /// A grant is spent by one message.
    #[serde(default)]
    once: bool,
    /// A grant counts only where the person declared to be of age.
    #[serde(default)]
    of_age: bool,
    #[serde(default)]
    channel: Channel,
    /// Being on the list says something delicate about the person; it needs `double_opt_in`.
    #[serde(default)]
    sensitive: bool,
    /// How many days before the end of a grant it is said that it ends; 0: never.
    #[serde(default = "month", deserialize_with = "number::<0, 3650, _>")]
    #[schema(maximum = 3650, default = 30)]
    expiring_days: u16,
    /// For people; nothing is decided by it.
    #[serde(default, deserialize_with = "text::<0, 2000, _>")]
    #[schema(max_length = 2000)]
    note: String,
    /// What the person may pick among, in the order of the pages.
    #[serde(default, deserialize_with = "listed::<0, 20, _, _>")]
    #[schema(max_items = 20)]
    topics: Vec<Topic>,
}

fn month() -> u16 {
    30
}

/// A reason for which addresses may be used.
#[derive(Serialize, ToSchema)]
pub(super) struct Purpose {
    id: PurposeId,
    /// What the person reads on the pages.
    #[schema(example = "News from the café")]
    name: String,
    basis: Basis,
    /// How long a grant counts.
    duration: Lasting,
    /// The kinds of activity whose last one the duration counts from; empty: from the grant.
    since_activity: BTreeSet<Activity>,
    /// A grant counts only where a click in a message confirmed it.
    double_opt_in: bool,
    /// A grant is spent by one message.
    #[schema(example = false)]
    once: bool,
    /// A grant counts only where the person declared to be of age.
    #[schema(example = false)]
    of_age: bool,
    channel: Channel,
    /// Being on the list says something delicate about the person.
    #[schema(example = false)]
    sensitive: bool,
    /// How many days before the end of a grant it is said that it ends; 0: never.
    #[schema(example = 30)]
    expiring_days: u16,
    /// For people.
    #[schema(example = "")]
    note: String,
    /// What the person may pick among, in the order of the pages.
    topics: Vec<Topic>,
    /// From then on it grants nothing.
    #[schema(example = json!(null))]
    closed_at: Option<Moment>,
}

impl From<policy::Purpose> for Purpose {
    fn from(own: policy::Purpose) -> Self {
        let duration = Lasting(own.validity.span());
        let since_activity = match own.validity {
            Validity::Fixed(_) => BTreeSet::new(),
            Validity::SinceActivity { kinds, .. } => {
                kinds.into_iter().map(Activity::from).collect()
            }
        };
        Self {
            id: PurposeId(own.id),
            name: own.name,
            basis: own.basis.into(),
            duration,
            since_activity,
            double_opt_in: own.requires.double_opt_in,
            once: own.requires.once,
            of_age: own.requires.age_declared,
            channel: own.channel.into(),
            sensitive: own.sensitive,
            expiring_days: own.expiring_days,
            note: own.note,
            topics: own.topics.into_iter().map(Topic::from).collect(),
            closed_at: own.closed_at.map(Moment),
        }
    }
}

impl NewPurpose {
    fn of(self, controller: &str) -> policy::Purpose {
        let span = self.duration.0;
        let kinds: Vec<_> = self.since_activity.into_iter().map(policy::Activity::from).collect();
        let validity = if kinds.is_empty() {
            Validity::Fixed(span)
        } else {
            Validity::SinceActivity { span, kinds }
        };
        let requires = Requires {
            double_opt_in: self.double_opt_in,
            age_declared: self.of_age,
            once: self.once,
        };
        policy::Purpose {
            requires,
            channel: self.channel.into(),
            sensitive: self.sensitive,
            expiring_days: self.expiring_days,
            note: self.note,
            topics: self.topics.into_iter().map(policy::Topic::from).collect(),
            ..policy::Purpose::new(controller, &self.id.0, &self.name, self.basis.into(), validity)
        }
    }
}

/// List purposes
///
/// All of the key's controller, by id.
#[utoipa::path(
    get,
    path = "/v1/purposes",
    operation_id = "listPurposes",
    tag = "Purposes",
    params(Paged),
    responses((status = 200, description = "A page of them", body = Page<Purpose>)),
    security(("key" = ["purposes:read"])),
)]
async fn list(
    State(shared): State<Shared>,
    caller: Caller,
    Params(paged): Params<Paged>,
) -> Result<Response, Problem> {
    let list = format!("purposes of {}", caller.id());
    let rows = shared.api.consent.purposes_of(caller.id()).await?;
    let place = |purpose: &policy::Purpose| purpose.id.clone();
    let page = Page::of_whole((&paged, &shared.api.secret, &list), rows, place, Purpose::from)?;
    Ok(json(StatusCode::OK, &page))
}

/// Show a purpose
#[utoipa::path(
    get,
    path = "/v1/purposes/{id}",
    operation_id = "getPurpose",
    tag = "Purposes",
    params(("id" = String, Path, description = "Its id", example = "newsletter",
        pattern = "^[a-z0-9_-]{1,64}$", min_length = 1, max_length = 64)),
    responses(
        (status = 200, description = "The purpose", body = Purpose),
        (status = 404, description = "There is none of this id"),
    ),
    security(("key" = ["purposes:read"])),
)]
async fn show(
    State(shared): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let found = shared.api.consent.purpose(caller.id(), &id).await?;
    let found = found.ok_or_else(|| Problem::no_purpose("").parameter("id"))?;
    Ok(json(StatusCode::OK, &Purpose::from(found)))
}

/// Add a purpose
///
/// Once it is there, its basis, its duration and what it asks for stay as they are: grants rest on
/// them. Its topics alone can be set anew.
#[utoipa::path(
    post,
    path = "/v1/purposes",
    operation_id = "addPurpose",
    tag = "Purposes",
    request_body = NewPurpose,
    responses(
        (status = 201, description = "It is added", body = Purpose,
            headers(("Location" = String, description = "Its path"))),
        (status = 409, description = "The controller has one of this id"),
    ),
    security(("key" = ["purposes:write"])),
)]
async fn add(
    State(shared): State<Shared>,
    caller: Caller,
    Body(new): Body<NewPurpose>,
) -> Result<Response, Problem> {
    let purpose = new.of(caller.id());
    shared.api.consent.purpose_add(caller.now, &purpose, &caller.actor()).await.map_err(fault)?;
    let place = HeaderValue::from_str(&format!("/v1/purposes/{}", purpose.id));
    let mut response = json(StatusCode::CREATED, &Purpose::from(purpose)).into_response();
    if let Ok(place) = place {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

/// Why a purpose is closed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "why": "The newsletter is discontinued." }))]
struct PurposeClosing {
    /// In words without personal data.
    #[serde(default, deserialize_with = "text::<0, 500, _>")]
    #[schema(max_length = 500)]
    why: String,
}

/// Close a purpose
///
/// From this moment no grant of it counts and none is made. Its grants stay on record; the event
/// that ended each is written in the background.
#[utoipa::path(
    post,
    path = "/v1/purposes/{id}/close",
    operation_id = "closePurpose",
    tag = "Purposes",
    params(("id" = String, Path, description = "Its id", example = "newsletter",
        pattern = "^[a-z0-9_-]{1,64}$", min_length = 1, max_length = 64)),
    request_body = PurposeClosing,
    responses(
        (status = 200, description = "It is closed, now or since before", body = Purpose),
        (status = 404, description = "There is none of this id"),
    ),
    security(("key" = ["purposes:write"])),
)]
async fn close(
    State(shared): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    Body(closing): Body<PurposeClosing>,
) -> Result<Response, Problem> {
    let consent = &shared.api.consent;
    let none = || Problem::no_purpose("").parameter("id");
    consent.purpose(caller.id(), &id).await?.ok_or_else(none)?;
    let actor = caller.actor();
    let what = Closing { controller: caller.id(), purpose: &id, actor: &actor, why: &closing.why };
    consent.purpose_end(caller.now, &what).await?;
    let closed = consent.purpose(caller.id(), &id).await?.ok_or_else(none)?;
    Ok(json(StatusCode::OK, &Purpose::from(closed)))
}

pub(super) fn fault(fault: PurposeFault) -> Problem {
    match fault {
        PurposeFault::Exists => Problem::new(EXISTS, "the controller has a purpose of this id"),
        PurposeFault::Name => Problem::new(VALUE_WRONG, "id or name is not one").at("/id"),
        PurposeFault::Duration => Problem::new(TIME_WRONG, "the duration is none").at("/duration"),
        PurposeFault::Activity => {
            Problem::new(VALUE_WRONG, "a kind stands there twice").at("/since_activity")
        }
        PurposeFault::Unconfirmed => {
            Problem::new(CONTRADICTION, "a sensitive purpose without double opt-in")
                .at("/double_opt_in")
                .advice("send `double_opt_in: true`: else anybody could subscribe anybody")
        }
        PurposeFault::Topics => {
            Problem::new(CONTRADICTION, "two topics have one id or one name").at("/topics")
        }
        PurposeFault::Store(error) => error.into(),
    }
}
