//! `/v1/purposes/{id}/topics`: what a person may pick within a purpose (S55).

use std::borrow::Cow;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Shared,
    body::{Body, json},
    gate::Caller,
    problem::{PURPOSE_CLOSED, Problem},
    purposes::{Purpose, fault},
    values::{PurposeId, list, text},
};
use crate::consent::{Topics, TopicsSet};

pub(super) fn writing() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(set))
}

/// Id of a topic of a purpose, chosen by the controller: 1 to 64 of `a-z 0-9 - _`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(
    value_type = String,
    pattern = "^[a-z0-9_-]{1,64}$",
    min_length = 1,
    max_length = 64,
    example = "seeds"
)]
pub(super) struct TopicId(pub String);

impl<'de> Deserialize<'de> for TopicId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(from)?;
        if PurposeId::is_one(&text) {
            return Ok(Self(text.into_owned()));
        }
        Err(D::Error::custom("not an id of a topic: write 1 to 64 of `a-z`, `0-9`, `-` and `_`"))
    }
}

/// What messages of a purpose may be about.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "id": "seeds", "name": "Seeds and seedlings" }))]
pub(super) struct Topic {
    pub id: TopicId,
    /// What the person reads on the pages.
    #[serde(deserialize_with = "text::<1, 100, _>")]
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
}

impl From<Topic> for policy::Topic {
    fn from(own: Topic) -> Self {
        Self { id: own.id.0, name: own.name }
    }
}

impl From<policy::Topic> for Topic {
    fn from(own: policy::Topic) -> Self {
        Self { id: TopicId(own.id), name: own.name }
    }
}

/// All topics that a purpose has from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "topics": [{ "id": "seeds", "name": "Seeds and seedlings" }] }))]
struct PurposeTopics {
    /// In the order of the pages.
    #[serde(deserialize_with = "list::<0, 20, _, _>")]
    #[schema(max_items = 20)]
    topics: Vec<Topic>,
}

/// Set the topics of a purpose
///
/// In place of those that it has. What people picked stands: a topic that is new comes to those who
/// did not pick, and was picked by nobody else.
#[utoipa::path(
    post,
    path = "/v1/purposes/{id}/topics",
    operation_id = "setTopics",
    tag = "Purposes",
    params(("id" = String, Path, description = "Its id", example = "newsletter",
        pattern = "^[a-z0-9_-]{1,64}$", min_length = 1, max_length = 64)),
    request_body = PurposeTopics,
    responses(
        (status = 200, description = "It has them, now or since before", body = Purpose),
        (status = 404, description = "There is none of this id"),
        (status = 409, description = "The purpose is closed"),
    ),
    security(("key" = ["purposes:write"])),
)]
async fn set(
    State(shared): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    Body(new): Body<PurposeTopics>,
) -> Result<Response, Problem> {
    let none = || Problem::no_purpose("").parameter("id");
    let topics: Vec<policy::Topic> = new.topics.into_iter().map(Into::into).collect();
    let actor = caller.actor();
    let what = Topics { controller: caller.id(), purpose: &id, topics: &topics, actor: &actor };
    let consent = &shared.api.consent;
    match consent.purpose_topics(caller.now, &what).await.map_err(fault)? {
        TopicsSet::New | TopicsSet::Already => {}
        TopicsSet::NoPurpose => return Err(none()),
        TopicsSet::Closed => {
            let why = "a closed purpose stays as it is";
            return Err(Problem::new(PURPOSE_CLOSED, why).parameter("id"));
        }
    }
    let found = consent.purpose(caller.id(), &id).await?.ok_or_else(none)?;
    Ok(json(StatusCode::OK, &Purpose::from(found)))
}
